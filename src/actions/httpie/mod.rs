//! Reads the words of httpie (`http`, `https`) and of xh, which has the same
//! grammar, as the request that they would send; what it does is
//! [`http_api`]'s. Standard input is read only where what it says matters.
//!
//! httpie 3.2.4, `cli/argparser.py`: a first word of letters alone is the
//! method, else the method is guessed; `--no-OPTION` takes an option back
//! wherever it stands; `default_options` of the settings file come first.

mod body;
mod items;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Call, Handed, Reading, TEXT_LIMIT, http_api};
use crate::action::{Action, Effect};
use crate::invocation::{Input, Invocation, Stdin};
use crate::parse::argv::{self, Given, Parsed, Value, Word};
use crate::parse::http::{Body, Detour, Request};
use crate::parse::url;
use crate::target;
use crate::world::ReadError;
use items::{Item, Separator};

/// The longest settings file that is read, in bytes.
const MAX_FILE: usize = 1 << 20;

/// Reads a call of httpie or xh.
pub fn read(call: &Call<'_>) -> Reading {
    reading(call, None)
}

/// The request that it would send, for those who want to see it.
pub fn requests(call: &Call<'_>) -> Vec<Request> {
    let mut sent = Vec::new();
    reading(call, Some(&mut sent));
    sent
}

fn reading(call: &Call<'_>, sent: Option<&mut Vec<Request>>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if ["--help", "--version", "--manual"].iter().any(|name| parsed.has(name)) {
        return Reading::default();
    }
    let defaults = defaults(call);
    let own = defaults.as_ref().ok().and_then(Option::as_ref);
    let before = own.map(|own| argv::parse(call.tool, own, false));
    let mut run = Run {
        call,
        options: Vec::new(),
        raw: false,
        no_input: false,
        handed: Vec::new(),
        unread: None,
    };
    if let Err(why) = &defaults {
        run.unread = Some(why.clone());
    }
    if before.as_ref().is_some_and(|parsed| !parsed.positionals.is_empty()) {
        run.unread = Some("its settings file holds more than options".to_owned());
    }
    let taken_back = taken_back(&parsed);
    let given = before.iter().flat_map(|parsed| parsed.options.iter().map(|given| (given, false)));
    let all: Vec<(&Given<'_>, bool)> =
        given.chain(parsed.options.iter().map(|given| (given, true))).collect();
    let is_given = |name: &str| all.iter().any(|(given, _)| given.option.is(name));
    run.raw = is_given("--raw");
    run.no_input = is_given("--ignore-stdin");
    run.options = all
        .into_iter()
        .filter(|(given, _)| !taken_back.iter().any(|name| given.option.is(name)))
        .collect();
    run.request(&parsed, sent)
}

/// The options that `--no-OPTION`s take back.
fn taken_back(parsed: &Parsed<'_>) -> Vec<String> {
    let texts = parsed.unknown.iter().map(|word| word.text.to_string_lossy().into_owned());
    texts.filter_map(|text| text.strip_prefix("--no-").map(|name| format!("--{name}"))).collect()
}

/// The options in the tool's settings file, as words of a command.
///
/// # Errors
/// Says why they cannot be known.
fn defaults(call: &Call<'_>) -> Result<Option<Invocation>, String> {
    let context = call.context;
    let dir = |name: &str| context.var(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let xdg = || {
        dir("XDG_CONFIG_HOME").or_else(|| Some(PathBuf::from(context.var("HOME")?).join(".config")))
    };
    let folder = if call.tool.name == "xh" {
        dir("XH_CONFIG_DIR").or_else(|| Some(xdg()?.join("xh")))
    } else {
        let old = context.var("HOME").map(|home| PathBuf::from(home).join(".httpie"));
        dir("HTTPIE_CONFIG_DIR")
            .or_else(|| old.filter(|old| context.world.is_dir(old)))
            .or_else(|| Some(xdg()?.join("httpie")))
    };
    let Some(path) = folder.map(|folder| folder.join("config.json")) else { return Ok(None) };
    let text = match context.read(&path, MAX_FILE) {
        Ok(text) => text,
        Err(ReadError::Missing | ReadError::Failed(_)) => return Ok(None),
        Err(why) => return Err(format!("{}: {why}", path.display())),
    };
    let json: serde_json::Value =
        serde_json::from_slice(&text).map_err(|_| format!("{} is not JSON", path.display()))?;
    let Some(options) = json.get("default_options").and_then(|all| all.as_array()) else {
        return Ok(None);
    };
    let words = options.iter().filter_map(|one| one.as_str());
    Ok(Some(Invocation::new([call.tool.name].into_iter().chain(words))))
}

/// A call that is being read.
struct Run<'a, 'p> {
    call: &'a Call<'a>,
    /// The options, and whether they stand in the command itself.
    options: Vec<(&'p Given<'p>, bool)>,
    /// Whether `--raw` was given, and `--ignore-stdin`: httpie looks at these
    /// two before it takes options back.
    raw: bool,
    no_input: bool,
    handed: Vec<Handed>,
    /// Why something that counts cannot be known.
    unread: Option<String>,
}

impl Run<'_, '_> {
    fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| given.option.is(name))
    }

    fn value(&self, name: &str) -> Option<Value<'_>> {
        let found = self.options.iter().rev().find(|(given, _)| given.option.is(name))?;
        found.0.value
    }

    fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(|value| value.text.to_string_lossy().into_owned())
    }

    fn request(mut self, parsed: &Parsed<'_>, log: Option<&mut Vec<Request>>) -> Reading {
        let words = &parsed.positionals;
        let (method, at) = match words.first() {
            Some(first) if words.len() > 1 && is_method(first) => (Some(first), 1),
            _ => (None, 0),
        };
        let Some(url) = words.get(at) else { return Reading::default() };
        let unsent = ["--offline", "--curl", "--curl-long"].iter().any(|name| self.has(name));
        if unsent || url.text.is_empty() {
            return Reading::default();
        }
        let items: Vec<Item> =
            words.get(at + 1..).unwrap_or_default().iter().filter_map(items::read).collect();
        let mut request = Request {
            url: self.url(url, &items),
            gap: url.dynamic.then(|| "part of its URL is computed at run time".to_owned()),
            ..Request::default()
        };
        self.credentials(&mut request);
        for item in &items {
            self.header(item, &mut request);
        }
        let has_data = items.iter().any(Item::is_data) || self.raw;
        if let Some(word) = method {
            request.method = word.text.to_string_lossy().to_ascii_uppercase();
            if word.dynamic {
                self.unread = Some("its method is computed at run time".to_owned());
            }
        } else {
            request.method = if has_data { "POST" } else { "GET" }.to_owned();
        }
        self.netrc(&mut request);
        if self.raw && !self.has("--raw") && !items.iter().any(Item::is_data) {
            // Taken back after the method was guessed by it: nothing is sent.
        } else if has_data {
            request.body = self.data(&items, &mut request);
        } else if method.is_some() {
            request.body = self.standard_input(&request);
        } else if let Some(sent) = self.sent_from_input(&request) {
            request = sent;
        }
        if let Some(log) = log {
            log.push(request.clone());
        }
        self.finish(&request)
    }

    /// What an unnamed method comes to where something is on standard input:
    /// a POST of that.
    fn sent_from_input(&self, request: &Request) -> Option<Request> {
        if self.no_input {
            return None;
        }
        let body = Body::Opaque("standard input, not read".to_owned());
        let post = Request { method: "POST".to_owned(), body, ..request.clone() };
        let found = http_api::read(&post, self.call.context);
        let plain = |action: &Action| action.effect <= Effect::Write && action.flags.is_empty();
        if found.actions.iter().all(plain) {
            let piped = !matches!(self.call.context.invocation.stdin, Stdin::Inherited);
            return piped.then_some(post);
        }
        match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => None,
            Input::Text(text) => Some(Request { body: sent(text), ..post }),
            Input::Opaque(why) => {
                Some(Request { body: Body::Opaque(format!("it comes from {why}")), ..post })
            }
        }
    }

    fn standard_input(&self, request: &Request) -> Body {
        if self.no_input || matches!(request.method.as_str(), "GET" | "HEAD") {
            return Body::None;
        }
        if !http_api::reads_body(request) {
            return Body::None;
        }
        match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => Body::None,
            Input::Text(text) => sent(text),
            Input::Opaque(why) => Body::Opaque(format!("it comes from {why}")),
        }
    }

    /// The URL with its scheme and the query of the items.
    fn url(&self, word: &Word<'_>, items: &[Item]) -> String {
        let written = word.text.to_string_lossy();
        let written = written.strip_prefix("://").unwrap_or(&written);
        let secure = matches!(self.call.context.invocation.tool(), "https" | "xhs");
        let scheme = match self.text("--default-scheme") {
            _ if secure || self.has("--https") => "https".to_owned(),
            Some(scheme) => scheme,
            None => "http".to_owned(),
        };
        let has_scheme = written.split_once("://").is_some_and(|(scheme, _)| {
            scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte))
        });
        let mut whole = match written.strip_prefix(':') {
            _ if has_scheme => written.to_owned(),
            Some(rest) if rest.starts_with(|it: char| it.is_ascii_digit()) => {
                format!("{scheme}://localhost:{rest}")
            }
            Some(rest) if !rest.starts_with(':') => format!("{scheme}://localhost{rest}"),
            _ => format!("{scheme}://{written}"),
        };
        if let Some((before, _)) = whole.split_once('#') {
            whole = before.to_owned();
        }
        for item in items.iter().filter(|item| item.separator == Separator::Query) {
            whole.push(if whole.contains('?') { '&' } else { '?' });
            whole.push_str(&encoded(&item.name));
            whole.push('=');
            whole.push_str(&encoded(&item.value));
        }
        whole
    }

    fn credentials(&self, request: &mut Request) {
        let has_user = request.parts().is_some_and(|url| url.has_user);
        let options = ["--auth", "--session", "--session-read-only", "--cert", "--bearer"];
        request.authenticated = has_user || options.iter().any(|name| self.has(name));
        if let Some(value) = self.value("--auth").filter(|value| !value.dynamic) {
            let text = value.text.to_string_lossy();
            let name = text.split_once(':').map_or(&*text, |(name, _)| name);
            request.login = Some(name.to_owned());
        }
        let proxies = self.options.iter().filter(|(given, _)| given.option.is("--proxy"));
        for value in proxies.filter_map(|(given, _)| given.value) {
            // `http:http://host:port`
            let text = value.text.to_string_lossy();
            let place = text.split_once(':').and_then(|(_, proxy)| url::parse(proxy));
            if let Some(url) = place {
                let local = url::is_loopback(&url.host);
                request.detours.push(Detour { source: "--proxy", place: url.host, local });
            }
        }
    }

    /// Both take a password from `~/.netrc` where it has one for the host.
    fn netrc(&self, request: &mut Request) {
        let looks = matches!(request.method.as_str(), "GET" | "HEAD");
        if looks || request.authenticated || self.has("--ignore-netrc") {
            return;
        }
        let context = self.call.context;
        let Some(home) = context.var("HOME") else { return };
        let Ok(text) = context.read(Path::new(&home).join(".netrc"), MAX_FILE) else { return };
        let text = String::from_utf8_lossy(&text);
        let host = request.parts().map(|url| url.host).unwrap_or_default();
        request.authenticated =
            text.split_ascii_whitespace().any(|word| word == host || word == "default");
    }

    fn header(&mut self, item: &Item, request: &mut Request) {
        match item.separator {
            Separator::Header if item.value.is_empty() => {
                request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&item.name));
            }
            Separator::Header => request.headers.push((item.name.clone(), item.value.clone())),
            Separator::EmptyHeader => request.headers.push((item.name.clone(), String::new())),
            Separator::HeaderFile => match self.file(item) {
                Ok(text) => {
                    let text = String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned();
                    request.headers.push((item.name.clone(), text));
                }
                Err(why) => self.unread = Some(why),
            },
            Separator::QueryFile => {
                self.unread = Some("a part of its query stands in a file".to_owned());
            }
            Separator::Unclear => self.unread = Some("a word is computed at run time".to_owned()),
            _ => {}
        }
    }

    /// The text of a file that an item names, handed on from this copy.
    fn file(&mut self, item: &Item) -> Result<Arc<[u8]>, String> {
        if item.dynamic {
            return Err("a file's name is computed at run time".to_owned());
        }
        let context = self.call.context;
        let shown = &item.value;
        let path = match shown.strip_prefix("~/").zip(context.var("HOME")) {
            Some((rest, home)) => Path::new(&home).join(rest),
            None => PathBuf::from(shown),
        };
        let bytes = context.read(&path, TEXT_LIMIT).map_err(|error| format!("{shown}: {error}"))?;
        if let Some(offset) = item.file_at {
            let word = context.invocation.argv.get(item.index);
            self.handed.extend(Handed::part(item.index, word, offset, bytes.clone()));
        }
        Ok(bytes.into())
    }

    fn finish(self, request: &Request) -> Reading {
        let mut reading = http_api::read(request, self.call.context);
        let looks = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        let counts = !looks || http_api::reads_query(request);
        if let Some(why) = self.unread.filter(|_| counts) {
            let mut action = Action::opaque(request.method.clone(), why);
            action.rule = "httpie/unread".into();
            action.target = target::http::resolve(request, "http");
            reading.actions.push(action);
        }
        if self.call.full && reading.actions.is_empty() && reading.inner.is_empty() {
            reading.actions.push(http_api::look(request));
        }
        reading.handed.extend(self.handed);
        reading
    }
}

fn is_method(word: &Word<'_>) -> bool {
    let text = word.text.as_encoded_bytes();
    word.dynamic || (!text.is_empty() && text.iter().all(u8::is_ascii_alphabetic))
}

/// An empty input sends nothing that could do anything.
fn sent(text: Arc<[u8]>) -> Body {
    if text.is_empty() { Body::None } else { Body::Known(text) }
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
