//! Finds the policy files: the machine's, the account's (by the user
//! database, whatever HOME says) and those of the projects around the
//! directory. Reads through [`World`]; a file that is there and cannot be
//! used becomes a layer that says so, never a missing one.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Policy;
use super::layer::{Layer, Owned};
use crate::world::{ReadError, World};

/// The largest policy file, in bytes.
const FILE_LIMIT: usize = 256 * 1024;

/// The most directories that are searched upward from the current one.
const DEPTH_LIMIT: usize = 64;

/// The machine's file.
const SYSTEM: &str = "/etc/holdpoint/policy.toml";

/// The account's file, below its home directory.
const USER: &str = ".config/holdpoint/policy.toml";

/// A project's file, in any directory from the current one upward.
pub const PROJECT: &str = ".holdpoint.toml";

impl Policy {
    /// The policy of the files that are there.
    pub fn load(world: &dyn World) -> Policy {
        let found = paths(world).into_iter();
        Policy::of(found.filter_map(|(owned, path)| read(world, owned, path)).collect())
    }
}

/// The paths and contents of the files that are there as one SHA-256 in
/// hexadecimal, for the audit trail; `builtin` if there is none. Parses
/// nothing.
pub fn digest(world: &dyn World) -> String {
    let mut hash = Sha256::new();
    let mut found = false;
    for (_, path) in paths(world) {
        let bytes = match world.read(&path, FILE_LIMIT) {
            Err(ReadError::Missing) => continue,
            other => other.unwrap_or_default(),
        };
        found = true;
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    if found { format!("{:x}", hash.finalize()) } else { "builtin".to_owned() }
}

/// Where policy files may be, the outermost first; projects from the root
/// down to the current directory.
pub fn paths(world: &dyn World) -> Vec<(Owned, PathBuf)> {
    let mut out = vec![(Owned::System, PathBuf::from(SYSTEM))];
    out.extend(user_path(world).map(|path| (Owned::User, path)));
    let cwd = world.cwd().unwrap_or_default();
    let mut projects: Vec<PathBuf> = cwd
        .ancestors()
        .take(DEPTH_LIMIT)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(PROJECT))
        .collect();
    projects.reverse();
    out.extend(projects.into_iter().map(|path| (Owned::Project, path)));
    out
}

/// Where the account's file is; none for an account without a home.
pub fn user_path(world: &dyn World) -> Option<PathBuf> {
    world.account_home().map(|home| home.join(USER))
}

/// The layer of a file, if there is one.
pub fn read(world: &dyn World, owned: Owned, path: PathBuf) -> Option<Layer> {
    match world.read(&path, FILE_LIMIT) {
        Err(ReadError::Missing) => None,
        Err(error) => {
            let why = format!("this file cannot be read: {error}");
            Some(Layer::unusable(owned, path, Vec::new(), why))
        }
        Ok(bytes) => Some(match trust(world, owned, &path) {
            Some(why) => Layer::unusable(owned, path, bytes, why),
            None => Layer::new(owned, path, bytes),
        }),
    }
}

/// Why a file that may loosen cannot be trusted: somebody else could have
/// written it. A project's file needs no trust, as it only tightens.
fn trust(world: &dyn World, owned: Owned, path: &Path) -> Option<String> {
    if owned == Owned::Project {
        return None;
    }
    let Some(owner) = world.owner(path) else {
        return Some("it cannot be found out who owns this file".to_owned());
    };
    let is_ours = owner.uid == 0 || (owned == Owned::User && owner.uid == world.uid());
    let others = if owned == Owned::System { 0o022 } else { 0o002 };
    if !is_ours {
        let owners = if owned == Owned::System { "root" } else { "you or root" };
        Some(format!("this file belongs to user {}, and must belong to {owners}", owner.uid))
    } else if owner.mode & others != 0 {
        Some(format!("others may write this file (mode {:o}): chmod go-w it", owner.mode & 0o777))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fake::FakeWorld;

    const USER_FILE: &str = "/home/ana/.config/holdpoint/policy.toml";

    fn owners(policy: &Policy) -> Vec<(Owned, &str, bool)> {
        policy
            .layers()
            .iter()
            .map(|layer| (layer.owned, layer.path.to_str().unwrap(), layer.content.is_ok()))
            .collect()
    }

    #[test]
    fn files_are_found_outermost_first() {
        let mut world = FakeWorld::new()
            .with_file("/etc/holdpoint/policy.toml", "version = 1")
            .with_file(USER_FILE, "version = 1")
            .with_file("/srv/.holdpoint.toml", "version = 1")
            .with_file("/srv/shop/api/.holdpoint.toml", "version = 1")
            .with_file("/srv/other/.holdpoint.toml", "version = 1");
        world.cwd = PathBuf::from("/srv/shop/api/src");
        assert_eq!(
            owners(&Policy::load(&world)),
            [
                (Owned::System, "/etc/holdpoint/policy.toml", true),
                (Owned::User, USER_FILE, true),
                (Owned::Project, "/srv/.holdpoint.toml", true),
                (Owned::Project, "/srv/shop/api/.holdpoint.toml", true),
            ]
        );
    }

    #[test]
    fn no_variable_moves_the_users_policy() {
        let world = FakeWorld::new()
            .with_var("HOME", "/tmp/kind")
            .with_var("XDG_CONFIG_HOME", "/tmp/kind/.config")
            .with_file("/tmp/kind/.config/holdpoint/policy.toml", "version = 1")
            .with_file(USER_FILE, "version = 1\nmode = 'strict'");
        assert_eq!(owners(&Policy::load(&world)), [(Owned::User, USER_FILE, true)]);
    }

    #[test]
    fn files_that_others_could_write_are_not_used() {
        let system = "/etc/holdpoint/policy.toml";
        for (path, uid, mode, used) in [
            (system, 0, 0o644, true),
            (system, 1000, 0o644, false),
            (system, 0, 0o664, false),
            (system, 0, 0o646, false),
            (USER_FILE, 1000, 0o644, true),
            (USER_FILE, 1000, 0o664, true),
            (USER_FILE, 0, 0o644, true),
            (USER_FILE, 1001, 0o644, false),
            (USER_FILE, 1000, 0o666, false),
        ] {
            let world = FakeWorld::new().with_file(path, "version = 1").with_owner(path, uid, mode);
            let policy = Policy::load(&world);
            assert_eq!(policy.problems().count(), usize::from(!used), "{path} {uid} {mode:o}");
        }
        let world = FakeWorld::new().with_file("/app/.holdpoint.toml", "version = 1").with_owner(
            "/app/.holdpoint.toml",
            1234,
            0o666,
        );
        assert_eq!(Policy::load(&world).problems().count(), 0);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_a_problem_and_not_a_missing_one() {
        let large = " ".repeat(FILE_LIMIT + 1);
        let world = FakeWorld::new().with_file("/app/.holdpoint.toml", &large);
        assert_eq!(Policy::load(&world).problems().count(), 1);
        let world = FakeWorld::new().with_file("/app/.holdpoint.toml/x", "");
        assert_eq!(Policy::load(&world).problems().count(), 1);
    }

    #[test]
    fn the_digest_is_of_paths_and_contents() {
        let digest = |path, text| super::digest(&FakeWorld::new().with_file(path, text));
        assert_eq!(super::digest(&FakeWorld::new()), "builtin");
        let one = digest(USER_FILE, "version = 1");
        assert_eq!(one.len(), 64);
        assert_ne!(one, digest(USER_FILE, "version = 1\n"));
        assert_ne!(one, digest("/app/.holdpoint.toml", "version = 1"));
    }
}
