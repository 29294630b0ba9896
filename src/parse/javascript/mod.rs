//! JavaScript and TypeScript text → a small tree of what our readers look for:
//! names, calls, literals and what is bound to what. oxc's grammar reads the
//! text; whatever has no meaning here keeps its parts in their order. Nothing
//! is run, and nothing is resolved.
//!
//! oxc 0.139 recurses without limit (10,000 brackets overflow a stack of
//! 8 MiB), so a text gets a stack by the number of its tokens, each of which
//! opens one level at most, and the tree itself is cut at [`MAX_DEPTH`].

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentOperator, BindingPattern, PropertyKind, UnaryOperator};
use oxc_ast_visit::Visit;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

/// The longest text that is read, in bytes.
const MAX_TEXT: usize = 4 << 20;
/// Tokens beyond which a text is not read.
const MAX_TOKENS: usize = 200_000;
/// Brackets that may be open at once; more would only cost memory.
const MAX_BRACKETS: usize = 2_000;
/// How deep the tree may be.
const MAX_DEPTH: usize = 300;
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
    let mut builder = Builder { open: vec![Vec::new()], problem: None };
    builder.visit_program(&read.program);
    let mut problem = builder.problem;
    if !read.diagnostics.is_empty() {
        problem.get_or_insert_with(|| "its syntax is not JavaScript's".to_owned());
    }
    let body = match builder.open.pop().unwrap_or_default().pop() {
        Some(Expr::Other(body)) => body,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    Program { body, problem }
}

/// Puts the tree together: each node that is left takes the pieces that were
/// made since it was entered.
struct Builder {
    open: Vec<Vec<Expr>>,
    problem: Option<String>,
}

impl<'a> Visit<'a> for Builder {
    fn enter_node(&mut self, _: AstKind<'a>) {
        self.open.push(Vec::new());
    }

    fn leave_node(&mut self, kind: AstKind<'a>) {
        let parts = self.open.pop().unwrap_or_default();
        if self.open.len() > MAX_DEPTH {
            self.problem.get_or_insert_with(|| "it is too deeply nested".to_owned());
            return;
        }
        let made = made(kind, parts);
        if let (Some(made), Some(outer)) = (made, self.open.last_mut()) {
            outer.push(made);
        }
    }
}

/// The piece that a node is, of those in it; none for types and the like.
fn made(kind: AstKind<'_>, mut parts: Vec<Expr>) -> Option<Expr> {
    Some(match kind {
        AstKind::IdentifierName(it) => Expr::Name(it.name.to_string()),
        AstKind::IdentifierReference(it) => Expr::Name(it.name.to_string()),
        AstKind::BindingIdentifier(it) => Expr::Bound(it.name.to_string()),
        AstKind::AssignmentTargetPropertyIdentifier(it) => Expr::Bound(it.binding.name.to_string()),
        AstKind::ThisExpression(_) => Expr::Name("this".to_owned()),
        AstKind::WithStatement(_) => named("with", parts),
        AstKind::ImportExpression(_) | AstKind::ImportDeclaration(_) => named("import", parts),
        AstKind::StringLiteral(it) => Expr::Text(it.value.to_string()),
        AstKind::NumericLiteral(it) => Expr::Word(number(it.value)),
        AstKind::BigIntLiteral(it) => Expr::Word(it.value.to_string()),
        AstKind::BooleanLiteral(it) => Expr::Word(it.value.to_string()),
        AstKind::NullLiteral(_) => Expr::Word("null".to_owned()),
        AstKind::RegExpLiteral(_) => Expr::Regex,
        AstKind::UnaryExpression(it) => match (it.operator, parts.pop()) {
            (UnaryOperator::UnaryNegation, Some(Expr::Word(word))) => {
                Expr::Word(format!("-{word}"))
            }
            (UnaryOperator::UnaryPlus, Some(Expr::Word(word))) => Expr::Word(word),
            (_, one) => Expr::Other(one.into_iter().collect()),
        },
        AstKind::TemplateElement(_) => return None,
        AstKind::TemplateLiteral(it) => {
            let text = |value: &oxc_ast::ast::TemplateElementValue<'_>| {
                value.cooked.as_ref().map_or_else(|| value.raw.to_string(), ToString::to_string)
            };
            let texts: Vec<String> = it.quasis.iter().map(|quasi| text(&quasi.value)).collect();
            match parts.is_empty() {
                true => Expr::Text(texts.concat()),
                false => Expr::Template(texts, parts),
            }
        }
        AstKind::TaggedTemplateExpression(_) => Expr::Tagged(parts),
        AstKind::ArrayExpression(_) => Expr::Array(parts),
        AstKind::ObjectExpression(_) => Expr::Object(
            parts
                .into_iter()
                .map(|part| match part {
                    Expr::Bind(key, value) => (Some(key), *value),
                    other => (None, other),
                })
                .collect(),
        ),
        AstKind::ObjectProperty(it) => property(it.kind, it.computed, parts),
        AstKind::StaticMemberExpression(it) => {
            parts.truncate(1);
            Expr::Member(Box::new(first(parts)), it.property.name.to_string())
        }
        AstKind::ComputedMemberExpression(_) => match parts.pop() {
            Some(Expr::Text(name)) => Expr::Member(Box::new(first(parts)), name),
            Some(index) => Expr::Index(Box::new(first(parts)), Box::new(index)),
            None => Expr::Other(parts),
        },
        AstKind::CallExpression(_) => called(parts, Expr::Call),
        AstKind::NewExpression(_) => called(parts, Expr::New),
        AstKind::VariableDeclarator(it) => match (&it.id, parts.len()) {
            (BindingPattern::BindingIdentifier(id), 2) => bind(&id.name, parts.pop()),
            _ => Expr::Other(parts),
        },
        AstKind::AssignmentExpression(it) => match parts.as_slice() {
            [Expr::Name(name), _] if it.operator == AssignmentOperator::Assign => {
                let name = name.clone();
                bind(&name, parts.pop())
            }
            // Of `a += b`, what `a` is then is not shown.
            [Expr::Name(name), _] => {
                parts.push(Expr::Bound(name.clone()));
                Expr::Other(parts)
            }
            _ => Expr::Other(parts),
        },
        AstKind::UpdateExpression(_) => match parts.pop() {
            Some(Expr::Name(name)) => Expr::Bound(name),
            one => Expr::Other(one.into_iter().collect()),
        },
        AstKind::Function(it) => match &it.id {
            Some(id) => bind(&id.name, Some(Expr::Function(without_own_name(parts)))),
            None => Expr::Function(parts),
        },
        AstKind::ArrowFunctionExpression(_) => Expr::Function(parts),
        AstKind::ArrayAssignmentTarget(_)
        | AstKind::ObjectAssignmentTarget(_)
        | AstKind::AssignmentTargetRest(_)
        | AstKind::AssignmentTargetWithDefault(_)
        | AstKind::AssignmentTargetPropertyProperty(_) => {
            parts.iter_mut().for_each(unknown);
            Expr::Other(parts)
        }
        AstKind::ForInStatement(_) | AstKind::ForOfStatement(_) => {
            parts.iter_mut().take(1).for_each(unknown);
            Expr::Loop(parts)
        }
        AstKind::ForStatement(_)
        | AstKind::WhileStatement(_)
        | AstKind::DoWhileStatement(_)
        | AstKind::Class(_) => Expr::Loop(parts),
        AstKind::IfStatement(_)
        | AstKind::ConditionalExpression(_)
        | AstKind::LogicalExpression(_)
        | AstKind::SwitchStatement(_)
        | AstKind::TryStatement(_) => Expr::Maybe(parts),
        AstKind::Directive(_)
        | AstKind::ExpressionStatement(_)
        | AstKind::ChainExpression(_)
        | AstKind::AwaitExpression(_)
        | AstKind::ParenthesizedExpression(_)
        | AstKind::VariableDeclaration(_)
        | AstKind::TSNonNullExpression(_)
        | AstKind::TSInstantiationExpression(_) => first(parts),
        AstKind::TSAsExpression(_) | AstKind::TSSatisfiesExpression(_) => {
            parts.truncate(1);
            first(parts)
        }
        AstKind::TSTypeAssertion(_) => parts.pop().unwrap_or(Expr::Other(Vec::new())),
        AstKind::TSTypeAnnotation(_)
        | AstKind::TSTypeParameterInstantiation(_)
        | AstKind::TSTypeParameterDeclaration(_)
        | AstKind::TSInterfaceDeclaration(_)
        | AstKind::TSTypeAliasDeclaration(_) => return None,
        _ => Expr::Other(parts),
    })
}

fn first(parts: Vec<Expr>) -> Expr {
    match parts.len() {
        0 | 1 => parts.into_iter().next().unwrap_or(Expr::Other(Vec::new())),
        _ => Expr::Other(parts),
    }
}

fn bind(name: &str, value: Option<Expr>) -> Expr {
    let value = value.unwrap_or(Expr::Other(Vec::new()));
    Expr::Bind(name.to_owned(), Box::new(value))
}

/// Makes of a name that is used one that gets a value which is not shown.
fn unknown(part: &mut Expr) {
    if let Expr::Name(name) = part {
        *part = Expr::Bound(std::mem::take(name));
    }
}

/// A keyword in front of its parts.
fn named(word: &str, mut parts: Vec<Expr>) -> Expr {
    parts.insert(0, Expr::Name(word.to_owned()));
    Expr::Other(parts)
}

fn called(mut parts: Vec<Expr>, make: fn(Box<Expr>, Vec<Expr>) -> Expr) -> Expr {
    if parts.is_empty() {
        return Expr::Other(parts);
    }
    let callee = parts.remove(0);
    make(Box::new(callee), parts)
}

/// One entry of an object, as a name that is bound; any other expression is
/// one whose key is not known.
fn property(kind: PropertyKind, computed: bool, mut parts: Vec<Expr>) -> Expr {
    let value = parts.pop();
    let key = match parts.pop() {
        Some(Expr::Name(name)) if !computed => Some(name),
        Some(Expr::Text(name) | Expr::Word(name)) => Some(name),
        _ => None,
    };
    match key {
        Some(key) if kind == PropertyKind::Init => bind(&key, value),
        Some(key) => Expr::Other(vec![Expr::Bound(key), value.unwrap_or(Expr::Regex)]),
        None => Expr::Other(value.into_iter().collect()),
    }
}

/// A function's parts without the name that it has outside.
fn without_own_name(mut parts: Vec<Expr>) -> Vec<Expr> {
    if matches!(parts.first(), Some(Expr::Bound(_))) {
        parts.remove(0);
    }
    parts
}

/// A number as JavaScript would print it.
fn number(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests;
