//! psql's variables: what `-v`, `\set` and the like are known to have set, and
//! how `:name`, `:'name'`, `:"name"` and `:{?name}` put them into a text.

use std::collections::BTreeMap;

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// It is not set: the reference stays as it is.
    Unset,
    /// It is or may be set, to what only a run would tell.
    Unknown,
    /// Its value.
    Known(Vec<u8>),
}

/// Variables that psql itself sets to what only a run would tell.
const OWN: &[&str] = &[
    "AUTOCOMMIT",
    "COMP_KEYWORD_CASE",
    "DBNAME",
    "ECHO",
    "ECHO_HIDDEN",
    "ENCODING",
    "ERROR",
    "FETCH_COUNT",
    "HIDE_TABLEAM",
    "HIDE_TOAST_COMPRESSION",
    "HISTCONTROL",
    "HISTSIZE",
    "HOST",
    "IGNOREEOF",
    "LAST_ERROR_MESSAGE",
    "LAST_ERROR_SQLSTATE",
    "ON_ERROR_ROLLBACK",
    "ON_ERROR_STOP",
    "PORT",
    "PROMPT1",
    "PROMPT2",
    "PROMPT3",
    "QUIET",
    "ROW_COUNT",
    "SERVER_VERSION_NAME",
    "SERVER_VERSION_NUM",
    "SERVICE",
    "SHELL_ERROR",
    "SHELL_EXIT_CODE",
    "SHOW_ALL_RESULTS",
    "SHOW_CONTEXT",
    "SINGLELINE",
    "SINGLESTEP",
    "SQLSTATE",
    "USER",
    "VERBOSITY",
    "VERSION",
    "VERSION_NAME",
    "VERSION_NUM",
    "WATCH_INTERVAL",
];

/// Bytes of values that are kept; `\set a :a:a` doubles one each time.
const MAX_KEPT: usize = 64 << 10;

/// The variables of a session.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// How many bytes of values were kept so far.
    kept: usize,
    /// Those set (`Some`), set to something unknown (`Some(None)`) or unset.
    set: BTreeMap<Vec<u8>, Option<Option<Vec<u8>>>>,
    /// Beginnings of names that may have been set to anything (`\gset`).
    prefixes: Vec<Vec<u8>>,
}

impl Variables {
    /// Sets a variable; `None` for a value that is not known, which one becomes
    /// that is too much to keep.
    pub fn set(&mut self, name: impl Into<Vec<u8>>, value: Option<Vec<u8>>) {
        let length = value.as_ref().map_or(0, Vec::len);
        let fits = length <= MAX_KEPT.saturating_sub(self.kept);
        let old = self.set.insert(name.into(), Some(value.filter(|_| fits)));
        self.kept += if fits { length } else { 0 };
        if let Some(Some(Some(old))) = old {
            self.kept = self.kept.saturating_sub(old.len());
        }
    }

    /// Unsets a variable.
    pub fn unset(&mut self, name: impl Into<Vec<u8>>) {
        if let Some(Some(Some(old))) = self.set.insert(name.into(), None) {
            self.kept = self.kept.saturating_sub(old.len());
        }
    }

    /// Every variable whose name begins so may have been set to anything.
    pub fn forget(&mut self, prefix: &[u8]) {
        self.set.retain(|name, _| !name.starts_with(prefix));
        self.kept = self.set.values().flatten().flatten().map(Vec::len).sum();
        if !self.prefixes.iter().any(|known| prefix.starts_with(known)) {
            self.prefixes.push(prefix.to_vec());
        }
    }

    /// What is known of a variable.
    pub fn get(&self, name: &[u8]) -> Lookup {
        match self.set.get(name) {
            Some(Some(Some(value))) => Lookup::Known(value.clone()),
            Some(Some(None)) => Lookup::Unknown,
            Some(None) => Lookup::Unset,
            None if self.prefixes.iter().any(|prefix| name.starts_with(prefix)) => Lookup::Unknown,
            None if OWN.iter().any(|own| own.as_bytes() == name) => Lookup::Unknown,
            None => Lookup::Unset,
        }
    }
}

/// A reference to a variable, as written.
#[derive(Clone, Copy, Debug)]
pub enum Reference<'a> {
    /// `:name`
    Plain(&'a [u8]),
    /// `:'name'`
    Literal(&'a [u8]),
    /// `:"name"`
    Identifier(&'a [u8]),
    /// `:{?name}`
    Test(&'a [u8]),
}

impl<'a> Reference<'a> {
    /// The reference that a token's bytes, colon included, are.
    pub fn new(bytes: &'a [u8]) -> Reference<'a> {
        let inner =
            |from: usize| bytes.get(from..bytes.len().saturating_sub(1)).unwrap_or_default();
        match bytes.get(1) {
            Some(b'\'') => Reference::Literal(inner(2)),
            Some(b'"') => Reference::Identifier(inner(2)),
            Some(b'{') => Reference::Test(inner(3)),
            _ => Reference::Plain(bytes.get(1..).unwrap_or_default()),
        }
    }

    /// The variable's name.
    pub fn name(&self) -> &'a [u8] {
        match self {
            Reference::Plain(name)
            | Reference::Literal(name)
            | Reference::Identifier(name)
            | Reference::Test(name) => name,
        }
    }

    /// What stands in its place in a query. A value in quotes cannot change
    /// what the query does, so an unknown one is stood for by its name.
    pub fn expand(&self, variables: &Variables) -> Lookup {
        let found = variables.get(self.name());
        match (self, found) {
            (Reference::Test(_), Lookup::Unset) => Lookup::Known(b"FALSE".to_vec()),
            (Reference::Test(_), _) => Lookup::Known(b"TRUE".to_vec()),
            (_, Lookup::Unset) => Lookup::Unset,
            (Reference::Plain(_), found) => found,
            (Reference::Literal(_), Lookup::Known(value)) => Lookup::Known(literal(&value)),
            (Reference::Identifier(_), Lookup::Known(value)) => {
                Lookup::Known(doubled(&value, b'"'))
            }
            (Reference::Literal(name), Lookup::Unknown) => {
                Lookup::Known([b"':", *name, b"'"].concat())
            }
            (Reference::Identifier(name), Lookup::Unknown) => {
                Lookup::Known([b"\":", *name, b"\""].concat())
            }
        }
    }
}

/// A value as libpq quotes it for a query.
fn literal(value: &[u8]) -> Vec<u8> {
    if !value.contains(&b'\\') {
        return doubled(value, b'\'');
    }
    let escaped: Vec<u8> = value
        .iter()
        .flat_map(|byte| std::iter::repeat_n(*byte, if *byte == b'\\' { 2 } else { 1 }))
        .collect();
    [b" E".as_slice(), &doubled(&escaped, b'\'')].concat()
}

fn doubled(value: &[u8], quote: u8) -> Vec<u8> {
    let mut out = vec![quote];
    for byte in value {
        out.push(*byte);
        if *byte == quote {
            out.push(quote);
        }
    }
    out.push(quote);
    out
}
