//! A world made of plain maps, for tests and fuzz targets: no system call is
//! made, and everything in it is said by the test.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Answer, Endpoint, Listener, Owner, Process, Question, ReadError, World};
use crate::invocation::Input;

/// A world that a test wrote down.
#[derive(Clone, Debug)]
pub struct FakeWorld {
    /// The variables.
    pub vars: BTreeMap<OsString, OsString>,
    /// The directory.
    pub cwd: PathBuf,
    /// The account's home directory.
    pub home: PathBuf,
    /// The account's name.
    pub user: String,
    /// The machine's name.
    pub hostname: Option<String>,
    /// The account's user id.
    pub uid: u32,
    /// Owners that a test set; other files below /etc are root's, all others
    /// the account's, and nobody else may write them.
    pub owners: BTreeMap<PathBuf, Owner>,
    /// The regular files, by absolute path.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// What is on standard input.
    pub stdin: Input,
    /// How often standard input was asked for.
    pub stdin_reads: Cell<usize>,
    /// How often chance was asked; each time gives other bytes.
    pub random_reads: Cell<usize>,
    /// The ancestors.
    pub ancestors: Vec<Process>,
    /// Whether there is a controlling terminal.
    pub terminal: bool,
    /// Every process, the ancestors apart.
    pub processes: Vec<Process>,
    /// The terminals that a process holds open, by its id.
    pub held: BTreeMap<i32, Vec<i32>>,
    /// The terminals that are read key by key.
    pub raw: Vec<i32>,
    /// Who listens where.
    pub listeners: Vec<(Endpoint, Listener)>,
    /// Why it cannot be told who listens.
    pub listeners_hidden: Option<String>,
    /// How often it was asked who listens.
    pub listener_reads: Cell<usize>,
    /// What git answers, by the words of the question; where it has any, every
    /// other question ends with status 1.
    pub answers: BTreeMap<String, String>,
    /// The `openssl` that is there, whatever its options.
    pub openssl: Option<PathBuf>,
}

impl Default for FakeWorld {
    fn default() -> FakeWorld {
        FakeWorld {
            vars: BTreeMap::new(),
            cwd: PathBuf::from("/app"),
            home: PathBuf::from("/home/ana"),
            user: "ana".to_owned(),
            hostname: None,
            uid: 1000,
            owners: BTreeMap::new(),
            files: BTreeMap::new(),
            stdin: Input::Terminal,
            stdin_reads: Cell::new(0),
            random_reads: Cell::new(0),
            ancestors: Vec::new(),
            terminal: false,
            processes: Vec::new(),
            held: BTreeMap::new(),
            raw: Vec::new(),
            listeners: Vec::new(),
            listeners_hidden: None,
            listener_reads: Cell::new(0),
            answers: BTreeMap::new(),
            openssl: None,
        }
    }
}

impl FakeWorld {
    /// An empty world with HOME set to `/home/ana`.
    pub fn new() -> FakeWorld {
        FakeWorld::default().with_var("HOME", "/home/ana")
    }

    /// The same with a variable set.
    #[must_use]
    pub fn with_var(mut self, name: &str, value: &str) -> FakeWorld {
        self.vars.insert(name.into(), value.into());
        self
    }

    /// The same on a machine of this name.
    #[must_use]
    pub fn with_hostname(mut self, name: &str) -> FakeWorld {
        self.hostname = Some(name.to_owned());
        self
    }

    /// The same with a file in it; a relative path is below the directory.
    #[must_use]
    pub fn with_file(mut self, path: &str, text: &str) -> FakeWorld {
        self.files.insert(self.cwd.join(path), text.as_bytes().to_vec());
        self
    }

    /// The same with a file's owner and permission bits set.
    #[must_use]
    pub fn with_owner(mut self, path: &str, uid: u32, mode: u32) -> FakeWorld {
        self.owners.insert(self.cwd.join(path), Owner { uid, mode });
        self
    }

    /// The same with a process of the account's that listens somewhere.
    #[must_use]
    pub fn with_listener(mut self, at: Endpoint, words: &[&str]) -> FakeWorld {
        let process = Process {
            pid: 4242,
            uid: self.uid,
            cmdline: words.iter().map(|word| (*word).to_owned()).collect(),
            ..Process::default()
        };
        let address = matches!(at, Endpoint::Port(_)).then_some(Ipv4Addr::LOCALHOST.into());
        let listener = Listener { address, uid: self.uid, processes: vec![process] };
        self.listeners.push((at, listener));
        self
    }

    /// The same with git's answer to a question.
    #[must_use]
    pub fn with_answer(mut self, question: &str, answer: &str) -> FakeWorld {
        self.answers.insert(question.to_owned(), answer.to_owned());
        self
    }

    /// The same with an `openssl`.
    #[must_use]
    pub fn with_openssl(mut self, path: &str) -> FakeWorld {
        self.openssl = Some(path.into());
        self
    }

    /// The same with a text on standard input.
    #[must_use]
    pub fn with_stdin(mut self, text: &str) -> FakeWorld {
        self.stdin = Input::Text(text.as_bytes().into());
        self
    }
}

impl World for FakeWorld {
    fn var(&self, name: &OsStr) -> Option<OsString> {
        self.vars.get(name).cloned()
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        self.vars.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some(self.cwd.clone())
    }

    fn account_home(&self) -> Option<PathBuf> {
        Some(self.home.clone())
    }

    fn account_name(&self) -> String {
        self.user.clone()
    }

    fn hostname(&self) -> Option<String> {
        self.hostname.clone()
    }

    fn uid(&self) -> u32 {
        self.uid
    }

    fn owner(&self, path: &Path) -> Option<Owner> {
        let path = self.cwd.join(path);
        if !self.exists(&path) {
            return None;
        }
        let uid = if path.starts_with("/etc") { 0 } else { self.uid };
        Some(self.owners.get(&path).copied().unwrap_or(Owner { uid, mode: 0o644 }))
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        let path = self.cwd.join(path);
        if self.is_dir(&path) {
            return Err(ReadError::NotRegular);
        }
        match self.files.get(&path) {
            None => Err(ReadError::Missing),
            Some(bytes) if bytes.len() > limit => Err(ReadError::TooLarge(limit)),
            Some(bytes) => Ok(bytes.clone()),
        }
    }

    fn read_start(&self, path: &Path, count: usize) -> Result<Vec<u8>, ReadError> {
        let mut bytes = self.read(path, usize::MAX)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(&self.cwd.join(path)) || self.is_dir(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        let path = self.cwd.join(path);
        self.files.keys().any(|file| file != &path && file.starts_with(&path))
    }

    fn list(&self, path: &Path) -> Vec<OsString> {
        let path = self.cwd.join(path);
        let mut names: Vec<OsString> = self
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(&path).ok())
            .filter_map(|rest| rest.components().next())
            .map(|name| name.as_os_str().to_owned())
            .collect();
        names.dedup();
        names
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        let path = self.cwd.join(path);
        self.exists(&path).then_some(path)
    }

    fn stdin(&self, limit: usize) -> Input {
        self.stdin_reads.set(self.stdin_reads.get() + 1);
        match &self.stdin {
            Input::Text(text) if text.len() > limit => {
                Input::Opaque(format!("more than {limit} bytes"))
            }
            other => other.clone(),
        }
    }

    fn ancestors(&self, limit: usize) -> Vec<Process> {
        self.ancestors.iter().take(limit).cloned().collect()
    }

    fn has_terminal(&self) -> bool {
        self.terminal
    }

    fn processes(&self) -> Vec<Process> {
        self.processes.iter().chain(&self.ancestors).cloned().collect()
    }

    fn terminals_held_by(&self, pid: i32) -> Vec<i32> {
        self.held.get(&pid).cloned().unwrap_or_default()
    }

    fn takes_every_key(&self, terminal: i32) -> bool {
        self.raw.contains(&terminal)
    }

    fn listeners(&self, at: &Endpoint) -> Result<Vec<Listener>, String> {
        self.listener_reads.set(self.listener_reads.get() + 1);
        if let Some(why) = &self.listeners_hidden {
            return Err(why.clone());
        }
        let here = self.listeners.iter().filter(|(place, _)| place == at);
        Ok(here.map(|(_, listener)| listener.clone()).collect())
    }

    fn ask_git(&self, question: &Question) -> Result<Answer, String> {
        if self.answers.is_empty() {
            return Err("there is no git".to_owned());
        }
        let words: Vec<_> = question.words.iter().map(|word| word.to_string_lossy()).collect();
        Ok(match self.answers.get(&words.join(" ")) {
            Some(text) => Answer { status: 0, out: text.clone().into_bytes() },
            None => Answer { status: 1, out: Vec::new() },
        })
    }

    fn openssl(&self, _options: &[&str]) -> Result<PathBuf, String> {
        self.openssl.clone().ok_or_else(|| "openssl: command not found".to_owned())
    }

    fn is_protected(&self, process: &Process) -> bool {
        process.exe.as_ref().is_some_and(|exe| exe.starts_with("/usr"))
    }

    fn stdin_so_far(&self) -> Option<Arc<[u8]>> {
        match &self.stdin {
            Input::Text(text) if self.stdin_reads.get() > 0 => Some(text.clone()),
            _ => None,
        }
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn random(&self) -> [u8; 16] {
        let asked = self.random_reads.replace(self.random_reads.get() + 1);
        let mut bytes = *b"0123456789abcdef";
        bytes.rotate_left(asked % 16);
        bytes
    }
}
