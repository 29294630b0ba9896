//! Commands that people type all day, every one of them on production: none
//! may be stopped, not even for an agent. One file of lines a family of tools
//! in tests/ordinary/; a line behind `person:` is one that only a person may
//! run there (a session that reads a terminal).

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::fs;
use std::path::Path;

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judgement, Verdict};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;
use libtest_mimic::{Arguments, Trial};

/// How many there are at least.
const MANY: usize = 500;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ordinary");
    let mut trials = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder).expect("the folder").flatten().collect();
    files.sort_by_key(fs::DirEntry::path);
    for file in files {
        let family = file.path().file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(file.path()).expect("lines");
        for line in text.lines().filter(|line| !line.is_empty()) {
            let line = line.to_owned();
            let name = format!("{family}: {line}");
            trials.push(Trial::test(name, move || passes(&line).map_err(Into::into)));
        }
    }
    assert!(trials.len() >= MANY, "only {} lines", trials.len());
    trials.push(Trial::test("the world is production", || is_production().map_err(Into::into)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// How git is asked for unsaved changes; there are none.
const STATUS: &str =
    "status --porcelain=v1 -z --no-renames --untracked-files=no --ignore-submodules=dirty --";

/// A machine on which everything points at production.
fn production() -> FakeWorld {
    let kubeconfig = "apiVersion: v1\nkind: Config\ncurrent-context: prod\n\
        contexts:\n- name: prod\n  context: {cluster: prod, user: admin}\n\
        clusters:\n- name: prod\n  cluster: {server: \"https://k8s.prod.acme.com:6443\"}\n\
        users:\n- name: admin\n  user: {}\n";
    let scripts = r#"{"name": "shop", "scripts": {"test": "vitest run", "build": "tsc", "dev": "vite",
        "start": "node server.js", "lint": "eslint ."}}"#;
    let railway = r#"{"projects": {"/app": {"projectPath": "/app", "name": "shop", "project": "p1",
        "environment": "e1", "environmentName": "production", "service": "s1"}}}"#;
    let azure = r#"{"subscriptions": [{"id": "1", "name": "Production", "isDefault": true}]}"#;
    let mut world = FakeWorld::new()
        .with_var("PGHOST", "db.prod.acme.com")
        .with_var("DATABASE_URL", "postgres://app@db.prod.acme.com/shop")
        .with_var("MYSQL_HOST", "db.prod.acme.com")
        .with_var("AWS_PROFILE", "prod")
        .with_var("CLOUDSDK_CORE_PROJECT", "acme-prod")
        .with_var("DIGITALOCEAN_CONTEXT", "prod")
        .with_var("TF_WORKSPACE", "prod")
        .with_var("HEROKU_APP", "shop-prod")
        .with_var("FLY_APP", "shop-prod")
        .with_var("CONSUL_HTTP_ADDR", "https://consul.prod.acme.com")
        .with_var("ETCDCTL_ENDPOINTS", "https://etcd.prod.acme.com:2379")
        .with_var("NOMAD_ADDR", "https://nomad.prod.acme.com")
        .with_var("VAULT_ADDR", "https://vault.prod.acme.com")
        .with_var("NODE_ENV", "production")
        .with_var("RAILS_ENV", "production")
        .with_file("/home/ana/.azure/azureProfile.json", azure)
        .with_file("/home/ana/.aws/config", "[profile prod]\nregion = eu-west-1\n")
        .with_file("/home/ana/.kube/config", kubeconfig)
        .with_file("/home/ana/.railway/config.json", railway)
        .with_file("/app/package.json", scripts)
        .with_file("/app/.env", "# the shop's\nDATABASE_URL=postgres://app@db.prod.acme.com/shop\n")
        .with_file("/app/.env.test", "# tests\nDATABASE_URL=postgres://localhost/shop_test\n")
        .with_file("/tmp/notes.txt", "")
        .with_file("/app/migrations/001_users.sql", "CREATE TABLE users (id int);\n")
        .with_file("/app/migrations/002_index.sql", "CREATE INDEX CONCURRENTLY i ON users (id);\n")
        .with_file("/app/old/001_users.sql", "CREATE TABLE users (id int);\n")
        .with_file("/app/old/002_drop.sql", "DROP TABLE users;\n")
        .with_file("/app/script/report.rb", "User.where(plan: :pro).find_each do |user|\n  puts \"#{user.id} #{user.email}\"\nend\n")
        .with_file("/app/script/purge.rb", "User.where(plan: :free).find_each(&:destroy)\n")
        .with_file("/app/scripts/test.sh", "#!/bin/sh\nexport PGHOST=localhost\ndropdb shop_test\n")
        .with_file("/app/Pulumi.yaml", "name: shop\nruntime: nodejs\n")
        .with_file("/home/ana/.pulumi/workspaces/shop-1bcb49549269c9e09d297cfb89b37dc0b2ea4dbf-workspace.json", r#"{"stack": "prod"}"#)
        .with_file("/app/.terraform/environment", "prod")
        .with_file("/app/.git/HEAD", "ref: refs/heads/main\n")
        .with_file("/app/.git/config", "[remote \"origin\"]\n\turl = git@git.prod.acme.com:shop\n[alias]\n\tst = status\n\tpublish = push -u origin HEAD\n")
        .with_answer(STATUS, "")
        .with_answer(&format!("{STATUS} ."), "")
        .with_answer("rev-parse -q --verify --end-of-options HEAD~1^{tree}", "0123")
        .with_answer("rev-parse -q --verify --end-of-options feature/x^{tree}", "0123");
    // A plan that makes one resource, in the workspace `prod`.
    let plan = include_bytes!("terraform_files/create.plan").to_vec();
    world.files.insert("/app/tf.plan".into(), plan);
    world
}

fn judged(line: &str, actor: ActorKind) -> Judgement {
    let options = Options { actor: Some(actor), full: false };
    let surroundings = Invocation::default();
    pipeline::judge(Subject::Line(line, &surroundings), &production(), options).judgement
}

/// The same through an agent's hook.
fn hooked(line: &str) -> Judgement {
    let payload = serde_json::json!({"hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": line}, "cwd": "/app"});
    let agent = holdpoint::hook::agent::find("claude").expect("an agent");
    let judged = holdpoint::hook::judge(agent, payload.to_string().as_bytes(), &production());
    judged.expect("a payload").remove(0).outcome.judgement
}

fn passes(line: &str) -> Result<(), String> {
    let (line, actor) = match line.strip_prefix("person: ") {
        Some(line) => (line, ActorKind::Human),
        None => (line, ActorKind::Agent),
    };
    let mut judgement = judged(line, actor);
    if actor == ActorKind::Agent && judgement.verdict == Verdict::Allow {
        judgement = hooked(line);
    }
    if judgement.verdict == Verdict::Allow {
        return Ok(());
    }
    let why: Vec<&str> =
        judgement.actions.iter().map(|judged| judged.action.summary.as_str()).collect();
    Err(format!("{}: {}", judgement.verdict, why.join(" · ")))
}

/// That the lines' world is what it says: what destroys is stopped in it.
fn is_production() -> Result<(), String> {
    for line in [
        "psql -c 'drop table users'",
        "for f in old/*.sql; do psql -f \"$f\"; done",
        "for f in $(ls old); do psql -f old/$f; done",
        "cat old/*.sql | psql",
        "cat old/* | psql",
        "ls old/*.sql | xargs -n1 psql -f",
        "ls old/*.sql | xargs -I{} psql -f {}",
        "shopt -s nullglob; cat migrations/*.sql | psql",
        "psql <<< \"drop table users_$(date +%Y)\"",
        "psql <<< \"insert into t values ('$(cat x)')\"",
        "date() { echo \"'); drop table users; --\"; }; psql <<< \"insert into t values ('$(date)')\"",
        "psql <<< \"insert into t values ('$(date +\\'%F)')\"",
        "psql <<< \"delete from users -- $(date)\"",
        "psql <<< \"delete from users where 4 = $(nproc)\"",
        "psql <<< \"delete from users where '$(uname)' = 'Linux'\"",
        "echo \"flushall $(date +%s)\" | redis-cli -h cache.prod.acme.com",
        "rails runner 'User.delete_all'",
        "node -e \"const { PrismaClient } = require('@prisma/client'); new PrismaClient().user.deleteMany().then(console.log)\"",
        "rails runner script/purge.rb",
        "python manage.py shell -c 'from shop.models import User; User.objects.all().delete()'",
        "php artisan tinker --execute 'User::truncate();'",
        "bytebase-action rollout --url https://bytebase.acme.com --declarative --file-pattern 'schema/*.sql'",
        "aws s3 rb s3://logs --force",
        "railway volume delete -v data --yes",
        "npx prisma migrate reset --force",
        "gcloud sql instances delete main",
        "bq rm -f -t shop.orders",
        "az vm delete -n vm",
        "terraform destroy -auto-approve",
        "terraform apply -auto-approve",
        "terraform state push old.tfstate",
        "terragrunt run --all destroy",
        "pulumi destroy --yes",
        "cdk destroy --all --force",
        "http DELETE https://api.heroku.com/apps/shop",
        "wget --method=DELETE https://api.github.com/repos/acme/shop",
        "etcdctl del --prefix /app",
        "git push --force",
    ] {
        let judgement = judged(line, ActorKind::Agent);
        if judgement.verdict != Verdict::Refuse {
            return Err(format!("{line}: {}", judgement.verdict));
        }
    }
    Ok(())
}
