//! Where the programs for backups work, by their own options, variables and
//! configuration files: wal-g's storage prefix, pgBackRest's stanza and
//! repositories, barman's server, restic's and borg's repository. Gives
//! evidence; that a file lies on this machine says nothing of the servers whose
//! backups it holds, so that only a plain path of restic, borg and wal-g counts
//! as local.

use std::path::PathBuf;

use super::{Evidence, Kind, Target, repository};
use crate::invocation::Context;
use crate::parse::argv::{Parsed, Value};
use crate::parse::ini::{self, Ini};
use crate::world::ReadError;

/// Bytes of a configuration file that are read.
const LIMIT: usize = 1 << 20;
/// Files of a configuration directory that are read.
const MAX_FILES: usize = 100;

/// The value of an option, and whether it is computed.
pub(super) fn given(parsed: &Parsed<'_>, target: &mut Target, name: &str) -> Option<String> {
    let Value { text, dynamic, .. } = parsed.value(name)?;
    if dynamic {
        target.gap = Some(format!("the value of {name} is computed at run time"));
    }
    Some(text.to_string_lossy().into_owned())
}

/// A configuration file's text; none where it is not there.
fn file(context: &Context<'_>, target: &mut Target, path: PathBuf) -> Option<String> {
    match context.read(&path, LIMIT) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(ReadError::Missing) => None,
        Err(error) => {
            target.gap = Some(format!("{} cannot be read: {error}", path.display()));
            None
        }
    }
}

pub(super) fn ini(context: &Context<'_>, target: &mut Target, path: PathBuf) -> Option<Ini> {
    let shown = path.display().to_string();
    let text = file(context, target, path)?;
    match ini::parse(&text) {
        Ok(ini) => Some(ini),
        Err(error) => {
            target.gap = Some(format!("{shown} cannot be read: {error}"));
            None
        }
    }
}

/// restic: `-r`, `--repository-file`, and the variables of both.
pub fn restic(context: &Context<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = Target::of("restic");
    let from_file = |target: &mut Target, path: String, source: &str| match file(
        context,
        target,
        PathBuf::from(path),
    ) {
        Some(text) => repository::add(target, &text, source),
        None => target.gap = Some(format!("the file that {source} names cannot be read")),
    };
    if let Some(repo) = given(parsed, &mut target, "--repo") {
        repository::add(&mut target, &repo, "--repo");
    } else if let Some(path) = given(parsed, &mut target, "--repository-file") {
        from_file(&mut target, path, "--repository-file");
    } else if let Some(repo) = context.text_var("RESTIC_REPOSITORY") {
        repository::add(&mut target, &repo, "RESTIC_REPOSITORY");
    } else if let Some(path) = context.text_var("RESTIC_REPOSITORY_FILE") {
        from_file(&mut target, path, "RESTIC_REPOSITORY_FILE");
    }
    target
}

/// borg: the repository in front of `::`, or `BORG_REPO`.
pub fn borg(context: &Context<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = Target::of("borg");
    let word = parsed.positionals.first();
    if word.is_some_and(|word| word.dynamic) {
        target.gap = Some("the repository is computed at run time".to_owned());
        return target;
    }
    let text = word.map(|word| word.text.to_string_lossy().into_owned()).unwrap_or_default();
    let named = text.split_once("::").map_or(text.as_str(), |(repository, _)| repository);
    if !named.is_empty() {
        repository::add(&mut target, named, "argument");
    } else if let Some(repo) = context.text_var("BORG_REPO") {
        repository::add(&mut target, &repo, "BORG_REPO");
    }
    target
}

/// The settings that say where wal-g stores.
const PREFIXES: &[&str] = &[
    "WALG_S3_PREFIX",
    "WALE_S3_PREFIX",
    "WALG_GS_PREFIX",
    "WALE_GS_PREFIX",
    "WALG_AZ_PREFIX",
    "WALE_AZ_PREFIX",
    "WALG_SWIFT_PREFIX",
    "WALE_SWIFT_PREFIX",
    "WALG_OSS_PREFIX",
    "WALG_SSH_PREFIX",
    "WALG_FILE_PREFIX",
    "WALE_FILE_PREFIX",
];

/// wal-g: its settings as options, then as variables, then in `--config` or
/// `~/.walg.json`. Each of them counts: which one a version prefers is its own
/// business, and a failover storage may be any.
pub fn walg(context: &Context<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = Target::of("wal-g");
    for name in PREFIXES {
        let option = format!("--{}", name.to_ascii_lowercase().replace('_', "-"));
        if let Some(value) = given(parsed, &mut target, &option) {
            prefix(&mut target, name, &value, &option);
        } else if let Some(value) = context.text_var(name) {
            prefix(&mut target, name, &value, name);
        }
    }
    let typed = given(parsed, &mut target, "--config");
    let home = || context.home().map(|home| home.join(".walg.json"));
    let Some(path) = typed.map(PathBuf::from).or_else(home) else { return target };
    let shown = path.display().to_string();
    let Some(text) = file(context, &mut target, path) else { return target };
    for (key, value) in settings(&text) {
        // What a variable says wins over the file.
        if context.text_var(&key).is_none() && PREFIXES.contains(&key.as_str()) {
            prefix(&mut target, &key, &value, &format!("{key} in {shown}"));
        }
    }
    target
}

fn prefix(target: &mut Target, name: &str, value: &str, source: &str) {
    let value = match name {
        // `host/path`, without a scheme.
        "WALG_SSH_PREFIX" if !value.contains("://") => format!("ssh://{value}"),
        _ => value.to_owned(),
    };
    repository::add(target, &value, source);
}

/// The settings of a file in JSON, YAML, TOML or `NAME=VALUE` lines, in upper
/// case; what is nested is left out.
fn settings(text: &str) -> Vec<(String, String)> {
    if let Ok(serde_json::Value::Object(map)) = serde_json::from_str(text) {
        let texts = map.into_iter().filter_map(|(key, value)| {
            value.as_str().map(|value| (key.to_ascii_uppercase(), value.to_owned()))
        });
        return texts.collect();
    }
    let trimmed =
        |text: &str| text.trim().trim_end_matches(',').trim_matches(['"', '\'']).to_owned();
    text.lines()
        .filter_map(|line| {
            let at = line.find([':', '='])?;
            let (key, value) = line.split_at_checked(at)?;
            Some((trimmed(key).to_ascii_uppercase(), trimmed(value.get(1..)?)))
        })
        .collect()
}

/// pgBackRest: the stanza, and what options, variables and the configuration
/// say of its repositories and servers.
pub fn pgbackrest(context: &Context<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = Target::of("pgbackrest");
    let stanza = match given(parsed, &mut target, "--stanza") {
        Some(name) => Some((name, "--stanza")),
        None => context.text_var("PGBACKREST_STANZA").map(|name| (name, "PGBACKREST_STANZA")),
    };
    if let Some((name, source)) = &stanza {
        target.name = Some(name.clone());
        target.evidence.push(Evidence::name(Kind::Cluster, *source, name.clone()));
    }
    let options: Vec<(String, String, String)> = words(context)
        .filter_map(|(name, value)| {
            let plain = name.strip_prefix("--")?.to_owned();
            Some((plain, value, name))
        })
        .collect();
    for (name, value, source) in &options {
        pgbackrest_setting(&mut target, name, value, source);
    }
    for (name, value) in pgbackrest_variables(context) {
        pgbackrest_setting(&mut target, &name.1, &value, &name.0);
    }
    let typed =
        options.iter().find(|(name, ..)| name == "config").map(|(_, value, _)| value.clone());
    let path = typed.or_else(|| context.text_var("PGBACKREST_CONFIG"));
    let files: Vec<PathBuf> = match path {
        Some(path) => vec![path.into()],
        None => vec!["/etc/pgbackrest/pgbackrest.conf".into(), "/etc/pgbackrest.conf".into()],
    };
    let mut found = files.into_iter().filter_map(|path| {
        let shown = path.display().to_string();
        ini(context, &mut target, path).map(|ini| (ini, shown))
    });
    let first = found.next();
    drop(found);
    if let Some((ini, shown)) = first {
        let mine = stanza.as_ref().map(|(name, _)| name.as_str());
        for section in ini.sections() {
            let base = section.name.split(':').next().unwrap_or_default();
            if base != "global" && Some(base) != mine {
                continue;
            }
            for (key, value) in section.entries() {
                let source = format!("{key} in {shown}");
                pgbackrest_setting(&mut target, key, value, &source);
            }
        }
    }
    target
}

/// What variables say of the repositories and servers: PGBACKREST_REPO1_HOST
/// and its like, with the option that each stands for.
fn pgbackrest_variables(context: &Context<'_>) -> Vec<((String, String), String)> {
    let own = context.invocation.env.iter().map(|(name, _)| name.clone());
    let names = context.world.vars().into_iter().map(|(name, _)| name).chain(own);
    let found = names.filter_map(|name| {
        let name = name.into_string().ok()?;
        let option = name.strip_prefix("PGBACKREST_")?.to_ascii_lowercase().replace('_', "-");
        let value = context.text_var(&name)?;
        Some(((name, option), value))
    });
    found.take(MAX_FILES).collect()
}

/// The long options of an invocation with their values, as typed.
fn words<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (String, String)> + 'a {
    let argv = &context.invocation.argv;
    argv.iter().enumerate().skip(1).filter_map(move |(at, word)| {
        let word = word.to_str().filter(|word| word.starts_with("--"))?;
        Some(match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => {
                let next = argv.get(at + 1).map(|word| word.to_string_lossy().into_owned());
                (word.to_owned(), next.unwrap_or_default())
            }
        })
    })
}

/// `repo1-host`, `repo2-s3-bucket`, `pg1-host`, `pg1-path`.
fn pgbackrest_setting(target: &mut Target, name: &str, value: &str, source: &str) {
    let numbered = |name: &str, group: &str| {
        let rest = name.strip_prefix(group)?;
        let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        rest.strip_prefix('-').map(str::to_owned)
    };
    let Some(what) = numbered(name, "repo").or_else(|| numbered(name, "pg")) else { return };
    let kind = match what.as_str() {
        "host" | "s3-endpoint" | "storage-host" => Kind::Host,
        "s3-bucket" | "gcs-bucket" | "azure-container" | "azure-account" => Kind::Resource,
        "path" => Kind::Path,
        _ => return,
    };
    if !value.is_empty() {
        target.evidence.push(Evidence::name(kind, source.to_owned(), value));
    }
}

/// barman: the server by its name, and the hosts in its configuration.
pub fn barman(context: &Context<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = Target::of("barman");
    let Some(word) = parsed.positionals.first() else { return target };
    if word.dynamic {
        target.gap = Some("the server is computed at run time".to_owned());
        return target;
    }
    let server = word.text.to_string_lossy().into_owned();
    target.name = Some(server.clone());
    target.evidence.push(Evidence::name(Kind::Service, "argument", server.clone()));
    let typed = given(parsed, &mut target, "--config").map(PathBuf::from);
    let own = context.home().map(|home| home.join(".barman.conf"));
    let usual =
        own.into_iter().chain(["/etc/barman.conf".into(), "/etc/barman/barman.conf".into()]);
    let path =
        typed.or_else(|| usual.into_iter().find(|path: &PathBuf| context.world.exists(path)));
    let Some(main) = path.and_then(|path| ini(context, &mut target, path)) else { return target };
    let folder =
        main.section("barman").and_then(|section| section.get("configuration_files_directory"));
    let mut files = vec![main.clone()];
    if let Some(folder) = folder.map(PathBuf::from) {
        let names = context.world.list(&context.resolve(&folder));
        for name in names.into_iter().take(MAX_FILES) {
            if name.to_string_lossy().ends_with(".conf") {
                files.extend(ini(context, &mut target, folder.join(name)));
            }
        }
    }
    for section in files.iter().filter_map(|ini| ini.section(&server)) {
        for key in ["conninfo", "streaming_conninfo"] {
            let Some(value) = section.get(key) else { continue };
            let found = super::postgres::resolve_url(value, key);
            target.evidence.extend(found.evidence.into_iter().filter_map(|found| {
                // The server is reached from the machine that barman runs on.
                (found.kind == Kind::Host).then_some(Evidence { asserts: None, ..found })
            }));
        }
        if let Some(value) = section.get("ssh_command").and_then(ssh_host) {
            target.evidence.push(Evidence::name(Kind::Host, "ssh_command", value));
        }
    }
    target
}

/// The host of `ssh -p 22 user@host`: its last word.
pub fn ssh_host(command: &str) -> Option<String> {
    let word = command.split_whitespace().skip(1).last()?;
    let host = word.rsplit('@').next().unwrap_or(word);
    (!host.is_empty() && !host.starts_with('-')).then(|| host.to_owned())
}
