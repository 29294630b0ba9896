//! A state that is a file: what it holds, the accounts that it names, and
//! whether it is the one that was worked with. A state that is put in the
//! place of another makes the directory's names worth nothing: a destroy
//! lands where the state's resources are.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::invocation::Context;
use crate::target::{Evidence, Kind, Target};
use crate::world::ReadError;

/// The longest state that is read, in bytes.
pub const MAX_STATE: usize = 16 << 20;

/// The most accounts that are told.
const MAX_ACCOUNTS: usize = 5;

/// What a local state holds, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The addresses of its resources, data sources left out.
    pub resources: Vec<String>,
}

/// Reads the local state, and adds the accounts that it names to the target:
/// they are where a destroy really lands, whatever the folder is called.
///
/// # Errors
/// Says why it cannot be read; [`ReadError::Missing`] where there is none.
pub fn state(context: &Context<'_>, path: &Path, target: &mut Target) -> Result<State, ReadError> {
    let text = context.read(path, MAX_STATE)?;
    accounts(target, "state", [text.as_slice()].into_iter());
    let parsed: Value = serde_json::from_slice(&text)
        .map_err(|_| ReadError::Failed("it is not JSON".to_owned()))?;
    lineage(context, path, &parsed, target);
    let resources = parsed.get("resources").and_then(Value::as_array);
    let name = |resource: &Value, key: &str| resource.get(key)?.as_str().map(str::to_owned);
    let addresses = resources.into_iter().flatten().filter_map(|resource| {
        if name(resource, "mode").as_deref() != Some("managed") {
            return None;
        }
        let address = format!("{}.{}", name(resource, "type")?, name(resource, "name")?);
        Some(match name(resource, "module") {
            Some(module) => format!("{module}.{address}"),
            None => address,
        })
    });
    Ok(State { resources: addresses.collect() })
}

/// Tells the state's lineage, an id that it keeps for life and that a policy
/// can pin, and compares it with that of the copy that Terraform kept when it
/// last wrote here (1.11.4, by running it: the same lineage and a lower
/// serial, whatever was done in between).
fn lineage(context: &Context<'_>, path: &Path, state: &Value, target: &mut Target) {
    let id = |state: &Value| state.get("lineage")?.as_str().map(str::to_owned);
    let Some(own) = id(state).filter(|id| !id.is_empty() && id.len() <= 100) else { return };
    let mut backup = path.as_os_str().to_owned();
    backup.push(".backup");
    let backup = context.read(PathBuf::from(backup), MAX_STATE).ok();
    let backup: Option<Value> = backup.and_then(|text| serde_json::from_slice(&text).ok());
    if let Some(backup) = backup {
        let serial = |state: &Value| state.get("serial").and_then(Value::as_u64);
        if id(&backup).is_some_and(|other| !other.is_empty() && other != own) {
            target.gap.get_or_insert_with(|| {
                "the state is not the one that was worked with here: its lineage is not that of \
                 its own backup"
                    .to_owned()
            });
        } else if serial(state) < serial(&backup) {
            target.gap.get_or_insert_with(|| {
                "the state is older than its own backup: another one was put in its place"
                    .to_owned()
            });
        }
    }
    target.evidence.push(Evidence::name(Kind::Resource, "state, lineage", own));
}

/// Adds the accounts of the AWS resource names in these texts. An account is
/// a number, which only a policy knows the class of.
pub fn accounts<'a>(target: &mut Target, from: &str, texts: impl Iterator<Item = &'a [u8]>) {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        let mut rest = text;
        while found.len() < MAX_ACCOUNTS
            && let Some(at) = find(rest, b"arn:aws")
        {
            rest = rest.get(at + 7..).unwrap_or_default();
            // arn:PARTITION:SERVICE:REGION:ACCOUNT:…
            let head = rest.get(..rest.len().min(120)).unwrap_or_default();
            let account = head.split(|byte| *byte == b':').nth(3).unwrap_or_default();
            if account.len() == 12
                && account.iter().all(u8::is_ascii_digit)
                && let Ok(account) = std::str::from_utf8(account)
                && !found.iter().any(|known| known == account)
            {
                found.push(account.to_owned());
            }
        }
    }
    for account in found {
        target.evidence.push(Evidence::name(Kind::Account, from.to_owned(), account));
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = text.get(at..)?.iter().position(|byte| Some(byte) == word.first()) {
        at += next;
        if text.get(at..)?.starts_with(word) {
            return Some(at);
        }
        at += 1;
    }
    None
}
