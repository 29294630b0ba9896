//! `target` and `[[retarget]]` of a rule file: where a target's name stands, and
//! what a command changes there. Both name a key of a settings file; nothing
//! here opens one.

use serde::Deserialize;

use super::FORMATS;

/// A place where a target's name stands: `{ kind = "app", from = "-a/--app" }`,
/// or `{ kind = "app", file = "fly.toml", key = "app" }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSourceSource {
    /// The kind of name.
    pub kind: String,
    /// The place: an option, `$VARIABLE`, or `#1` for the first positional.
    #[serde(default)]
    pub from: String,
    /// A settings file: `~/…`, `$VARIABLE/…`, else relative to the directory.
    #[serde(default)]
    pub file: String,
    /// The key in it, steps joined by dots; a step that is quoted may hold
    /// dots itself.
    #[serde(default)]
    pub key: String,
    /// How the file is written, where its ending does not say it: `json`,
    /// `toml`, `yaml`, `ini` or `text`.
    #[serde(default)]
    pub format: String,
    /// Whether the directories above are looked through, too.
    #[serde(default)]
    pub above: bool,
    /// A variable (`$ACME_TOKEN`) that takes the name's place where it is set.
    #[serde(default)]
    pub unless: String,
}

impl TargetSourceSource {
    /// The word for the file's format: what is said, else its ending.
    pub fn format_word(&self) -> &str {
        format_word(&self.format, &self.file)
    }

    /// The steps of the key.
    pub fn steps(&self) -> Vec<&str> {
        steps(&self.key)
    }
}

/// What one of a tool's commands changes for those after it, as written: a key
/// of a settings file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetargetSource {
    /// The command's words, aliases joined by bars.
    #[serde(default)]
    pub path: String,
    /// Options with a value that the tool's own list lacks.
    #[serde(default)]
    pub options: Vec<String>,
    /// Options of which one must be given.
    #[serde(default)]
    pub with: Vec<String>,
    /// Options of which none may be given.
    #[serde(default)]
    pub without: Vec<String>,
    /// What the first word behind the command's may be, as globs.
    #[serde(default)]
    pub only: Vec<String>,
    /// What it may not be.
    #[serde(default)]
    pub except: Vec<String>,
    /// The file: `~/…`, `$VARIABLE/…`, one of [`SETTINGS`], else relative to
    /// the directory.
    pub file: String,
    /// The key in it; without one the whole text.
    #[serde(default)]
    pub key: String,
    /// How the file is written, where its ending does not say it.
    #[serde(default)]
    pub format: String,
    /// Whether the file may lie in a directory above.
    #[serde(default)]
    pub above: bool,
    /// The value; absent where nobody can tell it.
    pub value: Option<String>,
}

/// The words for settings files that no plain path leads to.
pub const SETTINGS: &[&str] = &[
    "@firebase",
    "@gcloud",
    "@git",
    "@git-global",
    "@git-head",
    "@kubeconfig",
    "@pulumi",
    "@railway",
];

impl RetargetSource {
    /// The word for the file's format: what is said, else its ending; a text
    /// where nothing says it.
    pub fn format_word(&self) -> &str {
        match format_word(&self.format, &self.file) {
            word if FORMATS.contains(&word) => word,
            _ => "text",
        }
    }

    /// The steps of the key.
    pub fn steps(&self) -> Vec<&str> {
        steps(&self.key)
    }
}

fn format_word<'a>(said: &'a str, file: &'a str) -> &'a str {
    if said.is_empty() {
        return file.rsplit_once('.').map_or("", |(_, ending)| ending);
    }
    said
}

/// A key taken apart at its dots; a step in double quotes may hold dots.
fn steps(key: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = key;
    while !rest.is_empty() {
        let (step, behind) = match rest.strip_prefix('"').and_then(|text| text.split_once('"')) {
            Some((step, behind)) => (step, behind.strip_prefix('.').unwrap_or(behind)),
            None => rest.split_once('.').unwrap_or((rest, "")),
        };
        steps.push(step);
        rest = behind;
    }
    steps
}
