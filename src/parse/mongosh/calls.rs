//! The calls of a script, one by one, and what each does.

use super::lex::{Kind, Token};
use super::tables;
use super::value::{Value, arguments, is_everything};
use super::{Step, done};
use crate::action::{Effect, Flag};
use crate::parse::sql::Statement;

/// Steps that one script may have.
const MAX_STEPS: usize = 5_000;
/// How deep brackets may stand in each other.
const MAX_DEPTH: usize = 64;
/// Tokens in front of a call that are looked at for what it is called on.
const MAX_HEAD: usize = 500;

/// Words in front of a bracket that call nothing.
const KEYWORDS: &[&str] = &[
    "if", "for", "while", "switch", "catch", "return", "typeof", "await", "in", "of", "function",
    "async", "void", "else", "do", "case",
];

/// Reads a script's tokens.
pub struct Reader<'a> {
    tokens: &'a [Token],
    /// Where the bracket that opens at a token closes.
    closing: Vec<Option<usize>>,
    /// Where the bracket that closes at a token opens.
    opening: Vec<Option<usize>>,
    /// Whether a stage that writes stands somewhere in the text.
    stages: (bool, bool),
    /// Whether the text has loops or functions, in which one call may run
    /// many times.
    repeats: bool,
    /// What was found.
    pub steps: Vec<Step>,
    /// Why some of it could not be read.
    pub problem: Option<String>,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning.
    pub fn new(tokens: &'a [Token]) -> Reader<'a> {
        const REPEATING: &[&str] = &["=>", "function", "for", "while", "do", "class"];
        let repeats = tokens.iter().any(|token| REPEATING.iter().any(|word| token.is(word)));
        let mut closing = vec![None; tokens.len()];
        let mut opening = closing.clone();
        let mut open = Vec::new();
        let mut problem = None;
        for (at, token) in tokens.iter().enumerate() {
            if token.is("(") || token.is("[") || token.is("{") {
                open.push(at);
                if open.len() > MAX_DEPTH {
                    problem = Some("it is too deeply nested".to_owned());
                    break;
                }
            } else if (token.is(")") || token.is("]") || token.is("}"))
                && let Some(from) = open.pop()
            {
                if let Some(slot) = closing.get_mut(from) {
                    *slot = Some(at);
                }
                if let Some(slot) = opening.get_mut(at) {
                    *slot = Some(from);
                }
            }
        }
        let has = |name: &str| {
            tokens
                .iter()
                .any(|token| matches!(token.kind, Kind::Word | Kind::Text) && token.text == name)
        };
        let stages = (has("$out"), has("$merge"));
        Reader { tokens, closing, opening, stages, repeats, steps: Vec::new(), problem }
    }

    fn at(&self, index: Option<usize>) -> Option<&'a Token> {
        self.tokens.get(index?)
    }

    fn unread(&mut self, why: impl Into<String>) {
        self.problem.get_or_insert(why.into());
    }

    /// Reads every call.
    pub fn run(&mut self) {
        let tokens = self.tokens;
        if self.problem.is_some() {
            return;
        }
        for (at, token) in tokens.iter().enumerate() {
            let before = self.at(at.checked_sub(1));
            let next = tokens.get(at + 1);
            let calls = next.is_some_and(|next| next.is("("));
            if token.kind == Kind::Word {
                if tables::HIDING.contains(&token.text.as_str()) {
                    self.unread(format!("it uses {}", token.text));
                } else if next.is_some_and(|next| matches!(next.kind, Kind::Template | Kind::Text))
                    && !KEYWORDS.contains(&token.text.as_str())
                    && next.is_some_and(|next| !next.fresh)
                {
                    self.unread("it hands a template to a function");
                } else if calls && !KEYWORDS.contains(&token.text.as_str()) {
                    self.call(at);
                } else if tables::DESTROYING.contains(&token.text.as_str())
                    && before.is_some_and(|before| before.is(".") || before.is("?."))
                {
                    self.unread(format!("it uses {} without calling it", token.text));
                }
            } else if calls && token.kind != Kind::Sign
                || (token.is(")") || token.is("]") || token.is("?."))
                    && next.is_some_and(|next| next.is("(") && !next.fresh)
                    && !self.is_condition(at)
            {
                self.unread("it calls what it computes");
            }
            if self.steps.len() > MAX_STEPS {
                return self.unread("it has too many calls");
            }
        }
    }

    /// Whether the bracket that closes at `at` is the head of an `if` and its
    /// like, so that what stands behind it is no call.
    fn is_condition(&self, at: usize) -> bool {
        let open = self.opening.get(at).copied().flatten();
        let before = open.and_then(|open| self.at(open.checked_sub(1)));
        before.is_some_and(|before| {
            ["if", "for", "while", "switch", "catch"].iter().any(|word| before.is(word))
        })
    }

    /// The call of the name at `at`.
    fn call(&mut self, at: usize) {
        let Some(token) = self.tokens.get(at) else { return };
        let name = token.text.as_str();
        let Some(end) = self.closing.get(at + 1).copied().flatten() else {
            return self.unread("a bracket in it is not closed");
        };
        let inner = self.tokens.get(at + 2..end).unwrap_or_default();
        let reads = tables::READS.contains(&name) && !tables::CALLING.contains(&name);
        let looks = reads && !matches!(name, "getSiblingDB" | "getDB");
        if looks && !self.at(at.checked_sub(2)).is_some_and(|it| it.is("rs") || it.is("sh")) {
            return;
        }
        let values = arguments(inner);
        let method = self.at(at.checked_sub(1)).is_some_and(|it| it.is(".") || it.is("?."));
        let owner = at.checked_sub(2).and_then(|at| self.tokens.get(at)).filter(|_| method);
        let text = |place: usize| match values.get(place) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        match name {
            "getSiblingDB" | "getDB" => self.retarget(at, text(0)),
            "connect" | "Mongo" if !method => {
                // The address itself is taken from the text's strings.
                if !text(0).is_some_and(|address| address.contains("://")) {
                    self.unread("it connects to a server of its own");
                }
            }
            "load" if !method => match text(0) {
                Some(file) => self.steps.push(Step::Load(file)),
                None => self.unread("which file it loads is computed at run time"),
            },
            "use" if !method => match text(0) {
                Some(name) => self.steps.push(Step::Use(name)),
                None => self.unread("which database it uses is computed at run time"),
            },
            _ if owner.is_some_and(|it| it.is("rs") || it.is("sh")) => {
                if !tables::READS.contains(&name) {
                    self.push(at, Effect::Disrupt, name, "Changes the replica set or cluster.");
                }
            }
            _ if tables::CALLING.contains(&name) && !harmless_callback(inner) => {
                self.unread("it hands a function that it computes to another");
            }
            "aggregate" => self.aggregate(at),
            _ if tables::READS.contains(&name) => {}
            _ => self.change(at, name, &values),
        }
    }

    /// A call that changes something, or that nobody knows.
    fn change(&mut self, at: usize, name: &str, values: &[Value]) {
        if let Some((_, effect, says)) = tables::PLAIN.iter().find(|(known, ..)| *known == name) {
            return self.push(at, *effect, name, says);
        }
        if tables::PERMISSIONS.contains(&name) {
            return self.flagged(at, Effect::Write, name, "Changes an account.", Flag::Permission);
        }
        let first = values.first();
        let second = values.get(1);
        let computed = first == Some(&Value::Computed);
        match name {
            "dropDatabase" => self.flagged(
                at,
                Effect::Destroy,
                name,
                "Drops the database with every collection in it.",
                Flag::Irreversible,
            ),
            "drop" => {
                self.push(at, Effect::Destroy, name, "Drops a collection with its documents.")
            }
            "dropUser"
            | "dropRole"
            | "dropAllUsersFromDatabase"
            | "dropAllRolesFromDatabase"
            | "dropAllUsers"
            | "dropAllRoles" => {
                self.flagged(
                    at,
                    Effect::Destroy,
                    name,
                    "Drops accounts or roles.",
                    Flag::Permission,
                );
            }
            "deleteMany" | "remove" if computed => {
                self.unread("which documents it deletes is computed at run time");
            }
            "remove" if is_just_one(second) => {
                self.push(at, Effect::Write, name, "Deletes a document.");
            }
            "deleteMany" | "remove" if is_everything(first) => {
                self.push(at, Effect::Destroy, name, "Deletes every document of a collection.");
            }
            "deleteMany" | "remove" => {
                self.push(at, Effect::Write, name, "Deletes some documents.")
            }
            "updateMany" if computed => {
                self.unread("which documents it changes is computed at run time");
            }
            "updateMany" if is_everything(first) => {
                self.push(at, Effect::Destroy, name, "Overwrites fields of every document.");
            }
            "updateMany" => self.push(at, Effect::Write, name, "Changes some documents."),
            "update" => {
                let many = values.get(2).is_some_and(|options| {
                    options.get("multi").is_some_and(Value::is_true) || *options == Value::Computed
                }) || values.get(3).is_some_and(Value::is_true);
                match many && (computed || is_everything(first)) {
                    true => {
                        self.push(
                            at,
                            Effect::Destroy,
                            name,
                            "Overwrites fields of every document.",
                        );
                    }
                    false => self.push(at, Effect::Write, name, "Changes documents."),
                }
            }
            "renameCollection" => {
                match second.is_some_and(|drops| drops.is_true() || *drops == Value::Computed) {
                    true => self.push(
                        at,
                        Effect::Destroy,
                        name,
                        "Renames a collection over another, which is dropped.",
                    ),
                    false => self.push(at, Effect::Write, name, "Renames a collection."),
                }
            }
            "convertToCapped" => {
                self.push(at, Effect::Destroy, name, "Cuts a collection down to a size.");
            }
            "bulkWrite" => self.bulk(at, first),
            "runCommand" | "adminCommand" => self.command(at, first),
            _ => self.unread(format!("what {} does is not known", crate::text::visible(name, 40))),
        }
    }

    /// `aggregate`: a read, unless a stage writes. A stage that is built
    /// elsewhere in the text is looked for in all of it.
    fn aggregate(&mut self, at: usize) {
        let (out, merge) = self.stages;
        if out {
            let says = "Overwrites a collection with the rows of an aggregation.";
            self.push(at, Effect::Destroy, "aggregate $out", says);
        } else if merge {
            self.push(at, Effect::Write, "aggregate $merge", "Writes the rows of an aggregation.");
        }
    }

    fn bulk(&mut self, at: usize, operations: Option<&Value>) {
        let Some(Value::Array(operations)) = operations else {
            return self.unread("what it writes in bulk is computed at run time");
        };
        for operation in operations {
            let Value::Object(entries) = operation else {
                return self.unread("what it writes in bulk is computed at run time");
            };
            for (name, held) in entries {
                let filter = held.get("filter");
                let every = filter.is_some_and(|filter| {
                    *filter == Value::Computed || is_everything(Some(filter))
                });
                match name.as_str() {
                    "deleteMany" | "updateMany" if every => {
                        return self.push(
                            at,
                            Effect::Destroy,
                            "bulkWrite",
                            "Deletes or overwrites every document of a collection.",
                        );
                    }
                    "insertOne" | "updateOne" | "updateMany" | "replaceOne" | "deleteOne"
                    | "deleteMany" => {}
                    _ => return self.unread("what it writes in bulk is not known"),
                }
            }
        }
        self.push(at, Effect::Write, "bulkWrite", "Writes documents in bulk.");
    }

    /// A command of the server, by its first key.
    fn command(&mut self, at: usize, command: Option<&Value>) {
        let (name, held) = match command {
            Some(Value::Text(name)) => (name.clone(), Value::Object(Vec::new())),
            Some(Value::Object(entries)) => match entries.first() {
                Some((name, _)) => (name.clone(), Value::Object(entries.clone())),
                None => return,
            },
            _ => return self.unread("the command that it runs is computed at run time"),
        };
        if tables::COMMAND_READS.contains(&name.as_str()) {
            return;
        }
        if let Some((word, effect, says)) =
            tables::COMMANDS.iter().find(|(known, ..)| *known == name)
        {
            if *effect > Effect::Read {
                self.push(at, *effect, word, says);
            }
            return;
        }
        match name.as_str() {
            "aggregate" => self.aggregate(at),
            "dropDatabase" => self.flagged(
                at,
                Effect::Destroy,
                "dropDatabase",
                "Drops the database with every collection in it.",
                Flag::Irreversible,
            ),
            "drop" => {
                self.push(at, Effect::Destroy, "drop", "Drops a collection with its documents.");
            }
            "convertToCapped" => {
                self.push(
                    at,
                    Effect::Destroy,
                    "convertToCapped",
                    "Cuts a collection down to a size.",
                );
            }
            "renameCollection" => {
                let drops = held.get("dropTarget").is_some_and(|it| !it.is("false"));
                let effect = if drops { Effect::Destroy } else { Effect::Write };
                self.push(at, effect, "renameCollection", "Renames a collection.");
            }
            "dropUser" | "dropRole" | "dropAllUsersFromDatabase" | "dropAllRolesFromDatabase" => {
                self.flagged(
                    at,
                    Effect::Destroy,
                    &name,
                    "Drops accounts or roles.",
                    Flag::Permission,
                );
            }
            "delete" | "update" => {
                let key = if name == "delete" { "deletes" } else { "updates" };
                let Some(Value::Array(parts)) = held.get(key) else {
                    return self.unread("which documents it changes is computed at run time");
                };
                let every = parts.iter().any(|part| {
                    let query = part.get("q");
                    let one = match name.as_str() {
                        "delete" => part.get("limit").is_some_and(|limit| limit.is("1")),
                        _ => part.get("multi").is_none_or(|multi| multi.is("false")),
                    };
                    !one && (query == Some(&Value::Computed) || is_everything(query))
                        || *part == Value::Computed
                });
                match every {
                    true => self.push(
                        at,
                        Effect::Destroy,
                        &name,
                        "Deletes or overwrites every document of a collection.",
                    ),
                    false => self.push(at, Effect::Write, &name, "Changes some documents."),
                }
            }
            _ if tables::PERMISSIONS.contains(&name.as_str()) => {
                self.flagged(at, Effect::Write, &name, "Changes an account.", Flag::Permission);
            }
            _ => {
                let name = crate::text::visible(&name, 40);
                self.unread(format!("what the command {name} does is not known"));
            }
        }
    }

    /// `getSiblingDB`: for the statement that it stands in, or from here on
    /// where it is given to `db`.
    fn retarget(&mut self, at: usize, name: Option<String>) {
        let Some(name) = name else { return };
        let start = self.statement(at);
        let head = self.tokens.get(start..at).unwrap_or_default();
        if matches!(head, [db, equals, ..] if db.is("db") && equals.is("=")) || !self.is_chain(at) {
            self.steps.push(Step::Use(name));
        }
    }

    /// Whether the call at `at` is followed by another of its result.
    fn is_chain(&self, at: usize) -> bool {
        let end = self.closing.get(at + 1).copied().flatten();
        let next = end.and_then(|end| self.tokens.get(end + 1));
        next.is_some_and(|next| next.is(".") || next.is("[") || next.is("?."))
            && !self
                .tokens
                .get(self.statement(at)..at)
                .unwrap_or_default()
                .iter()
                .any(|it| it.is("="))
    }

    /// Where the statement begins in which a token stands.
    fn statement(&self, at: usize) -> usize {
        let floor = at.saturating_sub(MAX_HEAD);
        let ends = |token: &Token| token.is(";") || token.is("{") || token.is("}");
        let closes = |token: &Token| {
            token.kind != Kind::Sign || token.is(")") || token.is("]") || token.is("}")
        };
        let begins = |place: &usize| {
            let token = self.tokens.get(*place);
            let last = self.at(place.checked_sub(1));
            last.is_none_or(ends)
                || token.is_some_and(|it| it.fresh && !it.is(".") && !it.is("?."))
                    && last.is_some_and(closes)
        };
        (floor..=at).rev().find(begins).unwrap_or(floor)
    }

    /// The database that the statement names in which a call stands.
    fn database(&self, at: usize) -> Option<String> {
        let head = self.tokens.get(self.statement(at)..at)?;
        head.windows(3).rev().find_map(|window| match window {
            [name, open, text]
                if (name.is("getSiblingDB") || name.is("getDB"))
                    && open.is("(")
                    && text.kind == Kind::Text =>
            {
                Some(text.text.clone())
            }
            _ => None,
        })
    }

    /// The collection that a method is called on: `db.orders.drop`.
    fn object(&self, at: usize) -> Option<String> {
        let head = self.tokens.get(self.statement(at)..at)?;
        match head {
            [.., get, open, text, close, dot]
                if get.is("getCollection") && open.is("(") && close.is(")") && dot.is(".") =>
            {
                Some(text.text.clone())
            }
            [.., open, text, close, dot]
                if open.is("[") && close.is("]") && dot.is(".") && text.kind == Kind::Text =>
            {
                Some(text.text.clone())
            }
            [.., dot, name, last] if dot.is(".") && last.is(".") && name.kind == Kind::Word => {
                Some(name.text.clone())
            }
            _ => None,
        }
    }

    fn push(&mut self, at: usize, effect: Effect, name: &str, says: &str) {
        self.add(at, done(effect, name.to_owned(), says.to_owned()));
    }

    fn flagged(&mut self, at: usize, effect: Effect, name: &str, says: &str, flag: Flag) {
        let mut statement = done(effect, name.to_owned(), says.to_owned());
        statement.flags = statement.flags.with(flag);
        self.add(at, statement);
    }

    fn add(&mut self, at: usize, mut statement: Statement) {
        if self.repeats && statement.effect < Effect::Destroy {
            self.unread("it changes documents in a loop or function");
        }
        if let Some(name) = self.object(at) {
            statement.object = Some(format!("collection {name}"));
            let sentence = statement.summary.trim_end_matches('.').to_owned();
            statement.summary = format!("{sentence} ({name}).");
        }
        let database = self.database(at);
        self.steps.push(Step::Run(statement, database));
    }
}

/// Whether the second argument of `remove` says that one document is meant.
fn is_just_one(options: Option<&Value>) -> bool {
    options.is_some_and(|options| {
        options.is_true() || options.get("justOne").is_some_and(Value::is_true)
    })
}

/// Whether what is handed to a function that calls it is written there, or
/// only prints.
fn harmless_callback(inner: &[Token]) -> bool {
    let Some(first) = inner.first() else { return true };
    match first.kind {
        Kind::Word => {
            let written = ["function", "async"].iter().any(|word| first.is(word))
                || inner.get(1).is_some_and(|next| next.is("=>"));
            let value = inner.iter().all(|token| !token.is("."));
            written || tables::HANDED.contains(&first.text.as_str()) || value && inner.len() == 1
        }
        Kind::Sign if first.is("(") => inner
            .iter()
            .position(|token| token.is(")"))
            .and_then(|end| inner.get(end + 1))
            .is_some_and(|next| next.is("=>")),
        _ => true,
    }
}
