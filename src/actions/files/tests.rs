use super::own::{Places, Touch};
use crate::action::Effect;
use crate::invocation::{Context, Invocation};
use crate::judgement::Verdict;
use crate::testing::judge;
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
    for line in [
        "rm -rf build",
        "rm /srv/prod/pg",
        "mv /srv/prod/pg /srv/prod/old",
        "rm -rf /srv/prod/pg/base*",
    ] {
        assert!(judge(line, &world).actions.is_empty(), "{line}");
    }
}
