//! A program that is asked something: what it writes, within a time and a
//! size. What it says on standard error is dropped.

use std::io::Read;
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::system;
use crate::world::Answer;

/// How long a program may take, and how much it may write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub patience: Duration,
    pub bytes: usize,
}

/// Runs a command with `input` as its standard input, in memory, so that nobody
/// has to write while the answer is read, and gives what it wrote. `name` is
/// what errors call it.
pub(super) fn ask(
    mut command: Command,
    name: &str,
    input: &[u8],
    bounds: Bounds,
) -> Result<Answer, String> {
    let stdin = match input {
        [] => Stdio::null(),
        _ => system::copy(input).map_err(|error| format!("{name}: {error}"))?.into(),
    };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
    let out = output(&mut child, name, bounds);
    if out.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    let status = status.code().ok_or_else(|| format!("{name} was ended by a signal"));
    Ok(Answer { out: out?, status: status? })
}

/// What the child writes, until it closes its standard output.
fn output(child: &mut Child, name: &str, bounds: Bounds) -> Result<Vec<u8>, String> {
    let Some(mut pipe) = child.stdout.take() else { return Ok(Vec::new()) };
    let end = Instant::now() + bounds.patience;
    let mut out = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)], timeout) {
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(format!("{name}: {}", errno.desc())),
            Ok(0) => {
                return Err(format!("{name} took more than {} seconds", bounds.patience.as_secs()));
            }
            Ok(_) => {}
        }
        match pipe.read(&mut buffer) {
            Ok(0) => return Ok(out),
            Ok(count) => out.extend(buffer.iter().take(count)),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("{name}: {error}")),
        }
        if out.len() > bounds.bytes {
            return Err(format!("{name}'s answer is longer than {} bytes", bounds.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_bounded_in_time_and_size() {
        let ask = |script: &str, millis: u64, bytes: usize| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]);
            super::ask(
                command,
                "sh",
                b"",
                Bounds { patience: Duration::from_millis(millis), bytes },
            )
        };
        let answer = Answer { out: b"hi\n".to_vec(), status: 3 };
        let fed = super::ask(
            Command::new("cat"),
            "cat",
            b"fed",
            Bounds { patience: Duration::from_secs(20), bytes: 9 },
        );
        assert_eq!(fed, Ok(Answer { out: b"fed".to_vec(), status: 0 }));
        assert_eq!(ask("echo hi; echo no >&2; cat; exit 3", 20_000, 99), Ok(answer));
        assert!(ask("yes", 20_000, 9).is_err_and(|said| said.contains("longer")));
        let started = Instant::now();
        assert!(ask("exec sleep 30", 100, 9).is_err_and(|said| said.contains("more than")));
        assert!(ask("kill -9 $$", 20_000, 9).is_err_and(|said| said.contains("signal")));
        assert!(started.elapsed() < Duration::from_secs(20));
        let none = super::ask(
            Command::new("/nowhere/x"),
            "x",
            b"",
            Bounds { patience: Duration::ZERO, bytes: 0 },
        );
        assert!(none.is_err());
    }
}
