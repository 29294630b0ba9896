//! Control planes: hosts that run other people's production, as data. A
//! DELETE to one is taken as authorised whether or not credentials can be
//! seen. A small list: only what the deletion of would be missed.

use crate::action::{Effect, Flag, Flags};
use crate::parse::http::{Body, Request};
use crate::parse::url::{self, Url};
use crate::text::glob;

/// One control plane.
#[derive(Debug)]
pub struct Plane {
    /// Its hosts: whole names, or `*.` and a domain.
    pub hosts: &'static [&'static str],
    /// The paths that are its, as [`segments`] patterns; empty: all.
    pub paths: &'static [&'static str],
    /// The platform of its targets.
    pub platform: &'static str,
    /// What to call it.
    pub whose: &'static str,
    /// Whether requests name their operation in a header or a parameter
    /// (`X-Amz-Target`, `Action=`).
    pub names_operations: bool,
    /// Requests that are more, or less, than their method.
    pub cases: &'static [Case],
}

/// Requests of one shape.
#[derive(Debug)]
pub struct Case {
    /// The method, upper case.
    pub method: &'static str,
    /// The path, as a [`segments`] pattern.
    pub path: &'static str,
    /// What they do.
    pub effect: Effect,
    /// What else.
    pub flags: Flags,
}

const fn case(method: &'static str, path: &'static str, effect: Effect, flags: Flags) -> Case {
    Case { method, path, effect, flags }
}

/// A DELETE of something that holds data nobody can bring back.
const fn whole(path: &'static str) -> Case {
    case("DELETE", path, Effect::Destroy, Flags::of(&[Flag::Irreversible]))
}

/// The same, with the backups kept in it.
const fn with_backups(path: &'static str) -> Case {
    let flags = Flags::of(&[Flag::Irreversible, Flag::Backups]);
    case("DELETE", path, Effect::Destroy, flags)
}

const fn backups(path: &'static str) -> Case {
    case("DELETE", path, Effect::Destroy, Flags::of(&[Flag::Backups]))
}

/// A POST that takes something away.
const fn post(path: &'static str) -> Case {
    case("POST", path, Effect::Destroy, Flags::NONE)
}

const fn plane(
    hosts: &'static [&'static str],
    platform: &'static str,
    whose: &'static str,
    cases: &'static [Case],
) -> Plane {
    Plane { hosts, paths: &[], platform, whose, names_operations: false, cases }
}

/// The control planes. The first whose host and path match counts.
static PLANES: &[Plane] = &[
    plane(
        &["api.github.com"],
        "github",
        "GitHub's API",
        &[
            whole("/repos/*/*"),
            whole("/orgs/*"),
            // A comment, a label on an issue, a reviewer asked for; the logs
            // of a run; a cache.
            case("DELETE", "/repos/*/*/issues/**", Effect::Write, Flags::NONE),
            case("DELETE", "/repos/*/*/pulls/**", Effect::Write, Flags::NONE),
            case("DELETE", "/repos/*/*/actions/runs/**", Effect::Write, Flags::NONE),
            case("DELETE", "/repos/*/*/actions/caches/**", Effect::Write, Flags::NONE),
        ],
    ),
    plane(&["gitlab.com"], "gitlab", "GitLab's API", &[whole("/api/v4/projects/*")]),
    plane(
        &["api.heroku.com"],
        "heroku",
        "Heroku's API",
        &[whole("/apps/*"), with_backups("/addons/*"), with_backups("/apps/*/addons/*")],
    ),
    plane(
        &["api.cloudflare.com"],
        "cloudflare",
        "Cloudflare's API",
        &[
            case("POST", "/client/v4/zones/*/purge_cache", Effect::Disrupt, Flags::NONE),
            whole("/client/v4/zones/*"),
            whole("/client/v4/accounts/*/d1/database/*"),
            whole("/client/v4/accounts/*/r2/buckets/*"),
            whole("/client/v4/accounts/*/storage/kv/namespaces/*"),
        ],
    ),
    plane(&["api.vercel.com"], "vercel", "Vercel's API", &[whole("/*/projects/*")]),
    plane(
        &["api.digitalocean.com"],
        "digitalocean",
        "DigitalOcean's API",
        &[
            with_backups("/v2/databases/*"),
            whole("/v2/volumes/*"),
            whole("/v2/kubernetes/clusters/**"),
            backups("/v2/snapshots/*"),
        ],
    ),
    Plane {
        hosts: &["*.amazonaws.com", "*.amazonaws.com.cn", "*.api.aws"],
        paths: &[],
        platform: "aws",
        whose: "AWS's API",
        names_operations: true,
        cases: &[],
    },
    plane(
        &["*.googleapis.com"],
        "gcp",
        "Google Cloud's API",
        &[
            post("/**/*:delete"),
            post("/**/*:purge"),
            post("/**/*:destroy"),
            case("POST", "/**/restoreBackup", Effect::Destroy, Flags::of(&[Flag::Irreversible])),
            with_backups("/sql/*/projects/*/instances/*"),
            with_backups("/v1/projects/*/instances/*"),
            whole("/v1/projects/*"),
            whole("/v3/projects/*"),
            whole("/storage/v1/b/*"),
        ],
    ),
    plane(
        &["management.azure.com"],
        "azure",
        "Azure's API",
        &[whole("/subscriptions/*/resourcegroups/*"), post("/**/delete"), post("/**/purge")],
    ),
    plane(
        &["api.machines.dev", "api.fly.io"],
        "fly",
        "Fly.io's API",
        &[whole("/v1/apps/*"), with_backups("/v1/apps/*/volumes/*")],
    ),
    plane(
        &["api.render.com"],
        "render",
        "Render's API",
        &[with_backups("/v1/postgres/*"), whole("/v1/disks/*")],
    ),
    plane(&["api.supabase.com"], "supabase", "Supabase's API", &[with_backups("/v1/projects/*")]),
    plane(
        &["console.neon.tech"],
        "neon",
        "Neon's API",
        &[
            with_backups("/api/v2/projects/*"),
            whole("/api/v2/projects/*/branches/*"),
            case(
                "POST",
                "/api/v2/projects/*/branches/*/restore",
                Effect::Destroy,
                Flags::of(&[Flag::Irreversible]),
            ),
        ],
    ),
    plane(&["api.netlify.com"], "netlify", "Netlify's API", &[whole("/api/v1/sites/*")]),
    plane(
        &["api.planetscale.com"],
        "planetscale",
        "PlanetScale's API",
        &[
            with_backups("/v1/organizations/*/databases/*"),
            backups("/v1/organizations/*/databases/*/branches/*/backups/*"),
        ],
    ),
    plane(
        &["api.turso.tech"],
        "turso",
        "Turso's API",
        &[with_backups("/v1/organizations/*/databases/*")],
    ),
    Plane {
        hosts: &["*"],
        paths: &[
            "/api/v1/namespaces/**",
            "/api/v1/nodes/**",
            "/api/v1/persistentvolumes/**",
            "/apis/*/*/**",
        ],
        platform: "kubernetes",
        whose: "a Kubernetes API",
        names_operations: false,
        cases: &[
            // A controller makes the pod again.
            case("DELETE", "/api/v1/namespaces/*/pods/*", Effect::Write, Flags::NONE),
            whole("/api/v1/namespaces/*"),
            whole("/api/v1/namespaces/*/persistentvolumeclaims/**"),
            whole("/api/v1/persistentvolumes/**"),
            whole("/apis/apiextensions.k8s.io/*/customresourcedefinitions/*"),
        ],
    },
];

/// The control plane that a URL belongs to.
pub fn find(host: &str, path: &str) -> Option<&'static Plane> {
    PLANES.iter().find(|plane| {
        plane.hosts.iter().any(|pattern| is_host(pattern, host))
            && (plane.paths.is_empty() || plane.paths.iter().any(|pattern| segments(pattern, path)))
    })
}

impl Plane {
    /// The case that a request is.
    pub fn case(&self, method: &str, path: &str) -> Option<&'static Case> {
        self.cases.iter().find(|case| case.method == method && segments(case.path, path))
    }
}

/// Whether a host matches a pattern: a whole name, `*.` and a domain that it
/// is below, or `*`.
fn is_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(domain) => host.ends_with(domain),
        None => host == pattern,
    }
}

/// Whether a path matches a pattern: segment by segment, by globs, `**`
/// standing for any number of segments.
fn segments(pattern: &str, path: &str) -> bool {
    let Some((first, rest)) = first_segment(pattern) else {
        return first_segment(path).is_none();
    };
    match first_segment(path) {
        // Either it stands for nothing, or for one segment more.
        Some((_, below)) if first == "**" => segments(rest, path) || segments(pattern, below),
        None if first == "**" => segments(rest, path),
        Some((segment, below)) => is_segment(first, segment) && segments(rest, below),
        None => false,
    }
}

/// A path's first segment, and what is below it.
fn first_segment(path: &str) -> Option<(&str, &str)> {
    let path = path.trim_start_matches('/');
    if path.is_empty() { None } else { Some(path.split_once('/').unwrap_or((path, ""))) }
}

fn is_segment(pattern: &str, segment: &str) -> bool {
    pattern == "*" || pattern.eq_ignore_ascii_case(segment) || glob(pattern, segment)
}

/// The operation that a request names: in `X-Amz-Target`, or as `Action` in
/// the query or the form that it sends.
pub fn operation(request: &Request, url: &Url) -> Option<String> {
    if let Some(target) = request.header("X-Amz-Target") {
        return target.rsplit('.').next().map(str::to_owned);
    }
    let action = |(name, value): (String, String)| (name == "Action").then_some(value);
    url.pairs().find_map(action).or_else(|| match &request.body {
        Body::Known(bytes) => url::pairs(str::from_utf8(bytes).ok()?).find_map(action),
        Body::None | Body::Opaque(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_segment_by_segment() {
        assert!(segments("/repos/*/*", "/repos/acme/shop"));
        assert!(segments("/repos/*/*", "/repos/acme/shop/"));
        assert!(!segments("/repos/*/*", "/repos/acme/shop/labels"));
        assert!(segments("/**/*:delete", "/v1/projects/a/topics/b:delete"));
        assert!(segments("/**/delete", "/subscriptions/1/delete"));
        assert!(segments("/a/**", "/a") && segments("/a/**", "/a/b/c"));
        assert!(!segments("/a/**", "/b/a"));
        assert!(!segments("/**/delete", "/subscriptions/1/undelete"));
    }

    #[test]
    fn hosts_are_whole_names() {
        let platform = |host: &str| find(host, "/x").map(|plane| plane.platform);
        assert_eq!(platform("api.github.com"), Some("github"));
        assert_eq!(platform("rds.eu-west-1.amazonaws.com"), Some("aws"));
        assert_eq!(platform("api.github.com.evil.test"), None);
        assert_eq!(platform("evilamazonaws.com"), None);
        assert_eq!(platform("example.com"), None);
    }

    #[test]
    fn kubernetes_is_known_by_its_paths() {
        let platform = |path: &str| find("10.0.0.1", path).map(|plane| plane.platform);
        assert_eq!(platform("/api/v1/namespaces/shop"), Some("kubernetes"));
        assert_eq!(platform("/apis/apps/v1/namespaces/shop/deployments/web"), Some("kubernetes"));
        assert_eq!(platform("/api/v1/users/3"), None);
    }
}
