//! The real tools. Each case has two databases of one server, one of whose
//! names says production; holdpoint names the one that it takes for the
//! target, then the tool is run, and the one that lost its rows must be it.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::packages;
use crate::postgres_server::PostgresServer;
use crate::project::Project;
use crate::sandbox::{err, out};

const DATABASES: [&str; 2] = ["shop_production", "shop_dev"];

pub struct Case {
    pub server: PostgresServer,
    pub project: Project,
}

impl Case {
    pub fn new(files: &[(&str, &str)]) -> Case {
        let server = PostgresServer::start();
        for database in DATABASES {
            server.sql("postgres", &format!("create database {database}"));
        }
        let project = Project::new(&[]);
        let case = Case { server, project };
        for (name, text) in files {
            case.write(name, text);
        }
        case
    }

    /// Writes a file in which PRODUCTION and DEV stand for the two URLs.
    pub fn write(&self, name: &str, text: &str) {
        let text = text
            .replace("PRODUCTION_URL", &self.url(DATABASES[0]))
            .replace("DEV_URL", &self.url(DATABASES[1]))
            .replace("PORT_NUMBER", &self.server.port().to_string());
        self.project.sandbox.write(&format!("work/{name}"), &text);
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres:hunter2@127.0.0.1:{}/{database}", self.server.port())
    }

    /// A command in the project, past holdpoint.
    fn command(&self, program: &str, args: &[&str], env: &[(&str, &str)]) -> Command {
        let work = self.project.sandbox.path("work");
        let mut command = Command::new(work.join(program));
        if !program.contains('/') {
            command = Command::new(program);
        }
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        command.env("HOME", self.project.sandbox.home()).args(args).current_dir(work);
        command.envs(env.iter().copied());
        command
    }

    #[track_caller]
    pub fn run(&self, program: &str, args: &[&str], env: &[(&str, &str)]) -> String {
        let output = self.command(program, args, env).output().expect("it starts");
        let said = format!("{}{}", out(&output), err(&output));
        assert!(output.status.success(), "{program} {args:?}: {said}");
        said
    }

    fn tables(&self, database: &str, table: &str) -> String {
        let sql = format!("select count(*) from pg_tables where tablename = '{table}'");
        self.server.sql(database, &sql)
    }

    /// holdpoint's target for a line is `database`, and its verdict is what
    /// the name asks for.
    #[track_caller]
    pub fn judged(&self, line: &str, env: &[(&str, &str)], database: &str) {
        let said = match database {
            "shop_production" => self.project.refused(line, env),
            _ => self.project.free(line, env),
        };
        assert_eq!(said.target.split('@').next(), Some(database), "{line}: {said:?}");
    }
}

const ENV_PY: &str = "
from alembic import context
from sqlalchemy import engine_from_config, pool
config = context.config
OVERRIDE
connectable = engine_from_config(config.get_section(config.config_ini_section), prefix='sqlalchemy.', poolclass=pool.NullPool)
with connectable.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
";

const REVISION: &str = "
import sqlalchemy as sa
from alembic import op
revision = 'a1'
down_revision = None
def upgrade():
    op.create_table('users', sa.Column('id', sa.Integer, primary_key=True))
def downgrade():
    op.drop_table('users')
";

fn alembic(override_line: &str, ini_url: &str) -> Case {
    let case = Case::new(&[
        (
            "alembic.ini",
            &format!("[alembic]\nscript_location = migrations\nsqlalchemy.url = {ini_url}\n"),
        ),
        ("migrations/env.py", &ENV_PY.replace("OVERRIDE", override_line)),
        ("migrations/versions/a1.py", REVISION),
    ]);
    symlink(packages::venv(), case.project.sandbox.path("work/.venv")).expect("a link");
    case
}

#[test]
fn alembic_takes_the_ini_files_url_unless_its_program_says_otherwise() {
    let line = ".venv/bin/python -m alembic downgrade base";
    let up = ["-m", "alembic", "upgrade", "head"];
    let down = ["-m", "alembic", "downgrade", "base"];
    let override_line =
        "import os; config.set_main_option('sqlalchemy.url', os.environ['DATABASE_URL'])";
    for (program, ini, variable, expected) in [
        ("", "PRODUCTION_URL", "shop_dev", "shop_production"),
        ("", "DEV_URL", "shop_production", "shop_dev"),
        (override_line, "DEV_URL", "shop_production", "shop_production"),
        (override_line, "PRODUCTION_URL", "shop_dev", "shop_dev"),
    ] {
        let case = alembic(program, ini);
        let url = case.url(variable);
        let env = [("DATABASE_URL", url.as_str())];
        case.run(".venv/bin/python", &up, &env);
        assert_eq!(case.tables(expected, "users"), "1");
        case.judged(line, &env, expected);
        assert_eq!(case.project.judge(&format!("{line} --sql"), &env).verdict, "allow");
        case.run(".venv/bin/python", &down, &env);
        assert_eq!(case.tables(expected, "users"), "0", "the table is gone");
    }
}

#[test]
fn alembic_on_a_file_is_local() {
    let case = alembic("", "sqlite:///shop.db");
    case.run(".venv/bin/python", &["-m", "alembic", "upgrade", "head"], &[]);
    assert!(case.project.sandbox.path("work/shop.db").exists());
    let said = case.project.free(".venv/bin/python -m alembic downgrade base", &[]);
    assert_eq!(said.target, "shop.db");
}

const SETTINGS: &str = "
import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = 'x'
INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']
DATABASES = {
    'default': DEFAULT,
    'archive': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'shop_production', 'USER': 'postgres', 'HOST': '127.0.0.1', 'PORT': PORT_NUMBER},
}
";

const POSTGRES: &str = "{'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ['DB_NAME'], 'USER': 'postgres', 'HOST': '127.0.0.1', 'PORT': PORT_NUMBER}";

fn django(default: &str) -> Case {
    let manage = "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n\
        from django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n";
    let case = Case::new(&[
        ("manage.py", manage),
        ("shop/__init__.py", ""),
        ("shop/settings.py", &SETTINGS.replace("DEFAULT", default)),
    ]);
    symlink(packages::venv(), case.project.sandbox.path("work/.venv")).expect("a link");
    case
}

#[test]
fn django_flushes_the_database_that_its_settings_name() {
    let case = django(POSTGRES);
    let groups = |database: &str| case.server.sql(database, "select count(*) from auth_group");
    for database in DATABASES {
        let env = [("DB_NAME", database)];
        case.run(".venv/bin/python", &["manage.py", "migrate", "-v0"], &env);
        case.server.sql(database, "insert into auth_group(name) values ('x')");
    }
    let line = ".venv/bin/python manage.py flush --noinp";
    let env = [("DB_NAME", "shop_dev")];
    case.judged(line, &env, "shop_dev");
    case.run(".venv/bin/python", &["manage.py", "flush", "--noinp"], &env);
    assert_eq!((groups("shop_dev"), groups("shop_production")), ("0".into(), "1".into()));
    // Another alias of the same settings, by an abbreviated option.
    let line = ".venv/bin/python manage.py flush --noinput --data archive";
    case.judged(line, &env, "shop_production");
    case.judged(
        ".venv/bin/python manage.py flush",
        &[("DB_NAME", "shop_production")],
        "shop_production",
    );
    let sql = case.run(".venv/bin/python", &["manage.py", "sqlflush"], &env);
    assert!(sql.contains("TRUNCATE"), "{sql}");
    assert_eq!(case.project.judge(".venv/bin/python manage.py sqlflush", &env).verdict, "allow");
    let args = ["manage.py", "flush", "--noinput", "--data", "archive"];
    case.run(".venv/bin/python", &args, &env);
    assert_eq!(groups("shop_production"), "0");
}

#[test]
fn django_on_a_file_is_local() {
    let case = django("{'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}");
    case.run(".venv/bin/python", &["manage.py", "migrate", "-v0"], &[]);
    assert!(case.project.sandbox.path("work/db.sqlite3").exists());
    case.project.free(".venv/bin/python manage.py flush --no-input", &[]);
    case.run(".venv/bin/python", &["manage.py", "flush", "--no-input"], &[]);
}

const DRIZZLE: &str = "import { defineConfig } from 'drizzle-kit';\nHEAD\nexport default defineConfig({ dialect: 'postgresql', schema: './schema.ts', dbCredentials: { url: process.env.DATABASE_URL! } });\n";
const DRIZZLE_SCHEMA: &str = "import { pgTable, integer } from 'drizzle-orm/pg-core';\nexport const kept = pgTable('kept', { id: integer('id') });\n";

fn drizzle(head: &str, files: &[(&str, &str)]) -> Case {
    let case = Case::new(&[
        (
            "package.json",
            r#"{"name":"shop","scripts":{"db:push":"drizzle-kit push","predb:push":"echo before"}}"#,
        ),
        ("drizzle.config.ts", &DRIZZLE.replace("HEAD", head)),
        ("schema.ts", DRIZZLE_SCHEMA),
    ]);
    for (name, text) in files {
        case.write(name, text);
    }
    for database in DATABASES {
        case.server.sql(database, "create table kept(id int); create table orders(id int)");
    }
    symlink(packages::node_modules(), case.project.sandbox.path("work/node_modules"))
        .expect("a link");
    case
}

#[test]
fn drizzle_drops_what_the_schema_does_not_have_in_the_database_of_its_env_file() {
    for (env_file, variable, expected) in [
        ("DATABASE_URL=PRODUCTION_URL\n", None, "shop_production"),
        ("DATABASE_URL=DEV_URL\n", None, "shop_dev"),
        ("DATABASE_URL=PRODUCTION_URL\n", Some("shop_dev"), "shop_dev"),
        ("DATABASE_URL=DEV_URL\n", Some("shop_production"), "shop_production"),
    ] {
        let case = drizzle("", &[(".env", env_file)]);
        let url = variable.map(|database| case.url(database));
        let env: Vec<(&str, &str)> = url.iter().map(|url| ("DATABASE_URL", url.as_str())).collect();
        case.judged("npm run db:push -- --force", &env, expected);
        // npm itself, with the script in front of the script.
        let said = case.run("npm", &["run", "db:push", "--", "--force"], &env);
        assert!(said.contains("before"), "{said}");
        for database in DATABASES {
            let left = if database == expected { "0" } else { "1" };
            assert_eq!(case.tables(database, "orders"), left, "{env_file} {variable:?} {said}");
        }
    }
}

/// Stands in for Prisma's schema engine, which Prisma downloads and these
/// tests cannot: it records the URL and the methods that Prisma's own command
/// line asks it for, and says yes to all.
const ENGINE: &str = r#"#!/usr/bin/env python3
import json, os, sys
log = open(os.environ['ENGINE_LOG'], 'a')
print('url', os.environ.get('DATABASE_URL'), file=log, flush=True)
if 'cli' in sys.argv or '--version' in sys.argv: sys.exit(0)
for line in sys.stdin:
    call = json.loads(line)
    forced = call['params'].get('force') if isinstance(call['params'], dict) else None
    print(call['method'], 'by force' if forced else '', file=log, flush=True)
    result = {'executedSteps': 1, 'warnings': [], 'unexecutable': [], 'appliedMigrationNames': [],
              'migrations': [], 'historyDiagnostic': None, 'failedMigrationNames': [],
              'editedMigrationNames': [], 'hasMigrationsTable': True, 'driftDiagnostic': None}
    print(json.dumps({'jsonrpc': '2.0', 'id': call['id'], 'result': result}), flush=True)
"#;

const SCHEMA: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\nmodel User {\n  id Int @id\n}\n";

/// What the real Prisma asks its engine for, with these words.
fn asked(project: &Project, words: &[&str], env: &[(&str, &str)]) -> String {
    let engine = project.sandbox.path("tools/schema-engine");
    project.sandbox.tool("schema-engine", "");
    std::fs::write(&engine, ENGINE).expect("a file");
    let log = project.sandbox.path("engine.log");
    let _ = std::fs::remove_file(&log);
    let mut command = Command::new(packages::node_modules().join(".bin/prisma"));
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(env.iter().copied());
    command.env("HOME", project.sandbox.home()).env("CHECKPOINT_DISABLE", "1");
    command.env("PRISMA_SCHEMA_ENGINE_BINARY", &engine).env("ENGINE_LOG", &log);
    command.env("PRISMA_QUERY_ENGINE_LIBRARY", "/bin/true");
    let output = command.args(words).current_dir(project.sandbox.path("work")).output();
    let output = output.expect("it starts");
    std::fs::read_to_string(&log)
        .unwrap_or_else(|_| panic!("{words:?}: {}{}", out(&output), err(&output)))
}

#[test]
fn prisma_asks_for_a_reset_where_we_say_so_and_nowhere_else() {
    let url = "postgresql://u:hunter2@127.0.0.1:1/shop_production";
    let project = Project::new(&[
        ("prisma/schema.prisma", SCHEMA),
        ("prisma/migrations/1_x/migration.sql", "select 1;"),
        ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
        (".env", &format!("DATABASE_URL={url}\n")),
    ]);
    for words in [
        &["migrate", "reset", "--force", "--skip-seed", "--skip-generate"][..],
        &["migrate", "reset", "-f", "--skip-generate"],
        &["db", "push", "--force-reset", "--skip-generate"],
        &["db", "push", "--accept-data-loss", "--skip-generate"],
        &["migrate", "deploy"],
        &["migrate", "status"],
        &["migrate", "resolve", "--applied", "1_x"],
    ] {
        let log = asked(&project, words, &[]);
        let destroys = log.contains("\nreset") || log.contains("by force");
        let said = project.judge(&format!("npx prisma {}", words.join(" ")), &[]);
        assert_eq!(said.effect == "destroy", destroys, "{words:?}: {said:?} {log}");
        assert_eq!(said.verdict == "refuse", destroys, "{words:?}: {said:?} {log}");
    }
}

#[test]
fn prisma_takes_the_variable_over_its_files() {
    let url = |database: &str| format!("postgresql://u:hunter2@127.0.0.1:1/{database}");
    for (root, beside, variable, expected) in [
        (Some("shop_production"), None, None, "shop_production"),
        (Some("shop_dev"), None, None, "shop_dev"),
        (None, Some("shop_production"), None, "shop_production"),
        (Some("shop_production"), None, Some("shop_dev"), "shop_dev"),
        (Some("shop_dev"), None, Some("shop_production"), "shop_production"),
    ] {
        let project = Project::new(&[("prisma/schema.prisma", SCHEMA)]);
        for (name, database) in [(".env", root), ("prisma/.env", beside)] {
            if let Some(database) = database {
                let text = format!("DATABASE_URL=\"{}\"\n", url(database));
                project.sandbox.write(&format!("work/{name}"), &text);
            }
        }
        let value = variable.map(url);
        let env: Vec<(&str, &str)> =
            value.iter().map(|value| ("DATABASE_URL", value.as_str())).collect();
        let log = asked(&project, &["migrate", "reset", "--force", "--skip-generate"], &env);
        assert!(log.contains(&format!("url {}", url(expected))), "{log}");
        let line = "npx prisma migrate reset --force";
        let said = match expected {
            "shop_production" => project.refused(line, &env),
            _ => project.free(line, &env),
        };
        assert_eq!(said.target.split('@').next(), Some(expected), "{said:?}");
    }
}
