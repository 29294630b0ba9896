//! The JSON syntax of configurations and of values → the same structure as
//! the native one's. Which property is a block is Terraform's schema, as far as
//! it is the same for every provider.

use super::{Attribute, Block, Body, Value, bounded, template_of};

/// Kinds of blocks at the top of a `.tf.json`, and how many labels each has.
const TOP: &[(&str, usize)] = &[
    ("check", 1),
    ("data", 2),
    ("ephemeral", 2),
    ("import", 0),
    ("locals", 0),
    ("module", 1),
    ("moved", 0),
    ("output", 1),
    ("provider", 1),
    ("removed", 0),
    ("resource", 2),
    ("terraform", 0),
    ("variable", 1),
];

/// Reads the JSON syntax of a configuration. An object inside a resource may be
/// a block or a value there: it is given as both. No line is known: it is 1.
///
/// # Errors
/// Says in one line what is wrong and where.
pub fn json(text: &str) -> Result<Body, String> {
    bounded(text)?;
    let read: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut body = Body::default();
    for part in one_or_more(&read) {
        for (kind, value) in part.as_object().into_iter().flatten() {
            let labels = TOP.iter().find(|(name, _)| name == kind).map(|(_, labels)| *labels);
            match labels {
                Some(labels) => blocks_of(kind, &mut Vec::new(), labels, value, &mut body.blocks),
                None if kind == "//" => {}
                None => body.attributes.push(attribute(kind, value)),
            }
        }
    }
    Ok(body)
}

/// Reads a file of values in JSON (`.tfvars.json`), in which nothing is a
/// template.
///
/// # Errors
/// Says in one line what is wrong and where.
pub fn json_values(text: &str) -> Result<Body, String> {
    bounded(text)?;
    let read: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let entries = read.as_object().ok_or("it is no object")?.iter();
    let attributes = entries.map(|(name, value)| Attribute {
        name: name.clone(),
        value: plain(value, false),
        line: 1,
    });
    Ok(Body { attributes: attributes.collect(), blocks: Vec::new() })
}

fn one_or_more(value: &serde_json::Value) -> &[serde_json::Value] {
    match value {
        serde_json::Value::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

/// The blocks that a property stands for: as deep as it has labels, then one
/// an object.
fn blocks_of(
    kind: &str,
    labels: &mut Vec<String>,
    left: usize,
    value: &serde_json::Value,
    found: &mut Vec<Block>,
) {
    for part in one_or_more(value) {
        let Some(object) = part.as_object() else { continue };
        if left == 0 {
            found.push(Block {
                kind: kind.to_owned(),
                labels: labels.clone(),
                body: inside(kind, object),
                line: 1,
            });
            continue;
        }
        for (label, value) in object.iter().filter(|(label, _)| *label != "//") {
            labels.push(label.clone());
            blocks_of(kind, labels, left - 1, value, found);
            labels.pop();
        }
    }
}

fn inside(kind: &str, object: &serde_json::Map<String, serde_json::Value>) -> Body {
    let mut body = Body::default();
    for (name, value) in object.iter().filter(|(name, _)| *name != "//") {
        body.attributes.push(attribute(name, value));
        if kind != "locals" && kind != "variable" {
            let labels = usize::from(kind == "terraform" && name == "backend");
            blocks_of(name, &mut Vec::new(), labels, value, &mut body.blocks);
        }
    }
    body
}

fn attribute(name: &str, value: &serde_json::Value) -> Attribute {
    Attribute { name: name.to_owned(), value: plain(value, true), line: 1 }
}

fn plain(value: &serde_json::Value, templates: bool) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => number.as_f64().map_or(Value::Unknown, Value::Number),
        serde_json::Value::String(text) if templates && text.contains(['$', '%']) => {
            let parsed = hcl_edit::parser::parse_template(text);
            parsed.map_or(Value::Unknown, |template| template_of(&template))
        }
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(list) => {
            Value::List(list.iter().map(|value| plain(value, templates)).collect())
        }
        serde_json::Value::Object(entries) => {
            let entries = entries.iter();
            Value::Map(entries.map(|(key, value)| (key.clone(), plain(value, templates))).collect())
        }
    }
}
