//! The migration files that a command would run, as far as the project's
//! folder tells: which of them may not have run yet, and the worst that those
//! destroy. Which have run, only the database knows, and it is not asked.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::layout::{self, Layout, Shape};
use crate::action::{Action, Effect};
use crate::actions::Call;
use crate::invocation::Context;
use crate::parse::argv::Parsed;
use crate::parse::migration::{self, Language};
use crate::parse::sql::Statement;
use crate::text::glob;

/// How long a migration counts as one that may not have run yet: what destroys
/// is deployed within days of being written, and a guard that asks at every
/// deploy about what ran long ago is soon taken off.
const RECENT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Names of one folder that are looked at, the last ones.
const MAX_NAMES: usize = 400;
/// Folders that are looked at.
const MAX_FOLDERS: usize = 60;
/// Files that are read.
const MAX_FILES: usize = 60;
/// The longest file that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// A migration's file.
struct File {
    /// What it is called: the file's name, or its folder's.
    name: String,
    path: PathBuf,
    /// Whether it is its folder's last by name.
    last: bool,
}

/// The action of a command that applies migrations, if one of those that may
/// be pending destroys.
pub(super) fn read(call: &Call<'_>, parsed: &Parsed<'_>, operation: &str) -> Option<Action> {
    let layout = layout::of(call.tool.name, operation)?;
    let mut worst: Option<(String, Statement)> = None;
    let mut left = MAX_FILES;
    for (folder, pattern) in folders(&call.context, layout, parsed) {
        let fits = |file: &File| pattern.as_ref().is_none_or(|it| glob(it, &file.name));
        for file in recent(&call.context, files(&call.context, &folder, layout.shape)) {
            if !fits(&file) {
                continue;
            }
            if left == 0 {
                break;
            }
            left -= 1;
            let Some(language) = Language::of_file(&file.path.to_string_lossy()) else { continue };
            let Ok(bytes) = call.context.read(&file.path, MAX_BYTES) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            // Alembic's names are in no order, but their heads have a day.
            let new = match head_day(&text).filter(|_| language == Language::Python) {
                Some(day) => day >= since(call.context.world.now()),
                None => file.last || language != Language::Python,
            };
            if !new {
                continue;
            }
            for found in migration::destroys(&text, language) {
                if worst.as_ref().is_none_or(|(_, worst)| weight(&found) > weight(worst)) {
                    worst = Some((file.name.clone(), found));
                }
            }
        }
    }
    let (name, found) = worst?;
    let name = crate::text::visible(&name, 80);
    let summary = format!(
        "Runs the migration {name}, which is new enough not to have run there yet: {}",
        found.summary
    );
    Some(Action {
        flags: found.flags,
        object: found.object,
        summary,
        instead: found.instead.map(Into::into),
        ..Action::new(Effect::Destroy, operation.to_owned())
    })
}

fn weight(statement: &Statement) -> (Effect, usize) {
    (statement.effect, statement.flags.iter().count())
}

/// The folders that hold a tool's migrations, each with the pattern that names
/// those in it, if one does.
fn folders(
    context: &Context<'_>,
    layout: &Layout,
    parsed: &Parsed<'_>,
) -> Vec<(PathBuf, Option<String>)> {
    let named = layout.options.iter().find_map(|option| match option.strip_prefix('$') {
        Some(variable) => context.text_var(variable),
        None => {
            let value = parsed.value(option).filter(|value| !value.dynamic)?;
            Some(value.text.to_string_lossy().into_owned())
        }
    });
    let listed = |path: PathBuf| context.world.is_dir(&context.resolve(&path)).then_some(path);
    match named {
        Some(named) => named
            .split(',')
            .filter_map(|part| {
                let part = part.strip_prefix("filesystem:").unwrap_or(part);
                let part = part.strip_prefix("file://").unwrap_or(part);
                let part = part.split('?').next().unwrap_or_default();
                if let Some(folder) = listed(PathBuf::from(part)) {
                    return Some((folder, None));
                }
                let (folder, pattern) = part.rsplit_once('/').unwrap_or((".", part));
                Some((listed(PathBuf::from(folder))?, Some(pattern.to_owned())))
            })
            .take(MAX_FOLDERS)
            .collect(),
        None => layout
            .folders
            .iter()
            .filter_map(|name| match *name {
                "" => Some((PathBuf::from("."), None)),
                name => Some((listed(PathBuf::from(name))?, None)),
            })
            .collect(),
    }
}

fn names(context: &Context<'_>, folder: &Path) -> Vec<String> {
    let names = context.world.list(&context.resolve(folder));
    let skip = names.len().saturating_sub(MAX_NAMES);
    names.into_iter().skip(skip).filter_map(|name| name.into_string().ok()).collect()
}

/// The migrations in a folder, by name.
fn files(context: &Context<'_>, folder: &Path, shape: Shape) -> Vec<Vec<File>> {
    let in_folder = |folder: &Path, fits: &dyn Fn(&str) -> bool| -> Vec<File> {
        let names = names(context, folder).into_iter().filter(|name| fits(name));
        names.map(|name| File { path: folder.join(&name), name, last: false }).collect()
    };
    match shape {
        Shape::Files { endings, not } => {
            let fits = |name: &str| {
                endings.iter().any(|ending| name.ends_with(ending))
                    && !not.iter().any(|ending| name.ends_with(ending))
            };
            vec![in_folder(folder, &fits)]
        }
        Shape::Folders(inside) => {
            let mut found = in_folder(folder, &|name| !name.contains('.'));
            for file in &mut found {
                file.path.push(inside);
            }
            vec![found]
        }
        Shape::Each { folder: inner, files } => {
            let outer = in_folder(folder, &|name| !name.starts_with('.'));
            let apps = outer.into_iter().filter_map(|app| {
                let path = if inner.is_empty() { app.path } else { app.path.join(inner) };
                context.world.is_dir(&context.resolve(&path)).then_some(path)
            });
            apps.take(MAX_FOLDERS)
                .map(|app| match files {
                    [] => {
                        let mut found = in_folder(&app, &|name| !name.contains('.'));
                        for file in &mut found {
                            file.path.push("up.sql");
                        }
                        found
                    }
                    files => in_folder(&app, &|name| {
                        name != "__init__.py" && files.iter().any(|ending| name.ends_with(ending))
                    }),
                })
                .collect()
        }
    }
}

/// Of each folder's migrations, those whose name says a day of the last week
/// or later; where names say no day, the last, unless its file is older.
fn recent(context: &Context<'_>, folders: Vec<Vec<File>>) -> Vec<File> {
    let since = since(context.world.now());
    let mut found = Vec::new();
    for files in folders {
        let count = files.len();
        for (number, mut file) in files.into_iter().enumerate() {
            file.last = number + 1 == count;
            let new = match made(&file.name) {
                Some(day) => day >= since,
                None if (file.last && is_numbered(&file.name)) || file.name.ends_with(".py") => {
                    !changed_before(context, &file.path, since)
                }
                None => false,
            };
            if new {
                found.push(file);
            }
        }
    }
    found
}

/// Whether a name begins as migrations without a day do: `0012_x`, `V12__x`.
fn is_numbered(name: &str) -> bool {
    let rest = name.strip_prefix(['V', 'v']).unwrap_or(name);
    rest.starts_with(|first: char| first.is_ascii_digit())
}

fn changed_before(context: &Context<'_>, path: &Path, since: u64) -> bool {
    let changed = context.world.modified(&context.resolve(path));
    changed.is_some_and(|time| day_of(time) < since)
}

/// The day that Django's or Alembic's head of a file says.
fn head_day(text: &str) -> Option<u64> {
    let day = |line: &str| {
        let django =
            line.split_once("Generated by Django ").and_then(|(_, rest)| rest.split_once(" on "));
        let (_, date) = django.or_else(|| line.split_once("Create Date:"))?;
        let digits: String = date.trim().chars().take(10).filter(char::is_ascii_digit).collect();
        day_of_digits(&digits)
    };
    text.lines().take(15).find_map(day)
}

/// The first day that counts.
fn since(now: SystemTime) -> u64 {
    day_of(now.checked_sub(RECENT).unwrap_or(UNIX_EPOCH))
}

/// A point in time as days since 1970.
fn day_of(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400)
}

/// The day that a migration's name says: `20261122061500_x`, `V20261122__x`,
/// `2026_11_22_061500_x`, `1700000000000-x` (milliseconds) or `1700000000_x`.
fn made(name: &str) -> Option<u64> {
    let start = name.find(|letter: char| letter.is_ascii_digit()).filter(|at| *at <= 10)?;
    let rest = name.get(start..)?;
    let digits: String = rest
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || matches!(letter, '_' | '-' | '.'))
        .filter(char::is_ascii_digit)
        .take(20)
        .collect();
    let run = rest.chars().take_while(char::is_ascii_digit).count();
    match run {
        13 => Some(digits.get(..13)?.parse::<u64>().ok()? / 86_400_000),
        10 => Some(digits.get(..10)?.parse::<u64>().ok()? / 86_400),
        _ => day_of_digits(&digits),
    }
}

/// The day of `YYYYMMDD…`.
fn day_of_digits(digits: &str) -> Option<u64> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let valid =
        (1990..=2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !valid {
        return None;
    }
    // Days from the civil calendar, with years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = year * 365 + year / 4 - year / 100 + year / 400;
    Some(before + (month * 153 + 2) / 5 + day - 1 - 719_468)
}

#[cfg(test)]
mod tests;
