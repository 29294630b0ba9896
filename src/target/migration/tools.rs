//! The searches of Aerich, db-migrate, node-pg-migrate, Sequelize's CLI, Strapi, Sqitch
//! and Doctrine,
//! whose own rules of what wins are unlike the others'.

use super::literals::{self, Said};
use super::search::Search;
use super::{by_places, load_env};
use crate::rules;
use crate::target::database_url;
use crate::target::dotenv::{Environment, Value};

/// The tool's own list of places, which its rule file has.
fn places(search: &Search<'_>) -> &'static rules::Search {
    const NONE: rules::Search = rules::Search {
        dotenv: &[],
        upward: false,
        env_files: &[],
        configs: &[],
        merges: false,
        config_options: &[],
        environment: &[],
        default: None,
        chdir: &[],
        over: &[],
        default_keys: &[],
    };
    search.call.tool.search.as_ref().unwrap_or(&NONE)
}

/// Aerich: the module that pyproject.toml's `tool.aerich.tortoise_orm` names,
/// read for literals and variables.
pub(super) fn aerich(search: &mut Search<'_>) {
    search.load_dotenv(places(search).dotenv, None, false);
    let named = search.parsed.value("--config");
    if named.is_some_and(|value| value.dynamic) {
        return search.gap("which configuration it reads is computed");
    }
    let named = named.map(|value| value.text.to_string_lossy().into_owned());
    let path = named.as_deref().unwrap_or("pyproject.toml");
    let pairs = search.read(path).map(|text| literals::of_lines(&text)).unwrap_or_default();
    let module = pairs.into_iter().find_map(|pair| match pair.said {
        Said::Text(name) if pair.key == "tortoise_orm" => Some(name),
        _ => None,
    });
    // `settings.TORTOISE_ORM`
    let module = module.and_then(|name| Some(name.rsplit_once('.')?.0.replace('.', "/")));
    if let Some(module) = module {
        let files = [format!("{module}.py"), format!("{module}/__init__.py")];
        for file in files {
            let Some(text) = search.read(&file) else { continue };
            let pairs = literals::of_code(&text, true).into_iter().filter(|pair| {
                pair.path.iter().any(|block| block == "connections" || block == "credentials")
                    || matches!(&pair.said, Said::Text(text) if database_url::is_recognised(text))
            });
            search.pairs(&pairs.collect::<Vec<_>>(), None, &file);
        }
    }
    if search.is_empty() {
        search.default_variables();
    }
}

/// db-migrate: DATABASE_URL's parts go over those that database.json has for
/// the environment, unless that has a `url` (lib/config.js of 0.11.14). Which of
/// both it is, is left open where the file is there.
pub(super) fn db_migrate(search: &mut Search<'_>) {
    search.load_dotenv(places(search).dotenv, None, false);
    let given = search.variable("DATABASE_URL");
    let path = search.parsed.value("--config").map(|value| value.text.to_string_lossy());
    let path = path.as_deref().unwrap_or("database.json");
    let text = given.then(|| search.read(path)).flatten();
    // Without a `url` in it, the variable has been found to win.
    if !given || text.is_some_and(|text| text.contains("\"url\"")) {
        by_places(search, places(search));
    }
}

/// node-pg-migrate: the variable that `--database-url-var` names, over the
/// file of `--config-file` or node-config's, over PGHOST (bin/node-pg-migrate.js
/// of 9.0).
pub(super) fn node_pg_migrate(search: &mut Search<'_>) {
    let name = search.parsed.value("--database-url-var");
    if name.is_some_and(|name| name.dynamic) {
        return search.gap("the name of the variable with its URL is computed at run time");
    }
    let name = name.map(|name| name.text.to_string_lossy().into_owned());
    let places = places(search);
    load_env(search, places, None);
    if search.variable(name.as_deref().unwrap_or("DATABASE_URL")) {
        return;
    }
    by_places(search, places);
    if search.is_empty()
        && let Some(host) = search.context.text_var("PGHOST")
    {
        let database = search.context.text_var("PGDATABASE");
        let database = database.as_deref().map(|name| (name, "PGDATABASE"));
        search.add(database_url::host_target("postgres", (&host, "PGHOST"), database));
    }
}

/// The plug-ins of Maven: every JDBC URL that pom.xml has in a `<url>`, as
/// which profile's counts is not worked out.
pub(super) fn maven(search: &mut Search<'_>) {
    const MAX_URLS: usize = 20;
    let path = search.parsed.value("--file").map(|value| value.text.to_string_lossy());
    let path = path.as_deref().unwrap_or("pom.xml");
    let text = search.read(path).unwrap_or_default();
    let values = text.split("<url>").skip(1).filter_map(|rest| Some(rest.split_once("</url>")?.0));
    for url in values.map(str::trim).filter(|url| url.starts_with("jdbc:")).take(MAX_URLS) {
        match url.contains("${") {
            true => search.gap(&format!("{path} puts its URL together")),
            false => search.url(url, path),
        }
    }
    if search.is_empty() {
        search.default_variables();
    }
}

/// Doctrine under Symfony: APP_ENV may stand in `.env.local` and `.env`
/// themselves, and chooses the files beside them (Symfony's Dotenv,
/// `bootEnv`).
pub(super) fn symfony(search: &mut Search<'_>) {
    let places = places(search);
    let mut own = Environment::real(search.context);
    own.load(".env.local");
    own.load(".env");
    let environment =
        search.environment(places.environment, None).or_else(|| match own.get("APP_ENV")?.value {
            Value::Text(name) => {
                search.choose(&name, "APP_ENV in .env");
                Some(name)
            }
            Value::Unclear(why) => {
                search.gap(&why);
                None
            }
        });
    let environment = environment.or_else(|| places.default.map(str::to_owned));
    search.load_dotenv(places.dotenv, environment.as_deref(), false);
    search.default_variables();
}

/// Sequelize: `.sequelizerc` may name the configuration.
pub(super) fn sequelize(search: &mut Search<'_>) {
    let typed = search.parsed.value("--config").is_some();
    let options = search.parsed.value("--options-path");
    let options = options.map(|value| value.text.to_string_lossy().into_owned());
    let file = options.as_deref().unwrap_or(".sequelizerc");
    let named = (!typed).then(|| search.read(file)).flatten().and_then(|text| config_of(&text));
    let Some(path) = named else { return by_places(search, places(search)) };
    let places = places(search);
    search.load_dotenv(places.dotenv, None, places.upward);
    let environment = search.environment(places.environment, places.default);
    if !search.config(&path, environment.as_deref()) {
        search.gap(&format!("the configuration {path}, which {file} names, cannot be read"));
    }
}

/// The path in `'config': path.resolve('db', 'config.json')` of a
/// .sequelizerc, where that is all it is.
fn config_of(text: &str) -> Option<String> {
    let at = ["'config'", "\"config\"", "config:"].iter().find_map(|key| text.find(key))?;
    let rest = text.get(at..)?.split_once(':')?.1;
    // A call's words, or one word.
    let one = rest.split([',', ';', '}', '\n']).next().unwrap_or_default();
    let value = if one.contains('(') { rest.split(')').next().unwrap_or_default() } else { one };
    let mut path = String::new();
    // Every second part stands between quotes.
    for part in value.split(['\'', '"']).skip(1).step_by(2) {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(part.trim_start_matches("./"));
    }
    (!path.is_empty()).then_some(path)
}

/// Strapi: what config/database says, by the settings of its template: the
/// client's name chooses between a file and a server, which DATABASE_URL or a
/// host names (`strapi new`'s template of 5).
pub(super) fn strapi(search: &mut Search<'_>) {
    let places = places(search);
    search.load_dotenv(places.dotenv, None, false);
    let found = places.configs.iter().find_map(|path| Some((*path, search.read(path)?)));
    let Some((path, text)) = found else { return search.default_variables() };
    let Some((_, behind)) = text.split_once("DATABASE_CLIENT") else {
        search.config(path, None);
        return;
    };
    // `env('DATABASE_CLIENT', 'sqlite')`
    let default = behind.split(['\'', '"']).nth(2).unwrap_or_default().to_owned();
    let client = search.text("DATABASE_CLIENT").map_or(default, |(name, _)| name);
    if client.contains("sqlite") {
        let (file, source) = search
            .text("DATABASE_FILENAME")
            .unwrap_or_else(|| (".tmp/data.db".to_owned(), path.to_owned()));
        return search.add(database_url::file_target(&file, &source));
    }
    if text.contains("DATABASE_URL") && search.variable("DATABASE_URL") {
        return;
    }
    let host = search.text("DATABASE_HOST");
    let (host, source) = host.unwrap_or_else(|| ("localhost".to_owned(), path.to_owned()));
    let database = search.text("DATABASE_NAME");
    let database = database.as_ref().map(|(name, source)| (name.as_str(), source.as_str()));
    let platform = if client.contains("mysql") { "mysql" } else { "postgres" };
    search.add(database_url::host_target(platform, (&host, &source), database));
}

/// Sqitch: the target of `--target`, of the words, of SQITCH_TARGET or of the
/// engine's settings: a database URI, or a name in sqitch.conf.
pub(super) fn sqitch(search: &mut Search<'_>) {
    /// Engines with a server.
    const SERVERS: &[&str] = &["pg", "postgres", "postgresql", "mysql", "mariadb", "cockroach"];
    // `checkout BRANCH` has no other words.
    let checkout = search.parsed.path.first().is_some_and(|word| word.text == "checkout");
    let word = search.parsed.positionals.first().filter(|_| !checkout);
    let given = search.parsed.value("--target").map(|value| (value.text, value.dynamic));
    let given = given.or_else(|| word.map(|word| (word.text, word.dynamic)));
    if given.is_some_and(|(_, dynamic)| dynamic) {
        return search.gap("which target it works on is computed at run time");
    }
    let given = given.map(|(text, _)| (text.to_string_lossy().into_owned(), "the target"));
    let given =
        given.or_else(|| Some((search.context.text_var("SQITCH_TARGET")?, "SQITCH_TARGET")));
    if let Some((text, source)) = given.as_ref().filter(|(text, _)| is_uri(text)) {
        return search.url(text, source);
    }
    let text = search.read("sqitch.conf").unwrap_or_default();
    let pairs = literals::of_lines(&text);
    let said = |section: &str, key: &str| {
        let mut own = pairs.iter().filter(|pair| pair.path.first().is_some_and(|it| it == section));
        own.find(|pair| pair.key == key).and_then(|pair| match &pair.said {
            Said::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    let engine = || {
        let name = search.parsed.value("--engine").map(|it| it.text.to_string_lossy().into_owned());
        let name = name.or_else(|| said("core", "engine"))?;
        said(&format!("engine \"{name}\""), "target")
    };
    let Some(name) = given.map(|(text, _)| text).or_else(engine) else {
        // `db:ENGINE:`: what the engine's own client takes if nothing is said.
        let engine = search.parsed.value("--engine").map(|it| it.text.to_string_lossy());
        let engine = engine.map(|it| it.into_owned()).or_else(|| said("core", "engine"));
        let database = search.context.text_var("PGDATABASE").unwrap_or_default();
        let found = engine.map(|engine| search.without_host((&database, "PGDATABASE"), &engine));
        return found.unwrap_or_default();
    };
    let uri = if is_uri(&name) { Some(name.clone()) } else { None };
    match uri.or_else(|| said(&format!("target \"{name}\""), "uri")) {
        // `db:pg:shop`: what the engine's own client takes for a host.
        Some(uri) => match uri.strip_prefix("db:").and_then(|uri| uri.split_once(':')) {
            Some((engine, name)) if SERVERS.contains(&engine) && !name.starts_with("//") => {
                search.without_host((name, "sqitch.conf"), engine);
            }
            _ => search.url(&uri, "sqitch.conf"),
        },
        None => {
            search.choose(&name, "the target");
            search.gap(&format!("sqitch.conf does not say where the target {name} is"));
        }
    }
}

/// An Elixir configuration without the blocks that are for another environment:
/// `if config_env() == :prod do`, up to the `end` or `else` that stands as far
/// in. One that does not close counts.
pub(super) fn for_environment(text: &str, environment: &str) -> String {
    let mut out = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let body = line.trim_start();
        let indent = line.strip_suffix(body).unwrap_or_default();
        let asked = body.strip_prefix("if ").and_then(|rest| rest.strip_suffix(" do"));
        let named = asked.and_then(|asked| {
            ["config_env() == :", "Mix.env() == :", "Mix.env == :"]
                .iter()
                .find_map(|front| asked.trim().strip_prefix(front))
        });
        let ends = |line: &str| {
            line.strip_prefix(indent).is_some_and(|it| matches!(it.trim_end(), "end" | "else"))
        };
        match named {
            Some(name) if name != environment && lines.clone().any(ends) => {
                lines.by_ref().find(|line| ends(line));
            }
            // What another condition looks at is no setting.
            None if asked.is_some() => {}
            _ => out.push(line),
        }
    }
    out.join("\n")
}

fn is_uri(text: &str) -> bool {
    text.starts_with("db:") || database_url::is_recognised(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_elixir_for_another_environment_is_left_out() {
        let text = "a\nif config_env() == :prod do\n  x = if y, do: 1\n  b\nend\nc";
        assert_eq!(for_environment(text, "dev"), "a\nc");
        assert_eq!(for_environment(text, "prod"), text);
        let other = "  if Mix.env() == :test do\n    a\n  else\n    b\n  end";
        assert_eq!(for_environment(other, "dev"), "    b\n  end");
        let asked = "if System.get_env(\"PHX_SERVER\") do\n  a\nend";
        assert_eq!(for_environment(asked, "dev"), "  a\nend");
        let open = "if config_env() == :prod do\n  a\n  end";
        assert_eq!(for_environment(open, "dev"), open);
    }

    #[test]
    fn the_configuration_that_sequelizerc_names() {
        for (text, path) in [
            ("module.exports = { 'config': path.resolve('db', 'c.json'), 'x': 1 }", "db/c.json"),
            ("{\n  config: path.join('./src', \"c.js\"),\n  a: 'b' }", "src/c.js"),
            ("{ 'config': './db/c.cjs' }", "db/c.cjs"),
        ] {
            assert_eq!(config_of(text).as_deref(), Some(path), "{text}");
        }
        for text in ["", "'config'", "{ 'config': x }", "{ 'models-path': 'a' }", "config:'"] {
            assert_eq!(config_of(text), None, "{text}");
        }
    }
}
