//! What each form of a deletion sends, beside what we read in it.

use std::thread;

use holdpoint::action::{Effect, Flag};

use super::{judged, world};
use crate::kube_server::KubeServer;

/// A namespace and a claim in it.
pub const MANIFEST: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: pay}\n---\n\
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
