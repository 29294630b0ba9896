//! What an HTTP request does, once it is known what is sent: whichever program
//! sends it. The URL's host says whose API answers; an API with a reader of
//! its own is read there, any other by its method, by the GraphQL mutation in
//! it, and by what `rules/api/` says of the control planes.

mod aws;
pub(crate) mod mutation;
mod paths;
mod planes;
mod request;

use std::borrow::Cow;

use super::{Reading, railway_api};
use crate::action::{Action, Effect};
use crate::invocation::Context;
use crate::parse::http::{Detour, Request};
use crate::parse::url::{self, Url};
use crate::target::http::resolve;
use mutation::Mutation;
use planes::Found;
use request::Place;

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
        return place
            .by_operation(context)
            .or_else(|| place.by_rule())
            .or_else(|| place.by_method(looks))
            .unwrap_or_default();
    }
    Reading { actions, ..Reading::default() }
}

/// Whether an address is a control plane's by its name.
pub fn is_control_plane(url: &Url) -> bool {
    planes::find(url).is_some_and(|found| found.sure)
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
            || planes::find(&url).is_some_and(|Found { plane, .. }| {
                planes::reads_body(plane, &request.effective_method(), &url)
                    || (plane.names_operations
                        && request.method == "POST"
                        && names_in_body(request))
            })
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
        || planes::find(&url).is_some_and(|found| planes::reads_query(found.plane))
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

#[cfg(test)]
mod tests;
