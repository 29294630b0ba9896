//! Platforms' own clients that also send any request to the platform's API:
//! `gh api`, `glab api`, `vercel api`, `neonctl api`. What their commands do is
//! the rule files'; such a request is put together here and read as one that
//! curl sends ([`super::http_api`]). The aliases that gh and glab keep in
//! their settings are followed. Never sends anything.

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::{Map, Value as Json};

use super::{Call, Reading, TEXT_LIMIT, hosted, http_api, table};
use crate::action::Action;
use crate::invocation::{Context, Input, Invocation};
use crate::parse::argv::{self, Given, Parsed, Value};
use crate::parse::http::{Body, Request};
use crate::parse::settings;
use crate::rules::Source;
use crate::target::{Evidence, Kind, Target, firebase};

/// The longest settings file that is read for aliases, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// The most fields of a request that are looked at.
const MAX_FIELDS: usize = 1000;

/// Reads a call of such a client.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") {
        return Reading::default();
    }
    let first = parsed.path.first();
    // One whose rule file says what it does (`netlify api NAME`) is no request.
    let says = parsed.command.is_some_and(|command| command.effect.is_some());
    if first.is_some_and(|word| word.text == "api") && parsed.path.len() == 1 && !says {
        return request(call, &parsed);
    }
    if let Some(line) = first.is_none().then(|| alias(call, &parsed)).flatten() {
        return line;
    }
    if let Some(handed) = hosted::read(call, &parsed) {
        return handed;
    }
    let mut reading = table::read(call);
    for action in &mut reading.actions {
        if call.tool.name == "firebase" {
            let value = parsed.value("--project");
            let option =
                value.map(|value| (value.text.to_string_lossy().into_owned(), value.dynamic));
            let emulator = match &*action.operation {
                "firestore:delete" => Some("FIRESTORE_EMULATOR_HOST"),
                "database:remove" | "database:set" => Some("FIREBASE_DATABASE_EMULATOR_HOST"),
                _ => None,
            };
            action.target = firebase::resolve(&call.context, option, emulator);
        }
        name(&parsed, &mut action.target);
    }
    reading
}

/// What a command's words name (`gh repo delete OWNER/NAME`, `fly apps destroy
/// NAME`) counts as a name, over what the settings say of the same kind.
fn name(parsed: &Parsed<'_>, target: &mut Target) {
    let Some(object) = parsed.command.and_then(|command| command.object.as_ref()) else { return };
    let kind = match object.kind {
        "repository" | "project" => Kind::Project,
        "app" | "site" => Kind::App,
        "database" => Kind::Database,
        "branch" | "bucket" | "cluster" | "group" | "instance" | "namespace" | "organization"
        | "queue" | "volume" | "worker" => Kind::Resource,
        _ => return,
    };
    let words = match object.from.first() {
        Some(Source::Positionals) => parsed.positionals.as_slice(),
        Some(Source::Positional(number)) => {
            let at = usize::from(*number).saturating_sub(1);
            parsed.positionals.get(at..at.saturating_add(1)).unwrap_or_default()
        }
        _ => return,
    };
    let Some(first) = words.first() else { return };
    if words.iter().any(|word| word.dynamic) {
        target.gap.get_or_insert_with(|| "an argument is computed at run time".to_owned());
        return;
    }
    target.evidence.retain(|evidence| evidence.kind != kind);
    let names = words
        .iter()
        .map(|word| Evidence::name(kind, "argument", word.text.to_string_lossy().into_owned()));
    target.evidence.splice(0..0, names);
    target.name = Some(first.text.to_string_lossy().into_owned());
}

/// Where a client's requests go: the URL of a path.
fn url(call: &Call<'_>, parsed: &Parsed<'_>, path: &str) -> String {
    if path.starts_with("https://") || path.starts_with("http://") {
        return path.to_owned();
    }
    let path = path.trim_start_matches('/');
    let option = parsed.value("--hostname").map(|value| value.text.to_string_lossy().into_owned());
    let host = |variable: &str, own: &str| {
        option.clone().or_else(|| call.context.text_var(variable)).unwrap_or_else(|| own.to_owned())
    };
    match call.tool.name {
        "gh" => match host("GH_HOST", "github.com").as_str() {
            "github.com" => format!("https://api.github.com/{path}"),
            host if path == "graphql" => format!("https://{host}/api/graphql"),
            host => format!("https://{host}/api/v3/{path}"),
        },
        "glab" => {
            let host = host("GITLAB_HOST", "gitlab.com");
            let host = host.trim_start_matches("https://").trim_end_matches('/');
            match path {
                "graphql" => format!("https://{host}/api/graphql"),
                _ => format!("https://{host}/api/v4/{path}"),
            }
        }
        "vercel" => format!("https://api.vercel.com/{path}"),
        "pscale" => format!("https://api.planetscale.com/v1/{path}"),
        _ => format!("https://console.neon.tech/api/v2/{path}"),
    }
}

/// `api`: a request of the caller's own.
fn request(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let Some(endpoint) = parsed.positionals.first() else { return Reading::default() };
    let path = endpoint.text.to_string_lossy();
    let fields = ["--field", "--raw-field"].into_iter().flat_map(|name| parsed.all(name));
    let fields: Vec<&Given<'_>> = fields.take(MAX_FIELDS).collect();
    let input = parsed.value("--input").or_else(|| parsed.value("--data"));
    let method = match parsed.value("--method") {
        Some(value) if value.dynamic => return computed(call, parsed),
        Some(value) => value.text.to_string_lossy().to_uppercase(),
        None if !fields.is_empty() || input.is_some() => "POST".to_owned(),
        None => "GET".to_owned(),
    };
    let headers = parsed.all("--header").filter_map(|given| given.value).filter_map(|value| {
        let text = value.text.to_string_lossy();
        let (name, value) = text.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    let mut request = Request {
        method,
        url: url(call, parsed, &path),
        headers: headers.collect(),
        authenticated: true,
        ..Request::default()
    };
    if endpoint.dynamic {
        request.gap = Some("part of the URL is computed at run time".to_owned());
    }
    request.body = match input {
        Some(value) if value.dynamic => Body::Opaque("its body is computed at run time".to_owned()),
        Some(value) => {
            let named = value.text.to_string_lossy();
            match (parsed.has("--input"), named.strip_prefix('@')) {
                (false, None) if named != "-" => Body::Known(named.as_bytes().into()),
                (false, Some(file)) => text(&call.context, file),
                _ => text(&call.context, &named),
            }
        }
        None if fields.is_empty() || request.method == "GET" => Body::None,
        None => form(call, &fields, path.ends_with("graphql")),
    };
    let mut reading = http_api::read(&request, call.context);
    if reading.actions.is_empty() && call.full {
        reading.actions.push(http_api::look(&request));
    }
    reading
}

fn computed(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let action = Action::opaque("api", "the method is computed at run time");
    Reading::of(Action { target: table::target(call, parsed), ..action })
}

/// What a file, or `-` for standard input, holds.
fn text(context: &Context<'_>, name: &str) -> Body {
    if name != "-" {
        return match context.read(PathBuf::from(name), TEXT_LIMIT) {
            Ok(bytes) => Body::Known(bytes.into()),
            Err(why) => Body::Opaque(format!("{}: {why}", crate::text::visible(name, 60))),
        };
    }
    match context.stdin(TEXT_LIMIT) {
        Input::Text(bytes) => Body::Known(bytes),
        Input::Terminal => Body::Opaque("it is typed at a terminal".to_owned()),
        Input::Opaque(why) => Body::Opaque(why),
    }
}

/// The JSON that a client makes of its fields: GraphQL's `query` and
/// `operationName` stand by themselves and the rest is its variables.
fn form(call: &Call<'_>, fields: &[&Given<'_>], graphql: bool) -> Body {
    let mut outer = Map::new();
    let mut variables = Map::new();
    for given in fields {
        let Some(value) = given.value else { continue };
        let (name, value) = match field(call, given, value) {
            Ok(Some(field)) => field,
            Ok(None) => continue,
            Err(why) => return Body::Opaque(why),
        };
        let stands = !graphql || name == "query" || name == "operationName";
        let table = if stands { &mut outer } else { &mut variables };
        table.insert(name, Json::String(value));
    }
    if !variables.is_empty() {
        outer.insert("variables".to_owned(), Json::Object(variables));
    }
    Body::Known(Json::Object(outer).to_string().into_bytes().into())
}

/// A field's name and value; `@FILE` and `@-` are read where the option does
/// so.
fn field(
    call: &Call<'_>,
    given: &Given<'_>,
    value: Value<'_>,
) -> Result<Option<(String, String)>, String> {
    let whole = value.text.to_string_lossy();
    let Some((name, text_of)) = whole.split_once('=') else { return Ok(None) };
    if value.dynamic {
        return Err(format!(
            "its field {} is computed at run time",
            crate::text::visible(name, 40)
        ));
    }
    let file = text_of.strip_prefix('@').filter(|_| given.option.is("--field"));
    let content = match file.map(|file| text(&call.context, file)) {
        Some(Body::Known(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Some(Body::Opaque(why)) => return Err(why),
        Some(Body::None) => String::new(),
        None => text_of.to_owned(),
    };
    Ok(Some((name.to_owned(), content)))
}

/// The command that an alias of the user's own stands for.
fn alias(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Reading> {
    let word = parsed.positionals.first().filter(|word| !word.dynamic)?;
    let name = word.text.to_str()?;
    let folder = |variable: &str, own: &str| -> Option<PathBuf> {
        if let Some(folder) = call.context.text_var(variable) {
            return Some(PathBuf::from(folder));
        }
        let base = call.context.text_var("XDG_CONFIG_HOME").map(PathBuf::from);
        Some(base.or_else(|| Some(call.context.home()?.join(".config")))?.join(own))
    };
    let (file, key): (PathBuf, &[&str]) = match call.tool.name {
        "gh" => (folder("GH_CONFIG_DIR", "gh")?.join("config.yml"), &["aliases", name]),
        "glab" => (folder("GLAB_CONFIG_DIR", "glab-cli")?.join("aliases.yml"), &[name]),
        _ => return None,
    };
    let bytes = call.context.read(&file, MAX_FILE).ok()?;
    let found = settings::find(&bytes, settings::Format::Yaml, key).ok().flatten()?;
    // A shell's reader puts the words in: `$1`, and the rest behind the alias.
    let line = match found.strip_prefix('!') {
        Some(line) => line.to_owned(),
        None if found.contains('$') => format!("{} {found}", call.tool.name),
        None => format!("{} {found} \"$@\"", call.tool.name),
    };
    let outer = call.context.invocation;
    let mut inner = Invocation {
        argv: vec!["sh".into(), "-c".into(), line.into(), "--".into()],
        dynamic: Vec::new(),
        templates: Vec::new(),
        ..outer.clone()
    };
    let words: Vec<(usize, &OsString)> =
        outer.argv.iter().enumerate().skip(word.index + 1).collect();
    for (at, text) in words {
        if outer.is_dynamic(at) {
            inner.dynamic.push(inner.argv.len());
        }
        inner.argv.push(text.clone());
    }
    Some(Reading { inner: vec![inner], ..Reading::default() })
}
