//! A policy file as it is written: the types that TOML is read into. Unknown
//! keys and unknown words are errors at their place. What a layer may say is
//! checked in [`super::layer`], what it means is in [`super::classify`] and
//! [`super::decide`].

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::words::{Globs, Word, Words};
use crate::action::{Effect, Flag};
use crate::actor::ActorKind;
use crate::judgement::Verdict;
use crate::target::{Class, Kind};

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The format's version: 1.
    pub version: Spanned<u32>,
    /// How strict the built-in table is.
    pub mode: Option<Spanned<Word<Mode>>>,
    /// Which names are which environment.
    #[serde(default)]
    pub environment: Vec<Spanned<EnvironmentSource>>,
    /// Verdicts beside the built-in table's.
    #[serde(default)]
    pub rule: Vec<Spanned<RuleSource>>,
    /// Objects that nothing may take away.
    #[serde(default)]
    pub protect: Vec<Spanned<ProtectSource>>,
    /// Who counts as an agent, a CI job or a person.
    #[serde(default)]
    pub actors: ActorsSource,
    /// What the audit trail records.
    #[serde(default)]
    pub audit: AuditSource,
    /// Examples with the expected outcome.
    #[serde(default)]
    pub test: Vec<Spanned<TestSource>>,
}

/// How strict the built-in table is, ordered from loose to strict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Stops what destroys.
    #[default]
    Balanced,
    /// Also confirms writes and permission changes on production, and
    /// believes in staging only on an id.
    Strict,
}

impl Mode {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Mode::Balanced => "balanced",
            Mode::Strict => "strict",
        }
    }
}

/// `[[environment]]`: names that are of one class.
#[derive(Debug)]
pub struct EnvironmentSource {
    /// What it is called, for messages.
    pub name: Option<String>,
    /// The class of everything that matches.
    pub class: Spanned<Word<Class>>,
    /// The platforms that it is limited to; empty for all.
    pub platform: Globs,
    /// Exact values of any kind, which count as identities.
    pub ids: Globs,
    /// Globs by kind.
    pub patterns: Vec<(Kind, Globs)>,
}

/// `[[rule]]`: a verdict for whatever `when` describes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSource {
    /// What it is about, for messages.
    pub name: Option<String>,
    /// What it applies to; every condition must hold.
    pub when: Spanned<WhenSource>,
    /// The verdict.
    pub verdict: Spanned<Word<Verdict>>,
    /// Why, for the card.
    pub why: Option<String>,
    /// Whether a file of a lower layer cannot allow what this stops.
    #[serde(default)]
    pub floor: bool,
}

/// The conditions of a rule. An empty list is no condition; of a list, one
/// must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WhenSource {
    /// Classes of the target.
    pub class: Words<Class>,
    /// Effects of the action.
    pub effect: Words<Effect>,
    /// Flags of the action.
    pub flag: Words<Flag>,
    /// Who asks.
    pub actor: Words<ActorKind>,
    /// Globs over the tool's name.
    pub tool: Globs,
    /// Globs over the target's platform.
    pub platform: Globs,
    /// Globs over the operation.
    pub operation: Globs,
    /// Globs over the target's name and everything that named it.
    pub target: Globs,
}

/// `[[protect]]`: named objects that nothing may take away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectSource {
    /// What it is called, for messages.
    pub name: Option<String>,
    /// Globs over the object, or over one of its words.
    #[serde(default)]
    pub object: Globs,
    /// Globs over the target's name and everything that named it.
    #[serde(default)]
    pub target: Globs,
    /// The platforms that it is limited to; empty for all.
    #[serde(default)]
    pub platform: Globs,
    /// The verdict; `refuse` if not said.
    pub verdict: Option<Spanned<Word<Verdict>>>,
    /// Why, for the card.
    pub why: Option<String>,
}

/// `[actors]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ActorsSource {
    /// Variables (globs) whose presence means an agent.
    pub agent_env: Globs,
    /// Process names (globs) among the ancestors that mean an agent.
    pub agent_processes: Globs,
    /// Variables (globs) whose presence means a CI job.
    pub ci_env: Globs,
    /// Whether an IDE's terminal may be a person's.
    pub trust_ide_terminals: Option<Spanned<bool>>,
    /// Programs that are terminals, by path (or by name, where the system
    /// hides the path).
    pub trusted_terminals: Option<Spanned<Globs>>,
}

/// `[audit]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSource {
    /// Whether every write is recorded, on whatever class.
    pub writes: Option<Spanned<bool>>,
}

/// `[[test]]`: a shell line, or a target with an effect, and what must come of
/// it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestSource {
    /// A shell line.
    pub command: Option<String>,
    /// A target, in place of a line.
    pub target: Option<TargetSource>,
    /// The effect on that target; `destroy` if not said.
    pub effect: Option<Word<Effect>>,
    /// The flags of the action on that target.
    #[serde(default)]
    pub flag: Words<Flag>,
    /// Who asks; an agent if not said.
    #[serde(rename = "as")]
    pub actor: Option<Word<ActorKind>>,
    /// The expected verdict.
    pub verdict: Option<Word<Verdict>>,
    /// The expected class.
    pub class: Option<Word<Class>>,
}

/// A target written down: its platform and names by kind.
#[derive(Clone, Debug, Default)]
pub struct TargetSource {
    /// The platform.
    pub platform: String,
    /// The names.
    pub names: Vec<(Kind, String)>,
}

/// The kinds of names that patterns may be over.
const PATTERN_KINDS: [Kind; 18] = [
    Kind::Host,
    Kind::Port,
    Kind::Database,
    Kind::Service,
    Kind::User,
    Kind::Profile,
    Kind::Account,
    Kind::Project,
    Kind::Environment,
    Kind::App,
    Kind::Context,
    Kind::Cluster,
    Kind::Namespace,
    Kind::Workspace,
    Kind::Resource,
    Kind::Url,
    Kind::Path,
    Kind::Branch,
];

/// A key of `[[environment]]` or of a target.
enum Key {
    Name,
    Class,
    Platform,
    Ids,
    Kind(Kind),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Key, E> {
                Ok(match word {
                    "name" => Key::Name,
                    "class" => Key::Class,
                    "platform" => Key::Platform,
                    "ids" => Key::Ids,
                    "server" => Key::Kind(Kind::Url),
                    _ => {
                        let kind = PATTERN_KINDS.into_iter().find(|kind| kind.word() == word);
                        Key::Kind(kind.ok_or_else(|| unknown_key(word))?)
                    }
                })
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

fn unknown_key<E: de::Error>(word: &str) -> E {
    let kinds: Vec<&str> = PATTERN_KINDS.iter().map(|kind| kind.word()).collect();
    E::custom(format!(
        "unknown field `{word}`, expected name, class, platform, ids, or a kind of name: {}",
        kinds.join(", ")
    ))
}

impl<'de> Deserialize<'de> for EnvironmentSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EnvironmentSource, D::Error> {
        struct EnvironmentVisitor;
        impl<'de> Visitor<'de> for EnvironmentVisitor {
            type Value = EnvironmentSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of an environment's names")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<EnvironmentSource, A::Error> {
                let (mut name, mut class) = (None, None);
                let (mut platform, mut ids) = (Globs::default(), Globs::default());
                let mut patterns = Vec::new();
                while let Some(key) = map.next_key::<Key>()? {
                    match key {
                        Key::Name => name = Some(map.next_value()?),
                        Key::Class => class = Some(map.next_value()?),
                        Key::Platform => platform = map.next_value()?,
                        Key::Ids => ids = map.next_value()?,
                        Key::Kind(kind) => patterns.push((kind, map.next_value()?)),
                    }
                }
                let class = class.ok_or_else(|| de::Error::missing_field("class"))?;
                Ok(EnvironmentSource { name, class, platform, ids, patterns })
            }
        }
        deserializer.deserialize_map(EnvironmentVisitor)
    }
}

impl<'de> Deserialize<'de> for TargetSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TargetSource, D::Error> {
        struct TargetVisitor;
        impl<'de> Visitor<'de> for TargetVisitor {
            type Value = TargetSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of a target's names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TargetSource, A::Error> {
                let mut target = TargetSource::default();
                while let Some(key) = map.next_key::<Key>()? {
                    match key {
                        Key::Platform => target.platform = map.next_value()?,
                        Key::Kind(kind) => target.names.push((kind, map.next_value()?)),
                        Key::Name | Key::Class | Key::Ids => {
                            return Err(de::Error::custom(
                                "a target has a platform and names by kind, such as host",
                            ));
                        }
                    }
                }
                Ok(target)
            }
        }
        deserializer.deserialize_map(TargetVisitor)
    }
}
