//! Reads bq: the SQL of a query by our reader of SQL, everything else by its
//! rule file; and where it lands, with the flags of `.bigqueryrc`. Never asks
//! BigQuery.

use super::{Call, INTERACTIVE, Reading, table};
use crate::action::{Action, Effect, Flag};
use crate::invocation::{Context, Input};
use crate::parse::argv::{self, Parsed};
use crate::parse::googlesql;
use crate::target::gcloud::{self as target, Asked, Named};
use crate::target::{Evidence, Kind, Target};

/// The longest text that is read from standard input, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// The longest `.bigqueryrc` that is read, in bytes.
const MAX_RC: usize = 256 * 1024;

/// What `bq COMMAND …` would do.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let Some(command) = parsed.command else {
        let first = parsed.positionals.first();
        return match first.is_some_and(|word| word.dynamic) {
            true => Reading::of(opaque(call, &parsed, "the command is computed at run time")),
            false => Reading::default(),
        };
    };
    let Some(mut action) = table::action(call, &parsed, command) else { return Reading::default() };
    match action.operation.as_ref() {
        "shell" => {
            return Reading::of(match call.context.stdin(1) {
                Input::Terminal => {
                    let why = "it will be typed";
                    let target = place(call, &parsed, false);
                    Action { target, ..Action::opaque(INTERACTIVE, why) }
                }
                _ => opaque(call, &parsed, "its commands come by standard input"),
            });
        }
        "query" if !parsed.has("--dry_run") => match query(call, &parsed, &mut action) {
            Ok(()) => {}
            Err(why) => return Reading::of(opaque(call, &parsed, &why)),
        },
        _ => {}
    }
    if parsed.positionals.iter().any(|word| word.dynamic) && action.effect == Effect::Destroy {
        action.flags = action.flags.with(Flag::Opaque);
    }
    if action.is_harmless() && !call.full {
        return Reading::default();
    }
    let is_query = action.operation == "query";
    action.target = place(call, &parsed, !is_query);
    Reading::of(action)
}

/// What the SQL of `bq query` does; on standard input where none is given.
fn query(call: &Call<'_>, parsed: &Parsed<'_>, action: &mut Action) -> Result<(), String> {
    if parsed.positionals.iter().any(|word| word.dynamic) {
        return Err("its SQL is computed at run time".to_owned());
    }
    let words: Vec<String> =
        parsed.positionals.iter().map(|word| word.text.to_string_lossy().into_owned()).collect();
    let text = match words.is_empty() {
        false => words.join(" "),
        true => match call.context.stdin(MAX_TEXT) {
            Input::Text(text) => String::from_utf8_lossy(&text).into_owned(),
            Input::Terminal => return Err("its SQL will be typed".to_owned()),
            Input::Opaque(why) => return Err(why),
        },
    };
    let (effect, flags) = googlesql::read(&text);
    if effect > action.effect {
        action.effect = effect;
        action.summary = format!("Runs SQL that {}.", does(effect));
    }
    action.flags = action.flags.union(flags);
    if flags.has(Flag::Opaque) && effect < Effect::Destroy {
        action.summary = "Runs SQL of which not everything could be read.".to_owned();
    }
    Ok(())
}

fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Destroy => "deletes or overwrites data",
        Effect::Disrupt => "takes something out of service",
        Effect::Write => "writes",
        Effect::Read => "reads",
    }
}

fn opaque(call: &Call<'_>, parsed: &Parsed<'_>, why: &str) -> Action {
    let operation = parsed.command.map_or("bq".to_owned(), |command| command.operation());
    Action { target: place(call, parsed, false), ..Action::opaque(operation, why) }
}

/// Where it lands: the project in the object's own name (`acme:shop.orders`),
/// else `--project_id`, else gcloud's.
fn place(call: &Call<'_>, parsed: &Parsed<'_>, objects: bool) -> Target {
    let context = call.context;
    let mut named = Vec::new();
    let mut add = |kind, source: &'static str, text: &str| {
        if !text.is_empty() {
            named.push(Named { kind, source: source.into(), text: text.to_owned(), sure: true });
        }
    };
    let mut own = false;
    // The destination of a copy is its last word, an object of rm its first.
    let word = match parsed.command.map(|command| command.operation()).as_deref() {
        Some("cp") => parsed.positionals.get(1),
        _ => parsed.positionals.first(),
    };
    if let Some(word) = word.filter(|word| objects && !word.dynamic) {
        let text = word.text.to_string_lossy();
        let (project, rest) = match text.rsplit_once(':') {
            Some((project, rest)) => (project, rest),
            // project.dataset.table
            None => match text.split('.').count() {
                3 => text.split_once('.').unwrap_or(("", &text)),
                _ => ("", &*text),
            },
        };
        own = !project.is_empty();
        add(Kind::Project, "argument", project);
        add(Kind::Database, "argument", rest);
    }
    let rc = Rc::read(context, parsed);
    if let Some(value) = parsed.value("--dataset_id") {
        add(Kind::Database, "--dataset_id", &value.text.to_string_lossy());
    }
    let mut asked = Asked { bounded: true, service: "bigquery", ..Asked::default() };
    asked.project = parsed.value("--project_id");
    let rc_project = rc.as_ref().ok().and_then(|rc| rc.get("project_id"));
    if asked.project.is_none()
        && !own
        && let Some(project) = &rc_project
    {
        add(Kind::Project, ".bigqueryrc", project);
    }
    asked.named = &named;
    let mut target = target::resolve(context, &asked);
    if let Some(value) = asked.project.filter(|value| !value.dynamic && own) {
        let text = value.text.to_string_lossy();
        target.evidence.push(Evidence::hint(Kind::Project, "--project_id", text));
    }
    if parsed.has("--flagfile") {
        target.gap.get_or_insert_with(|| "its flags file is not read".to_owned());
    }
    if let Err(why) = rc {
        target.gap.get_or_insert(why);
    }
    target
}

/// The flags of a `.bigqueryrc` that count for every command.
struct Rc(Vec<(String, String)>);

impl Rc {
    fn read(context: Context<'_>, parsed: &Parsed<'_>) -> Result<Rc, String> {
        let option = parsed.value("--bigqueryrc");
        if option.is_some_and(|value| value.dynamic) {
            return Err("the name of its .bigqueryrc is computed at run time".to_owned());
        }
        let named = option.map(|value| value.text.to_string_lossy().into_owned());
        let path = match named.or_else(|| context.text_var("BIGQUERYRC")) {
            Some(path) => std::path::PathBuf::from(path),
            None => match context.home() {
                Some(home) => home.join(".bigqueryrc"),
                None => return Ok(Rc(Vec::new())),
            },
        };
        let Ok(bytes) = context.read(path, MAX_RC) else { return Ok(Rc(Vec::new())) };
        let mut flags = Vec::new();
        // bq looks at the lines of every section where it wants no command's own.
        for line in String::from_utf8_lossy(&bytes).lines().map(str::trim) {
            if line.starts_with('#') || line.starts_with('[') {
                continue;
            }
            let (name, value) = line.split_once('=').unwrap_or((line, "true"));
            let name = name.trim().trim_start_matches('-').to_owned();
            flags.push((name, value.trim().to_owned()));
        }
        Ok(Rc(flags))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().rev().find(|(flag, _)| flag == name).map(|(_, value)| value.clone())
    }
}
