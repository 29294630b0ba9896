//! Lines of ex, as vim, Neovim and ed have them → the shell lines in them: `:!`,
//! `:r !`, `:w !`, `:terminal`, `system('…')`, and what `:execute`, `:global`
//! and their kin hold. By Vim 9.0 and GNU ed 1.19; nothing is run and no file
//! is read.

use super::{Fed, Found, Started, Words, append};
use crate::invocation::HOLE;

/// The most lines that are looked at.
const MAX_LINES: usize = 2_000;

/// The most commands of one line, and of calls in one expression.
const MAX_COMMANDS: usize = 200;

/// How much of an argument is looked at, in bytes.
const MAX_ARGUMENT: usize = 4 * 1024;

/// How deep commands may hold one another.
const MAX_DEPTH: usize = 8;

/// Whose lines they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    /// vi's, Vim's and Neovim's.
    Vim,
    /// ed's.
    Ed,
}

/// Functions whose first argument is a command.
const FUNCTIONS: &[&str] = &[
    "execute",
    "job_start",
    "jobstart",
    "popen",
    "system",
    "systemlist",
    "term_start",
    "termopen",
];

/// Commands in front of another that change how it is carried out, and those
/// that carry it out several times.
const AROUND: &[&str] = &[
    "abo",
    "aboveleft",
    "argdo",
    "bel",
    "belowright",
    "bo",
    "botright",
    "bro",
    "browse",
    "bufd",
    "bufdo",
    "cdo",
    "cfdo",
    "conf",
    "confirm",
    "hid",
    "hide",
    "kee",
    "keepa",
    "keepalt",
    "keepj",
    "keepjumps",
    "keepm",
    "keepmarks",
    "keepp",
    "keeppatterns",
    "ld",
    "ldo",
    "lef",
    "leftabove",
    "lfdo",
    "loc",
    "lockmarks",
    "noa",
    "noautocmd",
    "nos",
    "noswapfile",
    "rightb",
    "rightbelow",
    "sandbox",
    "san",
    "sil",
    "silent",
    "tab",
    "tabd",
    "tabdo",
    "to",
    "topleft",
    "uns",
    "unsilent",
    "verb",
    "verbose",
    "vert",
    "vertical",
    "windo",
];

/// Reads lines.
pub fn read(text: &str, editor: Editor) -> Found {
    let mut found = Found::default();
    let mut typed = false;
    for line in text.lines().take(MAX_LINES) {
        // What is put into the text ends with a dot.
        if typed {
            typed = line != ".";
            continue;
        }
        command(line, editor, &mut found, 0);
        let (_, rest) = range(line);
        typed = matches!(rest.trim(), "a" | "append" | "c" | "change" | "i" | "insert");
    }
    found
}

/// A command, and those behind its bars.
fn command(text: &str, editor: Editor, found: &mut Found, depth: usize) {
    let mut rest = Some(text);
    for _ in 0..MAX_COMMANDS {
        let Some(text) = rest.filter(|_| depth <= MAX_DEPTH) else { return };
        rest = one(text, editor, found, depth);
    }
}

/// One command; gives what stands behind its bar.
fn one<'a>(text: &'a str, editor: Editor, found: &mut Found, depth: usize) -> Option<&'a str> {
    let (ranged, rest) = range(text);
    if let Some(line) = rest.strip_prefix('!') {
        // With lines in front, they are its input.
        let fed = if ranged { Fed::Computed } else { Fed::Inherited };
        found.add(Started { words: Words::Line(shell(line)), fed });
        return None;
    }
    let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (whole, mut rest) = rest.split_at_checked(end).unwrap_or_default();
    // `py3`
    if let Some(behind) = rest.strip_prefix('3') {
        rest = behind;
    }
    let blank = rest.trim_start();
    let again = |rest: &str, found: &mut Found| command(rest, editor, found, depth + 1);
    let global = ["g", "global", "v", "vglobal"].contains(&whole);
    match whole {
        "r" | "read" | "w" | "write" | "e" if blank.starts_with('!') => {
            let own = whole.starts_with('w') && blank.len() == rest.len();
            if !own && (whole != "e" || editor == Editor::Ed) {
                let fed = if whole.starts_with('w') { Fed::Computed } else { Fed::Inherited };
                let words = Words::Line(shell(blank.get(1..).unwrap_or_default()));
                found.add(Started { words, fed });
                return None;
            }
        }
        _ if editor == Editor::Ed && !global => return None,
        name if AROUND.contains(&name) => {
            again(rest.trim_start_matches('!'), found);
            return None;
        }
        _ if global => {
            let rest = rest.trim_start_matches('!').trim_start();
            again(pattern(rest), found);
            return None;
        }
        "exe" | "execute" => again(&joined(blank), found),
        "ter" | "term" | "terminal" => {
            let words: Vec<&str> =
                blank.split_whitespace().skip_while(|word| word.starts_with("++")).collect();
            found.add(Started::line(shell(&words.join(" "))));
            return None;
        }
        "lua" | "py" | "python" | "pyx" | "pe" | "perl" | "rub" | "ruby" => {
            let program: &[&str] = match whole {
                "pe" | "perl" => &["perl", "-e"],
                "rub" | "ruby" => &["ruby", "-e"],
                "lua" => &[],
                _ => &["python3", "-c"],
            };
            if !program.is_empty() {
                let words = program.iter().copied().chain([blank]).map(str::to_owned);
                let words = Words::List(words.collect());
                found.add(Started { words, fed: Fed::Inherited });
                return None;
            }
        }
        _ => {}
    }
    let (own, behind) = bar(rest);
    functions(own, found);
    behind
}

/// What stands behind the lines that a command is for, and whether there are
/// any.
fn range(text: &str) -> (bool, &str) {
    let mut rest = text.trim_start_matches([':', ' ', '\t']);
    let mut ranged = false;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '%' | '$' | '.' | ',' | ';' | '+' | '-' | '0'..='9' => 1,
            ' ' | '\t' | ':' => 1,
            '\'' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            '/' | '?' => rest.len() - pattern(rest).len(),
            _ => break,
        };
        ranged |= !letter.is_whitespace() && letter != ':';
        rest = rest.get(length..).unwrap_or_default();
    }
    (ranged, rest)
}

/// What stands behind a pattern between two marks.
fn pattern(text: &str) -> &str {
    let Some(mark) = text.chars().next() else { return "" };
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == mark => {
                return text.get(at + letter.len_utf8()..).unwrap_or_default();
            }
            _ => {}
        }
    }
    ""
}

/// A shell line as the editor hands it on: names of files are put in.
fn shell(line: &str) -> String {
    let mut out = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek().is_some_and(|next| "!%#".contains(*next)) => {
                out.extend(letters.next());
            }
            '%' | '#' => append(&mut out, HOLE),
            other => out.push(other),
        }
    }
    out
}

/// A command up to its bar, and what stands behind that.
fn bar(text: &str) -> (&str, Option<&str>) {
    let mut quote = None;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match (letter, quote) {
            _ if escaped => escaped = false,
            ('\\', _) => escaped = true,
            ('"' | '\'', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            ('|', None) => return (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
            _ => {}
        }
    }
    // An apostrophe in a comment or a pattern opens nothing.
    match quote.and_then(|_| text.split_once('|')) {
        Some((own, behind)) => (own, Some(behind)),
        None => (text, None),
    }
}

/// The texts of an expression beside one another, with holes for the rest.
fn joined(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '.']);
        match rest.chars().next() {
            Some('"' | '\'') => {
                let (value, behind) = quoted(rest);
                append(&mut out, &value);
                rest = behind;
            }
            None | Some('|' | ')' | ',' | ']') => return out,
            Some(letter) => {
                append(&mut out, HOLE);
                let end = rest.find([' ', '.', '|', ')', ',', ']']).unwrap_or(rest.len());
                rest = rest.get(end.max(letter.len_utf8())..).unwrap_or_default();
            }
        }
    }
}

/// The text in quotes that another begins with, and what stands behind it.
pub(super) fn quoted(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut letters = text.char_indices().peekable();
    let Some((_, quote)) = letters.next() else { return (out, "") };
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        match letter {
            '\\' if quote == '"' => {
                letters.next();
                match next {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('<') => {}
                    other => out.extend(other),
                }
            }
            letter if letter == quote && quote == '\'' && next == Some('\'') => {
                letters.next();
                out.push(letter);
            }
            letter if letter == quote => {
                return (out, text.get(at + letter.len_utf8()..).unwrap_or_default());
            }
            other => out.push(other),
        }
    }
    (out, "")
}

/// The commands that functions in an expression start.
pub(super) fn functions(text: &str, found: &mut Found) {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut rest = text;
    let mut calls = 0;
    while let Some(at) = rest.find('(') {
        let (front, behind) = rest.split_at_checked(at).unwrap_or_default();
        let name = front.rsplit(|letter| !is_word(letter)).next().unwrap_or_default();
        let inside = behind.get(1..).unwrap_or_default().trim_start();
        rest = behind.get(1..).unwrap_or_default();
        if !FUNCTIONS.contains(&name) {
            continue;
        }
        calls += 1;
        if calls > MAX_COMMANDS {
            return;
        }
        let inside = inside.get(..inside.floor_char_boundary(MAX_ARGUMENT)).unwrap_or_default();
        match inside.strip_prefix('[') {
            Some(list) => {
                let end = list.find(']').unwrap_or(list.len());
                let mut rest = list.get(..end).unwrap_or_default();
                let mut words = Vec::new();
                while !rest.trim().is_empty() && words.len() < 100 {
                    words.push(joined(rest));
                    rest = after_comma(rest);
                }
                found.add(Started { words: Words::List(words), fed: Fed::Inherited });
            }
            None => found.add(Started::line(joined(inside))),
        }
    }
}

/// What stands behind the next comma that no quotes hold.
fn after_comma(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(letter) = rest.chars().next() {
        rest = match letter {
            ',' => return rest.get(1..).unwrap_or_default(),
            '"' | '\'' => quoted(rest).1,
            other => rest.get(other.len_utf8()..).unwrap_or_default(),
        };
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, editor: Editor) -> Vec<String> {
        let line = |one: Started| match one.words {
            Words::Line(line) => line,
            Words::List(words) => words.join("+"),
        };
        read(text, editor).started.into_iter().map(line).collect()
    }

    #[test]
    fn commands_of_vim_are_found_where_it_runs_them() {
        for (text, expected) in [
            ("!a | b", &["a | b"][..]),
            (":%!a", &["a"]),
            ("silent! exe '!a ' . x | q", &["a \u{FFFC}"]),
            ("1,/x y/-1w !a \\% %", &["a % \u{FFFC}"]),
            ("r!a", &["a"]),
            ("set nu | !a", &["a"]),
            ("g/x|y/s/a/b/ | normal! x", &[]),
            ("g!/x/exe \"!a \\\"b\\\"\"", &["a \"b\""]),
            ("let x = system('a ''b''') | call systemlist(\"c\")", &["a 'b'", "c"]),
            ("call job_start(['a', 'b c', d])", &["a+b c+\u{FFFC}"]),
            ("s/x/\\=system('a')/", &["a"]),
            ("term ++close a b", &["a b"]),
            ("py3 import os; os.system('a')", &["python3+-c+import os; os.system('a')"]),
            ("lua os.execute('a')", &["a"]),
            ("w! out | wq!", &[]),
            ("e !a", &[]),
            ("%s/!a/b/g", &[]),
            ("a\n!b\n.\n!c", &["c"]),
            ("\" !a", &[]),
            ("/!a", &[]),
        ] {
            assert_eq!(lines(text, Editor::Vim), expected, "{text}");
        }
    }

    #[test]
    fn commands_of_ed_are_found_where_it_runs_them() {
        for (text, expected) in [
            ("!a\n$r !b\n,w !c\ne !d\nq", &["a", "b", "c", "d"][..]),
            ("1i\n!b\n.\ns/x/!y/\nwq", &[]),
            ("silent !a", &[]),
        ] {
            assert_eq!(lines(text, Editor::Ed), expected, "{text}");
        }
    }
}
