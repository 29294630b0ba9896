//! mycli's words: the connection (an alias of its configuration, a URL, or the
//! options), the commands that its configuration runs first, and its texts,
//! read as mysql's own. What mycli adds to them (favourites, pipes of its own)
//! cannot be read. Checked against mycli 2.30.1.

use std::path::PathBuf;

use super::TEXT_LIMIT;
use super::client::{Mysql, Session};
use crate::actions::{Call, Handed, Reading};
use crate::invocation::Input;
use crate::parse::argv::{self, Parsed};
use crate::parse::configobj::{self, Entry};
use crate::parse::url;
use crate::target::mysql::{Parameters, Setting};
use crate::text::visible;
use crate::world::ReadError;

/// Bytes of the configuration file that are read.
const LIMIT: usize = 1 << 20;

/// Reads a call of mycli.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let ends = ["--help", "--version", "--list-dsn", "--checkup", "--completions"];
    if ends.iter().any(|name| parsed.has(name)) {
        return Reading::default();
    }
    let config = config(call, &parsed);
    let (place, alias) = connection(call, &parsed, &config);
    let mut session = Session::new(call, place, Mysql::default());
    for unknown in &parsed.unknown {
        session.opaque(&format!("it has no option {}", unknown.text.to_string_lossy()));
    }
    for entry in &config.entries {
        let own = entry.section == "alias_dsn.init-commands" && Some(&entry.key) == alias.as_ref();
        if own || entry.section == "init-commands" {
            script(&mut session, entry.value.as_bytes());
        }
    }
    let mut texts = 0_usize;
    for name in ["--init-command", "--execute"] {
        let Some(value) = parsed.value(name) else { continue };
        texts += usize::from(name == "--execute");
        match value.dynamic {
            true => session.opaque("its text is computed at run time"),
            false => script(&mut session, value.text.as_encoded_bytes()),
        }
    }
    match parsed.value("--batch") {
        _ if texts > 0 => {}
        Some(value) if value.dynamic => session.opaque("its script is computed at run time"),
        Some(value) if value.text != "-" && value.text != "/dev/stdin" => {
            match call.context.read(value.text, TEXT_LIMIT) {
                Ok(bytes) => {
                    script(&mut session, &bytes);
                    let word = call.context.invocation.argv.get(value.index);
                    let handed = Handed::part(value.index, word, value.offset, bytes);
                    session.steps.handed.extend(handed);
                }
                Err(error) => {
                    let name = visible(&value.text.to_string_lossy(), 200);
                    session.opaque(&format!("the file {name} cannot be read: {error}"));
                }
            }
        }
        _ => match call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => session.interactive(),
            Input::Text(text) => {
                session.reads_stdin();
                script(&mut session, &text);
            }
            Input::Opaque(why) => session.opaque(&why),
        },
    }
    session.finish()
}

/// Reads a text; `$|` in it pipes the rows into a shell command.
fn script(session: &mut Session<'_>, text: &[u8]) {
    if text.windows(2).any(|pair| pair == b"$|") {
        session.opaque("it pipes rows into a command");
    }
    session.script(text);
}

/// What the configuration says, and why some of it is not known.
#[derive(Default)]
struct Config {
    entries: Vec<Entry>,
    gap: Option<String>,
}

impl Config {
    fn alias(&self, name: &str) -> Option<&str> {
        let mut entries = self.entries.iter().rev();
        let found = entries.find(|entry| entry.section == "alias_dsn" && entry.key == name);
        found.map(|entry| entry.value.as_str())
    }
}

/// `/etc/myclirc`, then `--myclirc`, or the one under XDG_CONFIG_HOME, or
/// `~/.myclirc`.
fn config(call: &Call<'_>, parsed: &Parsed<'_>) -> Config {
    let context = &call.context;
    let home = |name: &str| context.home().map(|home| home.join(name));
    let xdg = context.text_var("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| home(".config"));
    let xdg = xdg.map(|dir| dir.join("mycli/myclirc"));
    let xdg = xdg.filter(|path| context.world.exists(path));
    let typed = parsed.value("--myclirc").map(|value| PathBuf::from(value.text));
    let own = typed.or(xdg).or_else(|| home(".myclirc"));
    let mut config = Config::default();
    for path in std::iter::once(PathBuf::from("/etc/myclirc")).chain(own) {
        match context.read(&path, LIMIT) {
            Ok(bytes) => {
                config.entries.extend(configobj::entries(&String::from_utf8_lossy(&bytes)));
            }
            Err(ReadError::Missing) => {}
            Err(error) => {
                config.gap = Some(format!("{} cannot be read: {error}", path.display()));
            }
        }
    }
    config
}

/// The connection, and the alias that named it. Options and variables win over
/// what a URL says.
fn connection(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    config: &Config,
) -> (Parameters, Option<String>) {
    let context = &call.context;
    let mut found = Parameters { gap: config.gap.clone(), ..Parameters::default() };
    let mut gap = None;
    let mut option = |name: &'static str, variable: Option<&'static str>| {
        let typed = parsed.value(name).map(|value| {
            if value.dynamic {
                gap = Some(format!("the value of {name} is computed at run time"));
            }
            Setting::new(value.text.to_string_lossy(), name)
        });
        typed.or_else(|| {
            let variable = variable?;
            context.text_var(variable).map(|value| Setting::new(value, variable))
        })
    };
    found.host = option("--host", Some("MYSQL_HOST"));
    found.port = option("--port", Some("MYSQL_TCP_PORT"));
    found.socket = option("--socket", Some("MYSQL_UNIX_SOCKET"));
    found.user = option("--user", Some("MYSQL_USER"));
    found.login = option("--login-path", None);
    let database = option("--database", None);
    let dsn = option("--dsn", Some("MYSQL_DSN"));
    let word = parsed.positionals.first();
    if word.is_some_and(|word| word.dynamic) {
        gap = Some("the database is computed at run time".to_owned());
    }
    let word = word.map(|word| Setting::new(word.text.to_string_lossy(), "argument"));
    // `mycli -p mysql://…`: the word behind -p is the URL.
    let word = word.or_else(|| {
        let password = parsed.value("--password")?.text.to_string_lossy();
        password.contains("://").then(|| Setting::new(password, "argument"))
    });
    found.gap = found.gap.take().or(gap);
    let named = found.host.is_some()
        || found.port.is_some()
        || found.socket.is_some()
        || found.user.is_some()
        || found.login.is_some();
    let is_place = |setting: &Setting| {
        setting.value.contains("://")
            || (!named && dsn.is_none() && config.alias(&setting.value).is_some())
    };
    let chosen = dsn
        .clone()
        .or_else(|| word.clone().filter(is_place))
        .or_else(|| database.clone().filter(is_place));
    found.database = database.filter(|it| !is_place(it)).or(word.filter(|it| !is_place(it)));
    let mut alias = None;
    if let Some(chosen) = chosen {
        let text = match config.alias(&chosen.value) {
            Some(url) => {
                alias = Some(chosen.value.clone());
                Some(Setting::new(url, format!("{} {} in myclirc", chosen.source, chosen.value)))
            }
            None => chosen.value.contains("://").then_some(chosen),
        };
        match text {
            Some(text) => take_url(&mut found, &text),
            None => found.gap = Some("mycli's configuration has no such alias".to_owned()),
        }
    }
    let tunnels = ["--ssh-jump", "--kubectl-resource", "--boundary-id"];
    if tunnels.iter().any(|name| parsed.has(name)) {
        found.gap = Some("a tunnel leads to where the host is looked up".to_owned());
    }
    let logins = context.text_var("MYSQL_TEST_LOGIN_FILE").map(PathBuf::from);
    let logins = logins.or_else(|| context.home().map(|home| home.join(".mylogin.cnf")));
    if found.host.is_none() && logins.is_some_and(|path| context.world.exists(&path)) {
        found.gap = Some("~/.mylogin.cnf, an encoded file, may say where it goes".to_owned());
    }
    (found, alias)
}

/// Fills what is not given from `mysql://user@host:port/database?socket=…`.
fn take_url(found: &mut Parameters, text: &Setting) {
    let source = &text.source;
    // In an alias's URL, a variable may stand for a part.
    if text.value.contains("${") {
        found.gap = Some("a part of its URL is a variable".to_owned());
    }
    let Some(url) = url::parse(&text.value) else {
        // `mysql:///shop` names no host: this machine's.
        let path = text.value.split_once("://").map_or("", |(_, rest)| rest);
        let database = path.trim_start_matches('/').split('?').next().unwrap_or_default();
        if found.database.is_none() && !database.is_empty() {
            found.database = Some(Setting::new(database, source.clone()));
        }
        return;
    };
    if url.host_unclear {
        found.gap = Some("the host of its URL cannot be told".to_owned());
    }
    let set = |slot: &mut Option<Setting>, value: Option<String>| {
        if let Some(value) = value.filter(|value| slot.is_none() && !value.is_empty()) {
            *slot = Some(Setting::new(value, source.clone()));
        }
    };
    set(&mut found.host, Some(url.host.clone()));
    set(&mut found.port, url.port.map(|port| port.to_string()));
    set(&mut found.database, Some(url.path.trim_start_matches('/').to_owned()));
    for (name, value) in url.pairs() {
        match name.as_str() {
            "socket" => set(&mut found.socket, Some(value)),
            "ssh_jump" | "kubectl_resource" | "boundary_id" => {
                found.gap = Some("a tunnel leads to where the host is looked up".to_owned());
            }
            _ => {}
        }
    }
}
