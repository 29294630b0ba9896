//! The body that httpie makes of `--raw` and of its data items: JSON, a form,
//! or a file as it is.

use serde_json::{Map, Value as Json};

use super::items::{Item, Separator};
use super::{Run, encoded};
use crate::actions::http_api;
use crate::parse::http::{Body, Request};

/// The most places of a list that an index may skip.
const MAX_INDEX: usize = 1_000;

impl Run<'_, '_> {
    /// What is sent.
    pub(super) fn data(&mut self, items: &[Item], request: &mut Request) -> Body {
        let form = self.has("--form") || self.has("--multipart");
        let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
        if request.header("Content-Type").is_none() && !self.has("--raw") {
            request.headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        if let Some(raw) = self.value("--raw") {
            if raw.dynamic {
                return Body::Opaque("it is computed at run time".to_owned());
            }
            return Body::Known(raw.text.as_encoded_bytes().into());
        }
        let uploads = items.iter().any(|item| item.separator == Separator::Upload);
        if form && (uploads || self.has("--multipart")) {
            return Body::Opaque("a multipart upload".to_owned());
        }
        let reads = http_api::reads_body(request);
        if let Some(item) = items.iter().find(|item| item.separator == Separator::Upload) {
            if !reads {
                return Body::Opaque("a file, not read".to_owned());
            }
            return self.file(item).map_or_else(Body::Opaque, Body::Known);
        }
        match if form { self.form(items) } else { self.json(items) } {
            Ok(text) => Body::Known(text.into_bytes().into()),
            Err(why) => Body::Opaque(why),
        }
    }

    fn form(&mut self, items: &[Item]) -> Result<String, String> {
        let mut pairs = Vec::new();
        for item in items.iter().filter(|item| item.is_data()) {
            let value = self.of(item)?;
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            pairs.push(format!("{}={}", encoded(&item.name), encoded(&text)));
        }
        Ok(pairs.join("&"))
    }

    fn json(&mut self, items: &[Item]) -> Result<String, String> {
        let mut whole = Json::Object(Map::new());
        for item in items.iter().filter(|item| item.is_data()) {
            let value = self.of(item)?;
            put(&mut whole, &item.name, value)?;
        }
        Ok(whole.to_string())
    }

    /// An item's value.
    fn of(&mut self, item: &Item) -> Result<Json, String> {
        if item.dynamic {
            return Err("a part of it is computed at run time".to_owned());
        }
        let from_text =
            |text: &str| serde_json::from_str(text).map_err(|_| "a part is not JSON".to_owned());
        match item.separator {
            Separator::Json => from_text(&item.value),
            Separator::JsonFile => from_text(&String::from_utf8_lossy(&self.file(item)?)),
            Separator::TextFile => {
                Ok(Json::String(String::from_utf8_lossy(&self.file(item)?).into_owned()))
            }
            _ => Ok(Json::String(item.value.clone())),
        }
    }
}

/// Puts a value where a name such as `a[b][]` leads.
fn put(whole: &mut Json, name: &str, value: Json) -> Result<(), String> {
    let unclear = || "the name of a part is not plain".to_owned();
    if name.contains('\\') {
        return Err(unclear());
    }
    let (base, mut rest) = match name.find('[') {
        Some(at) => name.split_at_checked(at).ok_or_else(unclear)?,
        None => (name, ""),
    };
    let mut at = whole;
    if !base.is_empty() || rest.is_empty() {
        at = member(at, base).ok_or_else(unclear)?;
    } else {
        // `[]=x` and `[0]=x` make the whole a list: too rare to follow.
        return Err(unclear());
    }
    while let Some((step, behind)) = rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
        at = match step.parse::<usize>() {
            _ if step.is_empty() => element(at, None),
            Ok(index) => element(at, Some(index)),
            Err(_) => member(at, step),
        }
        .ok_or_else(unclear)?;
        rest = behind;
    }
    if !rest.is_empty() {
        return Err(unclear());
    }
    *at = value;
    Ok(())
}

fn member<'j>(json: &'j mut Json, name: &str) -> Option<&'j mut Json> {
    if json.is_null() {
        *json = Json::Object(Map::new());
    }
    Some(json.as_object_mut()?.entry(name).or_insert(Json::Null))
}

fn element(json: &mut Json, index: Option<usize>) -> Option<&mut Json> {
    if json.is_null() {
        *json = Json::Array(Vec::new());
    }
    let list = json.as_array_mut()?;
    let index = index.unwrap_or(list.len());
    if index > MAX_INDEX {
        return None;
    }
    if list.len() <= index {
        list.resize(index + 1, Json::Null);
    }
    list.get_mut(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_lead_into_it() {
        let mut whole = Json::Object(Map::new());
        for (name, value) in [
            ("query", "q"),
            ("variables[id]", "1"),
            ("list[]", "a"),
            ("list[]", "b"),
            ("x[1][y]", "z"),
        ] {
            put(&mut whole, name, Json::String(value.to_owned())).unwrap();
        }
        let wanted = serde_json::json!({
            "query": "q", "variables": {"id": "1"}, "list": ["a", "b"], "x": [null, {"y": "z"}],
        });
        assert_eq!(whole, wanted);
        for name in ["a[", "[]", "a\\[b", "a[99999]", "query[x]"] {
            assert!(put(&mut whole, name, Json::Null).is_err(), "{name}");
        }
    }
}
