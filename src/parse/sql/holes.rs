//! SQL of which parts are computed at run time → the same with words in their
//! places, where such a part can be no more than a value or a name: inside a
//! string, behind an operator, as a table's name. A part that could be a
//! statement, a clause or a condition has no such stand-in. Whoever computes
//! the part with a quote or a semicolon in it is not foreseen: that is the
//! program's own injection, and nothing in the line says it.

use crate::invocation::HOLE;

/// The longest text that is looked at, in bytes.
const LIMIT: usize = 64 * 1024;

/// The most parts of one text.
const MAX_HOLES: usize = 64;

/// What stands for a value and for a name. Inside a string or a longer word
/// it is just more of the same.
const VALUE: &str = "1";
const NAME: &str = "hole";

/// Words behind which a name stands.
const BEFORE_NAMES: &[&str] = &[
    "from", "join", "into", "table", "update", "only", "exists", "schema", "database", "view",
    "index", "sequence", "truncate", "analyze", "as", "by", "role", "user",
];

/// Words behind which a value stands.
const BEFORE_VALUES: &[&str] =
    &["limit", "offset", "like", "ilike", "between", "returning", "interval", "than"];

/// The text with something in place of every part that is computed; none if
/// one of them could be more than a word.
pub fn fill(template: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(template).ok().filter(|text| text.len() <= LIMIT)?;
    // A client's own command is no SQL.
    if text.trim_start().starts_with('.') {
        return None;
    }
    let mut parts = text.split(HOLE);
    if parts.clone().count() > MAX_HOLES + 1 || text.contains(['\\', '$']) {
        return None;
    }
    let mut out = parts.next()?.to_owned();
    let mut scan = Scan::default();
    scan.over(&out)?;
    for part in parts {
        let next = part.chars().next();
        let joined = out.chars().next_back().is_some_and(is_word) || next.is_some_and(is_word);
        let stand_in = match scan.quote {
            Some(_) => NAME,
            None if joined => scan.known().then_some(NAME)?,
            None => scan.stand_in()?,
        };
        out.push_str(stand_in);
        scan.over(stand_in)?;
        // A wildcard's mark stands behind it and is no part of the text.
        out.push_str(part);
        scan.over(part)?;
    }
    scan.quote.is_none().then(|| out.into_bytes())
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

/// What has been passed so far.
#[derive(Default)]
struct Scan {
    /// The quote that is open.
    quote: Option<char>,
    /// The word being read.
    word: String,
    /// The last whole word, lower case, if nothing but blanks follow it.
    last: String,
    /// The last character outside of quotes that is no blank.
    sign: Option<char>,
    /// The one before it.
    before: Option<char>,
}

impl Scan {
    /// Passes over a text; none at a comment, in which anything could hide.
    fn over(&mut self, text: &str) -> Option<()> {
        for letter in text.chars() {
            match self.quote {
                Some(quote) => {
                    if letter == quote {
                        self.quote = None;
                    }
                    continue;
                }
                None if matches!(letter, '\'' | '"' | '`') => self.quote = Some(letter),
                None => {}
            }
            if matches!((self.sign, letter), (Some('-'), '-') | (Some('/'), '*')) || letter == '#' {
                return None;
            }
            if is_word(letter) {
                self.word.extend(letter.to_lowercase());
            } else if !self.word.is_empty() {
                self.last = std::mem::take(&mut self.word);
            }
            if !letter.is_whitespace() {
                self.before = self.sign;
                self.sign = Some(letter);
                if !is_word(letter) {
                    self.last.clear();
                }
            }
        }
        Some(())
    }

    /// Whether a statement has begun: a part of a word is then no verb.
    fn known(&self) -> bool {
        !matches!(self.sign, None | Some(';')) && (!self.last.is_empty() || self.operator())
            || self.sign == Some('.')
    }

    fn operator(&self) -> bool {
        matches!(self.sign, Some('=' | '<' | '>' | '(' | ',' | '+' | '*' | '/' | '%'))
            && !(self.sign == Some('*') && self.before != Some(')'))
    }

    fn stand_in(&self) -> Option<&'static str> {
        let word = if self.word.is_empty() { &self.last } else { &self.word };
        if self.sign == Some('.') || BEFORE_NAMES.contains(&word.as_str()) {
            return Some(NAME);
        }
        (self.operator() || BEFORE_VALUES.contains(&word.as_str())).then_some(VALUE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Option<String> {
        fill(text.replace('@', HOLE).as_bytes()).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn values_and_names_have_stand_ins() {
        for (text, expected) in [
            ("select * from t where id = '@'", "select * from t where id = 'hole'"),
            ("select * from t where id = @", "select * from t where id = 1"),
            ("select * from t where id in (@)", "select * from t where id in (1)"),
            ("select 'a@b', @ from t limit @", "select 'aholeb', 1 from t limit 1"),
            ("select count(*) from @", "select count(*) from hole"),
            ("select * from app.@ where a>@;", "select * from app.hole where a>1;"),
            ("select * from log_@", "select * from log_hole"),
            (
                "delete from t where \"@\" = 'it''s @'",
                "delete from t where \"hole\" = 'it''s hole'",
            ),
            ("drop table @", "drop table hole"),
            ("insert into t values (@, '@')", "insert into t values (1, 'hole')"),
        ] {
            assert_eq!(filled(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_could_be_more_than_a_word_has_none() {
        for text in [
            "@",
            " @ ",
            "select 1; @",
            "select 1 @",
            "select * from t @",
            "select * from t where @",
            "select * from t where a = 1 and @",
            "update t set @",
            "explain @",
            "@ table users",
            "drop@ table users",
            "select * @",
            "/* @ */ select 1",
            "select 1 -- @\n",
            "select $$@$$",
            "select E'\\' @",
            "select 'open @",
            ".read x@",
        ] {
            assert_eq!(filled(text), None, "{text}");
        }
    }
}
