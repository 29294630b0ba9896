//! What a tool's own command changes for the commands after it in the same
//! line: each way of choosing another place, in both directions.

#[path = "retarget/pairs.rs"]
mod pairs;

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judgement, Verdict};
use holdpoint::pipeline::{Options, Subject, judge};
use holdpoint::world::fake::FakeWorld;
use pairs::{KUBE, PAIRS, Pair};

fn place(pair: &Pair, place: &str) -> FakeWorld {
    let world = FakeWorld::new().with_file(pair.file, &pair.text.replace("{}", place));
    pair.others.iter().fold(world, |world, (path, text)| world.with_file(path, text))
}

fn judged(line: &str, world: &FakeWorld) -> Judgement {
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    judge(Subject::Line(line, &Invocation::default()), world, options).judgement
}

fn passes(line: &str, world: &FakeWorld) -> bool {
    judged(line, world).verdict == Verdict::Allow
}

/// The evidence of what is worst in a line, and the reasons.
fn said(line: &str, world: &FakeWorld) -> String {
    let judgement = judged(line, world);
    let worst = &judgement.actions[0];
    let evidence = worst.action.target.evidence.iter();
    let evidence: Vec<String> =
        evidence.map(|one| format!("{} from {}", one.value, one.source)).collect();
    format!(
        "{}; {}; {:?}",
        evidence.join(", "),
        judgement.reasons.join(" "),
        worst.action.target.gap
    )
}

#[test]
fn each_way_of_choosing_counts_for_what_follows_in_both_directions() {
    let mut wrong = Vec::new();
    for pair in PAIRS {
        let (dev, prod) = pair.places;
        let (in_dev, in_prod) = (place(pair, dev), place(pair, prod));
        let choose = |place: &str| pair.choose.replace("{}", place);
        let act = pair.act;
        let mut expect = |line: String, world: &FakeWorld, free: bool| {
            if passes(&line, world) != free {
                wrong.push(format!("{line}\n  {}", said(&line, world)));
            }
        };
        expect(act.to_owned(), &in_dev, true);
        expect(act.to_owned(), &in_prod, false);
        for join in [" && ", "; ", "\n", " || "] {
            expect(format!("{}{join}{act}", choose(prod)), &in_dev, false);
            expect(format!("{}{join}{act}", choose(dev)), &in_dev, true);
            expect(format!("{}{join}{act}", choose(dev)), &in_prod, join == " && ");
        }
        expect(format!("{} && {act}", choose("$PLACE")), &in_dev, false);
        expect(format!("bash -c '{}' && {act}", choose(prod)), &in_dev, false);
        expect(format!("bash -c '{}; {act}'", choose(prod)), &in_dev, false);
        let by = choose(prod);
        let line = format!("{by} && {act}");
        let named = format!("`{} ", by.split(' ').next().unwrap());
        let text = said(&line, &in_dev);
        if !text.contains(&named) || !text.contains("earlier in this line") {
            wrong.push(format!("no evidence: {line}\n  {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn kube(current: &str) -> FakeWorld {
    FakeWorld::new().with_file("/home/ana/.kube/config", &KUBE.replace("{}", current))
}

/// Where the context is production and the line chooses another.
#[test]
fn a_place_that_is_chosen_for_certain_counts_and_no_other() {
    let world = kube("prod")
        .with_file("/app/choose.sh", "#!/bin/sh\nkubectl config use-context kind-dev\n")
        .with_file(
            "/app/package.json",
            r#"{"scripts":{"local":"kubectl config use-context kind-dev"}}"#,
        );
    let choose = "kubectl config use-context kind-dev";
    let act = "kubectl delete ns x";
    for line in [
        format!("{choose} && {act}"),
        format!("{choose} >/dev/null 2>&1 && {act}"),
        format!("({choose}) && {act}"),
        format!("{{ {choose}; }} && {act}"),
        format!("if {choose}; then {act}; fi"),
        format!("set -e\n{choose}\n{act}"),
        format!("set -euo pipefail; {choose}; echo ok; {act}"),
        format!("bash -ec '{choose}; {act}'"),
        format!("{choose} || exit 1; {act}"),
        format!("{choose} || {{ echo no; exit 1; }}\n{act}"),
        format!("bash -c '{choose} && {act}'"),
        format!("bash -c '{choose}' && {act}"),
        format!("env A=b {choose} && {act}"),
        format!("time {choose} && timeout 9 {act}"),
        format!("sh ./choose.sh && {act}"),
        format!("./choose.sh && {act}"),
        format!("npm run local && {act}"),
        format!("local() {{ {choose}; }}; local && {act}"),
        format!("{choose} && echo $(date) && {act}"),
        format!("{choose} && kubectl get ns | xargs -n1 echo && {act}"),
        format!("kubectl config use-context prod; {choose} && {act}"),
        format!("{choose} && cd infra && {act}"),
        format!("export KUBECONFIG=~/.kube/config && {choose} && {act}"),
    ] {
        assert!(passes(&line, &world), "{line}\n{}", said(&line, &world));
    }
    for line in [
        format!("{choose} || {act}"),
        format!("! {choose} && {act}"),
        format!("if ! {choose}; then {act}; fi"),
        format!("if {choose}; then echo; else {act}; fi"),
        format!("if {choose}; then echo; fi; {act}"),
        format!("{choose} | tee log && {act}"),
        format!("{choose} & {act}"),
        format!("{choose} && true || {act}"),
        format!("{choose} && true; {act}"),
        format!("for x in a b; do {choose}; done; {act}"),
        format!("for x in $XS; do {choose} && echo; done && {act}"),
        format!("while read x; do {choose}; done && {act}"),
        format!("set -e; {choose} || true; {act}"),
        format!("set -e; {choose}; set +e; kubectl config use-context prod; {act}"),
        format!("set -e; if {choose}; then true; fi; {act}"),
        format!("{choose} --kubeconfig /tmp/other && {act}"),
        format!("{choose} --help && {act}"),
        format!("{choose} -h && {act}"),
        format!("/tmp/kubectl config use-context kind-dev && {act}"),
        format!("PATH=/tmp:$PATH {choose} && {act}"),
        format!("alias kubectl=true; {choose} && \\kubectl delete ns x"),
        format!("echo {choose} && {act}"),
        format!("ssh box {choose} && {act}"),
        format!("docker run --rm tools {choose} && {act}"),
        format!("{choose} && kubectl config use-context prod && {act}"),
        format!("{choose} && kubectl config use-context $X && {act}"),
        format!("{choose} && {act} --context prod"),
        format!("{choose} && KUBECONFIG=/tmp/k {act}"),
        format!("{act} && {choose}"),
        "kubectl config rename-context prod kind-x; kubectl config use-context kind-x && \
         kubectl delete ns x"
            .to_owned(),
        "kubectx kind-x=prod && kubectl delete ns x".to_owned(),
        "kubectl config set contexts.kind-dev.cluster prod && kubectl config use-context kind-dev \
         && kubectl delete ns x"
            .to_owned(),
        "kubectl config set-context kind-dev --cluster prod && kubectl config use-context kind-dev \
         && kubectl delete ns x"
            .to_owned(),
        "kubectl config set-cluster kind-dev --server https://k8s.live.acme.com && \
         kubectl config use-context kind-dev && kubectl delete ns x"
            .to_owned(),
    ] {
        assert!(!passes(&line, &world), "{line}\n{}", said(&line, &world));
    }
}

/// Where the context is local and something in the line leads to production.
#[test]
fn a_place_that_may_have_been_chosen_counts() {
    let world = kube("kind-dev")
        .with_file("/app/choose.sh", "kubectl config use-context prod\n")
        .with_file(
            "/app/Makefile",
            "local:\n\tkubectl config use-context prod\n\tkubectl delete ns x\n",
        );
    let choose = "kubectl config use-context prod";
    let act = "kubectl delete ns x";
    for line in [
        format!("({choose}); {act}"),
        format!("true | {choose}; {act}"),
        format!("{choose} & {act}"),
        format!("x=$({choose}); {act}"),
        format!("if true; then {choose}; fi; {act}"),
        format!("case $X in a) {choose};; esac; {act}"),
        format!("for x in a b; do {choose}; done; {act}"),
        format!("env A=b nice {choose}; {act}"),
        format!("bash choose.sh; {act}"),
        format!("source choose.sh; {act}"),
        format!("cat choose.sh | bash; {act}"),
        format!("eval '{choose}'; {act}"),
        format!("f() {{ {choose}; }}; f; {act}"),
        format!("xargs -I{{}} {choose} < list; {act}"),
        format!("find . -exec {choose} ';' ; {act}"),
        "make local".to_owned(),
        format!("{choose}; kubectl config use-context kind-dev; {act}"),
        "echo prod | xargs kubectl config use-context && kubectl delete ns x".to_owned(),
        "kubectl config use-context \"$(cat ctx)\" && kubectl delete ns x".to_owned(),
        "kubectl config use-context prod-$REGION && kubectl delete ns x".to_owned(),
        "kubectl config use-context $X --kubeconfig $K && kubectl delete ns x".to_owned(),
        "kubectx - && kubectl delete ns x".to_owned(),
    ] {
        assert!(!passes(&line, &world), "{line}\n{}", said(&line, &world));
    }
    for line in [
        format!("{act} && {choose}"),
        format!("{choose} && {act} --context kind-dev"),
        format!("{choose} && kubectl config use-context kind-dev && {act}"),
        format!("kubectl config get-contexts && {act}"),
        format!("kubectl config use-context $X && {act} --context kind-dev"),
        format!("{choose} --kubeconfig /tmp/other && {act}"),
        format!("kubectl config current-context; {act}"),
    ] {
        assert!(passes(&line, &world), "{line}\n{}", said(&line, &world));
    }
}

/// The settings files that commands of the line write as a whole.
#[test]
fn a_file_that_is_put_in_place_counts() {
    const PROD: &str = "DATABASE_URL=postgres://u@db.prod.acme.com/shop\n";
    const DEV: &str = "DATABASE_URL=postgres://u@localhost/shop_dev\n";
    let world = |own: &str| {
        FakeWorld::new()
            .with_file("/app/prisma/schema.prisma", "datasource db { url = env(\"DATABASE_URL\") }")
            .with_file("/app/.env", own)
            .with_file("/app/.env.production", PROD)
            .with_file("/app/.env.development", DEV)
            .with_file("/app/prod.kubeconfig", &KUBE.replace("{}", "prod"))
            .with_file("/home/ana/.kube/config", &KUBE.replace("{}", "kind-dev"))
    };
    let act = "npx prisma migrate reset --force";
    let (dev, prod) = (world(DEV), world(PROD));
    for line in [
        format!("cp .env.production .env && {act}"),
        format!("cp .env.production .env; {act}"),
        format!("mv .env.production .env\n{act}"),
        format!("ln -sf .env.production .env && {act}"),
        format!("cat .env.production > .env; {act}"),
        format!("echo DATABASE_URL=postgres://u@db.prod.acme.com/x > .env && {act}"),
        format!("tee .env < .env.production && {act}"),
        format!("sed -i s/dev/prod/ .env && {act}"),
        format!("export $(cat .env.production | xargs) && {act}"),
        format!("export $(grep -v '^#' .env.production) && {act}"),
        format!("set -a; . ./.env.production; set +a; {act}"),
        format!("set -o allexport; source .env.production; {act}"),
        format!("env $(cat .env.production) {act}"),
        format!("dotenv -e .env.production -- {act}"),
        format!("direnv exec . {act}"),
        format!("eval \"$(direnv export bash)\" && {act}"),
        format!("bash -ac '. ./.env.production; {act}'"),
        format!("npx dotenv-cli -e .env.production -- {act}"),
        format!("vercel env pull .env && {act}"),
        format!("vercel env pull .env --environment=production; {act}"),
        format!("aws s3 cp s3://acme/production.env .env && {act}"),
        format!("scp box:.env .env && {act}"),
        format!("op inject -i env.tpl -o .env && {act}"),
        format!("heroku config -s > .env && {act}"),
        format!("curl -o .env https://acme.com/env && {act}"),
        "ln -sf $PWD/prod.kubeconfig ~/.kube/config && kubectl delete ns x".to_owned(),
        "cp prod.kubeconfig ~/.kube/config; kubectl delete ns x".to_owned(),
        "export KUBECONFIG=$PWD/prod.kubeconfig; kubectl delete ns x".to_owned(),
        "KUBECONFIG=prod.kubeconfig kubectl delete ns x".to_owned(),
    ] {
        assert!(!passes(&line, &dev), "{line}\n{}", said(&line, &dev));
    }
    for line in [
        format!("cp .env.development .env && {act}"),
        format!("set -e; cp .env.development .env; {act}"),
        format!("mv .env.development .env && {act}"),
        format!("cat .env.development > .env; {act}"),
        format!("cp .env.production .env.old; cp .env.development .env && {act}"),
        format!("export $(cat .env.development | xargs); {act}"),
        format!("set -a; . ./.env.development; {act}"),
        format!("cp .env.development .env || exit 1\n{act}"),
    ] {
        assert!(passes(&line, &prod), "{line}\n{}", said(&line, &prod));
    }
    for line in [
        format!("cp .env.development .env; {act}"),
        format!("mv .env.development .env\n{act}"),
        format!("cp .env.development .env || {act}"),
        format!("cp .env.production .env.x; cp .env.x .env; {act}"),
        format!("cp .env.development .env && cp .env.production .env; {act}"),
        format!("cp .env.development .env; cp .env.development .env; {act}"),
    ] {
        assert!(!passes(&line, &prod), "{line}\n{}", said(&line, &prod));
    }
    let mise = dev.clone().with_file("/app/mise.toml", "[env]\nDATABASE_URL = 'postgres://x/y'\n");
    for line in ["mise exec -- ", "eval \"$(mise env)\"; ", "eval \"$(mise activate bash)\"; "] {
        let line = format!("{line}{act}");
        assert!(!passes(&line, &mise), "{line}\n{}", said(&line, &mise));
        assert!(passes(&line, &dev), "{line}\n{}", said(&line, &dev));
    }
    // What was not there before leads nowhere.
    let none = FakeWorld::new()
        .with_file("/app/prisma/schema.prisma", "datasource db { url = env(\"DATABASE_URL\") }")
        .with_file("/app/.env.example", DEV);
    assert!(passes(&format!("cp .env.example .env\n{act}"), &none));
}

/// What git's own commands change for a push.
#[test]
fn a_push_goes_where_the_line_says() {
    let world = |branch: &str, config: &str| {
        FakeWorld::new()
            .with_file("/app/.git/HEAD", &format!("ref: refs/heads/{branch}\n"))
            .with_file("/app/.git/refs/heads/main", "1111111111111111111111111111111111111111\n")
            .with_file("/app/.git/refs/heads/fix", "1111111111111111111111111111111111111111\n")
            .with_file("/app/.git/config", config)
    };
    let origin = "[remote \"origin\"]\n\turl = git@github.com:acme/shop.git\n";
    let (fix, main) = (world("fix", origin), world("main", origin));
    for line in [
        "git switch main && git push -f origin HEAD",
        "git switch main; git push -f origin HEAD",
        "git checkout main && git push --force",
        "git config alias.p 'push --force' && git p origin main",
        "git config --global alias.p 'push --force'; git p origin main",
        "git config set alias.p 'push --force' && git p origin main",
        "git config remote.origin.mirror true && git push origin",
        "git config remote.origin.push '+refs/heads/*:refs/heads/*' && git push origin",
        "git config push.default matching && git push -f",
        "git -C . config push.default matching && git push -f",
    ] {
        assert!(!passes(line, &fix), "{line}\n{}", said(line, &fix));
    }
    for line in [
        "git switch fix && git push -f origin HEAD",
        "git switch -c other && git push -f origin HEAD",
        "git checkout -b other && git push -f origin HEAD",
        "git checkout fix && git push -f origin HEAD",
    ] {
        assert!(passes(line, &main), "{line}\n{}", said(line, &main));
    }
    for line in [
        "git switch fix; git push -f origin HEAD",
        "git checkout README.md && git push -f origin HEAD",
        "git switch --detach fix && git push -f origin HEAD:main",
    ] {
        assert!(!passes(line, &main), "{line}\n{}", said(line, &main));
    }
}

/// However much a line chooses, it is read in bounded time, and nothing passes
/// because there is too much of it.
#[test]
fn a_line_that_chooses_without_end_is_read_to_its_end() {
    let world = kube("prod");
    let act = "kubectl delete ns x";
    let choose = "kubectl config use-context kind-dev";
    let started = std::time::Instant::now();
    for count in [4, 20, 300] {
        assert!(
            !passes(&format!("{}{act}", format!("{choose}; ").repeat(count)), &world),
            "{count}"
        );
        assert!(
            passes(&format!("{}{act}", format!("{choose} && ").repeat(count)), &world),
            "{count}"
        );
        let each = format!("{choose}; {act} --context kind-dev; ");
        assert!(!passes(&format!("{}{act}", each.repeat(count)), &world), "{count}");
    }
    let other: String =
        (0..300).map(|at| format!("kubectl config set-context c{at} --namespace=n && ")).collect();
    assert!(!passes(&format!("{other}{choose}; {act}"), &world));
    // What the last of many wrappers changes counts as the first one's does.
    let many = "bash -c 'true'; ".repeat(300);
    let inside = format!("{many}bash -c 'kubectl config use-context prod'; {act}");
    assert!(!passes(&inside, &kube("kind-dev")));
    assert!(passes(&format!("{many}{act}"), &kube("kind-dev")));
    let nested = (0..12).fold(choose.to_owned(), |inner, _| format!("bash -c {inner:?}"));
    assert!(!passes(&format!("{nested}; {act}"), &world));
    let took = started.elapsed();
    assert!(took.as_secs() < 60, "{took:?}");
}

/// `aws configure set` writes to the profile that the variables name, and to no
/// other.
#[test]
fn a_setting_of_one_profile_is_none_of_another() {
    let local = "http://localhost:4566";
    let act = "aws dynamodb delete-table --table-name orders";
    let world = FakeWorld::new();
    let set = format!("aws configure set endpoint_url {local}");
    assert!(passes(&format!("{set} && {act}"), &world));
    for line in [
        format!("AWS_PROFILE=shop {set} && {act}"),
        format!("{set} --profile shop && {act}"),
        format!("{set} && {act} --profile shop"),
    ] {
        assert!(!passes(&line, &world), "{line}\n{}", said(&line, &world));
    }
    let shop = format!("export AWS_PROFILE=shop; {set} && {act}");
    assert!(passes(&shop, &world), "{}", said(&shop, &world));
}

/// Said in SECURITY.md: it gets through.
#[test]
fn what_another_branch_brings_is_not_known() {
    let world = FakeWorld::new()
        .with_file("/app/.git/HEAD", "ref: refs/heads/fix\n")
        .with_file("/app/.netlify/state.json", r#"{"siteId":"acme-dev"}"#);
    for brings in ["git checkout production", "git stash pop", "tar xf linked.tar"] {
        assert!(passes(&format!("{brings} && netlify sites:delete"), &world), "{brings}");
    }
}
