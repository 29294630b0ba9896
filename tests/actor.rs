//! Who is asking, on real terminals: each test logs in the way a person does,
//! and asks again through what a person is not.

#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/wait.rs"]
mod wait;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use terminal::{Login, Server, as_root, ask, folder, run, without_escapes};

/// Runs `line` in a person's login, with `ASK` standing for the program that
/// says who asks, and gives what it wrote. Questions are declined with ^D.
fn in_login(login: &mut Login, line: &str) -> String {
    let line = line.replace("ASK", &ask().display().to_string());
    login.terminal.line(&line);
    let (which, text) = login.terminal.expect_any(&["READY> ", "press Enter:"]);
    if which == 0 {
        return text;
    }
    // What goes through a pipe may come in between the question's parts.
    let between = login.terminal.expect("> ");
    login.terminal.send("\u{4}");
    text + &between + &login.terminal.prompt()
}

fn kind(text: &str) -> &str {
    let kinds: Vec<&str> = text
        .split("kind=")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or(""))
        .collect();
    assert_eq!(kinds.len(), 1, "one answer in {text}");
    kinds[0]
}

#[track_caller]
fn assert_kind(line: &str, expected: &str) {
    let mut login = Login::new();
    let text = in_login(&mut login, line);
    assert_eq!(kind(&text), expected, "{line}:\n{text}");
    // And the login it was tried in is a person's.
    let own = in_login(&mut login, "ASK");
    assert_eq!(kind(&own), "human", "{own}");
}

#[test]
fn a_login_over_ssh_is_a_person() {
    let mut login = Login::new();
    let text = in_login(&mut login, "ASK; echo status=$?");
    assert_eq!(kind(&text), "human");
    assert!(text.contains("terminal of sshd"), "{text}");
    assert!(text.contains("status=77"), "declined by ^D: {text}");
}

#[test]
fn check_says_who_asks() {
    let mut login = Login::new();
    let home = folder();
    let line = format!(
        "HOLDPOINT_TEST_HOME={} {} check --json -- ls",
        home.path().display(),
        env!("CARGO_BIN_EXE_holdpoint")
    );
    let text = login.terminal.run(&line);
    assert!(text.contains("\"actor\":\"human\""), "{text}");
    let text = login.terminal.run(&format!("script -qec '{line}' /dev/null"));
    assert!(text.contains("\"actor\":\"unknown\""), "{text}");
    let text = login.terminal.run(&format!("OPENCODE=1 {line}"));
    assert!(text.contains("\"actor\":\"agent\""), "{text}");
}

#[test]
fn what_a_person_runs_inside_does_not_matter() {
    assert_kind("sh -c 'sh -c \"echo | xargs ASK\"'", "human");
    assert_kind("nice bash -c 'true; ASK; true'", "human");
    assert_kind("echo data | ASK 2>/dev/null | cat", "human");
}

#[test]
fn script_is_not_a_person() {
    assert_kind("script -qec ASK /dev/null", "unknown");
    assert_kind("echo yes | script -qec ASK /dev/null", "unknown");
}

#[test]
fn expect_is_not_a_person() {
    assert_kind("expect -c 'spawn ASK' -c 'expect eof'", "unknown");
}

#[test]
fn a_python_pty_is_not_a_person() {
    assert_kind("python3 -c 'import pty; pty.spawn([\"ASK\"])'", "unknown");
}

#[test]
fn socat_is_not_a_person() {
    // socat drops what it has not read when its child ends.
    assert_kind("socat - 'SYSTEM:ASK; sleep 1,pty,setsid,ctty,stderr'", "unknown");
}

#[test]
fn a_session_without_a_terminal_is_not_a_person() {
    assert_kind("setsid --wait ASK 2>&1", "unknown");
    let mut login = Login::new();
    let text = in_login(&mut login, "setsid --wait env -i ASK 2>&1");
    assert!(text.contains("signals=no terminal"), "{text}");
}

#[test]
fn a_command_over_ssh_without_a_terminal_is_not_a_person() {
    let server = Server::start();
    let words = server.client(&account(), &["-T"], &ask().display().to_string());
    let output = Command::new(&words[0]).args(&words[1..]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(kind(&text), "unknown", "{text}");
    assert_eq!(output.status.code(), Some(77));
    let card = String::from_utf8_lossy(&output.stderr);
    assert!(card.contains("was refused") && !card.contains('\u{1b}'), "{card}");
}

#[test]
fn markers_in_the_environment_make_an_agent_or_ci_at_any_terminal() {
    assert_kind("env CLAUDECODE=0 ASK", "agent");
    assert_kind("env AI_AGENT=acme ASK", "agent");
    assert_kind("env TERM_PROGRAM=vscode GIT_PAGER=cat ASK", "agent");
    assert_kind("env GITHUB_ACTIONS=true ASK", "ci");
}

#[test]
fn nothing_in_the_environment_makes_a_person() {
    let human = "SSH_TTY=/dev/pts/0 SSH_CONNECTION=x HOLDPOINT_ACTOR=human TMUX=x,1,0";
    assert_kind(&format!("env {human} script -qec ASK /dev/null"), "unknown");
    assert_kind(&format!("env {human} setsid --wait ASK 2>&1"), "unknown");
}

#[test]
fn an_agent_that_empties_the_environment_is_known_by_its_ancestors() {
    let dir = folder();
    let agent = dir.path().join("claude");
    fs::copy("/bin/bash", &agent).unwrap();
    let line = format!("{} -c 'env -i ASK; true'", agent.display());
    assert_kind(&line, "agent");
    // By a name that the kernel keeps, whatever argv[0] says.
    assert_kind(&format!("bash -c 'exec -a sshd {} -c \"ASK; true\"'", agent.display()), "agent");
}

#[test]
fn an_agents_node_script_is_known_by_its_name() {
    let dir = folder();
    let script = dir.path().join("codex.py");
    fs::write(&script, format!("import subprocess; subprocess.call(['{}'])", ask().display()))
        .unwrap();
    assert_kind(&format!("python3 {}", script.display()), "agent");
}

#[test]
fn a_terminal_in_an_ide_is_nobodys_unless_the_user_says_so() {
    let dir = folder();
    // The IDE's terminal host is a program that opens terminals, by its name.
    let ide = dir.path().join("code");
    fs::copy(python(), &ide).unwrap();
    let line = format!("{} -c 'import pty; pty.spawn([ARGS])'", ide.display());
    let plain = line.replace("ARGS", "\"ASK\"");
    let mut login = Login::new();
    let text = in_login(&mut login, &plain);
    assert_eq!(kind(&text), "unknown", "{text}");
    let said = without_escapes(&text).replace(['\n', ' '], "");
    assert!(said.contains("VSCodesharesitsterminalswithitsagents"), "{text}");
    assert!(said.contains("outsidetheIDE"), "{text}");
    let trusting = line.replace("ARGS", "\"ASK\", \"--trust-ide\"");
    let text = in_login(&mut login, &trusting);
    assert_eq!(kind(&text), "human", "{text}");
    let text = in_login(&mut login, &format!("env CLAUDECODE=1 {trusting}"));
    assert_eq!(kind(&text), "agent", "{text}");
}

#[test]
fn a_borrowed_name_does_not_make_a_terminal_a_persons() {
    let dir = folder();
    for name in ["kitty", "sshd", "login", "tmux"] {
        let copy = dir.path().join(name);
        fs::copy(python(), &copy).unwrap();
        let line = format!("{} -c 'import pty; pty.spawn([\"ASK\"])'", copy.display());
        assert_kind(&line, "unknown");
    }
    // The kernel's name and argv[0], over Python's own executable.
    let forged = "import ctypes, pty; ctypes.CDLL(None).prctl(15, b\"sshd\", 0, 0, 0); \
                  pty.spawn([\"ASK\"])";
    assert_kind(&format!("bash -c 'exec -a sshd python3 -c \"$0\"' '{forged}'"), "unknown");
}

#[test]
fn a_login_of_an_ordinary_account_is_a_person_and_its_forgeries_are_not() {
    let account = Account::new("holdpoint-person");
    let dir = folder();
    let asking = dir.path().join("ask");
    fs::copy(ask(), &asking).unwrap();
    let kitty = dir.path().join("kitty");
    fs::copy(python(), &kitty).unwrap();
    for file in [&asking, &kitty] {
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let server = Server::start();
    let mut login = Login { terminal: server.login_as(account.name, 80), server };
    let person = in_login(&mut login, &asking.display().to_string());
    assert_eq!(kind(&person), "human", "{person}");

    // A program that calls itself sshd, and hides its executable as sshd does.
    let forged = format!(
        "import ctypes, pty, sys; c = ctypes.CDLL(None); c.prctl(15, b\"sshd\", 0, 0, 0); \
         c.prctl(4, 0, 0, 0, 0); pty.spawn([\"{}\"])",
        asking.display()
    );
    let text =
        in_login(&mut login, &format!("bash -c 'exec -a sshd python3 -c \"$0\"' '{forged}'"));
    assert_eq!(kind(&text), "unknown", "{text}");
    // An executable of an emulator's name where the account could write.
    let copied = format!(
        "cp {} /tmp/kitty.$$ && mkdir /tmp/of.$$ && mv /tmp/kitty.$$ /tmp/of.$$/kitty",
        kitty.display()
    );
    login.terminal.run(&copied);
    let pty = format!("-c 'import pty; pty.spawn([\"{}\"])'", asking.display());
    let text = in_login(&mut login, &format!("/tmp/of.$$/kitty {pty}; rm -r /tmp/of.$$"));
    assert_eq!(kind(&text), "unknown", "{text}");
    // tmux of the account's own, with nobody attached.
    let pane = format!(
        "tmux -L own -f /dev/null new -d \"{} >/tmp/own.$$ 2>&1; tmux -L own wait -S done\"; \
         tmux -L own wait done; cat /tmp/own.$$; rm /tmp/own.$$",
        asking.display()
    );
    let text = in_login(&mut login, &pane);
    assert_eq!(kind(&text), "unknown", "{text}");
}

#[test]
fn sudos_own_terminal_is_the_persons_that_it_was_started_on() {
    let account = Account::new("holdpoint-sudo");
    let rule = SudoRule::new(account.name);
    let dir = folder();
    let asking = dir.path().join("ask");
    fs::copy(ask(), &asking).unwrap();
    let server = Server::start();
    let mut login = Login { terminal: server.login_as(account.name, 80), server };
    let line = format!("sudo -n {}", asking.display());
    let text = in_login(&mut login, &line);
    assert_eq!(kind(&text), "human", "{text}");
    let made = in_login(&mut login, &format!("script -qec '{line}' /dev/null"));
    assert_eq!(kind(&made), "unknown", "{made}");
    drop(rule);
}

#[test]
fn a_pane_of_tmux_is_a_person_while_a_person_is_attached() {
    let mut login = Login::new();
    login.terminal.line("tmux -L person -f /dev/null new 'env -i PS1=\"PANE\"\"> \" sh -i'");
    login.terminal.expect("PANE> ");
    login.terminal.line(&ask().display().to_string());
    let text = login.terminal.expect("press Enter:");
    let text = without_escapes(&text);
    assert_eq!(kind(&text), "human", "{text}");
    assert!(text.contains("attached from the"), "{text}");
    login.terminal.send("\u{4}");
    login.terminal.expect("answer=declined");
    login.terminal.line("exit");
    login.terminal.prompt();
}

#[test]
fn a_detached_tmux_is_not_a_person() {
    let dir = folder();
    let seen = dir.path().join("seen");
    let line = format!(
        "env -i PATH=$PATH tmux -L alone -f /dev/null new -d 'ASK >{0} 2>&1; tmux -L alone wait -S done'; \
         tmux -L alone wait done; cat {0}",
        seen.display()
    );
    assert_kind(&line, "unknown");
    let text = fs::read_to_string(&seen).unwrap();
    assert!(text.contains("to which nobody's own terminal is attached"), "{text}");
}

#[test]
fn tmux_inside_a_made_terminal_is_not_a_person() {
    let dir = folder();
    let seen = dir.path().join("seen");
    let inner = format!("tmux -L made -f /dev/null new \"ASK >{} 2>&1\"", seen.display());
    let line = format!("script -qec '{inner}' /dev/null; clear; cat {}", seen.display());
    let mut login = Login::new();
    in_login(&mut login, &line);
    let text = fs::read_to_string(&seen).unwrap();
    assert_eq!(kind(&text), "unknown", "{text}");
}

#[test]
fn a_window_of_screen_is_a_person_while_a_person_is_attached() {
    let mut login = Login::new();
    let asking = ask().display().to_string();
    login.terminal.line(&format!("screen -S person -c /dev/null {asking}"));
    let text = without_escapes(&login.terminal.expect("press Enter:"));
    assert_eq!(kind(&text), "human", "{text}");
    login.terminal.expect("> ");
    login.terminal.send("\u{4}");
    login.terminal.prompt();

    let dir = folder();
    let seen = dir.path().join("seen");
    let line =
        format!("screen -S alone -c /dev/null -Dm sh -c '{asking} >{} 2>&1'", seen.display());
    login.terminal.run(&line);
    let text = fs::read_to_string(&seen).unwrap();
    assert_eq!(kind(&text), "unknown", "{text}");
}

/// A documented limit: whoever may type into a person's pane and read it is
/// not told from the person.
#[test]
fn tmux_send_keys_into_a_persons_pane_gets_through() {
    let mut login = Login::new();
    login.terminal.line("tmux -L open -f /dev/null new 'sh -i'");
    let tmux = |args: &[&str]| {
        let output = Command::new("tmux").args(["-L", "open"]).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let screen = |text: &str| {
        let mut screen = String::new();
        let is_there = wait::until(|| {
            let pane = Command::new("tmux").args(["-L", "open", "capture-pane", "-p"]).output();
            screen = String::from_utf8_lossy(&pane.unwrap().stdout).into_owned();
            screen.contains(text)
        });
        assert!(is_there, "no {text:?} in {screen}");
        screen
    };
    screen("#");
    tmux(&["send-keys", &ask().display().to_string(), "Enter"]);
    let card = screen("press Enter:\n");
    let phrase = terminal::phrase_in(card.split("press Enter:").nth(1).unwrap());
    for letter in phrase.chars() {
        std::thread::sleep(std::time::Duration::from_millis(60));
        tmux(&["send-keys", "-l", &letter.to_string()]);
    }
    tmux(&["send-keys", "Enter"]);
    screen("answer=confirmed");
    tmux(&["kill-server"]);
    login.terminal.prompt();
}

/// The real Python behind any version manager's shim.
fn python() -> String {
    let output = Command::new("/usr/bin/python3")
        .args(["-c", "import os; print(os.path.realpath('/proc/self/exe'))"])
        .output()
        .expect("python3 is installed");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn account() -> String {
    nix::unistd::User::from_uid(nix::unistd::getuid()).unwrap().unwrap().name
}

/// An account made for one test.
struct Account {
    name: &'static str,
}

impl Account {
    fn new(name: &'static str) -> Account {
        // Left over from a run that was killed.
        let _ = as_root("userdel").arg(name).output();
        run(as_root("useradd").args(["--no-create-home", "--home-dir", "/tmp", "-p", "*"]).args([
            "--shell",
            "/bin/bash",
            name,
        ]));
        assert!(Path::new("/bin/bash").exists());
        Account { name }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = as_root("pkill").args(["-KILL", "-u", self.name]).output();
        let _ = as_root("userdel").args(["--force", self.name]).output();
    }
}

/// The right to use sudo, with a terminal of its own, for one account.
struct SudoRule {
    path: String,
}

impl SudoRule {
    fn new(account: &str) -> SudoRule {
        let dir = folder();
        let text = format!("Defaults:{account} use_pty\n{account} ALL=(ALL) NOPASSWD: ALL\n");
        let file = dir.path().join("rule");
        fs::write(&file, text).unwrap();
        let path = format!("/etc/sudoers.d/{account}");
        let from = file.display().to_string();
        run(as_root("install").args(["-m", "440", "-o", "root", &from, &path]));
        SudoRule { path }
    }
}

impl Drop for SudoRule {
    fn drop(&mut self) {
        let _ = as_root("rm").args(["-f", &self.path]).output();
    }
}
