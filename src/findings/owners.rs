//! CODEOWNERS that no longer name anybody for migrations or infrastructure:
//! their review was what stood between such a change and production. An entry
//! whose owners change is somebody's decision to see in the review itself, and
//! no finding.

use std::collections::BTreeSet;

use super::{Finding, parts, shown};

const INSTEAD: &str = "Keep an owner for it; when the path has moved, own the new one in the same \
                       commit.";

/// Words of a path that holds what changes production.
const WORDS: &[&str] = &[
    "alembic",
    "charts",
    "compose",
    "deploy",
    "deployment",
    "helm",
    "holdpoint",
    "infra",
    "infrastructure",
    "k8s",
    "kubernetes",
    "migrate",
    "migration",
    "migrations",
    "prisma",
    "terraform",
    "tf",
];

/// The most entries that are compared.
const MOST: usize = 2_000;

/// Whether a path is where GitHub, GitLab and Gitea look for owners.
pub(super) fn concerns(path: &str) -> bool {
    let parts = parts(path);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    matches!(
        parts.as_slice(),
        ["codeowners"] | [".github" | ".gitlab" | ".gitea" | ".forgejo" | "docs", "codeowners"]
    )
}

/// An entry: its line and its pattern; none for a comment, a section, and a
/// pattern that takes owners away.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take(MOST);
    lines.filter_map(|(at, line)| {
        let line = line.split(" #").next()?.trim();
        let (pattern, owners) = line.split_once(char::is_whitespace)?;
        let entry = !line.starts_with(['#', '[', '^']) && owners.contains('@');
        entry.then_some((at + 1, pattern))
    })
}

/// The entries that a change takes away.
pub(super) fn owners(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let kept: BTreeSet<&str> = entries(after).map(|(_, pattern)| bare(pattern)).collect();
    // Whoever owns everything owns what lost its own entry.
    if kept.contains("*") || kept.contains("**") || kept.contains("") {
        return Vec::new();
    }
    let lost = entries(before).filter(|(_, pattern)| {
        let pattern = bare(pattern);
        let above = || kept.iter().any(|kept| pattern.starts_with(&format!("{kept}/")));
        is_grave(pattern) && !kept.contains(pattern) && !above()
    });
    let finding = |(line, pattern)| Finding {
        rule: "owners/removed",
        path: path.to_owned(),
        line,
        removed: true,
        says: format!("Nobody has to review changes to `{}` any more.", shown(pattern)),
        instead: INSTEAD,
    };
    lost.map(finding).collect()
}

/// A pattern without what only says that it is a folder.
fn bare(pattern: &str) -> &str {
    let pattern = pattern.trim_start_matches('/');
    pattern.trim_end_matches("/**").trim_end_matches("/*").trim_end_matches('/')
}

fn is_grave(pattern: &str) -> bool {
    let small = pattern.to_ascii_lowercase();
    small.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}
