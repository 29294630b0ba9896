//! Reads an agent's call of another server's tool (MCP): the SQL, the GraphQL
//! or the command line in its arguments, and otherwise the tool's name, on the
//! platforms where a name says enough. A server that is none of these is
//! nobody's business: what a notebook or an issue tracker deletes is free.

mod commands;
mod platforms;

use std::rc::Rc;

use serde_json::{Map, Value};

use super::http_api::mutation::{deletes, words};
use super::sql_steps::Steps;
use super::{Call, Reading};
use crate::action::{Action, Effect, Flag, Flags, Scope};
use crate::invocation::Invocation;
use crate::parse::dialect::{self, Dialect, Found};
use crate::parse::graphql::{self, Kind as Operation};
use crate::parse::sql;
use crate::target::{Class, Evidence, Kind, Target};
use crate::text::visible;
use platforms::{Language, Platform};

/// How deep objects in the arguments are looked into.
const MAX_DEPTH: usize = 3;

/// The most texts of a call that are looked at.
const MAX_TEXTS: usize = 500;

/// Keys under which SQL or GraphQL stands.
const TEXTS: &[&str] = &[
    "graphql",
    "mutation",
    "queries",
    "query",
    "script",
    "sql",
    "sqlquery",
    "sqlstatements",
    "sqlstmt",
    "statement",
    "statements",
];

/// Keys under which nothing but SQL stands.
const SQL: &[&str] = &["sql", "sqlquery", "sqlstatements", "sqlstmt"];

/// Words in the name of a tool that runs what stands under the other keys.
const RUNS: &[&str] = &["execute", "migration", "query", "run", "sql", "statement", "transaction"];

/// Keys under which a tool is told what to do.
const VERBS: &[&str] = &["action", "method", "operation", "subcommand", "verb"];

/// Words for emptying a whole database of Redis.
const FLUSHES: &[&str] = &["flush", "flushall", "flushdb"];

/// Words for taking something out of service.
const DISRUPTS: &[&str] =
    &["cordon", "drain", "maintenance", "pause", "poweroff", "shutdown", "stop", "suspend"];

/// Keys whose value names where a call lands.
const NAMES: &[(&str, Kind)] = &[
    ("account", Kind::Account),
    ("app", Kind::App),
    ("appname", Kind::App),
    ("accountid", Kind::Account),
    ("bucket", Kind::Resource),
    ("bucketname", Kind::Resource),
    ("cluster", Kind::Cluster),
    ("clustername", Kind::Cluster),
    ("context", Kind::Context),
    ("database", Kind::Database),
    ("databasename", Kind::Database),
    ("db", Kind::Database),
    ("dbname", Kind::Database),
    ("env", Kind::Environment),
    ("environment", Kind::Environment),
    ("environmentid", Kind::Environment),
    ("environmentname", Kind::Environment),
    ("host", Kind::Host),
    ("namespace", Kind::Namespace),
    ("profile", Kind::Profile),
    ("project", Kind::Project),
    ("projectid", Kind::Project),
    ("projectname", Kind::Project),
    ("service", Kind::App),
    ("servicename", Kind::App),
    ("workspace", Kind::Workspace),
];

/// Reads a call: `mcp-call SERVER TOOL ARGUMENTS`.
pub fn read(call: &Call<'_>) -> Reading {
    let invocation = call.context.invocation;
    let word = |index: usize| {
        invocation
            .argv
            .get(index)
            .map(|word| word.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let (server, tool, arguments) = (word(1), word(2), word(3));
    let mut texts = Vec::new();
    // Arguments that are no object say nothing; the names still count.
    let arguments = match serde_json::from_str::<Value>(&arguments) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    };
    collect(&arguments, 0, &mut texts);
    let platform = platforms::find(&server, &tool);
    let named = words(&tool);
    let call = McpCall { server, tool, named, texts, platform, invocation };
    let inner = commands::inner(&call, &arguments);
    if !inner.is_empty() {
        return Reading { inner, ..Reading::default() };
    }
    let Some(platform) = platform else { return Reading::default() };
    if let Some(reading) = call.sql(platform, &arguments).or_else(|| call.graphql()) {
        return reading;
    }
    Reading {
        actions: call.by_name(platform, &arguments).into_iter().collect(),
        ..Reading::default()
    }
}

/// Every text in the arguments, under its key without what spellings differ
/// in.
fn collect(object: &Map<String, Value>, depth: usize, out: &mut Vec<(String, String)>) {
    for (key, value) in object {
        let plain: String =
            key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let items = match value {
            Value::Array(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        for item in items {
            if out.len() >= MAX_TEXTS {
                return;
            }
            match item {
                Value::String(text) => out.push((plain.clone(), text.clone())),
                Value::Object(inner) if depth < MAX_DEPTH => collect(inner, depth + 1, out),
                _ => {}
            }
        }
    }
}

struct McpCall<'a> {
    server: String,
    tool: String,
    /// The words of its name.
    named: Vec<String>,
    texts: Vec<(String, String)>,
    platform: Option<&'static Platform>,
    invocation: &'a Invocation,
}

impl McpCall<'_> {
    fn under<'t>(&'t self, keys: &'t [&str]) -> impl Iterator<Item = &'t str> {
        self.texts
            .iter()
            .filter(|(key, _)| keys.contains(&key.as_str()))
            .map(|(_, text)| text.as_str())
    }

    fn is(&self, platform: &str) -> bool {
        self.platform.is_some_and(|known| known.name == platform)
    }

    /// Whether the server's name has this word in it.
    fn server_named(&self, word: &str) -> bool {
        words(&self.server).iter().any(|own| own == word)
    }

    fn sql(&self, platform: &Platform, arguments: &Map<String, Value>) -> Option<Reading> {
        let language = platform.sql?;
        let any = |list: &[&str]| self.named.iter().any(|word| list.contains(&word.as_str()));
        // A search, however it is worded, is no statement.
        if any(&["search", "log", "logs", "docs", "documentation"]) {
            return None;
        }
        // A plan is asked for; only with ANALYZE is the statement run.
        let analyzes = arguments.iter().any(|(key, value)| {
            key.eq_ignore_ascii_case("analyze") && *value != Value::Bool(false)
        });
        if any(&["explain"]) && !analyzes {
            return Some(Reading::default());
        }
        let loose = platform.is_database() || any(RUNS);
        // Heroku's tool for psql takes it as a command.
        let command = any(&["psql"]);
        let texts: Vec<&str> = self
            .texts
            .iter()
            .filter(|(key, text)| {
                let key = key.as_str();
                (SQL.contains(&key)
                    || (loose && TEXTS.contains(&key))
                    || (command && key == "command"))
                    && !is_graphql(text)
            })
            .map(|(_, text)| text.as_str())
            .collect();
        if texts.is_empty() {
            return None;
        }
        let mut steps = Steps::new("mcp");
        let place = Rc::new(());
        for text in texts {
            match language {
                Language::Postgres => {
                    for statement in sql::read(text.as_bytes()) {
                        steps.push(Found::from(statement), &place);
                    }
                }
                Language::Mysql | Language::Sqlite => {
                    let dialect = match language {
                        Language::Sqlite => Dialect::Sqlite,
                        _ => Dialect::Mysql,
                    };
                    for found in dialect::read(text.as_bytes(), dialect) {
                        steps.push(found, &place);
                    }
                }
            }
        }
        let target = |_: &(), databases: &[String]| {
            let mut target = self.target();
            let named =
                databases.iter().map(|name| Evidence::name(Kind::Database, "the SQL", name));
            target.evidence.extend(named);
            target
        };
        Some(steps.finish(target, None))
    }

    /// A GraphQL document's mutations that take something away.
    fn graphql(&self) -> Option<Reading> {
        let documents: Vec<&str> = self.under(TEXTS).filter(|text| is_graphql(text)).collect();
        if documents.is_empty() {
            return None;
        }
        let mut reading = Reading::default();
        for text in documents {
            let Ok(document) = graphql::parse(text) else {
                let why = "its GraphQL does not parse";
                let target = self.target();
                reading.actions.push(Action {
                    rule: "mcp/graphql".into(),
                    target,
                    ..Action::opaque("graphql", why)
                });
                continue;
            };
            for operation in document.selected(None) {
                let fields =
                    operation.fields.iter().filter(|_| operation.kind == Operation::Mutation);
                for field in fields.filter(|field| deletes(&field.name)) {
                    reading.actions.push(self.destroy(&field.name));
                }
            }
        }
        Some(reading)
    }

    /// What the tool's name says, or the verb that it is given.
    fn by_name(&self, platform: &Platform, arguments: &Map<String, Value>) -> Option<Action> {
        let is = |nouns: &[&str]| has(&self.named, nouns);
        if !platform.nouns.is_empty() && !is(platform.nouns) {
            return None;
        }
        if deletes(&self.tool) {
            // What is bounded by a filter or a key is a write; an index is
            // built again.
            let one = is(platforms::SMALL) && !is(platforms::CONTAINERS)
                || platform.name == "redis" && self.under(&["key"]).next().is_some()
                || platform.name == "mongodb" && (is(&["index"]) || filters(arguments));
            return (!one).then(|| self.destroy(&self.tool));
        }
        if platform.name == "mongodb" && self.named == ["update", "many"] {
            return (!filters(arguments)).then(|| self.destroy(&self.tool));
        }
        if platform.name == "redis" {
            let first = |text: &str| text.split_whitespace().next().map(str::to_lowercase);
            let given = self.under(&["command", "commands"]).filter_map(first).next();
            let nested = arguments.get("commands").and_then(Value::as_array).into_iter().flatten();
            let nested = nested.filter_map(|list| list.get(0)?.as_str().and_then(first));
            let all = given.into_iter().chain(nested);
            let flushes = all.into_iter().find(|word| FLUSHES.contains(&word.as_str()));
            if is(FLUSHES) || flushes.is_some() {
                return Some(self.destroy(&flushes.unwrap_or_else(|| self.tool.clone())));
            }
        }
        if is(&["uninstall"]) || is(&["recreate"]) {
            return Some(self.destroy(&self.tool));
        }
        let mut verbs = self.under(VERBS).filter(|verb| verb.len() <= 80);
        if let Some(verb) = self.under(VERBS).find(|verb| verb.len() <= 80 && deletes(verb)) {
            return Some(self.destroy(&format!("{} {verb}", self.tool)));
        }
        let disrupts = is(DISRUPTS) || verbs.any(|verb| has(&words(verb), DISRUPTS));
        let opposite = is(&["off", "resume", "start", "list", "get"]);
        (disrupts && !opposite).then(|| Action {
            scope: Scope::Environment,
            summary: format!(
                "Calls {}, which by its name takes something out of service.",
                visible(&self.tool, 80)
            ),
            rule: "mcp/disrupt".into(),
            target: self.target(),
            ..Action::new(Effect::Disrupt, visible(&self.tool, 80))
        })
    }

    fn destroy(&self, operation: &str) -> Action {
        let mut named = words(operation);
        named.extend(words(&self.tool));
        // What is deleted may only stand in an argument.
        named.extend(self.under(&["kind", "resourcetype", "type"]).flat_map(words));
        let any = |nouns: &[&str]| has(&named, nouns);
        let mut flags = Flags::NONE;
        if any(platforms::CONTAINERS) || any(FLUSHES) {
            flags = flags.with(Flag::Irreversible);
        }
        if any(platforms::RECOVERY) || (self.is("railway") && any(&["volume"])) {
            flags = flags.with(Flag::Backups);
        }
        let operation = visible(operation, 80);
        let by = match self.server.as_str() {
            "" => String::new(),
            server => format!(" of the server {}", visible(server, 60)),
        };
        Action {
            flags,
            scope: Scope::Project,
            summary: format!("Calls {operation}{by}, which by its name takes something away for good."),
            rule: "mcp/delete".into(),
            instead: Some("List or read it first with the same server's other tools, and leave the deletion to a person.".into()),
            target: self.target(),
            ..Action::new(Effect::Destroy, operation)
        }
    }

    /// Where it lands, as far as names say: the server's own and those in the
    /// arguments. Which account or database a server is connected to, nobody
    /// outside it can see.
    fn target(&self) -> Target {
        let mut evidence = Vec::new();
        if !self.server.is_empty() {
            let shown = visible(&self.server, 80);
            evidence.push(Evidence::name(Kind::Service, "MCP server", shown));
        }
        for (key, text) in &self.texts {
            if let Some((_, kind)) = NAMES.iter().find(|(name, _)| name == key) {
                evidence.push(Evidence::name(*kind, "argument", visible(text, 80)));
            }
        }
        if self.platform.is_some_and(|platform| platform.local) {
            evidence.push(
                Evidence::name(Kind::Path, "MCP server", "a local file").asserting(Class::Local),
            );
        }
        let name = (!self.server.is_empty()).then(|| visible(&self.server, 80));
        Target {
            name,
            evidence,
            ..Target::of(self.platform.map_or("mcp", |platform| platform.name))
        }
    }
}

/// Whether one of these words is one of these nouns, in whatever number.
fn has(words: &[String], nouns: &[&str]) -> bool {
    words
        .iter()
        .any(|word| nouns.contains(&word.as_str()) || nouns.contains(&word.trim_end_matches('s')))
}

/// Whether a filter is given that not every document meets.
fn filters(arguments: &Map<String, Value>) -> bool {
    arguments.get("filter").and_then(Value::as_object).is_some_and(|filter| !filter.is_empty())
}

/// Whether a text is a GraphQL document, by how it begins.
fn is_graphql(text: &str) -> bool {
    let text = text.trim_start();
    ["mutation", "query", "subscription", "fragment", "{"].iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| {
            *word == "{" || rest.starts_with(|c: char| c.is_whitespace() || c == '{' || c == '(')
        })
    })
}
