//! libpq's connection strings, `host=… dbname=…` and `postgresql://…`, taken
//! apart as libpq 15 does (fe-connect.c). Only the keys that say where a
//! connection goes are kept; passwords are dropped as they are read.

use crate::parse::url;

/// The keys that say where a connection goes, and `options`, which hides what
/// PGOPTIONS says.
pub const KEYS: &[&str] = &["host", "hostaddr", "port", "dbname", "user", "service", "options"];

/// Whether libpq takes a database name for a connection string.
pub fn is_recognised(text: &str) -> bool {
    text.contains('=') || scheme(text).is_some()
}

/// What stands behind `postgresql://` or `postgres://`.
fn scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))
}

/// The keys and values of a connection string, in order; the last of a key
/// counts. Keys other than [`KEYS`] are left out.
///
/// # Errors
/// Says why libpq would refuse it.
pub fn parse(text: &str) -> Result<Vec<(&'static str, String)>, &'static str> {
    let pairs = match scheme(text) {
        Some(rest) => uri(rest)?,
        None => keywords(text)?,
    };
    Ok(pairs
        .into_iter()
        .filter_map(|(key, value)| {
            KEYS.iter().find(|known| **known == key).map(|known| (*known, value))
        })
        .collect())
}

/// A connection string for what `text`, a database's name or a connection
/// string, stands for, with start-up options in place of its own. None where
/// libpq would refuse it or not find them in it.
pub fn with_options(text: &str, options: &str) -> Option<String> {
    let string = added(text, options);
    let pairs = parse(&string).ok()?;
    let last = pairs.iter().rfind(|(key, _)| *key == "options");
    last.is_some_and(|(_, value)| value == options).then_some(string)
}

fn added(text: &str, options: &str) -> String {
    if scheme(text).is_some() {
        // The last of a parameter counts.
        let joint = match text.contains('?') {
            true if text.ends_with(['?', '&']) => "",
            true => "&",
            false => "?",
        };
        let options = url::percent_encode(options.as_bytes());
        return format!("{text}{joint}options={}", String::from_utf8_lossy(&options));
    }
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    let rest = match text {
        "" => String::new(),
        text if is_recognised(text) => format!("{text} "),
        name => format!("dbname='{}' ", quoted(name)),
    };
    format!("{rest}options='{}'", quoted(options))
}

fn keywords(text: &str) -> Result<Vec<(String, String)>, &'static str> {
    let mut pairs = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|letter| letter.is_ascii_whitespace()).is_some() {}
        if letters.peek().is_none() {
            return Ok(pairs);
        }
        let mut key = String::new();
        while let Some(letter) = letters.next_if(|letter| *letter != '=' && !is_space(*letter)) {
            key.push(letter);
        }
        while letters.next_if(|letter| is_space(*letter)).is_some() {}
        if letters.next() != Some('=') {
            return Err("a connection string has a key without a value");
        }
        while letters.next_if(|letter| is_space(*letter)).is_some() {}
        let mut value = String::new();
        let quoted = letters.next_if_eq(&'\'').is_some();
        let mut closed = !quoted;
        while let Some(letter) = letters.next_if(|letter| quoted || !is_space(*letter)) {
            match letter {
                '\'' if quoted => {
                    closed = true;
                    break;
                }
                '\\' => value.extend(letters.next()),
                other => value.push(other),
            }
        }
        if !closed {
            return Err("a connection string has a quote that is not closed");
        }
        pairs.push((key, value));
    }
}

fn is_space(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter == '\x0b'
}

fn uri(rest: &str) -> Result<Vec<(String, String)>, &'static str> {
    let mut pairs = Vec::new();
    let mut put = |key: &str, value: &str| -> Result<(), &'static str> {
        if !value.is_empty() {
            pairs.push((key.to_owned(), decoded(value)?));
        }
        Ok(())
    };
    let before = rest.find(['@', '/']).map_or(rest, |at| rest.get(..at).unwrap_or(rest));
    let mut rest = rest;
    if let Some(behind) = rest.strip_prefix(before).and_then(|rest| rest.strip_prefix('@')) {
        put("user", before.split(':').next().unwrap_or_default())?;
        rest = behind;
    }
    let (hosts, ports, behind) = authority(rest)?;
    put("host", &hosts)?;
    put("port", &ports)?;
    let (path, query) = match behind.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (behind, None),
    };
    put("dbname", path.strip_prefix('/').unwrap_or(path))?;
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        if pair.is_empty() && query.is_some_and(str::is_empty) {
            continue;
        }
        let (key, value) =
            pair.split_once('=').ok_or("a connection URI has a parameter without a value")?;
        if value.contains('=') {
            return Err("a connection URI has a parameter with two values");
        }
        pairs.push((decoded(key)?, decoded(value)?));
    }
    Ok(pairs)
}

/// The hosts and ports of a URI, each joined by commas, and what follows them.
fn authority(mut rest: &str) -> Result<(String, String, &str), &'static str> {
    let (mut hosts, mut ports) = (String::new(), String::new());
    loop {
        let host = if let Some(inner) = rest.strip_prefix('[') {
            let (host, behind) =
                inner.split_once(']').ok_or("a connection URI has an unclosed bracket")?;
            if host.is_empty() || !(behind.is_empty() || behind.starts_with([':', '/', '?', ','])) {
                return Err("a connection URI has a malformed address");
            }
            rest = behind;
            host
        } else {
            let (host, behind) = cut(rest, &[':', '/', '?', ',']);
            rest = behind;
            host
        };
        hosts.push_str(host);
        if let Some(behind) = rest.strip_prefix(':') {
            let (port, behind) = cut(behind, &['/', '?', ',']);
            ports.push_str(port);
            rest = behind;
        }
        let Some(behind) = rest.strip_prefix(',') else { return Ok((hosts, ports, rest)) };
        hosts.push(',');
        ports.push(',');
        rest = behind;
    }
}

fn cut<'a>(text: &'a str, at: &[char]) -> (&'a str, &'a str) {
    let end = text.find(at).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Percent signs decoded.
fn decoded(text: &str) -> Result<String, &'static str> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err("a connection URI has a malformed percent sign");
        };
        match u8::try_from(high * 16 + low) {
            Ok(0) | Err(_) => return Err("a connection URI has a forbidden character"),
            Ok(byte) => out.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(&'static str, String)> {
        parse(text).unwrap()
    }

    fn owned(list: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        list.iter().map(|(key, value)| (*key, (*value).to_owned())).collect()
    }

    #[test]
    fn keyword_strings_are_split() {
        assert_eq!(
            pairs(r"host = a\ b  dbname='x y\'z' password=secret user=''"),
            owned(&[("host", "a b"), ("dbname", "x y'z"), ("user", "")]),
        );
        assert!(parse("host").is_err());
        assert!(parse("dbname='x").is_err());
        assert!(parse("a b=c").is_err());
    }

    #[test]
    fn uris_are_split() {
        assert_eq!(
            pairs("postgresql://u:p%40@[::1]:1,b:2/d%20b?host=/tmp&connect_timeout=3"),
            owned(&[
                ("user", "u"),
                ("host", "::1,b"),
                ("port", "1,2"),
                ("dbname", "d b"),
                ("host", "/tmp"),
            ]),
        );
        assert_eq!(pairs("postgres://"), []);
        assert_eq!(pairs("postgres:///db"), owned(&[("dbname", "db")]));
        assert_eq!(
            pairs("postgres://%2Ftmp/db?port=5"),
            owned(&[("host", "/tmp"), ("dbname", "db"), ("port", "5")]),
        );
        assert_eq!(pairs("postgres://h?dbname=x"), owned(&[("host", "h"), ("dbname", "x")]));
        for bad in ["postgres://%zz", "postgres://[::1", "postgres://h/d?x", "postgres://[]/"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn options_go_into_whatever_names_the_database() {
        let given = "-c a='1' -c b=\\x";
        for (text, rest) in [
            ("", vec![]),
            ("shop's", owned(&[("dbname", "shop's")])),
            ("host=h options=-cx=1", owned(&[("host", "h"), ("options", "-cx=1")])),
            ("postgres://h", owned(&[("host", "h")])),
            ("postgres://h/d?", owned(&[("host", "h"), ("dbname", "d")])),
            ("postgres://h/d?port=5&", owned(&[("host", "h"), ("dbname", "d"), ("port", "5")])),
            ("postgres://h?options=-cx%3D1", owned(&[("host", "h"), ("options", "-cx=1")])),
        ] {
            let string = with_options(text, given).expect(text);
            let found = pairs(&string);
            let (last, before) = found.split_last().expect(text);
            assert_eq!((before, last), (&*rest, &("options", given.to_owned())), "{string}");
        }
        // The blank behind it would be a part of the value.
        for text in ["password=a\\", "host='h", "postgres://h/d?x"] {
            assert_eq!(with_options(text, given), None, "{text}");
        }
    }

    #[test]
    fn a_password_never_gets_out() {
        for text in ["postgres://u:hunter2@h/d", "password=hunter2 host=h", "passfile='hunter2'"] {
            assert!(!format!("{:?}", parse(text)).contains("hunter2"), "{text}");
        }
    }
}
