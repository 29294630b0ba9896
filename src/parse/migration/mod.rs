//! The text of one migration file → what applying it destroys. SQL by its own
//! grammar; Ruby, Python, JavaScript, TypeScript and PHP by the calls that
//! their migration libraries have for it, with literal names and literal SQL.
//! What takes a migration back (`down`) is left out, and so is what only a run
//! would tell. Nothing is looked up.

mod blocks;
mod code;
mod place;
mod sections;

use crate::action::{Effect, Flag};
use crate::parse::code::Syntax;
use crate::parse::dialect::{self, Dialect};
use crate::parse::sql::{self, Statement, lex};

/// What is done instead of destroying in a migration.
const INSTEAD: &str = "Deploy in two steps: first the code that no longer needs it, then, when \
                       nothing has missed it and a backup is there, the migration that drops it.";

/// The most tables whose row-level security is followed.
const MAX_TABLES: usize = 200;

/// What a migration is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// SQL, of any server.
    Sql,
    /// Active Record's Ruby.
    Ruby,
    /// Django's and Alembic's Python.
    Python,
    /// Knex's, Sequelize's, TypeORM's and MikroORM's JavaScript or TypeScript.
    Script,
    /// Laravel's, Phinx's and Doctrine's PHP.
    Php,
}

impl Language {
    /// The language of a file by its name.
    pub fn of_file(name: &str) -> Option<Language> {
        let ending = name.rsplit_once('.')?.1;
        Some(match ending.to_ascii_lowercase().as_str() {
            "sql" => Language::Sql,
            "rb" => Language::Ruby,
            "py" => Language::Python,
            "js" | "cjs" | "mjs" | "ts" | "cts" | "mts" => Language::Script,
            "php" => Language::Php,
            _ => return None,
        })
    }

    /// How its texts and comments are written; SQL has a grammar of its own.
    fn syntax(self) -> Option<Syntax> {
        Some(match self {
            Language::Sql => return None,
            Language::Ruby => Syntax::Ruby,
            Language::Python => Syntax::Python,
            Language::Script => Syntax::Script,
            Language::Php => Syntax::Php,
        })
    }
}

/// What applying a migration destroys, in its order; empty if nothing that can
/// be read does.
pub fn destroys(text: &str, language: Language) -> Vec<Statement> {
    match language {
        Language::Sql => of_sql(&blocks::opened(&sections::applied(text))),
        language => code::destroys(text, language).into_iter().map(|(_, found)| found).collect(),
    }
}

/// The same, each with the number of its line in the text.
pub fn destroys_at(text: &str, language: Language) -> Vec<(usize, Statement)> {
    match language {
        Language::Sql => {
            let text = blocks::opened(&sections::applied(text));
            let found = of_sql(&text);
            place::lines(&text, &found).into_iter().zip(found).collect()
        }
        language => code::destroys(text, language),
    }
}

/// What a migration's SQL destroys. Definitions alone (views, functions,
/// policies), which migrations drop to make them anew, do not count, and
/// neither does a table that is rebuilt under its own name.
fn of_sql(text: &str) -> Vec<Statement> {
    let opaque = |found: &[Statement]| found.iter().filter(|it| it.flags.has(Flag::Opaque)).count();
    let mut found = sql::read(text.as_bytes());
    for dialect in [Dialect::Mysql, Dialect::Sqlite] {
        if opaque(&found) == 0 {
            break;
        }
        let other = dialect::read(text.as_bytes(), dialect);
        let other: Vec<Statement> = other.into_iter().map(|found| found.statement).collect();
        if opaque(&other) < opaque(&found) {
            found = other;
        }
    }
    let tables = Tables::of(text);
    found.retain(|statement| {
        let object = statement.object.as_deref().unwrap_or_default();
        statement.effect == Effect::Destroy
            && !statement.flags.has(Flag::Opaque)
            && loses_data(&statement.operation, object)
            && !(statement.operation == "DROP TABLE" && tables.is_rebuilt(object))
            && !(statement.operation == "UPDATE" && tables.is_widened(object))
    });
    for statement in &mut found {
        statement.instead = Some(INSTEAD);
    }
    found
}

/// The tables, by name and line, whose row-level security an SQL migration
/// switches off and leaves off.
pub fn opened_rows(text: &str) -> Vec<(usize, String)> {
    let text = blocks::opened(&sections::applied(text));
    let bytes = text.as_bytes();
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let (mut line, mut at) = (1, 0);
    let tokens = lex::Lexer::new(bytes, 0, lex::Mode::default());
    for token in tokens {
        let gone = bytes.get(at..token.start).unwrap_or_default();
        line += gone.iter().filter(|byte| **byte == b'\n').count();
        at = token.start;
        if token.kind == lex::Kind::Semicolon {
            words.clear();
            continue;
        }
        words.push(bare(&String::from_utf8_lossy(token.bytes(bytes))));
        let [front @ .., verb, row, level, security] = words.as_slice() else { continue };
        let phrase = [row.as_str(), level, security] == ["row", "level", "security"];
        let Some(table) = phrase.then(|| altered(front)).flatten() else { continue };
        match verb.as_str() {
            "disable" if open.len() < MAX_TABLES => open.push((line, table)),
            "enable" => open.retain(|(_, other)| *other != table),
            _ => {}
        }
    }
    open
}

/// The table of `alter table if exists only public.users`.
fn altered(words: &[String]) -> Option<String> {
    let words: Vec<&str> = words.iter().take(12).map(String::as_str).collect();
    let rest = words.strip_prefix(&["alter", "table"])?;
    let rest = rest.strip_prefix(&["if", "exists"]).unwrap_or(rest);
    let rest = rest.strip_prefix(&["only"]).unwrap_or(rest);
    let (first, mut rest) = rest.split_first()?;
    let mut name = (*first).to_owned();
    while let [".", part, more @ ..] = rest {
        name = format!("{name}.{part}");
        rest = more;
    }
    Some(name)
}

/// Whether a destroying operation takes rows or values along.
fn loses_data(operation: &str, object: &str) -> bool {
    match operation.strip_prefix("DROP ") {
        None => !object.starts_with("function"),
        Some(kind) => matches!(
            kind,
            "TABLE" | "COLUMN" | "SCHEMA" | "DATABASE" | "OWNED" | "TABLESPACE" | "KEYSPACE"
        ),
    }
}

/// The tables that a text gives another's name, and those that it widens.
struct Tables {
    renamed: Vec<String>,
    widened: Vec<String>,
}

impl Tables {
    fn of(text: &str) -> Tables {
        let bytes = text.as_bytes();
        // SQLite's and MySQL's quotes are PostgreSQL's too, or no part of a name.
        let word = |token: lex::Token| bare(&String::from_utf8_lossy(token.bytes(bytes)));
        let words: Vec<String> = lex::Lexer::new(bytes, 0, lex::Mode::default())
            .map(word)
            .filter(|word| !word.is_empty())
            .collect();
        let mut tables = Tables { renamed: Vec::new(), widened: Vec::new() };
        let mut altered: Option<&String> = None;
        for (at, word) in words.iter().enumerate() {
            let next = |ahead: usize| words.get(at + ahead);
            let is = |ahead: usize, text: &str| next(ahead).is_some_and(|word| word == text);
            match word.as_str() {
                "rename" if is(1, "to") => tables.renamed.extend(next(2).cloned()),
                "alter" if is(1, "table") => {
                    let skip = ["if", "exists", "only"];
                    let mut names = words.iter().skip(at + 2);
                    altered = names.find(|word| !skip.contains(&word.as_str()));
                    // Of `public.users`, the last part.
                    if names.next().is_some_and(|dot| dot == ".") {
                        altered = names.next();
                    }
                }
                "add" => tables.widened.extend(altered.cloned()),
                ";" => altered = None,
                _ => {}
            }
        }
        tables
    }

    fn is_rebuilt(&self, object: &str) -> bool {
        self.renamed.contains(&last_name(object))
    }

    fn is_widened(&self, object: &str) -> bool {
        self.widened.contains(&last_name(object))
    }
}

/// `users` of `table public.users`.
fn last_name(object: &str) -> String {
    bare(object.rsplit([' ', '.']).next().unwrap_or_default())
}

fn bare(name: &str) -> String {
    name.trim_matches(['"', '`', '[', ']']).to_lowercase()
}

#[cfg(test)]
mod tests;
