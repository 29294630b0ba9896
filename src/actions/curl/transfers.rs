//! One set of curl's options → the requests that it sends, each read by what
//! it does. A request that can only look is passed over before anything of it
//! is built.

use std::borrow::Cow;
use std::path::Path;

use super::Run;
use super::body::{BOUNDARY, multipart};
use super::globs::{self, Expanded};
use super::schemes;
use super::scope::{Node, Scope};
use super::sources::Text;
use super::words::{Arg, Origin};
use crate::action::Action;
use crate::actions::{By, Reading, http_api};
use crate::parse::http::{Body, Request};
use crate::parse::url::{self, Url};
use crate::target;

/// What all requests of a set have in common.
struct Common<'a> {
    scope: Scope<'a>,
    /// The method, unless something is uploaded.
    method: String,
    /// What is sent with each, unless something is uploaded.
    body: Body,
    /// What is appended to each URL's query, be it empty.
    query: Option<String>,
    /// Why a part of the request cannot be known.
    unread: Option<&'static str>,
}

/// Reads every transfer of a set of options.
pub fn read<'a>(run: &mut Run<'a>, mut scope: Scope<'a>, reading: &mut Reading) {
    if scope.nodes.iter().all(|node| node.url.is_none()) {
        return;
    }
    let nodes = std::mem::take(&mut scope.nodes);
    let wanted = run.sent.is_some() || run.call.full;
    if !wanted && nodes.iter().all(|node| only_looks(&scope, node)) {
        return;
    }
    let too_many = scope.too_many;
    let mut common = common(scope);
    for node in &nodes {
        transfer(run, &mut common, node, reading);
    }
    if too_many {
        let mut action = Action::opaque("curl", "it has more URLs or parts than holdpoint reads");
        action.rule = Cow::Borrowed("curl/too-many");
        action.target.platform = Cow::Borrowed("http");
        action.target.gap = Some("not every URL was read".to_owned());
        reading.actions.push(action);
    }
}

/// Whether a transfer is plainly a GET or HEAD that carries nothing: by its
/// options and the letters of its URL alone.
fn only_looks(scope: &Scope<'_>, node: &Node<'_>) -> bool {
    let Some(url) = &node.url else { return true };
    let method = scope.method.as_ref().is_none_or(|method| {
        !method.dynamic && matches!(&*method.text, b"GET" | b"HEAD" | b"OPTIONS")
    });
    method
        && node.upload.is_none()
        && scope.data.is_none()
        && scope.query.is_none()
        && scope.parts.is_empty()
        && scope.commands.is_empty()
        && scope.request_target.is_none()
        && scope.default_scheme.is_none()
        && !scope.headers.iter().any(|(name, _)| name.to_ascii_lowercase().contains("method"))
        && !url.text.contains(&b'?')
        && is_web(&url.text)
}

/// Whether a URL's text plainly is HTTP's.
fn is_web(text: &[u8]) -> bool {
    let starts = |scheme: &[u8]| {
        text.get(..scheme.len()).is_some_and(|have| have.eq_ignore_ascii_case(scheme))
    };
    if starts(b"http://") || starts(b"https://") {
        return true;
    }
    let has_scheme = text.windows(2).any(|pair| pair == b":/");
    let guessed = [&b"ftp."[..], b"dict.", b"ldap.", b"imap.", b"smtp.", b"pop3."];
    !has_scheme && !guessed.into_iter().any(starts)
}

fn common(mut scope: Scope<'_>) -> Common<'_> {
    let mut query: Option<String> = None;
    let mut unread = None;
    let mut body = Body::None;
    let mut method = if scope.head { "HEAD" } else { "GET" };
    for extra in [scope.query.take(), scope.data.take_if(|_| scope.get)].into_iter().flatten() {
        let (text, opaque) = extra.to_text();
        query = Some(query.map_or(text.clone(), |before| format!("{before}&{text}")));
        unread = unread.or(opaque.map(|_| "part of its query could not be read"));
    }
    if let Some(data) = scope.data.take() {
        method = "POST";
        body = data.into_body();
        if scope.json {
            default_header(&mut scope.headers, "Content-Type", "application/json");
            default_header(&mut scope.headers, "Accept", "application/json");
        } else {
            let form = "application/x-www-form-urlencoded";
            default_header(&mut scope.headers, "Content-Type", form);
        }
    } else if !scope.parts.is_empty() {
        method = "POST";
        body = multipart(std::mem::take(&mut scope.parts));
        let form = format!("multipart/form-data; boundary={BOUNDARY}");
        default_header(&mut scope.headers, "Content-Type", &form);
    }
    Common { method: method.to_owned(), body, query, unread, scope }
}

fn default_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    if !headers.iter().any(|(have, _)| have.eq_ignore_ascii_case(name)) {
        headers.push((name.to_owned(), value.to_owned()));
    }
}

fn transfer<'a>(
    run: &mut Run<'a>,
    common: &mut Common<'a>,
    node: &Node<'a>,
    reading: &mut Reading,
) {
    let Some(arg) = &node.url else { return };
    let text = arg.lossy();
    let (urls, cut) = if common.scope.glob_off {
        (vec![text.into_owned()], false)
    } else {
        match globs::expand(&text) {
            Expanded::All(urls) => (urls, false),
            Expanded::Some(urls) => (urls, true),
            Expanded::Malformed => (vec![text.into_owned()], false),
        }
    };
    let uploads = uploads(node.upload.as_ref(), common.scope.glob_off);
    for written in &urls {
        let Some(mut url) = url::parse(&with_scheme(written, common.scope.default_scheme.as_ref()))
        else {
            continue;
        };
        finish_url(&mut url, common);
        for upload in &uploads {
            let found = one(run, common, &url, arg, upload.as_ref());
            for action in found.actions {
                if !reading.actions.contains(&action) {
                    reading.actions.push(action);
                }
            }
            reading.inner.extend(found.inner);
            reading.notes.extend(found.notes);
        }
    }
    let looks = reading.actions.is_empty() && node.upload.is_none();
    if cut && !(looks && matches!(common.method.as_str(), "GET" | "HEAD")) {
        let mut action = Action::opaque("curl", "its URL stands for more than holdpoint reads");
        action.rule = Cow::Borrowed("curl/too-many");
        if let Some(request) = urls.first().and_then(|first| url::parse(first)) {
            let request = Request { url: request.to_text(), ..Request::default() };
            action.target = target::http::resolve(&request, "http");
        }
        reading.actions.push(action);
    }
}

/// A URL without a scheme gets `--proto-default`'s.
fn with_scheme<'t>(written: &'t str, default: Option<&Arg<'_>>) -> Cow<'t, str> {
    match default {
        Some(scheme) if !written.contains(":/") => {
            Cow::Owned(format!("{}://{written}", scheme.lossy()))
        }
        _ => Cow::Borrowed(written),
    }
}

/// The files that a node uploads, one a request; none for a request without.
fn uploads<'a>(upload: Option<&Arg<'a>>, glob_off: bool) -> Vec<Option<Arg<'a>>> {
    let Some(upload) = upload.filter(|upload| !upload.text.is_empty()) else { return vec![None] };
    if glob_off {
        return vec![Some(upload.clone())];
    }
    match globs::expand(&upload.lossy()) {
        Expanded::All(names) | Expanded::Some(names) if names.len() > 1 => {
            names.into_iter().map(|name| Some(Arg::loose(name.into_bytes()))).collect()
        }
        _ => vec![Some(upload.clone())],
    }
}

/// Makes of a URL what is requested: the query appended, dots resolved,
/// `--request-target` put in the path's place.
fn finish_url(url: &mut Url, common: &Common<'_>) {
    if let Some(more) = &common.query {
        let mut query = url.query.take().unwrap_or_default();
        if !query.is_empty() && !query.ends_with('&') {
            query.push('&');
        }
        query.push_str(more.split('#').next().unwrap_or_default());
        url.query = Some(query).filter(|query| !query.is_empty());
    }
    if !common.scope.path_as_is {
        url.path = url::without_dots(&url.path);
    }
    if let Some(target) = &common.scope.request_target {
        let target = target.lossy();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (&*target, None),
        };
        url.path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        url.query = query;
    }
}

/// Reads one request.
fn one<'a>(
    run: &mut Run<'a>,
    common: &Common<'a>,
    url: &Url,
    written: &Arg<'a>,
    upload: Option<&Arg<'a>>,
) -> Reading {
    let scope = &common.scope;
    let custom = scope.method.as_ref();
    let mut url = url.clone();
    let default = if upload.is_some() { "PUT" } else { common.method.as_str() };
    let names_file = upload.is_some_and(|file| add_file_name(&mut url, file));
    let mut request = Request {
        method: custom.map_or_else(|| default.to_owned(), |method| method.lossy().into_owned()),
        authenticated: scope.credentials || url.has_user || scope.headers_unread.is_some(),
        login: scope.login.clone(),
        headers: scope.headers.clone(),
        url: url.to_text(),
        body: common.body.clone(),
        detours: scope.detours.clone(),
        gap: common.unread.map(str::to_owned),
    };
    if written.dynamic {
        request.gap = Some("part of its URL is computed at run time".to_owned());
    }
    if let Some(found) = schemes::read(run, scope, &url, &request, upload.is_some()) {
        return found;
    }
    if let Some(file) = upload {
        request.body = upload_body(run, &request, file, Some(written).filter(|_| names_file));
    }
    run.judged_body |= http_api::reads_body(&request) || http_api::reads_query(&request);
    if let Some(sent) = &mut run.sent {
        sent.push(request.clone());
    }
    let looks = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let unread = match (&scope.headers_unread, custom) {
        (_, Some(method)) if method.dynamic => Some("its method is computed at run time"),
        (Some(_), _) if !looks => Some("its headers may change what it does"),
        _ => common.unread.filter(|_| !looks || http_api::reads_query(&request)),
    };
    let mut found = http_api::read(&request, run.call.context);
    if let Some(why) = unread {
        let mut action = Action::opaque(request.method.clone(), why);
        action.rule = Cow::Borrowed("curl/unread");
        action.target = target::http::resolve(&request, "http");
        found.actions.push(action);
    }
    if run.call.full && found.actions.is_empty() && found.inner.is_empty() {
        found.actions.push(http_api::look(&request));
    }
    found
}

/// An upload to a directory gets the file's name appended: whether it did.
fn add_file_name(url: &mut Url, file: &Arg<'_>) -> bool {
    if !url.path.ends_with('/') || matches!(&*file.text, b"-" | b".") {
        return false;
    }
    url.path.push_str(&String::from_utf8_lossy(&escaped_name(file)));
    true
}

/// A file's name as it stands in a URL.
fn escaped_name(file: &Arg<'_>) -> Vec<u8> {
    let path = file.lossy();
    let name = Path::new(&*path).file_name().map(|name| name.to_string_lossy());
    url::percent_encode(name.unwrap_or_default().as_bytes())
}

/// An upload's content, read only where what it says matters: it may be
/// large, or a stream.
fn upload_body<'a>(
    run: &mut Run<'a>,
    request: &Request,
    file: &Arg<'a>,
    named_by: Option<&Arg<'a>>,
) -> Body {
    if !http_api::reads_body(request) {
        return Body::Opaque("an upload, not read".to_owned());
    }
    let name = if *file.text == *b"." { Arg::loose(&b"-"[..]) } else { file.clone() };
    let (text, is_file) = run.look(&name);
    match text {
        Text::Known(text) => {
            if is_file && named_by.is_none_or(|url| spell_out(run, url, file)) {
                run.hand(&name, &text, true);
            }
            Body::Known(text)
        }
        Text::Opaque(why) => Body::Opaque(why),
    }
}

/// Spells out in a URL the name that an upload gives it, since the name of the
/// copy is another. Says whether that can be done.
fn spell_out<'a>(run: &mut Run<'a>, url: &Arg<'a>, file: &Arg<'a>) -> bool {
    let plain = !url.text.iter().any(|byte| b"?#{}[]".contains(byte));
    let host = url.text.windows(3).position(|three| three == b"://").map_or(0, |at| at + 3);
    let path = url.text.get(host..).is_some_and(|rest| rest.contains(&b'/'));
    let separator = match (path, url.text.last()) {
        _ if !plain || url.origin == Origin::Nowhere || file.origin == Origin::Nowhere => {
            return false;
        }
        (true, Some(b'/')) => "",
        (false, _) => "/",
        _ => return false,
    };
    let name = [separator.as_bytes(), &escaped_name(file)].concat();
    let end = url.span().end;
    run.put(url.origin, end..end, By::Text(name), true);
    true
}
