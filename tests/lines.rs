//! Shell lines against real bash: every line of the corpus is run with a PATH
//! of recording stubs, and what the stubs saw (words, environment, directory,
//! standard input) is compared with what holdpoint reads in the line.

mod lines {
    pub mod corpus;
    pub mod further;
    pub mod oracle;
}

use holdpoint::action::Flag;
use holdpoint::invocation::{Context, Invocation, Stdin};
use lines::corpus::{BYPASSES, CORPUS, HARMLESS, Line};
use lines::further::FURTHER;
use lines::oracle::{Oracle, Seen, found};

/// Runs one line for real and compares.
fn compare(oracle: &Oracle, line: &Line) -> Result<(), String> {
    if !oracle.is_valid(line.text) {
        return Err("bash -n refuses it".to_owned());
    }
    let real = oracle.run(line.text);
    let world = oracle.world();
    let surroundings = Invocation::default();
    let context = Context { invocation: &surroundings, world: &world };
    let reading = found(line.text, context);
    let opaque = reading.actions.iter().any(|action| action.flags.has(Flag::Opaque));
    if opaque != line.opaque {
        return Err(format!("opaque: {opaque}, expected {}: {:?}", line.opaque, reading.actions));
    }
    let mut unmatched: Vec<&Invocation> = reading.inner.iter().collect();
    for seen in &real {
        let at = unmatched.iter().position(|invocation| agrees(invocation, seen, &world));
        // One with computed words stands for every turn of a loop.
        let again = || {
            reading
                .inner
                .iter()
                .any(|found| !found.dynamic.is_empty() && agrees(found, seen, &world))
        };
        match at {
            Some(at) => {
                unmatched.remove(at);
            }
            None if line.opaque || again() => {}
            None => return Err(format!("bash ran {seen:?}, found only {:?}", reading.inner)),
        }
    }
    // What is found beyond what ran stands in a branch not taken here.
    if unmatched.len() != line.more {
        return Err(format!("{} found beyond what ran: {unmatched:?}", unmatched.len()));
    }
    if real.len() != line.runs {
        return Err(format!("bash ran {} of the expected {}", real.len(), line.runs));
    }
    Ok(())
}

/// Whether an invocation is what a stub saw: equal where static.
fn agrees(invocation: &Invocation, seen: &Seen, world: &dyn holdpoint::world::World) -> bool {
    let context = Context { invocation, world };
    if invocation.tool() != seen.tool {
        return false;
    }
    let words = invocation.argv.get(1..).unwrap_or_default();
    // A computed word may stand for any number of words.
    let first_computed = invocation.dynamic.iter().min().copied();
    let certain = first_computed.map_or(words.len(), |at| at - 1);
    let real: Vec<&str> = seen.words.iter().map(String::as_str).collect();
    let ours: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if first_computed.is_none() && ours != real {
        return false;
    }
    if real.len() < certain || ours.get(..certain).unwrap() != real.get(..certain).unwrap() {
        return false;
    }
    for (name, value) in &seen.env {
        let ours = context.var(name).map(|value| value.to_string_lossy().into_owned());
        let computed = ours.as_deref() == Some(holdpoint::invocation::COMPUTED);
        if !computed && ours != *value {
            return false;
        }
    }
    let cwd = context.cwd().unwrap();
    if !cwd.to_string_lossy().contains(holdpoint::invocation::COMPUTED)
        && std::fs::canonicalize(&cwd).ok() != std::fs::canonicalize(&seen.cwd).ok()
    {
        return false;
    }
    match (&invocation.stdin, &seen.stdin) {
        (_, None) | (Stdin::Opaque(_), _) => true,
        (Stdin::Text(text), Some(real)) => **text == *real.as_bytes(),
        // The same marks in the same places.
        (Stdin::Sample(text), Some(real)) => shape(&String::from_utf8_lossy(text)) == shape(real),
        // An earlier command may have read it, or a part of it.
        (Stdin::Inherited, Some(real)) => lines::oracle::INHERITED.ends_with(real),
    }
}

/// A text of which a letter stands for every word and number.
fn shape(text: &str) -> String {
    let letters = text.chars().map(|it| if it.is_alphanumeric() { 'x' } else { it });
    let mut out: Vec<char> = letters.collect();
    out.dedup_by(|a, b| a == b && matches!(a, 'x' | ' '));
    out.into_iter().collect()
}

fn check(lines: &[Line]) {
    let oracle = Oracle::new();
    let failures: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            compare(&oracle, line).err().map(|why| format!("{}: {}\n  {why}", line.name, line.text))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), lines.len(), failures.join("\n"));
}

#[test]
fn lines_are_read_as_bash_runs_them() {
    assert!(CORPUS.len() >= 80, "{}", CORPUS.len());
    check(CORPUS);
}

#[test]
fn what_agents_put_on_one_line_is_read_as_bash_runs_it() {
    let all = CORPUS.len() + FURTHER.len() + BYPASSES.len() + HARMLESS.len();
    assert!(all >= 300, "{all}");
    check(FURTHER);
}

#[test]
fn known_bypasses_of_other_guards_are_followed() {
    check(BYPASSES);
}

/// Words in strings, comments, here-documents and arguments are no commands:
/// nothing is found at all.
#[test]
fn words_that_only_look_like_commands_are_none() {
    let oracle = Oracle::new();
    for line in HARMLESS {
        assert!(oracle.is_valid(line), "{line}");
        assert_eq!(oracle.run(line), [], "{line}");
        let world = oracle.world();
        let surroundings = Invocation::default();
        let reading = found(line, Context { invocation: &surroundings, world: &world });
        assert!(reading.inner.is_empty(), "{line}: {:?}", reading.inner);
        assert!(reading.actions.is_empty(), "{line}: {:?}", reading.actions);
    }
}
