//! kubectl's words, files and patches, as they are read; the same command in
//! each kind of place.

use crate::action::{Effect, Flag};
use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Outcome, Subject};
use crate::target::Class;
use crate::world::fake::FakeWorld;

const CONFIG: &str = "apiVersion: v1\nkind: Config\ncurrent-context: main\nclusters:\n\
    - {name: prod, cluster: {server: 'https://k8s.prod.acme.com:6443'}}\n\
    - {name: stage, cluster: {server: 'https://k8s.staging.acme.com:6443'}}\n\
    - {name: main, cluster: {server: 'https://10.1.2.3:6443'}}\n\
    - {name: kind-x, cluster: {server: 'https://127.0.0.1:40001'}}\n\
    - {name: away, cluster: {server: 'https://k8s.acme.com'}}\n\
    - {name: proxied, cluster: {server: 'https://127.0.0.1:1', proxy-url: 'socks5://bastion:1080'}}\n\
    - {name: tunnel, cluster: {server: 'https://127.0.0.1:2', tls-server-name: k8s.prod.acme.com}}\n\
    - {name: eks, cluster: {server: 'https://ABC.gr7.eu-west-1.eks.amazonaws.com'}}\n\
    contexts:\n\
    - {name: prod, context: {cluster: prod, user: admin}}\n\
    - {name: stage, context: {cluster: stage, user: admin}}\n\
    - {name: main, context: {cluster: main, user: admin}}\n\
    - {name: kind-x, context: {cluster: kind-x, user: admin}}\n\
    - {name: kind-y, context: {cluster: away, user: admin}}\n\
    - {name: dev, context: {cluster: away, user: admin}}\n\
    - {name: proxied, context: {cluster: proxied, user: admin}}\n\
    - {name: tunnel, context: {cluster: tunnel, user: admin}}\n\
    - {name: 'arn:aws:eks:eu-west-1:123456789012:cluster/shop-prod', context: {cluster: eks}}\n\
    - {name: gke_acme-staging_europe-west1_shop, context: {cluster: main}}\n\
    - {name: eks-by-profile, context: {cluster: eks, user: plugin}}\n\
    users:\n- {name: admin, user: {}}\n\
    - {name: plugin, user: {exec: {args: [eks, get-token, --profile, acme-prod]}}}\n";

fn world() -> FakeWorld {
    FakeWorld::new()
        .with_file("/home/ana/.kube/config", CONFIG)
        .with_file("pod.yaml", "kind: Pod\nmetadata: {name: a}\n")
        .with_file("ns.yaml", "kind: Namespace\nmetadata: {name: pay}\n")
        .with_file("web.yaml", "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\n")
        .with_file("in-dev.yaml", "kind: Secret\nmetadata: {name: a, namespace: dev}\n")
        .with_file(
            "sts.yaml",
            "kind: StatefulSet\napiVersion: apps/v1\nmetadata: {name: a}\nspec:\n  \
             persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}\n",
        )
        .with_file("broken.yaml", "kind: [")
        .with_file("k/kustomization.yaml", "resources: [base, https://example.com/x]\n")
        .with_file("k/base/kustomization.yaml", "resources: [ns.yaml]\n")
        .with_file("k/base/ns.yaml", "kind: Namespace\nmetadata: {name: pay}\n")
}

fn outcome(line: &str, world: &FakeWorld, full: bool) -> Outcome {
    let options = Options { actor: Some(ActorKind::Agent), full };
    pipeline::judge(Subject::Line(line, &Invocation::default()), world, options)
}

fn judged(line: &str) -> Judgement {
    outcome(line, &world(), true).judgement
}

/// The worst effect and every flag.
fn reads(line: &str) -> String {
    let judgement = judged(line);
    let actions = || judgement.actions.iter().map(|judged| &judged.action);
    let effect = actions().map(|action| action.effect).max().map_or("nothing", Effect::word);
    let flags = Flag::ALL.into_iter().filter(|flag| actions().any(|one| one.flags.has(*flag)));
    [effect].into_iter().chain(flags.map(Flag::word)).collect::<Vec<_>>().join(" ")
}

fn class(line: &str) -> Class {
    let judgement = judged(line);
    judgement.actions.iter().map(|judged| judged.class).max().expect("an action")
}

#[test]
fn a_line_is_read_by_what_it_takes_away() {
    for (line, expected) in [
        ("kubectl delete ns pay", "destroy irreversible"),
        ("kubectl delete -f ns.yaml", "destroy irreversible"),
        ("kubectl delete -f pod.yaml", "write"),
        ("kubectl delete -f pod.yaml,web.yaml", "destroy"),
        ("kubectl delete -f pod.yaml -f ns.yaml", "destroy irreversible"),
        ("kubectl delete -f sts.yaml", "destroy irreversible"),
        ("kubectl delete -f broken.yaml", "destroy opaque"),
        ("kubectl delete -f missing.yaml", "destroy opaque"),
        ("kubectl delete -f '*.yaml'", "destroy opaque"),
        ("kubectl delete -f k/base/", "destroy irreversible opaque"),
        ("kubectl delete -k k/base", "destroy irreversible"),
        ("kubectl delete -k k", "destroy irreversible opaque"),
        ("cat ns.yaml | kubectl delete -f -", "destroy irreversible"),
        ("helm template . | kubectl delete -f -", "destroy opaque"),
        ("kubectl delete", "nothing"),
        ("kubectl delete pods", "nothing"),
        ("kubectl delete $KIND a", "destroy opaque"),
        ("kubectl delete pod/$NAME", "write"),
        ("kubectl delete --dry-run=$HOW ns pay", "destroy irreversible"),
        ("kubectl delete ns pay --dry-run=client", "read"),
        ("kubectl delete pods --all=false a", "write"),
        ("kubectl apply -f ns.yaml", "write"),
        ("kubectl apply --prune -l a=b -f web.yaml", "destroy"),
        (
            "kubectl apply --prune --prune-allowlist=core/v1/Namespace --all -f web.yaml",
            "destroy irreversible",
        ),
        ("kubectl apply --force -f web.yaml", "disrupt"),
        ("kubectl apply --force -f pod.yaml", "write"),
        ("kubectl apply --force -f ns.yaml", "destroy irreversible"),
        ("kubectl replace --force -f web.yaml", "disrupt"),
        ("kubectl replace --force -f ns.yaml", "destroy irreversible"),
        ("kubectl replace --force -f missing.yaml", "destroy opaque"),
        ("kubectl replace -f ns.yaml", "write"),
        ("kubectl patch -f ns.yaml -p 'metadata: {finalizers: []}'", "destroy irreversible"),
        ("kubectl patch ns pay -p $PATCH", "write opaque"),
        ("kubectl patch deploy web -p $PATCH", "write"),
        ("kubectl patch deploy web --local -f web.yaml -p 'spec: {replicas: 0}'", "read"),
        ("kubectl scale deploy web --replicas=$N", "disrupt"),
        ("kubectl scale deploy web --replicas=-0", "disrupt"),
        ("kubectl scale deploy web --replicas=10", "write"),
        ("kubectl taint nodes n a=b:NoExecute", "disrupt"),
        ("kubectl taint nodes n a=b:NoExecute-", "write"),
        ("kubectl taint nodes n a=b:NoSchedule", "write"),
        ("kubectl edit pv data", "write opaque"),
        ("echo 'drop table t' | kubectl attach -i db-0", "write opaque"),
        ("kubectl attach db-0", "write"),
        ("kubectl auth reconcile -f rbac.yaml", "write permission"),
        ("kubectl config use-context prod", "write retarget"),
        ("kubectl config view", "read"),
        ("kubectl neat", "nothing"),
        ("kubectl $VERB ns pay", "write opaque"),
        ("kubectl velero backup delete x", "destroy backups"),
        ("kubectl cnpg destroy shop 2", "destroy irreversible"),
        ("kubectl --force ns delete pay", "destroy irreversible"),
        ("oc adm drain n", "disrupt"),
        ("oc project prod", "write retarget"),
    ] {
        assert_eq!(reads(line), expected, "{line}");
    }
}

#[test]
fn the_place_is_where_the_client_goes() {
    for (words, expected) in [
        ("--context prod", Class::Production),
        ("--context stage", Class::Staging),
        ("", Class::Unknown),
        ("--context kind-x", Class::Local),
        // The name is of this machine, the server is not.
        ("--context kind-y", Class::Unknown),
        ("--context proxied", Class::Unknown),
        ("--context tunnel", Class::Production),
        ("--context dev", Class::Development),
        // What an option replaces, the context's name says nothing about.
        ("--context dev -s https://10.9.9.9", Class::Unknown),
        ("--context dev --cluster main", Class::Unknown),
        ("--context dev --cluster prod", Class::Production),
        ("--context kind-x --server=https://k8s.prod.acme.com", Class::Production),
        ("-s http://localhost:8080", Class::Local),
        ("-n prod", Class::Production),
        ("-n dev", Class::Development),
        ("-n dev --context prod", Class::Production),
        ("--context=$CONTEXT", Class::Unknown),
        ("--context arn:aws:eks:eu-west-1:123456789012:cluster/shop-prod", Class::Production),
        ("--context gke_acme-staging_europe-west1_shop", Class::Staging),
        ("--context eks-by-profile", Class::Production),
        ("--kubeconfig missing", Class::Unknown),
    ] {
        assert_eq!(class(&format!("kubectl delete deploy web {words}")), expected, "{words}");
    }
}

#[test]
fn a_namespace_bounds_only_what_is_in_one() {
    for (line, expected) in [
        ("kubectl delete deploy web -n dev", Class::Development),
        ("kubectl delete pv data -n dev", Class::Unknown),
        ("kubectl delete crd a.b -n dev", Class::Unknown),
        ("kubectl delete deploy -A --all -n dev", Class::Unknown),
        ("kubectl delete ns pay -n dev", Class::Unknown),
        ("kubectl delete ns dev", Class::Development),
        ("kubectl delete ns dev pay", Class::Unknown),
        ("kubectl delete ns/dev ns/prod", Class::Production),
        ("kubectl delete -f in-dev.yaml", Class::Development),
        ("kubectl delete -f in-dev.yaml -f web.yaml", Class::Unknown),
        ("kubectl delete --raw /api/v1/namespaces/dev/secrets/a", Class::Development),
        ("kubectl delete --raw /api/v1/namespaces/dev/../pay/secrets/a", Class::Unknown),
        ("kubectl drain n -n dev", Class::Unknown),
        // A name of what is deleted may raise, and never lower.
        ("kubectl delete deploy web-dev", Class::Unknown),
        ("kubectl delete deploy web-prod", Class::Production),
    ] {
        assert_eq!(class(line), expected, "{line}");
    }
}

#[test]
fn the_verdict_goes_with_the_place() {
    let lines = ["delete deploy web", "delete ns pay", "drain n", "delete pod a", "get pods"];
    for (context, verdicts) in [
        ("prod", "refuse refuse refuse allow allow"),
        ("main", "refuse refuse allow allow allow"),
        ("stage", "allow refuse allow allow allow"),
        ("kind-x", "allow allow allow allow allow"),
    ] {
        let all = lines.map(|line| {
            match judged(&format!("kubectl --context {context} {line}")).verdict {
                Verdict::Allow => "allow",
                Verdict::Confirm => "confirm",
                Verdict::Refuse => "refuse",
            }
        });
        assert_eq!(all.join(" "), verdicts, "{context}");
    }
}

#[test]
fn a_retarget_to_production_says_so() {
    let notes = |line: &str| outcome(line, &world(), false).judgement.notes.len();
    assert_eq!(notes("kubectl config use-context prod"), 1);
    assert_eq!(notes("kubectl config set current-context prod"), 1);
    assert_eq!(notes("kubectl config use-context kind-x"), 0);
    assert_eq!(notes("kubectl config get-contexts"), 0);
}

#[test]
fn the_files_that_were_read_are_handed_on() {
    let words = |words: &[&str]| {
        let invocation = Invocation::new(words.iter().copied());
        let options = Options { actor: Some(ActorKind::Agent), full: false };
        let outcome = pipeline::judge(Subject::Command(&invocation), &world(), options);
        outcome.handed.iter().map(|one| (one.word(), one.text.show())).collect::<Vec<_>>()
    };
    let pod = "<kind: Pod\nmetadata: {name: a}\n>";
    assert_eq!(words(&["kubectl", "delete", "-f", "pod.yaml"]), [(Some(3), pod.to_owned())]);
    assert_eq!(
        words(&["kubectl", "delete", "-f=pod.yaml,https://a,pod.yaml"]),
        [(Some(2), format!("-f={pod},https://a,{pod}"))]
    );
    assert_eq!(words(&["kubectl", "apply", "-f", "pod.yaml"]), []);
    assert_eq!(words(&["kubectl", "delete", "-k", "k/base"]), []);
}

#[test]
fn a_persons_own_defaults_and_aliases_count() {
    let text = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\naliases:\n\
        - name: gone\n  command: delete\n  prependArgs: [ns]\n  options: [{name: wait, default: 'false'}]\n\
        defaults:\n- command: apply\n  options: [{name: prune, default: 'true'}]\n\
        - command: delete\n  options: [{name: dry-run, default: client}]\n";
    let with = |file: &str| FakeWorld::new().with_file(file, text);
    let verdict = |line: &str, world: &FakeWorld| outcome(line, world, false).judgement.verdict;
    let world = with("/home/ana/.kube/kuberc");
    assert_eq!(verdict("kubectl gone pay", &world), Verdict::Refuse);
    assert_eq!(verdict("kubectl apply -f web.yaml", &world), Verdict::Refuse);
    assert_eq!(verdict("kubectl apply -f web.yaml --prune=false", &world), Verdict::Allow);
    // An older kubectl knows of no defaults.
    assert_eq!(verdict("kubectl delete ns pay", &world), Verdict::Refuse);
    assert_eq!(verdict("KUBERC=off kubectl gone pay", &world), Verdict::Allow);
    let elsewhere = with("/k/rc");
    assert_eq!(verdict("kubectl gone pay", &elsewhere), Verdict::Allow);
    assert_eq!(verdict("KUBERC=/k/rc kubectl gone pay", &elsewhere), Verdict::Refuse);
    assert_eq!(verdict("kubectl gone pay --kuberc /k/rc", &elsewhere), Verdict::Refuse);
}
