//! Where curl looks for its default config file. The first that can be
//! opened counts: `$CURL_HOME/.curlrc`, then XDG_CONFIG_HOME's (7.88.1 wants
//! `.curlrc` there, 8.x `curlrc`), then `$HOME/.curlrc`, then `.config/curlrc`
//! where XDG_CONFIG_HOME is not set, then the account's home.

use std::path::PathBuf;

use crate::invocation::Context;
use crate::world::ReadError;

/// The path and text of the default config file, if there is one.
pub fn read(context: Context<'_>, limit: usize) -> Option<(PathBuf, Result<Vec<u8>, ReadError>)> {
    let dir = |name: &str| context.var(name).map(PathBuf::from);
    let filled = |dir: &Option<PathBuf>| dir.clone().filter(|dir| !dir.as_os_str().is_empty());
    let (curl_home, xdg, home) = (dir("CURL_HOME"), dir("XDG_CONFIG_HOME"), dir("HOME"));
    let own = |dir: PathBuf| dir.join(".curlrc");
    let look = |path: PathBuf| match context.read(&path, limit) {
        Err(ReadError::Missing) => None,
        found => Some((path, found)),
    };
    let no_xdg = xdg.is_none();
    filled(&curl_home)
        .and_then(|dir| look(own(dir)))
        .or_else(|| filled(&xdg).and_then(|dir| look(own(dir))))
        .or_else(|| filled(&xdg).and_then(|dir| look(dir.join("curlrc"))))
        .or_else(|| filled(&home).and_then(|dir| look(own(dir))))
        .or_else(|| {
            let dir = filled(&curl_home).filter(|_| no_xdg)?;
            look(dir.join(".config/curlrc"))
        })
        .or_else(|| {
            let dir = filled(&home).filter(|_| no_xdg)?;
            look(dir.join(".config/curlrc"))
        })
        .or_else(|| {
            let account = context.world.account_home()?;
            (home.as_ref() != Some(&account)).then(|| look(own(account)))?
        })
}
