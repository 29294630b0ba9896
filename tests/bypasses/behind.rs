//! Commands behind other programs: shells, wrappers, runners, interpreters. They
//! are stopped, or meet the shim.

use super::{ALLOW, DROP, Guarded, REFUSE};

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
