//! Hooks by a setting of git's: `[hook "NAME"]` with an event and a command,
//! which git 2.54 and newer read. They stand beside every hook in a folder
//! and beside every manager. git tells the command nothing of the event, so
//! each has a section of its own. Format by git 2.55.0's git-config(1).

use std::fs;
use std::path::{Path, PathBuf};

use super::lines;

/// Puts the sections into a file of settings.
pub(super) fn install(file: &Path, events: &[&str], program: &str) -> Result<(), String> {
    let text = read(file)?;
    let mut ours = Vec::new();
    for event in events {
        ours.push(format!("[hook \"holdpoint-{event}\"]"));
        ours.push(format!("\tevent = {event}"));
        ours.push(format!("\tcommand = {}", quoted(&format!("{program} git-hook {event}"))));
    }
    let old = lines::without(&text);
    let new = lines::with(&old, usize::MAX, &ours);
    if new == text { Ok(()) } else { lines::write(file, &new) }
}

/// Takes them out. Says whether any were there.
pub(super) fn remove(file: &Path) -> Result<bool, String> {
    let text = read(file)?;
    let old = lines::without(&text);
    if old == text {
        return Ok(false);
    }
    match old.is_empty() {
        true => fs::remove_file(file).map_err(|error| format!("{}: {error}", file.display()))?,
        false => lines::write(file, &old)?,
    }
    Ok(true)
}

/// The account's file of settings, where git writes with `--global`.
pub(super) fn global(home: &Path, named: Option<PathBuf>, xdg: Option<PathBuf>) -> PathBuf {
    if let Some(named) = named {
        return named;
    }
    let usual = home.join(".gitconfig");
    let other = xdg.unwrap_or_else(|| home.join(".config")).join("git/config");
    if !usual.exists() && other.exists() { other } else { usual }
}

fn read(file: &Path) -> Result<String, String> {
    match fs::read(file) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| format!("{} is no text", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// A value as git's settings quote it.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::git_config;

    #[test]
    fn git_reads_what_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config");
        for before in ["", "[user]\n\tname = a", "# mine\n[a]\n\tb = c # d\n"] {
            fs::write(&file, before).unwrap();
            for _ in 0..2 {
                install(&file, &["pre-push"], "'/a \"b\\c/holdpoint'").unwrap();
            }
            let entries = git_config::parse(&fs::read_to_string(&file).unwrap());
            let ours: Vec<(String, Option<String>)> = entries
                .into_iter()
                .filter(|entry| entry.name.starts_with("hook."))
                .map(|entry| (entry.name, entry.value))
                .collect();
            let command = "'/a \"b\\c/holdpoint' git-hook pre-push".to_owned();
            assert_eq!(
                ours,
                [
                    ("hook.holdpoint-pre-push.event".to_owned(), Some("pre-push".to_owned())),
                    ("hook.holdpoint-pre-push.command".to_owned(), Some(command)),
                ]
            );
            assert_eq!(remove(&file), Ok(true));
            assert_eq!(fs::read_to_string(&file).unwrap_or_default(), before);
        }
        assert_eq!(remove(&file), Ok(false));
    }
}
