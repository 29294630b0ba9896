//! What a script does on its way: commands, variables, files, moves to another
//! database.

use super::*;

#[test]
fn psqlrc_counts_unless_it_is_left_out() {
    let world = FakeWorld::new().with_file("/home/ana/.psqlrc", "\\c other\n\\pset null x\n");
    assert_eq!(
        name(&world, &["psql", "-h", PROD, "app", "-c", "drop table t"]),
        format!("other@{PROD}")
    );
    assert_eq!(
        name(&world, &["psql", "-X", "-h", PROD, "app", "-c", "drop table t"]),
        format!("app@{PROD}")
    );
    let world = FakeWorld::new().with_file("/rc", "delete from t;").with_var("PSQLRC", "/rc");
    assert_eq!(judged(&world, &["psql", "-c", "select 1"]).0, Effect::Destroy);
    assert_eq!(judged(&world, &["psql", "-l"]).0, Effect::Read);
    let usual = "\\set QUIET 1\n\\set PROMPT1 '%[%033[1m%]%M %n@%/%R%[%033[0m%]%# '\n\\x auto\n\
                 \\timing\n\\set HISTFILE ~/.psql_history- :DBNAME\n\\set HISTCONTROL ignoredups\n\
                 \\set COMP_KEYWORD_CASE upper\n\\unset QUIET\n\\set activity 'select pid from \
                 pg_stat_activity;'\nset search_path = app;\n";
    let world = FakeWorld::new().with_file("/home/ana/.psqlrc-15", usual);
    assert_eq!(judged(&world, &["psql", "-c", "select 1"]), (Effect::Read, CLEAR));
}

#[test]
fn the_two_languages_differ() {
    // -c sends its text as it is; a backslash counts only as its first byte.
    let world = FakeWorld::new();
    for text in [" \\! rm -rf x", "select 1 \\gexec", "select :x", "select 1; \\c other"] {
        let found = reading(&world, &["psql", "-c", text]);
        assert!(worst(&found).flags.has(Flag::Opaque), "{text}");
        assert_eq!(found.inner, [], "{text}");
    }
    let found = reading(&world, &["psql", "-c", "\\! rm -rf x \\! y"]);
    assert_eq!(found.inner[0].argv, ["sh", "-c", "rm -rf x \\! y"]);
    let found = reading(&world, &["psql", "-c", "\\x \\! rm"]);
    assert_eq!(found.inner, []);
}

#[test]
fn scripts_are_split_as_psql_splits_them() {
    let destroys = [
        "drop table t",
        "select 1; drop table t;",
        "select 1 \\; drop table t \\; select 2;",
        "drop table t \\g",
        "delete from t \\gx\n",
        "delete from t returning id \\gset\n",
        "delete from t \\watch 1",
        "\\set q 'drop table t'\n:q;",
        "\\set w 'where false'\n\\set w ''\ndelete from t :w;",
        "\\set a 'select 1; drop table t;'\n:a",
        "\\set a 'dro'\n\\set b p\n:a:b table t;",
        "\\if :x\ndrop table t;\n\\endif",
        "\\if false\nselect 1;\n\\else\ndrop table t;\n\\endif",
        "select 'a\\'; drop table t; --'",
        "drop table :\"t\";",
        "\\x \\\\ drop table t;",
        "\\echo hi\ndrop table t;",
        "\\restrict abc\ndrop table t;\n\\unrestrict abc",
        "create function f() returns int begin atomic select 1; select 2; end; drop table t;",
        "\u{feff}drop table t;",
        "copy t from stdin;\n1\n\\.\ndrop table t;",
        "\\copy t from stdin\n1\n\\.\ndrop table t;",
        "copy t from stdin; drop table t;\n1\n\\.\n",
        "\\copy (delete from t returning *) to stdout",
        "drop table t\\p\n;",
        "begin;\ndrop table t;\n\\c\nrollback;",
        "\\if 1\n\\q\n\\endif\ndrop table t;",
        "drop table t;\n\\gdesc",
        "\\r\ndrop table t;",
        "\\r drop \\\\ drop table t;",
    ];
    for text in destroys {
        assert_eq!(judged(&script(text), &["psql"]).0, Effect::Destroy, "{text}");
    }
    let harmless = [
        "select 'a' \\; select 2;",
        "-- drop table t;\n\\echo drop table t\n",
        "\\set q 'drop table t'\nselect ':q', \":q\", $$:q$$;",
        "select a[1:2], '{}'::int[], b::text from t;",
        "copy t (a, b) from stdin;\ndrop table t;\n\\! rm\n\\.\nselect 1;",
        "\\copy t from stdin\ndrop table t;\n\\.\n",
        "\\q\ndrop table t;",
        "drop table t \\r\nselect 1;",
        "drop table t \\gdesc\n",
        "begin;\ndrop table t;\n\\echo done\nrollback;",
        "\\getenv a HOME\n\\prompt b\ninsert into t values (:'a', :'b');",
        "\\set id `cat id`\ndelete from t where id = :'id';",
        "\\set id 5\ndelete from t where id = :id;",
        "\\d t\n\\dt+ *.*\n\\l\n\\conninfo\n\\pset pager off\n\\timing on\n\\sf f\n\\z\n\\?",
        "\\copy t to 'x.csv' csv",
        "\\prompt 'id? ' id\nselect * from t where id = :'id';",
        "",
        ";;\n",
    ];
    for text in harmless {
        let (effect, opaque) = judged(&script(text), &["psql"]);
        assert!(effect <= Effect::Write && !opaque, "{text}");
    }
    let opaque = [
        "select 'drop table t' \\gexec",
        "select 'x' as q \\gset\n:q;",
        "\\prompt q\n:q;",
        "\\set q `cat x`\n:q;",
        "\\e",
        "\\i no-such-file",
        "\\i :unset_file",
        "select 1 \\frobnicate",
        "do $$ begin null; end $$;",
        "delete from t\n\\if :x\nwhere id = 1\n\\endif\n;",
        "\\!\n",
        "\\encoding SJIS\n",
        "\\if :x\n\\set q 'select 1'\n\\else\n\\set q 'drop table t'\n\\endif\n:q;",
    ];
    for text in opaque {
        assert!(judged(&script(text), &["psql"]).1, "{text}");
    }
}

#[test]
fn variables_given_as_words_are_known() {
    let world = script("delete from t :w;");
    assert_eq!(judged(&world, &["psql", "-v", "w=where id = 1"]), (Effect::Write, CLEAR));
    assert_eq!(judged(&world, &["psql", "-vw=where true"]), (Effect::Destroy, CLEAR));
    assert_eq!(judged(&world, &["psql", "--set=w="]), (Effect::Destroy, CLEAR));
    assert_eq!(judged(&world, &["psql", "--vari", "w=; drop table t"]).0, Effect::Destroy);
}

#[test]
fn shells_on_the_way_are_handed_to_the_pipeline() {
    for (text, command) in [
        ("\\! rm -rf x\n", "rm -rf x"),
        ("select 1 \\g |psql prod\n", "psql prod"),
        ("\\o |sh -s\nselect 1;", "sh -s"),
        ("\\w | cat\n", " cat"),
        ("\\set x `dropdb prod`\n", "dropdb prod"),
        ("\\echo `a` `b`\n", "a"),
        ("\\copy t from program 'curl x'\n", "curl x"),
        ("\\set n prod\n\\set x `dropdb :'n'`\n", "dropdb 'prod'"),
    ] {
        let found = reading(&script(text), &["psql"]);
        assert_eq!(found.inner[0].argv, ["sh", "-c", command], "{text}");
    }
    let found = reading(&FakeWorld::new(), &["psql", "-o", "|dropdb prod", "-c", "select 1"]);
    assert_eq!(found.inner[0].argv, ["sh", "-c", "dropdb prod"]);
    let found =
        reading(&script("\\setenv PGHOST db.prod\n\\! psql -c 'drop table t'\n"), &["psql"]);
    assert_eq!(found.inner[0].env, [("PGHOST".into(), Some("db.prod".into()))].into());
    assert!(judged(&script("\\set x `:y`\n"), &["psql", "-v", "y"]).0 == Effect::Read);
}

#[test]
fn connect_moves_what_follows() {
    let moves = [
        ("\\c other\ndrop table t;", "other@db.prod.acme.com"),
        ("\\c - bob\ndrop table t;", "app@db.prod.acme.com"),
        ("\\c - - staging\ndrop table t;", "app@staging"),
        ("\\connect x y z 7\ndrop table t;", "x@z"),
        ("\\c postgres://h2/d2\ndrop table t;", "d2@h2"),
        ("\\c \"host=h3 dbname=d3\"\ndrop table t;", "d3@h3"),
        ("\\c -reuse-previous=on \"dbname=d4\"\ndrop table t;", "d4@db.prod.acme.com"),
        ("\\c \"my db\"\ndrop table t;", "my db@db.prod.acme.com"),
        ("drop table t;\n\\c other", "app@db.prod.acme.com"),
        ("drop table t;\n\\c - - localhost\n", "app@db.prod.acme.com"),
    ];
    for (text, want) in moves {
        assert_eq!(name(&script(text), &["psql", "-h", PROD, "app"]), want, "{text}");
    }
    // From one -c to the next, and for a query sent again.
    let argv = ["psql", "-h", "localhost", "app", "-c", "\\c - - db.prod", "-c", "drop table t"];
    assert_eq!(name(&FakeWorld::new(), &argv), "app@db.prod");
    let twice = reading(
        &script("drop table t;\n\\c - - db.prod\n\\g\n"),
        &["psql", "-h", "localhost", "app"],
    );
    let names: Vec<_> =
        twice.actions.iter().map(|action| action.target.name.clone().unwrap()).collect();
    assert_eq!(names, ["app@localhost", "app@db.prod"]);
    // Either side of an \if.
    let either = reading(
        &script("\\if :x\n\\c - - db.prod\n\\endif\ndrop table t;"),
        &["psql", "-h", "localhost", "app"],
    );
    assert_eq!(either.actions.len(), 2);
    let gap = worst(&reading(&script("\\prompt d\n\\c :d\ndrop table t;"), &["psql"]));
    assert!(gap.target.gap.is_some());
}

#[test]
fn included_files_are_followed_but_not_for_ever() {
    let world = FakeWorld::new()
        .with_file("/s/a.sql", "\\ir b/c.sql\n")
        .with_file("/s/b/c.sql", "\\ir d.sql\n")
        .with_file("/s/b/d.sql", "drop table t;")
        .with_file("/s/loop.sql", "select 1;\n\\i /s/loop.sql\n")
        .with_file("/s/two.sql", "\\i /s/two.sql\n\\i /s/two.sql\n")
        .with_file("/home/ana/x.sql", "truncate t;");
    assert_eq!(judged(&world, &["psql", "-f", "/s/a.sql"]), (Effect::Destroy, CLEAR));
    assert!(judged(&world, &["psql", "-f", "/s/loop.sql"]).1);
    assert!(judged(&world, &["psql", "-f", "/s/two.sql"]).1);
    assert_eq!(judged(&world, &["psql", "-c", "\\i ~/x.sql"]), (Effect::Destroy, CLEAR));
    assert_eq!(judged(&script("\\cd /s/b\n\\i d.sql\n"), &["psql"]).1, OPAQUE);
    let mut world = world;
    world.stdin = Input::Text(b"\\cd /s/b\n\\i d.sql\n".as_slice().into());
    assert_eq!(judged(&world, &["psql"]), (Effect::Destroy, CLEAR));
}

#[test]
fn a_transaction_may_span_texts() {
    let world = FakeWorld::new();
    let texts = ["psql", "-c", "begin", "-c", "drop table t", "-c", "rollback"];
    assert_eq!(judged(&world, &texts), (Effect::Write, CLEAR));
    let texts = ["psql", "-c", "begin", "-c", "drop table t", "-c", "\\c", "-c", "rollback"];
    assert_eq!(judged(&world, &texts), (Effect::Destroy, CLEAR));
}

#[test]
fn single_line_mode_ends_a_query_at_the_end_of_a_line() {
    let world = script("delete from t\nwhere id = 1;\n");
    assert_eq!(judged(&world, &["psql"]).0, Effect::Write);
    assert_eq!(judged(&world, &["psql", "-S"]).0, Effect::Destroy);
    let world = script("\\set SINGLELINE on\ndelete from t\nwhere id = 1;\n");
    assert_eq!(judged(&world, &["psql"]).1, OPAQUE);
}

#[test]
fn encodings_that_hide_a_backslash_are_opaque() {
    let world = |name: &str| FakeWorld::new().with_var("PGCLIENTENCODING", name);
    for name in ["SJIS", "gb18030", "Big5"] {
        assert!(judged(&world(name), &["psql", "-c", "select 1"]).1, "{name}");
        let text = format!("set client_encoding to '{name}'; select 1");
        assert!(judged(&FakeWorld::new(), &["psql", "-c", &text]).1, "{name}");
        assert!(judged(&script(&format!("\\encoding {name}\n")), &["psql"]).1, "{name}");
    }
    assert!(!judged(&world("latin1"), &["psql", "-c", "set client_encoding to utf8"]).1);
    let mut world = FakeWorld::new();
    world.stdin = Input::Text(b"select 'caf\xe9';".as_slice().into());
    assert_eq!(judged(&world, &["psql"]), (Effect::Read, CLEAR));
    world.stdin = Input::Text(b"select E'\x83\\';drop table t;--';".as_slice().into());
    assert_eq!(judged(&world, &["psql"]).1, OPAQUE);
}

#[test]
fn a_variable_of_usual_size_is_still_known_after_many_others() {
    let many: String = (0..5_000).map(|at| format!("\\set v v{at}\n")).collect();
    let text = format!("{many}\\set t orders\nselect * from :t;");
    assert_eq!(judged(&script(&text), &["psql"]), (Effect::Read, CLEAR));
}

#[test]
fn data_is_run_where_the_copy_fails() {
    let run = |text: &str| judged(&script(text), &["psql", "app"]);
    let data = "copy t from stdin;\n1\tdrop table t\n2\t; drop\n\\.\n";
    assert_eq!(run(data), (Effect::Write, CLEAR));
    let meant = "copy t from stdin;\ndrop table t;\n";
    assert_eq!(run(meant), (Effect::Destroy, CLEAR));
    let behind = "copy t from stdin;\ndelete from t;\ncopy u from stdin;\n1\n\\.\nselect 1;";
    assert_eq!(run(behind), (Effect::Destroy, CLEAR));
    // A dump's rows may hold SQL.
    let rows = "copy t from stdin;\n1\tselect 1; drop table t; select 2\n\\.\nselect 1;";
    assert_eq!(run(rows), (Effect::Write, CLEAR));
    let refused = "copy (select 1) from stdin;\nselect 1 \\gexec\n\\.\n";
    assert_eq!(run(refused).1, OPAQUE);
}

/// What psql 18's command.c compares a command's name with, but for `\d…`.
#[test]
fn every_backslash_command_of_newer_versions_is_known() {
    let names = "a bind bind_named C c connect cd close_prepared conninfo copy COPY Copy copyright \
                 crosstabview d dt+ dtx e edit ef ev echo qecho warn elif else endif endpipeline \
                 encoding errverbose f flush flushrequest g gx gdesc getenv getresults gexec gset \
                 h help H html i include ir include_relative if l list lx listx l+ list+ lx+ \
                 listx+ l+x list+x lo_export lo_import lo_list lo_list+ lo_unlink o out p print \
                 parse password prompt pset q quit r reset restrict s sendpipeline set setenv sf \
                 sf+ sv sv+ startpipeline syncpipeline t T timing unrestrict unset w write watch x \
                 z zS zx zSx zxS ! ?";
    for name in names.split_whitespace() {
        let reading = reading(&script(&format!("select 1 \\{name}\n")), &["psql", "app"]);
        let unknown = reading.actions.iter().any(|found| found.summary.contains("is not known"));
        assert!(!unknown, "\\{name}");
    }
    for text in [
        "delete from t \\bind \\sendpipeline\n",
        "\\startpipeline\ndelete from t \\bind \\g\n\\endpipeline\n",
        "delete from t \\parse s\n\\bind_named s \\g\n",
        "select 1 \\bind_named s \\g\ndelete from t \\g\n",
    ] {
        let (effect, opaque) = judged(&script(text), &["psql", "app"]);
        assert_eq!((effect, opaque), (Effect::Destroy, CLEAR), "{text}");
    }
    let unknown = judged(&script("\\nosuch x\n"), &["psql", "app"]);
    assert_eq!(unknown.1, OPAQUE);
    assert_eq!(judged(&script("\\COPY t to stdout\n"), &["psql", "app"]), (Effect::Read, CLEAR));
}
