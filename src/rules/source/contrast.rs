//! `[contrast]` of a rule file: the same lines in every place.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The same lines on production, in a place that nobody can name, on staging,
/// on development and on this machine, by what they do: each must have the
/// default policy's verdict in each of them. In a line, `{host}` stands for
/// the place's host and `{name}` for its name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastSource {
    /// Files around the lines, by their paths, with `{host}` and `{name}` too.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Instead of lines: why the place makes no difference.
    #[serde(default)]
    pub none: String,
    /// Lines that read.
    #[serde(default)]
    pub read: Vec<String>,
    /// Lines that change what can be changed back, or add.
    #[serde(default)]
    pub write: Vec<String>,
    /// Lines that interrupt a service.
    #[serde(default)]
    pub disrupt: Vec<String>,
    /// Lines that destroy what can be had again.
    #[serde(default)]
    pub destroy: Vec<String>,
    /// Lines that destroy for good.
    #[serde(default)]
    pub irreversible: Vec<String>,
    /// Lines that destroy for good what nothing makes anew, even on this
    /// machine.
    #[serde(default)]
    pub irreplaceable: Vec<String>,
    /// Lines of which nobody can say what they do.
    #[serde(default)]
    pub opaque: Vec<String>,
}

impl ContrastSource {
    /// The lines, with the word for what they do.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("read", &self.read),
            ("write", &self.write),
            ("disrupt", &self.disrupt),
            ("destroy", &self.destroy),
            ("irreversible", &self.irreversible),
            ("irreplaceable", &self.irreplaceable),
            ("opaque", &self.opaque),
        ]
        .into_iter()
        .flat_map(|(effect, lines)| lines.iter().map(move |line| (effect, line.as_str())))
    }

    /// Checks that it has lines, or says why not, and that the place stands
    /// in them or in the files.
    ///
    /// # Errors
    /// A sentence that names the line.
    pub fn check(&self) -> Result<(), String> {
        let placed = |text: &str| text.contains("{host}") || text.contains("{name}");
        if self.rows().next().is_none() == self.none.is_empty() {
            return Err("[contrast] has either lines or `none`".to_owned());
        }
        if self.files.values().any(|text| placed(text)) {
            return Ok(());
        }
        match self.rows().find(|(_, line)| !placed(line)) {
            Some((_, line)) => Err(format!("`{line}` has neither {{host}} nor {{name}}")),
            None => Ok(()),
        }
    }
}
