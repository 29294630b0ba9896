//! Where a play lands: the inventories that Ansible would read, and the hosts
//! that a play's pattern and `--limit` choose from them. The inventory's own
//! path, the hosts, their addresses and the groups that they are in all say
//! what the place is. Runs no inventory script, opens no connection.
//!
//! Source: ansible-core 2.19.14; tests/ansible.rs compares with `--list-hosts`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::place::Place;
use super::{Class, Evidence, Kind, ansible_variables};
use crate::invocation::Context;
use crate::parse::ini::{self, Ini};
use crate::parse::inventory::{Inventory, patterns};
use crate::text::visible;
use crate::world::ReadError;

/// The longest inventory that is read, in bytes.
const MAX_FILE: usize = 1 << 20;

/// The most files of one inventory folder.
const MAX_FILES: usize = 50;

/// The most hosts of a play that are listed as evidence.
const MAX_LISTED: usize = 200;

/// Where the settings file may be that no variable names.
const SETTINGS: &[&str] = &["ansible.cfg", "~/.ansible.cfg", "/etc/ansible/ansible.cfg"];

/// The inventory where nothing names one.
const SYSTEM: &str = "/etc/ansible/hosts";

/// Files in an inventory's folder that are no inventory.
const IGNORED: &[&str] =
    &["~", ".orig", ".bak", ".cfg", ".retry", ".pyc", ".pyo", ".swp", ".md", ".txt", ".rst"];

/// Ansible's settings as far as they say where things are.
#[derive(Debug, Default)]
pub struct Settings {
    file: Option<Ini>,
    folder: PathBuf,
}

impl Settings {
    /// The settings that a command in this context would have.
    pub fn load(context: &Context<'_>) -> Settings {
        let own = context.text_var("ANSIBLE_CONFIG");
        let paths: Vec<&str> = match &own {
            Some(path) => vec![path],
            None => SETTINGS.to_vec(),
        };
        for path in paths {
            let path = home(context, path);
            let path = match context.world.is_dir(&context.resolve(&path)) {
                true => path.join("ansible.cfg"),
                false => path,
            };
            let Ok(bytes) = context.read(&path, MAX_FILE) else { continue };
            let folder = path.parent().map(PathBuf::from).unwrap_or_default();
            return Settings { file: ini::parse(&String::from_utf8_lossy(&bytes)).ok(), folder };
        }
        Settings::default()
    }

    /// The paths in a setting: `sign` stands between them.
    pub fn paths(&self, key: &str, sign: char, context: &Context<'_>) -> Vec<PathBuf> {
        let section = self.file.as_ref().and_then(|file| file.section("defaults"));
        let Some(text) = section.and_then(|section| section.get(key)) else { return Vec::new() };
        let paths = text.split(sign).map(str::trim).filter(|path| !path.is_empty());
        paths.map(|path| self.folder.join(home(context, path))).collect()
    }
}

fn home(context: &Context<'_>, path: &str) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => context.home().unwrap_or_default().join(rest),
        None => PathBuf::from(path),
    }
}

/// The inventories of a command.
#[derive(Debug, Default)]
pub struct Hosts {
    inventory: Inventory,
    /// The inventories that the words or settings name.
    evidence: Vec<Evidence>,
    /// The folders beside whose inventories variables may lie.
    folders: Vec<PathBuf>,
    /// Why not every host is known: a clause.
    gap: Option<String>,
    limit: Vec<String>,
}

impl Hosts {
    /// Reads what `-i` names (`given`, with whether it is computed), or what is
    /// read without it. `limit` is what `-l` says.
    pub fn load(
        context: &Context<'_>,
        settings: &Settings,
        given: &[(String, bool)],
        limit: Option<(String, bool)>,
    ) -> Hosts {
        let mut hosts = Hosts::default();
        match limit {
            Some((_, true)) => hosts.gap = Some("the limit is computed at run time".to_owned()),
            Some((text, false)) => hosts.limit = patterns(&text),
            None => {}
        }
        let sources: Vec<(String, &'static str)> = match given {
            [] => match context.text_var("ANSIBLE_INVENTORY") {
                Some(text) => vec![(text, "$ANSIBLE_INVENTORY")],
                None => {
                    let paths = settings.paths("inventory", ',', context);
                    let text = |path: PathBuf| (path.to_string_lossy().into_owned(), "ansible.cfg");
                    paths.into_iter().map(text).collect()
                }
            },
            given => {
                if given.iter().any(|(_, computed)| *computed) {
                    hosts.gap = Some("the inventory is computed at run time".to_owned());
                }
                let known = given.iter().filter(|(_, computed)| !computed);
                known.map(|(text, _)| (text.clone(), "-i")).collect()
            }
        };
        if sources.is_empty() {
            hosts.add(context, Path::new(SYSTEM));
        }
        for (text, source) in sources {
            if text.contains(',') && source == "-i" {
                hosts.inventory.add_list(&text);
                continue;
            }
            for path in text.split(',').filter(|path| !path.is_empty()) {
                let shown = visible(path, 200);
                hosts.evidence.push(Evidence::name(Kind::Path, source, shown));
                hosts.add(context, &home(context, path));
            }
        }
        hosts
    }

    fn add(&mut self, context: &Context<'_>, path: &Path) {
        let whole = context.resolve(path);
        if !context.world.is_dir(&whole) {
            self.folders.extend(whole.parent().map(PathBuf::from));
            return self.add_file(context, path);
        }
        self.folders.push(whole.clone());
        for name in context.world.list(&whole).into_iter().take(MAX_FILES) {
            let text = name.to_string_lossy();
            let ignored = IGNORED.iter().any(|ending| text.ends_with(ending));
            let variables = ["group_vars", "host_vars"].contains(&&*text);
            if ignored || variables || text.starts_with('.') {
                continue;
            }
            let inside = path.join(&name);
            if !context.world.is_dir(&context.resolve(&inside)) {
                self.add_file(context, &inside);
            }
        }
    }

    fn add_file(&mut self, context: &Context<'_>, path: &Path) {
        let yaml = path.extension().is_some_and(|ending| {
            ["json", "yaml", "yml"].iter().any(|known| ending.eq_ignore_ascii_case(known))
        });
        let read = match context.read(path, MAX_FILE) {
            // It would be run for its answer.
            Ok(bytes) if bytes.starts_with(b"#!") => Err("it is a program".to_owned()),
            Ok(bytes) if bytes.starts_with(b"$ANSIBLE_VAULT") => Err("it is encrypted".to_owned()),
            Ok(bytes) => match self.inventory.add_text(&bytes, yaml) {
                Ok(()) if self.inventory.cut => Err("it holds more than is kept".to_owned()),
                read => read,
            },
            Err(ReadError::Missing) => Ok(()),
            Err(why) => Err(why.to_string()),
        };
        if let Err(why) = read {
            let shown = visible(&path.to_string_lossy(), 100);
            self.gap.get_or_insert_with(|| format!("the inventory {shown} is not read: {why}"));
        }
    }

    /// The place that a play with this pattern runs in; `source` says where the
    /// pattern stands. `local`: its connection is this machine's own.
    pub fn place(&self, pattern: &str, source: &str, local: bool) -> Place {
        let terms = patterns(pattern);
        let chosen = self.chosen(&terms);
        let mut place = Place {
            name: Some(visible(self.limit.first().map_or(pattern, String::as_str), 60)),
            evidence: self.evidence.clone(),
            gap: self.gap.clone(),
            ..Place::default()
        };
        let name =
            |kind: Kind, value: &str| Evidence::name(kind, source.to_owned(), visible(value, 200));
        let here = |host: &String| self.inventory.is_local(host);
        place.local = local || (!chosen.is_empty() && chosen.iter().all(here));
        if chosen.is_empty() {
            // Nobody knows which hosts these are: their names stand for them.
            let named = |term: &&String| !term.starts_with('!') && term.as_str() != "all";
            let limits: Vec<&String> = self.limit.iter().filter(named).collect();
            let terms = terms.iter().filter(named).collect();
            let terms: Vec<&String> = if limits.is_empty() { terms } else { limits };
            let terms = terms.into_iter().take(MAX_LISTED);
            place.evidence.extend(terms.map(|term| name(Kind::Host, term.trim_matches('&'))));
        }
        for host in chosen.iter().take(MAX_LISTED) {
            let local = self.inventory.is_local(host);
            let evidence = name(Kind::Host, host);
            place.evidence.push(match local {
                true => evidence.asserting(Class::Local),
                false => evidence,
            });
            place.evidence.extend(self.inventory.address(host).map(|at| name(Kind::Host, at)));
        }
        let groups = self.inventory.groups_with(&chosen);
        let groups = groups.into_iter().take(MAX_LISTED);
        place.evidence.extend(groups.map(|group| name(Kind::Resource, group)));
        place.what = match &place.name {
            Some(name) => format!("the hosts {name}"),
            None => "the hosts".to_owned(),
        };
        place
    }

    /// Adds to a play's place what the variables of its groups and hosts say;
    /// `playbook` is its folder.
    pub fn tell(&self, context: &Context<'_>, pattern: &str, playbook: &Path, place: &mut Place) {
        let terms = patterns(pattern);
        let chosen = self.chosen(&terms);
        let mut groups: Vec<String> = vec!["all".to_owned()];
        let mut hosts: Vec<String> = chosen.iter().cloned().collect();
        match chosen.is_empty() {
            // Nobody knows which hosts these are: the words are their names.
            true => {
                let named = self.limit.iter().chain(&terms);
                let named: Vec<String> =
                    named.map(|term| term.trim_matches(['&', '!']).to_owned()).collect();
                groups.extend(named.iter().cloned());
                hosts = named;
            }
            false => {
                groups.extend(self.inventory.groups_with(&chosen).into_iter().map(str::to_owned))
            }
        }
        let mut folders = self.folders.clone();
        let own = context.resolve(playbook);
        if !folders.contains(&own) {
            folders.push(own);
        }
        ansible_variables::tell(context, &folders, (&groups, &hosts), place);
    }

    /// The place of one host that a task is delegated to, whatever the limit.
    pub fn delegate(&self, host: &str, source: &str) -> Place {
        let alone =
            Hosts { inventory: self.inventory.clone(), gap: self.gap.clone(), ..Hosts::default() };
        alone.place(host, source, false)
    }

    /// The hosts that patterns choose, within the limit.
    fn chosen(&self, patterns: &[String]) -> BTreeSet<String> {
        let mut chosen = self.inventory.select(patterns);
        if !self.limit.is_empty() {
            let limited = self.inventory.select(&self.limit);
            chosen.retain(|host| limited.contains(host));
        }
        chosen
    }
}
