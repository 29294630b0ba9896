//! Where an HTTP request lands. The URL's host is the target, whatever name
//! server, proxy or socket the connection goes through: an option that leads
//! `api.acme.com` to this machine does not make it this machine's, and one
//! that leads `localhost` elsewhere takes its being local away.

use super::{Class, Evidence, Kind, Target};
use crate::parse::http::Request;
use crate::parse::url::is_loopback;

/// The target of a request on `platform`.
pub fn resolve(request: &Request, platform: &'static str) -> Target {
    let mut target = Target::of(platform);
    let Some(url) = request.parts() else {
        target.gap = Some("its URL could not be read".to_owned());
        return target;
    };
    let led_away = request.detours.iter().any(|detour| !detour.local);
    let host = Evidence::name(Kind::Host, "url", url.host.clone());
    let local = is_loopback(&url.host) && !led_away;
    target.evidence.push(if local { host.asserting(Class::Local) } else { host });
    // A path may name an environment; being only a part of an API's own names,
    // it may make a target more dangerous and never less.
    let shown = format!("{}://{}{}", url.scheme, url.host, url.shown_path());
    target.evidence.push(Evidence::hint(Kind::Url, "url", shown));
    for detour in &request.detours {
        let kind = if detour.source.contains("socket") { Kind::Socket } else { Kind::Host };
        let evidence = if is_loopback(&url.host) && !detour.local {
            Evidence::name(kind, detour.source, detour.place.clone())
        } else {
            Evidence::hint(kind, detour.source, detour.place.clone())
        };
        target.evidence.push(evidence);
    }
    target.name = Some(url.host);
    target.gap = request.gap.clone();
    if url.host_unclear {
        target.gap = Some("its host has letters that stand for others".to_owned());
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::http::Detour;

    fn request(url: &str) -> Request {
        Request { url: url.to_owned(), ..Request::default() }
    }

    fn is_local(request: &Request) -> bool {
        resolve(request, "http").evidence.iter().any(|found| found.asserts == Some(Class::Local))
    }

    fn through(url: &str, place: &str, local: bool) -> Request {
        let detour = Detour { source: "--connect-to", place: place.to_owned(), local };
        Request { detours: vec![detour], ..request(url) }
    }

    #[test]
    fn loopback_is_local() {
        assert!(is_local(&request("http://localhost:3000/x")));
        assert!(is_local(&request("http://127.1/x")));
        assert!(!is_local(&request("https://api.acme.com/x")));
    }

    #[test]
    fn a_detour_decides_nothing_but_takes_being_local_away() {
        assert!(!is_local(&through("https://api.acme.com/", "127.0.0.1", true)));
        assert!(!is_local(&through("http://localhost/", "db.prod.acme.com", false)));
        assert!(is_local(&through("http://localhost/", "127.0.0.1", true)));
    }

    #[test]
    fn no_secret_is_in_the_evidence() {
        let target = resolve(&request("https://ana:hunter2@x.test/a?token=hunter3&b=1"), "http");
        assert!(!format!("{target:?}").contains("hunter"));
        assert_eq!(target.name.as_deref(), Some("x.test"));
    }
}
