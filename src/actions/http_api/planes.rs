//! Control planes: which of `rules/api/*.toml` a request goes to, and which
//! of its requests it is. A DELETE to a host of one is taken as authorised
//! whether or not credentials can be seen. Looks at the request only.

use serde_json::Value as Json;

use super::paths::{self, Names};
use crate::action::Effect;
use crate::parse::http::{Body, Request};
use crate::parse::url::{self, Url};
use crate::rules::api::{ApiRequest, ApiSql, PLANES, Plane};
use crate::text::glob;

/// The longest JSON body that is looked into, in bytes.
const MAX_BODY: usize = 1 << 20;
/// The most values of a body that one condition looks at.
const MAX_VALUES: usize = 10_000;

/// The most characters of a value that are compared.
const MAX_VALUE: usize = 100_000;

/// The control plane that a URL belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// It.
    pub plane: &'static Plane,
    /// Whether its host or path says so, and not the port alone.
    pub sure: bool,
}

/// Finds it: by the host (the most telling pattern), by the path, unless a
/// path of that kind is known of another at the port, by the port.
pub fn find(url: &Url) -> Option<Found> {
    let host = |plane: &&'static Plane| {
        let matching = plane.hosts.iter().filter(|pattern| is_host(pattern, &url.host));
        // `vault.*` is a guess at what people call their hosts.
        matching.map(|pattern| (pattern.len(), !pattern.ends_with('*'))).max()
    };
    let named = PLANES.iter().filter_map(|plane| Some((host(&plane)?, plane)));
    if let Some(((_, sure), plane)) = named.max_by_key(|found| found.0) {
        return Some(Found { plane, sure });
    }
    let path = paths::segments(&url.path);
    let by_path =
        |plane: &&Plane| plane.paths.iter().any(|one| paths::matches(one, &path).is_some());
    let mut at_port =
        PLANES.iter().filter(|plane| url.port.is_some_and(|port| plane.ports.contains(&port)));
    let Some(by_path) = PLANES.iter().find(by_path) else {
        return Some(Found { plane: at_port.next()?, sure: false });
    };
    // `/v1/kv/…` is Consul's, and Vault's where the port is Vault's.
    let knows = |plane: &&'static Plane| {
        plane.requests.iter().any(|one| paths::matches(one.path, &path).is_some())
    };
    match at_port.find(knows) {
        Some(plane) if plane.name != by_path.name => Some(Found { plane, sure: false }),
        _ => Some(Found { plane: by_path, sure: true }),
    }
}

fn is_host(pattern: &str, host: &str) -> bool {
    // A glob costs more than what most patterns need.
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) if !end.contains('*') => host.ends_with(end),
        (_, Some(start)) if !start.contains('*') => host.starts_with(start),
        (None, None) if !pattern.contains('*') => pattern == host,
        _ => glob(pattern, host),
    }
}

/// One of a plane's requests that a request is.
#[derive(Debug)]
pub struct Matched {
    /// What is known of it.
    pub request: &'static ApiRequest,
    /// What the names in its path stand for.
    pub names: Names,
    /// The SQL in it.
    pub sql: Option<Result<Vec<u8>, String>>,
    /// Why the body that decides could not be read.
    pub unread: Option<String>,
}

/// Finds the first that a request is.
pub fn matched(plane: &Plane, method: &str, request: &Request, url: &Url) -> Option<Matched> {
    let path = paths::segments(&url.path);
    let body = Content::of(&request.body);
    plane.requests.iter().find_map(|one| {
        if !one.methods.contains(&method) {
            return None;
        }
        let names = paths::matches(one.path, &path)?;
        if !in_query(one, url) || !in_body(one, &body) {
            return None;
        }
        let sql = match one.sql {
            Some(at) => Some(text(at, url, &request.body, &body)?),
            None => None,
        };
        let unread = match &body {
            Content::Unknown(why) if !one.body.is_empty() => Some(why.clone()),
            _ => None,
        };
        Some(Matched { request: one, names, sql, unread })
    })
}

/// Whether some request of this method to this place is told by its body.
pub fn reads_body(plane: &Plane, method: &str, url: &Url) -> bool {
    let mut told = plane
        .requests
        .iter()
        .filter(|one| one.methods.contains(&method) && (!one.body.is_empty() || one.sql.is_some()));
    let path = paths::segments(&url.path);
    told.any(|one| paths::matches(one.path, &path).is_some())
}

/// Whether a GET to it may be more than a look.
pub fn reads_query(plane: &Plane) -> bool {
    plane.names_operations || plane.requests.iter().any(|one| one.methods.contains(&"GET"))
}

fn in_query(one: &ApiRequest, url: &Url) -> bool {
    one.query.iter().all(|(name, pattern)| {
        url.pairs().any(|(have, value)| have == *name && glob(pattern, &value))
    }) && one.query_only.is_none_or(|only| url.pairs().all(|(name, _)| only.contains(&&*name)))
}

/// What a body says.
enum Content {
    Nothing,
    Unknown(String),
    Json(Json),
}

impl Content {
    fn of(body: &Body) -> Content {
        match body {
            Body::None => Content::Nothing,
            Body::Opaque(why) => Content::Unknown(why.clone()),
            Body::Known(bytes) if bytes.len() > MAX_BODY => {
                Content::Unknown("its body is too long".to_owned())
            }
            // What is no JSON is one text.
            Body::Known(bytes) => Content::Json(
                serde_json::from_slice(bytes)
                    .unwrap_or_else(|_| Json::String(String::from_utf8_lossy(bytes).into_owned())),
            ),
        }
    }
}

/// Whether the body says what it has to; one that cannot be read may say the
/// worse.
fn in_body(one: &ApiRequest, body: &Content) -> bool {
    one.body.iter().all(|(steps, pattern)| match body {
        Content::Nothing => false,
        Content::Unknown(_) => one.effect >= Effect::Disrupt,
        Content::Json(json) => {
            values(json, steps).into_iter().any(|value| glob(pattern, &shown(value)))
        }
    })
}

/// The values that steps lead to; `*` goes through every element.
fn values<'j>(json: &'j Json, steps: &[&str]) -> Vec<&'j Json> {
    let mut at = vec![json];
    for step in steps {
        let mut next = Vec::new();
        for value in at {
            match value {
                Json::Array(all) if *step == "*" => next.extend(all.iter().take(MAX_VALUES)),
                Json::Object(all) if *step == "*" => next.extend(all.values().take(MAX_VALUES)),
                value => next.extend(value.get(step)),
            }
        }
        next.truncate(MAX_VALUES);
        at = next;
    }
    at
}

fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.chars().take(MAX_VALUE).collect(),
        Json::Array(all) if all.is_empty() => "[]".to_owned(),
        Json::Object(all) if all.is_empty() => "{}".to_owned(),
        Json::Array(_) | Json::Object(_) => "…".to_owned(),
        other => other.to_string(),
    }
}

/// The SQL that a request carries; none if there is none where it would be.
fn text(at: ApiSql, url: &Url, body: &Body, content: &Content) -> Option<Result<Vec<u8>, String>> {
    let mut found: Option<Vec<u8>> = None;
    let mut add = |text: &[u8]| {
        let all = found.get_or_insert_default();
        if !all.is_empty() {
            all.push(b'\n');
        }
        all.extend_from_slice(text);
    };
    if !at.parameter.is_empty() {
        url.pairs().filter(|(name, _)| name == at.parameter).for_each(|(_, value)| {
            add(value.as_bytes());
        });
        // A form holds it too.
        match body {
            Body::Known(bytes) if !at.whole => {
                let form = str::from_utf8(bytes).unwrap_or_default();
                let found =
                    url::pairs(form).take(MAX_VALUES).filter(|(name, _)| name == at.parameter);
                found.for_each(|(_, value)| add(value.as_bytes()));
            }
            Body::Opaque(why) if !at.whole => return Some(Err(why.clone())),
            _ => {}
        }
    }
    if !at.keys.is_empty() {
        match content {
            Content::Unknown(why) => return Some(Err(why.clone())),
            Content::Nothing => {}
            Content::Json(json) => {
                for value in at.keys.iter().flat_map(|steps| values(json, steps)) {
                    let Some(text) = value.as_str() else { continue };
                    add(text.as_bytes());
                    add(b";");
                }
            }
        }
    }
    if at.whole {
        // Behind an INSERT in the query, the body is data.
        let inserts = found.as_ref().is_some_and(|text| starts(text, b"insert"));
        match body {
            _ if inserts => {}
            Body::None => {}
            Body::Opaque(why) => return Some(Err(why.clone())),
            Body::Known(bytes) => match &mut found {
                Some(text) => {
                    text.push(b'\n');
                    text.extend_from_slice(bytes);
                }
                None => found = Some(bytes.to_vec()),
            },
        }
    }
    found.map(Ok)
}

fn starts(text: &[u8], word: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    text.get(..word.len()).is_some_and(|have| have.eq_ignore_ascii_case(word))
}

/// The operation that a request names, and the service that names it so: in
/// `X-Amz-Target`, or as `Action` in the query or the form that it sends.
pub fn operation(request: &Request, url: &Url) -> Option<String> {
    if let Some(target) = request.header("X-Amz-Target") {
        return target.rsplit('.').next().map(str::to_owned);
    }
    let action = |(name, value): (String, String)| (name == "Action").then_some(value);
    url.pairs().find_map(action).or_else(|| match &request.body {
        Body::Known(bytes) => url::pairs(str::from_utf8(bytes).ok()?).find_map(action),
        Body::None | Body::Opaque(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(url: &str) -> Option<&'static str> {
        find(&url::parse(url).unwrap()).map(|found| found.plane.name)
    }

    #[test]
    fn hosts_are_whole_names() {
        assert_eq!(name("https://api.github.com/x"), Some("github"));
        assert_eq!(name("https://rds.eu-west-1.amazonaws.com/x"), Some("aws"));
        assert_eq!(name("https://api.github.com.evil.test/x"), None);
        assert_eq!(name("https://evilamazonaws.com/x"), None);
        assert_eq!(name("https://example.com/x"), None);
    }

    #[test]
    fn the_most_telling_host_counts() {
        assert_eq!(name("https://search-a.eu-west-1.es.amazonaws.com/a"), Some("elasticsearch"));
        assert_eq!(name("https://data.s3.eu-west-1.amazonaws.com/a"), Some("s3"));
    }

    #[test]
    fn a_port_may_count_before_a_path() {
        assert_eq!(name("https://acme.com/v1/kv/a"), Some("consul"));
        assert_eq!(name("https://acme.com:8200/v1/kv/a"), Some("vault"));
        let sure = |text: &str| find(&url::parse(text).unwrap()).map(|found| found.sure);
        assert_eq!(sure("https://acme.com:8200/v1/kv/a"), Some(false));
        assert_eq!(sure("https://acme.com:8500/v1/kv/a"), Some(true));
        let pods = "https://192.168.49.2:8443/api/v1/namespaces/shop/pods/web-1";
        assert_eq!((name(pods), sure(pods)), (Some("kubernetes"), Some(true)));
        assert_eq!(name("https://acme.com:8443/?query=a"), Some("clickhouse"));
    }

    #[test]
    fn kubernetes_is_known_by_its_paths() {
        let kubernetes = Some("kubernetes");
        assert_eq!(name("https://10.0.0.1/api/v1/namespaces/shop"), kubernetes);
        let deployment = "https://10.0.0.1/apis/apps/v1/namespaces/shop/deployments/web";
        assert_eq!(name(deployment), kubernetes);
        assert_eq!(name("https://10.0.0.1/api/v1/users/3"), None);
    }
}
