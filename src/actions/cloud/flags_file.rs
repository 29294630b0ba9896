//! `--flags-file` of gcloud: YAML whose keys are put into the words as they
//! stand (SDK 528, `calliope/cli.py`). A file whose keys are command words is
//! not followed. Bounded in size, number and depth.

use std::ffi::OsString;

use serde_json::Value;

use super::Expanded;
use crate::actions::Handed;
use crate::invocation::{Context, Input};
use crate::parse::settings;

const FLAG: &str = "--flags-file";
/// The longest file that is read, in bytes.
const MAX_FILE: usize = 256 * 1024;
/// How deep files may name one another.
const MAX_DEPTH: usize = 8;
/// The most words that files may put in.
const MAX_WORDS: usize = 2_000;

/// The words with those of flags files put in; nothing if none is named.
///
/// # Errors
/// A clause that says why a file cannot be read.
pub fn expand(context: Context<'_>) -> Result<Option<Expanded>, String> {
    let argv = &context.invocation.argv;
    if !argv.iter().any(|word| word.to_string_lossy().starts_with(FLAG)) {
        return Ok(None);
    }
    let mut expanded = Expanded { invocation: context.invocation.clone(), handed: Vec::new() };
    let mut words = Words { context, out: Vec::new(), dynamic: Vec::new() };
    let mut index = 0;
    while let Some(word) = argv.get(index) {
        let text = word.to_string_lossy();
        let (name, before, place) = match text.strip_prefix(FLAG) {
            Some("") if index > 0 => (argv.get(index + 1), "", index + 1),
            Some(rest) if rest.starts_with('=') => (Some(word), "--flags-file=", index),
            _ => {
                if context.invocation.is_dynamic(index) {
                    words.dynamic.push(words.out.len());
                }
                words.out.push(word.clone());
                index += 1;
                continue;
            }
        };
        let name = name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = name.strip_prefix(before).unwrap_or(&name);
        if context.invocation.is_dynamic(place) {
            return Err("the name of a flags file is computed at run time".to_owned());
        }
        let (bytes, nested) = words.file(name, 0)?;
        if name != "-" && !nested {
            expanded.handed.push(Handed::file(place, before.into(), bytes));
        }
        index = place + 1;
    }
    expanded.invocation.argv = words.out;
    expanded.invocation.dynamic = words.dynamic;
    expanded.invocation.templates.clear();
    Ok(Some(expanded))
}

struct Words<'a> {
    context: Context<'a>,
    out: Vec<OsString>,
    dynamic: Vec<usize>,
}

impl Words<'_> {
    /// Puts in the words of a file. Gives its bytes, and whether it names
    /// others.
    fn file(&mut self, name: &str, depth: usize) -> Result<(Vec<u8>, bool), String> {
        if depth >= MAX_DEPTH {
            return Err("flags files name one another too deep".to_owned());
        }
        let bytes = match name {
            "-" => match self.context.stdin(MAX_FILE) {
                Input::Text(text) => text.to_vec(),
                Input::Terminal => return Err("the flags are typed".to_owned()),
                Input::Opaque(why) => return Err(why),
            },
            name => self
                .context
                .read(name, MAX_FILE)
                .map_err(|error| format!("the flags file cannot be read: {error}"))?,
        };
        let mut nested = false;
        let groups = match settings::yaml(&bytes).map_err(|why| format!("the flags file: {why}"))? {
            Value::Array(groups) => groups,
            one => vec![one],
        };
        for group in groups {
            let Value::Object(flags) = group else {
                return Err("the flags file is no mapping".to_owned());
            };
            for (flag, value) in flags {
                if flag == FLAG {
                    nested = true;
                    let names = match value {
                        Value::Array(names) => names,
                        one => vec![one],
                    };
                    for name in names {
                        let name = name.as_str().ok_or("a flags file without a name")?;
                        self.file(name, depth + 1)?;
                    }
                    continue;
                }
                // Their order is lost here, which matters to command words.
                if !flag.starts_with('-') {
                    return Err("the flags file holds command words".to_owned());
                }
                self.flag(flag, &value)?;
            }
        }
        Ok((bytes, nested))
    }

    fn flag(&mut self, flag: String, value: &Value) -> Result<(), String> {
        if self.out.len() > MAX_WORDS {
            return Err("the flags files hold too many words".to_owned());
        }
        match value {
            Value::Null | Value::Bool(_) => self.out.push(flag.into()),
            Value::String(text) => self.out.push(format!("{flag}={text}").into()),
            Value::Number(number) => self.out.push(format!("{flag}={number}").into()),
            other => {
                self.out.push(flag.into());
                self.out.push(other.to_string().into());
            }
        }
        Ok(())
    }
}
