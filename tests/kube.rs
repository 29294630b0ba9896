//! The real kubectl and helm in front of servers that write down what they
//! are asked: which server and namespace mixtures of files and options reach,
//! and what each form of a deletion sends, beside what we read in it.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "kube/deletions.rs"]
mod deletions;
#[path = "support/kube_server.rs"]
mod kube_server;

use std::fs;
use std::thread;

use deletions::MANIFEST;
use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::Judgement;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::target::Kind;
use holdpoint::world::fake::FakeWorld;
use kube_server::KubeServer;

/// A world in which the files of the server's folder are the same.
fn world(server: &KubeServer, files: &[(&str, String)]) -> FakeWorld {
    let home = server.dir().to_str().expect("a path");
    let mut world = FakeWorld::new().with_var("HOME", home);
    world.cwd = server.dir().to_owned();
    for (name, text) in files {
        let path = server.dir().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        world = world.with_file(path.to_str().expect("a path"), text);
    }
    world
}

fn judged(words: &[&str], world: &FakeWorld) -> Judgement {
    let invocation = Invocation::new(words.iter().copied());
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    pipeline::judge(Subject::Command(&invocation), world, options).judgement
}

/// Files whose entries overlap. Each server is another cluster.
fn configs(server: &KubeServer) -> Vec<(&'static str, String)> {
    let at = |index: usize| format!("http://127.0.0.1:{}", server.port(index));
    let (a, b, c) = (at(0), at(1), at(2));
    vec![
        (
            "a",
            format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: dev\nclusters:\n\
                 - name: one\n  cluster: {{server: \"{a}\"}}\n\
                 - name: two\n  cluster: {{server: \"{b}\"}}\n\
                 contexts:\n- name: dev\n  context: {{cluster: one, user: u, namespace: n-dev}}\n\
                 - name: prod\n  context: {{cluster: two, user: u}}\nusers:\n- name: u\n  user: {{}}\n"
            ),
        ),
        (
            "b",
            format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters:\n\
                 - name: one\n  cluster: {{server: \"{c}\"}}\n\
                 - name: three\n  cluster: {{server: \"{c}\"}}\n\
                 contexts:\n- name: dev\n  context: {{cluster: three, user: u, namespace: n-b}}\n\
                 - name: other\n  context: {{cluster: three, user: u, namespace: n-other}}\n\
                 - name: prod\n  context: {{cluster: one, user: u, namespace: n-prod}}\n\
                 users:\n- name: u\n  user: {{}}\n"
            ),
        ),
        (
            "half",
            "apiVersion: v1\nkind: Config\nclusters:\n- name: one\n  cluster: {}\n\
             contexts:\n- name: dev\n  context: {namespace: n-half}\n"
                .to_owned(),
        ),
        (
            "json",
            format!(
                "{{\"apiVersion\": \"v1\", \"kind\": \"Config\", \"current-context\": \"j\", \"clusters\": [{{\"name\": \"j\", \"cluster\": {{\"server\": \"{b}/base\"}}}}], \"contexts\": [{{\"name\": \"j\", \"context\": {{\"cluster\": \"j\", \"user\": \"\", \"namespace\": \"n-j\"}}}}]}}"
            ),
        ),
        ("empty", String::new()),
        (
            ".kube/config",
            format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: home\nclusters:\n- name: home\n  cluster: {{server: \"{c}\"}}\ncontexts:\n- name: home\n  context: {{cluster: home, user: u, namespace: n-home}}\n"
            ),
        ),
    ]
}

const LISTS: &[Option<&str>] = &[
    None,
    Some(""),
    Some("a"),
    Some("a:b"),
    Some("b:a"),
    Some("half:a:b"),
    Some("missing:b"),
    Some("empty:json"),
    Some("json:a"),
    Some("::a:"),
];

/// `@0` stands for the first server's address.
const WORDS: &[&str] = &[
    "",
    "--context dev",
    "--context=prod",
    "--context other",
    "--cluster=two",
    "--context=dev --cluster=three",
    "-s @0",
    "--server=@1 --context prod",
    "-n x",
    "-nx --context=prod",
    "--namespace=y --cluster one",
    "--kubeconfig=a --context prod",
    "--kubeconfig json",
    "--context= -n=z",
    "--context dev --context prod",
    "-s @2 -n q",
    "--cluster=two -n r",
];

#[test]
fn kubectl_goes_where_we_say_it_goes() {
    let cases: Vec<(Option<&str>, &str)> =
        LISTS.iter().flat_map(|list| WORDS.iter().map(|words| (*list, *words))).collect();
    assert!(cases.len() >= 150);
    let reached: usize = thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(3));
        let workers: Vec<_> = parts
            .map(|part| {
                scope.spawn(move || {
                    let server = KubeServer::start();
                    part.iter().filter(|(list, words)| agrees(&server, *list, words)).count()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("agreement")).sum()
    });
    assert!(reached >= 100, "only {reached} mixtures reach a server");
}

/// Whether the client reached a server; it must be the one that we say.
fn agrees(server: &KubeServer, list: Option<&str>, words: &str) -> bool {
    let files = configs(server);
    let mut world = world(server, &files);
    let words = (0..3).fold(words.to_owned(), |text, index| {
        text.replace(&format!("@{index}"), &format!("http://127.0.0.1:{}", server.port(index)))
    });
    let words: Vec<&str> = ["get", "pods"].into_iter().chain(words.split_whitespace()).collect();
    let mut client = server.client("kubectl");
    client.args(&words);
    if let Some(list) = list {
        client.env("KUBECONFIG", list);
        world = world.with_var("KUBECONFIG", list);
    }
    let done = client.output().expect("kubectl runs");
    let asked = server.requests();
    let Some((port, request)) = asked.iter().find(|(_, request)| request.contains("/pods")) else {
        assert!(!done.status.success(), "{list:?} {words:?}: it asked nothing");
        return false;
    };
    let command: Vec<&str> = ["kubectl"].into_iter().chain(words.iter().copied()).collect();
    let judgement = judged(&command, &world);
    let target = &judgement.actions.first().expect("a read").action.target;
    let said = |kind: Kind| {
        let found = target.evidence.iter().find(|one| one.kind == kind);
        found.map(|one| one.value.clone())
    };
    let namespace = request.split("/namespaces/").nth(1).and_then(|rest| rest.split('/').next());
    let namespace = namespace.filter(|name| *name != "default").map(str::to_owned);
    let what = format!("{list:?} {words:?}: it asked {request} of {port}; we read {target:?}");
    assert_eq!(said(Kind::Port), Some(port.to_string()), "{what}");
    assert_eq!(said(Kind::Namespace), namespace, "{what}");
    true
}

/// Variables, words.
const HELM: &[(&[(&str, &str)], &str)] = &[
    (&[], ""),
    (&[("KUBECONFIG", "a")], ""),
    (&[("KUBECONFIG", "b:a")], ""),
    (&[("KUBECONFIG", "a")], "--kube-context prod"),
    (&[("KUBECONFIG", "a"), ("HELM_KUBECONTEXT", "prod")], ""),
    (&[("KUBECONFIG", "a"), ("HELM_KUBECONTEXT", "prod")], "--kube-context dev"),
    (&[("KUBECONFIG", "a"), ("HELM_NAMESPACE", "h")], ""),
    (&[("KUBECONFIG", "a"), ("HELM_NAMESPACE", "h")], "-n w"),
    (&[("KUBECONFIG", "a")], "--kubeconfig b"),
    (&[("KUBECONFIG", "a")], "--kube-apiserver @2"),
    (&[("KUBECONFIG", "a"), ("HELM_KUBEAPISERVER", "@1")], "-n w"),
    (&[("KUBECONFIG", "a"), ("HELM_KUBEAPISERVER", "@1")], "--kube-apiserver=@0"),
];

#[test]
fn helm_goes_where_we_say_it_goes() {
    let server = KubeServer::start();
    for (variables, words) in HELM {
        let mut world = world(&server, &configs(&server));
        let at = |text: &str| {
            (0..3).fold(text.to_owned(), |text, index| {
                let address = format!("http://127.0.0.1:{}", server.port(index));
                text.replace(&format!("@{index}"), &address)
            })
        };
        let words = at(words);
        let mut client = server.client("helm");
        client.arg("list").args(words.split_whitespace());
        for (name, value) in *variables {
            client.env(name, at(value));
            world = world.with_var(name, &at(value));
        }
        let done = client.output().expect("helm runs");
        let asked = server.requests();
        let error = String::from_utf8_lossy(&done.stderr);
        let (port, request) = asked
            .iter()
            .find(|(_, request)| request.contains("/secrets"))
            .unwrap_or_else(|| panic!("{variables:?} {words}: it asked nothing: {error}"));
        let command: Vec<&str> =
            ["helm", "list"].into_iter().chain(words.split_whitespace()).collect();
        let judgement = judged(&command, &world);
        let target = &judgement.actions.first().expect("a read").action.target;
        let said = |kind: Kind| {
            let found = target.evidence.iter().find(|one| one.kind == kind);
            found.map(|one| one.value.as_str())
        };
        let namespace =
            request.split("/namespaces/").nth(1).and_then(|rest| rest.split('/').next());
        let what = format!("{variables:?} {words}: {request} of {port}; we read {target:?}");
        assert_eq!(said(Kind::Port), Some(port.to_string().as_str()), "{what}");
        assert_eq!(said(Kind::Namespace), namespace.filter(|name| *name != "default"), "{what}");
    }
}

/// kubectl behind its shim, as an agent runs it.
fn shimmed(server: &KubeServer, address: &str) -> std::process::Output {
    let shims = server.dir().join("shims");
    fs::create_dir_all(&shims).expect("a folder");
    let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_holdpoint"), shims.join("kubectl"));
    let tools = kube_server::tool("kubectl");
    let tools = tools.parent().expect("a folder");
    fs::write(server.dir().join("m.yaml"), MANIFEST).expect("a file");
    let url = format!("http://{address}:{}", server.port(0));
    std::process::Command::new(shims.join("kubectl"))
        .args(["-s", &url, "delete", "-f", "m.yaml", "--wait=false"])
        .env_clear()
        .env("HOME", server.dir())
        .env("CLAUDECODE", "1")
        .env("PATH", format!("{}:{}:/usr/bin:/bin", shims.display(), tools.display()))
        .current_dir(server.dir())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the shim runs")
}

#[test]
fn behind_the_shim_a_file_is_deleted_on_this_machine_and_kept_on_production() {
    let server = KubeServer::start();
    let deletes = |server: &KubeServer| {
        let asked = server.requests();
        asked.iter().filter(|(_, request)| request.starts_with("DELETE")).count()
    };
    let done = shimmed(&server, "prod.localhost");
    let error = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(77), "{error}");
    assert!(error.contains("namespace pay") && error.contains("prod.localhost"), "{error}");
    assert_eq!(deletes(&server), 0);
    let done = shimmed(&server, "127.0.0.1");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(deletes(&server), 2);
}
