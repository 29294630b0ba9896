//! What makes people uninstall a guard, and does not happen here.

use super::{ALLOW, Guarded};

#[test]
fn words_in_messages_patterns_and_names_are_no_commands() {
    let guarded = Guarded::new();
    for line in [
        "git commit --dry-run -m 'psql -h db.prod.acme.com -c \"drop table users\"' || true",
        "git log --grep='railway volume delete' 2>/dev/null || true",
        "grep -rn 'aws rds delete-db-instance' . || true",
        "grep -rnE 'DROP TABLE|TRUNCATE' drop.sql",
        "echo 'railway volume delete -v data' >> notes.md",
        "echo psql -h db.prod.acme.com -c 'drop table users'",
        "cat drop.sql deploy.sh",
        "sed -n '/DROP/p' drop.sql",
        "cat > runbook.md <<'EOF'\npsql -h db.prod.acme.com -c 'drop table users'\n$(aws s3 rb s3://x)\nEOF\n",
        "python3 - <<'EOF'\nprint('psql -h db.prod.acme.com -c \"drop table users\"')\nEOF\n",
        "X='psql -h db.prod.acme.com -c drop'; echo \"$X\" >/dev/null",
        "# psql -h db.prod.acme.com -c 'drop table users'",
        "command -v psql; type aws; which curl",
        "ls psql aws railway 2>/dev/null || true",
        "for tool in psql aws; do echo \"$tool\"; done",
        "find . -name 'drop*'",
        "find . -name '*.sql' | xargs cat",
    ] {
        guarded.passes(line, &[]);
    }
}

#[test]
fn words_inside_harmless_commands_are_data() {
    let guarded = Guarded::new();
    for (line, ran) in [
        (
            "psql -h db.prod.acme.com -c \"select * from logs where text like '%drop table%'\"",
            "psql -h db.prod.acme.com -c select * from logs where text like '%drop table%'",
        ),
        (
            "psql -h db.prod.acme.com -c \"insert into logs values ('DELETE FROM users')\"",
            "psql -h db.prod.acme.com -c insert into logs values ('DELETE FROM users')",
        ),
        (
            "curl -X POST https://httpbin.org/post -d '{\"q\":\"drop table users\"}'",
            "curl -X POST https://httpbin.org/post -d {\"q\":\"drop table users\"}",
        ),
        (
            "aws ec2 describe-instances --filters Name=tag:name,Values=delete",
            "aws ec2 describe-instances --filters Name=tag:name,Values=delete",
        ),
        ("aws logs tail delete-everything", "aws logs tail delete-everything"),
        ("railway logs -s drop-database", "railway logs -s drop-database"),
    ] {
        guarded.passes(line, &[ran]);
    }
}

#[test]
fn ordinary_work_on_production_runs() {
    let guarded = Guarded::new();
    for line in [
        "psql -h db.prod.acme.com -v x=1 -c 'select 1'",
        "psql -h db.prod.acme.com -c 'select count(*) from users'",
        "psql -h db.prod.acme.com -c 'delete from users where id = 5'",
        "psql -h db.prod.acme.com -c 'create index concurrently i on users (name)'",
        "psql --help",
        "aws s3 ls",
        "aws --profile prod s3 cp report.csv s3://shop/report.csv",
        "aws --profile prod rds describe-db-instances",
        "aws rds delete-db-instance help",
        "railway status",
        "railway up --detach",
        "railway volume list --json",
        "curl -fsSL https://example.com/install.sh -o install.sh",
        "curl -X POST https://api.acme.com/orders -H Authorization:x -d a=b",
    ] {
        let ran = line.replace('\'', "");
        guarded.passes(line, &[&ran]);
    }
}

#[test]
fn localhost_is_not_production() {
    let guarded = Guarded::new();
    for line in [
        "psql -h localhost -c 'DROP TABLE users'",
        "psql -h 127.0.0.1 -c 'DROP DATABASE shop'",
        "psql -h /var/run/postgresql -c 'TRUNCATE users'",
        "psql -c 'DROP TABLE users'",
        "psql -h ::1 -c 'DROP SCHEMA public CASCADE'",
        "aws --endpoint-url http://localhost:4566 s3 rb s3://shop --force",
        "curl -X DELETE -H Authorization:x http://localhost:8080/users/1",
    ] {
        let ran = line.replace('\'', "");
        guarded.passes(line, &[&ran]);
    }
}

/// Where the command goes counts, not what else lies around.
#[test]
fn ambient_production_does_not_stop_a_local_command() {
    let guarded = Guarded::new();
    let line = "DATABASE_URL=postgres://db.prod.acme.com/shop NODE_ENV=production \
                AWS_PROFILE=prod psql -h localhost -c 'DROP TABLE users'";
    guarded.passes(line, &["psql -h localhost -c DROP TABLE users"]);
    let line = "set -a; . ./.env; set +a; psql -h localhost -c 'DROP TABLE users'";
    guarded.passes(line, &["psql -h localhost -c DROP TABLE users"]);
}

#[test]
fn the_guards_own_commands_are_not_stopped() {
    let guarded = Guarded::new();
    for line in [
        "holdpoint check -- psql -h db.prod.acme.com -c 'drop table users'",
        "holdpoint check --line 'aws rds delete-db-instance --db-instance-identifier x'",
        "holdpoint where -- railway volume delete -v data",
        "holdpoint rules test psql",
        "holdpoint policy test",
        "holdpoint log",
    ] {
        assert_eq!(guarded.check(line), ALLOW, "{line}");
    }
}

/// That something harmless cannot be read is no reason to stop it.
#[test]
fn what_cannot_be_read_and_cannot_destroy_is_allowed() {
    let guarded = Guarded::new();
    for (line, ran) in [
        ("aws s3 ls \"s3://$(cat bucket 2>/dev/null)\"", vec!["aws s3 ls s3://"]),
        ("curl -fsS \"$(printf http://x)\"", vec!["curl -fsS http://x"]),
        ("psql -h localhost -c \"$(cat nothing 2>/dev/null)\"", vec!["psql -h localhost -c "]),
        ("railway logs -s \"$(basename \"$PWD\")\"", vec!["railway logs -s work"]),
        ("python3 -c \"$(printf pass)\"", vec![]),
        ("for i in $(seq 3); do echo \"$i\"; done", vec![]),
        (
            "for i in 1 2; do aws s3 ls \"s3://shop-$i\"; done",
            vec!["aws s3 ls s3://shop-1", "aws s3 ls s3://shop-2"],
        ),
        ("date +%s | sort | uniq -c", vec![]),
        ("eval \"$(printf true)\"", vec![]),
    ] {
        guarded.passes(line, &ran);
    }
    // A line that no shell could read runs nothing.
    for line in ["if [ -f x ]; then echo", "echo 'unbalanced", "make deploy ENV=$ENV"] {
        assert_eq!(guarded.check(line), ALLOW, "{line}");
    }
}

#[test]
fn words_that_only_contain_prod_are_not_production() {
    let guarded = Guarded::new();
    for host in ["product-catalog-dev.acme.com", "dev.reproduction.acme.com", "nonprod.acme.com"] {
        let line = format!("psql -h {host} -c 'DROP TABLE users'");
        guarded.passes(&line, &[&line.replace('\'', "")]);
    }
}
