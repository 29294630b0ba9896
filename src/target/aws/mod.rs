//! Where an AWS CLI invocation lands: the profile, the account, the region,
//! the endpoint, by the sources and in the order in which botocore looks for
//! them, and the names in the command itself. Gives evidence, never a class
//! but `local` for what talks to this machine; never asks AWS; never shows a
//! key or a secret.

pub mod account;
mod endpoint;
mod profile;

pub use profile::path;

use std::borrow::Cow;

use super::{Class, Evidence, Grade, Kind, Target};
use crate::invocation::Context;
use crate::parse::argv::Value;
use profile::{Fact, Files};

/// What a name in a command says about the command's object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is the object.
    Object,
    /// The object is part of it.
    Container,
    /// It is named beside it: may raise the class, never lower it.
    Other,
}

/// A name in a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it says about the object.
    pub role: Role,
    /// The parameter, with its dashes.
    pub source: Cow<'static, str>,
    /// The name.
    pub text: String,
}

/// What a command says about its target.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// `--profile`.
    pub profile: Option<Value<'a>>,
    /// `--region`.
    pub region: Option<Value<'a>>,
    /// `--endpoint-url`.
    pub endpoint: Option<Value<'a>>,
    /// The service, as the command names it.
    pub service: &'a str,
    /// The service, as variables and the config file name it.
    pub service_id: &'a str,
    /// The names in its parameters.
    pub named: &'a [Named],
}

/// Where a command lands.
pub fn resolve(context: Context<'_>, asked: &Asked<'_>) -> Target {
    let mut resolver =
        Resolver { context, asked, files: Files::read(context), target: Target::of("aws") };
    resolver.target.gap.clone_from(&resolver.files.broken);
    let profile = resolver.profile();
    resolver.account(profile.as_ref());
    resolver.region(profile.as_ref());
    resolver.endpoint(profile.as_ref());
    resolver.target.evidence.extend(evidence_of(resolver.asked.named));
    let mut target = resolver.target;
    target.name = name(&target, profile.as_ref(), asked.named);
    target
}

/// What the config file says about the prompt of version 2 for this command's
/// profile: the value of `cli_auto_prompt`.
pub fn auto_prompt(context: Context<'_>, flag: Option<Value<'_>>) -> Option<String> {
    let profile = match flag {
        Some(value) => value.text.to_string_lossy().into_owned(),
        None => variable_profile(context).map_or("default".to_owned(), |(_, name)| name),
    };
    Files::read(context).get(&profile, "cli_auto_prompt").map(|fact| fact.value)
}

/// The profile that a command uses.
struct Profile {
    name: String,
    /// The one that the other version of the CLI would use, where the two
    /// variables disagree.
    other: Option<String>,
    /// Whether `--profile` named it, so that variables give no credentials.
    explicit: bool,
    /// Whether anything named it at all.
    named: bool,
}

/// The variables that name a profile. botocore (version 1) looks at the first
/// one first; version 2 at the other.
const PROFILES: [&str; 2] = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"];

fn variable_profile(context: Context<'_>) -> Option<(&'static str, String)> {
    PROFILES.into_iter().find_map(|name| Some((name, context.text_var(name)?)))
}

struct Resolver<'a> {
    context: Context<'a>,
    asked: &'a Asked<'a>,
    files: Files,
    target: Target,
}

impl Resolver<'_> {
    fn add(&mut self, evidence: Evidence) {
        self.target.evidence.push(evidence);
    }

    fn gap(&mut self, why: &str) {
        self.target.gap.get_or_insert_with(|| why.to_owned());
    }

    /// Whether keys in variables count before any profile's.
    fn has_keys(&self) -> bool {
        self.context.text_var("AWS_ACCESS_KEY_ID").is_some()
    }

    /// The profile, by `--profile`, then the variables, then `default`; none
    /// if it is computed at run time.
    fn profile(&mut self) -> Option<Profile> {
        if let Some(value) = self.asked.profile {
            if value.dynamic {
                self.gap("the profile is computed at run time");
                return None;
            }
            let name = value.text.to_string_lossy().into_owned();
            self.add(Evidence::name(Kind::Profile, "--profile", name.clone()));
            return Some(Profile { name, other: None, explicit: true, named: true });
        }
        let keys = self.has_keys();
        let mut first = None;
        let mut other = None;
        for variable in PROFILES {
            let Some(name) = self.context.text_var(variable) else { continue };
            if first.as_ref() == Some(&name) {
                continue;
            }
            other = first.is_some().then(|| name.clone());
            // With keys in variables the profile gives no credentials, so its
            // name says less.
            let evidence = match keys {
                true => Evidence::hint(Kind::Profile, variable, name.clone()),
                false => Evidence::name(Kind::Profile, variable, name.clone()),
            };
            self.add(evidence);
            first.get_or_insert(name);
        }
        if let Some(vault) = self.context.text_var("AWS_VAULT") {
            self.add(Evidence::hint(Kind::Profile, "AWS_VAULT", vault));
        }
        let named = first.is_some();
        let name = first.unwrap_or("default".to_owned());
        Some(Profile { name, other, explicit: false, named })
    }

    fn account(&mut self, profile: Option<&Profile>) {
        let explicit = profile.is_none_or(|profile| profile.explicit);
        if !explicit && self.has_keys() {
            let key = self.context.text_var("AWS_ACCESS_KEY_ID").unwrap_or_default();
            if let Some(account) = account::of_key(&key) {
                self.add(Evidence::name(Kind::Account, "AWS_ACCESS_KEY_ID", account));
            }
            return;
        }
        let Some(profile) = profile else { return };
        self.account_of(&profile.name);
        if let Some(other) = &profile.other {
            self.account_of(other);
        }
    }

    /// The account of a profile's credentials.
    fn account_of(&mut self, profile: &str) {
        for fact in self.files.sources(profile) {
            self.add(Evidence::hint(Kind::Profile, fact.source, fact.value));
        }
        if let Some(Fact { source, value }) = self.files.account(profile) {
            self.add(Evidence::name(Kind::Account, source, value));
        } else if let Some(arn) = self.context.text_var("AWS_ROLE_ARN")
            && self.context.text_var("AWS_WEB_IDENTITY_TOKEN_FILE").is_some()
            && let Some(account) = account::in_arn(&arn)
        {
            self.add(Evidence::name(Kind::Account, "AWS_ROLE_ARN", account));
        }
        let alias = ["sso_account_name", "granted_sso_account_name"];
        for key in alias {
            if let Some(fact) = self.files.get(profile, key) {
                self.add(Evidence::hint(Kind::Account, fact.source, fact.value));
            }
        }
    }

    fn region(&mut self, profile: Option<&Profile>) {
        let found = match self.asked.region {
            Some(value) if value.dynamic => None,
            Some(value) => Some(("--region".into(), value.text.to_string_lossy().into_owned())),
            None => ["AWS_REGION", "AWS_DEFAULT_REGION"]
                .into_iter()
                .find_map(|name| Some((Cow::Borrowed(name), self.context.text_var(name)?)))
                .or_else(|| {
                    let fact = self.files.get(&profile?.name, "region")?;
                    Some((Cow::Owned(fact.source), fact.value))
                }),
        };
        if let Some((source, region)) = found {
            self.add(Evidence::name(Kind::Region, source, region));
        }
    }

    fn endpoint(&mut self, profile: Option<&Profile>) {
        let Some((source, url)) = self.endpoint_url(profile) else { return };
        let Some(host) = endpoint::host(&url) else {
            return self.gap("the endpoint is no URL");
        };
        let evidence = Evidence::name(Kind::Host, source.clone(), host);
        let local = endpoint::is_local(host);
        let redirected = source == "--endpoint-url"
            || !(endpoint::UNREDIRECTED.contains(&self.asked.service)
                || local && endpoint::is_blind(self.context));
        self.add(match (local, redirected) {
            (true, true) => evidence.asserting(Class::Local),
            (_, true) => evidence,
            // The command may go to AWS all the same.
            (_, false) => Evidence { grade: Grade::Hint, ..evidence },
        });
    }

    /// The URL that is used in place of AWS's own, and what named it.
    fn endpoint_url(&mut self, profile: Option<&Profile>) -> Option<(Cow<'static, str>, String)> {
        if let Some(value) = self.asked.endpoint {
            if value.dynamic {
                self.gap("the endpoint is computed at run time");
                return None;
            }
            return Some(("--endpoint-url".into(), value.text.to_string_lossy().into_owned()));
        }
        let ignored = self.context.text_var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").or_else(|| {
            let fact = self.files.get(&profile?.name, "ignore_configured_endpoint_urls")?;
            Some(fact.value)
        });
        if ignored.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return None;
        }
        let own = format!("AWS_ENDPOINT_URL_{}", self.asked.service_id.to_uppercase());
        if let Some(url) = self.context.text_var(&own) {
            return Some((own.into(), url));
        }
        if let Some(url) = self.context.text_var("AWS_ENDPOINT_URL") {
            return Some(("AWS_ENDPOINT_URL".into(), url));
        }
        let fact = self.files.endpoint(&profile?.name, self.asked.service_id)?;
        Some((fact.source.into(), fact.value))
    }
}

/// What the names in a command or a request say. Of several objects none says
/// where the others are, so each may only raise the class.
pub fn evidence_of(named: &[Named]) -> Vec<Evidence> {
    let objects = named.iter().filter(|name| name.role == Role::Object).count();
    let mut found = Vec::new();
    for name in named {
        let certain = match name.role {
            Role::Object => objects == 1,
            Role::Container => true,
            Role::Other => false,
        };
        let evidence = |kind, text: &str| match certain {
            true => Evidence::name(kind, name.source.clone(), text),
            false => Evidence::hint(kind, name.source.clone(), text),
        };
        found.push(evidence(Kind::Resource, &name.text));
        let account = account::in_arn(&name.text).or_else(|| account::in_queue_url(&name.text));
        found.extend(account.map(|account| evidence(Kind::Account, account)));
    }
    found
}

/// What a person would call the target: the bucket, else the profile that was
/// chosen, else the account, else the object.
fn name(target: &Target, profile: Option<&Profile>, named: &[Named]) -> Option<String> {
    let of = |role| {
        let mut these = named.iter().filter(|name| name.role == role);
        // One of several is not what a person would call them all.
        these.next().filter(|_| these.next().is_none()).map(|name| name.text.clone())
    };
    let bucket = named.iter().find(|name| name.source == "--bucket" || name.source == "s3://");
    let profile = profile.filter(|profile| profile.named).map(|profile| profile.name.clone());
    let account = || {
        let found = target.evidence.iter().find(|evidence| evidence.kind == Kind::Account);
        found.map(|evidence| evidence.value.clone())
    };
    bucket
        .map(|name| name.text.clone())
        .or(profile)
        .or_else(account)
        .or_else(|| of(Role::Object))
        .or_else(|| of(Role::Container))
}

#[cfg(test)]
mod tests;
