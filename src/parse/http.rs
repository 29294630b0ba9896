//! An HTTP request as values: what a client would send, before it is sent.

use std::sync::Arc;

/// One request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The method, upper case unless the client was told otherwise.
    pub method: String,
    /// The URL as the client would use it.
    pub url: String,
    /// The headers that the command sets, in order, names as written.
    pub headers: Vec<(String, String)>,
    /// Whether credentials go with it (a header, `--user`, a cookie, a
    /// netrc file, a client certificate, or userinfo in the URL).
    pub authenticated: bool,
    /// The body.
    pub body: Body,
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

impl Request {
    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}
