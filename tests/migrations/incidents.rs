//! The reported incidents of this family. In each, the command is the
//! report's and the files are what the report says of the project; the same
//! command with local data must run without a question.

use crate::project::Project;

/// Railway's proxy, as in I5 to I7: nothing in the name says production.
const RAILWAY: &str = "postgresql://postgres:hunter2@tramway.proxy.rlwy.net:41234/railway";
const LOCAL: &str = "postgresql://postgres:hunter2@localhost:5432/shop";

const SCHEMA: &str =
    "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n";
const DRIZZLE: &str = "import { defineConfig } from 'drizzle-kit';\nexport default defineConfig({\n  \
    dialect: 'postgresql', schema: './schema.ts',\n  dbCredentials: { url: process.env.DATABASE_URL! },\n});\n";

fn prisma(url: &str) -> Project {
    Project::new(&[
        ("package.json", r#"{"name":"shop","scripts":{"db:push":"prisma db push"}}"#),
        ("prisma/schema.prisma", SCHEMA),
        (".env", &format!("DATABASE_URL=\"{url}\"\n")),
    ])
}

fn drizzle(url: &str) -> Project {
    Project::new(&[
        ("package.json", r#"{"name":"shop","scripts":{"db:push":"drizzle-kit push"}}"#),
        ("drizzle.config.ts", DRIZZLE),
        (".env", &format!("DATABASE_URL={url}\n")),
    ])
}

/// A line and the words of its shim, in a project whose data is far away and
/// in one whose data is local.
#[track_caller]
fn incident(project: impl Fn(&str) -> Project, line: &str, shim: &[&str]) {
    let far = project(RAILWAY);
    let said = far.refused(line, &[]);
    assert_eq!(said.target, "railway@tramway.proxy.rlwy.net", "{said:?}");
    assert_eq!(said.class, "unknown", "{said:?}");
    let near = project(LOCAL);
    near.free(line, &[]);
    if !shim.is_empty() {
        assert!(!far.passes_shim(shim, &[]), "{shim:?}");
        assert!(near.passes_shim(shim, &[]), "{shim:?}");
    }
}

#[test]
fn i3_a_script_that_pushes_a_schema() {
    incident(drizzle, "npm run db:push", &["npm", "run", "db:push"]);
}

#[test]
fn i5_drizzle_push_by_force() {
    incident(drizzle, "drizzle-kit push --force", &["drizzle-kit", "push", "--force"]);
}

#[test]
fn i6_push_with_the_prompt_answered() {
    // Without a flag, Prisma asks before it resets; the answer was an agent's.
    incident(prisma, "prisma db push", &["prisma", "db", "push"]);
    let far = prisma(RAILWAY);
    far.refused("yes | npx prisma db push", &[]);
    far.refused("yes | npx prisma db push --accept-data-loss", &[]);
    far.refused("yes | npx prisma migrate reset", &[]);
    // The report's other half: the variable was changed to lead to production.
    let near = prisma(LOCAL);
    near.refused("npx prisma db push --force-reset", &[("DATABASE_URL", RAILWAY)]);
}

#[test]
fn i7_push_with_a_forced_reset() {
    let words = ["prisma", "db", "push", "--force-reset"];
    incident(prisma, "prisma db push --force-reset", &words);
}

#[test]
fn i8_push_that_accepts_data_loss() {
    let words = ["npx", "prisma", "db", "push", "--accept-data-loss"];
    incident(prisma, "npx prisma db push --accept-data-loss", &words);
}

#[test]
fn i9_and_i10_a_reset_of_development_data() {
    let words = ["pnpm", "prisma", "migrate", "reset", "--force"];
    incident(prisma, "pnpm prisma migrate reset --force", &words);
    let words = ["prisma", "migrate", "reset", "--force"];
    incident(prisma, "prisma migrate reset --force", &words);
}

#[test]
fn i11_the_local_stack_runs_without_a_question() {
    let project = Project::new(&[("supabase/.temp/project-ref", "abcdefghijklmnop\n")]);
    project.free("npx supabase db reset", &[]);
    assert!(project.passes_shim(&["npx", "supabase", "db", "reset"], &[]));
    assert!(project.passes_shim(&["supabase", "db", "reset"], &[]));
    let said = project.refused("npx supabase db reset --linked", &[]);
    assert_eq!(said.target, "abcdefghijklmnop");
    assert!(!project.passes_shim(&["supabase", "db", "reset", "--linked"], &[]));
}

#[test]
fn i12_dropping_a_local_database() {
    let project = Project::new(&[]);
    project.free("dropdb genesis_master", &[]);
    assert!(project.passes_shim(&["dropdb", "genesis_master"], &[]));
    project.refused("dropdb genesis_master", &[("PGHOST", "10.1.2.3")]);
    assert!(!project.passes_shim(&["dropdb", "genesis_master"], &[("PGHOST", "10.1.2.3")]));
}

#[test]
fn i13_a_virtual_environments_own_python() {
    let alembic = |url: &str| {
        Project::new(&[
            (
                "alembic.ini",
                "[alembic]\nscript_location = alembic\nsqlalchemy.url = postgresql://localhost/shop\n",
            ),
            (
                "alembic/env.py",
                "from app.config import settings\nconfig.set_main_option('sqlalchemy.url', settings.DATABASE_URL)\n",
            ),
            (".env", &format!("DATABASE_URL={url}\n")),
        ])
    };
    // The path is absolute or nearly so: no shim sees it, only the line.
    let line =
        ".venv/bin/python -m alembic downgrade base && .venv/bin/python -m alembic upgrade head";
    incident(alembic, line, &[]);
    incident(alembic, "alembic downgrade base", &["alembic", "downgrade", "base"]);
}

#[test]
fn i14_a_flag_that_says_testing_where_there_is_no_such_file() {
    let env = |host: &str| {
        format!(
            "APP_ENV=local\nDB_CONNECTION=mysql\nDB_HOST={host}\nDB_DATABASE=shop\nDB_PASSWORD=hunter2\n"
        )
    };
    let far = Project::new(&[("artisan", ""), (".env", &env("10.1.2.3"))]);
    let line = "php artisan migrate:fresh --env=testing";
    let said = far.refused(line, &[]);
    assert_eq!((said.target.as_str(), said.class.as_str()), ("shop@10.1.2.3", "unknown"));
    let words = ["php", "artisan", "migrate:fresh", "--env=testing"];
    assert!(!far.passes_shim(&words, &[]));
    let near = Project::new(&[
        ("artisan", ""),
        (".env", &env("10.1.2.3")),
        (".env.testing", &env("127.0.0.1")),
    ]);
    near.free(line, &[]);
    assert!(near.passes_shim(&words, &[]));
}

#[test]
fn what_only_looks_alike_passes_everywhere() {
    let project = prisma(RAILWAY);
    for words in [
        &["npm", "install"][..],
        &["npx", "prisma", "generate"],
        &["npx", "prisma", "migrate", "status"],
        &["prisma", "migrate", "deploy"],
        &["npm", "run", "lint"],
        &["yarn", "add", "prisma"],
        &["bundle", "install"],
        &["make"],
    ] {
        assert!(project.passes_shim(words, &[]), "{words:?}");
    }
    assert!(drizzle(RAILWAY).passes_shim(&["drizzle-kit", "drop"], &[]));
}
