//! Bodies for what is read out of a change to a repository's files.

use holdpoint::findings::acknowledged::allowed;
use holdpoint::findings::{Change, of_changes};

/// Paths that each family of findings reads.
const PATHS: &[&str] = &[
    "migrations/1.sql",
    "db/migrate/1.rb",
    "app/migrations/1.py",
    "compose.yml",
    "k8s/a.yaml",
    ".holdpoint.toml",
    ".claude/settings.json",
    "lefthook.yml",
    ".husky/pre-push",
    ".github/workflows/ci.yml",
    "infra/main.tf",
    ".railway/config.json",
    "a/terraform.tfstate",
];

/// A finding has a place in its file and shows nothing odd; nothing follows
/// from no change, and an acknowledgement has a rule and a reason.
pub fn changes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // The first zero byte parts the texts; without one, the middle does.
    let middle = text.floor_char_boundary(text.len() / 2);
    let (before, after) = text.split_once('\0').unwrap_or_else(|| text.split_at(middle));
    for path in PATHS {
        let change = |before: &str, after: &str| Change {
            old_path: (*path).to_owned(),
            path: (*path).to_owned(),
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
            unread: false,
        };
        let lines = before.lines().count().max(after.lines().count()) + 1;
        for finding in of_changes(&[change(before, after), change(after, before)]) {
            assert!((1..=lines).contains(&finding.line), "{finding:?} of {lines}");
            assert!(!finding.says.chars().any(char::is_control), "{finding:?}");
        }
        assert_eq!(of_changes(&[change(after, after)]), Vec::new());
        let removed = Change { after: None, ..change(after, "") };
        assert!(of_changes(&[removed]).iter().all(|finding| finding.removed));
    }
    for allowed in allowed(&text) {
        assert!(!allowed.rule.is_empty() && !allowed.reason.is_empty());
    }
}
