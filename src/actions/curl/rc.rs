//! Where curl looks for its default config file. The first that can be
//! opened counts: `$CURL_HOME/.curlrc`, then XDG_CONFIG_HOME's (7.88.1 wants
//! `.curlrc` there, 8.x `curlrc`), then `$HOME/.curlrc`, then `.config/curlrc`
//! where XDG_CONFIG_HOME is not set, then the account's home.

use std::path::PathBuf;

use crate::invocation::Context;
use crate::world::ReadError;

/// The path and text of the default config file, if there is one.
pub fn read(context: Context<'_>, limit: usize) -> Option<(PathBuf, Result<Vec<u8>, ReadError>)> {
    // curl takes an empty variable for an absent one.
    let dir = |name: &str| context.var(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let (curl_home, xdg, home) = (dir("CURL_HOME"), dir("XDG_CONFIG_HOME"), dir("HOME"));
    let own = |dir: PathBuf| dir.join(".curlrc");
    let look = |path: PathBuf| match context.read(&path, limit) {
        // What this process may not open, curl may not either.
        Err(ReadError::Missing | ReadError::Failed(_)) => None,
        Err(ReadError::NotRegular) if context.world.is_dir(&path) => None,
        found => Some((path, found)),
    };
    let no_xdg = xdg.is_none();
    curl_home
        .clone()
        .and_then(|dir| look(own(dir)))
        .or_else(|| xdg.clone().and_then(|dir| look(own(dir))))
        .or_else(|| xdg.clone().and_then(|dir| look(dir.join("curlrc"))))
        .or_else(|| home.clone().and_then(|dir| look(own(dir))))
        .or_else(|| {
            let dir = curl_home.clone().filter(|_| no_xdg)?;
            look(dir.join(".config/curlrc"))
        })
        .or_else(|| {
            let dir = home.clone().filter(|_| no_xdg)?;
            look(dir.join(".config/curlrc"))
        })
        .or_else(|| {
            let account = context.world.account_home()?;
            (home.as_ref() != Some(&account)).then(|| look(own(account)))?
        })
}
