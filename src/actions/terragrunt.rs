//! Reads terragrunt: its rule file says what its commands do; this says where,
//! as far as terragrunt.hcl and the files that it includes do.

use std::path::PathBuf;

use super::{Call, Reading, table};
use crate::action::Effect;
use crate::parse::argv::{self, Parsed};
use crate::target::terraform::{self, Given, Wanted, terragrunt};

/// Reads a call.
pub fn read(call: &Call<'_>) -> Reading {
    let mut reading = table::read(call);
    let matters = |action: &crate::action::Action| {
        call.full || action.effect >= Effect::Disrupt || !action.flags.is_empty()
    };
    if !reading.actions.iter().any(matters) {
        return reading;
    }
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let folder = folder(call, &parsed);
    let several = ["--all", "-a", "--graph"].iter().any(|option| parsed.has(option));
    let verb = parsed.path.first().map(|word| word.text.to_string_lossy().into_owned());
    let several = several
        || verb.is_some_and(|verb| {
            verb.ends_with("-all") || ["graph", "spin-up", "tear-down"].contains(&&*verb)
        });
    let mut wanted = Wanted::default();
    for given in &parsed.options {
        let Some(value) = given.value else { continue };
        let text = value.text.to_string_lossy().into_owned();
        match given.option.names.last().copied().unwrap_or_default() {
            "-var-file" | "-var" if value.dynamic => wanted.variables.push(Given::Computed),
            "-var-file" => wanted.variables.push(Given::File(text)),
            "-var" => wanted.variables.push(Given::Variable(text)),
            _ => {}
        }
    }
    for action in &mut reading.actions {
        terragrunt::extend(&call.context, &folder, several, &mut action.target);
        terraform::hints(&call.context, &wanted, &mut action.target);
    }
    reading
}

/// The unit's folder.
fn folder(call: &Call<'_>, parsed: &Parsed<'_>) -> PathBuf {
    let own = call.context.cwd().unwrap_or_default();
    let given = ["--working-dir", "--terragrunt-working-dir"]
        .iter()
        .find_map(|name| parsed.value(name).map(|value| PathBuf::from(value.text)));
    let by_variable = || {
        let names = ["TG_WORKING_DIR", "TERRAGRUNT_WORKING_DIR"];
        names.iter().find_map(|name| call.context.text_var(name)).map(PathBuf::from)
    };
    let config = || {
        let names = ["--config", "--terragrunt-config"];
        let file = names.iter().find_map(|name| parsed.value(name))?;
        Some(PathBuf::from(file.text).parent()?.to_owned())
    };
    given
        .or_else(by_variable)
        .or_else(config)
        .map_or_else(|| own.clone(), |folder| own.join(folder))
}

#[cfg(test)]
mod tests {
    use crate::actor::ActorKind;
    use crate::invocation::Invocation;
    use crate::judgement::{Judgement, Verdict};
    use crate::pipeline::{self, Options, Subject};
    use crate::world::fake::FakeWorld;

    const ROOT: &str = "locals {\n  vars = read_terragrunt_config(find_in_parent_folders(\"env.hcl\"))\n}\n\
        remote_state {\n  backend = \"s3\"\n  config = {\n    bucket = \"acme-state\"\n    \
        key = \"${path_relative_to_include()}/terraform.tfstate\"\n    region = \"eu-west-1\"\n  }\n}\n";
    const UNIT: &str = "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n\
        terraform {\n  source = \"../modules/vpc\"\n}\n";

    fn judge(line: &str, world: &FakeWorld) -> Judgement {
        let options = Options { actor: Some(ActorKind::Agent), full: false };
        pipeline::judge(Subject::Line(line, &Invocation::default()), world, options).judgement
    }

    #[track_caller]
    fn verdict(line: &str, world: &FakeWorld, expected: Verdict) {
        let judgement = judge(line, world);
        assert_eq!(judgement.verdict, expected, "{line}: {judgement:#?}");
    }

    /// Folders as most people lay them out.
    fn folders() -> FakeWorld {
        FakeWorld::new()
            .with_file("/app/infra/root.hcl", ROOT)
            .with_file("/app/infra/prod/vpc/terragrunt.hcl", UNIT)
            .with_file("/app/infra/prod/env.hcl", "locals {\n  environment = \"prod\"\n}\n")
            .with_file("/app/infra/dev/vpc/terragrunt.hcl", UNIT)
            .with_file("/app/infra/dev/db/terragrunt.hcl", UNIT)
            .with_file("/app/infra/dev/env.hcl", "locals {\n  environment = \"dev\"\n}\n")
            .with_file("/app/infra/a/vpc/terragrunt.hcl", UNIT)
            .with_file("/app/infra/a/env.hcl", "locals {\n  environment = \"prod\"\n}\n")
    }

    #[test]
    fn the_key_of_the_state_is_the_folder_below_the_root() {
        use Verdict::{Allow, Refuse};
        let world = folders();
        for (line, expected) in [
            ("cd infra/prod/vpc && terragrunt destroy", Refuse),
            ("cd infra/dev/vpc && terragrunt destroy -auto-approve", Allow),
            ("cd infra/dev && terragrunt run-all destroy --terragrunt-non-interactive", Allow),
            ("cd infra/prod && terragrunt run-all destroy", Refuse),
            ("cd infra && terragrunt run --all destroy", Refuse),
            ("cd infra && terragrunt run-all plan", Allow),
            ("terragrunt --working-dir infra/dev/vpc apply -auto-approve", Allow),
            ("terragrunt --working-dir infra/dev/vpc apply -var-file=prod.tfvars", Refuse),
            ("cd infra/a/vpc && terragrunt destroy", Refuse),
            ("cd infra/dev/vpc && terragrunt plan -destroy", Allow),
        ] {
            verdict(line, &world, expected);
        }
        let class = |line: &str| judge(line, &world).actions[0].class.word();
        assert_eq!(class("cd infra/prod && terragrunt run-all destroy"), "production");
        assert_eq!(class("cd infra/a/vpc && terragrunt destroy"), "production");
        assert_eq!(class("cd elsewhere && terragrunt destroy"), "unknown");
    }

    #[test]
    fn the_backend_and_the_inputs_are_read() {
        use Verdict::{Allow, Refuse};
        let unit = |text: &str| FakeWorld::new().with_file("terragrunt.hcl", text);
        let state = |bucket: &str, rest: &str| {
            unit(&format!(
                "locals {{\n  env = \"dev\"\n}}\nremote_state {{\n  backend = \"s3\"\n  config = {{\n    \
                 bucket = \"{bucket}\"\n    key = \"x/terraform.tfstate\"\n  }}\n}}\n{rest}"
            ))
        };
        for (world, expected) in [
            (state("acme-dev-state", ""), Allow),
            (state("acme-${local.env}-state", ""), Allow),
            (state("acme-prod-state", ""), Refuse),
            (state("acme-state", ""), Refuse),
            (state("acme-dev-state", "inputs = {\n  environment = \"prod\"\n}\n"), Refuse),
            (state("acme-dev-state", "inputs = {\n  size = \"prod\"\n}\n"), Allow),
            (unit("inputs = {\n  environment = \"dev\"\n}\n"), Refuse),
            (unit("remote_state {{"), Refuse),
        ] {
            verdict("terragrunt destroy", &world, expected);
        }
        let prod = state("acme-prod-state", "");
        verdict("TF_WORKSPACE=dev terragrunt destroy", &prod, Refuse);
    }
}
