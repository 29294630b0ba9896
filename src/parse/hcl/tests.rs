//! HCL's values and nesting.

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
    let var = |name: &str| Value::Reference("var".to_owned(), vec![Step::Name(name.to_owned())]);
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
