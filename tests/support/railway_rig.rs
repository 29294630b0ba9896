//! The real Railway command line in a home of its own, whose directory is
//! linked to staging, talking to the local server; and our reading of the
//! same words in a world that looks the same.

// Each test uses its part of this.
#![allow(dead_code)]

// Other parts of a test take it in, too.
#[allow(clippy::duplicate_mod)]
#[path = "wait.rs"]
mod wait;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use holdpoint::actions::{Call, Reading, railway};
use holdpoint::invocation::{Context, Input, Invocation};
use holdpoint::rules;
use holdpoint::world::fake::FakeWorld;
use tempfile::TempDir;

use crate::railway_server::{API, PROJECT, Received, STAGING, Server};

/// The real command line.
pub fn program() -> PathBuf {
    let named = std::env::var_os("HOLDPOINT_TEST_RAILWAY").map(PathBuf::from);
    let path = named.unwrap_or_else(|| PathBuf::from("/opt/railwayapp-debug/bin/railway"));
    assert!(path.exists(), "{} is not there: ./tests/run --all builds it", path.display());
    path
}

/// A home with a directory linked to staging, and the server.
pub struct Rig {
    /// Its home directory.
    pub home: TempDir,
    server: Server,
}

impl Rig {
    /// A fresh one.
    pub fn new() -> Rig {
        let rig = Rig { home: TempDir::new().unwrap(), server: Server::start() };
        fs::create_dir_all(rig.home.path().join(".railway")).unwrap();
        fs::create_dir_all(rig.cwd()).unwrap();
        fs::write(rig.home.path().join(".railway/config.json"), rig.config()).unwrap();
        rig
    }

    /// Where the command line runs: below the linked directory.
    pub fn cwd(&self) -> PathBuf {
        self.home.path().join("work/deep")
    }

    fn config(&self) -> String {
        let linked = self.home.path().join("work");
        serde_json::json!({
            "projects": { linked.to_str().unwrap(): {
                "projectPath": linked, "name": "acme", "project": PROJECT,
                "environment": STAGING, "environmentName": "staging", "service": API,
            }},
            "user": { "token": null },
        })
        .to_string()
    }

    /// Runs the real command line: its output, and what arrived.
    pub fn run(
        &self,
        words: &[&str],
        stdin: &str,
        vars: &[(&str, &str)],
    ) -> (Output, Vec<Received>) {
        // Commands rewrite the link.
        fs::write(self.home.path().join(".railway/config.json"), self.config()).unwrap();
        self.server.take();
        let mut child = Command::new(program())
            .args(words)
            .current_dir(self.cwd())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", self.home.path().join("bin"))
            .env("RAILWAY_BACKBOARD_URL", self.server.url())
            .env("RAILWAY_API_TOKEN", "token")
            .env("DO_NOT_TRACK", "1")
            .env("RAILWAY_NO_AUTO_UPDATE", "1")
            .envs(vars.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        if !wait::until(|| child.try_wait().unwrap().is_some()) {
            let _ = child.kill();
            panic!("railway {words:?} does not end: {:?}", self.server.take());
        }
        (child.wait_with_output().unwrap(), self.server.take())
    }

    /// What we make of the same words.
    pub fn read(&self, words: &[&str], stdin: &str, vars: &[(&str, &str)]) -> Reading {
        let mut world = FakeWorld::new().with_var("HOME", "/home/ana");
        world.cwd = self.cwd();
        world.files.insert("/home/ana/.railway/config.json".into(), self.config().into_bytes());
        world.stdin = Input::Text(stdin.as_bytes().into());
        world = vars.iter().fold(world, |world, (name, value)| world.with_var(name, value));
        let invocation = Invocation::new(["railway"].iter().chain(words));
        read(&invocation, &world)
    }
}

/// What we make of a command in a world.
pub fn read(invocation: &Invocation, world: &FakeWorld) -> Reading {
    let tool = rules::table::find("railway").unwrap();
    railway::read(&Call { tool, context: Context { invocation, world }, full: true })
}

/// Everything that was printed.
pub fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// A program of this name on the rig's PATH that writes down its words and
/// the environment's name.
pub fn recorder(rig: &Rig, name: &str) {
    let bin = rig.home.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let path = bin.join(name);
    let script = "#!/bin/sh\nfor word; do echo \"word=$word\"; done\n\
                  echo \"environment=$RAILWAY_ENVIRONMENT_NAME\"\necho \"url=$DATABASE_URL\"\n";
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}
