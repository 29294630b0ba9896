//! The real kubectl and helm in front of servers that write down what they
//! are asked: which server and namespace mixtures of files and options reach,
//! and what each form of a deletion sends, beside what we read in it.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/kube_server.rs"]
mod kube_server;

use std::fs;
use std::thread;

use holdpoint::action::{Effect, Flag};
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

const MANIFEST: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: pay}\n---\n\
    apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PersistentVolumeClaim\n  \
    metadata: {name: d, namespace: pay}\n";
const POD: &str = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"}}";
const KUSTOMIZATION: &str = "namespace: shop\nresources: [web.yaml]\n";
const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {selector: {}, template: {}}\n";

/// The line, what we read in it, and what it sends beside GETs.
const DELETES: &[(&str, &str, &[&str])] = &[
    ("delete ns foo", "destroy irreversible", &["DELETE /api/v1/namespaces/foo"]),
    ("delete ns/foo", "destroy irreversible", &["DELETE /api/v1/namespaces/foo"]),
    ("delete Namespace foo", "destroy irreversible", &["DELETE /api/v1/namespaces/foo"]),
    ("delete namespaces. foo", "destroy irreversible", &["DELETE /api/v1/namespaces/foo"]),
    (
        "--wait=false -A=false delete ns foo",
        "destroy irreversible",
        &["DELETE /api/v1/namespaces/foo"],
    ),
    (
        "--ignore-not-found ns delete foo",
        "destroy irreversible",
        &["DELETE /api/v1/namespaces/foo"],
    ),
    (
        "delete ns foo --dry-run=client --dry-run=none",
        "destroy irreversible",
        &["DELETE /api/v1/namespaces/foo"],
    ),
    ("delete ns foo --dry-run=false", "destroy irreversible", &["DELETE /api/v1/namespaces/foo"]),
    ("delete ns foo --dry-run", "read", &[]),
    ("delete ns foo --dry-run=t", "read", &[]),
    (
        "delete ns foo --dry-run=none --dry-run=server",
        "read",
        &["DELETE /api/v1/namespaces/foo dry"],
    ),
    (
        "delete pvc d",
        "destroy irreversible",
        &["DELETE /api/v1/namespaces/default/persistentvolumeclaims/d"],
    ),
    ("delete pv d", "destroy irreversible", &["DELETE /api/v1/persistentvolumes/d"]),
    (
        "delete crd widgets.example.com",
        "destroy irreversible",
        &["DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"],
    ),
    (
        "delete vs s",
        "destroy backups",
        &["DELETE /apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots/s"],
    ),
    (
        "delete -nshop deploy web",
        "destroy",
        &["DELETE /apis/apps/v1/namespaces/shop/deployments/web"],
    ),
    (
        "delete deployments.v1.apps/web",
        "destroy",
        &["DELETE /apis/apps/v1/namespaces/default/deployments/web"],
    ),
    (
        "delete Deployments.apps web",
        "destroy",
        &["DELETE /apis/apps/v1/namespaces/default/deployments/web"],
    ),
    (
        "delete sts,svc web",
        "destroy",
        &[
            "DELETE /apis/apps/v1/namespaces/default/statefulsets/web",
            "DELETE /api/v1/namespaces/default/services/web",
        ],
    ),
    (
        "delete po/a secret/b",
        "destroy",
        &[
            "DELETE /api/v1/namespaces/default/pods/a",
            "DELETE /api/v1/namespaces/default/secrets/b",
        ],
    ),
    ("delete cm a", "destroy", &["DELETE /api/v1/namespaces/default/configmaps/a"]),
    (
        "delete widgets one",
        "destroy",
        &["DELETE /apis/example.com/v1/namespaces/default/widgets/one"],
    ),
    ("delete wd one", "destroy", &["DELETE /apis/example.com/v1/namespaces/default/widgets/one"]),
    ("delete pod a", "write", &["DELETE /api/v1/namespaces/default/pods/a"]),
    (
        "delete pods a b",
        "write",
        &["DELETE /api/v1/namespaces/default/pods/a", "DELETE /api/v1/namespaces/default/pods/b"],
    ),
    (
        "delete pods --all",
        "disrupt",
        &[
            "DELETE /api/v1/namespaces/default/pods/one",
            "DELETE /api/v1/namespaces/default/pods/two",
        ],
    ),
    (
        "delete pods -l a=b",
        "disrupt",
        &[
            "DELETE /api/v1/namespaces/default/pods/one",
            "DELETE /api/v1/namespaces/default/pods/two",
        ],
    ),
    (
        "delete pods --field-selector=status.phase=Failed",
        "write",
        &[
            "DELETE /api/v1/namespaces/default/pods/one",
            "DELETE /api/v1/namespaces/default/pods/two",
        ],
    ),
    ("delete rs a", "disrupt", &["DELETE /apis/apps/v1/namespaces/default/replicasets/a"]),
    ("delete node n", "disrupt", &["DELETE /api/v1/nodes/n"]),
    ("delete job a", "write", &["DELETE /apis/batch/v1/namespaces/default/jobs/a"]),
    (
        "delete clusterrole a",
        "write permission",
        &["DELETE /apis/rbac.authorization.k8s.io/v1/clusterroles/a"],
    ),
    (
        "delete netpol a",
        "write permission",
        &["DELETE /apis/networking.k8s.io/v1/namespaces/default/networkpolicies/a"],
    ),
    ("delete sc a", "write", &["DELETE /apis/storage.k8s.io/v1/storageclasses/a"]),
    (
        "delete -f m.yaml",
        "destroy irreversible",
        &[
            "DELETE /api/v1/namespaces/pay",
            "DELETE /api/v1/namespaces/pay/persistentvolumeclaims/d",
        ],
    ),
    (
        "-f m.yaml delete",
        "destroy irreversible",
        &[
            "DELETE /api/v1/namespaces/pay",
            "DELETE /api/v1/namespaces/pay/persistentvolumeclaims/d",
        ],
    ),
    (
        "delete -f p.json,web.yaml",
        "destroy",
        &[
            "DELETE /api/v1/namespaces/default/pods/p",
            "DELETE /apis/apps/v1/namespaces/default/deployments/web",
        ],
    ),
    ("delete --filename=p.json", "write", &["DELETE /api/v1/namespaces/default/pods/p"]),
    ("delete -f p.json -n x", "write", &["DELETE /api/v1/namespaces/x/pods/p"]),
    ("delete -k k", "destroy", &["DELETE /apis/apps/v1/namespaces/shop/deployments/web"]),
    (
        "delete --raw /api/v1/namespaces/foo",
        "destroy irreversible",
        &["DELETE /api/v1/namespaces/foo"],
    ),
    ("delete --raw=/api/v1/namespaces/x/pods/p", "write", &["DELETE /api/v1/namespaces/x/pods/p"]),
    ("delete --raw=/api/v1/namespaces/x/pods", "disrupt", &["DELETE /api/v1/namespaces/x/pods"]),
    (
        "scale deploy/web --replicas 0",
        "disrupt",
        &["PATCH /apis/apps/v1/namespaces/default/deployments/web/scale"],
    ),
    (
        "scale deploy/web --replicas=0x0",
        "disrupt",
        &["PATCH /apis/apps/v1/namespaces/default/deployments/web/scale"],
    ),
    (
        "scale deploy/web --replicas=2",
        "write",
        &["PATCH /apis/apps/v1/namespaces/default/deployments/web/scale"],
    ),
    ("cordon n", "disrupt", &["PATCH /api/v1/nodes/n"]),
    ("cordon n --dry-run=client", "read", &[]),
    (
        "patch pvc d -p {\"metadata\":{\"finalizers\":null}}",
        "destroy irreversible",
        &["PATCH /api/v1/namespaces/default/persistentvolumeclaims/d"],
    ),
    (
        "patch pvc/d --type=json -p=[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]",
        "destroy irreversible",
        &["PATCH /api/v1/namespaces/default/persistentvolumeclaims/d"],
    ),
    (
        "patch pv d --patch-file keep.json",
        "destroy backups",
        &["PATCH /api/v1/persistentvolumes/d"],
    ),
    (
        "patch deploy web -p {\"spec\":{\"replicas\":0}}",
        "disrupt",
        &["PATCH /apis/apps/v1/namespaces/default/deployments/web"],
    ),
    (
        "patch deploy web -p {\"spec\":{\"paused\":true}}",
        "write",
        &["PATCH /apis/apps/v1/namespaces/default/deployments/web"],
    ),
    (
        "replace --raw /api/v1/namespaces/foo/finalize -f ns.json",
        "destroy irreversible",
        &["PUT /api/v1/namespaces/foo/finalize"],
    ),
];

#[test]
fn what_a_line_sends_is_what_we_read_in_it() {
    thread::scope(|scope| {
        let workers: Vec<_> = DELETES
            .chunks(DELETES.len().div_ceil(3))
            .map(|part| {
                scope.spawn(move || {
                    let server = KubeServer::start();
                    part.iter().for_each(|(line, reads, sends)| sent(&server, line, reads, sends));
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().expect("agreement"));
    });
}

#[track_caller]
fn sent(server: &KubeServer, line: &str, reads: &str, sends: &[&str]) {
    let files: Vec<(&str, String)> = [
        ("m.yaml", MANIFEST),
        ("p.json", POD),
        ("web.yaml", WEB),
        ("k/kustomization.yaml", KUSTOMIZATION),
        ("k/web.yaml", WEB),
        ("keep.json", "{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Delete\"}}"),
        ("ns.json", "{\"kind\": \"Namespace\"}"),
    ]
    .map(|(name, text)| (name, text.to_owned()))
    .into();
    let world = world(server, &files);
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let judgement =
        judged(&["kubectl"].into_iter().chain(words.clone()).collect::<Vec<_>>(), &world);
    let worst = judgement.actions.iter().map(|judged| judged.action.effect).max();
    let word = worst.map_or("read", Effect::word);
    let flags = Flag::ALL
        .into_iter()
        .filter(|flag| judgement.actions.iter().any(|judged| judged.action.flags.has(*flag)));
    let all: Vec<&str> = [word].into_iter().chain(flags.map(Flag::word)).collect();
    assert_eq!(all.join(" "), reads, "{line}");

    let address = format!("http://127.0.0.1:{}", server.port(0));
    words.extend(["-s", &address]);
    if words.contains(&"delete") && !words.iter().any(|word| word.starts_with("--raw")) {
        words.push("--wait=false");
    }
    server.requests();
    let done = server.client("kubectl").args(&words).output().expect("kubectl runs");
    let asked = server.requests();
    let mut asked: Vec<&str> = asked
        .iter()
        .map(|(_, request)| request.as_str())
        .filter(|request| !request.starts_with("GET "))
        .collect();
    let mut sends = sends.to_vec();
    asked.sort_unstable();
    sends.sort_unstable();
    assert_eq!(asked, sends, "{line}: {}", String::from_utf8_lossy(&done.stderr));
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
