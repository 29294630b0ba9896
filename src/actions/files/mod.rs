//! Reads the everyday programs that remove, move and overwrite files (rm, mv,
//! cp, tee, sed -i, find -delete and their kin) for one thing only: whether
//! what they touch is holdpoint's own, or a folder that holds a database
//! server's data, or, on another machine, a folder of data. They get no shims, and
//! everything else that they do is free.

mod away;
mod data;
mod git_hooks;
pub mod own;
mod words;

use std::path::Path;

use super::{Call, Reading};
use crate::action::{Action, Effect, Flag, Flags, Scope};
use crate::invocation::{Context, Input};
use crate::target::{Class, Evidence, Kind, Target};
use crate::text::visible;
use own::{Own, Places, Touch};

/// The most paths of one command that are looked at.
const MAX_PATHS: usize = 4_096;

/// The longest file that is compared with the one it would replace, in bytes.
const MAX_SOURCE: usize = 1024 * 1024;

/// Reads a call of such a program.
pub fn read(call: &Call<'_>) -> Reading {
    let context = call.context;
    let program = context.invocation.tool().to_owned();
    let touched = words::read(&context);
    if touched.is_empty() {
        return Reading::default();
    }
    if let Some(action) = away::read(&context, &touched) {
        return Reading::of(action);
    }
    let places = Places::find(context.world);
    let content = match program.as_str() {
        words::EDITOR => written_by_editor(&context),
        _ => None,
    };
    let hit = touched.iter().take(MAX_PATHS).find_map(|path| match path {
        words::Path::Touched { text, touch: Touch::Replace(None) } => {
            places.hit(&context, text, Touch::Replace(content.as_deref()), None)
        }
        words::Path::Touched { text, touch } => places.hit(&context, text, *touch, None),
        words::Path::Landing { text, source } => {
            let source = Path::new(source);
            let content = context.read(source, MAX_SOURCE).ok();
            places.hit(&context, text, Touch::Replace(content.as_deref()), Some(source))
        }
        words::Path::Searched { text, names } => places.found_below(&context, text, names),
    });
    Reading {
        actions: hit
            .map(|own| action(&program, &own))
            .or_else(|| data::read(&context, &touched))
            .into_iter()
            .collect(),
        ..Reading::default()
    }
}

/// What an agent's own editor writes: its standard input.
fn written_by_editor(context: &Context<'_>) -> Option<std::sync::Arc<[u8]>> {
    match context.stdin(super::TEXT_LIMIT) {
        Input::Text(text) => Some(text),
        Input::Terminal | Input::Opaque(_) => None,
    }
}

/// What a redirection of a shell line, or an option that names a file to
/// write, does to holdpoint or to a database's file.
pub fn written(
    context: &Context<'_>,
    places: &Places,
    by: &str,
    path: &[u8],
    touch: Touch<'_>,
) -> Option<Action> {
    let own = places.hit(context, path, touch, None).map(|own| action(by, &own));
    own.or_else(|| data::written(context, by, path, touch))
}

fn action(program: &str, own: &Own) -> Action {
    let shown = visible(&own.path.to_string_lossy(), 200);
    let (summary, instead) = match own.noun {
        "policy" => (
            format!("Removes or changes what says which places are production: {shown}."),
            "Read it: holdpoint policy show. Changing it is for the person whose policy it is.",
        ),
        "project policy" => (
            format!("Removes or changes what this project holds to be production: {shown}."),
            "Read it: holdpoint policy show. Changing it is for the people of this project.",
        ),
        "trail" => (
            format!("Removes or changes holdpoint's record of what was asked: {shown}."),
            "Read it: holdpoint log.",
        ),
        "program" => (
            format!("Removes or replaces the program that every shim leads to: {shown}."),
            "Find out what is wrong first: holdpoint doctor.",
        ),
        "hook" => (
            format!("Takes away or switches off the hook by which agents are held: {shown}."),
            "Leave holdpoint's entry as it is and change the others, or find out what is wrong \
             first: holdpoint doctor.",
        ),
        "activation line" => (
            format!("Takes away the line that puts the shims on PATH: {shown}."),
            "Edit the other lines only, or find out what is wrong first: holdpoint doctor.",
        ),
        _ => (
            format!("Removes or changes shims or what puts them on PATH: {shown}."),
            "Find out what is wrong first: holdpoint doctor.",
        ),
    };
    let place = Evidence::name(Kind::Path, "argument", shown).asserting(Class::Local);
    Action {
        flags: Flags::of(&[Flag::Disarm]),
        object: Some(own.noun.to_owned()),
        scope: Scope::Host,
        summary,
        rule: "files/own".into(),
        instead: Some(instead.into()),
        target: Target { evidence: vec![place], ..Target::of("holdpoint") },
        ..Action::new(Effect::Write, program.to_owned())
    }
}

#[cfg(test)]
mod tests;
