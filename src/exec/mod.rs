//! Becoming the real tool. Finds the next program of that name past every
//! copy of holdpoint and replaces this process by it, so that process id,
//! terminal, signals, exit status and whatever else belongs to a process stay
//! the caller's. Judges nothing and asks nobody.

pub mod filter;
mod find;
mod hand_over;
pub mod own;
pub mod preview;
mod rounds;
mod start;
#[cfg(test)]
mod tests;

use std::ffi::{CStr, CString, OsStr, OsString, c_char};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use crate::actions::Handed;
use crate::world::World;
use crate::world::real::TakenStdin;
pub use find::FindError;
pub use own::Own;
use rounds::Rounds;
pub use start::Start;

/// A tool to become.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file.
    pub file: PathBuf,
    /// The name that it was looked for by.
    name: OsString,
    rounds: Rounds,
}

impl Found {
    /// The file that will run.
    fn file(&self) -> &Path {
        &self.file
    }

    /// The variable that keeps what this tool starts from coming by here for
    /// ever, as it would be handed on.
    fn guard(&self) -> Option<CString> {
        self.rounds.onward(std::process::id(), &self.name)
    }
}

/// Finds the tool that `name` stands for without holdpoint: the next one on
/// PATH, or the file itself if the name has a slash.
///
/// # Errors
/// Says why there is none, in the shell's words and with its status.
pub fn find(name: &OsStr, world: &dyn World) -> Result<Found, FindError> {
    let value = world.var(OsStr::new(rounds::VARIABLE));
    let rounds = Rounds::read(value.as_deref(), std::process::id(), name);
    if rounds.is_endless() {
        return Err(FindError::Loop(name.to_owned()));
    }
    let path = world.var(OsStr::new("PATH"));
    let executed = crate::system::executed();
    let file = find::find(name, path.as_deref(), executed.as_deref(), rounds.past())?;
    Ok(Found { file, name: name.to_owned(), rounds })
}

/// What to become, and with what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The tool.
    pub found: Found,
    /// Its words, argv\[0\] included, as they were handed over.
    pub argv: Vec<OsString>,
    /// Variables to set (`Some`) or unset (`None`); the rest of the
    /// environment goes along byte for byte.
    pub env: Vec<(OsString, Option<OsString>)>,
    /// Words to be replaced by the paths of judged copies.
    pub handed: Vec<Handed>,
    /// What was read of standard input.
    pub stdin: Option<TakenStdin>,
    /// The directory to run in, where that is not this process's.
    pub cwd: Option<PathBuf>,
}

impl Plan {
    /// The tool with these words, and nothing else changed.
    pub fn new(found: Found, argv: Vec<OsString>) -> Plan {
        Plan { found, argv, env: Vec::new(), handed: Vec::new(), stdin: None, cwd: None }
    }

    /// Puts others in the places of words (`Some`), or leaves them out
    /// (`None`). The places are those of the words as they stand, the first
    /// first.
    pub fn change_words(&mut self, changes: Vec<(usize, Option<OsString>)>) {
        for (at, word) in changes.into_iter().rev() {
            if at < self.argv.len() {
                self.argv.splice(at..=at, word);
            }
        }
    }
}

/// Why this process is still itself.
#[derive(Debug)]
pub enum ExecError {
    /// The system would not run the file.
    Refused(PathBuf, Errno),
    /// It is a script for an interpreter that is not there.
    NoInterpreter(PathBuf),
    /// It is no program of this machine's, nor a script.
    NotAProgram(PathBuf),
    /// The plan could not be carried out, and what it was.
    Unprepared(&'static str, io::Error),
}

impl ExecError {
    /// The status that a shell ends with in the same case.
    pub fn status(&self) -> i32 {
        match self {
            ExecError::Refused(_, Errno::ENOENT) => 127,
            _ => 126,
        }
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExecError::Refused(path, errno) => write!(f, "{}: {}", path.display(), errno.desc()),
            ExecError::NoInterpreter(path) => {
                write!(f, "{}: its interpreter: {}", path.display(), Errno::ENOENT.desc())
            }
            ExecError::NotAProgram(path) => {
                write!(
                    f,
                    "{}: cannot execute binary file: {}",
                    path.display(),
                    Errno::ENOEXEC.desc()
                )
            }
            ExecError::Unprepared(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

impl std::error::Error for ExecError {}

/// Replaces this process by the tool. Returns only if that fails; the caller
/// should then end, since standard input and the directory may be the tool's
/// by then.
pub fn become_tool(plan: Plan) -> ExecError {
    match prepare(plan) {
        Ok(image) => image.run(),
        Err(error) => error,
    }
}

/// Everything that execve is given, in its own shape.
struct Image {
    path: PathBuf,
    file: CString,
    argv: Vec<CString>,
    env: Vec<CString>,
    /// The names in `env`, and those that are to go.
    changed: Vec<OsString>,
    /// The loop guard: the only variable that is added.
    guard: Option<CString>,
}

fn prepare(mut plan: Plan) -> Result<Image, ExecError> {
    let handed = std::mem::take(&mut plan.handed);
    hand_over::texts(&handed, &mut plan)
        .map_err(|error| ExecError::Unprepared("a copy of a file", error))?;
    if let Some(taken) = &plan.stdin {
        hand_over::standard_input(taken)
            .map_err(|error| ExecError::Unprepared("standard input", error))?;
    }
    if let Some(folder) = &plan.cwd {
        nix::unistd::chdir(folder)
            .map_err(|errno| ExecError::Unprepared("the folder to run in", errno.into()))?;
    }
    let mut env = Vec::new();
    let mut changed = Vec::new();
    for (name, value) in plan.env {
        if let Some(value) = value {
            let mut pair = name.clone();
            pair.push("=");
            pair.push(value);
            env.push(c_string(pair)?);
        }
        changed.push(name);
    }
    let guard = plan.found.guard();
    Ok(Image {
        file: c_string(plan.found.file.clone().into_os_string())?,
        path: plan.found.file,
        argv: plan.argv.into_iter().map(c_string).collect::<Result<_, _>>()?,
        env,
        changed,
        guard,
    })
}

fn c_string(word: OsString) -> Result<CString, ExecError> {
    CString::new(word.into_vec()).map_err(|error| {
        ExecError::Unprepared("a word", io::Error::new(io::ErrorKind::InvalidInput, error))
    })
}

impl Image {
    fn run(self) -> ExecError {
        let argv = pointers(&self.argv);
        let mut errno = execve(&self.file, &argv, &self.environment(self.guard.as_ref()));
        if errno == Errno::E2BIG {
            // Without the guard it is as large as the caller made it.
            errno = execve(&self.file, &argv, &self.environment(None));
        }
        match errno {
            Errno::ENOEXEC if is_text(&self.path) => self.run_by_shell(),
            Errno::ENOEXEC => ExecError::NotAProgram(self.path),
            Errno::ENOENT if self.path.exists() => ExecError::NoInterpreter(self.path),
            other => ExecError::Refused(self.path, other),
        }
    }

    /// A script without `#!` is the shell's, as execvp and every shell have it.
    fn run_by_shell(self) -> ExecError {
        let shell = c"/bin/sh";
        let mut argv = vec![shell.as_ptr(), self.file.as_ptr()];
        argv.extend(self.argv.iter().skip(1).map(|word| word.as_ptr()));
        argv.push(std::ptr::null());
        let errno = execve(shell, &argv, &self.environment(self.guard.as_ref()));
        ExecError::Refused(PathBuf::from("/bin/sh"), errno)
    }

    /// The process's own variables, each as it stands, but for what changes.
    fn environment(&self, guard: Option<&CString>) -> Vec<*const c_char> {
        let goes = |entry: &[u8]| {
            let is =
                |name: &[u8]| entry.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"="));
            (guard.is_some() && is(rounds::VARIABLE.as_bytes()))
                || self.changed.iter().any(|name| is(name.as_bytes()))
        };
        let mut entries: Vec<*const c_char> = Vec::with_capacity(64);
        let mut at = own_environment();
        while let Some(entry) = next_entry(&mut at) {
            if !goes(entry.to_bytes()) {
                entries.push(entry.as_ptr());
            }
        }
        entries.extend(self.env.iter().chain(guard).map(|entry| entry.as_ptr()));
        entries.push(std::ptr::null());
        entries
    }
}

/// The strings' addresses, ended as execve wants them.
fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

/// `argv` and `env` must come from strings that are alive, and end in null.
fn execve(file: &CStr, argv: &[*const c_char], env: &[*const c_char]) -> Errno {
    // SAFETY: every pointer is that of a string that outlives the call (an
    // owned one in `Image`, or one of this process's own variables, which
    // nothing changes), and both lists end in null.
    unsafe { libc::execve(file.as_ptr(), argv.as_ptr(), env.as_ptr()) };
    Errno::last()
}

/// Whether a file that the kernel has no loader for could be a shell script:
/// no NUL in front of its first line's end, as POSIX has it.
fn is_text(path: &PathBuf) -> bool {
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| file.take(256).read_to_end(&mut first));
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    read.is_ok() && !line.contains(&0)
}

unsafe extern "C" {
    /// libc's list of this process's variables.
    static environ: *const *const c_char;
}

fn own_environment() -> *const *const c_char {
    // SAFETY: libc sets it before `main`; this process has one thread and
    // never sets a variable.
    unsafe { environ }
}

/// The entry at `at`, which then moves on. `None` at the list's end.
fn next_entry(at: &mut *const *const c_char) -> Option<&'static CStr> {
    if at.is_null() {
        return None;
    }
    // SAFETY: `at` is inside the list, whose end (null) is never passed.
    let entry = unsafe { **at };
    if entry.is_null() {
        return None;
    }
    // SAFETY: there is at least the ending null behind an entry.
    *at = unsafe { at.add(1) };
    // SAFETY: entries are strings that live as long as the process.
    Some(unsafe { CStr::from_ptr(entry) })
}
