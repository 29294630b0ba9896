//! What this process's PATH leads to: whether each guarded name comes to its
//! shim first, and which tool stands behind it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Check;
use crate::cli::shims::{Shims, State};
use crate::exec::own;
use crate::world::World;

/// Parts of paths by which folders of other programs' shims are known, and
/// whose they are. (Each program's own documentation of its default.)
const MANAGERS: [(&str, &str); 12] = [
    ("/mise/shims", "mise"),
    ("/.asdf/shims", "asdf"),
    ("/.pyenv/shims", "pyenv"),
    ("/.rbenv/shims", "rbenv"),
    ("/.nodenv/shims", "nodenv"),
    ("/.goenv/shims", "goenv"),
    ("/.jenv/shims", "jenv"),
    ("/.volta/bin", "volta"),
    ("/.cargo/bin", "cargo"),
    ("/.proto/shims", "proto"),
    ("/aquaproj-aqua/bin", "aqua"),
    ("/.sdkman/candidates", "SDKMAN"),
];

/// Whether every guarded program has its shim.
pub(super) fn shims(shims: &Shims) -> Check {
    let fix = match shims.led_elsewhere() {
        Some(_) => "holdpoint shims install --relink",
        None => "holdpoint shims install",
    };
    let dir = shims.dir.display();
    if !own::is_shim_folder(&shims.dir) {
        return Check::finding("shims", format!("there are none in {dir}"), fix);
    }
    let names = &shims.guarded;
    let bad: Vec<String> = names
        .iter()
        .filter_map(|name| match shims.state(OsStr::new(name)) {
            State::Good => None,
            State::Missing => Some(format!("{name} (missing)")),
            State::Stale => Some(format!("{name} (leads elsewhere)")),
            State::Foreign => Some(format!("{name} (not a shim)")),
        })
        .collect();
    match bad.is_empty() {
        true => Check::fine("shims", format!("{} in {dir}", names.len())),
        false => Check::finding("shims", format!("in {dir}: {}", few(&bad)), fix),
    }
}

/// How many names a finding lists.
const SHOWN: usize = 6;

/// Whether the shims come first on the PATH of this process.
pub(super) fn order(shims: &Shims, world: &dyn World) -> Vec<Check> {
    let path = world.var(OsStr::new("PATH")).unwrap_or_default();
    let mut checks = vec![match wrong(shims, &path) {
        None => Check::fine("path", "the shims come first on PATH"),
        Some(says) => Check::finding(
            "path",
            says,
            format!(
                "Open a new shell, or here: export PATH={}:\"$PATH\"",
                shell_words::quote(&shims.dir.display().to_string())
            ),
        ),
    }];
    let front = std::env::split_paths(&path).take_while(|folder| !is_same(folder, &shims.dir));
    let mut managers: Vec<&str> = front
        .filter_map(|folder| {
            let folder = folder.to_string_lossy().into_owned();
            MANAGERS.iter().find(|(part, _)| folder.contains(part)).map(|(_, manager)| *manager)
        })
        .collect();
    managers.dedup();
    for manager in managers {
        checks.push(Check::note(
            "path",
            format!("{manager} stands in front of the shims: tools that it adds hide them"),
        ));
    }
    checks.push(Check::note(
        "path",
        "a shell older than the shims remembers where tools were (`hash -r` makes it forget); \
         what is typed with an absolute path goes past every shim. Aliases and functions are \
         looked for in new shells, below",
    ));
    checks
}

/// What is wrong with a value of PATH, if anything is: a guarded program that
/// is found without coming by its shim, or no shims at all.
pub(super) fn wrong(shims: &Shims, path: &OsStr) -> Option<String> {
    let cwd = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let hidden: Vec<String> = shims
        .guarded
        .iter()
        .filter_map(|name| {
            let first = which::which_in_all(name, Some(path), &cwd).ok()?.next()?;
            (!is_shim(&first)).then(|| format!("{name} ({})", first.display()))
        })
        .collect();
    if !std::env::split_paths(path).any(|folder| is_same(&folder, &shims.dir)) {
        return Some("the shims are not on PATH".to_owned());
    }
    (!hidden.is_empty()).then(|| format!("found in front of its shim: {}", few(&hidden)))
}

/// Whether what stands there is holdpoint's.
pub(super) fn is_shim(file: &Path) -> bool {
    file.parent().is_some_and(own::is_shim_folder) || own::carries_note(file)
}

/// The first of many, so that a finding stays on the screen.
pub(super) fn few(texts: &[String]) -> String {
    match texts.get(SHOWN..) {
        Some(rest @ [_, ..]) => {
            let first: Vec<&str> = texts.iter().take(SHOWN).map(String::as_str).collect();
            format!("{} and {} more", first.join(", "), rest.len())
        }
        _ => texts.join(", "),
    }
}

/// Which tools stand behind the shims.
pub(super) fn tools(shims: &Shims, world: &dyn World) -> Vec<Check> {
    let path = world.var(OsStr::new("PATH"));
    let cwd = world.cwd().unwrap_or_else(|| PathBuf::from("/"));
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for name in &shims.guarded {
        match real(name, path.as_deref(), &cwd) {
            Some(tool) => found.push(tool.display().to_string()),
            None => missing.push(name.clone()),
        }
    }
    let mut checks = Vec::new();
    if !found.is_empty() {
        checks.push(Check::fine("tools", format!("guarded: {}", found.join(", "))));
    }
    if !missing.is_empty() {
        checks.push(Check::note("tools", format!("not installed: {}", few(&missing))));
    }
    checks
}

fn real(name: &str, path: Option<&OsStr>, cwd: &Path) -> Option<PathBuf> {
    let mut all = which::which_in_all(name, path, cwd).ok()?;
    all.find(|file| !is_shim(file))
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
