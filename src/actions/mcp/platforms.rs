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
}

const fn platform(
    name: &'static str,
    words: &'static [&'static str],
    sql: Option<Language>,
) -> Platform {
    Platform { name, words, sql, local: false }
}

impl Platform {
    /// Whether it is a database and nothing else.
    pub fn is_database(&self) -> bool {
        matches!(
            self.name,
            "clickhouse" | "database" | "mysql" | "postgres" | "snowflake" | "sqlite"
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
    Platform { name: "sqlite", words: &["sqlite"], sql: Some(Language::Sqlite), local: true },
    platform("redis", &["redis", "upstash", "valkey"], None),
    platform("mongodb", &["mongo", "mongodb", "atlas"], None),
    platform("aws", &["aws", "dynamodb", "rds", "ec2", "s3"], Some(Language::Postgres)),
    platform("kubernetes", &["kubernetes", "kubectl", "kube", "k8s", "helm"], None),
    platform("terraform", &["terraform", "tofu", "opentofu", "pulumi"], None),
    platform(
        "gcp",
        &["gcp", "gcloud", "bigquery", "firestore", "spanner"],
        Some(Language::Postgres),
    ),
    platform("azure", &["azure"], Some(Language::Postgres)),
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
    platform("database", &["database", "db", "dbhub", "sql"], Some(Language::Postgres)),
];

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
    "schema",
    "server",
    "stack",
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
