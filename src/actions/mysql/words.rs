//! The words that a MySQL client really parses: those of its option files,
//! then the command line's, in one spelling.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::actions::Call;
use crate::invocation::Invocation;
use crate::rules::Tool;
use crate::target::mysql::options;

/// The words, and where each came from.
#[derive(Clone, Debug)]
pub struct Words {
    /// The invocation with these words in place of its own.
    pub invocation: Invocation,
    /// What named the words of option files, which stand in front.
    sources: Vec<String>,
    /// How many words of argv were about option files.
    used: usize,
    /// The name that `--login-path` gave.
    pub login: Option<String>,
    /// Why some option file could not be read.
    pub gap: Option<String>,
}

impl Words {
    /// The words of a call whose client reads these groups.
    pub fn new(call: &Call<'_>, groups: &[&str]) -> Words {
        let defaults = options::read(&call.context, groups);
        let original = call.context.invocation;
        let mut argv: Vec<OsString> = original.argv.first().cloned().into_iter().collect();
        let mut sources = Vec::new();
        for option in defaults.options {
            argv.push(normal(call.tool, &option.word));
            sources.push(option.source);
        }
        let typed = original.argv.get(1 + defaults.used..).unwrap_or_default();
        argv.extend(typed.iter().map(|word| normal(call.tool, word)));
        let shift = |at: &usize| match at {
            0 => Some(0),
            at => at.checked_sub(defaults.used).filter(|at| *at > 0).map(|at| at + sources.len()),
        };
        let dynamic = original.dynamic.iter().filter_map(shift).collect();
        let invocation = Invocation { argv, dynamic, templates: Vec::new(), ..original.clone() };
        Words { invocation, sources, used: defaults.used, login: defaults.login, gap: defaults.gap }
    }

    /// What an option file says about the word at `index`; none for a word of
    /// the command line.
    pub fn source(&self, index: usize) -> Option<String> {
        index.checked_sub(1).and_then(|at| self.sources.get(at)).cloned()
    }

    /// Where the word at `index` stands in argv as it was given; none for a
    /// word of an option file.
    pub fn original(&self, index: usize) -> Option<usize> {
        Some(index.checked_sub(self.sources.len()).filter(|at| *at > 0)? + self.used)
    }

    /// Whether a word stands in the command line.
    pub fn is_typed(&self, index: usize) -> bool {
        index > self.sources.len()
    }
}

/// An option in the spelling of the rule file: underscores are hyphens, and
/// `--loose-x`, `--enable-x` are `--x`. `--skip-x` and `--disable-x`, which
/// only ever switch something off, become a flag that means nothing here.
fn normal(tool: &Tool, word: &OsStr) -> OsString {
    let bytes = word.as_bytes();
    let Some(name) = bytes.strip_prefix(b"--").filter(|name| !name.is_empty()) else {
        return word.to_owned();
    };
    let end = name.iter().position(|byte| *byte == b'=').unwrap_or(name.len());
    let (name, value) = name.split_at_checked(end).unwrap_or((name, b""));
    if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return word.to_owned();
    }
    let mut name: Vec<u8> =
        name.iter().map(|byte| if *byte == b'_' { b'-' } else { *byte }).collect();
    let known = |name: &[u8]| {
        let full = [b"--", name].concat();
        let mut names = tool.options.iter().flat_map(|option| option.names);
        names.any(|known| known.as_bytes().starts_with(&full))
    };
    for prefix in [&b"loose-"[..], b"enable-"] {
        if let Some(rest) = name.strip_prefix(prefix).filter(|_| !known(&name)) {
            name = rest.to_vec();
        }
    }
    let off = [&b"skip-"[..], b"disable-"].iter().any(|prefix| name.starts_with(prefix));
    if off && !known(&name) {
        return OsString::from("--verbose");
    }
    OsString::from_vec([b"--", name.as_slice(), value].concat())
}
