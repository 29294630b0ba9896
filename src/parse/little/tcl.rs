//! A script of Tcl's, with Expect's words → the commands in it: `exec`,
//! `spawn`, `system`, `open "|…"`. What `send` types is what a spawned program
//! reads. By Tcl 8.6 and Expect 5.45; bodies in braces are looked through as
//! scripts, and nothing is run.

use std::collections::BTreeMap;

use super::{Fed, Found, MAX_COMMAND, Started, Words, append};
use crate::invocation::HOLE;

/// The most commands that are looked at.
const MAX_COMMANDS: usize = 5_000;

/// How deep scripts may hold one another.
const MAX_DEPTH: usize = 12;

/// Commands whose words are texts.
const TEXTS: &[&str] = &["exp_send_user", "puts", "regexp", "send_error", "send_log", "send_user"];

/// Options of `spawn` with a value.
const VALUES: &[&str] = &["-i", "-ignore", "-leaveopen", "-open"];

/// Reads a script.
pub fn read(text: &str) -> Found {
    let mut script = Script::default();
    script.read(text, 0);
    let fed = match (script.interacts, script.types_computed) {
        (true, _) => Fed::Inherited,
        (false, true) => Fed::Computed,
        (false, false) => Fed::Text(script.typed),
    };
    let mut found = script.found;
    for words in script.spawned {
        found.add(Started { words: Words::List(words), fed: fed.clone() });
    }
    found
}

/// A word: its text, and whether it stands in braces.
struct Word {
    text: String,
    braced: bool,
}

#[derive(Default)]
struct Script {
    found: Found,
    variables: BTreeMap<String, String>,
    spawned: Vec<Vec<String>>,
    typed: String,
    types_computed: bool,
    interacts: bool,
    commands: usize,
}

impl Script {
    fn read(&mut self, text: &str, depth: usize) {
        let mut rest = text;
        while !rest.is_empty() && depth <= MAX_DEPTH && self.commands < MAX_COMMANDS {
            self.commands += 1;
            let words = self.words(&mut rest, depth);
            self.command(&words, depth);
        }
    }

    /// The words of one command, whose text is taken.
    fn words(&mut self, rest: &mut &str, depth: usize) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            *rest = rest.trim_start_matches([' ', '\t', '\r']);
            if let Some(behind) = rest.strip_prefix("\\\n") {
                *rest = behind;
                continue;
            }
            match rest.chars().next() {
                None => return words,
                Some('\n' | ';') => {
                    *rest = rest.get(1..).unwrap_or_default();
                    return words;
                }
                Some('#') if words.is_empty() => {
                    *rest = rest.get(rest.find('\n').unwrap_or(rest.len())..).unwrap_or_default();
                }
                Some('{') => {
                    let (inside, behind) = bracketed(rest, '{', '}');
                    words.push(Word { text: inside.to_owned(), braced: true });
                    *rest = behind;
                }
                Some('"') => {
                    *rest = rest.get(1..).unwrap_or_default();
                    let text = self.substituted(rest, depth, |letter| letter == '"');
                    *rest = rest.strip_prefix('"').unwrap_or(rest);
                    words.push(Word { text, braced: false });
                }
                Some(_) => {
                    let before = rest.len();
                    let ends = |letter: char| letter.is_whitespace() || letter == ';';
                    let text = self.substituted(rest, depth, ends);
                    if rest.len() == before {
                        *rest = "";
                    }
                    words.push(Word { text, braced: false });
                }
            }
        }
    }

    /// A text up to its end, with variables and commands put in.
    fn substituted(
        &mut self,
        rest: &mut &str,
        depth: usize,
        ends: impl Fn(char) -> bool,
    ) -> String {
        let mut out = String::new();
        while let Some(letter) = rest.chars().next().filter(|letter| !ends(*letter)) {
            let behind = rest.get(letter.len_utf8()..).unwrap_or_default();
            match letter {
                '\\' => {
                    let next = behind.chars().next();
                    match next {
                        Some('n') => out.push('\n'),
                        Some('r') => out.push('\r'),
                        Some('t') => out.push('\t'),
                        Some('\n') => out.push(' '),
                        other => out.extend(other),
                    }
                    let length = next.map_or(0, char::len_utf8);
                    *rest = behind.get(length..).unwrap_or_default();
                }
                '[' => {
                    let (inside, behind) = bracketed(rest, '[', ']');
                    self.read(inside, depth + 1);
                    append(&mut out, HOLE);
                    *rest = behind;
                }
                '$' => {
                    let braced = behind.starts_with('{');
                    let name = behind.trim_start_matches('{');
                    let is_name = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
                    let end = name.find(|letter| !is_name(letter)).unwrap_or(name.len());
                    let (name, mut behind) = name.split_at_checked(end).unwrap_or_default();
                    if braced {
                        behind = behind.strip_prefix('}').unwrap_or(behind);
                    }
                    let indexed = behind.starts_with('(');
                    if indexed {
                        behind = bracketed(behind, '(', ')').1;
                    }
                    match self.variables.get(name).filter(|_| !indexed) {
                        Some(value) => append(&mut out, value),
                        None => append(&mut out, HOLE),
                    }
                    *rest = behind;
                }
                other => {
                    out.push(other);
                    *rest = behind;
                }
            }
        }
        out
    }

    fn command(&mut self, words: &[Word], depth: usize) {
        let Some((first, given)) = words.split_first() else { return };
        let name = first.text.trim_start_matches(':');
        let texts = || given.iter().map(|word| word.text.clone());
        match name {
            "spawn" | "exp_spawn" => {
                let words = behind_options(given, VALUES);
                if self.spawned.len() < super::MAX_STARTED {
                    self.spawned.push(words.iter().map(|word| word.text.clone()).collect());
                }
            }
            "exec" => self.pipeline(behind_options(given, &[])),
            "system" => {
                let line: Vec<String> = texts().collect();
                self.found.add(Started::line(line.join(" ")));
            }
            "open" => {
                let line = given.first().and_then(|word| word.text.trim_start().strip_prefix('|'));
                if let Some(line) = line {
                    self.found.add(Started::line(line));
                }
            }
            "send" | "exp_send" => {
                let words = behind_options(given, &["-i"]);
                for word in words {
                    // A whole answer that is computed answers a question.
                    let text = word.text.replace('\r', "\n");
                    match text.contains(HOLE) {
                        true => self.types_computed |= text.trim() != HOLE,
                        false if self.typed.len() < MAX_COMMAND => self.typed.push_str(&text),
                        false => self.types_computed = true,
                    }
                }
            }
            "interact" => self.interacts = true,
            "set" if given.len() == 2 => {
                let mut words = texts();
                if let (Some(name), Some(value)) = (words.next(), words.next()) {
                    self.variables.insert(name, value);
                }
            }
            "eval" => {
                let line: Vec<String> = texts().collect();
                self.read(&line.join(" "), depth + 1);
            }
            name if TEXTS.contains(&name) => {}
            _ => {
                for word in given.iter().filter(|word| word.braced) {
                    self.read(&word.text, depth + 1);
                }
            }
        }
    }

    /// `exec a b | c > file`
    fn pipeline(&mut self, words: &[Word]) {
        for part in words.split(|word| !word.braced && matches!(word.text.as_str(), "|" | "|&")) {
            let ends = |word: &Word| {
                let text = word.text.trim_start_matches('2');
                !word.braced && (text.starts_with(['<', '>']) || text == "&")
            };
            let count = part.iter().position(ends).unwrap_or(part.len());
            let given = part.get(count..).unwrap_or_default();
            let fed = match given {
                [mark, text, ..] if mark.text == "<<" => Fed::Text(text.text.clone()),
                _ => Fed::Inherited,
            };
            let own = part.iter().take(count).map(|word| word.text.clone());
            self.found.add(Started { words: Words::List(own.collect()), fed });
        }
    }
}

/// What stands behind the options in front.
fn behind_options<'w>(words: &'w [Word], values: &[&str]) -> &'w [Word] {
    let mut rest = words;
    while let Some((first, behind)) = rest.split_first() {
        if first.text == "--" {
            return behind;
        }
        if !first.text.starts_with('-') {
            break;
        }
        let count = usize::from(values.contains(&first.text.as_str()));
        rest = behind.get(count..).unwrap_or_default();
    }
    rest
}

/// What stands between the bracket that a text begins with and the one that
/// closes it, and what stands behind.
fn bracketed(text: &str, open: char, close: char) -> (&str, &str) {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == open => depth += 1,
            letter if letter == close => {
                depth -= 1;
                if depth == 0 {
                    return (
                        text.get(1..at).unwrap_or_default(),
                        text.get(at + 1..).unwrap_or_default(),
                    );
                }
            }
            _ => {}
        }
    }
    (text.get(1..).unwrap_or_default(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let line = |one: Started| match one.words {
            Words::Line(line) => line,
            Words::List(words) => words.join("+"),
        };
        read(text).started.into_iter().map(line).collect()
    }

    #[test]
    fn commands_are_found_where_tcl_runs_them() {
        for (text, expected) in [
            ("spawn -noecho a {b c}; expect eof", &["a+b c"][..]),
            (
                "set h x\nif {[catch {exec a -h $h \"b $c\" > out} e]} { puts $e }",
                &["a+-h+x+b \u{FFFC}"],
            ),
            ("puts [exec a | b]; system a b", &["a", "b", "a b"]),
            ("proc p {x} {\n  exec -- a\n}\nset f [open \"|a b\" r]", &["a", "a b"]),
            ("# exec a\nputs {exec a}; send_user \"exec a\"", &[]),
            ("expect {\n \"x\" { exec a }\n timeout { exit }\n}", &["a"]),
        ] {
            assert_eq!(lines(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_typed_is_what_a_spawned_program_reads() {
        let fed = |text| read(text).started.remove(0).fed;
        assert_eq!(fed("spawn a; send \"b c\\r\"; expect eof"), Fed::Text("b c\n".into()));
        assert_eq!(fed("spawn a; expect x; send \"$pw\\r\""), Fed::Text(String::new()));
        assert_eq!(fed("spawn a; send \"b $c\\r\""), Fed::Computed);
        assert_eq!(fed("spawn a; send \"b\\r\"; interact"), Fed::Inherited);
    }
}
