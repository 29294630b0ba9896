mod configuration;

use rmpv::Value;

use crate::action::{Effect, Flag};
use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::parse::tfplan::sample::{map, plan};
use crate::pipeline::{self, Options, Subject};
use crate::testing::judge;
use crate::world::fake::FakeWorld;

#[track_caller]
fn verdict(line: &str, world: &FakeWorld, expected: Verdict) -> Judgement {
    let judgement = judge(line, world);
    assert_eq!(judgement.verdict, expected, "{line}: {judgement:#?}");
    judgement
}

/// An s3 backend with this bucket and key, as `terraform init` notes it down.
fn backend(bucket: &str, key: &str) -> FakeWorld {
    let noted = format!(
        r#"{{"version": 3, "backend": {{"type": "s3", "config": {{"bucket": "{bucket}",
            "key": "{key}", "region": "eu-west-1", "secret_key": "s3cr3t"}}, "hash": 1}}}}"#
    );
    FakeWorld::new().with_file(".terraform/terraform.tfstate", &noted)
}

fn with_plan(mut world: FakeWorld, name: &str, bytes: Vec<u8>) -> FakeWorld {
    world.files.insert(world.cwd.join(name), bytes);
    world
}

fn s3(key: &str) -> Value {
    map(&[("bucket", "acme-state".into()), ("key", key.into())])
}

#[test]
fn the_class_is_that_of_workspace_and_backend() {
    let destroy = "terraform destroy -auto-approve";
    for (world, expected) in [
        (FakeWorld::new(), Verdict::Refuse),
        (backend("acme-state", "shop/terraform.tfstate"), Verdict::Refuse),
        (backend("acme-state", "prod/terraform.tfstate"), Verdict::Refuse),
        (backend("acme-state", "staging/terraform.tfstate"), Verdict::Refuse),
        (backend("acme-state", "dev/terraform.tfstate"), Verdict::Allow),
        (backend("acme-dev-state", "prod/terraform.tfstate"), Verdict::Refuse),
        (FakeWorld::new().with_file(".terraform/environment", "dev"), Verdict::Allow),
        (FakeWorld::new().with_file(".terraform/environment", "default"), Verdict::Refuse),
        (
            FakeWorld::new()
                .with_file(".terraform/environment", "dev")
                .with_var("TF_WORKSPACE", "prod"),
            Verdict::Refuse,
        ),
        (
            FakeWorld::new()
                .with_file(".terraform/environment", "prod")
                .with_var("TF_WORKSPACE", "dev"),
            Verdict::Allow,
        ),
        (
            FakeWorld::new()
                .with_file("data/environment", "dev")
                .with_file(".terraform/environment", "prod")
                .with_var("TF_DATA_DIR", "data"),
            Verdict::Allow,
        ),
        (FakeWorld::new().with_file(".terraform/terraform.tfstate", "{"), Verdict::Refuse),
    ] {
        verdict(destroy, &world, expected);
    }
    let shown = format!("{:?}", verdict(destroy, &backend("b", "prod/k"), Verdict::Refuse));
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn read_write_and_destroy_by_class() {
    let (production, unknown) = (backend("b", "prod/k"), FakeWorld::new());
    let (staging, development) = (backend("b", "staging/k"), backend("b", "dev/k"));
    use Verdict::{Allow, Refuse};
    for (line, on) in [
        // production, unknown, staging, development
        ("terraform plan -destroy -out=x", [Allow; 4]),
        ("terraform import aws_instance.a i-1", [Allow; 4]),
        ("terraform apply -refresh-only -auto-approve", [Allow; 4]),
        ("terraform state rm aws_instance.a", [Refuse, Allow, Allow, Allow]),
        ("terraform apply -auto-approve", [Refuse, Refuse, Allow, Allow]),
        ("terraform state push x", [Refuse, Refuse, Allow, Allow]),
        ("terraform destroy", [Refuse, Refuse, Refuse, Allow]),
        ("terraform apply -destroy", [Refuse, Refuse, Refuse, Allow]),
        ("terraform apply --destroy=true", [Refuse, Refuse, Refuse, Allow]),
        ("terraform apply -replace=aws_db_instance.a", [Refuse, Refuse, Refuse, Allow]),
        ("terraform apply -replace=aws_instance.a", [Refuse, Refuse, Allow, Allow]),
        ("terraform workspace delete -force x", [Refuse, Refuse, Refuse, Allow]),
    ] {
        for (world, expected) in [&production, &unknown, &staging, &development].into_iter().zip(on)
        {
            verdict(line, world, expected);
        }
    }
}

#[test]
fn the_folder_and_variables_only_raise() {
    let apply = "terraform apply";
    let unknown = FakeWorld::new();
    for line in [
        "terraform -chdir=envs/dev destroy",
        "terraform destroy -var-file=dev.tfvars",
        "terraform destroy -var env=dev",
    ] {
        verdict(line, &unknown, Verdict::Refuse);
    }
    let class = |line: &str, world: &FakeWorld| judge(line, world).actions[0].class.word();
    assert_eq!(class(apply, &unknown), "unknown");
    assert_eq!(class("terraform apply -var-file=prod.tfvars", &unknown), "production");
    assert_eq!(class("terraform apply -var env=prod", &unknown), "production");
    assert_eq!(class("terraform -chdir=envs/prod apply", &unknown), "production");
    assert_eq!(class(apply, &unknown.clone().with_var("AWS_PROFILE", "prod")), "production");
}

#[test]
fn chdir_moves_the_place() {
    let world = FakeWorld::new()
        .with_file("a/.terraform/environment", "dev")
        .with_file("b/.terraform/environment", "prod");
    verdict("terraform -chdir=a destroy", &world, Verdict::Allow);
    verdict("terraform -chdir=b destroy", &world, Verdict::Refuse);
    verdict("cd b && terraform destroy", &world, Verdict::Refuse);
    verdict("cd a && terraform destroy", &world, Verdict::Allow);
}

#[test]
fn words_of_variables_count_in_their_own_order() {
    let world = backend("b", "staging/k");
    for (line, expected) in [
        ("TF_CLI_ARGS=-destroy terraform apply", Verdict::Refuse),
        ("TF_CLI_ARGS_apply=-destroy terraform apply -destroy=false", Verdict::Allow),
        ("TF_CLI_ARGS=-destroy TF_CLI_ARGS_apply=-destroy=false terraform apply", Verdict::Refuse),
        ("TF_CLI_ARGS=-destroy=false TF_CLI_ARGS_apply=-destroy terraform apply", Verdict::Allow),
        ("TF_CLI_ARGS_plan=-destroy terraform apply", Verdict::Allow),
        ("TF_CLI_ARGS='destroy -auto-approve' terraform", Verdict::Refuse),
        ("TF_CLI_ARGS_workspace_delete=-force terraform workspace delete x", Verdict::Refuse),
        ("TF_CLI_ARGS=-force terraform workspace delete x", Verdict::Refuse),
    ] {
        verdict(line, &world, expected);
    }
}

#[test]
fn a_saved_plan_is_judged_by_what_it_holds() {
    let none = map(&[]);
    let last = map(&[("skip_final_snapshot", true.into())]);
    let on = map(&[("deletion_protection", true.into()), ("backup_retention_period", 7.into())]);
    let off = map(&[("deletion_protection", false.into()), ("backup_retention_period", 7.into())]);
    let zero = map(&[("deletion_protection", true.into()), ("backup_retention_period", 0.into())]);
    let flag = |flag| Some(flag);
    for (changes, expected, effect, flagged) in [
        (
            &[("aws_instance.a", 1, &[&none][..]), ("aws_lb.b", 3, &[&none, &none])][..],
            Verdict::Allow,
            Effect::Write,
            None,
        ),
        (&[("aws_lb.a", 5, &[&none])], Verdict::Refuse, Effect::Destroy, None),
        (&[("aws_lb.a", 7, &[&none, &none])], Verdict::Refuse, Effect::Destroy, None),
        (
            &[("module.db.aws_db_instance.a", 6, &[&none, &none])],
            Verdict::Refuse,
            Effect::Destroy,
            flag(Flag::Irreversible),
        ),
        (
            &[("aws_db_instance.a", 5, &[&last])],
            Verdict::Refuse,
            Effect::Destroy,
            flag(Flag::Backups),
        ),
        (
            &[("aws_db_instance.a", 3, &[&on, &off])],
            Verdict::Refuse,
            Effect::Destroy,
            flag(Flag::Backups),
        ),
        (
            &[("aws_db_instance.a", 3, &[&on, &zero])],
            Verdict::Refuse,
            Effect::Destroy,
            flag(Flag::Backups),
        ),
        (&[("aws_db_instance.a", 3, &[&on, &on])], Verdict::Allow, Effect::Write, None),
        (&[("aws_db_instance.a", 8, &[&none])], Verdict::Allow, Effect::Write, None),
        (&[("aws_ecs_task_definition.a", 6, &[&none, &none])], Verdict::Allow, Effect::Write, None),
        (&[("aws_ecs_task_definition.a", 5, &[&none])], Verdict::Refuse, Effect::Destroy, None),
        (&[("random_id.a", 6, &[&none, &none])], Verdict::Allow, Effect::Write, None),
        (&[("aws_db_instance.a", 4, &[&none])], Verdict::Refuse, Effect::Write, flag(Flag::Opaque)),
    ] {
        let file = plan(changes, "s3", &s3("prod/k"), "default");
        let world = with_plan(FakeWorld::new(), "tf.plan", file);
        for line in [
            "terraform apply tf.plan",
            "terraform apply -no-color -auto-approve ./tf.plan",
            "cd / && tofu -chdir=/app apply tf.plan",
        ] {
            let judgement = verdict(line, &world, expected);
            let worst = &judgement.actions[0];
            assert_eq!(worst.action.effect, effect, "{changes:?}");
            let read = flagged != Some(Flag::Opaque);
            assert_eq!(worst.class.word(), if read { "production" } else { "unknown" });
            if let Some(flag) = flagged {
                assert!(worst.action.flags.has(flag), "{:?}", worst.action);
            } else {
                assert!(worst.action.flags.is_empty(), "{:?}", worst.action);
            }
        }
    }
}

#[test]
fn a_plan_carries_its_own_place() {
    let gone = plan(&[("aws_lb.a", 5, &[&map(&[])])], "s3", &s3("k"), "prod");
    let world = with_plan(backend("b", "dev/k"), "tf.plan", gone);
    verdict("terraform apply tf.plan", &world, Verdict::Refuse);
    let gone = plan(&[("aws_lb.a", 5, &[&map(&[])])], "s3", &s3("k"), "dev");
    let world = with_plan(backend("b", "prod/k"), "tf.plan", gone);
    verdict("terraform apply tf.plan", &world, Verdict::Allow);
    verdict("terraform apply -state=prod.tfstate tf.plan", &world, Verdict::Refuse);
}

#[test]
fn a_plan_that_cannot_be_read_is_opaque() {
    let bad = b"PK not a plan".to_vec();
    let elsewhere = with_plan(backend("b", "dev/k"), "bad.plan", bad.clone());
    verdict("terraform apply bad.plan", &elsewhere, Verdict::Refuse);
    let world = with_plan(backend("b", "prod/k"), "bad.plan", bad);
    for line in [
        "terraform apply bad.plan",
        "terraform apply none.plan",
        "terraform apply \"$P\"",
        "TF_CLI_ARGS_apply=tf.plan terraform apply",
    ] {
        let judgement = verdict(line, &world, Verdict::Refuse);
        assert!(judgement.actions[0].action.flags.has(Flag::Opaque), "{line}");
        let advice = judgement.actions[0].action.instead.clone().unwrap();
        assert!(advice.contains("terraform plan -out=tf.plan"), "{advice}");
    }
}

#[test]
fn a_plan_that_the_line_makes_is_not_the_one_that_lies_there() {
    let file = plan(&[("aws_lb.a", 1, &[&map(&[])])], "s3", &s3("prod/k"), "default");
    for (key, expected) in [("prod/k", Verdict::Refuse), ("dev/k", Verdict::Allow)] {
        let world = with_plan(backend("b", key), "tf.plan", file.clone());
        for line in [
            "terraform plan -destroy -out=tf.plan && terraform apply tf.plan",
            "terraform plan -out tf.plan; terraform apply ./tf.plan",
            "tofu -chdir=/app plan --out=tf.plan; tofu apply tf.plan",
        ] {
            verdict(line, &world, expected);
        }
        verdict("terraform plan && terraform apply tf.plan", &world, Verdict::Allow);
    }
}

#[test]
fn a_line_that_selects_another_workspace_is_read_so() {
    let world = FakeWorld::new().with_file(".terraform/environment", "dev");
    for (line, expected) in [
        ("terraform workspace select dev && terraform destroy", Verdict::Allow),
        ("terraform workspace select prod && terraform destroy", Verdict::Refuse),
        ("terraform workspace select -or-create prod; terraform apply", Verdict::Refuse),
        ("terraform -chdir=/app workspace select prod; tofu apply", Verdict::Refuse),
        ("terraform workspace select \"$W\" && terraform destroy", Verdict::Refuse),
        ("terraform workspace show && terraform destroy", Verdict::Allow),
    ] {
        verdict(line, &world, expected);
    }
}

#[test]
fn the_judged_plan_is_the_one_that_is_handed_on() {
    let file = plan(&[("aws_lb.a", 1, &[&map(&[])])], "s3", &s3("prod/k"), "default");
    let world = with_plan(
        FakeWorld::new().with_var("TF_CLI_ARGS_apply", "-no-color -lock=false"),
        "tf.plan",
        file.clone(),
    );
    let command = Invocation::new(["terraform", "apply", "-input=false", "tf.plan"]);
    let outcome = pipeline::judge(Subject::Command(&command), &world, Options::default());
    let [handed] = outcome.handed.as_slice() else { panic!("{:?}", outcome.handed) };
    assert_eq!(handed.word(), Some(3));
    assert_eq!(&handed.text.files()[0].1.bytes[..], file.as_slice());
}

#[test]
fn a_question_comes_with_a_way_to_see_the_plan_first() {
    let world = backend("b", "prod/k").with_var("TF_CLI_ARGS", "-lock=false");
    let options = Options { actor: Some(ActorKind::Human), full: false };
    let words = ["terraform", "-chdir=.", "destroy", "-auto-approve", "-var", "a=b c", "-backup=x"];
    let command = Invocation::new(words);
    let preview = pipeline::judge(Subject::Command(&command), &world, options).preview.unwrap();
    let text = |words: &[std::ffi::OsString]| {
        words.iter().map(|word| word.to_str().unwrap().to_owned()).collect::<Vec<_>>().join("|")
    };
    assert_eq!(
        text(&preview.plan),
        "terraform|-chdir=.|plan|-destroy|-lock=false|-var=a=b c|-out="
    );
    assert_eq!(text(&preview.apply), "terraform|-chdir=.|apply|-lock=false|-backup=x");
    assert!(preview.unasked);
    for (line, world) in [
        (&["terraform", "plan"][..], &world),
        (&["terraform", "apply"], &backend("b", "dev/k")),
        (&["terraform", "state", "push", "x"], &world),
    ] {
        let outcome = pipeline::judge(Subject::Command(&Invocation::new(line)), world, options);
        assert_eq!(outcome.preview, None, "{line:?}");
    }
    let agent = Options { actor: Some(ActorKind::Agent), full: false };
    assert_eq!(pipeline::judge(Subject::Command(&command), &world, agent).preview, None);
}

#[test]
fn another_accounts_state_in_the_folder_is_told() {
    let state = r#"{"version": 4, "resources": [
        {"mode": "managed", "type": "aws_db_instance", "name": "main", "instances": [
            {"attributes": {"arn": "arn:aws:rds:eu-west-1:111122223333:db:main"}}]},
        {"mode": "data", "type": "aws_ami", "name": "x"}]}"#;
    let pinned = "version = 1\n[[environment]]\nname = \"production\"\nclass = \"production\"\n\
        ids = [\"111122223333\"]\n";
    let world = FakeWorld::new()
        .with_file(".terraform/environment", "dev")
        .with_file("terraform.tfstate.d/dev/terraform.tfstate", state);
    let told = verdict("terraform destroy -auto-approve", &world, Verdict::Allow);
    assert!(told.actions[0].action.summary.contains("aws_db_instance.main"), "{told:?}");
    assert!(!told.actions[0].action.summary.contains("aws_ami"), "{told:?}");
    let world = world.with_file("/home/ana/.config/holdpoint/policy.toml", pinned);
    verdict("terraform destroy -auto-approve", &world, Verdict::Refuse);
    verdict("terraform apply -auto-approve", &world, Verdict::Refuse);
    verdict("terraform plan", &world, Verdict::Allow);
}

#[test]
fn what_is_computed_is_not_read() {
    let world = backend("b", "prod/k");
    for line in
        ["terraform $X", "terraform state $X", "X=$(cat x); TF_CLI_ARGS=$X terraform import a b"]
    {
        let judgement = verdict(line, &world, Verdict::Refuse);
        assert!(judgement.actions[0].action.flags.has(Flag::Opaque), "{line}");
    }
    for line in ["terraform plan $X", "terraform output $X", "terraform show \"$PLAN\""] {
        verdict(line, &world, Verdict::Allow);
    }
}
