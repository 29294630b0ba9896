//! URLs → parts, as HTTP clients split them: forgiving about the scheme's
//! slashes, with the host in the one spelling that stands for it (lower case,
//! no trailing dot, percent signs decoded, numeric addresses written out).
//! Checked against curl 7.88.1. Never resolves a name.

mod host;

use std::borrow::Cow;

pub use host::is_loopback;

/// A URL, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// The scheme, lower case; `http` where none was written.
    pub scheme: String,
    /// Whether a user name or password, be it empty, stands in front of the
    /// host.
    pub has_user: bool,
    /// The host: lower case, without brackets, zone or trailing dot.
    pub host: String,
    /// Whether the host has letters that a client may replace by others
    /// before it looks the name up, so that `host` may not be where it goes.
    pub host_unclear: bool,
    /// The port, if one was written.
    pub port: Option<u16>,
    /// The path, from its first slash; `/` where none was written.
    pub path: String,
    /// What follows the question mark.
    pub query: Option<String>,
}

/// Schemes that a client guesses from a host's first label.
const GUESSED: &[&str] = &["ftp", "dict", "ldap", "imap", "smtp", "pop3"];

/// Takes a URL apart. Gives nothing for a text without a host.
pub fn parse(text: &str) -> Option<Url> {
    let text = text.trim_matches(|letter: char| letter.is_ascii_whitespace());
    let (scheme, rest) = match split_scheme(text) {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, text),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (rest, None),
    };
    let (has_user, host_port) = match authority.rsplit_once('@') {
        Some((_, host_port)) => (true, host_port),
        None => (false, authority),
    };
    let (host, port) = split_port(host_port);
    let (host, host_unclear) = host::normal(host);
    if host.is_empty() && scheme.as_deref() != Some("file") {
        return None;
    }
    let scheme = scheme.unwrap_or_else(|| {
        let label = host.split('.').next().unwrap_or_default();
        let guessed = host.contains('.').then(|| GUESSED.iter().find(|guess| **guess == label));
        guessed.flatten().copied().unwrap_or("http").to_owned()
    });
    let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    Some(Url { scheme, has_user, host, host_unclear, port, path, query })
}

/// `scheme:` with one to three slashes, and what follows them.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut letters = scheme.bytes();
    let starts = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
    if !starts || !letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
        return None;
    }
    let rest = rest.strip_prefix('/')?;
    if scheme.eq_ignore_ascii_case("file") {
        return Some((scheme, rest.strip_prefix('/').unwrap_or(rest)));
    }
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    Some((scheme, rest.strip_prefix('/').unwrap_or(rest)))
}

/// A host and its port: `[::1]:80`, `db:5432`.
fn split_port(text: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, port.parse().ok())
        }
        _ => (text, None),
    }
}

impl Url {
    /// The URL without user, password and fragment, as a client would use it.
    pub fn to_text(&self) -> String {
        let mut out = format!("{}://", self.scheme);
        if self.host.contains(':') {
            out.push('[');
            out.push_str(&self.host);
            out.push(']');
        } else {
            out.push_str(&self.host);
        }
        if let Some(port) = self.port {
            out.push(':');
            out.push_str(&port.to_string());
        }
        out.push_str(&self.path);
        if let Some(query) = &self.query {
            out.push('?');
            out.push_str(query);
        }
        out
    }

    /// The path, and the query with the values of secrets left out: fit to be
    /// shown and recorded.
    pub fn shown_path(&self) -> String {
        let mut out = self.path.clone();
        for (place, pair) in self.query.iter().flat_map(|query| query.split('&')).enumerate() {
            out.push(if place == 0 { '?' } else { '&' });
            match pair.split_once('=') {
                Some((name, _)) if is_secret(name) => {
                    out.push_str(name);
                    out.push_str("=…");
                }
                _ => out.push_str(pair),
            }
        }
        out
    }

    /// The query's names and values, decoded.
    pub fn pairs(&self) -> impl Iterator<Item = (String, String)> + '_ {
        pairs(self.query.as_deref().unwrap_or_default())
    }
}

/// Names and values of a form-encoded text (a query, or a form's body),
/// decoded.
pub fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (form_decode(name), form_decode(value))
    })
}

fn form_decode(text: &str) -> String {
    let spaced = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { text.into() };
    String::from_utf8_lossy(&percent_decode(&spaced)).into_owned()
}

/// The bytes that a percent-encoded text stands for; what is no proper
/// escape stays.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        match (byte, ahead.next().and_then(hex), ahead.next().and_then(hex)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    out
}

/// A text percent-encoded: all but letters, digits and `-._~`, as curl's
/// `curl_easy_escape` does it.
pub fn percent_encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A path with its `.` and `..` segments resolved, as clients resolve them
/// before they send it.
pub fn without_dots(path: &str) -> String {
    if !path.contains("/.") {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            other => {
                kept.push(other);
                continue;
            }
        }
        if last {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

/// Whether a query parameter of this name carries a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    const WORDS: &[&str] = &[
        "token",
        "secret",
        "password",
        "passwd",
        "pwd",
        "signature",
        "credential",
        "apikey",
        "api_key",
        "api-key",
        "jwt",
        "session",
    ];
    const WHOLE: &[&str] = &["key", "sig", "auth", "code", "pass", "access_key", "private_key"];
    WORDS.iter().any(|word| name.contains(word)) || WHOLE.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url() {
        let url = parse("HTTPS://ana:pw@API.Example.COM.:8443/v1/x?a=1&b=2#frag").unwrap();
        assert_eq!(url.scheme, "https");
        assert!(url.has_user);
        assert_eq!(url.host, "api.example.com");
        assert_eq!(url.port, Some(8443));
        assert_eq!(url.path, "/v1/x");
        assert_eq!(url.query.as_deref(), Some("a=1&b=2"));
        assert_eq!(url.to_text(), "https://api.example.com:8443/v1/x?a=1&b=2");
    }

    #[test]
    fn dots_are_resolved() {
        for (written, sent) in [
            ("/a/../b", "/b"),
            ("/a/./b/", "/a/b/"),
            ("/../../x", "/x"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/.hidden/x", "/.hidden/x"),
            ("/", "/"),
        ] {
            assert_eq!(without_dots(written), sent);
        }
    }

    #[test]
    fn secrets_of_a_query_are_not_shown() {
        let url = parse("https://x.test/a?access_token=hunter2&page=3&sig=zzz&flag").unwrap();
        assert_eq!(url.shown_path(), "/a?access_token=…&page=3&sig=…&flag");
    }

    #[test]
    fn schemes_are_guessed_as_curl_does() {
        assert_eq!(parse("ftp.example.com/x").unwrap().scheme, "ftp");
        assert_eq!(parse("example.com").unwrap().scheme, "http");
        assert_eq!(parse("localhost:8080/x").unwrap().port, Some(8080));
        assert_eq!(parse("file:///etc/hosts").unwrap().path, "/etc/hosts");
    }

    #[test]
    fn odd_texts_do_not_panic() {
        for text in
            ["", "://", "http://", "@", "http://@", "[", "http://[::1", "%", "é:/x", "a:b:c"]
        {
            let _ =
                parse(text).map(|url| (url.to_text(), url.shown_path(), is_loopback(&url.host)));
        }
    }
}
