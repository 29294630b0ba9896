//! Puts holdpoint's entries into the settings of lefthook and of pre-commit:
//! whole lines, at the place where such an entry stands, so that comments and
//! layout stay as they are. The result is read as YAML before anybody sees it:
//! all that was there has to be there still. A file laid out otherwise is left
//! alone, and the person is told what to write. Text in, text out. Layouts by
//! lefthook 2.2.2, pre-commit 4.7.0 and prek 0.5.11.

use serde_yaml_ng::Value;

use super::lines;

/// How deep two readings are compared.
const MAX_DEPTH: usize = 60;

/// A line of a file: how far it is indented, and its text without a comment
/// line's.
struct Line<'a> {
    indent: usize,
    text: &'a str,
}

fn lines_of(text: &str) -> Vec<Line<'_>> {
    let line = |line| {
        let rest: &str = str::trim_start_matches(line, ' ');
        let text = if rest.starts_with('#') { "" } else { rest.trim_end() };
        Line { indent: line.len() - rest.len(), text }
    };
    text.split('\n').map(line).collect()
}

/// Whether a line is `key:` with its value on the lines below.
fn opens(line: &Line<'_>, key: &str) -> bool {
    let rest = line.text.strip_prefix(key).or_else(|| {
        let quoted = [format!("\"{key}\""), format!("'{key}'")];
        quoted.iter().find_map(|quoted| line.text.strip_prefix(quoted.as_str()))
    });
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix(':')) else { return false };
    rest.is_empty() || rest.trim_start().starts_with('#') && rest.starts_with([' ', '\t'])
}

/// The lines below `at` that belong to it: up to which one, and how far the
/// first of them is indented. A list may stand as far left as its key.
fn below(lines: &[Line<'_>], at: usize, list: bool) -> (usize, Option<usize>) {
    let own = lines.get(at).map_or(0, |line| line.indent);
    let inside = |line: &Line<'_>| {
        line.indent > own || (list && line.indent == own && line.text.starts_with('-'))
    };
    let rest = || lines.iter().enumerate().skip(at + 1).filter(|(_, line)| !line.text.is_empty());
    let end = rest().find(|(_, line)| !inside(line)).map_or(lines.len(), |(place, _)| place);
    let first = rest().next().filter(|(_, line)| inside(line)).map(|(_, line)| line.indent);
    (end, first)
}

fn indented(indent: usize, lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect()
}

/// lefthook's settings with holdpoint called for this event by `command`.
pub(super) fn lefthook(text: &str, event: &str, command: &str) -> Result<String, String> {
    let found = lines_of(text);
    let (run, stdin) = (format!("run: {command}"), "use_stdin: true");
    let named = |front: &str, lines: &[&str]| {
        let mut all = vec![front.to_owned()];
        all.extend(lines.iter().map(|line| format!("  {line}")));
        all
    };
    let put = |indent: usize, all: &[String]| {
        indented(indent, &all.iter().map(String::as_str).collect::<Vec<&str>>())
    };
    let entry = named("holdpoint:", &[&run, stdin]);
    let commands = |entry: &[String]| {
        let entry: Vec<&str> = entry.iter().map(String::as_str).collect();
        named("commands:", &entry)
    };
    let hook = found.iter().position(|line| line.indent == 0 && opens(line, event));
    let new = match hook {
        None => {
            let whole = commands(&entry);
            let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
            lines::with(text, found.len(), &named(&format!("{event}:"), &whole))
        }
        Some(hook) => {
            let (end, indent) = below(&found, hook, false);
            let indent = indent.unwrap_or(2);
            let child = |key: &str| {
                let range = found.iter().enumerate().take(end).skip(hook + 1);
                let mut range = range.filter(|(_, line)| line.indent == indent);
                range.find(|(_, line)| opens(line, key)).map(|(place, _)| place)
            };
            match (child("jobs"), child("commands")) {
                (Some(at), _) => {
                    let indent = below(&found, at, true).1.unwrap_or(indent + 2);
                    let item = named("- name: holdpoint", &[&run, stdin]);
                    lines::with(text, at + 1, &put(indent, &item))
                }
                (None, Some(at)) => {
                    let indent = below(&found, at, false).1.unwrap_or(indent + 2);
                    lines::with(text, at + 1, &put(indent, &entry))
                }
                (None, None) => lines::with(text, hook + 1, &put(indent, &commands(&entry))),
            }
        }
    };
    let value = checked(text, &new)?;
    let hook = value.get(event);
    let job =
        hook.and_then(|hook| hook.get("jobs")).and_then(Value::as_sequence).and_then(|jobs| {
            jobs.iter().find(|job| job.get("name").and_then(Value::as_str) == Some("holdpoint"))
        });
    let own = job.or_else(|| hook.and_then(|hook| hook.get("commands"))?.get("holdpoint"));
    let run = own.and_then(|own| own.get("run")).and_then(Value::as_str);
    if run != Some(command) { Err(unfit()) } else { Ok(new) }
}

/// pre-commit's settings with a repository of holdpoint's hooks, one for each
/// of these events.
pub(super) fn pre_commit(text: &str, events: &[&str], program: &str) -> Result<String, String> {
    let found = lines_of(text);
    let at = found.iter().position(|line| line.indent == 0 && opens(line, "repos"));
    let at = at.ok_or_else(unfit)?;
    let (mut end, indent) = below(&found, at, true);
    let indent = indent.unwrap_or(2);
    // Behind the last entry, not behind the comments of what follows.
    while end > at + 1 && found.get(end - 1).is_some_and(|line| line.text.is_empty()) {
        end -= 1;
    }
    let mut lines = vec!["- repo: local".to_owned(), "  hooks:".to_owned()];
    for event in events {
        let names = *event == "commit-msg";
        lines.extend([
            format!("    - id: holdpoint-{event}"),
            format!("      name: holdpoint {event}"),
            format!("      entry: {program} git-hook --shared {event}"),
            "      language: system".to_owned(),
            format!("      stages: [{event}]"),
            "      always_run: true".to_owned(),
            format!("      pass_filenames: {names}"),
        ]);
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let new = lines::with(text, end, &indented(indent, &lines));
    let value = checked(text, &new)?;
    let repos = value.get("repos").and_then(Value::as_sequence).ok_or_else(unfit)?;
    let ids = repos.iter().filter_map(|repo| repo.get("hooks")?.as_sequence()).flatten();
    let ids: Vec<&str> = ids.filter_map(|hook| hook.get("id")?.as_str()).collect();
    match events.iter().all(|event| ids.contains(&format!("holdpoint-{event}").as_str())) {
        true => Ok(new),
        false => Err(unfit()),
    }
}

fn unfit() -> String {
    "it is laid out in a way that holdpoint does not add to".to_owned()
}

/// The new text as a value, if it still says all that the old one did.
fn checked(old: &str, new: &str) -> Result<Value, String> {
    let read = |text: &str| {
        serde_yaml_ng::from_str::<Value>(text).map_err(|error| format!("it is no YAML: {error}"))
    };
    let (was, is) = (read(old)?, read(new)?);
    if holds(&is, &was, MAX_DEPTH) { Ok(is) } else { Err(unfit()) }
}

/// Whether all of `was` is in `is`.
fn holds(is: &Value, was: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return is == was };
    match (is, was) {
        (_, Value::Null) => true,
        (Value::Mapping(is), Value::Mapping(was)) => {
            was.iter().all(|(key, value)| is.get(key).is_some_and(|now| holds(now, value, depth)))
        }
        (Value::Sequence(is), Value::Sequence(was)) => {
            let mut rest = is.iter();
            was.iter().all(|value| rest.by_ref().any(|now| holds(now, value, depth)))
        }
        _ => is == was,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "holdpoint git-hook --shared pre-push {0}";

    #[test]
    fn lefthook_keeps_everything() {
        for text in [
            "",
            "# mine\n",
            "pre-commit:\n  parallel: true # as it was\n",
            "pre-push:\n",
            "pre-push: # note\n    # another\n    commands:\n        own: # here\n            run: x\n# end\n",
            "pre-push:\n  scripts:\n    \"a.sh\":\n      runner: bash",
            "pre-push:\n  parallel: true\n  jobs:\n    - name: a\n      run: x\n    - run: y\n",
            "pre-push:\n  jobs:\n  - run: y\n\npre-commit:\n  jobs:\n  - run: z\n",
            "\"pre-push\":\r\n  commands:\r\n    a:\r\n      run: x\r\n",
        ] {
            let new = lefthook(text, "pre-push", RUN).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert!(new.contains(RUN), "{new}");
            assert_eq!(lines::without(&new), text);
        }
        for text in [
            "pre-push: {commands: {a: {run: x}}}\n",
            "pre-push: *x\n",
            "- a\n",
            "pre-push:\n  commands: {}\n",
            "a: [\n",
        ] {
            assert!(lefthook(text, "pre-push", RUN).is_err(), "{text}");
        }
    }

    #[test]
    fn pre_commit_keeps_everything() {
        for text in [
            "repos:\n",
            "repos:\n- repo: x\n  rev: v1 # pinned\n  hooks:\n  - id: a\n",
            "# mine\nrepos: # all\n  - repo: x\n    rev: v1\n    hooks:\n      - id: a\n\n# what follows\nfail_fast: true\n",
            "fail_fast: true\nrepos:\n    - repo: x\n      hooks: [{id: a}]",
        ] {
            let events = ["pre-push", "commit-msg"];
            let new = pre_commit(text, &events, "holdpoint")
                .unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(lines::without(&new), text);
        }
        for text in ["repos: []\n", "a: 1\n", "repos: [{repo: local}]\n", ""] {
            assert!(pre_commit(text, &["pre-push"], "holdpoint").is_err(), "{text}");
        }
    }
}
