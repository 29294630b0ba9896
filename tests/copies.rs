//! sftp's batches: what the real program does with each line, against a local
//! sftp-server, is what we say that it does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use holdpoint::action::Effect;
use holdpoint::actions::{self, Call};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::world::real::RealWorld;
use tempfile::TempDir;

const SERVER: &str = "/usr/lib/openssh/sftp-server";

/// Every file below a folder, with its text.
fn tree(folder: &Path) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("inside").to_string_lossy().into_owned();
            match path.is_dir() {
                true => {
                    out.insert((name, String::new()));
                    waiting.push(path);
                }
                false => {
                    out.insert((name, fs::read_to_string(&path).unwrap_or_default()));
                }
            }
        }
    }
    out
}

fn place() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["away/a", "away/b", "away/sub/c", "here/put"] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, name).expect("a file");
    }
    folder
}

/// Lines of a batch, and what we say of them.
const LINES: &[(&str, Option<Effect>)] = &[
    ("ls", None),
    ("pwd", None),
    ("cd sub", None),
    ("get a", None),
    ("lpwd", None),
    ("rm a", Some(Effect::Write)),
    ("-rm none", Some(Effect::Write)),
    ("@rm a", Some(Effect::Write)),
    ("RM a", Some(Effect::Write)),
    ("rm *", Some(Effect::Destroy)),
    ("-rm ?", Some(Effect::Destroy)),
    ("rm [ab]", Some(Effect::Destroy)),
    ("put put", Some(Effect::Write)),
    ("rename a d", Some(Effect::Write)),
    ("mkdir new", Some(Effect::Write)),
    ("rmdir empty", Some(Effect::Write)),
    ("ln -s a link", Some(Effect::Write)),
    ("symlink a link", Some(Effect::Write)),
    ("# rm a", None),
];

#[test]
fn a_batch_does_what_we_say() {
    let mut changed = 0;
    for (line, effect) in LINES {
        let folder = place();
        fs::create_dir(folder.path().join("away/empty")).expect("a folder");
        let (away, here) = (folder.path().join("away"), folder.path().join("here"));
        let batch = folder.path().join("batch");
        fs::write(&batch, format!("lcd {}\ncd {}\n{line}\n", here.display(), away.display()))
            .expect("a file");
        let before = tree(&away);
        let output = Command::new("sftp")
            .args(["-q", "-D", SERVER, "-b"])
            .arg(&batch)
            .arg("host")
            .current_dir(&here)
            .output()
            .expect("sftp");
        let after = tree(&away);
        let errors = String::from_utf8_lossy(&output.stderr);
        let words = ["sftp", "-b", batch.to_str().expect("text"), "web1"];
        let invocation = Invocation::new(words);
        let world = RealWorld::new();
        let context = Context { invocation: &invocation, world: &world };
        let tool = table::find("sftp").expect("a rule");
        let reading = actions::read(&Call { tool, context, full: false });
        let ours = reading.actions.first().map(|action| action.effect);
        assert_eq!(ours, *effect, "{line}");
        assert_eq!(reading.handed.len(), 1, "{line}");
        if before != after {
            changed += 1;
            assert!(ours.is_some(), "{line} changed something");
        }
        let gone = before.difference(&after).count();
        assert!(gone < 2 || ours == Some(Effect::Destroy), "{line}: {gone} are gone; {errors}");
    }
    assert!(changed > 9, "{changed}");
}
