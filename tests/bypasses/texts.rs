//! Destroying texts that do not look it: spelled, quoted, split, computed or kept
//! in a file. They are stopped.

use super::{DROP, Guarded, MUTATION};

#[test]
fn a_harmless_part_does_not_disarm_the_rest() {
    let guarded = Guarded::new();
    let delete = "aws rds delete-db-instance --db-instance-identifier shop";
    guarded.stops_all_but(&format!("aws s3 ls && {delete}"), &["aws s3 ls"]);
    guarded.stops_all_but(&format!("{delete}; aws s3 ls"), &["aws s3 ls"]);
    guarded.stops(&format!("{delete} # aws s3 ls"));
    guarded.stops(&format!("{delete} --dry-run-not # --dry-run --help"));
    guarded.stops(&format!("echo 'aws s3 ls' | {delete}"));
    guarded.stops("psql -h db.prod.acme.com -c 'select 1' -c 'DROP TABLE users' -c 'select 2'");
    guarded.stops("psql -h db.prod.acme.com -c 'begin; drop table users; commit' -- --help");
}

#[test]
fn a_body_is_not_data() {
    let guarded = Guarded::new();
    let curl = "curl -X POST https://backboard.railway.app/graphql/v2 -H 'Authorization: Bearer x'";
    let batch = format!("[{MUTATION}]");
    for line in [
        format!("{curl} -d '{MUTATION}'"),
        format!("{curl} --data-raw '{MUTATION}'"),
        format!("{curl} --json '{batch}'"),
        format!("{curl} -H 'Content-Type: text/plain' --data-binary '{MUTATION}'"),
        format!("{curl} -sSd'{MUTATION}'"),
        format!("{curl} -d @body.json"),
        format!("{curl} -d@body.json"),
        format!("echo '{MUTATION}' | {curl} -d @-"),
        format!("{curl} -T body.json"),
        format!("curl https://example.com --next {} -d @body.json", &curl[5..]),
        "curl -G https://backboard.railway.app/graphql/v2 -H 'Authorization: Bearer x' \
         --data-urlencode 'query=mutation { volumeDelete(volumeId: \"3\") }'"
            .to_owned(),
    ] {
        guarded.stops(&line);
    }
}

#[test]
fn quoted_text_is_read() {
    let guarded = Guarded::new();
    for line in [
        "psql -h db.prod.acme.com -c \"DROP TABLE users\"",
        "psql -h db.prod.acme.com -c $'DROP\\tTABLE\\x20users'",
        "psql -h db.prod.acme.com -c DROP\\ TABLE\\ users",
        "psql -h db.prod.acme.com -cDROP' TABLE 'users",
        "p'sq'l -h db.prod.acme.com -c 'DROP TABLE \"Users\"'",
    ] {
        guarded.stops(line);
    }
}

#[test]
fn text_that_is_not_on_the_command_line() {
    let guarded = Guarded::new();
    for line in [
        "psql -h db.prod.acme.com -f drop.sql",
        "psql -h db.prod.acme.com --file=drop.sql",
        "psql -h db.prod.acme.com < drop.sql",
        "cat drop.sql | psql -h db.prod.acme.com",
        "cat look.sql drop.sql | psql -h db.prod.acme.com -f -",
        "psql -h db.prod.acme.com -c '\\i drop.sql'",
        "echo '\\i drop.sql' | psql -h db.prod.acme.com",
        "psql -h db.prod.acme.com <<< 'DROP TABLE users'",
        "psql -h db.prod.acme.com <<'SQL'\nselect 1;\nDROP TABLE users;\nSQL\n",
    ] {
        guarded.stops(line);
    }
    // What the line itself writes is followed; what a program writes, the shim
    // meets when the command runs.
    guarded.stops("cp drop.sql look.sql; psql -h db.prod.acme.com -f look.sql");
    let script = "open(\"look.sql\", \"w\").write(\"DROP TABLE users\")";
    let line = format!("python3 -c '{script}'; psql -h db.prod.acme.com -f look.sql");
    guarded.shims_stop_all_but(&line, &[]);
}

#[test]
fn the_same_meaning_in_another_spelling() {
    let guarded = Guarded::new();
    for sql in [
        "DELETE FROM users",
        "DELETE FROM users WHERE true",
        "DELETE FROM users WHERE 1 = 1",
        "DELETE FROM users WHERE id = id OR true",
        "DELETE/**/FROM users",
        "DELETE FROM ONLY users",
        "/* tidy up */ dElEtE -- a comment\n FROM users",
        "WITH gone AS (DELETE FROM users RETURNING *) SELECT count(*) FROM gone",
        "UPDATE users SET name = NULL",
        "UPDATE users SET name = NULL WHERE not false",
        "TRUNCATE users",
        "DROP OWNED BY app",
        "DROP SCHEMA public CASCADE",
        "ALTER TABLE users DROP COLUMN email",
        "EXPLAIN ANALYZE DELETE FROM users",
        "DO $$ BEGIN EXECUTE 'dr' || 'op table users'; END $$",
        "select 'DROP TABLE users' \\gexec",
        "select 1; DROP TABLE users",
    ] {
        let sql = guarded.file("spelling.sql", sql);
        guarded.stops(&format!("psql -h db.prod.acme.com -f {sql}"));
    }
    for line in [
        "aws backup delete-recovery-point --backup-vault-name v --recovery-point-arn a",
        "aws kms schedule-key-deletion --key-id k",
        "aws rds modify-db-instance --db-instance-identifier shop --no-deletion-protection",
        "aws s3 rm s3://shop --recursive",
        "aws s3 rb s3://shop --force",
        "aws rds delete-db-inst --db-instance-identifier shop",
        "railway environment delete staging --yes",
        "railway volume rm -v data",
        "railway down --yes",
    ] {
        guarded.stops(line);
    }
}

#[test]
fn words_that_are_computed_at_run_time() {
    let guarded = Guarded::new();
    for line in [
        format!("eval \"{DROP}\""),
        "c=\"DROP TABLE users\"; psql -h db.prod.acme.com -c \"$c\"".to_owned(),
        "BIN=psql; $BIN -h db.prod.acme.com -c 'DROP TABLE users'".to_owned(),
        "$(echo psql) -h db.prod.acme.com -c 'DROP TABLE users'".to_owned(),
        "a=ps; b=ql; $a$b -h db.prod.acme.com -c 'DROP TABLE users'".to_owned(),
        "psql -h db.prod.acme.com -c \"$(printf 'DROP %s users' TABLE)\"".to_owned(),
        "psql -h db.prod.acme.com -c \"$(echo RFJPUCBUQUJMRSB1c2Vycw== | base64 -d)\"".to_owned(),
        "$(echo cHNxbA== | base64 -d) -h db.prod.acme.com -c 'DROP TABLE users'".to_owned(),
        "railway $(echo volume) delete -v data".to_owned(),
        "{psql,-h,db.prod.acme.com,-c,'DROP TABLE users'}".to_owned(),
        "echo users | xargs -I% psql -h db.prod.acme.com -c 'DROP TABLE %'".to_owned(),
        "echo \"-h db.prod.acme.com -c 'DROP TABLE users'\" | xargs psql".to_owned(),
        format!("printf '%s\\n' \"{DROP}\" > made.sh; bash made.sh"),
    ] {
        guarded.stops(&line);
    }
}

/// A shell reads on what another program decodes: nobody can tell from the
/// line, and the shim meets the command itself.
#[test]
fn a_decoded_script_in_a_shell() {
    let guarded = Guarded::new();
    // psql -h db.prod.acme.com -c "DROP TABLE users"
    let encoded = "cHNxbCAtaCBkYi5wcm9kLmFjbWUuY29tIC1jICJEUk9QIFRBQkxFIHVzZXJzIgo=";
    guarded.stops(&format!("echo {encoded} | base64 -d | sh"));
    guarded.stops(&format!("bash -c \"$(echo {encoded} | base64 -d)\""));
}

#[test]
fn a_line_that_is_long_or_has_many_commands() {
    let guarded = Guarded::new();
    let long = format!("echo {} >/dev/null; {DROP}", "x".repeat(70_000));
    guarded.stops(&long);
    guarded.stops(&format!("{}{DROP}", "true; ".repeat(100)));
    guarded.stops(&format!("{}{DROP}", "true && ".repeat(60)));
    let nested = format!("{}{DROP}{}", "( ".repeat(60), " )".repeat(60));
    guarded.stops(&nested);
    // Too much to follow is not waved through.
    assert_eq!(
        guarded.check(&format!("{}{DROP}", "psql -c 'select 1'; ".repeat(5_000))),
        super::REFUSE
    );
    let wrapped = format!("{}{DROP}", "env ".repeat(200));
    assert_eq!(guarded.check(&wrapped), super::REFUSE);
    // SQL of a megabyte with one bad line at its end.
    let mut sql = "insert into logs values (1);\n".repeat(40_000);
    sql.push_str("DROP TABLE users;\n");
    let file = guarded.file("long.sql", &sql);
    guarded.stops(&format!("psql -h db.prod.acme.com -f {file}"));
}

#[test]
fn blind_spots_of_shell_parsers() {
    let guarded = Guarded::new();
    for line in [
        format!("cat <<EOF\n`{DROP}`\nEOF\n"),
        format!("cat <<EOF\n$({DROP})\nEOF\n"),
        "cat <<A; psql -h db.prod.acme.com <<B\nselect 1;\nA\nDROP TABLE users;\nB\n".to_owned(),
        format!("( ( {DROP} ) )"),
        format!("echo $( ( {DROP} ) )"),
        format!("f() {{ \"$@\"; }}; f {DROP}"),
        format!("trap \"{DROP}\" EXIT"),
        format!("case $({DROP}) in *) ;; esac"),
        format!("[[ $({DROP}) == x ]] || true"),
        format!("X[$({DROP} >&2; echo 0)]=1"),
        format!(": ${{NONE:-$({DROP})}}"),
        format!("! {DROP} &\nwait"),
        format!("coproc {{ {DROP}; }}; wait"),
        format!("echo `echo \\`{DROP}\\``"),
    ] {
        guarded.stops(&line);
    }
}
