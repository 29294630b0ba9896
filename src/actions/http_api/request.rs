//! One request with all that is known of where it goes → what it does: by the
//! operation that it names, by what `rules/api/` lists, else by its method.

use std::borrow::Cow;
use std::rc::Rc;

use super::planes::{self, Found, Matched};
use super::{aws, names_in_body};
use crate::action::{Action, Effect, Flags};
use crate::actions::Reading;
use crate::actions::sql_steps::Steps;
use crate::invocation::Context;
use crate::parse::dialect::{self, Dialect};
use crate::parse::http::{Body, Request};
use crate::parse::sql;
use crate::parse::url::Url;
use crate::rules::api::SqlDialect;
use crate::target::http::resolve;
use crate::target::{Class, Evidence, Kind, Target};

const LOOK_FIRST: &str =
    "Look at it first with a GET of the same URL, and leave the deletion to a person.";

/// The kinds of names that a path may hold, which say what is pointed at.
const NAMES: &[Kind] = &[
    Kind::Account,
    Kind::App,
    Kind::Cluster,
    Kind::Database,
    Kind::Environment,
    Kind::Namespace,
    Kind::Project,
    Kind::Resource,
    Kind::Service,
    Kind::Workspace,
];

/// A request with all that is known of where it goes.
pub struct Place<'r> {
    request: &'r Request,
    url: &'r Url,
    method: &'r str,
    found: Option<Found>,
    /// Whether a server would take it as somebody's with rights.
    trusted: bool,
}

impl<'r> Place<'r> {
    /// A request to where it goes.
    pub fn of(request: &'r Request, url: &'r Url, method: &'r str) -> Place<'r> {
        let found = planes::find(url);
        let trusted = found.is_some_and(|found| found.sure) || request.carries_credentials();
        Place { request, url, method, found, trusted }
    }

    /// An action of this request.
    pub fn action(&self, effect: Effect, operation: impl Into<Cow<'static, str>>) -> Action {
        let deletes = effect == Effect::Destroy;
        let name = self.found.map_or("any", |found| found.plane.name);
        Action {
            object: Some(format!("{}{}", self.url.host, self.url.shown_path())),
            rule: Cow::Owned(format!("http/{name}")),
            instead: deletes.then_some(Cow::Borrowed(LOOK_FIRST)),
            target: self.target(),
            ..Action::new(effect, operation)
        }
    }

    /// Where it lands: the host, and whose key goes with it.
    fn target(&self) -> Target {
        let platform = self.found.map_or("http", |found| found.plane.platform);
        let mut target = resolve(self.request, platform);
        let Some(Found { plane, .. }) = self.found else { return target };
        if plane.names_operations || plane.platform == "aws" {
            target.evidence.extend(aws::account(self.request, self.url));
        }
        let begins = |all: &[&str]| {
            let key = self.request.key();
            key.is_some_and(|key| all.iter().any(|front| key.starts_with(front)))
        };
        let key = |shown: &str| Evidence::name(Kind::Account, "credentials", shown);
        if begins(plane.live_keys) {
            target.evidence.push(key("a live key").asserting(Class::Production));
        } else if begins(plane.test_keys) {
            target.evidence.push(key("a test key").asserting(Class::Development));
        }
        target
    }

    /// Who gets it, as a sentence ends: `api.github.com, GitHub's API`.
    pub fn shown(&self) -> String {
        let whose = self.found.map(|found| format!(", {}", found.plane.whose)).unwrap_or_default();
        format!("{}{whose}", self.url.host)
    }

    /// It could do anything, for `why`.
    pub fn opaque(&self, why: String) -> Action {
        let action = self.action(Effect::Write, self.method.to_owned());
        let opaque = Action::opaque(self.method.to_owned(), why);
        Action { flags: opaque.flags, summary: opaque.summary, ..action }
    }

    /// A GraphQL mutation of this name.
    pub fn mutation(&self, name: String) -> Action {
        let effect = if self.trusted { Effect::Destroy } else { Effect::Write };
        let summary = format!("Runs the GraphQL mutation {name} at {}.", self.shown());
        Action { summary, ..self.action(effect, name) }
    }

    /// What the operation named in a header or parameter does, for the
    /// control planes that name theirs so.
    pub fn by_operation(&self, context: Context<'_>) -> Option<Reading> {
        self.found.filter(|found| found.plane.names_operations)?;
        let Some(name) = planes::operation(self.request, self.url) else {
            let hidden = self.method == "POST" && names_in_body(self.request);
            return match &self.request.body {
                Body::Opaque(why) if hidden => Some(Reading::of(self.opaque(why.clone()))),
                _ => None,
            };
        };
        aws::operation(self, self.request, self.url, &name, context)
    }

    /// What the rule for requests like it says.
    pub fn by_rule(&self) -> Option<Reading> {
        let plane = self.found?.plane;
        let matched = planes::matched(plane, self.method, self.request, self.url)?;
        if let (Some(at), Some(text)) = (matched.request.sql, &matched.sql) {
            return Some(match text {
                Ok(text) => self.sql(text, at.dialect, &matched),
                Err(why) => Reading::of(self.unread(why, &matched)),
            });
        }
        let rule = matched.request;
        if let (Effect::Destroy, Some(why)) = (rule.effect, &matched.unread) {
            return Some(Reading::of(self.unread(why, &matched)));
        }
        if rule.effect == Effect::Read && rule.flags.is_empty() {
            return Some(Reading::default());
        }
        let filled = |text: &str| {
            matched.names.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), &crate::text::visible(value, 80))
            })
        };
        let mut action = self.action(rule.effect, format!("{} {}", self.method, rule.path));
        action.flags = rule.flags;
        action.scope = rule.scope;
        self.name(&mut action.target, &matched);
        if !rule.object.is_empty() {
            action.object = Some(filled(rule.object));
        }
        action.summary = match rule.says {
            "" => format!("Sends {} {} to {}.", self.method, self.url.shown_path(), self.shown()),
            says => {
                let object = action.object.as_deref().unwrap_or_default();
                let said = filled(says).replace("{object}", object);
                format!("{} ({}).", said.trim_end_matches('.'), self.shown())
            }
        };
        if !rule.instead.is_empty() {
            action.instead = Some(Cow::Borrowed(rule.instead));
        }
        Some(Reading::of(action))
    }

    /// What decides in it cannot be read, for `why`.
    fn unread(&self, why: &str, matched: &Matched) -> Action {
        let mut action = self.opaque(why.to_owned());
        self.name(&mut action.target, matched);
        action
    }

    /// Adds the names in the path to where it lands.
    fn name(&self, target: &mut Target, matched: &Matched) {
        for (name, value) in &matched.names {
            if let Some(kind) = Kind::from_word(name).filter(|kind| NAMES.contains(kind)) {
                target.evidence.push(Evidence::name(kind, "path", value.clone()));
            }
        }
    }

    /// What the SQL in it does.
    fn sql(&self, text: &[u8], written: SqlDialect, matched: &Matched) -> Reading {
        let other = match written {
            SqlDialect::Clickhouse => Some(Dialect::Clickhouse),
            SqlDialect::Postgres => None,
            SqlDialect::Mysql => Some(Dialect::Mysql),
            SqlDialect::Sqlite => Some(Dialect::Sqlite),
        };
        let found: Vec<dialect::Found> = match other {
            Some(dialect) => dialect::read(text, dialect),
            None => sql::read(text).into_iter().map(Into::into).collect(),
        };
        let name = self.found.map_or("http", |found| found.plane.name);
        let mut steps = Steps::new(name);
        let place = Rc::new(());
        found.into_iter().for_each(|one| steps.push(one, &place));
        let target = |(): &(), databases: &[String]| {
            let mut target = self.target();
            self.name(&mut target, matched);
            let named = |name: &String| Evidence::name(Kind::Database, "SQL", name.clone());
            target.evidence.extend(databases.iter().map(named));
            target
        };
        steps.finish(target, None)
    }

    /// What is left: its method.
    pub fn by_method(&self, looks: bool) -> Option<Reading> {
        if looks {
            return None;
        }
        let effect = match self.method {
            "DELETE" if self.trusted => Effect::Destroy,
            "PURGE" | "BAN" => Effect::Disrupt,
            _ => Effect::Write,
        };
        let sure = self.found.is_some_and(|found| found.sure);
        let credentials = match effect {
            Effect::Destroy if !sure => "an authenticated ",
            _ => "",
        };
        let summary = format!(
            "Sends {credentials}{} {} to {}.",
            self.method,
            self.url.shown_path(),
            self.shown()
        );
        let action = self.action(effect, self.method.to_owned());
        Some(Reading::of(Action { flags: Flags::NONE, summary, ..action }))
    }
}
