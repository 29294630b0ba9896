//! What the configuration's own files say of the place.

use super::*;

const DESTROY: &str = "terraform destroy -auto-approve";

/// A directory with this configuration, initialised for these providers.
fn directory(main: &str, providers: &[&str]) -> FakeWorld {
    let lock: String = providers
        .iter()
        .map(|name| {
            format!("provider \"registry.terraform.io/{name}\" {{\n  version = \"1.0.0\"\n}}\n")
        })
        .collect();
    FakeWorld::new().with_file("main.tf", main).with_file(".terraform.lock.hcl", &lock)
}

fn aws(main: &str) -> FakeWorld {
    directory(main, &["hashicorp/aws", "hashicorp/random"])
}

/// What the judgement says of its target.
fn told(line: &str, world: &FakeWorld) -> String {
    let judgement = judge(line, world);
    format!("{:?}", judgement.actions[0].action.target.evidence)
}

#[test]
fn a_provider_names_the_place_where_every_provider_does() {
    use Verdict::{Allow, Refuse};
    let kube = "provider \"kubernetes\" {\n  config_context = \"kind-dev\"\n}\n";
    let dev = "provider \"aws\" {\n  profile = \"acme-dev\"\n  region = \"eu-west-1\"\n}\n";
    let both = ["hashicorp/aws", "hashicorp/kubernetes"];
    for (world, expected) in [
        (aws(dev), Allow),
        (aws(&dev.replace("dev", "prod")), Refuse),
        (aws(&dev.replace("dev", "main")), Refuse),
        (aws("provider \"aws\" {\n  region = \"eu-west-1\"\n}\n"), Refuse),
        // The second account is another.
        (aws(&format!("{dev}provider \"aws\" {{\n  alias = \"b\"\n}}\n")), Refuse),
        (aws(&dev.replace("  region", "  alias = \"b\"\n  region")), Refuse),
        (aws(&format!("{dev}{}", dev.replace("  prof", "  alias = \"b\"\n  prof"))), Allow),
        // One of two says nothing of the other.
        (directory(kube, &both), Refuse),
        (directory(&format!("{kube}{dev}"), &both), Allow),
        (directory(&format!("{kube}{dev}"), &both).with_var("KUBE_HOST", "x"), Refuse),
        (directory(&format!("{kube}{}", dev.replace("dev", "prod")), &both), Refuse),
        // Nor does anything, where modules that cannot be read may bring their own.
        (aws(&format!("{dev}module \"a\" {{\n  source = \"./a\"\n}}\n")), Refuse),
        // Without a list of what it was made for there is no telling.
        (FakeWorld::new().with_file("main.tf", dev), Refuse),
        (aws(&format!("{dev}resource \"google_storage_bucket\" \"a\" {{\n}}\n")), Refuse),
        // What cannot be read may say more.
        (aws(dev).with_file("x.tf", "provider {{"), Refuse),
        (aws(dev).with_file("x.txt", "provider {{"), Allow),
        (aws(dev).with_file(".x.tf", "provider {{"), Allow),
        (aws("provider \"aws\" {\n  profile = lower(\"DEV\")\n}\n"), Refuse),
        (
            aws("provider \"aws\" {\n  assume_role {\n    role_arn = \
                 \"arn:aws:iam::1:role/deploy-dev\"\n  }\n}\n"),
            Allow,
        ),
        (
            directory(
                "terraform {\n  required_providers {\n    c = {\n      source = \
                 \"hashicorp/aws\"\n    }\n  }\n}\nprovider \"c\" {\n  profile = \"dev\"\n}\n",
                &["hashicorp/aws"],
            ),
            Allow,
        ),
        (
            directory(
                "provider \"google\" {\n  project = \"acme-dev\"\n}\nresource \
                 \"google_storage_bucket\" \"a\" {\n  project = \"acme-prod\"\n}\n",
                &["hashicorp/google"],
            ),
            Refuse,
        ),
    ] {
        verdict(DESTROY, &world, expected);
    }
}

#[test]
fn modules_that_bring_nothing_of_their_own_change_nothing() {
    let main = "provider \"aws\" {\n  profile = \"acme-dev\"\n}\nmodule \"a\" {\n  source = \
                \"./m\"\n}\n";
    let list = r#"{"Modules": [{"Key": "", "Source": "", "Dir": "."},
        {"Key": "a", "Source": "./m", "Dir": "m"}]}"#;
    let with = |text: &str| {
        aws(main).with_file(".terraform/modules/modules.json", list).with_file("m/x.tf", text)
    };
    for (world, expected) in [
        (with("resource \"aws_lb\" \"a\" {\n  provider = aws.b\n}\n"), Verdict::Allow),
        (with("variable \"providers\" {\n}\n"), Verdict::Allow),
        (with("provider \"aws\" {\n  profile = \"x\"\n}\n"), Verdict::Refuse),
        (with("resource \"google_x\" \"a\" {\n  project = var.p\n}\n"), Verdict::Refuse),
        (with("provider {{"), Verdict::Refuse),
        (with("").with_file("m/y.tf.json", "{\"provider\": {\"aws\": {}}}"), Verdict::Refuse),
        (aws(main).with_file(".terraform/modules/modules.json", list), Verdict::Refuse),
        (aws(main).with_file("m/x.tf", ""), Verdict::Refuse),
    ] {
        verdict(DESTROY, &world, expected);
    }
}

#[test]
fn a_production_provider_counts_under_a_development_name() {
    let prod = "provider \"kubernetes\" {\n  config_context = \"prod-eu\"\n}\n";
    let both = ["hashicorp/aws", "hashicorp/kubernetes"];
    let dev = directory(prod, &both).with_file(".terraform/environment", "dev");
    verdict(DESTROY, &dev, Verdict::Refuse);
    verdict("terraform plan", &dev, Verdict::Allow);
    let main = prod.replace("prod-eu", "main");
    let dev = directory(&main, &both).with_file(".terraform/environment", "dev");
    verdict(DESTROY, &dev, Verdict::Allow);
}

#[test]
fn variables_count_in_terraforms_order() {
    let main = "variable \"p\" {\n  default = \"acme-prod\"\n}\nlocals {\n  \
                profile = \"${var.p}\"\n}\nprovider \"aws\" {\n  profile = local.profile\n}\n";
    let by = |name: &str, value: &str| {
        aws(main).with_file(name, &format!("p = \"{value}\"\nother = 1\n"))
    };
    let dev = "terraform destroy -var p=dev";
    for (line, world, expected) in [
        (DESTROY, aws(main), Verdict::Refuse),
        (DESTROY, aws(main).with_var("TF_VAR_p", "dev"), Verdict::Allow),
        (DESTROY, by("terraform.tfvars", "dev"), Verdict::Allow),
        (DESTROY, by("terraform.tfvars", "prod").with_var("TF_VAR_p", "dev"), Verdict::Refuse),
        (
            DESTROY,
            by("terraform.tfvars", "prod").with_file("terraform.tfvars.json", r#"{"p":"dev"}"#),
            Verdict::Allow,
        ),
        (
            DESTROY,
            by("terraform.tfvars", "dev").with_file("a.auto.tfvars", "p = \"prod\"\n"),
            Verdict::Refuse,
        ),
        (
            DESTROY,
            by("b.auto.tfvars", "dev").with_file("a.auto.tfvars.json", "{\"p\":\"prod\"}"),
            Verdict::Allow,
        ),
        (DESTROY, by("other.tfvars", "dev"), Verdict::Refuse),
        (dev, by("a.auto.tfvars", "prod"), Verdict::Allow),
        ("terraform destroy -var-file=x.tfvars", by("x.tfvars", "dev"), Verdict::Allow),
        ("terraform destroy -var p=prod -var-file=x.tfvars", by("x.tfvars", "dev"), Verdict::Allow),
        (
            "terraform destroy -var-file=x.tfvars -var p=prod",
            by("x.tfvars", "dev"),
            Verdict::Refuse,
        ),
        ("terraform destroy -var-file=none.tfvars", by("terraform.tfvars", "dev"), Verdict::Refuse),
        ("TF_CLI_ARGS_destroy='-var p=dev' terraform destroy", aws(main), Verdict::Allow),
        ("terraform destroy -var \"p=$P\"", by("terraform.tfvars", "dev"), Verdict::Refuse),
        (
            "echo 'p = \"prod\"' > z.auto.tfvars; terraform destroy",
            by("a.auto.tfvars", "dev"),
            Verdict::Refuse,
        ),
    ] {
        verdict(line, &world, expected);
    }
    let by_workspace = "provider \"aws\" {\n  profile = local.p[terraform.workspace]\n}\nlocals \
                        {\n  p = { a = \"acme-dev\", b = \"acme-prod\" }\n}\n";
    for (workspace, expected) in
        [("a", Verdict::Allow), ("b", Verdict::Refuse), ("c", Verdict::Refuse)]
    {
        verdict(DESTROY, &aws(by_workspace).with_var("TF_WORKSPACE", workspace), expected);
    }
    let secret = main.replace("default", "sensitive = true\n  default").replace("prod", "dev");
    let shown = told(DESTROY, &aws(&secret));
    assert!(!shown.contains("acme-dev"), "{shown}");
    verdict(DESTROY, &aws(&secret), Verdict::Refuse);
    let round = "locals {\n  a = local.b\n  b = \"${local.a}${local.a}\"\n}\nprovider \"aws\" {\n  \
                 profile = local.a\n}\n";
    verdict(DESTROY, &aws(round), Verdict::Refuse);
}

#[test]
fn override_files_and_opentofus_own_count() {
    let dev = "provider \"aws\" {\n  profile = \"acme-dev\"\n}\n";
    let prod = dev.replace("dev", "prod");
    let json = r#"{"provider": {"aws": {"profile": "acme-dev"}}}"#;
    for (world, by_terraform, by_tofu) in [
        (aws(&prod).with_file("override.tf", dev), Verdict::Allow, Verdict::Allow),
        (aws(dev).with_file("a_override.tf", &prod), Verdict::Refuse, Verdict::Refuse),
        (aws(dev).with_file("main.tofu", &prod), Verdict::Allow, Verdict::Refuse),
        (aws("").with_file("a.tf.json", json), Verdict::Allow, Verdict::Allow),
        (aws("").with_file("a.tofu", dev), Verdict::Refuse, Verdict::Allow),
    ] {
        verdict(DESTROY, &world, by_terraform);
        verdict("tofu destroy -auto-approve", &world, by_tofu);
        verdict("terraform -chdir=/app destroy", &world, by_terraform);
    }
}

#[test]
fn this_machine_is_local_and_a_password_is_not_told() {
    let postgres =
        "provider \"postgresql\" {\n  host = \"localhost\"\n  password = \"s3cr3t\"\n}\n";
    verdict(DESTROY, &directory(postgres, &["cyrilgdn/postgresql"]), Verdict::Allow);
    let emulated = "provider \"aws\" {\n  access_key = \"test\"\n  endpoints {\n    s3 = \
                    \"http://localhost:4566\"\n  }\n}\n";
    verdict(DESTROY, &aws(emulated), Verdict::Allow);
    let real = emulated.replace("\"test\"", "\"AKIAIOSFODNN7EXAMPLE\"");
    verdict(DESTROY, &aws(&real), Verdict::Refuse);
    let mixed = emulated.replace("  }\n", "    rds = \"https://rds.example.com\"\n  }\n");
    verdict(DESTROY, &aws(&mixed), Verdict::Refuse);
    let url = "provider \"rabbitmq\" {\n  endpoint = \"https://u:s3cr3t@prod.example.com/x\"\n}\n";
    let shown = told(DESTROY, &directory(url, &["cyrilgdn/rabbitmq"]));
    assert!(shown.contains("prod.example.com") && !shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn a_backend_that_was_not_initialised_is_read_from_the_files() {
    let main = |key: &str| {
        format!(
            "terraform {{\n  backend \"s3\" {{\n    bucket = \"acme-state\"\n    key = \
             \"{key}\"\n  }}\n}}\n"
        )
    };
    let (dev, prod) = (main("dev/x"), main("prod/x"));
    let line = "terraform init && terraform destroy -auto-approve";
    for (line, world, expected) in [
        (line, aws(&dev), Verdict::Allow),
        (line, aws(&prod), Verdict::Refuse),
        (line, aws(&main("shop/x")), Verdict::Refuse),
        (line, aws("terraform {\n  backend \"s3\" {\n  }\n}\n"), Verdict::Refuse),
        (
            "terraform init -backend-config=key=prod/x && terraform destroy",
            aws(&dev),
            Verdict::Refuse,
        ),
        (line, aws(&dev).with_var("TF_CLI_ARGS_init", "-backend-config=p.hcl"), Verdict::Refuse),
        (
            line,
            aws("terraform {\n  cloud {\n    organization = \"acme\"\n    workspaces {\n      \
                 name = \"shop-prod\"\n    }\n  }\n}\n"),
            Verdict::Refuse,
        ),
        (
            line,
            aws("terraform {\n  backend \"local\" {\n    path = \"dev.tfstate\"\n  }\n}\n"),
            Verdict::Allow,
        ),
    ] {
        verdict(line, &world, expected);
    }
    // What was initialised wins, until it is initialised anew.
    let noted = |key: &str, main: &str| backend("acme-state", key).with_file("main.tf", main);
    let anew = "terraform init -reconfigure && terraform destroy";
    for (line, world, expected) in [
        (DESTROY, noted("dev/x", &prod), Verdict::Allow),
        (DESTROY, noted("prod/x", &dev), Verdict::Refuse),
        (anew, noted("dev/x", &prod), Verdict::Refuse),
        (anew, noted("prod/x", &dev), Verdict::Allow),
        ("terraform init && terraform destroy", noted("dev/x", &dev), Verdict::Allow),
        (
            "terraform init -reconfigure -backend-config=prod.hcl; terraform destroy",
            noted("dev/x", &dev),
            Verdict::Refuse,
        ),
        (
            "tofu -chdir=/app init -migrate-state -backend-config k=v; tofu destroy",
            noted("dev/x", &dev),
            Verdict::Refuse,
        ),
    ] {
        verdict(line, &world, expected);
    }
}

#[test]
fn a_card_names_what_the_configuration_holds() {
    let main = "resource \"aws_db_instance\" \"main\" {\n  lifecycle {\n    prevent_destroy = \
                true\n  }\n}\nresource \"aws_lb\" \"a\" {\n}\n";
    let world = backend("acme-state", "prod/x").with_file("main.tf", main);
    let judgement = verdict(DESTROY, &world, Verdict::Refuse);
    assert_eq!(
        judgement.actions[0].action.summary,
        "Destroys everything that this workspace manages, with aws_db_instance.main among it. \
         Terraform itself stops at aws_db_instance.main: prevent_destroy."
    );
}

#[test]
fn a_state_that_took_the_place_of_another_is_noticed() {
    let state = |lineage: &str, serial: u32| {
        format!(r#"{{"version": 4, "serial": {serial}, "lineage": "{lineage}", "resources": []}}"#)
    };
    let dev = || FakeWorld::new().with_file(".terraform/environment", "dev");
    let folder = "terraform.tfstate.d/dev";
    let place = |own: &str, backup: &str| {
        dev()
            .with_file(&format!("{folder}/terraform.tfstate"), own)
            .with_file(&format!("{folder}/terraform.tfstate.backup"), backup)
    };
    for (world, expected) in [
        (place(&state("a", 4), &state("a", 3)), Verdict::Allow),
        (place(&state("a", 3), &state("a", 3)), Verdict::Allow),
        (place(&state("b", 9), &state("a", 3)), Verdict::Refuse),
        (place(&state("a", 2), &state("a", 3)), Verdict::Refuse),
        (place(&state("a", 4), "{"), Verdict::Allow),
        (place(&state("a", 4), ""), Verdict::Allow),
    ] {
        verdict(DESTROY, &world, expected);
        verdict("terraform apply -auto-approve", &world, expected);
        verdict("terraform plan", &world, Verdict::Allow);
    }
    let swapped = place(&state("a", 4), &state("a", 3)).with_file("old.tfstate", &state("b", 9));
    let line = format!("cp old.tfstate {folder}/terraform.tfstate && {DESTROY}");
    verdict(&line, &swapped, Verdict::Refuse);
    // A state that a person pinned is that one wherever it lies.
    let pinned = "version = 1\n[[environment]]\nname = \"production\"\nclass = \"production\"\n\
                  ids = [\"0e1f\"]\n";
    let world = dev()
        .with_file(&format!("{folder}/terraform.tfstate"), &state("0e1f", 1))
        .with_file("/home/ana/.config/holdpoint/policy.toml", pinned);
    verdict(DESTROY, &world, Verdict::Refuse);
}

#[test]
fn variables_that_say_production_count_beside_a_development_place() {
    use Verdict::{Allow, Refuse};
    let main = "variable \"env\" {\n}\nvariable \"node_env\" {\n}\nvariable \"size\" {\n}\n";
    let dev = FakeWorld::new()
        .with_file("main.tf", main)
        .with_file(".terraform/environment", "dev")
        .with_file("prod.tfvars", "env = \"x\"\n")
        .with_file("vars/a.tfvars", "env = \"production\"\n")
        .with_file("staging.tfvars", "env = \"staging\"\n")
        .with_file("size.tfvars", "size = \"prod\"\nnode_env = \"production\"\n");
    let prod = dev.clone().with_file(".terraform/environment", "prod");
    for (line, expected) in [
        ("terraform destroy", Allow),
        ("terraform apply", Allow),
        ("terraform destroy -var-file=prod.tfvars", Refuse),
        ("terraform apply -var-file prod.tfvars", Refuse),
        ("terraform apply -var-file=envs/prod/terraform.tfvars", Refuse),
        ("terraform apply -var-file=vars/a.tfvars", Refuse),
        ("terraform destroy -var env=prod", Refuse),
        ("terraform destroy -var-file=prod.tfvars -var env=dev", Refuse),
        ("terraform destroy -var-file=vars/a.tfvars -var env=dev", Allow),
        ("TF_VAR_env=prod terraform destroy", Refuse),
        ("TF_VAR_env=prod terraform destroy -var env=dev", Allow),
        ("TF_VAR_other=prod terraform destroy", Allow),
        ("TF_CLI_ARGS_apply=-var-file=prod.tfvars terraform apply", Refuse),
        ("terraform destroy -var-file=staging.tfvars", Allow),
        ("terraform destroy -var-file=size.tfvars", Allow),
        ("terraform plan -var-file=prod.tfvars", Allow),
        ("terraform plan -destroy -var-file=prod.tfvars", Allow),
    ] {
        verdict(line, &dev, expected);
    }
    verdict(DESTROY, &dev.clone().with_file("terraform.tfvars", "env = \"prod\"\n"), Refuse);
    verdict(DESTROY, &dev.clone().with_file("prod.auto.tfvars", "size = 1\n"), Refuse);
    for file in ["staging.tfvars", "vars/dev.tfvars"] {
        verdict(&format!("terraform destroy -var-file={file}"), &prod, Refuse);
    }
}

#[test]
fn labels_of_a_provider_say_production() {
    let main = |env: &str| {
        format!(
            "locals {{\n  env = \"{env}\"\n}}\nprovider \"aws\" {{\n  default_tags {{\n    tags = \
             {{\n      Environment = local.env\n      Owner = \"prod-team\"\n    }}\n  }}\n}}\n"
        )
    };
    let world = |env: &str| aws(&main(env)).with_file(".terraform/environment", "dev");
    verdict(DESTROY, &world("production"), Verdict::Refuse);
    verdict(DESTROY, &world("dev"), Verdict::Allow);
    let google = "provider \"google\" {\n  default_labels = {\n    env = \"prod\"\n  }\n}\n";
    let world = directory(google, &["hashicorp/google"]).with_file(".terraform/environment", "dev");
    verdict(DESTROY, &world, Verdict::Refuse);
}
