//! `[[command]]` of a rule file with what belongs to it: options, object,
//! conditions. As written; the words in it are checked elsewhere.

use serde::Deserialize;

use super::WrapperSource;

/// Options, by what they take. Each is written as its spellings joined by
/// slashes: `-p/--project`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionsSource {
    /// Those without a value.
    #[serde(default)]
    pub flag: Vec<String>,
    /// Those with one.
    #[serde(default)]
    pub value: Vec<String>,
    /// Those with a value only if attached.
    #[serde(default)]
    pub attached: Vec<String>,
    /// Those that take the next word unless it begins with `-`.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Those that take two words.
    #[serde(default)]
    pub two: Vec<String>,
    /// Those that take three words.
    #[serde(default)]
    pub three: Vec<String>,
    /// Those that end the options.
    #[serde(default)]
    pub rest: Vec<String>,
}

impl OptionsSource {
    /// Every option with the name of its arity.
    pub fn all(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.flag
            .iter()
            .map(|spec| (spec.as_str(), "Flag"))
            .chain(self.value.iter().map(|spec| (spec.as_str(), "Value")))
            .chain(self.attached.iter().map(|spec| (spec.as_str(), "Attached")))
            .chain(self.optional.iter().map(|spec| (spec.as_str(), "Optional")))
            .chain(self.two.iter().map(|spec| (spec.as_str(), "Words(2)")))
            .chain(self.three.iter().map(|spec| (spec.as_str(), "Words(3)")))
            .chain(self.rest.iter().map(|spec| (spec.as_str(), "Rest")))
    }
}

/// A command as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSource {
    /// Its words, aliases joined by bars: `volume delete|rm`.
    #[serde(default)]
    pub path: String,
    /// Its own options.
    #[serde(default)]
    pub options: OptionsSource,
    /// Its effect; absent for a group.
    pub effect: Option<String>,
    /// Its flags.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Its scope.
    pub scope: Option<String>,
    /// Its object.
    pub object: Option<ObjectSource>,
    /// Its sentence.
    #[serde(default)]
    pub says: String,
    /// What to do instead.
    #[serde(default)]
    pub instead: String,
    /// Conditions.
    #[serde(default)]
    pub when: Vec<CaseSource>,
    /// What it hands on.
    pub wrapper: Option<WrapperSource>,
    /// Lines that destroy.
    #[serde(default)]
    pub destroys: Vec<String>,
    /// Lines that do not.
    #[serde(default)]
    pub harmless: Vec<String>,
}

/// An object as written: `{ kind = "volume", from = ["-v/--volume", "#1"] }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectSource {
    /// The noun.
    pub kind: String,
    /// The places; `#1` is the first positional, `#*` all of them.
    #[serde(default)]
    pub from: Vec<String>,
}

/// A condition as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSource {
    /// The option.
    pub option: String,
    /// The values that count, as globs.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whether it holds when the option is not given so.
    #[serde(default)]
    pub absent: bool,
    /// The effect then.
    pub effect: Option<String>,
    /// The flags then.
    pub flags: Option<Vec<String>>,
    /// The sentence then.
    pub says: Option<String>,
}
