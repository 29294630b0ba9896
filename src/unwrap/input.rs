//! What a command would find on its standard input, where the text around it
//! says so: redirections, here-documents, and producers that only print known
//! text or files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::input_words;
use super::line::{COPY, Lines, MAX_DEPTH};
use super::printf;
use super::state::{Template, is_computed};
use crate::invocation::Stdin;
use crate::parse::shell::{Body, Command, Entry, Join, List, Part, Redirect, RedirectKind, Word};

/// The longest text that is followed from a producer to its consumer.
const MAX_TEXT: usize = 1024 * 1024;

/// Commands that print nothing and leave their standard input alone.
const SILENT: &[&str] = &["true", ":", "cd", "export", "set", "sleep", "unset", "mkdir", "touch"];

impl Lines<'_> {
    /// What `redirects` put on standard input, in front of which `before` was.
    pub(super) fn redirected(&mut self, redirects: &[Redirect], before: Stdin) -> Stdin {
        let mut stdin = before;
        for redirect in redirects.iter().filter(|redirect| redirect.fd.unwrap_or(0) == 0) {
            match &redirect.kind {
                RedirectKind::Read(word) => stdin = self.file_input(word),
                RedirectKind::Text(word) => {
                    let why = "a here-document with parts computed at run time";
                    stdin = match known(self.text(&word.parts), why) {
                        Stdin::Opaque(_) if !self.samples => {
                            as_sample(self.sampled(|lines| lines.text(&word.parts)), why)
                        }
                        known => known,
                    };
                }
                RedirectKind::DuplicateInput(word) => {
                    let name = crate::text::visible(&word.raw, 60);
                    stdin = Stdin::Opaque(format!("file descriptor {name}"));
                }
                _ if redirect.fd == Some(0) => {
                    stdin = Stdin::Opaque("a file open for writing".to_owned());
                }
                _ => {}
            }
        }
        stdin
    }

    fn file_input(&mut self, word: &Word) -> Stdin {
        if let [Part::Process { list, output: false }] = word.parts.as_slice() {
            return match self.output(list) {
                Some(text) => known(text, "the output of a command"),
                None => Stdin::Opaque(format!("the output of {}", producer(list))),
            };
        }
        let path = self.text(&word.parts);
        match self.read_text(&path) {
            Ok(text) => Stdin::Text(text),
            Err(why) => Stdin::Opaque(why),
        }
    }

    /// A file's bytes, or why they are not known.
    fn read_text(&mut self, path: &[u8]) -> Result<Arc<[u8]>, String> {
        if path == b"/dev/null" {
            return Ok(Arc::from(&b""[..]));
        }
        if is_computed(path) {
            return Err("a file whose name is computed at run time".to_owned());
        }
        let name = String::from_utf8_lossy(path).into_owned();
        let path = Path::new(OsStr::from_bytes(path));
        let probe = self.surroundings();
        let context = crate::invocation::Context { invocation: &probe, ..self.context };
        match context.read(path, MAX_TEXT) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) => Err(format!("{} ({error})", crate::text::visible(&name, 200))),
        }
    }

    /// What a command would hand to the next one in a pipeline.
    pub(super) fn piped(&mut self, command: &Command, stdin: &Stdin) -> Stdin {
        let kept = self.copy();
        self.state.stdin = stdin.clone();
        let passes = passes_through(command);
        let mut text = self.command_output(command, false);
        let mut sampled = false;
        if text.as_ref().is_some_and(|text| is_computed(text)) && !self.samples {
            self.state = kept.clone();
            self.state.stdin = stdin.clone();
            text = self.sampled(|lines| lines.command_output(command, false));
            sampled = true;
        }
        let handed = self.state.stdin.clone();
        self.state = kept;
        match text {
            Some(text) if sampled => as_sample(text, "text that is computed at run time"),
            Some(text) => known(text, "text that is computed at run time"),
            None if passes && !matches!(handed, Stdin::Text(_)) => handed,
            None => Stdin::Opaque(format!("the output of {}", name_of(command))),
        }
    }

    /// Everything that a list prints, if that is known.
    pub(super) fn output(&mut self, list: &List) -> Option<Template> {
        if self.outputs >= MAX_DEPTH {
            return None;
        }
        if !self.spend(COPY) {
            return None;
        }
        self.outputs += 1;
        let kept = self.copy();
        let text = self.list_output(list);
        self.state = kept;
        self.outputs -= 1;
        text
    }

    fn list_output(&mut self, list: &List) -> Option<Template> {
        let mut out = Template::new();
        for entry in &list.entries {
            out.extend(self.entry_output(entry)?);
            if out.len() > MAX_TEXT {
                return None;
            }
        }
        Some(out)
    }

    fn entry_output(&mut self, entry: &Entry) -> Option<Template> {
        let mut out = Template::new();
        if entry.background {
            return None;
        }
        for (join, pipeline) in &entry.pipelines {
            if *join == Join::Or {
                return None;
            }
            let (last, producers) = pipeline.commands.split_last()?;
            let before = self.state.stdin.clone();
            for producer in producers {
                self.state.stdin = self.piped(producer, &self.state.stdin.clone());
            }
            let text = self.command_output(last, false);
            self.state.stdin = before;
            out.extend(text?);
        }
        Some(out)
    }

    /// What one command prints, if that is known. Standard input is what the
    /// state says; it is left as the command finds it. `written` asks for what
    /// goes into the files that its redirections name, too.
    pub(super) fn command_output(&mut self, command: &Command, written: bool) -> Option<Template> {
        self.state.stdin = self.redirected(&command.redirects, self.state.stdin.clone());
        let text = match &command.body {
            Body::Simple(simple) if simple.words.is_empty() => {
                for assignment in &simple.assignments {
                    self.assign(assignment);
                }
                match (simple.assignments.is_empty(), &self.state.stdin) {
                    // `$(< file)`
                    (true, Stdin::Text(text)) if !command.redirects.is_empty() => text.to_vec(),
                    _ => Template::new(),
                }
            }
            Body::Simple(simple) => {
                let fields = self.spread(&simple.words);
                let words: Vec<Template> = fields.into_iter().map(|field| field.text).collect();
                self.simple_output(&words)?
            }
            Body::Group(list) | Body::Subshell(list) => self.list_output(list)?,
            _ => return None,
        };
        let elsewhere = command.redirects.iter().any(|redirect| match &redirect.kind {
            RedirectKind::Write(_) | RedirectKind::Append(_) => {
                !written && redirect.fd.unwrap_or(1) == 1
            }
            RedirectKind::DuplicateOutput(_) => redirect.fd.unwrap_or(1) == 1,
            _ => false,
        });
        Some(if elsewhere { Template::new() } else { text })
    }

    fn simple_output(&mut self, words: &[Template]) -> Option<Template> {
        let (name, words) = words.split_first()?;
        let name = std::str::from_utf8(name).ok()?;
        if self.state.functions.contains_key(name) {
            return None;
        }
        match name.rsplit('/').next().unwrap_or(name) {
            "command" | "builtin" if !words.is_empty() => self.simple_output(words),
            "echo" => printf::echo(words),
            "printf" => printf::printf(words),
            "cat" => self.concatenated(words),
            "tee" => self.standard_input(),
            "grep" => self.without_comments(words),
            "ls" => self.listed(words),
            // What is in it is there already.
            "crontab" if words == [b"-l"] => Some(Template::new()),
            "pwd" if words.is_empty() => self.value("PWD").filter(|path| !is_computed(path)),
            "git" if words == [&b"rev-parse"[..], b"--show-toplevel"] => self.working_tree(),
            "mktemp" => Some(self.temporary(words)),
            // `cat .env | xargs`: the words, side by side.
            "xargs" if words.is_empty() || words == [&b"-r"[..]] => {
                Some(input_words::split(&self.standard_input()?)?.join(&b' '))
            }
            name if SILENT.contains(&name) => Some(Template::new()),
            _ => None,
        }
    }

    fn standard_input(&self) -> Option<Template> {
        match &self.state.stdin {
            Stdin::Text(text) => Some(text.to_vec()),
            Stdin::Inherited | Stdin::Sample(_) | Stdin::Opaque(_) => None,
        }
    }

    /// `grep -v '^#' .env`: a file without its comments.
    fn without_comments(&mut self, words: &[Template]) -> Option<Template> {
        let (option, words) = words.split_first()?;
        let (pattern, files) = words.split_first()?;
        let comments =
            matches!(pattern.as_slice(), b"^#" | b"^\\s*#" | b"^ *#" | b"^[[:space:]]*#");
        if option != b"-v" || !comments || files.len() > 1 {
            return None;
        }
        let text = self.concatenated(files)?;
        let indented = pattern != b"^#";
        let kept = text.split_inclusive(|byte| *byte == b'\n').filter(|line| {
            let line = if indented { line.trim_ascii_start() } else { line };
            !line.starts_with(b"#")
        });
        Some(kept.flatten().copied().collect())
    }

    /// A name for a new file that nothing else has: what is written there is
    /// all that later commands find in it. Such as `mktemp` makes, with
    /// another end.
    fn temporary(&mut self, words: &[Template]) -> Template {
        self.temporaries += 1;
        let count = self.temporaries + self.state.written.len();
        let end = words.iter().find_map(|word| word.strip_prefix(b"--suffix="));
        let end = end.filter(|end| !is_computed(end)).unwrap_or_default();
        [format!("/tmp/tmp.XXXXXXXXXX{count}").as_bytes(), end].concat()
    }

    /// The top folder of the working tree around the current directory.
    fn working_tree(&self) -> Option<Template> {
        let cwd = self.value("PWD").filter(|path| !is_computed(path))?;
        let elsewhere = ["GIT_DIR", "GIT_WORK_TREE"];
        if elsewhere.iter().any(|name| self.context.var(name).is_some()) {
            return None;
        }
        let cwd = Path::new(OsStr::from_bytes(&cwd));
        let top = cwd.ancestors().find(|folder| self.context.world.exists(&folder.join(".git")))?;
        Some(top.as_os_str().as_bytes().to_vec())
    }

    fn concatenated(&mut self, words: &[Template]) -> Option<Template> {
        let mut out = Template::new();
        let mut files = words.iter().filter(|word| *word != b"--" && *word != b"-u").peekable();
        if files.peek().is_none() {
            return self.standard_input();
        }
        for file in files {
            match file.as_slice() {
                b"-" | b"/dev/stdin" => out.extend(self.standard_input()?),
                option if option.starts_with(b"-") => return None,
                path => out.extend(&*self.read_text(path).ok()?),
            }
            if out.len() > MAX_TEXT {
                return None;
            }
        }
        Some(out)
    }
}

/// A known text as standard input.
fn known(text: Template, why: &str) -> Stdin {
    if is_computed(&text) { Stdin::Opaque(why.to_owned()) } else { Stdin::Text(text.into()) }
}

/// A text with samples as standard input.
fn as_sample(text: Template, why: &str) -> Stdin {
    match is_computed(&text) || super::sample::decides(&text) {
        true => Stdin::Opaque(why.to_owned()),
        false => Stdin::Sample(text.into()),
    }
}

/// Whether a command prints exactly what it reads.
fn passes_through(command: &Command) -> bool {
    let Body::Simple(simple) = &command.body else { return false };
    match simple.words.as_slice() {
        [name] => matches!(name.raw.as_str(), "cat" | "tee"),
        [name, ..] => name.raw == "tee",
        [] => false,
    }
}

/// What a person would call a command in a message.
fn name_of(command: &Command) -> String {
    match &command.body {
        Body::Simple(simple) => simple
            .words
            .first()
            .map_or_else(|| "a command".to_owned(), |word| crate::text::visible(&word.raw, 40)),
        _ => "a group of commands".to_owned(),
    }
}

fn producer(list: &List) -> String {
    let first = list.entries.first().and_then(|entry| entry.pipelines.first());
    first
        .and_then(|(_, pipeline)| pipeline.commands.last())
        .map_or_else(|| "a command".to_owned(), name_of)
}
