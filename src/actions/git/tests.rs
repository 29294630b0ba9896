use crate::action::{Action, Effect, Flag};
use crate::judgement::Verdict;
use crate::testing::judge;
use crate::world::fake::FakeWorld;

/// A repository at /app on the branch `topic`, with a remote.
fn world() -> FakeWorld {
    FakeWorld::new()
        .with_file("/app/.git/HEAD", "ref: refs/heads/topic\n")
        .with_file("/app/.git/refs/heads/topic", "")
        .with_file("/app/.git/refs/heads/docs", "")
        .with_file("/app/docs/index.md", "")
        .with_file("/app/a.rs", "")
        .with_file("/app/src/b.rs", "")
        .with_file(
            "/app/.git/config",
            "[remote \"origin\"]\n\turl = https://ana:secret@git.acme.com/shop.git\n",
        )
}

/// The same with git's answers: nothing is unsaved.
fn clean() -> FakeWorld {
    world().with_answer(
        "status --porcelain=v1 -z --no-renames --untracked-files=no --ignore-submodules=dirty --",
        "",
    )
}

fn judged(line: &str, world: &FakeWorld) -> (Verdict, Vec<Action>) {
    let judgement = judge(line, world);
    (judgement.verdict, judgement.actions.into_iter().map(|judged| judged.action).collect())
}

#[track_caller]
fn stops(line: &str, world: &FakeWorld) -> Action {
    let (verdict, actions) = judged(line, world);
    assert_eq!(verdict, Verdict::Refuse, "{line}");
    actions.into_iter().next().unwrap()
}

#[track_caller]
fn passes(line: &str, world: &FakeWorld) {
    let (verdict, actions) = judged(line, world);
    assert_eq!(verdict, Verdict::Allow, "{line}: {actions:?}");
}

const DIRTY: &str =
    "status --porcelain=v1 -z --no-renames --untracked-files=no --ignore-submodules=dirty --";

#[test]
fn a_reset_is_stopped_where_something_is_unsaved() {
    passes("git reset --hard", &clean());
    passes("git reset --hard origin/main", &clean());
    let dirty = world().with_answer(DIRTY, " M a.rs\0M  src/b.rs\0 D gone\0");
    let action = stops("git reset --hard origin/main", &dirty);
    assert!(action.flags.has(Flag::Irreplaceable));
    assert_eq!(
        action.summary,
        "Overwrites 2 files (a.rs, src/b.rs) whose changes no commit holds."
    );
    // A deleted file loses nothing by coming back.
    passes("git reset --hard", &world().with_answer(DIRTY, " D gone\0D  gone2\0"));
    let untracked = clean().with_answer(
        "diff-index --cached --name-only --no-renames -z --diff-filter=D --end-of-options v1 --",
        "docs/index.md\0nowhere\0",
    );
    assert!(stops("git reset --hard v1", &untracked).summary.contains("(docs/index.md)"));
    passes("git reset --hard v2", &untracked);
}

#[test]
fn a_checkout_of_files_is_told_from_one_of_a_branch() {
    let dirty = world().with_answer(DIRTY, "").with_answer(&format!("{DIRTY} a.rs"), " M a.rs\0");
    stops("git checkout -- a.rs", &dirty);
    stops("git checkout a.rs", &dirty);
    stops("git checkout --quiet a.rs", &dirty);
    stops("git restore a.rs", &dirty);
    passes("git checkout src/b.rs", &dirty.clone().with_answer(&format!("{DIRTY} src/b.rs"), ""));
    // `docs` is a branch as well as a folder, and git takes the branch.
    passes("git checkout docs", &world());
    passes("git checkout -b a.rs", &world());
    let revision =
        dirty.with_answer("rev-parse -q --verify --end-of-options a.rs^{tree}", "0123\n");
    passes("git checkout a.rs", &revision);
    stops("git checkout -f a.rs", &world());
}

#[test]
fn what_a_clean_deletes_is_looked_up() {
    let world = world()
        .with_answer("clean -n -d --", "Would remove notes.md\nWould skip repository sub/\n")
        .with_answer("clean -n -d -x --", "Would remove node_modules/\nWould remove notes.md\n")
        .with_answer("clean -n -d -X --", "Would remove node_modules/\nWould remove target/\n")
        .with_answer("clean -n -X --", "Would remove .env\nWould remove a.pyc\n")
        .with_answer("clean -n --", "");
    assert!(stops("git clean -fd", &world).summary.contains("1 file (notes.md)"));
    stops("git clean -fdx", &world);
    passes("git clean -fdX", &world);
    assert!(stops("git clean -fX", &world).summary.contains("(.env)"));
    passes("git clean -f", &world);
    passes("git clean -d", &world);
    let config = "[clean]\n\trequireForce = false\n";
    stops("git clean -d", &world.with_file("/home/ana/.gitconfig", config));
}

#[test]
fn only_protected_branches_are_stopped() {
    let world = world();
    for line in [
        "git push -f origin main",
        "git push origin +topic:main",
        "git push origin topic:master --force-with-lease=master:0123",
        "git push -f origin release/2.0",
        "git push -f origin HEAD:refs/heads/production",
        "git push origin --delete main",
        "git push origin :heads/main",
        "git push --force --all",
        "git push -f origin 'refs/heads/*'",
        "git push -f origin \"re$x\"",
    ] {
        let action = stops(line, &world);
        assert_eq!(action.effect, Effect::Destroy, "{line}");
        assert!(!format!("{action:?}").contains("secret"), "{line}");
    }
    for line in [
        "git push -f",
        "git push --force-with-lease origin HEAD",
        "git push -f origin topic:fix/prod-login",
        "git push -f origin 'refs/heads/feature/*:refs/heads/feature/*'",
        "git push -f origin \"feature/$x\"",
        "git push origin main",
        "git push -f origin refs/tags/v1",
        "git push -f --no-force origin main",
        "git push --force --tags",
        "git push origin tag main",
    ] {
        passes(line, &world);
    }
}

#[test]
fn settings_force_and_lead_elsewhere() {
    let with = |text: &str| world().with_file("/home/ana/.gitconfig", text);
    stops("git push", &with("[remote \"origin\"]\n\tmirror = true\n"));
    stops("git push", &with("[remote \"origin\"]\n\tpush = +refs/heads/*:refs/heads/*\n"));
    stops("git push origin topic", &with("[remote \"origin\"]\n\tpush = +topic:main\n"));
    stops("git push -f", &with("[push]\n\tdefault = matching\n"));
    stops(
        "git push -f",
        &with("[push]\n\tdefault = upstream\n[branch \"topic\"]\n\tmerge = refs/heads/main\n"),
    );
    passes("git push", &with("[remote \"origin\"]\n\tpush = refs/heads/*:refs/heads/*\n"));
    let main = world().with_file("/app/.git/HEAD", "ref: refs/heads/main\n");
    stops("git push -f", &main);
    stops("git push -f origin HEAD", &main);
    passes("git push", &main);
    let default = world()
        .with_file("/app/.git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/develop\n");
    stops("git push -f origin develop", &default);
    passes("git push -f origin develop", &world());
    let rewritten = with(
        "[url \"https://prod.acme.com/\"]\n\tpushInsteadOf = https://ana:secret@git.acme.com/\n",
    );
    let action = stops("git push -f origin main", &rewritten);
    assert!(action.summary.contains("https://prod.acme.com/shop.git"), "{}", action.summary);
}

#[test]
fn a_policy_protects_more_branches() {
    let policy = "version = 1\n[[environment]]\nclass = \"production\"\nplatform = \"git\"\nbranch = [\"develop\", \"team/*\"]\n";
    let world = world().with_file("/home/ana/.config/holdpoint/policy.toml", policy);
    stops("git push -f origin develop", &world);
    stops("git push origin :team/x", &world);
    passes("git push -f origin feature/x", &world);
}

#[test]
fn aliases_are_followed_wherever_they_are_set() {
    let with = |path: &str, text: &str| world().with_file(path, text);
    let alias = "[alias]\n\tyolo = push --force\n\tOops = \"!git push -f origin\"\n\tst = status\n";
    for path in [
        "/etc/gitconfig",
        "/home/ana/.gitconfig",
        "/home/ana/.config/git/config",
        "/app/.git/config",
    ] {
        stops("git yolo origin main", &with(path, alias));
        stops("git oops main", &with(path, alias));
        stops("git -C src YOLO origin main", &with(path, alias));
        passes("git yolo origin feature/x", &with(path, alias));
        passes("git st", &with(path, alias));
    }
    let included = with("/home/ana/.gitconfig", "[include]\n\tpath = more\n")
        .with_file("/home/ana/more", alias);
    stops("git yolo origin main", &included);
    let conditional =
        with("/home/ana/.gitconfig", "[includeIf \"gitdir:/app/\"]\n\tpath = ~/more\n")
            .with_file("/home/ana/more", alias);
    stops("git yolo origin main", &conditional);
    let elsewhere = with("/home/ana/.gitconfig", "[includeIf \"gitdir:/srv/\"]\n\tpath = ~/more\n")
        .with_file("/home/ana/more", alias);
    passes("git yolo origin main", &elsewhere);
    stops("A='push -f' git --config-env=alias.x=A x origin main", &world());
    stops("GIT_CONFIG_PARAMETERS=\"'alias.x'='push -f'\" git x origin main", &world());
    stops("git -c alias.y='push -f origin' -c alias.x='!git y' x main", &world());
    // No alias can stand for one of git's own commands.
    passes("git -c alias.status='push -f origin main' status", &world());
    // Which runs without end, and git refuses.
    stops("git -c alias.x=x x", &world());
}

#[test]
fn commits_that_nothing_else_holds() {
    let world = world()
        .with_answer("rev-parse -q --verify --end-of-options refs/heads/old", "0123\n")
        .with_answer("rev-parse -q --verify --end-of-options refs/heads/merged", "0123\n")
        .with_answer(
            "rev-list --count refs/heads/old --not --exclude=refs/heads/old --glob=refs/*",
            "3\n",
        )
        .with_answer(
            "rev-list --count refs/heads/merged --not --exclude=refs/heads/merged --glob=refs/*",
            "0\n",
        )
        .with_answer("rev-parse -q --verify --end-of-options refs/stash", "0123\n");
    let action = stops("git branch -D old", &world);
    assert_eq!(
        action.summary,
        "Deletes 1 branch (old) with 3 commits that no other branch, tag or remote has."
    );
    passes("git branch -D merged", &world);
    passes("git branch -D nothing", &world);
    stops("git branch -M topic old", &world);
    stops("git update-ref -d refs/heads/old", &world);
    stops(
        "printf 'start\\ndelete refs/heads/old 0123\\ncommit\\n' | git update-ref --stdin",
        &world,
    );
    stops("git stash drop", &world);
    passes("git stash drop 3", &world);
    stops("git stash clear", &world);
    stops("git branch -D \"$name\"", &world);
}

#[test]
fn where_it_works_and_what_it_runs() {
    let other = FakeWorld::new().with_answer(DIRTY, " M a\0");
    stops("git -C /srv/app reset --hard", &other);
    stops("cd /srv/app && git reset --hard", &other);
    stops("git -C \"$dir\" reset --hard", &clean());
    passes("git -C \"$dir\" status", &clean());
    passes("git -C \"$dir\" checkout main", &clean());
    stops("git rebase --exec 'git push -f origin main' main", &clean());
    let modules = clean().with_file("/app/.gitmodules", "[submodule \"a\"]\n\tpath = libs/a\n");
    stops("git submodule foreach 'git push -f origin main'", &modules);
    stops("git submodule foreach git push -f origin main", &modules);
    passes("git submodule foreach git pull", &modules);
}

#[test]
fn the_harmless_commands_are_in_order() {
    assert!(super::HARMLESS.is_sorted());
}

#[test]
fn a_skipped_hook_disarms_only_where_it_is_installed() {
    let hook = format!("#!/bin/sh\n{}\n", crate::target::git_hooks::HOOK_MARK);
    let lines = [
        "git push --no-verify origin topic",
        "git push --no-veri",
        "git -c core.hooksPath=/dev/null push",
        "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hookspath GIT_CONFIG_VALUE_0= git push",
        "git config core.hooksPath /dev/null",
        "git config --unset core.hooksPath",
        "git config set --local core.hooksPath x",
    ];
    let installed = world().with_file("/app/.git/hooks/pre-push", &hook);
    let other = world().with_file("/app/.git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    for line in lines {
        assert!(stops(line, &installed).flags.has(Flag::Disarm), "{line}");
        passes(line, &other);
        passes(line, &world());
    }
    for line in [
        "git push origin topic",
        "git push --no-verify --verify",
        "git push --no-verbose",
        "git push --dry-run --no-verify",
        "git config core.hooksPath",
        "git config --get core.hooksPath",
        "git config user.name --no-verify",
        "git commit --no-verify -m x",
        "HUSKY=0 git push",
    ] {
        passes(line, &installed);
    }
    let husky = world()
        .with_file("/app/.git/config", "[core]\n\thooksPath = .husky/_\n")
        .with_file("/app/.husky/pre-push", &hook);
    stops("HUSKY=0 git push", &husky);
    passes("HUSKY=1 git push", &husky);
}
