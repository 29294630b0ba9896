use crate::action::{Effect, Flag};
use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Subject};
use crate::target::Class;
use crate::world::fake::FakeWorld;

const PROD: &str = "postgresql://app:hunter2@db.prod.acme.com:5432/shop";
const UNNAMED: &str = "postgresql://app:hunter2@tramway.proxy.rlwy.net:41234/railway";
const LOCAL: &str = "postgresql://app:hunter2@localhost:5432/shop";

fn judge(world: &FakeWorld, line: &str) -> Judgement {
    let surroundings = Invocation::default();
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    let judgement = pipeline::judge(Subject::Line(line, &surroundings), world, options).judgement;
    assert!(!format!("{judgement:?}").contains("hunter2"), "{line}: a password is shown");
    judgement
}

#[track_caller]
fn refused(world: &FakeWorld, line: &str) -> Judgement {
    let judgement = judge(world, line);
    assert_eq!(judgement.verdict, Verdict::Refuse, "{line}: {:#?}", judgement.actions);
    judgement
}

#[track_caller]
fn allowed(world: &FakeWorld, line: &str) -> Judgement {
    let judgement = judge(world, line);
    assert_eq!(judgement.verdict, Verdict::Allow, "{line}: {:#?}", judgement.actions);
    judgement
}

/// Allowed, and known for what it is: a destroy on this machine, whose name
/// may say development.
#[track_caller]
fn local(world: &FakeWorld, line: &str) {
    let judgement = allowed(world, line);
    let worst = judgement.worst().expect("an action");
    assert_eq!(worst.action.effect, Effect::Destroy, "{line}");
    let here = matches!(worst.class, Class::Local | Class::Development);
    assert!(here, "{line}: {} {:?}", worst.class, worst.action.target);
}

const SCHEMA: &str =
    "datasource db {\n provider = \"postgresql\"\n url = env(\"DATABASE_URL\")\n}\n";

fn prisma(env: &str) -> FakeWorld {
    FakeWorld::new()
        .with_file("package.json", r#"{"scripts":{"db:reset":"prisma migrate reset --force","db:push":"prisma db push","pretest":"npm run db:reset"}}"#)
        .with_file("prisma/schema.prisma", SCHEMA)
        .with_file(".env", &format!("DATABASE_URL=\"{env}\"\n"))
}

#[test]
fn prisma_goes_where_its_env_file_says() {
    for line in [
        "npx prisma migrate reset --force",
        "pnpm prisma migrate reset --force",
        "npx prisma db push --force-reset",
        "npx prisma db push --accept-data-loss",
        "npm run db:reset",
        "npm run db:push -- --force-reset",
        "yarn db:reset",
        "pnpm run db:reset",
        "bun run db:reset",
        "npm test; npm run pretest",
        "cd . && npx --yes prisma@6.1.0 migrate reset -f",
    ] {
        refused(&prisma(PROD), line);
        refused(&prisma(UNNAMED), line);
        local(&prisma(LOCAL), line);
    }
    let judgement = refused(&prisma(PROD), "npx prisma migrate reset");
    let worst = judgement.worst().expect("an action");
    assert_eq!(worst.class, Class::Production);
    assert!(worst.action.flags.has(Flag::Irreversible));
    assert_eq!(worst.action.target.name.as_deref(), Some("shop@db.prod.acme.com"));
}

#[test]
fn the_real_environment_wins_over_prismas_file() {
    let prod = prisma(PROD);
    local(&prod, &format!("DATABASE_URL={LOCAL} npx prisma migrate reset --force"));
    refused(&prisma(LOCAL), &format!("DATABASE_URL={PROD} npx prisma migrate reset --force"));
    refused(&prisma(LOCAL), "export DATABASE_URL=$(cat url); npx prisma migrate reset --force");
    // Another variable than the one that the schema names proves nothing.
    refused(&prod, &format!("DIRECT_URL={LOCAL} npx prisma migrate reset --force"));
}

#[test]
fn prismas_own_details() {
    let direct = SCHEMA.replace("}\n", " directUrl = env(\"DIRECT_URL\")\n}\n");
    let world = prisma(LOCAL).with_file("prisma/schema.prisma", &direct);
    refused(
        &world.with_file(".env", &format!("DATABASE_URL={LOCAL}\nDIRECT_URL={PROD}\n")),
        "npx prisma migrate reset",
    );
    // With a prisma.config.ts, .env counts only if that loads it.
    let config = "export default { schema: 'prisma/schema.prisma' };\n";
    refused(&prisma(LOCAL).with_file("prisma.config.ts", config), "npx prisma migrate reset");
    let config = format!("import 'dotenv/config';\n{config}");
    local(&prisma(LOCAL).with_file("prisma.config.ts", &config), "npx prisma migrate reset");
    let config = "export default { datasource: { url: env('SHOP_URL') } };\n";
    let world = prisma(LOCAL).with_file("prisma.config.ts", config);
    refused(&world, &format!("SHOP_URL={PROD} npx prisma migrate reset"));
    local(&world, &format!("SHOP_URL={LOCAL} npx prisma migrate reset"));
    let schema = SCHEMA.replace("env(\"DATABASE_URL\")", "\"file:./dev.db\"");
    local(&prisma(PROD).with_file("prisma/schema.prisma", &schema), "npx prisma migrate reset");
    allowed(&prisma(PROD), "npx prisma migrate deploy && npx prisma generate");
    refused(&prisma(PROD), "npx prisma db push $FLAGS");
    refused(&prisma(PROD), "npx prisma db push");
    refused(&prisma(PROD), "npx prisma $WHAT");
    let world = prisma(PROD);
    refused(&world, "echo 'drop table users' | npx prisma db execute --stdin");
    allowed(&world, "echo 'select 1' | npx prisma db execute --stdin");
}

#[test]
fn drizzle() {
    let world = |url: &str| {
        FakeWorld::new()
            .with_file("package.json", r#"{"scripts":{"db:push":"drizzle-kit push"}}"#)
            .with_file("drizzle.config.ts", "export default defineConfig({ dialect: 'postgresql', dbCredentials: { url: process.env.DATABASE_URL! } });")
            .with_file(".env", &format!("DATABASE_URL={url}"))
    };
    for line in ["npm run db:push", "npx drizzle-kit push --force", "pnpm drizzle-kit push"] {
        refused(&world(UNNAMED), line);
        local(&world(LOCAL), line);
    }
    allowed(&world(PROD), "npx drizzle-kit drop");
    allowed(&world(PROD), "npx drizzle-kit generate");
    let loaded = "import { config } from 'dotenv'; config({ path: '.env.production' }); export default { dbCredentials: { url: process.env.DATABASE_URL } }";
    let both = FakeWorld::new()
        .with_file("drizzle.config.ts", loaded)
        .with_file(".env.production", &format!("DATABASE_URL={PROD}"))
        .with_file(".env", &format!("DATABASE_URL={LOCAL}"));
    refused(&both, "npx drizzle-kit push");
}

#[test]
fn a_flag_called_testing_proves_nothing() {
    let env = |host: &str| {
        format!("APP_ENV=local\nDB_CONNECTION=mysql\nDB_HOST={host}\nDB_DATABASE=shop\n")
    };
    let world = FakeWorld::new().with_file(".env", &env("10.2.3.4"));
    for line in [
        "php artisan migrate:fresh --env=testing",
        "php artisan migrate:fr --env=testing --force",
        "./artisan db:wipe --force --env testing",
        "APP_ENV=testing php artisan migrate:refresh",
    ] {
        refused(&world, line);
    }
    let both = FakeWorld::new()
        .with_file(".env", &env("10.2.3.4"))
        .with_file(".env.testing", &env("127.0.0.1"));
    local(&both, "php artisan migrate:fresh --env=testing");
    refused(&both, "php artisan migrate:fresh");
    let cached = both.with_file(
        "bootstrap/cache/config.php",
        "<?php return array('database' => array('host' => '10.2.3.4'));",
    );
    refused(&cached, "php artisan migrate:fresh --env=testing");
    let tests = FakeWorld::new().with_file(".env", "DB_CONNECTION=sqlite\n");
    local(&tests, "php artisan migrate:fresh");
    // RAILS_ENV=test beside a DATABASE_URL that leads elsewhere.
    let rails = FakeWorld::new().with_var("DATABASE_URL", UNNAMED);
    refused(&rails, "RAILS_ENV=test bundle exec rails db:drop");
    refused(&rails, "bin/rails db:drop RAILS_ENV=test");
}

#[test]
fn rails() {
    let yml = "default: &default\n  adapter: postgresql\n\ndevelopment:\n  <<: *default\n  database: shop_development\n\nproduction:\n  <<: *default\n  host: db.acme.com\n  database: shop\n";
    let world = FakeWorld::new().with_file("config/database.yml", yml);
    local(&world, "bin/rails db:drop db:create db:migrate");
    local(&world, "bundle exec rake db:reset");
    for line in [
        "RAILS_ENV=production bin/rails db:drop",
        "bin/rails db:drop RAILS_ENV=production",
        "bin/rails db:create db:drop:primary RAILS_ENV=production",
        "RAILS_ENV=production bundle exec rake db:schema:load",
        "RAILS_ENV=production bin/rails runner 'User.delete_all'",
        "PGHOST=db.prod.acme.com bin/rails db:drop",
    ] {
        refused(&world, line);
    }
    allowed(&world, "RAILS_ENV=production bin/rails db:migrate db:version");
    refused(&world.with_var("DATABASE_URL", PROD), "bin/rails db:drop");
}

#[test]
fn alembic() {
    let ini =
        "[alembic]\nscript_location = migrations\nsqlalchemy.url = postgresql://localhost/shop\n";
    let plain = "connectable = engine_from_config(config.get_section(config.config_ini_section))\n";
    let own = "config.set_main_option('sqlalchemy.url', os.environ['DATABASE_URL'])\n";
    let line =
        ".venv/bin/python -m alembic downgrade base && .venv/bin/python -m alembic upgrade head";
    let world = FakeWorld::new().with_file("alembic.ini", ini);
    local(
        &FakeWorld::new().with_file("alembic.ini", ini).with_file("migrations/env.py", plain),
        line,
    );
    let world = world.with_file("migrations/env.py", own);
    refused(&world, line);
    refused(&world, &format!("DATABASE_URL={UNNAMED} {line}"));
    local(&world, &format!("export DATABASE_URL={LOCAL}; {line}"));
    let settings = "config.set_main_option('sqlalchemy.url', settings.DATABASE_URL)\n";
    let world = FakeWorld::new()
        .with_file("alembic.ini", ini)
        .with_file("migrations/env.py", settings)
        .with_file(".env", &format!("DATABASE_URL={PROD}"));
    refused(&world, "uv run alembic downgrade -1");
    allowed(&world, "alembic downgrade base --sql");
    allowed(&world, "alembic upgrade head");
}

#[test]
fn django() {
    let manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n";
    let sqlite = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}\n";
    let postgres = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'shop', 'HOST': os.environ.get('DB_HOST', 'localhost')}}\n";
    let world = |settings: &str| {
        FakeWorld::new().with_file("manage.py", manage).with_file("shop/settings.py", settings)
    };
    for line in [
        "python manage.py flush --no-input",
        "./manage.py flush",
        "poetry run python manage.py migrate shop zero",
    ] {
        local(&world(sqlite), line);
        refused(&world(postgres).with_var("DB_HOST", "db.acme.com"), line);
        refused(&FakeWorld::new(), line);
    }
    let base = FakeWorld::new()
        .with_file("shop/settings/production.py", "from .base import *\n")
        .with_file(
            "shop/settings/base.py",
            &postgres.replace("os.environ.get('DB_HOST', 'localhost')", "'db.acme.com'"),
        );
    refused(&base, "DJANGO_SETTINGS_MODULE=shop.settings.production django-admin flush");
    allowed(&base, "django-admin sqlflush --settings=shop.settings.production");
}

#[test]
fn supabase_is_local_unless_it_is_linked() {
    let world = FakeWorld::new().with_file("supabase/.temp/project-ref", "abcdefghij");
    local(&world, "npx supabase db reset");
    let judgement = refused(&world, "npx supabase db reset --linked");
    let target = judgement.worst().and_then(|worst| worst.action.target.name.clone());
    assert_eq!(target.as_deref(), Some("abcdefghij"));
    refused(&world, &format!("supabase db reset --db-url {PROD}"));
    local(&world, &format!("supabase db reset --db-url {LOCAL}"));
}

#[test]
fn the_other_tools() {
    let knex = "module.exports = { development: { client: 'pg', connection: { host: 'localhost', database: 'shop' } }, production: { client: 'pg', connection: { host: 'db.acme.com', database: 'shop' } } };";
    let world = FakeWorld::new().with_file("knexfile.js", knex);
    local(&world, "npx knex migrate:rollback --all");
    refused(&world, "npx knex migrate:rollback --all --env production");
    refused(&world, "cross-env NODE_ENV=production npx knex migrate:down");
    let sequelize = r#"{"development":{"host":"127.0.0.1","database":"shop"},"production":{"use_env_variable":"SHOP_URL"}}"#;
    let world =
        FakeWorld::new().with_file("config/config.json", sequelize).with_var("SHOP_URL", UNNAMED);
    local(&world, "npx sequelize-cli db:drop");
    refused(&world, "NODE_ENV=production npx sequelize db:drop");
    let world = FakeWorld::new().with_file(".env", &format!("DATABASE_URL={PROD}"));
    for line in [
        "dbmate drop",
        "sqlx database reset -y",
        "diesel database reset",
        "cd sub && sqlx db drop -y",
    ] {
        refused(&world, line);
        local(
            &world,
            &format!("DATABASE_URL={LOCAL} {line}").replace(
                &format!("DATABASE_URL={LOCAL} cd sub &&"),
                &format!("cd sub && DATABASE_URL={LOCAL}"),
            ),
        );
    }
    let flyway = "[environments.default]\nurl = \"jdbc:postgresql://localhost/shop\"\n[environments.live]\nurl = \"jdbc:postgresql://db.acme.com/shop\"\n";
    let world = FakeWorld::new().with_file("flyway.toml", flyway);
    refused(&world, "flyway -environment=live clean");
    local(&world, "flyway -environment=default clean");
}

#[test]
fn stores_and_files_of_variables() {
    let world = prisma(LOCAL).with_file(".env.prod", &format!("DATABASE_URL={PROD}\n"));
    refused(&world, "dotenv -e .env.prod -- npx prisma migrate reset --force");
    refused(&world, "doppler run -- npx prisma migrate reset --force");
    refused(&world, "op run --env-file .env.x -- sh -c 'npx prisma migrate reset'");
    local(&world, "dotenv -e .env -- npx prisma migrate reset --force");
    refused(&world, "set -a; . ./.env.prod; npx prisma migrate reset --force");
}

#[test]
fn make() {
    let makefile = "include .env\nexport\nDB ?= shop\nall: build\n\t@echo hi\nreset: clean\n\tnpx prisma migrate reset --force\nclean:\n\trm -rf build\nbuild:\n\t$(CC) -o x x.c $(shell date)\n";
    let world = |url: &str| {
        prisma(LOCAL)
            .with_file("Makefile", makefile)
            .with_file(".env", &format!("DATABASE_URL={url}\n"))
    };
    refused(&world(PROD), "make reset");
    refused(&world(PROD), "make -C . build reset");
    local(&world(LOCAL), "make reset");
    allowed(&world(PROD), "make -n reset");
    allowed(&world(PROD), "make && make build clean");
    refused(&world(LOCAL), &format!("make reset DATABASE_URL={PROD}"));
}

#[test]
fn workspaces() {
    let world = FakeWorld::new()
        .with_file("package.json", r#"{"workspaces":["packages/*"],"scripts":{"reset":"echo no"}}"#)
        .with_file(
            "packages/api/package.json",
            r#"{"name":"@acme/api","scripts":{"reset":"prisma migrate reset --force"}}"#,
        )
        .with_file("packages/api/prisma/schema.prisma", SCHEMA)
        .with_file("packages/api/.env", &format!("DATABASE_URL={PROD}"))
        .with_file(
            "packages/web/package.json",
            r#"{"name":"@acme/web","scripts":{"reset":"echo no"}}"#,
        );
    for line in [
        "npm run reset -w packages/api",
        "npm run reset --workspace=@acme/api",
        "npm run reset --workspaces",
        "npm --prefix packages/api run reset",
        "pnpm --filter @acme/api reset",
        "pnpm -r run reset",
        "pnpm -C packages/api reset",
        "yarn workspace @acme/api reset",
        "yarn --cwd packages/api reset",
        "cd packages/api && npm run reset",
    ] {
        refused(&world, line);
    }
    allowed(&world, "npm run reset");
    allowed(&world, "npm run reset -w packages/web");
    allowed(&world, "pnpm --filter web reset");
}

#[test]
fn goose_takes_its_place_in_front_of_its_command() {
    let world = FakeWorld::new();
    refused(&world, &format!("goose -dir m postgres '{PROD}' reset"));
    refused(&world, "goose postgres $DB down-to 0");
    local(&world, &format!("goose postgres '{LOCAL}' reset"));
    allowed(&world, &format!("goose postgres '{PROD}' up"));
    refused(&world, &format!("goose postgres '{LOCAL}' $VERB && goose postgres '{PROD}' $VERB"));
}

#[test]
fn odd_words_do_not_panic() {
    let world = prisma(PROD);
    for line in [
        "npx",
        "npx --",
        "npx -p",
        "npx @",
        "npm run",
        "npm -w",
        "npm exec --",
        "bundle exec",
        "make -f",
        "make =x",
        "php",
        "python -m",
        "goose postgres",
        "goose a b c",
        "rails ''",
        "rails :",
        "artisan :",
        "artisan ::",
        "prisma --schema",
        "dotenv",
        "dotenv -e",
        "doppler run",
        "doppler run --command",
        "yarn workspace",
        "uv run",
        "hatch run :",
        "npx prisma@",
        "npx ''",
        "node node_modules",
        "run-s -x",
    ] {
        let _ = judge(&world, line);
    }
}
