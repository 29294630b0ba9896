//! The parameters of an operation, as far as they can be told without the
//! operation's own model: which were given, with which values, on the command
//! line or in `--cli-input-json` and `--cli-input-yaml`. The command line overrides the file.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use serde_json::Value as Json;

use crate::actions::Handed;
use crate::invocation::{Context, Input};
use crate::parse::argv::{Value, Word};
use crate::parse::{settings, shorthand};
use crate::target::aws::path;

use super::grammar;
use super::table::Parameter;
use super::values::{DEPTH, is, json_values, text_values};

/// The most bytes of a parameter's file that are read.
const LIMIT: usize = 1 << 20;

/// The system's names of standard input; the CLI has none of its own.
const STANDARD_INPUT: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Switches of operations that run code: what is computed behind one is no
/// value of it, and may be a parameter of its own.
const SWITCHES: [&str; 8] = [
    "continue-after-timeout",
    "include-result-metadata",
    "interactive",
    "no-continue-after-timeout",
    "no-include-result-metadata",
    "no-with-event",
    "non-interactive",
    "with-event",
];

/// A parameter as given on the command line.
#[derive(Clone, Debug)]
pub struct Param<'a> {
    /// Its name as typed, without the dashes in front: perhaps abbreviated.
    pub name: &'a str,
    /// The words behind it, and the value attached to it.
    pub values: Vec<Value<'a>>,
}

/// The parameters of one command.
#[derive(Debug, Default)]
pub struct Params<'a> {
    /// Those on the command line, in order.
    pub given: Vec<Param<'a>>,
    /// The object in `--cli-input-json` or `--cli-input-yaml`.
    input: Option<Json>,
    /// Why not everything could be read: a clause.
    pub unreadable: Option<String>,
    /// Files that were read and must be handed on.
    pub handed: Vec<Handed>,
}

/// What is known of one parameter.
enum Setting<'p, 'a> {
    Absent,
    Given(&'p Param<'a>),
    Off,
    Input(&'p Json),
}

impl<'a> Params<'a> {
    /// Tells an operation's words apart, and reads its input file if it has
    /// one.
    pub fn read(rest: &[Word<'a>], context: Context<'_>) -> Params<'a> {
        let mut params = Params::default();
        let mut stray = None;
        for (at, word) in rest.iter().enumerate() {
            let bytes = word.text.as_bytes();
            if bytes == b"--" {
                break;
            }
            match name(word.text) {
                Some((name, attached)) => {
                    let values = attached.and_then(|at| grammar::part(*word, at));
                    params.given.push(Param { name, values: values.into_iter().collect() });
                }
                None => {
                    let behind = at.checked_sub(1).and_then(|at| rest.get(at));
                    let bound = behind
                        .and_then(|word| name(word.text))
                        .is_some_and(|(name, _)| !SWITCHES.contains(&name));
                    if word.dynamic && !bound && bytes.starts_with(b"$") {
                        stray = Some(word);
                    }
                    if let Some(param) = params.given.last_mut() {
                        param.values.extend(grammar::part(*word, 0));
                    }
                }
            }
        }
        if stray.is_some() {
            params.unreadable = Some("words computed at run time may hold any parameter".into());
        }
        params.read_input(context);
        params
    }

    fn read_input(&mut self, context: Context<'_>) {
        let own = |param: &&Param<'_>| param.name.len() > "cli-input-".len();
        let (param, yaml) = match self.given("cli-input-yaml").filter(own) {
            Some(param) => (param, true),
            None => match self.given("cli-input-json") {
                Some(param) => (param, false),
                None => return,
            },
        };
        let Some(value) = param.values.first().copied() else { return };
        let text = match read(value, context) {
            Ok((text, handed)) => {
                self.handed.extend(handed);
                text
            }
            Err(why) => {
                self.unreadable = Some(why);
                return;
            }
        };
        let parsed = match yaml {
            // The CLI merges what `<<` names; the library here does not.
            true if text.contains("<<") => Err("its YAML input merges values".to_owned()),
            true => settings::yaml(text.as_bytes()).map_err(|_| "its input is not YAML".to_owned()),
            false => serde_json::from_str(&text).map_err(|_| "its input is not JSON".to_owned()),
        };
        match parsed {
            Ok(json) => self.input = Some(json),
            Err(why) => self.unreadable = Some(why),
        }
    }

    /// The last parameter given under this name or a beginning of it.
    fn given(&self, name: &str) -> Option<&Param<'a>> {
        self.given.iter().rev().find(|param| name.starts_with(param.name))
    }

    fn setting(&self, name: &str) -> Setting<'_, 'a> {
        let negated = |typed: &str| {
            typed.strip_prefix("no-").is_some_and(|rest| !rest.is_empty() && name.starts_with(rest))
        };
        for param in self.given.iter().rev() {
            if name.starts_with(param.name) {
                return Setting::Given(param);
            }
            if negated(param.name) {
                return Setting::Off;
            }
        }
        match self.input.as_ref().and_then(|input| member_like(input, name)) {
            Some(json) => Setting::Input(json),
            None => Setting::Absent,
        }
    }

    /// Whether the switch of this name is on by the command line alone: the
    /// last of `--x` and `--no-x` counts. Only for names that are no other
    /// parameter's beginning; `least` is the shortest form that is accepted.
    pub fn is_on(&self, name: &str, least: usize) -> bool {
        let relevant = |param: &&Param<'a>| {
            let typed = param.name.strip_prefix("no-").unwrap_or(param.name);
            typed.len() >= least && name.starts_with(typed)
        };
        self.given
            .iter()
            .rev()
            .find(relevant)
            .is_some_and(|param| !param.name.starts_with("no-") && param.values.is_empty())
    }

    /// Whether a parameter of this name, or a beginning of at least `least`
    /// letters, was given at all.
    pub fn has(&self, name: &str, least: usize) -> bool {
        self.given.iter().any(|param| param.name.len() >= least && name.starts_with(param.name))
    }

    /// Whether a parameter of this name was given at all, or may have been.
    pub fn is_named(&self, name: &str) -> bool {
        self.unreadable.is_some() || !matches!(self.setting(name), Setting::Absent)
    }

    /// The texts that a parameter stands for: typed, in a file, or in the
    /// input; a list has several. None if they are not all known, or if words
    /// computed at run time may hold others.
    pub fn texts(&mut self, name: &str, context: Context<'_>) -> Option<Vec<String>> {
        if self.unreadable.is_some() {
            return None;
        }
        let mut texts = Vec::new();
        let mut handed = Vec::new();
        match self.setting(name) {
            Setting::Given(param) => {
                for value in &param.values {
                    let (text, copy) = read(*value, context).ok()?;
                    handed.extend(copy);
                    texts.push(text);
                }
            }
            Setting::Input(Json::String(text)) => texts.push(text.clone()),
            Setting::Input(Json::Array(list)) => {
                for text in list {
                    texts.push(text.as_str()?.to_owned());
                }
            }
            Setting::Absent | Setting::Off | Setting::Input(_) => {}
        }
        self.handed.extend(handed);
        (!texts.is_empty()).then_some(texts)
    }

    /// What a map of lists holds under one key, as `--parameters` of the
    /// document commands has it, in JSON or in the shorthand; none if it is not
    /// given or not plain.
    pub fn list_under(
        &mut self,
        name: &str,
        key: &str,
        context: Context<'_>,
    ) -> Option<Vec<String>> {
        let strings = |json: &Json| -> Option<Vec<String>> {
            match json.get(key)? {
                Json::String(text) => Some(vec![text.clone()]),
                Json::Array(list) => {
                    list.iter().map(|text| text.as_str().map(str::to_owned)).collect()
                }
                _ => None,
            }
        };
        if let (None, Setting::Input(json)) = (&self.unreadable, self.setting(name)) {
            return strings(json);
        }
        let texts = self.texts(name, context)?;
        let [text] = texts.as_slice() else { return None };
        let text = text.trim();
        match text.starts_with(['{', '[']) {
            true => strings(&serde_json::from_str(text).ok()?),
            false => strings(&shorthand::parse(text).ok()?),
        }
    }

    /// The parameters of a request whose body is this object.
    pub fn of_body(json: Json) -> Params<'static> {
        Params { input: Some(json), ..Params::default() }
    }

    /// Whether a parameter has one of the values that make it hurt.
    ///
    /// # Errors
    /// Says why that cannot be known: a clause.
    pub fn hurts(&mut self, parameter: &Parameter, context: Context<'_>) -> Result<bool, String> {
        let mut values = Vec::new();
        let mut handed = Vec::new();
        match self.setting(parameter.name) {
            Setting::Absent => return self.unreadable.clone().map_or(Ok(false), Err),
            Setting::Off => values.push("false".to_owned()),
            Setting::Input(json) => json_values(json, parameter.member, &mut values, DEPTH),
            Setting::Given(param) if param.values.is_empty() => values.push("true".to_owned()),
            Setting::Given(param) => {
                for value in &param.values {
                    let (text, copy) = read(*value, context)?;
                    handed.extend(copy);
                    text_values(&text, parameter.member, &mut values)?;
                }
            }
        }
        self.handed.extend(handed);
        Ok(values.iter().any(|value| parameter.values.iter().any(|bad| is(bad, value))))
    }

    /// The strings that the input file holds at its top level, with their
    /// keys in the command line's spelling.
    pub fn input_strings(&self) -> impl Iterator<Item = (String, &str)> {
        let object = self.input.as_ref().and_then(Json::as_object);
        object.into_iter().flatten().flat_map(|(key, value)| {
            let one = value.as_str();
            let many = value.as_array().into_iter().flatten().filter_map(Json::as_str);
            one.into_iter().chain(many).map(move |text| (kebab(key), text))
        })
    }
}

/// A parameter's name in a word, and where its attached value begins.
fn name(word: &OsStr) -> Option<(&str, Option<usize>)> {
    let bytes = word.as_bytes();
    let equals = bytes.iter().position(|byte| *byte == b'=');
    let name = bytes.get(2..equals.unwrap_or(bytes.len()))?;
    if !bytes.starts_with(b"--") || name.is_empty() || name.contains(&b' ') {
        return None;
    }
    Some((std::str::from_utf8(name).ok()?, equals.map(|at| at + 1)))
}

/// The text that a value stands for: itself, or the file that it names.
///
/// # Errors
/// Says why it cannot be read.
fn read(value: Value<'_>, context: Context<'_>) -> Result<(String, Option<Handed>), String> {
    if value.dynamic {
        return Err("a value is computed at run time".to_owned());
    }
    let bytes = value.text.as_bytes();
    let prefix = [&b"file://"[..], b"fileb://"].into_iter().find(|kind| bytes.starts_with(kind));
    let Some(prefix) = prefix else {
        if bytes.starts_with(b"http://") || bytes.starts_with(b"https://") {
            return Err("a value is fetched from a URL".to_owned());
        }
        return Ok((value.text.to_string_lossy().into_owned(), None));
    };
    let named = OsStr::from_bytes(bytes.get(prefix.len()..).unwrap_or_default());
    if STANDARD_INPUT.iter().any(|name| named == *name) {
        return match context.stdin(LIMIT) {
            Input::Text(text) => Ok((String::from_utf8_lossy(&text).into_owned(), None)),
            Input::Terminal => Err("its input comes from a terminal".to_owned()),
            Input::Opaque(why) => Err(format!("its input comes from {why}")),
        };
    }
    let shown = named.to_string_lossy();
    let file = context
        .read(path(&shown, context), LIMIT)
        .map_err(|error| format!("the file {shown} cannot be read: {error}"))?;
    let word = context.invocation.argv.get(value.index).map_or(OsStr::new(""), OsString::as_os_str);
    let before = word.as_bytes().get(..value.offset + prefix.len()).unwrap_or_default();
    let before = OsStr::from_bytes(before).to_owned();
    let handed = Handed::file(value.index, before, file.clone());
    Ok((String::from_utf8_lossy(&file).into_owned(), Some(handed)))
}

/// The member of an API object that a parameter's name stands for:
/// `SkipFinalSnapshot` for `skip-final-snapshot`.
fn member_like<'j>(input: &'j Json, name: &str) -> Option<&'j Json> {
    let letters = || name.bytes().filter(|byte| *byte != b'-');
    let same = |key: &str| key.bytes().map(|byte| byte.to_ascii_lowercase()).eq(letters());
    input.as_object()?.iter().find(|(key, _)| same(key)).map(|(_, value)| value)
}

/// An API member's name as the command line spells it, near enough to compare
/// its words: `DBInstanceIdentifier` → `db-instance-identifier`.
pub fn kebab(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 8);
    let letters: Vec<char> = key.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let behind = letters.get(at + 1);
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || behind.is_some_and(|behind| behind.is_lowercase())
            });
        if starts {
            out.push('-');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
