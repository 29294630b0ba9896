//! The files that psql runs at its start: the system's psqlrc and the user's.

use std::sync::Arc;

use super::TEXT_LIMIT;
use super::session::Session;
use crate::actions::{By, Handed, Name, Pinned, Place};
use crate::world::ReadError;

/// Endings of a file for one major version of psql, which is then read in
/// place of the file without. A minor version's own (`-15.18`) is not looked
/// for.
const MAJORS: &[&str] = &["-18", "-17", "-16", "-15", "-14", "-13", "-12", ""];

/// Runs what psql would: nothing for files that are not there. Which version
/// of psql will run is not known here, so that every file counts.
pub fn run(session: &mut Session<'_>) {
    let context = session.context();
    let system =
        context.text_var("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    let own = context.text_var("PSQLRC").map(|path| tilde(session, &path)).or_else(|| {
        session.context().home().map(|home| format!("{}/.psqlrc", home.to_string_lossy()))
    });
    one(session, &format!("{system}/psqlrc"));
    let Some(own) = own else { return };
    let mut others = false;
    for ending in MAJORS {
        let found = one(session, &format!("{own}{ending}"));
        if let Some(text) = found.clone().filter(|_| ending.is_empty() && !others) {
            session.hand(Handed {
                place: Place::Variable("PSQLRC"),
                text: Pinned {
                    bytes: Arc::from(&b""[..]),
                    names: vec![Name { span: 0..0, by: By::Copy(text) }],
                },
            });
        }
        others |= found.is_some();
    }
}

/// Runs one of them, if it is there. Gives it as it is to be handed on.
fn one(session: &mut Session<'_>, path: &str) -> Option<Pinned> {
    match session.context().read(path, TEXT_LIMIT) {
        Ok(bytes) => {
            let dir = std::path::Path::new(path).parent().map(std::path::Path::to_path_buf);
            session.script(bytes.into(), dir)
        }
        Err(ReadError::Missing) => None,
        Err(error) => {
            session.opaque(format!("{path} cannot be read: {error}"));
            None
        }
    }
}

fn tilde(session: &Session<'_>, path: &str) -> String {
    match (path.strip_prefix("~/"), session.context().home()) {
        (Some(rest), Some(home)) => home.join(rest).to_string_lossy().into_owned(),
        _ => path.to_owned(),
    }
}
