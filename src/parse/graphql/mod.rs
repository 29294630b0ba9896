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
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let document = parse(text).unwrap();
        document.operations.iter().flat_map(|one| &one.fields).map(|one| one.name.clone()).collect()
    }

    fn argument(text: &str) -> Value {
        parse(text).unwrap().operations[0].fields[0].arguments[0].1.clone()
    }

    #[test]
    fn the_incident_is_read() {
        let document = parse("mutation { volumeDelete(volumeId: \"3d2c42fb\") }").unwrap();
        assert_eq!(document.operations.len(), 1);
        assert_eq!(document.operations[0].kind, Kind::Mutation);
        let field = &document.operations[0].fields[0];
        assert_eq!(field.name, "volumeDelete");
        let id = Value::Text("3d2c42fb".to_owned());
        assert_eq!(field.arguments, vec![("volumeId".to_owned(), id)]);
    }

    #[test]
    fn aliases_do_not_hide_a_name() {
        assert_eq!(names("mutation { me: volumeDelete(volumeId: \"x\") }"), ["volumeDelete"]);
        assert_eq!(names("mutation{query:projectDelete(id:\"x\")}"), ["projectDelete"]);
        assert_eq!(names("mutation { mutation }"), ["mutation"]);
    }

    #[test]
    fn fragments_are_expanded_wherever_they_stand() {
        let spread = "fragment F on Mutation { volumeDelete(volumeId: \"x\") } mutation { ...F }";
        assert_eq!(names(spread), ["volumeDelete"]);
        let inline = "mutation { ... on Mutation { a ... { b ... @include(if: false) { c } } } }";
        assert_eq!(names(inline), ["a", "b", "c"]);
        let nested = "mutation { ...A } fragment A on Mutation { ...B x } \
                      fragment B on Mutation { serviceDelete(id: \"y\") }";
        assert_eq!(names(nested), ["x", "serviceDelete"]);
    }

    #[test]
    fn cycles_and_doubling_end() {
        let cycle = "mutation { ...A } fragment A on Mutation { ...B } \
                     fragment B on Mutation { ...A projectDelete(id: \"x\") }";
        assert_eq!(names(cycle), ["projectDelete"]);
        let mut doubling = String::from("mutation { ...F0 }");
        for step in 0..200 {
            let next = step + 1;
            doubling += &format!(" fragment F{step} on Mutation {{ ...F{next} ...F{next} }}");
        }
        doubling += " fragment F200 on Mutation { userDelete }";
        assert_eq!(names(&doubling), ["userDelete"]);
    }

    #[test]
    fn two_fragments_of_one_name_both_count() {
        let twice = "mutation { ...F } fragment F on Mutation { me } \
                     fragment F on Mutation { userDelete }";
        let mut found = names(twice);
        found.sort();
        assert_eq!(found, ["me", "userDelete"]);
    }

    #[test]
    fn directives_never_hide_a_field() {
        let text =
            "mutation($no: Boolean = false) { userDelete @include(if: $no) @skip(if: true) }";
        assert_eq!(names(text), ["userDelete"]);
    }

    #[test]
    fn strings_are_decoded() {
        assert_eq!(argument(r#"mutation{a(b:"\u0076ol")}"#), Value::Text("vol".to_owned()));
        assert_eq!(argument(r#"mutation{a(b:"\u{1F600}")}"#), Value::Text("😀".to_owned()));
        assert_eq!(argument(r#"mutation{a(b:"\uD83D\uDE00")}"#), Value::Text("😀".to_owned()));
        let block = "mutation{a(b:\"\"\"\n    one\n      two \\\"\"\"\n    \"\"\")}";
        assert_eq!(argument(block), Value::Text("one\n  two \"\"\"".to_owned()));
        assert_eq!(argument("mutation{a(b:\"# no comment } \")}"), {
            Value::Text("# no comment } ".to_owned())
        });
    }

    #[test]
    fn comments_and_commas_are_no_tokens() {
        let text = "# query { me }\nmutation,,{ # volumeList\n userDelete #}\n,}";
        assert_eq!(names(text), ["userDelete"]);
        assert_eq!(names("\u{feff}mutation { userDelete }"), ["userDelete"]);
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let text = "mutation($v: ID) { a(b: { c: [1, -2.5e3, RED, $v, null, true] }) }";
        let list = ["1", "-2.5e3", "RED"].map(|text| Value::Text(text.to_owned()));
        let mut list = list.to_vec();
        list.extend([Value::Variable("v".to_owned()), Value::Null, Value::Boolean(true)]);
        let object = Value::Object(vec![("c".to_owned(), Value::List(list))]);
        assert_eq!(argument(text), object);
    }

    #[test]
    fn an_operation_is_chosen_by_name() {
        let text = "query Look { me } mutation Drop { userDelete } mutation { volumeDelete }";
        let document = parse(text).unwrap();
        let chosen = |name| -> Vec<&str> {
            let all = document.selected(name);
            all.iter().flat_map(|one| &one.fields).map(|one| one.name.as_str()).collect()
        };
        assert_eq!(chosen(Some("Look")), ["me"]);
        assert_eq!(chosen(Some("Drop")), ["userDelete"]);
        assert_eq!(chosen(None), ["me", "userDelete", "volumeDelete"]);
        assert_eq!(chosen(Some("look")), ["me", "userDelete", "volumeDelete"]);
        assert_eq!(chosen(Some("")), ["me", "userDelete", "volumeDelete"]);
    }

    #[test]
    fn a_shorthand_document_is_a_query() {
        assert_eq!(parse("{ me { id } }").unwrap().operations[0].kind, Kind::Query);
        let kind = parse("subscription { logs }").unwrap().operations[0].kind;
        assert_eq!(kind, Kind::Subscription);
    }

    #[test]
    fn what_does_not_parse_is_an_error() {
        for text in [
            "",
            "   # nothing",
            "mutation {",
            "mutation { volumeDelete(volumeId: \"x) }",
            "mutation { a(b: \"\\uZZZZ\") }",
            "mutation { a(b: \"\\uD83D\") }",
            "drop table users",
            "mutation { ...Missing }",
            "type Mutation { a: Int }",
            "mutation { a } }",
            "mutation \u{0} { a }",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn huge_and_nested_texts_end_as_errors() {
        let deep = format!("mutation {}userDelete{}", "{ ... ".repeat(10_000), "}".repeat(10_000));
        assert!(parse(&deep).is_err());
        let list = format!("mutation {{ a(b: {}{}) }}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse(&list).is_err());
        let many = format!("mutation {{ {} userDelete }}", "a ".repeat(60_000));
        assert!(parse(&many).is_err());
        let long = format!("mutation {{ a }} # {}", "x".repeat(LIMIT));
        assert!(parse(&long).is_err());
    }
}
