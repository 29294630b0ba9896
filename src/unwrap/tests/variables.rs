//! Which variables a command gets from the files that the words around it
//! name: dotenv and its like, node, bun, workspaces and Compose.

use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::Verdict;
use crate::pipeline::{self, Options, Subject};
use crate::world::fake::FakeWorld;

const SCHEMA: &str =
    "datasource db {\n provider = \"postgresql\"\n url = env(\"DATABASE_URL\")\n}\n";
const PROD: &str = "DATABASE_URL=postgres://db.prod.acme.com/shop\n";
const HERE: &str = "DATABASE_URL=postgres://localhost/shop_dev\n";

fn project() -> FakeWorld {
    FakeWorld::new()
        .with_file("/app/prisma/schema.prisma", SCHEMA)
        .with_file("/app/.env", HERE)
        .with_file("/app/.env.production", PROD)
        .with_file("/app/package.json", r#"{"scripts":{"reset":"prisma migrate reset"}}"#)
}

#[track_caller]
fn judged(world: &FakeWorld, line: &str, wanted: Verdict) {
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    let subject = Subject::Line(line, &Invocation::default());
    let judgement = pipeline::judge(subject, world, options).judgement;
    assert_eq!(judgement.verdict, wanted, "{line}: {judgement:#?}");
}

#[test]
fn the_file_that_a_launcher_names_counts() {
    let world = project();
    for line in [
        "dotenv -c production -- prisma migrate reset",
        "dotenv -e .env.production -e .env -- prisma migrate reset",
        "dotenvx run -f .env.production -f .env -- prisma migrate reset",
        "dotenvx run --overload -f .env -f .env.production -- prisma migrate reset",
        "dotenvx run -e DATABASE_URL=postgres://db.prod.acme.com/x -f .env -- prisma migrate reset",
        "NODE_ENV=production dotenvx run --convention nextjs -- prisma migrate reset",
        "DATABASE_URL=postgres://localhost/x env-cmd -f .env.production prisma migrate reset",
        "env-cmd -e production -- prisma migrate reset",
        "dotenv -f .env.production,.env prisma migrate reset",
        "node --env-file=.env.production node_modules/.bin/prisma migrate reset",
        "node --env-file-if-exists .env --env-file .env.production node_modules/.bin/prisma migrate reset",
        "bun --env-file=.env.production run reset",
        "bun --env-file .env.production reset",
    ] {
        judged(&world, line, Verdict::Refuse);
    }
    for line in [
        "dotenv -c -- prisma migrate reset",
        "dotenv -e .env -e .env.production -- prisma migrate reset",
        "dotenvx run -f .env -f .env.production -- prisma migrate reset",
        "env-cmd -f .env prisma migrate reset",
        "DATABASE_URL=postgres://localhost/x node --env-file=.env.production node_modules/.bin/prisma migrate reset",
        "bun run reset",
        "node --env-file=.env node_modules/.bin/prisma migrate reset",
    ] {
        judged(&world, line, Verdict::Allow);
    }
    let local = world.with_file("/app/.env.local", HERE);
    judged(&local, "dotenv -c production -- prisma migrate reset", Verdict::Allow);
    let own = local.with_file("/app/.env.production.local", PROD);
    judged(&own, "dotenv -c production -- prisma migrate reset", Verdict::Refuse);
    let settings = r#"{"staging":{"DATABASE_URL":"postgres://localhost/x"}}"#;
    let own = own.with_file("/app/.env-cmdrc", settings);
    judged(&own, "env-cmd -e staging -- prisma migrate reset", Verdict::Allow);
    judged(&own, "env-cmd -e production -- prisma migrate reset", Verdict::Refuse);
}

#[test]
fn a_filter_of_paths_and_a_loop_over_workspaces_reach_the_packages() {
    let world = FakeWorld::new()
        .with_file("/app/package.json", r#"{"workspaces":["packages/*","apps/*"]}"#)
        .with_file("/app/pnpm-workspace.yaml", "packages: [packages/*, apps/*]\n")
        .with_file(
            "/app/packages/db/package.json",
            r#"{"name":"@acme/db","scripts":{"reset":"prisma migrate reset"}}"#,
        )
        .with_file("/app/packages/db/prisma/schema.prisma", SCHEMA)
        .with_file("/app/packages/db/.env", PROD)
        .with_file("/app/apps/web/package.json", r#"{"name":"web","scripts":{"build":"tsc"}}"#)
        .with_file("/app/apps/web/prisma/schema.prisma", SCHEMA)
        .with_file("/app/apps/web/.env", HERE);
    for line in [
        "pnpm --filter './packages/**' run reset",
        "pnpm --filter './packages/*' reset",
        "pnpm recursive run reset",
        "pnpm -r exec prisma migrate reset",
        "yarn workspaces foreach -Apt run reset",
        "yarn workspaces run reset",
        "yarn workspaces foreach --all exec prisma migrate reset",
    ] {
        judged(&world, line, Verdict::Refuse);
    }
    for line in [
        "pnpm --filter './apps/**' run reset",
        "pnpm --filter web exec prisma migrate reset",
        "yarn workspaces foreach -A run build",
        "yarn workspaces list --json",
        "pnpm recursive list",
    ] {
        judged(&world, line, Verdict::Allow);
    }
}

#[test]
fn a_service_of_compose_has_the_variables_of_its_file() {
    let text = "services:\n\
        \x20 web: {environment: {DATABASE_URL: postgres://db.prod.acme.com/shop}}\n\
        \x20 worker: {env_file: .env.production}\n\
        \x20 api: {environment: {DATABASE_URL: \"postgres://db:5432/shop\"}}\n\
        \x20 passed: {environment: [DATABASE_URL]}\n\
        \x20 db: {image: postgres}\n";
    let world = FakeWorld::new()
        .with_file("/app/compose.yml", text)
        .with_file("/app/.env.production", PROD)
        .with_file("/app/.env", HERE);
    for line in [
        "docker compose exec web bin/rails db:drop",
        "docker compose run --rm web npx prisma migrate reset",
        "docker-compose run worker sh -c 'psql $DATABASE_URL -c \"drop table t\"'",
        "docker compose run worker prisma migrate reset -f",
        "docker compose run -e DATABASE_URL=postgres://db.prod.acme.com/x api prisma migrate reset",
        "DATABASE_URL=postgres://db.prod.acme.com/x docker compose run passed prisma migrate reset",
        "docker compose --env-file .env.production run passed prisma migrate reset",
        "docker --context prod compose run api prisma migrate reset",
    ] {
        judged(&world, line, Verdict::Refuse);
    }
    for line in [
        "docker compose exec api bin/rails db:drop",
        "docker compose run --rm api sh -c 'psql $DATABASE_URL -c \"drop table t\"'",
        "docker compose exec db psql -U postgres -c 'drop table t'",
        "docker compose exec web bin/rails db:migrate",
        "docker compose exec -e DATABASE_URL=postgres://db/x web bin/rails db:drop",
        "docker compose run passed prisma migrate reset",
    ] {
        judged(&world, line, Verdict::Allow);
    }
}
