//! `railway environment edit`: a configuration patch, from standard input
//! wherever that is no terminal, else from `--service-config SERVICE PATH
//! VALUE` (railwayapp 5.71.0, commands/environment/edit.rs). It is committed
//! without a question.

use serde_json::Value as Json;

use super::Found;
use crate::action::{Action, Effect};
use crate::actions::Reading;
use crate::actions::railway_api::patch::environment_config;
use crate::invocation::Input;
use crate::parse::graphql::{Argument, LIMIT};

/// Reads a call of `railway environment edit`.
pub fn read(found: &Found<'_>) -> Reading {
    let mut base = Action::new(Effect::Write, found.name.clone());
    base.summary = "Edits the environment's configuration.".to_owned();
    let mut reading = Reading::of(found.place(base));
    match found.call.context.stdin(LIMIT) {
        Input::Terminal => {}
        Input::Opaque(why) => reading.actions.push(found.opaque(why)),
        Input::Text(bytes) if bytes.trim_ascii().is_empty() => {}
        Input::Text(bytes) => match serde_json::from_slice::<Json>(&bytes) {
            Ok(json) => add(found, &Argument::from(&json), &mut reading),
            Err(_) => {
                reading.actions.push(found.opaque("standard input is not the JSON it should be"));
            }
        },
    }
    for given in found.parsed.all("--service-config") {
        let words = given.value.iter().chain(&given.more);
        if words.clone().any(|word| word.dynamic) {
            reading.actions.push(found.opaque("a change is computed at run time"));
            continue;
        }
        let words: Vec<_> = words.map(|word| word.text.to_string_lossy()).collect();
        if let [service, path, value] = words.as_slice() {
            add(found, &service_config(service, path, value), &mut reading);
        }
    }
    reading
}

fn add(found: &Found<'_>, config: &Argument, reading: &mut Reading) {
    for finding in environment_config(Some(config)) {
        let action = finding.action("environment edit");
        reading.actions.push(found.place(action));
    }
}

/// The patch that `SERVICE PATH VALUE` stands for.
fn service_config(service: &str, path: &str, value: &str) -> Argument {
    let json = serde_json::from_str::<Json>(value);
    let mut inside = match &json {
        Ok(json) => Argument::from(json),
        Err(_) => Argument::Text(value.to_owned()),
    };
    for name in path.split('.').rev().chain([service, "services"]) {
        inside = Argument::Object(vec![(name.to_owned(), inside)]);
    }
    inside
}
