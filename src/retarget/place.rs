//! The settings files that no plain path leads to: each tool's own resolver
//! says where it looks.

use std::path::{Path, PathBuf};

use super::change::Call;
use crate::invocation::COMPUTED;
use crate::parse::settings::Format;
use crate::rules::Retarget;
use crate::target::{firebase, gcloud, git, kube, pulumi, railway};

/// The file that a change is made to, whether it is known to be that one, and
/// whether the command is certain to change it if it succeeds.
pub(super) fn find(call: &Call<'_>, retarget: &Retarget) -> Option<(PathBuf, bool, bool)> {
    let path = match retarget.file.starts_with('@') {
        true => named(call, retarget.file, retarget.key)?,
        false => call.plain(retarget.file, retarget.above)?,
    };
    let computed = match retarget.file {
        "@kubeconfig" => call.option("--kubeconfig"),
        "@gcloud" => Some(configuration(call)),
        _ => None,
    };
    let known = !computed.is_some_and(|text| text.contains(COMPUTED));
    // `git checkout WORD`: a branch, or a file's name.
    let made = || ["-b", "-B", "-c"].iter().any(|name| call.option(name).is_some());
    let sure = retarget.file != "@git-head"
        || call.is_bare()
        || made()
        || repository(call)
            .zip(call.fill("refs/heads/{#1}", &path))
            .is_some_and(|(repository, name)| repository.has_ref(&call.context, &name));
    Some((path, known, sure))
}

/// The file of one of the names in [`crate::rules::source::SETTINGS`].
/// Which of several it is depends on the key.
pub(super) fn named(call: &Call<'_>, name: &str, key: &[&str]) -> Option<PathBuf> {
    let context = &call.context;
    match name {
        "@kubeconfig" => {
            let given = call.option("--kubeconfig").filter(|path| !path.contains(COMPUTED));
            let entry = match key {
                [table, entry, ..] => call.fill(entry, Path::new("")).map(|name| (*table, name)),
                _ => None,
            };
            let entry = entry.as_ref().and_then(|(table, name)| {
                Some((*table, name.strip_prefix("[name=")?.strip_suffix(']')?))
            });
            given.map(PathBuf::from).or_else(|| kube::written_file(context, entry))
        }
        "@gcloud" => gcloud::configuration_file(context, &configuration(call)),
        "@git" => Some(repository(call)?.common?.join("config")),
        "@git-global" => Some(context.home()?.join(".gitconfig")),
        "@git-head" => Some(repository(call)?.git_dir?.join("HEAD")),
        "@pulumi" => pulumi::workspace_file(context, call.option("--cwd").as_deref()),
        "@firebase" => firebase::settings_file(context),
        "@railway" => railway::config::file(context),
        _ => None,
    }
}

/// How one of these files is written.
pub(super) fn format(name: &str) -> Format {
    match name {
        "@kubeconfig" => Format::Yaml,
        "@gcloud" => Format::Ini,
        "@git" | "@git-global" => Format::Git,
        "@git-head" => Format::Text,
        _ => Format::Json,
    }
}

/// gcloud's configuration that the command goes by.
fn configuration(call: &Call<'_>) -> String {
    call.option("--configuration").unwrap_or_else(|| gcloud::active(&call.context))
}

fn repository(call: &Call<'_>) -> Option<git::Repository> {
    let context = &call.context;
    let dir = context.cwd()?;
    let dir = call.in_front("-C").map_or(dir.clone(), |inner| dir.join(inner));
    let git_dir = context.var("GIT_DIR");
    let globals = git::Globals { dir, git_dir, ..git::Globals::default() };
    Some(git::Repository::find(context, &globals))
}
