//! `holdpoint demo`: the incident replayed. The judging, the card, the log and
//! curl are the real ones; the control plane is a fake on the loopback, and
//! everything that is written goes into a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{complain, print};
use serde_json::Value as Json;

use crate::actor::ActorKind;
use crate::audit::{self, Gate, Outcome};
use crate::confirm::card;
use crate::demo::control_plane::{ControlPlane, VOLUME};
use crate::exec::Own;
use crate::gate;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Subject};
use crate::text::visible;
use crate::world::Process;
use crate::world::fake::FakeWorld;

/// Where the real control plane is; the demo's curl is sent elsewhere by the
/// `.curlrc` in its own home.
const API: &str = "backboard.railway.app/graphql/v2";

/// The token that the agent found. Not a real one.
const TOKEN: &str = "Authorization: Bearer 1f0c0000-0000-4000-8000-000000000000";

/// Arguments of `holdpoint demo`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Tells the story; the status is 0 only if the incident was stopped and the
/// person got through.
pub fn run(_args: &Args) -> i32 {
    match Stage::set().and_then(|stage| stage.play()) {
        Ok(()) => 0,
        Err(why) => {
            complain(&visible(&why, 500));
            1
        }
    }
}

/// The demo's own world.
struct Stage {
    plane: ControlPlane,
    home: Folder,
    world: FakeWorld,
    curl: Option<PathBuf>,
}

impl Stage {
    fn set() -> Result<Stage, String> {
        let plane =
            ControlPlane::start().map_err(|error| format!("no fake control plane: {error}"))?;
        let home = Folder::new()?;
        let curlrc = home.path.join(".curlrc");
        fs::write(&curlrc, plane.curlrc())
            .map_err(|error| format!("{}: {error}", curlrc.display()))?;
        let world = FakeWorld {
            home: home.path.clone(),
            cwd: home.path.clone(),
            uid: nix::unistd::Uid::current().as_raw(),
            ..FakeWorld::new().with_var("HOME", &home.path.to_string_lossy())
        };
        let world = FakeWorld { files: [(curlrc, plane.curlrc().into_bytes())].into(), ..world };
        let curl = real_curl();
        Ok(Stage { plane, home, world, curl })
    }

    fn play(&self) -> Result<(), String> {
        say("A control plane of its own listens on this machine: one project, `acme`, and one\n\
             volume, which production and staging share. Nothing outside a temporary folder\n\
             is touched.");
        self.harmless()?;
        self.incident()?;
        self.person()?;
        self.trail()
    }

    /// Something harmless passes.
    fn harmless(&self) -> Result<(), String> {
        say("1. An agent looks at the volumes.");
        let body = r#"{"query":"query { project(id: \"acme\") { volumes { edges { node { name } } } } }"}"#;
        let call = request("http", body);
        let judgement = self.judge(&call, ActorKind::Agent);
        if judgement.verdict != Verdict::Allow {
            return Err("a harmless query was stopped".to_owned());
        }
        self.send(&call)?;
        say("It looks and changes nothing: it ran as if holdpoint were not there.");
        Ok(())
    }

    /// The incident is stopped.
    fn incident(&self) -> Result<(), String> {
        say("2. The incident of 25 April 2026: the agent, working \"in staging\", found a token\n\
             in an unrelated file and deletes the volume.");
        let call = request("https", &deletion());
        let judgement = self.judge(&call, ActorKind::Agent);
        show(&judgement);
        self.record(&call, &judgement, Outcome::Refused)?;
        let reached = self.plane.requests().iter().any(|seen| seen.body.contains("volumeDelete"));
        let kept = self.plane.volumes().iter().any(|volume| volume.id == VOLUME);
        if judgement.verdict != Verdict::Refuse || reached || !kept {
            return Err("the incident was NOT stopped".to_owned());
        }
        say("Refused, with exit status 77. No request was sent; the volume and its backups are\n\
             still there.");
        Ok(())
    }

    /// A person who means it gets through.
    fn person(&self) -> Result<(), String> {
        say(
            "3. A person at a terminal means it, and types the phrase; the demo plays the person.\n\
             (Over http here: the fake control plane speaks no TLS.)",
        );
        let call = request("http", &deletion());
        let judgement = self.judge(&call, ActorKind::Human);
        show(&judgement);
        let Some(phrase) =
            judgement.phrase.clone().filter(|_| judgement.verdict == Verdict::Confirm)
        else {
            return Err("a person was not asked".to_owned());
        };
        self.record(&call, &judgement, Outcome::Asked)?;
        print(&format!("> {phrase}\n"));
        self.record(&call, &judgement, Outcome::Confirmed)?;
        self.send(&call)?;
        if self.curl.is_some() && !self.plane.volumes().is_empty() {
            return Err("the confirmed command did not run".to_owned());
        }
        say("Confirmed: the same bytes that were judged went out.");
        Ok(())
    }

    /// The audit trail of it all.
    fn trail(&self) -> Result<(), String> {
        say("4. The audit trail. Reads leave no line; each line holds the hash of the one\n\
             before.");
        let folder = audit::folder(&self.world).map_err(|error| error.to_string())?;
        let lines = audit::read::lines(&folder).map_err(|error| error.to_string())?;
        for line in lines {
            let line = line.map_err(|error| error.to_string())?;
            print(&(summary(&line.bytes) + "\n"));
        }
        let report = audit::verify::verify(&folder).map_err(|error| error.to_string())?;
        if !report.problems.is_empty() || report.records != 3 {
            return Err("the audit trail does not hold".to_owned());
        }
        say("The chain holds. The incident was stopped.");
        Ok(())
    }

    fn judge(&self, call: &Invocation, actor: ActorKind) -> Judgement {
        print(&format!("$ {}\n", command_line(call)));
        let mut world = self.world.clone();
        match actor {
            ActorKind::Human => (world.ancestors, world.terminal) = (login(), true),
            _ => world = world.with_var("CLAUDECODE", "1"),
        }
        pipeline::judge(Subject::Command(call), &world, Options::default()).judgement
    }

    fn record(
        &self,
        call: &Invocation,
        judgement: &Judgement,
        outcome: Outcome,
    ) -> Result<(), String> {
        gate::record(call, judgement, &[], outcome, Gate::Command, &self.world)
            .map(drop)
            .map_err(|error| error.to_string())
    }

    /// Runs the real curl, in the demo's own home.
    fn send(&self, call: &Invocation) -> Result<(), String> {
        let Some(curl) = &self.curl else {
            say("(curl is not on PATH, so nothing is sent.)");
            return Ok(());
        };
        let output = Command::new(curl)
            .args(call.argv.iter().skip(1))
            .env_clear()
            .env("HOME", &self.home.path)
            .current_dir(&self.home.path)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", curl.display()))?;
        if !output.status.success() {
            return Err(format!("curl: {}", String::from_utf8_lossy(&output.stderr)));
        }
        print(&(visible(String::from_utf8_lossy(&output.stdout).trim(), 300) + "\n"));
        Ok(())
    }
}

/// The ancestors of a command that a person typed after a login over ssh.
fn login() -> Vec<Process> {
    let process = |pid, ppid, session, tty, uid, comm: &str, exe: &str| Process {
        pid,
        ppid,
        session,
        tty,
        uid,
        comm: comm.to_owned(),
        cmdline: vec![comm.to_owned()],
        exe: (uid != 0).then(|| PathBuf::from(exe)),
    };
    vec![
        process(60, 50, 50, 34816, 1000, "curl", "/usr/bin/curl"),
        process(50, 40, 50, 34816, 1000, "bash", "/usr/bin/bash"),
        process(40, 1, 40, 0, 0, "sshd", "/usr/sbin/sshd"),
        process(1, 0, 1, 0, 0, "systemd", "/usr/lib/systemd/systemd"),
    ]
}

/// A temporary folder that goes when dropped.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Result<Folder, String> {
        let name = format!("holdpoint-demo-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // An error if it is there already: it may be somebody else's.
        fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Folder { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The real curl: the first on PATH that is not holdpoint.
fn real_curl() -> Option<PathBuf> {
    let own = Own::of_this_process();
    let is_own = |path: &Path| {
        let found = nix::sys::stat::stat(path);
        own.as_ref().zip(found.ok()).is_some_and(|(own, found)| own.is(&found))
    };
    which::which_all("curl").ok()?.find(|path| !is_own(path))
}

/// What a line of the trail says, in short.
fn summary(line: &[u8]) -> String {
    let line: Json = serde_json::from_slice(line).unwrap_or_default();
    let text = |path: &str| line.pointer(path).and_then(Json::as_str).unwrap_or("-");
    let shown = format!(
        "{:<9} {:<6} {:<13} prev {:.12}…",
        text("/outcome"),
        text("/decided/actor/kind"),
        text("/decided/actions/0/operation"),
        text("/prev"),
    );
    visible(&shown, 200)
}

fn deletion() -> String {
    format!(r#"{{"query":"mutation {{ volumeDelete(volumeId: \"{VOLUME}\") }}"}}"#)
}

fn request(scheme: &str, body: &str) -> Invocation {
    Invocation::new([
        "curl",
        "-sS",
        "-X",
        "POST",
        &format!("{scheme}://{API}"),
        "-H",
        TOKEN,
        "-d",
        body,
    ])
}

/// The command as one would type it, without the token.
fn command_line(call: &Invocation) -> String {
    let words = call.argv.iter().map(|word| word.to_string_lossy());
    shell_words::join(words).replace(TOKEN, "Authorization: Bearer [token]")
}

fn show(judgement: &Judgement) {
    print(&card::render(judgement, card::Width::of_stdout(), card::Color::of_stdout()));
}

fn say(text: &str) {
    print(&format!("\n{text}\n\n"));
}
