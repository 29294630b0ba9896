//! Where a request to Railway's API lands: what its own arguments name, what
//! the links know of those ids, and what its credentials reach.

use super::{Place, config};
use crate::action::Scope;
use crate::invocation::Context;
use crate::target::{Evidence, Kind, Target};

/// What a request's credentials reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A project token: one environment, known only to Railway.
    ProjectToken,
    /// An account or workspace token: every environment.
    Account,
    /// None, or none that is recognised.
    None,
}

/// What a request says about its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// How far its object reaches.
    pub scope: Scope,
    /// The project that its arguments name, and by which argument.
    pub project: Option<(&'static str, String)>,
    /// The environment that its arguments name, and by which argument.
    pub environment: Option<(&'static str, String)>,
}

/// Where a request lands. `host` is the URL's, where there is one.
pub fn resolve(
    context: &Context<'_>,
    host: Option<&str>,
    credential: Credential,
    asked: &Asked,
) -> Target {
    let mut place = Place { target: Target::of("railway"), project: None, environment: None };
    if let Some(host) = host {
        place.target.evidence.push(host_evidence(host));
    }
    place.target.evidence.extend(credential_evidence(credential));
    let config = match asked.project.is_some() || asked.environment.is_some() {
        true => config::load(context),
        false => config::Config::default(),
    };
    if let Some((argument, id)) = &asked.project {
        place.project(*argument, id, &config);
    }
    match (asked.scope, &asked.environment) {
        (Scope::Environment, Some((argument, id))) => place.environment(*argument, id, &config),
        (Scope::Environment, None) => place.gap(match credential {
            Credential::ProjectToken => "the project token's environment is known only to Railway",
            _ => "which environment it belongs to is known only to Railway",
        }),
        (Scope::Project, _) => place.whole_project(&config),
        _ => place.gap("it reaches whatever the account holds"),
    }
    place.finish(asked.scope)
}

/// Railway's own staging and development hosts say nothing about the user's
/// environments, so their names may not lower a class.
fn host_evidence(host: &str) -> Evidence {
    let usual = ["backboard.railway.app", "backboard.railway.com"];
    match usual.iter().any(|name| host.eq_ignore_ascii_case(name)) {
        true => Evidence::name(Kind::Host, "url", host),
        false => Evidence::hint(Kind::Host, "url", host),
    }
}

fn credential_evidence(credential: Credential) -> Option<Evidence> {
    let (source, value) = match credential {
        Credential::ProjectToken => ("Project-Access-Token", "a token for one environment"),
        Credential::Account => ("Bearer token", "it reaches every environment of the account"),
        Credential::None => return None,
    };
    Some(Evidence::hint(Kind::Account, source, value))
}
