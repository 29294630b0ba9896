//! httpie's request items: a word, taken apart at the first separator in it
//! (httpie 3.2.4, `cli/argtypes.py`). Text in, structure out.

use crate::parse::argv::Word;

/// What stands between an item's name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `:`
    Header,
    /// `;`
    EmptyHeader,
    /// `:@`
    HeaderFile,
    /// `==`
    Query,
    /// `==@`
    QueryFile,
    /// `=`
    Text,
    /// `=@`
    TextFile,
    /// `:=`
    Json,
    /// `:=@`
    JsonFile,
    /// `@`
    Upload,
    /// It cannot be told: the word is computed at run time.
    Unclear,
}

/// The longest first, as httpie prefers them at one place.
const SEPARATORS: &[(&str, Separator)] = &[
    (":=@", Separator::JsonFile),
    ("==@", Separator::QueryFile),
    (":=", Separator::Json),
    ("==", Separator::Query),
    ("=@", Separator::TextFile),
    (":@", Separator::HeaderFile),
    (":", Separator::Header),
    (";", Separator::EmptyHeader),
    ("=", Separator::Text),
    ("@", Separator::Upload),
];

/// The letters that a backslash takes their meaning from.
const SPECIAL: &str = ":;=@";

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The name.
    pub name: String,
    /// What stands between.
    pub separator: Separator,
    /// The value, or a file's name.
    pub value: String,
    /// The place in argv of its word.
    pub index: usize,
    /// How many bytes of the word precede the value, where the value stands
    /// there as it is.
    pub file_at: Option<usize>,
    /// Whether the word is computed at run time.
    pub dynamic: bool,
}

impl Item {
    /// Whether it makes a body.
    pub fn is_data(&self) -> bool {
        matches!(
            self.separator,
            Separator::Text
                | Separator::TextFile
                | Separator::Json
                | Separator::JsonFile
                | Separator::Upload
        )
    }
}

/// Takes a word apart; nothing where it has no separator.
pub fn read(word: &Word<'_>) -> Option<Item> {
    let text = word.text.to_string_lossy();
    let found = split(&text);
    if word.dynamic && found.is_none() {
        let (name, value) = (String::new(), String::new());
        let separator = Separator::Unclear;
        return Some(Item {
            name,
            separator,
            value,
            index: word.index,
            file_at: None,
            dynamic: true,
        });
    }
    let (name, separator, rest) = found?;
    let value = unescaped(rest);
    let exact = value == rest && word.text.to_str().is_some();
    Some(Item {
        name: unescaped(name),
        separator,
        file_at: exact.then(|| text.len() - rest.len()),
        value,
        index: word.index,
        dynamic: word.dynamic,
    })
}

/// The text before the first separator that no backslash stands in front of,
/// the separator, and the text behind it.
fn split(text: &str) -> Option<(&str, Separator, &str)> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        if letter == '\\' {
            escaped = true;
            continue;
        }
        let rest = text.get(at..)?;
        let found = SEPARATORS.iter().find(|(spelling, _)| rest.starts_with(spelling));
        if let Some((spelling, separator)) = found {
            return Some((text.get(..at)?, *separator, rest.get(spelling.len()..)?));
        }
    }
    None
}

/// A text without the backslashes in front of special letters.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(next) if letter == '\\' && SPECIAL.contains(*next) => {
                out.extend(letters.next());
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_longest_separator_counts() {
        for (text, name, separator, value) in [
            ("a=b", "a", Separator::Text, "b"),
            ("a==b", "a", Separator::Query, "b"),
            ("a:=1", "a", Separator::Json, "1"),
            ("a:=@f.json", "a", Separator::JsonFile, "f.json"),
            ("a=@f", "a", Separator::TextFile, "f"),
            ("X-A:b=c", "X-A", Separator::Header, "b=c"),
            ("X-A;", "X-A", Separator::EmptyHeader, ""),
            ("a=b:c", "a", Separator::Text, "b:c"),
            ("a@f", "a", Separator::Upload, "f"),
            ("@f", "", Separator::Upload, "f"),
            ("a===b", "a", Separator::Query, "=b"),
        ] {
            assert_eq!(split(text), Some((name, separator, value)), "{text}");
        }
        assert_eq!(split("plain"), None);
        assert_eq!(split(r"a\=b:c").map(|found| found.1), Some(Separator::Header));
        assert_eq!(unescaped(r"a\=b\c"), r"a=b\c");
    }
}
