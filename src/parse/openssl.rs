//! What `openssl s_client` says on standard error, as one line for a person:
//! text in, text out. Checked against OpenSSL 3.0.19.

/// The most characters of the line.
const MAX: usize = 250;

/// Lines that say nothing about what went wrong, by their beginnings.
const ASIDES: &[&str] =
    &["DONE", "depth=", "issuer=", "notAfter=", "notBefore=", "connect:", "s_client: Use -help"];

/// Why a connection failed.
pub fn why(said: &str) -> String {
    let mut own = None;
    let mut error: Option<String> = None;
    let mut system = None;
    let mut verified = None;
    for line in said.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("verify error:num=") {
            verified = rest.split_once(':').map(|(_, why)| why.to_owned());
        } else if let Some(found) = Queued::read(line) {
            if found.is_system {
                system.get_or_insert(found.text);
            } else {
                error.get_or_insert(found.text);
            }
        } else if !ASIDES.iter().any(|aside| line.starts_with(aside)) {
            own.get_or_insert(line.to_owned());
        }
    }
    // What the system says of a file is the cause of what comes of it.
    let parts: Vec<String> = [own, system.or(error), verified].into_iter().flatten().collect();
    match parts.is_empty() {
        true => "openssl ended without a word".to_owned(),
        false => parts.join(": ").chars().take(MAX).collect(),
    }
}

/// A line of OpenSSL's own queue of errors:
/// `THREAD:error:NUMBER:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA`.
struct Queued {
    is_system: bool,
    text: String,
}

impl Queued {
    fn read(line: &str) -> Option<Queued> {
        let mut parts = line.splitn(9, ':');
        let thread = parts.next()?;
        if !thread.bytes().all(|byte| byte.is_ascii_hexdigit()) || parts.next()? != "error" {
            return None;
        }
        let (library, reason) = (parts.nth(1)?, parts.nth(1)?);
        let is_system = library == "system library";
        // Which file it was about.
        let data = parts.nth(2).filter(|data| is_system && !data.is_empty());
        let text = match data {
            Some(data) => format!("{reason} ({data})"),
            None => reason.to_owned(),
        };
        Some(Queued { is_system, text })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_cause_is_found() {
        for (said, wanted) in [
            (
                "depth=1 CN = test-ca\nverify error:num=19:self-signed certificate in certificate \
                 chain\n40D71D82707F0000:error:0A000086:SSL routines:\
                 tls_post_process_server_certificate:certificate verify failed:\
                 ../ssl/statem/statem_clnt.c:1889:\n",
                "certificate verify failed: self-signed certificate in certificate chain",
            ),
            (
                "4067A16E327F0000:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert \
                 certificate required:../ssl/record/rec_layer_s3.c:1601:SSL alert number 116\n",
                "tlsv13 alert certificate required",
            ),
            (
                "Could not read client certificate private key from k.pem\n\
                 40D7:error:1C800064:Provider routines:ossl_cipher_unpadblock:bad decrypt:a.c:124:\n\
                 40D7:error:04800065:PEM routines:PEM_do_header:bad decrypt:b.c:469:\n",
                "Could not read client certificate private key from k.pem: bad decrypt",
            ),
            (
                "4017:error:80000002:system library:BIO_new_file:No such file or directory:\
                 ../crypto/bio/bss_file.c:67:calling fopen(nowhere, r)\n\
                 4017:error:10000080:BIO routines:BIO_new_file:no such file:b.c:75:\n",
                "No such file or directory (calling fopen(nowhere, r))",
            ),
            (
                "s_client: Not a directory: /nowhere\ns_client: Use -help for summary.\n",
                "s_client: Not a directory: /nowhere",
            ),
            ("", "openssl ended without a word"),
            ("DONE\n", "openssl ended without a word"),
        ] {
            assert_eq!(why(said), wanted);
        }
        assert_eq!(why(&"x".repeat(9_000)).len(), MAX);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "[a-f0-9:\\n error]{0,200}|\\PC{0,200}") {
            let _ = why(&text);
        }
    }
}
