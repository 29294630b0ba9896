//! A person at a terminal: confirms the change, and says why in the message.

use crate::rig::{DROP, Rig};
use crate::terminal::{Login, Terminal};

struct Person {
    rig: Rig,
    login: Login,
}

impl Person {
    fn terminal(&mut self) -> &mut Terminal {
        &mut self.login.terminal
    }

    fn types(&mut self, command: &str) {
        let line = format!(
            "cd {repo} && env TERM=dumb HOME={home} HOLDPOINT_TEST_HOME={home} PATH={path} \
             GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b \
             {command}; echo do''ne=$?",
            repo = self.rig.path("").display(),
            home = self.rig.sandbox.home().display(),
            path = self.rig.sandbox.search_path(),
        );
        self.terminal().line(&line);
    }

    /// Types a commit and its phrase; gives everything that was said.
    fn confirms(&mut self, command: &str) -> String {
        self.types(command);
        let phrase = self.terminal().phrase();
        self.terminal().confirm_by(&format!("{phrase}\r"), "done=")
    }

    /// Types a commit that asks nothing; gives everything that was said.
    fn unasked(&mut self, command: &str) -> String {
        self.types(command);
        let (which, text) = self.terminal().expect_any(&["done=", "press Enter:"]);
        assert_eq!(which, 0, "{}", self.terminal().all());
        text
    }
}

#[test]
fn a_person_confirms_a_change_once_and_says_why() {
    let rig = Rig::new();
    let mut person = Person { rig, login: Login::with_columns(200) };
    let before = person.rig.head();
    person.rig.write("migrations/2.sql", DROP);
    person.rig.ok(&["add", "."]);
    let said = person.confirms("git commit -m tidy");
    assert!(said.contains("its message has to say why"), "{said}");
    assert!(said.contains("Holdpoint-Allow: migration/drop-column REASON"), "{said}");
    assert_eq!(person.rig.head(), before);
    // The yes stands for this very change: no second question, and a reason is
    // all that lacks.
    let said = person.unasked("git commit -m 'Holdpoint-Allow: migration/drop-column'");
    assert!(said.contains("has to say why"), "{said}");
    let other = "git commit -m tidy -m 'Holdpoint-Allow: migration/drop-table nothing reads it'";
    assert!(person.unasked(other).contains("has to say why"));
    // It stands for no other change.
    person.rig.write("migrations/2.sql", &format!("{DROP}TRUNCATE plans;\n"));
    person.rig.ok(&["add", "."]);
    person.types(other);
    person.terminal().phrase();
    // An interrupt ends the whole line.
    person.terminal().send("\u{3}");
    // The shell may be ready before holdpoint has said so.
    let both = ["READY> ", "it was interrupted. Nothing was run."];
    let (first, _) = person.terminal().expect_any(&both);
    person.terminal().expect(both[1 - first]);
    assert_eq!(person.rig.head(), before);
    person.rig.write("migrations/2.sql", DROP);
    person.rig.ok(&["add", "."]);
    let why = "git commit -q -m tidy -m 'Holdpoint-Allow: migration/drop-column nothing reads it'";
    let said = person.unasked(why);
    assert!(!said.contains("holdpoint:"), "{said}");
    assert_ne!(person.rig.head(), before);
    let trail = person.rig.sandbox.trail();
    assert!(trail.contains("\"outcome\":\"confirmed\""), "{trail}");
}
