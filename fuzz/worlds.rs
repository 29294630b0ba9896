//! Bodies for files that stand around a command: configuration, project
//! files, the trail. Whatever they hold, a command that names production
//! itself is not let through for an agent by them.

use holdpoint::action::Effect;
use holdpoint::actor::ActorKind;
use holdpoint::audit::{self, redact};
use holdpoint::invocation::Invocation;
use holdpoint::judgement::Verdict;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;

use super::{invocation, judge, text};

fn judged(subject: Subject<'_>, world: &FakeWorld) -> Verdict {
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    pipeline::judge(subject, world, options).judgement.verdict
}

fn with_files(paths: &[&str], data: &[u8]) -> FakeWorld {
    let mut world = FakeWorld::new();
    for path in paths {
        world.files.insert(path.into(), data.to_vec());
    }
    world
}

/// Files in a home directory that tools read before they do anything.
const CONFIGS: &[&str] = &[
    "/home/ana/.pg_service.conf",
    "/home/ana/.pgpass",
    "/home/ana/.psqlrc",
    "/home/ana/.my.cnf",
    "/etc/mysql/my.cnf",
    "/home/ana/.aws/config",
    "/home/ana/.aws/credentials",
    "/home/ana/.railway/config.json",
    "/home/ana/.redisclirc",
    "/home/ana/.netrc",
];

/// Commands that name their target themselves.
const EXPLICIT: &[&[&str]] = &[
    &["psql", "-h", "db.prod.example.com", "-c", "drop database x"],
    &["mysql", "-h", "db.prod.example.com", "-e", "drop database x"],
    &["redis-cli", "-h", "db.prod.example.com", "flushall"],
    &["aws", "--profile", "prod", "rds", "delete-db-instance", "--db-instance-identifier", "x"],
    &["dropdb", "-h", "db.prod.example.com", "x"],
];

/// Configuration files.
pub fn configs(data: &[u8]) {
    let world = with_files(CONFIGS, data);
    for words in EXPLICIT {
        let invocation = Invocation::new(*words);
        let verdict = judged(Subject::Command(&invocation), &world);
        assert_eq!(verdict, Verdict::Refuse, "{words:?}");
    }
    for words in [
        &["psql", "service=x", "-c", "drop table a"][..],
        &["psql", "-c", "drop table a"],
        &["mysql", "--login-path=x", "-e", "drop table a"],
        &["aws", "s3", "rb", "s3://x"],
        &["curl", "-X", "DELETE", "https://api.example.com/x"],
        &["railway", "down", "-y"],
    ] {
        let invocation = Invocation::new(words);
        judge(Subject::Command(&invocation), &world);
    }
}

/// Files in a project that runners and migration tools read.
const PROJECT: &[&str] = &[
    "/app/Makefile",
    "/app/package.json",
    "/app/.env",
    "/app/config/database.yml",
    "/app/prisma/schema.prisma",
    "/app/prisma.config.ts",
    "/app/knexfile.js",
    "/app/alembic.ini",
    "/app/ormconfig.json",
    "/app/.sequelizerc",
    "/app/config/config.json",
    "/app/drizzle.config.ts",
    "/app/flyway.conf",
    "/app/manage.py",
    "/app/settings.py",
    "/app/x.sh",
    "/app/x.py",
    "/app/turbo.json",
    "/app/nx.json",
    "/app/apps/a/project.json",
    "/app/nodemon.json",
    "/app/deno.json",
    "/app/samconfig.toml",
    "/app/serverless.yml",
    "/app/cdk.json",
    "/app/cdk.context.json",
    "/app/Pulumi.yaml",
    "/app/Pulumi.x.yaml",
    "/app/terragrunt.hcl",
    "/app/a/b/terragrunt.hcl",
    "/app/main.tf",
    "/app/x.auto.tfvars",
    "/app/hosts",
    "/app/site.yml",
    "/app/group_vars/all.yml",
    "/app/pgdata/PG_VERSION",
    "/app/pgdata/postmaster.pid",
    "/app/x.db",
];

/// Commands of a project's that name production themselves.
const NAMED: &[&str] = &[
    "sam delete --stack-name shop-prod",
    "sls remove --stage prod",
    "cdk destroy ShopProd",
    "pulumi destroy -s prod",
    "terragrunt --working-dir live/prod destroy",
    "terraform destroy -var-file=prod.tfvars",
];

/// A project's files.
pub fn project(data: &[u8]) {
    let world = with_files(PROJECT, data);
    for line in [
        "make",
        "make -n x",
        "npm run x",
        "npm test",
        "yarn x",
        "rails db:drop",
        "npx prisma migrate reset --force",
        "knex migrate:rollback --all",
        "alembic downgrade base",
        "npx sequelize-cli db:drop",
        "npx drizzle-kit push",
        "flyway clean",
        "python manage.py flush",
        "sh x.sh",
        "python -c \"exec(open('x.py').read())\"",
        "turbo run x",
        "nx run a:x",
        "nx run-many -t x",
        "nodemon",
        "concurrently 'npm:*'",
        "run-s '**' -- x",
        "deno task x",
        "sam delete",
        "sls remove",
        "cdk destroy",
        "pulumi destroy -s x",
        "terragrunt run-all destroy",
        "terraform destroy",
        "ansible-playbook -i hosts site.yml",
        "rm -rf pgdata/base x.db",
        ": > x.db",
    ] {
        let surroundings = Invocation::default();
        judge(Subject::Line(line, &surroundings), &world);
    }
    for line in NAMED {
        let surroundings = Invocation::default();
        assert_eq!(judged(Subject::Line(line, &surroundings), &world), Verdict::Refuse, "{line}");
    }
}

/// What follows a destroying line never hides it: bash runs a line before it
/// reads the next.
pub fn lines(data: &[u8]) {
    let text = text(data);
    let world = FakeWorld::new();
    let surroundings = Invocation::default();
    for front in [
        "psql -h db.prod.example.com -c 'drop database x'\n",
        "aws --profile prod rds delete-db-instance --db-instance-identifier x\n",
    ] {
        let line = format!("{front}{text}");
        assert_eq!(judged(Subject::Line(&line, &surroundings), &world), Verdict::Refuse);
    }
    let script = [b"drop database x;\n", data].concat();
    let world = with_files(&["/app/x.sql"], &script);
    for words in [
        &["psql", "-h", "db.prod.example.com", "-f", "x.sql"][..],
        &["sqlite3", "prod.db", ".read x.sql"],
    ] {
        let invocation = Invocation::new(words);
        let verdict = judged(Subject::Command(&invocation), &world);
        assert!(verdict == Verdict::Refuse || words[0] == "sqlite3", "{words:?}");
    }
    let mut world = FakeWorld::new();
    world.stdin = holdpoint::invocation::Input::Text(script.into());
    let invocation = Invocation::new(["mysql", "-h", "db.prod.example.com"]);
    assert_eq!(judged(Subject::Command(&invocation), &world), Verdict::Refuse);
}

/// aws's words, with aliases and profiles that are any text as well.
pub fn aws(data: &[u8]) {
    let files = ["/home/ana/.aws/cli/alias", "/home/ana/.aws/config", "/app/in.json"];
    let world = with_files(&files, data);
    judge(Subject::Command(&invocation("aws", data)), &world);
    for words in [
        &["aws", "rds", "delete-db-instance", "--cli-input-json", "file://in.json"][..],
        &["aws", "s3api", "delete-objects", "--bucket", "b", "--delete", "file://in.json"],
        &["aws", "x", "y", "z"],
    ] {
        judge(Subject::Command(&Invocation::new(words)), &world);
    }
    // Without an alias no parameter makes a deletion less than one.
    let text = text(data);
    let _ = holdpoint::parse::shorthand::parse(&text);
    let parameters = format!("commands={text}");
    let send = ["aws", "ssm", "send-command", "--document-name", "AWS-RunShellScript"];
    if !text.contains('\0') {
        let words = [&send[..], &["--parameters", &parameters]].concat();
        judge(Subject::Command(&Invocation::new(words)), &world);
    }
    if !text.contains('\0') && !text.is_empty() {
        let words =
            ["aws", "dynamodb", "delete-table", "--table-name", "prod-orders", "--region", &text];
        let options = Options { actor: Some(ActorKind::Agent), full: true };
        let invocation = Invocation::new(words);
        let judgement =
            pipeline::judge(Subject::Command(&invocation), &FakeWorld::new(), options).judgement;
        let worst = judgement.actions.iter().map(|judged| judged.action.effect).max();
        let plain = !text.starts_with('-');
        assert!(!plain || worst == Some(Effect::Destroy), "{words:?}");
    }
}

/// A token in a text is never shown, and text without its secrets has none.
pub fn redaction(data: &[u8]) {
    let text = text(data);
    let once = redact::text(&text);
    let _ = redact::text(&once);
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    if text.len() < 32_000 && !text.contains(token) {
        let shown = redact::text(&format!("{text}\n{token}\n"));
        assert!(!shown.contains(token), "{shown}");
        let shown = redact::text(&format!("{token}\n{text}"));
        assert!(!shown.contains(token), "{shown}");
    }
}

/// A trail that nobody wrote is no trail.
pub fn trail(data: &[u8]) {
    let folder = std::env::temp_dir().join(format!("holdpoint-trail-{}", std::process::id()));
    if std::fs::create_dir_all(&folder).is_err() {
        return;
    }
    if std::fs::write(folder.join(audit::FILE), data).is_ok()
        && let Ok(report) = audit::verify::verify(&folder)
    {
        let lines = data.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        assert!(report.records <= lines as u64);
        assert!(report.problems.len() as u64 + report.more + report.records > 0 || lines == 0);
    }
    let _ = std::fs::remove_dir_all(&folder);
}
