//! Migrations that destroy: SQL and the migration languages of the usual
//! frameworks, read by [`crate::parse::migration`]. Only what a change adds
//! counts, and sections that take a migration back do not. Which path holds a
//! migration goes by the folders and names that the tools use
//! (docs/migrations.md).

use std::collections::BTreeMap;

use super::{Finding, parts, shown};
use crate::parse::migration::{self, Language};
use crate::parse::sql::Statement;
use crate::text::visible;

const INSTEAD: &str = "Deploy in two steps: first the code that no longer needs it, then, when \
                       nothing has missed it and a backup is there, the migration that drops it.";

/// The most characters of a sentence that is taken over.
const SENTENCE: usize = 300;

/// Folders that hold migrations and nothing else.
const FOLDERS: &[&str] = &["migrations", "migration", "migrate", "changelog", "drizzle"];

/// Folders whose migrations are made up, or another project's.
const ELSEWHERE: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "fixture",
    "fixtures",
    "testdata",
    "mock",
    "mocks",
    "example",
    "examples",
    "doc",
    "docs",
    "node_modules",
    "site-packages",
    "vendor",
    "down",
    "rollback",
    "undo",
    "revert",
];

/// Whether a path holds a migration that is meant to be applied.
pub(super) fn concerns(path: &str) -> bool {
    let parts = parts(path);
    let Some((name, folders)) = parts.split_last() else { return false };
    let Some(language) = Language::of_file(name) else { return false };
    let named = |folder: &&str| folders.iter().any(|part| part == folder);
    if ELSEWHERE.iter().any(&named) || takes_back(name) {
        return false;
    }
    let versions = named(&"versions") && (named(&"alembic") || named(&"migrations"));
    if FOLDERS.iter().any(&named) || versions {
        return true;
    }
    language == Language::Sql && (is_flyway(name) || name.ends_with(".up.sql"))
}

/// Whether a file's name says that it takes a migration back.
fn takes_back(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let undoes = name.starts_with('u') && name.ends_with(".sql") && is_flyway_tail(name);
    stem == "down"
        || [".down", "_down", "-down", ".undo", ".rollback"].iter().any(|end| stem.ends_with(end))
        || undoes
}

/// Flyway's `V12__name.sql` and `R__name.sql`.
fn is_flyway(name: &str) -> bool {
    (name.starts_with('v') && is_flyway_tail(name))
        || (name.starts_with("r__") && name.ends_with(".sql"))
}

/// What stands behind the first letter of Flyway's names: a number and two
/// underscores.
fn is_flyway_tail(name: &str) -> bool {
    let Some((version, _)) = name.get(1..).unwrap_or_default().split_once("__") else {
        return false;
    };
    version.starts_with(|first: char| first.is_ascii_digit())
        && version.chars().all(|letter| letter.is_ascii_digit() || "._".contains(letter))
}

/// What a change adds to a migration that destroys.
pub(super) fn migration(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    let Some(language) = Language::of_file(path) else { return Vec::new() };
    let Some(after) = after.filter(|text| is_one(text, language)) else { return Vec::new() };
    let mut known: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    for statement in before.map(|text| migration::destroys(text, language)).unwrap_or_default() {
        *known.entry(key(statement)).or_default() += 1;
    }
    let mut found = Vec::new();
    for (line, statement) in migration::destroys_at(after, language) {
        let rule = rule(&statement.operation);
        let says = visible(&statement.summary, SENTENCE);
        if let Some(count) = known.get_mut(&key(statement)).filter(|count| **count > 0) {
            *count -= 1;
            continue;
        }
        found.push(Finding {
            rule,
            path: path.to_owned(),
            line,
            removed: false,
            says: format!("Applying this migration: {says}"),
            instead: INSTEAD,
        });
    }
    if language == Language::Sql {
        let known = before.map(migration::opened_rows).unwrap_or_default();
        let is_new = |(_, table): &(usize, String)| !known.iter().any(|(_, old)| old == table);
        let opened = migration::opened_rows(after).into_iter().filter(is_new);
        found.extend(opened.map(|(line, table)| Finding {
            rule: "migration/row-security",
            path: path.to_owned(),
            line,
            removed: false,
            says: format!(
                "Applying this migration: Switches row-level security off for table {}: whoever \
                 may read it reads every row, whatever its policies say.",
                shown(&table)
            ),
            instead: "Leave it on, and give the role that needs more a policy of its own.",
        }));
    }
    found
}

/// Whether a text is a migration, by what every migration of its language has:
/// what writes and runs migrations lies in folders of that name, too.
fn is_one(text: &str, language: Language) -> bool {
    let signs: &[&str] = match language {
        Language::Sql => return true,
        Language::Python => &["class Migration(", "def upgrade(", "step(", "steps"],
        Language::Ruby => &["Migration[", "::Migration", "< Migration", "migration do"],
        Language::Script => {
            &["up(", "up (", "up=", "up =", "up:", "\"up\"", "'up'", "MigrationInterface", "addSql"]
        }
        Language::Php => &["function up", "function change", "addSql"],
    };
    signs.iter().any(|sign| text.contains(sign))
}

/// A migration that is too long to be read.
pub(super) fn unread(path: &str) -> Finding {
    Finding {
        rule: "migration/unread",
        path: path.to_owned(),
        line: 1,
        removed: false,
        says: format!("{} is a migration that is too long to be read.", shown(path)),
        instead: "Keep data apart from the migrations, and load it in pieces.",
    }
}

fn key(statement: Statement) -> (String, Option<String>) {
    (statement.operation.into_owned(), statement.object)
}

fn rule(operation: &str) -> &'static str {
    let has = |word: &str| operation.contains(word);
    match operation {
        _ if has("DROP COLUMN") => "migration/drop-column",
        _ if has("DROP TABLE") => "migration/drop-table",
        _ if has("DROP") => "migration/drop-schema",
        _ if has("TRUNCATE") => "migration/truncate",
        _ if has("DELETE") => "migration/delete-rows",
        _ if has("UPDATE") => "migration/update-rows",
        _ => "migration/destroys",
    }
}
