//! What the tree keeps of a text, and texts that are made to hurt.

use super::*;

fn read(text: &str) -> Program {
    parse(text, Dialect::Script)
}

#[test]
fn the_tree_keeps_what_counts() {
    let name = |text: &str| Box::new(Expr::Name(text.to_owned()));
    let member = |on: Box<Expr>, name: &str| Box::new(Expr::Member(on, name.to_owned()));
    let text = |text: &str| Expr::Text(text.to_owned());
    let word = |text: &str| Expr::Word(text.to_owned());
    for (source, expected) in [
        (
            "a.b?.['c'](1, -2)",
            Expr::Call(member(member(name("a"), "b"), "c"), vec![word("1"), word("-2")]),
        ),
        ("(a)[`b`]", *member(name("a"), "b")),
        ("a[b]", Expr::Index(name("a"), name("b"))),
        ("'\\x41'", text("A")),
        ("`a${b}c`", Expr::Template(vec!["a".to_owned(), "c".to_owned()], vec![*name("b")])),
        ("const a = /b/", Expr::Bind("a".to_owned(), Box::new(Expr::Regex))),
        (
            "({a: null, 'b': [true], [c]: 1})",
            Expr::Object(vec![
                (Some("a".to_owned()), word("null")),
                (Some("b".to_owned()), Expr::Array(vec![word("true")])),
                (None, Expr::Other(vec![word("1")])),
            ]),
        ),
    ] {
        let program = read(source);
        assert_eq!(program.body, [expected], "{source}");
        assert_eq!(program.problem, None, "{source}");
    }
    let typed = parse("const a: string = (b as any)!; interface C { d: 1 }", Dialect::Program);
    assert_eq!(typed, Program { body: vec![Expr::Bind("a".to_owned(), name("b"))], problem: None });
    assert!(parse("const a = <b>c</b>", Dialect::Program).problem.is_none());
}

#[test]
fn hostile_texts_end() {
    for (text, many) in [
        ("(", 150_000),
        ("[", 1_900),
        ("a?b:", 40_000),
        ("!", 150_000),
        ("`${", 1_900),
        ("a=>", 40_000),
        ("if(1)", 40_000),
        ("a**", 40_000),
        ("new ", 90_000),
        ("1+", 90_000),
        ("a.", 90_000),
        ("({get a(){return ", 600),
        ("async(", 1_900),
        ("function f(){", 1_900),
        ("x:", 90_000),
        ("a?(b):c=>", 60),
        ("<a>", 40_000),
        ("/*", 90_000),
    ] {
        for dialect in [Dialect::Script, Dialect::Program] {
            let program = parse(&text.repeat(many), dialect);
            assert!(program.problem.is_some(), "{text}");
        }
    }
    let fine = format!("f({}1)", "1+".repeat(250));
    assert_eq!(read(&fine).problem, None);
}
