//! The files of `-f` and `-k`: their objects, read from the copies that the
//! command is then handed. Folders, kustomizations and patterns are read too,
//! but cannot be handed on: what is said of them says so.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Call, Parsed, is_on};
use crate::actions::{By, Handed, Name, Pinned, Place, TEXT_LIMIT};
use crate::invocation::{Context, Input};
use crate::parse::argv::Value;
use crate::parse::manifest::{self, Object};
use crate::text::visible;
use crate::world::ReadError;

/// The most files that are read for one command.
const MAX_FILES: usize = 200;

/// Where a kustomization stands in its folder.
const KUSTOMIZATIONS: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What files hold.
#[derive(Debug, Default)]
pub struct Files {
    /// Their objects.
    pub objects: Vec<Object>,
    /// Why that may not be all of them: a clause.
    pub unread: Option<String>,
    /// The files that are handed on from the copies that were read.
    pub handed: Vec<Handed>,
    /// Whether some of them are read anew when the command runs.
    pub is_open: bool,
}

/// Reads the files of a command.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Files {
    let mut reader = Reader { context: call.context, found: Files::default(), left: MAX_FILES };
    let recursive = is_on(parsed, "--recursive");
    for value in parsed.all("--filename").filter_map(|given| given.value) {
        reader.values(value, recursive);
    }
    for value in parsed.all("--kustomize").filter_map(|given| given.value) {
        match value.dynamic {
            true => reader.unread("the folder's name is computed at run time"),
            false => reader.kustomization(PathBuf::from(value.text)),
        }
    }
    reader.found
}

struct Reader<'a> {
    context: Context<'a>,
    found: Files,
    left: usize,
}

impl Reader<'_> {
    fn unread(&mut self, why: impl Into<String>) {
        self.found.unread.get_or_insert(why.into());
    }

    /// One `-f`: names joined by commas.
    fn values(&mut self, value: Value<'_>, recursive: bool) {
        let bytes = value.text.as_bytes();
        if value.dynamic {
            return self.unread("the file's name is computed at run time");
        }
        if bytes.contains(&b'"') {
            return self.unread("its file's name is quoted");
        }
        let mut names = Vec::new();
        let mut at = value.offset;
        for piece in bytes.split(|byte| *byte == b',') {
            let span = at..at + piece.len();
            at = span.end + 1;
            if let Some(copy) = self.one(OsStr::from_bytes(piece), recursive) {
                names.push(Name { span, by: By::Copy(copy) });
            }
        }
        let word = self.context.invocation.argv.get(value.index);
        let word = word.map(|word| word.as_bytes()).unwrap_or_default();
        self.found.handed.extend(Handed::names(Place::Word(value.index), word, names));
    }

    /// One name. Gives the text that takes its place, if one can.
    fn one(&mut self, name: &OsStr, recursive: bool) -> Option<Pinned> {
        let text = name.to_string_lossy();
        if text == "-" {
            match self.context.stdin(TEXT_LIMIT) {
                Input::Text(text) => self.objects(&text, "standard input"),
                Input::Terminal => self.unread("they will be typed"),
                Input::Opaque(why) => self.unread(why),
            }
            return None;
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            self.unread(format!("{} is fetched when it runs", visible(&text, 100)));
            return None;
        }
        let path = self.context.resolve(Path::new(name));
        if self.context.world.is_dir(&path) {
            self.found.is_open = true;
            self.folder(path, recursive);
            return None;
        }
        match self.context.read(Path::new(name), TEXT_LIMIT) {
            Ok(bytes) => {
                self.objects(&bytes, &text);
                Some(bytes.into())
            }
            Err(ReadError::Missing) if text.contains(['*', '?', '[']) => {
                self.unread(format!("{} is a pattern", visible(&text, 100)));
                None
            }
            Err(why) => {
                self.unread(format!("{}: {why}", visible(&text, 100)));
                None
            }
        }
    }

    fn objects(&mut self, text: &[u8], name: &str) {
        match manifest::objects(text) {
            Ok(objects) if self.found.objects.len() + objects.len() <= manifest::MAX_OBJECTS => {
                self.found.objects.extend(objects);
            }
            Ok(_) => self.unread("there are more objects than are read"),
            Err(why) => self.unread(format!("{}: {why}", visible(name, 100))),
        }
    }

    /// Whether one more file may be read.
    fn may_read(&mut self) -> bool {
        if self.left == 0 {
            self.unread("there are more files than are read");
            return false;
        }
        self.left -= 1;
        true
    }

    fn file(&mut self, path: &Path) {
        if !self.may_read() {
            return;
        }
        let shown = path.to_string_lossy();
        match self.context.read(path, TEXT_LIMIT) {
            Ok(bytes) => self.objects(&bytes, &shown),
            Err(why) => self.unread(format!("{}: {why}", visible(&shown, 100))),
        }
    }

    /// A folder's files, as kubectl takes them: by their endings.
    fn folder(&mut self, folder: PathBuf, recursive: bool) {
        let mut waiting = VecDeque::from([folder]);
        while let Some(folder) = waiting.pop_front() {
            if !self.may_read() {
                return;
            }
            for name in self.context.world.list(&folder) {
                let path = folder.join(&name);
                let ending = path.extension().and_then(OsStr::to_str);
                if self.context.world.is_dir(&path) {
                    if recursive {
                        waiting.push_back(path);
                    }
                } else if matches!(ending, Some("json" | "yaml" | "yml")) {
                    self.file(&path);
                }
            }
        }
    }

    /// A kustomization's folder and those that it takes in.
    fn kustomization(&mut self, folder: PathBuf) {
        self.found.is_open = true;
        let mut waiting = VecDeque::from([folder]);
        while let Some(folder) = waiting.pop_front() {
            if !self.may_read() {
                return;
            }
            let texts = KUSTOMIZATIONS.iter().map(|name| folder.join(name));
            let mut texts = texts.filter_map(|path| self.context.read(path, TEXT_LIMIT).ok());
            let Some(text) = texts.next() else {
                let shown = visible(&folder.to_string_lossy(), 100);
                return self.unread(format!("{shown} has no kustomization that can be read"));
            };
            match manifest::kustomization(&text) {
                Ok(entries) => {
                    for entry in entries {
                        let path = folder.join(&entry);
                        let away = entry.contains("://") || entry.contains("?ref=");
                        let ending = path.extension().and_then(OsStr::to_str);
                        match ending {
                            _ if away => {
                                self.unread(format!("{} is fetched", visible(&entry, 100)))
                            }
                            Some("json" | "yaml" | "yml") => self.file(&path),
                            _ => waiting.push_back(path),
                        }
                    }
                }
                Err(why) => return self.unread(why),
            }
        }
    }
}
