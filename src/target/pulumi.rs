//! Where a Pulumi command lands: the stack of `--stack`, of PULUMI_STACK, or
//! the one that is selected for the project (pulumi's source: `state.
//! CurrentStack`, `workspace.settingsPath`; not run).

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha1::{Digest, Sha1};

use crate::invocation::{COMPUTED, Context};
use crate::parse::settings::{self, Format};
use crate::target::{Evidence, Kind, Target};

/// The longest file that is read, in bytes.
const MAX_FILE: usize = 1 << 20;

/// How many directories above the current one are looked through.
const MAX_ABOVE: usize = 64;

/// The stack that a command names, and where it names it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The stack's name and where it stands.
    pub stack: Option<(&'static str, String)>,
    /// The directory of `--cwd`.
    pub folder: Option<PathBuf>,
    /// Something that is computed at run time, and what.
    pub gap: Option<String>,
}

/// Where it lands.
pub fn resolve(context: &Context<'_>, wanted: &Wanted) -> Target {
    let mut target = Target::of("pulumi");
    target.gap = wanted.gap.clone();
    let folder = context.cwd().unwrap_or_default().join(wanted.folder.clone().unwrap_or_default());
    let project = project(context, &folder);
    let named = wanted.stack.clone().map(|(from, name)| (from.to_owned(), name));
    let by_variable =
        || context.text_var("PULUMI_STACK").map(|name| ("PULUMI_STACK".to_owned(), name));
    let selected = || project.as_ref().and_then(|(name, path)| selected(context, name, path));
    match named.or_else(by_variable).or_else(selected) {
        Some((from, name)) if name == COMPUTED => {
            target.gap.get_or_insert(format!("{from} is computed at run time"));
        }
        Some((from, name)) => {
            target.name = Some(name.clone());
            target.evidence.push(Evidence::name(Kind::Workspace, from, name));
        }
        None => {}
    }
    if let Some((name, path)) = project {
        let from = path.display().to_string();
        target.name.get_or_insert_with(|| name.clone());
        target.evidence.push(Evidence::name(Kind::Project, from, name));
    }
    if let Some(url) = context.text_var("PULUMI_BACKEND_URL").filter(|url| url != COMPUTED) {
        // A URL of a bucket or a folder; one with a password is cut.
        let shown = url.split('?').next().unwrap_or_default();
        if !shown.contains('@') {
            target.evidence.push(Evidence::hint(Kind::Url, "PULUMI_BACKEND_URL", shown));
        }
    }
    for (name, kind) in [("AWS_PROFILE", Kind::Profile), ("CLOUDSDK_CORE_PROJECT", Kind::Project)] {
        if let Some(value) = context.text_var(name) {
            target.evidence.push(Evidence::hint(kind, name, value));
        }
    }
    target.evidence.push(Evidence::hint(Kind::Path, "directory", folder.display().to_string()));
    target
}

/// The project's name and its file, the nearest above `folder`.
fn project(context: &Context<'_>, folder: &Path) -> Option<(String, PathBuf)> {
    for folder in folder.ancestors().take(MAX_ABOVE) {
        for (file, format) in [
            ("Pulumi.yaml", Format::Yaml),
            ("Pulumi.yml", Format::Yaml),
            ("Pulumi.json", Format::Json),
        ] {
            let path = folder.join(file);
            if let Ok(text) = context.read(&path, MAX_FILE) {
                let name = settings::find(&text, format, &["name"]).ok().flatten()?;
                return Some((name, path));
            }
        }
    }
    None
}

/// The file that says which stack is selected for the project here, or in the
/// directory of `--cwd`.
pub fn workspace_file(context: &Context<'_>, folder: Option<&str>) -> Option<PathBuf> {
    let (name, path) = project(context, &context.cwd()?.join(folder.unwrap_or_default()))?;
    workspace(context, &name, &path)
}

fn workspace(context: &Context<'_>, name: &str, path: &Path) -> Option<PathBuf> {
    let home = match context.text_var("PULUMI_HOME") {
        Some(home) => PathBuf::from(home),
        None => context.home()?.join(".pulumi"),
    };
    let digest = Sha1::digest(path.as_os_str().as_encoded_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(home.join("workspaces").join(format!("{name}-{digest}-workspace.json")))
}

/// The stack that is selected for a project, and the file that says so:
/// `workspaces/NAME-SHA1-workspace.json`, the digest that of the project
/// file's path.
fn selected(context: &Context<'_>, name: &str, path: &Path) -> Option<(String, String)> {
    let file = workspace(context, name, path)?;
    let text = context.read(&file, MAX_FILE).ok()?;
    let settings: Value = serde_json::from_slice(&text).ok()?;
    let stack = settings.get("stack")?.as_str()?.to_owned();
    (!stack.is_empty()).then(|| (file.display().to_string(), stack))
}
