//! Where a repository of backups lies: the spellings of restic, borg, wal-g,
//! duplicity and rclone (`s3:HOST/BUCKET`, `sftp:USER@HOST:/PATH`, `ssh://…`,
//! `gs://…`, a path) → evidence. Text in, evidence out; a password in a URL is
//! never kept, and nothing is looked up.

use super::{Class, Evidence, Kind, Target};
use crate::parse::url::{self, is_loopback};

/// The longest text that is taken for a repository, in bytes.
const MAX: usize = 8 * 1024;

/// Schemes whose first part is a bucket or container.
const BUCKETS: &[&str] =
    &["s3", "gs", "gcs", "azure", "az", "b2", "swift", "oss", "boto3+s3", "minio", "cf+http"];

/// Schemes whose first part is a host.
const HOSTS: &[&str] = &[
    "sftp",
    "ssh",
    "rsync",
    "scp",
    "rest",
    "http",
    "https",
    "ftp",
    "ftps",
    "webdav",
    "webdavs",
    "paramiko+sftp",
    "pexpect+sftp",
    "pexpect+scp",
];

/// Adds where `text` leads to `target`; the first one names it. A path is this
/// machine's.
pub fn add(target: &mut Target, text: &str, source: &str) {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX {
        target.gap = Some(format!("what {source} says is no repository"));
        return;
    }
    let (scheme, rest) = split(text);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    match scheme {
        Some("file" | "local") | None => path(target, rest, source),
        Some("rclone") => remote(target, rest, source),
        Some(scheme) if HOSTS.contains(&scheme) => host(target, rest, source),
        Some("s3") if is_endpoint(rest) => {
            let rest = rest.strip_prefix("https://").or(rest.strip_prefix("http://"));
            let rest = rest.unwrap_or(text.strip_prefix("s3:").unwrap_or(text));
            host(target, rest.trim_start_matches('/'), source);
        }
        Some(scheme) if BUCKETS.contains(&scheme) => bucket(target, rest, source),
        // `user@host:path` and `host:path`, as scp has it.
        Some(_) => host(target, text, source),
    }
}

/// The scheme, if there is one, in front of the first colon; what stands
/// behind it. A colon behind a slash is the path's.
fn split(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((scheme, rest)) if !scheme.contains('/') && !scheme.is_empty() => (Some(scheme), rest),
        _ => (None, text),
    }
}

/// Whether restic's `s3:` is followed by a server, not by a bucket.
fn is_endpoint(rest: &str) -> bool {
    let first = rest.split('/').next().unwrap_or_default();
    rest.starts_with("http://")
        || rest.starts_with("https://")
        || first.contains('.')
        || first.contains(':')
        || is_loopback(first)
}

fn name(target: &mut Target, shown: &str) {
    target.name.get_or_insert_with(|| shown.to_owned());
}

fn path(target: &mut Target, text: &str, source: &str) {
    name(target, text);
    let evidence = Evidence::name(Kind::Path, source.to_owned(), text);
    target.evidence.push(evidence.asserting(Class::Local));
}

fn bucket(target: &mut Target, rest: &str, source: &str) {
    let rest = rest.trim_start_matches('/');
    let end = rest.find(['/', ':']).unwrap_or(rest.len());
    let (bucket, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let path = path.trim_start_matches([':', '/']);
    name(target, if path.is_empty() { bucket } else { rest });
    target.evidence.push(Evidence::name(Kind::Resource, source.to_owned(), bucket));
    if !path.is_empty() {
        target.evidence.push(Evidence::name(Kind::Resource, source.to_owned(), path));
    }
}

/// `user:password@host:port/path`, `host:path`, with a scheme in front.
fn host(target: &mut Target, rest: &str, source: &str) {
    let rest = rest
        .strip_prefix("http://")
        .or_else(|| rest.strip_prefix("https://"))
        .unwrap_or(rest)
        .trim_start_matches('/');
    let authority = rest.split('/').next().unwrap_or_default();
    // The last @: a password may hold one.
    let login = authority.rfind('@').map_or(0, |at| at + 1);
    let rest = rest.get(login..).unwrap_or_default();
    let (shown, path) = match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some(parts) => parts,
        None => {
            let end = rest.find([':', '/']).unwrap_or(rest.len());
            rest.split_at_checked(end).unwrap_or((rest, ""))
        }
    };
    if shown.is_empty() {
        target.gap = Some(format!("what {source} says names no host"));
        return;
    }
    let plain = url::parse(&format!("http://{shown}")).map_or(shown.to_owned(), |url| url.host);
    let evidence = Evidence::name(Kind::Host, source.to_owned(), plain.clone());
    let local = is_loopback(&plain);
    target.evidence.push(if local { evidence.asserting(Class::Local) } else { evidence });
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let path = match path.strip_prefix(':') {
        Some(port) => port.get(digits(port)..).unwrap_or_default(),
        None => path,
    };
    // What follows a question mark may be a key.
    let path = path.split('?').next().unwrap_or_default();
    let bare = path.trim_start_matches('/');
    if bare.is_empty() {
        name(target, &plain);
    } else {
        name(target, &format!("{plain}:{path}"));
        target.evidence.push(Evidence::name(Kind::Resource, source.to_owned(), bare));
    }
}

/// `remote:path`, as rclone names what its configuration describes.
pub fn remote(target: &mut Target, text: &str, source: &str) {
    let (remote, path) = text.split_once(':').unwrap_or((text, ""));
    name(target, text);
    target.evidence.push(Evidence::name(Kind::Profile, source.to_owned(), remote));
    if !path.is_empty() {
        target.evidence.push(Evidence::name(Kind::Resource, source.to_owned(), path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn class(text: &str) -> Class {
        Policy::builtin().classify(&target("backups", text, "test")).class
    }

    fn target(platform: &'static str, text: &str, source: &str) -> Target {
        let mut target = Target::of(platform);
        add(&mut target, text, source);
        target
    }

    #[test]
    fn every_spelling_names_a_place() {
        for (text, name) in [
            ("/srv/repo", "/srv/repo"),
            ("file:///srv/repo", "/srv/repo"),
            ("s3:s3.amazonaws.com/acme-backups/db", "s3.amazonaws.com:/acme-backups/db"),
            ("s3:https://minio.acme.com:9000/b", "minio.acme.com:/b"),
            ("s3:acme-backups/db", "acme-backups/db"),
            ("s3://acme-backups/db", "acme-backups/db"),
            ("gs:acme:/db", "acme:/db"),
            ("gs://acme/db", "acme/db"),
            ("b2:acme:db", "acme:db"),
            ("sftp:backup@host.acme.com:/srv/repo", "host.acme.com:/srv/repo"),
            ("sftp://backup@host.acme.com:2222//srv/repo", "host.acme.com://srv/repo"),
            ("ssh://backup@host.acme.com:22/~/repo", "host.acme.com:/~/repo"),
            ("backup@host.acme.com:repo", "host.acme.com:repo"),
            ("rest:https://u:hunter2@host.acme.com:8000/x", "host.acme.com:/x"),
            ("rclone:acme:db", "acme:db"),
        ] {
            let target = target("backups", text, "test");
            assert_eq!(target.name.as_deref(), Some(name), "{text}");
            assert!(!format!("{target:?}").contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn names_give_the_class() {
        assert_eq!(class("/srv/repo"), Class::Local);
        assert_eq!(class("/srv/prod/repo"), Class::Production);
        assert_eq!(class("s3:s3.amazonaws.com/acme-prod-backups"), Class::Production);
        assert_eq!(class("s3://acme-staging-backups"), Class::Staging);
        assert_eq!(class("sftp:backup@host.acme.com:/srv"), Class::Unknown);
        assert_eq!(class("s3:http://localhost:9000/b"), Class::Local);
        assert_eq!(class(""), Class::Unknown);
    }
}
