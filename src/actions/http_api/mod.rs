//! What an HTTP request does, once it is known what is sent: whichever program
//! sends it. The URL's host says whose API answers; an API with a reader of
//! its own is read there, any other by its method, by the GraphQL mutation in
//! it, and by what is known of the control planes in [`planes`].

pub(crate) mod mutation;
mod planes;

use std::borrow::Cow;

use super::{Reading, railway_api};
use crate::action::{Action, Effect, Flags};
use crate::invocation::Context;
use crate::parse::http::{Body, Detour, Request};
use crate::parse::url::{self, Url};
use crate::target::http::resolve;
use mutation::Mutation;
use planes::Plane;

const LOOK_FIRST: &str =
    "Look at it first with a GET of the same URL, and leave the deletion to a person.";

/// Everything that a request does.
pub fn read(request: &Request, context: Context<'_>) -> Reading {
    let Some(url) = request.parts() else { return unreadable(request) };
    if let Some(api) = railway_request(request, &url) {
        return railway_api::read(&api, context);
    }
    let method = request.effective_method();
    let looks = matches!(
        method.as_str(),
        "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PROPFIND" | "REPORT" | "SEARCH" | "QUERY"
    );
    if looks && !reads_query(request) {
        return Reading::default();
    }
    let request = &through_proxy(request, &url, context);
    let place = Place::of(request, &url, &method);
    let mut actions = Vec::new();
    match mutation::find(request, &url) {
        Mutation::None => {}
        Mutation::Deletes(names) => {
            actions.extend(names.into_iter().map(|name| place.mutation(name)));
        }
        Mutation::Unreadable(why) => actions.push(place.opaque(why)),
    }
    if actions.is_empty() {
        actions.extend(place.by_operation().or_else(|| place.by_method(looks)));
    }
    Reading { actions, ..Reading::default() }
}

/// The action of a request that only looks, for those who want to see it.
pub fn look(request: &Request) -> Action {
    let operation = request.effective_method();
    let shown = request.parts().map(|url| format!("{} to {}", url.shown_path(), url.host));
    Action {
        summary: format!("Sends {operation} {}.", shown.as_deref().unwrap_or("nowhere")),
        rule: Cow::Borrowed("http/look"),
        target: resolve(request, "http"),
        ..Action::new(Effect::Read, operation)
    }
}

/// Whether what a request's body says can change what it does, beside its
/// method: such a body is worth reading in full.
pub fn reads_body(request: &Request) -> bool {
    request.parts().is_some_and(|url| {
        railway_request(request, &url).is_some()
            || mutation::is_endpoint(request, &url)
            || (request.method == "POST"
                && names_in_body(request)
                && planes::find(&url.host, &url.path).is_some_and(|plane| plane.names_operations))
    })
}

/// Whether a form in the body could name the operation: a multipart upload,
/// or a request with the name in a header, has none there.
fn names_in_body(request: &Request) -> bool {
    let multipart = |kind: &str| kind.to_ascii_lowercase().contains("multipart");
    !request.header("Content-Type").is_some_and(multipart)
}

/// Whether what a request's query says can change what it does, so that a GET
/// may be more than a look.
pub fn reads_query(request: &Request) -> bool {
    let Some(url) = request.parts() else { return false };
    if url.query.is_none() && request.gap.is_none() {
        return false;
    }
    railway_request(request, &url).is_some()
        || mutation::is_endpoint(request, &url)
        || url.pairs().any(|(name, _)| name == "query")
        || planes::find(&url.host, &url.path).is_some_and(|plane| plane.names_operations)
}

/// The request as Railway's API gets it, if it goes there: by the URL's host,
/// by the `Host` header that a server would go by, or by where the connection
/// is led.
fn railway_request<'r>(request: &'r Request, url: &Url) -> Option<Cow<'r, Request>> {
    if railway_api::is_api(&url.host, &url.path) {
        return Some(Cow::Borrowed(request));
    }
    let header = request.header("Host").and_then(url::parse).map(|parts| parts.host);
    let led = request.detours.iter().map(|detour| detour.place.clone());
    let host = header.into_iter().chain(led).find(|host| railway_api::is_api(host, &url.path))?;
    let url = Url { host, ..url.clone() };
    Some(Cow::Owned(Request { url: url.to_text(), ..request.clone() }))
}

fn unreadable(request: &Request) -> Reading {
    if request.gap.is_none() || matches!(request.effective_method().as_str(), "GET" | "HEAD") {
        // A URL without a host is rejected before anything is sent.
        return Reading::default();
    }
    let mut action = Action::opaque(request.effective_method(), "its URL is not known");
    action.rule = Cow::Borrowed("http/unread");
    action.target = resolve(request, "http");
    Reading::of(action)
}

/// A request to this machine goes elsewhere where a variable names a proxy.
fn through_proxy<'r>(request: &'r Request, url: &Url, context: Context<'_>) -> Cow<'r, Request> {
    if !url::is_loopback(&url.host) || !request.detours.is_empty() {
        return Cow::Borrowed(request);
    }
    let own =
        if url.scheme == "https" { ["https_proxy", "HTTPS_PROXY"] } else { ["http_proxy"; 2] };
    let found = own.into_iter().chain(["all_proxy", "ALL_PROXY"]).find_map(|name| {
        let host = url::parse(&context.text_var(name)?)?.host;
        Some((name, host))
    });
    let Some((source, place)) = found else { return Cow::Borrowed(request) };
    let exempt = ["no_proxy", "NO_PROXY"].into_iter().filter_map(|name| context.text_var(name));
    let names = |list: &str| {
        list.split([',', ' ']).any(|name| name == "*" || name.trim_start_matches('.') == url.host)
    };
    if url::is_loopback(&place) || exempt.into_iter().any(|list| names(&list)) {
        return Cow::Borrowed(request);
    }
    let mut request = request.clone();
    request.detours.push(Detour { source, place, local: false });
    Cow::Owned(request)
}

/// A request with all that is known of where it goes.
struct Place<'r> {
    request: &'r Request,
    url: &'r Url,
    method: &'r str,
    plane: Option<&'static Plane>,
    /// Whether a server would take it as somebody's with rights.
    trusted: bool,
}

impl<'r> Place<'r> {
    fn of(request: &'r Request, url: &'r Url, method: &'r str) -> Place<'r> {
        let plane = planes::find(&url.host, &url.path);
        let trusted = plane.is_some() || request.carries_credentials();
        Place { request, url, method, plane, trusted }
    }

    fn action(&self, effect: Effect, operation: impl Into<Cow<'static, str>>) -> Action {
        let platform = self.plane.map_or("http", |plane| plane.platform);
        let deletes = effect == Effect::Destroy;
        Action {
            object: Some(format!("{}{}", self.url.host, self.url.shown_path())),
            rule: Cow::Owned(format!("http/{}", self.plane.map_or("any", |plane| plane.platform))),
            instead: deletes.then_some(Cow::Borrowed(LOOK_FIRST)),
            target: resolve(self.request, platform),
            ..Action::new(effect, operation)
        }
    }

    /// Who gets it, as a sentence ends: `api.github.com, GitHub's API`.
    fn shown(&self) -> String {
        let whose = self.plane.map(|plane| format!(", {}", plane.whose)).unwrap_or_default();
        format!("{}{whose}", self.url.host)
    }

    fn opaque(&self, why: String) -> Action {
        let action = self.action(Effect::Write, self.method.to_owned());
        let opaque = Action::opaque(self.method.to_owned(), why);
        Action { flags: opaque.flags, summary: opaque.summary, ..action }
    }

    fn mutation(&self, name: String) -> Action {
        let effect = if self.trusted { Effect::Destroy } else { Effect::Write };
        let summary = format!("Runs the GraphQL mutation {name} at {}.", self.shown());
        Action { summary, ..self.action(effect, name) }
    }

    /// What the operation named in a header or parameter does, for the
    /// control planes that name theirs so.
    fn by_operation(&self) -> Option<Action> {
        self.plane.filter(|plane| plane.names_operations)?;
        let Some(name) = planes::operation(self.request, self.url) else {
            let hidden = self.method == "POST" && names_in_body(self.request);
            return match &self.request.body {
                Body::Opaque(why) if hidden => Some(self.opaque(why.clone())),
                _ => None,
            };
        };
        let deletes = mutation::deletes(&name);
        let effect = if deletes { Effect::Destroy } else { Effect::Write };
        let summary = format!("Runs {name} at {}.", self.shown());
        // A look by name is no more than its method says.
        deletes.then(|| Action { summary, ..self.action(effect, name) })
    }

    fn by_method(&self, looks: bool) -> Option<Action> {
        if looks {
            return None;
        }
        let case = self.plane.and_then(|plane| plane.case(self.method, &self.url.path));
        let (effect, flags) = match (case, self.method) {
            (Some(case), _) => (case.effect, case.flags),
            (None, "DELETE") if self.trusted => (Effect::Destroy, Flags::NONE),
            (None, "PURGE" | "BAN") => (Effect::Disrupt, Flags::NONE),
            (None, _) => (Effect::Write, Flags::NONE),
        };
        let credentials = match effect {
            Effect::Destroy if self.plane.is_none() => "an authenticated ",
            _ => "",
        };
        let summary = format!(
            "Sends {credentials}{} {} to {}.",
            self.method,
            self.url.shown_path(),
            self.shown()
        );
        Some(Action { flags, summary, ..self.action(effect, self.method.to_owned()) })
    }
}

#[cfg(test)]
mod tests;
