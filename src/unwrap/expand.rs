//! Words → the fields that the shell would make of them, as far as the state
//! tells: braces, tildes, parameters, substitutions that only print known
//! text, splitting, and patterns that could match a file.

use std::os::unix::ffi::OsStringExt as _;

use super::fields::Fields;
use super::line::Lines;
use super::state::{Template, is_computed, unknown};
use crate::invocation::COMPUTED;
use crate::parse::shell::{Body, Command, List, Modifier, Part, Word, expand_braces};

/// The most words that braces may make of one.
const MAX_BRACES: usize = 256;

/// The longest text that is followed, in bytes, and the most fields.
pub(super) const MAX_TEXT: usize = 256 * 1024;
const MAX_FIELDS: usize = 10_000;

/// What a word that a command gets costs.
const FIELD: usize = 20;

/// Variables that a shell computes itself.
const COMPUTED_VARIABLES: &[&str] = &[
    "?",
    "$",
    "!",
    "-",
    "_",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "LINENO",
    "PPID",
    "BASHPID",
    "OLDPWD",
    "REPLY",
    "UID",
    "EUID",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "DIRSTACK",
    "FUNCNAME",
    "BASH_SOURCE",
    "BASH_LINENO",
    "PIPESTATUS",
    "BASH_COMMAND",
    "BASH_ARGV",
    "BASH_ARGC",
    "OPTARG",
    "OPTIND",
];

/// A word that a command gets.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// Its text.
    pub text: Template,
    /// How the line spells the word that it comes from.
    pub raw: String,
}

impl Lines<'_> {
    /// The fields of every word, in order.
    pub(super) fn fields(&mut self, words: &[Word]) -> Vec<Field> {
        let mut out: Vec<Field> = Vec::new();
        let mut size = 0;
        for word in words {
            let before = out.len();
            if !self.spend(1) || size > 4 * MAX_TEXT || out.len() > MAX_FIELDS {
                out.push(Field { text: unknown(), raw: word.raw.clone() });
                return out;
            }
            match expand_braces(&word.parts, MAX_BRACES) {
                None => out.push(Field { text: unknown(), raw: word.raw.clone() }),
                Some(several) => {
                    for parts in several {
                        let texts = self.split_fields(&parts);
                        out.extend(
                            texts.into_iter().map(|text| Field { text, raw: word.raw.clone() }),
                        );
                    }
                }
            }
            let fields = out.get(before..).unwrap_or_default();
            let bytes = fields.iter().map(|field| field.text.len()).sum::<usize>();
            let compared = self.folders.take_work();
            self.spend(fields.len() * FIELD + bytes / 4 + compared);
            size += bytes;
        }
        out
    }

    /// The text of words that are not split: assignments, here-documents,
    /// redirections.
    pub(super) fn text(&mut self, parts: &[Part]) -> Template {
        let mut out = Template::new();
        for part in parts {
            let before = out.len();
            match part {
                Part::Text { bytes, .. } => out.extend(bytes),
                Part::Mark(byte) => out.push(*byte),
                Part::Tilde(name) => out.extend(self.tilde(name)),
                Part::Parameter { name, modifier, .. } => {
                    out.extend(self.values(name, modifier, true).join(&b' '));
                }
                Part::Command { list, .. } => out.extend(self.printed(list)),
                // A number; behind a minus, it could begin a comment.
                Part::Arithmetic(_) if self.samples && !out.ends_with(b"-") => out.push(b'1'),
                Part::Process { .. } | Part::Arithmetic(_) | Part::Array(_) => {
                    out.extend(unknown());
                }
            }
            if out.len() > MAX_TEXT || !self.spend(1 + (out.len() - before) / 4) {
                return unknown();
            }
        }
        out
    }

    fn split_fields(&mut self, parts: &[Part]) -> Vec<Template> {
        let mut fields = Fields::default();
        for part in parts {
            if fields.text.len() > MAX_TEXT || fields.done.len() > MAX_FIELDS {
                return vec![unknown()];
            }
            if !self.spend(1) {
                return vec![unknown()];
            }
            match part {
                Part::Text { bytes, quoted } => fields.push(bytes, *quoted),
                Part::Mark(byte) => fields.mark(*byte),
                Part::Tilde(name) => {
                    let home = self.tilde(name);
                    fields.push(&home, true);
                }
                Part::Parameter { name, modifier, quoted } => {
                    let values = self.values(name, modifier, *quoted);
                    self.add_values(&mut fields, name, &values, *quoted);
                }
                Part::Command { list, quoted } => {
                    let text = self.printed(list);
                    self.add_values(&mut fields, "", &[text], *quoted);
                }
                Part::Process { .. } | Part::Arithmetic(_) | Part::Array(_) => {
                    fields.push(&unknown(), true);
                }
            }
        }
        fields.end(self);
        fields.done
    }

    fn add_values(&self, fields: &mut Fields, name: &str, values: &[Template], quoted: bool) {
        let list = name == "@" || name.ends_with("[@]");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                fields.end(self);
            }
            match quoted {
                // `"$@"` of nothing makes no field.
                true => fields.push(value, true),
                false if self.state.odd_ifs && !value.is_empty() => {
                    fields.push(&unknown(), false);
                }
                false => fields.split(value, self),
            }
        }
        if quoted && !list && values.is_empty() {
            fields.push(b"", true);
        }
    }

    fn tilde(&mut self, name: &str) -> Template {
        match name {
            "" if self.state.vars.contains_key("HOME") || self.context.var("HOME").is_some() => {
                self.value("HOME").unwrap_or_else(unknown)
            }
            "" => self
                .context
                .world
                .account_home()
                .map_or_else(unknown, |home| home.into_os_string().into_vec()),
            "+" => self.value("PWD").unwrap_or_else(unknown),
            _ => unknown(),
        }
    }

    /// The values of a parameter: several for `$@` and arrays.
    fn values(&mut self, name: &str, modifier: &Modifier, quoted: bool) -> Vec<Template> {
        let own = match name {
            "@" | "*" => match &self.state.positional {
                None => Some(vec![unknown()]),
                Some(words) if words.is_empty() => None,
                Some(words) if name == "*" && quoted => Some(vec![words.join(&b' ')]),
                Some(words) => Some(words.to_vec()),
            },
            _ => match name.strip_suffix("[@]") {
                Some(name) => match self.state.vars.get(name) {
                    Some(variable) => match (&variable.elements, &variable.value) {
                        (Some(elements), _) if elements.is_empty() => None,
                        (Some(elements), _) => Some(elements.iter().cloned().collect()),
                        (None, Some(value)) => Some(vec![value.clone()]),
                        (None, None) => None,
                    },
                    None => Some(vec![unknown()]),
                },
                None => self.value(name).map(|value| vec![value]),
            },
        };
        let copied = own.iter().flatten().map(|value| 2 + value.len() / 16).sum();
        self.spend(copied);
        let has_value = |empty: bool| match &own {
            None => Some(false),
            Some(values) => match values.as_slice() {
                [value] if value.is_empty() => Some(!empty),
                [value] if is_computed(value) && value.as_slice() == unknown() => None,
                _ => Some(true),
            },
        };
        match modifier {
            Modifier::None | Modifier::Required(_) => own.unwrap_or_default(),
            Modifier::Other(_) => vec![unknown()],
            Modifier::Default { empty, word } => match has_value(*empty) {
                Some(true) => own.unwrap_or_default(),
                Some(false) => vec![self.text(word)],
                None => vec![unknown()],
            },
            Modifier::Assign { empty, word } => match has_value(*empty) {
                Some(true) => own.unwrap_or_default(),
                Some(false) => {
                    let value = self.text(word);
                    self.set(name, Some(value.clone()));
                    vec![value]
                }
                None => vec![unknown()],
            },
            Modifier::Alternative { empty, word } => match has_value(*empty) {
                Some(true) => vec![self.text(word)],
                Some(false) => Vec::new(),
                None => vec![unknown()],
            },
        }
    }

    /// A variable's value: none if it is known to be unset. One that neither
    /// the text nor the surroundings set may have been set by the shell that
    /// the text is for, so it is computed.
    pub(super) fn value(&self, name: &str) -> Option<Template> {
        if let Some(variable) = self.state.vars.get(name) {
            return match &variable.elements {
                Some(elements) => elements.first().cloned(),
                None if self.samples && variable.sample.is_some() => variable.sample.clone(),
                None => variable.value.clone(),
            };
        }
        if let Some(number) = self.number(name) {
            return Some(number);
        }
        if let Ok(number) = name.parse::<usize>() {
            return match (number.checked_sub(1), &self.state.positional) {
                (None, _) => Some(self.state.zero.to_vec()),
                (Some(_), None) => Some(unknown()),
                (Some(index), Some(words)) => words.get(index).cloned(),
            };
        }
        if name == "#" {
            let count = self.state.positional.as_ref().map(|words| words.len().to_string());
            return Some(count.map_or_else(unknown, String::into_bytes));
        }
        if name == "PWD" {
            let cwd = self.cwd().map(|cwd| cwd.to_string_lossy().into_owned());
            return Some(match cwd {
                Some(cwd) if !cwd.contains(COMPUTED) => cwd.into_bytes(),
                _ => unknown(),
            });
        }
        if COMPUTED_VARIABLES.contains(&name) {
            return Some(unknown());
        }
        let value = self.context.var(name).map(std::os::unix::ffi::OsStringExt::into_vec);
        Some(match value {
            Some(value) if value != COMPUTED.as_bytes() => value,
            _ => unknown(),
        })
    }

    /// What a command substitution stands for.
    fn printed(&mut self, list: &List) -> Template {
        let mut text = match self.output(list) {
            Some(text) => text,
            // The folder is not known, the program is.
            None => {
                if let Some(sample) = self.sample(list) {
                    return sample;
                }
                return match looked_up(list) {
                    Some(name) => [&unknown(), &b"/"[..], name.as_bytes()].concat(),
                    None => unknown(),
                };
            }
        };
        while text.last() == Some(&b'\n') {
            text.pop();
        }
        text
    }
}

/// `which NAME`, `command -v NAME`, `type -P NAME`: the name.
fn looked_up(list: &List) -> Option<&str> {
    let [entry] = list.entries.as_slice() else { return None };
    let [(_, pipeline)] = entry.pipelines.as_slice() else { return None };
    let [Command { body: Body::Simple(simple), .. }] = pipeline.commands.as_slice() else {
        return None;
    };
    let words: Option<Vec<&str>> = simple.words.iter().map(Word::bare).collect();
    match *words?.as_slice() {
        ["which", name] | ["command", "-v", name] | ["type", "-P" | "-p", name] => Some(name),
        _ => None,
    }
}
