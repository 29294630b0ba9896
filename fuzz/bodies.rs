//! The bodies of the fuzz targets, shared by the targets themselves and by the
//! smoke run in the ordinary tests (`tests/fuzz_smoke.rs`). Each takes any
//! bytes; a panic, an endless loop or a broken promise is a finding.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use holdpoint::action::{Action, Effect, Flag};
use holdpoint::actions::{self, Call, curl};
use holdpoint::actor::ActorKind;
use holdpoint::confirm::card::{self, Color, Width};
use holdpoint::confirm::phrase;
use holdpoint::invocation::{Context, Invocation};
use holdpoint::judgement::{Judged, Judgement, Verdict};
use holdpoint::parse::psql_script::{Scanner, Variables};
use holdpoint::parse::{argv, graphql, ini, kubeconfig, manifest, shell, url};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::policy::Policy;
use holdpoint::policy::layer::{Layer, Owned};
use holdpoint::rules::{self, table};
use holdpoint::target::{Class, Evidence, Kind, Target};
use holdpoint::unwrap;
use holdpoint::world::fake::FakeWorld;

mod scripts;
mod worlds;

pub use scripts::{
    connection, dialect, dotenv_file as dotenv, mysql_script, redis_text as redis, sql_text as sql,
    sqlite_script,
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
    ("graphql", graphql),
    ("url", url),
    ("ini", ini),
    ("justfile", justfile),
    ("kube", kube),
    ("curl", curl),
    ("policy", policy),
    ("rule_file", rule_file),
    ("card", card),
    ("dialect", dialect),
    ("mysql_script", mysql_script),
    ("sqlite_script", sqlite_script),
    ("redis", redis),
    ("connection", connection),
    ("dotenv", dotenv),
    ("configs", configs),
    ("project", project),
    ("lines", lines),
    ("aws", aws),
    ("redaction", redaction),
    ("trail", trail),
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

/// Any ini file.
pub fn ini(data: &[u8]) {
    if let Ok(ini) = ini::parse(&text(data)) {
        for section in ini.sections() {
            for (key, value) in section.entries() {
                assert!(!key.contains('\n') && section.get(key).is_some(), "{value}");
                let _ = ini::nested(value).count();
            }
        }
    }
}

/// A kubeconfig file, a manifest, a kustomization and a kuberc, alone and in
/// front of kubectl.
pub fn kube(data: &[u8]) {
    if let Ok(config) = kubeconfig::parse(data) {
        let mut twice = config.clone();
        twice.merge(config.clone());
        assert!(twice.contexts.len() <= config.contexts.len());
        assert_eq!(twice.current, config.current);
    }
    if let Ok(objects) = manifest::objects(data) {
        assert!(objects.len() <= manifest::MAX_OBJECTS);
    }
    let _ = manifest::kustomization(data);
    let text = text(data);
    let world = FakeWorld::new()
        .with_file("/home/ana/.kube/config", &text)
        .with_file("/home/ana/.kube/kuberc", &text)
        .with_file("x.yaml", &text)
        .with_file("k/kustomization.yaml", &text);
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    for words in [
        &["kubectl", "delete", "-f", "x.yaml"][..],
        &["kubectl", "replace", "--force", "-k", "k"],
        &["kubectl", "patch", "pv", "x", "-p", &text],
        &["kubectl", "delete", "--raw", &text],
        &["kubectl", &text, "x"],
    ] {
        let invocation = Invocation::new(words.iter().copied());
        let _ = pipeline::judge(Subject::Command(&invocation), &world, options);
    }
}

/// A justfile, read and run through every recipe.
pub fn justfile(data: &[u8]) {
    let text = text(data);
    let parsed = holdpoint::parse::justfile::parse(&text);
    assert!(parsed.recipes.len() <= text.len());
    let world = FakeWorld::new().with_file("justfile", &text);
    for words in [&["just"][..], &["just", "a", "b", "c"], &["just", "--set", "x", "y", "b"]] {
        let invocation = Invocation::new(words.iter().copied());
        let Some(tool) = table::find("just") else { return };
        let context = Context { invocation: &invocation, world: &world };
        let reading = unwrap::read(&Call { tool, context, full: true }).unwrap_or_default();
        assert!(reading.inner.len() <= 500);
    }
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

/// Whatever stands in a project's file, no verdict becomes looser by it.
pub fn policy(data: &[u8]) {
    let path = PathBuf::from("/app/.holdpoint.toml");
    let layer = Layer::new(Owned::Project, path, data.to_vec());
    let with = Policy::of(vec![layer]);
    let without = Policy::builtin();
    let places = ["db.prod.acme.com", "db.staging.acme.com", "db.dev.acme.com", "db"];
    for host in places {
        let mut target = Target::of("postgres");
        target.name = Some(host.to_owned());
        target.evidence.push(Evidence::name(Kind::Host, "--host", host));
        for effect in [Effect::Read, Effect::Write, Effect::Disrupt, Effect::Destroy] {
            for flag in [None, Some(Flag::Irreversible), Some(Flag::Opaque), Some(Flag::Disarm)] {
                let mut action = Action::new(effect, "DROP TABLE");
                if let Some(flag) = flag {
                    action.flags = action.flags.with(flag);
                }
                action.target = target.clone();
                let strict = with.decide(&action, &with.classify(&target), "psql");
                let loose = without.decide(&action, &without.classify(&target), "psql");
                for actor in [ActorKind::Human, ActorKind::Agent, ActorKind::Ci] {
                    let (strict, loose) = (strict.verdict(actor), loose.verdict(actor));
                    assert!(strict >= loose, "{effect} on {host} for {actor}: {strict} < {loose}");
                }
            }
        }
    }
}

/// A user's rule file: read or refused.
pub fn rule_file(data: &[u8]) {
    let _ = rules::source::parse(&text(data));
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

fn assert_is_showable(card: &str) {
    for letter in card.chars() {
        assert!(!letter.is_control() || letter == '\n', "{letter:?} in {card:?}");
        let hides =
            matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}');
        assert!(!hides, "{letter:?} in {card:?}");
    }
}
