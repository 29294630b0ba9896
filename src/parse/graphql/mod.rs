//! GraphQL: documents → operations with their root fields ([`parse`]), HTTP
//! requests → documents with their variables ([`request`]), and a field's
//! arguments with the variables filled in ([`argument`]). Knows the language
//! and how it travels, and nothing of what any field means.
//!
//! What decides is which root fields an operation could run. So fragments are
//! expanded, aliases resolved, and `@skip` and `@include` never hide a field;
//! a text that does not parse is an error and never an empty document.

pub mod argument;
pub mod request;

use std::fmt;

use apollo_parser::cst::{self, CstNode};

pub use argument::{Argument, Variables};
pub use request::{Payload, payloads};

/// The most bytes of a document that are looked at.
pub const LIMIT: usize = 1 << 20;

/// More tokens than this are not looked at either.
const TOKENS: usize = 50_000;

/// Nesting deeper than this is an error.
const DEPTH: usize = 64;

/// Why something that is or could be GraphQL cannot be read: a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Unreadable {
    fn because(why: impl Into<String>) -> Unreadable {
        Unreadable(why.into())
    }
}

/// A document's operations, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The operations.
    pub operations: Vec<Operation>,
}

/// What an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It reads.
    Query,
    /// It changes something.
    Mutation,
    /// It listens.
    Subscription,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: Option<String>,
    /// The root fields that it could run, fragments expanded.
    pub fields: Vec<Field>,
    /// The defaults of its variables.
    pub defaults: Vec<(String, Value)>,
}

/// A root field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in the schema, whatever its alias.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<(String, Value)>,
}

/// A value as the document has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `$name`.
    Variable(String),
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number as written, a string decoded, or an enum's word.
    Text(String),
    /// `[…]`.
    List(Vec<Value>),
    /// `{…}`.
    Object(Vec<(String, Value)>),
}

impl Document {
    /// The operations that run when `name` is asked for: the one of that
    /// name, or the only one. Where a server would have to guess or refuse,
    /// all of them.
    pub fn selected(&self, name: Option<&str>) -> Vec<&Operation> {
        if let Some(name) = name {
            let named: Vec<&Operation> =
                self.operations.iter().filter(|one| one.name.as_deref() == Some(name)).collect();
            if !named.is_empty() {
                return named;
            }
        }
        self.operations.iter().collect()
    }
}

/// Reads a document.
///
/// # Errors
/// Says why it cannot be read: a syntax error, one of the limits, no
/// operation in it, or a fragment that is not there.
pub fn parse(text: &str) -> Result<Document, Unreadable> {
    if text.len() > LIMIT {
        return Err(Unreadable::because("the GraphQL document is longer than 1 MiB"));
    }
    let tree = apollo_parser::Parser::new(text).recursion_limit(DEPTH).token_limit(TOKENS).parse();
    if let Some(error) = tree.errors().next() {
        let why = if error.is_limit() { "it is too large" } else { "it does not parse" };
        return Err(Unreadable::because(format!("{why} as a GraphQL document")));
    }
    let mut fragments = Vec::new();
    let mut operations = Vec::new();
    for definition in tree.document().definitions() {
        match definition {
            cst::Definition::FragmentDefinition(fragment) => {
                let name = fragment.fragment_name().and_then(|name| name.name());
                if let (Some(name), Some(set)) = (name, fragment.selection_set()) {
                    fragments.push((name.text().to_string(), set));
                }
            }
            cst::Definition::OperationDefinition(operation) => operations.push(operation),
            _ => {}
        }
    }
    let operations: Result<Vec<Operation>, Unreadable> =
        operations.iter().map(|operation| read_operation(operation, &fragments)).collect();
    let operations = operations?;
    if operations.is_empty() {
        return Err(Unreadable::because("there is no operation in the GraphQL document"));
    }
    Ok(Document { operations })
}

type Fragments = [(String, cst::SelectionSet)];

fn read_operation(
    operation: &cst::OperationDefinition,
    fragments: &Fragments,
) -> Result<Operation, Unreadable> {
    let kind = match operation.operation_type() {
        Some(kind) if kind.mutation_token().is_some() => Kind::Mutation,
        Some(kind) if kind.subscription_token().is_some() => Kind::Subscription,
        _ => Kind::Query,
    };
    let mut expansion = Expansion { fragments, entered: Vec::new(), fields: Vec::new() };
    if let Some(set) = operation.selection_set() {
        expansion.expand(&set)?;
    }
    let mut defaults = Vec::new();
    let definitions = operation.variable_definitions();
    for definition in definitions.iter().flat_map(cst::VariableDefinitions::variable_definitions) {
        let name = definition.variable().and_then(|variable| variable.name());
        let value = definition.default_value().and_then(|default| default.value());
        if let (Some(name), Some(value)) = (name, value) {
            defaults.push((name.text().to_string(), read_value(&value)));
        }
    }
    Ok(Operation {
        kind,
        name: operation.name().map(|name| name.text().to_string()),
        fields: expansion.fields,
        defaults,
    })
}

/// The fields found so far, and the fragments already expanded: once each is
/// enough, and so neither cycles nor doubling can run away.
struct Expansion<'a> {
    fragments: &'a Fragments,
    entered: Vec<&'a str>,
    fields: Vec<Field>,
}

impl Expansion<'_> {
    fn expand(&mut self, set: &cst::SelectionSet) -> Result<(), Unreadable> {
        let mut waiting: Vec<cst::SelectionSet> = vec![set.clone()];
        while let Some(set) = waiting.pop() {
            for selection in set.selections() {
                match selection {
                    cst::Selection::Field(field) => self.fields.extend(read_field(&field)),
                    cst::Selection::InlineFragment(inline) => {
                        waiting.extend(inline.selection_set());
                    }
                    cst::Selection::FragmentSpread(spread) => {
                        let name = spread.fragment_name().and_then(|name| name.name());
                        let Some(name) = name.map(|name| name.text().to_string()) else { continue };
                        waiting.extend(self.enter(&name)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// The selections of the fragments of this name, unless already entered.
    fn enter(&mut self, name: &str) -> Result<Vec<cst::SelectionSet>, Unreadable> {
        if self.entered.contains(&name) {
            return Ok(Vec::new());
        }
        let mut sets = Vec::new();
        for (have, set) in self.fragments.iter().filter(|(have, _)| have == name) {
            self.entered.push(have);
            sets.push(set.clone());
        }
        if sets.is_empty() {
            return Err(Unreadable::because("it uses a GraphQL fragment that is not in it"));
        }
        Ok(sets)
    }
}

fn read_field(field: &cst::Field) -> Option<Field> {
    let arguments = field.arguments();
    let arguments = arguments.iter().flat_map(cst::Arguments::arguments).filter_map(|argument| {
        Some((argument.name()?.text().to_string(), read_value(&argument.value()?)))
    });
    Some(Field { name: field.name()?.text().to_string(), arguments: arguments.collect() })
}

fn read_value(value: &cst::Value) -> Value {
    match value {
        cst::Value::Variable(variable) => Value::Variable(
            variable.name().map_or_else(String::new, |name| name.text().to_string()),
        ),
        cst::Value::StringValue(text) => Value::Text(String::from(text)),
        cst::Value::FloatValue(number) => Value::Text(number.syntax().text().to_string()),
        cst::Value::IntValue(number) => {
            Value::Text(number.syntax().text().to_string().trim().to_owned())
        }
        cst::Value::BooleanValue(value) => Value::Boolean(value.true_token().is_some()),
        cst::Value::NullValue(_) => Value::Null,
        cst::Value::EnumValue(word) => {
            Value::Text(word.name().map_or_else(String::new, |name| name.text().to_string()))
        }
        cst::Value::ListValue(list) => {
            Value::List(list.values().map(|value| read_value(&value)).collect())
        }
        cst::Value::ObjectValue(object) => Value::Object(
            object
                .object_fields()
                .filter_map(|field| {
                    Some((field.name()?.text().to_string(), read_value(&field.value()?)))
                })
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests;
