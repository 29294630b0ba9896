//! Secrets that show by the name in front of them: `PGPASSWORD=…`,
//! `Authorization: …`, `"token": "…"`, `PASSWORD '…'`. Finds places; replaces
//! nothing.

use super::Secret;

/// Ends of names whose values are secrets, in small letters without
/// separators.
const ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "secretkey",
    "secretaccesskey",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "authkey",
    "masterkey",
    "encryptionkey",
    "signingkey",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "signature",
    "connectionstring",
];

/// Last words of names whose values are secrets.
const LAST_WORDS: &[&str] = &["pass", "pat", "jwt", "psw", "pw"];

/// Last words of names whose values are secrets if they look random.
const WEAK: &[&str] = &["key", "auth", "sig", "session", "sid", "code", "nonce", "salt", "dsn"];

/// Names whose values are headers: the secret runs to the end of the line.
const HEADERS: &[&str] = &["authorization", "cookie", "setcookie", "proxyauthorization"];

/// How much of a value behind a weak name is looked at, in bytes.
const RANDOM_LIMIT: usize = 256;

/// How sure a name makes of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Secret,
    Header,
    Weak,
}

/// Adds every secret that shows by its name.
pub fn find(text: &str, found: &mut Vec<Secret>) {
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(is_name)).map(|n| at + n) {
        let rest = text.get(start..).unwrap_or_default();
        let end = start + rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
        let name = text.get(start..end).unwrap_or_default();
        at = end;
        let sort = match sort(name) {
            Some(Name::Weak) => value(text, name, end, Name::Weak)
                .is_some_and(|(from, to)| is_random(text.get(from..to).unwrap_or_default()))
                .then_some(Name::Secret),
            sort => sort,
        };
        if let Some(sort) = sort
            && let Some((from, to)) = value(text, name, end, sort)
        {
            found.push(Secret::new(from, to, "value"));
            // All of it goes, so that nothing in it needs finding.
            at = at.max(to);
        }
        let is_by = name.eq_ignore_ascii_case("by") || name.eq_ignore_ascii_case("as");
        if is_by && is_identified(text.get(..start).unwrap_or_default()) {
            found.extend(quoted(text, end).map(|(from, to)| Secret::new(from, to, "value")));
        }
    }
}

/// Whether a name as a whole (an option's, a variable's) says that its value
/// is a secret.
pub fn is_secret(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(is_name)
        && matches!(sort(name), Some(Name::Secret | Name::Header))
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// What the value of a name is, if it may be a secret.
fn sort(name: &str) -> Option<Name> {
    let small = name.to_ascii_lowercase();
    let joined: String = small.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let last = small.rsplit(['_', '-', '.']).next().unwrap_or_default();
    // PWD and OLDPWD are directories; MYSQL_PWD is a password.
    let is_pwd = joined.ends_with("pwd") && !matches!(joined.as_str(), "pwd" | "oldpwd");
    if HEADERS.contains(&joined.as_str()) {
        Some(Name::Header)
    } else if is_pwd
        || ENDINGS.iter().any(|ending| joined.ends_with(ending))
        || LAST_WORDS.contains(&last)
    {
        Some(Name::Secret)
    } else if WEAK.contains(&last) {
        Some(Name::Weak)
    } else {
        None
    }
}

/// The place of the value behind a name that ends at `end`.
fn value(text: &str, name: &str, end: usize, sort: Name) -> Option<(usize, usize)> {
    let rest = text.get(end..)?;
    let closed = rest.trim_start_matches(['"', '\'', '\\', ']']);
    let spaced = closed.trim_start_matches([' ', '\t']);
    let sign = ["=>", "=", ":"].into_iter().find(|sign| spaced.starts_with(sign));
    let Some(sign) = sign else {
        let is_option = name.starts_with('-') && closed.len() == rest.len();
        let is_sql = name.eq_ignore_ascii_case("password") && sort == Name::Secret;
        if is_option && spaced.len() < rest.len() {
            return bounded(text, text.len() - spaced.len(), sort);
        }
        return if is_sql { quoted(text, end) } else { None };
    };
    let behind = spaced.get(sign.len()..)?;
    let behind = behind.strip_prefix('=').unwrap_or(behind);
    let start = text.len() - behind.trim_start_matches([' ', '\t']).len();
    bounded(text, start, sort)
}

/// The value that begins at `start`: what stands in quotes, or up to a space
/// or a sign that ends values. A header's runs to the end of its line or of
/// the quotes around it, and its first word may be a scheme.
fn bounded(text: &str, start: usize, sort: Name) -> Option<(usize, usize)> {
    let rest = text.get(start..)?;
    if let Some(inside) = in_quotes(text, start) {
        return Some(inside);
    }
    if sort == Name::Header {
        let length = rest.find(['\n', '\r', '"', '\'', '\\']).unwrap_or(rest.len());
        let line = rest.get(..length)?;
        let scheme = line.split_once(' ').filter(|(scheme, credentials)| {
            !credentials.trim().is_empty()
                && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        let from = scheme.map_or(start, |(scheme, _)| start + scheme.len() + 1);
        return Some((from, start + length));
    }
    let limit = if sort == Name::Weak { RANDOM_LIMIT } else { rest.len() };
    let rest = rest.get(..rest.floor_char_boundary(limit))?;
    let mut escaped = false;
    let length = rest.find(|letter: char| {
        let ends = letter.is_whitespace() || "\"'`;&)}]|<>".contains(letter);
        let stops = ends && !escaped;
        escaped = letter == '\\' && !escaped;
        stops
    });
    let length = length.unwrap_or(rest.len());
    (length > 0).then_some((start, start + length))
}

/// The value in the quotes that begin behind spaces at `at`.
fn quoted(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let start = at + (rest.len() - rest.trim_start().len());
    if start > at { in_quotes(text, start) } else { None }
}

/// What stands in the quotes that begin at `start`: a quote may be escaped by
/// a backslash or doubled, and the quotes themselves may be escaped (JSON in
/// JSON).
fn in_quotes(text: &str, start: usize) -> Option<(usize, usize)> {
    let rest = text.get(start..)?;
    let opening = rest.len() - rest.trim_start_matches('\\').len();
    let quote = rest.get(opening..)?.chars().next().filter(|letter| "\"'`".contains(*letter))?;
    let from = start + opening + 1;
    let inside = text.get(from..)?;
    let mut letters = inside.char_indices().peekable();
    let mut slashes = 0;
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            slashes += 1;
            continue;
        }
        let closes = letter == quote && (slashes == opening || slashes % 2 == 0);
        if closes {
            if letters.peek().is_some_and(|(_, next)| *next == quote) && opening == 0 {
                letters.next();
            } else {
                return Some((from, from + at - slashes.min(opening)));
            }
        }
        slashes = 0;
    }
    Some((from, text.len()))
}

/// Whether a statement has just said `IDENTIFIED …`.
fn is_identified(before: &str) -> bool {
    let from = before.floor_char_boundary(before.len().saturating_sub(60));
    before.get(from..).unwrap_or_default().to_ascii_lowercase().contains("identified")
}

/// Whether a value looks like chance: long, of letters and digits, with few
/// repetitions, and no UUID.
fn is_random(value: &str) -> bool {
    let is_uuid = value.len() == 36
        && [8, 13, 18, 23].iter().all(|at| value.as_bytes().get(*at) == Some(&b'-'));
    let mut kinds: Vec<u8> = value.bytes().collect();
    kinds.sort_unstable();
    kinds.dedup();
    value.len() >= 20
        && kinds.len() >= 10
        && !is_uuid
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}
