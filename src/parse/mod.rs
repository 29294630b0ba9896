//! Text → structure, without I/O: each file takes one grammar apart and knows
//! nothing of what it means. All of it is fuzzed.

pub mod argv;
pub mod calls;
pub mod code;
pub mod configobj;
pub mod cqlsh;
pub mod dialect;
pub mod git_config;
pub mod googlesql;
pub mod graphql;
pub mod http;
pub mod ini;
pub mod javascript;
pub mod justfile;
pub mod kubeconfig;
pub mod manifest;
pub mod migration;
pub mod mongosh;
pub mod mysql;
pub mod pg_archive;
pub mod psql_script;
pub mod redis;
pub mod settings;
pub mod shell;
pub mod sql;
pub mod sqlcmd;
pub mod sqlite;
pub mod tfplan;
pub mod url;
pub mod xml;
