//! Where a database that DuckDB opens or attaches lies: a file, a service
//! (`md:`), another system's server. Gives evidence, never a class beyond
//! "this is this machine".

use super::database_url::{self, file_target, host_target};
use super::{Evidence, Kind, Target, postgres};

/// The target of what `duckdb NAME` opens, or `ATTACH 'NAME'` attaches.
pub fn target(name: &str, source: &'static str) -> Target {
    let (scheme, rest) = name.split_once(':').unwrap_or(("", name));
    match scheme.to_ascii_lowercase().as_str() {
        "md" | "motherduck" => {
            let mut target = Target::of("motherduck");
            let database = rest.split('?').next().unwrap_or_default();
            target.evidence.push(Evidence::name(Kind::Host, source, "motherduck"));
            if !database.is_empty() {
                target.evidence.push(Evidence::name(Kind::Database, source, database));
                target.name = Some(database.to_owned());
            }
            target
        }
        "postgres" | "postgresql" if rest.starts_with("//") => database_url::resolve(name, source),
        "postgres" | "postgresql" => postgres_of(rest, source),
        "mysql" if rest.starts_with("//") => database_url::resolve(name, source),
        "mysql" if rest.starts_with("mysql://") => database_url::resolve(rest, source),
        "mysql" => {
            let value = |key: &str| {
                rest.split_whitespace().find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
            };
            let host = value("host").unwrap_or("localhost");
            let database = value("database").or(value("db")).map(|name| (name, source));
            host_target("mysql", (host, source), database)
        }
        "http" | "https" | "s3" | "gcs" | "gs" | "r2" | "az" | "azure" | "abfss" | "hf"
        | "ducklake" | "iceberg" | "quack" => {
            let mut target = Target::of("duckdb");
            target.evidence.push(Evidence::name(Kind::Url, source, name));
            target.name = Some(name.to_owned());
            target
        }
        "sqlite" | "file" | "duckdb" => file_target(rest, source),
        _ => file_target(name, source),
    }
}

/// A URL, libpq's keywords, or a database's bare name.
fn postgres_of(text: &str, source: &'static str) -> Target {
    if ["postgres://", "postgresql://"].iter().any(|start| text.starts_with(start)) {
        return database_url::resolve(text, source);
    }
    match text.contains('=') {
        true => postgres::resolve_url(text, source),
        false => {
            let mut target = Target::of("postgres");
            target.gap = Some("which server it attaches is said elsewhere".to_owned());
            if !text.is_empty() {
                target.evidence.push(Evidence::name(Kind::Database, source, text));
            }
            target
        }
    }
}
