//! Ordinary commits: none of them may be stopped. Each is a commit of its own
//! on top of those before it.

use crate::rig::{Rig, UUID};

/// Files and their texts, a commit each; an empty text removes the file.
fn commits() -> Vec<Vec<(&'static str, String)>> {
    let text = |text: &str| text.to_owned();
    let compose = "services:\n  db:\n    image: postgres:16\n    volumes:\n      - pgdata:/var/lib/postgresql/data\nvolumes:\n  pgdata:\n  cache:\n";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\nspec:\n  resources: {requests: {storage: 1Gi}}\n";
    let flow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      RAILWAY_TOKEN: ${{ secrets.RAILWAY_TOKEN }}\n    steps:\n      - uses: actions/checkout@v4\n      - run: holdpoint ci --base origin/main\n";
    let aws = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let aws_secret = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    vec![
        // Migrations that add.
        vec![(
            "migrations/2.sql",
            text(
                "ALTER TABLE users ADD COLUMN plan text;\nUPDATE users SET plan = 'free';\nCREATE INDEX i ON users (plan);\n",
            ),
        )],
        vec![(
            "migrations/3.sql",
            text("-- +goose Up\nCREATE TABLE plans (id int);\n-- +goose Down\nDROP TABLE plans;\n"),
        )],
        vec![
            ("migrations/4_x.up.sql", text("CREATE TABLE a (id int);\n")),
            ("migrations/4_x.down.sql", text("DROP TABLE a;\n")),
        ],
        vec![
            (
                "migrations/2026_x/up.sql",
                text("DROP INDEX i;\nCREATE INDEX i ON users (plan, id);\n"),
            ),
            ("migrations/2026_x/down.sql", text("DROP TABLE users;\n")),
        ],
        vec![(
            "prisma/migrations/1_init/migration.sql",
            text(
                "-- CreateTable\nCREATE TABLE \"User\" (\"id\" TEXT NOT NULL);\n-- AddForeignKey\nALTER TABLE \"Post\" ADD CONSTRAINT \"x\" FOREIGN KEY (\"a\") REFERENCES \"User\"(\"id\") ON DELETE CASCADE;\n",
            ),
        )],
        vec![(
            "prisma/migrations/2_x/migration.sql",
            text(
                "PRAGMA foreign_keys=OFF;\nCREATE TABLE \"new_User\" (\"id\" TEXT);\nINSERT INTO \"new_User\" SELECT \"id\" FROM \"User\";\nDROP TABLE \"User\";\nALTER TABLE \"new_User\" RENAME TO \"User\";\n",
            ),
        )],
        vec![(
            "drizzle/0001_x.sql",
            text(
                "ALTER TABLE `users` ADD `age` integer;--> statement-breakpoint\nCREATE UNIQUE INDEX `u` ON `users` (`age`);\n",
            ),
        )],
        vec![(
            "db/migrate/2026_add.rb",
            text(
                "class Add < ActiveRecord::Migration[7.1]\n  def change\n    add_column :users, :age, :int\n    add_index :users, :age\n    remove_index :users, :name\n  end\nend\n",
            ),
        )],
        vec![(
            "db/migrate/2026_up.rb",
            text(
                "class Up < ActiveRecord::Migration[7.1]\n  def up\n    create_table :a\n  end\n\n  def down\n    drop_table :a\n  end\nend\n",
            ),
        )],
        vec![(
            "app/migrations/0002_x.py",
            text(
                "from django.db import migrations, models\n\nclass Migration(migrations.Migration):\n    dependencies = [('app', '0001')]\n    operations = [\n        migrations.AddField('user', 'age', models.IntegerField(null=True)),\n        migrations.RunPython(fill, migrations.RunPython.noop),\n    ]\n",
            ),
        )],
        vec![(
            "alembic/versions/1_x.py",
            text(
                "def upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\ndef downgrade():\n    op.drop_column('users', 'age')\n",
            ),
        )],
        vec![(
            "database/migrations/2026_x.php",
            text(
                "<?php\nreturn new class extends Migration {\n    public function up(): void\n    {\n        Schema::create('plans', function (Blueprint $table) {\n            $table->id();\n        });\n    }\n    public function down(): void\n    {\n        Schema::dropIfExists('plans');\n    }\n};\n",
            ),
        )],
        vec![(
            "migrations/20261122-x.js",
            text(
                "module.exports = {\n  up: (q, S) => q.addColumn('users', 'age', S.INTEGER),\n  down: (q) => q.removeColumn('users', 'age'),\n};\n",
            ),
        )],
        // SQL that is no migration.
        vec![("docs/runbook.md", text("To drop a table:\n\n```sql\nDROP TABLE users;\n```\n"))],
        vec![("docs/migrations/old.sql", text("DROP TABLE users;\n"))],
        vec![
            ("tests/fixtures/migrations/1.sql", text("DROP TABLE users;\n")),
            ("test/sql/reset.sql", text("TRUNCATE users;\n")),
        ],
        vec![("scripts/seed.sql", text("DELETE FROM plans;\nINSERT INTO plans VALUES (1);\n"))],
        vec![("src/user.rb", text("def wipe\n  drop_table :users\nend\n"))],
        vec![("migrations/README.md", text("Never DROP TABLE users in one step.\n"))],
        // An old one is looked at again, moved, or deleted.
        vec![("migrations/1.sql", text("CREATE TABLE users (id bigint, email text);\n"))],
        // Compose and Kubernetes.
        vec![("compose.yml", text(compose))],
        vec![("compose.yml", compose.replace("postgres:16", "postgres:17") + "  more:\n")],
        vec![("compose.yml", compose.replace("  cache:\n", ""))],
        vec![
            ("k8s/claim.yaml", text(claim)),
            (
                "charts/a/templates/pvc.yaml",
                text("{{- if .Values.x }}\nkind: PersistentVolumeClaim\n{{- end }}\n"),
            ),
        ],
        vec![("k8s/claim.yaml", claim.replace("1Gi", "5Gi"))],
        vec![
            ("k8s/claim.yaml", String::new()),
            ("k8s/storage/data.yaml", claim.replace("1Gi", "5Gi")),
        ],
        vec![(
            "charts/a/templates/pvc.yaml",
            text("{{- if .Values.y }}\nkind: PersistentVolumeClaim\n{{- end }}\n"),
        )],
        // Policy and hooks that grow or are written anew.
        vec![(".holdpoint.toml", text("version = 1\n\n[[protect]]\nobject = \"volume x\"\n"))],
        vec![(
            ".holdpoint.toml",
            text(
                "# Ours.\nversion = 1\nmode = \"strict\"\n\n[[protect]]\nname = \"v\"\nobject = [\"volume x\", \"volume y\"]\n",
            ),
        )],
        vec![(".github/workflows/ci.yml", text(flow))],
        vec![(
            ".github/workflows/ci.yml",
            flow.replace("ubuntu-latest", "ubuntu-24.04").replace("checkout@v4", "checkout@v5"),
        )],
        vec![(
            ".claude/settings.json",
            text("{\"permissions\": {\"allow\": [\"Bash(npm test)\"]}}\n"),
        )],
        vec![(".claude/settings.json", text("{\"permissions\": {\"allow\": []}}\n"))],
        vec![
            ("package.json", text("{\"scripts\": {\"prepare\": \"husky\"}}\n")),
            (".husky/pre-commit", text("npx lint-staged\n")),
        ],
        // What looks like a credential and is none.
        vec![(
            "README.md",
            format!("export AWS_ACCESS_KEY_ID={aws}\nexport AWS_SECRET_ACCESS_KEY={aws_secret}\n"),
        )],
        vec![(
            ".env.example",
            text(
                "DATABASE_URL=postgres://user:password@localhost:5432/app\nREDIS_URL=redis://:secret@redis:6379\nSTRIPE=sk_live_xxxxxxxxxxxxxxxxxxxxxxxx\nRAILWAY_TOKEN=\nGITHUB_TOKEN=ghp_your_token_here_xxxxxxxxxxxxxxxxxxxx\n",
            ),
        )],
        vec![(
            "compose.dev.yml",
            text(
                "services:\n  app:\n    environment:\n      DATABASE_URL: postgres://postgres:postgres@db:5432/app\n      MONGO: mongodb://root:hunter2@mongo:27017\n",
            ),
        )],
        vec![(
            "src/config.ts",
            text(
                "const url = `postgres://${user}:${password}@${host}/app`;\nconst doc = 'https://user:pass@example.com/x';\n",
            ),
        )],
        vec![(
            "src/ids.ts",
            format!(
                "export const PROJECT = '{UUID}';\nexport const API = 'https://backboard.railway.com/graphql/v2';\n"
            ),
        )],
        vec![(
            "tests/token.test.ts",
            text("expect(mask('ghp_1234567890abcdefghijklmnopqrstuvwxyz')).toBe('***');\n"),
        )],
        vec![(
            "src/style.css",
            text(
                ".sk-fading-circle-with-a-very-long-name-that-goes-on-and-on-forever { color: red }\n",
            ),
        )],
        vec![(
            "package-lock.json",
            text(
                "{\"integrity\": \"sha512-Zk3Qp9RtV7mXw2LbN8sHc5JdF1gYe6TuAo4KZk3Qp9RtV7mXw2LbN8sHc5JdF1gYe6TuAo4Kabcdefghijkl==\"}\n",
            ),
        )],
        vec![(
            "keys/id_rsa.pub",
            text(
                "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7c1eZk3Qp9RtV7mXw2LbN8sHc5JdF1gYe6TuAo4K a@b\n",
            ),
        )],
        vec![(
            "certs/ca.pem",
            format!(
                "{}\n{}\n{}\n",
                "-----BEGIN CERTIFICATE-----",
                "MIIDdzCCAl+gAwIBAgIEbGk\n".repeat(12),
                "-----END CERTIFICATE-----"
            ),
        )],
        vec![(
            "docs/keys.md",
            format!(
                "{}\n...\n{}\n",
                ["-----BEGIN", "PRIVATE KEY-----"].join(" "),
                ["-----END", "PRIVATE KEY-----"].join(" ")
            ),
        )],
        vec![(
            "infra/terraform.tfstate",
            text("{\"version\": 4, \"lineage\": \"x\", \"resources\": []}\n"),
        )],
        // Everything goes but what is protected.
        vec![
            ("src/user.rb", String::new()),
            ("docs/runbook.md", String::new()),
            ("migrations/2.sql", String::new()),
            ("tests/token.test.ts", String::new()),
        ],
    ]
}

#[test]
fn ordinary_commits_are_never_stopped() {
    let rig = Rig::new();
    for files in commits() {
        let names: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        for (path, text) in &files {
            if text.is_empty() {
                rig.ok(&["rm", "-q", path]);
            } else {
                rig.write(path, text);
                rig.ok(&["add", "-f", path]);
            }
        }
        let output = rig.git(&["commit", "-qm", "ordinary"]);
        let said = crate::sandbox::err(&output);
        assert!(output.status.success() && said.is_empty(), "{names:?}: {said}");
    }
    // Nor are they for CI, all together.
    let first = rig.ok(&["rev-list", "--max-parents=0", "HEAD"]);
    let mut command = rig.sandbox.holdpoint(&["ci", "--base", first.trim()]);
    let output = command.current_dir(rig.path("")).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", crate::sandbox::out(&output));
}
