//! Documents as they are sent, and as they could be sent to hide something.

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
    let text = "mutation($no: Boolean = false) { userDelete @include(if: $no) @skip(if: true) }";
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
