//! Secrets that show by the option that takes them: `mysql -pSECRET`,
//! `curl -u user:secret`, `--token SECRET`. Finds places in a command's words,
//! or in the words of a text; replaces nothing.

use super::Secret;

/// How an option holds its secret.
#[derive(Clone, Copy)]
enum Form {
    /// In the same word (`-pSECRET`) only.
    Attached,
    /// In the same word or in the next.
    Either,
    /// The same, as `user:secret`.
    Pair,
}

/// Options of programs whose values are secrets. Long options that say so by
/// name (`--password`) are [`super::names`]'s.
const OPTIONS: &[(&[&str], &str, Form)] = &[
    (
        &["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlshow", "mysqlcheck"],
        "-p",
        Form::Attached,
    ),
    (&["mariadb", "mariadb-dump", "mariadb-admin"], "-p", Form::Attached),
    (&["mongosh", "mongo", "mongodump", "mongorestore"], "-p", Form::Either),
    (&["cqlsh"], "-p", Form::Either),
    (&["mycli"], "-p", Form::Either),
    (&["mycli"], "--pass", Form::Either),
    (&["login"], "-p", Form::Either),
    (&["sshpass"], "-p", Form::Either),
    (&["redis-cli", "valkey-cli"], "-a", Form::Either),
    (&["sqlcmd", "bcp"], "-P", Form::Either),
    (&["ldapsearch", "ldapdelete", "ldapmodify"], "-w", Form::Either),
    (&["curl"], "-u", Form::Pair),
    (&["curl"], "-U", Form::Pair),
    (&["curl"], "-E", Form::Pair),
    (&["curl"], "-b", Form::Either),
    (&["curl"], "--user", Form::Pair),
    (&["curl"], "--proxy-user", Form::Pair),
    (&["curl"], "--cert", Form::Pair),
    (&["curl"], "--oauth2-bearer", Form::Either),
    (&["http", "https", "xh"], "-a", Form::Pair),
    (&["http", "https", "xh"], "--auth", Form::Pair),
    (&["openssl"], "-pass", Form::Pair),
    (&["openssl"], "-passin", Form::Pair),
    (&["openssl"], "-passout", Form::Pair),
];

/// How deep quotes in quotes are searched.
const DEPTH: usize = 4;

/// Adds the secrets in the words of a text.
pub fn find(text: &str, found: &mut Vec<Secret>) {
    find_within(text, 0, DEPTH, found);
}

/// The same for a part of a text that begins at `offset`.
fn find_within(text: &str, offset: usize, depth: usize, found: &mut Vec<Secret>) {
    let words = split(text);
    let texts = words.iter().map(|(start, end)| text.get(*start..*end).unwrap_or_default());
    for (secret, (start, end)) in in_words(texts).into_iter().zip(&words) {
        let from = start + secret.unwrap_or_default();
        let Some(word) = text.get(from..*end) else { continue };
        let quote = word.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let inside = quote.and_then(|quote| word.strip_prefix(quote)?.strip_suffix(quote));
        let (from, word) = inside.map_or((from, word), |inside| (from + 1, inside));
        if secret.is_some() {
            found.push(Secret::new(offset + from, offset + from + word.len(), "option"));
        } else if inside.is_some() && depth > 0 {
            find_within(word, offset + from, depth - 1, found);
        }
    }
}

/// For each word, from where on it is a secret, if it is.
pub fn in_words<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Option<usize>> {
    let mut out = Vec::new();
    let mut program = "";
    let mut awaited: Option<Form> = None;
    for word in words {
        let expected = awaited.take();
        let plain = word.trim_matches(['"', '\'', '`', '(', '$']);
        let base = plain.rsplit('/').next().unwrap_or(plain);
        if expected.is_none() && OPTIONS.iter().any(|(programs, ..)| programs.contains(&base)) {
            program = base;
        }
        if let Some(form) = expected {
            out.push(secret_in(word, 0, form));
            continue;
        }
        let options = OPTIONS.iter().filter(|(programs, ..)| programs.contains(&program));
        let mut at = None;
        for (_, option, form) in options {
            let Some(rest) = behind(word, option, program) else { continue };
            let is_long = option.len() > 2;
            match (rest.is_empty(), form) {
                (true, Form::Attached) => {}
                (true, form) => awaited = Some(*form),
                (false, _) if is_long && !rest.starts_with('=') => {}
                (false, form) => {
                    let from = word.len() - rest.len() + usize::from(is_long);
                    at = at.or(secret_in(word, from, *form));
                }
            }
        }
        out.push(at.or_else(|| assigned(word)));
        if is_secret_option(word) {
            awaited = Some(Form::Either);
        }
    }
    out
}

/// What stands behind `option` in `word`. curl's short options may stand
/// behind others that take no value (`-su user:secret`).
fn behind<'a>(word: &'a str, option: &str, program: &str) -> Option<&'a str> {
    const CURL_FLAGS: &str = "sSkLfivgGNnjlaORJq#012346IpZM";
    let short = option.strip_prefix('-').filter(|short| short.len() == 1 && program == "curl");
    match short {
        Some(short) => {
            let cluster = word.strip_prefix('-')?;
            cluster.trim_start_matches(|letter| CURL_FLAGS.contains(letter)).strip_prefix(short)
        }
        None => word.strip_prefix(option),
    }
}

/// Where the secret begins in a word that holds it from `from` on.
fn secret_in(word: &str, from: usize, form: Form) -> Option<usize> {
    let rest = word.get(from..).filter(|rest| !rest.is_empty())?;
    match form {
        Form::Attached | Form::Either => Some(from),
        Form::Pair => rest.find(':').map(|colon| from + colon + 1),
    }
}

/// Where the value begins in a word that is an assignment to a secret name as
/// a whole: `PGPASSWORD=a&b`, `--token=x y`.
fn assigned(word: &str) -> Option<usize> {
    let (name, _) = word.split_once('=')?;
    super::names::is_secret(name).then_some(name.len() + 1)
}

/// Whether the word is a long option that is named for a secret.
fn is_secret_option(word: &str) -> bool {
    word.starts_with("--") && super::names::is_secret(word)
}

/// The words of a text as a shell would split it, quotes left on: their
/// places.
fn split(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let (mut start, mut quote, mut escaped) = (None, None, false);
    for (at, letter) in text.char_indices() {
        let was_escaped = escaped;
        escaped = letter == '\\' && !escaped;
        match quote {
            Some(open) if letter == open && !was_escaped => quote = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'') && !was_escaped => {
                quote = Some(letter);
                start = start.or(Some(at));
            }
            None if letter.is_whitespace() || matches!(letter, ';' | '|' | '&') => {
                words.extend(start.take().map(|start| (start, at)));
            }
            None => start = start.or(Some(at)),
        }
    }
    words.extend(start.map(|start| (start, text.len())));
    words
}
