//! The bodies of the fuzz targets, shared by the targets themselves and by the
//! smoke run in the ordinary tests (`tests/fuzz_smoke.rs`). Each takes any
//! bytes; a panic, an endless loop or a broken promise is a finding.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use holdpoint::action::{Action, Effect};
use holdpoint::actions::{self, Call, curl};
use holdpoint::actor::ActorKind;
use holdpoint::confirm::card::{self, Color, Width};
use holdpoint::confirm::phrase;
use holdpoint::invocation::{Context, Invocation};
use holdpoint::judgement::{Judged, Judgement, Verdict};
use holdpoint::parse::calls::{self, Argument};
use holdpoint::parse::code::Syntax;
use holdpoint::parse::dialect::{self, Dialect};
use holdpoint::parse::psql_script::{Scanner, Variables};
use holdpoint::parse::queries::{self, Language};
use holdpoint::parse::ref_updates::{self, Order, Update};
use holdpoint::parse::{argv, cqlsh, git_config, googlesql, graphql, mongosh, shell, url};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::rules::table;
use holdpoint::target::{Class, Evidence, Kind, Target};
use holdpoint::unwrap;
use holdpoint::world::fake::FakeWorld;

mod changes;
mod files;
mod little;
mod scripts;
mod worlds;

pub use changes::changes;
pub use files::{
    backups, hcl, ini, justfile, kube, listeners, playbook, policy, rule_file, settings, tfplan,
    xml,
};
pub use little::little;
pub use scripts::{
    connection, dialect, dotenv_file as dotenv, hook, hooks_file, mysql_script, patch,
    redis_text as redis, resp, sql_text as sql, sqlite_script,
};
pub use worlds::{aws, configs, lines, project, redaction, trail};

/// A target: its name and its body.
pub type Body = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Body] = &[
    ("argv", argv),
    ("shell", shell),
    ("line", line),
    ("command", command),
    ("sql", sql),
    ("psql_script", psql_script),
    ("migration", migration),
    ("changes", changes),
    ("googlesql", googlesql),
    ("graphql", graphql),
    ("url", url),
    ("hcl", hcl),
    ("ini", ini),
    ("justfile", justfile),
    ("playbook", playbook),
    ("mongosh", mongosh),
    ("programs", programs),
    ("dialects", dialects),
    ("xml", xml),
    ("git", git),
    ("kube", kube),
    ("curl", curl),
    ("http_clients", http_clients),
    ("policy", policy),
    ("rule_file", rule_file),
    ("card", card),
    ("dialect", dialect),
    ("mysql_script", mysql_script),
    ("sqlite_script", sqlite_script),
    ("hook", hook),
    ("hooks_file", hooks_file),
    ("patch", patch),
    ("redis", redis),
    ("resp", resp),
    ("connection", connection),
    ("dotenv", dotenv),
    ("configs", configs),
    ("project", project),
    ("lines", lines),
    ("aws", aws),
    ("redaction", redaction),
    ("trail", trail),
    ("sqlcmd", sqlcmd),
    ("backups", backups),
    ("tfplan", tfplan),
    ("settings", settings),
    ("listeners", listeners),
    ("little", little),
];

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Words split at NULs, as they would be handed to a program called `tool`,
/// some of them computed.
fn invocation(tool: &str, data: &[u8]) -> Invocation {
    let mut argv = vec![OsString::from(tool)];
    let mut dynamic = Vec::new();
    for word in data.split(|byte| *byte == 0) {
        let word = match word.strip_prefix(b"\x01") {
            Some(rest) => {
                dynamic.push(argv.len());
                rest
            }
            None => word,
        };
        argv.push(OsString::from_vec(word.to_vec()));
    }
    Invocation { argv, dynamic, ..Invocation::default() }
}

/// What stands in front of a readable script stays readable, and a script is
/// never less than the drop in it.
pub fn mongosh(data: &[u8]) {
    let steps = mongosh::read(data);
    assert!(steps.len() <= 200_000);
    let with = [b"db.a.drop();\n", data].concat();
    let destroys = mongosh::read(&with).iter().any(|step| match step {
        mongosh::Step::Run(statement, _) => statement.effect == Effect::Destroy,
        _ => false,
    });
    assert!(destroys, "a drop in front of {data:?} is lost");
}

/// A command in front of any program is found, whatever follows.
pub fn programs(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for (syntax, front) in [
        (Syntax::Perl, "system('psql -c x');\n"),
        (Syntax::Php, "system('psql -c x');\n"),
        (Syntax::Python, "os.system('psql -c x')\n"),
        (Syntax::Ruby, "system('psql -c x')\n"),
        (Syntax::Script, "cp.execSync('psql -c x');\n"),
    ] {
        let program = calls::read(&format!("{front}{text}"), syntax);
        let words = [Argument::Text("psql -c x".to_owned())];
        let found = program.calls.iter().any(|call| call.arguments == words);
        assert!(found, "a command in front of {text:?} is lost");
    }
    for (language, front) in [
        (Language::Php, "purge();\n"),
        (Language::Python, "purge()\n"),
        (Language::Ruby, "purge\n"),
    ] {
        let reads = queries::only_reads(&format!("{front}{text}"), language);
        assert!(!reads, "a call in front of {text:?} is lost");
    }
}

/// A drop in front of anything is never lost.
pub fn dialects(data: &[u8]) {
    let with = [b"drop table a;\n", data].concat();
    for dialect in
        [Dialect::Clickhouse, Dialect::Cql, Dialect::Duckdb, Dialect::Mysql, Dialect::Sqlite]
    {
        dialect::read(data, dialect);
        let found = dialect::read(&with, dialect);
        let destroys = found.iter().any(|it| it.statement.effect == Effect::Destroy);
        assert!(destroys, "{dialect:?}: a drop in front of {data:?} is lost");
    }
    let total: usize = cqlsh::scan(data)
        .iter()
        .map(|item| match item {
            cqlsh::Item::Text(text) => text.len(),
            cqlsh::Item::Command { name, rest, at } => {
                assert_eq!(data.get(*at..at + rest.len()), Some(rest.as_slice()));
                name.len() + rest.len()
            }
        })
        .sum();
    assert!(total <= data.len());
}

/// Every word is told apart exactly once, and every value stands where it
/// says.
pub fn argv(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let tools = table::all();
    let tool = &tools[usize::from(*first) % tools.len()];
    let invocation = invocation(tool.name, rest);
    let parsed = argv::parse(tool, &invocation, first % 2 == 0);
    let mut seen = vec![0_u8; invocation.argv.len()];
    for word in parsed.path.iter().chain(&parsed.positionals) {
        assert_eq!(word.text, invocation.argv[word.index]);
        seen[word.index] += 1;
    }
    for unknown in &parsed.unknown {
        assert_eq!(unknown.text, invocation.argv[unknown.index]);
        seen[unknown.index] += 1;
    }
    let mut option_words = vec![false; invocation.argv.len()];
    for given in &parsed.options {
        option_words[given.index] = true;
        for value in given.value.iter().chain(&given.more) {
            let word = invocation.argv[value.index].as_bytes();
            assert_eq!(value.text, OsStr::from_bytes(&word[value.offset..]));
            assert_eq!(value.dynamic, invocation.is_dynamic(value.index));
            if value.offset == 0 && value.index != given.index {
                seen[value.index] += 1;
            }
        }
    }
    let mut dashes = 0;
    for (at, count) in seen.iter().enumerate().skip(1) {
        let count = usize::from(*count) + usize::from(option_words[at]);
        // The first `--` alone belongs to nobody.
        if count == 0 && invocation.argv[at] == "--" {
            dashes += 1;
        } else {
            assert!(count >= 1, "word {at} of {:?} is lost: {parsed:?}", invocation.argv);
            // A word may be an unknown cluster whose first letters were known.
            assert!(count <= 2, "word {at} of {:?} counts {count} times", invocation.argv);
        }
    }
    assert!(dashes <= 1, "{:?}", invocation.argv);
}

/// Nothing that parses is deeper than the limit says, and reading it again
/// gives the same.
pub fn shell(data: &[u8]) {
    let text = text(data);
    let once = shell::parse(&text);
    assert_eq!(once, shell::parse(&text));
}

/// A line through everything: unwrapped, read, judged.
pub fn line(data: &[u8]) {
    let text = text(data);
    let surroundings = Invocation::default();
    let world = FakeWorld::new()
        .with_var("PGHOST", "db.example.com")
        .with_file("a.sql", "drop table x;")
        .with_file("a.sh", "psql -c \"$1\"");
    let found = unwrap::commands(&text, Context { invocation: &surroundings, world: &world });
    for inner in &found.inner {
        assert!(inner.dynamic.iter().all(|at| *at < inner.argv.len()));
        assert!(inner.templates.iter().all(|(at, _)| inner.is_dynamic(*at)));
    }
    judge(Subject::Line(&text, &surroundings), &world);
}

/// One command of any guarded program through everything.
pub fn command(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let programs: Vec<&str> =
        table::all().iter().flat_map(|tool| tool.programs.iter().copied()).collect();
    let invocation = invocation(programs[usize::from(*first) % programs.len()], rest);
    judge(Subject::Command(&invocation), &FakeWorld::new());
}

fn judge(subject: Subject<'_>, world: &FakeWorld) {
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    let judgement = pipeline::judge(subject, world, options).judgement;
    let card = card::render(&judgement, Width::columns(60), Color::Off);
    assert_is_showable(&card);
    let _ = holdpoint::report::json(&judgement);
}

/// A migration's text, in every language that one is written in.
pub fn migration(data: &[u8]) {
    use holdpoint::parse::migration::{Language, destroys};
    let text = text(data);
    for language in
        [Language::Sql, Language::Ruby, Language::Python, Language::Script, Language::Php]
    {
        for found in destroys(&text, language) {
            assert_eq!(found.effect, Effect::Destroy);
            assert!(!found.summary.is_empty());
        }
    }
}

/// Every step of a psql script moves on.
pub fn psql_script(data: &[u8]) {
    for backslashes in [false, true] {
        let mut scanner = Scanner::new(data.to_vec(), backslashes);
        let mut variables = Variables::default();
        variables.set("x", Some(b"drop table :x".to_vec()));
        let mut steps = 0;
        while scanner.next(&variables).is_some() {
            steps += 1;
            assert!(steps <= 4 * data.len() + 1_000, "{steps} steps and no end");
        }
    }
}

/// Any document.
pub fn graphql(data: &[u8]) {
    let text = text(data);
    if let Ok(document) = graphql::parse(&text) {
        let _ = document.selected(None);
        let _ = document.selected(Some(&text));
    }
}

/// A URL put together again is the same one.
pub fn url(data: &[u8]) {
    let text = text(data);
    if let Some(parsed) = url::parse(&text) {
        let _ = parsed.pairs().count();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        if parsed.host.bytes().all(plain) {
            let again = url::parse(&parsed.to_text());
            let host = again.map(|again| again.host);
            assert_eq!(host.as_deref(), Some(parsed.host.as_str()), "{text:?}");
        }
    }
    let _ = url::percent_decode(&text);
    assert!(url::without_dots(&text).len() <= text.len() + 1);
}

/// Any text of Google's SQL; one that drops a table is never a read.
pub fn googlesql(data: &[u8]) {
    let text = text(data);
    let _ = googlesql::read(&text);
    let (effect, _) = googlesql::read(&format!("DROP TABLE t; {text}"));
    assert!(effect > Effect::Read);
}

/// git's settings and words, with any text as the repository's settings and
/// as its answer to every question.
pub fn git(data: &[u8]) {
    let text = text(data);
    for entry in git_config::parse(&text).into_iter().chain(git_config::parameters(&text)) {
        assert_eq!(git_config::canonical(&entry.name), entry.name);
        let _ = git_config::alias_words(entry.value.as_deref().unwrap_or_default());
    }
    for order in [Order::Push, Order::Change] {
        for update in ref_updates::parse(&text, order).unwrap_or_default() {
            let again = Update::of(Some(&update.name), Some(&update.old), Some(&update.new));
            assert_eq!(again.as_ref(), Some(&update));
            assert!(!update.name.starts_with('-') && !update.new.starts_with('-'));
        }
    }
    let Some(tool) = table::find("git") else { return };
    let mut world = FakeWorld::new();
    for file in ["HEAD", "config", "packed-refs"] {
        world.files.insert(PathBuf::from("/app/.git").join(file), data.to_vec());
    }
    let words = "status --porcelain=v1 -z --no-renames --untracked-files=no \
                 --ignore-submodules=dirty --";
    let world = world.with_answer(words, &text);
    let invocation = invocation("git", data);
    let call =
        Call { tool, context: Context { invocation: &invocation, world: &world }, full: true };
    let _ = actions::read(&call);
}

/// curl's words, with a config file that is any text as well.
pub fn curl(data: &[u8]) {
    let Some(tool) = table::find("curl") else { return };
    let mut world = FakeWorld::new();
    world.files.insert(PathBuf::from("/home/ana/.curlrc"), data.to_vec());
    let invocation = invocation("curl", data);
    let context = Context { invocation: &invocation, world: &world };
    let call = Call { tool, context, full: true };
    let requests = curl::requests(&call);
    let reading = actions::read(&call);
    assert!(requests.len() < 100_000 && reading.actions.len() < 100_000);
}

/// wget, httpie, xh and rsync, with settings files of the same bytes; whatever
/// a request's URL, the control planes' table can be asked about it.
pub fn http_clients(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let name = ["wget", "http", "xh", "rsync"][usize::from(*first) % 4];
    let Some(tool) = table::find(name) else { return };
    let mut world = FakeWorld::new();
    for file in [".wgetrc", ".config/httpie/config.json", ".config/xh/config.json", ".netrc"] {
        world.files.insert(PathBuf::from("/home/ana").join(file), rest.to_vec());
    }
    let invocation = invocation(name, rest);
    let context = Context { invocation: &invocation, world: &world };
    let reading = actions::read(&Call { tool, context, full: true });
    assert!(reading.actions.len() < 100_000);
}

/// Whatever a name or a reason holds, the card shows it on lines of its width
/// and sends no control character to the terminal.
pub fn card(data: &[u8]) {
    let text = text(data);
    let target = Target {
        name: Some(text.clone()),
        evidence: vec![Evidence::name(Kind::Host, text.clone(), text.clone())],
        gap: Some(text.clone()),
        ..Target::of(text.clone())
    };
    let action = Action {
        object: Some(text.clone()),
        summary: text.clone(),
        instead: Some(text.clone().into()),
        rule: text.clone().into(),
        target,
        ..Action::new(Effect::Destroy, text.clone())
    };
    let judged = Judged {
        action,
        class: Class::Production,
        class_reasons: vec![text.clone()],
        verdict: Verdict::Refuse,
        record: true,
        long_phrase: true,
        decided_by: text.clone(),
    };
    for verdict in [Verdict::Allow, Verdict::Confirm, Verdict::Refuse] {
        let mut judgement = Judgement {
            tool: text.clone(),
            verdict,
            actor: None,
            actions: vec![judged.clone(), judged.clone()],
            reasons: vec![text.clone()],
            notes: vec![text.clone()],
            phrase: None,
            request: Some(text.clone()),
        };
        // What is to be typed can be typed, whatever the target is called.
        judgement.phrase = Some(phrase::for_judgement(&judgement, &FakeWorld::new()));
        let card = card::render(&judgement, Width::columns(40), Color::Off);
        assert_is_showable(&card);
    }
}

/// A script of sqlcmd and the batches in it: no batch of a text that ends
/// nowhere else is lost, and what drops a table is never harmless.
pub fn sqlcmd(data: &[u8]) {
    use holdpoint::parse::sqlcmd::{Item, Variables, scan};
    let items = scan(data, &mut Variables::new(), |_| Some(b"x".to_vec()), "GO");
    for item in items {
        if let Item::Batch(batch) = item {
            dialect::read(&batch, Dialect::Tsql);
        }
    }
    let mut batch = b"drop table t;\n".to_vec();
    batch.extend_from_slice(data);
    let found = dialect::read(&batch, Dialect::Tsql);
    assert!(found.iter().any(|found| !found.statement.is_harmless()), "{:?}", text(&batch));
}

fn assert_is_showable(card: &str) {
    for letter in card.chars() {
        assert!(!letter.is_control() || letter == '\n', "{letter:?} in {card:?}");
        let hides =
            matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}');
        assert!(!hides, "{letter:?} in {card:?}");
    }
}
