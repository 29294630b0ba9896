//! A project's own policy that says less than before: an entry of
//! `.holdpoint.toml` that is gone, or that stops less. An entry counts as kept
//! if one of the new ones covers all that it did. A file that no longer can be
//! read is not looser: it counts as strict until it is mended.

use toml::{Table, Value};

use super::{Finding, about, hooks, line_where, parts, shown};

const INSTEAD: &str =
    "Have a person who knows why the entry is there take it out, in a commit of its own.";

/// Lists that a policy may hold.
const LISTS: &[&str] = &["environment", "rule", "protect"];

/// Keys that say what an entry is called, and nothing of what it does.
const TALK: &[&str] = &["name", "why"];

/// The most entries of a list that are compared.
const MOST: usize = 500;

/// Whether a path is a policy's or holds calls of holdpoint.
pub(super) fn concerns(path: &str) -> bool {
    is_policy(path) || hooks::concerns(path)
}

fn is_policy(path: &str) -> bool {
    parts(path).last().is_some_and(|name| name == ".holdpoint.toml")
}

/// What a change takes away from the guard itself.
pub(super) fn policy(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    if !is_policy(path) {
        return hooks::hooks(path, before, after);
    }
    let Some(text) = before else { return Vec::new() };
    let finding = about(path, INSTEAD);
    let Some(after) = after else {
        let says = "The project's policy is gone, and everything that it protects with it.";
        return vec![finding("policy/removed", 1, true, says.to_owned())];
    };
    let (Ok(old), Ok(new)) = (text.parse::<Table>(), after.parse::<Table>()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for list in LISTS {
        let entries = |table: &Table| -> Vec<Table> {
            let list = table.get(*list).and_then(Value::as_array);
            let tables = list.into_iter().flatten().filter_map(Value::as_table);
            tables.take(MOST).cloned().collect()
        };
        let kept = entries(&new);
        for (at, entry) in entries(&old).iter().enumerate() {
            if kept.iter().any(|other| covers(other, entry)) {
                continue;
            }
            let named = entry.get("name").and_then(Value::as_str);
            let called =
                named.map_or(format!("number {}", at + 1), |name| format!("`{}`", shown(name)));
            let says =
                format!("The policy's [[{list}]] {called} is gone, or stops less than before.");
            found.push(finding("policy/loosened", line_of(text, list, at), true, says));
        }
    }
    for (key, says) in [
        ("mode", "The policy is no longer strict."),
        ("audit", "The policy no longer has every write recorded."),
        ("actors", "The policy no longer knows an agent that it knew."),
    ] {
        let (Some(old), new) = (old.get(key), new.get(key)) else { continue };
        if !new.is_some_and(|new| has_all(new, old)) {
            let line = line_where(text, 1, |line| line.contains(key));
            found.push(finding("policy/loosened", line, true, says.to_owned()));
        }
    }
    found
}

/// Whether a value holds all of another: the same, or a list, table or glob
/// list with more.
fn has_all(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Table(new), Value::Table(old)) => {
            old.iter().all(|(key, old)| new.get(key).is_some_and(|new| has_all(new, old)))
        }
        _ => words(old).iter().all(|old| words(new).contains(old)),
    }
}

/// A value as a list: one value is a list of one.
fn words(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

/// Whether an entry stops all that another did. What it names may only grow;
/// what limits it may not be added.
fn covers(new: &Table, old: &Table) -> bool {
    let both = new.keys().chain(old.keys());
    both.filter(|key| !TALK.contains(&key.as_str())).all(|key| {
        match (key.as_str(), new.get(key), old.get(key)) {
            ("when", new, old) => narrower(new, old),
            ("platform", None, _) => true,
            ("verdict", new, old) => strength(new) >= strength(old),
            ("platform", Some(_), None) => false,
            // More names, or another kind of them, is more that is protected;
            // but beside `object`, `target` limits.
            ("object" | "target", Some(_), None) => false,
            ("object" | "target", None, Some(_)) => {
                new.keys().any(|key| key == "object" || key == "target")
            }
            (_, Some(_), None) => true,
            (_, None, Some(old)) => *old == Value::Boolean(false),
            (_, Some(new), Some(old)) => has_all(new, old),
            (_, None, None) => true,
        }
    })
}

/// Whether every condition of the new ones held already, with as much in it.
fn narrower(new: Option<&Value>, old: Option<&Value>) -> bool {
    let Some(new) = new.and_then(Value::as_table) else { return true };
    let Some(old) = old.and_then(Value::as_table) else { return new.is_empty() };
    new.iter().all(|(key, new)| {
        let empty = matches!(new, Value::Array(items) if items.is_empty());
        empty || old.get(key).is_some_and(|old| has_all(new, old))
    })
}

/// How strict a verdict's word is; a `[[protect]]` without one refuses.
fn strength(verdict: Option<&Value>) -> u8 {
    match verdict.and_then(Value::as_str) {
        Some("allow") => 0,
        Some("confirm") => 1,
        _ => 2,
    }
}

/// The line of an entry of a list.
fn line_of(text: &str, list: &str, at: usize) -> usize {
    let head = format!("[[{list}]]");
    let heads = text.lines().enumerate().filter(|(_, line)| {
        let line: String = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        line == head
    });
    heads.map(|(at, _)| at + 1).nth(at).unwrap_or(1)
}
