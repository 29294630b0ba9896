//! What fills a request's body or query: `-d` and its kin, `--json`,
//! `--url-query`, `-F`. Literals are taken as they are, files and standard
//! input are read once; what cannot be read makes the whole opaque.

use std::sync::Arc;

use super::sources::Text;
use super::words::Arg;
use super::{LIMIT, Run};
use crate::actions::By;
use crate::parse::http::Body;
use crate::parse::url::percent_encode;

/// How a `-d` option reads its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `--data`: `@file` without its line ends.
    Plain,
    /// `--data-binary`: `@file` as it is.
    Binary,
    /// `--data-raw`: no file.
    Raw,
    /// `--data-urlencode`.
    Encoded,
    /// `--json`: as binary, joined without `&`.
    Json,
}

/// Data gathered from several options.
#[derive(Clone, Debug, Default)]
pub struct Data {
    bytes: Vec<u8>,
    opaque: Option<String>,
}

/// A part of a multipart form.
pub struct Part {
    name: String,
    file_name: Option<String>,
    content: Result<Vec<u8>, String>,
}

/// The boundary in bodies that are built here; curl's own is random.
pub const BOUNDARY: &str = "------------------------holdpoint";

impl Data {
    fn add(&mut self, separator: &[u8], piece: Result<Vec<u8>, String>) {
        self.bytes.extend_from_slice(separator);
        match piece {
            Ok(piece) => self.bytes.extend_from_slice(&piece),
            Err(why) => self.opaque = Some(why),
        }
        if self.bytes.len() > LIMIT {
            self.opaque = Some("it is longer than holdpoint reads".to_owned());
            self.bytes.clear();
        }
    }

    /// The data as a body.
    pub fn into_body(self) -> Body {
        match self.opaque {
            Some(why) => Body::Opaque(why),
            None => Body::Known(self.bytes.into()),
        }
    }

    /// The data as text, and why it is not all of it.
    pub fn to_text(&self) -> (String, Option<String>) {
        (String::from_utf8_lossy(&self.bytes).into_owned(), self.opaque.clone())
    }
}

/// The parts of a form as a body.
pub fn multipart(parts: Vec<Part>) -> Body {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(format!("--{BOUNDARY}\r\n").as_bytes());
        let quoted = |text: &str| text.replace('"', "%22").replace(['\r', '\n'], " ");
        let mut header = format!("Content-Disposition: form-data; name=\"{}\"", quoted(&part.name));
        if let Some(name) = &part.file_name {
            header.push_str(&format!("; filename=\"{}\"", quoted(name)));
        }
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(b"\r\n\r\n");
        match part.content {
            Ok(content) => out.extend_from_slice(&content),
            Err(why) => return Body::Opaque(why),
        }
        out.extend_from_slice(b"\r\n");
        if out.len() > LIMIT {
            return Body::Opaque("it is longer than holdpoint reads".to_owned());
        }
    }
    out.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    Body::Known(out.into())
}

impl<'a> Run<'a> {
    /// Adds the value of one of `-d`'s kin.
    pub fn data(&mut self, value: &Arg<'a>, style: Style) {
        let piece = self.piece(value, style);
        let data = self.scope.data.get_or_insert_default();
        let first = data.bytes.is_empty() && data.opaque.is_none();
        let separator: &[u8] = if first || style == Style::Json { b"" } else { b"&" };
        data.add(separator, piece);
    }

    /// Adds the value of `--url-query`.
    pub fn url_query(&mut self, value: &Arg<'a>) {
        let piece = match value.text.strip_prefix(b"+") {
            Some(_) => self.piece(&value.behind(1), Style::Raw),
            None => self.piece(value, Style::Encoded),
        };
        let query = self.scope.query.get_or_insert_default();
        let separator: &[u8] = if query.bytes.is_empty() { b"" } else { b"&" };
        query.add(separator, piece);
    }

    fn piece(&mut self, value: &Arg<'a>, style: Style) -> Result<Vec<u8>, String> {
        let at = value.text.first() == Some(&b'@');
        match style {
            Style::Encoded => self.encoded(value),
            Style::Raw => literal(value),
            _ if !at => literal(value),
            Style::Binary | Style::Json => Ok(self.bytes(&value.behind(1))?.to_vec()),
            Style::Plain => without_line_ends(&self.bytes(&value.behind(1))?),
        }
    }

    /// `name=content`, `=content`, `content`, `@file`, `name@file`.
    fn encoded(&mut self, value: &Arg<'a>) -> Result<Vec<u8>, String> {
        let text = &value.text;
        let sign = text
            .iter()
            .position(|byte| *byte == b'=')
            .or_else(|| text.iter().position(|byte| *byte == b'@'));
        let Some(sign) = sign else { return Ok(plus(percent_encode(&literal(value)?))) };
        let content = value.behind(sign + 1);
        let content = if text.get(sign) == Some(&b'@') {
            self.bytes(&content)?.to_vec()
        } else {
            literal(&content)?
        };
        let mut out = text.get(..sign).unwrap_or_default().to_vec();
        if !out.is_empty() {
            out.push(b'=');
        }
        out.extend(plus(percent_encode(&content)));
        Ok(out)
    }

    fn bytes(&mut self, name: &Arg<'a>) -> Result<Arc<[u8]>, String> {
        match self.body(name) {
            Text::Known(text) => Ok(text),
            Text::Opaque(why) => Err(why),
        }
    }

    /// Adds the value of `-F`: `name=content`, `name=@file;type=…`,
    /// `name=<file`; with `--form-string` the content is always literal.
    pub fn form(&mut self, value: &Arg<'a>, verbatim: bool) {
        if value.dynamic {
            let content = Err("part of the form is computed at run time".to_owned());
            let part = Part { name: String::new(), file_name: None, content };
            return self.scope.parts.push(part);
        }
        let Some(equals) = value.text.iter().position(|byte| *byte == b'=') else { return };
        let name = String::from_utf8_lossy(value.text.get(..equals).unwrap_or_default());
        let name = name.into_owned();
        let content = value.behind(equals + 1);
        let sign = content.text.first().copied();
        if self.scope.parts.len() >= super::MOST {
            return self.scope.too_many = true;
        }
        let part = match sign {
            _ if verbatim => Part { name, file_name: None, content: Ok(content.text.into_owned()) },
            Some(b'@' | b'<') => {
                let file = content.behind(1);
                let is_upload = sign == Some(b'@');
                let (word, length) = first_word(&file.text, true);
                let base = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
                let file_name = is_upload.then(|| String::from_utf8_lossy(base).into_owned());
                let found = self.look(&Arg::loose(word.clone()));
                if let (Text::Known(bytes), true) = &found {
                    self.hand_part(&file, length, base, is_upload, bytes);
                }
                let content = match found.0 {
                    Text::Known(bytes) => Ok(bytes.to_vec()),
                    Text::Opaque(why) => Err(why),
                };
                Part { name, file_name, content }
            }
            _ => Part { name, file_name: None, content: Ok(first_word(&content.text, false).0) },
        };
        self.scope.parts.push(part);
    }

    /// Hands on the file of a part, whose name is the first `length` bytes of
    /// `file` and ends in `base`. What curl makes of the name, the part says.
    fn hand_part(
        &mut self,
        file: &Arg<'a>,
        length: usize,
        base: &[u8],
        is_upload: bool,
        bytes: &Arc<[u8]>,
    ) {
        let rest = file.text.get(length..).unwrap_or_default();
        let has = |key: &[u8]| rest.windows(key.len()).any(|have| have.eq_ignore_ascii_case(key));
        // One of several files.
        if !(rest.is_empty() || rest.starts_with(b";")) || rest.contains(&b',') {
            return;
        }
        let mut says = Vec::new();
        if is_upload && !has(b"filename=") {
            says = [b";filename=", form_word(base).as_slice()].concat();
        } else if !is_upload && !has(b"type=") {
            let ends = |(ending, _): &&(&str, &str)| {
                let from = base.len().checked_sub(ending.len());
                let end = from.and_then(|from| base.get(from..));
                end.is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
            };
            if let Some((_, kind)) = TYPES.iter().find(ends) {
                says = [b";type=", kind.as_bytes()].concat();
            }
        }
        self.hand(&file.first(length), bytes, true);
        if !says.is_empty() {
            let end = file.offset + length;
            self.put(file.origin, end..end, By::Text(says), true);
        }
    }
}

/// A word of a form, in quotes where it needs them.
fn form_word(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| matches!(byte, b'"' | b'\\' | b';' | b',' | b' ')) {
        return text.to_vec();
    }
    let mut out = vec![b'"'];
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
    out
}

/// The types that libcurl knows by the end of a file's name
/// (`Curl_mime_contenttype` of 7.88.1).
const TYPES: &[(&str, &str)] = &[
    (".gif", "image/gif"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".png", "image/png"),
    (".svg", "image/svg+xml"),
    (".txt", "text/plain"),
    (".htm", "text/html"),
    (".html", "text/html"),
    (".pdf", "application/pdf"),
    (".xml", "application/xml"),
];

/// The first parameter of `-F`'s content: to the semicolon (or, among files,
/// comma), or what stands in double quotes; and how many bytes it takes.
fn first_word(text: &[u8], files: bool) -> (Vec<u8>, usize) {
    let Some((b'"', quoted)) = text.split_first() else {
        let ends = |byte: &u8| *byte == b';' || (files && *byte == b',');
        let word: Vec<u8> = text.iter().take_while(|byte| !ends(byte)).copied().collect();
        let length = word.len();
        return (word, length);
    };
    let mut out = Vec::new();
    let mut bytes = quoted.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return (out, text.len() - bytes.len()),
            b'\\' => match bytes.clone().next() {
                Some(escaped @ (b'"' | b'\\')) => {
                    bytes.next();
                    out.push(escaped);
                }
                _ => out.push(byte),
            },
            other => out.push(other),
        }
    }
    (text.to_vec(), text.len())
}

fn literal(value: &Arg<'_>) -> Result<Vec<u8>, String> {
    if value.dynamic {
        return Err("it is computed at run time".to_owned());
    }
    Ok(value.text.to_vec())
}

/// A percent-encoded text with `+` for blanks.
fn plus(text: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(text) {
        Ok(text) => text.replace("%20", "+").into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

/// A file's text as `-d @file` sends it. Versions of curl differ about a
/// carriage return inside a line and about NUL: such a text is opaque.
fn without_line_ends(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => {}
            b'\r' if matches!(bytes.peek(), None | Some(b'\n')) => {}
            b'\r' | 0 => {
                return Err("versions of curl send a part of it or all of it".to_owned());
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_go_and_lone_returns_are_opaque() {
        assert_eq!(without_line_ends(b"{\r\n \"a\": 1\n}\r\n"), Ok(b"{ \"a\": 1}".to_vec()));
        assert!(without_line_ends(b"a\rb\n").is_err());
        assert!(without_line_ends(b"a\0b").is_err());
    }

    #[test]
    fn the_first_parameter_of_a_form_part() {
        let word = |text: &str, files| {
            let (word, length) = first_word(text.as_bytes(), files);
            (String::from_utf8(word).unwrap(), text[length..].to_owned())
        };
        let is = |word: &str, rest: &str| (word.to_owned(), rest.to_owned());
        assert_eq!(word("a,b;type=text/plain", false), is("a,b", ";type=text/plain"));
        assert_eq!(word("a,b;type=text/plain", true), is("a", ",b;type=text/plain"));
        assert_eq!(word("\"a;\\\"b\";type=x", false), is("a;\"b", ";type=x"));
        assert_eq!(word("\"open", false), is("\"open", ""));
    }
}
