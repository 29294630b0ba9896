//! The calls of a script, one by one, and what each does.

use super::names::Names;
use super::tables;
use super::value::Value;
use super::{Place, Step, done};
use crate::action::{Effect, Flag};
use crate::parse::javascript::Expr;
use crate::parse::sql::Statement;

/// Steps that one script may have.
const MAX_STEPS: usize = 5_000;
/// How many names are followed to what they stand for, one behind the other.
const MAX_FOLLOWED: usize = 8;

/// What a call is called on.
pub type On<'e> = Option<&'e Expr>;

/// Reads a script's pieces.
pub struct Reader<'e> {
    names: &'e Names<'e>,
    /// How many functions and loops the reader is in, in which one call may
    /// run many times.
    repeated: usize,
    /// How many pieces that may not run the reader is in.
    doubtful: usize,
    /// Whether `db` may be another database than the steps say.
    unsure: bool,
    /// Where steps may go besides the places that the text names.
    elsewhere: Vec<Place>,
    /// What was found.
    pub steps: Vec<Step>,
    /// Why some of it could not be read.
    pub problem: Option<String>,
}

impl<'e> Reader<'e> {
    /// A reader at the beginning.
    pub fn new(names: &'e Names<'e>) -> Reader<'e> {
        Reader {
            names,
            repeated: 0,
            doubtful: 0,
            unsure: names.moves,
            elsewhere: Vec::new(),
            steps: Vec::new(),
            problem: None,
        }
    }

    pub(super) fn unread(&mut self, why: impl Into<String>) {
        self.problem.get_or_insert(why.into());
    }

    /// Reads a piece and what is in it, in the order in which it runs.
    pub fn read(&mut self, expr: &'e Expr) {
        if self.steps.len() > MAX_STEPS {
            return self.unread("it has too many calls");
        }
        match expr {
            Expr::Name(name) => self.name(name),
            Expr::Member(object, name) => {
                self.name(name);
                if tables::DESTROYING.contains(&name.as_str()) {
                    self.unread(format!("it uses {name} without calling it"));
                }
                self.read(object);
            }
            Expr::Object(entries) => {
                if entries.iter().any(|(key, _)| key.as_deref() == Some("__proto__")) {
                    self.unread("it uses __proto__");
                }
                entries.iter().for_each(|(_, value)| self.read(value));
            }
            Expr::Tagged(parts) => {
                self.unread("it hands a template to a function");
                parts.iter().for_each(|part| self.read(part));
            }
            Expr::Call(callee, arguments) | Expr::New(callee, arguments) => {
                match &**callee {
                    Expr::Name(name) => self.name(name),
                    Expr::Member(object, name) => {
                        self.name(name);
                        self.read(object);
                    }
                    callee @ Expr::Function(_) => self.read(callee),
                    callee => {
                        self.unread("it calls what it computes");
                        self.read(callee);
                    }
                }
                arguments.iter().for_each(|argument| self.read(argument));
                match &**callee {
                    Expr::Name(name) => self.call(name, None, arguments),
                    Expr::Member(object, name) => self.call(name, Some(object), arguments),
                    _ => {}
                }
            }
            Expr::Bind(name, value) => {
                self.name(name);
                self.read(value);
                if name == "db" {
                    self.database_is(value);
                }
            }
            Expr::Function(parts) | Expr::Loop(parts) => {
                self.repeated += 1;
                parts.iter().for_each(|part| self.read(part));
                self.repeated -= 1;
            }
            Expr::Maybe(parts) => {
                self.doubtful += 1;
                parts.iter().for_each(|part| self.read(part));
                self.doubtful -= 1;
            }
            other => other.parts().into_iter().for_each(|part| self.read(part)),
        }
    }

    fn name(&mut self, name: &str) {
        if tables::HIDING.contains(&name) {
            self.unread(format!("it uses {name}"));
        }
    }

    /// Later steps go elsewhere, or may.
    fn goes(&mut self, place: Place) {
        if self.repeated + self.doubtful > 0 {
            self.unsure = true;
            return self.elsewhere.push(place);
        }
        self.steps.extend(place.server.map(Step::Connect));
        self.steps.extend(place.database.map(Step::Use));
    }

    /// `db = …`
    fn database_is(&mut self, value: &Expr) {
        match self.place(value) {
            Some(place) => self.goes(place),
            None => {
                self.unsure = true;
                self.unread("which database it goes to is computed at run time");
            }
        }
    }

    /// The call of a function or method.
    fn call(&mut self, name: &str, on: On<'_>, arguments: &[Expr]) {
        let owner = match on {
            Some(Expr::Name(owner)) => owner.as_str(),
            _ => "",
        };
        let group = matches!(owner, "rs" | "sh");
        let reads = tables::READS.contains(&name);
        let text = match arguments.first() {
            Some(Expr::Text(text)) => Some(text.clone()),
            _ => None,
        };
        match name {
            "connect" | "Mongo" if on.is_none() => {
                if self.names.text(arguments.first()).is_none_or(|it| !it.contains("://")) {
                    self.unread("it connects to a server of its own");
                }
            }
            "load" if on.is_none() => match text {
                Some(file) => self.steps.push(Step::Load(file)),
                None => self.unread("which file it loads is computed at run time"),
            },
            "use" if on.is_none() => match self.names.text(arguments.first()) {
                Some(name) => {
                    self.goes(Place { server: None, database: Some(name.to_owned()) });
                }
                None => self.unread("which database it uses is computed at run time"),
            },
            _ if group && reads => {}
            _ if group => {
                self.push(on, Effect::Disrupt, name, "Changes the replica set or cluster.");
            }
            _ if tables::CALLING.contains(&name) && !harmless_callback(arguments.first()) => {
                self.unread("it hands a function that it computes to another");
            }
            "aggregate" => self.aggregate(on),
            _ if reads => {}
            // Its body is read where it stands.
            _ if on.is_none() && self.names.is_function(name) => {}
            _ => {
                let values: Vec<Value> = arguments.iter().map(Value::of).collect();
                self.change(on, name, &values);
            }
        }
    }

    /// Whether a name of a stage stands somewhere in the text.
    pub(super) fn says(&self, stage: &str) -> bool {
        self.names.texts.contains(stage)
    }

    /// Where what an expression is called on lies, relative to the current
    /// database; none if that is computed.
    fn place(&self, expr: &Expr) -> Option<Place> {
        let mut place = Place::default();
        let mut at = expr;
        let mut followed = 0;
        loop {
            at = match at {
                Expr::Call(callee, arguments) | Expr::New(callee, arguments) => {
                    match (&**callee, arguments.first()) {
                        (Expr::Name(name), server) if name == "connect" || name == "Mongo" => {
                            place.server = Some(self.names.text(server)?.to_owned());
                            return Some(place);
                        }
                        (Expr::Member(object, name), named)
                            if name == "getSiblingDB" || name == "getDB" =>
                        {
                            let named = self.names.text(named)?;
                            place.database.get_or_insert_with(|| named.to_owned());
                            object
                        }
                        (Expr::Member(object, _), _) => object,
                        _ => return None,
                    }
                }
                Expr::Member(object, _) | Expr::Index(object, _) => object,
                Expr::Name(name) if name == "db" || name == "rs" || name == "sh" => {
                    return Some(place);
                }
                Expr::Name(name) if followed < MAX_FOLLOWED => {
                    followed += 1;
                    self.names.value(name)?
                }
                _ => return None,
            };
        }
    }

    /// The collection that a method is called on: `db.orders.drop`.
    fn object(&self, on: On<'_>) -> Option<String> {
        let mut at = on?;
        for _ in 0..MAX_FOLLOWED {
            at = match at {
                Expr::Member(_, name) => return Some(name.clone()),
                Expr::Call(callee, arguments) => match (&**callee, arguments.first()) {
                    (Expr::Member(_, name), Some(Expr::Text(text))) if name == "getCollection" => {
                        return Some(text.clone());
                    }
                    _ => return None,
                },
                Expr::Name(name) => self.names.value(name)?,
                _ => return None,
            };
        }
        None
    }

    pub(super) fn push(&mut self, on: On<'_>, effect: Effect, name: &str, says: &str) {
        self.add(on, done(effect, name.to_owned(), says.to_owned()));
    }

    pub(super) fn flagged(
        &mut self,
        on: On<'_>,
        effect: Effect,
        name: &str,
        says: &str,
        flag: Flag,
    ) {
        let mut statement = done(effect, name.to_owned(), says.to_owned());
        statement.flags = statement.flags.with(flag);
        self.add(on, statement);
    }

    fn add(&mut self, on: On<'_>, mut statement: Statement) {
        if self.repeated > 0 && statement.effect < Effect::Destroy {
            self.unread("it changes documents in a loop or function");
        }
        if let Some(name) = self.object(on) {
            statement.object = Some(format!("collection {name}"));
            let sentence = statement.summary.trim_end_matches('.').to_owned();
            statement.summary = format!("{sentence} ({name}).");
        }
        let place = match on {
            Some(on) => self.place(on),
            None => Some(Place::default()),
        };
        match place {
            Some(place) if place != Place::default() || !self.unsure => {
                self.steps.push(Step::Run(statement, place));
            }
            // It may go to any place that the text names, or to none of them.
            _ => {
                for place in self.names.places.iter().chain(&self.elsewhere) {
                    self.steps.push(Step::Run(statement.clone(), place.clone()));
                }
                self.steps.push(Step::Run(statement, Place::default()));
            }
        }
    }
}

/// Whether what is handed to a function that calls it is written there, or
/// only prints.
fn harmless_callback(first: Option<&Expr>) -> bool {
    match first {
        Some(Expr::Member(..) | Expr::Index(..) | Expr::Call(..) | Expr::New(..)) => false,
        Some(Expr::Maybe(parts) | Expr::Other(parts)) => {
            parts.iter().all(|part| harmless_callback(Some(part)))
        }
        Some(_) | None => true,
    }
}
