//! What this process was started with: its words as the kernel laid them out,
//! and the name that decides what it is. Looks at nothing but its own start.

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::fcntl::{OFlag, open};
use nix::sys::stat::{Mode, stat};

use super::own::Own;
use crate::system::executed;

/// How this process was started.
#[derive(Debug)]
pub struct Start {
    /// The words, argv\[0\] included, byte for byte.
    pub argv: Vec<OsString>,
    /// What it was called as: `holdpoint`, or the name of the tool that it
    /// stands in front of.
    pub name: OsString,
}

impl Start {
    /// Takes the words from libc's `main`. (`std::env::args` is empty where
    /// musl starts a program without Rust's runtime.) Descriptors 0 to 2 that
    /// were handed over closed are held by a stand-in that exec closes again,
    /// so that nothing opened from now on can be mistaken for one of them.
    ///
    /// # Safety
    /// `argv` must point to `argc` pointers to strings that end in NUL, all
    /// of them unchanged while this process lives: what the kernel gives.
    pub unsafe fn from_libc(argc: c_int, argv: *const *const c_char) -> Start {
        hold_closed_descriptors();
        let count = usize::try_from(argc).unwrap_or(0);
        let words = (0..count).map_while(|at| {
            // SAFETY: `at` is below `argc`, which is the caller's promise.
            let word = unsafe { *argv.add(at) };
            // SAFETY: a pointer in argv is a string, the caller's promise.
            (!word.is_null()).then(|| unsafe { owned(word) })
        });
        let argv: Vec<OsString> = words.collect();
        let name = name(argv.first().map(OsString::as_os_str), executed().as_deref(), is_own);
        Start { argv, name }
    }
}

/// What this process is, decided by the last component of the path that was
/// executed. Mostly argv\[0\] agrees with it. Where it does not (`exec -a`, a
/// login shell's dash, a symbolic link that something resolved), the path
/// counts, as long as it leads to this program: a script whose first line
/// names a shim, or a descriptor that was executed, has only argv\[0\].
fn name(
    first: Option<&OsStr>,
    executed: Option<&OsStr>,
    is_own: impl Fn(&OsStr) -> bool,
) -> OsString {
    let said = first.map(|word| {
        let name = last_component(word);
        OsStr::from_bytes(name.as_bytes().strip_prefix(b"-").unwrap_or(name.as_bytes()))
    });
    let done = executed.filter(|path| !path.as_bytes().starts_with(b"/dev/fd/"));
    match (said, done) {
        (Some(said), Some(path)) if said == last_component(path) => said.to_owned(),
        (_, Some(path)) if is_own(path) => last_component(path).to_owned(),
        (Some(said), _) if !said.is_empty() => said.to_owned(),
        (_, Some(path)) => last_component(path).to_owned(),
        _ => OsString::from("holdpoint"),
    }
}

fn last_component(path: &OsStr) -> &OsStr {
    Path::new(path).file_name().unwrap_or_default()
}

fn is_own(path: &OsStr) -> bool {
    match (Own::of_this_process(), stat(path)) {
        (Some(own), Ok(found)) => own.is(&found),
        (None, Ok(_)) => true,
        (_, Err(_)) => false,
    }
}

/// # Safety
/// `text` must point to a string that ends in NUL.
unsafe fn owned(text: *const c_char) -> OsString {
    // SAFETY: the caller's promise.
    OsStr::from_bytes(unsafe { CStr::from_ptr(text) }.to_bytes()).to_owned()
}

fn hold_closed_descriptors() {
    let mut fds = [0, 1, 2].map(|fd| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: the pointer and the count are those of one live array.
    if unsafe { libc::poll(fds.as_mut_ptr(), 3, 0) } <= 0 {
        return;
    }
    for fd in fds {
        if fd.revents & libc::POLLNVAL != 0 {
            // The lowest free descriptor is the one just found closed. It is
            // never dropped: until exec or exit it keeps its place.
            if let Ok(held) = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty()) {
                std::mem::forget(held);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(first: &str, executed: &str) -> String {
        let ours = |path: &OsStr| path.as_bytes().starts_with(b"/shims/");
        name(Some(first.as_ref()), Some(executed.as_ref()), ours).into_string().unwrap()
    }

    #[test]
    fn the_executed_path_names_it() {
        assert_eq!(named("psql", "/shims/psql"), "psql");
        assert_eq!(named("/shims/psql", "/shims/psql"), "psql");
        assert_eq!(named("-psql", "/shims/psql"), "psql");
    }

    #[test]
    fn a_changed_first_word_does_not() {
        assert_eq!(named("zzz", "/shims/psql"), "psql");
        assert_eq!(named("holdpoint", "/shims/psql"), "psql");
        assert_eq!(named("", "/shims/psql"), "psql");
        assert_eq!(named("psql", "/shims/holdpoint"), "holdpoint");
    }

    #[test]
    fn a_script_that_names_a_shim_as_its_interpreter_is_not_the_name() {
        assert_eq!(named("/shims/psql", "/home/ana/report.sql"), "psql");
    }

    #[test]
    fn an_executed_descriptor_has_only_its_first_word() {
        assert_eq!(named("psql", "/dev/fd/5"), "psql");
        assert_eq!(named("", "/dev/fd/5"), "holdpoint");
    }

    #[test]
    fn no_words_at_all() {
        let ours = |_: &OsStr| false;
        assert_eq!(name(None, None, ours), "holdpoint");
        assert_eq!(name(None, Some("/x/psql".as_ref()), ours), "psql");
    }
}
