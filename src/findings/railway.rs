//! Railway's configuration in the repository (`railway.json`, `railway.toml`)
//! that no longer asks for a volume: `deploy.requiredMountPath` is what stops a
//! deployment without one. Volumes themselves are not declared there.

use serde_json::Value;

use super::{Finding, is_made_up, line_where, parts, shown};

const INSTEAD: &str = "Keep the path in the configuration as long as data is there; copy it away \
                       first when the volume is to go.";

/// Whether a path is such a configuration's.
pub(super) fn concerns(path: &str) -> bool {
    let parts = parts(path);
    let named = parts.last().is_some_and(|name| name == "railway.json" || name == "railway.toml");
    named && !is_made_up(path)
}

/// What a change takes away from the volume that a deployment needs.
pub(super) fn railway(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    let Some(text) = before else { return Vec::new() };
    let Some(old) = mount(path, text).flatten() else { return Vec::new() };
    let says = match after.map(|after| mount(path, after)) {
        // The file is gone, and what it said with it; or it can no longer be
        // read, and Railway refuses it.
        None | Some(None) => return Vec::new(),
        Some(Some(new)) if new.as_ref() == Some(&old) => return Vec::new(),
        Some(Some(Some(new))) => format!(
            "The service wants its volume at {} and no longer at {}: what it wrote there is not \
             found until the volume is mounted anew.",
            shown(&new),
            shown(&old)
        ),
        Some(Some(None)) => format!(
            "A deployment no longer needs a volume at {}: without one the service starts empty, \
             and what it writes goes with the next deployment.",
            shown(&old)
        ),
    };
    let line = line_where(text, 1, |line| line.contains("requiredMountPath"));
    let path = path.to_owned();
    vec![Finding {
        rule: "railway/mount-removed",
        path,
        line,
        removed: true,
        says,
        instead: INSTEAD,
    }]
}

/// The path of the volume in a configuration; none for no configuration.
fn mount(path: &str, text: &str) -> Option<Option<String>> {
    let tree: Value = match path.to_ascii_lowercase().ends_with(".toml") {
        true => toml::from_str(text).ok()?,
        false => serde_json::from_str(text).ok()?,
    };
    let mount = tree.pointer("/deploy/requiredMountPath").and_then(Value::as_str);
    Some(mount.filter(|path| !path.is_empty()).map(str::to_owned))
}
