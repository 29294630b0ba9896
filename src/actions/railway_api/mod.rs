//! Reads requests to Railway's API, whichever program sends them: GraphQL
//! documents against the 233 mutations of `rules/api/railway.toml`, and the
//! few paths beside GraphQL. Looks at text only; never sends anything.

mod operation;
pub mod patch;

use std::borrow::Cow;

use super::Reading;
use crate::action::{Action, Effect, Flag, Flags, Scope};
use crate::invocation::Context;
use crate::parse::graphql::{self, Kind, Payload};
use crate::parse::http::Request;
use crate::parse::url::{self, Url};
use crate::rules::api::Api;
use crate::target::railway::api::{Asked, Credential, resolve};

/// Root fields of queries that answer with a secret.
const SECRETS: &[&str] = &[
    "bucketS3Credentials",
    "environmentStagedChanges",
    "projectInviteCode",
    "variables",
    "variablesForServiceDeployment",
];

/// How a document reaches the API.
#[derive(Clone, Copy)]
pub struct Via<'a> {
    /// The host in the URL, where there is a URL.
    pub host: Option<&'a str>,
    /// What the credentials that go with it reach.
    pub credential: Credential,
    /// The command and what it would see.
    pub context: Context<'a>,
}

/// Whether `host` and `path` of a URL are Railway's API (railwayapp 5.71.0,
/// config.rs; the `.app` names are the older ones): everything on its back
/// ends but the login, and its remote MCP server.
pub fn is_api(host: &str, path: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host == "mcp.railway.com" {
        return true;
    }
    let Some(domain) = host.strip_suffix(".app").or_else(|| host.strip_suffix(".com")) else {
        return false;
    };
    let is_railway = match domain.rsplit_once('.') {
        Some((front, last)) => {
            let name = matches!(last, "railway" | "railway-staging" | "railway-develop");
            name && (front == "backboard" || front.ends_with(".backboard"))
        }
        None => false,
    };
    let login = path.starts_with("/oauth/") && !path.contains("..") && !path.contains('%');
    is_railway && !login
}

/// Reads a request to a host for which [`is_api`] holds.
pub fn read(request: &Request, context: Context<'_>) -> Reading {
    let Url { host, path, .. } = url::parse(&request.url).unwrap_or_default();
    let via = Via { host: Some(&host), credential: credential(request), context };
    if path.starts_with("/api/v1/agent") || host.starts_with("mcp.") {
        if matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
            return Reading::of(via.look());
        }
        let why = "it asks a program of Railway's that acts on every environment";
        return Reading::of(via.opaque(why));
    }
    // A document may stand in a part of the URL that is not known.
    let unseen = request.gap.as_ref().map(|why| via.opaque(why));
    match graphql::payloads(request) {
        Err(why) => Reading::of(via.opaque(&why.0)),
        Ok(payloads) if payloads.is_empty() && unseen.is_some() => {
            Reading { actions: unseen.into_iter().collect(), ..Reading::default() }
        }
        Ok(payloads) if payloads.is_empty() => Reading::of(plain(request, &via, &path)),
        Ok(payloads) => {
            let actions = payloads.iter().flat_map(|payload| document(payload, &via));
            Reading { actions: actions.chain(unseen).collect(), ..Reading::default() }
        }
    }
}

/// What a document would do: one action for each mutation in the operations
/// that could run, or a single harmless one if there is none.
pub fn document(payload: &Payload, via: &Via<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut secret = false;
    for operation in payload.document.selected(payload.operation_name.as_deref()) {
        for field in &operation.fields {
            match operation.kind {
                Kind::Mutation if field.name.starts_with("__") => {}
                Kind::Mutation => {
                    let arguments =
                        graphql::argument::arguments(field, &payload.variables, operation);
                    actions.extend(operation::actions(&field.name, &arguments, via));
                }
                Kind::Query | Kind::Subscription => {
                    secret |= SECRETS.contains(&field.name.as_str());
                }
            }
        }
    }
    if secret {
        let mut look = via.look();
        look.flags = Flags::of(&[Flag::Credential]);
        look.summary = "Reads variables or credentials from Railway's API.".to_owned();
        actions.push(look);
    } else if actions.is_empty() {
        actions.push(via.look());
    }
    actions
}

/// A request without a document in it.
fn plain(request: &Request, via: &Via<'_>, path: &str) -> Action {
    let (effect, says) = match request.method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => return via.look(),
        "DELETE" => (Effect::Destroy, "Sends a DELETE to Railway's API."),
        _ if path.starts_with("/project/") && path.ends_with("/up") => {
            (Effect::Write, "Uploads code to Railway and deploys it.")
        }
        _ => (Effect::Write, "Sends a request without a body to Railway's API."),
    };
    let mut action = Action::new(effect, format!("{} {path}", request.method));
    action.summary = says.to_owned();
    via.place(action, &Asked { scope: Scope::Project, ..Asked::default() })
}

impl Via<'_> {
    /// An action of Railway's API at the place that `asked` names.
    fn place(&self, action: Action, asked: &Asked) -> Action {
        let target = resolve(&self.context, self.host, self.credential, asked);
        let rule = format!("railway-api/{}", action.operation);
        Action { scope: asked.scope, rule: Cow::Owned(rule), target, ..action }
    }

    /// A harmless look.
    fn look(&self) -> Action {
        let action = Action {
            summary: "Reads from Railway's API.".to_owned(),
            ..Action::new(Effect::Read, "query")
        };
        self.place(action, &Asked { scope: Scope::Account, ..Asked::default() })
    }

    /// Something that could be any mutation and cannot be read, for `why`.
    pub fn opaque(&self, why: &str) -> Action {
        let asked = Asked { scope: Scope::Account, ..Asked::default() };
        self.place(Action::opaque("request", why), &asked)
    }
}

/// The table of Railway's mutations.
fn table() -> Option<&'static Api> {
    Api::find("railway")
}

/// What the request's headers reach. The header decides, not the name of the
/// variable that the token came from.
fn credential(request: &Request) -> Credential {
    if request.header("project-access-token").is_some() {
        return Credential::ProjectToken;
    }
    match request.authenticated || request.header("team-access-token").is_some() {
        true => Credential::Account,
        false => Credential::None,
    }
}

#[cfg(test)]
mod tests;
