//! Reported incidents, replayed: the commands that destroyed somebody's data,
//! as the reports quote them, with shims in front of stubs. Where the target is
//! provably local, the same command runs without a question.
//!
//! Here are those whose tools have rules by now: I1 (curl and Railway's API),
//! I2 (terraform and another's state), I4 (AWS, its command not published), I12
//! (dropdb), I16 and I17 (gcloud). Those of git (I19 to I23, I30, I31) are in
//! tests/git.rs, those of docker (I24 to I26) in tests/docker.rs, those of
//! vercel and gh (I15, I18) in tests/platforms.rs, those of migrations in
//! tests/migrations/incidents.rs. What began I1, a token of Railway's in a file of
//! the repository, is committed in vain in tests/commits.rs.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::process::Command;

use sandbox::{Sandbox, err, out};

/// A sandbox whose tools say that they ran.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.shim("gcloud");
    for tool in ["curl", "railway", "dropdb", "aws", "psql", "gcloud"] {
        sandbox.recorder(tool);
    }
    sandbox
}

fn ran(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.path("ran")).unwrap_or_default()
}

/// A line as the agent of the incident ran it.
fn agent(sandbox: &Sandbox, line: &str) -> Command {
    let mut command = sandbox.command("/bin/bash");
    command.args(["-c", line]).env("CURSOR_AGENT", "1");
    command
}

/// The line runs nothing, and gives the card.
#[track_caller]
fn refused(line: &str) -> String {
    let sandbox = sandbox();
    refused_in(&sandbox, line)
}

#[track_caller]
fn refused_in(sandbox: &Sandbox, line: &str) -> String {
    let output = agent(sandbox, line).output().expect("bash is installed");
    assert_eq!(ran(sandbox), "", "{line}");
    assert_eq!(output.status.code(), Some(77), "{line}: {}", err(&output));
    assert_eq!(out(&output), "", "{line}");
    err(&output)
}

/// The line runs without a word.
#[track_caller]
fn runs(line: &str, expected: &str) -> Sandbox {
    let sandbox = sandbox();
    let output = agent(&sandbox, line).output().expect("bash is installed");
    assert_eq!(ran(&sandbox).trim_end(), expected, "{line}: {}", err(&output));
    assert_eq!((out(&output), err(&output)), (String::new(), String::new()), "{line}");
    sandbox
}

const VOLUME: &str = "3d2c42fb-6c1e-4f0b-9d0a-52a1d6f8c7e4";

/// I1, PocketOS, 25 April 2026, as the report quotes it.
#[test]
fn the_pocketos_volume_in_the_reports_own_words() {
    let card = refused(
        r#"curl -X POST https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer [token]" -d '{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb-...\") }"}'"#,
    );
    for text in ["Deletes volume 3d2c42fb-...", "every backup stored on it", "unknown: railway"] {
        assert!(card.contains(text), "{text:?} in {card}");
    }
    assert!(card.contains("an agent (cursor"), "{card}");
}

/// I1 in every spelling that means the same.
#[test]
fn the_pocketos_volume_in_every_spelling() {
    let sandbox = sandbox();
    let token = "-H 'Authorization: Bearer x'";
    let url = "https://backboard.railway.app/graphql/v2";
    let body = format!("{{\"query\":\"mutation {{ volumeDelete(volumeId: \\\"{VOLUME}\\\") }}\"}}");
    sandbox.write("work/body.json", &body);
    sandbox.write(
        "work/curlrc",
        &format!("url = {url}\ndata = @body.json\nheader = \"Authorization: Bearer x\"\n"),
    );
    sandbox.write(
        "work/query.graphql",
        &format!("mutation {{ volumeDelete(volumeId: \"{VOLUME}\") }}"),
    );
    let named = "mutation Tidy($id: String!) { gone: volumeDelete(volumeId: $id) }";
    let variables = format!(
        "{{\"query\":\"{named}\",\"operationName\":\"Tidy\",\"variables\":{{\"id\":\"{VOLUME}\"}}}}"
    );
    let fragments = format!(
        "{{\"query\":\"query Look {{ me {{ id }} }} mutation Go {{ ...all }} \
         fragment all on Mutation {{ volumeDelete(volumeId: \\\"{VOLUME}\\\") }}\",\
         \"operationName\":\"Go\"}}"
    );
    let unicode = body.replace("volumeDelete", "volume\\u0044elete");
    for line in [
        format!("curl {url} {token} -d '{body}'"),
        format!("curl --url {url} {token} --data-binary '{body}'"),
        format!("curl {url} {token} --json '{body}'"),
        format!("curl -sSd '{body}' {token} {url}"),
        format!("curl {token} -d @body.json {url}"),
        format!("curl {token} --data-binary @- {url} < body.json"),
        format!("cat body.json | curl {token} -d @- {url}"),
        format!("curl {token} -d @- {url} <<'EOF'\n{body}\nEOF\n"),
        format!("curl {token} -T body.json -X POST {url}"),
        "curl -K curlrc".to_owned(),
        "curl -qK- < curlrc".to_owned(),
        format!("curl https://example.com --next {token} -d @body.json {url}"),
        format!("curl {token} -d @body.json {{https://example.com,{url}}}"),
        format!("curl {token} -d '{variables}' {url}"),
        format!("curl {token} -d '{fragments}' {url}"),
        format!("curl {token} -d '[{body}]' {url}"),
        format!("curl {token} -d '{unicode}' {url}"),
        format!(
            "curl {token} -H 'Content-Type: application/graphql' --data-binary @query.graphql {url}"
        ),
        format!("curl -G {token} --data-urlencode query@query.graphql {url}"),
        format!("curl {token} '{url}?query=mutation%7BvolumeDelete(volumeId:%22{VOLUME}%22)%7D'"),
        format!("curl {token} -d '{body}' https://BACKBOARD.Railway.App:443/graphql/v2"),
        format!("curl {token} -d '{body}' backboard.railway.com/graphql/v2"),
        format!("curl {token} -d '{body}' --connect-to ::127.0.0.1:9 {url}"),
        format!(
            "TOKEN=x; BODY='{body}'; curl -H \"Authorization: Bearer $TOKEN\" -d \"$BODY\" {url}"
        ),
        format!("bash -c 'curl {} -d @body.json {url}'", token.replace('\'', "\"")),
        format!("timeout 9 env A=b nice curl {token} -d @body.json {url}"),
        format!("railway api 'mutation {{ volumeDelete(volumeId: \"{VOLUME}\") }}'"),
        format!("railway volume delete --volume {VOLUME} --yes"),
        format!("railway volume -e staging delete -v {VOLUME} --yes"),
    ] {
        let card = refused_in(&sandbox, &line);
        assert!(card.contains("unknown: railway"), "{line}\n{card}");
        assert!(card.contains("(destroy, irreversible, backups"), "{line}\n{card}");
    }
}

/// Around I1, the agent's harmless looks run as before.
#[test]
fn what_the_pocketos_agent_looked_at_before_runs() {
    let url = "https://backboard.railway.app/graphql/v2";
    let query =
        "{\"query\":\"query { project(id: \\\"p\\\") { volumes { edges { node { id } } } } }\"}";
    runs(
        &format!("curl -s {url} -H 'Authorization: Bearer x' -d '{query}'"),
        &format!("curl -s {url} -H Authorization: Bearer x -d {query}"),
    );
    runs("railway status --json", "railway status --json");
    runs("railway volume list --json", "railway volume list --json");
    runs("railway logs -e production", "railway logs -e production");
}

/// I12: `dropdb genesis_master`, on the development machine. Local data is the
/// developer's to lose, and it is on record.
#[test]
fn a_local_dropdb_runs_and_is_recorded() {
    let sandbox = runs("dropdb genesis_master", "dropdb genesis_master");
    assert!(sandbox.trail().contains("genesis_master"), "{}", sandbox.trail());
}

/// I12, had PGHOST pointed somewhere else.
#[test]
fn the_same_dropdb_elsewhere_is_refused() {
    for line in [
        "PGHOST=db.prod.acme.com dropdb genesis_master",
        "dropdb -h 10.0.0.4 genesis_master",
        "dropdb --if-exists -h db.prod.acme.com --force genesis_master",
        "psql -h 10.0.0.4 -c 'drop database genesis_master'",
    ] {
        let card = refused(line);
        assert!(card.contains("genesis_master"), "{line}\n{card}");
    }
}

/// I4, disputed in its details: an environment deleted to be created again,
/// with an operator's rights.
#[test]
fn an_environment_that_is_deleted_to_be_created_again() {
    for line in [
        "aws --profile prod cloudformation delete-stack --stack-name cost-explorer",
        "AWS_PROFILE=prod aws elasticbeanstalk terminate-environment --environment-name shop",
        "aws cloudformation delete-stack --stack-name cost-explorer --region cn-north-1",
    ] {
        refused(line);
    }
}

/// I21's pattern with a tool that has rules: refused, the agent tries harder.
#[test]
fn trying_harder_after_a_refusal_is_refused_again() {
    let sandbox = sandbox();
    for line in [
        "railway volume delete -v data",
        "railway volume delete -v data --yes",
        "echo y | railway volume delete -v data",
        "yes | railway volume delete -v data --yes",
        "RAILWAY_TOKEN=other railway volume delete -v data --yes",
        "env -u CURSOR_AGENT railway volume delete -v data --yes",
        "nohup railway volume delete -v data --yes",
    ] {
        refused_in(&sandbox, line);
    }
    assert_eq!(sandbox.trail().matches("\"outcome\":\"refused\"").count(), 7);
}

/// I16: gcloud, with an account and project that nobody had looked at.
#[test]
fn i16_a_machine_of_another_account_is_deleted() {
    let card = refused("gcloud compute instances delete trainer --zone us-central1-a --quiet");
    assert!(card.contains("compute instance trainer"), "{card}");
    let mine = "gcloud compute instances delete scratch --project acme-sandbox --quiet";
    runs(mine, "gcloud compute instances delete scratch --project acme-sandbox --quiet");
}

/// I17, as the report quotes it.
#[test]
fn i17_a_memorystore_is_deleted() {
    let card = refused("gcloud memorystore instances delete rsvp --location=asia-south1");
    assert!(card.contains("rsvp"), "{card}");
}

/// I2: an archive with production's state was unpacked over the folder's own,
/// and `terraform destroy` took down what that state held.
#[test]
fn i2_terraform_destroys_what_an_unpacked_state_holds() {
    let state = r#"{"version": 4, "serial": 9, "lineage": "production", "resources": [
        {"mode": "managed", "type": "aws_db_instance", "name": "courses", "instances": [
            {"attributes": {"arn": "arn:aws:rds:eu-west-1:111122223333:db:courses"}}]},
        {"mode": "managed", "type": "aws_vpc", "name": "main", "instances": []}]}"#;
    let incident = || {
        let sandbox = sandbox();
        sandbox.shim("terraform");
        sandbox.recorder("terraform");
        sandbox.write("work/terraform.tfstate", state);
        sandbox
    };
    for line in [
        "terraform destroy -auto-approve",
        "terraform apply -auto-approve",
        "yes yes | terraform destroy",
    ] {
        let card = refused_in(&incident(), line);
        assert!(card.contains("111122223333"), "{card}");
    }
    let card = refused_in(&incident(), "terraform destroy -auto-approve");
    assert!(card.contains("aws_db_instance.courses"), "{card}");
    // In a workspace for development, beside what Terraform kept of its own.
    let sandbox = incident();
    sandbox.write("work/.terraform/environment", "dev");
    sandbox.write("work/terraform.tfstate.d/dev/terraform.tfstate", state);
    sandbox.write(
        "work/terraform.tfstate.d/dev/terraform.tfstate.backup",
        r#"{"version": 4, "serial": 1, "lineage": "development", "resources": []}"#,
    );
    let card = refused_in(&sandbox, "terraform destroy -auto-approve");
    assert!(card.contains("lineage"), "{card}");
    // And with an account that the policy knows better.
    let sandbox = incident();
    sandbox.write("work/.terraform/environment", "dev");
    sandbox.write("work/terraform.tfstate.d/dev/terraform.tfstate", state);
    sandbox.policy(
        "version = 1\n[[environment]]\nname = \"production\"\nclass = \"production\"\n\
         ids = [\"111122223333\"]\n",
    );
    refused_in(&sandbox, "terraform destroy -auto-approve");
}
