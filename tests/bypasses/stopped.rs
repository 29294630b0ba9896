//! Shapes that let production be destroyed, and do not here.

use super::{ALLOW, DROP, Guarded, MUTATION, REFUSE};

#[test]
fn a_global_option_before_the_verb() {
    let guarded = Guarded::new();
    for line in [
        "aws --profile prod rds delete-db-instance --db-instance-identifier shop",
        "aws rds --profile prod delete-db-instance --db-instance-identifier shop",
        "aws rds delete-db-instance --db-instance-identifier shop --profile=prod",
        "aws --region eu-west-1 --output json --no-cli-pager rds delete-db-instance \
         --db-instance-identifier shop",
        "railway volume -e staging delete -v data --yes",
        "psql --no-psqlrc --host db.prod.acme.com --command 'DROP TABLE users'",
        "curl -s --max-time 3 -H 'Authorization: Bearer x' https://api.acme.com/servers/1 -X DELETE",
    ] {
        guarded.stops(line);
    }
}

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
fn words_that_a_tool_takes_from_variables() {
    let guarded = Guarded::new();
    let sandbox = &guarded.sandbox;
    sandbox.shim("terraform");
    sandbox.recorder("terraform");
    sandbox.write("work/.terraform/environment", "prod");
    for line in [
        "TF_CLI_ARGS=-destroy terraform apply -auto-approve",
        "TF_CLI_ARGS_apply='-destroy -auto-approve' terraform apply",
        "TF_CLI_ARGS='destroy -auto-approve' terraform",
        "export TF_CLI_ARGS_state='push -force old.tfstate'; terraform state",
        "yes | terraform apply",
        "terraform -chdir=. destroy",
        "env -C . terraform destroy --auto-approve",
    ] {
        guarded.stops(line);
    }
}

#[test]
fn a_development_name_over_anothers_state_or_account() {
    let guarded = Guarded::new();
    let sandbox = &guarded.sandbox;
    sandbox.shim("terraform");
    sandbox.recorder("terraform");
    sandbox.write("work/.terraform/environment", "dev");
    let state = |lineage: &str| format!(r#"{{"version": 4, "serial": 3, "lineage": "{lineage}"}}"#);
    let own = "work/terraform.tfstate.d/dev/terraform.tfstate";
    sandbox.write(own, &state("own"));
    sandbox.write(&format!("{own}.backup"), &state("own"));
    sandbox.write("work/unpacked.tfstate", &state("another"));
    let prod =
        "provider \"aws\" {\n  profile = var.p\n}\nvariable \"p\" {\n  default = \"prod\"\n}\n";
    sandbox.write("work/other/main.tf", prod);
    sandbox.write("work/other/.terraform/environment", "dev");
    for line in [
        "cp unpacked.tfstate terraform.tfstate.d/dev/terraform.tfstate && terraform destroy",
        "cd other && terraform destroy -auto-approve",
        "terraform -chdir=other apply -destroy -auto-approve",
        "terraform destroy -var-file=prod.tfvars",
        "TF_CLI_ARGS_destroy=-var-file=prod.tfvars terraform destroy",
    ] {
        guarded.stops(line);
    }
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
fn a_target_in_the_environment_or_a_file() {
    let guarded = Guarded::new();
    let drop = "psql -c 'DROP TABLE users'";
    guarded.sandbox.write("work/services", "[shop]\nhost=db.prod.acme.com\n");
    guarded.sandbox.write(
        "home/.aws/config",
        "[profile shop]\nregion = eu-west-1\nsso_account_id = 123456789012\n",
    );
    for line in [
        format!("PGHOST=db.prod.acme.com {drop}"),
        format!("export PGHOST=db.prod.acme.com; {drop}"),
        format!("env PGHOST=db.prod.acme.com {drop}"),
        format!("PGSERVICEFILE=services PGSERVICE=shop {drop}"),
        "PGSERVICEFILE=services psql service=shop -c 'DROP TABLE users'".to_owned(),
        format!("set -a; . ./.env; set +a; {drop}"),
        ". ./.env; psql \"$DATABASE_URL\" -c 'DROP TABLE users'".to_owned(),
        "psql postgres://shop@db.prod.acme.com/shop -c 'DROP TABLE users'".to_owned(),
        "psql 'host=localhost host=db.prod.acme.com' -c 'DROP TABLE users'".to_owned(),
        "AWS_PROFILE=shop aws rds delete-db-instance --db-instance-identifier x".to_owned(),
    ] {
        guarded.stops(&line);
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

/// A computed word that the shell splits may hold options; a line that names
/// only it is not stopped for that, and the shim meets the words themselves.
#[test]
fn options_in_a_computed_word_meet_the_shim() {
    let guarded = Guarded::new();
    guarded.file("args", "-h db.prod.acme.com -c TRUNCATE/**/users\n");
    guarded.stops("psql $(cat args)");
    guarded.shims_stop_all_but("psql $(sort args)", &[]);
    guarded.shims_stop_all_but("sort args | xargs psql", &[]);
    guarded.file("args", "-X DELETE -u key: https://api.acme.com/servers/1\n");
    guarded.stops("curl $(cat args)");
    guarded.shims_stop_all_but("curl $(sort args)", &[]);
}

#[test]
fn another_interpreter_meets_the_shim() {
    let guarded = Guarded::new();
    guarded.stops("bash deploy.sh");
    guarded.stops("sh < deploy.sh");
    guarded.stops(". ./deploy.sh");
    let python = guarded.file(
        "tidy.py",
        "import subprocess\n\
         subprocess.run(['psql', '-h', 'db.prod.acme.com', '-c', 'DROP TABLE users'])\n",
    );
    guarded.stops(&format!("python3 {python}"));
    guarded.stops("python3 -c 'import os; os.system(\"sh deploy.sh\")'");
    guarded.stops("chmod +x deploy.sh; ./deploy.sh");
    guarded.file("words.py", "import subprocess, sys\nsubprocess.run(sys.argv[1:])\n");
    guarded
        .shims_stop_all_but("python3 words.py psql -h db.prod.acme.com -c 'DROP TABLE users'", &[]);
    guarded
        .shims_stop_all_but("find . -name drop.sql -exec psql -h db.prod.acme.com -f {} ';'", &[]);
    guarded.shims_stop_all_but("git -c alias.tidy='!sh deploy.sh' tidy", &[]);
}

#[test]
fn files_that_code_of_a_line_loads() {
    let guarded = Guarded::new();
    let code = "import subprocess\n\
                subprocess.run(['psql', '-h', 'db.prod.acme.com', '-c', 'DROP TABLE users'])\n";
    guarded.file("tidy.py", code);
    guarded.stops("python3 -c \"exec(open('tidy.py').read())\"");
    guarded.stops("python3 -c \"import runpy; runpy.run_path('tidy.py')\"");
    guarded.file(
        "tidy.js",
        "require('child_process').execFileSync('psql', ['-h', 'db.prod.acme.com', '-c', \
         'DROP TABLE users'])\n",
    );
    guarded.stops("node -e \"require('./tidy')\"");
    guarded.stops("node -r ./tidy.js -e 1");
    guarded.stops("python3 -c 'import tidy'");
    guarded.file("lib.py", "import tidy\ndef wipe():\n    import tidy\n");
    guarded.shims_stop_all_but("python3 -c 'import lib'", &[]);
    assert_eq!(guarded.check("python3 -c 'import lib'"), 0);
}

#[test]
fn a_script_on_a_path_of_the_lines_own() {
    let guarded = Guarded::new();
    guarded.stops("chmod +x deploy.sh; PATH=\"$PWD:$PATH\" deploy.sh");
    guarded.stops("chmod +x deploy.sh; export PATH=\"$PWD:$PATH\" && deploy.sh");
}

#[test]
fn task_runners_are_followed() {
    let guarded = Guarded::new();
    let scripts = format!(r#"{{"scripts": {{"db:reset": "{}"}}}}"#, DROP.replace('"', "\\\""));
    guarded.file("package.json", &scripts);
    guarded.file("deno.json", "{\"tasks\": {\"reset\": \"sh deploy.sh\"}}");
    for line in [
        format!("concurrently {DROP:?} ls"),
        "concurrently 'npm:db:*'".to_owned(),
        format!("nodemon --exec {DROP:?}"),
        "nodemon -x sh deploy.sh".to_owned(),
        "run-s 'db:*'".to_owned(),
        "npx turbo run db:reset".to_owned(),
        "nx exec -- sh deploy.sh".to_owned(),
        "lerna exec -- sh deploy.sh".to_owned(),
        "deno task reset".to_owned(),
    ] {
        assert_eq!(guarded.check(&line), super::REFUSE, "{line}");
    }
    for line in ["concurrently 'npm:build' ls", "run-s 'db:seed*'", "npx turbo run build"] {
        assert_eq!(guarded.check(line), 0, "{line}");
    }
}

#[test]
fn another_road_to_the_same_api() {
    let guarded = Guarded::new();
    for line in [
        "railway volume delete -v data --yes".to_owned(),
        "railway api 'mutation { volumeDelete(volumeId: \"3\") }'".to_owned(),
        format!(
            "curl https://backboard.railway.app/graphql/v2 -H 'Authorization: x' -d '{MUTATION}'"
        ),
        format!(
            "curl https://backboard.railway.com/graphql/v2 -H 'Authorization: x' -d '{MUTATION}'"
        ),
        "curl -X DELETE -u key: https://api.acme.com/v1/databases/shop".to_owned(),
        "aws rds delete-db-instance --cli-input-json '{\"DBInstanceIdentifier\":\"shop\"}'"
            .to_owned(),
        "railway run psql -c 'DROP TABLE users'".to_owned(),
    ] {
        guarded.stops(&line);
    }
}

#[test]
fn options_behind_a_shells_c() {
    let guarded = Guarded::new();
    for shell in ["zsh -c -l", "bash -c -e", "bash --norc -euo pipefail -c --", "sh -ec", "dash -c"]
    {
        guarded.stops(&format!("{shell} \"{DROP}\""));
    }
}

#[test]
fn wrappers_around_a_command() {
    let guarded = Guarded::new();
    for wrapper in [
        "env",
        "env -u X A=b",
        "command",
        "exec",
        "nice -n 5",
        "nohup",
        "timeout -k 1 5",
        "time",
        "/usr/bin/time -p",
        "setsid -w",
        "stdbuf -oL",
        "xargs",
        "timeout 5 nice env -u X nohup",
        "bash -c '\"$@\"' _",
    ] {
        if wrapper.starts_with("/usr/bin/time") {
            // Not everywhere installed: read, not run.
            assert_eq!(guarded.check(&format!("{wrapper} {DROP}")), super::REFUSE, "{wrapper}");
            continue;
        }
        guarded.stops(&format!("{wrapper} {DROP} </dev/null"));
    }
    for line in [
        format!("doas {DROP}"),
        format!("sudo -u postgres {DROP}"),
        format!("watch -n 1 \"{DROP}\""),
        format!("su - ana -c \"{DROP}\""),
    ] {
        assert_eq!(guarded.check(&line), super::REFUSE, "{line}");
    }
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

#[test]
fn an_environment_that_is_named_staging_bounds_nothing() {
    let guarded = Guarded::new();
    guarded.stops("railway volume -e staging delete -v data --yes");
    guarded.stops("railway environment delete staging --yes");
    guarded.stops("psql -h db.prod.acme.com -d staging -c 'DROP TABLE users'");
    guarded.stops("psql -h staging.db.prod.acme.com -c 'DROP TABLE users'");
    guarded.stops("NODE_ENV=test RAILS_ENV=development psql -h 10.0.0.4 -c 'DROP TABLE users'");
    guarded.stops("psql -h 10.0.0.4 -U dev -d shop -c 'DROP TABLE users'");
}

#[test]
fn a_script_that_moves_to_production() {
    let guarded = Guarded::new();
    guarded.stops("psql -h localhost -c '\\c - - db.prod.acme.com' -c 'DROP TABLE users'");
    guarded.stops("psql -h localhost -c '\\! psql -h db.prod.acme.com -c \"drop table users\"'");
    guarded.stops("psql -h localhost,db.prod.acme.com -c 'DROP TABLE users'");
}

/// holdpoint's own commands take the guard away for a person only.
#[test]
fn holdpoint_does_not_disarm_itself_for_an_agent() {
    let guarded = Guarded::new();
    let shims = guarded.sandbox.shims();
    guarded.sandbox.write("shims/.holdpoint-shims", "");
    let program = env!("CARGO_BIN_EXE_holdpoint");
    guarded.stops(&format!("{program} shims remove --dir {}", shims.display()));
    guarded.stops(&format!("{program} shims install --relink --dir {}; true", {
        // Another copy that the shims lead to.
        std::fs::copy(program, guarded.sandbox.path("copy")).expect("a copy");
        std::os::unix::fs::symlink(guarded.sandbox.path("copy"), shims.join("holdpoint"))
            .expect("a link");
        shims.display()
    }));
    assert!(shims.join("psql").exists());
    guarded.stops(DROP);
}

/// Containers, pods and other machines have no shims: the command that leads
/// there is read here, by docker's, kubectl's and ssh's own shims too.
#[test]
fn commands_in_containers_and_on_other_machines() {
    let guarded = Guarded::new();
    for tool in ["docker", "kubectl", "ssh"] {
        guarded.sandbox.recorder(tool);
        guarded.sandbox.shim(tool);
    }
    for wrapper in [
        "docker run --rm postgres",
        "docker exec db",
        "docker compose exec db",
        "kubectl exec db --",
        "ssh db -- exec",
    ] {
        let words =
            if wrapper.starts_with("ssh") { format!("\"{DROP}\"") } else { DROP.to_owned() };
        guarded.stops(&format!("{wrapper} {words} </dev/null"));
    }
    for line in [
        "docker --context prod exec db psql -c 'drop table users'",
        "DOCKER_HOST=ssh://10.0.0.4 docker exec db dropdb shop",
        "kubectl --context prod exec db-0 -- psql -c 'drop table users'",
        "ssh db1 \"psql -c 'drop table users'\"",
        "echo \"psql -c 'drop table users'\" | ssh db1",
        "echo 'drop table users' | docker -H tcp://10.0.0.4:2375 exec -i db psql",
    ] {
        guarded.stops(line);
    }
    for line in [
        "docker exec db psql -c 'drop table users'",
        "docker run --rm alpine ls",
        "kubectl --context kind-dev exec db-0 -- dropdb shop",
        "ssh db1 uptime",
    ] {
        let seen = line.replace('\'', "");
        guarded.passes(line, &[seen.as_str()]);
    }
}

/// Programs that run a command of their words, on this machine.
#[test]
fn a_tool_behind_a_program_that_no_rule_knows() {
    let guarded = Guarded::new();
    for line in [
        format!("valgrind -q {DROP}"),
        format!("env acme-run --as app -- sudo -n {DROP}"),
        format!("fish -c \"{DROP}\""),
    ] {
        assert_eq!(guarded.check(&line), REFUSE, "{line}");
    }
    assert_eq!(guarded.check(&format!("echo {DROP}")), ALLOW);
    assert_eq!(guarded.check("acme-run psql -h db.prod.acme.com -c 'select 1'"), ALLOW);
}

#[test]
fn runners_around_a_command() {
    let guarded = Guarded::new();
    let line = format!("\"{DROP}\"");
    for wrapper in ["flock lock", "strace -qq -o log", "busybox env", "find . -maxdepth 0 -exec"] {
        let end = if wrapper.starts_with("find") { "';'" } else { "" };
        guarded.stops(&format!("{wrapper} {DROP} {end} </dev/null"));
    }
    guarded.stops(&format!("flock lock -c {line}"));
    guarded.stops(&format!("parallel --will-cite {line} ::: x"));
    for line in [
        format!("script -qec {line} /dev/null"),
        format!("echo {line} | at now"),
        format!("tmux new-session -d {line}"),
        format!("screen -dmS work {DROP}"),
        "find . -name drop.sql -exec psql -h db.prod.acme.com -f {} ';'".to_owned(),
    ] {
        assert_eq!(guarded.check(&line), super::REFUSE, "{line}");
    }
}
