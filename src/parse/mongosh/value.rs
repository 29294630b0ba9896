//! Literals of JavaScript: objects, arrays, strings, words. Whatever is
//! computed is said to be so.

use crate::parse::javascript::Expr;

/// A value, as far as the text shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `{ a: 1 }`, its keys in order.
    Object(Vec<(String, Value)>),
    /// `[1, 2]`
    Array(Vec<Value>),
    /// A string.
    Text(String),
    /// A number or one of `true`, `false`, `null`, `undefined`.
    Word(String),
    /// A literal of another kind: a regular expression, `ObjectId("…")`.
    Literal,
    /// Computed at run time.
    Computed,
}

impl Value {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(entries) => {
                entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Whether it is this word or number.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Value::Word(own) if own == word)
    }

    /// Whether it is taken for true.
    pub fn is_true(&self) -> bool {
        matches!(self, Value::Word(word) if !matches!(word.as_str(), "false" | "0" | "null" | "undefined"))
    }
}

impl Value {
    /// What an expression is, as far as its text shows it.
    pub fn of(expr: &Expr) -> Value {
        match expr {
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Word(word) => Value::Word(word.clone()),
            Expr::Name(name) if name == "undefined" => Value::Word(name.clone()),
            Expr::Regex => Value::Literal,
            Expr::Object(entries) => {
                let mut out = Vec::new();
                for (key, held) in entries {
                    let Some(key) = key else { return Value::Computed };
                    out.push((key.clone(), Value::of(held)));
                }
                Value::Object(out)
            }
            Expr::Array(parts) => Value::Array(parts.iter().map(Value::of).collect()),
            Expr::Call(callee, arguments) | Expr::New(callee, arguments) => match &**callee {
                Expr::Name(name)
                    if super::tables::VALUES.contains(&name.as_str())
                        && arguments.iter().all(|it| Value::of(it) != Value::Computed) =>
                {
                    Value::Literal
                }
                _ => Value::Computed,
            },
            _ => Value::Computed,
        }
    }
}

/// Whether a filter lets everything through, as far as its text tells.
pub fn is_everything(filter: Option<&Value>) -> bool {
    match filter {
        None => true,
        Some(Value::Object(entries)) => entries.iter().all(|(key, value)| match key.as_str() {
            "$and" => all_of(value),
            "$or" => any_of(value),
            "$expr" => value.is_true(),
            "$where" => matches!(value, Value::Text(text) if matches!(text.trim(), "1" | "true")),
            "$comment" => true,
            "_id" => match value {
                Value::Object(tests) => tests.iter().all(|(test, value)| match test.as_str() {
                    "$exists" => value.is_true(),
                    "$ne" => value.is("null") || value.is("undefined"),
                    "$nin" => *value == Value::Array(Vec::new()),
                    _ => false,
                }),
                _ => false,
            },
            _ => false,
        }),
        Some(Value::Word(word)) => matches!(word.as_str(), "null" | "undefined"),
        Some(_) => false,
    }
}

fn all_of(value: &Value) -> bool {
    match value {
        Value::Array(parts) => parts.iter().all(|part| is_everything(Some(part))),
        _ => false,
    }
}

fn any_of(value: &Value) -> bool {
    match value {
        Value::Array(parts) => parts.iter().any(|part| is_everything(Some(part))),
        _ => false,
    }
}
