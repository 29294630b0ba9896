//! Text → structure, without I/O: each file takes one grammar apart and knows
//! nothing of what it means. All of it is fuzzed.

pub mod argv;
pub mod dialect;
pub mod git_config;
pub mod graphql;
pub mod http;
pub mod ini;
pub mod mysql;
pub mod psql_script;
pub mod redis;
pub mod settings;
pub mod shell;
pub mod sql;
pub mod sqlite;
pub mod url;
