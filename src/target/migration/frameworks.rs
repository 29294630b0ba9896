//! The searches that are peculiar to a framework: Prisma, Rails, Django,
//! Laravel, Alembic, Supabase.

use std::path::{Path, PathBuf};

use super::literals::{self, Said};
use super::script;
use super::search::Search;
use crate::target::{Class, Evidence, Kind, Target, database_url};

/// Prisma up to 7: the schema's `env("X")`, real variables over `.env` in the
/// root, beside the schema and in `prisma/`; with a `prisma.config.ts`, what
/// that says, and no `.env` unless it loads one.
pub(super) fn prisma(search: &mut Search<'_>) {
    let named = search.parsed.value("--config").map(|v| v.text.to_string_lossy().into_owned());
    let endings = ["ts", "js", "mts", "mjs", "cts", "cjs"];
    let standard = endings
        .iter()
        .flat_map(|ending| [format!("prisma.config.{ending}"), format!(".config/prisma.{ending}")]);
    let mut schema = None;
    let mut configured = false;
    for path in named.into_iter().chain(standard) {
        let Some(text) = search.read(&path) else { continue };
        configured = true;
        search.dotenv_calls(&text);
        let pairs = script::pairs(&text);
        schema = pairs.iter().find_map(|pair| match &pair.said {
            Said::Text(text) if pair.key == "schema" => Some(text.clone()),
            _ => None,
        });
        let own: Vec<_> = pairs
            .into_iter()
            .filter(|pair| pair.path.iter().any(|block| block == "datasource"))
            .collect();
        search.pairs(&own, None, &path);
        break;
    }
    if !search.is_empty() {
        return;
    }
    let given = search.parsed.value("--schema");
    if given.is_some_and(|value| value.dynamic) {
        return search.gap("the value of --schema is computed at run time");
    }
    let given = given.map(|value| value.text.to_string_lossy().into_owned());
    let path = given.or(schema).or_else(|| package_schema(search));
    let candidates: Vec<String> = match path {
        Some(path) => {
            let inside = Path::new(&path).join("schema.prisma").to_string_lossy().into_owned();
            vec![path, inside]
        }
        None => ["schema.prisma", "prisma/schema.prisma", "prisma/schema/schema.prisma"]
            .map(str::to_owned)
            .to_vec(),
    };
    let found = candidates.iter().find_map(|path| Some((path.clone(), search.read(path)?)));
    let folder = found.as_ref().and_then(|(path, _)| Path::new(path).parent()).map(PathBuf::from);
    if !configured {
        search.load(".env");
        if let Some(folder) = folder.filter(|folder| folder.as_os_str() != "") {
            search.load(&folder.join(".env").to_string_lossy());
        }
        search.load("prisma/.env");
    }
    match found {
        Some((path, text)) => {
            let pairs: Vec<_> = literals::of_code(&text, false)
                .into_iter()
                .filter(|pair| pair.path.iter().any(|block| block.starts_with("datasource")))
                .filter(|pair| pair.key != "provider" && pair.key != "shadowdatabaseurl")
                .collect();
            search.pairs(&pairs, None, &path);
        }
        None => search.default_variables(),
    }
}

/// `"prisma": { "schema": "db/schema.prisma" }` in package.json.
fn package_schema(search: &mut Search<'_>) -> Option<String> {
    let text = search.read("package.json")?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(value.get("prisma")?.get("schema")?.as_str()?.to_owned())
}

/// Rails: RAILS_ENV, then RACK_ENV, then development, as variables or as
/// rake's `NAME=value` words; DATABASE_URL over database.yml's section, unless
/// that has a url itself.
pub(super) fn rails(search: &mut Search<'_>) {
    let environment = word(search, "RAILS_ENV")
        .or_else(|| search.environment(&["--environment", "$RAILS_ENV", "$RACK_ENV"], None))
        .unwrap_or_else(|| "development".to_owned());
    search.load_dotenv(
        &[".env.{}.local", ".env.local", ".env.{}", ".env"],
        Some(&environment),
        false,
    );
    let text = search.read("config/database.yml");
    let pairs = text.map(|text| literals::of_lines(&text)).unwrap_or_default();
    let own: Vec<_> = pairs.into_iter().filter(|p| p.path.first() == Some(&environment)).collect();
    let several = own.iter().any(|p| p.path.len() > 1);
    // DATABASE_URL is not merged into a section that has a url (Rails 6.1.7).
    let has_url = own.iter().any(|p| p.path.len() == 1 && p.key == "url");
    if !has_url {
        match word_value(search, "DATABASE_URL") {
            Some(url) => search.url(&url, "DATABASE_URL= in the words"),
            None => {
                search.variable("DATABASE_URL");
            }
        }
    }
    if search.is_empty() || several {
        search.pairs(&own, Some(&environment), "config/database.yml");
    }
}

/// A `NAME=value` among rake's words, which becomes a variable.
fn word_value(search: &Search<'_>, name: &str) -> Option<String> {
    search.parsed.positionals.iter().rev().find_map(|word| {
        let text = word.text.to_string_lossy();
        let (key, value) = text.split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

fn word(search: &mut Search<'_>, name: &'static str) -> Option<String> {
    let value = word_value(search, name)?;
    search.choose(&value, name);
    Some(value)
}

/// Django: the settings module by `--settings`, DJANGO_SETTINGS_MODULE, then
/// manage.py's default, read for literals and variables, with the modules
/// beside it that it takes everything from.
pub(super) fn django(search: &mut Search<'_>) {
    let module = search.environment(&["--settings", "$DJANGO_SETTINGS_MODULE"], None);
    let module = module.or_else(|| {
        let text = search.read("manage.py")?;
        literals::of_code(&text, true).into_iter().find_map(|pair| match pair.said {
            Said::Text(text) if text.contains("settings") && !text.contains(' ') => Some(text),
            _ => None,
        })
    });
    let Some(module) = module else {
        return search.gap("nothing names its settings module");
    };
    search.load(".env");
    let alias = search.parsed.value("--database").map(|v| v.text.to_string_lossy().into_owned());
    let path = module.replace('.', "/");
    let mut files = vec![format!("{path}.py"), format!("{path}/__init__.py")];
    let mut at = 0;
    let mut text = String::new();
    while let Some(file) = files.get(at).cloned().filter(|_| at < 8) {
        at += 1;
        let Some(found) = search.read(&file) else { continue };
        let folder = Path::new(&file).parent().map(PathBuf::from).unwrap_or_default();
        for line in found.lines().map(str::trim) {
            let from = line.strip_prefix("from .").and_then(|rest| rest.split_once(" import *"));
            if let Some((name, _)) = from {
                files.push(format!("{}/{}.py", folder.display(), name.replace('.', "/")));
            }
        }
        search.load(&folder.join(".env").to_string_lossy());
        text.push_str(&found);
        text.push('\n');
    }
    if text.contains("dj_database_url.config(") || text.contains("env.db()") {
        search.variable("DATABASE_URL");
        if !search.is_empty() {
            return;
        }
    }
    let pairs: Vec<_> = literals::of_code(&text, true)
        .into_iter()
        .filter(|pair| {
            pair.path.iter().any(|block| block == "DATABASES")
                || pair.path.iter().any(|block| block == "default")
                || matches!(pair.key.as_str(), "database_url" | "databases")
                || matches!(&pair.said, Said::Text(text) if database_url::is_recognised(text))
        })
        .filter(|pair| !pair.path.iter().any(|block| matches!(block.as_str(), "CACHES" | "TEST")))
        .collect();
    search.pairs(&pairs, alias.as_deref().or(Some("default")), &format!("{path}.py"));
    if search.is_empty() {
        search.default_variables();
    }
}

/// Laravel: `.env.X` for `--env=X` or APP_ENV=X, but only where there is such
/// a file, else `.env`; a cached configuration wins over all of it.
pub(super) fn laravel(search: &mut Search<'_>) {
    if let Some(text) = search.read("bootstrap/cache/config.php") {
        for pair in literals::of_code(&text, false) {
            match &pair.said {
                Said::Text(host) if pair.key == "host" && !host.is_empty() => {
                    let source = "bootstrap/cache/config.php";
                    search.add(database_url::host_target("mysql", (host, source), None));
                }
                Said::Text(url) if database_url::is_recognised(url) => {
                    search.url(url, "bootstrap/cache/config.php");
                }
                _ => {}
            }
        }
        return search.gap("a cached configuration wins over .env");
    }
    let environment = search.environment(&["--env", "$APP_ENV"], None);
    let own = environment.map(|name| search.load(&format!(".env.{name}")));
    if own != Some(true) {
        search.load(".env");
    }
    let named = search.parsed.value("--database");
    if named.is_some_and(|value| value.dynamic) {
        return search.gap("the value of --database is computed at run time");
    }
    let named = named.map(|value| value.text.to_string_lossy().into_owned());
    let engine = search.text("DB_CONNECTION");
    let other = |name: &String| engine.as_ref().is_none_or(|(engine, _)| engine != name);
    if let Some(name) = named.filter(other) {
        search.choose(&name, "--database");
        if let Some(text) = search.read("config/database.php") {
            let pairs = literals::of_code(&text, false);
            search.pairs(&pairs, Some(&name), "config/database.php");
        }
        return;
    }
    if search.variable("DB_URL") || search.variable("DATABASE_URL") {
        return;
    }
    let database = search.text("DB_DATABASE");
    let host = search.text("DB_HOST");
    let engine = engine.map(|(engine, _)| engine).unwrap_or_default();
    match (host, database) {
        (_, database) if engine == "sqlite" => {
            let (path, source) =
                database.unwrap_or_else(|| ("database/database.sqlite".into(), "Laravel".into()));
            search.add(database_url::file_target(&path, &source));
        }
        (Some((host, source)), database) => {
            let database = database.as_ref().map(|(name, from)| (name.as_str(), from.as_str()));
            let platform = if engine.starts_with("pg") { "postgres" } else { "mysql" };
            search.add(database_url::host_target(platform, (&host, &source), database));
        }
        (None, Some((name, source))) => search.without_host((&name, &source), &engine),
        (None, None) => {}
    }
}

/// Alembic: `sqlalchemy.url` of the ini file's section, unless env.py says
/// otherwise, which it may by any means: then its variables count.
pub(super) fn alembic(search: &mut Search<'_>) {
    let given = search.parsed.value("--config");
    if given.is_some_and(|value| value.dynamic) {
        return search.gap("the value of --config is computed at run time");
    }
    let path = given
        .map(|value| value.text.to_string_lossy().into_owned())
        .or_else(|| search.context.text_var("ALEMBIC_CONFIG"))
        .unwrap_or_else(|| "alembic.ini".to_owned());
    let section = search.parsed.value("--name").map(|v| v.text.to_string_lossy().into_owned());
    let section = section.unwrap_or_else(|| "alembic".to_owned());
    let extra: Vec<String> = search
        .parsed
        .all("-x")
        .filter_map(|given| Some(given.value?.text.to_string_lossy().into_owned()))
        .collect();
    for value in &extra {
        let value = value.split_once('=').map_or(value.as_str(), |(_, value)| value);
        match database_url::is_recognised(value) {
            true => search.url(value, "-x"),
            false => search.choose(value, "-x"),
        }
    }
    let ini = search.read(&path).map(|text| literals::of_lines(&text)).unwrap_or_default();
    let said = |key: &str| {
        let mut own = ini.iter().filter(|pair| pair.path.first() == Some(&section));
        own.find(|pair| pair.key == key).map(|pair| pair.said.clone())
    };
    let folder = match said("script_location") {
        Some(Said::Text(folder)) => folder,
        _ => "alembic".to_owned(),
    };
    let base = Path::new(&path).parent().map(PathBuf::from).unwrap_or_default();
    let folder = folder.trim_start_matches("%(here)s/").to_owned();
    search.load(".env");
    let program = search.read(base.join(folder).join("env.py")).unwrap_or_default();
    // The template that `alembic init` writes takes the URL from the ini file.
    let own = program.contains("set_main_option(")
        || program.contains("set_section_option(")
        || program.contains("create_engine(")
        || program.contains("create_async_engine(");
    if own {
        let before = search.count();
        let pairs = literals::of_code(&program, true);
        let named: Vec<_> = pairs
            .into_iter()
            .filter(|pair| match &pair.said {
                Said::Variable(_) => true,
                Said::Text(text) => database_url::is_recognised(text),
                Said::Computed => false,
            })
            .collect();
        search.pairs(&named, None, "env.py");
        if search.count() == before {
            search.default_variables();
        }
        if search.count() == before {
            search.gap("env.py works its URL out as it runs");
        }
        return;
    }
    match said("sqlalchemy.url") {
        Some(Said::Text(url)) => search.url(&url, &path),
        Some(Said::Variable(name)) => {
            search.variable(&name);
        }
        Some(Said::Computed) => search.gap(&format!("{path} puts its URL together")),
        None if program.is_empty() => search.default_variables(),
        None => {
            let pairs = literals::of_code(&program, true);
            search.pairs(&pairs, None, "env.py");
            if search.count() == 0 {
                search.default_variables();
            }
        }
    }
}

/// Supabase: the linked project, which no prompt of its own names, or the
/// stack on this machine.
pub(super) fn supabase(search: &mut Search<'_>) {
    let operation = search.parsed.command.map(crate::rules::Command::operation).unwrap_or_default();
    let hosted = !operation.starts_with("db ") && !operation.starts_with("migration ");
    let hosted = hosted && operation != "stop" && !search.parsed.has("--local");
    let linked = search.parsed.has("--linked")
        || search.parsed.has("--remote")
        || hosted
        || (matches!(operation.as_str(), "db push" | "db pull" | "migration repair")
            && !search.parsed.has("--local"));
    let mut target = Target::of("supabase");
    if !linked {
        let local = Evidence::name(Kind::Service, "Supabase's default", "the local stack");
        target.evidence.push(local.asserting(Class::Local));
        target.name = Some("the local stack".to_owned());
        return search.add(target);
    }
    let option = search.parsed.value("--project-ref");
    let named = option.map(|v| (v.text.to_string_lossy().into_owned(), "--project-ref"));
    let remote = search.parsed.value("--remote");
    let named = named.or_else(|| Some((remote?.text.to_string_lossy().into_owned(), "--remote")));
    let named = named
        .or_else(|| Some((search.context.text_var("SUPABASE_PROJECT_ID")?, "SUPABASE_PROJECT_ID")));
    let file = "supabase/.temp/project-ref";
    let named = named.or_else(|| Some((search.read(file)?.trim().to_owned(), file)));
    match named {
        Some((reference, source)) => {
            target.evidence.push(Evidence::name(Kind::Project, source, reference.clone()));
            target.name = Some(reference);
        }
        None => target.gap = Some("nothing names the linked project".to_owned()),
    }
    search.add(target);
}
