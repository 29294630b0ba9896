//! Reads gcloud and az, whose commands are paths of words that end in a verb:
//! tells the words apart, and says what the command would do by its verb, by
//! the tables and by its options. A plain read is known from the words alone.
//! Never asks a cloud anything.

mod azure;
mod flags_file;
mod google;
mod gsutil;
mod line;
pub mod table;

use std::borrow::Cow;

use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::aws::third_person;
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Invocation};
use crate::parse::argv::{self, Parsed};
use crate::target::Target;
use crate::target::gcloud::Named;
use crate::text::glob;

use line::Line;
use table::{AZ, GCLOUD, Modifier, Rule, Table, Tier};

/// The most objects of one command that are judged each by itself.
const MAX_OBJECTS: usize = 20;

/// Reads a call of gcloud or of az.
pub fn read(call: &Call<'_>) -> Reading {
    if call.tool.name == "gsutil" {
        return gsutil::read(call);
    }
    let is_az = call.tool.name == "az";
    let expanded = match is_az {
        true => Ok(None),
        false => flags_file::expand(call.context),
    };
    let (words, gap) = match expanded {
        Ok(expanded) => (expanded, None),
        Err(why) => (None, Some(why)),
    };
    let given = words.as_ref().map_or(call.context.invocation, |words| &words.invocation);
    let context = Context { invocation: given, ..call.context };
    let call = Call { context, ..*call };
    let parsed = argv::parse(call.tool, given, false);
    let table = if is_az { &AZ } else { &GCLOUD };
    let line = Line::of(table, &parsed, is_az);
    let mut reading = Reader { call: &call, parsed: &parsed, line: &line, table, is_az }.read();
    if let Some(why) = gap {
        // What is in the file may be command words, unless all of them stand
        // in front of it.
        let behind = parsed.last("--flags-file").is_some_and(|file| file.index > line.end);
        let read = line.tier == Some(Tier::Read)
            && behind
            && reading.actions.iter().all(Action::is_harmless);
        if read {
            return reading;
        }
        let mut action = Action::opaque("--flags-file", &why);
        action.rule = Cow::Borrowed("gcloud/--flags-file");
        action.target = google::target(&call, &parsed, &line, &[], true);
        // It may name another project, too.
        for target in
            reading.actions.iter_mut().chain([&mut action]).map(|action| &mut action.target)
        {
            target.gap.get_or_insert_with(|| why.clone());
        }
        reading.actions.push(action);
    }
    reading.handed = words.map(|words| words.handed).unwrap_or_default();
    reading
}

/// One command being read.
struct Reader<'a> {
    call: &'a Call<'a>,
    parsed: &'a Parsed<'a>,
    line: &'a Line<'a>,
    table: &'static Table,
    is_az: bool,
}

impl Reader<'_> {
    fn read(&self) -> Reading {
        if ["--help", "--version"].iter().any(|option| self.parsed.has(option)) {
            return Reading::default();
        }
        if self.line.computed {
            return self.opaque("computed command", "a command word is computed at run time");
        }
        if self.line.operation.is_empty() {
            return Reading::default();
        }
        let special = match self.is_az {
            true => azure::special(self),
            false => google::special(self),
        };
        let mut reading = match special {
            Some(reading) => reading,
            None => self.by_table(Effect::Read, Flags::NONE),
        };
        if self.call.tool.wraps
            && let Some(inner) = crate::unwrap::wrapped(self.call)
        {
            reading.absorb(inner);
        }
        reading
    }

    /// What the tables say of the command; at least this effect, with these
    /// flags.
    fn by_table(&self, least: Effect, also: Flags) -> Reading {
        let operation = self.line.operation.as_str();
        let rule = self.table.rule(operation);
        let own = rule.and_then(|rule| rule.effect);
        let tier = self.line.tier.map_or(Effect::Write, Tier::effect);
        let mut effect = own.unwrap_or(tier).max(least);
        let mut flags = rule.map(|rule| rule.flags).unwrap_or_default().union(also);
        let mut says = String::new();
        for modifier in self.table.modifiers(operation) {
            match self.given(modifier) {
                Given::No => {}
                Given::Yes if modifier.effect == Effect::Read => return self.harmless(),
                Given::Yes => {
                    effect = effect.max(modifier.effect);
                    flags = flags.union(modifier.flags);
                    says.push(' ');
                    says.push_str(modifier.says);
                }
                Given::Computed if modifier.effect > effect => {
                    flags = flags.with(Flag::Opaque);
                    says.push_str(" One of its options is computed at run time.");
                }
                Given::Computed => {}
            }
        }
        if effect == Effect::Read && flags.is_empty() {
            return self.harmless();
        }
        let mut reading = Reading::default();
        for named in self.objects() {
            let mut action = Action::new(effect, operation.to_owned());
            action.flags = flags;
            action.scope = rule.map(|rule| rule.scope).unwrap_or_default();
            let object = self.object(&named);
            action.summary = self.summary(rule, &object) + &says;
            action.object = Some(object);
            action.rule = Cow::Owned(format!("{}/{operation}", self.call.tool.name));
            action.instead =
                rule.map(|rule| rule.instead).filter(|text| !text.is_empty()).map(Cow::Borrowed);
            action.target = self.target(&named);
            reading.actions.push(action);
        }
        reading
    }

    /// The names that say where the command lands, one list an object: one
    /// that is called `dev` says nothing about the next.
    fn objects(&self) -> Vec<Vec<Named>> {
        let named = self.names();
        let (arguments, around): (Vec<Named>, Vec<Named>) =
            named.into_iter().partition(|name| name.sure && name.source == "argument");
        let mut objects = arguments;
        match self.line.operation.as_str() {
            "storage rsync" | "storage cp" => {
                objects = objects.split_off(objects.len().saturating_sub(1))
            }
            "storage mv" => drop(objects.pop()),
            _ => {}
        }
        if objects.len() > MAX_OBJECTS {
            for name in &mut objects {
                name.sure = false;
            }
            return vec![objects.into_iter().chain(around).collect()];
        }
        if objects.is_empty() {
            return vec![around];
        }
        objects
            .into_iter()
            .map(|object| std::iter::once(object).chain(around.iter().cloned()).collect())
            .collect()
    }

    /// Whether an option that changes the command was given so.
    fn given(&self, modifier: &Modifier) -> Given {
        let mut found = Given::No;
        for name in modifier.names {
            // The last of several counts.
            let Some(given) = self.parsed.last(name) else { continue };
            // Without a value it means yes.
            let text = given.value.map_or("true".into(), |value| value.text.to_string_lossy());
            if modifier.values.is_empty()
                || modifier.values.iter().any(|pattern| glob(pattern, &text))
            {
                return Given::Yes;
            }
            if given.value.is_some_and(|value| value.dynamic) {
                found = Given::Computed;
            }
        }
        found
    }

    /// What only looks: nothing, unless the caller wants that too.
    fn harmless(&self) -> Reading {
        if !self.call.full {
            return Reading::default();
        }
        let mut action = Action::new(Effect::Read, self.line.operation.clone());
        action.summary = format!("Only looks ({}).", action.operation);
        action.rule = Cow::Owned(format!("{}/{}", self.call.tool.name, action.operation));
        action.target = self.target(&self.names());
        Reading::of(action)
    }

    fn opaque(&self, operation: impl Into<Cow<'static, str>>, why: &str) -> Reading {
        let mut action = Action::opaque(operation, why);
        action.rule = Cow::Owned(format!("{}/opaque", self.call.tool.name));
        action.target = self.target(&self.names());
        Reading::of(action)
    }

    fn names(&self) -> Vec<Named> {
        let mut named = self.line.named(self.table, self.parsed, self.is_az);
        named.truncate(40);
        named
    }

    fn target(&self, named: &[Named]) -> Target {
        let bounded = !self.table.is_unbounded(&self.line.operation);
        match self.is_az {
            true => azure::target(self.call, self.parsed, named, bounded),
            false => google::target(self.call, self.parsed, self.line, named, bounded),
        }
    }

    /// What it is done to: `compute instance vm-1`.
    fn object(&self, named: &[Named]) -> String {
        let noun = self.line.noun();
        let main = named
            .iter()
            .filter(|name| name.sure && (name.source == "argument" || name.source == "--name"));
        let mut own: Vec<&str> = main.map(|name| name.text.as_str()).take(5).collect();
        if own.is_empty() {
            own = named
                .iter()
                .filter(|name| name.sure)
                .map(|name| name.text.as_str())
                .take(3)
                .collect();
        }
        format!("{noun} {}", own.join(", ")).trim_end().to_owned()
    }

    fn summary(&self, rule: Option<&Rule>, object: &str) -> String {
        match rule.map(|rule| rule.says).filter(|says| !says.is_empty()) {
            Some(says) => says.replace("{object}", object),
            None => {
                let verb = self.line.verb.replace('-', " ");
                let (verb, rest) = verb.split_once(' ').unwrap_or((&verb, ""));
                let rest = if rest.is_empty() { String::new() } else { format!(" {rest} of") };
                let verb = third_person(verb);
                format!("{verb}{rest} the {object} ({}).", self.line.operation)
            }
        }
    }
}

/// Whether an option was given.
enum Given {
    No,
    Yes,
    /// Its value is computed at run time.
    Computed,
}

/// Words in which the files that hold further ones have given way to them.
struct Expanded {
    invocation: Invocation,
    handed: Vec<crate::actions::Handed>,
}
