//! The real tools. Each case has two databases of one server, one of whose
//! names says production; holdpoint names the one that it takes for the
//! target, then the tool is run, and the one that lost its rows must be it.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::installed;
use crate::postgres_server::PostgresServer;
use crate::project::Project;
use crate::sandbox::{err, out};

const DATABASES: [&str; 2] = ["shop_production", "shop_dev"];

struct Case {
    server: PostgresServer,
    project: Project,
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Case {
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
    fn write(&self, name: &str, text: &str) {
        let text = text
            .replace("PRODUCTION_URL", &self.url(DATABASES[0]))
            .replace("DEV_URL", &self.url(DATABASES[1]))
            .replace("PORT_NUMBER", &self.server.port().to_string());
        self.project.sandbox.write(&format!("work/{name}"), &text);
    }

    fn url(&self, database: &str) -> String {
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
    fn run(&self, program: &str, args: &[&str], env: &[(&str, &str)]) -> String {
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
    fn judged(&self, line: &str, env: &[(&str, &str)], database: &str) {
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
        ("alembic.ini", &format!("[alembic]\nscript_location = migrations\nsqlalchemy.url = {ini_url}\n")),
        ("migrations/env.py", &ENV_PY.replace("OVERRIDE", override_line)),
        ("migrations/versions/a1.py", REVISION),
    ]);
    symlink(installed::venv(), case.project.sandbox.path("work/.venv")).expect("a link");
    case
}

#[test]
fn alembic_takes_the_ini_files_url_unless_its_program_says_otherwise() {
    let line = ".venv/bin/python -m alembic downgrade base";
    let up = ["-m", "alembic", "upgrade", "head"];
    let down = ["-m", "alembic", "downgrade", "base"];
    let override_line = "import os; config.set_main_option('sqlalchemy.url', os.environ['DATABASE_URL'])";
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
    symlink(installed::venv(), case.project.sandbox.path("work/.venv")).expect("a link");
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
    case.judged(".venv/bin/python manage.py flush", &[("DB_NAME", "shop_production")], "shop_production");
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
        ("package.json", r#"{"name":"shop","scripts":{"db:push":"drizzle-kit push","predb:push":"echo before"}}"#),
        ("drizzle.config.ts", &DRIZZLE.replace("HEAD", head)),
        ("schema.ts", DRIZZLE_SCHEMA),
    ]);
    for (name, text) in files {
        case.write(name, text);
    }
    for database in DATABASES {
        case.server.sql(database, "create table kept(id int); create table orders(id int)");
    }
    symlink(installed::node_modules(), case.project.sandbox.path("work/node_modules")).expect("a link");
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

#[test]
fn prisma_takes_the_variable_over_the_file_and_the_file_of_the_root() {
    // The engines that Prisma downloads are not here, so a reset cannot run;
    // its check of the schema says which URL it has found, being told one of
    // a wrong kind.
    let schema = "datasource db {\n provider = \"postgresql\"\n url = env(\"DATABASE_URL\")\n}\n";
    let wrong = "mysql://u@db.prod.acme.com/shop";
    for (root, beside, variable, takes_wrong) in [
        (Some(wrong), None, None, true),
        (Some("DEV_URL"), None, Some(wrong), true),
        (Some(wrong), None, Some("DEV_URL"), false),
        (None, Some(wrong), None, true),
    ] {
        let case = Case::new(&[("prisma/schema.prisma", schema)]);
        for (name, text) in [(".env", root), ("prisma/.env", beside)] {
            if let Some(text) = text {
                case.write(name, &format!("DATABASE_URL=\"{text}\"\n"));
            }
        }
        let dev = case.url("shop_dev");
        let value = variable.map(|value| if value == "DEV_URL" { dev.as_str() } else { value });
        let env: Vec<(&str, &str)> = value.iter().map(|value| ("DATABASE_URL", *value)).collect();
        symlink(installed::node_modules(), case.project.sandbox.path("work/node_modules")).expect("a link");
        let output = case.command("node_modules/.bin/prisma", &["validate"], &env).output().expect("it starts");
        assert_eq!(!output.status.success(), takes_wrong, "{}{}", out(&output), err(&output));
        let line = "npx prisma migrate reset --force";
        match takes_wrong {
            true => assert_eq!(case.project.refused(line, &env).target, "shop@db.prod.acme.com"),
            false => case.judged(line, &env, "shop_dev"),
        }
    }
}
