//! Literals of JavaScript: objects, arrays, strings, words. Whatever is
//! computed is said to be so.

use super::lex::{Kind, Token};

/// How deep a literal is looked into.
const MAX_DEPTH: usize = 32;

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

/// The arguments between the brackets of a call.
pub fn arguments(tokens: &[Token]) -> Vec<Value> {
    arguments_at(tokens, 0)
}

fn arguments_at(tokens: &[Token], depth: usize) -> Vec<Value> {
    let parts = parts(tokens).into_iter().filter(|part| !part.is_empty());
    parts.map(|part| value(part, depth)).collect()
}

/// The parts between commas that stand in no bracket.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut level, mut from) = (0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Sign {
            continue;
        }
        match token.text.as_str() {
            "(" | "[" | "{" => level += 1,
            ")" | "]" | "}" => level = level.saturating_sub(1),
            "," if level == 0 => {
                parts.extend(tokens.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(tokens.get(from..));
    parts
}

fn value(tokens: &[Token], depth: usize) -> Value {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Value::Computed };
    if depth > MAX_DEPTH {
        return Value::Computed;
    }
    let inner = tokens.get(1..tokens.len().saturating_sub(1)).unwrap_or_default();
    match (first.kind, tokens.len()) {
        (Kind::Text, 1) => Value::Text(first.text.clone()),
        (Kind::Number, 1) => Value::Word(first.text.clone()),
        (Kind::Regex, 1) => Value::Literal,
        (Kind::Word, 1)
            if matches!(first.text.as_str(), "true" | "false" | "null" | "undefined") =>
        {
            Value::Word(first.text.clone())
        }
        (Kind::Sign, 2)
            if matches!(first.text.as_str(), "-" | "+") && last.kind == Kind::Number =>
        {
            Value::Word(last.text.clone())
        }
        (Kind::Sign, _) if first.is("{") && last.is("}") => {
            let mut entries = Vec::new();
            for part in parts(inner).into_iter().filter(|part| !part.is_empty()) {
                match part {
                    [name, colon, held @ ..]
                        if colon.is(":") && !matches!(name.kind, Kind::Sign | Kind::Template) =>
                    {
                        entries.push((name.text.clone(), value(held, depth + 1)));
                    }
                    _ => return Value::Computed,
                }
            }
            Value::Object(entries)
        }
        (Kind::Sign, _) if first.is("[") && last.is("]") => Value::Array(
            parts(inner)
                .into_iter()
                .filter(|part| !part.is_empty())
                .map(|part| value(part, depth + 1))
                .collect(),
        ),
        (Kind::Word, _) if last.is(")") => {
            let words = match first.is("new") {
                true => tokens.get(1..).unwrap_or_default(),
                false => tokens,
            };
            match words {
                [name, open, held @ .., _]
                    if super::tables::VALUES.contains(&name.text.as_str())
                        && open.is("(")
                        && arguments_at(held, depth + 1)
                            .iter()
                            .all(|value| *value != Value::Computed) =>
                {
                    Value::Literal
                }
                _ => Value::Computed,
            }
        }
        _ => Value::Computed,
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
