//! What these tests install, once, below the test cache: Prisma and
//! drizzle-kit from npm, Django and Alembic from PyPI.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::installed::{self, cache, run};

const NPM: &[&str] = &["prisma@6.19.3", "drizzle-kit@0.31.11", "drizzle-orm@0.45.4", "pg@8"];
const PYPI: &[&str] = &["django==5.2.19", "alembic==1.20.1", "psycopg[binary]==3.3.9"];

/// The folder `node_modules`.
pub fn node_modules() -> PathBuf {
    static DONE: OnceLock<PathBuf> = OnceLock::new();
    let install = || {
        let folder = cache().join("migrations-npm");
        let modules = folder.join("node_modules");
        if !modules.join(".bin/drizzle-kit").exists() || !modules.join("pg").exists() {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("package.json"), r#"{"private":true}"#).expect("a file");
            let mut command = Command::new("npm");
            // Prisma's engines are downloaded by a script, from elsewhere.
            command.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).args(NPM);
            run(command.current_dir(&folder));
        }
        modules
    };
    DONE.get_or_init(install).clone()
}

/// The virtual environment.
pub fn venv() -> PathBuf {
    static DONE: OnceLock<PathBuf> = OnceLock::new();
    DONE.get_or_init(|| installed::venv("migrations-venv", &["complete"], PYPI)).clone()
}
