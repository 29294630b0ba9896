//! An HTTP request as values: what a client would send, before it is sent.

use std::sync::Arc;

use super::url::{self, Url};

/// One request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The method, upper case unless the client was told otherwise.
    pub method: String,
    /// The URL as the client would use it, without user and password.
    pub url: String,
    /// The headers that the command sets, in order, names as written.
    pub headers: Vec<(String, String)>,
    /// Whether credentials go with it (a header, `--user`, a cookie, a
    /// netrc file, a client certificate, or userinfo in the URL).
    pub authenticated: bool,
    /// The user name that goes with it, where an option gives one: some APIs
    /// take a key there. Never shown.
    pub login: Option<String>,
    /// The body.
    pub body: Body,
    /// Where the connection goes instead of to the URL's host.
    pub detours: Vec<Detour>,
    /// Why the URL is not the whole truth, if it is not: a clause
    /// (`part of the URL is computed at run time`).
    pub gap: Option<String>,
}

/// A request's body.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// None.
    #[default]
    None,
    /// These bytes.
    Known(Arc<[u8]>),
    /// It cannot be read, and why.
    Opaque(String),
}

/// Something that makes a connection go elsewhere than to the URL's host: a
/// proxy, a socket, an address given for the name. Says nothing about whose
/// API answers; that is the URL's host's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detour {
    /// The option or variable: `--connect-to`, `http_proxy`.
    pub source: &'static str,
    /// The host, address or socket path that it leads to, without secrets.
    pub place: String,
    /// Whether that is on this machine and nothing of it leaves.
    pub local: bool,
}

impl Request {
    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether credentials go with it: those that its maker saw, a header
    /// that carries one, or a secret in the query.
    pub fn carries_credentials(&self) -> bool {
        self.authenticated
            || self.headers.iter().any(|(name, _)| is_credential(name))
            || self.parts().is_some_and(|url| {
                url.has_user || url.pairs().any(|(name, _)| url::is_secret(&name))
            })
    }

    /// The key that goes with it as a user name or a bearer's token, if its
    /// text can be seen. Never to be shown.
    pub fn key(&self) -> Option<&str> {
        let bearer = self.header("Authorization").and_then(|text| {
            let (scheme, token) = text.trim().split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        bearer.or(self.login.as_deref())
    }

    /// The URL's parts, if it has a host.
    pub fn parts(&self) -> Option<Url> {
        url::parse(&self.url)
    }

    /// The method that the server would go by: headers that override it, and
    /// the `_method` of a form, count as several frameworks take them.
    /// Upper case.
    pub fn effective_method(&self) -> String {
        const OVERRIDES: &[&str] =
            &["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"];
        let own = first_method(&self.method);
        if let Some(header) = OVERRIDES.iter().find_map(|name| self.header(name)) {
            return header.trim().to_ascii_uppercase();
        }
        if matches!(own.as_str(), "GET" | "HEAD" | "OPTIONS") {
            return own;
        }
        let in_query = self.url.split_once('?').and_then(|(_, query)| form_method(query));
        let in_body = || match &self.body {
            Body::Known(bytes) => str::from_utf8(bytes).ok().and_then(form_method),
            Body::None | Body::Opaque(_) => None,
        };
        in_query.or_else(in_body).unwrap_or(own)
    }
}

/// The method that a text begins with. Blanks and line ends in it would make
/// it more than one request: then a DELETE anywhere counts.
fn first_method(text: &str) -> String {
    let text = text.to_ascii_uppercase();
    let mut words = text.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    let deletes = words.any(|word| word == "DELETE");
    if deletes { "DELETE".to_owned() } else { first.to_owned() }
}

/// Whether a header of this name carries credentials: `Authorization`,
/// `Cookie`, `X-Api-Key`, `PRIVATE-TOKEN` and the like.
fn is_credential(name: &str) -> bool {
    const WORDS: &[&str] =
        &["auth", "token", "cookie", "secret", "signature", "credential", "session", "apikey"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
        || (name.split('-').any(|word| word == "key") && name != "idempotency-key")
}

/// The `_method` of a form-encoded text.
fn form_method(text: &str) -> Option<String> {
    url::pairs(text)
        .find(|(name, _)| name == "_method")
        .map(|(_, value)| value.trim().to_ascii_uppercase())
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(url: &str, body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            url: url.to_owned(),
            body: Body::Known(body.as_bytes().into()),
            ..Request::default()
        }
    }

    #[test]
    fn overrides_of_the_method_count() {
        let mut request = post("https://x.test/", "");
        assert_eq!(request.effective_method(), "POST");
        request.headers.push(("x-http-method-override".to_owned(), " delete".to_owned()));
        assert_eq!(request.effective_method(), "DELETE");
        assert_eq!(post("https://x.test/?_method=delete", "").effective_method(), "DELETE");
        assert_eq!(post("https://x.test/", "a=1&_method=DELETE").effective_method(), "DELETE");
        assert_eq!(post("https://x.test/", "%5fmethod=DELETE").effective_method(), "DELETE");
        assert_eq!(post("https://x.test/", "_m=DELETE").effective_method(), "POST");
        let mut two = post("https://x.test/", "");
        two.method = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\nDELETE".to_owned();
        assert_eq!(two.effective_method(), "DELETE");
    }

    #[test]
    fn credentials_are_seen_wherever_they_stand() {
        let with = |name: &str| Request {
            headers: vec![(name.to_owned(), "x".to_owned())],
            ..post("https://x.test/", "")
        };
        for name in
            ["authorization", "X-API-Key", "Cookie", "PRIVATE-TOKEN", "x-amz-security-token"]
        {
            assert!(with(name).carries_credentials(), "{name}");
        }
        for name in ["Content-Type", "Idempotency-Key", "X-Keyboard", "Accept"] {
            assert!(!with(name).carries_credentials(), "{name}");
        }
        assert!(post("https://x.test/?access_token=1", "").carries_credentials());
        assert!(post("https://ana:pw@x.test/", "").carries_credentials());
        assert!(!post("https://x.test/?page=1", "").carries_credentials());
    }

    #[test]
    fn a_get_is_a_get_whatever_its_query_says() {
        let request = Request {
            method: "get".to_owned(),
            url: "https://x.test/?_method=delete".to_owned(),
            ..Request::default()
        };
        assert_eq!(request.effective_method(), "GET");
    }
}
