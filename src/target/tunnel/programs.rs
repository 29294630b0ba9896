//! Which programs carry connections elsewhere, and what their command lines
//! say of where: ssh, socat, kubectl, the clouds' proxies, poolers by their
//! configuration. A container's published port is this machine's own.

use serde_json::Value;

use crate::invocation::{Context, Invocation};
use crate::parse::url::is_loopback;
use crate::target::docker::Said;
use crate::target::{Evidence, Kind, kube, ssh};
use crate::world::{Endpoint, Process, World};

/// The longest configuration that is read, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// The most names that one command line or configuration gives.
const MAX_NAMES: usize = 8;

/// Programs of which every socket is a tunnel's. What their words say may
/// make the far end production, and never less than unknown.
const CARRIERS: &[&str] = &[
    "az",
    "boundary",
    "chisel",
    "cloudflared",
    "fly",
    "flyctl",
    "frpc",
    "gcloud",
    "gost",
    "heroku",
    "kubefwd",
    "ncat",
    "pscale",
    "railway",
    "redir",
    "rinetd",
    "sdm",
    "sshd",
    "sshd-session",
    "sshuttle",
    "telepresence",
    "tsh",
    "wstunnel",
];

/// Options of ssh that take a value (OpenSSH 9.2).
const SSH_VALUES: &str = "BbcDEeFIiJLlmOopQRSWw";

/// Interpreters: the program is the first word behind.
const INTERPRETERS: &[&str] = &["python", "python3", "node", "ruby", "java", "perl"];

/// A process's program: the name in its command line, without a title's rest
/// (`sshd: ana`), and its executable's.
fn programs(process: &Process) -> Vec<String> {
    let base = |path: &str| -> String {
        let name = path.rsplit('/').next().unwrap_or(path);
        let name = name.split([':', ' ']).next().unwrap_or(name);
        name.trim_start_matches('-').to_owned()
    };
    let title = |word: &str| base(word.split([':', ' ']).next().unwrap_or(word));
    let mut names: Vec<String> =
        process.cmdline.first().map(|word| title(word)).into_iter().collect();
    match &process.exe {
        Some(exe) => names.extend(exe.to_str().map(base)),
        // Another account's, or a system that does not tell: the name that the
        // kernel has.
        None => names.push(base(&process.comm)),
    }
    if names.iter().any(|name| {
        INTERPRETERS.iter().any(|known| {
            name.strip_prefix(known)
                .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
        })
    }) {
        let script = process.cmdline.iter().skip(1).find(|word| !word.starts_with('-'));
        names
            .extend(script.map(|word| base(word).split('.').next().unwrap_or_default().to_owned()));
    }
    names
}

/// What a process's command line says of the far end; none if it is no tunnel.
pub(super) fn far_end(
    process: &Process,
    endpoint: &Endpoint,
    world: &dyn World,
) -> Option<Vec<Evidence>> {
    let words: Vec<&str> = process.cmdline.iter().skip(1).map(String::as_str).collect();
    let names = programs(process);
    let mut found = names.iter().find_map(|name| match name.as_str() {
        // Kept in step with `is_carrier`.
        "ssh" | "autossh" | "slogin" | "plink" => from_ssh(process, &words, endpoint, world),
        "kubectl" | "oc" | "kubecolor" => from_kubectl(&words, world),
        "cloud-sql-proxy" | "cloud_sql_proxy" | "alloydb-auth-proxy" => Some(instances(&words)),
        "session-manager-plugin" => Some(from_session(&words)),
        "socat" => Some(from_socat(&words)),
        "pgbouncer" | "haproxy" | "stunnel" | "stunnel4" => from_config(&words, world),
        name if CARRIERS.contains(&name) => Some(hints(&words)),
        _ => None,
    })?;
    found.truncate(MAX_NAMES);
    Some(found)
}

/// Whether [`far_end`] knows a program of this name.
pub(super) fn is_carrier(program: &str) -> bool {
    const KNOWN: &[&str] = &[
        "alloydb-auth-proxy",
        "autossh",
        "cloud-sql-proxy",
        "cloud_sql_proxy",
        "haproxy",
        "kubecolor",
        "kubectl",
        "oc",
        "pgbouncer",
        "plink",
        "session-manager-plugin",
        "slogin",
        "socat",
        "ssh",
        "stunnel",
        "stunnel4",
    ];
    KNOWN.contains(&program) || CARRIERS.contains(&program)
}

/// Whether a command line names the place that it would listen at.
pub(super) fn names_endpoint(process: &Process, endpoint: &Endpoint) -> bool {
    let wanted = match endpoint {
        Endpoint::Port(port) => port.to_string(),
        Endpoint::Socket(path) => match path.to_str() {
            Some(path) => return process.cmdline.iter().any(|word| word.contains(path)),
            None => return false,
        },
    };
    let is_number = |part: &str| part == wanted;
    process
        .cmdline
        .iter()
        .skip(1)
        .any(|word| word.split(|c: char| !c.is_ascii_digit()).any(is_number))
}

fn name(kind: Kind, source: &'static str, value: impl Into<String>) -> Evidence {
    Evidence::name(kind, source, value)
}

/// A word for each part that may be a name: they may raise, never lower.
fn hints(words: &[&str]) -> Vec<Evidence> {
    let kept = words.iter().filter(|word| word.len() > 2).take(MAX_NAMES);
    kept.map(|word| Evidence::hint(Kind::Resource, "the tunnel", crate::audit::redact::text(word)))
        .collect()
}

/// ssh: its destination and jump hosts, and the host that the forwarding of
/// this place names. A virtual machine's own forwarder leads to this machine.
fn from_ssh(
    process: &Process,
    words: &[&str],
    endpoint: &Endpoint,
    world: &dyn World,
) -> Option<Vec<Evidence>> {
    let title = process.cmdline.join(" ");
    if ["/.lima/", "/.colima/", "/_lima/"].iter().any(|machine| title.contains(machine)) {
        return None;
    }
    let mut destination = None;
    let (mut forwards, mut options, mut jumps) = (Vec::new(), Vec::new(), Vec::new());
    let mut file = None;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            if destination.is_some() {
                break;
            }
            destination = Some(*word);
            continue;
        };
        let Some((at, letter)) = letters.char_indices().find(|(_, c)| SSH_VALUES.contains(*c))
        else {
            continue;
        };
        let attached = letters.get(at + 1..).filter(|value| !value.is_empty());
        let Some(value) = attached.or_else(|| rest.next().copied()) else { break };
        match letter {
            'L' => forwards.push(value),
            'o' => options.push(value.to_owned()),
            'J' => jumps.push(value.to_owned()),
            'F' => file = Some(value),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Some(destination) = destination {
        let invocation = Invocation::default();
        let call = Context { invocation: &invocation, world };
        let (evidence, _) = ssh::evidence(&call, destination, &options, &jumps, file);
        found.extend(evidence.into_iter().map(|one| Evidence { asserts: None, ..one }));
    }
    let own: Vec<&str> =
        forwards.iter().copied().filter(|forward| listens_at(forward, endpoint)).collect();
    let mine = if own.is_empty() { forwards } else { own };
    found.extend(mine.iter().filter_map(|forward| {
        let host = forwarded_host(forward)?;
        (!is_loopback(host)).then(|| name(Kind::Host, "ssh -L", host))
    }));
    Some(found)
}

/// Whether a `-L` value listens at a place: `[bind:]port:…` or `/path:…`.
fn listens_at(forward: &str, endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Port(port) => {
            let port = port.to_string();
            forward.split([':', '/']).take(3).any(|part| part == port)
        }
        Endpoint::Socket(path) => path.to_str().is_some_and(|path| forward.starts_with(path)),
    }
}

/// The host of a `-L` value: the part in front of the last, unless that is a
/// socket's path.
fn forwarded_host(forward: &str) -> Option<&str> {
    let (front, last) = forward.rsplit_once(':')?;
    if last.starts_with('/') {
        return None;
    }
    match front.strip_suffix(']') {
        Some(inside) => inside.rsplit_once('[').map(|(_, host)| host),
        None => Some(front.rsplit_once(':').map_or(front, |(_, host)| host)),
    }
}

/// `kubectl port-forward`: the context, the namespace, what it forwards to.
fn from_kubectl(words: &[&str], world: &dyn World) -> Option<Vec<Evidence>> {
    if !words.iter().any(|word| matches!(*word, "port-forward" | "proxy")) {
        return None;
    }
    let said = |long: &'static str, short: Option<&str>| -> Option<Said> {
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if *word == long || Some(*word) == short {
                return Some((long, (*rest.next()?).to_owned(), false));
            }
            let attached = word.strip_prefix(long).and_then(|value| value.strip_prefix('='));
            if let Some(value) = attached {
                return Some((long, value.to_owned(), false));
            }
        }
        None
    };
    let invocation = Invocation::default();
    let call = Context { invocation: &invocation, world };
    let given = said("--context", None);
    // The current context may have been another when it started.
    let certain = given.is_some();
    let file = said("--kubeconfig", None);
    let asked = kube::Asked { context: given, file, ..kube::Asked::default() };
    let mut names: Vec<Evidence> = kube::cluster(&call, &asked).evidence;
    names.retain(|one| one.kind != Kind::Port);
    if !certain {
        names = names
            .into_iter()
            .map(|one| Evidence {
                asserts: None,
                ..Evidence::hint(one.kind, one.source, one.value)
            })
            .collect();
    }
    names.extend(
        said("--namespace", Some("-n"))
            .map(|(_, value, _)| name(Kind::Namespace, "--namespace", value)),
    );
    let resource = words.iter().skip_while(|word| **word != "port-forward").skip(1);
    let resource = resource.filter(|word| word.contains('/')).take(1);
    names.extend(resource.map(|word| name(Kind::Resource, "kubectl port-forward", *word)));
    Some(names)
}

/// Google's proxies: instances as `project:region:name`.
fn instances(words: &[&str]) -> Vec<Evidence> {
    let words = words.iter().filter_map(|word| match word.strip_prefix('-') {
        Some(option) => option.trim_start_matches('-').strip_prefix("instances="),
        None => Some(*word),
    });
    let instances = words
        .flat_map(|word| word.split(','))
        .filter(|word| word.matches(':').count() >= 2 || (word.contains("/instances/")));
    let named = instances.map(|word| {
        let word = word.split(['=', '?']).next().unwrap_or(word);
        name(Kind::Resource, "the proxy's instance", word)
    });
    named.collect()
}

/// AWS's session plugin: the target and host of its request, and the profile.
fn from_session(words: &[&str]) -> Vec<Evidence> {
    let mut found = Vec::new();
    for word in words.iter().filter(|word| word.starts_with('{')) {
        let Ok(value) = serde_json::from_str::<Value>(word) else { continue };
        if let Some(target) = value.get("Target").and_then(Value::as_str) {
            found.push(name(Kind::Resource, "the session's target", target));
        }
        let hosts = value.pointer("/Parameters/host").and_then(Value::as_array);
        for host in hosts.into_iter().flatten().filter_map(Value::as_str) {
            found.push(name(Kind::Host, "the session's host", host));
        }
    }
    let after = words.iter().skip_while(|word| **word != "StartSession").nth(1);
    if let Some(profile) = after.filter(|word| !word.is_empty() && !word.starts_with(['{', 'h'])) {
        found.push(name(Kind::Profile, "the session's profile", *profile));
    }
    found
}

/// socat: the host of the address that does not listen.
fn from_socat(words: &[&str]) -> Vec<Evidence> {
    let addresses = words.iter().filter(|word| !word.starts_with('-') && word.contains(':'));
    let far = addresses.filter(|word| !word.to_ascii_uppercase().contains("LISTEN"));
    let hosts = far.flat_map(|word| {
        let (kind, rest) = word.split_once(':').unwrap_or_default();
        let kind = kind.to_ascii_uppercase();
        let program = matches!(kind.as_str(), "EXEC" | "SYSTEM" | "SHELL");
        let file = kind.starts_with("UNIX") || kind.starts_with("ABSTRACT");
        let count = if kind.starts_with("SOCKS") || kind.starts_with("PROXY") { 2 } else { 1 };
        let parts: Vec<&str> = match (program, file) {
            (true, _) => rest
                .split([' ', ','])
                .filter(|word| !word.starts_with('-'))
                .skip(1)
                .take(2)
                .collect(),
            (_, true) => Vec::new(),
            _ => rest.split([':', ',']).take(count).collect(),
        };
        parts.into_iter().map(str::to_owned).collect::<Vec<String>>()
    });
    let elsewhere = hosts.filter(|host| !is_loopback(host) && !host.is_empty());
    elsewhere.map(|host| name(Kind::Host, "socat", ssh::host(&host).to_owned())).collect()
}

/// A pooler or proxy by its configuration: the servers behind it. None where
/// all of them are this machine's; unknown where it cannot be read.
fn from_config(words: &[&str], world: &dyn World) -> Option<Vec<Evidence>> {
    let path = words
        .iter()
        .find(|word| word.contains('/') && !word.starts_with('-') && !word.ends_with(".pid"));
    let bytes = path.and_then(|path| world.read(path.as_ref(), MAX_FILE).ok());
    let Some(bytes) = bytes else { return Some(Vec::new()) };
    let text = String::from_utf8_lossy(&bytes);
    let hosts = text.lines().map(str::trim).filter(|line| !line.starts_with([';', '#']));
    let hosts = hosts.flat_map(|line| {
        let pgbouncer = line.split_whitespace().filter_map(|word| word.strip_prefix("host="));
        let haproxy = line.strip_prefix("server ").and_then(|rest| rest.split_whitespace().nth(1));
        let stunnel = line.strip_prefix("connect").map(|rest| rest.trim_start_matches([' ', '=']));
        let found: Vec<&str> = pgbouncer.chain(haproxy).chain(stunnel).collect();
        found
    });
    let host = |written: &str| -> String {
        let written = written.trim_matches('\'').trim();
        match written.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => host.to_owned(),
            _ => written.to_owned(),
        }
    };
    let is_here = |host: &String| {
        host.is_empty() || host.starts_with('/') || is_loopback(host) || host.parse::<u16>().is_ok()
    };
    let elsewhere: Vec<Evidence> = hosts
        .map(host)
        .filter(|host| !is_here(host))
        .take(MAX_NAMES)
        .map(|host| name(Kind::Host, "the pooler's configuration", host))
        .collect();
    (!elsewhere.is_empty()).then_some(elsewhere)
}
