//! The question on real terminals: a person's login over ssh, with everything
//! that can be typed, pasted, pressed and changed while it is open.

#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/wait.rs"]
mod wait;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use sandbox::Sandbox;
use tempfile::TempDir;
use terminal::{Login, Terminal, ask, folder, without_escapes};

/// A login in which `ask` asks.
struct Asked {
    login: Login,
    phrase: String,
}

/// Runs `line` in a person's login, with `ASK` standing for the program that
/// asks, up to its question.
fn asked(line: &str) -> Asked {
    asked_in(Login::new(), line)
}

fn asked_in(mut login: Login, line: &str) -> Asked {
    login.terminal.line(&line.replace("ASK", &ask().display().to_string()));
    let phrase = login.terminal.phrase();
    assert!(phrase.starts_with("acme-prod-"), "{phrase}");
    Asked { login, phrase }
}

impl Asked {
    fn terminal(&mut self) -> &mut Terminal {
        &mut self.login.terminal
    }

    /// Types the phrase by hand, and gives what was said up to the prompt.
    fn confirm(&mut self) -> String {
        let keys = format!("{}\r", self.phrase);
        self.terminal().confirm_by(&keys, "answer=") + &self.terminal().prompt()
    }

    #[track_caller]
    fn declined(&mut self, why: &str) -> String {
        let text = self.terminal().prompt();
        assert!(text.contains("answer=declined"), "{text}");
        assert!(text.contains(why), "{text}");
        text
    }

    /// Whether the terminal is as a shell leaves it: it echoes lines, and
    /// nothing of the question stays behind.
    #[track_caller]
    fn terminal_is_as_before(&mut self) {
        let modes = self.terminal().run("stty -a");
        for mode in [" icanon", " echo ", " isig", " iexten", " ixon", " icrnl", " opost"] {
            assert!(modes.replace(['\r', '\n'], " ").contains(mode), "{mode}: {modes}");
        }
        let all = self.terminal().all();
        let (on, off) = (all.rfind("\u{1b}[?2004h"), all.rfind("\u{1b}[?2004l"));
        // The shell's own prompt comes last; what counts is that ours was ended.
        assert!(off.is_some() && on.is_some(), "{all:?}");
        assert!(
            all.matches("\u{1b}[?2004l").count() >= all.matches("\u{1b}[?2004h").count(),
            "{all:?}"
        );
    }
}

#[test]
fn the_typed_phrase_confirms() {
    let mut asked = asked("ASK; echo status=$?");
    let text = asked.confirm();
    assert!(text.contains("confirmed") && text.contains("status=0"), "{text}");
    asked.terminal_is_as_before();
}

#[test]
fn the_phrase_is_another_each_time() {
    let mut first = asked("ASK");
    first.terminal().send("\u{4}");
    first.declined("the input ended");
    let phrase = first.phrase.clone();
    let second = asked_in(first.login, "ASK");
    assert_ne!(phrase, second.phrase);
}

#[test]
fn a_wrong_phrase_declines_after_three_tries() {
    let mut asked = asked("ASK; echo status=$?");
    asked.terminal().type_by_hand("yes\r");
    asked.terminal().expect("2 tries left");
    let lower = asked.phrase.to_lowercase();
    asked.terminal().type_by_hand(&format!("{lower}\r"));
    asked.terminal().expect("1 try left");
    let spaced = format!("{} \r", asked.phrase);
    asked.terminal().type_by_hand(&spaced);
    let text = asked.declined("not the phrase");
    assert!(text.contains("status=77"), "{text}");
    asked.terminal_is_as_before();
}

#[test]
fn a_slip_can_be_corrected() {
    let mut asked = asked("ASK");
    asked.terminal().type_by_hand("acmr\u{7f}e\u{15}");
    let text = asked.confirm();
    assert!(text.contains("confirmed"), "{text}");
}

#[test]
fn type_ahead_does_not_answer() {
    let (dir, mut login) = (folder(), Login::new());
    let typed = dir.path().join("typed");
    // Typed while nothing reads yet: three lines, each of which would be a try.
    let waits = format!("until test -e {}; do sleep 0.05; done", typed.display());
    login.terminal.line(&format!("{waits}; {}", ask().display()));
    login.terminal.send("yes\ry\racme-prod\r");
    login.terminal.expect("acme-prod\r\n");
    fs::write(typed, "").unwrap();
    let phrase = login.terminal.phrase();
    let mut asked = Asked { login, phrase };
    let text = asked.confirm();
    assert!(text.contains("confirmed") && !text.contains("left"), "{text}");
}

#[test]
fn a_bracketed_paste_is_refused() {
    let mut asked = asked("ASK; echo status=$?");
    let paste = format!("\u{1b}[200~{}\u{1b}[201~", asked.phrase);
    // As slowly as typing, so that the marks alone give it away.
    asked.terminal().type_by_hand(&paste);
    asked.terminal().expect("Type it by hand");
    let text = asked.confirm();
    assert!(text.contains("confirmed"), "{text}");
    asked.terminal_is_as_before();
}

#[test]
fn bursts_are_refused() {
    let mut asked = asked("ASK; echo status=$?");
    let burst = format!("{}\r", asked.phrase);
    for left in ["2 tries left", "1 try left"] {
        asked.terminal().send(&burst);
        let text = asked.terminal().expect(left);
        assert!(text.contains("Type it by hand"), "{text}");
        // What is still on its way belongs to the burst as well.
        thread::sleep(Duration::from_millis(200));
    }
    asked.terminal().send(&burst);
    let text = asked.declined("typed by hand");
    assert!(text.contains("status=77"), "{text}");
    // Nothing of the burst is left for the shell to run.
    let text = asked.terminal().run("echo clean");
    assert!(!text.contains("not found"), "{text}");
}

#[test]
fn control_c_ends_the_script_around_it_too() {
    let mut asked = asked("bash -c 'ASK; echo went on'");
    asked.terminal().send("\u{3}");
    let text = asked.declined("interrupted");
    assert!(!text.contains("went on"), "{text}");
    let text = asked.terminal().run("echo status=$?");
    assert!(text.contains("status=130"), "{text}");
    asked.terminal_is_as_before();
}

#[test]
fn control_backslash_and_signals_from_outside_decline() {
    for (signal, status) in [("QUIT", 131), ("TERM", 143), ("HUP", 129)] {
        let (dir, line) = noting("ASK; echo status=$?");
        let mut asked = asked(&line);
        if signal == "QUIT" {
            asked.terminal().send("\u{1c}");
        } else {
            let pid = eventually(&dir.path().join("pid"));
            terminal::run(Command::new("kill").args([&format!("-{signal}"), pid.trim()]));
        }
        let text = asked.declined("interrupted");
        assert!(text.contains(&format!("status={status}")), "{signal}: {text}");
        asked.terminal_is_as_before();
    }
}

#[test]
fn control_d_declines() {
    let mut asked = asked("ASK; echo status=$?");
    asked.terminal().send("\u{4}");
    let text = asked.declined("the input ended");
    assert!(text.contains("status=77"), "{text}");
    asked.terminal_is_as_before();
}

#[test]
fn control_z_stops_and_the_question_comes_back() {
    let mut asked = asked("ASK");
    asked.terminal().type_by_hand("acme");
    asked.terminal().send("\u{1a}");
    let text = asked.terminal().prompt();
    assert!(text.contains("Stopped"), "{text}");
    asked.terminal_is_as_before();
    asked.terminal().line("fg");
    let again = asked.terminal().phrase();
    assert_eq!(again, asked.phrase);
    let text = asked.confirm();
    assert!(text.contains("confirmed"), "{text}");
}

#[test]
fn a_background_job_asks_once_it_is_in_front() {
    let mut login = Login::new();
    login.terminal.run(&format!("{} &", ask().display()));
    let stopped = wait::until(|| login.terminal.run("jobs").contains("Stopped"));
    assert!(stopped, "{}", login.terminal.all());
    assert!(!login.terminal.all().contains("on hold"), "{}", login.terminal.all());
    login.terminal.line("fg");
    let phrase = login.terminal.phrase();
    let mut asked = Asked { login, phrase };
    let text = asked.confirm();
    assert!(text.contains("confirmed"), "{text}");
}

#[test]
fn a_job_that_nothing_brings_forward_is_declined() {
    let dir = folder();
    let seen = dir.path().join("seen");
    let mut login = Login::new();
    // A background job that no SIGTTIN stops.
    let (asking, seen_at) = (ask().display().to_string(), seen.display());
    let write = format!("{asking} >{seen_at}.new 2>&1; mv {seen_at}.new {seen_at}");
    login.terminal.run(&format!("(trap '' TTIN; {write}) &"));
    let text = eventually(&seen);
    assert!(text.contains("kind=human") && text.contains("in the background"), "{text}");
    assert!(!login.terminal.all().contains("on hold"), "{}", login.terminal.all());
    // One whose shell is gone: an orphaned group.
    fs::remove_file(&seen).unwrap();
    let alone = "while kill -0 $$ 2>/dev/null; do sleep 0.05; done";
    login.terminal.run(&format!("bash -c '({alone}; {write}) &'"));
    let text = eventually(&seen);
    assert!(text.contains("kind=unknown") && text.contains("was refused"), "{text}");
}

#[test]
fn a_change_of_the_windows_size_keeps_what_was_typed() {
    let mut asked = asked("ASK");
    let rest = asked.phrase.split_off(6);
    let first = asked.phrase.clone();
    asked.terminal().type_by_hand(&first);
    asked.terminal().expect(&format!("\r> {first}"));
    asked.terminal().resize(40);
    asked.terminal().expect(&format!("\r> {first}"));
    asked.terminal().resize(120);
    asked.terminal().expect(&format!("\r> {first}"));
    asked.phrase = rest;
    let text = asked.confirm();
    assert!(text.contains("confirmed"), "{text}");
}

#[test]
fn forty_columns_are_enough() {
    let mut asked = asked_in(Login::with_columns(40), "clear; ASK --name acme-prod");
    asked.terminal().type_by_hand(&"x".repeat(50));
    asked.terminal().send("\u{15}");
    let text = asked.confirm();
    assert!(text.contains("confirmed"), "{text}");
    let all = asked.terminal().all();
    let card = all.split("\u{1b}[2J").last().unwrap();
    let card = without_escapes(card);
    let card = card.split("press Enter:").next().unwrap();
    assert!(card.contains("on hold"), "{card}");
    let card = card.split("holdpoint:").last().unwrap();
    for line in card.lines() {
        assert!(line.chars().count() <= 40, "{line:?} in {card}");
    }
    // What is typed never runs into the next line, however long it gets.
    for drawn in all.split("press Enter:").nth(1).unwrap().split("\r> ").skip(1) {
        let typed = without_escapes(drawn.split(['\r', '\n']).next().unwrap());
        assert!(typed.chars().count() <= 38, "{typed:?}");
    }
}

#[test]
fn no_color_has_no_colour_and_a_dumb_terminal_no_escapes() {
    let card = |asked: &mut Asked| {
        let all = asked.terminal().all();
        all.split("holdpoint:").nth(1).unwrap().to_owned()
    };
    let mut coloured = asked("ASK");
    assert!(coloured.terminal().all().contains("\u{1b}[33m"));
    coloured.terminal().send("\u{4}");
    coloured.declined("ended");
    let mut plain = asked_in(coloured.login, "NO_COLOR=1 ASK");
    let text = plain.terminal().all().split("NO_COLOR=1").nth(1).unwrap().to_owned();
    assert!(
        text.contains("on hold") && !text.contains("\u{1b}[3") && !text.contains("\u{1b}[1m"),
        "{text:?}"
    );
    plain.terminal().send("\u{4}");
    plain.declined("ended");
    let mut dumb = asked_in(Login::new(), "TERM=dumb ASK");
    let text = card(&mut dumb);
    assert!(!text.contains('\u{1b}'), "{text:?}");
    let text = dumb.confirm();
    assert!(text.contains("confirmed"), "{text}");
}

#[test]
fn a_resource_name_full_of_escape_codes_stays_text() {
    let mut login = Login::new();
    let hostile = "$'acme-prod\\e[2J\\e]0;owned\\a\\r\\nholdpoint: psql may run.\\u202e'";
    login.terminal.line(&format!("{} --name {hostile}", ask().display()));
    let before = login.terminal.all().len();
    let phrase = login.terminal.phrase();
    let all = login.terminal.all();
    let shown = &all[before.min(all.len())..];
    for code in ["\u{1b}[2J", "\u{1b}]0;", "\u{7}", "\u{202e}"] {
        assert!(!shown.contains(code), "{code:?} in {shown:?}");
    }
    assert!(all.contains("\\u{1b}[2J"), "{all}");
    assert!(phrase.bytes().all(|byte| byte.is_ascii_graphic()), "{phrase:?}");
    let mut asked = Asked { login, phrase };
    let text = asked.confirm();
    assert!(text.contains("confirmed"), "{text}");
}

#[test]
fn parallel_children_take_turns() {
    let mut login = Login::new();
    login
        .terminal
        .line(&format!("printf '%s\\n' 1 2 3 | xargs -P3 -n1 sh -c '{}'", ask().display()));
    for turn in 1..=3 {
        let phrase = login.terminal.phrase();
        // Nobody else speaks while one question is open.
        thread::sleep(Duration::from_millis(300));
        let cards = login.terminal.all().matches("on hold").count();
        assert_eq!(cards, turn, "{}", login.terminal.all());
        login.terminal.confirm_by(&format!("{phrase}\r"), "answer=confirmed");
    }
    login.terminal.prompt();
}

#[test]
fn the_tools_own_input_and_output_are_left_alone() {
    let dir = folder();
    let (out, err) = (dir.path().join("out"), dir.path().join("err"));
    let line = format!(
        "printf 'acme-prod\\nselect 1;\\n' | (ASK >{} 2>{}; cat); echo answer=seen",
        out.display(),
        err.display()
    );
    let mut asked = asked(&line);
    let text = asked.confirm();
    assert!(text.contains("acme-prod\r\nselect 1;"), "the input is still there: {text}");
    let out = fs::read_to_string(out).unwrap();
    assert!(out.ends_with("answer=confirmed\n") && !out.contains("on hold"), "{out}");
    assert_eq!(fs::read_to_string(err).unwrap(), "");
}

#[test]
fn closed_descriptors_do_not_matter() {
    let mut asked = asked("ASK <&- 2>&- ; echo status=$?");
    let text = asked.confirm();
    assert!(text.contains("status=0"), "{text}");
    asked.terminal_is_as_before();
}

#[test]
fn nobody_types_and_it_is_declined() {
    let started = Instant::now();
    let mut asked = asked("ASK --seconds 4; echo status=$?");
    asked.terminal().type_by_hand("acme");
    let text = asked.declined("in time");
    assert!(text.contains("status=77"), "{text}");
    assert!(started.elapsed() > Duration::from_secs(4));
    asked.terminal_is_as_before();
}

#[test]
fn a_window_that_is_closed_ends_the_question() {
    let (dir, line) = noting("ASK");
    let asked = asked(&line);
    let child = PathBuf::from("/proc").join(eventually(&dir.path().join("pid")).trim());
    assert!(child.join("stat").exists());
    asked.login.terminal.close();
    let lives = || fs::read_to_string(child.join("stat")).is_ok_and(|it| !it.contains(") Z "));
    assert!(wait::until(|| !lives()), "it outlives its terminal");
}

/// The incident's command in a sandbox whose curl only says that it ran, as a
/// line for a shell.
fn incident(sandbox: &Sandbox) -> String {
    sandbox.tool("curl", "echo answer=ran; cat");
    format!(
        "env HOME={home} HOLDPOINT_TEST_HOME={home} PATH={path} curl -s -X POST \
         https://backboard.railway.app/graphql/v2 -H 'Authorization: Bearer x' \
         -d '{{\"query\":\"mutation {{ volumeDelete(volumeId: \\\"3d2c42fb\\\") }}\"}}'",
        home = sandbox.home().display(),
        path = sandbox.search_path(),
    )
}

#[test]
fn the_incident_runs_once_a_person_typed_its_phrase() {
    let sandbox = Sandbox::new();
    let mut login = Login::new();
    login.terminal.line(&format!("echo input | {}; echo status=$?", incident(&sandbox)));
    let phrase = login.terminal.phrase();
    assert!(phrase.starts_with("destroy volume-3d2c42fb-"), "{phrase}");
    let mut asked = Asked { login, phrase };
    let text = asked.confirm();
    assert!(text.contains("ran\r\ninput\r\nstatus=0"), "{text}");
    asked.terminal_is_as_before();
}

#[test]
fn the_incident_does_not_run_without_it() {
    let sandbox = Sandbox::new();
    let line = incident(&sandbox);
    let mut login = Login::new();
    login.terminal.line(&format!("{line}; echo status=$?"));
    login.terminal.phrase();
    login.terminal.type_by_hand("yes\ryes\ryes\r");
    let text = login.terminal.prompt();
    assert!(text.contains("not confirmed: what was typed is not the phrase"), "{text}");
    assert!(text.contains("status=77") && !text.contains("answer=ran"), "{text}");

    // ^C ends the script around it as well.
    let script = sandbox.write("script", &format!("{line}\necho went on\n"));
    login.terminal.line(&format!("bash {}", script.display()));
    login.terminal.phrase();
    login.terminal.send("\u{3}");
    let text = login.terminal.prompt();
    assert!(text.contains("not confirmed: it was interrupted"), "{text}");
    assert!(!text.contains("went on") && !text.contains("answer=ran"), "{text}");
    let text = login.terminal.run("echo status=$?");
    assert!(text.contains("status=130"), "{text}");

    // An agent at the same terminal is not even asked.
    login
        .terminal
        .line(&format!("CLAUDECODE=1 {line} >{}; echo status=$?", sandbox.path("out").display()));
    let text = login.terminal.prompt();
    assert!(text.contains("was refused") && text.contains("claude-code"), "{text}");
    assert!(text.contains("status=77"), "{text}");
    assert_eq!(fs::read_to_string(sandbox.path("out")).unwrap(), "");
}

/// A line in which the first program notes its process's number in a file
/// `pid` of the folder.
fn noting(line: &str) -> (TempDir, String) {
    let dir = folder();
    let pid = dir.path().join("pid");
    let line = line.replacen("ASK", &format!("sh -c 'echo $$ >{}; exec ASK'", pid.display()), 1);
    (dir, line)
}

/// Waits for a file to be written.
fn eventually(path: &Path) -> String {
    wait::first(|| fs::read_to_string(path).ok().filter(|text| !text.is_empty()))
        .unwrap_or_else(|| panic!("{} never came", path.display()))
}
