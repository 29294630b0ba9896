//! Which cluster a Kubernetes client talks to, and which namespace: options
//! over the files that `--kubeconfig` or `KUBECONFIG` name over
//! `~/.kube/config` over the account of the pod that it runs in, as kubectl
//! 1.27, 1.33.9 and 1.35.2 and helm 4.1.4 did it in front of recording servers. Gives evidence,
//! never asks a cluster.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::docker::Said;
use super::{Class, Evidence, Kind, Target};
use crate::invocation::{COMPUTED, Context};
use crate::parse::argv::Parsed;
use crate::parse::kubeconfig::{self, Config, Server};
use crate::parse::url;
use crate::text::glob;
use crate::world::ReadError;

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

/// Where the account of a pod lies.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// What a person calls it.
    pub name: Option<String>,
    /// What says which one it is.
    pub evidence: Vec<Evidence>,
    /// Whether it runs on this machine.
    pub local: bool,
    /// Why it is not known: a clause.
    pub gap: Option<String>,
}

/// What a client's options and own variables say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// The context.
    pub context: Option<Said>,
    /// The only configuration file.
    pub file: Option<Said>,
    /// The cluster's name in the files.
    pub cluster: Option<Said>,
    /// The user's name in the files.
    pub user: Option<Said>,
    /// The server's address.
    pub server: Option<Said>,
    /// The name that the server's certificate is checked for.
    pub tls_name: Option<Said>,
    /// The namespace.
    pub namespace: Option<Said>,
}

/// The options by which the clients of this family say so, the variables of
/// their own behind them.
const CONTEXT: &[&str] = &["--context", "--kube-context", "--kubecontext"];
const SERVER: &[&str] = &["--server", "--kube-apiserver"];
const TLS_NAME: &[&str] = &["--tls-server-name", "--kube-tls-server-name"];

impl Asked {
    /// What a command's options say, and the variables of helm.
    pub fn of(call: &Context<'_>, parsed: &Parsed<'_>) -> Asked {
        let said = |names: &[&'static str], variable: &'static str| -> Option<Said> {
            let given = names.iter().find_map(|name| Some((*name, parsed.value(name)?)));
            if let Some((name, value)) = given {
                let text = value.text.to_string_lossy().into_owned();
                // An empty value is as good as none.
                if !text.is_empty() {
                    return Some((name, text, value.dynamic));
                }
            }
            let value = Some(variable).filter(|name| !name.is_empty());
            let text = value.and_then(|name| call.text_var(name))?;
            let computed = text == COMPUTED;
            Some((variable, text, computed))
        };
        let helm = call.invocation.tool() == "helm";
        let own = |name: &'static str| if helm { name } else { "" };
        Asked {
            context: said(CONTEXT, own("HELM_KUBECONTEXT")),
            file: said(&["--kubeconfig"], ""),
            cluster: if helm { None } else { said(&["--cluster"], "") },
            user: if helm { None } else { said(&["--user"], "") },
            server: said(SERVER, own("HELM_KUBEAPISERVER")),
            tls_name: said(TLS_NAME, own("HELM_KUBETLS_SERVER_NAME")),
            namespace: said(&["--namespace"], own("HELM_NAMESPACE")),
        }
    }
}

/// The target of a call whose options say this.
pub fn target(call: &Context<'_>, asked: &Asked) -> Target {
    let found = cluster(call, asked);
    let mut target = Target::of("kubernetes");
    target.name = found.name;
    target.evidence = found.evidence;
    target.gap = found.gap;
    target
}

/// The cluster that a call talks to, and its namespace if one is named.
pub fn cluster(call: &Context<'_>, asked: &Asked) -> Cluster {
    let mut found = Cluster::default();
    for (option, _, computed) in asked.all() {
        if *computed {
            found.gap = Some(format!("{option} is computed at run time"));
        }
    }
    let (source, config) = match files(call, asked.file.as_ref()) {
        Ok(read) => read,
        Err(why) => {
            found.gap.get_or_insert(why);
            ("~/.kube/config", Config::default())
        }
    };
    let known = |said: &Option<Said>| -> Option<(&'static str, String)> {
        let (option, text, computed) = said.as_ref()?;
        (!computed).then(|| (*option, text.clone()))
    };
    let current = (!config.current.is_empty()).then(|| (source, config.current.clone()));
    let context = match &asked.context {
        Some(_) => known(&asked.context),
        None => current,
    };
    let way = context.as_ref().and_then(|(_, name)| kubeconfig::find(&config.contexts, name));
    let way = way.cloned().unwrap_or_default();
    let cluster = match &asked.cluster {
        Some(_) => known(&asked.cluster),
        None => Some(way.cluster).filter(|name| !name.is_empty()).map(|name| (source, name)),
    };
    let entry = cluster.as_ref().and_then(|(_, name)| kubeconfig::find(&config.clusters, name));
    let mut server = entry.cloned().unwrap_or_default();
    let mut from = source;
    if asked.server.is_some() {
        let (option, address) = known(&asked.server).unwrap_or_default();
        (from, server.server) = (option, address);
    }
    if let Some((_, name)) = known(&asked.tls_name) {
        server.tls_name = name;
    }
    let nothing = context.is_none() && cluster.is_none() && asked.server.is_none();
    if nothing && found.gap.is_none() {
        in_cluster(call, &mut found);
    }
    // What an option replaces, the context's name says nothing about.
    let replaced = asked.server.is_some() || asked.cluster.is_some();
    if let Some((option, name)) = &context {
        let evidence = match replaced {
            true => Evidence::hint(Kind::Context, *option, name.clone()),
            false => Evidence::name(Kind::Context, *option, name.clone()),
        };
        let named_local = LOCAL.iter().any(|pattern| glob(pattern, name));
        let here = named_local && !replaced && may_be_here(&server.server);
        found.local |= here;
        found.evidence.push(if here { evidence.asserting(Class::Local) } else { evidence });
        parts(name, &mut found.evidence, replaced);
    }
    if let Some((option, name)) = &cluster {
        let replaced = asked.server.is_some();
        let same = context.as_ref().is_some_and(|(_, context)| context == name);
        if !same {
            let evidence = match replaced {
                true => Evidence::hint(Kind::Cluster, *option, name.clone()),
                false => Evidence::name(Kind::Cluster, *option, name.clone()),
            };
            found.evidence.push(evidence);
            parts(name, &mut found.evidence, replaced);
        }
    }
    address(from, &server, &mut found);
    let user = match &asked.user {
        Some(_) => known(&asked.user),
        None => Some(way.user).filter(|name| !name.is_empty()).map(|name| (source, name)),
    };
    if let Some((option, name)) = user {
        if let Some(entry) = kubeconfig::find(&config.users, &name) {
            let plugin = "its credential plugin";
            if !entry.profile.is_empty() {
                let profile = entry.profile.clone();
                found.evidence.push(Evidence::name(Kind::Profile, plugin, profile));
            }
            if !entry.cluster.is_empty() {
                let cluster = entry.cluster.clone();
                found.evidence.push(Evidence::name(Kind::Cluster, plugin, cluster));
            }
        }
        found.evidence.push(Evidence::hint(Kind::User, option, name));
    }
    let namespace = match &asked.namespace {
        Some(_) => known(&asked.namespace),
        None => Some(way.namespace).filter(|name| !name.is_empty()).map(|name| (source, name)),
    };
    if let Some((option, name)) = namespace {
        found.evidence.push(Evidence::name(Kind::Namespace, option, name));
    }
    let name = match (replaced, context, cluster) {
        (false, Some((_, name)), _) => Some(name),
        (true, _, Some((_, name))) if asked.server.is_none() => Some(name),
        _ => url::parse(&server.server).map(|url| url.host),
    };
    found.name = found.name.take().or(name);
    found
}

impl Asked {
    fn all(&self) -> impl Iterator<Item = &Said> {
        let all = [
            &self.context,
            &self.file,
            &self.cluster,
            &self.server,
            &self.namespace,
            &self.tls_name,
        ];
        all.into_iter().flatten()
    }
}

/// The server's address as evidence.
fn address(source: &'static str, server: &Server, found: &mut Cluster) {
    if !server.tls_name.is_empty() {
        let name = server.tls_name.clone();
        found.evidence.push(Evidence::name(Kind::Host, "tls-server-name", name));
    }
    // kubectl takes an address without a scheme, too.
    let written = match server.server.contains("://") || server.server.is_empty() {
        true => Cow::Borrowed(server.server.as_str()),
        false => Cow::Owned(format!("http://{}", server.server)),
    };
    let Some(url) = url::parse(&written).filter(|url| !url.host.is_empty()) else { return };
    let port = url.port.unwrap_or(if url.scheme == "http" { 80 } else { 443 });
    let mut host = Evidence::name(Kind::Host, source, url.host.clone());
    if url::is_loopback(&url.host) {
        let other = !server.tls_name.is_empty() && !url::is_loopback(&server.tls_name);
        if !server.proxy.is_empty() || other {
            found.local = false;
            for evidence in &mut found.evidence {
                evidence.asserts = None;
            }
            if !server.proxy.is_empty() {
                found.gap.get_or_insert("its server is reached through a proxy".to_owned());
            }
        } else {
            host = host.asserting(Class::Local);
            found.local = true;
        }
    }
    found.evidence.push(host);
    found.evidence.push(Evidence::name(Kind::Port, source, port.to_string()));
}

/// Whether a cluster whose context is named like one of this machine may be
/// on it: its server has no address that leads elsewhere.
fn may_be_here(server: &str) -> bool {
    let Some(url) = url::parse(server) else { return true };
    let private = match url.host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
        Ok(std::net::IpAddr::V6(address)) => address.is_unique_local(),
        Err(_) => !url.host.contains('.') || url.host.ends_with(".docker.internal"),
    };
    private || url::is_loopback(&url.host)
}

/// The parts of the names that clouds' own tools give their contexts.
fn parts(name: &str, evidence: &mut Vec<Evidence>, replaced: bool) {
    let mut push = |kind, value: &str| {
        let source = "the parts of its name";
        let one = match replaced {
            true => Evidence::hint(kind, source, value),
            false => Evidence::name(kind, source, value),
        };
        evidence.push(one);
    };
    let arn: Vec<&str> = name.splitn(6, ':').collect();
    if let ["arn", _, "eks", region, account, cluster] = arn.as_slice() {
        push(Kind::Account, account);
        push(Kind::Region, region);
        push(Kind::Cluster, cluster.strip_prefix("cluster/").unwrap_or(cluster));
    }
    let gke: Vec<&str> = name.splitn(4, '_').collect();
    if let ["gke", project, zone, cluster] = gke.as_slice() {
        push(Kind::Project, project);
        push(Kind::Region, zone);
        push(Kind::Cluster, cluster);
    }
}

/// Where a client goes that nothing tells where: the cluster of its own pod,
/// if it runs in one.
fn in_cluster(call: &Context<'_>, found: &mut Cluster) {
    let Some(host) = call.text_var("KUBERNETES_SERVICE_HOST") else { return };
    if !matches!(call.read(ACCOUNT, MAX_FILE), Err(ReadError::Missing)) {
        found.name = Some("this pod's own cluster".to_owned());
        found.evidence.push(Evidence::name(Kind::Host, "KUBERNETES_SERVICE_HOST", host));
        found.gap = Some("it is the cluster that this command runs in".to_owned());
    }
}

/// The files, merged, and what named them. A file that is not there counts as
/// empty, but for the one of `--kubeconfig`, without which nothing runs.
fn files(call: &Context<'_>, file: Option<&Said>) -> Result<(&'static str, Config), String> {
    let (source, files): (&'static str, Vec<PathBuf>) = match file {
        Some((option, _, true)) => return Err(format!("{option} is computed at run time")),
        Some((option, path, false)) => (*option, vec![PathBuf::from(path)]),
        None => match call.text_var("KUBECONFIG") {
            Some(list) if list == COMPUTED => {
                return Err("KUBECONFIG is computed at run time".to_owned());
            }
            Some(list) => ("KUBECONFIG", std::env::split_paths(&list).collect()),
            None => {
                let own = call.home().map(|home| home.join(".kube/config"));
                ("~/.kube/config", own.into_iter().collect())
            }
        },
    };
    if files.len() > MAX_FILES {
        return Err(format!("{source} names more than {MAX_FILES} files"));
    }
    let mut config = Config::default();
    for path in files.iter().filter(|path| !path.as_os_str().is_empty()) {
        config.merge(read(call, path)?);
    }
    Ok((source, config))
}

/// The current context; `file` is the one of `--kubeconfig`.
pub fn current(call: &Context<'_>, file: Option<String>) -> Option<String> {
    let file = file.map(|path| ("--kubeconfig", path, false));
    let (_, config) = files(call, file.as_ref()).ok()?;
    Some(config.current).filter(|name| !name.is_empty())
}

/// The file that `kubectl config` writes to where no option names one: of a
/// list, the one that has the entry (`contexts`, its name), else the first
/// that is there, else the last.
pub fn written_file(call: &Context<'_>, entry: Option<(&str, &str)>) -> Option<PathBuf> {
    let Some(list) = call.text_var("KUBECONFIG") else {
        return call.home().map(|home| home.join(".kube/config"));
    };
    let files: Vec<PathBuf> = std::env::split_paths(&list)
        .filter(|path| !path.as_os_str().is_empty())
        .take(MAX_FILES)
        .collect();
    let has = |path: &&PathBuf| {
        let Some((table, name)) = entry else { return false };
        let config = read(call, path).unwrap_or_default();
        match table {
            "contexts" => kubeconfig::find(&config.contexts, name).is_some(),
            "clusters" => kubeconfig::find(&config.clusters, name).is_some(),
            _ => kubeconfig::find(&config.users, name).is_some(),
        }
    };
    if let Some(file) = files.iter().find(has) {
        return Some(file.clone());
    }
    let there = |path: &&PathBuf| !matches!(call.read(path, MAX_FILE), Err(ReadError::Missing));
    files.iter().find(there).or(files.last()).cloned()
}

fn read(call: &Context<'_>, path: &Path) -> Result<Config, String> {
    let shown = || crate::text::visible(&path.to_string_lossy(), 80);
    match call.read(path, MAX_FILE) {
        Ok(bytes) => kubeconfig::parse(&bytes).map_err(|why| format!("{}: {why}", shown())),
        Err(ReadError::Missing) => Ok(Config::default()),
        Err(why) => Err(format!("{}: {why}", shown())),
    }
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
            let (context, file) = (said("--context", context), said("--kubeconfig", file));
            let found = cluster(&call, &Asked { context, file, ..Asked::default() });
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
}
