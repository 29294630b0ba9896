//! A settings file's text as it would be once a tool has set one key in it:
//! JSON, TOML, YAML, INI, git's settings or a bare word. Text in, text out,
//! meant for holdpoint's own readers and not for people: comments and layout
//! are lost, and nothing is ever written.

use serde_json::{Map, Value};

use super::git_config;
use super::settings::{self, Format};

/// The most steps of a key.
const MAX_STEPS: usize = 16;

/// A key's steps, and what it is set to.
pub type Edit<'a> = (&'a [String], &'a str);

/// The text with keys set, one after the other. A step `*` is every entry of a
/// list, a number an element of it, and `[a,b=x]` the element of which `a` or `b` is
/// `x`, which is added where there is none. `true` and `false` are truth
/// values where the format has them.
///
/// # Errors
/// A clause that says why it cannot be done: the text is not of this format,
/// or something else stands where the key leads.
pub fn set_all(text: &[u8], format: Format, edits: &[Edit<'_>]) -> Result<Vec<u8>, String> {
    if edits.iter().any(|(key, _)| key.len() > MAX_STEPS) {
        return Err("the key has too many steps".to_owned());
    }
    let empty = text.trim_ascii().is_empty();
    let lossy = || String::from_utf8_lossy(text);
    let mut tree: Value = match format {
        Format::Text => {
            return Ok(edits.last().map_or(text.to_vec(), |(_, value)| value.as_bytes().to_vec()));
        }
        Format::Ini => {
            let set = |text: Vec<u8>, (key, value): &Edit<'_>| {
                ini(&String::from_utf8_lossy(&text), key, value)
            };
            return edits.iter().try_fold(text.to_vec(), set);
        }
        Format::Git => {
            let set = |text: Vec<u8>, (key, value): &Edit<'_>| {
                git(&String::from_utf8_lossy(&text), &key.join("."), value)
            };
            return Ok(edits.iter().fold(text.to_vec(), set));
        }
        _ if empty => Value::Object(Map::new()),
        Format::Json => {
            // A byte-order mark, as az writes one.
            let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            serde_json::from_slice(text).map_err(|_| "it is not JSON".to_owned())?
        }
        Format::Toml => toml::from_str(&lossy()).map_err(|_| "it is not TOML".to_owned())?,
        Format::Yaml => settings::yaml(text)?,
    };
    edits.iter().try_for_each(|(key, value)| put(&mut tree, key, value))?;
    match format {
        Format::Toml => toml::to_string(&tree).map(String::into_bytes).map_err(|e| e.to_string()),
        // JSON is YAML, too.
        _ => serde_json::to_vec(&tree).map_err(|error| error.to_string()),
    }
}

fn put(tree: &mut Value, key: &[String], value: &str) -> Result<(), String> {
    let Some((step, rest)) = key.split_first() else {
        *tree = match value {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => Value::String(text.to_owned()),
        };
        return Ok(());
    };
    if let Some((names, wanted)) = selector(step) {
        if tree.is_null() {
            *tree = Value::Array(Vec::new());
        }
        let Value::Array(list) = tree else { return Err("there is no list".to_owned()) };
        // Where several keys may name it, case makes no difference.
        let same = |text: &str| match names.contains(',') {
            true => text.eq_ignore_ascii_case(wanted),
            false => text == wanted,
        };
        let is = |one: &&mut Value| {
            let text = |name: &str| one.get(name).and_then(Value::as_str);
            names.split(',').any(|name| text(name).is_some_and(same))
        };
        if let Some(one) = list.iter_mut().find(is) {
            return put(one, rest, value);
        }
        let named =
            names.split(',').map(|name| (name.to_owned(), Value::String(wanted.to_owned())));
        let mut one = Value::Object(named.collect());
        put(&mut one, rest, value)?;
        list.push(one);
        return Ok(());
    }
    match tree {
        Value::Array(list) if step == "*" => {
            list.iter_mut().try_for_each(|one| put(one, rest, value))
        }
        Value::Array(list) => {
            let place: usize = step.parse().map_err(|_| "a list stands there".to_owned())?;
            let one = list.get_mut(place).ok_or_else(|| "the list is shorter".to_owned())?;
            put(one, rest, value)
        }
        Value::Null if step == "*" => Ok(()),
        Value::Object(map) if step == "*" => {
            map.values_mut().try_for_each(|one| put(one, rest, value))
        }
        Value::Object(map) => put(map.entry(step.as_str()).or_insert(Value::Null), rest, value),
        Value::Null => {
            let mut map = Map::new();
            put(map.entry(step.as_str()).or_insert(Value::Null), rest, value)?;
            *tree = Value::Object(map);
            Ok(())
        }
        _ => Err("a value stands where the key goes on".to_owned()),
    }
}

/// `[name=x]` taken apart.
fn selector(step: &str) -> Option<(&str, &str)> {
    step.strip_prefix('[')?.strip_suffix(']')?.split_once('=')
}

/// An INI text with one key set: its old lines, with those that go on with
/// them, are taken out.
fn ini(text: &str, key: &[String], value: &str) -> Result<Vec<u8>, String> {
    let [section, key] = key else { return Err("a key has a section and a name".to_owned()) };
    if value.contains('\n') || section.contains(['\n', ']']) || key.contains(['\n', '=', ':']) {
        return Err("it is no key or value of such a file".to_owned());
    }
    let entry = format!("{key} = {value}\n");
    let mut out = String::with_capacity(text.len() + entry.len());
    let (mut inside, mut found, mut dropping) = (false, false, false);
    for line in text.lines() {
        let trimmed = line.trim();
        let goes_on = line.starts_with([' ', '\t']) && !trimmed.is_empty();
        dropping &= goes_on;
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name == section;
            out.push_str(line);
            out.push('\n');
            if inside && !found {
                found = true;
                out.push_str(&entry);
            }
            continue;
        }
        let name = trimmed.split(['=', ':']).next().unwrap_or_default().trim();
        dropping |= inside && !goes_on && name.eq_ignore_ascii_case(key);
        if !dropping {
            out.push_str(line);
            out.push('\n');
        }
    }
    if !found {
        out.push_str(&format!("[{section}]\n{entry}"));
    }
    Ok(out.into_bytes())
}

/// A text of git's settings with one of them set, and no other of that name.
/// The section keeps its place, so that a plain INI reader can read it, too.
fn git(text: &str, name: &str, value: &str) -> Vec<u8> {
    let name = git_config::canonical(name);
    let (section, key) = name.rsplit_once('.').unwrap_or(("", &name));
    let header = match section.split_once('.') {
        Some((section, middle)) => format!("[{section} \"{}\"]\n", quoted(middle)),
        None => format!("[{section}]\n"),
    };
    let plain = |letter: char| letter.is_ascii_graphic() && !"\"\\#;".contains(letter);
    let value = match value.chars().all(plain) {
        true => value.to_owned(),
        false => {
            format!("\"{}\"", quoted(value).replace('\n', "\\n").replace('\t', "\\t"))
        }
    };
    let entry = format!("{key} = {value}\n");
    let mut out = String::with_capacity(text.len() + header.len() + entry.len());
    let (mut inside, mut found) = (false, false);
    for line in text.lines() {
        if line.trim_start().starts_with('[') {
            let one = git_config::parse(&format!("{line}\nx\n"));
            let own = one.first().and_then(|entry| entry.name.strip_suffix(".x"));
            inside = own == Some(section);
            out.push_str(line);
            out.push('\n');
            if inside && !found {
                found = true;
                out.push_str(&entry);
            }
            continue;
        }
        let name = line.split('=').next().unwrap_or_default().trim();
        if !(inside && name.eq_ignore_ascii_case(key)) {
            out.push_str(line);
            out.push('\n');
        }
    }
    if !found {
        out.push_str(&header);
        out.push_str(&entry);
    }
    out.into_bytes()
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(before: &str, format: &str, key: &[&str], value: &str) -> Result<String, String> {
        let key: Vec<String> = key.iter().map(|step| (*step).to_owned()).collect();
        let format = Format::from_word(format).unwrap();
        set_all(before.as_bytes(), format, &[(&key, value)])
            .map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn a_key_is_set_and_found_again_in_each_format() {
        for (before, format, key) in [
            ("", "json", &["a", "b"][..]),
            (r#"{"a": {"b": "old", "c": 1}}"#, "json", &["a", "b"]),
            ("", "toml", &["a", "b"]),
            ("when = 1979-05-27\n[a]\nb = 'old'\n", "toml", &["a", "b"]),
            ("", "yaml", &["a", "b"]),
            ("a:\n  b: old\n", "yaml", &["a", "b"]),
            ("a: null\n", "yaml", &["a", "b"]),
            ("", "ini", &["a", "b"]),
            ("[a]\nb = old\n more\nc = 1\n[d]\nb = other\n", "ini", &["a", "b"]),
            ("old\n", "text", &[]),
            ("", "git", &["a", "b"]),
            ("[a]\n\tb = old\n", "git", &["a", "b"]),
        ] {
            let after = text(before, format, key, "new").unwrap();
            let found = settings::find(after.as_bytes(), Format::from_word(format).unwrap(), key);
            assert_eq!(found, Ok(Some("new".to_owned())), "{format} {before:?} → {after:?}");
            assert!(!after.contains("old"), "{after}");
        }
    }

    #[test]
    fn the_rest_of_a_file_stays() {
        let after = text("[a]\nb = old\n more\nc = 1\n[d]\nb = other\n", "ini", &["a", "b"], "new");
        assert_eq!(after.unwrap(), "[a]\nb = new\nc = 1\n[d]\nb = other\n");
        let remote =
            "[remote \"origin\"]\n\turl = git@x:a/b\n\tfetch = +refs/*\n[push]\n\tdefault\n";
        let after = text(remote, "git", &["remote.origin.url"], "a \"b\"").unwrap();
        let entries = git_config::parse(&after);
        let all: Vec<(&str, Option<&str>)> =
            entries.iter().map(|one| (one.name.as_str(), one.value.as_deref())).collect();
        assert_eq!(
            all,
            [
                ("remote.origin.url", Some("a \"b\"")),
                ("remote.origin.fetch", Some("+refs/*")),
                ("push.default", None),
            ]
        );
    }

    #[test]
    fn elements_are_chosen_by_name() {
        let list = r#"{"s":[{"id":"1","name":"a","on":true},{"id":"2","name":"b","on":false}]}"#;
        let off = text(list, "json", &["s", "*", "on"], "false").unwrap();
        let on = text(&off, "json", &["s", "[id,name=B]", "on"], "true").unwrap();
        assert_eq!(
            on,
            r#"{"s":[{"id":"1","name":"a","on":false},{"id":"2","name":"b","on":true}]}"#
        );
        let new = text("{}", "json", &["s", "[id,name=x]", "on"], "true").unwrap();
        assert_eq!(new, r#"{"s":[{"id":"x","name":"x","on":true}]}"#);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        for (before, format, key) in [
            ("{", "json", &["a"][..]),
            (r#"{"a": "x"}"#, "json", &["a", "b"]),
            (r#"{"a": []}"#, "json", &["a", "b"]),
            (r#"{"a": {}}"#, "json", &["a", "[b=c]"]),
            ("a", "toml", &["a"]),
            ("a: [", "yaml", &["a"]),
            ("", "ini", &["a"]),
        ] {
            assert!(text(before, format, key, "new").is_err(), "{format} {before}");
        }
    }
}
