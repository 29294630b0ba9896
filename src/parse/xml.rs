//! Enough of XML for a client's configuration: the text of each element with
//! the names above it. Entities and attributes are left alone. Text in, pairs
//! out; what is not closed ends where the text does.

/// Elements that are read.
const MAX_ELEMENTS: usize = 10_000;
/// How deep they may stand.
const MAX_DEPTH: usize = 32;

/// The leaves of a document: `["config", "host"]` and its text.
pub fn leaves(text: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut rest = text;
    let mut count = 0;
    let mut inner = "";
    while let Some((before, behind)) = rest.split_once('<') {
        if let Some(behind) = behind.strip_prefix("!--") {
            rest = behind.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let Some((tag, behind)) = behind.split_once('>') else { break };
        rest = behind;
        count += 1;
        if count > MAX_ELEMENTS {
            break;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let text = if before.trim().is_empty() { inner } else { before };
            if path.last().is_some_and(|last| last == name.trim()) {
                if !text.trim().is_empty() {
                    found.push((path.clone(), text.trim().to_owned()));
                }
                path.pop();
            }
            inner = "";
        } else if !tag.starts_with(['?', '!']) && !tag.ends_with('/') && path.len() < MAX_DEPTH {
            inner = "";
            let name = tag.split_whitespace().next().unwrap_or_default();
            path.push(name.to_owned());
        } else if !before.trim().is_empty() {
            inner = before;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_each_element() {
        let text = "<?xml version='1.0'?><config>\n<!-- <host>a</host> -->\n<host a=\"1\">db</host><x/>\
                    <c><connection><name>p</name></connection></c></config>";
        let found = leaves(text);
        assert_eq!(found[0], (vec!["config".to_owned(), "host".to_owned()], "db".to_owned()));
        assert_eq!(found[1].0, ["config", "c", "connection", "name"]);
        assert_eq!(found.len(), 2);
        for odd in ["<", "<a", "<a>", "</a>", "<a></b>", "<!--", "<a><b>x</a>"] {
            let _ = leaves(odd);
        }
    }
}
