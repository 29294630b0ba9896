//! Ansible's inventories in INI and YAML, and the patterns that choose hosts
//! from them. Text in, hosts out; runs no inventory script and reads no file
//! of variables. Source: ansible-core 2.19.14 (`plugins/inventory/ini.py`,
//! `inventory/manager.py`); tests/ansible.rs compares with `--list-hosts`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::playbook::shown;
use crate::text::glob;

/// The most hosts that are kept.
const MAX_HOSTS: usize = 5_000;

/// The most groups that are kept.
const MAX_GROUPS: usize = 500;

/// The most hosts that ranges are written out to, all taken together.
const MAX_EXPANDED: usize = 20_000;

/// The most patterns of one choice.
const MAX_PATTERNS: usize = 200;

/// How deep groups may hold one another.
const DEPTH: usize = 16;

/// Hosts that Ansible knows without an inventory.
const LOCAL: &[&str] = &["127.0.0.1", "::1", "localhost"];

/// A group's hosts and the groups in it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    hosts: BTreeSet<String>,
    children: BTreeSet<String>,
}

/// What inventories hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    groups: BTreeMap<String, Group>,
    /// The hosts, each with the address that it is reached by, if it is given.
    hosts: BTreeMap<String, Option<String>>,
    /// Hosts whose connection is `local`.
    local: BTreeSet<String>,
    /// How many hosts ranges were written out to so far.
    expanded: usize,
    /// Whether it holds more than is kept.
    pub cut: bool,
}

impl Inventory {
    /// Adds a list of hosts: `web1,web2,`.
    pub fn add_list(&mut self, text: &str) {
        for host in text.split(',').map(str::trim).filter(|host| !host.is_empty()) {
            self.add_host("ungrouped", host);
        }
    }

    /// Adds a file's text, in whichever form it is.
    ///
    /// # Errors
    /// It is made by a plug-in or a script, or cannot be read: a clause.
    pub fn add_text(&mut self, text: &[u8], yaml: bool) -> Result<(), String> {
        if text.starts_with(b"#!") {
            return Err("a program makes it".to_owned());
        }
        if !yaml {
            self.add_ini(&String::from_utf8_lossy(text));
            return Ok(());
        }
        match super::playbook::read(text)? {
            Value::Object(map) if map.contains_key("plugin") => {
                Err("a plug-in makes it".to_owned())
            }
            Value::Object(map) => {
                map.iter().for_each(|(name, group)| self.add_group(name, group, DEPTH));
                Ok(())
            }
            Value::Null => Ok(()),
            _ => Err("it is no inventory".to_owned()),
        }
    }

    fn add_host(&mut self, group: &str, host: &str) {
        if self.hosts.len() >= MAX_HOSTS || !self.has_room(group) {
            self.cut = true;
            return;
        }
        for name in self.names(host) {
            if self.hosts.len() >= MAX_HOSTS {
                self.cut = true;
                return;
            }
            self.hosts.entry(name.clone()).or_default();
            self.groups.entry(group.to_owned()).or_default().hosts.insert(name);
        }
    }

    /// The hosts that a name stands for.
    fn names(&mut self, host: &str) -> Vec<String> {
        let (host, _) = split_port(host);
        if self.expanded > MAX_EXPANDED {
            self.cut = true;
            return vec![host.to_owned()];
        }
        let names = expand(host);
        self.expanded += names.len().saturating_sub(1);
        names
    }

    /// Whether a group is there, or may come in.
    fn has_room(&self, group: &str) -> bool {
        self.groups.len() < MAX_GROUPS || self.groups.contains_key(group)
    }

    fn add_variable(&mut self, host: &str, key: &str, value: &str) {
        let address = ["ansible_host", "ansible_ssh_host"].contains(&key);
        let local = key == "ansible_connection" && value == "local";
        if !address && !local {
            return;
        }
        for name in self.names(host) {
            if local {
                self.local.insert(name);
            } else if let Some(have) = self.hosts.get_mut(&name) {
                *have = Some(value.to_owned());
            }
        }
    }

    fn add_ini(&mut self, text: &str) {
        let mut group = "ungrouped".to_owned();
        let mut kind = String::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            let section = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            if let Some((section, _)) = section.filter(|(section, _)| !section.contains(' ')) {
                let (name, rest) = section.split_once(':').unwrap_or((section, ""));
                group = name.to_owned();
                kind = rest.to_owned();
                if self.has_room(&group) {
                    self.groups.entry(group.clone()).or_default();
                }
                continue;
            }
            let line = line.split(" #").next().unwrap_or(line);
            match kind.as_str() {
                "" => {
                    let mut words = line.split_whitespace();
                    let host = words.next().unwrap_or_default();
                    self.add_host(&group, host);
                    for (key, value) in words.filter_map(|word| word.split_once('=')) {
                        self.add_variable(host, key, value.trim_matches(['"', '\'']));
                    }
                }
                "children" if self.has_room(line) && self.has_room(&group) => {
                    self.groups.entry(line.to_owned()).or_default();
                    let own = self.groups.entry(group.clone()).or_default();
                    own.children.insert(line.to_owned());
                }
                _ => {}
            }
        }
    }

    fn add_group(&mut self, name: &str, group: &Value, depth: usize) {
        if !self.has_room(name) {
            self.cut = true;
            return;
        }
        self.groups.entry(name.to_owned()).or_default();
        let Some(group) = group.as_object() else { return };
        let map = |key: &str| -> Vec<(&String, &Value)> {
            group.get(key).and_then(Value::as_object).map(Map::iter).into_iter().flatten().collect()
        };
        for (host, variables) in map("hosts") {
            self.add_host(name, host);
            for (key, value) in variables.as_object().into_iter().flatten() {
                if let Some(value) = shown(value) {
                    self.add_variable(host, key, &value);
                }
            }
        }
        for (child, inside) in map("children") {
            let own = self.groups.entry(name.to_owned()).or_default();
            own.children.insert(child.clone());
            if let Some(depth) = depth.checked_sub(1) {
                self.add_group(child, inside, depth);
            }
        }
    }

    /// The hosts of a group and of those in it.
    fn members(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![name];
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if !seen.insert(name) {
                continue;
            }
            if let Some(group) = self.groups.get(name) {
                found.extend(group.hosts.iter().cloned());
                waiting.extend(group.children.iter().map(String::as_str));
            }
        }
        found
    }

    /// The hosts that patterns choose, in order of their names.
    pub fn select(&self, patterns: &[String]) -> BTreeSet<String> {
        let patterns = patterns.get(..MAX_PATTERNS).unwrap_or(patterns);
        let is_plain = |pattern: &&String| !pattern.starts_with(['!', '&']);
        let mut found = match patterns.iter().any(|pattern| is_plain(&pattern)) {
            true => BTreeSet::new(),
            false => self.matching("all"),
        };
        for pattern in patterns.iter().filter(is_plain) {
            found.extend(self.matching(pattern));
        }
        for pattern in patterns.iter().filter_map(|pattern| pattern.strip_prefix('&')) {
            let others = self.matching(pattern);
            found.retain(|host| others.contains(host));
        }
        for pattern in patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')) {
            // What is only known to be among these is not left out.
            if !pattern.starts_with('~') && !pattern.contains('[') {
                let others = self.matching(pattern);
                found.retain(|host| !others.contains(host));
            }
        }
        found
    }

    /// The hosts of one pattern. A regular expression may mean every host, and
    /// a part of a group the whole group.
    fn matching(&self, pattern: &str) -> BTreeSet<String> {
        if pattern == "all" || pattern == "*" || pattern.starts_with('~') {
            return self.hosts.keys().cloned().collect();
        }
        if pattern == "ungrouped" {
            let own = |name: &&String| !["all", "ungrouped"].contains(&name.as_str());
            let grouped: BTreeSet<String> =
                self.groups.keys().filter(own).flat_map(|name| self.members(name)).collect();
            return self.hosts.keys().filter(|host| !grouped.contains(*host)).cloned().collect();
        }
        let part = pattern.split('[').next().filter(|part| !part.is_empty()).unwrap_or("*");
        let special = ['*', '?', '[', '.'];
        let mut found = BTreeSet::new();
        let mut any = false;
        for name in self.groups.keys().filter(|name| glob(part, name)) {
            any = true;
            found.extend(self.members(name));
        }
        if !any || pattern.contains(special) {
            let star = if pattern.contains('[') { format!("{part}*") } else { part.to_owned() };
            found.extend(self.hosts.keys().filter(|name| glob(&star, name)).cloned());
        }
        if found.is_empty() && LOCAL.contains(&pattern) {
            found.insert(pattern.to_owned());
        }
        found
    }

    /// The groups that any of these hosts is in, by name.
    pub fn groups_with(&self, hosts: &BTreeSet<String>) -> Vec<&str> {
        let own = |name: &&String| !["all", "ungrouped"].contains(&name.as_str());
        let names = self.groups.keys().filter(own);
        names.filter(|name| !self.members(name).is_disjoint(hosts)).map(String::as_str).collect()
    }

    /// The address that a host is reached by, if the inventory gives one.
    pub fn address(&self, host: &str) -> Option<&str> {
        self.hosts.get(host)?.as_deref()
    }

    /// Whether what runs on a host runs on this machine.
    pub fn is_local(&self, host: &str) -> bool {
        self.local.contains(host) || (LOCAL.contains(&host) && self.address(host).is_none())
    }
}

/// A host without its port: `web1:2222`, not `web[1:3]` and not `::1`.
fn split_port(host: &str) -> (&str, &str) {
    match host.rsplit_once(':') {
        Some((name, port))
            if !name.contains(':') && !port.contains(']') && port.parse::<u16>().is_ok() =>
        {
            (name, port)
        }
        _ => (host, ""),
    }
}

/// The hosts of `web[01:03].x` and `db-[a:c]`.
fn expand(host: &str) -> Vec<String> {
    let parts = host.split_once('[').and_then(|(front, rest)| {
        let (range, behind) = rest.split_once(']')?;
        let (from, to) = range.split_once(':')?;
        Some((front, from, to.split(':').next().unwrap_or(to), behind))
    });
    let Some((front, from, to, behind)) = parts else { return vec![host.to_owned()] };
    let values: Vec<String> = match (from.parse::<u32>(), to.parse::<u32>()) {
        (Ok(first), Ok(last)) => {
            let width = if from.starts_with('0') { from.len().min(9) } else { 0 };
            (first..=last).take(MAX_HOSTS).map(|number| format!("{number:0width$}")).collect()
        }
        _ => match (from.chars().next(), to.chars().next()) {
            (Some(first), Some(last)) => (first..=last).take(60).map(String::from).collect(),
            _ => return vec![host.to_owned()],
        },
    };
    let rest = if behind.contains('[') { expand(behind) } else { vec![behind.to_owned()] };
    let all = values.iter().flat_map(|value| rest.iter().map(move |rest| (value, rest)));
    all.take(MAX_HOSTS).map(|(value, rest)| format!("{front}{value}{rest}")).collect()
}

/// The single patterns in a play's `hosts` or a `--limit`.
pub fn patterns(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut depth = 0_usize;
    let comma = text.contains(',');
    // `::1` and `fe80::1` are addresses.
    let address = !comma && text.matches(':').count() > 1 && text.contains("::");
    for letter in text.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = match letter {
            ',' => true,
            ':' => !comma && !address && depth == 0,
            _ => false,
        };
        match out.last_mut() {
            _ if ends => out.push(String::new()),
            Some(last) => last.push(letter),
            None => {}
        }
    }
    out.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INI: &str = "bare:2222\n[web]\nweb[01:02].x ansible_host=10.0.0.1 # a\n\n[db]\ndb1\n\
                       [prod:children]\ndb\n[prod:vars]\na=b\n";

    #[test]
    fn patterns_choose_the_hosts_of_an_inventory() {
        let mut ini = Inventory::default();
        ini.add_text(INI.as_bytes(), false).unwrap();
        let yaml = "all:\n  hosts:\n    bare:\n  children:\n    web:\n      hosts:\n        \
                    web01.x: {ansible_host: 10.0.0.1}\n        web02.x: {ansible_host: 10.0.0.1}\n    \
                    prod:\n      children:\n        db:\n          hosts:\n            db1:\n";
        let mut other = Inventory::default();
        other.add_text(yaml.as_bytes(), true).unwrap();
        for inventory in [&ini, &other] {
            for (pattern, want) in [
                ("all", "bare db1 web01.x web02.x"),
                ("prod", "db1"),
                ("web:db", "db1 web01.x web02.x"),
                ("all:!prod", "bare web01.x web02.x"),
                ("all:&prod", "db1"),
                ("!web", "bare db1"),
                ("web*", "web01.x web02.x"),
                ("web01.x,db1", "db1 web01.x"),
                ("web[0]", "web01.x web02.x"),
                ("localhost", "localhost"),
                ("none", ""),
            ] {
                let hosts: Vec<String> = inventory.select(&patterns(pattern)).into_iter().collect();
                assert_eq!(hosts.join(" "), want, "{pattern}");
            }
            let db1 = inventory.select(&patterns("db1"));
            assert_eq!(inventory.groups_with(&db1), ["db", "prod"]);
            assert_eq!(inventory.address("web01.x"), Some("10.0.0.1"));
        }
        assert_eq!(patterns("a[1:3]:b"), ["a[1:3]", "b"]);
        assert_eq!(patterns("::1"), ["::1"]);
        assert!(ini.add_text(b"plugin: aws_ec2\n", true).is_err());
        assert!(ini.add_text(b"#!/bin/sh\n", false).is_err());
    }
}
