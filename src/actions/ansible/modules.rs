//! What a task's module would do, said as the command line that does the same:
//! `postgresql_db: state=absent` is a `dropdb`, so that the rules and readers
//! of those programs judge it. What has no such command is named outright.
//! Looks at the task only; a parameter that is not known is a hole.
//!
//! Source: the modules' own documentation (ansible-core 2.19, and the
//! collections community.postgresql, community.mysql, community.docker,
//! kubernetes.core, amazon.aws and community.general as of 2026); none was run
//! but command, shell, file, service and uri.

use serde_json::Value;
use shell_words::quote;

use super::removed::removed;
use crate::action::{Effect, Flag, Flags};
use crate::invocation::HOLE;
use crate::parse::playbook::{Task, filled, is_true, shown};

/// What a task comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// A line for a shell on the host.
    Line(String),
    /// A script of this machine's that runs there, with its words.
    Script(String),
    /// A service or container that is stopped there, and the line that does it.
    Stops(String, String),
    /// One that is started there.
    Starts(String),
    /// Something that no command of ours does.
    Does {
        /// How much it takes away.
        effect: Effect,
        /// What else matters about it.
        flags: Flags,
        /// What it is done to: `server web1`.
        object: String,
        /// One sentence.
        says: String,
    },
    /// Whether it destroys depends on what is not known.
    Unsure(String),
}

/// A task with what is known of the variables.
pub struct Given<'a> {
    /// The task.
    pub task: &'a Task,
    /// The value of a variable, if it is known.
    pub known: &'a dyn Fn(&str) -> Option<String>,
}

impl Given<'_> {
    /// The first of these parameters that is given.
    pub(super) fn get(&self, names: &[&str]) -> Option<String> {
        let value = names.iter().find_map(|name| self.task.args.get(*name))?;
        match value {
            Value::Array(list) => {
                let all: Vec<String> = list.iter().filter_map(shown).collect();
                Some(filled(&all.join(","), self.known))
            }
            other => Some(filled(&shown(other)?, self.known)),
        }
    }

    /// Whether a parameter is one of the words for true.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.get(&[name]).is_some_and(|text| is_true(&text))
    }

    /// The state that is asked for; empty if none is.
    pub(super) fn state(&self) -> String {
        self.get(&["state"]).unwrap_or_default()
    }

    /// An option with a parameter's value: ` -h db1`.
    pub(super) fn option(&self, option: &str, names: &[&str]) -> String {
        self.get(names).map(|value| format!(" {option} {}", quote(&value))).unwrap_or_default()
    }

    /// The first of these parameters, or a hole.
    pub(super) fn name(&self, names: &[&str]) -> String {
        self.get(names).unwrap_or_else(|| HOLE.to_owned())
    }

    /// The module's text with what is known filled in.
    pub(super) fn free(&self) -> String {
        filled(&self.task.free, self.known)
    }
}

const ABSENT: &[&str] = &["absent", "deleted", "destroyed", "terminated", "purged"];

/// Everything that a task would do.
pub fn read(given: &Given<'_>) -> Vec<Doing> {
    let task = given.task;
    let state = given.state();
    let absent = ABSENT.contains(&state.as_str());
    let unsure = state.contains(HOLE);
    let found = match task.module.as_str() {
        "command" | "shell" | "raw" | "expect" | "win_command" | "win_shell" => command(given),
        "script" => Some(Doing::Script(match given.free() {
            free if free.is_empty() => given.name(&["cmd"]),
            free => free,
        })),
        "service" | "systemd" | "systemd_service" | "sysvinit" | "runit" => service(given, &state),
        "docker_container" if absent || state == "stopped" => {
            let name = given.name(&["name"]);
            let verb = if absent { "rm -f" } else { "stop" };
            let line = format!("docker {verb} {}", quote(&name));
            Some(Doing::Stops(format!("container {name}"), line))
        }
        "docker_container" if !unsure => {
            Some(Doing::Starts(format!("container {}", given.name(&["name"]))))
        }
        "reboot" => Some(Doing::Line("reboot".to_owned())),
        "shutdown" => Some(Doing::Line("shutdown now".to_owned())),
        "uri" => Some(Doing::Line(request(given))),
        "postgresql_query" | "postgresql_script" | "mysql_query" | "mssql_script"
        | "clickhouse_client" | "mongodb_shell" => statements(given),
        "redis" => (given.get(&["command"]).as_deref() == Some("flush")).then(|| {
            let whole = given.get(&["flush_mode"]).is_none_or(|mode| mode != "db");
            let flush = if whole { "flushall" } else { "flushdb" };
            Doing::Line(format!("redis-cli{} {flush}", given.option("-h", &["login_host"])))
        }),
        "terraform" => Some(terraform(given, absent)),
        "user" if absent && given.is_on("remove") => {
            let name = given.name(&["name", "user"]);
            Some(destroys(
                "home directory of",
                &name,
                "Removes a user and everything in its home directory.",
            ))
        }
        "synchronize" if given.is_on("delete") => {
            let to = given.name(&["dest"]);
            let says = "Deletes everything in {object} that the source does not have.";
            Some(destroys("files in", &to, says))
        }
        "docker_prune" => Some(Doing::Line(match given.is_on("volumes") {
            true => "docker volume prune -af".to_owned(),
            false => "docker container prune -f".to_owned(),
        })),
        "postgresql_table" if given.is_on("truncate") => removed(given),
        "filesystem" if given.is_on("force") || absent => {
            let device = given.name(&["dev", "device"]);
            Some(Doing::Line(format!("wipefs -a {}", quote(&device))))
        }
        "postgresql_db" | "mysql_db" if state == "restore" || state == "import" => {
            let name = given.name(&["name", "db"]);
            let says = "Loads a dump over {object}.";
            Some(Doing::Does {
                effect: if state == "restore" { Effect::Destroy } else { Effect::Write },
                flags: Flags::of(&[Flag::Irreversible]),
                object: format!("database {name}"),
                says: says.replace("{object}", &format!("database {name}")),
            })
        }
        _ if absent => removed(given),
        _ if unsure && task.module != "file" => removed(given).map(|_| {
            Doing::Unsure(format!("whether {} removes anything depends on a variable", task.module))
        }),
        _ => None,
    };
    found.into_iter().collect()
}

/// Something that is destroyed, by its noun and name.
pub(super) fn destroys(noun: &str, name: &str, says: &str) -> Doing {
    let object = format!("{noun} {name}");
    Doing::Does {
        effect: Effect::Destroy,
        flags: Flags::of(&[Flag::Irreversible]),
        says: says.replace("{object}", &object),
        object,
    }
}

fn command(given: &Given<'_>) -> Option<Doing> {
    let argv = given.task.args.get("argv").and_then(Value::as_array);
    let words = argv.map(|words| {
        let words = words.iter().filter_map(shown).map(|word| filled(&word, given.known));
        words.map(|word| quote(&word).into_owned()).collect::<Vec<_>>().join(" ")
    });
    let mut line = match given.free() {
        free if free.is_empty() => given.get(&["cmd", "command"]).or(words)?,
        free => free,
    };
    if let Some(text) = given.get(&["stdin"]) {
        line = format!("printf %s {} | {line}", quote(&text));
    }
    if let Some(folder) = given.get(&["chdir"]) {
        line = format!("cd {} && {line}", quote(&folder));
    }
    Some(Doing::Line(line))
}

fn service(given: &Given<'_>, state: &str) -> Option<Doing> {
    let name = given.name(&["name", "service", "unit"]);
    let off = |key: &str| given.get(&[key]).is_some_and(|text| !is_true(&text));
    match state {
        "stopped" => {
            let line = format!("systemctl stop {}", quote(&name));
            Some(Doing::Stops(name, line))
        }
        "started" | "restarted" | "reloaded" => Some(Doing::Starts(name)),
        _ if given.is_on("masked") => Some(Doing::Line(format!("systemctl mask {}", quote(&name)))),
        _ if off("enabled") => Some(Doing::Line(format!("systemctl disable {}", quote(&name)))),
        _ => None,
    }
}

fn request(given: &Given<'_>) -> String {
    let method = given.get(&["method"]).unwrap_or_else(|| "GET".to_owned());
    let mut line = format!("curl -s -X {}", quote(&method.to_uppercase()));
    if let Some(headers) = given.task.args.get("headers").and_then(Value::as_object) {
        for (name, value) in headers {
            let value = shown(value).map(|text| filled(&text, given.known)).unwrap_or_default();
            line.push_str(&format!(" -H {}", quote(&format!("{name}: {value}"))));
        }
    }
    if given.get(&["url_username", "user"]).is_some() {
        line.push_str(" -u user:password");
    }
    match given.task.args.get("body") {
        Some(Value::String(text)) => {
            line.push_str(&format!(" -d {}", quote(&filled(text, given.known))));
        }
        Some(other) => {
            let text = filled(&other.to_string(), given.known);
            line.push_str(&format!(" --json {}", quote(&text)));
        }
        None => {}
    }
    format!("{line} {}", quote(&given.name(&["url"])))
}

/// SQL and scripts, given to the client of their database.
fn statements(given: &Given<'_>) -> Option<Doing> {
    let host = |option: &str| given.option(option, &["login_host", "host"]);
    let text = given.get(&["query", "script", "execute", "eval"]);
    let texts = || quote(text.as_deref().unwrap_or(HOLE)).into_owned();
    let database = ["login_db", "db", "name", "database"];
    let line = match given.task.module.as_str() {
        "postgresql_query" | "postgresql_script" => {
            let places = host("-h") + &given.option("-d", &database);
            match given.get(&["path", "path_to_script"]) {
                Some(path) if text.is_none() => format!("psql{places} -f {}", quote(&path)),
                _ => format!("psql{places} -c {}", texts()),
            }
        }
        "mysql_query" => {
            format!("mysql{}{} -e {}", host("-h"), given.option("-D", &database), texts())
        }
        "mssql_script" => {
            format!("sqlcmd{}{} -Q {}", host("-S"), given.option("-d", &database), texts())
        }
        "clickhouse_client" => format!("clickhouse-client{} --query {}", host("--host"), texts()),
        _ => format!("mongosh{} --eval {}", host("--host"), texts()),
    };
    Some(Doing::Line(line))
}

fn terraform(given: &Given<'_>, absent: bool) -> Doing {
    let folder = given.name(&["project_path"]);
    let words = match given.get(&["plan_file"]) {
        _ if absent => "destroy -auto-approve".to_owned(),
        Some(plan) => format!("apply {}", quote(&plan)),
        None if given.state() == "planned" => "plan".to_owned(),
        None => "apply -auto-approve".to_owned(),
    };
    let workspace = given.get(&["workspace"]);
    let chosen = workspace.map(|name| format!("TF_WORKSPACE={} ", quote(&name)));
    format!("{}terraform -chdir={} {words}", chosen.unwrap_or_default(), quote(&folder)).into()
}

impl From<String> for Doing {
    fn from(line: String) -> Doing {
        Doing::Line(line)
    }
}
