//! What a command substitution could print at most, for commands whose output
//! is made of few letters: `$(date +%F)`, `$(git rev-parse HEAD)`, `$(nproc)`.
//! A sample of it stands in a text for a database's client where the value
//! itself cannot be known: no such value holds a quote, a semicolon, a
//! backslash or a comment. Never for a name, a word or a file: who needs the
//! value gets none. Nothing is run.

use super::line::Lines;
use super::state::{Template, is_computed};
use crate::parse::shell::{Body, Command, Entry, Join, List, Pipeline, RedirectKind, Simple};

/// How deep commands whose output is known may stand around one whose output is
/// sampled.
const MAX_NESTED: usize = 3;

/// Variables that every shell makes numbers of.
const NUMBERS: &[&str] = &["?", "$", "!", "#"];

/// Those that bash does, where nothing else has set them.
const BASH_NUMBERS: &[&str] =
    &["RANDOM", "SRANDOM", "SECONDS", "LINENO", "PPID", "BASHPID", "UID", "EUID", "EPOCHSECONDS"];

/// Variables by which a date is written otherwise.
const PLACES: &[&str] = &["TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_TIME"];

impl Lines<'_> {
    /// Does something while samples stand for what is computed.
    pub(super) fn sampled<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.samples, true);
        let found = walk(self);
        self.samples = before;
        found
    }

    /// A sample of a shell's own number.
    pub(super) fn number(&self, name: &str) -> Option<Template> {
        let own = BASH_NUMBERS.contains(&name)
            && !self.state.vars.contains_key(name)
            && self.context.var(name).is_none();
        (self.samples && (own || NUMBERS.contains(&name))).then(|| b"1".to_vec())
    }

    /// A sample of what a list prints, if that is bounded so.
    pub(super) fn sample(&mut self, list: &List) -> Option<Template> {
        let [entry] = list.entries.as_slice() else { return None };
        if !self.samples || entry.background || self.outputs > MAX_NESTED {
            return None;
        }
        self.outputs += 1;
        let found = self.sample_in(entry);
        self.outputs -= 1;
        found
    }

    fn sample_in(&mut self, entry: &Entry) -> Option<Template> {
        match entry.pipelines.as_slice() {
            [(_, pipeline)] => self.sample_of(pipeline),
            // `$(git rev-parse HEAD || echo none)`
            [(_, pipeline), (Join::Or, other)] => {
                let [other] = other.commands.as_slice() else { return None };
                let text = self.command_output(other, false)?;
                let plain = text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'\n');
                self.sample_of(pipeline).filter(|_| plain)
            }
            _ => None,
        }
    }

    fn sample_of(&mut self, pipeline: &Pipeline) -> Option<Template> {
        let (last, producers) = pipeline.commands.split_last()?;
        let words = self.own_words(last)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (name, rest) = words.split_first()?;
        let reads = last.redirects.iter().any(|it| matches!(it.kind, RedirectKind::Read(_)));
        if *name == "wc" {
            let counts = matches!(rest, ["-l" | "-c" | "-w" | "-m"]);
            return (counts && (reads || !producers.is_empty())).then(|| b"1".to_vec());
        }
        if reads {
            return None;
        }
        if let [producer] = producers {
            let kept = match *name {
                "cut" | "head" | "tail" => takes_parts(rest),
                "tr" => matches!(rest, ["-d", _] | ["[:upper:]", "[:lower:]"] | ["A-Z", "a-z"]),
                _ => false,
            };
            let alone = Pipeline { negated: false, commands: vec![producer.clone()] };
            return self.sample_of(&alone).filter(|_| kept);
        }
        if !producers.is_empty() {
            return None;
        }
        self.printed_by(name, rest).map(Vec::from)
    }

    /// The words of a simple command that is a program of the system by its
    /// name, and whose messages go nowhere else.
    fn own_words(&mut self, command: &Command) -> Option<Vec<String>> {
        let Body::Simple(Simple { assignments, words, .. }) = &command.body else { return None };
        let quiet = command.redirects.iter().all(|redirect| match redirect.kind {
            RedirectKind::Write(_) => redirect.fd == Some(2),
            RedirectKind::Read(_) => redirect.fd.unwrap_or(0) == 0,
            _ => false,
        });
        let usual = |name: &str| PLACES.contains(&name);
        if !quiet || !assignments.iter().all(|it| usual(&it.name)) {
            return None;
        }
        for assignment in assignments {
            let value = self.text(&assignment.value.parts);
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_/.-".contains(byte);
            if !value.first().is_some_and(u8::is_ascii_alphabetic) || !value.iter().all(plain) {
                return None;
            }
        }
        let fields = self.fields(words);
        let mut out = Vec::new();
        for field in fields {
            if is_computed(&field.text) {
                return None;
            }
            out.push(String::from_utf8(field.text).ok()?);
        }
        let first = out.first_mut()?;
        let bare = first.strip_prefix("/usr/bin/").or_else(|| first.strip_prefix("/bin/"));
        let bare = bare.unwrap_or(first).to_owned();
        let state = &self.state;
        let shadowed = state.functions.contains_key(bare.as_str())
            || state.aliases.contains_key(bare.as_str())
            || state.vars.contains_key("PATH");
        *first = bare;
        (!shadowed).then_some(out)
    }

    fn printed_by(&self, name: &str, words: &[&str]) -> Option<String> {
        let plain = |text: &str| {
            let letter = |it: char| it.is_ascii_alphanumeric() || "_.-@".contains(it);
            text.chars().all(letter) && !text.contains("--") && !text.starts_with('-')
        };
        let world = self.context.world;
        let user = || plain(&world.account_name()).then(|| "someone".to_owned());
        let host = || {
            let known = world.hostname();
            known.is_none_or(|name| plain(&name)).then(|| "somewhere".to_owned())
        };
        match (name, words) {
            ("date", words) => self.date(words),
            ("whoami", []) | ("id", ["-un" | "-nu"]) => user(),
            ("hostname", [] | ["-s" | "-f"]) => host(),
            ("id", ["-u" | "-g"]) | ("nproc", [] | ["--all"]) => Some("1".to_owned()),
            ("uname", [] | ["-s" | "-m" | "-p" | "-i" | "-o"]) | ("arch", []) => {
                Some("Linux".to_owned())
            }
            ("uname", ["-r"]) => Some("6.1.0-1-amd64".to_owned()),
            ("uname", ["-n"]) => host(),
            ("uuidgen", [] | ["-r" | "-t"]) => {
                Some("00000000-0000-4000-8000-000000000000".to_owned())
            }
            // What is no revision is printed as it stands.
            ("git", ["rev-parse", rest @ ..]) => {
                let (revision, options) = rest.split_last()?;
                let known = |option: &&str| {
                    matches!(*option, "--verify" | "-q" | "--quiet" | "--short")
                        || option.strip_prefix("--short=").is_some_and(|it| it.len() < 3)
                };
                let name = |it: char| it.is_ascii_alphanumeric() || "_./~^@{}".contains(it);
                let fits = options.iter().all(known) && revision.chars().all(name);
                fits.then(|| "0123456789abcdef0123456789abcdef01234567".to_owned())
            }
            _ => None,
        }
    }

    /// A date as `date` writes it (coreutils 9.1 and BSD's).
    fn date(&self, words: &[&str]) -> Option<String> {
        let mut out = None;
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            match *word {
                "-u" | "--utc" | "--universal" => {}
                "-d" | "--date" | "-r" => {
                    rest.next()?;
                }
                "-I" | "--iso-8601" => out = Some("2001-01-01".to_owned()),
                word if word.starts_with("--rfc-3339=") => {
                    out = Some("2001-01-01 00:00:00+00:00".to_owned());
                }
                word if word.starts_with("-I") || word.starts_with("--iso-8601=") => {
                    out = Some("2001-01-01T00:00:00+00:00".to_owned());
                }
                word if word.starts_with("--date=") || word.starts_with("-v") => {}
                word => out = Some(self.dated(word.strip_prefix('+')?)?),
            }
        }
        match out {
            None => self.usual_place().then(|| "Mon Jan  1 00:00:00 UTC 2001".to_owned()),
            out => out,
        }
    }

    /// Whether the text leaves it open in which language dates are written.
    fn usual_place(&self) -> bool {
        !PLACES.iter().any(|name| self.state.vars.contains_key(*name))
    }

    fn dated(&self, format: &str) -> Option<String> {
        let mut out = String::new();
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                if !(letter.is_ascii_alphanumeric() || " _:./,+@=-".contains(letter)) {
                    return None;
                }
                out.push(letter);
                continue;
            }
            let mut conversion = letters.next()?;
            if matches!(conversion, '-' | '_' | '0' | '^') {
                conversion = letters.next()?;
            }
            out.push_str(match conversion {
                'Y' | 'G' => "2001",
                'm' | 'd' | 'V' | 'U' | 'W' | 'y' | 'g' => "01",
                'e' | 'k' | 'u' | 'w' => "1",
                'H' | 'M' | 'S' => "00",
                'I' | 'l' => "12",
                'C' => "20",
                'j' => "001",
                's' => "1000000000",
                'N' => "000000001",
                'F' => "2001-01-01",
                'T' => "00:00:00",
                'D' => "01/01/01",
                'R' => "00:00",
                'a' | 'A' | 'b' | 'B' | 'h' | 'p' | 'P' if self.usual_place() => "Jan",
                _ => return None,
            });
        }
        Some(out)
    }
}

/// Whether words are options that say which part to print, and no file.
fn takes_parts(words: &[&str]) -> bool {
    let mut value = false;
    words.iter().all(|word| {
        let option = word.strip_prefix('-');
        let fits = match option {
            Some(rest) => rest.chars().all(|it| it.is_ascii_alphanumeric() || it == '-'),
            None => value && word.chars().all(|it| it.is_ascii_digit() || it == '-'),
        };
        value = matches!(option, Some("c" | "n" | "f" | "b"));
        fits
    })
}

/// Whether two values are compared in a text, other than `1=1`: where a sample
/// stands for one of them, it would decide the condition.
pub(super) fn decides(text: &[u8]) -> bool {
    let mut rest = text;
    // The last value, and whether a comparison follows it.
    let mut value: Option<&[u8]> = None;
    let mut compared = false;
    while let Some(first) = rest.first() {
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        let length = match first {
            quote @ (b'\'' | b'"' | b'`') => {
                let inside = rest.get(1..).unwrap_or_default();
                inside.iter().position(|byte| byte == quote).map_or(rest.len(), |at| at + 2)
            }
            first if word(first) => rest.iter().position(|byte| !word(byte)).unwrap_or(rest.len()),
            _ => 1,
        };
        let (token, behind) = rest.split_at_checked(length).unwrap_or((rest, b""));
        rest = behind;
        let lower = token.to_ascii_lowercase();
        match (first, lower.as_slice()) {
            (b'\'' | b'0'..=b'9', _) => {
                if compared && value.is_some_and(|value| value != token || *first == b'\'') {
                    return true;
                }
                value = Some(token);
                compared = false;
            }
            (b'=' | b'<' | b'>' | b'!', _) | (_, b"in" | b"between" | b"like" | b"ilike") => {
                compared = value.is_some();
            }
            (b'(' | b')', _) | (_, b"not" | b"symmetric") => {}
            (first, _) if first.is_ascii_whitespace() => {}
            _ => {
                value = None;
                compared = false;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::decides;

    #[test]
    fn a_comparison_of_two_values_decides() {
        for text in [
            "delete from t where 4 = 1",
            "delete from t where 4=(1)",
            "delete from t where (0)<>  1",
            "delete from t where 4 - 1 = 0",
            "delete from t where 'Linux' = 'Darwin'",
            "delete from t where 'a' = 'a'",
            "delete from t where 2026 in (2001)",
            "delete from t where 4 not between 1 and 2",
        ] {
            assert!(decides(text.as_bytes()), "{text}");
        }
        for text in [
            "select 1 where 1=1 and id = 2001",
            "delete from t where at < '2001-01-01' and id in (1, 2)",
            "insert into t values ('a=b', 1), (2, '3')",
            "update t set a = 1, b = '2' where id = 3 limit 4",
            "select '1', 2 as b from \"3\" where x = 4",
            "set at 2001",
        ] {
            assert!(!decides(text.as_bytes()), "{text}");
        }
    }
}
