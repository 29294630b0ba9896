//! A command's words and its rule file → the changes that it makes: templates
//! filled with words, options, variables and what the settings files say.

use std::path::PathBuf;

use super::{Change, Wake, place};
use crate::invocation::{COMPUTED, Context, HOLE};
use crate::parse::argv::{self, Parsed, Value, Word};
use crate::parse::settings;
use crate::rules::{Arity, Reader, Retarget, Tool};
use crate::target::kube;
use crate::text;
use crate::unwrap;

/// The longest value that is taken over, in bytes.
const MAX_VALUE: usize = 4096;

/// The most directories that are looked through for a file above.
const MAX_ABOVE: usize = 64;

/// Options with which a command may do nothing, and succeed.
const IDLE: &[&str] = &["-h", "-help", "--help", "--version", "--dry-run"];

/// Whether a command of this tool with these words could change where later
/// commands land: by its own rule (true), or because it runs other commands
/// (false).
pub fn may_change<'a>(tool: &Tool, words: impl Iterator<Item = &'a [u8]> + Clone) -> Option<bool> {
    let leads = |path: &[&[&str]]| match path.first() {
        None => true,
        Some(names) => words.clone().any(|word| names.iter().any(|name| name.as_bytes() == word)),
    };
    if tool.retargets.iter().any(|retarget| leads(retarget.path)) {
        return Some(true);
    }
    // awk and sed stand in every script, and choose no place in any.
    let wraps = tool.wrapper.is_some()
        || tool.reader.is_wrapper() && tool.reader != Reader::Little
        || tool.wraps
            && tool.commands.iter().any(|command| command.wrapper.is_some() && leads(command.path));
    wraps.then_some(false)
}

/// Notes what a command changes in its wake.
pub fn leave(tool: &'static Tool, context: Context<'_>, wake: &Wake) {
    for change in changes(tool, context) {
        wake.push(change);
    }
}

/// What a command changes.
fn changes(tool: &'static Tool, context: Context<'_>) -> Vec<Change> {
    let words = context.invocation.argv.iter().map(|word| word.as_encoded_bytes());
    if tool.retargets.is_empty() || may_change(tool, words).is_none() {
        return Vec::new();
    }
    let posixly = context.var("POSIXLY_CORRECT").is_some();
    let parsed = argv::parse(tool, context.invocation, posixly);
    let fits = |retarget: &&'static Retarget| Call::new(retarget, &parsed, context).is_some();
    let deepest = tool.retargets.iter().filter(fits).map(|one| one.path.len()).max();
    let these = tool.retargets.iter().filter(|one| Some(one.path.len()) == deepest);
    these.filter_map(|retarget| Call::new(retarget, &parsed, context)?.change(tool)).collect()
}

/// A command and the rule that may be about it.
pub(super) struct Call<'a> {
    retarget: &'static Retarget,
    parsed: &'a Parsed<'a>,
    pub(super) context: Context<'a>,
    /// The command's own words.
    words: Vec<Word<'a>>,
    /// The words behind them.
    rest: Vec<Word<'a>>,
    /// Where the command's own words begin.
    start: usize,
    /// Options that the tool's own list lacks.
    extra: Vec<(&'static [&'static str], Value<'a>)>,
}

/// A template filled in; what is computed at run time is marked in it.
type Text = String;

impl<'a> Call<'a> {
    /// None if the rule is about another command.
    fn new(
        retarget: &'static Retarget,
        parsed: &'a Parsed<'a>,
        context: Context<'a>,
    ) -> Option<Call<'a>> {
        let mut taken = Vec::new();
        let mut extra = Vec::new();
        for unknown in &parsed.unknown {
            let spelled = unknown.text.to_str().unwrap_or_default();
            let (name, attached) = match spelled.split_once('=') {
                Some((name, _)) => (name, Some(name.len() + 1)),
                None => (spelled, None),
            };
            let Some(names) = retarget.options.iter().find(|names| names.contains(&name)) else {
                continue;
            };
            let index = unknown.index + usize::from(attached.is_none());
            let Some(word) = context.invocation.argv.get(index) else { continue };
            let offset = attached.unwrap_or(0);
            let text = word.to_str().and_then(|word| word.get(offset..)).unwrap_or_default();
            taken.push(index);
            let dynamic = context.invocation.is_dynamic(index);
            extra.push((*names, Value { index, offset, text: text.as_ref(), dynamic }));
        }
        let words = parsed.path.iter().chain(&parsed.positionals);
        let words: Vec<Word<'a>> =
            words.filter(|word| !taken.contains(&word.index)).copied().collect();
        let path = retarget.path;
        // The tool knows a longer command by this name.
        if path.len() < parsed.path.len() || words.len() < path.len() {
            return None;
        }
        let is = |(word, names): (&Word<'a>, &&[&str])| {
            !word.dynamic && names.iter().any(|name| word.text == *name)
        };
        let rest = words.get(path.len()..).unwrap_or_default().to_vec();
        let start = words.first().filter(|_| !path.is_empty()).map_or(0, |word| word.index);
        let own = words.get(..path.len()).unwrap_or_default().to_vec();
        let call = Call { retarget, parsed, context, words: own, rest, start, extra };
        let given = |name: &&&str| {
            parsed.has(name)
                || call.extra.iter().any(|(names, _)| names.contains(name))
                || parsed.unknown.iter().any(|unknown| unknown.text == **name)
        };
        let first = call.rest.first().map(|word| word.text.to_string_lossy()).unwrap_or_default();
        let matches = |globs: &[&str]| globs.iter().any(|pattern| text::glob(pattern, &first));
        let fits = words.iter().zip(path).all(is)
            && (retarget.with.is_empty() || retarget.with.iter().any(|name| given(&name)))
            && !retarget.without.iter().any(|name| given(&name))
            && (retarget.only.is_empty() || matches(retarget.only))
            && !matches(retarget.except);
        fits.then_some(call)
    }

    fn change(&self, tool: &Tool) -> Option<Change> {
        let retarget = self.retarget;
        let context = self.context;
        let (path, known, sure) = place::find(self, retarget)?;
        let path = match context.cwd() {
            Some(cwd) => cwd.join(path),
            None => path,
        };
        let value = match retarget.value.filter(|_| known) {
            Some(template) => Some(self.fill(template, &path)?),
            None => None,
        };
        let key: Option<Vec<Text>> =
            retarget.key.iter().map(|step| self.fill(step, &path)).collect();
        let key = key?;
        // Which key it is, is computed.
        let value = value.filter(|_| !key.iter().any(|step| step.contains(COMPUTED)));
        let before = context.invocation.written.get(&path);
        let program = context.invocation.argv.first().map(|word| word.to_string_lossy());
        let elsewhere = program.is_none_or(|program| program.contains('/'))
            || context.invocation.env.iter().any(|(name, _)| name == "PATH");
        let unknown = &self.parsed.unknown;
        let idle = IDLE.iter().any(|option| {
            self.parsed.has(option) || unknown.iter().any(|unknown| unknown.text == *option)
        });
        Some(Change {
            format: retarget.format,
            key,
            value,
            by: self.shown(tool),
            place: context.invocation.place.clone(),
            before: before.cloned(),
            // Another program of that name may do nothing at all.
            sure: sure && !elsewhere && !idle,
            whole: false,
            path,
        })
    }

    /// The command as messages have it: its words and the first behind them,
    /// so that no secret is shown.
    fn shown(&self, tool: &Tool) -> String {
        let name = match self.context.invocation.tool() {
            "" => tool.name,
            name => name,
        };
        let words = self.words.iter().chain(self.rest.first());
        let words = words.map(|word| word.text.to_string_lossy().into_owned());
        let all: Vec<String> = std::iter::once(name.to_owned()).chain(words).collect();
        text::visible(&all.join(" "), 80)
    }

    /// A template with its placeholders filled in; none if one of them has
    /// nothing to stand for.
    pub(super) fn fill(&self, template: &str, path: &std::path::Path) -> Option<Text> {
        let mut out = String::new();
        let mut rest = template;
        while let Some((front, behind)) = rest.split_once('{') {
            out.push_str(front);
            let (inside, after) = behind.split_once('}')?;
            out.push_str(&inside.split('|').find_map(|source| self.value(source, path))?);
            rest = after;
        }
        out.push_str(rest);
        (out.len() <= MAX_VALUE).then_some(out)
    }

    fn value(&self, source: &str, path: &std::path::Path) -> Option<Text> {
        if let Some(number) = source.strip_prefix('#') {
            let at = number.parse::<usize>().ok()?.checked_sub(1)?;
            return self.word(self.rest.get(at)?.index, 0);
        }
        if source.starts_with('-') {
            return self.option(source);
        }
        if let Some(name) = source.strip_prefix("!$") {
            return self.context.text_var(name).is_none().then(Text::new);
        }
        if let Some(name) = source.strip_prefix('$') {
            return self.context.text_var(name);
        }
        if let Some(text) = source.strip_prefix('=') {
            return Some(text.to_owned());
        }
        if let Some(key) = source.strip_prefix("at:") {
            if self.retarget.file == "@kubeconfig" && key == "current-context" {
                return kube::current(&self.context, self.option("--kubeconfig"));
            }
            // Another file by its name, or the one that is changed.
            let (path, format, key) = match key.split_once(':') {
                Some((name, key)) => (place::named(self, name, &[])?, place::format(name), key),
                None => (path.to_owned(), self.retarget.format, key),
            };
            let steps: Vec<&str> = key.split('.').collect();
            let bytes = self.context.read(path, super::MAX_FILE).ok()?;
            return settings::find(&bytes, format, &steps).ok().flatten();
        }
        if let Some(file) = source.strip_prefix("root:") {
            let cwd = self.context.cwd()?;
            let there = |folder: &&std::path::Path| {
                self.context.read(folder.join(file), super::MAX_FILE).is_ok()
            };
            let found = cwd.ancestors().take(MAX_ABOVE).find(there).unwrap_or(&cwd);
            return found.to_str().map(str::to_owned);
        }
        if source == "cwd" {
            return self.context.cwd()?.to_str().map(str::to_owned);
        }
        if let Some(table) = source.strip_prefix("above:") {
            return self.above(table, path);
        }
        None
    }

    /// The value of an option, by the tool's list or the rule's own.
    pub(super) fn option(&self, name: &str) -> Option<Text> {
        let known = self.parsed.last(name).filter(|given| given.option.arity != Arity::Flag);
        let known = known.and_then(|given| given.value);
        let own = || {
            // `git -C DIR switch -C NAME`: what stands in front is another one.
            let mut own = self.extra.iter().rev().filter(|(names, _)| names.contains(&name));
            let (_, value) = own.find(|(_, value)| value.index > self.start)?;
            Some(*value)
        };
        let value = known.or_else(own)?;
        self.word(value.index, value.offset)
    }

    /// The value of an option in front of the command's own words.
    pub(super) fn in_front(&self, name: &str) -> Option<Text> {
        let mut own = self.extra.iter().filter(|(names, _)| names.contains(&name));
        let (_, value) = own.find(|(_, value)| value.index < self.start)?;
        self.word(value.index, value.offset)
    }

    /// Whether no word stands behind the command's own.
    pub(super) fn is_bare(&self) -> bool {
        self.rest.is_empty()
    }

    /// A word from byte `offset` on, with a mark for what is computed.
    fn word(&self, index: usize, offset: usize) -> Option<Text> {
        let form = unwrap::template(self.context.invocation, index, 0);
        let form = String::from_utf8(form).ok()?;
        let text = match offset {
            0 => form,
            // What stands in front of the value is spelled as it is.
            _ => form.get(offset..).unwrap_or(HOLE).to_owned(),
        };
        Some(text.replace(HOLE, COMPUTED)).filter(|text| !text.is_empty())
    }

    /// The nearest of the directory and those above it that is a key of a
    /// table in the file; the directory itself where none is.
    fn above(&self, table: &str, path: &std::path::Path) -> Option<Text> {
        let cwd = self.context.cwd()?;
        let bytes = self.context.read(path, super::MAX_FILE).unwrap_or_default();
        let tree: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let table = tree.get(table).and_then(serde_json::Value::as_object);
        let known = |folder: &&std::path::Path| {
            table.zip(folder.to_str()).is_some_and(|(table, folder)| table.contains_key(folder))
        };
        let found = cwd.ancestors().take(MAX_ABOVE).find(known).unwrap_or(&cwd);
        found.to_str().map(str::to_owned)
    }

    /// The file of a plain path: the first of several whose variable is set,
    /// and the nearest above where it may lie there.
    pub(super) fn plain(&self, paths: &str, above: bool) -> Option<PathBuf> {
        let mut inside = false;
        let bar = |letter: char| {
            inside = letter == '{' || (inside && letter != '}');
            letter == '|' && !inside
        };
        let path = paths.split(bar).find_map(|path| {
            let path = self.fill(path, std::path::Path::new(""))?;
            crate::actions::table::place(self.context, &path).ok().flatten()
        })?;
        if !above || path.is_absolute() {
            return Some(path);
        }
        let cwd = self.context.cwd()?;
        let there = |folder: &std::path::Path| {
            self.context.read(folder.join(&path), super::MAX_FILE).is_ok()
        };
        let folder = cwd.ancestors().take(MAX_ABOVE).find(|folder| there(folder));
        Some(folder.unwrap_or(&cwd).join(&path))
    }
}
