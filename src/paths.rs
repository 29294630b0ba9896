//! Where holdpoint's own files are: below the account's home directory as the
//! user database has it. Neither HOME nor any XDG variable moves them, since
//! whoever moved them could bring a kinder policy. Names paths, opens nothing.

use std::path::{Path, PathBuf};

use crate::world::World;

/// The machine's policy.
pub const SYSTEM_POLICY: &str = "/etc/holdpoint/policy.toml";

/// The folder of the user's policy and rules.
pub fn config(world: &dyn World) -> Option<PathBuf> {
    below_home(world, ".config/holdpoint")
}

/// The folder of the audit trail, requests and grants.
pub fn state(world: &dyn World) -> Option<PathBuf> {
    below_home(world, ".local/state/holdpoint")
}

/// The folder of shims and activation files.
pub fn data(world: &dyn World) -> Option<PathBuf> {
    below_home(world, ".local/share/holdpoint")
}

/// The folder of shims: the one installed beside the program at `program`
/// (`PREFIX/bin/holdpoint` has `PREFIX/share/holdpoint/shims`), if it is
/// marked as one, else the account's.
pub fn shims(world: &dyn World, program: Option<&Path>) -> Option<PathBuf> {
    let beside = program.and_then(|program| {
        let bin = program.parent().filter(|bin| bin.ends_with("bin"))?;
        Some(bin.parent()?.join("share/holdpoint/shims"))
    });
    beside
        .filter(|folder| world.exists(&folder.join(crate::exec::own::MARKER)))
        .or_else(|| Some(data(world)?.join("shims")))
}

fn below_home(world: &dyn World, path: &str) -> Option<PathBuf> {
    Some(world.account_home()?.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fake::FakeWorld;

    #[test]
    fn no_variable_moves_them() {
        let world = FakeWorld::new()
            .with_var("HOME", "/tmp/kind")
            .with_var("XDG_CONFIG_HOME", "/tmp/kind")
            .with_var("XDG_STATE_HOME", "/tmp/kind")
            .with_var("XDG_DATA_HOME", "/tmp/kind");
        assert_eq!(config(&world), Some("/home/ana/.config/holdpoint".into()));
        assert_eq!(state(&world), Some("/home/ana/.local/state/holdpoint".into()));
        assert_eq!(data(&world), Some("/home/ana/.local/share/holdpoint".into()));
        assert_eq!(shims(&world, None), Some("/home/ana/.local/share/holdpoint/shims".into()));
    }

    #[test]
    fn shims_beside_the_program_need_their_mark() {
        let program = Path::new("/opt/holdpoint/bin/holdpoint");
        let own = "/home/ana/.local/share/holdpoint/shims";
        assert_eq!(shims(&FakeWorld::new(), Some(program)), Some(own.into()));
        let beside = "/opt/holdpoint/share/holdpoint/shims";
        let world = FakeWorld::new().with_file(&format!("{beside}/.holdpoint-shims"), "");
        assert_eq!(shims(&world, Some(program)), Some(beside.into()));
        assert_eq!(shims(&world, Some(Path::new("/tmp/holdpoint"))), Some(own.into()));
    }
}
