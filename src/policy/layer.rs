//! One policy file: whose it is, and whether it says only what its owner may
//! say. Text in, a checked [`Source`] or its problems out; no I/O.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::problem::Problem;
use super::source::{
    EnvironmentSource, Mode, ProtectSource, RuleSource, Source, TestSource, WhenSource,
};
use super::words::{Globs, Word};
use crate::action::Effect;
use crate::judgement::Verdict;
use crate::target::{Class, Kind};

/// Whose file it is, from the outermost layer to the innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owned {
    /// The machine's: `/etc/holdpoint/policy.toml`.
    System,
    /// The account's: `.config/holdpoint/policy.toml` below its home.
    User,
    /// A project's: `.holdpoint.toml`. It may only tighten.
    Project,
}

impl Owned {
    /// The word for it in messages.
    pub const fn word(self) -> &'static str {
        match self {
            Owned::System => "system",
            Owned::User => "user",
            Owned::Project => "project",
        }
    }
}

/// A policy file that is there.
#[derive(Debug)]
pub struct Layer {
    /// Whose it is.
    pub owned: Owned,
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes; empty if they could not be read.
    pub bytes: Vec<u8>,
    /// What it says, or what is wrong with it (one problem at least).
    pub content: Result<Source, Vec<Problem>>,
}

impl Layer {
    /// The layer of a file's bytes.
    pub fn new(owned: Owned, path: PathBuf, bytes: Vec<u8>) -> Layer {
        let content = parse(owned, &path, &bytes);
        Layer { owned, path, bytes, content }
    }

    /// The layer of a file that cannot be used, and why not.
    pub fn unusable(owned: Owned, path: PathBuf, bytes: Vec<u8>, why: String) -> Layer {
        let content = Err(vec![Problem::of_file(&path, why)]);
        Layer { owned, path, bytes, content }
    }

    /// The name of an entry of this file, for messages: `user policy
    /// (wipe-guard)`, else with the line it begins at.
    pub fn entry(&self, name: Option<&str>, span: Range<usize>) -> String {
        match name {
            Some(name) => format!("{} policy ({name})", self.owned.word()),
            None => {
                let text = String::from_utf8_lossy(&self.bytes);
                let line = Problem::at(&self.path, &text, span, "").line;
                format!("{} policy, line {line}", self.owned.word())
            }
        }
    }
}

/// Reads and checks a file.
fn parse(owned: Owned, path: &Path, bytes: &[u8]) -> Result<Source, Vec<Problem>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let text = String::from_utf8_lossy(bytes);
            let at = error.valid_up_to();
            return Err(vec![Problem::at(path, &text, at..at, "this is not UTF-8 text")]);
        }
    };
    let source: Source = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        vec![Problem::at(path, text, span, error.message().replace('\n', ", "))]
    })?;
    let mut check = Check { owned, path, text, problems: Vec::new() };
    check.source(&source);
    if check.problems.is_empty() { Ok(source) } else { Err(check.problems) }
}

/// The walk over a file that was read, collecting what is wrong with it.
struct Check<'a> {
    owned: Owned,
    path: &'a Path,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn say(&mut self, span: Range<usize>, message: &str) {
        self.problems.push(Problem::at(self.path, self.text, span, message));
    }

    /// Says `message` if this is a project's file, which may only tighten.
    fn tightens(&mut self, span: Range<usize>, message: &str) {
        if self.owned == Owned::Project {
            self.say(span, &format!("a project file may only tighten: {message}"));
        }
    }

    fn source(&mut self, source: &Source) {
        if *source.version.get_ref() != 1 {
            self.say(source.version.span(), "this version of the format is not known: use 1");
        }
        if let Some(mode) = &source.mode
            && mode.get_ref().0 == Mode::Balanced
        {
            self.tightens(mode.span(), "it cannot set the balanced mode");
        }
        source.environment.iter().for_each(|entry| self.environment(entry));
        source.rule.iter().for_each(|entry| self.rule(entry));
        source.protect.iter().for_each(|entry| self.protect(entry));
        source.test.iter().for_each(|entry| self.test(entry));
        if let Some(trust) = &source.actors.trust_ide_terminals {
            self.tightens(trust.span(), "whose a terminal is, the user's policy says");
        }
        if let Some(terminals) = &source.actors.trusted_terminals {
            self.tightens(terminals.span(), "what a terminal is, the user's policy says");
        }
        if let Some(writes) = &source.audit.writes
            && !*writes.get_ref()
        {
            self.tightens(writes.span(), "it cannot keep writes off the record");
        }
    }

    fn environment(&mut self, entry: &Spanned<EnvironmentSource>) {
        let environment = entry.get_ref();
        let class = &environment.class;
        if environment.ids.is_empty() && environment.patterns.is_empty() {
            self.say(entry.span(), "this environment names nothing: add ids, host, project …");
        }
        if class.get_ref().0 == Class::Unknown {
            self.say(class.span(), "an environment is local, development, staging or production");
        }
        if class.get_ref().0 == Class::Production {
            return;
        }
        self.tightens(class.span(), "it can only say what is production");
        for (kind, globs) in &environment.patterns {
            if matches!(kind, Kind::Port | Kind::User) {
                let message = format!("a {} can only say what is production", kind.word());
                self.say(entry.span(), &message);
            }
            if globs.0.iter().any(|glob| matches_all(glob)) {
                let message = format!("only production may be every {}", kind.word());
                self.say(entry.span(), &message);
            }
        }
    }

    fn rule(&mut self, entry: &Spanned<RuleSource>) {
        let rule = entry.get_ref();
        let when = rule.when.get_ref();
        if is_empty(when) {
            self.say(rule.when.span(), "this rule has no condition");
        }
        let only_reads = !when.effect.is_empty() && when.effect.0.iter().all(is_read);
        if only_reads && when.flag.is_empty() {
            self.say(rule.when.span(), "a plain read is never stopped: name a flag too");
        }
        if rule.verdict.get_ref().0 == Verdict::Allow {
            self.tightens(rule.verdict.span(), "it cannot allow");
            if rule.floor {
                self.say(rule.verdict.span(), "a floor cannot allow: it says what must be stopped");
            }
        }
    }

    fn protect(&mut self, entry: &Spanned<ProtectSource>) {
        let protect = entry.get_ref();
        if protect.object.is_empty() && protect.target.is_empty() {
            self.say(entry.span(), "this protects nothing: add object or target");
        }
        if let Some(verdict) = &protect.verdict
            && verdict.get_ref().0 == Verdict::Allow
        {
            self.say(verdict.span(), "what is protected cannot be allowed: use confirm or refuse");
        }
    }

    fn test(&mut self, entry: &Spanned<TestSource>) {
        let test = entry.get_ref();
        if test.command.is_some() == test.target.is_some() {
            self.say(entry.span(), "a test has either a command or a target");
        }
        if test.target.is_none() && (test.effect.is_some() || !test.flag.is_empty()) {
            self.say(entry.span(), "effect and flag go with a target, not with a command");
        }
        if test.verdict.is_none() && test.class.is_none() {
            self.say(entry.span(), "a test expects a verdict or a class");
        }
    }
}

/// Whether a glob matches every name.
fn matches_all(glob: &str) -> bool {
    glob.contains('*') && glob.chars().all(|letter| matches!(letter, '*' | '?'))
}

fn is_read(effect: &Word<Effect>) -> bool {
    effect.0 == Effect::Read
}

/// Whether nothing is said of what a rule applies to.
fn is_empty(when: &WhenSource) -> bool {
    let WhenSource { class, effect, flag, actor, tool, platform, operation, target } = when;
    class.is_empty()
        && effect.is_empty()
        && flag.is_empty()
        && actor.is_empty()
        && [tool, platform, operation, target].into_iter().all(Globs::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The problems of a file, as `line:column: message`.
    fn problems(owned: Owned, text: &str) -> Vec<String> {
        let layer = Layer::new(owned, PathBuf::from("p"), text.as_bytes().to_vec());
        match layer.content {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn unknown_keys_and_words_are_errors_at_their_place() {
        for (text, place, said) in [
            ("version = 1\nmod = 'strict'\n", "p:2:1:", "unknown field `mod`"),
            ("version = 1\nmode = 'lax'\n", "p:2:8:", "unknown word `lax`"),
            ("version = 2\n", "p:1:11:", "not known"),
            ("mode = 'strict'\n", "p:1:1:", "missing field `version`"),
            ("version = 1\n[[environment]]\nclass = 'staging'\nhots = 'x'\n", "p:4:1:", "`hots`"),
            ("version = 1\n[[environment]]\nclass = 'prod'\nhost = 'x'\n", "p:3:9:", "`prod`"),
            ("version = 1\n[[environment]]\nhost = 'x'\n", "p:2:1:", "missing field `class`"),
            ("version = 1\n[[environment]]\nclass = 'production'\n", "p:2:1:", "names nothing"),
            ("version = 1\n[[environment]]\nclass = 'unknown'\nhost='a'\n", "p:3:9:", "local, "),
            (
                "version = 1\n[[rule]]\nverdict = 'refuse'\nwhen = { efect = 'x' }\n",
                "p:4:10:",
                "`efect`",
            ),
            (
                "version = 1\n[[rule]]\nverdict = 'refuse'\nwhen = { flag = ['opaque', 'x'] }\n",
                "p:4:17:",
                "`x`",
            ),
            (
                "version = 1\n[[rule]]\nverdict = 'deny'\nwhen = { tool = 'x' }\n",
                "p:3:11:",
                "`deny`",
            ),
            ("version = 1\n[[rule]]\nverdict = 'refuse'\nwhen = {}\n", "p:4:8:", "no condition"),
            (
                "version = 1\n[[rule]]\nverdict = 'refuse'\nwhen = { effect = 'read' }\n",
                "p:4:8:",
                "name a flag",
            ),
            (
                "version = 1\n[[rule]]\nverdict = 'allow'\nfloor = true\nwhen = { tool = 'x' }\n",
                "p:3:11:",
                "floor",
            ),
            ("version = 1\n[[protect]]\nwhy = 'x'\n", "p:2:1:", "protects nothing"),
            ("version = 1\n[[protect]]\nobject = ''\n", "p:3:10:", "empty pattern"),
            ("version = 1\n[actors]\nhumans = ['me']\n", "p:3:1:", "`humans`"),
            ("version = 1\n[audit]\npath = '/dev/null'\n", "p:3:1:", "`path`"),
            (
                "version = 1\n[[test]]\nverdict = 'allow'\n",
                "p:2:1:",
                "either a command or a target",
            ),
            ("version = 1\n[[test]]\ncommand = 'ls'\n", "p:2:1:", "expects"),
            (
                "version = 1\n[[test]]\ntarget = { hots = 'x' }\nclass = 'local'\n",
                "p:3:12:",
                "`hots`",
            ),
            ("version = 1\nmode = 'strict", "p:2:15:", "expected `'`"),
            ("version = 1\n\u{feff}", "p:2:2:", "key with no value"),
        ] {
            let found = problems(Owned::User, text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with(place) && found[0].contains(said), "{text}: {found:?}");
        }
    }

    #[test]
    fn every_problem_of_meaning_is_listed() {
        let text = "version = 1\n[[rule]]\nwhen={}\nverdict='refuse'\n[[protect]]\nwhy='x'\n";
        assert_eq!(problems(Owned::User, text).len(), 2);
    }

    #[test]
    fn a_project_file_that_loosens_is_an_error_that_says_so() {
        for text in [
            "mode = 'balanced'",
            "[[environment]]\nclass = 'staging'\nhost = 'x'",
            "[[environment]]\nclass = 'development'\nids = ['x']",
            "[[environment]]\nclass = 'local'\nproject = 'x'",
            "[[rule]]\nverdict = 'allow'\nwhen = { tool = 'psql' }",
            "[actors]\ntrust_ide_terminals = true",
            "[actors]\ntrusted_terminals = ['/opt/term']",
            "[audit]\nwrites = false",
        ] {
            let text = format!("version = 1\n{text}\n");
            let found = problems(Owned::Project, &text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("may only tighten"), "{found:?}");
            assert_eq!(problems(Owned::User, &text), Vec::<String>::new(), "{text}");
            assert_eq!(problems(Owned::System, &text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn nothing_but_production_may_be_everything() {
        for pattern in ["host = '*'", "project = ['a', '**']", "port = '5432'", "user = 'ana'"] {
            let text =
                |class| format!("version = 1\n[[environment]]\nclass='{class}'\n{pattern}\n");
            assert_eq!(problems(Owned::User, &text("staging")).len(), 1, "{pattern}");
            assert_eq!(problems(Owned::User, &text("production")), Vec::<String>::new());
        }
    }

    #[test]
    fn bytes_that_are_no_text_have_a_place_too() {
        let bytes = b"version = 1\n# \xff\n".to_vec();
        let layer = Layer::new(Owned::Project, PathBuf::from("p"), bytes);
        let problems = layer.content.map(|_| ()).unwrap_err();
        assert_eq!(problems[0].to_string(), "p:2:3: this is not UTF-8 text");
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        let text = format!("version = 1\nx = {}", "[".repeat(100_000));
        assert_eq!(problems(Owned::Project, &text).len(), 1);
        let text = format!("version = 1\n[{}a]\n", "a.".repeat(50_000));
        assert_eq!(problems(Owned::Project, &text).len(), 1);
    }
}
