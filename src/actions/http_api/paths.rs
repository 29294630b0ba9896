//! A URL's path against a pattern, segment by segment, as a server that
//! decodes percent signs and resolves dots would see it. Pure; every loop is
//! bounded by [`MOST`] segments.

use std::borrow::Cow;

use crate::parse::url;
use crate::text::glob;

/// The segments that are looked at.
const MOST: usize = 64;

/// What the `{name}`s of a pattern stood for.
pub type Names = Vec<(&'static str, String)>;

/// A path's segments, decoded, without empty ones and dots.
pub fn segments(path: &str) -> Vec<String> {
    url::without_dots(path)
        .split('/')
        .filter(|segment| !segment.is_empty())
        .take(MOST)
        .map(|segment| String::from_utf8_lossy(&url::percent_decode(segment)).into_owned())
        .collect()
}

/// What the pattern's names stand for, if it matches. `**` stands for any
/// number of segments.
pub fn matches(pattern: &'static str, path: &[String]) -> Option<Names> {
    let pattern: Vec<&'static str> =
        pattern.split('/').filter(|segment| !segment.is_empty()).collect();
    let (mut p, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    // Where each of the pattern's segments was found last.
    let mut found: Vec<Option<&String>> = vec![None; pattern.len()];
    while at < path.len() || p < pattern.len() {
        match (pattern.get(p), path.get(at)) {
            (Some(&"**"), _) => {
                star = Some((p, at));
                p += 1;
                continue;
            }
            (Some(wanted), Some(have)) if is_segment(wanted, have) => {
                if let Some(place) = found.get_mut(p) {
                    *place = Some(have);
                }
                p += 1;
                at += 1;
                continue;
            }
            _ => {}
        }
        let (behind, taken) = star.filter(|(_, taken)| *taken < path.len())?;
        star = Some((behind, taken + 1));
        p = behind + 1;
        at = taken + 1;
    }
    Some(pattern.iter().zip(found).filter_map(|(wanted, have)| named(wanted, have?)).collect())
}

fn named(wanted: &'static str, have: &str) -> Option<(&'static str, String)> {
    let (before, rest) = wanted.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    let value = have.get(before.len()..have.len().checked_sub(behind.len())?)?;
    Some((name, value.to_owned()))
}

fn is_segment(wanted: &str, have: &str) -> bool {
    let wanted = match wanted.split_once('{').zip(wanted.split_once('}')) {
        Some(((before, _), (_, behind))) => Cow::Owned(format!("{before}*{behind}")),
        None => Cow::Borrowed(wanted),
    };
    wanted == "*" || glob(&wanted, have)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &'static str, path: &str) -> Option<String> {
        let names = matches(pattern, &segments(path))?;
        Some(names.iter().map(|(name, value)| format!("{name}={value} ")).collect())
    }

    fn is(pattern: &'static str, path: &str) -> bool {
        found(pattern, path).is_some()
    }

    #[test]
    fn paths_match_segment_by_segment() {
        assert!(is("/repos/*/*", "/repos/acme/shop"));
        assert!(is("/repos/*/*", "/repos/acme/shop/"));
        assert!(is("/repos/*/*", "//repos/acme//shop"));
        assert!(!is("/repos/*/*", "/repos/acme/shop/labels"));
        assert!(is("/**/*:delete", "/v1/projects/a/topics/b:delete"));
        assert!(is("/**/delete", "/subscriptions/1/delete"));
        assert!(is("/a/**", "/a") && is("/a/**", "/a/b/c"));
        assert!(!is("/a/**", "/b/a"));
        assert!(!is("/**/delete", "/subscriptions/1/undelete"));
        assert!(is("/", "/") && is("/", "") && !is("/", "/a") && !is("/a", "/"));
        assert!(is("/**/a/**/b", "/x/a/a/y/b") && !is("/**/a/**/b", "/x/a/a/y/c"));
    }

    #[test]
    fn a_path_is_seen_as_its_server_sees_it() {
        assert!(is("/apps/*", "/%61pps/shop"));
        assert!(is("/apps/*", "/x/../apps/./shop"));
        assert!(is("/apps/*", "/apps/a%2fb"));
        assert!(is("/apps/*", "/APPS/shop"));
    }

    #[test]
    fn names_are_taken_wherever_they_stand() {
        assert_eq!(found("/apps/{app}", "/apps/shop").as_deref(), Some("app=shop "));
        assert_eq!(found("/{a}/**/{b}:delete", "/x/y/z/t:delete").as_deref(), Some("a=x b=t "));
        assert_eq!(found("/**/{b}", "/é/ü").as_deref(), Some("b=ü "));
        let between = found("/**/repos/*/{p}/issues/**", "/api/v3/repos/acme/shop/issues/7/lock");
        assert_eq!(between.as_deref(), Some("p=shop "));
        assert_eq!(
            found("/*/p/{p}/**/{t}:delete", "/v1/p/a/b/c:delete").as_deref(),
            Some("p=a t=c ")
        );
    }

    #[test]
    fn a_long_path_is_no_work() {
        let long = "/a".repeat(100_000);
        assert!(is("/**/a/**", &long) && !is("/**/b/**/c", &long));
    }
}
