//! Python's imports: which modules a program names, and what of a module's text
//! an import runs, with the functions that are then called. By lines and their
//! indents, no grammar: where one cannot be told, the text is kept. Nothing is
//! run and no file is read.

use std::collections::BTreeSet;

use super::code::{self, Kind, Syntax, Token};

/// The most modules that are named.
const MAX_MODULES: usize = 20;

/// The most rounds in which functions call further ones.
const MAX_ROUNDS: usize = 8;

/// The modules that a program imports, as it names them: `jobs.purge`. What
/// `from jobs import purge` brings may be a module itself.
pub fn modules(text: &str) -> Vec<String> {
    let tokens = code::tokens(text, Syntax::Python);
    let mut out: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !name.is_empty() && !out.contains(&name) && out.len() < MAX_MODULES {
            out.push(name);
        }
    };
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        match token.word() {
            Some("from") => {
                let (name, used) = dotted(rest);
                let brought = rest.get(used..).unwrap_or_default();
                if brought.first().and_then(Token::word) == Some("import") {
                    add(name.clone());
                    let list = brought.get(1).is_some_and(|it| it.is_mark('('));
                    let own = |it: &&Token| match list {
                        true => !it.is_mark(')'),
                        false => it.line == token.line,
                    };
                    let words = brought.iter().skip(1).take_while(own).filter_map(Token::word);
                    words.take(MAX_MODULES).for_each(|word| add(format!("{name}.{word}")));
                }
            }
            // Of `from x import y`, the first word has been seen to.
            Some("import") if !before.is_some_and(|it| it.line == token.line && !is_end(it)) => {
                let mut rest = rest;
                loop {
                    let (name, used) = dotted(rest);
                    add(name);
                    rest = rest.get(used..).unwrap_or_default();
                    if rest.first().and_then(Token::word) == Some("as") {
                        rest = rest.get(2..).unwrap_or_default();
                    }
                    match rest.first() {
                        Some(mark) if mark.is_mark(',') => rest = rest.get(1..).unwrap_or_default(),
                        _ => break,
                    }
                }
            }
            Some("__import__" | "import_module") => {
                if let [open, Token { kind: Kind::Text(name), .. }, ..] = rest
                    && open.is_mark('(')
                {
                    add(name.clone());
                }
            }
            _ => {}
        }
    }
    out
}

/// Whether a statement may begin behind a token.
fn is_end(token: &Token) -> bool {
    token.is_mark(';') || token.is_mark(':')
}

/// A name with its dots, and how many tokens it takes.
fn dotted(tokens: &[Token]) -> (String, usize) {
    let mut name = String::new();
    let mut used = 0;
    let line = tokens.first().map(|token| token.line);
    for token in tokens.iter().take(40).take_while(|token| Some(token.line) == line) {
        match token.word() {
            Some("import" | "as") => break,
            Some(word) if name.is_empty() || name.ends_with('.') => name.push_str(word),
            None if token.is_mark('.') && !name.is_empty() => name.push('.'),
            _ => break,
        }
        used += 1;
    }
    (name, used)
}

/// A piece of a module: what stands outside, or a function or class.
struct Piece<'a> {
    name: Option<&'a str>,
    text: String,
    /// Whether it runs only where the module is the program.
    main: bool,
}

/// What of a module runs where it is imported by a program with these words:
/// all but the functions and classes that neither the program names nor what
/// runs of the module.
pub fn reached(module: &str, words: &BTreeSet<String>) -> String {
    let pieces = pieces(module);
    let mut runs: Vec<bool> = pieces.iter().map(|piece| piece.name.is_none()).collect();
    let mut names: BTreeSet<&str> = words.iter().map(String::as_str).collect();
    for _ in 0..MAX_ROUNDS {
        let mut more = false;
        let known = names.len();
        for (piece, runs) in pieces.iter().zip(&mut runs) {
            let is_new = !*runs && piece.name.is_some_and(|name| names.contains(name));
            *runs |= is_new;
            more |= is_new;
        }
        let running = pieces.iter().zip(&runs).filter(|(piece, runs)| **runs && !piece.main);
        for (piece, _) in running {
            names.extend(piece.text.split(|letter| !code::is_word(letter)));
        }
        if !more && names.len() == known {
            break;
        }
    }
    let running = pieces.iter().zip(&runs).filter(|(piece, runs)| **runs && !piece.main);
    running.map(|(piece, _)| piece.text.as_str()).collect()
}

fn pieces(module: &str) -> Vec<Piece<'_>> {
    let mut out: Vec<Piece<'_>> = Vec::new();
    let mut inside = false;
    for line in module.split_inclusive('\n') {
        let is_blank = line.trim().is_empty();
        let indented = line.starts_with([' ', '\t']);
        // A signature over several lines ends with its bracket.
        let goes_on = is_blank || indented || line.starts_with([')', '#']);
        if inside && goes_on {
            if let Some(piece) = out.last_mut() {
                piece.text.push_str(line);
            }
            continue;
        }
        let name = ["def ", "async def ", "class "].iter().find_map(|word| line.strip_prefix(word));
        let name =
            name.map(|rest| rest.split(|letter| !code::is_word(letter)).next().unwrap_or_default());
        let main = line.starts_with("if __name__");
        inside = name.is_some() || main;
        match out.last_mut().filter(|last| !inside && last.name.is_none() && !last.main) {
            Some(last) => last.text.push_str(line),
            None => out.push(Piece { name, text: line.to_owned(), main }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_as_python_names_them() {
        for (text, expected) in [
            ("import tidy", &["tidy"][..]),
            ("import os, jobs.purge as p; import b", &["os", "jobs.purge", "b"]),
            ("from jobs import purge, other\nx", &["jobs", "jobs.purge", "jobs.other"]),
            ("x = __import__('a'); importlib.import_module(\"b.c\")", &["a", "b.c"]),
            ("if x: import a", &["a"]),
            ("print('import a')  # import b", &[]),
            ("from . import a", &[]),
            ("from a import (b,\n  c)\nimport d\n.e", &["a", "a.b", "a.c", "d"]),
        ] {
            assert_eq!(modules(text), expected, "{text}");
        }
    }

    #[test]
    fn an_import_runs_what_stands_outside_and_what_is_called() {
        let module = "import os\n\ndef a(\n    x,\n):\n    b()\n\nclass C:\n    y = 1\n\n\
                      # c\ndef b():\n    two\n\nstart\nif __name__ == '__main__':\n    a(1)\n";
        let runs = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            let text = reached(module, &names);
            ["start", "two", "y = 1", "a(1)"].map(|part| text.contains(part))
        };
        assert_eq!(runs(&["x"]), [true, false, false, false]);
        assert_eq!(runs(&["b"]), [true, true, false, false]);
        assert_eq!(runs(&["a"]), [true, true, false, false]);
        assert_eq!(runs(&["C"]), [true, false, true, false]);
    }
}
