//! Whether a value is plainly made up: documentation's and tests' stand-ins,
//! and names where a secret would stand.

/// Words that stand in for a value.
const WORDS: &[&str] = &[
    "example",
    "fake",
    "dummy",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "redacted",
    "your",
    "insert",
    "replace",
    "xxxx",
    "0000",
    "1234567",
    "abcdef",
    "abc123",
    "test",
    "sample",
    "secret",
    "token",
    "todo",
    "foobar",
    "deadbeef",
    "notreal",
    "invalid",
    "mock",
    "demo",
];

/// Passwords that nobody keeps secret.
const COMMON: &[&str] = &[
    "admin",
    "app",
    "db",
    "default",
    "dev",
    "docker",
    "guest",
    "local",
    "mysql",
    "pass",
    "passwd",
    "password",
    "postgres",
    "postgresql",
    "pw",
    "pwd",
    "qwerty",
    "rabbit",
    "redis",
    "root",
    "secret",
    "user",
    "hunter2",
    "p4ssw0rd",
    "passw0rd",
];

/// Signs of something that is filled in later.
const HOLES: &[char] = &['$', '{', '}', '<', '>', '%', '*', '[', ']', '(', ')', '…'];

/// Whether a value stands in for another.
pub(super) fn is_placeholder(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    value.contains(HOLES)
        || value.contains("...")
        || WORDS.iter().any(|word| small.contains(word))
        || value.chars().collect::<std::collections::BTreeSet<_>>().len() < 5
}

/// Whether a password is one that nobody keeps secret, or none at all.
pub(super) fn is_common(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    let bare = small.trim_matches(|letter: char| !letter.is_ascii_alphabetic());
    value.len() < 6 || COMMON.contains(&bare) || COMMON.contains(&small.as_str())
}

/// Whether a value looks like chance: many different characters, and no run of
/// neighbours (`abcd`, `4321`).
pub(super) fn is_random(value: &str) -> bool {
    let kinds: std::collections::BTreeSet<u8> = value.bytes().collect();
    let least = if value.len() >= 30 { 12 } else { 8 };
    let bytes = value.as_bytes();
    let mut run = 1;
    let mut longest = 1;
    for pair in bytes.windows(2) {
        let (Some(first), Some(second)) = (pair.first(), pair.get(1)) else { continue };
        let near = first.abs_diff(*second) <= 1;
        run = if near { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    kinds.len() >= least && longest < 5
}

/// The length of a UUID, `8-4-4-4-12`.
pub(super) const UUID: usize = 36;

/// Whether a text is a UUID, and not one of a single digit or a count.
pub(super) fn is_uuid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    let digits: std::collections::BTreeSet<u8> = text.bytes().filter(|it| *it != b'-').collect();
    text.len() == UUID
        && text.bytes().enumerate().all(|(at, byte)| match dashes.contains(&at) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
        && digits.len() >= 8
        && !text.starts_with("12345678")
        && !text.starts_with("01234567")
}
