//! What an everyday program does to a database by its files: a data directory
//! that is removed or emptied, a part of one, a file that is a database by
//! itself, a volume of Docker's. Looks at what lies at the paths; the class of
//! the place is by its path, the machine's name and whether a server runs on
//! it, so that a project's own and what lies in a folder for temporary files
//! stay free.

use std::path::{Component, Path, PathBuf};

use super::own::Touch;
use super::words;
use crate::action::{Action, Effect, Flag, Flags, Scope};
use crate::invocation::{Context, HOLE};
use crate::target::data_directory::{self, DataDirectory};
use crate::target::{Class, Evidence, Kind, Target, compose, machine};
use crate::text::{glob, visible};

/// The most paths of one command that are looked at for a database.
const MAX_PATHS: usize = 50;

/// Programs that remove what they name; `mv` keeps it under another name.
const REMOVERS: &[&str] = &["rm", "rsync", "srm", "trash", "trash-put", "unlink"];

/// Folders for what nobody keeps.
const TEMPORARY: &[&str] =
    &["/tmp", "/var/tmp", "/dev/shm", "/private/tmp", "/private/var/folders"];

/// Folders in which package managers of a developer's machine keep data.
const DEVELOPERS: &[&str] = &["/home/linuxbrew", "/opt/homebrew", "/usr/local/var"];

/// Where Docker and Podman keep volumes.
const VOLUMES: &[&str] = &["/var/lib/docker/volumes", "/var/lib/containers/storage/volumes"];
const OWN_VOLUMES: &[&str] =
    &[".local/share/docker/volumes", ".local/share/containers/storage/volumes"];

/// How much of a database goes.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// The directory with everything in it.
    Whole,
    /// Some of what it holds.
    Some,
    /// What it holds is written over.
    Over,
}

/// What a command that touches these paths does to a database.
pub(super) fn read(context: &Context<'_>, touched: &[words::Path]) -> Option<Action> {
    let program = context.invocation.tool();
    let removes = REMOVERS.contains(&program);
    let bounds = ["-mtime", "-mmin", "-ctime", "-cmin", "-atime", "-amin", "-size", "-newer"];
    let bounded = context.invocation.argv.iter().any(|word| bounds.iter().any(|it| word == it));
    touched.iter().take(MAX_PATHS).find_map(|path| match path {
        words::Path::Touched { text, touch: Touch::Remove { deep } } if removes => {
            let path = plain(context, text)?;
            let folder = whole(&path).filter(|_| *deep).map(|folder| context.resolve(folder));
            let found = folder.and_then(|folder| {
                let own = data_directory::look_below(context, &folder);
                own.or_else(|| data_directory::by_name(context, &folder))
            });
            match found {
                Some(found) => Some(directory(context, &found, &found.path, Part::Whole)),
                None => volume(context, &path).or_else(|| file(context, &path, Part::Some)),
            }
        }
        words::Path::Touched { text, touch: touch @ Touch::Replace(_) } => {
            written(context, program, text, *touch)
        }
        words::Path::Landing { text, .. } => written(context, program, text, Touch::Replace(None)),
        words::Path::Searched { text, names } => {
            let path = plain(context, text)?;
            let kept = |name: &String| data_directory::is_beside_data(name);
            if !names.is_empty() && names.iter().all(kept) {
                return None;
            }
            let path = context.resolve(path);
            let found = data_directory::look_below(context, &path).or_else(|| {
                data_directory::by_name(context, &path).filter(|_| !bounded && names.is_empty())
            });
            match found {
                Some(found) => Some(directory(context, &found, &found.path, Part::Some)),
                None => inside(context, &path, Part::Some),
            }
        }
        words::Path::Touched { .. } => None,
    })
}

/// What writing a file over does to a database.
pub(super) fn written(
    context: &Context<'_>,
    by: &str,
    text: &[u8],
    touch: Touch<'_>,
) -> Option<Action> {
    if context.invocation.place.is_some() || !matches!(touch, Touch::Replace(_)) {
        return None;
    }
    let path = plain(context, text)?;
    let whole = context.resolve(&path);
    if !context.world.exists(&whole) || context.world.is_dir(&whole) {
        return None;
    }
    let action = file(context, &path, Part::Over)?;
    Some(Action { operation: by.to_owned().into(), ..action })
}

/// A path, unless a part of it is computed; wildcards stay.
fn plain(context: &Context<'_>, text: &[u8]) -> Option<PathBuf> {
    let text = std::str::from_utf8(text).ok()?;
    let mut out = text.to_owned();
    // A shell's wildcard is marked as one.
    for wildcard in ['*', '?', '['] {
        out = out.replace(&format!("{HOLE}{wildcard}"), &wildcard.to_string());
    }
    if out.contains(HOLE) || out.is_empty() {
        return None;
    }
    match out.strip_prefix("~/") {
        Some(rest) => Some(context.home()?.join(rest)),
        None => Some(PathBuf::from(out)),
    }
}

/// The folder that goes with everything in it: itself, or by `/*`.
fn whole(path: &Path) -> Option<PathBuf> {
    let text = path.to_str()?;
    let text = if text == "*" { "." } else { text };
    let text = text.strip_suffix('*').and_then(|text| text.strip_suffix('/')).unwrap_or(text);
    (!text.contains(['*', '?', '['])).then(|| PathBuf::from(text))
}

/// A file that is a database, or a part of a data directory.
fn file(context: &Context<'_>, path: &Path, part: Part) -> Option<Action> {
    let Some(server) = data_directory::file(context, path) else {
        return inside(context, path, part);
    };
    let shown = visible(&path.to_string_lossy(), 200);
    let verb = if part == Part::Over { "Writes over" } else { "Removes" };
    let action = Action {
        object: Some(format!("database {shown}")),
        summary: format!("{verb} {shown}, which is a whole database of {server}'s."),
        ..empty(context)
    };
    Some(placed(context, action, path.to_string_lossy().into_owned(), true))
}

/// A part of a data directory.
fn inside(context: &Context<'_>, path: &Path, part: Part) -> Option<Action> {
    let found = data_directory::around(context, path);
    let found = found.or_else(|| data_directory::by_name(context, path))?;
    Some(directory(context, &found, &context.resolve(path), part))
}

/// The action on a data directory, or on what lies in it.
fn directory(context: &Context<'_>, found: &DataDirectory, path: &Path, part: Part) -> Action {
    let shown = visible(&path.to_string_lossy(), 200);
    let state = if found.runs { ", on which its server runs" } else { "" };
    let server = found.server;
    let summary = match part {
        Part::Whole => format!("Removes every database of a {server} server{state}: {shown}."),
        Part::Some => format!("Removes files that hold data of a {server} server{state}: {shown}."),
        Part::Over => {
            format!("Writes over files that hold data of a {server} server{state}: {shown}.")
        }
    };
    let action = Action {
        object: Some(format!("data directory {shown}")),
        summary,
        rule: "files/data-directory".into(),
        ..empty(context)
    };
    let named = own_part(context, &found.path);
    let local = !found.runs || !is_in_service(context, &found.path);
    let mut action = placed(context, action, named, local);
    if temporary(context, &found.path).is_none() {
        action.target.evidence.extend(found.evidence.iter().cloned());
        if is_in_service(context, &found.path) {
            action.target.evidence.extend(host(context));
        }
    }
    action.target.name = Some(shown);
    action
}

/// This machine's own name, where a server's data lies in a place of the
/// system's.
fn host(context: &Context<'_>) -> Vec<Evidence> {
    let name = context.world.hostname().map(|name| Evidence::name(Kind::Host, "hostname", name));
    name.into_iter().chain(machine::reached(context)).collect()
}

/// Puts an action at a path; `local` says whether that is this machine's and
/// nobody else's.
fn placed(context: &Context<'_>, mut action: Action, path: String, local: bool) -> Action {
    let shown = visible(&path, 200);
    let evidence = match temporary(context, Path::new(&path)) {
        // What lies in a folder for temporary files is nobody's, whatever it
        // is called.
        Some(folder) => Evidence::name(Kind::Path, "argument", folder).asserting(Class::Local),
        None if local => {
            Evidence::name(Kind::Path, "argument", shown.clone()).asserting(Class::Local)
        }
        None => Evidence::name(Kind::Path, "argument", shown.clone()),
    };
    action.target.name = Some(shown);
    action.target.evidence.push(evidence);
    action
}

fn empty(context: &Context<'_>) -> Action {
    Action {
        flags: Flags::of(&[Flag::Irreversible]),
        scope: Scope::Host,
        rule: "files/database".into(),
        instead: Some("Move it aside, or keep a copy of it elsewhere first.".into()),
        target: Target::of("files"),
        ..Action::new(Effect::Destroy, context.invocation.tool().to_owned())
    }
}

/// What of a path says where it is: of one in a repository, what lies below the
/// repository's own folder, whose name is the project's.
fn own_part(context: &Context<'_>, path: &Path) -> String {
    let root = repository(context, path);
    let own = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    own.to_string_lossy().into_owned()
}

fn repository<'a>(context: &Context<'_>, path: &'a Path) -> Option<&'a Path> {
    path.ancestors().skip(1).take(32).find(|folder| context.world.exists(&folder.join(".git")))
}

/// The folder for temporary files that a path lies in.
fn temporary(context: &Context<'_>, path: &Path) -> Option<String> {
    let path = context.resolve(path);
    let own = context.text_var("TMPDIR").filter(|folder| folder.len() > 1);
    let all = TEMPORARY.iter().map(|folder| (*folder).to_owned()).chain(own);
    all.into_iter().find(|folder| path.starts_with(folder))
}

/// Whether a server that runs here is one of the system's: not a project's, not
/// one in somebody's home.
fn is_in_service(context: &Context<'_>, path: &Path) -> bool {
    let home = context.world.account_home();
    temporary(context, path).is_none()
        && repository(context, path).is_none()
        && !home.is_some_and(|home| path.starts_with(home))
        && !DEVELOPERS.iter().any(|folder| path.starts_with(folder))
}

/// A volume of Docker's or Podman's that is none of the compose project's in
/// the directory.
fn volume(context: &Context<'_>, path: &Path) -> Option<Action> {
    let whole = context.resolve(path);
    let home = context.world.account_home();
    let own = OWN_VOLUMES.iter().filter_map(|folder| Some(home.as_ref()?.join(folder)));
    let mut folders = VOLUMES.iter().map(PathBuf::from).chain(own);
    let (folder, inside) = folders.find_map(|folder| {
        let inside = whole.strip_prefix(&folder).ok().map(Path::to_owned);
        let above = folder.starts_with(&whole) && whole.components().count() > 3;
        inside.or_else(|| above.then(PathBuf::new)).map(|inside| (folder, inside))
    })?;
    let name = match inside.components().next() {
        Some(Component::Normal(name)) => Some(name.to_str()?),
        _ => None,
    };
    let anonymous = |name: &str| name.len() == 64 && name.bytes().all(|it| it.is_ascii_hexdigit());
    if name.is_some_and(|name| anonymous(name) || compose::own(context).declares(name)) {
        return None;
    }
    let what = match name {
        Some(name) if !glob("*[*", name) => format!("volume {}", visible(name, 100)),
        _ => format!("every volume in {}", folder.display()),
    };
    let action = Action {
        flags: Flags::of(&[Flag::Irreversible, Flag::Irreplaceable]),
        object: Some(what.clone()),
        summary: format!("Removes {what} by its files, which no compose project here brings back."),
        rule: "files/volume".into(),
        instead: Some("Look at what is in it first, and keep a copy: docker run --rm -v NAME:/from IMAGE tar -c /from.".into()),
        ..empty(context)
    };
    Some(placed(context, action, whole.to_string_lossy().into_owned(), true))
}
