//! Reads the everyday programs that remove, move and overwrite files (rm, mv,
//! cp, tee, sed -i, find -delete and their kin) for one thing only: whether
//! what they touch is holdpoint's own, or a folder that holds a database
//! server's data, or, on another machine, a folder of data. They get no shims, and
//! everything else that they do is free.

mod away;
mod git_hooks;
pub mod own;
mod words;

use std::path::Path;

use super::{Call, Reading};
use crate::action::{Action, Effect, Flag, Flags, Scope};
use crate::invocation::{Context, HOLE, Input};
use crate::target::{Class, Evidence, Kind, Target, data_directory};
use crate::text::visible;
use own::{Own, Places, Touch};

/// The most paths of one command that are looked at.
const MAX_PATHS: usize = 4_096;

/// The most folders of one command that are looked into for a database.
const MAX_DIRECTORIES: usize = 50;

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
    let removes = matches!(program.as_str(), "rm" | "srm");
    let data = || {
        let mut paths = touched.iter().take(MAX_DIRECTORIES).filter(|_| removes);
        paths.find_map(|path| database(&context, path))
    };
    Reading {
        actions: hit.map(|own| action(&program, &own)).or_else(data).into_iter().collect(),
        ..Reading::default()
    }
}

/// A database's own files, which are removed with the folder that they are in.
fn database(context: &Context<'_>, touched: &words::Path) -> Option<Action> {
    let words::Path::Touched { text, touch: Touch::Remove { deep: true } } = touched else {
        return None;
    };
    let text = std::str::from_utf8(text).ok()?;
    // Everything in a folder: a shell's wildcard is marked as one.
    let all = text.strip_suffix('*').map(|text| text.strip_suffix(HOLE).unwrap_or(text));
    let text = all.and_then(|text| text.strip_suffix('/')).unwrap_or(text);
    let path = match text.strip_prefix("~/") {
        Some(rest) => context.home()?.join(rest),
        None => Path::new(text).to_owned(),
    };
    // The path's name says what a database's folder is called, so that a path
    // that is partly computed, or a pattern, is none of one.
    let found = data_directory::look_below(context, &path)?;
    let shown = visible(&found.path.to_string_lossy(), 200);
    let state = if found.runs { ", on which its server runs" } else { "" };
    let server = found.server;
    let place = Evidence::name(Kind::Path, "argument", shown.clone()).asserting(Class::Local);
    let mut target = Target { name: Some(shown.clone()), ..Target::of("files") };
    target.evidence.push(place);
    target.evidence.extend(found.evidence);
    Some(Action {
        flags: Flags::of(&[Flag::Irreversible]),
        object: Some(format!("data directory {shown}")),
        scope: Scope::Host,
        summary: format!("Removes every database of a {server} server{state}: {shown}."),
        rule: "files/data-directory".into(),
        instead: Some("Move it aside, or keep a copy of it elsewhere first.".into()),
        target,
        ..Action::new(Effect::Destroy, context.invocation.tool().to_owned())
    })
}

/// What an agent's own editor writes: its standard input.
fn written_by_editor(context: &Context<'_>) -> Option<std::sync::Arc<[u8]>> {
    match context.stdin(super::TEXT_LIMIT) {
        Input::Text(text) => Some(text),
        Input::Terminal | Input::Opaque(_) => None,
    }
}

/// What a redirection of a shell line, or an option that names a file to
/// write, does to holdpoint.
pub fn written(
    context: &Context<'_>,
    places: &Places,
    by: &str,
    path: &[u8],
    touch: Touch<'_>,
) -> Option<Action> {
    places.hit(context, path, touch, None).map(|own| action(by, &own))
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
