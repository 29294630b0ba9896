//! `holdpoint log`: the audit trail, listed, told and checked. Reads it only;
//! everything that it shows is made visible first, as a record holds text that
//! agents wrote.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{complain, print};
use crate::audit::line::escape;
use crate::audit::read::{self, Line};
use crate::audit::verify::{self, Report};
use crate::audit::{self, AuditError};
use crate::text::visible;
use crate::world::World;

/// The most characters of a value that are shown.
const SHOWN: usize = 400;

/// The exit status of a trail that is damaged, or has no such record.
const DAMAGED: i32 = 1;

/// The exit status of a trail that cannot be read.
const UNREADABLE: i32 = 2;

/// Arguments of `holdpoint log`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print the records as they are, one JSON object a line.
    #[arg(long)]
    json: bool,
    /// How many of the newest records to list.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    number: usize,
    /// Only records since then: `2h`, `7days`, `2026-11-22`,
    /// `2026-11-22T08:00:00Z`.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Since>,
}

/// What to do with the trail.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Tell the story of one command: what was seen, decided and done.
    Show {
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Check that nothing was changed, removed or moved. Exit status: 0 all is
    /// well, 1 it is not, 2 the trail cannot be read.
    Verify,
}

/// From when on records are listed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Since {
    Ago(Duration),
    At(SystemTime),
}

fn since(text: &str) -> Result<Since, String> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(Since::Ago(ago));
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    humantime::parse_rfc3339_weak(&whole).map(Since::At).map_err(|error| error.to_string())
}

/// Lists, tells or checks, and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    let answer = audit::folder(world).and_then(|folder| match &args.action {
        None => list(args, &folder, world.now()),
        Some(Action::Show { id }) => show(id, &folder),
        Some(Action::Verify) => verify::verify(&folder).map(|report| told(&report)),
    });
    match answer {
        Ok((text, status)) => print(&text).max(status),
        Err(error) => {
            complain(&visible(&error.to_string(), SHOWN));
            UNREADABLE
        }
    }
}

/// The newest records, one a line.
fn list(args: &Args, folder: &Path, now: SystemTime) -> Result<(String, i32), AuditError> {
    let from = args.since.map(|since| match since {
        Since::Ago(ago) => now.checked_sub(ago).unwrap_or(SystemTime::UNIX_EPOCH),
        Since::At(time) => time,
    });
    let mut newest: VecDeque<String> = VecDeque::new();
    for line in read::lines(folder)? {
        let line = line?;
        let Some(record) = record(&line) else { continue };
        let time = humantime::parse_rfc3339(text(&record, "/ts"));
        if from.is_some_and(|from| time.is_ok_and(|time| time < from)) {
            continue;
        }
        newest.push_back(match args.json {
            true => escape(&String::from_utf8_lossy(&line.bytes)),
            false => row(&record),
        });
        if newest.len() > args.number {
            newest.pop_front();
        }
    }
    Ok((newest.into_iter().map(|line| line + "\n").collect(), 0))
}

/// A line's record, if it is one.
fn record(line: &Line) -> Option<Value> {
    serde_json::from_slice(&line.bytes).ok().filter(Value::is_object)
}

/// A text of a record; empty if there is none.
fn text<'a>(record: &'a Value, pointer: &str) -> &'a str {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The same, safe to show.
fn shown(record: &Value, pointer: &str) -> String {
    visible(text(record, pointer), SHOWN)
}

/// The texts of a list, safe to show.
fn all<'a>(record: &'a Value, pointer: &str) -> impl Iterator<Item = String> + use<'a> {
    let list = record.pointer(pointer).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(|text| visible(text, SHOWN))
}

/// A record in one line: when, what came of it, who, what, where, and its id.
fn row(record: &Value) -> String {
    let time = shown(record, "/ts");
    let time = time.split('.').next().unwrap_or_default().replace('T', " ");
    let outcome = match text(record, "/outcome") {
        "" => shown(record, "/kind"),
        outcome => visible(outcome, 20),
    };
    let mut row = format!("{time:<19}  {outcome:<9}  {:<16}", shown(record, "/id"));
    if record.pointer("/decided").is_some() {
        let actor = shown(record, "/decided/actor/kind");
        let actor = if actor.is_empty() { "anybody".to_owned() } else { actor };
        let action = "/decided/actions/0";
        let class = shown(record, &format!("{action}/target/class"));
        let operation = shown(record, &format!("{action}/operation"));
        let tool = shown(record, "/decided/tool");
        let _ = write!(row, "  {actor:<7}  {class:<11}  {tool}: {operation}");
        let name = shown(record, &format!("{action}/target/name"));
        if !name.is_empty() {
            let _ = write!(row, " on {name}");
        }
        if text(record, "/saw/gate") == "hook" {
            row.push_str(" (hook)");
        }
    }
    row.trim_end().to_owned()
}

/// The story of the command whose id begins with `id`.
fn show(id: &str, folder: &Path) -> Result<(String, i32), AuditError> {
    let mut found: Vec<Value> = Vec::new();
    for line in read::lines(folder)? {
        let Some(record) = record(&line?) else { continue };
        if !id.is_empty() && text(&record, "/id").starts_with(id) {
            found.push(record);
        }
    }
    let mut ids: Vec<&str> = found.iter().map(|record| text(record, "/id")).collect();
    ids.sort_unstable();
    ids.dedup();
    match ids.as_slice() {
        [] => {
            complain(&format!("no record has an id that begins with `{}`", visible(id, 40)));
            Ok((String::new(), DAMAGED))
        }
        [_] => Ok((found.iter().map(story).collect(), 0)),
        several => {
            complain("several commands have an id that begins so:");
            let ids: Vec<String> = several.iter().map(|id| visible(id, 40) + "\n").collect();
            Ok((ids.concat(), DAMAGED))
        }
    }
}

/// One record of a command, in words.
fn story(record: &Value) -> String {
    let mut out = format!("{}  {}", shown(record, "/ts"), shown(record, "/outcome"));
    let why = shown(record, "/why");
    if !why.is_empty() {
        let _ = write!(out, ": {why}");
    }
    out.push('\n');
    if record.pointer("/saw").is_some() {
        saw(record, &mut out);
    }
    if record.pointer("/decided").is_some() {
        decided(record, &mut out);
    }
    out
}

fn saw(record: &Value, out: &mut String) {
    let words: Vec<String> = all(record, "/saw/argv").collect();
    let uid = record.pointer("/by/uid").and_then(Value::as_u64).unwrap_or_default();
    let _ = match text(record, "/saw/gate") {
        "hook" => writeln!(out, "saw, as the agent's hook announced it"),
        _ => writeln!(out, "saw"),
    };
    let _ = writeln!(out, "  {}", shell_words::join(&words));
    let left = record.pointer("/saw/words").and_then(Value::as_u64).unwrap_or_default();
    if left > words.len() as u64 {
        let _ = writeln!(out, "  and {} more words", left - words.len() as u64);
    }
    let (cwd, user) = (shown(record, "/saw/cwd"), shown(record, "/by/user"));
    let _ = writeln!(out, "  in {cwd}, as {user} ({uid})");
    let inputs = record.pointer("/saw/inputs").and_then(Value::as_array);
    for input in inputs.into_iter().flatten() {
        let bytes = input.pointer("/bytes").and_then(Value::as_u64).unwrap_or_default();
        let (name, hash) = (shown(input, "/name"), shown(input, "/sha256"));
        let _ = writeln!(out, "  {name}: {bytes} bytes, SHA-256 {hash}");
    }
}

fn decided(record: &Value, out: &mut String) {
    let _ = writeln!(out, "decided");
    let actor = shown(record, "/decided/actor/kind");
    if !actor.is_empty() {
        let name = shown(record, "/decided/actor/name");
        let signals: Vec<String> = all(record, "/decided/actor/signals").collect();
        let _ = writeln!(out, "  asked by {actor} {name} ({})", signals.join(", "));
    }
    let actions = record.pointer("/decided/actions").and_then(Value::as_array);
    for action in actions.into_iter().flatten() {
        let flags: Vec<String> = all(action, "/flags").collect();
        let what = [shown(action, "/effect"), flags.join(" ")].join(" ");
        let _ = writeln!(
            out,
            "  {}: {} ({})\n    {}",
            shown(action, "/verdict"),
            shown(action, "/operation"),
            what.trim_end(),
            shown(action, "/summary")
        );
        let _ = writeln!(
            out,
            "    on {} {} ({})",
            shown(action, "/target/platform"),
            shown(action, "/target/name"),
            shown(action, "/target/class")
        );
        for why in all(action, "/target/why") {
            let _ = writeln!(out, "      {why}");
        }
        let (rule, by) = (shown(action, "/rule"), shown(action, "/by"));
        let _ = writeln!(out, "    read by {rule}, decided by {by}");
    }
    for reason in all(record, "/decided/reasons") {
        let _ = writeln!(out, "  {reason}");
    }
    let request = shown(record, "/decided/request");
    if !request.is_empty() {
        let _ = writeln!(out, "  request {request}");
    }
    let _ = writeln!(out, "  policy {}", shown(record, "/decided/policy"));
}

/// What a check found, in words.
fn told(report: &Report) -> (String, i32) {
    let mut out = String::new();
    for problem in &report.problems {
        let path = visible(&problem.path.display().to_string(), SHOWN);
        let _ = writeln!(out, "{path}:{}: {}", problem.line, problem.message);
    }
    if report.more > 0 {
        let _ = writeln!(out, "and {} more", report.more);
    }
    let count = format!("records: {}, files: {}", report.records, report.files);
    if report.repaired > 0 {
        let _ = writeln!(out, "torn ends: {}, each stated by the next record", report.repaired);
    }
    if report.problems.is_empty() {
        let _ = writeln!(out, "{count}: nothing was changed, removed or moved");
        (out, 0)
    } else {
        let _ = writeln!(out, "{count}: the trail is damaged");
        (out, DAMAGED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_durations_dates_or_instants() {
        assert_eq!(since("2h"), Ok(Since::Ago(Duration::from_secs(7200))));
        let day = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600);
        assert_eq!(since("2026-11-22"), Ok(Since::At(day)));
        assert_eq!(since("2026-11-22T00:00:00Z"), Ok(Since::At(day)));
        assert!(since("yesterday").is_err());
    }

    #[test]
    fn a_row_shows_no_escape_codes() {
        let record = json!({
            "ts": "2026-11-22T01:02:03.456789Z", "outcome": "refused", "id": "01abc",
            "decided": { "tool": "psql\u{1b}[2J", "actor": { "kind": "agent" }, "actions": [
                { "operation": "DROP TABLE", "target": { "class": "production", "name": "db\u{202e}" } }
            ] }
        });
        assert_eq!(
            row(&record),
            "2026-11-22 01:02:03  refused    01abc             agent    production   \
             psql\\u{1b}[2J: DROP TABLE on db\\u{202e}"
        );
        let story = story(&record);
        assert!(!story.contains(['\u{1b}', '\u{202e}']), "{story}");
    }

    #[test]
    fn a_record_of_anything_is_survived() {
        for odd in [json!({}), json!({"ts": 7, "decided": []}), json!({"saw": {"argv": [1, null]}})]
        {
            row(&odd);
            story(&odd);
        }
    }

    #[test]
    fn a_report_is_told_with_its_first_bad_line() {
        let problem =
            verify::Problem { path: "/x/audit.jsonl".into(), line: 7, message: "gone".to_owned() };
        let bad = Report { records: 9, files: 1, problems: vec![problem], ..Report::default() };
        let (text, status) = told(&bad);
        assert_eq!(status, 1);
        assert!(text.starts_with("/x/audit.jsonl:7: gone\n"), "{text}");
        assert_eq!(told(&Report::default()).1, 0);
    }
}
