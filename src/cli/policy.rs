//! `holdpoint policy`: a first policy file, what is in force, what is wrong
//! with it, and whether its examples hold. Only `init` writes, a file that was
//! not there.

use std::fmt::Write as _;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use dialoguer::{Confirm, Input};

use super::{complain, print};
use crate::policy::examples::{self, Judge};
use crate::policy::layer::{Layer, Owned};
use crate::policy::source::Source;
use crate::policy::{Policy, load};
use crate::text::visible;
use crate::world::World;

/// The most characters of a value that are shown.
const SHOWN: usize = 400;

/// The exit status of a file that is wrong, or of an example that fails.
const WRONG: i32 = 1;

/// The exit status of a file that is not there, or cannot be written.
const FAILED: i32 = 2;

/// The file that `init` writes, without its answers.
const STARTER: &str = include_str!("../policy/starter.toml");

/// What a project's file begins with.
const PROJECT_STARTER: &str = "# What is production around here, for everybody who works in this \
    folder. This\n# file can only tighten: name production, protect objects, ask or refuse more.\n\
    version = 1\n\n# [[environment]]\n# class = \"production\"\n# project = \"shop\"\n";

/// Arguments of `holdpoint policy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: What,
}

/// What to do with the policy.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write a first policy file, with comments.
    Init {
        /// For the project in the current directory, instead of for you.
        #[arg(long)]
        project: bool,
    },
    /// Show the files in force and what they say, the outermost first.
    Show,
    /// Say what is wrong with the policy files.
    Check {
        /// Check this file, instead of those in force.
        file: Option<PathBuf>,
        /// Whose file it is. A project's may only tighten.
        #[arg(long = "as", value_name = "WHOSE", value_parser = ["system", "user", "project"],
            requires = "file")]
        owned: Option<String>,
    },
    /// Run the examples in the policy files.
    Test,
}

/// Does it and gives the exit status.
pub fn run(args: &Args, world: &dyn World, judge: Judge<'_>) -> i32 {
    match &args.action {
        What::Init { project } => init(*project, world),
        What::Show => print(&show(world)),
        What::Check { file, owned } => {
            let policy = match file {
                None => Policy::load(world),
                Some(file) => match one(file, owned.as_deref(), world) {
                    Some(layer) => Policy::of(vec![layer]),
                    None => {
                        complain(&format!("{}: no such file", shown(file)));
                        return FAILED;
                    }
                },
            };
            check(&policy)
        }
        What::Test => test(&Policy::load(world), judge),
    }
}

/// The layer of a file that was named.
fn one(file: &Path, owned: Option<&str>, world: &dyn World) -> Option<Layer> {
    let owned = match owned {
        Some("system") => Owned::System,
        Some("project") => Owned::Project,
        None if file.file_name().is_some_and(|name| name == load::PROJECT) => Owned::Project,
        _ => Owned::User,
    };
    load::read(world, owned, file.to_owned())
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string(), SHOWN)
}

fn init(project: bool, world: &dyn World) -> i32 {
    let path = match project {
        true => world.cwd().map(|cwd| cwd.join(load::PROJECT)),
        false => load::user_path(world),
    };
    let Some(path) = path else {
        complain("there is no place for it: the account has no home directory");
        return FAILED;
    };
    if world.exists(&path) {
        complain(&format!("{} is already there", shown(&path)));
        return FAILED;
    }
    let text = if project { PROJECT_STARTER.to_owned() } else { starter(&ask()) };
    match write_new(&path, &text) {
        Ok(()) => print(&format!("wrote {}\n", shown(&path))),
        Err(error) => {
            complain(&format!("{}: {error}", shown(&path)));
            FAILED
        }
    }
}

/// What a person answered to `init`.
#[derive(Debug, Default)]
struct Answers {
    strict: bool,
    hosts: Vec<String>,
}

/// Asks a person; on anything but a terminal nothing is asked.
fn ask() -> Answers {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Answers::default();
    }
    let hosts: String = Input::new()
        .with_prompt("Hosts of production whose names do not say so (commas between; none: Enter)")
        .allow_empty(true)
        .interact_text()
        .unwrap_or_default();
    let strict = Confirm::new()
        .with_prompt("Have writes on production confirmed too?")
        .default(false)
        .interact()
        .unwrap_or(false);
    let hosts = hosts.split(',').map(str::trim).filter(|host| !host.is_empty());
    Answers { strict, hosts: hosts.map(str::to_owned).collect() }
}

/// The first file, with the answers in it.
fn starter(answers: &Answers) -> String {
    let mut text = STARTER.to_owned();
    if answers.strict {
        text = text.replace("mode = \"balanced\"", "mode = \"strict\"");
    }
    if !answers.hosts.is_empty() {
        let hosts: Vec<String> =
            answers.hosts.iter().map(|host| toml::Value::from(host.as_str()).to_string()).collect();
        let _ = write!(
            text,
            "\n[[environment]]\nclass = \"production\"\nhost = [{}]\n",
            hosts.join(", ")
        );
    }
    text
}

/// Writes a file that is not there yet, with its folder.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)?;
    file.write_all(text.as_bytes())
}

/// The places where files may be, and what those that are there say.
fn show(world: &dyn World) -> String {
    let policy = Policy::load(world);
    let mut out = String::from("builtin: the table, and the words in names\n");
    for (owned, path) in load::paths(world) {
        let layer = policy.layers().iter().find(|layer| layer.path == path);
        match layer.map(|layer| &layer.content) {
            None if owned == Owned::Project => {}
            None => {
                let _ = writeln!(out, "{}: {} (not there)", owned.word(), shown(&path));
            }
            Some(Err(problems)) => {
                let _ = writeln!(out, "{}: {} (cannot be used)", owned.word(), shown(&path));
                for problem in problems {
                    let _ = writeln!(out, "  {}", visible(&problem.to_string(), SHOWN));
                }
            }
            Some(Ok(source)) => {
                let _ = writeln!(out, "{}: {}", owned.word(), shown(&path));
                describe(source, &mut out);
            }
        }
    }
    let _ = writeln!(out, "in force: {}, policy {}", policy.mode().word(), load::digest(world));
    out
}

/// What a file says, one entry a line.
fn describe(source: &Source, out: &mut String) {
    if let Some(mode) = &source.mode {
        let _ = writeln!(out, "  mode {}", mode.get_ref().0.word());
    }
    for entry in &source.environment {
        let environment = entry.get_ref();
        let mut said: Vec<String> = Vec::new();
        let mut add = |kind: &str, globs: &[String]| {
            let globs: Vec<String> = globs.iter().map(|glob| visible(glob, 80)).collect();
            if !globs.is_empty() {
                said.push(format!("{kind} {}", globs.join(" ")));
            }
        };
        add("ids", &environment.ids.0);
        environment.patterns.iter().for_each(|(kind, globs)| add(kind.word(), &globs.0));
        add("on", &environment.platform.0);
        let name = visible(environment.name.as_deref().unwrap_or_default(), 80);
        let class = environment.class.get_ref().0;
        let _ = writeln!(out, "  {class} {name}: {}", said.join("; "));
    }
    for entry in &source.rule {
        let rule = entry.get_ref();
        let name = visible(rule.name.as_deref().or(rule.why.as_deref()).unwrap_or_default(), 80);
        let floor = if rule.floor { " (floor)" } else { "" };
        let _ = writeln!(out, "  rule {}{floor}: {name}", rule.verdict.get_ref().0);
    }
    for entry in &source.protect {
        let protect = entry.get_ref();
        let objects: Vec<&str> =
            protect.object.0.iter().chain(&protect.target.0).map(String::as_str).collect();
        let _ = writeln!(out, "  protected: {}", visible(&objects.join(" "), SHOWN));
    }
    if !source.test.is_empty() {
        let _ = writeln!(out, "  tests: {}", source.test.len());
    }
}

/// Says what is wrong.
fn check(policy: &Policy) -> i32 {
    let mut out = String::new();
    for problem in policy.problems() {
        let _ = writeln!(out, "{}", visible(&problem.to_string(), SHOWN));
    }
    if out.is_empty() {
        return print(&format!("policy files: {}, nothing wrong\n", policy.layers().len()));
    }
    print(&out).max(WRONG)
}

/// Runs the examples.
fn test(policy: &Policy, judge: Judge<'_>) -> i32 {
    let mut out = String::new();
    let (mut held, mut failed) = (0, 0);
    for (place, test) in policy.tests() {
        match examples::outcome(test, policy, judge) {
            Ok(()) => held += 1,
            Err(why) => {
                failed += 1;
                let _ = writeln!(out, "{}:{}: {why}", shown(&place.path), place.line);
            }
        }
    }
    for problem in policy.problems() {
        failed += 1;
        let _ = writeln!(out, "{}", visible(&problem.to_string(), SHOWN));
    }
    let _ = writeln!(out, "examples that hold: {held}, that do not: {failed}");
    print(&out).max(if failed > 0 { WRONG } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fake::FakeWorld;

    fn usable(owned: Owned, text: &str) -> Result<(), String> {
        let layer = Layer::new(owned, PathBuf::from("p"), text.as_bytes().to_vec());
        layer.content.map(drop).map_err(|problems| problems[0].to_string())
    }

    #[test]
    fn what_init_writes_is_a_policy() {
        assert_eq!(usable(Owned::User, &starter(&Answers::default())), Ok(()));
        assert_eq!(usable(Owned::Project, PROJECT_STARTER), Ok(()));
        let hosts = vec!["db.acme.com".to_owned(), "a\"b\\c".to_owned()];
        let text = starter(&Answers { strict: true, hosts });
        assert_eq!(usable(Owned::User, &text), Ok(()), "{text}");
        assert!(text.contains("mode = \"strict\"") && text.contains("db.acme.com"));
    }

    #[test]
    fn every_comment_of_what_init_writes_is_a_policy_too() {
        for (owned, text) in [(Owned::User, STARTER), (Owned::Project, PROJECT_STARTER)] {
            let lines = text.lines().filter(|line| !line.starts_with("# ") || is_toml(line));
            let all: Vec<&str> = lines.map(|line| line.trim_start_matches("# ")).collect();
            assert!(all.len() > 3);
            assert_eq!(usable(owned, &all.join("\n")), Ok(()), "{all:#?}");
        }
    }

    /// Whether a comment is a line of TOML, not of prose.
    fn is_toml(line: &str) -> bool {
        line.starts_with("# [[") || line.contains(" = ")
    }

    #[test]
    fn init_writes_what_is_not_there_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let world = FakeWorld { home: dir.path().to_owned(), ..FakeWorld::new() };
        let path = load::user_path(&world).unwrap();
        assert!(write_new(&path, "one").is_ok());
        assert!(write_new(&path, "two").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn show_lists_the_layers_and_what_is_wrong() {
        let world = FakeWorld::new()
            .with_file(
                "/home/ana/.config/holdpoint/policy.toml",
                "version = 1\nmode = 'strict'\n[[environment]]\nname = 'shop'\n\
                 class = 'production'\nhost = ['a', 'b\u{202e}']\n[[rule]]\nverdict = 'confirm'\n\
                 when = { effect = 'write' }\nwhy = 'Ask.'\n[[protect]]\nobject = '3d2c'\n",
            )
            .with_file("/app/.holdpoint.toml", "version = 1\nmoed = 1\n");
        let shown = show(&world);
        for line in [
            "system: /etc/holdpoint/policy.toml (not there)",
            "user: /home/ana/.config/holdpoint/policy.toml",
            "  mode strict",
            "  production shop: host a b\\u{202e}",
            "  rule confirm: Ask.",
            "  protected: 3d2c",
            "project: /app/.holdpoint.toml (cannot be used)",
            "  /app/.holdpoint.toml:2:1: unknown field `moed`",
            "in force: strict, policy ",
        ] {
            assert!(shown.contains(line), "{line}\n{shown}");
        }
    }
}
