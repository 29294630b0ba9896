//! What each kind of statement is, and the ways to hide one.

mod statements;

use proptest::prelude::*;

use super::*;
use Effect::{Destroy, Disrupt, Read, Write};
use statements::{DESTROYS, DISRUPTS, OPAQUE, READS, WRITES};

fn worst(text: &str) -> Statement {
    read(text.as_bytes()).into_iter().reduce(Statement::worse).unwrap_or_else(Statement::barrier)
}

fn effect(text: &str) -> Effect {
    worst(text).effect
}

fn is_opaque(text: &str) -> bool {
    worst(text).flags.has(Flag::Opaque)
}

#[test]
fn every_listed_statement_has_its_effect() {
    let mut wrong = Vec::new();
    for (list, want) in [(READS, Read), (WRITES, Write), (DISRUPTS, Disrupt), (DESTROYS, Destroy)] {
        for text in list {
            let worst = worst(text);
            let clear = want == Destroy || !worst.flags.has(Flag::Opaque);
            let said = want == Read || !worst.summary.is_empty();
            if worst.effect != want || !clear || !said {
                wrong.push(format!("{text}: {worst:?}"));
            }
        }
    }
    let clear = OPAQUE.iter().filter(|text| !is_opaque(text));
    wrong.extend(clear.map(|text| format!("{text}: {:?}", worst(text))));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_nobody_can_bring_back_is_irreversible() {
    for text in ["drop database d", "drop schema s cascade", "drop owned by r", "drop tablespace t"]
    {
        assert!(worst(text).flags.has(Flag::Irreversible), "{text}");
    }
    // CockroachDB's, which is not PostgreSQL's grammar.
    let cascade = worst("drop database if exists d cascade");
    assert!(cascade.flags.has(Flag::Irreversible) && cascade.effect == Destroy);
    for text in ["drop table t", "drop schema s", "truncate t", "delete from t"] {
        assert!(!worst(text).flags.has(Flag::Irreversible), "{text}");
    }
    assert!(worst("grant select on t to u").flags.has(Flag::Permission));
}

#[test]
fn objects_are_named_as_a_person_would_read_them() {
    let objects = [
        ("drop table a.b, \"C d\" cascade", "table a.b, C d"),
        ("drop table if exists U&\"ord\\0065rs\"", "table orders"),
        ("delete from public.orders *", "table public.orders"),
        ("with d as (delete from o returning 1) select 1", "table o"),
        ("truncate table a, only b", "table a, b"),
        ("alter table t drop column if exists \"c\"", "column c of t"),
        ("drop function f(int, text), g", "function f, g"),
        ("drop database if exists \"pr\"\"od\"", "database pr\"od"),
        ("update t as x set a = 1", "table t"),
    ];
    for (text, object) in objects {
        assert_eq!(worst(text).object.as_deref(), Some(object), "{text}");
    }
}

#[test]
fn hostile_nesting_is_opaque_and_quick() {
    let started = std::time::Instant::now();
    for unit in
        ["(", "not ", "1+", "- ", "[", "explain ", "f(", "case when ", "array[", "a.", "1::"]
    {
        let text = format!("select {}1", unit.repeat(100_000));
        assert!(is_opaque(&text), "{unit}");
    }
    let text = format!(
        "create function f() returns int language sql as $$ select {}1 $$",
        "(".repeat(100_000)
    );
    assert_eq!(effect(&text), Write);
    assert_eq!(effect(&format!("{text}; select f()")), Write);
    assert!(is_opaque(&format!("{text}; select f()")));
    let many = "select 1;".repeat(20_000);
    assert_eq!(effect(&many), Read);
    assert_eq!(effect(&format!("{}drop table x", "/*".repeat(100_000))), Write);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_long_insert_is_read_in_full() {
    let text = format!("insert into t values {}(1)", "(1,'a',-2.5,null),".repeat(5_000));
    assert_eq!(effect(&text), Write);
    assert!(!is_opaque(&text));
}

#[test]
fn a_rolled_back_destroy_says_so() {
    let statements = read(b"begin; drop table orders; rollback");
    let dropped = statements.iter().find(|found| found.operation == "DROP TABLE").unwrap();
    assert!(dropped.summary.ends_with("The same text rolls it back."));
}

/// A statement with comments, blanks and cases changed.
fn disguised(text: &str, seed: &[u8]) -> String {
    let mut out = String::new();
    let mut seed = seed.iter().cycle();
    let mut quoted: Option<char> = None;
    for letter in text.chars() {
        match (quoted, letter) {
            (Some(quote), _) if quote == letter => quoted = None,
            (None, '\'' | '"') => quoted = Some(letter),
            _ => {}
        }
        let step = seed.next().copied().unwrap_or(0);
        match letter {
            ' ' if quoted.is_none() => out.push_str(match step % 5 {
                0 => " ",
                1 => "\n\t",
                2 => "/* ' \" ; */",
                3 => " -- ' ; $$\n",
                _ => "/*/**/*/",
            }),
            _ if quoted.is_none() && step % 2 == 0 => out.extend(letter.to_uppercase()),
            _ => out.push(letter),
        }
    }
    out
}

#[test]
fn what_scripts_are_full_of_is_plain_and_no_more() {
    let plain = |text: &str| {
        let tokens: Vec<Token> = Lexer::new(text.as_bytes(), 0, Mode::default()).collect();
        let own = BTreeMap::from([("mine".to_owned(), Statement::barrier())]);
        simple::read(text.as_bytes(), &tokens, &own).map(|found| found.effect)
    };
    for text in [
        "insert into t values (1, 'it''s', default), (-2, null, now())",
        "insert into public.t (a, \"b\") values (lower('x') || 'y', '2024-01-01'::date)",
        "update t set a = a + 1, b = default where id = 7 and (c or d is null)",
        "delete from only_t where a is null and t.b >= '2024-01-01'",
        "grant select, insert on table public.t to ana, \"Bob\"",
        "comment on column public.t.a is 'what it holds'",
    ] {
        assert_eq!(plain(text), Some(Write), "{text}");
    }
    for text in [
        "insert into t select * from u",
        "insert into t values (setval('s', 1))",
        "insert into t values (Mine(1))",
        "insert into t values (1) on conflict do nothing",
        "insert into t values (1) returning f(a)",
        "update t set a = 1",
        "update t set a = 1 where true",
        "update t set a = 1 where id = id",
        "update t set a = 1 where id = 1 or true",
        "update t set a = 1 where 1 = 1",
        "update t set a = 1 where now() > '2024-01-01'",
        "update t set a = 1 from u where t.id = 1",
        "delete from t",
        "delete from t where a = 1 or b = 2",
        "delete from t where not a = 1",
        "delete from t using u where a = 1",
        "delete from t where a = 1 returning setval('s', 1)",
        "with x as (delete from t) insert into t values (1)",
        "grant admin to ana",
        "grant all privileges on t to ana with grant option",
        "comment on function f() is 'x'",
        "begin isolation level serializable",
        "commit and chain",
        "commit prepared 'x'",
    ] {
        assert_eq!(plain(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_sql_like_text_is_read_without_a_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "select", "drop", "table", "delete", "from", "where", "(", ")", ";", "'", "\"",
                "$$", "--", "/*", "*/", "\n", "begin", "atomic", "end", "create", "function", "as",
                "E'", "U&\"", "\\", ",", "1", "x", "not", "with", "explain", "analyze", "merge",
                "using", "on", "true", "=", "case", "when", "copy", "program", "do", "é", "::",
            ]),
            0..60,
        ),
    ) {
        let _ = read(words.join(" ").as_bytes());
        let _ = read(words.concat().as_bytes());
    }

    /// What the small grammar of plain statements accepts, the full one reads
    /// just so.
    #[test]
    fn a_plain_statement_is_the_same_to_the_full_grammar(
        head in proptest::sample::select(vec![
            "select", "select", "insert into t values (", "insert into b.c (a, \"q\") values (1), (",
            "update t set a =", "update b.c set a = 1, b =", "update t set a = 1 where",
            "update \"q\" set a = default where a = 1 and", "delete from t where",
            "delete from b.c where a > 'x' and", "grant select, insert on", "grant all on table b.c to",
            "comment on", "comment on column b.c is", "begin", "commit",
        ]),
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "a", "b.c", "t", "*", ",", "from", "where", "and", "or", "not", "(", ")", "1", "'x'",
                "=", "<", "+", "is", "null", "true", "in", "like", "between", "order", "by", "desc",
                "limit", "offset", "group", "having", "as", "join", "left", "on", "using", "count(*)",
                "f(a)", "::", "int", "select", "distinct", "nulls", "first", "\"q\"", "into", "for",
                "update", "union", "values", "case", "-", "setval('a', 1)", "with", "all", "cross",
                "default", "set", "returning", "where a = 1", "), (", "on", "to", "table", "schema",
            ]),
            0..9,
        ),
        tail in proptest::sample::select(vec!["", ")", "and a <= 1", "where a = 'x'"]),
    ) {
        let text = format!("{head} {} {tail}", words.join(" "));
        let tokens: Vec<Token> = Lexer::new(text.as_bytes(), 0, Mode::default()).collect();
        if let Some(plain) = simple::read(text.as_bytes(), &tokens, &BTreeMap::new()) {
            let source = source::Source::new(text.as_bytes(), &tokens, false).unwrap();
            let found = Reader::default().parsed(&source);
            let found = found.map(|found| match found.role {
                Role::Plain if found.effect == Read => Statement::new(Read, "SELECT"),
                _ => found,
            });
            prop_assert_eq!(found, Some(plain), "{}", text);
        }
    }

    #[test]
    fn disguise_never_lowers_an_effect(
        at in 0..DESTROYS.len(),
        seed in proptest::collection::vec(any::<u8>(), 1..50),
    ) {
        let text = DESTROYS[at];
        let plain = !text.contains("--") && !text.contains("/*") && !text.contains('\\')
            && !text.contains('$') && !text.contains('\u{a0}') && !text.contains("'language");
        if plain {
            let disguised = disguised(text, &seed);
            prop_assert!(effect(&disguised) >= effect(text), "{}", disguised);
        }
    }

    #[test]
    fn wrapping_never_lowers_an_effect(at in 0..7_usize, wrap in 0..7_usize) {
        let text = [
            "delete from orders", "update orders set a = 1", "delete from orders where 1=1",
            "merge into t using (select 1) s on true when matched then delete",
            "delete from only orders returning *", "update orders set a = b where id = id",
            "with x as (select 1) delete from orders",
        ][at];
        let wrapped = match wrap {
            0 => format!("explain analyze {text}"),
            1 => format!("explain (verbose, analyze true) {text}"),
            2 => format!("prepare p as {text}"),
            3 => format!("begin; {text}; commit"),
            4 => format!("select 1; {text}; select 2"),
            5 if !text.contains("merge") => format!("with w as ({text}) select * from w"),
            _ => format!("create function f() returns void language sql as $a$ {text} $a$; select f()"),
        };
        prop_assert_eq!(effect(&wrapped), Destroy, "{}", wrapped);
    }
}
