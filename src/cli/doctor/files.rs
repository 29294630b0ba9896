//! The files that holdpoint depends on: the account's entry in the user
//! database, the policies, the place of the audit trail, completions.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, Uid, access};

use super::Check;
use crate::paths;
use crate::policy::Policy;
use crate::world::World;

/// Whether the account's home directory is known.
pub(super) fn account(world: &dyn World) -> Vec<Check> {
    let Some(home) = world.account_home() else {
        return vec![Check::finding(
            "account",
            paths::NO_HOME,
            "Ask whoever runs this machine to make the account known to /etc/passwd or nscd. \
             Until then the built-in policy counts, and nothing can be recorded.",
        )];
    };
    match world.var("HOME".as_ref()).map(PathBuf::from) {
        Some(said) if said != home => vec![Check::note(
            "account",
            format!("HOME is {}, but holdpoint's files are in {}", said.display(), home.display()),
        )],
        _ => Vec::new(),
    }
}

/// Whether the policies that are there can be read, and by nobody else
/// written.
pub(super) fn policy(world: &dyn World) -> Vec<Check> {
    let user = paths::config(world).map(|dir| dir.join("policy.toml"));
    let files = [Some((PathBuf::from(paths::SYSTEM_POLICY), true)), user.map(|path| (path, false))];
    let mut checks: Vec<Check> =
        files.into_iter().flatten().filter_map(|(path, system)| owner(&path, system)).collect();
    let policy = Policy::load(world);
    let problems: Vec<Check> = policy
        .problems()
        .map(|problem| {
            Check::finding(
                "policy",
                problem.to_string(),
                "Mend it; `holdpoint policy check` helps.",
            )
        })
        .collect();
    if checks.is_empty() && problems.is_empty() {
        checks.push(Check::fine("policy", "every policy file that is there can be read"));
    }
    checks.extend(problems);
    checks
}

/// A finding if somebody else may write the file.
fn owner(path: &Path, system: bool) -> Option<Check> {
    let found = fs::metadata(path).ok()?;
    let wanted = if system { 0 } else { Uid::current().as_raw() };
    let others = found.mode() & 0o022 != 0 || (found.uid() != wanted && found.uid() != 0);
    others.then(|| {
        Check::finding(
            "policy",
            format!("{} can be written by another user", path.display()),
            format!("chmod go-w {0} and see that its owner is {wanted}", path.display()),
        )
    })
}

/// Whether the audit trail can be written.
pub(super) fn state(world: &dyn World) -> Check {
    let Some(dir) = paths::state(world) else {
        return Check::finding("audit", paths::NO_HOME, "See `account` above.");
    };
    let trail = dir.join("audit.jsonl");
    let nearest = trail.ancestors().find(|path| path.exists()).unwrap_or(&dir);
    match access(nearest, AccessFlags::W_OK) {
        Ok(()) => Check::fine("audit", trail.display().to_string()),
        Err(errno) => Check::finding(
            "audit",
            format!("{}: {}", nearest.display(), errno.desc()),
            format!(
                "Make {} writable for this account. Until then nothing that could destroy is run.",
                nearest.display()
            ),
        ),
    }
}

/// Where install.sh puts completions, below its prefix.
const COMPLETIONS: [&str; 3] = [
    "share/bash-completion/completions/holdpoint",
    "share/zsh/site-functions/_holdpoint",
    "share/fish/vendor_completions.d/holdpoint.fish",
];

/// Whether completions are installed beside the program.
pub(super) fn completions(program: &Path, world: &dyn World) -> Check {
    let prefix = program.parent().and_then(Path::parent).unwrap_or(program);
    let found = COMPLETIONS.iter().filter(|path| world.exists(&prefix.join(path))).count();
    match found {
        0 => Check::note("completions", "not installed; `holdpoint completions SHELL` prints them"),
        _ => Check::fine("completions", format!("below {}/share", prefix.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;
    use crate::world::fake::FakeWorld;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn another_home_is_told() {
        assert_eq!(account(&FakeWorld::new()), []);
        let world = FakeWorld::new().with_var("HOME", "/tmp/kind");
        assert_eq!(account(&world)[0].status, Status::Note);
    }

    #[test]
    fn a_policy_that_others_may_write_is_a_finding() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.toml");
        assert_eq!(owner(&path, false), None);
        fs::write(&path, "").unwrap();
        for (mode, fine) in [(0o600, true), (0o644, true), (0o664, false), (0o646, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(owner(&path, false).is_none(), fine, "{mode:o}");
        }
    }

    #[test]
    fn the_trail_needs_a_place_that_can_be_written() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_owned();
        let world = FakeWorld { home: home.clone(), ..FakeWorld::new() };
        assert_eq!(state(&world).status, Status::Fine);
        fs::create_dir(home.join(".local")).unwrap();
        fs::write(home.join(".local/state"), "in the way").unwrap();
        let world = FakeWorld { home: "/proc/self".into(), ..FakeWorld::new() };
        assert_eq!(state(&world).status, Status::Finding);
    }
}
