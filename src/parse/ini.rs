//! INI text as Python's `RawConfigParser` reads it, which is how botocore
//! reads `~/.aws/config`, `~/.aws/credentials` and `~/.aws/cli/alias`. Text
//! in, sections out: no look-ups, no meaning. Checked against Python 3.11.

use std::fmt;

/// A parsed file: its sections in order, defaults already merged into each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ini {
    sections: Vec<Section>,
    defaults: Section,
}

/// One `[section]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The text between the brackets, as written.
    pub name: String,
    entries: Vec<(String, String)>,
}

impl Section {
    /// The value of a key (keys are lower case). A value that goes on over
    /// several lines has a line feed between them.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Every key and value, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Why a text is no INI file; the AWS CLI refuses to run with such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl Ini {
    /// The section of this name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The section whose keys every other section inherits (`[DEFAULT]`), which
    /// is a section of its own to some tools and none of [`Ini::sections`].
    pub fn defaults(&self) -> &Section {
        &self.defaults
    }

    /// Every section, in order.
    pub fn sections(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter()
    }
}

/// The section whose keys every other section inherits.
pub const DEFAULTS: &str = "DEFAULT";

/// Reads a text.
///
/// # Errors
/// Where `RawConfigParser` raises: text in front of the first section, a
/// line that is neither key nor section, a section or key given twice.
pub fn parse(text: &str) -> Result<Ini, Error> {
    let mut reader = Reader::default();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    for (number, line) in text.split('\n').enumerate() {
        reader.line(number + 1, line)?;
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    /// The indentation that a line has to exceed to go on with a value.
    indent: usize,
    /// Whether a line could go on with the last key.
    open: bool,
    /// The section that lines belong to.
    at: Option<usize>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Error> {
        let text = line.trim();
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            self.append("");
            return Ok(());
        }
        let indent = line.chars().take_while(|letter| letter.is_whitespace()).count();
        if self.open && indent > self.indent {
            self.append(text);
            return Ok(());
        }
        self.indent = indent;
        let fail = |what| Err(Error { line: number, what });
        if let Some(name) = header(text) {
            self.open = false;
            self.at = self.sections.iter().position(|section| section.name == name);
            if self.at.is_some() && name != DEFAULTS {
                return fail("a section given twice");
            }
            if self.at.is_none() {
                self.at = Some(self.sections.len());
                self.sections.push(Section { name: name.to_owned(), entries: Vec::new() });
            }
            return Ok(());
        }
        let Some(section) = self.at.and_then(|at| self.sections.get_mut(at)) else {
            return fail("text in front of the first section");
        };
        let Some((key, value)) = text.split_once(['=', ':']) else {
            return fail("neither a section nor a key with a value");
        };
        let key = key.trim().to_lowercase();
        if key.is_empty() {
            return fail("a value without a key");
        }
        if section.get(&key).is_some() {
            return fail("a key given twice");
        }
        section.entries.push((key, value.trim().to_owned()));
        self.open = true;
        Ok(())
    }

    fn append(&mut self, text: &str) {
        if !self.open {
            return;
        }
        let section = self.at.and_then(|at| self.sections.get_mut(at));
        if let Some((_, value)) = section.and_then(|section| section.entries.last_mut()) {
            value.push('\n');
            value.push_str(text);
        }
    }

    fn finish(mut self) -> Ini {
        for (_, value) in self.sections.iter_mut().flat_map(|section| &mut section.entries) {
            value.truncate(value.trim_end().len());
        }
        let at = self.sections.iter().position(|section| section.name == DEFAULTS);
        let mut defaults = Section::default();
        if let Some(at) = at {
            defaults = self.sections.remove(at);
            for section in &mut self.sections {
                for (key, value) in &defaults.entries {
                    if section.get(key).is_none() {
                        section.entries.push((key.clone(), value.clone()));
                    }
                }
            }
        }
        Ini { sections: self.sections, defaults }
    }
}

/// The name in a `[section]` line; what follows the last bracket is ignored.
fn header(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// The keys and values nested in a value (`s3 =` with indented lines below
/// it), as botocore takes them apart; none for a value that is not nested.
pub fn nested(value: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = value.starts_with('\n').then(|| value.lines()).into_iter().flatten();
    lines.filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(ini: &'a Ini, section: &str, key: &str) -> Option<&'a str> {
        ini.section(section).and_then(|section| section.get(key))
    }

    #[test]
    fn keys_are_lower_case_and_values_keep_their_comments() {
        let ini = parse("[profile a]\nRegion = eu-west-1 # not a comment\nrole_arn: arn:x\n");
        let ini = ini.unwrap();
        assert_eq!(value(&ini, "profile a", "region"), Some("eu-west-1 # not a comment"));
        assert_eq!(value(&ini, "profile a", "role_arn"), Some("arn:x"));
        assert_eq!(value(&ini, "PROFILE A", "region"), None);
    }

    #[test]
    fn indented_lines_go_on_with_the_value_above() {
        let ini = parse("[a]\ns3 =\n  endpoint_url = http://x\n\n  # gone\n  y=z\nregion=q\n");
        let ini = ini.unwrap();
        let s3 = value(&ini, "a", "s3").unwrap();
        assert_eq!(s3, "\nendpoint_url = http://x\n\ny=z");
        assert_eq!(nested(s3).collect::<Vec<_>>(), [("endpoint_url", "http://x"), ("y", "z")]);
        assert_eq!(value(&ini, "a", "region"), Some("q"));
        assert_eq!(nested("a=b").count(), 0);
    }

    #[test]
    fn an_indented_key_after_a_section_is_a_key() {
        let ini = parse("[a]\n   region = x\n   role_arn = y\n").unwrap();
        assert_eq!(value(&ini, "a", "region"), Some("x"));
        assert_eq!(value(&ini, "a", "role_arn"), Some("y"));
    }

    #[test]
    fn defaults_are_inherited_and_no_section() {
        let ini = parse("[DEFAULT]\nregion = d\n[a]\n[b]\nregion = b\n").unwrap();
        assert_eq!(value(&ini, "a", "region"), Some("d"));
        assert_eq!(value(&ini, "b", "region"), Some("b"));
        assert!(ini.section("DEFAULT").is_none());
        assert_eq!(ini.defaults().get("region"), Some("d"));
    }

    #[test]
    fn what_python_refuses_is_an_error_with_its_line() {
        assert_eq!(parse("region = x\n").unwrap_err().line, 1);
        assert_eq!(parse("[a]\n[a]\n").unwrap_err().line, 2);
        assert_eq!(parse("[a]\nx=1\nX=2\n").unwrap_err().line, 3);
        assert_eq!(parse("[a]\nno delimiter\n").unwrap_err().line, 2);
        assert_eq!(parse("[a]\n= x\n").unwrap_err().line, 2);
        assert!(parse("\u{feff}[a]\n").is_err());
    }

    #[test]
    fn line_ends_of_every_kind_end_lines() {
        let ini = parse("[a]\r\nregion = x\r\n[b]\rregion = y").unwrap();
        assert_eq!(value(&ini, "a", "region"), Some("x"));
        assert_eq!(value(&ini, "b", "region"), Some("y"));
    }
}
