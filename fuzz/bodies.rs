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
use holdpoint::findings::{Change, of_changes};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::judgement::{Judged, Judgement, Verdict};
use holdpoint::parse::calls::{self, Argument};
use holdpoint::parse::code::Syntax;
use holdpoint::parse::dialect::{self, Dialect};
use holdpoint::parse::psql_script::{Scanner, Variables};
use holdpoint::parse::ref_updates::{self, Order, Update};
use holdpoint::parse::{
    argv, configobj, cqlsh, git_config, googlesql, graphql, ini, kubeconfig, lsof, manifest,
    mongosh, pg_archive, shell, tfplan, url, xml,
};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::policy::Policy;
use holdpoint::policy::layer::{Layer, Owned};
use holdpoint::rules::{self, table};
use holdpoint::target::{Class, Evidence, Kind, Target};
use holdpoint::unwrap;
use holdpoint::world::fake::FakeWorld;

mod changes;
mod scripts;
mod worlds;

pub use changes::changes;

pub use scripts::{
    connection, dialect, dotenv_file as dotenv, hook, hooks_file, mysql_script, patch,
    redis_text as redis, sql_text as sql, sqlite_script,
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

/// Whoever is told to listen is somebody, and nobody is told without end.
pub fn listeners(data: &[u8]) {
    let text = text(data);
    for held in lsof::sockets(&text) {
        assert!(held.process.pid > 0);
        assert!(
            held.path.is_some() != held.port.is_some()
                && held.path.is_some() != held.address.is_some()
        );
    }
    for process in lsof::processes(&text) {
        assert!(process.cmdline.len() <= 64 && process.cmdline.concat().len() <= data.len() * 3);
    }
}

/// The names above a text are as deep as the bound says.
pub fn xml(data: &[u8]) {
    for (path, leaf) in xml::leaves(&text(data)) {
        assert!(path.len() <= 32 && !leaf.is_empty());
    }
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

fn change_of(path: &str, before: &str, after: Option<&str>) -> Change {
    Change {
        old_path: path.to_owned(),
        path: path.to_owned(),
        before: Some(before.to_owned()),
        after: after.map(str::to_owned),
        unread: false,
    }
}

/// HCL and its JSON, as a configuration that a destroying command is judged
/// by, as its variables, and as what a change adds and takes away.
pub fn hcl(data: &[u8]) {
    let text = text(data);
    let native = holdpoint::parse::hcl::native(&text);
    let lines = text.lines().count().max(1);
    if let Ok(body) = &native {
        assert!(body.blocks.iter().all(|block| (1..=lines).contains(&block.line)), "{body:?}");
    }
    let _ = holdpoint::parse::hcl::json(&text);
    let _ = holdpoint::parse::hcl::json_values(&text);
    let _ = holdpoint::parse::hcl::expression(&text);
    let front = "provider \"aws\" {\n  profile = local.a\n}\nlocals {\n  a = var.a\n}\n";
    let before = format!("{front}{text}");
    for (one, other) in [(&*before, &*text), (&text, &before)] {
        let _ = of_changes(&[change_of("a.tf", one, Some(other))]);
    }
    let _ = of_changes(&[change_of("a.tf.json", &text, None)]);
    let world = FakeWorld::new()
        .with_file("a.tf", &before)
        .with_file("b.tf.json", &text)
        .with_file("c_override.tf", &text)
        .with_file("terraform.tfvars", &text)
        .with_file(".terraform.lock.hcl", &text)
        .with_file("terraform.tfstate", &text)
        .with_file("terraform.tfstate.backup", &text);
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    let variable = format!("-var={text}");
    for words in [&["terraform", "destroy", &variable][..], &["tofu", "apply"]] {
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

/// A playbook, the tasks that it pulls in and an inventory, each any text.
pub fn playbook(data: &[u8]) {
    let text = text(data);
    let play = format!("- hosts: all\n  roles: [r]\n  tasks:\n    - shell: {text}\n");
    let world = FakeWorld::new()
        .with_file("site.yml", &text)
        .with_file("play.yml", &play)
        .with_file("roles/r/tasks/main.yml", &text)
        .with_file("hosts", &text)
        .with_file("hosts.yml", &text);
    for words in [
        &["ansible-playbook", "-i", "hosts", "site.yml"][..],
        &["ansible-playbook", "-i", "hosts.yml", "play.yml", "-t", "a"],
        &["ansible", &text, "-i", "hosts", "-a", &text],
    ] {
        let Some(tool) = table::find(words[0]) else { return };
        let invocation = Invocation::new(words.iter().copied());
        let context = Context { invocation: &invocation, world: &world };
        let reading = actions::read(&Call { tool, context, full: true });
        assert!(reading.inner.len() <= 5_400);
    }
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

/// A plan file: any bytes, and any bytes as the plan in an archive that is one.
pub fn tfplan(data: &[u8]) {
    let sizes = u32::try_from(data.len()).expect("a short text").to_le_bytes();
    let mut archive = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    archive.extend([sizes, sizes].concat());
    archive.extend(b"\x06\0\0\0tfplan");
    archive.extend(data);
    let start = u32::try_from(archive.len()).expect("a short text").to_le_bytes();
    archive.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
    archive.extend([sizes, sizes].concat());
    archive.extend(b"\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0tfplan");
    archive.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x34\0\0\0");
    archive.extend(start);
    archive.extend(b"\0\0");
    for file in [data, &archive] {
        let Ok(plan) = tfplan::read(file) else { continue };
        for change in &plan.changes {
            assert!(change.kind != tfplan::Kind::Nothing, "what changes nothing is left out");
            assert!(change.address.contains(change.resource_type()));
            let _ = (change.simple("force_destroy", false), change.simple("size", true));
        }
    }
}

/// A tool's settings file, in every format that one is written in, as it is and
/// after a key of it has been set.
pub fn settings(data: &[u8]) {
    use holdpoint::parse::settings::{Format, find};
    use holdpoint::parse::settings_edit::set_all;
    for word in ["json", "toml", "yaml", "ini", "text", "git"] {
        let Some(format) = Format::from_word(word) else { continue };
        for key in [&[][..], &["a"], &["core", "project"], &["*", "0"]] {
            if let Ok(Some(value)) = find(data, format, key) {
                assert!(!value.is_empty() && value.chars().count() <= 4096);
            }
            let steps: Vec<String> = key.iter().map(|step| (*step).to_owned()).collect();
            if let Ok(after) = set_all(data, format, &[(&steps, "prod")])
                && word == "json"
                && !key.contains(&"*")
            {
                assert_eq!(find(&after, format, key), Ok(Some("prod".to_owned())));
            }
        }
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

/// Archives, configuration files, and the words of the programs for backups;
/// a password in front of an @ is never kept.
pub fn backups(data: &[u8]) {
    use holdpoint::target::repository;
    pg_archive::database(data);
    pg_archive::database(&[b"PGDMP\x01\x0e\x00\x04\x08\x01", data].concat());
    let text = text(data);
    configobj::entries(&text);
    repository::target("backups", &text, "test");
    let secret = format!("sftp://u:hunter2@{text}");
    let target = repository::target("backups", &secret, "test");
    assert!(!format!("{target:?}").contains("hunter2"), "{secret:?}: {target:?}");
    let world = FakeWorld::new()
        .with_file("/etc/barman.conf", &text)
        .with_file("/etc/pgbackrest.conf", &text)
        .with_file("/home/ana/.walg.json", &text);
    for tool in ["wal-g", "pgbackrest", "barman", "restic", "borg", "rclone"] {
        let invocation = invocation(tool, data);
        let subject = Subject::Command(&invocation);
        let options = Options { actor: Some(ActorKind::Agent), full: true };
        pipeline::judge(subject, &world, options);
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
