//! The real Terraform behind its shim, with resources that live in its state
//! (`terraform_data`) and one that lives in a file: what is refused survives,
//! what a person confirms goes, and the plan that was shown is the plan that
//! is carried out. And the plan files as they really are.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/terraform.rs"]
mod terraform;

use std::collections::BTreeSet;
use std::process::Output;

use holdpoint::parse::tfplan::{self, Kind};
use sandbox::{Sandbox, err, out};
use terminal::Login;

/// A configuration with a resource whose end leaves a mark.
const CONFIGURATION: &str = r#"
variable "v" { default = "one" }
resource "terraform_data" "keep" { input = var.v }
resource "terraform_data" "main" {
  input            = "arn:aws:rds:eu-west-1:111122223333:db:main"
  triggers_replace = [var.v]
  provisioner "local-exec" {
    when    = destroy
    command = "echo gone >>gone"
  }
}
"#;

struct Guarded {
    sandbox: Sandbox,
}

impl Guarded {
    /// A directory whose workspace is `workspace`, initialised.
    fn new(workspace: &str) -> Guarded {
        let sandbox = Sandbox::new();
        sandbox.tool("terraform", &format!("exec {} \"$@\"", terraform::terraform()));
        sandbox.shim("terraform");
        sandbox.write("work/main.tf", CONFIGURATION);
        let guarded = Guarded { sandbox };
        guarded.real(&["init", "-no-color"]);
        if workspace != "default" {
            guarded.real(&["workspace", "new", workspace]);
        }
        guarded
    }

    /// The same with its resources made.
    fn applied(workspace: &str) -> Guarded {
        let guarded = Guarded::new(workspace);
        guarded.real(&["apply", "-auto-approve", "-no-color"]);
        assert_eq!(guarded.resources(), "terraform_data.keep terraform_data.main");
        guarded
    }

    /// Terraform without a guard, which has to succeed.
    fn real(&self, args: &[&str]) -> String {
        let mut command = self.sandbox.command(self.sandbox.path("tools/terraform"));
        let output = command.args(args).output().expect("it starts");
        assert!(output.status.success(), "{args:?}: {}{}", out(&output), err(&output));
        out(&output)
    }

    /// What its state holds.
    fn resources(&self) -> String {
        self.real(&["state", "list"]).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The shim as an agent runs it.
    fn agent(&self, args: &[&str]) -> Output {
        self.sandbox.agent("terraform", args).output().expect("it starts")
    }

    #[track_caller]
    fn refused(&self, args: &[&str]) -> String {
        let output = self.agent(args);
        assert_eq!(output.status.code(), Some(77), "{args:?}: {}{}", out(&output), err(&output));
        assert_eq!(out(&output), "");
        err(&output)
    }

    #[track_caller]
    fn allowed(&self, args: &[&str]) -> String {
        let output = self.agent(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}{}", out(&output), err(&output));
        out(&output)
    }

    fn is_marked(&self) -> bool {
        self.sandbox.path("work/gone").exists()
    }

    /// The line of a person's shell that runs the shim.
    fn line(&self, args: &str) -> String {
        format!(
            "cd {} && env -i TERM=xterm LC_ALL=C.UTF-8 PATH={} HOME={home} \
             HOLDPOINT_TEST_HOME={home} terraform {args}",
            self.sandbox.path("work").display(),
            self.sandbox.search_path(),
            home = self.sandbox.home().display(),
        )
    }
}

#[test]
fn what_an_agent_may_not_do_is_not_done() {
    let guarded = Guarded::applied("prod");
    for args in [
        &["destroy", "-auto-approve"][..],
        &["apply", "-destroy", "-auto-approve"],
        &["apply", "-auto-approve", "-var", "v=two"],
        &["apply", "-replace=terraform_data.main", "-auto-approve"],
        &["-chdir=.", "destroy", "--auto-approve"],
        &["state", "push", "-force", "terraform.tfstate"],
        &["workspace", "delete", "-force", "prod"],
    ] {
        let card = guarded.refused(args);
        assert!(card.contains("prod"), "{card}");
    }
    let mut by_variable = guarded.sandbox.agent("terraform", &["apply", "-auto-approve"]);
    let output = by_variable.env("TF_CLI_ARGS_apply", "-destroy").output().expect("it starts");
    assert_eq!(output.status.code(), Some(77), "{}", err(&output));
    assert!(!guarded.is_marked());
    assert_eq!(guarded.resources(), "terraform_data.keep terraform_data.main");
    let card = guarded.refused(&["apply", "-auto-approve"]);
    assert!(card.contains("terraform plan -out=tf.plan"), "{card}");
}

#[test]
fn an_agent_applies_a_plan_that_only_makes_and_changes() {
    let guarded = Guarded::new("prod");
    guarded.allowed(&["plan", "-no-color", "-out=tf.plan"]);
    let said = guarded.allowed(&["apply", "-no-color", "tf.plan"]);
    assert!(said.contains("2 added, 0 changed, 0 destroyed"), "{said}");
    assert!(guarded.sandbox.trail().contains("allowed"), "{}", guarded.sandbox.trail());
    // A change in place.
    let kept = CONFIGURATION.replace("input = var.v", "input = \"two\"");
    guarded.sandbox.write("work/main.tf", &kept);
    guarded.allowed(&["plan", "-no-color", "-out=tf.plan"]);
    let said = guarded.allowed(&["apply", "-no-color", "tf.plan"]);
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");
    assert!(!guarded.is_marked());
}

#[test]
fn an_agent_does_not_apply_a_plan_that_destroys() {
    let guarded = Guarded::applied("prod");
    for args in [
        &["plan", "-destroy", "-out=tf.plan"][..],
        &["plan", "-destroy", "-target=terraform_data.main", "-out=tf.plan"],
    ] {
        guarded.allowed(args);
        let card = guarded.refused(&["apply", "tf.plan"]);
        assert!(card.contains("Destroys terraform_data"), "{card}");
    }
    assert!(!guarded.is_marked());
    assert_eq!(guarded.resources(), "terraform_data.keep terraform_data.main");
}

#[test]
fn development_stays_free() {
    let guarded = Guarded::applied("dev");
    guarded.allowed(&["apply", "-auto-approve", "-var", "v=two"]);
    guarded.allowed(&["destroy", "-auto-approve"]);
    assert_eq!(guarded.resources(), "");
    assert!(guarded.is_marked());
}

#[test]
fn a_person_who_wants_no_question_is_asked_only_about_what_destroys() {
    let guarded = Guarded::applied("prod");
    let kept = "variable \"v\" { default = \"one\" }\n\
        resource \"terraform_data\" \"keep\" { input = var.v }\n";
    guarded.sandbox.write("work/main.tf", kept);
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    let line = guarded.line("apply -no-color -auto-approve -var v=one");
    terminal.line(&line);
    let card = terminal.expect("press Enter:");
    assert!(card.contains("1 to destroy"), "{card}");
    assert!(card.contains("Destroys terraform_data.main."), "{card}");
    terminal.send("\u{4}");
    terminal.prompt();
    assert!(!guarded.is_marked());
    guarded.sandbox.write(
        "work/main.tf",
        &(CONFIGURATION.to_owned() + "resource \"terraform_data\" \"new\" {}\n"),
    );
    terminal.line(&line);
    let said = terminal.prompt();
    assert!(said.contains("1 added, 0 changed, 0 destroyed"), "{said}");
    assert!(!said.contains("holdpoint"), "{said}");
}

#[test]
fn a_person_confirms_and_everything_goes() {
    let guarded = Guarded::applied("prod");
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    terminal.line(&guarded.line("destroy -no-color -auto-approve"));
    let shown = terminal.expect("press Enter:");
    assert!(shown.contains("2 to destroy"), "{shown}");
    assert!(shown.contains("Destroys terraform_data.keep, terraform_data.main"), "{shown}");
    terminal.send("\u{4}");
    terminal.prompt();
    assert_eq!(guarded.resources(), "terraform_data.keep terraform_data.main");
    terminal.line(&guarded.line("destroy -no-color -auto-approve"));
    let phrase = terminal.phrase();
    assert!(phrase.starts_with("destroy prod-"), "{phrase}");
    // What comes into the world after the plan was shown stays in it.
    guarded.sandbox.write("work/more.tf", "resource \"terraform_data\" \"late\" { input = 1 }\n");
    let said = terminal.confirm(&phrase);
    assert!(said.contains("2 destroyed"), "{said}");
    assert_eq!(guarded.resources(), "");
    assert!(guarded.is_marked());
    let trail = guarded.sandbox.trail();
    for word in ["asked", "declined", "confirmed", "-auto-approve"] {
        assert!(trail.contains(word), "{word}: {trail}");
    }
}

#[test]
fn what_changes_after_the_plan_was_shown_is_not_carried_out() {
    let guarded = Guarded::new("prod");
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    terminal.line(&guarded.line("apply -no-color"));
    terminal.expect("2 to add");
    let phrase = terminal.phrase();
    assert!(phrase.starts_with("prod-"), "{phrase}");
    let other = "resource \"terraform_data\" \"other\" { input = 1 }\n";
    guarded.sandbox.write("work/main.tf", other);
    let said = terminal.confirm(&phrase);
    assert!(said.contains("2 added"), "{said}");
    assert_eq!(guarded.resources(), "terraform_data.keep terraform_data.main");
    assert!(!guarded.sandbox.path("work/tf.plan").exists());
}

#[test]
fn a_plan_that_terraform_cannot_make_ends_as_terraform_does() {
    let guarded = Guarded::new("prod");
    guarded.sandbox.write("work/main.tf", "resource \"terraform_data\" {");
    let mut login = Login::new();
    login.terminal.line(&(guarded.line("apply -no-color") + "; echo ended=$?"));
    let said = login.terminal.prompt();
    assert!(said.contains("ended=1") && !said.contains("press Enter"), "{said}");
}

/// The addresses that a plan touches with what it does, by Terraform's own
/// account of it.
fn told(guarded: &Guarded, plan: &str) -> BTreeSet<(String, Kind)> {
    let json: serde_json::Value =
        serde_json::from_str(&guarded.real(&["show", "-json", plan])).expect("JSON");
    let changes = json["resource_changes"].as_array().cloned().unwrap_or_default();
    changes
        .iter()
        .filter_map(|change| {
            let actions: Vec<&str> = change["change"]["actions"]
                .as_array()
                .expect("actions")
                .iter()
                .filter_map(|action| action.as_str())
                .collect();
            let kind = match actions[..] {
                ["no-op"] | ["read"] => return None,
                ["create"] => Kind::Create,
                ["update"] => Kind::Update,
                ["delete"] => Kind::Delete,
                ["delete", "create"] | ["create", "delete"] => Kind::Replace,
                ["forget"] => Kind::Forget,
                ref other => panic!("{other:?}"),
            };
            Some((change["address"].as_str().expect("an address").to_owned(), kind))
        })
        .collect()
}

#[test]
fn plan_files_are_read_as_terraform_reads_them() {
    let guarded = Guarded::new("prod");
    let many = r#"
        variable "v" { default = "one" }
        resource "terraform_data" "many" {
          for_each         = toset(["a.b", "c\"d", "e]f"])
          input            = each.key
          triggers_replace = [var.v]
        }
        resource "terraform_data" "first" {
          triggers_replace = [var.v]
          lifecycle { create_before_destroy = true }
        }
        resource "terraform_data" "changed" { input = var.v }
        resource "terraform_data" "left" { input = 1 }
        output "o" { value = var.v }
    "#;
    let write = |text: &str| guarded.sandbox.write("work/main.tf", text);
    let mut seen = BTreeSet::new();
    let mut compare = |args: &[&str]| {
        let all: Vec<&str> = ["plan", "-out=tf.plan"].iter().chain(args).copied().collect();
        guarded.real(&all);
        let bytes = std::fs::read(guarded.sandbox.path("work/tf.plan")).expect("a plan");
        let plan = tfplan::read(&bytes).expect("it is read");
        let mine: BTreeSet<(String, Kind)> =
            plan.changes.iter().map(|change| (change.address.clone(), change.kind)).collect();
        assert_eq!(mine, told(&guarded, "tf.plan"), "{args:?}");
        assert_eq!(plan.destroys_all, args.contains(&"-destroy"));
        assert_eq!((plan.backend.as_str(), plan.workspace.as_str()), ("local", "prod"));
        assert!(plan.changes.iter().all(|change| change.resource_type() == "terraform_data"));
        seen.extend(mine.iter().map(|(_, kind)| *kind));
    };
    write(many);
    compare(&[]);
    guarded.real(&["apply", "tf.plan"]);
    compare(&["-var", "v=two"]);
    compare(&["-destroy"]);
    compare(&["-replace=terraform_data.left"]);
    compare(&[]);
    let forgets = many.replace(
        "resource \"terraform_data\" \"left\" { input = 1 }",
        "removed {\n from = terraform_data.left\n lifecycle { destroy = false }\n}",
    );
    write(&forgets);
    compare(&[]);
    write("");
    compare(&[]);
    let all = [Kind::Create, Kind::Update, Kind::Delete, Kind::Replace, Kind::Forget];
    assert_eq!(seen, BTreeSet::from(all));
}

#[test]
fn terraform_takes_the_variables_words_as_holdpoint_does() {
    let guarded = Guarded::applied("dev");
    let run = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = guarded.sandbox.command(guarded.sandbox.path("tools/terraform"));
        command.args(args).envs(variables.iter().copied());
        out(&command.output().expect("it starts"))
    };
    let destroys =
        |variables: &[(&str, &str)], args: &[&str]| run(variables, args).contains("to destroy");
    assert!(destroys(
        &[("TF_CLI_ARGS", "-destroy"), ("TF_CLI_ARGS_plan", "-destroy=false")],
        &["plan"]
    ));
    assert!(!destroys(
        &[("TF_CLI_ARGS", "-destroy=false"), ("TF_CLI_ARGS_plan", "-destroy")],
        &["plan"]
    ));
    assert!(!destroys(&[("TF_CLI_ARGS", "-destroy")], &["plan", "-destroy=false"]));
    assert!(destroys(&[("TF_CLI_ARGS", "plan -destroy")], &[]));
    let listed = run(&[("TF_CLI_ARGS_state", "list")], &["state"]);
    assert!(listed.contains("terraform_data.keep"), "{listed}");
    assert!(run(&[], &["destroy", "-auto-approve", "-help"]).contains("Usage:"));
    assert_eq!(guarded.resources(), "terraform_data.keep terraform_data.main");
    // TF_WORKSPACE over the selected one, TF_DATA_DIR over .terraform.
    assert_eq!(run(&[("TF_WORKSPACE", "default")], &["workspace", "show"]).trim(), "default");
    assert_eq!(run(&[("TF_DATA_DIR", "elsewhere")], &["workspace", "show"]).trim(), "default");
    assert_eq!(run(&[], &["workspace", "show"]).trim(), "dev");
}
