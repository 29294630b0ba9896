//! What the operations of a control plane mean that is spoken to over HTTP,
//! as data compiled in from `rules/api/*.toml`: GraphQL mutations by their
//! names, and requests by their method, path, query and body. Nothing here
//! reads a request.

use crate::action::{Effect, Flag, Flags, Scope};
use crate::rules::Contrast;

/// One control plane.
#[derive(Debug)]
pub struct Api {
    /// The file's name; a rule's id begins with it and `-api`.
    pub name: &'static str,
    /// One line: what it is.
    pub about: &'static str,
    /// Which version the facts were checked against, and how.
    pub checked: &'static str,
    /// Its operations that change something, sorted by name.
    pub operations: &'static [Operation],
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name: a GraphQL mutation's root field.
    pub name: &'static str,
    /// What it does.
    pub effect: Effect,
    /// What else matters about it.
    pub flags: Flags,
    /// How far its object reaches.
    pub scope: Scope,
    /// What it does it to.
    pub object: Option<ApiObject>,
    /// The path of the argument that names the environment, if any.
    pub environment: &'static str,
    /// The path of the argument that names the project, if any.
    pub project: &'static str,
    /// The argument whose content decides.
    pub inspects: Inspects,
    /// One sentence with `{object}` in it.
    pub says: &'static str,
    /// One sentence: what to do instead.
    pub instead: &'static str,
    /// Conditions that make it worse; every one that holds counts.
    pub cases: &'static [ApiCase],
}

/// What an operation's object is, and the path of the argument that names it
/// (`input.serviceId`; empty if none does).
#[derive(Debug)]
pub struct ApiObject {
    /// The noun.
    pub kind: &'static str,
    /// The argument.
    pub from: &'static str,
}

/// An argument whose content decides what the operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspects {
    /// None.
    Nothing,
    /// A Railway EnvironmentConfig.
    Patch(&'static str),
    /// A Railway change set.
    Changes(&'static str),
}

/// A condition on one argument, and what it makes of the operation.
#[derive(Debug)]
pub struct ApiCase {
    /// The argument's path.
    pub argument: &'static str,
    /// What it has to be.
    pub is: Condition,
    /// The effect then, if it is worse.
    pub effect: Option<Effect>,
    /// Flags that are added then.
    pub flags: Flags,
    /// The scope then, if it is wider.
    pub scope: Option<Scope>,
    /// The sentence then, if it differs.
    pub says: &'static str,
}

/// What an argument has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Absent or null.
    Null,
    /// There, and null.
    GivenNull,
    /// An empty list.
    Empty,
    /// True.
    True,
    /// This word or number.
    Is(&'static str),
}

/// An API whose requests are told by host, port or path.
#[derive(Debug)]
pub struct Plane {
    /// The file's name; a rule's id begins with `http/` and it.
    pub name: &'static str,
    /// The platform of its targets.
    pub platform: &'static str,
    /// One line: what it is.
    pub about: &'static str,
    /// Which version the facts were checked against, and how.
    pub checked: &'static str,
    /// What to call it: `GitHub's API`.
    pub whose: &'static str,
    /// Its hosts, as globs.
    pub hosts: &'static [&'static str],
    /// Ports at which any host is taken for it.
    pub ports: &'static [u16],
    /// Paths by which any host is taken for it.
    pub paths: &'static [&'static str],
    /// Whether requests name their operation in a header or a parameter
    /// (`X-Amz-Target`, `Action=`).
    pub names_operations: bool,
    /// Beginnings of keys that belong to production.
    pub live_keys: &'static [&'static str],
    /// Beginnings of keys that belong to a sandbox.
    pub test_keys: &'static [&'static str],
    /// Its requests that are more, or less, than their method.
    pub requests: &'static [ApiRequest],
    /// Shell lines that are judged in every place.
    pub contrast: &'static Contrast,
}

/// Requests of one shape, and what they do.
#[derive(Debug)]
pub struct ApiRequest {
    /// The methods, upper case.
    pub methods: &'static [&'static str],
    /// The path, segment by segment: words and globs, `{name}` for any one
    /// segment, `**` for any number of them.
    pub path: &'static str,
    /// Parameters that the query must have, and the glob that one of its
    /// values must match.
    pub query: &'static [(&'static str, &'static str)],
    /// The query must have no parameters but these.
    pub query_only: Option<&'static [&'static str]>,
    /// Values that a JSON body must have: the steps to each, and a glob.
    pub body: &'static [(&'static [&'static str], &'static str)],
    /// SQL in it, which says what it does.
    pub sql: Option<ApiSql>,
    /// What it does.
    pub effect: Effect,
    /// What else matters about it.
    pub flags: Flags,
    /// How far its object reaches.
    pub scope: Scope,
    /// What it does it to, with `{name}`s.
    pub object: &'static str,
    /// One sentence with `{object}` in it; empty: its method and path are said.
    pub says: &'static str,
    /// One sentence: what to do instead.
    pub instead: &'static str,
    /// Shell lines that must be read as destroying (or opaque).
    pub destroys: &'static [&'static str],
    /// Shell lines that must be read as harmless.
    pub harmless: &'static [&'static str],
}

/// SQL in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiSql {
    /// Whose SQL it is read as.
    pub dialect: SqlDialect,
    /// Where it stands: steps into a JSON body, to each of its places.
    pub keys: &'static [&'static [&'static str]],
    /// The query's parameter that holds it.
    pub parameter: &'static str,
    /// Whether the whole body is it.
    pub whole: bool,
}

/// Whose grammar SQL in a request is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlDialect {
    /// ClickHouse's.
    Clickhouse,
    /// PostgreSQL's.
    Postgres,
    /// MySQL's, which stands in for others that are near it.
    Mysql,
    /// SQLite's.
    Sqlite,
}

include!(concat!(env!("OUT_DIR"), "/apis.rs"));

impl Api {
    /// The control plane of this name.
    pub fn find(name: &str) -> Option<&'static Api> {
        APIS.iter().find(|api| api.name == name)
    }

    /// Its operation of this name.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        let at = self.operations.binary_search_by(|one| one.name.cmp(name)).ok()?;
        self.operations.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutation_of_the_schema_is_listed() {
        let api = Api::find("railway").unwrap();
        assert_eq!(api.operations.len(), 233);
        let deletes = api.operation("volumeDelete").unwrap();
        assert_eq!(deletes.effect, Effect::Destroy);
        assert_eq!(deletes.scope, Scope::Project);
        assert_eq!(deletes.flags, Flags::of(&[Flag::Irreversible, Flag::Backups]));
        assert!(api.operation("volumeDelet").is_none());
    }
}
