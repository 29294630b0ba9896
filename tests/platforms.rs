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

/// Which of a platform's four names a line is stopped for: an app in
/// production, one that nothing names, one in staging, and somebody's own.
fn stopped_for(template: &str) -> [bool; 4] {
    ["shop-prod", "shop", "shop-staging", "shop-dev"].map(|name| {
        let line = template.replace("NAME", name);
        judged(&FakeWorld::new(), &line).verdict == Verdict::Refuse
    })
}

#[test]
fn what_is_read_written_taken_out_of_service_and_destroyed_is_told_apart() {
    const READ: [bool; 4] = [false; 4];
    const DISRUPTS: [bool; 4] = [true, false, false, false];
    const DESTROYS: [bool; 4] = [true, true, false, false];
    const IRREVERSIBLE: [bool; 4] = [true, true, true, false];
    for (template, wanted) in [
        ("heroku pg:info -a NAME", READ),
        ("heroku config:set A=b -a NAME", READ),
        ("heroku ps:restart --app NAME", READ),
        ("heroku maintenance:on -a NAME", DISRUPTS),
        ("heroku ps:scale worker=0 web=0 --app=NAME", DISRUPTS),
        ("heroku domains:clear -aNAME", DESTROYS),
        ("heroku pg:psql -a NAME -c 'truncate users'", DESTROYS),
        ("heroku pg:reset -a NAME", IRREVERSIBLE),
        ("HEROKU_APP=NAME heroku destroy", IRREVERSIBLE),
        ("heroku run -a NAME 'psql -c \"drop database x\"'", IRREVERSIBLE),
        ("fly status -a NAME", READ),
        ("fly deploy -a NAME", READ),
        ("fly machine stop 1 -a NAME", DISRUPTS),
        ("fly m rm 1 -fa NAME", DESTROYS),
        ("FLY_APP=NAME fly vol destroy vol_1", IRREVERSIBLE),
        ("flyctl destroy NAME --yes", IRREVERSIBLE),
        ("fly ssh console -a NAME -C \"psql -c 'drop database x'\"", IRREVERSIBLE),
        ("vercel project inspect NAME", READ),
        ("vercel project pause NAME", DISRUPTS),
        ("vercel project rm NAME", IRREVERSIBLE),
        ("vc rm NAME -y", IRREVERSIBLE),
        ("netlify api getSite --site NAME", READ),
        ("netlify env:import -r .env --site NAME", DESTROYS),
        ("netlify sites:delete NAME --force", IRREVERSIBLE),
        ("neonctl branches get NAME", READ),
        ("neonctl roles delete x --project-id NAME", DISRUPTS),
        ("neon branch delete NAME", IRREVERSIBLE),
        ("neon psql --project-id NAME -- -c 'drop table x'", DESTROYS),
        ("wrangler queues info NAME", READ),
        ("wrangler queues pause-delivery NAME", DISRUPTS),
        ("wrangler d1 execute NAME --remote --command 'drop table x'", DESTROYS),
        ("wrangler d1 delete NAME", IRREVERSIBLE),
        ("wrangler delete --name NAME", IRREVERSIBLE),
        ("firebase functions:list -P NAME", READ),
        ("firebase deploy -P NAME", READ),
        ("firebase remoteconfig:rollback -P NAME", DISRUPTS),
        ("firebase functions:delete hello -P NAME", DESTROYS),
        ("firebase database:remove / --project=NAME", IRREVERSIBLE),
        ("pscale database show NAME", READ),
        ("pscale branch demote NAME x", DISRUPTS),
        ("echo 'drop table x' | pscale shell NAME main", DESTROYS),
        ("pscale db rm NAME --force", IRREVERSIBLE),
        ("turso db show NAME", READ),
        ("turso db tokens invalidate NAME", DISRUPTS),
        ("turso db shell NAME 'drop table x'", DESTROYS),
        ("turso db destroy NAME", IRREVERSIBLE),
        ("render psql NAME -c 'drop table x'", DESTROYS),
        ("render services delete NAME", IRREVERSIBLE),
        ("glab release list -R acme/NAME", READ),
        ("glab release delete v1 -R acme/NAME", DESTROYS),
        ("glab repo delete acme/NAME", IRREVERSIBLE),
    ] {
        assert_eq!(stopped_for(template), wanted, "{template}");
    }
}

#[test]
fn files_say_which_project_a_directory_belongs_to() {
    for (file, text, line) in [
        (
            ".git/config",
            "[remote \"heroku\"]\n\turl = https://git.heroku.com/NAME.git\n",
            "heroku domains:clear",
        ),
        ("fly.toml", "app = \"NAME\"\n", "fly m rm 1"),
        (
            ".vercel/project.json",
            r#"{"projectId": "prj_1", "projectName": "NAME"}"#,
            "vercel ir rm db",
        ),
        (".netlify/state.json", r#"{"siteId": "NAME"}"#, "netlify env:import -r .env"),
        (".neon", r#"{"projectId": "NAME"}"#, "neonctl functions delete x"),
        ("wrangler.toml", "name = \"NAME\"\n", "wrangler pages deployment delete x"),
    ] {
        for (name, wanted) in [("shop-prod", true), ("shop", true), ("shop-dev", false)] {
            let world = in_project(file, &text.replace("NAME", name));
            let refused = judged(&world, line).verdict == Verdict::Refuse;
            assert_eq!(refused, wanted, "{file}: {name}");
        }
    }
}

#[test]
fn firebase_goes_where_it_was_told_last() {
    let aliases =
        r#"{"projects": {"default": "shop-dev", "live": "shop-1234", "other": "shop-dev"}}"#;
    let world = in_project(".firebaserc", aliases).with_file("/app/firebase.json", "{}");
    let line = "firebase functions:delete hello --force";
    free(&world, line);
    stopped(&world, &format!("{line} -P live"));
    stopped(&world, &format!("{line} -P shop"));
    stopped(&world, &format!("{line} -P $PROJECT"));
    let used = world.with_file(
        "/home/ana/.config/configstore/firebase-tools.json",
        r#"{"activeProjects": {"/app": "live"}}"#,
    );
    stopped(&used, line);
    free(&used, &format!("{line} -P default"));
    free(
        &used,
        "FIRESTORE_EMULATOR_HOST=localhost:8080 firebase firestore:delete --all-collections",
    );
    stopped(&used, "FIRESTORE_EMULATOR_HOST=db.acme.com:80 firebase firestore:delete x -r");
    free(&used, "cd /elsewhere && firebase functions:list");
    stopped(&used, "cd functions && firebase functions:delete hello");
}

#[test]
fn what_is_handed_on_is_read() {
    let world = FakeWorld::new()
        .with_file("/app/wipe.sql", "drop table users;\n")
        .with_file("/app/look.sql", "select 1;\n");
    for line in [
        "heroku pg:psql -a shop -f wipe.sql",
        "heroku pg:psql -a shop < wipe.sql",
        "cat wipe.sql | heroku psql --app shop",
        "heroku pg:psql -a shop -c \"$SQL\"",
        "heroku pg:psql -a shop -f missing.sql",
        "wrangler d1 execute shop --remote --file wipe.sql",
        "turso db shell shop < wipe.sql",
        "neonctl psql main < wipe.sql",
        "heroku run \"$CMD\" -a shop",
    ] {
        stopped(&world, line);
    }
    for line in [
        "heroku pg:psql -a shop -f look.sql",
        "wrangler d1 execute shop --remote --file look.sql",
        "wrangler d1 execute shop --file wipe.sql",
        "turso db shell shop < look.sql",
        "heroku run -a shop-prod rails db:migrate:status",
    ] {
        free(&world, line);
    }
}

/// I15 and I18, as the reports quote them.
#[test]
fn reported_incidents() {
    let world = in_project(".vercel/project.json", r#"{"projectId": "prj_1", "orgId": "team_1"}"#);
    stopped(&world, "vercel project remove searchshop-marketing-website");
    stopped(&world, "echo y | npx vercel project remove searchshop-marketing-website");
    stopped(&world, "gh api repos/acme/ghidra --method DELETE");
    free(&world, "gh repo fork NationalSecurityAgency/ghidra --fork-name=ghidra-fork");
}
