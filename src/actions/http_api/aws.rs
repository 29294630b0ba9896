//! Requests to AWS that name their operation: the AWS reader's own tables say
//! what it does, whichever client sends it. Looks at the request only.

use serde_json::Value as Json;

use super::request::Place;
use crate::action::{Action, Effect, Flag};
use crate::actions::Reading;
use crate::actions::aws::{Code, Params, kebab, names, table};
use crate::invocation::Context;
use crate::parse::http::{Body, Request};
use crate::parse::url::{self, Url};
use crate::target::aws::account::of_key;
use crate::target::aws::evidence_of;
use crate::target::{Evidence, Kind};

/// Services that the command line calls otherwise than their endpoints
/// (botocore 1.43, the endpoint prefixes of its models).
const SERVICES: &[(&str, &str)] = &[
    ("elasticfilesystem", "efs"),
    ("elasticloadbalancing", "elbv2"),
    ("elasticmapreduce", "emr"),
    ("email", "ses"),
    ("monitoring", "cloudwatch"),
    ("states", "stepfunctions"),
];

/// The most parameters of a request that are looked at.
const MAX_PAIRS: usize = 1000;

/// What a named operation does; none where nothing but its method is known.
pub fn operation(
    place: &Place<'_>,
    request: &Request,
    url: &Url,
    name: &str,
    context: Context<'_>,
) -> Option<Reading> {
    let operation = kebab(name);
    let service = service(request, url);
    let rule = table::rule(&service, &operation);
    let (tier, verb) = table::tier(&operation);
    let mut effect = rule.and_then(|rule| rule.effect).unwrap_or(tier.effect());
    let mut flags = rule.map(|rule| rule.flags).unwrap_or_default();
    if flags.has(Flag::Opaque)
        && let Some(code) = code(request, &service, &operation, context)
    {
        let says = match code.says.as_str() {
            "" => format!("Runs {name} at {}.", place.shown()),
            says => format!("{says} ({name} at {}).", place.shown()),
        };
        let action = Action {
            summary: says,
            flags: code.flags,
            ..place.action(code.effect, name.to_owned())
        };
        if action.is_harmless() {
            return Some(Reading::default());
        }
        let inner = code.inner(&action.target, context.invocation).into_iter().collect();
        return Some(Reading { inner, ..Reading::of(action) });
    }
    if effect == Effect::Read && flags.is_empty() {
        return Some(Reading::default());
    }
    let mut known = rule.map(|rule| rule.says).unwrap_or_default().to_owned();
    let mut params = Params::of_body(parameters(request, url));
    for parameter in table::parameters(&service, &operation) {
        if params.hurts(parameter, context) == Ok(true) {
            effect = effect.max(parameter.effect);
            flags = flags.union(parameter.flags);
            known = format!("{known} {}", parameter.says);
        }
    }
    let summary = format!("Runs {name} at {}. {}", place.shown(), known.trim());
    let summary = summary.trim_end().to_owned();
    let mut action = Action { summary, flags, ..place.action(effect, name.to_owned()) };
    let mut named = names::find(&params, &operation, verb);
    named.iter_mut().for_each(|name| name.source = "body".into());
    action.target.evidence.extend(evidence_of(&named));
    if let Some(rule) = rule {
        action.scope = rule.scope;
        if !rule.instead.is_empty() {
            action.instead = Some(rule.instead.into());
        }
    }
    Some(Reading::of(action))
}

/// The service: what the signature is for, else the host's first label.
fn service(request: &Request, url: &Url) -> String {
    let signed = scope(request, url).and_then(|scope| scope.split('/').nth(3).map(str::to_owned));
    let host = || url.host.split('.').next().unwrap_or_default().to_owned();
    let name = signed.unwrap_or_else(host);
    match SERVICES.iter().find(|(prefix, _)| *prefix == name) {
        Some((_, service)) => (*service).to_owned(),
        None => name,
    }
}

/// `KEY/DATE/REGION/SERVICE/aws4_request`, from a signature.
fn scope(request: &Request, url: &Url) -> Option<String> {
    let in_header = request.header("Authorization").and_then(|text| {
        let (_, rest) = text.split_once("Credential=")?;
        rest.split([',', ' ']).next().map(str::to_owned)
    });
    in_header.or_else(|| {
        url.pairs().find(|(name, _)| name.eq_ignore_ascii_case("X-Amz-Credential")).map(|it| it.1)
    })
}

/// The account that its key belongs to.
pub fn account(request: &Request, url: &Url) -> Option<Evidence> {
    let signed = scope(request, url);
    let key = signed.as_deref().and_then(|scope| scope.split('/').next());
    let account = of_key(key.or(request.login.as_deref())?)?;
    Some(Evidence::name(Kind::Account, "access key", account))
}

/// The parameters of an operation: the JSON that a request's body is, or the
/// pairs in its query and its form.
fn parameters(request: &Request, url: &Url) -> Json {
    let bytes: &[u8] = match &request.body {
        Body::Known(bytes) => bytes,
        Body::None | Body::Opaque(_) => b"",
    };
    if let Ok(Json::Object(object)) = serde_json::from_slice(bytes) {
        return Json::Object(object);
    }
    let form = url::pairs(str::from_utf8(bytes).unwrap_or_default());
    let all = url.pairs().chain(form).take(MAX_PAIRS);
    Json::Object(all.map(|(name, value)| (name, Json::String(value))).collect())
}

/// The code in it, for the operations that run some; none if there is none
/// that the AWS reader knows.
fn code(request: &Request, service: &str, operation: &str, context: Context<'_>) -> Option<Code> {
    let Body::Known(bytes) = &request.body else { return None };
    let mut params = Params::of_body(serde_json::from_slice(bytes).ok()?);
    Code::read(&mut params, service, operation, context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::http_api::planes;
    use crate::parse::url;

    #[test]
    fn a_signature_says_service_and_account() {
        let url = url::parse("https://example.test/").unwrap();
        let value = "AWS4-HMAC-SHA256 Credential=AKIAQAAAAAAAAAAAAAAA/20260101/eu-west-1/rds/\
                     aws4_request, SignedHeaders=host, Signature=x";
        let headers = vec![("Authorization".to_owned(), value.to_owned())];
        let request = Request { headers, ..Request::default() };
        assert_eq!(service(&request, &url), "rds");
        assert!(account(&request, &url).is_some());
        let host = url::parse("https://monitoring.eu-west-1.amazonaws.com/").unwrap();
        assert_eq!(service(&Request::default(), &host), "cloudwatch");
        assert!(planes::operation(&request, &url).is_none());
    }
}
