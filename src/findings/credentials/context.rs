//! Credentials without a shape of their own, by what stands around them: keys
//! in PEM, passwords in URIs, AWS's secret keys, kubeconfigs' keys, and
//! Railway's tokens, which are bare UUIDs.

use std::ops::Range;

use super::Secret;
use super::made_up::{UUID, is_common, is_placeholder, is_random, is_uuid};
use crate::findings::parts;

/// The fewest characters of a key that is no stand-in.
const LEAST_KEY: usize = 100;

/// Names whose value is a token of Railway's.
const RAILWAY: &[&str] =
    &["RAILWAY_TOKEN", "RAILWAY_API_TOKEN", "project-access-token", "Project-Access-Token"];

/// Where Railway's API lives.
const RAILWAY_HOST: &str = "backboard.railway";

/// How far from the host's name a token of its may stand, in bytes.
const NEAR: usize = 300;

/// How far in front of a UUID a word may stand that makes a token of it.
const WORD_NEAR: usize = 60;

/// Hosts that nobody's data is on.
const NOWHERE: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    "example.io",
    "acme.com",
    "domain.com",
    "host.com",
    "server.com",
    "mydomain.com",
    "docker.internal",
    "company.com",
    "yourdomain.com",
];

/// Top-level names that are no public host's.
const NOT_PUBLIC: &[&str] = &["example", "invalid", "localhost", "test"];

/// A private key that is no stand-in.
pub(super) fn private_key(value: &str, at: usize) -> Option<Secret<'_>> {
    let body = value.split("-----").nth(2)?;
    let body = body.replace("\\n", "\n");
    let signs = body.bytes().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let real = signs >= LEAST_KEY && !body.contains("...") && !body.contains('…');
    let what = "a private key";
    real.then_some(Secret { rule: "credentials/private-key", what, at, value, shown: false })
}

/// A password in a URI whose host is somebody's.
pub(super) fn uri<'t>(text: &'t str, value: &'t str, at: usize) -> Option<Secret<'t>> {
    let behind = text.get(at + value.len()..)?.strip_prefix('@')?;
    let end =
        behind.find(|letter: char| letter.is_whitespace() || "/?#'\"`<>),;:\\".contains(letter));
    let host = behind.get(..end.unwrap_or(behind.len()))?.to_ascii_lowercase();
    let user = text.get(..at)?.rsplit("://").next()?.trim_end_matches(':');
    let made_up = is_common(value)
        || is_placeholder(value)
        || value.eq_ignore_ascii_case(user)
        || value.contains(['/', ' '])
        || !is_public(&host);
    let what = "a password in a URI";
    (!made_up).then_some(Secret { rule: "credentials/uri", what, at, value, shown: false })
}

/// Whether a host is one that others reach, and none of the documentation's.
fn is_public(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    if !host.contains('.') || NOT_PUBLIC.contains(&last) || host.contains(['$', '{', '%', '*']) {
        return false;
    }
    if let Ok(address) = host.parse::<std::net::Ipv4Addr>() {
        return !(address.is_loopback() || address.is_unspecified() || address.is_documentation());
    }
    !NOWHERE.iter().any(|name| {
        host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Adds what shows by the words around it.
pub(super) fn find<'t>(path: &str, text: &'t str, found: &mut Vec<Secret<'t>>) {
    aws(text, found);
    kubeconfig(text, found);
    railway(path, text, found);
}

/// What stands behind a name: in quotes, or up to a blank.
fn value_behind(text: &str, at: usize) -> Option<(usize, &str)> {
    let rest = text.get(at..)?;
    let line = rest.split(['\n', '\r']).next()?;
    let blank = |letter: char| letter == ' ' || letter == '\t' || "\"'`]),".contains(letter);
    let sign = line.trim_start_matches(blank);
    let sign = sign.strip_prefix("=>").or_else(|| sign.strip_prefix(['=', ':']))?;
    let value = sign.trim_start_matches([' ', '\t', '"', '\'', '`', '(']);
    let start = at + (line.len() - value.len());
    let end = value.find(|letter: char| letter.is_whitespace() || "\"'`,;)}\\&".contains(letter));
    let value = value.get(..end.unwrap_or(value.len()))?;
    (!value.is_empty()).then_some((start, value))
}

/// The places of a name in a text, in either case, where it ends as a word.
fn places<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let at = |at: usize| at + name.len();
    text.match_indices(name).map(move |(found, _)| at(found)).filter(move |end| {
        let next = text.get(*end..).and_then(|rest| rest.chars().next());
        !next.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

/// An AWS access key's id, if the secret that makes it of use is near: by
/// itself it is a name, and nobody's secret.
pub(super) fn aws_pair<'t>(text: &'t str, id: &'t str, place: Range<usize>) -> Option<Secret<'t>> {
    let from = text.floor_char_boundary(place.start.saturating_sub(NEAR));
    let to = text.floor_char_boundary(place.end.saturating_add(NEAR).min(text.len()));
    let around = text.get(from..to)?;
    let mut words = around.split(|letter: char| !letter.is_ascii() || !is_key_byte(letter as u8));
    let near = words.any(is_aws_secret);
    let what = "an AWS access key with its secret";
    let secret = Secret { rule: "credentials/aws", what, at: place.start, value: id, shown: true };
    (near && !is_placeholder(id)).then_some(secret)
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/".contains(&byte)
}

/// Whether a word looks like an AWS secret key, and not like a hash.
fn is_aws_secret(word: &str) -> bool {
    word.len() == 40
        && word.bytes().all(is_key_byte)
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && is_random(word)
        && !is_placeholder(word)
}

fn aws<'t>(text: &'t str, found: &mut Vec<Secret<'t>>) {
    const NAMES: &[&str] = &[
        "aws_secret_access_key",
        "AWS_SECRET_ACCESS_KEY",
        "secretAccessKey",
        "SecretAccessKey",
        "secret_access_key",
        "aws_secret_key",
    ];
    for end in NAMES.iter().flat_map(|name| places(text, name)) {
        let Some((at, value)) = value_behind(text, end) else { continue };
        if is_aws_secret(value) {
            let what = "an AWS secret key";
            found.push(Secret { rule: "credentials/aws", what, at, value, shown: false });
        }
    }
}

fn kubeconfig<'t>(text: &'t str, found: &mut Vec<Secret<'t>>) {
    for end in places(text, "client-key-data") {
        let Some((at, value)) = value_behind(text, end) else { continue };
        if value.len() >= LEAST_KEY && !is_placeholder(value.get(..40).unwrap_or_default()) {
            let what = "a client's key for a cluster";
            found.push(Secret { rule: "credentials/kubeconfig", what, at, value, shown: false });
        }
    }
}

/// Railway's tokens: a UUID behind one of their names, in the CLI's own
/// settings, or behind a word for a token near the API's host.
fn railway<'t>(path: &str, text: &'t str, found: &mut Vec<Secret<'t>>) {
    let what = "a Railway token";
    let rule = "credentials/railway";
    for end in RAILWAY.iter().flat_map(|name| places(text, name)) {
        let Some((at, value)) = value_behind(text, end) else { continue };
        if is_uuid(value) {
            found.push(Secret { rule, what, at, value, shown: true });
        }
    }
    let parts = parts(path);
    if parts.ends_with(&[".railway".to_owned(), "config.json".to_owned()]) {
        let names = ["\"token\"", "\"accessToken\"", "\"refreshToken\""];
        for end in
            names.iter().flat_map(|name| text.match_indices(name).map(|(at, _)| at + name.len()))
        {
            let Some((at, value)) = value_behind(text, end) else { continue };
            if value.len() >= 20 && !is_placeholder(value) {
                found.push(Secret { rule, what, at, value, shown: true });
            }
        }
    }
    if !text.contains(RAILWAY_HOST) {
        return;
    }
    let hosts: Vec<usize> = text.match_indices(RAILWAY_HOST).map(|(at, _)| at).take(200).collect();
    for (at, value) in uuids(text) {
        let close = hosts.iter().any(|host| host.abs_diff(at) <= NEAR);
        if !close {
            continue;
        }
        let from = text.floor_char_boundary(at.saturating_sub(WORD_NEAR));
        let before = text.get(from..at).unwrap_or_default().to_ascii_lowercase();
        // The nearest word decides: `token: …, volumeId: …` has an id last.
        let last = before.rfind('\n').map_or(0, |at| at + 1);
        let word = before.get(last..).unwrap_or_default();
        let named = ["bearer ", "bearer: ", "token"].iter().filter_map(|it| word.rfind(it)).max();
        let id = ["id\"", "id:", "id\\", "id="].iter().filter_map(|it| word.rfind(it)).max();
        if named.is_some() && named > id {
            found.push(Secret { rule, what, at, value, shown: true });
        }
    }
}

/// The UUIDs in a text.
fn uuids(text: &str) -> impl Iterator<Item = (usize, &str)> {
    // Their first dash stands behind eight digits.
    text.match_indices('-').filter_map(|(dash, _)| {
        let at = dash.checked_sub(8)?;
        let value = text.get(at..at + UUID)?;
        let edge = |letter: Option<char>| letter.is_none_or(|it| !it.is_alphanumeric());
        let clear = edge(text.get(..at)?.chars().next_back())
            && edge(text.get(at + UUID..)?.chars().next());
        (clear && is_uuid(value)).then_some((at, value))
    })
}
