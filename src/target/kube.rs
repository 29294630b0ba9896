//! Which cluster kubectl talks to: `--context`, else the current context of
//! the files that `--kubeconfig` or `KUBECONFIG` name, else of
//! `~/.kube/config` (the first file that names one counts; kubectl 1.32, by
//! running `kubectl config current-context`). Gives evidence, never asks a cluster.

use std::path::PathBuf;

use super::docker::Said;
use super::{Class, Evidence, Kind};
use crate::invocation::{COMPUTED, Context};

/// The longest configuration file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;

/// The most files of one KUBECONFIG that are read.
const MAX_FILES: usize = 16;

/// Contexts of clusters that run on this machine, by how they are named.
const LOCAL: &[&str] = &[
    "colima*",
    "docker-desktop",
    "docker-for-desktop",
    "k3d-*",
    "kind",
    "kind-*",
    "microk8s",
    "minikube",
    "orbstack",
    "rancher-desktop",
];

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// What says which one it is.
    pub evidence: Vec<Evidence>,
    /// Whether it runs on this machine.
    pub local: bool,
    /// Why it is not known: a clause.
    pub gap: Option<String>,
}

/// The cluster that a call talks to. `context` and `file` are what its options
/// say.
pub fn cluster(call: &Context<'_>, context: Option<Said>, file: Option<Said>) -> Cluster {
    let found = match context {
        Some((option, _, true)) => return unknown(option),
        Some((option, name, false)) => Some((option, name)),
        None => match current(call, file) {
            Ok(found) => found,
            Err(source) => return unknown(source),
        },
    };
    match found {
        Some((source, name)) => {
            let local = LOCAL.iter().any(|pattern| crate::text::glob(pattern, &name));
            let evidence = Evidence::name(Kind::Context, source, name);
            let evidence = if local { evidence.asserting(Class::Local) } else { evidence };
            Cluster { evidence: vec![evidence], local, gap: None }
        }
        None => Cluster::default(),
    }
}

fn unknown(source: &str) -> Cluster {
    Cluster { gap: Some(format!("{source} is computed at run time")), ..Cluster::default() }
}

/// The current context of the files, and what named them.
fn current(
    call: &Context<'_>,
    file: Option<Said>,
) -> Result<Option<(&'static str, String)>, &'static str> {
    let (source, files): (&'static str, Vec<PathBuf>) = match file {
        Some((option, _, true)) => return Err(option),
        Some((option, path, false)) => (option, vec![PathBuf::from(path)]),
        None => match call.text_var("KUBECONFIG") {
            Some(list) if list == COMPUTED => return Err("KUBECONFIG"),
            Some(list) => ("KUBECONFIG", std::env::split_paths(&list).collect()),
            None => {
                let own = call.home().map(|home| home.join(".kube/config"));
                ("~/.kube/config", own.into_iter().collect())
            }
        },
    };
    let named = files.iter().take(MAX_FILES).find_map(|path| {
        let bytes = call.read(path, MAX_FILE).ok()?;
        current_context(&String::from_utf8_lossy(&bytes))
    });
    Ok(named.map(|name| (source, name)))
}

/// The `current-context` of a configuration, in YAML as kubectl writes it or
/// in JSON.
fn current_context(text: &str) -> Option<String> {
    if text.trim_start().starts_with('{') {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let name = value.get("current-context")?.as_str()?;
        return (!name.is_empty()).then(|| name.to_owned());
    }
    let line = text.lines().find_map(|line| {
        let line = line.strip_prefix("current-context:")?;
        line.starts_with([' ', '\t']).then_some(line)
    })?;
    let name = line.split(" #").next().unwrap_or_default().trim();
    let name = name.trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    /// What kubectl 1.32.4 said in each case (`kubectl config current-context`).
    #[test]
    fn the_cluster_is_the_one_that_kubectl_chooses() {
        let world = FakeWorld::new()
            .with_file("/k/none-named", "current-context: \"\"\n")
            .with_file("/k/prod", "current-context: prod\n")
            .with_file("/k/other", "current-context: other\n")
            .with_file("/home/ana/.kube/config", "current-context: kind-x\n");
        let ask = |list: Option<&str>, context: Option<&str>, file: Option<&str>| {
            let mut invocation = Invocation::default();
            invocation.env.extend(list.map(|list| ("KUBECONFIG".into(), Some(list.into()))));
            let call = Context { invocation: &invocation, world: &world };
            let said = |name, value: Option<&str>| value.map(|text| (name, text.to_owned(), false));
            let found = cluster(&call, said("--context", context), said("--kubeconfig", file));
            (found.evidence.first().map(|one| one.value.clone()), found.local)
        };
        let named = |name: &str, local| (Some(name.to_owned()), local);
        assert_eq!(ask(Some("/k/none-named:/k/prod:/k/other"), None, None), named("prod", false));
        assert_eq!(ask(Some("/k/missing:/k/other:/k/prod"), None, None), named("other", false));
        assert_eq!(ask(Some("/k/other"), None, Some("/k/prod")), named("prod", false));
        assert_eq!(ask(None, None, None), named("kind-x", true));
        assert_eq!(ask(Some(""), None, None), named("kind-x", true));
        assert_eq!(ask(None, Some("prod"), None), named("prod", false));
        assert_eq!(ask(Some("/k/missing"), None, None), (None, false));
    }

    #[test]
    fn the_current_context_is_a_key_of_the_whole_file() {
        let text = "apiVersion: v1\ncontexts:\n- name: a\n  current-context: no\ncurrent-context: \"prod\" # x\n";
        assert_eq!(current_context(text).as_deref(), Some("prod"));
        assert_eq!(current_context("{\"current-context\":\"kind\"}").as_deref(), Some("kind"));
        for none in
            ["", "current-context: \"\"\n", "{", "current-context", "{\"current-context\":1}"]
        {
            assert_eq!(current_context(none), None, "{none}");
        }
    }
}
