//! The real cqlsh as the oracle of where it connects: it names the address
//! that it cannot reach. Needs PyPI's cqlsh. No Cassandra is run: what its
//! statements do is by its manual.

#[path = "support/installed.rs"]
mod installed;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use holdpoint::actions::{Call, cqlsh};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::target::Kind;
use holdpoint::world::real::RealWorld;
use installed::installed;

fn real() -> PathBuf {
    installed("clients/bin/cqlsh")
}

/// The address that the real one says it cannot reach.
fn tried(words: &[&str], env: &[(&str, &str)], home: &Path) -> String {
    let output = Command::new(real())
        .args(words)
        .env("HOME", home)
        .env_remove("CQLSH_HOST")
        .env_remove("CQLSH_PORT")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("./tests/run installs cqlsh");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let from = said.find("any servers', {'").unwrap_or_else(|| panic!("{words:?}: {said}"));
    said[from + 16..].split('\'').next().expect("an address").to_owned()
}

#[test]
fn it_connects_where_we_say() {
    let home = tempfile::tempdir().expect("a folder");
    let rc = home.path().join(".cassandra/cqlshrc");
    std::fs::create_dir(home.path().join(".cassandra")).expect("made");
    let other = home.path().join("other");
    std::fs::write(&other, "[connection]\nhostname = 127.0.0.8\n").expect("written");
    let other = other.to_str().expect("text");
    for (configured, words, env) in [
        (None, &["-e", "select 1"][..], &[][..]),
        (None, &["-e", "select 1"], &[("CQLSH_HOST", "127.0.0.2")]),
        (Some("127.0.0.3"), &["-e", "select 1"], &[]),
        (Some("127.0.0.3"), &["--exec=select 1"], &[("CQLSH_HOST", "127.0.0.2")]),
        (Some("127.0.0.3"), &["127.0.0.4", "-eselect 1", "9055"], &[("CQLSH_HOST", "127.0.0.2")]),
        (Some("127.0.0.3"), &["--cqlshrc", other, "-e", "select 1"], &[]),
    ] {
        match configured {
            Some(host) => {
                let text = format!("[connection]\nhostname = {host}\n");
                std::fs::write(&rc, text).expect("written");
            }
            None => {
                let _ = std::fs::remove_file(&rc);
            }
        }
        let mut invocation = Invocation::new(["cqlsh"].iter().chain(words).copied());
        invocation.env = [("HOME", home.path().to_str().expect("text"))]
            .iter()
            .chain(env)
            .map(|(name, value)| ((*name).into(), Some((*value).into())))
            .collect();
        let world = RealWorld::new();
        let tool = table::find("cqlsh").expect("rules");
        let context = Context { invocation: &invocation, world: &world };
        let actions = cqlsh::read(&Call { tool, context, full: true }).actions;
        let target = &actions[0].target;
        assert!(target.gap.is_none(), "{words:?}: {target:?}");
        let host = target.evidence.iter().find(|it| it.kind == Kind::Host).expect("a host");
        let address = tried(words, env, home.path());
        assert_eq!(address.split(':').next(), Some(host.value.as_str()), "{words:?} {env:?}");
    }
}
