//! git's configuration files, and the two other forms in which git takes
//! settings and alias texts: `GIT_CONFIG_PARAMETERS` and the words of an
//! alias. Text in, names and values out: no look-ups, no meaning, and nothing
//! included. Modelled on git 2.47.3's config.c, quote.c and alias.c, and
//! compared with `git config --list` in tests/git.rs.

/// One setting: its whole name, and its value (none for a bare key, which
/// stands for true).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `remote.origin.url`: section and key in lower case, what stands between
    /// them as it is written.
    pub name: String,
    /// What it is set to.
    pub value: Option<String>,
}

impl Entry {
    /// An entry whose name is brought into its one form.
    pub fn new(name: &str, value: Option<&str>) -> Entry {
        Entry { name: canonical(name), value: value.map(str::to_owned) }
    }
}

/// A name with its section and key in lower case.
pub fn canonical(name: &str) -> String {
    let Some((section, rest)) = name.split_once('.') else { return name.to_ascii_lowercase() };
    let section = section.to_ascii_lowercase();
    match rest.rsplit_once('.') {
        Some((middle, key)) => format!("{section}.{middle}.{}", key.to_ascii_lowercase()),
        None => format!("{section}.{}", rest.to_ascii_lowercase()),
    }
}

/// The settings of a file, in order, up to the first line that git would not
/// accept (git itself then does nothing at all).
pub fn parse(text: &str) -> Vec<Entry> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { letters: text.chars().peekable() };
    let mut section = String::new();
    let mut entries = Vec::new();
    while let Some(letter) = reader.next() {
        match letter {
            '#' | ';' => reader.skip_line(),
            '[' => match reader.section() {
                Some(name) => section = name,
                None => break,
            },
            _ if is_space(letter) => {}
            _ if letter.is_ascii_alphabetic() => {
                let Some((key, value)) = reader.setting(letter) else { break };
                entries.push(Entry { name: format!("{section}.{key}"), value });
            }
            _ => break,
        }
    }
    entries
}

/// What git counts as a blank.
fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r')
}

struct Reader<'a> {
    letters: std::iter::Peekable<std::str::Chars<'a>>,
}

impl Reader<'_> {
    /// The next letter; a carriage return in front of a line feed is none.
    fn next(&mut self) -> Option<char> {
        let letter = self.letters.next()?;
        if letter == '\r' && self.letters.peek() == Some(&'\n') {
            return self.letters.next();
        }
        Some(letter)
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|letter| letter != '\n') {}
    }

    /// `[core]`, `[remote "origin"]`, behind the opening bracket.
    fn section(&mut self) -> Option<String> {
        let mut name = String::new();
        loop {
            match self.next()? {
                ']' => return Some(name),
                letter if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.') => {
                    name.push(letter.to_ascii_lowercase());
                }
                ' ' | '\t' | '\r' => break,
                _ => return None,
            }
        }
        let mut letter = self.next()?;
        while matches!(letter, ' ' | '\t' | '\r') {
            letter = self.next()?;
        }
        if letter != '"' {
            return None;
        }
        name.push('.');
        loop {
            match self.next()? {
                '\n' => return None,
                '"' => break,
                '\\' => name.push(self.next().filter(|letter| *letter != '\n')?),
                letter => name.push(letter),
            }
        }
        (self.next()? == ']').then_some(name)
    }

    /// `key`, or `key = value`, from its first letter on.
    fn setting(&mut self, first: char) -> Option<(String, Option<String>)> {
        let mut key = first.to_ascii_lowercase().to_string();
        let mut letter = self.next();
        while let Some(next) = letter.filter(|next| next.is_ascii_alphanumeric() || *next == '-') {
            key.push(next.to_ascii_lowercase());
            letter = self.next();
        }
        while letter.is_some_and(|letter| matches!(letter, ' ' | '\t')) {
            letter = self.next();
        }
        match letter {
            None | Some('\n') => Some((key, None)),
            Some('=') => Some((key, Some(self.value()?))),
            Some(_) => None,
        }
    }

    fn value(&mut self) -> Option<String> {
        let mut value = String::new();
        // Where the blanks at the end begin, while nothing follows them.
        let mut end = None;
        let mut quoted = false;
        loop {
            let letter = match self.next() {
                None | Some('\n') if quoted => return None,
                None | Some('\n') => break,
                Some(letter) => letter,
            };
            if is_space(letter) && !quoted {
                if !value.is_empty() {
                    end.get_or_insert(value.len());
                    value.push(letter);
                }
                continue;
            }
            match letter {
                '#' | ';' if !quoted => {
                    self.skip_line();
                    break;
                }
                '\\' => {
                    end = None;
                    match self.next() {
                        Some('\n') => {}
                        Some('t') => value.push('\t'),
                        Some('b') => value.push('\u{8}'),
                        Some('n') => value.push('\n'),
                        Some(letter @ ('\\' | '"')) => value.push(letter),
                        _ => return None,
                    }
                }
                '"' => {
                    end = None;
                    quoted = !quoted;
                }
                letter => {
                    end = None;
                    value.push(letter);
                }
            }
        }
        if let Some(end) = end {
            value.truncate(end);
        }
        Some(value)
    }
}

/// The settings in `GIT_CONFIG_PARAMETERS`: `'name'='value'` or, as git wrote
/// it before 2.31, `'name=value'`.
pub fn parameters(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start();
    while let Some((first, behind)) = quoted(rest) {
        let (entry, behind) = match behind.strip_prefix('=') {
            Some(behind) => match quoted(behind) {
                Some((value, behind)) => (Entry::new(&first, Some(&value)), behind),
                None => (Entry::new(&first, None), behind),
            },
            None => match first.split_once('=') {
                Some((name, value)) => (Entry::new(name, Some(value)), behind),
                None => (Entry::new(&first, None), behind),
            },
        };
        entries.push(entry);
        rest = behind.trim_start();
    }
    entries
}

/// A single-quoted word at the front of `text`, and what is behind it. Of what
/// stands outside the quotes, only `\'` and `\!` are accepted.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut word = String::new();
    loop {
        let (inside, behind) = rest.split_once('\'')?;
        word.push_str(inside);
        let escaped = ["\\''", "\\!'"].iter().find_map(|form| behind.strip_prefix(form));
        let Some(behind_escape) = escaped else { return Some((word, behind)) };
        word.push(if behind.starts_with("\\'") { '\'' } else { '!' });
        rest = behind_escape;
    }
}

/// The words of an alias, as git splits them; none if a quote or a backslash
/// is left open, at which git gives up.
pub fn alias_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (_, None) if is_space(letter) => words.extend(word.take()),
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, Some(open)) if letter == open => quote = None,
            ('\\', open) if open != Some('\'') => {
                word.get_or_insert_default().push(letters.next()?)
            }
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let show = |entry: &Entry| match &entry.value {
            Some(value) => format!("{}={value}", entry.name),
            None => entry.name.clone(),
        };
        parse(text).iter().map(show).collect()
    }

    #[test]
    fn sections_keys_and_values() {
        let text = "\u{feff}[Core] Bare\n\teditor = \"vi  ; x\" -n ; note\n[remote \"O\\\"r\"]\r\n\
                    URL=a b \\\n c  # end\r\npush = +refs/heads/*:refs/heads/*\n[a.B]\nx=";
        assert_eq!(
            listed(text),
            [
                "core.bare",
                "core.editor=vi  ; x -n",
                "remote.O\"r.url=a b  c",
                "remote.O\"r.push=+refs/heads/*:refs/heads/*",
                "a.b.x=",
            ]
        );
        assert_eq!(listed("[a]\nb = 1\nc = \"open\nd = 2\n"), ["a.b=1"]);
        assert_eq!(listed("[a]\nb = \\q\n"), Vec::<String>::new());
    }

    #[test]
    fn parameters_in_both_forms() {
        let found = parameters("'Alias.x'='a'\\''b' 'core.y=1=2' 'core.z'= 'q.R.s'");
        let names: Vec<(&str, Option<&str>)> =
            found.iter().map(|entry| (entry.name.as_str(), entry.value.as_deref())).collect();
        let expected =
            [("alias.x", Some("a'b")), ("core.y", Some("1=2")), ("core.z", None), ("q.R.s", None)];
        assert_eq!(names, expected);
    }

    #[test]
    fn words_of_an_alias() {
        let words = |text| alias_words(text).unwrap();
        assert_eq!(words("push -f  'a b'\"c d\" e\\ f ''"), ["push", "-f", "a bc d", "e f", ""]);
        assert_eq!(words(r#""a\"b" 'c\d'"#), ["a\"b", r"c\d"]);
        assert_eq!(alias_words("push 'x"), None);
        assert_eq!(alias_words("push \\"), None);
    }
}
