use super::own::{Places, Touch};
use crate::action::Effect;
use crate::invocation::{Context, Invocation};
use crate::judgement::Verdict;
use crate::testing::judge;
use crate::world::Process;
use crate::world::fake::FakeWorld;

const LINE: &str = "export A=1\n# >>> holdpoint >>>\n. ~/x\n# <<< holdpoint <<<\n";

fn object(line: &str, world: &FakeWorld) -> Option<String> {
    let judgement = judge(line, world);
    judgement.actions.first().and_then(|judged| judged.action.object.clone())
}

#[test]
fn a_start_up_file_counts_only_where_the_marked_line_goes() {
    let world = FakeWorld::new()
        .with_file("/home/ana/.bashrc", LINE)
        .with_file("/home/ana/.profile", "export A=1\n")
        .with_file("/app/with", LINE)
        .with_file("/app/without", "export A=1\n");
    for line in [
        "rm ~/.bashrc",
        "mv ~/.bashrc ~/.bashrc.old",
        "echo 'export A=1' > ~/.bashrc",
        ": > \"$HOME/.bashrc\"",
        "cp without ~/.bashrc",
        "cp without ~/.bash*",
        "echo | tee ~/.bashrc",
        "sed -i '/>>> holdpoint/,/<<< holdpoint/d' ~/.bashrc",
        "sed -i /Holdpoint/d ~/.bashrc",
    ] {
        assert_eq!(object(line, &world).as_deref(), Some("activation line"), "{line}");
    }
    for line in [
        "echo 'export A=1' >> ~/.bashrc",
        "echo x | tee -a ~/.bashrc",
        "sed -i s/A=1/A=2/ ~/.bashrc",
        "sed /holdpoint/d ~/.bashrc",
        "cp with ~/.bashrc",
        "cp ~/.bashrc backup",
        "rm ~/.profile",
        "echo 'export A=1' > ~/.profile",
        "vim ~/.bashrc",
    ] {
        assert_eq!(object(line, &world), None, "{line}");
    }
}

#[test]
fn git_hooks_of_ours_count_and_others_do_not() {
    let ours = format!("#!/bin/sh\n{}\nexit 0\n", crate::target::git_hooks::HOOK_MARK);
    let world = FakeWorld::new()
        .with_file("/app/.git/hooks/pre-push", &ours)
        .with_file("/srv/.git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    for line in [
        "rm .git/hooks/pre-push",
        "rm -rf .git/hooks",
        "mv .git/hooks/pre-push /tmp",
        "echo 'exit 0' > .git/hooks/pre-push",
        "chmod -x .git/hooks/pre-push",
        "sed -i 2d .git/hooks/pre-push",
    ] {
        assert_eq!(object(line, &world).as_deref(), Some("hook"), "{line}");
    }
    for line in
        ["rm /srv/.git/hooks/pre-push", "cat .git/hooks/pre-push", "rm .git/hooks/pre-commit"]
    {
        assert_eq!(object(line, &world), None, "{line}");
    }
}

#[test]
fn wildcards_stand_for_what_is_there() {
    let world = FakeWorld::new()
        .with_file("/home/ana/.config/holdpoint/policy.toml", "")
        .with_file("/home/ana/src/a", "");
    for line in [
        "rm -rf ~/.config/hold*",
        "rm -rf ~/.config/*",
        "rm -rf ~/.con?ig",
        "rm -rf ~/.conf[ghi]*/holdpoint",
        "rm -rf ~/.[a-d]*",
        "rm -rf /home/*",
        "cd ~/.config; rm -rf *",
        "rm ~/.config/holdpoint/*.toml",
        "sudo rm -rf ~/.config/h*",
    ] {
        assert_eq!(object(line, &world).as_deref(), Some("policy"), "{line}");
    }
    for line in [
        "rm -rf ~/*",
        "cd ~ && rm -rf * src/*",
        "rm -f ~/.config/*",
        "rm -rf ~/.config/'hold*'",
        "rm -rf ~/s*",
        "rm -rf $X/* ~/.config/$Y*x",
    ] {
        assert_eq!(object(line, &world), None, "{line}");
    }
}

#[test]
fn a_projects_policy_counts_where_there_is_one() {
    let world = FakeWorld::new().with_file("/app/.holdpoint.toml", "version = 1\n");
    for line in
        ["rm .holdpoint.toml", "rm .hold*", "echo > /app/.holdpoint.toml", "mv .holdpoint.toml x"]
    {
        assert_eq!(object(line, &world).as_deref(), Some("project policy"), "{line}");
    }
    for line in ["rm /srv/.holdpoint.toml", "cat .holdpoint.toml", "rm *", "cp .holdpoint.toml x"] {
        assert_eq!(object(line, &world), None, "{line}");
    }
}

#[test]
fn shims_elsewhere_are_known_by_path_and_mark() {
    let world = FakeWorld::new()
        .with_var("PATH", "/opt/hp/share/holdpoint/shims:/usr/bin")
        .with_file("/opt/hp/share/holdpoint/shims/.holdpoint-shims", "")
        .with_file("/opt/hp/share/holdpoint/shims/holdpoint", "");
    for line in [
        "rm -rf /opt/hp",
        "rm /opt/hp/share/holdpoint/shims/psql",
        "rm /opt/hp/share/holdpoint/activate.bash",
    ] {
        assert!(object(line, &world).is_some(), "{line}");
    }
    assert_eq!(object("rm /opt/hp/other", &world), None);
    assert_eq!(object("rm -rf /opt/hp", &FakeWorld::new()), None);
}

#[test]
fn a_folder_copied_over_another_counts_for_what_it_holds() {
    let world = FakeWorld::new().with_file("/app/.config/holdpoint/policy.toml", "");
    assert_eq!(object("cp -r .config ~", &world).as_deref(), Some("policy"));
    assert_eq!(object("cp -r .config ~", &FakeWorld::new()), None);
}

#[test]
fn the_card_names_the_file_and_no_way_around() {
    let judgement = judge("cd ~; rm -r .config/holdpoint", &FakeWorld::new());
    let action = &judgement.actions[0].action;
    assert_eq!(judgement.tool, "rm");
    assert!(action.summary.ends_with("/home/ana/.config/holdpoint."), "{}", action.summary);
    assert_eq!(action.rule, "files/own");
}

#[test]
fn odd_paths_are_survived() {
    let world = FakeWorld::new();
    let invocation = Invocation::default();
    let context = Context { invocation: &invocation, world: &world };
    let places = Places::find(&world);
    for text in
        [&b""[..], b"/", b"..", b"\xff\xfe", b"//..//", b"/\xef\xbf\xbc*", "\u{FFFC}".as_bytes()]
    {
        let _ = places.hit(&context, text, Touch::Remove { deep: true }, None);
        let _ = places.found_below(&context, text, &["*".to_owned()]);
    }
    let remove = Touch::Remove { deep: true };
    assert!(places.hit(&context, b"/", remove, None).is_some());
    assert!(places.hit(&context, "/home/\u{FFFC}".as_bytes(), remove, None).is_none());
    assert!(places.hit(&context, "/home/\u{FFFC}*".as_bytes(), remove, None).is_some());
}

#[test]
fn a_folder_with_a_servers_data_is_told_from_others() {
    let world = FakeWorld::new()
        .with_file("/srv/prod/pg/PG_VERSION", "15")
        .with_file("/srv/dev/pg/PG_VERSION", "15")
        .with_file("/var/lib/mysql-prod/ibdata1", "")
        .with_file("/home/ana/live/mongodb/data/WiredTiger", "")
        .with_file("/app/build/x", "");
    for line in [
        "rm -rf /srv/prod/pg",
        "rm -rf /srv/prod/pg/*",
        "sudo rm -r /srv/prod/pg/",
        "cd /srv/prod && rm -fr pg",
        "rm -rf build /var/lib/mysql-prod",
        "rm -rf ~/live/mongodb",
    ] {
        let judgement = judge(line, &world);
        assert_eq!(judgement.verdict, Verdict::Refuse, "{line}");
        assert_eq!(judgement.actions[0].action.effect, Effect::Destroy, "{line}");
    }
    // On this machine, as any of its databases.
    assert_eq!(judge("rm -rf /srv/dev/pg", &world).verdict, Verdict::Allow);
    for line in ["rm -rf build", "rm /srv/prod/pg", "mv /srv/prod/pg /srv/prod/old"] {
        assert!(judge(line, &world).actions.is_empty(), "{line}");
    }
}

/// A machine on which a server of the system's, one of a project's and one in
/// a folder for temporary files run.
fn servers() -> FakeWorld {
    let process = |pid: i32, words: &[&str]| Process {
        pid,
        comm: words[0].rsplit('/').next().unwrap_or_default().to_owned(),
        cmdline: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Process::default()
    };
    let mut world = FakeWorld::new()
        .with_file("/var/lib/postgresql/16/main/PG_VERSION", "16")
        .with_file("/var/lib/postgresql/16/main/postmaster.pid", "7\n/x\n1\n5432\n")
        .with_file("/var/lib/postgresql/16/main/base/1/2", "")
        .with_file("/var/lib/mysql/shop/orders.ibd", "")
        .with_file("/app/.git/HEAD", "ref: refs/heads/live\n")
        .with_file("/app/pgdata/PG_VERSION", "16")
        .with_file("/app/pgdata/postmaster.pid", "8\n/x\n1\n5433\n")
        .with_file("/app/pgdata/base/1/2", "")
        .with_file("/home/ana/live-shop/.git/HEAD", "")
        .with_file("/home/ana/live-shop/tmp/pgdata/PG_VERSION", "16")
        .with_file("/tmp/prod-restore/pg/PG_VERSION", "16")
        .with_file("/srv/prod/app.sqlite3", "SQLite format 3\0x")
        .with_file("/srv/prod/notes.db", "plain text, no database")
        .with_file("/srv/prod/dump.rdb", "REDIS0011 and more")
        .with_file("/app/test.db", "SQLite format 3\0x")
        .with_file("/app/prod.db", "SQLite format 3\0x");
    world.processes = vec![
        process(7, &["/usr/lib/postgresql/16/bin/postgres", "-D", "/var/lib/postgresql/16/main"]),
        process(8, &["postgres", "-D", "/app/pgdata"]),
        process(9, &["/usr/sbin/mariadbd"]),
    ];
    world
}

#[test]
fn what_a_running_server_of_the_systems_keeps_is_not_taken_away() {
    let world = servers();
    for line in [
        "rm -rf /var/lib/postgresql/16/main",
        "sudo rm -rf /var/lib/postgresql",
        "rm -rf /var/lib/postgresql/16/main/base",
        "rm -rf /var/lib/postgresql/16/main/base* /tmp/x",
        "rm -rf /var/lib/postgresql/16/main/pg_wal/0*",
        "cd /var/lib/postgresql/16/main && rm -rf *",
        "find /var/lib/postgresql/16/main -delete",
        "find /var/lib/postgresql/16/main/base -type f -exec rm {} +",
        "cd /var/lib/postgresql/16/main; find . -type f -delete",
        "rsync -a --delete empty/ /var/lib/postgresql/",
        "truncate -s0 /var/lib/postgresql/16/main/base/1/2",
        "dd if=/dev/zero of=/var/lib/postgresql/16/main/base/1/2",
        ": > /var/lib/postgresql/16/main/base/1/2",
        "shred /var/lib/postgresql/16/main/base/1/2",
        "cp backup/2 /var/lib/postgresql/16/main/base/1/",
        "rm -rf /var/lib/mysql/shop",
        "rm -rf /var/lib/mysql/*",
        "find /var/lib/mysql -delete",
        "rm -rf /var/lib/docker/volumes/shop_db",
        "rm -rf /var/lib/docker/volumes/shop_db/_data/*",
        "sudo rm -rf /var/lib/docker/volumes",
        "rm -rf ~/.local/share/docker/volumes/shop_db",
    ] {
        assert_eq!(judge(line, &world).verdict, Verdict::Refuse, "{line}");
    }
    for line in [
        "rm -rf pgdata",
        "rm -rf ./pgdata/base",
        "find pgdata -type f -exec rm {} +",
        "rm -rf ~/live-shop/tmp/pgdata",
        "cd ~/live-shop && rm -rf tmp/pgdata",
        "rm -rf /tmp/prod-restore/pg",
        "rm /var/lib/postgresql/16/main/postmaster.pid",
        "rm -rf /var/lib/postgresql/16/main/log/*.log",
        "find /var/lib/postgresql -name '*.log' -mtime +7 -delete",
        "find /var/lib/mysql -name '*.err' -delete",
        "mv /var/lib/postgresql/16/main /var/lib/postgresql/16/old",
        "cp pg_hba.conf /var/lib/postgresql/16/main/",
        "cp -r /var/lib/mysql/shop backup/",
        "du -sh /var/lib/mysql",
        "rm -rf node_modules dist target ./tmp",
        "rm -rf /var/lib/mysql-files/x",
    ] {
        assert_eq!(judge(line, &world).verdict, Verdict::Allow, "{line}");
    }
    let summary = &judge("rm -rf /var/lib/mysql", &world).actions[0].action.summary.clone();
    assert!(summary.contains("on which its server runs: /var/lib/mysql."), "{summary}");
}

#[test]
fn a_stopped_server_on_a_machine_called_production_counts_too() {
    let mut world = servers();
    world.processes.clear();
    let line = "rm -rf /var/lib/postgresql/16/main";
    assert_eq!(judge(line, &world).verdict, Verdict::Allow);
    assert_eq!(judge(line, &world).actions[0].action.effect, Effect::Destroy);
    let world = world.with_hostname("db-prod-1");
    assert_eq!(judge(line, &world).verdict, Verdict::Refuse);
    assert_eq!(judge("rm -rf pgdata", &world).verdict, Verdict::Allow);
}

#[test]
fn a_file_that_is_a_database_goes_by_its_path() {
    let world = servers();
    for line in [
        "rm /srv/prod/app.sqlite3",
        "rm -f prod.db",
        ": > prod.db",
        "> ./prod.db",
        "echo > prod.db",
        "truncate -s 0 prod.db",
        "shred -u prod.db",
        "dd if=/dev/null of=prod.db",
        "cp test.db prod.db",
        "mv test.db prod.db",
        "tee prod.db < /dev/null",
        "rm /srv/prod/dump.rdb",
        "curl -o prod.db https://example.com/x",
    ] {
        assert_eq!(judge(line, &world).verdict, Verdict::Refuse, "{line}");
    }
    for line in [
        "rm test.db",
        ": > test.db",
        "rm /srv/prod/notes.db",
        "rm missing-prod.db",
        "mv prod.db prod.db.bak",
        "cp prod.db test.db",
        "echo x >> prod.db",
        "cat prod.db > /dev/null",
        "rm -f prod.db-journal",
    ] {
        assert_eq!(judge(line, &world).verdict, Verdict::Allow, "{line}");
    }
}

#[test]
fn a_file_that_policy_calls_production_counts() {
    let policy = "version = 1\n[[environment]]\nclass = \"production\"\npath = [\"/srv/shop/*\"]\n";
    let plain = FakeWorld::new().with_file("/srv/shop/a.db", "SQLite format 3\0x");
    let line = "rm /srv/shop/a.db";
    assert_eq!(judge(line, &plain).verdict, Verdict::Allow);
    let world = plain.with_file("/home/ana/.config/holdpoint/policy.toml", policy);
    assert_eq!(judge(line, &world).verdict, Verdict::Refuse);
}

#[test]
fn a_compose_projects_own_volumes_are_free() {
    let world = FakeWorld::new().with_file(
        "/app/compose.yaml",
        "name: shop\nservices: {db: {image: postgres}}\nvolumes: {db: {}}\n",
    );
    let own = "sudo rm -rf /var/lib/docker/volumes/shop_db";
    assert_eq!(judge(own, &world).verdict, Verdict::Allow);
    assert_eq!(judge(own, &FakeWorld::new()).verdict, Verdict::Refuse);
    let anonymous = format!("rm -rf /var/lib/docker/volumes/{}", "a1".repeat(32));
    assert_eq!(judge(&anonymous, &FakeWorld::new()).verdict, Verdict::Allow);
}
