//! The beginning of a rule file, with the questions that its author has to
//! answer. What it prints is itself a rule file whose examples hold.

/// The text for a program of this name.
///
/// # Errors
/// The name is none that a program in a rule file can have.
pub fn of(program: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
    if program.is_empty() || program.starts_with(['-', '.']) || !program.chars().all(fits) {
        return Err(format!(
            "`{}` is no program's name; give the bare name, as it stands on PATH",
            crate::text::visible(program, 80)
        ));
    }
    Ok(TEMPLATE.replace("TOOL", program))
}

const TEMPLATE: &str = r##"# A rule file for TOOL. Put it at ~/.config/holdpoint/rules/TOOL.toml, or at
# rules/TOOL.toml of holdpoint's own sources. Then:
#
#     holdpoint rules test FILE      do its examples hold?
#     holdpoint shims install        a shim for it
#
# docs/rules.md says what each key means. Answer the questions, and delete
# them.

tool = "TOOL"
about = "What TOOL is, in one line"
# Which version was it checked against, and how: by its --help, by running it?
checked = "Not checked"
shim = true

# How does it split its words? Try: does `-ab` mean `-a -b`? Is `--lo` taken
# for `--long`? Is `-long` an option? May options stand behind the words?
#   clap or pflag  Rust's clap, Go's pflag: whole names, options anywhere
#   getopt_long    GNU: names may be cut short
#   argparse       Python's
#   go             Go's flag, Terraform: -long, options in front
style = "clap"

# What is it that it points at, and who says so? In the order in which TOOL
# itself looks: an option, a variable, a settings file.
platform = "TOOL"
target = [
    { kind = "project", from = "-p/--project" },
    { kind = "project", from = "$TOOL_PROJECT" },
    # { kind = "project", file = "TOOL.toml", key = "project", above = true },
]

# Every option that takes a value must be listed: else the value is taken for
# a word. Those without one need it only where they bundle.
[options]
value = ["-p/--project"]
flag = ["-y/--yes", "--json"]

# One block for each command that changes something, and for each that is
# easily mistaken for one. What does it take away? Can the same person undo it
# with one more command (then it is no destroy)? How far does it reach: one
# environment, the project, the account? What should be done instead?
[[command]]
path = "app delete|rm"
effect = "destroy"
# irreversible: a whole container of data. backups: a way of recovering.
flags = ["irreversible"]
scope = "project"
object = { kind = "app", from = ["#1"] }
says = "Deletes {object} and everything stored in it."
instead = "Stop it instead: TOOL app stop."
# Lines that must be stopped for an agent, in every spelling that you know …
destroys = ["TOOL app delete shop --yes", "TOOL -p prod app rm shop"]
# … and lines that must pass.
harmless = ["TOOL app list --json", "TOOL -p dev-sandbox app delete shop"]

# Is there a dry run?
[[command.when]]
option = "--dry-run"
effect = "read"
[command.options]
flag = ["--dry-run"]

# The same lines on production, on staging …: {name} becomes the name of each
# place in turn, {host} its host.
[contrast]
read = ["TOOL -p {name} app list"]
irreversible = ["TOOL -p {name} app delete shop", "TOOL app rm shop --project={name} -y"]
"##;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{contrast, examples, overlay};
    use crate::world::fake::FakeWorld;

    #[test]
    fn what_it_prints_is_a_rule_file_whose_examples_hold() {
        let text = of("acmectl").unwrap();
        let tool = overlay::compile(&text).unwrap();
        let world =
            FakeWorld::new().with_file("/home/ana/.config/holdpoint/rules/acmectl.toml", &text);
        let held: Vec<_> = examples::of(tool).map(|one| examples::run_in(one, &world)).collect();
        assert_eq!(held, vec![Ok(()); 4]);
        let trials = contrast::trials(tool.contrast);
        let held: Vec<_> =
            trials.map(|trial| trial.run(&contrast::with_places(world.clone()))).collect();
        assert_eq!(held, vec![Ok(()); 12]);
    }

    #[test]
    fn a_name_that_is_no_program_is_refused() {
        for name in ["", "a/b", "..", "-x", "a b", "a\"\nshim"] {
            assert!(of(name).is_err(), "{name:?}");
        }
    }
}
