//! A crontab → the commands in it, with the variables that it sets in front of
//! each. As crontab(5) has them, from memory; nothing is run.

use super::{Fed, Started, Words};

/// The most lines that are looked at.
const MAX_LINES: usize = 2_000;

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it runs.
    pub started: Started,
    /// The variables that are set for it.
    pub env: Vec<(String, String)>,
}

/// Reads a user's crontab.
pub fn read(text: &str) -> Vec<Job> {
    let mut env: Vec<(String, String)> = Vec::new();
    let mut jobs = Vec::new();
    for line in text.lines().take(MAX_LINES) {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(pair) = variable(line) {
            env.retain(|(name, _)| *name != pair.0);
            env.push(pair);
            continue;
        }
        let fields = if line.starts_with('@') { 1 } else { 5 };
        let Some(command) = behind(line, fields).filter(|command| !command.is_empty()) else {
            continue;
        };
        if jobs.len() < super::MAX_STARTED {
            jobs.push(Job { started: job(command), env: env.clone() });
        }
    }
    jobs
}

/// `NAME = value`
fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end().trim_matches(['"', '\'']);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_name = !name.is_empty() && name.chars().all(plain);
    let value = value.trim();
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote)));
    is_name.then(|| (name.to_owned(), quoted.unwrap_or(value).to_owned()))
}

/// What stands behind the first fields.
fn behind(line: &str, fields: usize) -> Option<&str> {
    let mut rest = line;
    for _ in 0..fields {
        let end = rest.find([' ', '\t'])?;
        rest = rest.get(end..)?.trim_start_matches([' ', '\t']);
    }
    Some(rest)
}

/// A percent sign is a new line, and what is behind the first is the command's
/// standard input.
fn job(command: &str) -> Started {
    let mut lines = vec![String::new()];
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped = letter == '\\' && letters.peek() == Some(&'%');
        match (letter, lines.last_mut()) {
            ('%', _) => lines.push(String::new()),
            (_, Some(last)) if escaped => {
                letters.next();
                last.push('%');
            }
            (other, Some(last)) => last.push(other),
            (_, None) => {}
        }
    }
    let mut lines = lines.into_iter();
    let words = Words::Line(lines.next().unwrap_or_default());
    let input: Vec<String> = lines.collect();
    let input = if input.is_empty() { String::new() } else { input.join("\n") + "\n" };
    Started { words, fed: Fed::Text(input) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_have_their_words_their_input_and_their_variables() {
        let text = "# a\n\nA = 'b c'\n*/5 * * * *\ta 100\\% b%line 1%line 2\n@daily d\nA=e\n\
                    0 0 1 1 0 f=g h\n1 2\n";
        let jobs = read(text);
        let one = |line: &str, fed: &str, a: &str| Job {
            started: Started { words: Words::Line(line.into()), fed: Fed::Text(fed.into()) },
            env: vec![("A".into(), a.into())],
        };
        assert_eq!(
            jobs,
            [
                one("a 100% b", "line 1\nline 2\n", "b c"),
                one("d", "", "b c"),
                one("f=g h", "", "e"),
            ]
        );
    }
}
