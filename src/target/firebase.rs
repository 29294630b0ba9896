//! Which Firebase project a command goes to: `-P` (an alias or an id), the
//! project that `firebase use` chose for the directory, and the default of
//! `.firebaserc`, as firebase-tools 15.34.2 has it by its source. Emulators are
//! this machine's. Reads files, never asks anyone.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Class, Evidence, Kind, Target};
use crate::invocation::{COMPUTED, Context};

/// The longest settings file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;

/// How many directories above the current one are looked through.
const MAX_ABOVE: usize = 64;

/// The target of a command; `option` is what `-P` says, and whether that is
/// computed at run time, and `emulator` the variable with which a service is
/// led to an emulator.
pub fn resolve(
    call: &Context<'_>,
    option: Option<(String, bool)>,
    emulator: Option<&'static str>,
) -> Target {
    let mut target = Target::of("firebase");
    if let Some(variable) = emulator
        && let Some(host) = call.text_var(variable)
    {
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let local = crate::parse::url::is_loopback(name);
        let evidence = Evidence::name(Kind::Host, variable, name);
        target.evidence.push(if local { evidence.asserting(Class::Local) } else { evidence });
        target.name = Some(host);
        return target;
    }
    let folder = root(call);
    let aliases = folder.as_ref().and_then(|folder| json(call, &folder.join(".firebaserc")));
    let named = match option {
        Some((_, true)) => {
            target.gap = Some("-P is computed at run time".to_owned());
            return target;
        }
        Some((name, false)) => Some((name, "-P")),
        None => active(call, folder.as_deref()).map(|name| (name, "firebase use")).or_else(|| {
            let projects = aliases.as_ref()?.get("projects")?.as_object()?;
            let own = projects
                .get("default")
                .or_else(|| projects.values().next().filter(|_| projects.len() == 1))?;
            Some((own.as_str()?.to_owned(), ".firebaserc"))
        }),
    };
    let Some((name, source)) = named else { return target };
    if name == COMPUTED {
        target.gap = Some("the project is computed at run time".to_owned());
        return target;
    }
    let id = aliases.as_ref().and_then(|aliases| aliases.get("projects")?.get(&name)?.as_str());
    target.evidence.push(Evidence::name(Kind::Project, source, name.clone()));
    target.name = Some(name.clone());
    if let Some(id) = id.filter(|id| **id != name) {
        target.evidence.push(Evidence::name(Kind::Project, ".firebaserc", id));
        target.name = Some(id.to_owned());
    }
    target
}

/// The directory with `firebase.json` in it, this one or one above; this one
/// where there is none.
fn root(call: &Context<'_>) -> Option<PathBuf> {
    let cwd = call.cwd()?;
    let has = |folder: &&Path| call.read(folder.join("firebase.json"), MAX_FILE).is_ok();
    let found = cwd.ancestors().take(MAX_ABOVE).find(has).map(Path::to_owned);
    Some(found.unwrap_or(cwd))
}

/// The file in which `firebase use` remembers.
pub fn settings_file(call: &Context<'_>) -> Option<PathBuf> {
    let base = call.text_var("XDG_CONFIG_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(call.home()?.join(".config")))?;
    Some(base.join("configstore/firebase-tools.json"))
}

/// What `firebase use` remembers for a directory.
fn active(call: &Context<'_>, folder: Option<&Path>) -> Option<String> {
    let file = json(call, &settings_file(call)?)?;
    let active = file.get("activeProjects")?;
    let mut folders = folder?.ancestors().take(MAX_ABOVE);
    let found = folders.find_map(|folder| active.get(folder.to_str()?)?.as_str())?;
    Some(found.to_owned())
}

fn json(call: &Context<'_>, path: &Path) -> Option<Value> {
    serde_json::from_slice(&call.read(path, MAX_FILE).ok()?).ok()
}
