//! Changes as people make them, and what is found in each.

mod credentials;

use super::*;

fn change(path: &str, before: Option<&str>, after: Option<&str>) -> Change {
    Change {
        old_path: path.to_owned(),
        path: path.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
        unread: false,
    }
}

fn found(changes: &[Change]) -> Vec<String> {
    let tell = |it: Finding| format!("{} {}:{}", it.rule, it.path, it.line);
    of_changes(changes).into_iter().map(tell).collect()
}

#[track_caller]
fn finds(path: &str, before: Option<&str>, after: Option<&str>, what: &[&str]) {
    let found = found(&[change(path, before, after)]);
    let what: Vec<String> = what.iter().map(|it| it.replace('@', path)).collect();
    assert_eq!(found, what, "{path}");
}

#[track_caller]
fn adds(path: &str, text: &str, what: &[&str]) {
    finds(path, None, Some(text), what);
}

#[test]
fn a_migration_counts_at_its_line() {
    let text = "-- create and drop\nCREATE TABLE plans (id int);\n\nALTER TABLE users\n    ADD COLUMN plan int,\n    DROP COLUMN email,\n    DROP COLUMN name;\nTRUNCATE sessions;\n";
    adds(
        "db/migrations/0001_x.sql",
        text,
        &[
            // The first of a statement stands for the others.
            "migration/drop-column @:6",
            "migration/truncate @:8",
        ],
    );
    adds(
        "prisma/migrations/1_x/migration.sql",
        "DROP TABLE \"users\";",
        &["migration/drop-table @:1"],
    );
    adds("sql/V12__drop.sql", "\n\ndrop schema billing cascade;", &["migration/drop-schema @:3"]);
    adds("migrations/1_x.up.sql", "delete from users;", &["migration/delete-rows @:1"]);
    adds("db/1_x.up.sql", "update users set name = null;", &["migration/update-rows @:1"]);
    let rails = "class X < ActiveRecord::Migration[7.0]\n  def change\n    add_column :a, :b, :int\n    remove_column :users, :email\n  end\nend\n";
    adds("db/migrate/2026_x.rb", rails, &["migration/drop-column @:4"]);
    let alembic = "def upgrade():\n    op.add_column('a', x)\n    op.drop_table('users')\n\ndef downgrade():\n    op.drop_column('a', 'x')\n";
    adds("alembic/versions/1_x.py", alembic, &["migration/drop-table @:3"]);
    let django = "class Migration(migrations.Migration):\noperations = [\n    migrations.AddField('a', 'b', x),\n    migrations.RemoveField(\n        model_name='a',\n        name='c',\n    ),\n]\n";
    adds("app/migrations/0002_x.py", django, &["migration/drop-column @:4"]);
    adds("app/migrations/writer.py", "x = operations.DeleteModel('a')\n", &[]);
    let knex = "exports.up = function (knex) {\n  return knex.schema.dropTable('users');\n};\nexports.down = function (knex) {\n  return knex.schema.dropTable('plans');\n};\n";
    adds("migrations/2026_x.js", knex, &["migration/drop-table @:2"]);
    let laravel = "<?php\npublic function up()\n{\n    Schema::drop('users');\n}\n";
    adds("database/migrations/2026_x.php", laravel, &["migration/drop-table @:4"]);
}

#[test]
fn only_what_a_change_adds_counts() {
    let old = "drop table a;\n";
    let path = "migrations/1.sql";
    finds(path, Some(old), Some(old), &[]);
    finds(path, Some(old), Some("-- why\ndrop table a;\n"), &[]);
    finds(path, Some(old), None, &[]);
    finds(path, Some(old), Some("drop table a;\ndrop table b;\n"), &["migration/drop-table @:2"]);
    finds(path, Some(old), Some("drop table a;\ndrop table a;\n"), &["migration/drop-table @:2"]);
    let mut renamed = change(path, Some(old), Some(old));
    renamed.old_path = "migrations/0.sql".to_owned();
    assert_eq!(found(&[renamed.clone()]), Vec::<String>::new());
    renamed.old_path = "notes/1.sql".to_owned();
    assert_eq!(found(&[renamed]), ["migration/drop-table migrations/1.sql:1"]);
}

#[test]
fn what_cannot_be_read_for_its_length_is_told_of() {
    let mut long = change("migrations/1.sql", None, None);
    long.unread = true;
    assert_eq!(found(&[long.clone()]), ["migration/unread migrations/1.sql:1"]);
    long.path = "assets/dump.sql".to_owned();
    assert_eq!(found(&[long]), Vec::<String>::new());
}

const COMPOSE: &str = "services:\n  db:\n    image: postgres:17\n    volumes:\n      - pgdata:/var/lib/postgresql/data\n      - ./init:/init\n  web:\n    volumes:\n      - .:/app\n      - node_modules:/app/node_modules\nvolumes:\n  pgdata:\n  node_modules:\n  shared:\n    external: true\n";

#[test]
fn a_compose_file_that_loses_a_volume() {
    let path = "compose.yml";
    let without = |part: &str, by: &str| {
        assert!(COMPOSE.contains(part), "{part}");
        COMPOSE.replace(part, by)
    };
    let removed = without("  pgdata:\n  node", "  node")
        .replace("      - pgdata:/var/lib/postgresql/data\n", "");
    finds(path, Some(COMPOSE), Some(&removed), &["compose/volume-removed @:12"]);
    let unmounted = without("      - pgdata:/var/lib/postgresql/data\n", "");
    finds(path, Some(COMPOSE), Some(&unmounted), &["compose/mount-removed @:5"]);
    let owned = without("  shared:\n    external: true\n", "  shared:\n");
    finds(path, Some(COMPOSE), Some(&owned), &["compose/volume-owned @:14"]);
    let renamed = without("  pgdata:\n", "  pgdata:\n    name: other\n");
    finds(path, Some(COMPOSE), Some(&renamed), &["compose/volume-renamed @:12"]);
    finds("docker-compose.prod.yaml", Some(COMPOSE), None, &["compose/volume-removed @:12"]);
    // What builds make anew, a new image, another service: ordinary work.
    for text in [
        without("  node_modules:\n  shared", "  shared")
            .replace("      - node_modules:/app/node_modules\n", ""),
        without("postgres:17", "postgres:18"),
        without("services:\n", "services:\n  mail:\n    image: mailhog\n"),
        without("pgdata:/var/lib/postgresql/data", "pgdata:/var/lib/postgresql"),
        without("  pgdata:\n  node", "  pgdata:\n    labels: {a: b}\n  more:\n  node"),
    ] {
        finds(path, Some(COMPOSE), Some(&text), &[]);
    }
    finds("config/app.yml", Some(COMPOSE), None, &[]);
}

const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n  annotations:\n    helm.sh/resource-policy: keep\n---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nreclaimPolicy: Retain\n";

#[test]
fn manifests_that_lose_a_claim_or_a_brake() {
    let path = "k8s/app.yaml";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n  annotations:\n    helm.sh/resource-policy: keep\n---\n";
    let without = |part: &str, by: &str| {
        assert!(MANIFEST.contains(part), "{part}");
        MANIFEST.replace(part, by)
    };
    let removed = without(claim, "");
    finds(path, Some(MANIFEST), Some(&removed), &["kubernetes/object-removed @:6"]);
    finds(path, Some(MANIFEST), None, &["kubernetes/object-removed @:6"]);
    let deleting = without("reclaimPolicy: Retain", "reclaimPolicy: Delete");
    finds(path, Some(MANIFEST), Some(&deleting), &["kubernetes/brake-removed @:15"]);
    let unkept = without("\n  annotations:\n    helm.sh/resource-policy: keep", "");
    finds(path, Some(MANIFEST), Some(&unkept), &["kubernetes/brake-removed @:6"]);
    let set = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  persistentVolumeClaimRetentionPolicy:\n    whenDeleted: Retain\n";
    let gone = set.replace("Retain", "Delete");
    finds(path, Some(set), Some(&gone), &["kubernetes/brake-removed @:6"]);
    // Moved to a file of its own, and everyday changes.
    let moved =
        [change(path, Some(MANIFEST), Some(&removed)), change("k8s/claim.yaml", None, Some(claim))];
    assert_eq!(found(&moved), Vec::<String>::new());
    let mut renamed = change("k8s/web.yaml", Some(MANIFEST), Some(MANIFEST));
    renamed.old_path = path.to_owned();
    assert_eq!(found(&[renamed]), Vec::<String>::new());
    finds(path, Some(MANIFEST), Some(&without("{name: web}", "{name: www}")), &[]);
    finds("tests/fixtures/pvc.yaml", Some(MANIFEST), None, &[]);
}

const POLICY: &str = "version = 1\nmode = \"strict\"\n\n[[environment]]\nname = \"shop\"\nclass = \"production\"\nhost = [\"db.acme.com\", \"*.shop.internal\"]\n\n[[protect]]\nname = \"volume\"\nobject = \"volume 3d2c42fb*\"\n\n[[rule]]\nwhen = { class = \"staging\", effect = [\"destroy\"] }\nverdict = \"confirm\"\n";

#[test]
fn a_policy_that_says_less() {
    let path = ".holdpoint.toml";
    let without = |part: &str, by: &str| {
        assert!(POLICY.contains(part), "{part}");
        POLICY.replace(part, by)
    };
    finds(path, Some(POLICY), None, &["policy/removed @:1"]);
    for (part, by, line) in [
        ("mode = \"strict\"", "", 2),
        (", \"*.shop.internal\"", "", 4),
        ("[[protect]]\nname = \"volume\"\nobject = \"volume 3d2c42fb*\"\n", "", 9),
        ("object = \"volume 3d2c42fb*\"", "object = \"volume x\"", 9),
        ("object = ", "target = \"a\"\nobject = ", 9),
        ("class = \"staging\", ", "class = \"staging\", tool = \"psql\", ", 13),
    ] {
        let what = format!("policy/loosened @:{line}");
        finds(path, Some(POLICY), Some(&without(part, by)), &[&what]);
    }
    let stricter = without("verdict = \"confirm\"", "verdict = \"refuse\"")
        .replace("\"*.shop.internal\"", "\"*.shop.internal\", \"x\"")
        .replace("[\"destroy\"]", "[\"destroy\", \"disrupt\"]")
        .replace("name = \"shop\"", "name = \"the shop\"")
        + "[[protect]]\nobject = \"y\"\n";
    finds(path, Some(POLICY), Some(&stricter), &[]);
    let weaker = stricter.replace("verdict = \"refuse\"", "verdict = \"allow\"");
    finds(path, Some(&stricter), Some(&weaker), &["policy/loosened @:13"]);
    adds(path, POLICY, &[]);
}

#[test]
fn an_entry_of_holdpoints_that_goes() {
    let claude = "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash|Edit\", \"hooks\": [{\"type\": \"command\", \"command\": \"'/a/holdpoint' hook claude\"}]}\n    ]\n  }\n}\n";
    let path = ".claude/settings.json";
    let less = |part: &str, by: &str| {
        assert!(claude.contains(part), "{part}");
        claude.replace(part, by)
    };
    finds(path, Some(claude), Some("{}\n"), &["hooks/removed @:4"]);
    finds(path, Some(claude), None, &["hooks/removed @:4"]);
    finds(path, Some(claude), Some(&less("Bash|Edit", "Bash")), &["hooks/removed @:4"]);
    finds(path, Some(claude), Some(&less("PreToolUse", "PostToolUse")), &["hooks/removed @:4"]);
    finds(
        path,
        Some(claude),
        Some(&less("hook claude", "hook claude || true")),
        &["hooks/removed @:4"],
    );
    let off = less("{\n  \"hooks\"", "{\n  \"disableAllHooks\": true,\n  \"hooks\"");
    finds(path, Some(claude), Some(&off), &["hooks/switched-off @:2"]);
    finds(path, Some(claude), Some(&less("Bash|Edit", "*")), &[]);
    finds(path, Some(claude), Some(&less("/a/holdpoint", "/usr/bin/holdpoint")), &[]);
    finds(
        path,
        Some(claude),
        Some(&less("{\n  \"hooks\"", "{\n  \"model\": \"x\",\n  \"hooks\"")),
        &[],
    );

    let lefthook = "pre-push:\n  commands:\n    holdpoint:\n      run: holdpoint git-hook pre-push {0}\n      use_stdin: true\n    lint:\n      run: eslint .\n";
    finds("lefthook.yml", Some(lefthook), Some("pre-push: {}\n"), &["hooks/removed @:4"]);
    let skipped =
        lefthook.replace("      use_stdin: true\n", "      use_stdin: true\n      skip: true\n");
    finds("lefthook.yml", Some(lefthook), Some(&skipped), &["hooks/removed @:4"]);
    let lint = lefthook.replace("eslint .", "eslint src").replace("use_stdin", "interactive");
    finds("lefthook.yml", Some(lefthook), Some(&lint), &[]);

    let husky = "#!/bin/sh\nholdpoint git-hook pre-push \"$@\"\nnpm test\n";
    finds(".husky/pre-push", Some(husky), Some("npm test\n"), &["hooks/removed @:2"]);
    finds(
        ".husky/pre-push",
        Some(husky),
        Some(&husky.replace("holdpoint", "# holdpoint")),
        &["hooks/removed @:2"],
    );
    finds(".husky/pre-push", Some(husky), Some(&husky.replace("npm test", "npm run t")), &[]);

    finds("team/hooks/pre-push", Some(husky), Some("npm test\n"), &["hooks/removed @:2"]);
    let steps = "jobs:\n  a:\n    steps:\n      - uses: acme/holdpoint-action@v1\n      - run: npx holdpoint@1.2 ci --base x\n";
    let newer = steps.replace("@v1", "@v2").replace("@1.2", "@1.3");
    finds(".github/workflows/a.yml", Some(steps), Some(&newer), &[]);
    let less = newer.replace(" ci --base x", " --version");
    finds(".github/workflows/a.yml", Some(steps), Some(&less), &["ci/removed @:5"]);

    let hooks = "repos:\n  - repo: local\n    hooks:\n      - id: holdpoint-pre-commit\n        entry: holdpoint git-hook pre-commit\n        stages: [pre-commit, pre-push]\n";
    finds(
        ".pre-commit-config.yaml",
        Some(hooks),
        Some("repos: []\n"),
        &["hooks/removed @:4", "hooks/removed @:5"],
    );
    let fewer = hooks.replace(", pre-push]", "]");
    assert_eq!(found(&[change(".pre-commit-config.yaml", Some(hooks), Some(&fewer))]).len(), 2);

    let flow = "on: pull_request\njobs:\n  guard:\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          cargo build\n          holdpoint ci --base origin/main\n";
    let path = ".github/workflows/ci.yml";
    finds(
        path,
        Some(flow),
        Some(&flow.replace("          holdpoint ci --base origin/main\n", "")),
        &["ci/removed @:8"],
    );
    let soft = flow.replace("      - run: |", "      - continue-on-error: true\n        run: |");
    finds(path, Some(flow), Some(&soft), &["ci/removed @:9"]);
    finds(
        path,
        Some(flow),
        Some(&flow.replace("guard:", "check:").replace("cargo build", "make")),
        &[],
    );
    finds("docs/ci.md", Some("holdpoint ci --base x\n"), Some(""), &[]);
}

#[test]
fn an_acknowledgement_names_a_rule_and_a_reason() {
    let message = "Drop it\n\nHoldpoint-Allow: migration/drop-column nothing reads it since May\n\
        holdpoint-allow:  migration/truncate   a cache\nHoldpoint-Allow: ci/removed\n\
        Holdpoint-Allow: ci/removed   - \n\
        # ------------------------ >8 ------------------------\nHoldpoint-Allow: policy/removed x\n";
    let allowed = acknowledged::allowed(message);
    let rules: Vec<&str> = allowed.iter().map(|it| it.rule.as_str()).collect();
    assert_eq!(rules, ["migration/drop-column", "migration/truncate"]);
    assert_eq!(allowed[0].reason, "nothing reads it since May");
    let found = of_changes(&[change(
        "migrations/1.sql",
        None,
        Some("truncate a; alter table b drop column c; drop table d;"),
    )]);
    assert_eq!(acknowledged::open(&found, &allowed), ["migration/drop-table"]);
    assert_eq!(acknowledged::open(&found, &[]).len(), 3);
}

#[test]
fn row_level_security_that_is_left_off() {
    let off = "alter table t enable row level security;\nALTER TABLE ONLY public.\"Users\" ADD a int, DISABLE ROW LEVEL SECURITY;\n";
    adds("supabase/migrations/1_x.sql", off, &["migration/row-security @:2"]);
    let again = format!("{off}-- work\nALTER TABLE public.users ENABLE ROW LEVEL SECURITY;\n");
    adds("supabase/migrations/1_x.sql", &again, &[]);
    finds("migrations/1.sql", Some(off), Some(&format!("{off}-- more\n")), &[]);
    adds(
        "migrations/1.sql",
        "-- disable row level security\nSELECT 'alter table a disable row level security';",
        &[],
    );
    adds("docs/a.sql", off, &[]);
}

#[test]
fn owners_of_what_changes_production() {
    let old = "# all\n*.js @web\n/db/migrations/ @dba # why\ninfra/** @ops a@example.com\n/charts/a @k8s\n";
    let without =
        |line: &str| old.lines().filter(|it| !it.starts_with(line)).collect::<Vec<_>>().join("\n");
    let path = ".github/CODEOWNERS";
    finds(path, Some(old), Some(&without("/db")), &["owners/removed @:3"]);
    finds(
        path,
        Some(old),
        Some(&old.replace("infra/** @ops a@example.com", "infra/**")),
        &["owners/removed @:4"],
    );
    finds(
        "CODEOWNERS",
        Some(old),
        None,
        &["owners/removed @:3", "owners/removed @:4", "owners/removed @:5"],
    );
    for new in [
        without("*.js"),
        without("# all"),
        old.replace("@dba", "@data"),
        old.replace("/db/migrations/", "db/migrations/**"),
        old.replace("/charts/a", "/charts"),
        format!("* @everybody\n{}", without("/db")),
        format!("{old}/docs @writers\n"),
    ] {
        finds(path, Some(old), Some(&new), &[]);
    }
    finds("docs/a/CODEOWNERS", Some(old), None, &[]);
}

#[test]
fn the_volume_that_railway_asks_for() {
    let old = "{\n  \"deploy\": {\n    \"requiredMountPath\": \"/data\"\n  }\n}\n";
    finds("railway.json", Some(old), Some("{\"deploy\": {}}"), &["railway/mount-removed @:3"]);
    finds(
        "a/railway.json",
        Some(old),
        Some(&old.replace("/data", "/other")),
        &["railway/mount-removed @:3"],
    );
    let toml = "[deploy]\nrequiredMountPath = \"/data\"\n";
    finds("railway.toml", Some(toml), Some("[deploy]\n"), &["railway/mount-removed @:2"]);
    finds("railway.toml", Some(toml), Some(&format!("{toml}numReplicas = 2\n")), &[]);
    finds("railway.json", Some(old), None, &[]);
    finds("railway.json", Some(old), Some("{"), &[]);
    adds("railway.json", old, &[]);
}

#[test]
fn what_only_tests_start_may_lose_its_volumes() {
    let old = "services:\n  a:\n    volumes: [data:/data]\nvolumes:\n  data:\n";
    finds("compose.yml", Some(old), None, &["compose/volume-removed @:5"]);
    for path in ["tests/compose.yml", "e2e/docker-compose.yml", "docker-compose.test.yml"] {
        finds(path, Some(old), None, &[]);
    }
}

#[test]
fn what_runs_migrations_is_none() {
    adds(
        "src/migration/Runner.ts",
        "class Runner { async dropTable(n) { await q.dropTable(n) } }",
        &[],
    );
    adds(
        "app/migration/user.rb",
        "class UserMigrator\n  def call\n    a.remove :x\n  end\nend\n",
        &[],
    );
    adds(
        "src/Migration/Runner.php",
        "<?php class Runner { function go() { Schema::drop('a'); } }",
        &[],
    );
    adds(
        "db/migrate/1_x.rb",
        "Sequel.migration do\n  up do\n    drop_table :a\n  end\nend\n",
        &["migration/drop-table @:3"],
    );
    adds(
        "migrations/1.ts",
        "export const up: Migration = async (q) => q.dropTable('a');\n",
        &["migration/drop-table @:1"],
    );
}
