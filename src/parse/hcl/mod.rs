//! HCL's text, native (`.tf`, `.tfvars`, `.hcl`) or JSON (`.tf.json`) →
//! attributes and blocks with their lines. A face over hcl-edit, whose parser
//! bounds nesting (64 levels) and chains of operators (128) itself; this adds
//! a bound on length. Evaluates nothing: what is no literal, no template and
//! no plain reference is [`Value::Unknown`].

mod json;

use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::Structure;
use hcl_edit::template::{Element, Strip, Template};
use hcl_edit::{Span, structure};

pub use json::{json, json_values};

/// The longest text that is read, in bytes.
pub const MAX_TEXT: usize = 1 << 20;

/// A value, as far as it is written down.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text without anything to put in.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object; entries whose key is computed are left out, and an
    /// [`Value::Unknown`] under the empty name stands for them.
    Map(Vec<(String, Value)>),
    /// Parts put together: `"acme-${var.env}"`.
    Template(Vec<Value>),
    /// `var.env`, `local.names["x"]`: the first name, and what follows.
    Reference(String, Vec<Step>),
    /// Calls, operators, conditions: whatever is not read.
    Unknown,
}

/// A step from one value into another.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.name`.
    Name(String),
    /// `[key]`.
    Key(Value),
}

impl Value {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one; Terraform takes `"true"` for one too.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            Value::Text(text) if text == "true" => Some(true),
            Value::Text(text) if text == "false" => Some(false),
            _ => None,
        }
    }

    /// The number, if it is one; Terraform takes `"7"` for one too.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(value) => Some(*value),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A member of an object.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, it)| it),
            _ => None,
        }
    }
}

/// An attribute: `name = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Its line, from 1.
    pub line: usize,
}

/// A block: `kind "label" { … }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Its first word.
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// What is in it.
    pub body: Body,
    /// Its line, from 1.
    pub line: usize,
}

/// What a file or a block holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

impl Body {
    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// An attribute's value.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.attribute(name).map(|attribute| &attribute.value)
    }

    /// The blocks of a kind.
    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// Reads the native syntax.
///
/// # Errors
/// Says in one line what is wrong and where.
pub fn native(text: &str) -> Result<Body, String> {
    bounded(text)?;
    // Terraform 1.11.4 takes a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = hcl_edit::parser::parse_body(text).map_err(|error| said(&error))?;
    let lines = Lines::of(text);
    Ok(body_of(&body, &lines))
}

/// Reads one expression of the native syntax, as `-var` gives it.
///
/// # Errors
/// Says in one line what is wrong and where.
pub fn expression(text: &str) -> Result<Value, String> {
    bounded(text)?;
    hcl_edit::parser::parse_expr(text).map(|it| value_of(&it)).map_err(|error| said(&error))
}

fn bounded(text: &str) -> Result<(), String> {
    match text.len() {
        0..=MAX_TEXT => Ok(()),
        _ => Err(format!("it is longer than {}", crate::text::size(MAX_TEXT))),
    }
}

fn said(error: &hcl_edit::parser::Error) -> String {
    let at = error.location();
    format!("line {}, column {}: {}", at.line(), at.column(), error.message())
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(ends.map(|(at, _)| at).collect())
    }

    fn at(&self, span: Option<std::ops::Range<usize>>) -> usize {
        let from = span.map_or(0, |span| span.start);
        self.0.partition_point(|end| *end < from) + 1
    }
}

fn body_of(body: &structure::Body, lines: &Lines) -> Body {
    let mut found = Body::default();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => found.attributes.push(Attribute {
                name: attribute.key.as_str().to_owned(),
                value: value_of(&attribute.value),
                line: lines.at(attribute.span()),
            }),
            Structure::Block(block) => found.blocks.push(Block {
                kind: block.ident.as_str().to_owned(),
                labels: block.labels.iter().map(|label| label.as_str().to_owned()).collect(),
                body: body_of(&block.body, lines),
                line: lines.at(block.span()),
            }),
        }
    }
    found
}

fn value_of(expression: &Expression) -> Value {
    match expression {
        Expression::Null(_) => Value::Null,
        Expression::Bool(value) => Value::Bool(*value.value()),
        Expression::Number(number) => number.value().as_f64().map_or(Value::Unknown, Value::Number),
        Expression::String(text) => Value::Text(text.value().clone()),
        Expression::Array(array) => Value::List(array.iter().map(value_of).collect()),
        Expression::Object(object) => {
            let entries = object.iter().map(|(key, value)| match key {
                ObjectKey::Ident(name) => (name.as_str().to_owned(), value_of(value.expr())),
                ObjectKey::Expression(Expression::String(name)) => {
                    (name.value().clone(), value_of(value.expr()))
                }
                ObjectKey::Expression(_) => (String::new(), Value::Unknown),
            });
            Value::Map(entries.collect())
        }
        Expression::StringTemplate(text) => template_of(text),
        Expression::Parenthesis(inner) => value_of(inner.inner()),
        Expression::Variable(name) => Value::Reference(name.as_str().to_owned(), Vec::new()),
        Expression::Traversal(traversal) => reference(traversal),
        _ => Value::Unknown,
    }
}

fn reference(traversal: &Traversal) -> Value {
    let Expression::Variable(root) = &traversal.expr else { return Value::Unknown };
    let mut steps = Vec::new();
    for operator in &traversal.operators {
        steps.push(match operator.value() {
            TraversalOperator::GetAttr(name) => Step::Name(name.as_str().to_owned()),
            TraversalOperator::Index(index) => Step::Key(value_of(index)),
            _ => return Value::Unknown,
        });
    }
    Value::Reference(root.as_str().to_owned(), steps)
}

fn template_of(template: &Template) -> Value {
    let mut parts = Vec::new();
    for element in template {
        parts.push(match element {
            Element::Literal(text) => Value::Text(text.value().clone()),
            Element::Interpolation(inner) if inner.strip == Strip::None => value_of(&inner.expr),
            _ => return Value::Unknown,
        });
    }
    match parts.as_slice() {
        [] => Value::Text(String::new()),
        // Alone between quotes, a value stays what it is.
        [one] => one.clone(),
        _ => Value::Template(parts),
    }
}

#[cfg(test)]
mod tests;
