//! A field's arguments as they would reach the server: the document's values
//! with the variables filled in. What cannot be known stays
//! [`Argument::Unknown`] and is never taken for absent.

use serde_json::Value as Json;

use super::{Field, Operation, Value};

/// An argument's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// Null.
    Null,
    /// True or false.
    Boolean(bool),
    /// A string, a number as written, or an enum's word.
    Text(String),
    /// A list.
    List(Vec<Argument>),
    /// An object's fields, in order.
    Object(Vec<(String, Argument)>),
    /// It cannot be known.
    Unknown,
}

/// The variables sent beside a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables {
    /// Those that are known, in order; the last of a name counts.
    pub known: Vec<(String, Argument)>,
    /// Whether there may be others.
    pub open: bool,
}

impl Variables {
    /// Variables of which nothing is known.
    pub fn unknown() -> Variables {
        Variables { known: Vec::new(), open: true }
    }

    /// The variables in a JSON value: an object, or null for none. Anything
    /// else cannot be read.
    pub fn from_json(json: &Json) -> Variables {
        match json {
            Json::Null => Variables::default(),
            Json::Object(fields) => Variables {
                known: fields.iter().map(|(key, value)| (key.clone(), value.into())).collect(),
                open: false,
            },
            Json::String(text) => match serde_json::from_str::<Json>(text) {
                Ok(inner @ (Json::Object(_) | Json::Null)) => Variables::from_json(&inner),
                _ => Variables::unknown(),
            },
            _ => Variables::unknown(),
        }
    }

    /// Sets one variable.
    pub fn set(&mut self, name: impl Into<String>, value: Argument) {
        self.known.push((name.into(), value));
    }

    fn get(&self, name: &str, operation: &Operation) -> Argument {
        if let Some((_, value)) = self.known.iter().rev().find(|(have, _)| have == name) {
            return value.clone();
        }
        if self.open {
            return Argument::Unknown;
        }
        let default = operation.defaults.iter().find(|(have, _)| have == name);
        default.map_or(Argument::Null, |(_, value)| Argument::of_constant(value))
    }
}

impl From<&Json> for Argument {
    fn from(json: &Json) -> Argument {
        match json {
            Json::Null => Argument::Null,
            Json::Bool(value) => Argument::Boolean(*value),
            Json::Number(number) => Argument::Text(number.to_string()),
            Json::String(text) => Argument::Text(text.clone()),
            Json::Array(items) => Argument::List(items.iter().map(Argument::from).collect()),
            Json::Object(fields) => Argument::Object(
                fields.iter().map(|(key, value)| (key.clone(), value.into())).collect(),
            ),
        }
    }
}

impl Argument {
    /// `value` with the variables of `operation` filled in.
    pub fn of(value: &Value, variables: &Variables, operation: &Operation) -> Argument {
        Argument::with(value, &|name| variables.get(name, operation))
    }

    fn of_constant(value: &Value) -> Argument {
        Argument::with(value, &|_| Argument::Unknown)
    }

    fn with(value: &Value, variable: &dyn Fn(&str) -> Argument) -> Argument {
        match value {
            Value::Variable(name) => variable(name),
            Value::Null => Argument::Null,
            Value::Boolean(value) => Argument::Boolean(*value),
            Value::Text(text) => Argument::Text(text.clone()),
            Value::List(items) => {
                Argument::List(items.iter().map(|item| Argument::with(item, variable)).collect())
            }
            Value::Object(fields) => Argument::Object(
                fields
                    .iter()
                    .map(|(key, value)| (key.clone(), Argument::with(value, variable)))
                    .collect(),
            ),
        }
    }

    /// The field at a path of names joined by dots; `None` if it is not
    /// there, [`Argument::Unknown`] if that cannot be known.
    pub fn at(&self, path: &str) -> Option<&Argument> {
        let mut here = self;
        for name in path.split('.') {
            here = match here {
                Argument::Unknown => return Some(&Argument::Unknown),
                Argument::Object(fields) => {
                    fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)?
                }
                _ => return None,
            };
        }
        Some(here)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Argument::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A field's arguments as one object, variables filled in.
pub fn arguments(field: &Field, variables: &Variables, operation: &Operation) -> Argument {
    Argument::Object(
        field
            .arguments
            .iter()
            .map(|(name, value)| (name.clone(), Argument::of(value, variables, operation)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn first(text: &str, variables: &Variables) -> Argument {
        let document = parse(text).unwrap();
        let operation = &document.operations[0];
        arguments(&operation.fields[0], variables, operation)
    }

    fn json(text: &str) -> Variables {
        Variables::from_json(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn variables_are_filled_in_at_any_depth() {
        let text = "mutation($i: I!, $e: String) { a(input: $i, b: { c: [$e] }) }";
        let found = first(text, &json(r#"{"i": {"name": "X", "n": 2}, "e": "prod"}"#));
        assert_eq!(found.at("input.name").unwrap().text(), Some("X"));
        assert_eq!(found.at("input.n").unwrap().text(), Some("2"));
        assert_eq!(found.at("b.c"), Some(&Argument::List(vec![Argument::Text("prod".to_owned())])));
        assert_eq!(found.at("input.other"), None);
    }

    #[test]
    fn defaults_count_only_where_nothing_is_sent() {
        let text = "mutation($id: String = \"standard\") { volumeDelete(volumeId: $id) }";
        let standard = first(text, &json("{}"));
        assert_eq!(standard.at("volumeId").unwrap().text(), Some("standard"));
        let sent = first(text, &json(r#"{"id": "sent"}"#));
        assert_eq!(sent.at("volumeId").unwrap().text(), Some("sent"));
        assert_eq!(first(text, &json(r#"{"id": null}"#)).at("volumeId"), Some(&Argument::Null));
    }

    #[test]
    fn unknown_variables_are_never_absent() {
        let text = "mutation($i: I) { a(input: $i) }";
        let found = first(text, &Variables::unknown());
        assert_eq!(found.at("input"), Some(&Argument::Unknown));
        assert_eq!(found.at("input.replace"), Some(&Argument::Unknown));
        let mut partly = Variables::default();
        partly.set("i", Argument::Unknown);
        assert_eq!(first(text, &partly).at("input.replace"), Some(&Argument::Unknown));
    }

    #[test]
    fn variables_that_are_no_object_are_unknown() {
        assert!(json("[1]").open);
        assert!(json("3").open);
        assert!(json("\"{broken\"").open);
        assert!(!json("null").open);
        assert_eq!(json(r#""{\"a\": 1}""#).known, json(r#"{"a": 1}"#).known);
    }

    #[test]
    fn a_variable_set_twice_counts_as_the_last() {
        let mut variables = json(r#"{"id": "one"}"#);
        variables.set("id", Argument::Text("two".to_owned()));
        let text = "mutation($id: ID!) { a(id: $id) }";
        assert_eq!(first(text, &variables).at("id").unwrap().text(), Some("two"));
    }
}
