//! One set of curl's options, as `--next` divides them: what every URL of the
//! set is sent with. Filled word by word; gives nothing away by itself.

use super::MOST;
use super::body::{Data, Part};
use super::words::Arg;
use crate::parse::http::Detour;
use crate::parse::url;

/// The options of one set.
#[derive(Default)]
pub struct Scope<'a> {
    /// The URLs, each with the file to upload to it.
    pub nodes: Vec<Node<'a>>,
    /// `--request`.
    pub method: Option<Arg<'a>>,
    /// `--head`.
    pub head: bool,
    /// `--get`.
    pub get: bool,
    /// `--globoff`.
    pub glob_off: bool,
    /// `--path-as-is`.
    pub path_as_is: bool,
    /// `--json`, which sets two headers.
    pub json: bool,
    /// `-d` and its kin.
    pub data: Option<Data>,
    /// `--url-query`.
    pub query: Option<Data>,
    /// `-F`.
    pub parts: Vec<Part>,
    /// The headers, names as written.
    pub headers: Vec<(String, String)>,
    /// Why some headers cannot be known.
    pub headers_unread: Option<String>,
    /// Whether an option sends credentials.
    pub credentials: bool,
    /// The name in `--user`.
    pub login: Option<String>,
    /// `--request-target`.
    pub request_target: Option<Arg<'a>>,
    /// `--proto-default`.
    pub default_scheme: Option<Arg<'a>>,
    /// `--quote`.
    pub commands: Vec<String>,
    /// Where the connection goes instead.
    pub detours: Vec<Detour>,
    /// Whether it has more URLs than are followed.
    pub too_many: bool,
}

/// A URL and what is uploaded to it.
#[derive(Default)]
pub struct Node<'a> {
    /// The URL, or a pattern of several.
    pub url: Option<Arg<'a>>,
    /// `--upload-file`.
    pub upload: Option<Arg<'a>>,
}

impl<'a> Scope<'a> {
    /// Adds a URL: to the first upload without one, else by itself.
    pub fn add_url(&mut self, url: Arg<'a>) {
        let full = self.nodes.len() >= MOST;
        match self.nodes.iter_mut().find(|node| node.url.is_none()) {
            Some(node) => node.url = Some(url),
            None if full => self.too_many = true,
            None => self.nodes.push(Node { url: Some(url), upload: None }),
        }
    }

    fn add_upload(&mut self, upload: Arg<'a>) {
        let full = self.nodes.len() >= MOST;
        match self.nodes.iter_mut().find(|node| node.upload.is_none()) {
            Some(node) => node.upload = Some(upload),
            None if full => self.too_many = true,
            None => self.nodes.push(Node { url: None, upload: Some(upload) }),
        }
    }

    /// Adds a header as `-H` writes it: `Name: value`, `Name;` for an empty
    /// one, `Name:` to leave one out.
    pub fn add_header(&mut self, line: &Arg<'a>) {
        let text = line.lossy();
        if let Some((name, value)) = text.split_once(':') {
            let (name, value) = (name.trim(), value.trim());
            if !value.is_empty() {
                self.headers.push((name.to_owned(), value.to_owned()));
            }
        } else if let Some(name) = text.trim_end().strip_suffix(';') {
            self.headers.push((name.to_owned(), String::new()));
        } else if line.dynamic {
            self.headers_unread = Some("a header is computed at run time".to_owned());
        }
    }

    /// Applies a flag, by its long name.
    pub fn flag(&mut self, name: &str, on: bool) {
        match name {
            "--head" => self.head = on,
            "--get" => self.get = on,
            "--globoff" => self.glob_off = on,
            "--path-as-is" => self.path_as_is = on,
            "--netrc" | "--netrc-optional" | "--negotiate" | "--ntlm" => self.credentials |= on,
            _ => {}
        }
    }

    /// Applies an option with a value, by its long name.
    pub fn value(&mut self, name: &'static str, value: Arg<'a>) {
        match name {
            "--request" => self.method = Some(value),
            "--upload-file" => self.add_upload(value),
            "--request-target" => self.request_target = Some(value),
            "--proto-default" => self.default_scheme = Some(value),
            "--quote" => self.commands.push(value.lossy().into_owned()),
            "--oauth2-bearer" => {
                self.headers
                    .push(("Authorization".to_owned(), format!("Bearer {}", value.lossy())));
            }
            "--cookie" => self.credentials |= !value.text.is_empty(),
            "--user" => {
                self.credentials = true;
                let text = value.lossy();
                let name = text.split_once(':').map_or(&*text, |(name, _)| name);
                self.login = Some(name.to_owned()).filter(|_| !value.dynamic);
            }
            "--aws-sigv4" | "--cert" | "--netrc-file" => self.credentials = true,
            "--unix-socket" | "--abstract-unix-socket" => {
                let place = value.lossy().into_owned();
                self.detours.push(Detour { source: name, place, local: true });
            }
            "--connect-to" => self.detour(name, connect_to(&value.lossy())),
            "--resolve" => self.detour(name, resolve(&value.lossy())),
            "--proxy" | "--preproxy" | "--proxy1.0" | "--socks4" | "--socks4a" | "--socks5"
            | "--socks5-hostname" => {
                let proxy = url::parse(&value.lossy()).map(|url| url.host);
                self.detour(name, proxy);
            }
            _ => {}
        }
    }

    fn detour(&mut self, source: &'static str, host: Option<String>) {
        let Some(place) = host else { return };
        let local = url::is_loopback(&place);
        self.detours.push(Detour { source, place, local });
    }
}

/// `HOST1:PORT1:HOST2:PORT2` → HOST2, if it is given.
fn connect_to(text: &str) -> Option<String> {
    let rest = behind_host(text)?.split_once(':')?.1;
    let host = match rest.strip_prefix('[') {
        Some(address) => address.split_once(']')?.0,
        None => rest.split(':').next()?,
    };
    url::parse(&bracketed(host)).map(|url| url.host)
}

/// `[+]HOST:PORT:ADDR[,ADDR]` → the first address, or all of them if one is
/// not this machine's.
fn resolve(text: &str) -> Option<String> {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let addresses = behind_host(text)?.split_once(':')?.1;
    let mut hosts = addresses
        .split(',')
        .map(|address| address.trim_matches(['[', ']']))
        .filter_map(|address| url::parse(&bracketed(address)).map(|url| url.host));
    let first = hosts.next()?;
    Some(hosts.find(|host| !url::is_loopback(host)).unwrap_or(first))
}

/// What follows `HOST:`, the host perhaps in brackets or empty.
fn behind_host(text: &str) -> Option<&str> {
    match text.strip_prefix('[') {
        Some(rest) => rest.split_once("]:").map(|(_, rest)| rest),
        None => text.split_once(':').map(|(_, rest)| rest),
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_connection_really_goes() {
        assert_eq!(connect_to("::127.0.0.1:8080").as_deref(), Some("127.0.0.1"));
        assert_eq!(connect_to("a.test:443:b.test:443").as_deref(), Some("b.test"));
        assert_eq!(connect_to("[::1]:443:[2001:db8::1]:443").as_deref(), Some("2001:db8::1"));
        assert_eq!(connect_to("a.test:443::8443"), None);
        assert_eq!(resolve("a.test:443:127.0.0.1").as_deref(), Some("127.0.0.1"));
        assert_eq!(resolve("+a.test:443:127.0.0.1,10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(resolve("a.test:443:[::1]").as_deref(), Some("::1"));
        assert_eq!(resolve("-a.test:443"), None);
    }
}
