//! The audit trail on a real file system: what is written survives others
//! writing, crashes and full disks; what is tampered with is found; what is
//! secret never reaches the disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::string_slice)]

mod program;
#[path = "../support/sandbox.rs"]
mod sandbox;
mod secrets;
mod tampering;
mod writing;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use holdpoint::action::{Action, Effect};
use holdpoint::actor::{Actor, ActorKind};
use holdpoint::audit::verify::{Report, verify};
use holdpoint::audit::{Entry, FILE, Log, Outcome, Record};
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judged, Judgement, Verdict};
use holdpoint::target::{Class, Evidence, Kind, Target};
use holdpoint::world::fake::FakeWorld;
use tempfile::TempDir;

/// An account of a test's own, whose home is a temporary folder.
struct Account {
    world: FakeWorld,
    /// Kept until the test ends.
    _dir: Option<TempDir>,
}

impl Account {
    fn new() -> Account {
        let dir = tempfile::tempdir().unwrap();
        let account = Account::at(dir.path());
        Account { _dir: Some(dir), ..account }
    }

    /// The account whose home is there already.
    fn at(home: &Path) -> Account {
        let uid = nix::unistd::geteuid().as_raw();
        let world = FakeWorld { home: home.to_owned(), uid, ..FakeWorld::new() };
        Account { world, _dir: None }
    }

    fn folder(&self) -> PathBuf {
        self.world.home.join(".local/state/holdpoint")
    }

    fn file(&self) -> PathBuf {
        self.folder().join(FILE)
    }

    fn log(&self) -> Log<'_> {
        Log::open(&self.world).unwrap()
    }

    /// Appends `count` records.
    fn fill(&self, count: usize) -> Vec<Entry> {
        (0..count).map(|_| self.log().append(&self.record(Outcome::Allowed)).unwrap()).collect()
    }

    fn record(&self, outcome: Outcome) -> Record {
        Record::new(
            &invocation(&["psql", "-c", "drop table users"]),
            &judgement(),
            outcome,
            &self.world,
        )
    }

    fn lines(&self) -> Vec<String> {
        text(&self.file()).lines().map(str::to_owned).collect()
    }

    fn verify(&self) -> Report {
        verify(&self.folder()).unwrap()
    }

    /// Fails unless nothing is wrong, and gives what was found.
    fn assert_intact(&self) -> Report {
        let report = self.verify();
        assert_eq!(report.problems, Vec::new());
        report
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn invocation(words: &[&str]) -> Invocation {
    Invocation::new(words.iter().map(OsString::from))
}

/// The judgement on a `DROP TABLE` on production by an agent.
fn judgement() -> Judgement {
    let mut target = Target::of("postgres");
    target.name = Some("shop".to_owned());
    target.evidence = vec![Evidence::name(Kind::Host, "-h", "db.prod.acme.com")];
    let action = Action {
        summary: "Drops table users.".to_owned(),
        target,
        ..Action::new(Effect::Destroy, "DROP TABLE")
    };
    let judged = Judged {
        action,
        class: Class::Production,
        class_reasons: vec!["the host `db.prod.acme.com` says \"prod\"".to_owned()],
        verdict: Verdict::Refuse,
        record: true,
        long_phrase: false,
        decided_by: "builtin: destroy on production".to_owned(),
    };
    Judgement {
        tool: "psql".to_owned(),
        verdict: Verdict::Refuse,
        actor: Some(Actor {
            kind: ActorKind::Agent,
            name: Some("claude-code".to_owned()),
            signals: vec!["env CLAUDECODE".to_owned()],
        }),
        actions: vec![judged],
        reasons: vec!["It destroys.".to_owned()],
        notes: Vec::new(),
        phrase: None,
        request: Some("ABCD-1234".to_owned()),
    }
}
