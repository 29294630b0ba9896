//! Which host an AWS CLI command talks to instead of AWS's own, and whether
//! that host is this machine. Looks at which CLI is installed where that
//! decides whether a setting counts; runs nothing.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use crate::invocation::Context;

/// The host in an endpoint's URL, without credentials and port; none if it is
/// no URL.
pub fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => host.split_once(':').map_or(host, |(host, _)| host),
    };
    (!host.is_empty()).then_some(host)
}

/// Whether a host is this machine: loopback, localhost, or the name that
/// LocalStack resolves to loopback.
pub fn is_local(host: &str) -> bool {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address.is_loopback() || address.is_unspecified();
    }
    if let Ok(address) = host.parse::<Ipv6Addr>() {
        return address.is_loopback() || address.is_unspecified();
    }
    let host = host.trim_end_matches('.');
    ["localhost", "localhost.localstack.cloud"].iter().any(|local| {
        let Some(at) = host.len().checked_sub(local.len()) else { return false };
        let tail = host.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(local));
        tail && (at == 0 || host.as_bytes().get(at - 1) == Some(&b'.'))
    })
}

/// Services to which version 1 of the CLI sends commands at AWS's own host in
/// some regions whatever the variables and the config file say; only
/// `--endpoint-url` redirects them (aws-cli 1.46,
/// `customizations/overridesslcommonname.py`; seen with rds in us-east-1).
pub const UNREDIRECTED: &[&str] = &["docdb", "emr", "health", "neptune", "rds", "sqs"];

/// Where Debian and Ubuntu put the CLI, and the file that names its version.
const PACKAGED: [&str; 2] = ["/usr/bin/aws", "/usr/lib/python3/dist-packages/awscli/__init__.py"];

/// The first releases that know endpoints in variables and in the config file
/// (aws-cli's issue 4727; 2.9.19 seen to ignore them, 1.46 and 2.38 to obey).
const FIRST: [(u32, u32); 2] = [(1, 29), (2, 13)];

/// Whether the CLI that would run is a distribution's package too old to know
/// endpoints in variables and in the config file: Debian 12 has 2.9, Ubuntu
/// 22.04 has 1.22. What cannot be told is not called old.
pub fn is_blind(context: Context<'_>) -> bool {
    let Some(path) = context.var("PATH") else { return false };
    let program = std::env::split_paths(&path).map(|folder| folder.join("aws"));
    let Some(real) = program.filter_map(|program| real_program(context, &program)).next() else {
        return false;
    };
    let [packaged, names] = PACKAGED.map(Path::new);
    if real != packaged {
        return false;
    }
    let Ok(bytes) = context.world.read(names, 1 << 14) else { return false };
    let text = String::from_utf8_lossy(&bytes);
    version(&text).is_some_and(|version| {
        FIRST.iter().any(|first| first.0 == version.0 && version.1 < first.1)
    })
}

/// What runs under this path, our own shims apart.
fn real_program(context: Context<'_>, path: &Path) -> Option<PathBuf> {
    let real = context.world.canonical(path).filter(|_| context.world.exists(path))?;
    (real.file_name() != Some(OsStr::new("holdpoint"))).then_some(real)
}

/// The major and the minor number in Python's `__version__ = '2.9.19'`.
fn version(text: &str) -> Option<(u32, u32)> {
    let (_, behind) = text.split_once("__version__")?;
    let number = behind.trim_start_matches([' ', '=', '\'', '"']);
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_out_of_urls() {
        assert_eq!(host("http://localhost:4566"), Some("localhost"));
        assert_eq!(host("http://user:secret@db.prod.example/x"), Some("db.prod.example"));
        assert_eq!(host("http://[::1]:4566/"), Some("::1"));
        assert_eq!(host("http://localhost@evil.example"), Some("evil.example"));
        assert_eq!(host("http://evil.example\\@localhost"), Some("evil.example"));
        assert_eq!(host("localhost:4566"), None);
        assert_eq!(host("http://"), None);
    }

    #[test]
    fn local_hosts_are_told_from_those_that_look_alike() {
        for host in [
            "localhost",
            "s3.localhost",
            "127.0.0.1",
            "127.1.2.3",
            "::1",
            "LOCALHOST.",
            "s3.localhost.localstack.cloud",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in ["notlocalhost", "localhost.example.com", "127.0.0.1.nip.io", "10.0.0.1", ""] {
            assert!(!is_local(host), "{host}");
        }
    }
}
