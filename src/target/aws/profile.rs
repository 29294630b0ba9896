//! The AWS CLI's config and credentials files, as botocore merges them, and
//! the account that a profile's keys lead to. Reads through the context;
//! never shows a key or a secret.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::invocation::Context;
use crate::parse::ini::{self, Ini, Section};
use crate::world::ReadError;

/// The most bytes of a config file that are read.
const LIMIT: usize = 1 << 20;

/// How many source profiles are followed.
const CHAIN: usize = 8;

/// Both files, parsed.
#[derive(Debug, Default)]
pub struct Files {
    config: Ini,
    credentials: Ini,
    /// Why one of them could not be read: a clause.
    pub broken: Option<String>,
}

/// Where a fact about a profile was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The key, with the profile and the file.
    pub source: String,
    /// The value.
    pub value: String,
}

/// The path that a setting of the CLI names, with `~` and variables in it
/// filled in as Python's `expandvars` and `expanduser` do it.
pub fn path(named: &str, context: Context<'_>) -> PathBuf {
    let mut text = String::with_capacity(named.len());
    let mut rest = named;
    while let Some((front, behind)) = rest.split_once('$') {
        text.push_str(front);
        let (name, after) = match behind.strip_prefix('{').and_then(|body| body.split_once('}')) {
            Some((name, after)) => (name, after),
            None => {
                let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let end = behind.find(|letter| !word(letter)).unwrap_or(behind.len());
                behind.split_at_checked(end).unwrap_or((behind, ""))
            }
        };
        match context.var(name).filter(|_| !name.is_empty()) {
            Some(value) => text.push_str(&value.to_string_lossy()),
            None => {
                text.push('$');
                let spelled = behind.len() - after.len();
                text.push_str(behind.get(..spelled).unwrap_or_default());
            }
        }
        rest = after;
    }
    text.push_str(rest);
    let home = text.strip_prefix('~').filter(|tail| tail.is_empty() || tail.starts_with('/'));
    match (home, context.home()) {
        (Some(tail), Some(home)) => home.join(tail.trim_start_matches('/')),
        _ => PathBuf::from(OsStr::new(&text)),
    }
}

impl Files {
    /// Reads both files from where the variables say they are.
    pub fn read(context: Context<'_>) -> Files {
        let mut files = Files::default();
        files.config = files.parse(context, "AWS_CONFIG_FILE", "~/.aws/config");
        files.credentials =
            files.parse(context, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
        files
    }

    fn parse(&mut self, context: Context<'_>, variable: &str, usual: &str) -> Ini {
        let named = context.text_var(variable);
        let named = named.as_deref().unwrap_or(usual);
        let bytes = match context.read(path(named, context), LIMIT) {
            Ok(bytes) => bytes,
            Err(ReadError::Missing) => return Ini::default(),
            Err(error) => {
                self.broken = Some(format!("{named} cannot be read: {error}"));
                return Ini::default();
            }
        };
        match std::str::from_utf8(&bytes)
            .map_err(|_| "it is not UTF-8".to_owned())
            .and_then(|text| ini::parse(text).map_err(|error| error.to_string()))
        {
            Ok(ini) => ini,
            Err(error) => {
                self.broken = Some(format!("{named} is not a config file: {error}"));
                Ini::default()
            }
        }
    }

    /// The config file's section for a thing of this kind and name
    /// (`[profile x]`, `[sso-session x]`, `[services x]`).
    fn section(&self, kind: &str, name: &str) -> Option<&Section> {
        if kind == "profile" && name == "default" {
            let plain = self.config.section("default");
            if plain.is_some() {
                return plain;
            }
        }
        self.config.sections().find(|section| {
            let named = section.name.strip_prefix(kind).is_some();
            named
                && shell_words::split(&section.name)
                    .is_ok_and(|words| words.len() == 2 && words.get(1).is_some_and(|w| w == name))
        })
    }

    /// A profile's setting; the credentials file's counts first.
    pub fn get(&self, profile: &str, key: &str) -> Option<Fact> {
        let own = self.credentials.section(profile).and_then(|section| section.get(key));
        let shared = || self.section("profile", profile).and_then(|section| section.get(key));
        let (value, file) = match own {
            Some(value) => (value, "credentials file"),
            None => (shared()?, "config file"),
        };
        (!value.is_empty()).then(|| Fact {
            source: format!("{key} of profile {profile} in the {file}"),
            value: value.to_owned(),
        })
    }

    /// The endpoint that a profile's `services` section names for a service,
    /// or the profile names for all.
    pub fn endpoint(&self, profile: &str, service: &str) -> Option<Fact> {
        let own = self.get(profile, "services").and_then(|services| {
            let section = self.section("services", &services.value)?;
            let (_, url) =
                ini::nested(section.get(service)?).find(|(key, _)| *key == "endpoint_url")?;
            let source = format!("{service} of services {} in the config file", services.value);
            Some(Fact { source, value: url.to_owned() })
        });
        own.or_else(|| self.get(profile, "endpoint_url"))
    }

    /// The account that a profile's credentials belong to, in the order in
    /// which botocore looks for credentials.
    pub fn account(&self, profile: &str) -> Option<Fact> {
        let role = self.get(profile, "role_arn").and_then(|role| {
            let account = super::account::in_arn(&role.value)?.to_owned();
            Some(Fact { value: account, ..role })
        });
        let key = || {
            let key = self.get(profile, "aws_access_key_id")?;
            Some(Fact { value: super::account::of_key(&key.value)?, ..key })
        };
        role.or_else(|| self.get(profile, "sso_account_id"))
            .or_else(|| self.get(profile, "aws_account_id"))
            .or_else(key)
            .or_else(|| {
                self.get(profile, "login_session").and_then(|session| {
                    let account = super::account::in_arn(&session.value)?.to_owned();
                    Some(Fact { value: account, ..session })
                })
            })
    }

    /// The profiles whose credentials a profile borrows, nearest first.
    pub fn sources(&self, profile: &str) -> Vec<Fact> {
        let mut found: Vec<Fact> = Vec::new();
        let mut at = profile.to_owned();
        while let Some(next) = self.get(&at, "source_profile") {
            let again = next.value == profile || found.iter().any(|fact| fact.value == next.value);
            if again || found.len() == CHAIN {
                break;
            }
            at.clone_from(&next.value);
            found.push(next);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    const CONFIG: &str = "\
[default]\nregion = eu-west-1\n\
[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = hub\n\
[profile hub]\nsource_profile = prod\n\
[profile \"my dev\"]\nsso_account_id = 210987654321\nservices = local\n\
[services local]\ns3 =\n  endpoint_url = http://localhost:4566\n";

    fn files(world: &FakeWorld) -> Files {
        let invocation = Invocation::new(["aws"]);
        Files::read(Context { invocation: &invocation, world })
    }

    #[test]
    fn roles_and_sso_name_the_account() {
        let world = FakeWorld::new().with_file("/home/ana/.aws/config", CONFIG);
        let files = files(&world);
        assert_eq!(files.account("prod").unwrap().value, "123456789012");
        assert_eq!(files.account("my dev").unwrap().value, "210987654321");
        assert_eq!(files.account("default"), None);
        assert_eq!(files.get("local", "s3"), None);
    }

    #[test]
    fn a_ring_of_sources_ends() {
        let world = FakeWorld::new().with_file("/home/ana/.aws/config", CONFIG);
        let names: Vec<String> =
            files(&world).sources("prod").into_iter().map(|fact| fact.value).collect();
        assert_eq!(names, ["hub"]);
    }

    #[test]
    fn the_credentials_file_counts_first() {
        let world = FakeWorld::new()
            .with_file("/home/ana/.aws/config", "[profile a]\naws_account_id = 111111111111\n")
            .with_file("/home/ana/.aws/credentials", "[a]\naws_account_id = 222222222222\n");
        assert_eq!(files(&world).account("a").unwrap().value, "222222222222");
    }

    #[test]
    fn endpoints_come_from_the_services_section_first() {
        let world = FakeWorld::new().with_file("/home/ana/.aws/config", CONFIG);
        let files = files(&world);
        assert_eq!(files.endpoint("my dev", "s3").unwrap().value, "http://localhost:4566");
        assert_eq!(files.endpoint("my dev", "ec2"), None);
    }

    #[test]
    fn paths_are_expanded_as_python_does_it() {
        let world = FakeWorld::new().with_var("DIR", "/etc/aws");
        let invocation = Invocation::new(["aws"]);
        let context = Context { invocation: &invocation, world: &world };
        let cases = [
            ("~/.aws/config", "/home/ana/.aws/config"),
            ("$DIR/config", "/etc/aws/config"),
            ("${DIR}/config", "/etc/aws/config"),
            ("$NONE/x", "$NONE/x"),
            ("${NONE}/x$", "${NONE}/x$"),
            ("plain", "plain"),
        ];
        for (named, want) in cases {
            assert_eq!(path(named, context), PathBuf::from(want), "{named}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let world = FakeWorld::new().with_file("/home/ana/.aws/config", "region = x\n");
        assert!(files(&world).broken.unwrap().contains("line 1"));
    }
}
