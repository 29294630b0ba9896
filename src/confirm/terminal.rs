//! The controlling terminal, opened by ourselves: never standard input, output
//! or error, which are the tool's. Sets it up for one question and puts it back
//! on every way out; tells what arrived on it and which signals came. Knows
//! nothing of phrases.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, killpg, raise};
use nix::sys::termios::{
    FlushArg, InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices, Termios,
    tcflush, tcgetattr, tcsetattr,
};
use nix::unistd::{getpgrp, tcgetpgrp};

use super::keys::Controls;
use crate::system::Signals;

/// Asks a terminal to mark pasted text, and to stop doing so.
const MARK_PASTES: &str = "\x1b[?2004h";
const LEAVE_PASTES: &str = "\x1b[?2004l";

/// How often a process in the background asks to be brought to the front. The
/// shell stops it each time; where nothing does, it gives up.
const BACKGROUND_TRIES: usize = 8;

/// How often signals are asked for where no descriptor tells of them.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The signals that a question looks after.
const WATCHED: [Signal; 9] = [
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGTSTP,
    Signal::SIGTTIN,
    Signal::SIGTTOU,
    Signal::SIGCONT,
    Signal::SIGWINCH,
];

/// The controlling terminal of this process.
#[derive(Debug)]
pub struct Terminal {
    file: File,
}

/// What happened while somebody might have typed.
#[derive(Debug)]
pub enum Happened {
    /// Bytes arrived.
    Typed(Vec<u8>),
    /// A signal arrived.
    Signal(Signal),
    /// The time is up.
    TimedOut,
    /// The terminal is gone.
    HungUp,
}

impl Terminal {
    /// Opens the controlling terminal.
    ///
    /// # Errors
    /// There is none, or what is there is no terminal.
    pub fn open() -> io::Result<Terminal> {
        let flags = nix::libc::O_NOCTTY | nix::libc::O_NONBLOCK;
        let file =
            OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty")?;
        tcgetattr(&file)?;
        Ok(Terminal { file })
    }

    /// Its width and the rest of it, for a card.
    pub fn screen(&self) -> io::Result<console::Term> {
        Ok(console::Term::read_write_pair(self.file.try_clone()?, self.file.try_clone()?))
    }

    /// The open terminal, to be locked.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether this process is in the terminal's foreground group.
    pub fn is_ours(&self) -> bool {
        tcgetpgrp(&self.file) == Ok(getpgrp())
    }

    /// Waits in the background as any program that reads a terminal does: the
    /// group is stopped until the shell brings it to the front. False where
    /// nobody can: an orphaned group is not stopped, and would wait for ever.
    pub fn wait_for_foreground(&self) -> bool {
        for _ in 0..BACKGROUND_TRIES {
            if self.is_ours() {
                return true;
            }
            if killpg(getpgrp(), Signal::SIGTTIN).is_err() {
                return false;
            }
        }
        self.is_ours()
    }

    /// Sets the terminal up for a question. It is put back when the result is
    /// dropped.
    ///
    /// # Errors
    /// What the system said.
    pub fn take(&self, marks_pastes: bool) -> io::Result<Held<'_>> {
        let watched: SigSet = WATCHED.into_iter().collect();
        let mask = watched.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        let restore_mask = |error: io::Error| {
            // The mask was this thread's a moment ago: setting it cannot fail.
            let _ = mask.thread_set_mask();
            error
        };
        let signals = Signals::watch(&watched).map_err(restore_mask)?;
        let before = tcgetattr(&self.file).map_err(|error| restore_mask(error.into()))?;
        let held = Held { terminal: self, signals, mask, before, marks_pastes };
        tcsetattr(&self.file, SetArg::TCSANOW, &held.modes())?;
        if marks_pastes {
            held.write(MARK_PASTES, None)?;
        }
        Ok(held)
    }
}

/// The terminal while a question is open.
pub struct Held<'a> {
    terminal: &'a Terminal,
    signals: Signals,
    mask: SigSet,
    before: Termios,
    marks_pastes: bool,
}

impl Held<'_> {
    /// The modes for a question: bytes as they are typed, no echo but ours,
    /// and ^C, ^\ and ^Z as signals to the whole group as ever.
    fn modes(&self) -> Termios {
        let mut modes = self.before.clone();
        modes.local_flags.remove(
            LocalFlags::ICANON
                | LocalFlags::ECHO
                | LocalFlags::ECHONL
                | LocalFlags::IEXTEN
                | LocalFlags::NOFLSH,
        );
        modes.local_flags.insert(LocalFlags::ISIG);
        modes
            .input_flags
            .remove(InputFlags::IXON | InputFlags::ISTRIP | InputFlags::INLCR | InputFlags::IGNCR);
        modes.input_flags.insert(InputFlags::ICRNL);
        modes.output_flags.insert(OutputFlags::OPOST | OutputFlags::ONLCR);
        for (index, value) in
            [(SpecialCharacterIndices::VMIN, 1), (SpecialCharacterIndices::VTIME, 0)]
        {
            if let Some(control) = modes.control_chars.get_mut(index as usize) {
                *control = value;
            }
        }
        modes
    }

    /// The editing keys as the person set them.
    pub fn controls(&self) -> Controls {
        let control = |index: SpecialCharacterIndices, usual: u8| {
            let set = self.before.control_chars.get(index as usize).copied();
            set.filter(|byte| *byte != 0).unwrap_or(usual)
        };
        Controls {
            end: control(SpecialCharacterIndices::VEOF, 0x04),
            erase: control(SpecialCharacterIndices::VERASE, 0x7f),
            kill: control(SpecialCharacterIndices::VKILL, 0x15),
        }
    }

    /// Throws away what was typed and not yet read.
    pub fn forget_typed(&self) {
        // Fails only where the terminal is gone, which the next read tells.
        let _ = tcflush(&self.terminal.file, FlushArg::TCIFLUSH);
    }

    /// Writes all of `text`, waiting no longer than until `deadline` (for
    /// nothing without one).
    ///
    /// # Errors
    /// What the system said, or that the terminal takes no output.
    pub fn write(&self, text: &str, deadline: Option<Instant>) -> io::Result<()> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match (&self.terminal.file).write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut fds = [PollFd::new(self.terminal.file.as_fd(), PollFlags::POLLOUT)];
                    if poll(&mut fds, left(deadline)) == Ok(0) {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits until something happens, at most until `deadline`.
    ///
    /// # Errors
    /// What the system said; EIO is a terminal that is no longer ours.
    pub fn wait(&self, deadline: Instant) -> io::Result<Happened> {
        loop {
            if let Some(signal) = self.signals.next()? {
                return Ok(Happened::Signal(signal));
            }
            let signals = self.signals.descriptor();
            let until = match signals {
                Some(_) => deadline,
                None => deadline.min(Instant::now() + LOOK_AGAIN),
            };
            let terminal = PollFd::new(self.terminal.file.as_fd(), PollFlags::POLLIN);
            let mut fds: Vec<PollFd<'_>> = vec![terminal];
            fds.extend(signals.map(|signals| PollFd::new(signals, PollFlags::POLLIN)));
            match poll(&mut fds, left(Some(until))) {
                Ok(0) if until == deadline => return Ok(Happened::TimedOut),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
            let came = fds.first().and_then(PollFd::revents).unwrap_or(PollFlags::empty());
            if came.contains(PollFlags::POLLIN) {
                let mut bytes = [0; 64];
                match (&self.terminal.file).read(&mut bytes) {
                    Ok(0) => return Ok(Happened::HungUp),
                    Ok(count) => {
                        return Ok(Happened::Typed(
                            bytes.get(..count).unwrap_or_default().to_vec(),
                        ));
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            } else if came.intersects(PollFlags::POLLHUP | PollFlags::POLLERR) {
                return Ok(Happened::HungUp);
            }
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // In the background the terminal is the shell's, with the shell's
        // modes; a terminal that is gone needs none. Either way there is
        // nobody to tell that putting it back failed.
        if self.terminal.is_ours() {
            if self.marks_pastes {
                let _ = self.write(LEAVE_PASTES, Some(Instant::now()));
            }
            self.forget_typed();
            let _ = tcsetattr(&self.terminal.file, SetArg::TCSANOW, &self.before);
        }
        let _ = self.mask.thread_set_mask();
    }
}

/// Stops this process as `signal` does by default; returns once it continues,
/// or at once where the system does not stop it.
pub fn stop(signal: Signal) {
    // Without the stop the question is simply asked again.
    let _ = raise(signal);
}

/// The time until `deadline` as poll takes it, rounded up.
fn left(deadline: Option<Instant>) -> PollTimeout {
    let left = deadline.map(|end| end.saturating_duration_since(Instant::now()).as_millis());
    match left {
        None => PollTimeout::from(1000u16),
        Some(0) => PollTimeout::ZERO,
        Some(millis) => PollTimeout::try_from(millis + 1).unwrap_or(PollTimeout::MAX),
    }
}
