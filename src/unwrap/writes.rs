//! Which files the text writes, so that what a later command reads is what
//! the text put there and not what lies there now.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::MAX_SCRIPT;
use super::expand::Field;
use super::line::Lines;
use super::state::is_computed;
use crate::actions::files;
use crate::actions::files::own::{Places, Touch};
use crate::invocation::{Context, Invocation, Stdin};
use crate::parse::shell::{Command, RedirectKind};
use crate::retarget::{After, Change, Wake};

impl Lines<'_> {
    /// The files that a command's redirections write, and what.
    pub(super) fn writes(&mut self, command: &Command) -> Vec<(PathBuf, Option<Arc<[u8]>>)> {
        let mut out = Vec::new();
        for redirect in &command.redirects {
            let (word, append) = match &redirect.kind {
                RedirectKind::Write(word) => (word, false),
                RedirectKind::Append(word) => (word, true),
                _ => continue,
            };
            let path = self.text(&word.parts);
            if is_computed(&path) || path.starts_with(b"/dev/") {
                continue;
            }
            let path = PathBuf::from(OsString::from_vec(path));
            let Some(path) = self.cwd().map(|cwd| cwd.join(path)) else { continue };
            let plain = Command {
                body: command.body.clone(),
                redirects: command
                    .redirects
                    .iter()
                    .filter(|other| {
                        !matches!(other.kind, RedirectKind::Write(_) | RedirectKind::Append(_))
                    })
                    .cloned()
                    .collect(),
            };
            let kept = self.state.clone();
            let text =
                if redirect.fd.unwrap_or(1) == 1 { self.command_output(&plain) } else { None };
            self.state = kept;
            let before = match append {
                false => Some(Vec::new()),
                true => match self.state.file(&path) {
                    Some(text) => text.as_ref().map(|text| text.to_vec()),
                    None => self.context.world.read(&path, MAX_SCRIPT).ok(),
                },
            };
            let text = before.zip(text).map(|(before, text)| [before, text].concat());
            out.push((path, text.filter(|text| !is_computed(text)).map(Into::into)));
        }
        out
    }

    /// Notes the files that a program writes, where its words name them.
    pub(super) fn program_writes(&mut self, name: &str, fields: &[Field]) {
        let words = fields.get(1..).unwrap_or_default();
        let has = |option: &[u8]| words.iter().any(|field| field.text.starts_with(option));
        let plain: Vec<&Field> =
            words.iter().filter(|field| !field.text.starts_with(b"-")).collect();
        match name.rsplit('/').next().unwrap_or(name) {
            "cp" | "mv" | "ln" | "install" | "rsync" | "scp" => {
                let Some((to, from)) = plain.split_last() else { return };
                let text = match from {
                    [from] if !matches!(name, "rsync" | "scp") => self.contents(&from.text),
                    _ => None,
                };
                // Where it names a folder, the files in it keep their names.
                for from in from {
                    let name = from.text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
                    let inside = [to.text.as_slice(), b"/", name].concat();
                    self.note(&inside, text.clone());
                }
                self.note(&to.text, text);
            }
            "tee" => {
                let text = match &self.state.stdin {
                    Stdin::Text(text) if !has(b"-a") && !has(b"--append") => Some(text.clone()),
                    _ => None,
                };
                plain.iter().for_each(|field| self.note(&field.text, text.clone()));
            }
            "sed" | "perl" if has(b"-i") || has(b"--in-place") || has(b"-pi") => {
                plain.iter().for_each(|field| self.note(&field.text, None));
            }
            "op" => {
                for pair in words.windows(2) {
                    if let [option, to] = pair
                        && matches!(option.text.as_slice(), b"-o" | b"--out-file")
                    {
                        self.note(&to.text, None);
                    }
                }
            }
            "truncate" | "shred" | "patch" => {
                plain.iter().for_each(|field| self.note(&field.text, None));
            }
            "curl" | "wget" => {
                for (at, field) in words.iter().enumerate() {
                    if matches!(field.text.as_slice(), b"-o" | b"--output" | b"-O")
                        && let Some(to) = words.get(at + 1)
                    {
                        self.note(&to.text, None);
                        self.overwritten(name, &to.text, Touch::Replace(None));
                    }
                }
            }
            // A saved plan, which a later `apply` would carry out.
            "terraform" | "tofu" => {
                let folder = words.iter().find_map(|field| field.text.strip_prefix(b"-chdir="));
                for (at, field) in words.iter().enumerate() {
                    let text = field.text.strip_prefix(b"-").unwrap_or(&field.text);
                    let to = match text.strip_prefix(b"-out=").or(text.strip_prefix(b"out=")) {
                        Some(to) => to,
                        None if matches!(text, b"out" | b"-out") => {
                            words.get(at + 1).map_or(&b""[..], |next| &next.text)
                        }
                        None => continue,
                    };
                    let whole = folder.map(|folder| [folder, b"/", to].concat());
                    self.note(whole.as_deref().unwrap_or(to), None);
                }
                let words: Vec<&[u8]> = plain.iter().map(|field| &field.text[..]).collect();
                // The backend: with these, what the last `init` noted down
                // counts no more, and without settings of its own the files do.
                let anew: [&[u8]; 4] =
                    [b"-reconfigure", b"-migrate-state", b"-force-copy", b"-from-module"];
                let given = has(b"-backend-config") || has(b"--backend-config");
                let anew = anew.iter().any(|option| has(option) || has(&[b"-", *option].concat()));
                if let [b"init", ..] = words.as_slice()
                    && (given || anew)
                {
                    let file = [folder.unwrap_or(b"."), b"/.terraform/terraform.tfstate"].concat();
                    self.note(&file, (!given).then(|| Arc::from(&b"{}"[..])));
                }
            }
            "dd" => {
                for field in words {
                    if let Some(path) = field.text.strip_prefix(b"of=") {
                        self.note(path, None);
                    }
                }
            }
            _ => {}
        }
        self.may_have_failed(name);
    }

    /// Takes up the files that a program has just written: if it failed and the
    /// line goes on, they are as they were.
    fn may_have_failed(&mut self, name: &str) {
        let noted = std::mem::take(&mut self.noted);
        // What was not there before leads nowhere.
        let world = self.context.world;
        let had = noted.into_iter().filter(|(path, before)| before.is_some() || world.exists(path));
        let wake = Wake::default();
        let mut any = false;
        for (path, before) in had {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let by = crate::text::visible(&format!("{name} … {file}"), 80);
            wake.push(Change::of_file(path, before, &by));
            any = true;
        }
        if any {
            self.state.after.push(After { wake, sure: true });
        }
    }

    /// Judges a file that is written for being holdpoint's own.
    pub(super) fn overwritten(&mut self, by: &str, path: &[u8], touch: Touch<'_>) {
        if path.starts_with(b"/dev/") || path.iter().all(u8::is_ascii_digit) || path == b"-" {
            return;
        }
        // Only where it happens is needed of this place.
        let probe = Invocation {
            cwd: self.state.cwd.clone().or_else(|| self.context.invocation.cwd.clone()),
            ..Invocation::default()
        };
        let context = Context { invocation: &probe, ..self.context };
        let world = self.context.world;
        let places = self.places.get_or_insert_with(|| Places::find(world));
        if let Some(action) = files::written(&context, places, by, path, touch)
            && !self.out.actions.contains(&action)
        {
            self.out.actions.push(action);
        }
    }

    fn contents(&self, path: &[u8]) -> Option<Arc<[u8]>> {
        let probe = self.surroundings();
        let context = Context { invocation: &probe, ..self.context };
        let path = PathBuf::from(OsString::from_vec(path.to_vec()));
        context.read(path, MAX_SCRIPT).ok().map(Into::into)
    }

    fn note(&mut self, path: &[u8], text: Option<Arc<[u8]>>) {
        if is_computed(path) || path.is_empty() {
            return;
        }
        let path = PathBuf::from(OsString::from_vec(path.to_vec()));
        if let Some(cwd) = self.cwd() {
            let path = cwd.join(path);
            self.noted.push((path.clone(), self.state.file(&path).cloned()));
            self.state.write(path, text);
        }
    }
}
