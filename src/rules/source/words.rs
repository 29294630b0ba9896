//! The words that a rule file may use, for each of its keys that take one of a
//! list.

/// The effects' words.
pub const EFFECTS: &[&str] = &["read", "write", "disrupt", "destroy"];
/// The flags' words.
pub const FLAGS: &[&str] = &[
    "irreversible",
    "backups",
    "irreplaceable",
    "opaque",
    "disarm",
    "credential",
    "permission",
    "retarget",
];
/// The scopes' words.
pub const SCOPES: &[&str] = &["environment", "project", "account", "host"];
/// The argv styles' words.
pub const STYLES: &[&str] =
    &["getopt_long", "getopt", "clap", "pflag", "argparse", "go", "yargs", "curl", "exact"];
/// The words for places where a wrapper's command runs.
pub const PLACES: &[&str] = &["app", "docker", "kubernetes", "podman", "railway", "ssh"];
/// The readers' words.
pub const READERS: &[&str] = &[
    "table",
    "ansible",
    "api",
    "aws",
    "backups",
    "clickhouse",
    "cqlsh",
    "bq",
    "cloud",
    "curl",
    "duckdb",
    "docker",
    "files",
    "find",
    "httpie",
    "hurl",
    "just",
    "kube",
    "git",
    "launcher",
    "little",
    "make",
    "mcp",
    "migration",
    "mongo",
    "mysql",
    "packages",
    "parallel",
    "postgres",
    "pulumi",
    "railway",
    "redis",
    "rsync",
    "sftp",
    "shell",
    "sqlclient",
    "sqlite",
    "sqlserver",
    "stacks",
    "usql",
    "terraform",
    "terragrunt",
    "wget",
];
/// The words for formats of settings files.
pub const FORMATS: &[&str] = &["json", "toml", "yaml", "yml", "ini", "cfg", "text", "git"];
/// The words for kinds of names.
pub const KINDS: &[&str] = &[
    "host",
    "socket",
    "port",
    "database",
    "service",
    "user",
    "profile",
    "account",
    "region",
    "project",
    "environment",
    "app",
    "context",
    "cluster",
    "namespace",
    "workspace",
    "resource",
    "url",
    "path",
    "setting",
    "branch",
];
