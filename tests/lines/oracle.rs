//! Real bash as the oracle: a folder of recording stubs, a small world of
//! files around them, and the same world as holdpoint sees it.

#[path = "../support/wait.rs"]
mod wait;

use std::ffi::OsString;
use std::io::{Write, copy, sink};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use holdpoint::actions::{Call, Reading};
use holdpoint::invocation::{Context, Input, Invocation};
use holdpoint::rules;
use holdpoint::unwrap;
use holdpoint::world::fake::FakeWorld;

/// The guarded tools that get stubs.
pub const TOOLS: &[&str] = &["psql", "aws", "railway", "curl"];

/// The variables that stubs record.
const VARIABLES: &[&str] = &["PGHOST", "PGDATABASE", "AWS_PROFILE", "A", "B", "HOME"];

/// What is on the line's own standard input.
pub const INHERITED: &str = "select 'inherited';\n";

/// Files that stand in the line's directory.
pub const FILES: &[(&str, &str)] = &[
    ("drop.sql", "drop table users;\n"),
    ("look.sql", "select 1;\n"),
    ("deploy.sh", "#!/bin/bash\nset -e\nH=$1\npsql -h \"$H\" -f drop.sql\n"),
    ("stdin.sh", "psql -c 'select 1'\n"),
    (".env", "PGHOST=db.prod.example.com\nexport A='from env'\n"),
    ("functions.sh", "q() { psql -c \"$1\"; }\n"),
    ("ids", "one\ntwo\n"),
    ("sub/note.txt", "psql\n"),
];

/// What a stub saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub tool: String,
    pub words: Vec<String>,
    pub env: Vec<(String, Option<String>)>,
    pub cwd: PathBuf,
    /// Standard input, unless the tool got its text by `-c`.
    pub stdin: Option<String>,
}

pub struct Oracle {
    stubs: tempfile::TempDir,
}

impl Oracle {
    pub fn new() -> Oracle {
        let stubs = tempfile::tempdir().unwrap();
        let bin = stubs.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let record = format!(
            "#!/bin/bash -p\nfile=$(/usr/bin/mktemp {out}/XXXXXXXX)\nexec 9>\"$file\"\n\
             w() {{ printf '%s\\0' \"$@\" >&9; }}\n\
             w \"${{0##*/}}\" \"$PWD\" \"$#\" \"$@\"\n\
             for name in {variables}; do\n\
             if [[ -v $name ]] && [[ $(/usr/bin/env) == *$name=* ]]; then w \"=${{!name}}\"; else w -; fi\n\
             done\n\
             for word in \"$@\"; do [[ $word == -c || $word == --command=* ]] && {{ w -; exit 0; }}; done\n\
             text=$(/bin/cat; printf .)\nw \"=${{text%.}}\"\n",
            out = stubs.path().join("out").display(),
            variables = VARIABLES.join(" "),
        );
        for tool in TOOLS {
            let path = bin.join(tool);
            std::fs::write(&path, &record).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Oracle { stubs }
    }

    fn home(&self) -> PathBuf {
        self.stubs.path().join("home")
    }

    fn fresh(&self) {
        for name in ["out", "home"] {
            let _ = std::fs::remove_dir_all(self.stubs.path().join(name));
            std::fs::create_dir(self.stubs.path().join(name)).unwrap();
        }
        for (name, text) in FILES {
            let path = self.home().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    /// Whether bash accepts the line.
    pub fn is_valid(&self, line: &str) -> bool {
        Command::new("bash").args(["-n", "-c", line]).status().unwrap().success()
    }

    /// Runs a line in real bash and gives what the stubs saw, in order.
    pub fn run(&self, line: &str) -> Vec<Seen> {
        self.fresh();
        let path = format!("{}/bin:/usr/bin:/bin", self.stubs.path().display());
        let mut child = Command::new("/usr/bin/timeout")
            .args(["20", "/bin/bash", "-c", line])
            .env_clear()
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.home())
            .env("WORLD", "set outside")
            .current_dir(self.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = child.stderr.take().unwrap();
        let reader = std::thread::spawn(move || copy(&mut errors, &mut sink()));
        // A line that reads nothing closes the pipe first.
        let _ = child.stdin.take().unwrap().write_all(INHERITED.as_bytes());
        let status = child.wait().unwrap();
        assert_ne!(status.code(), Some(124), "{line}: no end to it");
        // What runs in the background or in a process substitution may only have
        // begun. Until it has ended, it holds the standard error.
        assert!(wait::until(|| reader.is_finished()), "{line}: something goes on");
        let mut seen = Vec::new();
        let all = wait::until(|| {
            seen = self.collect();
            seen.iter().all(Option::is_some)
        });
        assert!(all, "{line}: a stub did not finish");
        seen.into_iter().flatten().collect()
    }

    fn collect(&self) -> Vec<Option<Seen>> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.stubs.path().join("out"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort_by_key(|file| std::fs::metadata(file).unwrap().modified().unwrap());
        files.iter().map(|file| parse(&std::fs::read(file).unwrap())).collect()
    }

    /// The same world for holdpoint.
    pub fn world(&self) -> FakeWorld {
        let mut world = FakeWorld { cwd: self.home(), home: self.home(), ..FakeWorld::default() };
        world.vars.insert("HOME".into(), self.home().into_os_string());
        world.vars.insert("WORLD".into(), OsString::from("set outside"));
        world.stdin = Input::Text(INHERITED.as_bytes().into());
        for (name, text) in FILES {
            world = world.with_file(name, text);
        }
        world
    }
}

fn parse(bytes: &[u8]) -> Option<Seen> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut fields = text.strip_suffix('\0')?.split('\0').map(str::to_owned);
    let tool = fields.next()?;
    let cwd = PathBuf::from(fields.next()?);
    let count: usize = fields.next()?.parse().ok()?;
    let words: Vec<String> = fields.by_ref().take(count).collect();
    let value = |field: String| field.strip_prefix('=').map(str::to_owned);
    let mut env = Vec::new();
    for name in VARIABLES {
        env.push(((*name).to_owned(), value(fields.next()?)));
    }
    let stdin = value(fields.next()?);
    Some(Seen { tool, words, env, cwd, stdin })
}

/// Everything in a line, wrappers followed to the bottom: guarded tools as
/// invocations, and the actions met on the way.
pub fn found(line: &str, context: Context<'_>) -> Reading {
    let mut reading = unwrap::commands(line, context);
    let mut queue: Vec<(Invocation, usize)> =
        std::mem::take(&mut reading.inner).into_iter().map(|inner| (inner, 0)).collect();
    queue.reverse();
    while let Some((invocation, depth)) = queue.pop() {
        assert!(depth < 30, "{line}: no end to it");
        let context = Context { invocation: &invocation, ..context };
        let beside = unwrap::companions(context);
        queue.extend(beside.into_iter().rev().map(|inner| (inner, depth + 1)));
        if TOOLS.contains(&invocation.tool()) {
            reading.inner.push(invocation);
            continue;
        }
        let Some(tool) = rules::table::find(invocation.tool()) else { continue };
        let Some(inner) = unwrap::read(&Call { tool, context, full: true }) else { continue };
        reading.actions.extend(inner.actions);
        queue.extend(inner.inner.into_iter().rev().map(|inner| (inner, depth + 1)));
    }
    reading
}
