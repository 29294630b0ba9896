//! Which host an AWS CLI command talks to instead of AWS's own, and whether
//! that host is this machine. Pure.

use std::net::{Ipv4Addr, Ipv6Addr};

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
