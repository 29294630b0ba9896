//! Interpreters and launchers that run a program which a word names: `python
//! -m alembic`, `php artisan`, `node node_modules/.bin/prisma`, `bundle exec`,
//! `poetry run`, `dotenv -e .env.prod --`, `doppler run --`. The program's own
//! words are handed on with the variables that it would see.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use super::inline;
use super::packages::{line, tasks};
use super::wrapper::template;
use crate::actions::{Call, Reading};
use crate::invocation::{COMPUTED, Context, Invocation};
use crate::parse::argv::{self, Parsed, Word};
use crate::parse::settings;
use crate::rules;
use crate::target::dotenv::{self, Value};
use crate::world::ReadError;

/// The longest `.env` file that is read, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// The most variables that a file sets.
const MAX_VARIABLES: usize = 500;

/// Variables that a secret store is taken to set: those by which clients find
/// a database without being told.
pub(super) const SECRETS: &[&str] =
    &["DATABASE_URL", "PGHOST", "PGDATABASE", "MYSQL_HOST", "REDIS_URL", "MONGODB_URI"];

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let inner = match call.tool.name {
        "deno" | "node" | "perl" | "php" | "python" | "ruby" => return program(call, &parsed),
        "cargo" => plugin(call, &parsed),
        "doppler" => secret_store(call, &parsed),
        "dotenv" => with_files(call, &parsed),
        _ => runner(call, &parsed),
    };
    Reading { inner: inner.into_iter().collect(), ..Reading::default() }
}

/// The invocation that begins at word `index`, under a program's name.
fn tail(call: &Call<'_>, index: usize, name: &str) -> Invocation {
    let mut inner = call.context.invocation.tail(index);
    if let Some(first) = inner.argv.first_mut() {
        *first = OsString::from(name);
    }
    inner
}

/// An interpreter's call: the program that a rule knows, or the code.
fn program(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let context = call.context;
    if call.tool.name == "deno" && parsed.path.first().is_some_and(|word| word.text == "task") {
        let Some(word) = parsed.positionals.first() else { return Reading::default() };
        let own = context.cwd().unwrap_or_default();
        let base = parsed.value("--cwd").map_or_else(|| own.clone(), |dir| own.join(dir.text));
        return tasks::deno(context, &base, word.index);
    }
    // `node --run build`
    if call.tool.name == "node"
        && let Some(name) = parsed.value("--run")
    {
        let words = parsed.before_dashes.and_then(|at| parsed.positionals.get(at));
        let from = words.map_or(context.invocation.argv.len(), |word| word.index);
        return match name.text.to_str().filter(|_| !name.dynamic) {
            Some(name) => tasks::one(context, name, from),
            None => Reading::default(),
        };
    }
    let mut reading = started(call, parsed);
    if call.tool.name == "node" {
        // A later file wins, and the shell before all of them.
        for given in parsed.all("--env-file") {
            let Some(value) = given.value else { continue };
            for inner in &mut reading.inner {
                match value.dynamic {
                    true => inner.env_unknown = true,
                    false => load(call, inner, value.text, false),
                }
            }
        }
        reading.inner.extend(inline::preloaded(call, parsed));
    }
    reading
}

/// The program that a call starts.
fn started(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let inner = interpreter(call, parsed);
    let known = inner.as_ref().is_some_and(|inner| {
        // `python -m package.module` is a file like another.
        let named = is_named(parsed) && call.tool.name != "python";
        named || rules::find(inner.tool(), call.context.world).is_some()
    });
    match inner.filter(|_| known) {
        Some(inner) => Reading { inner: vec![inner], ..Reading::default() },
        None => inline::read(call, parsed, interpreter(call, parsed).is_some()),
    }
}

/// Whether the program is named by an option: `-m` and `-S` end the options,
/// and the next word is the program.
fn is_named(parsed: &Parsed<'_>) -> bool {
    ["-m", "-S"].iter().any(|option| parsed.has(option))
}

fn interpreter(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Invocation> {
    let named = is_named(parsed) && call.tool.name != "perl";
    if inline::is_given(call, parsed) {
        return None;
    }
    let word = file_word(call, parsed)?;
    if word.dynamic || word.text == "-" {
        return None;
    }
    let path = word.text.to_str()?;
    let name = if named { path } else { program_of(path) };
    Some(tail(call, word.index, name))
}

/// The word that names the file: `tsx watch --flag x.ts` has others in front.
pub(super) fn file_word<'a>(call: &Call<'_>, parsed: &'a Parsed<'_>) -> Option<&'a Word<'a>> {
    let words = &parsed.positionals;
    match words.first() {
        Some(first) if first.text == "watch" && call.context.invocation.tool() == "tsx" => {
            words.iter().skip(1).find(|word| !word.text.as_bytes().starts_with(b"-"))
        }
        first => first,
    }
}

/// The program whose script a path is: the script's own name, or the package
/// that it lies in.
fn program_of(path: &str) -> &str {
    let mut parts = Path::new(path).components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let base = parts.clone().next_back().unwrap_or(path);
    let package = parts.by_ref().find(|part| *part == "node_modules").and_then(|_| parts.next());
    match package {
        None | Some(".bin" | ".pnpm") => base,
        Some("@mikro-orm") => "mikro-orm",
        Some(package) => package,
    }
}

/// `bundle exec`, `poetry run`, `uv run`: the words behind the command are
/// the program's.
fn runner(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Invocation> {
    // uvx has no command word in front of the program.
    if parsed.path.is_empty() && call.context.invocation.tool() != "uvx" {
        return None;
    }
    let mut inner = start(call, parsed)?;
    for option in ["--env-file", "--directory", "--project"] {
        for given in parsed.all(option) {
            let Some(value) = given.value else { continue };
            match option {
                "--env-file" => load(call, &mut inner, value.text, false),
                _ => inner.cwd = Some(call.context.cwd().unwrap_or_default().join(value.text)),
            }
        }
    }
    Some(inner)
}

/// `cargo sqlx`, behind a toolchain's name if there is one.
fn plugin(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Invocation> {
    let mut words = parsed.positionals.iter();
    let word = words.find(|word| !word.text.as_bytes().starts_with(b"+"))?;
    (word.text == "sqlx" && !word.dynamic).then(|| tail(call, word.index, "sqlx"))
}

/// The program that the positionals begin; a Python file is one for Python.
fn start(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Invocation> {
    let word = parsed.positionals.first()?;
    let text = word.text.to_str().unwrap_or_default();
    if parsed.has("--module") {
        return Some(tail(call, word.index, text));
    }
    let mut inner = call.context.invocation.tail(word.index);
    let script = text.ends_with(".py");
    if word.dynamic || script {
        let name = if script { "python" } else { "env" };
        inner.argv.insert(0, name.into());
        inner.dynamic.iter_mut().for_each(|at| *at += 1);
        inner.templates.iter_mut().for_each(|(at, _)| *at += 1);
    } else if let Some(name) = packaged(text) {
        return Some(tail(call, word.index, name));
    } else if call.context.invocation.tool() == "hatch" {
        // `hatch run test:alembic`: an environment's name in front.
        let name = text.rsplit(':').next().unwrap_or(text);
        return Some(tail(call, word.index, name));
    }
    Some(inner)
}

/// The program of a package of another name, of which any version may be asked
/// for (`uvx awscli@1.44`).
fn packaged(text: &str) -> Option<&'static str> {
    match text.split(['@', '=', '<', '>', '~', '[']).next()? {
        "awscli" => Some("aws"),
        "linode-cli" => Some("linode-cli"),
        "ansible-core" => Some("ansible"),
        "snowflake-cli" => Some("snow"),
        "s3cmd" => Some("s3cmd"),
        _ => None,
    }
}

/// `doppler run --`, `op run --`: variables that only the store knows.
fn secret_store(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Invocation> {
    if parsed.path.is_empty() {
        return None;
    }
    let mut inner = match parsed.value("--command") {
        Some(value) => {
            let text = template(call.context.invocation, value.index, value.offset);
            line(call.context.invocation, text, None)
        }
        None => {
            // `aws-vault exec PROFILE -- CMD`, `chamber exec SERVICE -- CMD`.
            let from = parsed.before_dashes.unwrap_or(0);
            call.context.invocation.tail(parsed.positionals.get(from)?.index)
        }
    };
    for given in parsed.all("--env-file") {
        if let Some(value) = given.value {
            load(call, &mut inner, value.text, true);
        }
    }
    hide(&mut inner);
    // aws-vault's first word is the profile whose credentials it gives.
    if call.context.invocation.tool() == "aws-vault"
        && let Some(profile) = parsed.positionals.first().filter(|word| !word.dynamic)
    {
        inner.env.push(("AWS_PROFILE".into(), Some(profile.text.to_owned())));
    }
    Some(inner)
}

/// Says that variables are set that cannot be seen from here.
pub(super) fn hide(inner: &mut Invocation) {
    inner.env_unknown = true;
    for name in SECRETS {
        inner.env.push(((*name).into(), Some(COMPUTED.into())));
    }
}

/// Whether a settings file in the directory or above has a table `env`, or
/// cannot be read.
pub(super) fn sets_env(context: &Context<'_>, file: &str) -> bool {
    const MAX_FILE: usize = 1 << 20;
    const MAX_ABOVE: usize = 64;
    let Some(cwd) = context.cwd() else { return false };
    cwd.ancestors().take(MAX_ABOVE).any(|folder| match context.read(folder.join(file), MAX_FILE) {
        Ok(text) => toml::from_str::<toml::Table>(&String::from_utf8_lossy(&text))
            .map_or(true, |table| table.contains_key("env")),
        Err(ReadError::Missing) => false,
        Err(_) => true,
    })
}

/// `dotenv -e FILE -- CMD`, in JavaScript's, Python's and Ruby's spellings,
/// `dotenvx run -f FILE` and `env-cmd -f FILE CMD`: dotenv-cli 11.0.0, dotenvx
/// 2.38.2 and env-cmd 11.0.0 by running them. Of several files, the first to name
/// a variable wins, and the shell before them.
fn with_files(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Invocation> {
    let name = call.context.invocation.tool();
    let runs = !parsed.path.is_empty();
    let word = parsed.positionals.first()?;
    let mut inner = call.context.invocation.tail(word.index);
    // Python's `dotenv run` and env-cmd let the file win.
    let over = parsed.has("--override") || parsed.has("--overload");
    let wins = match name {
        "env-cmd" => !parsed.has("--no-override"),
        _ => over || (runs && name == "dotenv"),
    };
    let mut sources: Vec<Source<'_>> = Vec::new();
    for given in &parsed.options {
        let Some(value) = given.value.filter(|_| given.option.is("--file")) else { continue };
        let text = value.text.to_str();
        match text.and_then(|text| text.split_once('=')) {
            _ if value.dynamic => sources.push(Source::Computed),
            Some((key, value)) if name == "dotenvx" => sources.push(Source::Variable(key, value)),
            _ if name == "env-cmd" => sources.push(Source::Named(value.text)),
            // Ruby's takes several between commas.
            _ => match text.filter(|text| name == "dotenv" && text.contains(',')) {
                Some(list) => sources.extend(list.split(',').map(|it| Source::File(it.into()))),
                None => sources.push(Source::File(value.text.to_owned())),
            },
        }
    }
    let chosen = parsed.value("--convention").and_then(|it| it.text.to_str());
    if let Some(chosen) = chosen {
        sources.extend(convention(call, chosen).into_iter().map(|it| Source::File(it.into())));
    }
    if sources.is_empty() {
        sources.push(Source::File(".env".into()));
    }
    if let Some(cascade) = parsed.last("-c").filter(|_| name == "dotenv") {
        sources = sources.into_iter().flat_map(|source| source.cascade(cascade)).collect();
    }
    if !wins {
        sources.reverse();
    }
    for source in sources {
        match source {
            Source::Computed => inner.env_unknown = true,
            Source::File(path) => load(call, &mut inner, &path, wins),
            Source::Named(name) if call.context.read(Path::new(name), MAX_FILE).is_ok() => {
                load(call, &mut inner, name, wins);
            }
            Source::Named(name) => {
                for name in name.to_string_lossy().split(',') {
                    environment(call, &mut inner, name, wins);
                }
            }
            Source::Variable(key, value) => {
                if wins || call.context.var(key).is_none() {
                    inner.env.push((key.into(), Some(value.into())));
                }
            }
        }
    }
    for given in parsed.all("--variable") {
        let Some((key, value)) = given.value.and_then(|value| value.text.to_str()?.split_once('='))
        else {
            continue;
        };
        inner.env.push((key.into(), Some(value.into())));
    }
    Some(inner)
}

/// Where variables come from.
enum Source<'a> {
    /// A `.env` file.
    File(OsString),
    /// One whose name is computed.
    Computed,
    /// A variable on the command line.
    Variable(&'a str, &'a str),
    /// A file, or else environments of env-cmd's own settings.
    Named(&'a OsStr),
}

impl<'a> Source<'a> {
    /// The files that `-c` puts around one, the first to be read in front.
    fn cascade(self, given: &argv::Given<'_>) -> Vec<Source<'a>> {
        let Source::File(path) = self else { return vec![self] };
        let name = given.value.map(|value| (value.text.to_string_lossy(), value.dynamic));
        let with = |ending: &str| {
            let mut path = path.clone();
            path.push(ending);
            Source::File(path)
        };
        let mut all = Vec::new();
        match &name {
            Some((_, true)) => all.push(Source::Computed),
            Some((name, _)) => all.push(with(&format!(".{name}.local"))),
            None => {}
        }
        all.push(with(".local"));
        if let Some((name, false)) = &name {
            all.push(with(&format!(".{name}")));
        }
        all.push(with(""));
        all
    }
}

/// The files of dotenvx's `--convention`, the first to win in front.
fn convention(call: &Call<'_>, chosen: &str) -> Vec<String> {
    let variable = |name: &str| call.context.text_var(name);
    let name = variable("DOTENV_ENV").or_else(|| variable("NODE_ENV"));
    let name = name.unwrap_or_else(|| "development".to_owned());
    let own = [format!(".env.{name}.local"), format!(".env.{name}")];
    let [own_local, own] = own;
    let (local, plain) = (".env.local".to_owned(), ".env".to_owned());
    match chosen {
        "nextjs" if name == "test" => vec![own_local, own, plain],
        "nextjs" => vec![own_local, local, own, plain],
        "flow" => vec![own_local, own, local, plain, ".env.defaults".to_owned()],
        _ => Vec::new(),
    }
}

/// Sets what an environment of `.env-cmdrc` says; what cannot be read of it is
/// not known.
fn environment(call: &Call<'_>, inner: &mut Invocation, name: &str, wins: bool) {
    let text = [".env-cmdrc", ".env-cmdrc.json"]
        .iter()
        .find_map(|path| call.context.read(Path::new(path), MAX_FILE).ok());
    let tree = text.and_then(|text| settings::json(&text));
    let table = tree.as_ref().and_then(|tree| tree.get(name)?.as_object());
    let Some(table) = table else {
        hide(inner);
        return;
    };
    for (key, value) in table.iter().take(MAX_VARIABLES) {
        if wins || call.context.var(key).is_none() {
            let value = value.as_str().map_or_else(|| COMPUTED.into(), OsString::from);
            inner.env.push((key.into(), Some(value)));
        }
    }
}

/// Sets what a `.env` file says. `wins` says whether over what is set.
pub(super) fn load(call: &Call<'_>, inner: &mut Invocation, path: &OsStr, wins: bool) {
    let bytes = match call.context.read(Path::new(path), MAX_FILE) {
        Ok(bytes) => bytes,
        Err(crate::world::ReadError::Missing) => return,
        Err(_) => {
            inner.env_unknown = true;
            return;
        }
    };
    let pairs = dotenv::parse(&String::from_utf8_lossy(&bytes));
    for (name, value) in pairs.into_iter().take(MAX_VARIABLES) {
        if !wins && call.context.var(&name).is_some() {
            continue;
        }
        let value = match value {
            Value::Text(text) if !text.contains('$') => OsString::from(text),
            _ => OsString::from(COMPUTED),
        };
        inner.env.push((name.into(), Some(value)));
    }
}
