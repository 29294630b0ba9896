//! Hands text that was judged on to the tool from the same copy: a sealed
//! file in memory in the place of a file, or of standard input. What is still
//! to come on standard input is passed through by a process of its own.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, dup2_stdin, dup2_stdout, fork};

use super::Plan;
use crate::actions::{By, Handed, Pinned, Place};
use crate::system;
use crate::world::real::TakenStdin;

/// How much is passed on at a time.
const CHUNK: usize = 64 * 1024;

/// How much of a script's first line is looked at, as the kernel does.
const LINE: u64 = 256;

/// Puts judged texts in their places in the plan. The copies' descriptors are
/// left open for the tool.
///
/// # Errors
/// Where the system will not hold a copy, or a text has no such place: what
/// was judged would not be what runs.
pub(super) fn texts(handed: &[Handed], plan: &mut Plan) -> io::Result<()> {
    if handed.is_empty() {
        return Ok(());
    }
    let mut copies = Copies { folder: folder(plan.found.file()), known: HashMap::new() };
    let nowhere = || io::Error::from(Errno::EINVAL);
    for handed in handed {
        let text = copies.filled(&handed.text)?;
        match handed.place {
            Place::Word(index) => {
                *plan.argv.get_mut(index).ok_or_else(nowhere)? = OsString::from_vec(text);
            }
            Place::Stdin => {
                let taken = plan.stdin.as_mut().ok_or_else(nowhere)?;
                if taken.bytes != handed.text.bytes {
                    return Err(nowhere());
                }
                taken.bytes = text.into();
            }
            Place::Variable(name) => {
                plan.env.push((name.into(), Some(OsString::from_vec(text))));
            }
            Place::Added { .. } => {}
        }
    }
    // Words that are put in move those behind them.
    for handed in handed {
        let Place::Added { behind, words } = handed.place else { continue };
        let rest = behind + 1..behind + 1;
        plan.argv.get(rest.clone()).ok_or_else(nowhere)?;
        let last = OsString::from_vec(copies.filled(&handed.text)?);
        plan.argv.splice(rest, words.iter().map(OsString::from).chain([last]));
    }
    Ok(())
}

/// Where the tool finds the copies' descriptors: in its own folder of them. A
/// script of Python's or Node's may be a launcher that starts the program
/// itself, without them (as PyPI's and npm's do): this process's folder, which
/// will be the launcher's, shows them to both.
fn folder(tool: &Path) -> String {
    let mut first = Vec::new();
    let opened = File::open(tool).map(|file| file.take(LINE));
    // One that cannot be read is no script.
    let _ = opened.and_then(|mut file| file.read_to_end(&mut first));
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let names = |word: &[u8]| line.windows(word.len()).any(|part| part == word);
    let own = format!("/proc/{}/fd", std::process::id());
    let launches = line.starts_with(b"#!") && (names(b"python") || names(b"node"));
    match launches && Path::new(&own).exists() {
        true => own,
        false if Path::new("/dev/fd").exists() => "/dev/fd".to_owned(),
        false => "/proc/self/fd".to_owned(),
    }
}

/// The sealed copies so far.
struct Copies {
    folder: String,
    /// The path of each, by what it holds: a file that is named often takes
    /// one descriptor.
    known: HashMap<Vec<u8>, String>,
}

impl Copies {
    /// A text with the paths of copies in the place of files' names.
    fn filled(&mut self, text: &Pinned) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(text.bytes.len());
        let mut at = 0;
        for name in &text.names {
            let between = text.bytes.get(at..name.span.start);
            out.extend_from_slice(between.ok_or_else(|| io::Error::from(Errno::EINVAL))?);
            match &name.by {
                By::Copy(file) => out.extend_from_slice(self.path(file)?.as_bytes()),
                By::Text(text) => out.extend_from_slice(text),
            }
            at = name.span.end;
        }
        let rest = text.bytes.get(at..).ok_or_else(|| io::Error::from(Errno::EINVAL))?;
        out.extend_from_slice(rest);
        Ok(out)
    }

    /// The path of a sealed copy of a text. Texts name one another only as
    /// deep as a reader follows them.
    fn path(&mut self, text: &Pinned) -> io::Result<String> {
        let bytes = self.filled(text)?;
        if system::COPIES_ARE_REOPENED
            && let Some(path) = self.known.get(&bytes)
        {
            return Ok(path.clone());
        }
        let copy = system::copy(&bytes)?;
        fcntl(&copy, FcntlArg::F_SETFD(FdFlag::empty()))?;
        let path = format!("{}/{}", self.folder, copy.into_raw_fd());
        self.known.insert(bytes, path.clone());
        Ok(path)
    }
}

/// Puts what was taken from standard input back in front of it.
///
/// # Errors
/// Where the system will not hold the copy or start the process.
pub(super) fn standard_input(taken: &TakenStdin) -> io::Result<()> {
    if taken.complete {
        dup2_stdin(system::copy(&taken.bytes)?)?;
        return Ok(());
    }
    let (tool_end, our_end) = system::pipe()?;
    // Twice, so that the tool has no child that it did not start.
    // SAFETY: this process has one thread, so its copy may go on as it is.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            // A caller that ignores SIGCHLD leaves nothing to wait for.
            let _ = waitpid(child, None);
        }
        ForkResult::Child => {
            drop(tool_end);
            // SAFETY: as above.
            if let Ok(ForkResult::Child) = unsafe { fork() } {
                let _ = feed(&taken.bytes, our_end);
            }
            // SAFETY: ends this copy without running what belongs to the
            // original (buffers, exit handlers).
            unsafe { libc::_exit(0) }
        }
    }
    dup2_stdin(tool_end)?;
    Ok(())
}

/// The life of the process that passes standard input on: first what was
/// taken, then whatever still comes, until it ends or nobody reads it.
fn feed(taken: &[u8], out: OwnedFd) -> io::Result<()> {
    dup2_stdout(&out)?;
    // No pipe of the caller's is to stay open for the sake of this process.
    // SAFETY: nothing from 2 on is used here any more.
    unsafe { system::close_from(2) };
    let input = io::stdin();
    let output = io::stdout();
    pass_on(taken, output.as_fd())?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let mut both = [
            PollFd::new(input.as_fd(), PollFlags::POLLIN),
            // Asked for nothing, it still tells when nobody reads any more.
            PollFd::new(output.as_fd(), PollFlags::empty()),
        ];
        match poll(&mut both, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            other => other?,
        };
        let [_, unread] = both;
        if unread.revents().is_some_and(|found| !found.is_empty()) {
            return Ok(());
        }
        match nix::unistd::read(input.as_fd(), &mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => pass_on(chunk.get(..count).unwrap_or_default(), output.as_fd())?,
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn pass_on(mut bytes: &[u8], output: BorrowedFd<'_>) -> io::Result<()> {
    while !bytes.is_empty() {
        match nix::unistd::write(output, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
