//! restic, borg, rclone, pgBackRest and barman themselves, on repositories of the
//! tests' own: what we call destroying takes something away, and what we do
//! not takes nothing. Needs Debian's packages of them.

#[path = "support/postgres_server.rs"]
mod postgres_server;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/wait.rs"]
mod wait;

use std::fs;
use std::path::Path;

use postgres_server::PostgresServer;
use sandbox::{Sandbox, err, out, run_with};
use serde_json::Value;

/// Runs a real program, which must be there.
fn run(sandbox: &Sandbox, line: &str, input: &str) -> String {
    let mut words = line.split(' ');
    let mut command = sandbox.command(format!("/usr/bin/{}", words.next().expect("a program")));
    command.args(words).env("RESTIC_PASSWORD", "x").env("BORG_BASE_DIR", sandbox.path("borg"));
    let output = run_with(command.env("BORG_DELETE_I_KNOW_WHAT_I_AM_DOING", "YES"), input);
    out(&output) + &err(&output)
}

/// Whether holdpoint says that it destroys.
fn destroys(sandbox: &Sandbox, line: &str) -> bool {
    let words = ["check", "--json", "--as", "agent", "--"].into_iter().chain(line.split(' '));
    let words: Vec<&str> = words.collect();
    let output = run_with(&mut sandbox.holdpoint(&words), "");
    let reading: Value = serde_json::from_str(&out(&output)).expect("JSON");
    let actions = reading["actions"].as_array().expect("actions");
    actions.iter().any(|action| action["effect"] == "destroy")
}

/// Each line on its own copy of a place: something of `watched` is gone after
/// it, if and only if we say so.
fn compare(sandbox: &Sandbox, lines: &[(&str, bool)], count: impl Fn() -> usize, anew: impl Fn()) {
    for (line, expected) in lines {
        anew();
        let before = count();
        assert!(before > 0, "{line}");
        assert_eq!(destroys(sandbox, line), *expected, "{line}");
        let said = run(sandbox, line, "");
        assert_eq!(count() < before, *expected, "{line}: {said}");
    }
}

/// Copies a folder over another one.
fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("its type").is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), &target).expect("a copy")),
        }
    }
}

#[test]
fn restic_forgets_what_we_say() {
    let sandbox = Sandbox::new();
    sandbox.write("work/data/a", "1");
    run(&sandbox, "restic -r first init", "");
    run(&sandbox, "restic -r first backup data", "");
    sandbox.write("work/data/b", "2");
    run(&sandbox, "restic -r first backup data", "");
    let snapshots = sandbox.path("work/repo/snapshots");
    let count = || fs::read_dir(&snapshots).map_or(0, Iterator::count);
    let lines = [
        ("restic -r repo forget --keep-last 1", true),
        ("restic --repo=repo forget -l1 --prune", true),
        ("restic forget --verbose --keep-last=1 -r repo", true),
        ("restic -r repo forget --keep-last 1 -n", false),
        ("restic -r repo prune", false),
        ("restic -r repo snapshots", false),
    ];
    let anew = || copy(&sandbox.path("work/first"), &sandbox.path("work/repo"));
    compare(&sandbox, &lines, count, anew);
}

#[test]
fn borg_deletes_what_we_say() {
    let sandbox = Sandbox::new();
    sandbox.write("work/data/a", "1");
    run(&sandbox, "borg init -e none repo", "");
    let archives = || {
        run(&sandbox, "borg list --short repo", "").lines().filter(|line| line.len() == 1).count()
    };
    let anew = || {
        if !sandbox.path("work/repo").exists() {
            run(&sandbox, "borg init -e none repo", "");
        }
        for name in ["a", "b"] {
            run(&sandbox, &format!("borg create repo::{name} data"), "");
        }
    };
    let lines = [
        ("borg delete repo::a", true),
        ("borg delete repo a b", true),
        ("borg delete --glob-archives a repo", true),
        ("borg prune --keep-last 1 repo", true),
        ("borg --info delete --dry-run repo::a", false),
        ("borg prune -n --keep-last=1 repo", false),
        ("borg compact repo", false),
        ("borg delete --cache-only repo", false),
        ("borg delete --force repo", true),
    ];
    compare(&sandbox, &lines, archives, anew);
}

#[test]
fn rclone_deletes_what_we_say() {
    let sandbox = Sandbox::new();
    let anew = || {
        for name in ["a", "b", "sub/c"] {
            sandbox.write(&format!("work/there/{name}"), "1");
        }
        sandbox.write("work/here/a", "2");
    };
    let files = || {
        let walk = |name: &str| fs::read_dir(sandbox.path(name)).map_or(0, Iterator::count);
        walk("work/there") + walk("work/there/sub")
    };
    let lines = [
        ("rclone purge there", true),
        ("rclone purge --bwlimit 1M there", true),
        ("rclone --s3-max-upload-parts 5 purge there", true),
        ("rclone delete there", true),
        ("rclone delete --include a there", true),
        ("rclone sync here there", true),
        ("rclone sync -P --checkers=2 here there", true),
        ("rclone purge -n there", false),
        ("rclone sync --dry-run here there", false),
        ("rclone copy here there", false),
        ("rclone lsf there", false),
    ];
    compare(&sandbox, &lines, files, anew);
}

#[test]
fn pgbackrest_removes_what_we_say() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("work/repo")).expect("a folder");
    let place = format!(
        "--repo1-path={} --log-path={}",
        sandbox.path("work/repo").display(),
        sandbox.path("work").display(),
    );
    let file = sandbox.path("work/repo/archive/main/x");
    let anew = || {
        drop(run(
            &sandbox,
            &format!("pgbackrest {place} --stanza=main repo-put archive/main/x"),
            "1",
        ))
    };
    let lines = [
        (format!("pgbackrest {place} --stanza=main repo-rm archive/main/x"), true),
        (format!("pgbackrest {place} --stanza main repo-rm --recurse archive/main"), true),
        (
            format!(
                "pgbackrest repo-rm {place} --repo1-cipher-type none --stan main archive/main/x"
            ),
            true,
        ),
        (format!("pgbackrest {place} --stanza=main repo-ls archive/main"), false),
    ];
    let lines: Vec<(&str, bool)> =
        lines.iter().map(|(line, expected)| (line.as_str(), *expected)).collect();
    compare(&sandbox, &lines, || usize::from(file.exists()), anew);
}

/// A barman with a backup of a server.
fn barman(sandbox: &Sandbox, server: &PostgresServer) {
    let socket = server.socket().display();
    let user = out(&sandbox.command("/usr/bin/id").arg("-un").output().expect("id"));
    let to = format!("host={socket} port={} user=postgres dbname=postgres", server.port());
    let path = |name: &str| sandbox.path(name).display().to_string();
    let config = format!(
        "[barman]\nbarman_user = {}\nbarman_home = {}\nlog_file = {}\n[main]\ndescription = x\n\
         conninfo = {to}\nstreaming_conninfo = {to}\nbackup_method = postgres\n\
         streaming_archiver = on\nslot_name = barman\nimmediate_checkpoint = true\n\
         path_prefix = /usr/lib/postgresql/15/bin\n",
        user.trim(),
        path("work/home"),
        path("work/log"),
    );
    sandbox.write("work/c", &config);
    fs::create_dir_all(path("work/home")).expect("a folder");
    run(sandbox, "barman -c c receive-wal --create-slot main", "");
    let mut receiver = sandbox.command("/usr/bin/barman");
    let mut receiver = receiver
        .args(["-c", "c", "receive-wal", "main"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    // Whoever stops it waits until it is gone altogether.
    let receiver = std::thread::spawn(move || receiver.wait());
    let attached = "select count(*) from pg_replication_slots where active";
    let attached = || server.sql("postgres", attached) == "1";
    assert!(wait::until(attached), "barman does not receive WAL files");
    let mut said = String::new();
    for line in [
        "barman -c c switch-wal --force --archive --archive-timeout 30 main",
        "barman -c c backup main",
        "barman -c c receive-wal --stop main",
    ] {
        said += &run(sandbox, line, "");
    }
    let ended = receiver.join();
    assert!(ended.is_ok() && said.contains("Backup completed"), "{said}");
    copy(&sandbox.path("work/home"), &sandbox.path("work/first"));
}

#[test]
fn barman_deletes_what_we_say() {
    let (sandbox, server) = (Sandbox::new(), PostgresServer::start());
    barman(&sandbox, &server);
    let base = sandbox.path("work/home/main/base");
    let count = || fs::read_dir(&base).map_or(0, Iterator::count);
    let lines = [
        ("barman -c c delete main oldest", true),
        ("barman --conf=c -q delete main latest", true),
        ("barman -cc delete main first", true),
        ("barman -c c list-backups main", false),
        ("barman -c c keep --target full main oldest", false),
    ];
    let anew = || copy(&sandbox.path("work/first"), &sandbox.path("work/home"));
    compare(&sandbox, &lines, count, anew);
    // What was in the folder that it recovers into is gone.
    anew();
    sandbox.write("work/full/own", "x");
    let full = || {
        fs::read_dir(sandbox.path("work/full")).map_or(0, |entries| {
            entries.flatten().filter(|entry| entry.file_name() == "own").count()
        })
    };
    let to = sandbox.path("work/full").display().to_string();
    let line = format!("barman -c c recover main latest {to}");
    compare(&sandbox, &[(&line, true)], full, || drop(sandbox.write("work/full/own", "x")));
    // The slot, which keeps WAL files.
    let slots = || -> usize {
        let count = server.sql("postgres", "select count(*) from pg_replication_slots");
        count.parse().expect("a number")
    };
    let lines = [("barman -c c receive-wal --drop-slot main", true)];
    compare(&sandbox, &lines, slots, || ());
}
