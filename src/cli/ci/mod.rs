//! `holdpoint ci --base REF`: the findings of pre-commit over everything that
//! HEAD has and a base has not, for a CI job. Asks nobody: what a commit's
//! message acknowledges counts as acknowledged, and is shown with its reason.

mod sarif;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{USAGE, complain, print};
use crate::actions::Call;
use crate::actions::git::changes::{self, Range};
use crate::findings::acknowledged::{Allowed, allowed};
use crate::findings::{self, Finding};
use crate::invocation::{Context, Invocation};
use crate::rules::table;
use crate::text::visible;
use crate::world::World;

/// The exit status where something is found that nobody acknowledged.
const FOUND: i32 = 4;

/// The most characters of a line.
const LINE: usize = 500;

/// Arguments of `holdpoint ci`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Nothing is run and nobody is asked: only git's objects are read.\n\
        A commit of the range may acknowledge a rule's findings in the files that it changes, by a \
        line of its message:\n    Holdpoint-Allow: RULE-ID reason\n\
        Exit status: 0 nothing, or all of it acknowledged, 4 findings, 2 usage or no such base.")]
pub struct Args {
    /// The branch or commit that HEAD is to be merged into.
    #[arg(long, value_name = "REF")]
    base: String,
    /// Write the findings to this file in SARIF 2.1.0.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// A finding, and who acknowledged it: the commit and the reason.
struct Told {
    finding: Finding,
    allowed: Option<(String, String)>,
}

/// Looks, prints and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    let invocation = Invocation::new(["git-hook"]);
    let context = Context { invocation: &invocation, world };
    let Some(tool) = table::find("git-hook") else { return USAGE };
    let range = match changes::range(&Call { tool, context, full: false }, &args.base) {
        Ok(range) => range,
        Err(why) => {
            complain(&format!("ci: {why}"));
            return USAGE;
        }
    };
    let told = told(&range);
    if let Some(path) = &args.sarif {
        let text = format!("{:#}\n", sarif::log(&told));
        if let Err(error) = std::fs::write(path, text) {
            complain(&format!("ci: {}: {error}", visible(&path.to_string_lossy(), LINE)));
            return USAGE;
        }
    }
    let open = told.iter().filter(|it| it.allowed.is_none()).count();
    let text = match args.json {
        true => format!("{}\n", report(&range, &told)),
        false => describe(&range, &told, open),
    };
    let printed = print(&text);
    if open > 0 { FOUND } else { printed }
}

/// What the range does as a whole, and what single commits of it publish.
fn told(range: &Range) -> Vec<Told> {
    let mut found = findings::of_changes(&range.whole.files);
    for commit in range.commits.iter().rev() {
        for finding in findings::lasting(&commit.files) {
            let known = found.iter().any(|it| {
                (it.rule, &it.path, &it.says) == (finding.rule, &finding.path, &finding.says)
            });
            if !known {
                found.push(finding);
            }
        }
    }
    let acknowledged: Vec<(&changes::Commit, Vec<Allowed>)> = range
        .commits
        .iter()
        .map(|commit| (commit, allowed(&commit.message)))
        .filter(|(_, allowed)| !allowed.is_empty())
        .collect();
    let by = |finding: &Finding| {
        acknowledged.iter().find_map(|(commit, allowed)| {
            let mut files = commit.files.iter();
            files.find(|file| file.path == finding.path || file.old_path == finding.path)?;
            let allowed = allowed.iter().find(|it| it.rule == finding.rule)?;
            Some((commit.id.clone(), allowed.reason.clone()))
        })
    };
    found.into_iter().map(|finding| Told { allowed: by(&finding), finding }).collect()
}

fn describe(range: &Range, told: &[Told], open: usize) -> String {
    let mut lines: Vec<String> = told
        .iter()
        .map(|Told { finding, allowed }| {
            let Finding { rule, path, line, says, instead, .. } = finding;
            match allowed {
                None => format!("{path}:{line}: {says} [{rule}]\n    Instead: {instead}"),
                Some((commit, reason)) => {
                    let commit = commit.get(..12).unwrap_or(commit);
                    format!(
                        "{path}:{line}: {says} [{rule}]\n    Acknowledged in {commit}: {reason}"
                    )
                }
            }
        })
        .flat_map(|text| text.lines().map(|line| visible(line, LINE)).collect::<Vec<_>>())
        .collect();
    let rest = range.whole.left_out;
    if rest > 0 {
        lines.push(format!("{rest} files were not looked at."));
    }
    if range.more {
        lines.push("The oldest commits of the range were not looked at one by one.".to_owned());
    }
    lines.push(match (told.len(), open) {
        (0, _) => "Nothing found.".to_owned(),
        (all, 0) => format!("{all} found, all acknowledged."),
        (all, open) => format!("{all} found, {open} not acknowledged."),
    });
    lines.join("\n") + "\n"
}

fn report(range: &Range, told: &[Told]) -> Value {
    let findings: Vec<Value> = told
        .iter()
        .map(|Told { finding, allowed }| {
            let Finding { rule, path, line, removed, says, instead } = finding;
            let by = allowed
                .as_ref()
                .map(|(commit, reason)| json!({"commit": commit, "reason": reason}));
            json!({
                "rule": rule, "path": path, "line": line, "removed": removed, "says": says,
                "instead": instead, "acknowledged": by,
            })
        })
        .collect();
    json!({"version": 1, "base": range.base, "head": range.head, "findings": findings})
}
