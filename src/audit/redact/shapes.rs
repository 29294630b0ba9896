//! Secrets that show by their own shape: tokens with well-known prefixes, keys
//! in PEM, passwords in URIs. Finds places; replaces nothing.

use super::Secret;

/// What comes behind a token's prefix.
#[derive(Clone, Copy)]
enum Tail {
    /// Letters, digits, `_` and `-`, at least this many.
    Word(usize),
    /// The same with dots and slashes.
    Dotted(usize),
    /// Capitals and digits, exactly this many.
    Capitals(usize),
}

/// Prefixes of tokens, by their issuers' own documentation.
const TOKENS: &[(&str, Tail, &str)] = &[
    ("ghp_", Tail::Word(20), "token"),
    ("gho_", Tail::Word(20), "token"),
    ("ghu_", Tail::Word(20), "token"),
    ("ghs_", Tail::Word(20), "token"),
    ("ghr_", Tail::Word(20), "token"),
    ("github_pat_", Tail::Word(20), "token"),
    ("glpat-", Tail::Word(15), "token"),
    ("sk-", Tail::Word(20), "token"),
    ("sk_live_", Tail::Word(10), "token"),
    ("sk_test_", Tail::Word(10), "token"),
    ("rk_live_", Tail::Word(10), "token"),
    ("whsec_", Tail::Word(20), "token"),
    ("xoxb-", Tail::Word(10), "token"),
    ("xoxa-", Tail::Word(10), "token"),
    ("xoxp-", Tail::Word(10), "token"),
    ("xoxr-", Tail::Word(10), "token"),
    ("xoxs-", Tail::Word(10), "token"),
    ("xapp-", Tail::Word(10), "token"),
    ("hooks.slack.com/services/", Tail::Dotted(20), "token"),
    ("npm_", Tail::Word(30), "token"),
    ("pypi-", Tail::Word(30), "token"),
    ("dop_v1_", Tail::Word(40), "token"),
    ("hf_", Tail::Word(25), "token"),
    ("sbp_", Tail::Word(30), "token"),
    ("shpat_", Tail::Word(20), "token"),
    ("dckr_pat_", Tail::Word(20), "token"),
    ("tskey-", Tail::Word(15), "token"),
    ("lin_api_", Tail::Word(20), "token"),
    ("hvs.", Tail::Word(20), "token"),
    ("ya29.", Tail::Word(20), "token"),
    ("SG.", Tail::Dotted(30), "token"),
    ("AIza", Tail::Word(30), "token"),
    ("AGE-SECRET-KEY-1", Tail::Word(40), "key"),
    ("AKIA", Tail::Capitals(16), "aws-key"),
    ("ASIA", Tail::Capitals(16), "aws-key"),
    ("eyJ", Tail::Dotted(30), "jwt"),
];

/// The longest part of a URI, in bytes, that is searched for a password.
const AUTHORITY_LIMIT: usize = 1024;

/// Where a private key begins and ends.
const PEM_BEGIN: &str = "-----BEGIN ";
const PEM_END: &str = "-----END ";

/// Every secret that shows by its shape.
pub fn find(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    for (prefix, tail, kind) in TOKENS {
        let mut end = 0;
        for (at, _) in text.match_indices(prefix) {
            // One within another goes with it, and is not measured again.
            if at < end {
                continue;
            }
            if let Some(length) = token(text, at, prefix, *tail) {
                end = at + length;
                found.push(Secret::new(at, at + length, kind));
            }
        }
    }
    pem(text, &mut found);
    uris(text, &mut found);
    found
}

/// The length of the token at `at`, if it is one.
fn token(text: &str, at: usize, prefix: &str, tail: Tail) -> Option<usize> {
    let before = text.get(..at)?.chars().next_back();
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let rest = text.get(at + prefix.len()..)?;
    let run = |accepted: fn(u8) -> bool| rest.bytes().take_while(|byte| accepted(*byte)).count();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let length = match tail {
        Tail::Word(least) => Some(run(is_word)).filter(|length| *length >= least),
        Tail::Dotted(least) => {
            let is_dotted = |byte: u8| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'=')
            };
            let dotted = rest.get(..run(is_dotted))?.trim_end_matches('.');
            Some(dotted.len()).filter(|length| *length >= least)
        }
        Tail::Capitals(exactly) => {
            let length = run(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            Some(length).filter(|length| *length == exactly)
        }
    };
    length.map(|length| prefix.len() + length)
}

/// Private keys in PEM, up to their end line or the end of the text.
fn pem(text: &str, found: &mut Vec<Secret>) {
    for (at, _) in text.match_indices(PEM_BEGIN) {
        let Some(rest) = text.get(at + PEM_BEGIN.len()..) else { continue };
        let is_private = rest.split("-----").next().is_some_and(|label| label.contains("PRIVATE"));
        if !is_private {
            continue;
        }
        let end = rest.find(PEM_END).map(|end| {
            let label = rest.get(end + PEM_END.len()..).unwrap_or_default();
            end + PEM_END.len() + label.find("-----").map_or(label.len(), |last| last + 5)
        });
        let open = end.is_none();
        let end = end.map_or(text.len(), |end| at + PEM_BEGIN.len() + end);
        found.push(Secret::new(at, end, "private-key"));
        if open {
            return;
        }
    }
}

/// Passwords in URIs: `scheme://user:password@host`. Where there is no colon,
/// what stands in front of `@` is a token if it is long.
fn uris(text: &str, found: &mut Vec<Secret>) {
    for (at, separator) in text.match_indices("://") {
        let start = at + separator.len();
        let Some(rest) = text.get(start..) else { continue };
        let rest = rest.get(..rest.floor_char_boundary(AUTHORITY_LIMIT)).unwrap_or(rest);
        let length = rest.find(ends_authority).unwrap_or(rest.len());
        // A password may hold `@`, `/` or `?` unescaped; the last `@` of the
        // word counts, as it does for libpq.
        let word = rest.find(|letter: char| letter.is_whitespace() || "'\"`<>".contains(letter));
        let word = rest.get(..word.unwrap_or(rest.len())).unwrap_or_default();
        let authority = rest.get(..length).unwrap_or_default();
        let Some(sign) = authority.rfind('@').or_else(|| late_sign(word)) else { continue };
        let user = rest.get(..sign).unwrap_or_default();
        match user.find(':') {
            Some(colon) => found.push(Secret::new(start + colon + 1, start + sign, "uri")),
            None if sign >= 20 => found.push(Secret::new(start, start + sign, "uri")),
            None => {}
        }
    }
}

/// The `@` of a word whose password holds a `/`, `?` or `#`: only where a
/// colon stands in front of the first of those and no port follows it.
fn late_sign(word: &str) -> Option<usize> {
    let colon = word.find(':')?;
    let first = word.find(['/', '?', '#'])?;
    let port = word.get(colon + 1..first)?;
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    if colon < first && !is_port { word.rfind('@') } else { None }
}

fn ends_authority(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '/' | '?' | '#' | '\'' | '"' | '`' | '<' | '>')
}
