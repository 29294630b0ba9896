//! A URL's host → the one spelling that stands for it: lower case, no trailing
//! dot, percent signs decoded, IDNA's full-width letters folded, numeric
//! addresses written out. What a client may still map to other letters is
//! said to be unclear. Never resolves a name.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::percent_decode;

/// The one spelling of a host, and whether a client may still change it.
pub fn normal(written: &str) -> (String, bool) {
    let plain = written.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte == b'-' || byte == b'.' || byte.is_ascii_digit()
    });
    let mut host = if plain {
        written.to_owned()
    } else {
        let written = match written.split_once('%') {
            Some((address, _zone)) if address.contains(':') => address,
            _ => written,
        };
        let decoded = String::from_utf8_lossy(&percent_decode(written)).into_owned();
        decoded.chars().flat_map(char::to_lowercase).map(fold).collect()
    };
    while host.ends_with('.') {
        host.pop();
    }
    if let Some(address) = numeric_ipv4(&host) {
        host = address.to_string();
    }
    let unclear = !host.is_ascii() && host.chars().any(may_become_ascii);
    (host, unclear)
}

/// The full-width forms of ASCII and the other full stops, as IDNA maps them.
fn fold(letter: char) -> char {
    match letter {
        '\u{3002}' | '\u{FF61}' => '.',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0)
            .map_or(letter, |folded| folded.to_ascii_lowercase()),
        other => other,
    }
}

/// Whether IDNA replaces this letter by ASCII ones, or drops it. By block,
/// so it may say yes to a letter that stays; it never says no to one that
/// goes.
fn may_become_ascii(letter: char) -> bool {
    matches!(u32::from(letter),
        0x00A0..=0x00BE | 0x0132..=0x0133 | 0x013F..=0x0140 | 0x0149 | 0x017F
        | 0x01C4..=0x01CC | 0x01F1..=0x01F3 | 0x02B0..=0x02FF | 0x034F | 0x1D2C..=0x1DBF
        | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x2000..=0x2BFF
        | 0x2C7C..=0x2C7D | 0x3000..=0x3004 | 0x3164 | 0x3200..=0x33FF
        | 0xA69C..=0xA69D | 0xA770 | 0xA7F2..=0xA7F9 | 0xAB5C..=0xAB6B
        | 0xFB00..=0xFB06 | 0xFE00..=0xFE6F | 0xFEFF..=0xFFFF
        | 0x10780..=0x107BF | 0x1CCD6..=0x1CCF9 | 0x1D400..=0x1D7FF | 0x1F100..=0x1F1FF
        | 0x1FBF0..=0x1FBF9 | 0xE0000..=0xE0FFF)
}

/// An IPv4 address in any of the spellings that inet_aton takes: one to four
/// parts, each decimal, octal (`0…`) or hexadecimal (`0x…`).
fn numeric_ipv4(host: &str) -> Option<Ipv4Addr> {
    if !host.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let parts: Vec<&str> = host.splitn(5, '.').collect();
    let (last, front) = parts.split_last()?;
    if front.len() > 3 {
        return None;
    }
    let mut address: u64 = 0;
    for part in front {
        let byte = number(part).filter(|value| *value < 256)?;
        address = address << 8 | byte;
    }
    let bits = 8 * (4 - front.len());
    let rest = number(last).filter(|value| *value < 1 << bits)?;
    u32::try_from(address << bits | rest).ok().map(Ipv4Addr::from)
}

fn number(text: &str) -> Option<u64> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok();
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.is_empty() {
        return None;
    }
    match text.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
        _ => text.parse().ok(),
    }
}

/// Whether a host, as [`parse`] spells it, is this machine's loopback.
pub fn is_loopback(host: &str) -> bool {
    if host == "localhost" || host.ends_with(".localhost") || host == "localhost.localdomain" {
        return true;
    }
    if let Some(address) = numeric_ipv4(host) {
        return address.is_loopback() || address.is_unspecified();
    }
    host.contains(':')
        && host.parse::<Ipv6Addr>().is_ok_and(|address| {
            address.is_loopback()
                || address.is_unspecified()
                || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::url::parse;

    fn host(text: &str) -> String {
        parse(text).map(|url| url.host).unwrap_or_default()
    }

    #[test]
    fn every_spelling_of_a_host_is_one() {
        for text in [
            "backboard.railway.app",
            "http://BACKBOARD.railway.APP/",
            "https:/backboard.railway.app",
            "https:///backboard.railway.app/graphql",
            "https://x@backboard.railway.app.",
            "https://evil.test@backboard.railway.app:443/",
            "https://a:b@c@backboard.railway.app",
            "https://backboard.railway.app?x=@evil.test",
            "https://backboard.railway.app#@evil.test/",
            "https://b%61ckboard.r%41ilway.app",
            "https://ｂackboard.railway。app/",
            "https://backboard．railway．app/",
            " https://backboard.railway.app\n",
        ] {
            assert_eq!(host(text), "backboard.railway.app", "{text}");
        }
    }

    #[test]
    fn a_name_in_path_query_or_user_is_no_host() {
        for text in [
            "https://evil.test/backboard.railway.app",
            "https://backboard.railway.app@evil.test/",
            "https://evil.test?backboard.railway.app",
            "https://evil.test\\@x/",
        ] {
            assert_ne!(host(text), "backboard.railway.app", "{text}");
        }
    }

    #[test]
    fn loopback_in_all_its_spellings() {
        for text in [
            "localhost",
            "http://LOCALHOST.:3000/",
            "api.localhost",
            "127.0.0.1:80",
            "127.1",
            "0x7f.1",
            "2130706433",
            "017700000001",
            "0.0.0.0",
            "[::1]:80",
            "[::1%25lo]",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(&host(text)), "{text} -> {}", host(text));
        }
        for text in ["localhost.evil.test", "128.0.0.1", "127.0.0.1.evil.test", "[2001:db8::1]"] {
            assert!(!is_loopback(&host(text)), "{text}");
        }
    }

    #[test]
    fn letters_that_a_client_maps_make_a_host_unclear() {
        assert!(parse("https://ba\u{200d}ckboard.railway.app").unwrap().host_unclear);
        assert!(parse("https://\u{1d41b}ackboard.railway.app").unwrap().host_unclear);
        assert!(parse("https://back\u{24d1}oard.railway.app").unwrap().host_unclear);
        assert!(!parse("https://münchen.example").unwrap().host_unclear);
        assert!(!parse("https://例え.jp").unwrap().host_unclear);
    }
}
