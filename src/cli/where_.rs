//! `holdpoint where`: where a command points and on what evidence; no verdict.

use std::ffi::OsString;

use super::{USAGE, complain, print};
use crate::invocation::Invocation;
use crate::judgement::Judged;
use crate::pipeline::{self, Options, Subject};
use crate::report;
use crate::text::visible;
use crate::world::World;

/// The most characters of a value that are shown.
const SHOWN: usize = 200;

/// Arguments of `holdpoint where`.
#[derive(Debug, clap::Args)]
#[command(override_usage = "holdpoint where [--json] -- CMD [ARG]...")]
pub struct Args {
    /// Print a JSON array of targets.
    #[arg(long)]
    json: bool,
    /// The command and its arguments.
    #[arg(trailing_var_arg = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Prints the targets and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    if args.command.is_empty() {
        complain("where needs a command behind `--`");
        return USAGE;
    }
    let invocation = Invocation::new(args.command.iter().cloned());
    let options = Options { actor: None, full: true };
    let judgement = pipeline::judge(Subject::Command(&invocation), world, options).judgement;
    if args.json {
        return print(&(report::targets_json(&judgement) + "\n"));
    }
    let mut out = String::new();
    for judged in &judgement.actions {
        describe(judged, &mut out);
    }
    if out.is_empty() {
        out = format!(
            "`{}` has no target that holdpoint knows of.\n",
            visible(&judgement.tool, SHOWN)
        );
    }
    print(&out)
}

fn describe(judged: &Judged, out: &mut String) {
    let target = &judged.action.target;
    let name = target.name.as_deref().unwrap_or("nothing that has a name");
    let mut text = format!(
        "{}: {} ({})\n",
        visible(&judged.action.operation, SHOWN),
        visible(name, SHOWN),
        judged.class
    );
    for evidence in &target.evidence {
        text.push_str(&format!(
            "  {} {} from {} ({})\n",
            evidence.kind.word(),
            visible(&evidence.value, SHOWN),
            visible(&evidence.source, SHOWN),
            evidence.grade.word()
        ));
    }
    if let Some(gap) = &target.gap {
        text.push_str(&format!("  not resolved: {}\n", visible(gap, SHOWN)));
    }
    for reason in &judged.class_reasons {
        text.push_str(&format!("  {}\n", visible(reason, SHOWN)));
    }
    if !out.contains(&text) {
        out.push_str(&text);
    }
}
