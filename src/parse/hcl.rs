//! HCL's text, native (`.tf`, `.tfvars`, `.hcl`) or JSON (`.tf.json`) →
//! attributes and blocks with their lines. A face over hcl-edit, whose parser
//! bounds nesting (64 levels) and chains of operators (128) itself; this adds
//! a bound on length. Evaluates nothing: what is no literal, no template and
//! no plain reference is [`Value::Unknown`].

use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::Structure;
use hcl_edit::template::{Element, Strip, Template};
use hcl_edit::{Span, structure};

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

/// Kinds of blocks at the top of a `.tf.json`, and how many labels each has.
const TOP: &[(&str, usize)] = &[
    ("check", 1),
    ("data", 2),
    ("ephemeral", 2),
    ("import", 0),
    ("locals", 0),
    ("module", 1),
    ("moved", 0),
    ("output", 1),
    ("provider", 1),
    ("removed", 0),
    ("resource", 2),
    ("terraform", 0),
    ("variable", 1),
];

/// Reads the JSON syntax of a configuration. An object inside a resource may be
/// a block or a value there: it is given as both. No line is known: it is 1.
///
/// # Errors
/// Says in one line what is wrong and where.
pub fn json(text: &str) -> Result<Body, String> {
    bounded(text)?;
    let read: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut body = Body::default();
    for part in one_or_more(&read) {
        for (kind, value) in part.as_object().into_iter().flatten() {
            let labels = TOP.iter().find(|(name, _)| name == kind).map(|(_, labels)| *labels);
            match labels {
                Some(labels) => blocks_of(kind, &mut Vec::new(), labels, value, &mut body.blocks),
                None if kind == "//" => {}
                None => body.attributes.push(attribute(kind, value)),
            }
        }
    }
    Ok(body)
}

/// Reads a file of values in JSON (`.tfvars.json`), in which nothing is a
/// template.
///
/// # Errors
/// Says in one line what is wrong and where.
pub fn json_values(text: &str) -> Result<Body, String> {
    bounded(text)?;
    let read: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let entries = read.as_object().ok_or("it is no object")?.iter();
    let attributes = entries.map(|(name, value)| Attribute {
        name: name.clone(),
        value: plain(value, false),
        line: 1,
    });
    Ok(Body { attributes: attributes.collect(), blocks: Vec::new() })
}

fn one_or_more(value: &serde_json::Value) -> &[serde_json::Value] {
    match value {
        serde_json::Value::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

/// The blocks that a property stands for: as deep as it has labels, then one
/// an object.
fn blocks_of(
    kind: &str,
    labels: &mut Vec<String>,
    left: usize,
    value: &serde_json::Value,
    found: &mut Vec<Block>,
) {
    for part in one_or_more(value) {
        let Some(object) = part.as_object() else { continue };
        if left == 0 {
            found.push(Block {
                kind: kind.to_owned(),
                labels: labels.clone(),
                body: inside(kind, object),
                line: 1,
            });
            continue;
        }
        for (label, value) in object.iter().filter(|(label, _)| *label != "//") {
            labels.push(label.clone());
            blocks_of(kind, labels, left - 1, value, found);
            labels.pop();
        }
    }
}

fn inside(kind: &str, object: &serde_json::Map<String, serde_json::Value>) -> Body {
    let mut body = Body::default();
    for (name, value) in object.iter().filter(|(name, _)| *name != "//") {
        body.attributes.push(attribute(name, value));
        if kind != "locals" && kind != "variable" {
            let labels = usize::from(kind == "terraform" && name == "backend");
            blocks_of(name, &mut Vec::new(), labels, value, &mut body.blocks);
        }
    }
    body
}

fn attribute(name: &str, value: &serde_json::Value) -> Attribute {
    Attribute { name: name.to_owned(), value: plain(value, true), line: 1 }
}

fn plain(value: &serde_json::Value, templates: bool) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => number.as_f64().map_or(Value::Unknown, Value::Number),
        serde_json::Value::String(text) if templates && text.contains(['$', '%']) => {
            let parsed = hcl_edit::parser::parse_template(text);
            parsed.map_or(Value::Unknown, |template| template_of(&template))
        }
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(list) => {
            Value::List(list.iter().map(|value| plain(value, templates)).collect())
        }
        serde_json::Value::Object(entries) => {
            let entries = entries.iter();
            Value::Map(entries.map(|(key, value)| (key.clone(), plain(value, templates))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn blocks_attributes_and_their_lines() {
        let body = native(
            "# c\nresource \"aws_s3_bucket\" \"a\" {\r\n  bucket = \"x\" // c\n  lifecycle {\n\
             \n    prevent_destroy = true\n  }\n}\nlocals { n = 7 }\n",
        )
        .unwrap();
        let [bucket, locals] = body.blocks.as_slice() else { panic!("{body:?}") };
        assert_eq!((bucket.kind.as_str(), bucket.line), ("resource", 2));
        assert_eq!(bucket.labels, ["aws_s3_bucket", "a"]);
        assert_eq!(bucket.body.value("bucket"), Some(&text("x")));
        assert_eq!(bucket.body.attribute("bucket").unwrap().line, 3);
        let lifecycle = bucket.body.blocks("lifecycle").next().unwrap();
        assert_eq!(lifecycle.line, 4);
        let held = lifecycle.body.attribute("prevent_destroy").unwrap();
        assert_eq!((held.value.truth(), held.line), (Some(true), 6));
        assert_eq!(locals.body.value("n").unwrap().number(), Some(7.0));
    }

    #[test]
    fn values_are_read_as_far_as_they_are_written_down() {
        let var =
            |name: &str| Value::Reference("var".to_owned(), vec![Step::Name(name.to_owned())]);
        for (written, expected) in [
            ("null", Value::Null),
            ("\"a\\n\\u0062$${c}\"", text("a\nb${c}")),
            ("var.a", var("a")),
            ("\"${var.a}\"", var("a")),
            ("\"x-${(var.a)}\"", Value::Template(vec![text("x-"), var("a")])),
            ("local.m[var.a].b", {
                let name = |name: &str| Step::Name(name.to_owned());
                let steps = vec![name("m"), Step::Key(var("a")), name("b")];
                Value::Reference("local".to_owned(), steps)
            }),
            ("[1, \"a\"]", Value::List(vec![Value::Number(1.0), text("a")])),
            ("{a = 1, \"b\" : 2}", {
                let entry = |key: &str, value| (key.to_owned(), Value::Number(value));
                Value::Map(vec![entry("a", 1.0), entry("b", 2.0)])
            }),
            ("{(var.a) = 1}", Value::Map(vec![(String::new(), Value::Unknown)])),
            ("var.a ? 1 : 2", Value::Unknown),
            ("upper(\"a\")", Value::Unknown),
            ("var.a[*].b", Value::Unknown),
            ("\"a${~ var.a ~}\"", Value::Unknown),
            ("-1", Value::Number(-1.0)),
            ("1 + 1", Value::Unknown),
        ] {
            assert_eq!(expression(written).unwrap(), expected, "{written}");
        }
    }

    #[test]
    fn the_json_syntax_comes_to_the_same_blocks() {
        let body = json(
            r#"{"//": "c", "terraform": {"backend": {"s3": {"key": "prod/x"}}},
                "provider": {"aws": [{"profile": "p"}, {"alias": "b", "profile": "${var.q}"}]},
                "resource": {"aws_db_instance": {"main": {"lifecycle": {"prevent_destroy": true}}}},
                "variable": {"q": {"default": {"a": "b"}}}, "locals": {"m": {"k": "v"}}}"#,
        )
        .unwrap();
        let backend = body.blocks("terraform").flat_map(|it| it.body.blocks("backend")).next();
        assert_eq!(backend.unwrap().labels, ["s3"]);
        assert_eq!(backend.unwrap().body.value("key"), Some(&text("prod/x")));
        let profiles: Vec<_> =
            body.blocks("provider").map(|it| it.body.value("profile").unwrap()).collect();
        let q = Value::Reference("var".to_owned(), vec![Step::Name("q".to_owned())]);
        assert_eq!(profiles, [&text("p"), &q]);
        let main = body.blocks("resource").next().unwrap();
        assert_eq!(main.labels, ["aws_db_instance", "main"]);
        assert!(main.body.blocks("lifecycle").next().is_some());
        let q = body.blocks("variable").next().unwrap();
        assert_eq!(q.body.value("default").unwrap().member("a"), Some(&text("b")));
        let values = json_values(r#"{"a": "${b}"}"#).unwrap();
        assert_eq!(values.value("a"), Some(&text("${b}")));
    }

    #[test]
    fn what_is_deep_or_long_is_an_error_and_no_more() {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{a=", "}"),
            ("\"${", "}\""),
            ("f(", ")"),
            ("!", ""),
            ("1+", ""),
            ("true?1:", ""),
            ("[for x in y: ", "]"),
        ] {
            let deep = format!("a = {}1{}\n", open.repeat(20_000), close.repeat(20_000));
            assert!(native(&deep).is_err(), "{open}");
        }
        let blocks = format!("{}{}", "a {\n".repeat(20_000), "}\n".repeat(20_000));
        assert!(native(&blocks).is_err());
        assert!(native(&"\n".repeat(MAX_TEXT + 1)).is_err());
        assert!(json(&"[".repeat(20_000)).is_err());
        // As deep as it may be, in the small stack of a test's thread.
        let deep = format!(
            "{}a = {}1{}\n{}",
            "a {\n".repeat(32),
            "[".repeat(30),
            "]".repeat(30),
            "}\n".repeat(32)
        );
        assert!(native(&deep).is_ok());
        assert_eq!(native("a = \n").unwrap_err().lines().count(), 1);
    }
}
