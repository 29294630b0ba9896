//! Acknowledgements in a commit's message: a line `Holdpoint-Allow: RULE-ID
//! reason`, as git writes trailers. Text in, rules out. Who wrote such a line,
//! nothing here knows.

use super::Finding;

/// The word in front of an acknowledgement.
pub const TRAILER: &str = "Holdpoint-Allow";

/// Where git cuts a message off.
const SCISSORS: &str = "# ------------------------ >8 ------------------------";

/// The most acknowledgements of a message.
const MOST: usize = 100;

/// An acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// The acknowledgements of a message; one without a reason is none.
pub fn allowed(message: &str) -> Vec<Allowed> {
    let lines = message.lines().take_while(|line| *line != SCISSORS);
    let allowed = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        if !name.trim_end().eq_ignore_ascii_case(TRAILER) {
            return None;
        }
        let (rule, reason) = value.trim().split_once(char::is_whitespace)?;
        let reason = reason.trim();
        let words = reason.chars().any(char::is_alphabetic);
        words.then(|| Allowed { rule: rule.to_owned(), reason: reason.to_owned() })
    });
    allowed.take(MOST).collect()
}

/// The rules of findings that nothing acknowledges, each once.
pub fn open<'f>(findings: &'f [Finding], allowed: &[Allowed]) -> Vec<&'f str> {
    let mut rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules.retain(|rule| !allowed.iter().any(|it| it.rule == *rule));
    rules
}
