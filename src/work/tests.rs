//! That a long text is judged to its end, and that what multiplies is not.
//! How the time grows is what benches/run measures.

use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Subject};
use crate::world::fake::FakeWorld;

const DROP: &str = "psql -h db.prod.acme.com -c 'drop table orders'\n";

fn judged(line: &str, world: &FakeWorld) -> Judgement {
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    pipeline::judge(Subject::Line(line, &Invocation::default()), world, options).judgement
}

/// Whether the table's end was seen, and nothing was left unread.
fn drops(judgement: &Judgement) -> bool {
    let ended = judgement.actions.iter().any(|it| it.action.operation == "DROP TABLE");
    let unread = judgement.actions.iter().any(|it| it.action.summary.contains("holdpoint follows"));
    assert!(!unread, "{:?}", judgement.reasons);
    ended
}

/// Copies of a line, each with its number, up to a length in bytes.
fn repeated(line: &str, length: usize) -> String {
    let mut out = String::new();
    for number in 0.. {
        let next = line.replace('@', &number.to_string());
        if out.len() + next.len() > length {
            break;
        }
        out += &next;
    }
    out
}

/// What agents and people write.
fn ordinary(length: usize) -> String {
    repeated(
        "cd /app/svc@ && git status --short | head -3 > /tmp/out@.txt\n\
         npm test -- --grep 'case @' && echo \"done @ of $TOTAL\"\n\
         psql -h db.staging.acme.com -c 'select count(*) from orders where id = @'\n",
        length,
    )
}

#[test]
fn every_command_of_a_long_script_is_judged() {
    let half = ordinary(127 * 1024);
    let whole = format!("{half}{half}");
    let world = FakeWorld::new();
    assert_eq!(judged(&whole, &world).verdict, Verdict::Allow);
    assert!(drops(&judged(&format!("{whole}{DROP}"), &world)));
    assert!(drops(&judged(&format!("{half}{DROP}{half}"), &world)));
    assert!(drops(&judged(&format!("{DROP}{whole}"), &world)));
    let world = world.with_file("/app/deploy.sh", &format!("{whole}{DROP}"));
    assert!(drops(&judged("sudo -E bash deploy.sh", &world)));
}

#[test]
fn a_script_of_the_shortest_commands_is_followed_to_its_end() {
    for command in ["w\n", "gh\n"] {
        let script = format!("{}{DROP}", repeated(command, 48 * 1024));
        assert!(drops(&judged(&script, &FakeWorld::new())), "{command}");
    }
}

#[test]
fn each_shape_of_a_long_text_is_followed_to_its_end() {
    const LENGTH: usize = 32 * 1024;
    let lines = [
        "export A@=value@\n",
        "A@=value@; echo $A@ > f@\n",
        "f@() { git log; }\n",
        "f@() { git log; }; f@\n",
        "if a; then f() { git log @; }; fi\n",
        "alias a@='git log'; a@\n",
        "cd dir@\n",
        "cat > f@ <<EOF\nhello @\nEOF\n",
        "psql -h db.dev.acme.com <<EOF\nselect @;\nEOF\n",
        "echo $(git log @) `git log @` \"$(git status)\"\n",
        "x+=a@\n",
        "x+=(a@)\n",
        "case $x in a) A@=1;; b) A@=2;; esac\n",
        "if a; then A@=1; else A@=2; fi\n",
        "for i in 1 2 3; do A@=$i; done\n",
        "while a; do A@=1; done\n",
        "(cd x@; git log)\n",
        "echo a@ >> log\n",
        "echo 'select 1' > f@; psql -h db.dev.acme.com -f f@\n",
        "ls a@* {b,c}@\n",
        "eval 'git log @'\n",
        "bash -c 'git log @'\n",
        "sudo env A=@ timeout 5 git log\n",
        "set -- a@; shift\n",
        "cp a@ b@\n",
    ];
    let around = [
        ("a", " | b@", "\n"),
        ("a", " && b@=1", "\n"),
        ("a", " || b@=1", "\n"),
        ("case $x in\n", "a@) A@=1;;\n", "esac\n"),
        ("if a; then b\n", "elif c@; then A@=@\n", "fi\n"),
        ("f() {\n", "local A@=1\n", "}\nf\n"),
        ("echo \"", " $(b @) ${A@:-x}", "\"\n"),
        ("echo", " > f@", "\n"),
    ];
    let mut texts: Vec<String> = lines.iter().map(|line| repeated(line, LENGTH)).collect();
    texts.extend(
        around.iter().map(|(head, line, tail)| format!("{head}{}{tail}", repeated(line, LENGTH))),
    );
    for text in texts {
        let judgement = judged(&format!("{text}{DROP}"), &FakeWorld::new());
        let start: String = text.chars().take(60).collect();
        assert!(drops(&judgement), "{start}");
    }
}

#[test]
fn what_multiplies_ends_at_a_bound() {
    let doubling: String = (0..30).map(|n| format!("f{n}() {{ f{0}; f{0}; }}\n", n + 1)).collect();
    let git = repeated("git log @\n", 2_000);
    let world = FakeWorld::new().with_file("/app/big", &"a".repeat(1_000_000));
    for text in [
        format!("{doubling}f30() {{ git log; }}\nf0\n"),
        format!("x='{git}'\n{}", "eval \"$x\"\n".repeat(200)),
        format!("x='{}'\n{}", "a".repeat(100_000), "git commit -m \"$x\"\n".repeat(1_000)),
        format!("{}git log\n", "x=$(cat big)\n".repeat(60)),
    ] {
        let judgement = judged(&text, &world);
        let start: String = text.chars().take(60).collect();
        assert_eq!(judgement.verdict, Verdict::Refuse, "{start}");
        let said = |it: &crate::judgement::Judged| it.action.summary.contains("holdpoint follows");
        assert!(judgement.actions.iter().any(said), "{start}: {:?}", judgement.actions);
    }
}

#[test]
fn only_so_many_places_of_this_machine_are_looked_at() {
    let line = |count: usize| -> String {
        let ports = (0..count).map(|number| 6_000 + number);
        ports.map(|port| format!("psql -h localhost -p {port} -c 'drop table t'\n")).collect()
    };
    assert_eq!(judged(&line(60), &FakeWorld::new()).verdict, Verdict::Allow);
    assert_eq!(judged(&line(70), &FakeWorld::new()).verdict, Verdict::Refuse);
}
