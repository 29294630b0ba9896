//! Reads `aws configure`: what it writes are files on this machine, which
//! say who later commands are and where they go.

use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::Reading;
use crate::target::{Evidence, Kind, Target};

use super::grammar::{self, Line};
use super::{Reader, rule_id, table};

/// Settings that are secrets or name one.
const SECRETS: &[&str] =
    &["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

/// Settings that change where later commands point.
const POINTERS: &[&str] = &[
    "region",
    "role_arn",
    "source_profile",
    "credential_source",
    "credential_process",
    "endpoint_url",
    "services",
    "sso_account_id",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "aws_account_id",
];

/// What `aws configure [COMMAND]` would do.
pub fn read(reader: &Reader<'_>, line: &Line<'_>, command: Option<&str>) -> Reading {
    let mut words = line.rest.iter().filter(|word| grammar::is_plain(word.text.as_encoded_bytes()));
    let setting = words.next().map(|word| word.text.to_string_lossy());
    let setting = setting.as_deref().unwrap_or_default();
    let key = setting.split('.').next_back().unwrap_or_default();
    let both = Flags::of(&[Flag::Credential, Flag::Retarget]);
    let (effect, flags) = match command {
        Some("get") if SECRETS.contains(&key) => (Effect::Read, Flags::of(&[Flag::Credential])),
        Some("set") if SECRETS.contains(&key) => (Effect::Write, both),
        Some("set") if setting.split('.').any(|part| POINTERS.contains(&part)) => {
            (Effect::Write, Flags::of(&[Flag::Retarget]))
        }
        Some("set") => (Effect::Write, Flags::NONE),
        Some("import" | "sso" | "sso-session" | "mfa-login") | None => (Effect::Write, both),
        Some(other) => match table::rule("configure", other) {
            Some(rule) => (rule.effect.unwrap_or(Effect::Read), rule.flags),
            None => (Effect::Write, both),
        },
    };
    if effect == Effect::Read && flags.is_empty() {
        return reader.harmless(line, "configure", command.unwrap_or_default());
    }
    let operation = command.map_or("configure".to_owned(), |name| format!("configure {name}"));
    let mut action = Action::new(effect, operation);
    action.flags = flags;
    action.target = target(reader, line, setting);
    let profile = action.target.name.clone().unwrap_or_default();
    action.summary = match effect {
        Effect::Read => format!("Shows a secret of the profile {profile}."),
        _ => format!("Writes settings of the profile {profile} on this machine."),
    };
    action.object = Some(format!("profile {profile}"));
    action.rule = rule_id(&action.operation);
    Reading::of(action)
}

/// The profile that is written: the one in the setting's name
/// (`profile.prod.region`), else the one that commands use.
fn target(reader: &Reader<'_>, line: &Line<'_>, setting: &str) -> Target {
    let mut parts = setting.split('.');
    let named = match parts.next() {
        Some("profile") => parts.next().map(|name| ("argument", name.to_owned())),
        Some("default") => Some(("argument", "default".to_owned())),
        _ => None,
    };
    let flag = || {
        let value = line.value("--profile").filter(|value| !value.dynamic)?;
        Some(("--profile", value.text.to_string_lossy().into_owned()))
    };
    let variable = || {
        let names = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"].into_iter();
        names
            .map(|name| (name, reader.context.text_var(name)))
            .find_map(|(name, value)| Some((name, value?)))
    };
    let (source, name) =
        named.or_else(flag).or_else(variable).unwrap_or(("the default", "default".to_owned()));
    let mut target = Target::of("aws");
    target.evidence.push(Evidence::name(Kind::Profile, source, name.clone()));
    target.name = Some(name);
    target
}
