//! The configuration files of pgcli, mycli and litecli, as Python's ConfigObj
//! writes them: `[section]`, `key = "value"  # comment`. Text in, entries out;
//! values over several lines and lists are left as they stand.

/// One `key = value`, with the section that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The text between the brackets.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value, without its quotes.
    pub value: String,
}

/// The entries of a text, in order.
pub fn entries(text: &str) -> Vec<Entry> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_start_matches('[');
            name.split(']').next().unwrap_or_default().trim().clone_into(&mut section);
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let key = unquoted(key.trim()).to_owned();
        let value = value_of(value.trim()).to_owned();
        found.push(Entry { section: section.clone(), key, value });
    }
    found
}

/// A value without its quotes, or without the comment behind it.
fn value_of(text: &str) -> &str {
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(rest) = text.strip_prefix(quote) {
            return rest.find(quote).and_then(|end| rest.get(..end)).unwrap_or(rest);
        }
    }
    text.split(" #").next().unwrap_or_default().trim_end()
}

fn unquoted(text: &str) -> &str {
    let quoted = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_sections_and_lose_their_quotes() {
        let text = "a = 1\n# x = y\n[alias_dsn]\nprod = postgres://h/d  # the one\n\
                    \"q\" = \"a = 'b' # c\" # d\n[[inner]]\nnothing\nx='y\n";
        let found: Vec<_> = entries(text)
            .into_iter()
            .map(|entry| (entry.section, entry.key, entry.value))
            .collect();
        let owned = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            found,
            [
                owned("", "a", "1"),
                owned("alias_dsn", "prod", "postgres://h/d"),
                owned("alias_dsn", "q", "a = 'b' # c"),
                owned("inner", "x", "y"),
            ]
        );
    }
}
