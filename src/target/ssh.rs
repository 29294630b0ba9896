//! Where ssh leads: the destination as the words have it, the host name that
//! `-o` or ssh's configuration gives it, and the jump hosts on the way, since
//! any of them may say what the machine is. `Match` blocks are not followed
//! (they may run programs), a host that they lead elsewhere goes by its own
//! name. Gives evidence, opens no connection.

use std::path::{Path, PathBuf};

use super::{Class, Evidence, Kind};
use crate::invocation::Context;
use crate::parse::url::is_loopback;
use crate::text::glob;

/// The longest configuration that is read, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// The most files that one includes.
const MAX_FILES: usize = 16;

/// A destination's host, without user, scheme and port.
pub fn host(destination: &str) -> &str {
    let rest = destination.strip_prefix("ssh://").unwrap_or(destination);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if destination.starts_with("ssh://") {
        let rest = rest.split('/').next().unwrap_or_default();
        return match rest.strip_prefix('[') {
            Some(inside) => inside.split(']').next().unwrap_or_default(),
            None => rest.split(':').next().unwrap_or_default(),
        };
    }
    rest
}

/// The evidence for a destination. `options` are the values of `-o`, `jumps`
/// those of `-J`, `file` that of `-F`.
pub fn evidence(
    call: &Context<'_>,
    destination: &str,
    options: &[String],
    jumps: &[String],
    file: Option<&str>,
) -> (Vec<Evidence>, bool) {
    let alias = host(destination);
    let mut name = None;
    let mut ways: Vec<String> = jumps.to_vec();
    for option in options {
        let (key, value) = pair(option);
        match key.to_ascii_lowercase().as_str() {
            "hostname" => name = name.or(Some((value.to_owned(), "-o HostName"))),
            "proxyjump" => ways.push(value.to_owned()),
            _ => {}
        }
    }
    let own = match file {
        Some("none") => None,
        Some(path) => Some(PathBuf::from(path)),
        None => call.home().map(|home| home.join(".ssh/config")),
    };
    if let Some(path) = own {
        let mut config = Config { call: *call, alias, files: 0, name: None, jump: None };
        config.load(&path, true);
        name = name.or(config.name.map(|name| (name, "~/.ssh/config")));
        if ways.is_empty() {
            ways.extend(config.jump);
        }
    }
    let mut evidence = vec![Evidence::name(Kind::Host, "ssh", alias)];
    let mut local = is_loopback(&alias.to_ascii_lowercase());
    if let Some((name, source)) = name {
        let name = name.replace("%h", alias);
        local = is_loopback(&name.to_ascii_lowercase());
        evidence.push(Evidence::name(Kind::Host, source, name));
    }
    for way in ways.iter().flat_map(|way| way.split(',')).filter(|way| *way != "none").take(8) {
        evidence.push(Evidence::name(
            Kind::Host,
            "ssh's jump host",
            host(way).trim_end_matches(|c: char| c == ':' || c.is_ascii_digit()),
        ));
        local = false;
    }
    if local {
        evidence = evidence.into_iter().map(|one| one.asserting(Class::Local)).collect();
    }
    (evidence, local)
}

/// A keyword and its argument: `HostName db`, `HostName=db`, `HostName "db"`.
fn pair(line: &str) -> (&str, &str) {
    let line = line.trim();
    let at = line.find([' ', '\t', '=']).unwrap_or(line.len());
    let (key, rest) = line.split_at_checked(at).unwrap_or_default();
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
    (key, rest.trim_matches('"'))
}

/// ssh's configuration, as far as it names hosts. The first value counts.
struct Config<'a> {
    call: Context<'a>,
    alias: &'a str,
    files: usize,
    name: Option<String>,
    jump: Option<String>,
}

impl Config<'_> {
    fn load(&mut self, path: &Path, mut applies: bool) {
        self.files += 1;
        if self.files > MAX_FILES {
            return;
        }
        let Ok(bytes) = self.call.read(path, MAX_FILE) else { return };
        for line in String::from_utf8_lossy(&bytes).lines() {
            let (key, value) = pair(line);
            match key.to_ascii_lowercase().as_str() {
                "host" => applies = self.matches(value),
                "match" => applies = value.trim().eq_ignore_ascii_case("all"),
                "hostname" if applies => {
                    self.name.get_or_insert_with(|| value.to_owned());
                }
                "proxyjump" if applies => {
                    self.jump.get_or_insert_with(|| value.to_owned());
                }
                "include" if applies => {
                    for name in value.split_whitespace().take(MAX_FILES) {
                        self.include(path, name, applies);
                    }
                }
                _ => {}
            }
        }
    }

    fn include(&mut self, from: &Path, name: &str, applies: bool) {
        let home = self.call.home().unwrap_or_default();
        let path = match name.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => home.join(".ssh").join(name),
        };
        let Some(last) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            return;
        };
        if !last.contains(['*', '?']) {
            return self.load(&path, applies);
        }
        let folder = path.parent().unwrap_or(from).to_owned();
        for entry in self.call.world.list(&folder) {
            if entry.to_str().is_some_and(|entry| glob(&last, entry)) {
                self.load(&folder.join(entry), applies);
            }
        }
    }

    /// Whether a `Host` line's patterns take the alias in.
    fn matches(&self, patterns: &str) -> bool {
        let mut any = false;
        for pattern in patterns.split_whitespace() {
            let pattern = pattern.trim_matches('"');
            match pattern.strip_prefix('!') {
                Some(pattern) if glob(pattern, self.alias) => return false,
                Some(_) => {}
                None => any |= glob(pattern, self.alias),
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    fn values(destination: &str, options: &[&str], jumps: &[&str], config: &str) -> Vec<String> {
        let world = FakeWorld::new()
            .with_file("/home/ana/.ssh/config", config)
            .with_file("/home/ana/.ssh/more.d/a", "Host included\nHostName db.prod.acme.com\n");
        let invocation = Invocation::default();
        let call = Context { invocation: &invocation, world: &world };
        let text = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let (found, _) = evidence(&call, destination, &text(options), &text(jumps), None);
        found.into_iter().map(|evidence| evidence.value).collect()
    }

    #[test]
    fn a_destination_is_read_as_ssh_reads_it() {
        for (text, expected) in [
            ("db", "db"),
            ("ana@db", "db"),
            ("a@b@db", "db"),
            ("ssh://ana@db:22/x", "db"),
            ("ssh://[::1]:22", "::1"),
            ("", ""),
        ] {
            assert_eq!(host(text), expected, "{text}");
        }
    }

    #[test]
    fn the_configuration_names_the_host() {
        let config = "Include more.d/*\nHost box !other\n  HostName=db.prod.acme.com\n\
                      Host *\n  HostName \"ignored\"\n  ProxyJump ana@bastion:22\n";
        assert_eq!(values("ana@box", &[], &[], config), ["box", "db.prod.acme.com", "bastion"]);
        assert_eq!(values("included", &[], &["none"], config), ["included", "db.prod.acme.com"]);
        assert_eq!(values("box", &["HostName=x"], &["a,b"], config), ["box", "x", "a", "b"]);
        assert_eq!(values("box", &[], &[], "Match exec true\nHostName x\n"), ["box"]);
    }
}
