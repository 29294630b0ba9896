//! JavaScript and TypeScript text → a small tree of what our readers look for:
//! names, calls, literals and what is bound to what. oxc's grammar reads the
//! text; whatever has no meaning here keeps its parts in their order. Nothing
//! is run, and nothing is resolved.
//!
//! oxc 0.139 recurses without limit (10,000 brackets overflow a stack of
//! 8 MiB), so a text gets a stack by the number of its tokens, each of which
//! opens one level at most, and the tree itself is cut at [`tree::MAX_DEPTH`].

mod tree;

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

/// The longest text that is read, in bytes.
const MAX_TEXT: usize = 4 << 20;
/// Tokens beyond which a text is not read.
const MAX_TOKENS: usize = 200_000;
/// Brackets that may be open at once; more would only cost memory.
const MAX_BRACKETS: usize = 2_000;
/// The stack that one token may need, in bytes: at most 2,810 in a release
/// build, by 37 shapes of nesting (oxc 0.139 on x86-64).
const A_TOKEN: usize = if cfg!(debug_assertions) { 32 << 10 } else { 4 << 10 };
/// What may be used of the stack that is there.
const OWN_STACK: usize = 1 << 20;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A script of a shell or a page: JavaScript, not a module.
    Script,
    /// A module or a program of Node's, in TypeScript or JavaScript.
    Program,
}

/// A piece of a program.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A name that is used: `db`.
    Name(String),
    /// A name that gets a value which the text does not show: a parameter.
    Bound(String),
    /// A name that gets this value.
    Bind(String, Box<Expr>),
    /// A string, or a template without code in it.
    Text(String),
    /// A template: the texts around its holes, and what is in these.
    Template(Vec<String>, Vec<Expr>),
    /// A number, or one of `true`, `false` and `null`, as it is written.
    Word(String),
    /// A regular expression.
    Regex,
    /// `{ a: 1 }`: the keys in order, none where one is computed or spread.
    Object(Vec<(Option<String>, Expr)>),
    /// `[1, 2]`
    Array(Vec<Expr>),
    /// `a.b`, `a?.b` and `a['b']`
    Member(Box<Expr>, String),
    /// `a[b]`
    Index(Box<Expr>, Box<Expr>),
    /// `a(b)`
    Call(Box<Expr>, Vec<Expr>),
    /// `new A(b)`
    New(Box<Expr>, Vec<Expr>),
    /// A template that is handed to a function.
    Tagged(Vec<Expr>),
    /// A function: its parameters and body.
    Function(Vec<Expr>),
    /// What may run several times.
    Loop(Vec<Expr>),
    /// What may not run at all.
    Maybe(Vec<Expr>),
    /// Anything else, by its parts.
    Other(Vec<Expr>),
}

impl Expr {
    /// Its parts, in the order in which the text has them.
    pub fn parts(&self) -> Vec<&Expr> {
        match self {
            Expr::Name(_) | Expr::Bound(_) | Expr::Text(_) | Expr::Word(_) | Expr::Regex => {
                Vec::new()
            }
            Expr::Bind(_, one) | Expr::Member(one, _) => vec![one],
            Expr::Index(first, second) => vec![first, second],
            Expr::Call(first, rest) | Expr::New(first, rest) => {
                std::iter::once(&**first).chain(rest).collect()
            }
            Expr::Object(entries) => entries.iter().map(|(_, value)| value).collect(),
            Expr::Template(_, parts)
            | Expr::Array(parts)
            | Expr::Tagged(parts)
            | Expr::Function(parts)
            | Expr::Loop(parts)
            | Expr::Maybe(parts)
            | Expr::Other(parts) => parts.iter().collect(),
        }
    }
}

/// What was read of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Its statements.
    pub body: Vec<Expr>,
    /// Why some of it could not be read.
    pub problem: Option<String>,
}

impl Program {
    fn unread(why: &str) -> Program {
        Program { body: Vec::new(), problem: Some(why.to_owned()) }
    }
}

/// Reads a text.
pub fn parse(text: &str, dialect: Dialect) -> Program {
    let (tokens, deepest) = at_most(text);
    if text.len() > MAX_TEXT || tokens > MAX_TOKENS {
        return Program::unread("it is too large");
    }
    if deepest > MAX_BRACKETS {
        return Program::unread("it is too deeply nested");
    }
    let need = (tokens + 8) * A_TOKEN;
    if need <= OWN_STACK {
        return parse_here(text, dialect);
    }
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new()
            .stack_size(need + OWN_STACK)
            .spawn_scoped(scope, || parse_here(text, dialect));
        let read = reader.ok().and_then(|reader| reader.join().ok());
        read.unwrap_or_else(|| Program::unread("there is no memory to read it"))
    })
}

/// At least as many as a text has tokens that could open a level, whatever is
/// a string or a comment in it: signs that close nothing, and words. And how
/// many brackets stand open at once, where none is in a string.
fn at_most(text: &str) -> (usize, usize) {
    let (mut count, mut open, mut deepest) = (0, 0_usize, 0);
    let mut word = false;
    for byte in text.bytes() {
        let letter = byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
        let closes = matches!(byte, b')' | b']' | b'}' | b';');
        count += usize::from((letter && !word) || (byte.is_ascii_punctuation() && !closes));
        word = letter;
    }
    (count, deepest)
}

fn parse_here(text: &str, dialect: Dialect) -> Program {
    match dialect {
        // A shell's script may wait at its top, which only modules may.
        Dialect::Script => {
            let script = parse_as(text, SourceType::script());
            match &script.problem {
                Some(_) if text.contains("await") => parse_as(text, SourceType::mjs()),
                _ => script,
            }
        }
        Dialect::Program => {
            let typed = parse_as(text, SourceType::ts());
            match &typed.problem {
                Some(_) => {
                    let plain = parse_as(text, SourceType::cjs().with_jsx(true));
                    if plain.problem.is_none() { plain } else { typed }
                }
                None => typed,
            }
        }
    }
}

fn parse_as(text: &str, kind: SourceType) -> Program {
    let allocator = Allocator::default();
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let read = Parser::new(&allocator, text, kind).with_options(options).parse();
    if read.panicked {
        return Program::unread("its syntax is not JavaScript's");
    }
    let mut program = tree::of(&read.program);
    if !read.diagnostics.is_empty() {
        program.problem.get_or_insert_with(|| "its syntax is not JavaScript's".to_owned());
    }
    program
}

#[cfg(test)]
mod tests;
