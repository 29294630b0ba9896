//! The real AWS CLI in a home of its own, and our reading of the same words
//! in the same world.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::rc::Rc;

use holdpoint::actions::{self, Call, Reading};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::world::fake::FakeWorld;

use crate::server::{Cli, venv};

/// Runs a Python program with the CLI's own libraries; what it prints.
pub fn python(program: &str, input: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let given = dir.path().join("input");
    fs::write(&given, input).unwrap();
    let output = Command::new(venv().join("bin/python"))
        .args(["-c", program])
        .arg(&given)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", dir.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A home directory with its variables, for the CLI and for our reading.
#[derive(Clone)]
pub struct Home {
    cli: Cli,
    dir: Rc<tempfile::TempDir>,
    vars: BTreeMap<String, String>,
    files: BTreeMap<PathBuf, String>,
}

impl Home {
    /// An empty home; a key, a region and no second tries.
    pub fn new() -> Home {
        let home = Home {
            cli: Cli::V1,
            dir: Rc::new(tempfile::tempdir().unwrap()),
            vars: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        home.with_var("AWS_DEFAULT_REGION", "us-east-1")
            .with_var("AWS_MAX_ATTEMPTS", "1")
            .with_var("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// The same for this version of the CLI.
    pub fn of(mut self, cli: Cli) -> Home {
        self.cli = cli;
        self
    }

    pub fn with_keys(self) -> Home {
        self.with_var("AWS_ACCESS_KEY_ID", "testing").with_var("AWS_SECRET_ACCESS_KEY", "testing")
    }

    pub fn with_var(mut self, name: &str, value: &str) -> Home {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same with a file below the home directory.
    pub fn with_file(mut self, path: &str, text: &str) -> Home {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        self.files.insert(path, text.to_owned());
        self
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What the CLI says to these words.
    pub fn run(&self, words: &[&str]) -> Output {
        Command::new(self.cli.program())
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.dir.path())
            .env("PAGER", "cat")
            .envs(&self.vars)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What the CLI prints for these words, which must succeed.
    pub fn ask(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Our reading of the same words in the same world.
    pub fn read(&self, words: &[&str]) -> Reading {
        let argv = std::iter::once("aws").chain(words.iter().copied()).map(OsString::from);
        let invocation = Invocation::new(argv);
        let mut world = FakeWorld::default().with_var("HOME", &self.dir.path().to_string_lossy());
        world.cwd = self.dir.path().to_owned();
        for (name, value) in &self.vars {
            world = world.with_var(name, value);
        }
        for (path, text) in &self.files {
            world = world.with_file(&path.to_string_lossy(), text);
        }
        let tool = table::find("aws").unwrap();
        let context = Context { invocation: &invocation, world: &world };
        actions::read(&Call { tool, context, full: true })
    }
}
