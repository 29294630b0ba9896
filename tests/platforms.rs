//! The platforms' own clients: the same command on production, on staging, on
//! what only a person works with, and on what nothing names, in every way a
//! client is told where to go.

#![allow(clippy::expect_used, clippy::panic)]

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judgement, Verdict};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;

fn judged(world: &FakeWorld, line: &str) -> Judgement {
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    let surroundings = Invocation::default();
    pipeline::judge(Subject::Line(line, &surroundings), world, options).judgement
}

#[track_caller]
fn free(world: &FakeWorld, line: &str) {
    let judgement = judged(world, line);
    assert_eq!(judgement.verdict, Verdict::Allow, "{line}: {judgement:#?}");
}

#[track_caller]
fn stopped(world: &FakeWorld, line: &str) {
    let judgement = judged(world, line);
    assert_eq!(judgement.verdict, Verdict::Refuse, "{line}: {judgement:#?}");
}

fn in_project(file: &str, text: &str) -> FakeWorld {
    FakeWorld::new().with_file(&format!("/app/{file}"), text)
}

#[test]
fn gh_goes_to_the_repository_that_is_named_or_checked_out() {
    let plain = FakeWorld::new();
    stopped(&plain, "gh release delete v1 --yes");
    free(&plain, "gh release delete v1 --yes -R acme/shop-test");
    free(&plain, "GH_REPO=acme/shop-test gh release delete v1 --yes");
    stopped(&plain, "GH_REPO=acme/shop-test gh release delete v1 --yes -R acme/shop");
    let config =
        "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@github.com:acme/shop-test.git\n";
    let checkout = in_project(".git/config", config);
    free(&checkout, "gh release delete v1 --yes");
    stopped(&checkout, "gh release delete v1 --yes -R acme/shop");
    stopped(&checkout, "gh repo delete acme/shop --yes");
    free(&checkout, "gh repo view acme/shop");
    // A whole repository is more than staging may lose unasked.
    stopped(&plain, "gh repo delete acme/shop-staging --yes");
    free(&plain, "gh release delete v1 -R acme/shop-staging");
}

#[test]
fn what_gh_api_sends_is_read() {
    let world = FakeWorld::new()
        .with_file("/app/kill.json", r#"{"query": "mutation { deleteIssue(input: {}) { id } }"}"#)
        .with_file("/app/look.json", r#"{"query": "query { viewer { login } }"}"#)
        .with_file("/app/kill.graphql", "mutation { deleteRef(input: {}) { id } }");
    for line in [
        "gh api repos/acme/shop --method DELETE",
        "gh api repos/acme/shop --method=delete",
        "gh api -iXDELETE /repos/acme/shop/actions/secrets/A",
        "gh api --hostname git.acme.com -X DELETE repos/acme/shop",
        "GH_HOST=git.acme.com gh api -X DELETE repos/acme/shop",
        "gh api graphql --input kill.json",
        "gh api graphql --input - < kill.json",
        "gh api graphql -F query=@kill.graphql",
        "gh api graphql -f id=1 -f query='mutation($id: ID!) { deleteIssue(input: {issueId: $id}) { id } }'",
        "generate | gh api graphql --input -",
        "glab api -X DELETE projects/12",
        "glab api graphql -f query='mutation { projectDelete(input: {}) { id } }'",
    ] {
        stopped(&world, line);
    }
    for line in [
        "gh api repos/acme/shop",
        "gh api graphql --input look.json",
        "gh api graphql -f query='query { viewer { login } }'",
        "gh api repos/acme/shop/dispatches -f event_type=go",
        "gh api -X DELETE repos/acme/shop/issues/1/labels/bug",
        "gh api -X GET search/issues -f q=delete",
        "glab api projects/12",
    ] {
        free(&world, line);
    }
}

#[test]
fn aliases_are_followed() {
    let config = "aliases:\n  nuke: repo delete --yes\n  gone: api -X DELETE repos/$1\n  \
        sh: '!psql -h db.prod.acme.com -c \"drop table $1\"'\n  co: pr checkout\n  loop: loop\n";
    let world = FakeWorld::new().with_file("/home/ana/.config/gh/config.yml", config);
    for line in ["gh nuke acme/shop", "gh gone acme/shop", "gh sh users"] {
        stopped(&world, line);
    }
    for line in ["gh co 12", "gh pr list", "gh unknown", "gh nuke acme/shop-dev"] {
        free(&world, line);
    }
    let _ = judged(&world, "gh loop");
    let own = FakeWorld::new().with_file("/etc/gh/config.yml", config);
    free(&own, "gh nuke acme/shop");
    stopped(&own, "GH_CONFIG_DIR=/etc/gh gh nuke acme/shop");
    let glab = FakeWorld::new()
        .with_file("/home/ana/.config/glab-cli/aliases.yml", "nuke: repo delete -y\n");
    stopped(&glab, "glab nuke acme/shop");
}
