//! What each kind of Kubernetes object is worth: what goes with it, and
//! whether one of it, or all of them at once, can be lost. Data and look-ups;
//! nothing here reads a command.

use crate::action::{Effect, Flag, Flags};

/// What deleting an object of a kind does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    /// Its names: the plural first, then short names.
    names: &'static [&'static str],
    /// What one of it is called.
    pub noun: &'static str,
    /// The effect of deleting one that is named.
    pub one: Effect,
    /// The effect of deleting all that match.
    pub many: Effect,
    /// The flags of either.
    pub flags: Flags,
    /// Whether no namespace bounds it.
    pub wide: bool,
    /// What goes with it: a clause behind "Deletes …"; empty if nothing more
    /// can be said.
    pub with: &'static str,
}

const GONE: Flags = Flags::of(&[Flag::Irreversible]);
const COPIES: Flags = Flags::of(&[Flag::Backups]);
const RIGHTS: Flags = Flags::of(&[Flag::Permission]);

const fn kind(names: &'static [&'static str], noun: &'static str, one: Effect) -> Kind {
    Kind { names, noun, one, many: one, flags: Flags::NONE, wide: false, with: "" }
}

const fn data(names: &'static [&'static str], noun: &'static str, with: &'static str) -> Kind {
    Kind { flags: GONE, with, ..kind(names, noun, Effect::Destroy) }
}

const fn serves(names: &'static [&'static str], noun: &'static str, with: &'static str) -> Kind {
    Kind { with, ..kind(names, noun, Effect::Destroy) }
}

const fn small(names: &'static [&'static str], noun: &'static str) -> Kind {
    kind(names, noun, Effect::Write)
}

const fn copies(names: &'static [&'static str], noun: &'static str) -> Kind {
    Kind { flags: COPIES, with: "a recovery path", ..kind(names, noun, Effect::Destroy) }
}

const fn rights(names: &'static [&'static str], noun: &'static str, wide: bool) -> Kind {
    Kind { flags: RIGHTS, wide, ..kind(names, noun, Effect::Write) }
}

/// The kinds that mean something of their own. All others may hold data or
/// serve users.
const KINDS: &[Kind] = &[
    Kind {
        wide: true,
        ..data(
            &["namespaces", "ns", "projects"],
            "namespace",
            "everything in it: its workloads, secrets and volumes' claims",
        )
    },
    data(&["persistentvolumeclaims", "pvc"], "volume claim", "the data of its volume"),
    Kind { wide: true, ..data(&["persistentvolumes", "pv"], "volume", "the data on it") },
    Kind {
        wide: true,
        ..data(
            &["customresourcedefinitions", "crd", "crds"],
            "resource definition",
            "every object of that kind, in every namespace",
        )
    },
    // Operators' kinds that stand for a store or a cluster with its data.
    data(&["clusters"], "cluster", "what the operator keeps for it"),
    data(&["postgresqls", "postgresclusters", "pgclusters"], "database", "its data"),
    data(&["perconapgclusters", "perconaxtradbclusters", "innodbclusters"], "database", "its data"),
    data(
        &["perconaservermongodbs", "mongodbcommunity", "mongodb", "mongodbs"],
        "database",
        "its data",
    ),
    data(&["dbinstances", "dbclusters", "sqlinstances", "flexibleservers"], "database", "its data"),
    data(&["elasticsearches", "opensearchclusters", "kafkas", "kafkatopics"], "store", "its data"),
    data(&["redisclusters", "redisfailovers", "rabbitmqclusters"], "store", "its data"),
    data(
        &["cephclusters", "cephblockpools", "cephfilesystems", "longhornvolumes"],
        "store",
        "its data",
    ),
    copies(&["volumesnapshots", "vs"], "snapshot"),
    Kind { wide: true, ..copies(&["volumesnapshotcontents", "vsc"], "snapshot") },
    copies(&["backups", "scheduledbackups", "backupstoragelocations", "schedules"], "backup"),
    copies(&["etcdsnapshotfiles", "recurringjobs"], "backup"),
    serves(&["deployments", "deploy"], "deployment", "its pods"),
    serves(&["statefulsets", "sts"], "stateful set", "its pods"),
    serves(&["daemonsets", "ds"], "daemon set", "its pods"),
    serves(&["replicationcontrollers", "rc"], "replication controller", "its pods"),
    serves(&["deploymentconfigs", "dc"], "deployment", "its pods"),
    serves(&["services", "svc"], "service", "the address that it is reached at"),
    serves(&["ingresses", "ing"], "ingress", "the way in from outside"),
    serves(&["routes", "gateways", "httproutes"], "route", "the way in from outside"),
    serves(&["secrets"], "secret", "what it holds"),
    serves(&["configmaps", "cm"], "config map", "what it holds"),
    serves(&["cronjobs", "cj"], "cron job", "its schedule"),
    serves(&["all"], "every workload and service", "their pods"),
    Kind { many: Effect::Disrupt, ..small(&["pods", "po"], "pod") },
    Kind { many: Effect::Disrupt, ..small(&["jobs"], "job") },
    Kind { with: "its pods", ..kind(&["replicasets", "rs"], "replica set", Effect::Disrupt) },
    Kind {
        wide: true,
        with: "its place in the cluster",
        ..kind(&["nodes", "no"], "node", Effect::Disrupt)
    },
    Kind {
        wide: true,
        ..kind(&["apiservices", "volumeattachments"], "part of the cluster", Effect::Disrupt)
    },
    small(&["events", "ev"], "event"),
    small(&["leases"], "lease"),
    small(&["endpoints", "ep", "endpointslices"], "list of endpoints"),
    small(&["controllerrevisions"], "revision"),
    small(&["horizontalpodautoscalers", "hpa"], "autoscaler"),
    small(&["verticalpodautoscalers", "vpa", "scaledobjects", "so"], "autoscaler"),
    small(&["poddisruptionbudgets", "pdb"], "disruption budget"),
    small(&["limitranges", "limits", "resourcequotas", "quota"], "limit"),
    small(&["podtemplates", "builds", "taskruns", "pipelineruns", "workflows"], "run"),
    small(&["servicemonitors", "podmonitors", "prometheusrules"], "monitor"),
    Kind {
        wide: true,
        ..small(
            &[
                "priorityclasses",
                "pc",
                "runtimeclasses",
                "ingressclasses",
                "storageclasses",
                "sc",
                "volumesnapshotclasses",
                "flowschemas",
                "prioritylevelconfigurations",
            ],
            "class",
        )
    },
    Kind {
        wide: true,
        ..small(
            &[
                "validatingwebhookconfigurations",
                "mutatingwebhookconfigurations",
                "validatingadmissionpolicies",
                "validatingadmissionpolicybindings",
            ],
            "admission check",
        )
    },
    rights(&["roles", "rolebindings"], "role", false),
    rights(&["clusterroles", "clusterrolebindings"], "role", true),
    rights(&["serviceaccounts", "sa"], "service account", false),
    rights(&["networkpolicies", "netpol"], "network policy", false),
    rights(&["certificatesigningrequests", "csr"], "request for a certificate", true),
];

/// A kind that is not listed.
const OTHER: Kind = serves(&[], "object", "");

/// The kind that a command or a manifest names: plural, singular, short, with
/// its version and group behind it or not, in either case.
pub fn find(name: &str) -> Kind {
    let lower = name.to_ascii_lowercase();
    let bare = lower.split('.').next().unwrap_or_default();
    let known = KINDS.iter().find(|kind| kind.names.iter().any(|name| is(name, bare)));
    let found = known.copied().unwrap_or(OTHER);
    // Another group's pods are nobody knows what.
    let group = lower.split_once('.').map_or("", |(_, group)| group).trim_end_matches('.');
    let foreign = found.one != Effect::Destroy && !is_known(group);
    if foreign { OTHER } else { found }
}

/// Whether a group, or a version and a group, is one of Kubernetes' own or of
/// those that the table's kinds come from.
fn is_known(group: &str) -> bool {
    group.is_empty()
        || !group.contains('.')
            && matches!(group, "apps" | "batch" | "policy" | "autoscaling" | "v1")
        || group.ends_with("k8s.io")
        || ["apps", "batch", "policy", "autoscaling", "extensions"]
            .iter()
            .any(|known| group.rsplit('.').next() == Some(known))
        || ["coreos.com", "keda.sh", "tekton.dev", "argoproj.io", "openshift.io"]
            .iter()
            .any(|known| group.ends_with(known))
}

/// Whether `given` is the plural `name` or a singular of it.
fn is(name: &str, given: &str) -> bool {
    let singular = |ending: &str, by: &str| {
        let stem = name.strip_suffix(ending);
        stem.is_some_and(|stem| given.strip_suffix(by) == Some(stem))
    };
    name == given || singular("ies", "y") || singular("sses", "ss") || singular("s", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_kind_is_the_same_kind() {
        for (names, noun) in [
            (
                &["ns", "namespace", "namespaces", "Namespace", "namespaces.", "namespaces.v1."][..],
                "namespace",
            ),
            (&["pvc", "persistentvolumeclaim", "PersistentVolumeClaims"], "volume claim"),
            (
                &["crd", "crds", "customresourcedefinitions.apiextensions.k8s.io"],
                "resource definition",
            ),
            (&["deploy", "deployment", "deployments.apps", "deployment.v1.apps"], "deployment"),
            (&["ing", "ingress", "ingresses.networking.k8s.io"], "ingress"),
            (&["netpol", "networkpolicy", "networkpolicies"], "network policy"),
            (&["po", "pod", "pods", "Pod", "pods.v1."], "pod"),
            (&["sc", "storageclass", "StorageClass"], "class"),
            (&["job", "jobs.batch", "Job.v1.batch"], "job"),
            (&["cluster", "clusters.postgresql.cnpg.io"], "cluster"),
            (&["widgets", "widget.example.com", "pods.example.com", "", "."], "object"),
        ] {
            for name in names {
                assert_eq!(find(name).noun, noun, "{name}");
            }
        }
    }

    #[test]
    fn what_is_not_known_may_hold_data() {
        assert_eq!(find("widgets").one, Effect::Destroy);
        assert_eq!(find("events").one, Effect::Write);
        assert!(find("ns").flags.has(Flag::Irreversible));
    }
}
