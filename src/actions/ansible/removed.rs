//! What the modules remove whose state is `absent`: databases, volumes, what a
//! cluster holds, and the resources of clouds. Data and words only.

use serde_json::Value;
use shell_words::quote;

use super::modules::{Doing, Given, destroys};
use crate::invocation::HOLE;
use crate::parse::playbook::{filled, shown};

/// Operations of AWS's that modules of amazon.aws and community.aws stand for:
/// the module, the service, the operation, its option, the parameters.
type Aws = (&'static str, &'static str, &'static str, &'static [&'static str]);
const AWS: &[Aws] = &[
    ("cloudformation", "cloudformation delete-stack", "--stack-name", &["stack_name"]),
    ("dynamodb_table", "dynamodb delete-table", "--table-name", &["name"]),
    ("ec2", "ec2 terminate-instances", "--instance-ids", &["instance_ids"]),
    ("ec2_ami", "ec2 deregister-image", "--image-id", &["image_id"]),
    ("ec2_instance", "ec2 terminate-instances", "--instance-ids", &["instance_ids", "name"]),
    ("ec2_snapshot", "ec2 delete-snapshot", "--snapshot-id", &["snapshot_id"]),
    ("ec2_vol", "ec2 delete-volume", "--volume-id", &["id", "name"]),
    ("ecs_cluster", "ecs delete-cluster", "--cluster", &["name"]),
    ("ecs_service", "ecs delete-service", "--service", &["name"]),
    ("efs", "efs delete-file-system", "--file-system-id", &["id", "name"]),
    ("eks_cluster", "eks delete-cluster", "--name", &["name"]),
    ("elasticache", "elasticache delete-cache-cluster", "--cache-cluster-id", &["name"]),
    ("kms_key", "kms schedule-key-deletion", "--key-id", &["key_id", "alias"]),
    ("lambda", "lambda delete-function", "--function-name", &["name"]),
    (
        "rds_cluster",
        "rds delete-db-cluster",
        "--db-cluster-identifier",
        &["db_cluster_identifier", "cluster_id", "id"],
    ),
    (
        "rds_instance",
        "rds delete-db-instance",
        "--db-instance-identifier",
        &["db_instance_identifier", "instance_id", "id"],
    ),
    (
        "rds_instance_snapshot",
        "rds delete-db-snapshot",
        "--db-snapshot-identifier",
        &["db_snapshot_identifier", "snapshot_id", "id"],
    ),
    ("redshift", "redshift delete-cluster", "--cluster-identifier", &["identifier"]),
    ("s3_bucket", "s3 rb --force", "", &["name"]),
    ("sns_topic", "sns delete-topic", "--topic-arn", &["name"]),
    ("sqs_queue", "sqs delete-queue", "--queue-url", &["name"]),
];

/// How the modules of other clouds begin, and the nouns in their names that
/// hold data or serve users.
const CLOUDS: &[&str] = &[
    "azure_rm_",
    "digital_ocean",
    "gcp_",
    "hcloud_",
    "linode",
    "oci_",
    "os_",
    "ovirt_",
    "proxmox",
    "scaleway_",
    "upcloud_",
    "vmware_",
    "vultr_",
];
const HOLDERS: &[&str] = &[
    "aks",
    "app",
    "block_storage",
    "bucket",
    "cluster",
    "compute",
    "cosmosdb",
    "database",
    "disk",
    "droplet",
    "guest",
    "instance",
    "keyvault",
    "kvm",
    "mysql",
    "postgresql",
    "project",
    "redis",
    "resourcegroup",
    "server",
    "snapshot",
    "space",
    "spanner",
    "sql",
    "storage",
    "virtualmachine",
    "vm",
    "volume",
];

/// What a module removes whose state is `absent`.
pub fn removed(given: &Given<'_>) -> Option<Doing> {
    let module = given.task.module.as_str();
    let name = |names: &[&str]| given.name(names);
    let quoted = |names: &[&str]| quote(&given.name(names)).into_owned();
    let host = |option: &str| given.option(option, &["login_host", "host"]);
    let psql = |text: String| {
        let places = host("-h") + &given.option("-d", &["login_db", "db", "database"]);
        format!("psql{places} -c {}", quote(&text))
    };
    let context =
        || given.option("--context", &["context"]) + &given.option("--kubeconfig", &["kubeconfig"]);
    let line = match module {
        "file" => format!("rm -rf {}", quoted(&["path", "dest", "name"])),
        "postgresql_db" => format!("dropdb{} {}", host("-h"), quoted(&["name", "db"])),
        "postgresql_schema" => {
            psql(format!("DROP SCHEMA \"{}\" CASCADE", name(&["name", "schema"])))
        }
        "postgresql_table" if given.is_on("truncate") => {
            psql(format!("TRUNCATE \"{}\"", name(&["name", "table"])))
        }
        "postgresql_table" => psql(format!("DROP TABLE \"{}\"", name(&["name", "table"]))),
        "postgresql_tablespace" => {
            psql(format!("DROP TABLESPACE \"{}\"", name(&["name", "tablespace"])))
        }
        "mysql_db" => {
            let text = format!("DROP DATABASE `{}`", name(&["name", "db"]));
            format!("mysql{} -e {}", host("-h"), quote(&text))
        }
        "mssql_db" => {
            let text = format!("DROP DATABASE [{}]", name(&["name", "db"]));
            format!("sqlcmd{} -Q {}", host("-S"), quote(&text))
        }
        "clickhouse_db" => {
            let text = format!("DROP DATABASE {}", name(&["name"]));
            format!("clickhouse-client{} --query {}", host("--host"), quote(&text))
        }
        "cassandra_keyspace" => {
            let text = format!("DROP KEYSPACE {}", name(&["name", "keyspace"]));
            format!("cqlsh -e {}", quote(&text))
        }
        "influxdb_database" => {
            return Some(destroys("database", &name(&["database_name"]), "Drops {object}."));
        }
        "rabbitmq_vhost" => format!("rabbitmqctl delete_vhost {}", quoted(&["name", "vhost"])),
        "rabbitmq_queue" => format!("rabbitmqctl delete_queue {}", quoted(&["name"])),
        "zfs" => format!("zfs destroy -r {}", quoted(&["name"])),
        "lvol" => {
            let volume = format!("{}/{}", name(&["vg"]), name(&["lv"]));
            format!("lvremove -f {}", quote(&volume))
        }
        "lvg" => format!("vgremove -f {}", quoted(&["vg"])),
        "parted" | "luks_device" => format!("wipefs -a {}", quoted(&["device"])),
        "gluster_volume" => {
            return Some(destroys("volume", &name(&["name", "volume"]), "Deletes {object}."));
        }
        "docker_volume" => format!("docker volume rm {}", quoted(&["name", "volume_name"])),
        "docker_stack" => format!("docker stack rm {}", quoted(&["name"])),
        "docker_compose" | "docker_compose_v2" => {
            let volumes = if given.is_on("remove_volumes") { " -v" } else { "" };
            let project = given.option("-p", &["project_name"]);
            let folder = given.option("--project-directory", &["project_src"]);
            format!("docker compose{project}{folder} down{volumes}")
        }
        "k8s" => kubernetes(given, &context()),
        "helm" => format!(
            "helm uninstall {}{}{}",
            quoted(&["name", "release_name"]),
            given.option("-n", &["namespace", "release_namespace"]),
            given.option("--kube-context", &["context", "kube_context"]),
        ),
        _ => return cloud(given),
    };
    Some(Doing::Line(line))
}

fn kubernetes(given: &Given<'_>, context: &str) -> String {
    let inside = |definition: &Value, keys: &[&str]| -> Option<String> {
        let mut at = definition;
        for key in keys {
            at = at.get(key)?;
        }
        shown(at).map(|text| filled(&text, given.known))
    };
    let definition =
        given.task.args.get("definition").or(given.task.args.get("resource_definition"));
    let field =
        |names: &[&str], keys: &[&str]| given.get(names).or_else(|| inside(definition?, keys));
    if let Some(path) = given.get(&["src"]) {
        return format!("kubectl delete{context} -f {}", quote(&path));
    }
    let kind = field(&["kind"], &["kind"]).unwrap_or_else(|| HOLE.to_owned());
    let mut line = format!("kubectl delete{context} {}", quote(&kind));
    match field(&["name"], &["metadata", "name"]) {
        Some(name) => line.push_str(&format!(" {}", quote(&name))),
        None => line.push_str(" --all"),
    }
    if let Some(namespace) = field(&["namespace"], &["metadata", "namespace"]) {
        line.push_str(&format!(" -n {}", quote(&namespace)));
    }
    line
}

/// A resource of a cloud's.
fn cloud(given: &Given<'_>) -> Option<Doing> {
    let module = given.task.module.as_str();
    if let Some((_, operation, option, names)) = AWS.iter().find(|entry| entry.0 == module) {
        let profile = given.option("--profile", &["profile", "aws_profile"]);
        let region = given.option("--region", &["region", "aws_region", "ec2_region"]);
        let name = given.name(names);
        let name = match *option {
            "" => format!("s3://{name}"),
            _ => name.replace(',', " "),
        };
        let mut line = format!("aws{profile}{region} {operation} {option} {}", quote(&name));
        if given.is_on("skip_final_snapshot") {
            line.push_str(" --skip-final-snapshot");
        }
        return Some(Doing::Line(line));
    }
    let cloud = CLOUDS.iter().find(|cloud| module.starts_with(**cloud))?;
    let noun = module.strip_prefix(cloud).unwrap_or(module);
    HOLDERS.iter().any(|holder| noun.contains(holder)).then(|| {
        let name = given.name(&["name", "id", "server_name", "vmid", "resource_group", "label"]);
        let noun = module.replace('_', " ");
        destroys(&noun, &name, "Deletes {object}.")
    })
}
