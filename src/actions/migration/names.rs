//! The names of commands as tools take them beside their full spelling:
//! Symfony's abbreviations (`migrate:fr`), rake's arguments and Rails'
//! suffixes for one of several databases.

use crate::action::Effect;
use crate::parse::argv::Parsed;
use crate::rules::{Command, Tool};

/// The command that the first positional abbreviates, as Symfony's console
/// (artisan, doctrine, phinx) takes them; the worst of several.
pub(super) fn abbreviated(tool: &'static Tool, parsed: &Parsed<'_>) -> Option<&'static Command> {
    if !matches!(tool.name, "artisan" | "doctrine" | "phinx") {
        return None;
    }
    let word = parsed.positionals.first().filter(|word| !word.dynamic)?;
    let word = word.text.to_string_lossy();
    let fits = |command: &&Command| {
        command.path.iter().flat_map(|names| names.iter()).any(|name| {
            let mut parts = name.split(':');
            let mut given = word.split(':');
            given.by_ref().all(|part| {
                !part.is_empty() && parts.next().is_some_and(|whole| whole.starts_with(part))
            }) && parts.next().is_none()
        })
    };
    tool.commands.iter().filter(fits).max_by_key(|command| command.effect.unwrap_or(Effect::Read))
}

/// The task that a word of rake's names: `db:drop:primary`, `db:seed[x]`.
pub(super) fn task(tool: &'static Tool, word: &str) -> Option<&'static Command> {
    let word = word.split('[').next().unwrap_or_default();
    let exact = |name: &str| {
        tool.commands
            .iter()
            .find(|command| command.path.first().is_some_and(|names| names.contains(&name)))
    };
    exact(word).or_else(|| {
        let (task, database) = word.rsplit_once(':')?;
        (task.contains(':') && !database.is_empty()).then(|| exact(task)).flatten()
    })
}
