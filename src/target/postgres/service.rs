//! pg_service.conf: named connections, found in libpq 15's order of files.

use std::path::PathBuf;

use super::conninfo::KEYS;
use crate::invocation::Context;
use crate::world::ReadError;

/// Bytes of a service file that are read.
const LIMIT: usize = 1 << 20;
/// Where libpq looks behind the user's own file; Debian's place first.
const SYSTEM: &[&str] = &["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"];

/// A named connection's keys and values, and the file that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// The keys that say where a connection goes.
    pub pairs: Vec<(&'static str, String)>,
    /// The file, as a person would write it.
    pub file: String,
}

/// Finds a named connection.
///
/// # Errors
/// A clause that says why it could not be resolved.
pub fn find(context: &Context<'_>, name: &str) -> Result<Service, String> {
    let own = match context.var("PGSERVICEFILE") {
        Some(path) => Some((PathBuf::from(&path), path.to_string_lossy().into_owned())),
        None => context
            .home()
            .map(|home| (home.join(".pg_service.conf"), "~/.pg_service.conf".to_owned())),
    };
    let system = match context.text_var("PGSYSCONFDIR") {
        Some(dir) => vec![dir],
        None => SYSTEM.iter().map(|dir| (*dir).to_owned()).collect(),
    };
    let system = system.into_iter().map(|dir| {
        let path = format!("{dir}/pg_service.conf");
        (PathBuf::from(&path), path)
    });
    for (path, shown) in own.into_iter().chain(system) {
        let bytes = match context.read(&path, LIMIT) {
            Ok(bytes) => bytes,
            Err(ReadError::Missing) => continue,
            Err(error) => return Err(format!("the service file {shown} cannot be read: {error}")),
        };
        let text = String::from_utf8_lossy(&bytes);
        if let Some(pairs) = group(&text, name)? {
            return Ok(Service { pairs, file: shown });
        }
    }
    Err(format!("no service file defines the service {name}"))
}

/// The first group of that name in a service file.
fn group(text: &str, name: &str) -> Result<Option<Vec<(&'static str, String)>>, String> {
    let mut pairs = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if inside {
                break;
            }
            // libpq compares what follows the bracket by its beginning.
            inside = header.strip_prefix(name).is_some_and(|rest| rest.starts_with(']'));
            continue;
        }
        if !inside {
            continue;
        }
        if line.starts_with("ldap") {
            return Err(format!("the service {name} asks a directory server"));
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(format!("the service {name} has a malformed line"));
        };
        if let Some(known) = KEYS.iter().find(|known| **known == key) {
            // The first of a key counts.
            if !pairs.iter().any(|(have, _)| have == known) {
                pairs.push((*known, value.to_owned()));
            }
        }
    }
    Ok(inside.then_some(pairs))
}
