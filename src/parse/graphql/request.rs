//! HTTP requests → the GraphQL documents that they carry, with variables and
//! operation names. A server looks at the body whatever its content type says
//! (curl's `-d` calls JSON a form), so the bytes decide here too; what could
//! carry a document and cannot be read is an error.

use serde_json::Value as Json;

use super::{Document, LIMIT, Unreadable, Variables, parse};
use crate::parse::http::{Body, Request};
use crate::parse::url;

/// More documents than this in one request are an error.
const BATCH: usize = 1_000;

/// One document to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// The document.
    pub document: Document,
    /// The variables sent with it.
    pub variables: Variables,
    /// Which of its operations is asked for.
    pub operation_name: Option<String>,
}

/// The parts of a payload before its document is parsed.
#[derive(Clone, Debug, Default)]
struct Parts {
    query: Option<String>,
    variables: Option<Json>,
    operation_name: Option<String>,
    /// Whether it names a query that the server has stored.
    stored: bool,
}

/// The documents that a request carries: none where there is no body and no
/// `query` in the URL.
///
/// # Errors
/// Says why something in it that could be a document cannot be read.
pub fn payloads(request: &Request) -> Result<Vec<Payload>, Unreadable> {
    let url = url_parts(&request.url);
    let mut all = match &request.body {
        Body::None => Vec::new(),
        Body::Opaque(why) => return Err(Unreadable::because(why.clone())),
        Body::Known(bytes) => body_parts(request, bytes)?,
    };
    if let Some(mut url) = url {
        // Servers that read both take each part from the URL first.
        if let Some(body) = all.first() {
            url.query = url.query.or_else(|| body.query.clone());
            url.variables = url.variables.or_else(|| body.variables.clone());
            url.operation_name = url.operation_name.or_else(|| body.operation_name.clone());
        }
        all.push(url);
    }
    if all.len() > BATCH {
        return Err(Unreadable::because(format!("more than {BATCH} documents in one request")));
    }
    all.into_iter().map(finish).collect()
}

fn finish(parts: Parts) -> Result<Payload, Unreadable> {
    let Some(query) = parts.query else {
        let why = match parts.stored {
            true => "it runs a query that the server has stored, known only by its hash",
            false => "there is no GraphQL query in it",
        };
        return Err(Unreadable::because(why));
    };
    Ok(Payload {
        document: parse(&query)?,
        variables: parts.variables.as_ref().map_or_else(Variables::default, Variables::from_json),
        operation_name: parts.operation_name,
    })
}

fn body_parts(request: &Request, bytes: &[u8]) -> Result<Vec<Parts>, Unreadable> {
    if bytes.len() > LIMIT {
        return Err(Unreadable::because("the body is longer than 1 MiB"));
    }
    let encoded = request.header("content-encoding");
    if encoded.is_some_and(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        return Err(Unreadable::because("the body is compressed"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Unreadable::because("the body is not text in UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let kind = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let is_document = kind.contains("application/graphql") && !kind.contains("json");
    let start = text.trim_start();
    if start.is_empty() {
        return Ok(Vec::new());
    }
    if start.starts_with(['{', '[']) {
        match serde_json::from_str::<Json>(text) {
            Ok(json) => return json_parts(json),
            Err(_) if is_document => {}
            Err(_) => {
                return Err(Unreadable::because("the body is not the JSON that it looks like"));
            }
        }
    }
    if is_document {
        return Ok(vec![Parts { query: Some(text.to_owned()), ..Parts::default() }]);
    }
    if kind.contains("multipart/") || start.starts_with("--") {
        return multipart_parts(text);
    }
    if let Some(parts) = form_parts(start.trim_end()) {
        return Ok(vec![parts]);
    }
    if parse(text).is_ok() {
        return Ok(vec![Parts { query: Some(text.to_owned()), ..Parts::default() }]);
    }
    Err(Unreadable::because("the body is neither JSON, nor a form, nor a GraphQL document"))
}

fn json_parts(json: Json) -> Result<Vec<Parts>, Unreadable> {
    match json {
        Json::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Json::Object(_) => Ok(object_parts(item)),
                _ => Err(Unreadable::because("a batch holds something that is no request")),
            })
            .collect(),
        other => Ok(vec![object_parts(other)]),
    }
}

fn object_parts(mut object: Json) -> Parts {
    let stored = ["extensions", "id", "documentId", "hash", "queryId"]
        .iter()
        .any(|name| object.get(name).is_some_and(|value| !value.is_null()));
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
    Parts {
        query: text(object.get("query")),
        operation_name: text(object.get("operationName")),
        variables: object.get_mut("variables").map(Json::take),
        stored,
    }
}

/// The parts in a URL's query string, if it has a `query` or names a stored
/// one.
fn url_parts(url: &str) -> Option<Parts> {
    let url = url.split_once('#').map_or(url, |(front, _)| front);
    form_parts(url.split_once('?')?.1)
}

/// The parts in a form (`query=…&variables=…`), if there is a query in it.
fn form_parts(text: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    for (name, value) in url::pairs(text) {
        match name.as_str() {
            "query" => parts.query = Some(value),
            "operationName" => parts.operation_name = Some(value),
            "variables" => parts.variables = Some(Json::String(value)),
            "extensions" | "id" | "documentId" | "hash" | "queryId" => parts.stored = true,
            _ => {}
        }
    }
    (parts.query.is_some() || parts.stored).then_some(parts)
}

/// The request in a multipart form: its `operations` part (as uploads are
/// sent), else its `query`, `variables` and `operationName` parts.
fn multipart_parts(text: &str) -> Result<Vec<Parts>, Unreadable> {
    let unreadable = || Unreadable::because("the multipart body holds no GraphQL request");
    let mut found = Parts::default();
    let boundary = text.lines().next().map(str::trim_end).filter(|line| line.starts_with("--"));
    let boundary = boundary.ok_or_else(unreadable)?;
    for part in text.split(boundary) {
        let part = part.trim_start_matches(['\r', '\n']);
        let split = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n"));
        let Some((head, body)) = split else { continue };
        let Some(name) = part_name(head) else { continue };
        let body = body.strip_suffix('\n').unwrap_or(body);
        let body = body.strip_suffix('\r').unwrap_or(body);
        match name {
            "operations" => {
                let json = serde_json::from_str(body).map_err(|_| unreadable())?;
                return json_parts(json);
            }
            "query" => found.query = Some(body.to_owned()),
            "operationName" => found.operation_name = Some(body.to_owned()),
            "variables" => found.variables = Some(Json::String(body.to_owned())),
            _ => {}
        }
    }
    if found.query.is_none() {
        return Err(unreadable());
    }
    Ok(vec![found])
}

/// The name in a part's Content-Disposition.
fn part_name(head: &str) -> Option<&str> {
    let line = head.lines().find(|line| {
        line.get(..20).is_some_and(|front| front.eq_ignore_ascii_case("content-disposition:"))
    })?;
    line.split(';').find_map(|piece| {
        let (key, value) = piece.trim().split_once('=')?;
        key.trim().eq_ignore_ascii_case("name").then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DROP: &str = "mutation { volumeDelete(volumeId: \"3d2c42fb\") }";

    fn request(body: &str, kind: Option<&str>) -> Request {
        let headers = kind.map(|kind| ("Content-Type".to_owned(), kind.to_owned()));
        Request {
            method: "POST".to_owned(),
            url: "https://backboard.railway.app/graphql/v2".to_owned(),
            headers: headers.into_iter().collect(),
            body: Body::Known(body.as_bytes().into()),
            ..Request::default()
        }
    }

    fn names(request: &Request) -> Vec<String> {
        let all = payloads(request).unwrap();
        let operations = all.iter().flat_map(|one| &one.document.operations);
        operations.flat_map(|one| &one.fields).map(|one| one.name.clone()).collect()
    }

    fn json() -> String {
        serde_json::json!({ "query": DROP }).to_string()
    }

    #[test]
    fn json_is_read_whatever_the_content_type_says() {
        for kind in [
            None,
            Some("application/json"),
            Some("application/x-www-form-urlencoded"),
            Some("text/plain"),
            Some("multipart/form-data"),
            Some("application/graphql"),
            Some("application/graphql+json; charset=utf-8"),
        ] {
            assert_eq!(names(&request(&json(), kind)), ["volumeDelete"], "{kind:?}");
        }
        assert_eq!(names(&request(&format!("\u{feff} \n{}", json()), None)), ["volumeDelete"]);
    }

    #[test]
    fn batches_are_read_to_the_last() {
        let body = format!("[{{\"query\":\"{{me{{id}}}}\"}}, {}]", json());
        assert_eq!(names(&request(&body, None)), ["me", "volumeDelete"]);
        assert!(payloads(&request("[{\"query\":\"{me}\"}, 3]", None)).is_err());
        let many = format!("[{}]", vec![json(); 1_001].join(","));
        assert!(payloads(&request(&many, None)).is_err());
    }

    #[test]
    fn a_whole_body_can_be_the_document() {
        let kind = Some("application/graphql; charset=utf-8");
        assert_eq!(names(&request(DROP, kind)), ["volumeDelete"]);
        assert_eq!(names(&request("{ me { id } }", kind)), ["me"]);
        assert_eq!(names(&request(DROP, None)), ["volumeDelete"]);
    }

    #[test]
    fn forms_are_read() {
        let body = "variables=%7B%22v%22%3A%221%22%7D&query=mutation%28%24v%3AID%29\
                    %7Bvolume%44elete%28volumeId%3A%24v%29%7D&operationName=";
        let all = payloads(&request(body, Some("application/x-www-form-urlencoded"))).unwrap();
        assert_eq!(all[0].document.operations[0].fields[0].name, "volumeDelete");
        assert_eq!(all[0].variables.known.len(), 1);
        let plus = "query=mutation+{+userDelete+}";
        assert_eq!(names(&request(plus, None)), ["userDelete"]);
    }

    #[test]
    fn the_url_is_read_too() {
        let url = "https://backboard.railway.app/graphql/v2?query=mutation%7BuserDelete%7D#x";
        let get = Request { method: "GET".to_owned(), url: url.to_owned(), ..Request::default() };
        assert_eq!(names(&get), ["userDelete"]);
        let both = Request { url: url.to_owned(), ..request(&json(), None) };
        assert_eq!(names(&both), ["volumeDelete", "userDelete"]);
        let plain = Request { url: "https://x/graphql/v2".to_owned(), ..Request::default() };
        assert!(payloads(&plain).unwrap().is_empty());
    }

    #[test]
    fn the_url_can_choose_the_operation_of_a_body() {
        let url = "https://x/graphql?operationName=B&query=query+A{me}+mutation+B{userDelete}";
        let both = Request { url: url.to_owned(), ..request(&json(), None) };
        let all = payloads(&both).unwrap();
        assert_eq!(all[1].operation_name.as_deref(), Some("B"));
    }

    #[test]
    fn multipart_uploads_are_read() {
        let body = format!(
            "--XyZ\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{}\r\n--XyZ\r\n\
             content-disposition: form-data; name=\"map\"\r\n\r\n{{}}\r\n--XyZ--\r\n",
            json()
        );
        let kind = Some("multipart/form-data; boundary=XyZ");
        assert_eq!(names(&request(&body, kind)), ["volumeDelete"]);
        let query =
            "--b\nContent-Disposition: form-data; name=query\n\nmutation { userDelete }\n--b--";
        assert_eq!(names(&request(query, kind)), ["userDelete"]);
        assert!(payloads(&request("--b\r\n\r\nnothing\r\n--b--", kind)).is_err());
    }

    #[test]
    fn escapes_of_the_transport_hide_nothing() {
        let body = r#"{"query":"mutation { volume\u0044elete(volumeId: \"x\") }"}"#;
        assert_eq!(names(&request(body, None)), ["volumeDelete"]);
        let twice = r#"{"query":"{me}","query":"mutation{userDelete}"}"#;
        assert_eq!(names(&request(twice, None)), ["userDelete"]);
    }

    #[test]
    fn stored_queries_and_broken_bodies_are_errors() {
        for body in [
            r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}"#,
            r#"{"id":"ab12","variables":{}}"#,
            r#"{"variables":{}}"#,
            r#"{"query":null}"#,
            r#"{"query":{"mutation":"userDelete"}}"#,
            r#"{"query":"mutation { userDelete }""#,
            r#"{"query":"mutation { userDelete"}"#,
            r#"{"query":"\ud800"}"#,
            "3",
            "userDelete",
            "id=3&hash=ab",
            "mutation { userDelete",
        ] {
            assert!(payloads(&request(body, None)).is_err(), "{body}");
        }
    }

    #[test]
    fn unreadable_bytes_are_errors() {
        let mut bad = request("", None);
        bad.body = Body::Known(vec![b'{', 0xff, 0xfe].into());
        assert!(payloads(&bad).is_err());
        bad.body = Body::Opaque("the output of ./generate".to_owned());
        assert!(payloads(&bad).is_err());
        let mut zipped = request(&json(), None);
        zipped.headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
        assert!(payloads(&zipped).is_err());
        let deep = format!("{{\"query\":{}", "[".repeat(100_000));
        assert!(payloads(&request(&deep, None)).is_err());
    }

    #[test]
    fn an_empty_body_carries_nothing() {
        assert!(payloads(&request("", None)).unwrap().is_empty());
        assert!(payloads(&request(" \r\n", Some("application/json"))).unwrap().is_empty());
    }
}
