//! Reads Hurl's files as the requests that they would send; what those do is
//! [`http_api`]'s. A line that begins with a method in capitals and a URL
//! opens a request, `HTTP` closes it; what cannot be followed (templates
//! without a value, files as bodies) leaves a gap. By Hurl's documentation of
//! its file format (4.x); hurl was not run.

use std::borrow::Cow;

use super::{Call, Handed, Reading, TEXT_LIMIT, http_api};
use crate::action::Action;
use crate::invocation::Input;
use crate::parse::argv::{self, Parsed};
use crate::parse::http::{Body, Request};
use crate::target;

/// The most requests of one command that are read.
const MOST: usize = 2_000;

/// Reads a call of hurl.
pub fn read(call: &Call<'_>) -> Reading {
    let context = call.context;
    let parsed = argv::parse(call.tool, context.invocation, false);
    let mut reading = Reading::default();
    if ["--help", "--version"].iter().any(|name| parsed.has(name)) {
        return reading;
    }
    let mut texts: Vec<Result<String, String>> = Vec::new();
    let named = parsed.positionals.iter().filter(|word| word.text != "-");
    for word in named.clone() {
        let shown = word.text.to_string_lossy();
        if word.dynamic {
            texts.push(Err("a file's name is computed at run time".to_owned()));
            continue;
        }
        match context.read(word.text, TEXT_LIMIT) {
            Ok(bytes) => {
                texts.push(Ok(String::from_utf8_lossy(&bytes).into_owned()));
                let argv = context.invocation.argv.get(word.index);
                reading.handed.extend(Handed::part(word.index, argv, 0, bytes));
            }
            Err(why) => texts.push(Err(format!("{shown}: {why}"))),
        }
    }
    if named.count() < parsed.positionals.len() || parsed.positionals.is_empty() {
        match context.stdin(TEXT_LIMIT) {
            Input::Text(text) => texts.push(Ok(String::from_utf8_lossy(&text).into_owned())),
            Input::Terminal => {}
            Input::Opaque(why) => texts.push(Err(format!("it comes from {why}"))),
        }
    }
    if parsed.has("--glob") {
        texts.push(Err("a pattern stands for its files".to_owned()));
    }
    let mut count = 0;
    for text in texts {
        match text {
            Err(why) => reading.actions.push(opaque(why)),
            Ok(text) => {
                for request in requests(&filled(&text, &parsed)) {
                    count += 1;
                    if count > MOST {
                        reading.actions.push(opaque("it holds too many requests".to_owned()));
                        return reading;
                    }
                    let request = with_options(request, &parsed);
                    let found = http_api::read(&request, context);
                    if call.full && found.actions.is_empty() {
                        reading.actions.push(http_api::look(&request));
                    }
                    reading.actions.extend(found.actions);
                    reading.notes.extend(found.notes);
                }
            }
        }
    }
    reading
}

fn opaque(why: String) -> Action {
    let mut action = Action::opaque("hurl", why);
    action.rule = Cow::Borrowed("hurl/unread");
    action.target = target::http::resolve(&Request::default(), "http");
    action
}

/// A text with the values of `--variable` in the place of its templates.
fn filled(text: &str, parsed: &Parsed<'_>) -> String {
    let mut out = text.to_owned();
    for value in parsed.all("--variable").filter_map(|given| given.value) {
        let pair = value.text.to_string_lossy();
        if let Some((name, value)) = pair.split_once('=').filter(|_| !value.dynamic) {
            for template in [format!("{{{{{name}}}}}"), format!("{{{{ {name} }}}}")] {
                out = out.replace(&template, value);
            }
        }
    }
    out
}

fn with_options(mut request: Request, parsed: &Parsed<'_>) -> Request {
    request.authenticated |= ["--user", "--cert", "--netrc", "--netrc-file", "--netrc-optional"]
        .iter()
        .any(|name| parsed.has(name));
    for value in parsed.all("--header").filter_map(|given| given.value) {
        add_header(&mut request, &value.text.to_string_lossy());
    }
    if request.url.contains("{{") {
        request.gap = Some("its URL holds a variable that is not known here".to_owned());
    }
    request
}

fn add_header(request: &mut Request, line: &str) {
    if let Some((name, value)) = line.split_once(':') {
        request.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
}

/// Where in a request a line stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Outside,
    Headers,
    Query,
    Form,
    Credentials,
    Other,
    Body,
    Fence,
}

/// The requests in a file.
fn requests(text: &str) -> Vec<Request> {
    let mut found: Vec<Request> = Vec::new();
    let mut part = Part::Outside;
    let mut body = String::new();
    let mut language = String::new();
    for line in text.lines() {
        let bare = line.trim();
        if part == Part::Fence {
            let (before, ends) = bare.split_once("```").map_or((line, false), |it| (it.0, true));
            body.push_str(before);
            body.push('\n');
            part = if ends { Part::Other } else { Part::Fence };
            continue;
        }
        if let Some((method, url)) = opens(bare) {
            close(&mut found, &mut body, &mut language);
            let (method, url) = (method.to_owned(), url.to_owned());
            found.push(Request { method, url, ..Request::default() });
            part = Part::Headers;
            continue;
        }
        if part == Part::Outside {
            continue;
        }
        let Some(request) = found.last_mut() else { continue };
        if bare == "HTTP" || bare.starts_with("HTTP/") || bare.starts_with("HTTP ") {
            close(&mut found, &mut body, &mut language);
            part = Part::Outside;
        } else if part == Part::Body {
            body.push_str(line);
            body.push('\n');
        } else if let Some(rest) = bare.strip_prefix("```") {
            match rest.split_once("```") {
                Some((whole, _)) => body.push_str(whole),
                None => {
                    language = rest.split(',').next().unwrap_or_default().trim().to_owned();
                    part = Part::Fence;
                }
            }
        } else if let Some(section) = bare.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            part = match section {
                "Query" | "QueryStringParams" => Part::Query,
                "Form" | "FormParams" => Part::Form,
                "BasicAuth" | "Cookies" => Part::Credentials,
                _ => Part::Other,
            };
        } else if ["file,", "base64,", "hex,"].iter().any(|it| bare.starts_with(it)) {
            request.body = Body::Opaque("it is not text in the file".to_owned());
        } else if bare.starts_with(['{', '[', '<', '"', '`']) {
            body.push_str(bare.trim_matches('`'));
            body.push('\n');
            part = if bare.starts_with('`') { Part::Other } else { Part::Body };
        } else if !bare.is_empty() && !bare.starts_with('#') {
            match (part, bare.split_once(':')) {
                (Part::Headers, _) => add_header(request, bare),
                (Part::Credentials, _) => request.authenticated = true,
                (Part::Query, Some((name, value))) => {
                    let mark = if request.url.contains('?') { '&' } else { '?' };
                    request.url.push_str(&format!("{mark}{}={}", name.trim(), value.trim()));
                }
                (Part::Form, Some((name, value))) => {
                    let mark = if body.is_empty() { "" } else { "&" };
                    body.push_str(&format!("{mark}{}={}", name.trim(), value.trim()));
                }
                (Part::Other, Some(("user", _))) => request.authenticated = true,
                _ => {}
            }
        }
    }
    close(&mut found, &mut body, &mut language);
    found
}

/// The method and URL of a line that opens a request.
fn opens(line: &str) -> Option<(&str, &str)> {
    let (method, rest) = line.split_once([' ', '\t'])?;
    let capitals = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let url = rest.split_whitespace().next()?;
    (capitals && method != "HTTP" && (url.contains("://") || url.contains("{{")))
        .then_some((method, url))
}

/// Gives the last request its body.
fn close(found: &mut [Request], body: &mut String, language: &mut String) {
    let text = std::mem::take(body);
    let language = std::mem::take(language);
    let Some(request) = found.last_mut().filter(|_| !text.is_empty()) else { return };
    if request.body != Body::None {
        return;
    }
    request.body = match language.as_str() {
        _ if text.contains("{{") && text.contains("}}") && language != "graphql" => {
            Body::Opaque("it holds a variable that is not known here".to_owned())
        }
        "graphql" => {
            let query = text.split("\nvariables").next().unwrap_or_default();
            let json = serde_json::json!({ "query": query });
            Body::Known(json.to_string().into_bytes().into())
        }
        _ => Body::Known(text.into_bytes().into()),
    };
}
