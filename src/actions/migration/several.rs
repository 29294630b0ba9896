//! Tools that take several commands in one call: `flyway info clean`, `mix do
//! ecto.drop + ecto.create`. Each is read as if it stood alone.

use super::one;
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Invocation};
use crate::parse::argv::{self, Word};

/// Commands in one call that are read.
const MAX_COMMANDS: usize = 40;

/// Reads a call of one of them.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parts = match call.tool.name {
        "flyway" => operations(call),
        _ => tasks(call.context.invocation),
    };
    let mut reading = Reading::default();
    for invocation in parts.iter().take(MAX_COMMANDS) {
        let context = Context { invocation, ..call.context };
        let call = Call { context, ..*call };
        let parsed = argv::parse(call.tool, invocation, false);
        let command = parsed.command.filter(|command| command.effect.is_some());
        reading.absorb(one(&call, &parsed, command.map(|command| (command, 0)), None));
    }
    reading
}

/// The words at these places, behind the program's name.
fn only(original: &Invocation, places: &[usize]) -> Invocation {
    let kept: Vec<usize> = std::iter::once(0).chain(places.iter().copied()).collect();
    Invocation {
        argv: kept.iter().filter_map(|at| original.argv.get(*at).cloned()).collect(),
        dynamic: (0..kept.len())
            .filter(|new| kept.get(*new).is_some_and(|at| original.is_dynamic(*at)))
            .collect(),
        templates: Vec::new(),
        ..original.clone()
    }
}

/// `flyway [OPTIONS] COMMAND [OPTIONS] COMMAND …`: every word that is no
/// option is a command, and every option is for all of them (Flyway's
/// documentation: "flyway [options] [command]", "flyway info migrate info").
fn operations(call: &Call<'_>) -> Vec<Invocation> {
    let original = call.context.invocation;
    let parsed = argv::parse(call.tool, original, false);
    let all = parsed.path.iter().chain(&parsed.positionals);
    let is_word = |word: &&Word<'_>| !word.text.as_encoded_bytes().starts_with(b"-");
    let words: Vec<usize> = all.filter(is_word).map(|word| word.index).collect();
    let others: Vec<usize> =
        (1..original.argv.len()).filter(|index| !words.contains(index)).collect();
    let one = |word: &usize| only(original, &[&others[..], &[*word]].concat());
    match words.is_empty() {
        true => vec![original.clone()],
        false => words.iter().map(one).collect(),
    }
}

/// `mix do TASK + TASK` and, as before Elixir 1.14, `mix do TASK, TASK`; any
/// other call is one task.
fn tasks(original: &Invocation) -> Vec<Invocation> {
    if original.argv.get(1).is_none_or(|word| word != "do") {
        return vec![original.clone()];
    }
    let mut parts: Vec<Invocation> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for (index, word) in original.argv.iter().enumerate().skip(2) {
        let bare = word.as_encoded_bytes().strip_suffix(b",");
        if word != "+" && bare != Some(b"") {
            places.push(index);
        }
        if word == "+" || bare.is_some() {
            parts.push(only(original, &std::mem::take(&mut places)));
        }
    }
    parts.push(only(original, &places));
    // The comma stands behind a task's last word.
    for part in &mut parts {
        for word in &mut part.argv {
            if let Some(bare) = word.to_str().and_then(|word| word.strip_suffix(',')) {
                *word = bare.into();
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tasks_is_split_at_its_signs() {
        let split = |words: &[&str]| -> Vec<String> {
            let parts = tasks(&Invocation::new(words.iter().copied()));
            parts
                .iter()
                .map(|part| part.argv.join(std::ffi::OsStr::new(" ")).into_string().unwrap())
                .collect()
        };
        assert_eq!(split(&["mix", "ecto.drop", "--force"]), ["mix ecto.drop --force"]);
        assert_eq!(split(&["mix", "do", "a", "+", "b", "-x"]), ["mix a", "mix b -x"]);
        assert_eq!(
            split(&["mix", "do", "a", "-y,", "b", ",", "c"]),
            ["mix a -y", "mix b", "mix c"]
        );
        assert_eq!(split(&["mix", "do"]), ["mix"]);
        let mut computed = Invocation::new(["mix", "do", "a", "+", "b", "$x"]);
        computed.dynamic = vec![5];
        assert_eq!(tasks(&computed)[1].dynamic, [2]);
    }
}
