//! Reads wget's words, and the settings files in which it looks first, as the
//! requests that it would send; what those do is [`http_api`]'s. Reads files
//! through the context only where a request may be more than a download.
//!
//! GNU Wget 1.21.3: settings files come first (`/etc/wgetrc`, then
//! `$WGETRC` or `~/.wgetrc`; `--config` in their place), then the options in
//! order, `-e` among them. A method is sent in capitals; `--post-*` mean POST.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Call, Handed, Reading, TEXT_LIMIT, http_api};
use crate::action::Action;
use crate::invocation::Input;
use crate::parse::argv::{self, Value};
use crate::parse::http::{Body, Request};
use crate::parse::url;
use crate::target;
use crate::world::ReadError;

/// The longest settings file that is read, in bytes.
const MAX_FILE: usize = 1 << 20;
/// The most URLs of one command that are read.
const MOST: usize = 10_000;

/// What the settings and options come to.
#[derive(Default)]
struct Settings<'a> {
    method: Option<String>,
    body: Option<Sent<'a>>,
    posts: bool,
    headers: Vec<(String, String)>,
    credentials: bool,
    login: Option<String>,
    head: bool,
    /// Files of URLs.
    inputs: Vec<Named<'a>>,
    /// Why something that counts cannot be known.
    unread: Option<String>,
}

/// A file, and the word that names it if one does.
struct Named<'a> {
    path: PathBuf,
    word: Option<Value<'a>>,
}

/// What is sent.
enum Sent<'a> {
    Text(Vec<u8>),
    File(Named<'a>),
}

/// Reads a call of wget.
pub fn read(call: &Call<'_>) -> Reading {
    reading(call, None)
}

/// The requests that it would send, for those who want to see them.
pub fn requests(call: &Call<'_>) -> Vec<Request> {
    let mut sent = Vec::new();
    reading(call, Some(&mut sent));
    sent
}

fn reading(call: &Call<'_>, sent: Option<&mut Vec<Request>>) -> Reading {
    let context = call.context;
    let posixly = context.var("POSIXLY_CORRECT").is_some();
    let parsed = argv::parse(call.tool, context.invocation, posixly);
    let exits = ["--version", "--help"].iter().any(|name| parsed.has(name));
    if exits {
        return Reading::default();
    }
    let mut settings = Settings::default();
    if let Some(value) = parsed.value("--config") {
        match value.dynamic {
            true => settings.unread = Some("its settings file is computed at run time".to_owned()),
            false => settings.file(call, Path::new(value.text)),
        }
    } else if !parsed.has("--no-config") {
        settings.files(call);
    }
    for given in &parsed.options {
        let Some(value) = given.value else {
            settings.head |= given.option.is("--spider");
            continue;
        };
        let name = given.option.names.last().copied().unwrap_or_default();
        if name == "--execute" {
            let text = value.text.to_string_lossy();
            match value.dynamic {
                true => settings.unread = Some("a setting is computed at run time".to_owned()),
                false => settings.line(&text),
            }
        } else {
            settings.set(name.trim_start_matches('-'), Text::Word(value));
        }
    }
    settings.requests(call, &parsed, sent)
}

/// A setting's value: a word of the command, or text of a file.
#[derive(Clone, Copy)]
enum Text<'a, 't> {
    Word(Value<'a>),
    Line(&'t str),
}

impl<'a> Settings<'a> {
    /// The settings files that wget looks for.
    fn files(&mut self, call: &Call<'_>) {
        self.file(call, Path::new("/etc/wgetrc"));
        if let Some(path) = call.context.var("WGETRC").filter(|path| !path.is_empty()) {
            self.file(call, Path::new(&path));
        } else if let Some(home) = call.context.var("HOME") {
            self.file(call, &Path::new(&home).join(".wgetrc"));
        }
    }

    fn file(&mut self, call: &Call<'_>, path: &Path) {
        match call.context.read(path, MAX_FILE) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).lines().for_each(|line| self.line(line)),
            Err(ReadError::Missing | ReadError::Failed(_)) => {}
            Err(why) => self.unread = Some(format!("{}: {why}", path.display())),
        }
    }

    /// A line of a settings file, or `-e`'s value: `name = value`.
    fn line(&mut self, line: &str) {
        let line = line.trim();
        if line.starts_with('#') {
            return;
        }
        let Some((name, value)) = line.split_once('=') else { return };
        self.set(name.trim(), Text::Line(value.trim()));
    }

    /// One setting; wget passes over case, dashes and underscores in a name.
    fn set(&mut self, name: &str, value: Text<'a, '_>) {
        let name: String = name
            .chars()
            .filter(|letter| !matches!(letter, '-' | '_'))
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        let (text, dynamic) = match value {
            Text::Word(value) => (value.text.to_string_lossy().into_owned(), value.dynamic),
            Text::Line(text) => (text.to_owned(), false),
        };
        let named = || Named {
            path: PathBuf::from(&text),
            word: match value {
                Text::Word(word) => Some(word),
                Text::Line(_) => None,
            },
        };
        match name.as_str() {
            "method" => {
                self.method = Some(text.to_ascii_uppercase());
                if dynamic {
                    self.unread = Some("its method is computed at run time".to_owned());
                }
            }
            "postdata" | "bodydata" => {
                self.posts |= name == "postdata";
                self.body = Some(Sent::Text(text.into_bytes()));
            }
            "postfile" | "bodyfile" => {
                self.posts |= name == "postfile";
                self.body = Some(Sent::File(named()));
            }
            "header" => match text.split_once(':') {
                Some((name, value)) => {
                    self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                None if text.is_empty() => self.headers.clear(),
                None if dynamic => {
                    self.unread = Some("a header is computed at run time".to_owned());
                }
                None => {}
            },
            "user" | "httpuser" => {
                self.credentials = true;
                self.login = Some(text).filter(|_| !dynamic);
            }
            "password" | "httppassword" | "httppasswd" | "certificate" | "loadcookies"
            | "useaskpass" => self.credentials = true,
            "spider" => self.head = text.eq_ignore_ascii_case("on") || text == "1",
            "input" | "inputfile" => self.inputs.push(named()),
            _ => {}
        }
    }

    /// Whether nothing but GET and HEAD requests can go out.
    fn only_looks(&self) -> bool {
        let method = self.method.as_deref().is_none_or(|it| matches!(it, "GET" | "HEAD"));
        method && self.unread.is_none() && self.body.is_none() && !self.posts
    }

    fn requests(
        self,
        call: &Call<'_>,
        parsed: &argv::Parsed<'a>,
        mut sent: Option<&mut Vec<Request>>,
    ) -> Reading {
        let mut reading = Reading::default();
        let looks = self.only_looks();
        let mut urls: Vec<(String, bool)> = parsed
            .positionals
            .iter()
            .take(MOST)
            .map(|word| (word.text.to_string_lossy().into_owned(), word.dynamic))
            .collect();
        let mut unread = self.unread.clone();
        if parsed.positionals.len() > MOST {
            unread = Some("it names too many URLs".to_owned());
        }
        if !looks {
            for input in &self.inputs {
                match file(call, input, &mut reading.handed) {
                    Ok(text) => {
                        let text = String::from_utf8_lossy(&text);
                        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                        urls.extend(lines.take(MOST).map(|line| (line.to_owned(), false)));
                    }
                    Err(why) => unread = Some(why),
                }
            }
        }
        let mut handed_body = false;
        for (written, dynamic) in urls {
            let has_user = url::parse(&written).is_some_and(|url| url.has_user);
            let written = url::parse(&written).map_or(written, |url| url.to_text());
            let method = match (&self.method, self.posts, self.head) {
                (Some(method), ..) => method.clone(),
                (None, true, _) => "POST".to_owned(),
                (None, false, true) => "HEAD".to_owned(),
                (None, false, false) => "GET".to_owned(),
            };
            let mut request = Request {
                method,
                url: written,
                headers: self.headers.clone(),
                authenticated: self.credentials || has_user,
                login: self.login.clone(),
                gap: dynamic.then(|| "part of its URL is computed at run time".to_owned()),
                ..Request::default()
            };
            if self.body.is_some() {
                let form = "application/x-www-form-urlencoded".to_owned();
                if request.header("Content-Type").is_none() {
                    request.headers.push(("Content-Type".to_owned(), form));
                }
            }
            match &self.body {
                None => {}
                Some(Sent::Text(text)) => request.body = Body::Known(text.as_slice().into()),
                Some(Sent::File(_)) if !http_api::reads_body(&request) => {
                    request.body = Body::Opaque("a file, not read".to_owned());
                }
                Some(Sent::File(named)) => {
                    let mut none = Vec::new();
                    let handed = if handed_body { &mut none } else { &mut reading.handed };
                    handed_body = true;
                    request.body = file(call, named, handed).map_or_else(Body::Opaque, Body::Known);
                }
            }
            if let Some(sent) = &mut sent {
                sent.push(request.clone());
            }
            let found = http_api::read(&request, call.context);
            if call.full && found.actions.is_empty() {
                reading.actions.push(http_api::look(&request));
            }
            for action in found.actions {
                if !reading.actions.contains(&action) {
                    reading.actions.push(action);
                }
            }
            reading.notes.extend(found.notes);
            if let Some(why) = &unread {
                reading.actions.push(opaque(why, &request));
            }
        }
        if let Some(why) = unread.filter(|_| reading.actions.is_empty()) {
            reading.actions.push(opaque(&why, &Request::default()));
        }
        reading
    }
}

fn opaque(why: &str, request: &Request) -> Action {
    let mut action = Action::opaque("wget", why.to_owned());
    action.rule = "wget/unread".into();
    action.target = target::http::resolve(request, "http");
    action
}

/// A file's text; one that a word names is handed on from this copy.
fn file(call: &Call<'_>, named: &Named<'_>, handed: &mut Vec<Handed>) -> Result<Arc<[u8]>, String> {
    let shown = named.path.display();
    if named.word.is_some_and(|word| word.dynamic) {
        return Err("a file's name is computed at run time".to_owned());
    }
    if ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]
        .iter()
        .any(|it| named.path == Path::new(it))
    {
        return match call.context.stdin(TEXT_LIMIT) {
            Input::Text(text) => Ok(text),
            Input::Terminal => Err("it comes from a terminal".to_owned()),
            Input::Opaque(why) => Err(format!("it comes from {why}")),
        };
    }
    let bytes = call.context.read(&named.path, TEXT_LIMIT).map_err(|error| match error {
        ReadError::Missing => format!("there is no {shown}"),
        error => format!("{shown}: {error}"),
    })?;
    if let Some(word) = named.word {
        let text = call.context.invocation.argv.get(word.index);
        handed.extend(Handed::part(word.index, text, word.offset, bytes.clone()));
    }
    Ok(bytes.into())
}
