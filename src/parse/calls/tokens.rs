//! The calls and texts of a program of which only tokens are known.

use super::{Argument, MAX_DEPTH, PRINTING, Program};
use crate::invocation::HOLE;
use crate::parse::code::{self, Kind, Syntax, Token};

/// Tokens of one call that are looked at.
const MAX_TOKENS: usize = 400;
/// Tokens in front of a call that are looked at for what it is called on.
const MAX_HEAD: usize = 100;

impl Program {
    /// Takes what tokens show.
    pub(super) fn tokens(&mut self, tokens: &[Token], syntax: Syntax) {
        // The names of the calls that stand around a token.
        let mut around: Vec<bool> = Vec::new();
        let loose = matches!(syntax, Syntax::Ruby | Syntax::Perl | Syntax::Php);
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            let rest = tokens.get(at + 1..).unwrap_or_default();
            let prints = |token: Option<&Token>| {
                let word = token.and_then(Token::word).unwrap_or_default();
                PRINTING.contains(&word.to_lowercase().as_str())
            };
            match &token.kind {
                Kind::Mark('(' | '[' | '{') => {
                    let outer = around.last().copied().unwrap_or(false);
                    around.push(outer || (token.is_mark('(') && prints(before)));
                }
                Kind::Mark(')' | ']' | '}') => {
                    around.pop();
                }
                Kind::Mark(_) => {}
                Kind::Text(text) => {
                    let printed = around.last() == Some(&true)
                        || before.is_some_and(|it| it.line == token.line) && prints(before);
                    // A text that stands alone says what the code is for.
                    let alone = around.is_empty()
                        && syntax == Syntax::Python
                        && before.is_none_or(|it| it.line < token.line || it.is_mark(':'))
                        && rest.first().is_none_or(|it| it.line > token.line);
                    let formed = syntax == Syntax::Python
                        && before
                            .and_then(Token::word)
                            .is_some_and(|it| it.to_lowercase().ends_with('f'));
                    if !alone && formed {
                        self.text(&braces(text), printed);
                    } else if !alone {
                        self.text(&holes(text, syntax), printed);
                    }
                }
                Kind::Word(word) => {
                    self.word(word);
                    let method = before
                        .is_some_and(|it| it.is_mark('.') || it.is_mark('>') || it.is_mark(':'));
                    let next = rest.first().filter(|it| it.line == token.line);
                    let open = next.is_some_and(|it| it.is_mark('('));
                    let bare = loose
                        && (method || next.is_some_and(|it| matches!(it.kind, Kind::Text(_))));
                    if open || bare {
                        let given = arguments(rest, open, syntax);
                        self.called(on(tokens, at, syntax), word, given);
                    }
                }
            }
        }
    }
}

/// What the word at `at` is called on, the nearest first.
fn on(tokens: &[Token], at: usize, syntax: Syntax) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = at;
    while out.len() < 8 {
        let joins = |token: &Token| {
            // Behind Python's colon stands another statement.
            let colon = token.is_mark(':') && syntax != Syntax::Python;
            token.is_mark('.') || token.is_mark('>') || colon
        };
        let mut next = at;
        let mut marks = 0;
        while let Some(before) = next.checked_sub(1)
            && marks < 2
            && tokens.get(before).is_some_and(|it| joins(it) || it.is_mark('-'))
        {
            next = before;
            marks += 1;
        }
        let Some(before) = next.checked_sub(1).filter(|_| marks > 0) else { break };
        let before = in_front(tokens, before);
        match tokens.get(before).and_then(Token::word) {
            Some(word) => out.push(word.to_owned()),
            None => break,
        }
        at = before;
    }
    out
}

/// The token in front of the brackets that close at `at`, or `at` itself.
fn in_front(tokens: &[Token], at: usize) -> usize {
    if !tokens.get(at).is_some_and(|it| it.is_mark(')')) {
        return at;
    }
    let mut depth = 0_usize;
    for back in (at.saturating_sub(MAX_HEAD)..=at).rev() {
        match tokens.get(back).map(|token| &token.kind) {
            Some(Kind::Mark(')' | ']' | '}')) => depth += 1,
            Some(Kind::Mark('(' | '[' | '{')) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return back.saturating_sub(1);
        }
    }
    at
}

/// The arguments of a call: in brackets, or to the end of the line.
fn arguments(rest: &[Token], open: bool, syntax: Syntax) -> Vec<Argument> {
    let line = rest.first().map(|token| token.line);
    let mut depth = 0_usize;
    let mut end = rest.len().min(MAX_TOKENS);
    for (at, token) in rest.iter().enumerate().take(MAX_TOKENS) {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let over = match open {
            true => depth == 0,
            false => depth == 0 && (token.is_mark(';') || Some(token.line) != line),
        };
        if over {
            end = at;
            break;
        }
    }
    list(rest.get(usize::from(open)..end).unwrap_or_default(), syntax, 0)
}

/// What stands between commas.
fn list(tokens: &[Token], syntax: Syntax, depth: usize) -> Vec<Argument> {
    let mut level = 0_usize;
    let parts = tokens.split(|token| {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => level += 1,
            Kind::Mark(')' | ']' | '}') => level = level.saturating_sub(1),
            _ => {}
        }
        level == 0 && token.is_mark(',')
    });
    parts.filter(|part| !part.is_empty()).map(|part| one(part, syntax, depth)).collect()
}

fn one(tokens: &[Token], syntax: Syntax, depth: usize) -> Argument {
    let inner = || tokens.get(1..tokens.len().saturating_sub(1)).unwrap_or_default();
    let last = tokens.last();
    let prefix = |word: &str| word.len() <= 2 && syntax == Syntax::Python;
    match tokens {
        _ if depth > MAX_DEPTH => Argument::Computed,
        [one] => match &one.kind {
            Kind::Text(text) => Argument::Text(holes(text, syntax)),
            Kind::Word(word)
                if word.starts_with(|first: char| first.is_ascii_digit())
                    || ["true", "false", "none", "null", "nil"]
                        .contains(&word.to_lowercase().as_str()) =>
            {
                Argument::Word(word.to_lowercase())
            }
            _ => Argument::Computed,
        },
        // `f"…"`, `r"…"`
        [mark, text] if mark.word().is_some_and(prefix) => match &text.kind {
            Kind::Text(inside) if mark.word().is_some_and(|it| it.contains(['f', 'F'])) => {
                Argument::Text(braces(inside))
            }
            Kind::Text(inside) => Argument::Text(inside.clone()),
            _ => Argument::Computed,
        },
        // Ruby's `*%w[a b]`
        [mark, rest @ ..] if mark.is_mark('*') => one(rest, syntax, depth + 1),
        [first, ..] if first.is_mark('[') && last.is_some_and(|it| it.is_mark(']')) => {
            Argument::List(list(inner(), syntax, depth + 1))
        }
        [first, ..] if first.is_mark('{') && last.is_some_and(|it| it.is_mark('}')) => {
            Argument::Entries(list(inner(), syntax, depth + 1))
        }
        [name, mark, value @ ..] if mark.is_mark('=') || mark.is_mark(':') => {
            let name = match &name.kind {
                Kind::Word(word) | Kind::Text(word) => word.clone(),
                Kind::Mark(_) => return Argument::Computed,
            };
            Argument::Named(name, Box::new(one(value, syntax, depth + 1)))
        }
        // Texts beside one another are one text.
        parts => {
            let mut whole = String::new();
            for part in parts {
                match &part.kind {
                    Kind::Text(text) => whole.push_str(&holes(text, syntax)),
                    Kind::Mark('+') => {}
                    _ => whole.push_str(HOLE),
                }
            }
            let starts = parts.iter().any(|part| matches!(part.kind, Kind::Text(_)));
            if starts { Argument::Text(whole) } else { Argument::Computed }
        }
    }
}

/// A text with holes for what the language puts in: `#{x}`, `$x`, `${x}`.
fn holes(text: &str, syntax: Syntax) -> String {
    let mark = match syntax {
        Syntax::Ruby => '#',
        Syntax::Perl | Syntax::Php | Syntax::Script => '$',
        Syntax::Python => return text.to_owned(),
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        out.push_str(before);
        let braced = after.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let length = after.find(|letter| !code::is_word(letter)).unwrap_or(after.len());
        match braced {
            Some((_, behind)) => {
                out.push_str(HOLE);
                rest = behind;
            }
            None if matches!(syntax, Syntax::Perl | Syntax::Php) && length > 0 => {
                out.push_str(HOLE);
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                out.push(mark);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A text with holes for what stands in braces, as in Python's f-strings.
fn braces(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.strip_prefix('{') {
            Some(behind) => {
                out.push('{');
                rest = behind;
            }
            None => {
                out.push_str(HOLE);
                rest = after.split_once('}').map_or("", |(_, behind)| behind);
            }
        }
    }
    out.push_str(rest);
    out
}
