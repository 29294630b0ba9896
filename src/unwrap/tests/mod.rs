//! What is found in lines, and in what their commands run. No command is run.

mod variables;

use super::*;
use crate::action::Flag;
use crate::invocation::{COMPUTED, Invocation, Stdin};
use crate::rules::{Reader, table};
use crate::world::fake::FakeWorld;

/// What is found in a line, wrappers followed one level at a time to the
/// bottom: guarded commands, and whether anything could not be read.
fn found(line: &str, world: &FakeWorld) -> (Vec<Invocation>, bool) {
    let surroundings = Invocation::default();
    let reading = super::line(line, Context { invocation: &surroundings, world });
    let opaque = |reading: &Reading| reading.actions.iter().any(|a| a.flags.has(Flag::Opaque));
    let mut unread = opaque(&reading);
    let mut queue = reading.inner;
    let mut out = Vec::new();
    let mut steps = 0;
    while let Some(invocation) = queue.pop() {
        steps += 1;
        assert!(steps < 200, "{line}");
        let Some(tool) = table::find(invocation.tool()) else { continue };
        let context = Context { invocation: &invocation, world };
        match read(&Call { tool, context, full: true }) {
            // These are read for holdpoint's own files only.
            None if tool.reader == Reader::Files => {}
            None => out.push(invocation),
            Some(inner) => {
                unread |= opaque(&inner);
                queue.extend(inner.inner);
            }
        }
    }
    out.reverse();
    (out, unread)
}

fn shown(invocation: &Invocation) -> String {
    let words: Vec<String> =
        invocation.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}

fn lines(line: &str) -> (Vec<String>, bool) {
    let (found, unread) = found(line, &FakeWorld::new());
    (found.iter().map(shown).collect(), unread)
}

fn one(line: &str, world: &FakeWorld) -> Invocation {
    let (mut found, unread) = found(line, world);
    assert!(!unread, "{line}");
    assert_eq!(found.len(), 1, "{line}: {found:?}");
    found.remove(0)
}

fn var(invocation: &Invocation, world: &FakeWorld, name: &str) -> Option<String> {
    Context { invocation, world }.text_var(name)
}

#[test]
fn sudo_gives_another_users_surroundings() {
    let world = FakeWorld::new().with_var("PGHOST", "db.dev.acme.com");
    let inner = one("sudo -u ana PGUSER=root psql -c x", &world);
    assert_eq!(shown(&inner), "psql -c x");
    assert_eq!(var(&inner, &world, "PGHOST"), None);
    assert_eq!(var(&inner, &world, "PGUSER").as_deref(), Some("root"));
    assert_eq!(var(&inner, &world, "HOME").as_deref(), Some(COMPUTED));
    let inner = one("sudo -E psql -c x", &world);
    assert_eq!(var(&inner, &world, "PGHOST").as_deref(), Some("db.dev.acme.com"));
    for line in ["sudo -l", "sudo -v", "sudo -e psql", "sudo --list psql", "sudo -K", "sudo"] {
        assert_eq!(lines(line), (vec![], false), "{line}");
    }
    for line in ["sudo -i psql -c x", "sudo -s -- psql -c x", "sudo -niu ana psql -c x"] {
        assert_eq!(lines(line), (vec!["psql -c x".to_owned()], false), "{line}");
    }
    // A shell without a command reads its standard input.
    for line in [
        "echo 'psql -c x' | sudo -s",
        "sudo -i <<< 'psql -c x'",
        "su - ana <<< 'psql -c x'",
        "echo 'psql -c x' | su",
        "doas -s <<E\npsql -c x\nE\n",
    ] {
        assert_eq!(lines(line), (vec!["psql -c x".to_owned()], false), "{line}");
    }
    // A login shell expands what is left of a dollar sign.
    let (found, _) = found("sudo -i psql -c '$X'", &world);
    assert_eq!(found[0].dynamic, [2]);
}

#[test]
fn su_finds_its_command_wherever_it_stands() {
    for line in [
        "su -c 'psql -c x'",
        "su - ana -c 'psql -c x'",
        "su ana --command='psql -c x'",
        "su -lc 'psql -c x' ana",
        "su ana -s /bin/sh -- -c 'psql -c x'",
        "su - ana -- -ec 'psql -c x'",
    ] {
        assert_eq!(lines(line), (vec!["psql -c x".to_owned()], false), "{line}");
    }
}

#[test]
fn env_changes_what_a_command_sees() {
    let world = FakeWorld::new().with_var("PGHOST", "outside").with_var("A", "b c");
    assert_eq!(var(&one("env -i psql -c x", &world), &world, "PGHOST"), None);
    assert_eq!(var(&one("env - psql -c x", &world), &world, "PGHOST"), None);
    assert_eq!(var(&one("env -uPGHOST psql -c x", &world), &world, "PGHOST"), None);
    let inner = one("env -S 'PGHOST=${A} psql -c \"x y\"' z", &world);
    assert_eq!(inner.argv, ["psql", "-c", "x y", "z"]);
    assert_eq!(var(&inner, &world, "PGHOST").as_deref(), Some("b c"));
    let inner = one("env -C sub psql -c x", &world);
    let cwd = Context { invocation: &inner, world: &world }.cwd().unwrap();
    assert_eq!(cwd, std::path::Path::new("/app/sub"));
    let inner = one("PGHOST=$(hostname) psql -c x", &world);
    assert_eq!(var(&inner, &world, "PGHOST").as_deref(), Some(COMPUTED));
    let inner = one("env PGHOST=$(hostname) psql -c x", &world);
    assert_eq!(var(&inner, &world, "PGHOST").as_deref(), Some(COMPUTED));
    assert!(found("env -S \"$X\"", &world).1);
}

#[test]
fn an_option_that_nobody_knows_hides_nothing() {
    for line in [
        "sudo --new psql -c x",
        "sudo --new value psql -c x",
        "env -Z psql -c x",
        "timeout --new 5 psql -c x",
        "xargs --new 5 psql -c x",
    ] {
        let (found, _) = lines(line);
        assert!(found.iter().any(|found| found.starts_with("psql -c x")), "{line}: {found:?}");
    }
}

#[test]
fn xargs_computes_words_and_takes_standard_input_away() {
    let inner = one("sort ids | xargs psql -c", &FakeWorld::new().with_file("ids", "x"));
    assert_eq!(inner.dynamic, [2]);
    assert_eq!(inner.stdin, Stdin::Text(std::sync::Arc::from(&b""[..])));
    let inner = one("xargs -I@ psql -c 'drop @ now' @", &FakeWorld::new());
    assert_eq!(inner.dynamic, [2, 3]);
    assert_eq!(inner.templates[0].1, "drop \u{fffc} now");
    let inner = one("xargs -I{} sh -c 'psql -c \"{}\" db'", &FakeWorld::new());
    assert_eq!(inner.dynamic, [2]);
    assert!(lines("sort x | xargs -I{} {} -c x").1);
    assert_eq!(lines("echo psql | xargs -I{} {} -c x"), (vec!["psql -c x".to_owned()], false));
    assert!(lines("cat x | xargs env").1);
    assert_eq!(lines("cat x | xargs"), (vec![], false));
}

#[test]
fn xargs_appends_the_words_of_a_known_input() {
    let world = FakeWorld::new().with_file("ids", "-c 'drop x'\n db\n");
    for line in ["cat ids | xargs psql", "xargs psql < ids", "xargs -r -- psql <<< \"$(cat ids)\""]
    {
        let inner = one(line, &world);
        assert_eq!(inner.argv, ["psql", "-c", "drop x", "db"], "{line}");
        assert!(inner.dynamic.is_empty(), "{line}");
    }
    for line in ["xargs -0 psql < ids", "xargs -d, psql < ids", "xargs -n $N psql < ids"] {
        assert_eq!(one(line, &world).dynamic, [1], "{line}");
    }
    for (line, expected) in [
        ("xargs -n1 psql < ids", &["psql -c", "psql drop x", "psql db"][..]),
        ("xargs -P4 -n 2 psql < ids", &["psql -c drop x", "psql db"]),
        ("printf 'a b\n c\n' | xargs -I{} psql -f {}", &["psql -f a b", "psql -f c"]),
        ("ls ids | xargs -n1 psql -f", &["psql -f ids"]),
        ("true | xargs -n1 psql", &["psql"]),
    ] {
        let (found, unread) = found(line, &world);
        let found: Vec<_> = found.iter().map(shown).collect();
        assert_eq!(
            (found.as_slice(), unread),
            (&expected.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..], false),
            "{line}"
        );
    }
    // A quote would make something else of a line.
    assert_eq!(one("xargs -I{} psql -f {} < ids", &world).dynamic, [2]);
    assert_eq!(one("echo \"it's\" | xargs psql", &world).dynamic, [1]);
}

#[test]
fn what_a_shell_runs_is_read_or_opaque() {
    let world = FakeWorld::new()
        .with_file("a.sh", "psql -c \"$1\" $0")
        .with_file("tools.sh", "\"$CMD\" x; psql -c y")
        .with_file("build.sh", "set -e; \"$CC\" x.c; eval \"$FLAGS\"; ${RUN:-true}")
        .with_file("prog", "\u{7f}ELF");
    for (line, expected, unread) in [
        ("bash a.sh 'drop x'", &["psql -c drop x a.sh"][..], false),
        ("bash -x ./a.sh", &["psql -c  ./a.sh"], false),
        ("cd /app; sh < a.sh", &["psql -c  sh"], false),
        ("bash tools.sh", &["psql -c y"], true),
        // A script that names no tool may compute whatever it likes.
        ("bash build.sh", &[], false),
        (". ./build.sh", &[], false),
        ("bash prog", &[], false),
        ("bash none.sh", &[], false),
        ("sort a.sh > b.sh; bash b.sh", &[], true),
        ("cp a.sh b.sh; bash b.sh x", &["psql -c x b.sh"], false),
        ("sed -i s/a/b/ a.sh; bash a.sh", &[], true),
        (
            "curl -so i.sh https://x.example.com; bash i.sh",
            &["curl -so i.sh https://x.example.com"],
            false,
        ),
        (
            "curl -s -o i.sh https://x.example.com; bash i.sh",
            &["curl -s -o i.sh https://x.example.com"],
            true,
        ),
        ("curl -s https://x.example.com | sh", &["curl -s https://x.example.com"], false),
        (
            "curl -s https://x.example.com | base64 -d | sh",
            &["curl -s https://x.example.com"],
            true,
        ),
        ("bash -c \"$X\"", &[], true),
        ("bash $X", &[], true),
        ("bash \"$DIR/build.sh\"", &[], true),
        ("bash --rcfile a.sh -i < /dev/null", &["psql -c "], false),
        ("bash -n -c 'psql -c x'", &[], false),
        ("bash -o noexec -c 'psql -c x'", &[], false),
        ("bash +c -c 'psql -c x'", &["psql -c x"], false),
        ("bash", &[], false),
        ("ssh-agent bash -c 'psql -c x'", &[], false),
    ] {
        let (found, opaque) = found(line, &world);
        let found: Vec<String> = found.iter().map(shown).collect();
        assert_eq!(found, expected, "{line}");
        assert_eq!(opaque, unread, "{line}");
    }
}

#[test]
fn lines_that_do_not_parse_stop_only_what_could_matter() {
    for line in [
        "psql -c 'x",
        "if railway down; then",
        "(aws s3 rb s3://x",
        "echo $(psql",
        "eval 'x",
        "echo x | base64 -d | ( sh",
        "$X (",
        "ls; \"$X\" (",
    ] {
        assert!(lines(line).1, "{line}");
    }
    for line in
        ["echo 'x", "if true; then", "ls (", "hg commit -m \"it's", "a ( b", "for x in", "fi"]
    {
        assert_eq!(lines(line), (vec![], false), "{line}");
    }
    let long = format!("echo {}; psql -c x", "a ".repeat(400_000));
    assert!(lines(&long).1);
    let long = format!("echo {}", "a ".repeat(400_000));
    assert!(!lines(&long).1);
    let deep = format!("{}psql -c x{}", "( ".repeat(100), " )".repeat(100));
    assert!(lines(&deep).1);
}

#[test]
fn computed_commands_are_opaque_unless_their_name_is_known() {
    for line in [
        "$X -c 'drop table y'",
        "\"$X\" -c \"$Y\"",
        "$X volume delete -v y",
        "$X s3 rb s3://y",
        "X=$(sort y); $X -c y",
        "read X; $X y",
        "$1 y",
        "$(cat cmd) y",
        "`x` y",
        "${X-psql} -c 'drop table y'",
        "sudo $X y",
        "env $X y",
        "nice \"$X\"",
        "exec $X",
        "command $X rm",
        "eval \"$X\"",
        "source $X",
        "timeout 5 $X",
        "trap \"$X\" EXIT",
        ". \"$X\"",
    ] {
        assert!(lines(line).1, "{line}");
    }
    // A name that nobody sets says nothing of a guarded tool.
    for line in
        ["$EDITOR y", "\"$PAGER\"", "${PYTHON:-python3} y.py", "$X -c 'select 1'", "$SUDO ls"]
    {
        assert_eq!(lines(line), (vec![], false), "{line}");
    }
    for line in [
        "${X:-psql} -c y",
        "\"$DIR\"/psql -c y",
        "$(which psql) -c y",
        "`command -v psql` -c y",
        "X=psql; $X -c y",
        "X='psql -c'; $X y",
        "sudo \"$DIR\"/psql -c y",
        "env $(which psql) -c y",
        "~/bin/psql -c y",
    ] {
        let (found, opaque) = lines(line);
        assert!(!opaque, "{line}");
        assert!(found[0].ends_with("psql -c y"), "{line}: {found:?}");
    }
    for line in [
        "\"$VENV/bin/python\" x.py",
        "eval \"$(ssh-agent -s)\"",
        "eval \"$(starship init bash)\"",
        "source <(zoxide init bash)",
        "$DIR/bazelisk build",
        "echo \"$X\"",
        "ls $X",
        "X=$(date) ls",
        "cd \"$X\" && make",
        "hg commit -m \"$MSG\"",
        "[ \"$X\" = psql ]",
    ] {
        assert_eq!(lines(line), (vec![], false), "{line}");
    }
}

#[test]
fn computed_words_keep_what_is_known_of_them() {
    let world = FakeWorld::new();
    let inner = one("psql \"--command=drop $T\" -h \"$H\"", &world);
    assert_eq!(shown(&inner), "psql --command=drop … -h $H");
    assert_eq!(inner.dynamic, [1, 3]);
    assert_eq!(inner.templates[0].1, "--command=drop \u{fffc}");
    // A name in a variable's own name says nothing about the place.
    let inner = one("psql -h \"x.$DEV_HOST\" -c y", &world);
    assert_eq!(shown(&inner), "psql -h x.… -c y");
    let inner = one("bash -c \"psql -h '$DEV' -c y\"", &world);
    assert_eq!(inner.dynamic, [2]);
}

#[test]
fn branches_leave_only_what_is_certain() {
    let world = FakeWorld::new();
    for (line, expected) in [
        ("H=a; if x; then H=b; fi; psql $H", None),
        ("H=a; if x; then H=b; else H=b; fi; psql $H", Some("b")),
        ("H=a; x && H=b; psql $H", None),
        ("H=a; x || H=b; psql $H", None),
        ("cd /tmp && H=b; psql $H", Some("b")),
        ("H=a; (H=b); psql $H", Some("a")),
        ("H=a; H=b | x; psql $H", Some("a")),
        ("H=a; while x; do H=b; done; psql $H", None),
        ("H=a; case $x in a) H=b;; esac; psql $H", None),
        ("H=a; f() { H=b; }; psql $H", Some("a")),
        ("H=a; f() { H=b; }; f; psql $H", Some("b")),
        ("H=a; f() { local H=b; }; f; psql $H", Some("a")),
        ("read H; psql $H", None),
        ("H=a; eval 'H=b'; psql $H", Some("b")),
        ("H=a; unset H; psql ${H:-c}", Some("c")),
        ("for H in b; do :; done; psql $H", None),
        ("H=a; let H=1; psql $H", None),
        ("H=a; ((H++)); psql $H", None),
        ("H=a; printf -v H %s b; psql $H", None),
        ("H=a; H[1]=b; psql $H", None),
        ("IFS=x; H=axb; psql $H", None),
        ("declare -i H=1+1; psql $H", None),
        ("H=a; { H=b; }; psql $H", Some("b")),
        ("H=a & psql $H", None),
    ] {
        let inner = one(line, &world);
        let known = inner.dynamic.is_empty().then(|| shown(&inner));
        assert_eq!(known, expected.map(|host| format!("psql {host}")), "{line}");
    }
    let inner = one("x && cd /tmp; psql -c y", &world);
    let cwd = Context { invocation: &inner, world: &world }.cwd().unwrap();
    assert!(cwd.to_string_lossy().contains(COMPUTED));
}

#[test]
fn standard_input_is_known_or_said_to_be_unknown() {
    let world = FakeWorld::new().with_file("a.sql", "drop table x;");
    for (line, expected) in [
        ("cat a.sql | psql", Some("drop table x;")),
        ("psql < a.sql", Some("drop table x;")),
        ("psql < /dev/null", Some("")),
        ("cat < a.sql | psql", Some("drop table x;")),
        ("cat a.sql | tee log | psql", Some("drop table x;")),
        ("cat a.sql - <<< b | psql", Some("drop table x;b\n")),
        ("(cat a.sql; echo b) | psql", Some("drop table x;b\n")),
        ("echo a > /dev/stderr | psql", Some("")),
        ("psql <<< \"$(cat a.sql)\"", Some("drop table x;\n")),
        ("psql < <(cat a.sql)", Some("drop table x;")),
        ("{ psql; } < a.sql", Some("drop table x;")),
        ("if true; then psql; fi < a.sql", Some("drop table x;")),
        ("f() { psql; }; f < a.sql", Some("drop table x;")),
        ("cat a.sql | sudo psql", Some("drop table x;")),
        ("cat a.sql | bash -c psql", Some("drop table x;")),
        ("sort a.sql | psql", None),
        ("cat a.sql none.sql | psql", None),
        ("cat *.sql | psql", Some("drop table x;")),
        ("shopt -s nullglob; cat *.sql | psql", None),
        ("cat -n a.sql | psql", None),
        ("{ cat a.sql || echo b; } | psql", None),
        ("echo \"$X\" | psql", None),
        ("echo 'a\\nb' | psql", None),
        ("psql <<E\n$X\nE\n", None),
        ("psql <&3", None),
        ("read x < a.sql; psql < \"$x\"", None),
        ("cat() { echo; }; cat a.sql | psql", None),
        ("echo b > a.sql; sort a.sql > a.sql; psql < a.sql", None),
    ] {
        let inner = found(line, &world).0.pop().unwrap();
        let text = match &inner.stdin {
            Stdin::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        };
        assert_eq!(text.as_deref(), expected, "{line}");
    }
    assert_eq!(one("psql", &world).stdin, Stdin::Inherited);
    assert_eq!(one("cat | psql", &world).stdin, Stdin::Inherited);
}

#[test]
fn walks_end() {
    for line in [
        "f() { f; }; f; psql -c x",
        "f() { g; }; g() { f; }; f; psql -c x",
        "X='eval \"$X\"'; eval \"$X\"; psql -c x",
        "alias psql='psql -q'; psql -c x",
        "f() { f2; f2; }; f2() { f3; f3; }; f3() { f4; f4; }; f4() { :; }; f; psql -c x",
        "X=aaaaaaaa; for a in 1 2 3 4 5 6 7 8; do for b in 1 2 3 4 5 6 7 8; do X=$X$X; done; done; psql -c x",
        "A=(a b); for a in 1 2 3 4 5 6 7 8; do for b in 1 2 3 4 5 6 7 8; do A=(\"${A[@]}\" \"${A[@]}\"); done; done; psql -c x",
        "while true; do while true; do while true; do :; done; done; done; psql -c x",
        "echo {1..250}{1..250}{1..250}; psql -c x",
    ] {
        let (found, _) = lines(line);
        assert!(found.iter().any(|found| found.ends_with("-c x")), "{line}: {found:?}");
    }
    let world = FakeWorld::new().with_file("self.sh", ". ./self.sh; bash self.sh; psql -c x");
    let surroundings = Invocation::default();
    let reading = super::line(". ./self.sh", Context { invocation: &surroundings, world: &world });
    assert!(reading.inner.len() < 100);
    // Too much is said to be too much.
    let doubling: String =
        (0..18).map(|n| format!("f{n}() {{ f{}; f{}; }}; ", n + 1, n + 1)).collect();
    assert!(lines(&format!("{doubling} f18() {{ :; }}; f0")).1);
}
