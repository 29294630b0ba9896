//! Terminals for tests, reached the way a person reaches one: an ssh login on
//! this machine, over a server of the test's own. What is typed goes to a
//! pseudo-terminal that the ssh client runs on.
//!
//! Needs root (or sudo without a password), because a login is only a person's
//! where the server runs as root, and openssh-server, openssh-client and
//! util-linux.

// Each test uses its part of this.
#![allow(dead_code)]

// Other parts of a test take them in, too.
#[allow(clippy::duplicate_mod)]
#[path = "port.rs"]
mod port;
#[allow(clippy::duplicate_mod)]
#[path = "wait.rs"]
mod wait;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use nix::pty::{Winsize, openpty};

/// How long a person takes for a character. Well over what counts as a burst.
const KEY: Duration = Duration::from_millis(45);

/// The shell's prompt in a login.
const PROMPT: &str = "READY> ";

/// A pseudo-terminal with a program on it, and what that program wrote.
pub struct Terminal {
    child: Child,
    keyboard: File,
    device: PathBuf,
    written: Arc<Mutex<Vec<u8>>>,
    read: usize,
}

impl Terminal {
    /// Starts a program as the leader of a session on a terminal of its own.
    pub fn start(words: &[&str], columns: u16) -> Terminal {
        let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).expect("a pseudo-terminal");
        let device = nix::unistd::ttyname(pair.slave.as_fd()).expect("its name");
        let end = |fd: &OwnedFd| Stdio::from(fd.try_clone().expect("a descriptor"));
        let child = Command::new("setsid")
            .args(["--ctty", "--"])
            .args(words)
            .env("TERM", "xterm-256color")
            .stdin(end(&pair.slave))
            .stdout(end(&pair.slave))
            .stderr(end(&pair.slave))
            .spawn()
            .expect("setsid is installed");
        let keyboard = File::from(pair.master);
        let written = Arc::new(Mutex::new(Vec::new()));
        let (mut screen, kept) = (keyboard.try_clone().expect("a descriptor"), written.clone());
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                kept.lock().expect("the reader is alone").extend_from_slice(&bytes[..count]);
            }
        });
        Terminal { child, keyboard, device, written, read: 0 }
    }

    /// Waits until `text` is written, and gives everything up to its end that
    /// was not given before.
    pub fn expect(&mut self, text: &str) -> String {
        self.expect_any(&[text]).1
    }

    /// The same for the first of several texts; which one it was comes first.
    pub fn expect_any(&mut self, texts: &[&str]) -> (usize, String) {
        let found = wait::first(|| {
            let all = self.written.lock().expect("the reader lives");
            let new = String::from_utf8_lossy(&all[self.read..]);
            let found = texts
                .iter()
                .enumerate()
                .filter_map(|(which, text)| new.find(text).map(|at| (at + text.len(), which)))
                .min();
            found.map(|(end, which)| (which, new[..end].to_owned()))
        });
        let Some((which, given)) = found else {
            panic!("waited for {texts:?} in vain; on the terminal:\n{}", self.all())
        };
        self.read += given.len();
        (which, given)
    }

    /// Everything that was written so far.
    pub fn all(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().expect("the reader lives")).into_owned()
    }

    /// Sends bytes in one go, as a program or a paste does.
    pub fn send(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("the terminal is there");
    }

    /// Types as a person does, a character at a time.
    pub fn type_by_hand(&mut self, text: &str) {
        for letter in text.chars() {
            thread::sleep(KEY);
            self.send(letter.encode_utf8(&mut [0; 4]));
        }
    }

    /// Types a card's phrase by hand, and gives what comes up to the prompt.
    pub fn confirm(&mut self, phrase: &str) -> String {
        self.confirm_by(&format!("{phrase}\r"), PROMPT)
    }

    /// Types these keys at a card's question, and gives what comes up to `next`;
    /// again, as a person would, where this machine was too busy to tell typing
    /// from a burst.
    pub fn confirm_by(&mut self, keys: &str, next: &str) -> String {
        for _ in 0..2 {
            self.type_by_hand(keys);
            let (which, text) = self.expect_any(&[next, "Type it by hand"]);
            if which == 0 {
                return text;
            }
        }
        panic!("typed by hand, and taken for a paste: {}", self.all())
    }

    /// Changes the size of the window.
    pub fn resize(&self, columns: u16) {
        let done = Command::new("stty")
            .arg("-F")
            .arg(&self.device)
            .args(["cols", &columns.to_string()])
            .status();
        assert!(done.expect("stty is installed").success());
    }

    /// Types a line at the shell's prompt.
    pub fn line(&mut self, text: &str) {
        self.send(text);
        self.send("\r");
        // What the terminal echoes of it is not what it does.
        self.expect("\r\n");
    }

    /// Waits for the shell's prompt.
    pub fn prompt(&mut self) -> String {
        self.expect(PROMPT)
    }

    /// Runs a shell line to its end and gives what it wrote.
    pub fn run(&mut self, text: &str) -> String {
        self.line(text);
        self.prompt()
    }

    /// Reads the phrase off the card, which it waits for.
    pub fn phrase(&mut self) -> String {
        self.expect("press Enter:");
        let rest = self.expect("> ");
        phrase_in(&rest)
    }

    /// Closes the window.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end();
    }
}

/// The phrase in what follows a card's last sentence.
pub fn phrase_in(text: &str) -> String {
    let plain = without_escapes(text);
    let found = plain.lines().map(str::trim).find(|line| line.len() > 5);
    found.unwrap_or_else(|| panic!("no phrase in {text:?}")).to_owned()
}

/// A text without what a terminal would not show of it.
pub fn without_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' if letters.next_if_eq(&'[').is_some() => {
                while letters.next().is_some_and(|letter| !letter.is_ascii_alphabetic()) {}
            }
            '\u{1b}' | '\r' => {}
            other => out.push(other),
        }
    }
    out
}

/// A folder for a test, which every account can look into.
pub fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    dir
}

/// An ssh server of the test's own, on the loopback address.
pub struct Server {
    dir: tempfile::TempDir,
    port: u16,
}

impl Server {
    /// Starts it as root, as a daemon: nothing of the test is above it.
    pub fn start() -> Server {
        let dir = folder();
        let at = |name: &str| dir.path().join(name).display().to_string();
        for key in ["host_key", "person_key"] {
            let args = ["-q", "-t", "ed25519", "-N", "", "-f", &at(key)];
            run(Command::new("ssh-keygen").args(args));
        }
        let port = port::free();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile {}\nAuthorizedKeysFile {}\n\
             StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
             PrintMotd no\nPrintLastLog no\nLogLevel ERROR\n",
            at("host_key"),
            at("sshd.pid"),
            at("person_key.pub"),
        );
        fs::write(dir.path().join("sshd_config"), config).expect("its configuration");
        // The folder that its privilege separation wants; a package's service
        // makes it where there is an init system.
        run(as_root("mkdir").args(["-p", "/run/sshd"]));
        run(as_root("/usr/sbin/sshd").args(["-f", &at("sshd_config")]));
        let server = Server { dir, port };
        assert!(wait::until(|| port::is_open(port)), "sshd does not answer");
        server
    }

    /// The words of an ssh client that runs a command line as `user`.
    pub fn client(&self, user: &str, options: &[&str], command: &str) -> Vec<String> {
        let key = self.dir.path().join("person_key").display().to_string();
        let fixed = [
            "ssh",
            "-q",
            "-F",
            "/dev/null",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "IdentityAgent=none",
            "-i",
            &key,
        ];
        let port = self.port.to_string();
        let mut words: Vec<String> = fixed.iter().map(|word| (*word).to_owned()).collect();
        words.extend(options.iter().map(|word| (*word).to_owned()));
        words.extend(["-p", &port, &format!("{user}@127.0.0.1"), command].map(str::to_owned));
        words
    }

    /// A person's login with a plain shell at its prompt.
    pub fn login_as(&self, user: &str, columns: u16) -> Terminal {
        let shell = format!(
            "exec env -i HOME=/tmp TERM=xterm-256color INPUTRC=/dev/null PS1='{PROMPT}' \
             PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
             bash --norc --noprofile -i"
        );
        let words = self.client(user, &["-tt", "-e", "none"], &shell);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut terminal = Terminal::start(&words, columns);
        terminal.prompt();
        terminal.run("bind 'set enable-bracketed-paste off'");
        terminal
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(pid) = fs::read_to_string(self.dir.path().join("sshd.pid")) {
            run(as_root("kill").arg(pid.trim()));
        }
    }
}

/// A login of the account that the tests run as. The server ends with it.
pub struct Login {
    /// The terminal, with a shell at its prompt.
    pub terminal: Terminal,
    /// The server.
    pub server: Server,
}

impl Login {
    /// A login in a window of 80 columns.
    pub fn new() -> Login {
        Login::with_columns(80)
    }

    /// A login in a window of so many columns.
    pub fn with_columns(columns: u16) -> Login {
        let server = Server::start();
        let user = nix::unistd::User::from_uid(nix::unistd::getuid());
        let user = user.expect("the user database").expect("an account").name;
        Login { terminal: server.login_as(&user, columns), server }
    }
}

/// A command as root.
pub fn as_root(program: &str) -> Command {
    if nix::unistd::getuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

/// Runs a command that has to succeed.
pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The example that asks, freshly built.
pub fn ask() -> PathBuf {
    static BUILT: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    BUILT
        .get_or_init(|| {
            let cargo = option_env!("CARGO").unwrap_or("cargo");
            let args = ["build", "-q", "--features", "test-home", "--example", "ask"];
            run(Command::new(cargo).args(args).current_dir(env!("CARGO_MANIFEST_DIR")));
            let test = std::env::current_exe().expect("this test");
            let built = test.parent().and_then(Path::parent).expect("a target folder");
            built.join("examples/ask")
        })
        .clone()
}
