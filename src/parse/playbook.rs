//! Ansible's playbooks and task files: YAML → values, a task's module and its
//! parameters, templates with what is not known left out, and which tags are
//! run. Text in, structure out; follows no file and knows no module.
//!
//! Source: ansible-core 2.19.14 (`parsing/splitter.py`, `playbook/task.py`,
//! `playbook/taggable.py`); tests/ansible.rs compares with `--list-tasks`.

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

use crate::invocation::HOLE;

/// How deep values may hold one another.
const DEPTH: usize = 64;

/// What may stand in a task beside its module.
const KEYWORDS: &[&str] = &[
    "any_errors_fatal",
    "args",
    "async",
    "become",
    "become_exe",
    "become_flags",
    "become_method",
    "become_user",
    "changed_when",
    "check_mode",
    "collections",
    "connection",
    "debugger",
    "delay",
    "delegate_facts",
    "delegate_to",
    "diff",
    "environment",
    "failed_when",
    "ignore_errors",
    "ignore_unreachable",
    "listen",
    "loop",
    "loop_control",
    "module_defaults",
    "name",
    "no_log",
    "notify",
    "poll",
    "port",
    "register",
    "remote_user",
    "retries",
    "run_once",
    "tags",
    "throttle",
    "timeout",
    "until",
    "vars",
    "when",
];

/// Modules whose text is a command, and the words in it that are parameters.
const FREE: &[&str] = &["command", "raw", "script", "shell", "win_command", "win_shell"];
const BESIDE: &[&str] = &[
    "chdir",
    "creates",
    "executable",
    "removes",
    "stdin",
    "stdin_add_newline",
    "strip_empty_ends",
    "warn",
];

/// One document of YAML. What is encrypted (`!vault`) is a hole.
///
/// # Errors
/// Says why it cannot be read: a clause.
pub fn read(text: &[u8]) -> Result<Value, String> {
    use serde::Deserialize;
    let mut documents = serde_yaml_ng::Deserializer::from_slice(text);
    let Some(first) = documents.next() else { return Ok(Value::Null) };
    let yaml = Yaml::deserialize(first).map_err(|_| "it is not YAML".to_owned())?;
    if documents.next().is_some() {
        return Err("it holds several documents".to_owned());
    }
    Ok(plain(yaml, DEPTH))
}

fn plain(yaml: Yaml, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return Value::Null };
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => match number.as_i64() {
            Some(number) => Value::from(number),
            None => Value::String(number.to_string()),
        },
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(list) => list.into_iter().map(|one| plain(one, depth)).collect(),
        Yaml::Mapping(map) => {
            let pairs = map.into_iter().map(|(key, value)| {
                let key = match key {
                    Yaml::String(key) => key,
                    other => shown(&plain(other, 1)).unwrap_or_default(),
                };
                (key, plain(value, depth))
            });
            Value::Object(pairs.collect())
        }
        Yaml::Tagged(tagged) if tagged.tag == "vault" => Value::String(HOLE.to_owned()),
        Yaml::Tagged(tagged) => plain(tagged.value, depth),
    }
}

/// A plain value as Ansible gives it to a module: `yes` is `true` in YAML 1.1.
pub fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Whether a value is one of YAML 1.1's and Ansible's words for true.
pub fn is_true(text: &str) -> bool {
    ["1", "on", "t", "true", "y", "yes"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A task: its module without the collection in front, and what it is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Its name, as the file has it.
    pub name: String,
    /// The module: `postgresql_db`.
    pub module: String,
    /// The text that is no parameter: a command's line.
    pub free: String,
    /// The parameters.
    pub args: Map<String, Value>,
    /// Whether `local_action` says that it runs here.
    pub local: bool,
}

/// The task in a mapping; none in one that has no module (a block, an import
/// of another playbook).
pub fn task(map: &Map<String, Value>) -> Option<Task> {
    let name = map.get("name").and_then(shown).unwrap_or_default();
    let mut task = Task { name, ..Task::default() };
    let mut given = None;
    for (key, value) in map {
        match key.as_str() {
            "action" | "local_action" => {
                task.local = key == "local_action";
                given = Some(match value {
                    Value::String(text) => {
                        let (module, rest) = text.trim().split_once(' ').unwrap_or((text, ""));
                        (module.trim().to_owned(), Value::String(rest.to_owned()))
                    }
                    Value::Object(inner) => {
                        let module = inner.get("module").and_then(shown).unwrap_or_default();
                        (module, value.clone())
                    }
                    _ => return None,
                });
            }
            key if KEYWORDS.contains(&key) || key.starts_with("with_") => {}
            key => {
                given.get_or_insert_with(|| (key.to_owned(), value.clone()));
            }
        }
    }
    let (module, value) = given?;
    module.rsplit('.').next().unwrap_or_default().clone_into(&mut task.module);
    match value {
        Value::String(text) => {
            let free = FREE.contains(&task.module.as_str());
            (task.args, task.free) = words(&text, free);
        }
        Value::Object(args) => task.args = args,
        _ => {}
    }
    if let Some(Value::Object(more)) = map.get("args") {
        for (key, value) in more {
            task.args.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    if let Some(text) = task.args.remove("_raw_params").as_ref().and_then(shown) {
        task.free = text;
    }
    Some(task)
}

/// A task's text: `path=/x state=absent`, and what is no parameter. Of a
/// command (`free`) only a few words are parameters.
pub fn words(text: &str, free: bool) -> (Map<String, Value>, String) {
    let mut args = Map::new();
    // The spaces between words stay as they are written.
    let mut rest = String::new();
    let mut end = 0;
    for (at, word) in split(text) {
        let gap = text.get(end..at).unwrap_or_default();
        end = at + word.len();
        match word.split_once('=') {
            Some((key, value)) if !key.is_empty() && (!free || BESIDE.contains(&key)) => {
                let value = value.trim();
                let inside = ['"', '\''].into_iter().find_map(|quote| {
                    value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
                });
                let value = inside.unwrap_or(value).to_owned();
                args.insert(key.trim().to_owned(), Value::String(value));
            }
            _ => {
                rest.push_str(if rest.is_empty() { "" } else { gap });
                rest.push_str(word);
            }
        }
    }
    (args, rest)
}

/// The words of a text at spaces and line ends, quotes and templates kept
/// whole, each with where it begins.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut from = None;
    let mut quote = None;
    let mut braces = 0_usize;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open && before != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if before != '\\' => quote = Some(letter),
            (None, '{' | '%') if before == '{' => braces += 1,
            (None, '}') if before == '}' || before == '%' => braces = braces.saturating_sub(1),
            _ => {}
        }
        let is_space = letter.is_whitespace() && quote.is_none() && braces == 0;
        match from {
            None if !is_space => from = Some(at),
            Some(start) if is_space => {
                words.extend(text.get(start..at).map(|word| (start, word)));
                from = None;
            }
            _ => {}
        }
        before = letter;
    }
    words.extend(from.and_then(|start| Some((start, text.get(start..)?))));
    words
}

/// A text with what its templates stand for, as far as `known` says it or a
/// literal default does; a hole for everything else.
pub fn filled(text: &str, known: &dyn Fn(&str) -> Option<String>) -> String {
    if text.contains("{%") {
        return HOLE.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once("{{") {
        out.push_str(front);
        let (inside, after) = behind.split_once("}}").unwrap_or((behind, ""));
        let mut pipes = inside.split('|').map(str::trim);
        let name = pipes.next().unwrap_or_default();
        let literal = || {
            let text = pipes.find_map(|filter| {
                let inside = filter.strip_prefix("default(").or(filter.strip_prefix("d("))?;
                inside.split([')', ',']).next()
            })?;
            let text = text.trim();
            let bare = text.trim_matches(['"', '\'']);
            (bare.len() + 2 == text.len()).then(|| bare.to_owned())
        };
        out.push_str(&known(name).or_else(literal).unwrap_or_else(|| HOLE.to_owned()));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The tags in a value: a list, or texts with commas.
pub fn tags(value: Option<&Value>) -> Vec<String> {
    let all: Vec<String> = match value {
        Some(Value::Array(list)) => list.iter().filter_map(shown).collect(),
        Some(other) => shown(other).into_iter().collect(),
        None => Vec::new(),
    };
    let each = all.iter().flat_map(|text| text.split(','));
    each.map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
}

/// Whether a task with these tags is run, by `--tags` (none: `all`) and
/// `--skip-tags`. A tag that is not known may be any.
pub fn runs(own: &[String], only: &[String], skip: &[String]) -> bool {
    if own.iter().any(|tag| tag.contains("{{")) {
        return true;
    }
    let has = |name: &str| own.iter().any(|tag| tag == name);
    let meets = |others: &[String]| {
        others.iter().any(|other| match other.as_str() {
            "untagged" => own.is_empty(),
            other => has(other),
        })
    };
    let names = |list: &[String], name: &str| list.iter().any(|tag| tag == name);
    let all = only.is_empty() || names(only, "all");
    let asked = has("always")
        || (all && !has("never"))
        || meets(only)
        || (names(only, "tagged") && !own.is_empty() && !has("never"));
    let skipped = match names(skip, "all") {
        true => !has("always") || names(skip, "always"),
        false => meets(skip) || (names(skip, "tagged") && !own.is_empty()),
    };
    asked && !skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Task {
        let value = read(text.as_bytes()).unwrap();
        task(value.as_object().unwrap()).unwrap()
    }

    #[test]
    fn a_task_is_its_module_and_parameters() {
        for (text, module, free, arg) in [
            ("ansible.builtin.shell: rm -rf /x chdir=/srv a=b", "shell", "rm -rf /x a=b", None),
            ("shell:\n  cmd: ls\n  chdir: /srv", "shell", "", Some(("cmd", "ls"))),
            ("file: path='/var/x y' state=absent", "file", "", Some(("path", "/var/x y"))),
            ("name: a\nwhen: x\nfile:\n  path: /x\ntags: b", "file", "", Some(("path", "/x"))),
            ("action: file path=/x state={{ s }}", "file", "", Some(("state", "{{ s }}"))),
            ("local_action:\n  module: file\n  path: /x", "file", "", Some(("path", "/x"))),
            (
                "command: echo 'a  b'\nargs:\n  chdir: /x",
                "command",
                "echo 'a  b'",
                Some(("chdir", "/x")),
            ),
            (
                "shell: psql -c \"drop table {{ a b }}\"",
                "shell",
                "psql -c \"drop table {{ a b }}\"",
                None,
            ),
        ] {
            let task = of(text);
            assert_eq!((task.module.as_str(), task.free.as_str()), (module, free), "{text}");
            if let Some((key, value)) = arg {
                assert_eq!(task.args.get(key).and_then(shown).as_deref(), Some(value), "{text}");
            }
        }
        assert!(of("local_action: ping").local);
        assert!(task(&Map::new()).is_none());
        let vault = read(b"a: !vault |\n  $ANSIBLE_VAULT;1.1\nb: !unsafe '{{ x }}'").unwrap();
        assert_eq!(vault["a"], HOLE);
        assert_eq!(vault["b"], "{{ x }}");
        assert!(read(b"a: [").is_err());
        assert!(read(b"a: 1\n---\nb: 2\n").is_err());
    }

    #[test]
    fn templates_are_filled_as_far_as_they_are_known() {
        let known = |name: &str| (name == "db").then(|| "shop".to_owned());
        for (text, want) in [
            ("a {{ db }} b", "a shop b"),
            ("{{ other }}/x", "\u{FFFC}/x"),
            ("{{ item.state | default('present') }}", "present"),
            ("{{ x | default(omit) }}", "\u{FFFC}"),
            ("{% if x %}a{% endif %}", "\u{FFFC}"),
            ("{{ a", "\u{FFFC}"),
            ("plain", "plain"),
        ] {
            assert_eq!(filled(text, &known), want, "{text}");
        }
    }

    #[test]
    fn tags_choose_what_is_run() {
        let list = |text: &str| tags(Some(&Value::String(text.to_owned())));
        for (own, only, skip, want) in [
            ("", "", "", true),
            ("a", "a", "", true),
            ("a", "b", "", false),
            ("", "b", "", false),
            ("always", "b", "", true),
            ("never", "", "", false),
            ("never,a", "", "", false),
            ("never,a", "a", "", true),
            ("a", "", "a", false),
            ("a,b", "b", "a", false),
            ("always", "", "always", false),
            ("", "tagged", "", false),
            ("a", "tagged", "", true),
            ("a", "untagged", "", false),
            ("", "untagged", "", true),
            ("a", "", "all", false),
            ("always", "", "all", true),
            ("{{ x }}", "b", "", true),
        ] {
            assert_eq!(runs(&list(own), &list(only), &list(skip)), want, "{own}|{only}|{skip}");
        }
    }
}
