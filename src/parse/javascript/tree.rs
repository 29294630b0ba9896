//! oxc's tree → ours: each node becomes the piece that it means here, or its
//! parts in their order. Reads no text.

use oxc_ast::AstKind;
use oxc_ast::ast::{self, AssignmentOperator, BindingPattern, PropertyKind, UnaryOperator};
use oxc_ast_visit::Visit;

use super::{Expr, Program};

/// How deep the tree may be.
pub(super) const MAX_DEPTH: usize = 300;

/// The pieces of a program; the problem is that it is nested too deeply.
pub(super) fn of(program: &ast::Program<'_>) -> Program {
    let mut builder = Builder { open: vec![Vec::new()], problem: None };
    builder.visit_program(program);
    let body = match builder.open.pop().unwrap_or_default().pop() {
        Some(Expr::Other(body)) => body,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    Program { body, problem: builder.problem }
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
