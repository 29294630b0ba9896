//! `railway api`: a GraphQL document from the words, a file or standard
//! input, with variables from any of them (railwayapp 5.71.0, commands/api.rs),
//! read as curl's requests are.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use serde_json::Value as Json;

use super::Found;
use crate::actions::railway_api::{Via, document};
use crate::actions::{Handed, Reading};
use crate::invocation::Input;
use crate::parse::argv::Value;
use crate::parse::graphql::{self, Argument, LIMIT, Payload, Variables};
use crate::target::railway::api::Credential;

/// Reads a call of `railway api`.
pub fn read(found: &Found<'_>) -> Reading {
    let mut reading = Reading::default();
    let credential = match found.call.context.var("RAILWAY_TOKEN").is_some() {
        true => Credential::ProjectToken,
        false => Credential::Account,
    };
    let via = Via { host: None, credential, context: found.call.context };
    let mut texts: Vec<Result<String, String>> = Vec::new();
    if let Some(query) = found.parsed.positionals.first() {
        if query.dynamic {
            texts.push(Err("the document is computed at run time".to_owned()));
        }
        texts.push(Ok(query.text.to_string_lossy().into_owned()));
    }
    let file = found.parsed.value("--file");
    match file {
        Some(value) if value.text == "-" => texts.extend(stdin(found)),
        Some(value) => texts.push(file_text(found, value, 0, &mut reading)),
        None if texts.is_empty() => texts.extend(stdin(found)),
        None => {}
    }
    let variables = variables(found, &mut reading);
    let name = found.parsed.value("--operation-name").filter(|value| !value.dynamic);
    for text in texts {
        match text.and_then(|text| graphql::parse(&text).map_err(|why| why.0)) {
            Ok(parsed) => {
                let payload = Payload {
                    document: parsed,
                    variables: variables.clone(),
                    operation_name: name.map(|value| value.text.to_string_lossy().into_owned()),
                };
                reading.actions.extend(document(&payload, &via));
            }
            Err(why) => reading.actions.push(via.opaque(&why)),
        }
    }
    reading
}

/// The text on standard input; nothing where that is a terminal, which the
/// tool does not read.
fn stdin(found: &Found<'_>) -> Option<Result<String, String>> {
    match found.call.context.stdin(LIMIT) {
        Input::Terminal => None,
        Input::Text(bytes) => Some(utf8(&bytes)),
        Input::Opaque(why) => Some(Err(why)),
    }
}

/// The text of the file that a value names behind its first `skip` bytes; it
/// is handed on from this copy.
fn file_text(
    found: &Found<'_>,
    value: Value<'_>,
    skip: usize,
    reading: &mut Reading,
) -> Result<String, String> {
    if value.dynamic {
        return Err("the file's name is computed at run time".to_owned());
    }
    let name = OsStr::from_bytes(value.text.as_bytes().get(skip..).unwrap_or_default());
    let context = &found.call.context;
    let bytes =
        context.read(name, LIMIT).map_err(|why| format!("{}: {why}", name.to_string_lossy()))?;
    let text = utf8(&bytes);
    let word = context.invocation.argv.get(value.index);
    let before = word.and_then(|word| word.as_bytes().get(..value.offset + skip));
    let before = OsString::from_vec(before.unwrap_or_default().to_vec());
    reading.handed.push(Handed::file(value.index, before, bytes));
    text
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "it is not text in UTF-8".to_owned())
}

/// The variables: `--variables`, then each `--var`, then each `--raw-var`.
fn variables(found: &Found<'_>, reading: &mut Reading) -> Variables {
    let mut variables = match found.parsed.value("--variables") {
        Some(value) => base(found, value, reading).unwrap_or_else(Variables::unknown),
        None => Variables::default(),
    };
    for (option, is_raw) in [("--var", false), ("--raw-var", true)] {
        for value in found.parsed.all(option).filter_map(|given| given.value) {
            let text = value.text.to_string_lossy();
            match text.split_once('=') {
                Some((key, value_text)) if !value.dynamic => {
                    variables.set(key.trim(), typed(value_text, is_raw));
                }
                _ => variables.open = true,
            }
        }
    }
    // What is computed at run time may be any variable of any value.
    if variables.open { Variables::unknown() } else { variables }
}

fn base(found: &Found<'_>, value: Value<'_>, reading: &mut Reading) -> Option<Variables> {
    let bytes = value.text.as_bytes();
    let text = match bytes {
        _ if value.dynamic => return None,
        b"@-" => stdin(found)?.ok()?,
        [b'@', ..] => file_text(found, value, 1, reading).ok()?,
        _ => utf8(bytes).ok()?,
    };
    let json: Json = serde_json::from_str(&text).ok()?;
    json.is_object().then(|| Variables::from_json(&json))
}

fn typed(text: &str, is_raw: bool) -> Argument {
    let parsed = if is_raw { None } else { serde_json::from_str::<Json>(text).ok() };
    parsed.map_or_else(|| Argument::Text(text.to_owned()), |json| Argument::from(&json))
}
