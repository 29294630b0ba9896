//! Takes secrets out of text before it is stored, hashed or shown. A secret is
//! found by its own shape ([`shapes`]), by the name in front of it ([`names`])
//! or by the option that takes it ([`options`]); in its place stands what it
//! was, with a keyed fingerprint where there is a key, so that equal secrets
//! can be told to be equal and none can be guessed. Never prints, never keeps
//! what it found.

mod names;
mod options;
mod shapes;

use std::ffi::OsString;
use std::ops::Range;

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The longest text that is searched, in bytes; of a longer one, the rest is
/// cut off.
const TEXT_LIMIT: usize = 64 * 1024;

/// How every replacement begins.
const MARK: &str = "‹redacted:";

/// A secret's place in a text, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Secret {
    at: Range<usize>,
    kind: &'static str,
}

impl Secret {
    fn new(start: usize, end: usize, kind: &'static str) -> Secret {
        Secret { at: start..end, kind }
    }
}

/// Replaces secrets.
#[derive(Clone, Default)]
pub struct Redactor {
    key: Option<[u8; 32]>,
}

/// `text` with its secrets replaced, without fingerprints: for cards,
/// summaries and messages.
pub fn text(text: &str) -> String {
    Redactor::default().text(text)
}

/// The places of secrets that show by their own shape, and what each is.
pub fn by_shape(text: &str) -> Vec<(Range<usize>, &'static str)> {
    shapes::find(text).into_iter().map(|secret| (secret.at, secret.kind)).collect()
}

impl Redactor {
    /// One that leaves fingerprints under `key`.
    pub fn of(key: [u8; 32]) -> Redactor {
        Redactor { key: Some(key) }
    }

    /// `text` with its secrets replaced.
    pub fn text(&self, text: &str) -> String {
        let text = cut(text);
        let mut found = shapes::find(text);
        names::find(text, &mut found);
        options::find(text, &mut found);
        self.replace(text, found)
    }

    /// The first `limit` words of a command line with their secrets replaced;
    /// an option in one word can make the next one a secret.
    pub fn argv(&self, argv: &[OsString], limit: usize) -> Vec<String> {
        let words: Vec<_> = argv.iter().take(limit).map(|word| word.to_string_lossy()).collect();
        let secrets = options::in_words(words.iter().map(|word| cut(word)));
        let redacted = words.iter().enumerate().map(|(index, word)| {
            let word = cut(word);
            match secrets.get(index).copied().flatten() {
                Some(from) => {
                    let kept = word.get(..from).unwrap_or_default();
                    self.text(kept) + &self.mark(word.get(from..).unwrap_or(word), "option")
                }
                None => self.text(word),
            }
        });
        redacted.collect()
    }

    /// The text with the secrets' places replaced. Those that overlap become
    /// one.
    fn replace(&self, text: &str, mut found: Vec<Secret>) -> String {
        let marks = marks(text);
        let is_marked = |at: &Range<usize>| {
            marks.iter().any(|mark| mark.start <= at.start && at.end <= mark.end)
        };
        found.retain(|secret| secret.at.start < secret.at.end && !is_marked(&secret.at));
        found.sort_by_key(|secret| (secret.at.start, std::cmp::Reverse(secret.at.end)));
        let mut merged: Vec<Secret> = Vec::new();
        for secret in found {
            match merged.last_mut() {
                Some(last) if secret.at.start < last.at.end => {
                    last.at.end = last.at.end.max(secret.at.end);
                }
                _ => merged.push(secret),
            }
        }
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for secret in merged {
            out.push_str(text.get(from..secret.at.start).unwrap_or_default());
            out.push_str(&self.mark(text.get(secret.at.clone()).unwrap_or_default(), secret.kind));
            from = secret.at.end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// What stands in the place of `secret`.
    fn mark(&self, secret: &str, kind: &str) -> String {
        if secret.is_empty() || marks(secret).first() == Some(&(0..secret.len())) {
            return secret.to_owned();
        }
        let mac = self.key.as_ref().and_then(|key| Hmac::<Sha256>::new_from_slice(key).ok());
        let Some(mut mac) = mac else { return format!("{MARK}{kind}›") };
        mac.update(secret.as_bytes());
        let tag = mac.finalize().into_bytes();
        let print: String = tag.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{MARK}{kind}:{print}›")
    }
}

/// The places of what stands for secrets already: exactly as [`Redactor::mark`]
/// writes it, so that nothing hides behind its likeness.
fn marks(text: &str) -> Vec<Range<usize>> {
    let place = |(start, mark): (usize, &str)| {
        let rest = text.get(start + mark.len()..)?;
        let (inside, _) = rest.split_once('›')?;
        let (kind, print) = inside.split_once(':').unwrap_or((inside, ""));
        let is_ours = kind.len() < 16
            && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && matches!(print.len(), 0 | 8)
            && print.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_ours.then(|| start..start + mark.len() + inside.len() + '›'.len_utf8())
    };
    text.match_indices(MARK).filter_map(place).collect()
}

/// At most [`TEXT_LIMIT`] bytes of `text`.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_LIMIT)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts, with the secrets between `⟦` and `⟧`.
    const PLANTED: &[&str] = &[
        "postgres://app:⟦hunter2⟧@db.acme.com/shop",
        "postgres://app:⟦hun/ter?2⟧@db.acme.com/shop",
        "psql 'postgresql://:⟦p@ss⟧@db/shop?sslmode=require'",
        "git clone https://⟦a1b2c3d4e5f6a7b8c9d0a1b2⟧@github.com/acme/shop",
        "redis://default:⟦s3cr3t⟧@cache:6379/0 and mysql://root:⟦toor⟧@db/x",
        "PGPASSWORD=⟦hunter2⟧ psql -h db",
        "MYSQL_PWD='⟦hunter 2⟧' mysql",
        "env DATABASE_PASSWORD=\"⟦hunter \\\" 2⟧\" ./run",
        "host=db password=⟦hunter2⟧ user=app",
        "host=db password='⟦hunter 2⟧' user=app",
        "curl -H 'Authorization: Bearer ⟦abc.def-123⟧' https://x",
        "curl -H \"authorization: ⟦abcdef⟧\" https://x",
        "Authorization: Basic ⟦YWxhZGRpbjpvcGVuc2VzYW1l⟧\nAccept: */*",
        "Cookie: ⟦a=b; c=d⟧",
        "project-access-token: ⟦3d2c42fb-8a1f-4c6e-9d55-1c2f3e4d5a6b⟧",
        "curl -u admin:⟦hunter2⟧ https://x",
        "curl -su admin:⟦hunter2⟧ https://x",
        "curl -sSuadmin:⟦hunter2⟧ https://x",
        "curl --user=admin:⟦hunter2⟧ https://x",
        "mysql -u root -p⟦hunter2⟧ -e 'drop table t'",
        "sudo /usr/bin/mysqldump -p⟦hunter2⟧ shop",
        "bash -c \"mysql -p⟦hunter2⟧ shop\"",
        "sshpass -p ⟦hunter2⟧ ssh db",
        "redis-cli -a ⟦hunter2⟧ flushall",
        "docker login -u me -p ⟦hunter2⟧",
        "tool --password ⟦hunter2⟧ --token ⟦hunter3⟧ rest",
        "tool --api-key=⟦abc⟧ --client-secret '⟦d e f⟧'",
        "{\"password\":\"⟦hunter2⟧\",\"user\":\"x\",\"apiKey\": \"⟦k1⟧\"}",
        "{\"query\":\"mutation { x(input: {token: \\\"⟦t0⟧\\\"}) }\"}",
        "https://x/y?access_token=⟦abc⟧&z=1",
        "ALTER ROLE app PASSWORD '⟦hunter''2⟧'",
        "CREATE USER a IDENTIFIED BY '⟦hunter2⟧'",
        "CREATE USER a IDENTIFIED WITH x BY '⟦hunter2⟧' ACCOUNT LOCK",
        "aws --x ⟦AKIAIOSFODNN7EXAMPLE⟧",
        "aws_secret_access_key = ⟦wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY⟧",
        "echo ⟦ghp_0123456789abcdefghijABCDEFGHIJ⟧",
        "⟦sk-proj-abcdefghijklmnopqrstuvwx⟧ ⟦xoxb-123456789012-abcdef⟧",
        "eyes on ⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLi4u⟧.",
        "key: ⟦Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==⟧",
        "⟦-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----⟧ after",
        "⟦-----BEGIN PRIVATE KEY-----\nMIIEtruncated⟧",
        "https://⟦hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX⟧",
        "openssl rsa -passin pass:⟦hunter2⟧ -in k.pem",
    ];

    /// Texts that hold no secret.
    const HARMLESS: &[&str] = &[
        "psql -h db.acme.com -p 5432 -U app -c 'DROP TABLE users'",
        "railway volume delete --volume 3d2c42fb-8a1f-4c6e-9d55-1c2f3e4d5a6b --yes",
        "aws secretsmanager delete-secret --secret-id prod/db",
        "kubectl delete secret my-secret -n shop",
        "aws s3api delete-object --bucket b --key backups/2024-01-02/dump.sql",
        "docker run -p 8080:80 nginx",
        "PWD=/home/ana OLDPWD=/tmp ls",
        "https://db.acme.com:5432/path?user=ana",
        "http://localhost:8080/a:b@c",
        "postgres://ana@db.acme.com/shop",
        "git@github.com:acme/shop.git",
        "mutation { volumeDelete(volumeId: \"3d2c42fb\") }",
        "task-skeleton disk-snapshot-2024-01-01-0001-abcdef",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "SELECT count(*) FROM tokens WHERE id = 7",
        "--password-stdin --token-file /run/x",
        "",
    ];

    #[test]
    fn planted_secrets_go_and_all_else_stays() {
        for planted in PLANTED {
            let (mut text, mut expected) = (String::new(), String::new());
            for part in planted.split('⟧') {
                let (before, secret) = part.split_once('⟦').unwrap_or((part, ""));
                text.extend([before, secret]);
                expected.push_str(before);
                if !secret.is_empty() {
                    expected.push('⟦');
                }
            }
            let redacted = super::text(&text);
            let mut shown = String::new();
            for (index, part) in redacted.split(MARK).enumerate() {
                let rest = if index == 0 { part } else { part.split_once('›').unwrap().1 };
                shown.push_str(if index == 0 { "" } else { "⟦" });
                shown.push_str(rest);
            }
            assert_eq!(shown, expected, "{redacted}");
            assert_eq!(super::text(&redacted), redacted, "redacting twice changes nothing");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in HARMLESS {
            assert_eq!(&super::text(text), text);
        }
    }

    #[test]
    fn words_of_a_command_line_are_whole_values() {
        let argv = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            Redactor::default().argv(&words, 100).join("\n")
        };
        for (words, secret) in [
            (&["x", "--password=a b&c;d", "y"][..], "a b&c;d"),
            (&["x", "PGPASSWORD=a b'c\"d", "y"], "a b'c\"d"),
            (&["x", "--token", "a b&c", "y"], "a b&c"),
            (&["mysql", "-pa b", "y"], "a b"),
            (&["/usr/bin/mysql", "-pab", "y"], "-pab"),
            (&["sudo", "redis-cli", "-a", "a'b", "y"], "a'b"),
            (&["curl", "-u", "me:a b", "y"], "a b"),
            (&["curl", "-fsSLu", "me:a@b:c", "y"], "a@b:c"),
            (&["curl", "-H", "X-Api-Key: a,b", "y"], "a,b"),
        ] {
            let redacted = argv(words);
            assert!(!redacted.contains(secret), "{redacted}");
            assert!(redacted.contains(MARK) && redacted.ends_with('y'), "{redacted}");
        }
        assert_eq!(argv(&["psql", "-p", "5432", "mysql"]), "psql\n-p\n5432\nmysql");
        assert_eq!(argv(&["mysql", "-p", "shop"]), "mysql\n-p\nshop", "-p alone asks");
        assert_eq!(argv(&["a", "b", "c"]).lines().count(), 3);
    }

    #[test]
    fn equal_secrets_have_equal_prints_under_one_key_only() {
        let print = |key: u8, text: &str| Redactor::of([key; 32]).text(text);
        let one = print(1, "--token abc");
        assert!(one.starts_with("--token ‹redacted:") && !one.contains("abc"), "{one}");
        assert_eq!(one, print(1, "--token abc"));
        assert_ne!(one, print(2, "--token abc"));
        assert_ne!(one, print(1, "--token abd"));
    }

    #[test]
    fn the_print_is_hmac_sha256() {
        // RFC 4231, test case 1: the tag begins with b0344c61.
        let mut key = [0; 32];
        key.iter_mut().take(20).for_each(|byte| *byte = 0x0b);
        assert_eq!(Redactor::of(key).mark("Hi There", "x"), "‹redacted:x:b0344c61›");
    }

    #[test]
    fn any_text_is_survived() {
        let fake = super::text("password=‹redacted:x›hunter2 --token ‹redacted:Hunter2›");
        assert!(!fake.to_ascii_lowercase().contains("hunter2"), "{fake}");
        let odd = "\u{202e}=:'\"\\`://@-p--password=é⟦‹redacted:\u{0}";
        for start in odd.char_indices().map(|(at, _)| at) {
            let tail = odd.get(start..).unwrap();
            for text in [tail.to_owned(), tail.repeat(3), format!("password={tail}")] {
                super::text(&text);
            }
        }
        let started = std::time::Instant::now();
        for part in
            ["pw=", "key=", "key: '", "x://a:b", "-----BEGIN PRIVATE KEY", "'", "by '", "-p "]
        {
            super::text(&part.repeat(TEXT_LIMIT / part.len()));
        }
        assert!(started.elapsed().as_secs() < 10, "time grows with the square of the length");
        assert!(super::text(&"é".repeat(TEXT_LIMIT)).len() <= TEXT_LIMIT);
    }
}
