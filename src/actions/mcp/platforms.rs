//! The platforms that MCP servers speak for, by the words in the server's or
//! the tool's name, and the nouns that make a deletion one of everything, or of
//! one thing among many.
//! Data only.

use crate::actions::http_api::mutation::words;

/// Whose SQL a server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// PostgreSQL's, and what is read like it.
    Postgres,
    /// MySQL's and MariaDB's.
    Mysql,
    /// SQLite's.
    Sqlite,
}

/// A platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Its name.
    pub name: &'static str,
    /// The words by which it is known.
    words: &'static [&'static str],
    /// The SQL that its tools take, if they take any.
    pub sql: Option<Language>,
    /// Whether it is a file on this machine.
    pub local: bool,
    /// The program whose words its tools take without its name (`command:
    /// "delete"`), empty if there is none.
    pub program: &'static str,
    /// The nouns that are worth stopping for, where most of what its tools
    /// take away is small; all if there are none.
    pub nouns: &'static [&'static str],
}

const fn platform(
    name: &'static str,
    words: &'static [&'static str],
    sql: Option<Language>,
) -> Platform {
    Platform { name, words, sql, local: false, program: "", nouns: &[] }
}

/// One whose tools take the words of its own program.
const fn driven(
    name: &'static str,
    words: &'static [&'static str],
    sql: Option<Language>,
    program: &'static str,
) -> Platform {
    Platform { program, ..platform(name, words, sql) }
}

impl Platform {
    /// Whether it is a database and nothing else.
    pub fn is_database(&self) -> bool {
        matches!(
            self.name,
            "clickhouse"
                | "database"
                | "duckdb"
                | "mysql"
                | "postgres"
                | "prisma"
                | "snowflake"
                | "sqlite"
        )
    }
}

/// The platforms, those that more than one word could mean last.
const ALL: &[Platform] = &[
    platform("railway", &["railway"], Some(Language::Postgres)),
    platform("supabase", &["supabase"], Some(Language::Postgres)),
    platform("neon", &["neon"], Some(Language::Postgres)),
    platform("planetscale", &["planetscale"], Some(Language::Mysql)),
    platform(
        "postgres",
        &["postgres", "postgresql", "pg", "psql", "timescale", "alloydb"],
        Some(Language::Postgres),
    ),
    platform("mysql", &["mysql", "mariadb"], Some(Language::Mysql)),
    Platform { local: true, ..platform("sqlite", &["sqlite"], Some(Language::Sqlite)) },
    Platform { local: true, ..platform("duckdb", &["duckdb"], Some(Language::Postgres)) },
    platform("redis", &["redis", "upstash", "valkey"], None),
    platform("mongodb", &["mongo", "mongodb", "atlas"], None),
    driven(
        "aws",
        &["aws", "awslabs", "ccapi", "dynamodb", "rds", "ec2", "s3"],
        Some(Language::Postgres),
        "aws",
    ),
    platform("argocd", &["argocd", "argo"], None),
    driven("kubernetes", &["kubernetes", "kubectl", "kube", "k8s", "openshift"], None, "kubectl"),
    driven("helm", &["helm"], None, "helm"),
    driven("terraform", &["terraform", "tofu", "opentofu"], None, "terraform"),
    platform("pulumi", &["pulumi"], None),
    driven(
        "gcp",
        &["gcp", "gcloud", "bigquery", "spanner", "cloudsql"],
        Some(Language::Postgres),
        "gcloud",
    ),
    driven("azure", &["azure", "azmcp"], Some(Language::Postgres), "az"),
    driven("firebase", &["firebase", "firestore"], None, "firebase"),
    platform("prisma", &["prisma"], Some(Language::Postgres)),
    platform("convex", &["convex"], None),
    platform("kafka", &["kafka", "confluent", "redpanda"], None),
    platform("rabbitmq", &["rabbitmq"], None),
    platform(
        "vectors",
        &[
            "pinecone",
            "qdrant",
            "chroma",
            "weaviate",
            "milvus",
            "zilliz",
            "typesense",
            "meilisearch",
        ],
        None,
    ),
    platform("appwrite", &["appwrite"], None),
    platform("vault", &["vault"], None),
    platform(
        "cloud",
        &[
            "aiven",
            "akamai",
            "civo",
            "exoscale",
            "hostinger",
            "ibmcloud",
            "linode",
            "oci",
            "ovh",
            "ovhcloud",
            "scaleway",
            "upcloud",
            "vultr",
        ],
        None,
    ),
    Platform {
        nouns: FORGE,
        ..platform("github", &["github", "gitlab", "gitea", "bitbucket"], None)
    },
    Platform { nouns: ENGINE, ..platform("docker", &["docker", "podman", "portainer"], None) },
    platform("cloudflare", &["cloudflare", "d1"], Some(Language::Sqlite)),
    platform("vercel", &["vercel"], None),
    platform("heroku", &["heroku"], Some(Language::Postgres)),
    platform("render", &["render"], Some(Language::Postgres)),
    platform("fly", &["fly", "flyio", "flyctl"], None),
    platform("digitalocean", &["digitalocean"], None),
    platform("netlify", &["netlify"], None),
    platform("hetzner", &["hetzner"], None),
    platform("clickhouse", &["clickhouse"], Some(Language::Postgres)),
    platform("snowflake", &["snowflake"], Some(Language::Postgres)),
    platform("elasticsearch", &["elasticsearch", "opensearch"], None),
    platform(
        "database",
        &[
            "cockroach",
            "cockroachdb",
            "database",
            "databricks",
            "db",
            "dbhub",
            "libsql",
            "motherduck",
            "mssql",
            "oracle",
            "redshift",
            "singlestore",
            "sql",
            "sqlcl",
            "sqlserver",
            "tidb",
            "trino",
            "turso",
        ],
        Some(Language::Postgres),
    ),
];

/// What a forge loses for good.
const FORGE: &[&str] = &["group", "organization", "org", "project", "repo", "repository"];

/// What a container engine loses for good: containers come and go.
const ENGINE: &[&str] = &["service", "stack", "swarm", "volume"];

/// Things that hold everything in them.
pub const CONTAINERS: &[&str] = &[
    "app",
    "bucket",
    "branch",
    "cluster",
    "collection",
    "database",
    "db",
    "disk",
    "environment",
    "instance",
    "keyspace",
    "namespace",
    "project",
    "repository",
    "schema",
    "server",
    "stack",
    "topic",
    "volume",
    "workspace",
];

/// Things of which many come and go: to take one away is a write.
pub const SMALL: &[&str] = &["item", "key", "message", "object", "pod", "tag"];

/// Things by which data is brought back.
pub const RECOVERY: &[&str] = &["backup", "recovery", "snapshot"];

/// The platform of a tool, by its server's name, else by its own.
pub fn find(server: &str, tool: &str) -> Option<&'static Platform> {
    [server, tool].into_iter().find_map(|name| {
        let mut words = words(name);
        // Those with digits in them.
        words.extend(name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase));
        ALL.iter().find(|platform| {
            platform.words.iter().any(|known| words.iter().any(|word| word == known))
        })
    })
}
