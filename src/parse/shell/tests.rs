//! The shell's tokens and grammar, on texts of the tests' own.

use super::*;

fn only(text: &str) -> Body {
    let list = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(list.entries.len(), 1, "{text}");
    let mut pipelines = list.entries.into_iter().next().unwrap().pipelines;
    assert_eq!(pipelines.len(), 1, "{text}");
    let mut commands = pipelines.remove(0).1.commands;
    assert_eq!(commands.len(), 1, "{text}");
    commands.remove(0).body
}

fn simple(text: &str) -> Simple {
    match only(text) {
        Body::Simple(simple) => simple,
        other => panic!("{text}: {other:?}"),
    }
}

/// A word's text, with `<…>` for what is expanded.
fn shown(word: &Word) -> String {
    let mut out = String::new();
    for part in &word.parts {
        match part {
            Part::Text { bytes, .. } => out.push_str(&String::from_utf8_lossy(bytes)),
            Part::Mark(byte) => out.push(char::from(*byte)),
            Part::Tilde(name) => out.push_str(&format!("<~{name}>")),
            Part::Parameter { name, modifier: Modifier::None, .. } => {
                out.push_str(&format!("<{name}>"));
            }
            Part::Parameter { name, .. } => out.push_str(&format!("<{name}…>")),
            Part::Command { .. } => out.push_str("<()>"),
            Part::Process { .. } => out.push_str("<<()>"),
            Part::Arithmetic(_) => out.push_str("<(())>"),
            Part::Array(words) => {
                let words: Vec<String> = words.iter().map(shown).collect();
                out.push_str(&format!("({})", words.join(",")));
            }
        }
    }
    out
}

fn words(text: &str) -> Vec<String> {
    simple(text).words.iter().map(shown).collect()
}

#[test]
fn words_are_decoded() {
    for (text, expected) in [
        ("a 'b c' \"d e\" f\\ g", &["a", "b c", "d e", "f g"][..]),
        ("a\"b\"'c'$'\\x64'", &["abcd"]),
        ("\"a\\\"b\\$c\\`d\\\\e\\nf\\\ng\"", &["a\"b$c`d\\e\\nfg"]),
        ("'a\\nb' \\\\ \\'", &["a\\nb", "\\", "'"]),
        ("a#b #c", &["a#b"]),
        ("a\\\nb", &["ab"]),
        ("$\"x $y\"", &["x <y>"]),
        ("'' \"\" \\\n ''a", &["", "", "a"]),
        (
            "$x ${x} ${x:-y} ${#x} $1 ${10} $@ \"$*\" $$",
            &["<x>", "<x>", "<x…>", "<x…>", "<1>", "<10>", "<@>", "<*>", "<$>"],
        ),
        ("${x[@]} ${x[1]} ${x%%a*} ${x/a/}} ${!x}", &["<x[@]>", "<x…>", "<x…>", "<x…>}", "<x…>"]),
        ("$ a$ $% $", &["$", "a$", "$%", "$"]),
        ("~ ~ana/x a~ '~' \\~ ~/y ~+", &["<~>", "<~ana>/x", "a~", "~", "~", "<~>/y", "<~+>"]),
        ("$(a) `b` \"$(c \"d\")\" $((1+2)) $[3]", &["<()>", "<()>", "<()>", "<(())>", "<(())>"]),
        ("<(a) >(b) x<(c)", &["<<()>", "<<()>", "x<<()>"]),
        ("a=(b 'c d' $e) f", &["f"]),
        ("declare a=(b 'c d'\n # x\n $e)", &["declare", "a=(b,c d,<e>)"]),
        ("a\\;b 'c;d' e\\&f", &["a;b", "c;d", "e&f"]),
        ("é✓ '日本'", &["é✓", "日本"]),
        ("if\\\n1 then2", &["if1", "then2"]),
        (
            "echo if then fi } { ! in time",
            &["echo", "if", "then", "fi", "}", "{", "!", "in", "time"],
        ),
        ("[[ a && (b || c) ]]", &["[[", "a", "b", "c", "]]"]),
        ("time -v a", &["time", "-v", "a"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn quoting_is_remembered_where_it_counts() {
    let quoted = |text: &str| match &simple(text).words[0].parts[0] {
        Part::Text { quoted, .. }
        | Part::Parameter { quoted, .. }
        | Part::Command { quoted, .. } => *quoted,
        other => panic!("{text}: {other:?}"),
    };
    for (text, expected) in
        [("a", false), ("'a'", true), ("\\a", true), ("$x", false), ("`x`", false), ("$(x)", false)]
    {
        assert_eq!(quoted(text), expected, "{text}");
    }
    assert_eq!(simple("\"if\" x").words[0].bare(), None);
    assert_eq!(simple("a*b").words[0].bare(), Some("a*b"));
}

#[test]
fn assignments_stand_in_front_only() {
    let simple = simple("A=1 B+='x y' c[2]=3 D= psql E=5");
    let found: Vec<(&str, bool, bool, String)> = simple
        .assignments
        .iter()
        .map(|a| (a.name.as_str(), a.append, a.index.is_some(), shown(&a.value)))
        .collect();
    assert_eq!(
        found,
        [
            ("A", false, false, "1".to_owned()),
            ("B", true, false, "x y".to_owned()),
            ("c", false, true, "3".to_owned()),
            ("D", false, false, String::new()),
        ]
    );
    assert_eq!(simple.words.len(), 2);
    assert_eq!(words("1A=x")[0], "1A=x");
    assert_eq!(words("\"A\"=x")[0], "A=x");
}

#[test]
fn every_compound_command_has_its_shape() {
    assert!(matches!(only("{ a; b; }"), Body::Group(list) if list.entries.len() == 2));
    assert!(matches!(only("(a; b)"), Body::Subshell(list) if list.entries.len() == 2));
    assert!(matches!(only("( (a) )"), Body::Subshell(_)));
    assert!(matches!(only("((1 + 2))"), Body::Simple(_)));
    assert!(matches!(only("((a) ; (b))"), Body::Subshell(_)));
    assert!(
        matches!(only("if a; then b; elif c; then d; else e; fi"), Body::If(b) if b.len() == 3)
    );
    assert!(matches!(only("while a; do b; done"), Body::While { .. }));
    assert!(matches!(only("until a\ndo b\ndone"), Body::While { .. }));
    assert!(matches!(only("for x in a b; do c; done"),
        Body::For { name, words: Some(words), .. } if name == "x" && words.len() == 2));
    assert!(matches!(only("for x; do c; done"), Body::For { words: None, .. }));
    assert!(matches!(only("for x do c; done"), Body::For { words: None, .. }));
    assert!(matches!(only("select x in a; do c; done"), Body::For { .. }));
    assert!(matches!(only("for ((i=0; i<3; i++)); do a; done"), Body::Count { .. }));
    assert!(matches!(only("for ((;;)) { a; }"), Body::Count { .. }));
    assert!(matches!(only("case $x in a|b) c;; (d) e;& *) f\nesac"),
        Body::Case { arms, .. } if arms.len() == 3 && arms[0].0.len() == 2));
    assert!(matches!(only("case x in esac"), Body::Case { arms, .. } if arms.is_empty()));
    assert!(matches!(only("case x in a) ;; esac"), Body::Case { arms, .. } if arms.len() == 1));
    for text in [
        "f() { a; }",
        "f ()\n{ a; }",
        "function f { a; }",
        "function f() { a; }",
        "function f\n(a)",
        "f() (a)",
        "f() if a; then b; fi",
    ] {
        assert!(matches!(only(text), Body::Function { name, .. } if name.raw == "f"), "{text}");
    }
    for text in ["coproc a", "coproc n { a; }", "coproc { a; }", "coproc n (a)"] {
        assert!(matches!(only(text), Body::Coprocess(_)), "{text}");
    }
}

#[test]
fn here_documents_go_to_their_command() {
    for (text, expected) in [
        ("cat <<E\na $x\nE\n", "a <x>\n"),
        ("cat <<'E'\na $x `y`\nE", "a $x `y`\n"),
        ("cat <<\\E\n$x\nE\n", "$x\n"),
        ("cat <<-E\n\ta\n\t\tE\n", "a\n"),
        ("cat <<E\na\\\nb\\$c\\n\nE\n", "ab$c\\n\n"),
        ("cat <<\"E F\"\nx\nE F\n", "x\n"),
        ("cat <<E\nno end", "no end\n"),
        ("cat <<E\nit's \" ( $(\necho ) `z`\nE\n", "it's \" ( <()> <()>\n"),
        ("cat <<$X\na\n$X\n", "a\n"),
        ("cat <<< \"a $b\"", "a <b>\n"),
    ] {
        let list = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let command = &list.entries[0].pipelines[0].1.commands[0];
        let RedirectKind::Text(word) = &command.redirects[0].kind else { panic!("{text}") };
        assert_eq!(shown(word), expected, "{text}");
    }
    let list = parse("a <<A; b <<B | c\n1\nA\n2\nB\nd").unwrap();
    assert_eq!(list.entries.len(), 3);
    let list = parse("x=$(cat <<'E'\n)\"'\nE\n)\nb").unwrap();
    assert_eq!(list.entries.len(), 2);
}

#[test]
fn redirections_are_told_apart() {
    let list = parse("a <b >c >>d 2>e <&3 2>&1 &>f 99999999>g <>h >|i {fd}>j").unwrap();
    let command = &list.entries[0].pipelines[0].1.commands[0];
    let fds: Vec<Option<i32>> = command.redirects.iter().map(|redirect| redirect.fd).collect();
    assert_eq!(fds, [None, None, None, Some(2), None, Some(2), None, None, None, None, None]);
    let Body::Simple(simple) = &command.body else { panic!() };
    // A number too long for a descriptor is a word.
    assert_eq!(simple.words.iter().map(shown).collect::<Vec<_>>(), ["a", "99999999"]);
}

#[test]
fn what_is_no_program_is_an_error() {
    for text in [
        "'",
        "\"",
        "`",
        "$(",
        "${x",
        "$((1)",
        "(a",
        "a)",
        "{ a",
        "}",
        "if a; then b",
        "fi",
        "a &&",
        "| a",
        "a ||",
        ";;",
        "for",
        "for x in a; b",
        "case x in a",
        "case x",
        "while a; done",
        "do a",
        "a;; b",
        "f( x",
        "x=(a",
        "[[ a",
        "cat <<",
        "a >",
        "esac",
        "$(a",
        "<(a",
        "$'x",
        "then a",
    ] {
        assert!(parse(text).is_err(), "{text}: {:?}", parse(text));
    }
    for text in ["", "\n\n", "# a", " \t ", "#'", "a;", "a &", "a\n\n\nb", "\\\n"] {
        assert!(parse(text).is_ok(), "{text:?}: {:?}", parse(text));
    }
}

#[test]
fn no_text_is_too_hard() {
    assert_eq!(parse(&"a".repeat(LIMIT + 1)), Err(Error::TooLong(LIMIT + 1)));
    let deep = [
        ("( ", " )"),
        ("$(", ")"),
        ("{ ", "; }"),
        ("if a; then ", "; fi"),
        ("\"$(", ")\""),
        ("while ", "; do :; done"),
        ("case x in x) ", ";; esac"),
        ("${x:-", "}"),
        ("<(", ")"),
        ("f() { ", "; }"),
        ("[[ $(", ") ]]"),
        ("a=($(", "))"),
        ("coproc { ", "; }"),
        ("time $(", ")"),
        ("$(case $(", ") in x) ;; esac)"),
        ("$((", "))"),
    ];
    for (open, close) in deep {
        for closed in [0, 3, 5_000] {
            let text = format!("{}a{}", open.repeat(5_000), close.repeat(closed));
            assert!(parse(&text).is_err(), "{open}");
        }
        let text = format!("{}a{}", open.repeat(3), close.repeat(3));
        assert!(parse(&text).is_ok(), "{text}: {:?}", parse(&text));
        // A mistake at the bottom costs no more than the nesting.
        let text = format!("{}a | | b{}", open.repeat(15), close.repeat(15));
        let holds_anything = matches!(open, "[[ $(" | "$((" | "${x:-");
        assert!(parse(&text).is_err() || holds_anything, "{text}");
    }
    assert!(parse(&"`".repeat(100_001)).is_err());
    assert!(parse(&"<<a ".repeat(20_000)).is_ok());
    assert!(parse(&"time ".repeat(20_000)).is_ok());
    assert!(parse(&"a|".repeat(20_000)).is_err());
}

/// Whatever bash accepts of these pieces put together at random is accepted
/// here. (Backquotes, here-documents and `[[` are left out: `bash -n` does not
/// look inside them.)
#[test]
fn bash_accepts_nothing_that_is_an_error_here() {
    const PIECES: &[&str] = &[
        "a",
        "b c",
        "'x y'",
        "\"$z\"",
        "$(",
        ")",
        "(",
        "{ ",
        "; }",
        "if a; then ",
        "; fi",
        ";",
        "\n",
        " && ",
        " | ",
        " || ",
        "&",
        "while a; do ",
        "; done",
        "for i in 1; do ",
        "case q in ",
        "p) ",
        ";;",
        " esac",
        "f() ",
        "<f",
        ">g",
        "2>&1",
        "A=1 ",
        "x=(1 2)",
        "${v:-",
        "}",
        "$((1+",
        "))",
        "((",
        "!",
        " time ",
        "#c\n",
        "\\\n",
        "else ",
        "*",
        "{1,2}",
        "$'\\n'",
        "coproc ",
        "<(",
        "in ",
        "do ",
    ];
    let mut state: u64 = 42;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let mut texts = Vec::new();
    for _ in 0..1_500 {
        let count = 1 + next(9);
        let text: String = (0..count).map(|_| PIECES[next(PIECES.len())]).collect();
        if parse(&text).is_err() {
            texts.push(text);
        }
    }
    // One bash for all of them: each is parsed and not run.
    let mut script = String::new();
    for text in &texts {
        let quoted = text.replace('\'', "'\\''");
        script.push_str(&format!("bash -n -c '{quoted}' 2>/dev/null && echo y || echo n\n"));
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, script.as_bytes()).unwrap();
    let output = std::process::Command::new("bash").arg(file.path()).output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), texts.len());
    let wrong: Vec<&String> = texts
        .iter()
        .zip(answers.lines())
        .filter(|(_, answer)| *answer == "y")
        .map(|(text, _)| text)
        .collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), texts.len());
}
