//! The words of an AWS CLI command told apart as its three argparse parsers
//! do it one after another: the global options first, wherever they stand and
//! however abbreviated; then the service and the operation, each the first
//! word that is no option; then everything else. No look-ups, no meaning.
//! Checked against aws-cli 1.46 (Python 3.11) by tests/aws.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::invocation::Invocation;
use crate::parse::argv::{Given, Value, Word};
use crate::rules::{Arity, Opt};

/// A command's words, told apart.
#[derive(Clone, Debug, Default)]
pub struct Line<'a> {
    /// The global options, in order.
    pub options: Vec<Given<'a>>,
    /// The service, or the command that stands in its place.
    pub service: Option<Word<'a>>,
    /// The operation, or the subcommand that stands in its place.
    pub operation: Option<Word<'a>>,
    /// Every other word, in order: the operation's own parameters.
    pub rest: Vec<Word<'a>>,
}

impl<'a> Line<'a> {
    /// The last global option of this name.
    pub fn last(&self, name: &str) -> Option<&Given<'a>> {
        self.options.iter().rev().find(|given| given.option.is(name))
    }

    /// The value of the last global option of this name.
    pub fn value(&self, name: &str) -> Option<Value<'a>> {
        self.last(name).and_then(|given| given.value)
    }
}

/// Tells an invocation's words apart by the CLI's global options.
pub fn split<'a>(globals: &'static [Opt], invocation: &'a Invocation) -> Line<'a> {
    let mut line = Line::default();
    let mut ended = false;
    let mut named = false;
    let mut words = words(invocation);
    while let Some(word) = words.next() {
        let bytes = word.text.as_bytes();
        if bytes == b"--" {
            // The parser that meets it where its own positional stands takes
            // it away; anywhere else it ends the operation's options too.
            if !named && line.operation.is_some() {
                line.rest.push(word);
            }
            ended = true;
            continue;
        }
        if !ended && let Some((option, attached)) = find(globals, bytes) {
            let value = match (attached, option.arity) {
                (Some(offset), _) => part(word, offset),
                (None, Arity::Flag) => None,
                (None, _) => words.next_if_plain(globals),
            };
            line.options.push(Given { option, value, more: Vec::new(), index: word.index });
            named = false;
            continue;
        }
        let positional = ended || is_plain(bytes);
        named = positional && line.operation.is_none();
        if positional && line.service.is_none() {
            line.service = Some(word);
        } else if positional && line.operation.is_none() {
            line.operation = Some(word);
        } else {
            line.rest.push(word);
        }
    }
    line
}

/// An invocation's words behind the program's name.
fn words(invocation: &Invocation) -> Words<'_> {
    Words { invocation, at: 1 }
}

struct Words<'a> {
    invocation: &'a Invocation,
    at: usize,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<Word<'a>> {
        let text = self.invocation.argv.get(self.at)?;
        let dynamic = !self.invocation.dynamic.is_empty() && self.invocation.is_dynamic(self.at);
        Some(Word { index: self.at, text, dynamic })
    }

    fn next(&mut self) -> Option<Word<'a>> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    /// The next word as an option's value, unless it is an option itself.
    fn next_if_plain(&mut self, globals: &'static [Opt]) -> Option<Value<'a>> {
        let word = self.peek()?;
        let bytes = word.text.as_bytes();
        if !is_plain(bytes) || find(globals, bytes).is_some() {
            return None;
        }
        self.at += 1;
        part(word, 0)
    }
}

/// The part of a word behind `offset` bytes, as a value.
pub fn part(word: Word<'_>, offset: usize) -> Option<Value<'_>> {
    let text = OsStr::from_bytes(word.text.as_bytes().get(offset..)?);
    Some(Value { index: word.index, offset, text, dynamic: word.dynamic })
}

/// The option that a word names, by its whole name or a unique beginning, and
/// where the value attached to it by `=` begins.
pub fn find(options: &'static [Opt], word: &[u8]) -> Option<(&'static Opt, Option<usize>)> {
    if !word.starts_with(b"--") || word.len() < 3 {
        return None;
    }
    let equals = word.iter().position(|byte| *byte == b'=');
    let name = word.get(..equals.unwrap_or(word.len()))?;
    let mut found = None;
    for option in options {
        for spelling in option.names {
            if spelling.as_bytes() == name {
                return Some((option, equals.map(|at| at + 1)));
            }
            if spelling.as_bytes().starts_with(name) {
                found = match found {
                    None => Some(Some(option)),
                    Some(_) => Some(None),
                };
            }
        }
    }
    found.flatten().map(|option| (option, equals.map(|at| at + 1)))
}

/// Whether argparse takes a word that names none of its options as a
/// positional or a value: it does not begin with a dash, is a negative
/// number, or holds a blank.
pub fn is_plain(word: &[u8]) -> bool {
    let [b'-', rest @ ..] = word else { return true };
    if rest.is_empty() || word.contains(&b' ') {
        return true;
    }
    let mut points = 0;
    let number = rest.iter().all(|byte| {
        points += usize::from(*byte == b'.');
        byte.is_ascii_digit() || *byte == b'.'
    });
    number && points < 2 && rest.last().is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::table;

    fn told(line: &str) -> (String, String, String, String) {
        let words = shell_words::split(line).unwrap();
        let invocation = Invocation::new(words);
        let tool = table::find("aws").unwrap();
        let line = split(tool.options, &invocation);
        let text = |word: Option<Word<'_>>| {
            word.map(|word| word.text.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let options: Vec<String> = line
            .options
            .iter()
            .map(|given| {
                let value = given.value.map(|value| value.text.to_string_lossy().into_owned());
                format!("{}={}", given.option.names[0], value.unwrap_or_default())
            })
            .collect();
        let rest: Vec<String> =
            line.rest.iter().map(|word| word.text.to_string_lossy().into_owned()).collect();
        (text(line.service), text(line.operation), rest.join(" "), options.join(" "))
    }

    fn same(line: &str, service: &str, operation: &str, rest: &str, options: &str) {
        let want = (service.into(), operation.into(), rest.into(), options.into());
        assert_eq!(told(line), want, "{line}");
    }

    #[test]
    fn global_options_stand_anywhere() {
        same("aws --region r ec2 stop x", "ec2", "stop", "x", "--region=r");
        same("aws ec2 --region r stop x", "ec2", "stop", "x", "--region=r");
        same("aws ec2 stop --ids a --region r b", "ec2", "stop", "--ids a b", "--region=r");
        same("aws ec2 --reg=r stop", "ec2", "stop", "", "--region=r");
        same("aws --debug ec2 stop", "ec2", "stop", "", "--debug=");
    }

    #[test]
    fn other_options_do_not_hide_the_operation() {
        same("aws ec2 --dry-run stop --ids a", "ec2", "stop", "--dry-run --ids a", "");
        same("aws --dry-run ec2 stop", "ec2", "stop", "--dry-run", "");
        same("aws ec2 --ids stop a", "ec2", "stop", "--ids a", "");
    }

    #[test]
    fn beginnings_must_be_unique() {
        same("aws --pro p ec2 stop", "ec2", "stop", "", "--profile=p");
        same("aws --c p ec2 stop", "p", "ec2", "--c stop", "");
        same("aws ec2 stop --r eu", "ec2", "stop", "", "--region=eu");
    }

    #[test]
    fn double_dashes_end_the_global_options() {
        same("aws -- ec2 stop --region r", "ec2", "stop", "--region r", "");
        same("aws ec2 -- stop --ids a", "ec2", "stop", "--ids a", "");
        same("aws ec2 stop --ids a -- --dry-run", "ec2", "stop", "--ids a -- --dry-run", "");
    }

    #[test]
    fn values_that_look_like_options_are_no_values() {
        same("aws --region --debug ec2 stop", "ec2", "stop", "", "--region= --debug=");
        same("aws ec2 stop --n -1", "ec2", "stop", "--n -1", "");
        same("aws --query '--a b' ec2 stop", "ec2", "stop", "", "--query=--a b");
        same("aws", "", "", "", "");
        same("aws --region", "", "", "", "--region=");
    }
}
