//! Commands whose tool, target or effect is not where a guard looks for it. They
//! are stopped.

use super::{DROP, Guarded, MUTATION};

#[test]
fn a_global_option_before_the_verb() {
    let guarded = Guarded::new();
    for line in [
        "aws --profile prod rds delete-db-instance --db-instance-identifier shop",
        "aws rds --profile prod delete-db-instance --db-instance-identifier shop",
        "aws rds delete-db-instance --db-instance-identifier shop --profile=prod",
        "aws --region eu-west-1 --output json --no-cli-pager rds delete-db-instance \
         --db-instance-identifier shop",
        "railway volume -e staging delete -v data --yes",
        "psql --no-psqlrc --host db.prod.acme.com --command 'DROP TABLE users'",
        "curl -s --max-time 3 -H 'Authorization: Bearer x' https://api.acme.com/servers/1 -X DELETE",
    ] {
        guarded.stops(line);
    }
}

#[test]
fn words_that_a_tool_takes_from_variables() {
    let guarded = Guarded::new();
    let sandbox = &guarded.sandbox;
    sandbox.shim("terraform");
    sandbox.recorder("terraform");
    sandbox.write("work/.terraform/environment", "prod");
    for line in [
        "TF_CLI_ARGS=-destroy terraform apply -auto-approve",
        "TF_CLI_ARGS_apply='-destroy -auto-approve' terraform apply",
        "TF_CLI_ARGS='destroy -auto-approve' terraform",
        "export TF_CLI_ARGS_state='push -force old.tfstate'; terraform state",
        "yes | terraform apply",
        "terraform -chdir=. destroy",
        "env -C . terraform destroy --auto-approve",
    ] {
        guarded.stops(line);
    }
}

#[test]
fn a_development_name_over_anothers_state_or_account() {
    let guarded = Guarded::new();
    let sandbox = &guarded.sandbox;
    sandbox.shim("terraform");
    sandbox.recorder("terraform");
    sandbox.write("work/.terraform/environment", "dev");
    let state = |lineage: &str| format!(r#"{{"version": 4, "serial": 3, "lineage": "{lineage}"}}"#);
    let own = "work/terraform.tfstate.d/dev/terraform.tfstate";
    sandbox.write(own, &state("own"));
    sandbox.write(&format!("{own}.backup"), &state("own"));
    sandbox.write("work/unpacked.tfstate", &state("another"));
    let prod =
        "provider \"aws\" {\n  profile = var.p\n}\nvariable \"p\" {\n  default = \"prod\"\n}\n";
    sandbox.write("work/other/main.tf", prod);
    sandbox.write("work/other/.terraform/environment", "dev");
    for line in [
        "cp unpacked.tfstate terraform.tfstate.d/dev/terraform.tfstate && terraform destroy",
        "cd other && terraform destroy -auto-approve",
        "terraform -chdir=other apply -destroy -auto-approve",
        "terraform destroy -var-file=prod.tfvars",
        "TF_CLI_ARGS_destroy=-var-file=prod.tfvars terraform destroy",
    ] {
        guarded.stops(line);
    }
}

#[test]
fn a_target_in_the_environment_or_a_file() {
    let guarded = Guarded::new();
    let drop = "psql -c 'DROP TABLE users'";
    guarded.sandbox.write("work/services", "[shop]\nhost=db.prod.acme.com\n");
    guarded.sandbox.write(
        "home/.aws/config",
        "[profile shop]\nregion = eu-west-1\nsso_account_id = 123456789012\n",
    );
    for line in [
        format!("PGHOST=db.prod.acme.com {drop}"),
        format!("export PGHOST=db.prod.acme.com; {drop}"),
        format!("env PGHOST=db.prod.acme.com {drop}"),
        format!("PGSERVICEFILE=services PGSERVICE=shop {drop}"),
        "PGSERVICEFILE=services psql service=shop -c 'DROP TABLE users'".to_owned(),
        format!("set -a; . ./.env; set +a; {drop}"),
        ". ./.env; psql \"$DATABASE_URL\" -c 'DROP TABLE users'".to_owned(),
        "psql postgres://shop@db.prod.acme.com/shop -c 'DROP TABLE users'".to_owned(),
        "psql 'host=localhost host=db.prod.acme.com' -c 'DROP TABLE users'".to_owned(),
        "AWS_PROFILE=shop aws rds delete-db-instance --db-instance-identifier x".to_owned(),
    ] {
        guarded.stops(&line);
    }
}

#[test]
fn files_that_code_of_a_line_loads() {
    let guarded = Guarded::new();
    let code = "import subprocess\n\
                subprocess.run(['psql', '-h', 'db.prod.acme.com', '-c', 'DROP TABLE users'])\n";
    guarded.file("tidy.py", code);
    guarded.stops("python3 -c \"exec(open('tidy.py').read())\"");
    guarded.stops("python3 -c \"import runpy; runpy.run_path('tidy.py')\"");
    guarded.file(
        "tidy.js",
        "require('child_process').execFileSync('psql', ['-h', 'db.prod.acme.com', '-c', \
         'DROP TABLE users'])\n",
    );
    guarded.stops("node -e \"require('./tidy')\"");
    guarded.stops("node -r ./tidy.js -e 1");
    guarded.stops("python3 -c 'import tidy'");
    guarded.file("lib.py", "import tidy\ndef wipe():\n    import tidy\n");
    guarded.shims_stop_all_but("python3 -c 'import lib'", &[]);
    assert_eq!(guarded.check("python3 -c 'import lib'"), 0);
}

#[test]
fn another_road_to_the_same_api() {
    let guarded = Guarded::new();
    for line in [
        "railway volume delete -v data --yes".to_owned(),
        "railway api 'mutation { volumeDelete(volumeId: \"3\") }'".to_owned(),
        format!(
            "curl https://backboard.railway.app/graphql/v2 -H 'Authorization: x' -d '{MUTATION}'"
        ),
        format!(
            "curl https://backboard.railway.com/graphql/v2 -H 'Authorization: x' -d '{MUTATION}'"
        ),
        "curl -X DELETE -u key: https://api.acme.com/v1/databases/shop".to_owned(),
        "aws rds delete-db-instance --cli-input-json '{\"DBInstanceIdentifier\":\"shop\"}'"
            .to_owned(),
        "railway run psql -c 'DROP TABLE users'".to_owned(),
    ] {
        guarded.stops(&line);
    }
}

#[test]
fn an_environment_that_is_named_staging_bounds_nothing() {
    let guarded = Guarded::new();
    guarded.stops("railway volume -e staging delete -v data --yes");
    guarded.stops("railway environment delete staging --yes");
    guarded.stops("psql -h db.prod.acme.com -d staging -c 'DROP TABLE users'");
    guarded.stops("psql -h staging.db.prod.acme.com -c 'DROP TABLE users'");
    guarded.stops("NODE_ENV=test RAILS_ENV=development psql -h 10.0.0.4 -c 'DROP TABLE users'");
    guarded.stops("psql -h 10.0.0.4 -U dev -d shop -c 'DROP TABLE users'");
}

#[test]
fn a_script_that_moves_to_production() {
    let guarded = Guarded::new();
    guarded.stops("psql -h localhost -c '\\c - - db.prod.acme.com' -c 'DROP TABLE users'");
    guarded.stops("psql -h localhost -c '\\! psql -h db.prod.acme.com -c \"drop table users\"'");
    guarded.stops("psql -h localhost,db.prod.acme.com -c 'DROP TABLE users'");
}

/// holdpoint's own commands take the guard away for a person only.
#[test]
fn holdpoint_does_not_disarm_itself_for_an_agent() {
    let guarded = Guarded::new();
    let shims = guarded.sandbox.shims();
    guarded.sandbox.write("shims/.holdpoint-shims", "");
    let program = env!("CARGO_BIN_EXE_holdpoint");
    guarded.stops(&format!("{program} shims remove --dir {}", shims.display()));
    guarded.stops(&format!("{program} shims install --relink --dir {}; true", {
        // Another copy that the shims lead to.
        std::fs::copy(program, guarded.sandbox.path("copy")).expect("a copy");
        std::os::unix::fs::symlink(guarded.sandbox.path("copy"), shims.join("holdpoint"))
            .expect("a link");
        shims.display()
    }));
    assert!(shims.join("psql").exists());
    guarded.stops(DROP);
}
