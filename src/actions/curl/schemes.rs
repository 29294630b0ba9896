//! What curl does with URLs that are not HTTP's: files and mail it fetches,
//! uploads and commands for FTP servers, and the protocols that carry whatever
//! bytes they are given to whatever listens there.

use std::borrow::Cow;

use super::Run;
use super::scope::Scope;
use crate::action::{Action, Effect};
use crate::actions::Reading;
use crate::invocation::Input;
use crate::parse::http::{Body, Request};
use crate::parse::url::{Url, percent_decode};
use crate::target;

/// Reads a request of another scheme than HTTP's; gives nothing for HTTP's.
pub fn read(
    run: &Run<'_>,
    scope: &Scope<'_>,
    url: &Url,
    request: &Request,
    uploads: bool,
) -> Option<Reading> {
    let action = match url.scheme.as_str() {
        "http" | "https" | "ws" | "wss" | "ipfs" | "ipns" => return None,
        "file" => None,
        "gopher" | "gophers" => {
            let looks_up = url.port.is_none_or(|port| port == 70);
            // Behind the slash and the item's type stands what is sent, with a
            // line end behind it.
            let sends = if looks_up { sends_lines(&url.path, 3) } else { url.path.len() > 2 };
            sends.then(|| raw(request))
        }
        "dict" => {
            let looks_up = url.port.is_none_or(|port| port == 2628);
            (!looks_up && url.path.len() > 1).then(|| raw(request))
        }
        "telnet" => match run.call.context.stdin(super::LIMIT) {
            Input::Text(text) if text.is_empty() => None,
            Input::Terminal => None,
            Input::Text(_) | Input::Opaque(_) => Some(raw(request)),
        },
        scheme => {
            let says = !scope.commands.is_empty()
                || scope.method.is_some()
                || uploads
                || request.body != Body::None;
            says.then(|| write(request, scheme, &url.host))
        }
    };
    Some(action.map(Reading::of).unwrap_or_default())
}

/// Whether a path has a line of its own to send: a line end, percent-encoded,
/// behind its first `skip` bytes.
fn sends_lines(path: &str, skip: usize) -> bool {
    let bytes = percent_decode(path);
    bytes.iter().skip(skip).any(|byte| matches!(byte, b'\r' | b'\n'))
}

fn raw(request: &Request) -> Action {
    let mut action =
        Action::opaque("curl", "it sends bytes of its own to a server of another protocol");
    action.rule = Cow::Borrowed("curl/raw");
    action.target = target::http::resolve(request, "http");
    action
}

fn write(request: &Request, scheme: &str, host: &str) -> Action {
    Action {
        summary: format!("Sends data or commands to {host} by {}.", scheme.to_ascii_uppercase()),
        rule: Cow::Borrowed("curl/other-scheme"),
        target: target::http::resolve(request, "http"),
        ..Action::new(Effect::Write, scheme.to_ascii_uppercase())
    }
}
