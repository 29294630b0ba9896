//! What redis-cli's words say about TLS, and the same in the words of
//! `openssl s_client`, which speaks it for the filter of a read-only session.
//! Checked against redis-cli 7.0.15 and OpenSSL 3.0.19, by their sources and
//! by running them: the chain is verified and the host's name is not, nothing
//! is said of a server's name without `--sni`, and the system's certificates
//! count only where neither `--cacert` nor `--cacertdir` names others. Opens
//! no connection.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use crate::invocation::Context;
use crate::target::redis::Tls;

/// How much of a certificate's or key's file is looked at.
const FILE_LIMIT: usize = 1 << 20;

/// Options with a value, and `s_client`'s for the same; files and folders
/// first, which are named from the root on.
const FILES: &[(&str, &str)] = &[("--cacert", "-CAfile"), ("--cacertdir", "-CApath")];
const VALUES: &[(&str, &str)] =
    &[("--tls-ciphers", "-cipher"), ("--tls-ciphersuites", "-ciphersuites")];

/// What passes every byte in both directions, says nothing of its own, ends
/// when nobody is there any more, and tells on standard error what went wrong.
const PLAIN: &[&str] = &["-quiet", "-no_ign_eof", "-nocommands", "-verify_quiet"];

/// The words about TLS, as they come.
#[derive(Debug, Default)]
pub(super) struct Words {
    wanted: bool,
    insecure: bool,
    values: Vec<(&'static str, OsString)>,
    changes: Vec<(usize, Option<OsString>)>,
}

impl Words {
    /// Takes `--tls`, which stands at `at`.
    pub(super) fn ask_for(&mut self, at: usize) {
        self.wanted = true;
        self.changes.push((at, None));
    }

    /// Takes `--insecure`.
    pub(super) fn believe_anybody(&mut self) {
        self.insecure = true;
    }

    /// Takes an option's value, which stands at `at`.
    pub(super) fn value(&mut self, name: &'static str, value: &OsStr, at: usize) {
        match name {
            "-u" => {
                // Once asked for, it stays: another URL does not take it back.
                if let Some(plain) = without_tls(value.as_bytes()) {
                    self.wanted = true;
                    self.changes.push((at, Some(OsString::from_vec(plain))));
                }
            }
            "--sni" | "--cert" | "--key" | "--cacert" | "--cacertdir" | "--tls-ciphers"
            | "--tls-ciphersuites" => self.values.push((name, value.to_owned())),
            _ => {}
        }
    }

    /// Whether the connection is to be through TLS.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// What becomes of the words of a client that speaks no TLS itself. It
    /// takes the options beside `--tls` and does nothing about them.
    pub(super) fn changes(&self) -> Vec<(usize, Option<OsString>)> {
        self.changes.clone()
    }

    /// What speaks TLS in the client's stead; else what stands in the way of
    /// that: a sentence.
    pub(super) fn spoken(&self, context: &Context<'_>) -> Result<Tls, String> {
        let hindered = |why: String| {
            format!("Through TLS it is opened read-only with the help of openssl, but {why}.")
        };
        let words = self.words(context).map_err(|why| hindered(why.to_owned()))?;
        let options: Vec<&str> = words.iter().map(|(option, _)| *option).collect();
        let program = context.world.openssl(&options).map_err(hindered)?;
        let words = words.into_iter().flat_map(|(option, value)| [Some(option.into()), value]);
        let words = [OsString::from("s_client")].into_iter().chain(words.flatten());
        let folder = context.cwd().unwrap_or_else(|| "/".into());
        Ok(Tls { program, words: words.collect(), folder })
    }

    /// The last value of an option.
    fn last(&self, name: &str) -> Option<&OsString> {
        self.values.iter().rfind(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The options of `s_client`.
    fn words(
        &self,
        context: &Context<'_>,
    ) -> Result<Vec<(&'static str, Option<OsString>)>, &'static str> {
        let mut words: Vec<(&str, Option<OsString>)> =
            PLAIN.iter().map(|option| (*option, None)).collect();
        if !self.insecure {
            // The depth is libssl's own bound, and redis-cli's.
            words.extend([("-verify", Some("100".into())), ("-verify_return_error", None)]);
        }
        let sni = self.last("--sni").cloned();
        words.push(if sni.is_some() { ("-servername", sni) } else { ("-noservername", None) });
        for (name, option) in FILES {
            let file = self.last(name).map(|file| context.whole(file).into_os_string());
            words.extend(file.map(|file| (*option, Some(file))));
        }
        for (name, option) in VALUES {
            words.extend(self.last(name).map(|value| (*option, Some(value.clone()))));
        }
        // One without the other is nothing to be known by.
        if let Some((certificate, key)) = self.last("--cert").zip(self.last("--key")) {
            let [certificate, key] = [certificate, key].map(|file| context.whole(file));
            // What cannot be read, openssl will say.
            let look = |file| context.world.read(file, FILE_LIMIT).unwrap_or_default();
            if look(&key).windows(9).any(|part| part == b"ENCRYPTED") {
                return Err("its key has a passphrase, for which nobody would be asked");
            }
            // libssl itself puts what is above a lone certificate behind it.
            if certificates(&look(&certificate)) > 1 {
                words.push(("-cert_chain", Some(certificate.clone().into())));
            }
            words.extend([
                ("-cert", Some(certificate.into())),
                ("-key", Some(key.into())),
                // Never asked for on what is the connection.
                ("-pass", Some("pass:".into())),
            ]);
        }
        Ok(words)
    }
}

/// A URL that asks for TLS, as one that does not.
fn without_tls(url: &[u8]) -> Option<Vec<u8>> {
    let at = url.windows(3).position(|part| part == b"://")?;
    let (scheme, rest) = url.split_at_checked(at)?;
    let known = [&b"rediss"[..], b"valkeys"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
    let (_, plain) = scheme.split_last().filter(|_| known)?;
    Some([plain, rest].concat())
}

/// How many certificates there are in a PEM file.
fn certificates(text: &[u8]) -> usize {
    let starts =
        |line: &&[u8]| line.starts_with(b"-----BEGIN") && line.ends_with(b"CERTIFICATE-----");
    text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(starts).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    fn spoken(words: &Words, world: &FakeWorld) -> Result<String, String> {
        let invocation = Invocation::new(["redis-cli"]);
        let tls = words.spoken(&Context { invocation: &invocation, world })?;
        let words: Vec<_> = tls.words.iter().map(|word| word.to_string_lossy()).collect();
        Ok(format!("{} {}", tls.program.display(), words.join(" ")))
    }

    fn words(insecure: bool, values: &[(&'static str, &str)]) -> Words {
        let values = values.iter().map(|(name, value)| (*name, OsString::from(value))).collect();
        Words { wanted: true, insecure, values, changes: Vec::new() }
    }

    const START: &str = "/usr/bin/openssl s_client -quiet -no_ign_eof -nocommands -verify_quiet";

    #[test]
    fn the_same_is_verified_and_said_as_by_redis_cli() {
        let world = FakeWorld::new().with_openssl("/usr/bin/openssl");
        let says = |words: &Words| spoken(words, &world).unwrap();
        let verified = format!("{START} -verify 100 -verify_return_error");
        assert_eq!(says(&words(false, &[])), format!("{verified} -noservername"));
        assert_eq!(says(&words(true, &[])), format!("{START} -noservername"));
        let all = [
            ("--cacert", "old.pem"),
            ("--cacertdir", "/etc/certs"),
            ("--cacert", "ca.pem"),
            ("--sni", "cache.acme.com"),
            ("--tls-ciphers", "HIGH"),
            ("--tls-ciphersuites", "TLS_AES_128_GCM_SHA256"),
        ];
        assert_eq!(
            says(&words(false, &all)),
            format!(
                "{verified} -servername cache.acme.com -CAfile /app/ca.pem -CApath /etc/certs \
                 -cipher HIGH -ciphersuites TLS_AES_128_GCM_SHA256"
            )
        );
    }

    #[test]
    fn a_client_is_known_by_certificate_and_key() {
        let one = "text\n-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
        let world = FakeWorld::new()
            .with_openssl("/usr/bin/openssl")
            .with_file("/app/one.pem", one)
            .with_file("/app/two.pem", &one.repeat(2).replace('\n', "\r\n"))
            .with_file("/app/key.pem", "-----BEGIN PRIVATE KEY-----\n")
            .with_file("/app/locked.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
        let says = |values: &[(&'static str, &str)]| spoken(&words(true, values), &world);
        let start = format!("{START} -noservername");
        let known = |file: &str| format!("-cert /app/{file} -key /app/key.pem -pass pass:");
        let with = |file| says(&[("--cert", file), ("--key", "key.pem")]).unwrap();
        assert_eq!(with("one.pem"), format!("{start} {}", known("one.pem")));
        assert_eq!(with("gone.pem"), format!("{start} {}", known("gone.pem")));
        let chain = "-cert_chain /app/two.pem";
        assert_eq!(with("two.pem"), format!("{start} {chain} {}", known("two.pem")));
        for alone in [("--cert", "one.pem"), ("--key", "key.pem")] {
            assert_eq!(says(&[alone]).unwrap(), start, "{alone:?}");
        }
        let locked = says(&[("--cert", "one.pem"), ("--key", "locked.pem")]).unwrap_err();
        assert!(locked.ends_with("but its key has a passphrase, for which nobody would be asked."));
        let none = spoken(&words(true, &[]), &FakeWorld::new()).unwrap_err();
        assert!(none.ends_with("with the help of openssl, but openssl: command not found."));
    }

    #[test]
    fn a_url_loses_one_letter() {
        for (url, plain) in [
            ("rediss://u:p@h:1/2", Some("redis://u:p@h:1/2")),
            ("REDISS://h", Some("REDIS://h")),
            ("valkeys://h", Some("valkey://h")),
            ("redis://h/rediss://x", None),
            ("rediss:/h", None),
            ("https://h", None),
            ("", None),
        ] {
            let found = without_tls(url.as_bytes());
            assert_eq!(found.as_deref(), plain.map(str::as_bytes), "{url}");
        }
    }
}
