//! mongorestore, mongoimport and their siblings: what their rule files say,
//! at the place that their words and their `--config` file name.

use super::place;
use crate::action::Action;
use crate::actions::{Call, Reading, table};
use crate::parse::argv::Parsed;
use crate::target::mongo::{Place, is_url};

/// Bytes of a configuration file that are read.
const CONFIG_LIMIT: usize = 1 << 20;

/// Reads a call of a tool.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let mut reading = Reading::default();
    if let Some(word) = parsed.unknown.first() {
        let why = format!("it has no option {}", word.text.to_string_lossy());
        reading.actions.push(Action::opaque(call.tool.name, why));
    }
    if let Some(command) = parsed.command {
        reading.actions.extend(table::action(call, parsed, command));
    }
    if reading.actions.iter().all(Action::is_harmless) && !call.full {
        return Reading::default();
    }
    let target = found(call, parsed).target(&[]);
    for action in &mut reading.actions {
        action.target = target.clone();
        if action.operation.is_empty() {
            action.operation = call.tool.name.into();
        }
        action.rule = call.tool.name.into();
    }
    reading
}

/// Where the words lead: `--uri` or a connection string over `--config` over
/// `--host`; `--db` beside them.
fn found(call: &Call<'_>, parsed: &Parsed<'_>) -> Place {
    let text = |name: &str| parsed.value(name).map(|it| it.text.to_string_lossy().into_owned());
    let positional = parsed
        .positionals
        .iter()
        .map(|word| word.text.to_string_lossy().into_owned())
        .find(|word| is_url(word));
    let config = text("--config").map(|path| call.context.read(&path, CONFIG_LIMIT));
    let mut gap = None;
    let configured = match config {
        Some(Ok(bytes)) => uri_of(&String::from_utf8_lossy(&bytes)),
        Some(Err(error)) => {
            gap = Some(format!("its configuration cannot be read: {error}"));
            None
        }
        None => None,
    };
    let address = text("--uri").or(positional);
    let mut place = match (&address, &configured) {
        (Some(address), _) => place(parsed, Some((address, "--uri"))),
        (None, Some(address)) => place(parsed, Some((address, "uri in --config"))),
        (None, None) => place(parsed, None),
    };
    // Both are given: either may count.
    if let (Some(_), Some(address)) = (&address, &configured) {
        place.connect(address);
    }
    if let Some(name) = text("--db") {
        place.database = Some((name, "--db"));
    }
    if gap.is_some() {
        place.server.gap = gap;
    }
    for (kind, option) in [("--nsInclude", "--nsInclude"), ("--nsTo", "--nsTo")] {
        for value in parsed.all(kind).filter_map(|given| given.value) {
            let text = value.text.to_string_lossy();
            let name = text.split('.').next().unwrap_or_default();
            if !name.contains('*') && !name.is_empty() {
                let evidence = crate::target::Evidence::name(
                    crate::target::Kind::Database,
                    option,
                    name.to_owned(),
                );
                place.server.evidence.push(evidence);
            }
        }
    }
    place
}

/// `uri:` of a configuration in YAML, which is all that it may say about the
/// place (mongo-tools' documentation).
fn uri_of(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let value = line.trim_start().strip_prefix("uri:")?.trim();
        let value = value.trim_matches(|letter| matches!(letter, '"' | '\''));
        Some(value.to_owned()).filter(|value| !value.is_empty())
    })
}
