//! The real kubectl, aws, terraform and git: each is told to choose another
//! place, and then a later command's target, read from what the tool has really
//! written, has to be the one that we worked out from the line alone.

// Each of the three takes in where the tests' tools are installed.
#![allow(clippy::duplicate_mod)]
#![allow(clippy::expect_used, clippy::panic)]

#[path = "support/kube_server.rs"]
mod kube_server;
#[path = "support/moto.rs"]
mod moto;
#[path = "support/terraform.rs"]
mod terraform;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::pipeline::{Options, Subject, judge};
use holdpoint::target::Kind;
use holdpoint::world::fake::FakeWorld;

/// The world that the folder is, home and working directory in one.
fn world(folder: &Path) -> FakeWorld {
    let mut world = FakeWorld::new().with_var("HOME", folder.to_str().expect("a path"));
    world.cwd = folder.to_owned();
    add(folder, world)
}

fn add(folder: &Path, mut world: FakeWorld) -> FakeWorld {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            world = add(&path, world);
        } else if let Ok(text) = fs::read_to_string(&path) {
            world = world.with_file(path.to_str().expect("a path"), &text);
        }
    }
    world
}

/// Where the last command of a line lands: kinds and names, in their order.
fn places(line: &str, world: &FakeWorld) -> Vec<(Kind, String)> {
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    let judgement = judge(Subject::Line(line, &Invocation::default()), world, options).judgement;
    let mut actions = judgement.actions.iter();
    // What chooses is a write: what is asked about destroys.
    let last = actions.find(|it| it.action.effect == holdpoint::action::Effect::Destroy);
    let last = last.unwrap_or_else(|| panic!("{line}: nothing destroys: {judgement:#?}"));
    assert!(last.action.otherwise.is_empty(), "{line}");
    let evidence = &last.action.target.evidence;
    evidence.iter().map(|one| (one.kind, one.value.clone())).collect()
}

/// Runs `choose` for real in a copy of `files`, and compares.
fn agrees(program: &str, files: &[(&str, &str)], choose: &str, act: &str) -> Option<()> {
    let folder = tempfile::tempdir().expect("a folder");
    // Where the system's temporary folder is a link, tools say where it leads.
    let folder = folder.path().canonicalize().expect("a path");
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let tool =
        choose.split([' ', '=']).find(|word| ["aws", "git", "kubectl", "terraform"].contains(word));
    let real = choose.replacen(tool.expect("a tool"), program, 1);
    let run = |line: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(&folder).env_clear().env("HOME", &folder);
        shell.env("PATH", std::env::var_os("PATH").expect("a path")).stdin(Stdio::null());
        let done = shell.output().expect("a shell");
        (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    if program.starts_with("git") {
        assert!(
            run("git init -q -b main . && git -c user.name=a -c user.email=a@b commit -q \
                     --allow-empty -m a && git branch fix && git branch release")
            .0
        );
    }
    let before = world(&folder);
    let (done, said) = run(&real);
    if !done {
        eprintln!("{real}: {said}");
        return None;
    }
    let after = world(&folder);
    let line = format!("{choose} && {act}");
    assert_eq!(places(&line, &before), places(act, &after), "{line}");
    Some(())
}

const KUBE: &str = "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters:\n\
    - {name: c1, cluster: {server: 'http://127.0.0.1:1'}}\n\
    - {name: c2, cluster: {server: 'http://10.1.1.1'}}\n\
    contexts:\n- {name: one, context: {cluster: c1, user: u, namespace: n1}}\n\
    - {name: two.prod, context: {cluster: c2, user: u}}\nusers:\n- {name: u, user: {}}\n";

const OTHER: &str = "apiVersion: v1\nkind: Config\nclusters:\n\
    - {name: c3, cluster: {server: 'http://10.3.3.3'}}\n\
    contexts:\n- {name: three, context: {cluster: c3, user: u, namespace: n3}}\n";

#[test]
fn kubectl_s_own_changes_are_the_ones_that_we_work_out() {
    let kubectl = kube_server::tool("kubectl");
    let kubectl = kubectl.to_str().expect("a path");
    let files = [(".kube/config", KUBE), ("a", KUBE), ("b", OTHER)];
    let mut done = 0;
    for prefix in
        ["", "KUBECONFIG=a ", "KUBECONFIG=b:a ", "KUBECONFIG=none:b:a ", "KUBECONFIG=new "]
    {
        for choose in [
            "config use-context two.prod",
            "config use three",
            "config set-context --current --namespace=x",
            "config set-context --current -n x --cluster c2",
            "config set-context two.prod --namespace prod",
            "config set-context four --cluster=c2 --user=u",
            "config set-cluster c1 --server=http://10.4.4.4",
            "config rename-context two.prod live",
            "config set current-context two.prod",
            "config use-context two.prod --kubeconfig a",
        ] {
            let choose = format!("{prefix}kubectl {choose}");
            let act = format!("{prefix}kubectl delete ns x");
            done += usize::from(agrees(kubectl, &files, &choose, &act).is_some());
        }
    }
    assert!(done >= 30, "kubectl took only {done}");
}

#[test]
fn aws_configure_changes_what_we_work_out() {
    let config = "[default]\nregion = eu-west-1\n[profile shop]\nregion = us-east-1\n";
    let files = [(".aws/config", config), ("other", "[profile shop]\n")];
    for cli in moto::Cli::ALL {
        let program = cli.program();
        let program = program.to_str().expect("a path");
        let act = "dynamodb delete-table --table-name orders";
        for (choose, prefix, profile) in [
            ("region eu-north-1", "", ""),
            ("region eu-north-1 --profile shop", "", "--profile shop"),
            ("endpoint_url http://localhost:4566 --profile shop", "", "--profile shop"),
            ("endpoint_url http://db.prod.acme.com --profile new", "", "--profile new"),
            ("role_arn arn:aws:iam::123456789012:role/x --profile shop", "", "--profile shop"),
            ("aws_account_id 123456789012", "AWS_PROFILE=shop ", ""),
            ("region eu-north-1 --profile shop", "AWS_CONFIG_FILE=other ", "--profile shop"),
        ]
        .into_iter()
        .take(if cli == moto::Cli::V1 { 7 } else { 3 })
        {
            let line = format!("{prefix}aws configure set {choose}");
            let act = format!("{prefix}aws {profile} {act}");
            agrees(program, &files, &line, &act).expect("it is set");
        }
    }
}

#[test]
fn terraform_s_workspace_is_the_one_that_was_chosen() {
    let program = terraform::terraform();
    let files = [
        ("main.tf", "resource \"terraform_data\" \"x\" {}\n"),
        ("infra/main.tf", "resource \"terraform_data\" \"x\" {}\n"),
        ("terraform.tfstate.d/live/keep", ""),
    ];
    for (choose, act) in [
        ("workspace new prod", ""),
        ("workspace select live", ""),
        ("workspace select -or-create=true dev", ""),
        ("-chdir=infra workspace new prod", "-chdir=infra "),
    ] {
        let act = format!("terraform {act}destroy -auto-approve");
        agrees(program, &files, &format!("terraform {choose}"), &act).expect("it is chosen");
    }
}

#[test]
fn git_s_own_changes_are_the_ones_that_we_work_out() {
    for (choose, act) in [
        ("remote add origin git@github.com:acme/shop.git", "push -f origin main"),
        ("remote add -t main up https://github.com/acme/prod.git", "push -f up main"),
        ("config remote.origin.url /srv/prod.git", "push -f origin main"),
        ("config set --local remote.origin.url /srv/prod.git", "push -f origin main"),
        ("config --global url.git@prod.acme.com:.insteadOf up:", "push -f up:shop main"),
        ("switch release", "push -f /srv/prod.git HEAD"),
        ("checkout release", "push -f /srv/prod.git HEAD"),
        ("-C . switch -q release", "push -f /srv/prod.git HEAD"),
        ("checkout -b stable", "push -f /srv/prod.git HEAD"),
        ("switch -c stable", "push -f /srv/prod.git HEAD"),
        ("config alias.p 'push --force'", "p /srv/prod.git main"),
    ] {
        let act = format!("git {act}");
        let line = format!("git {choose}");
        // Older gits have no `config set`.
        let done = agrees("git", &[], &line, &act);
        assert!(done.is_some() || choose.starts_with("config set"), "{line}");
    }
}
