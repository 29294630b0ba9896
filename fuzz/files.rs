//! Bodies for the readers of files: configurations, manifests, plans,
//! settings, archives, policies and rule files.

use std::path::PathBuf;

use holdpoint::action::{Action, Effect, Flag};
use holdpoint::actions::{self, Call};
use holdpoint::actor::ActorKind;
use holdpoint::findings::{Change, of_changes};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::parse::{
    configobj, ini, kubeconfig, lsof, manifest, openssl, pg_archive, tfplan, xml,
};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::policy::Policy;
use holdpoint::policy::layer::{Layer, Owned};
use holdpoint::rules::{self, table};
use holdpoint::target::{Evidence, Kind, Target};
use holdpoint::unwrap;
use holdpoint::world::fake::FakeWorld;

use super::{invocation, text};

fn change_of(path: &str, before: &str, after: Option<&str>) -> Change {
    Change {
        old_path: path.to_owned(),
        path: path.to_owned(),
        before: Some(before.to_owned()),
        after: after.map(str::to_owned),
        unread: false,
    }
}

/// Whoever is told to listen is somebody, and nobody is told without end; nor
/// is why a connection failed.
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
    let why = openssl::why(&text);
    assert!(!why.is_empty() && why.chars().count() <= 250);
}

/// The names above a text are as deep as the bound says.
pub fn xml(data: &[u8]) {
    for (path, leaf) in xml::leaves(&text(data)) {
        assert!(path.len() <= 32 && !leaf.is_empty());
    }
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
    use holdpoint::parse::settings::{Format, find, json};
    use holdpoint::parse::settings_edit::set_all;
    let _ = json(data);
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

/// Archives, configuration files, and the words of the programs for backups;
/// a password in front of an @ is never kept.
pub fn backups(data: &[u8]) {
    use holdpoint::target::repository;
    pg_archive::database(data);
    pg_archive::database(&[b"PGDMP\x01\x0e\x00\x04\x08\x01", data].concat());
    let text = text(data);
    configobj::entries(&text);
    repository::add(&mut Target::of("backups"), &text, "test");
    let secret = format!("sftp://u:hunter2@{text}");
    let mut target = Target::of("backups");
    repository::add(&mut target, &secret, "test");
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
