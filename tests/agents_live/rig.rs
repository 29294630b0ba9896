//! What an agent is run in: a home of its own with the hook installed, a model
//! on loopback that asks for the calls of the test, stubs that leave marks,
//! and a recorder in front of the hook. No other network is there to be
//! reached, and no key is a real one.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::agents::Agent;
use crate::installed::cache;
use crate::sandbox::Sandbox;
use crate::wait;

pub struct Rig {
    pub sandbox: Sandbox,
    pub agent: &'static Agent,
    model: Child,
    port: u16,
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = self.model.kill();
        let _ = self.model.wait();
    }
}

impl Rig {
    /// A home in which holdpoint's hook stands in the agent's settings, with
    /// the recorder in front of it.
    pub fn new(agent: &'static Agent) -> Rig {
        let sandbox = Sandbox::new();
        let mark = sandbox.path("mark");
        sandbox.tool("psql", &format!("echo \"$*\" >> {}\necho psql ran", mark.display()));
        sandbox.tool(
            "holdpoint",
            &format!(
                "file=$(mktemp {}/payload.XXXXXX)\ncat > \"$file\"\nexec {} \"$@\" < \"$file\"",
                sandbox.path("").display(),
                env!("CARGO_BIN_EXE_holdpoint"),
            ),
        );
        let done = sandbox.holdpoint(&["hooks", "install", agent.word]).output().expect("it runs");
        assert!(done.status.success(), "{done:?}");
        let file = sandbox.home().join(agent.hook);
        let text = fs::read_to_string(&file).expect("the hook's file");
        let recorder = sandbox.path("tools/holdpoint").display().to_string();
        assert!(text.contains(env!("CARGO_BIN_EXE_holdpoint")), "{text}");
        fs::write(&file, text.replace(env!("CARGO_BIN_EXE_holdpoint"), &recorder)).expect("file");
        let calls = sandbox.write("calls.json", "[]");
        let (model, port) = model(&calls, &sandbox.path("log"));
        Rig { sandbox, agent, model, port }
    }

    /// The model's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A file of the home, as text.
    pub fn home_file(&self, name: &str) -> String {
        fs::read_to_string(self.sandbox.home().join(name)).unwrap_or_default()
    }

    /// What starts the server whose tool is called.
    pub fn mcp(&self) -> (&'static str, Vec<String>) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
        let args = [script, self.sandbox.path("mark")];
        ("python3", args.iter().map(|path| path.display().to_string()).collect())
    }

    /// The same as most agents' settings have it.
    pub fn mcp_json(&self) -> Value {
        let (command, args) = self.mcp();
        json!({"command": command, "args": args})
    }

    /// The agent's program.
    pub fn program(&self) -> PathBuf {
        installed(self.agent.word, self.agent.program)
    }

    /// A command with nothing of this machine's, and no shim in front of the
    /// stubs: nothing but the hook stands between.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.sandbox.command(program);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.sandbox.path("tools").display());
        // A login shell of the agent's (Codex) sets PATH anew.
        self.sandbox.write("home/.bash_profile", &format!("PATH={path}\n"));
        command.env("PATH", path).env("SHELL", "/bin/bash").env("NO_COLOR", "1");
        command
    }

    /// Has the model ask for these calls, runs the agent to its end, and gives
    /// the texts of the results that the model was sent, which are all.
    pub fn run(&self, calls: &[Value]) -> Vec<String> {
        let (results, said) = self.run_as_far(calls);
        assert_eq!(results.len(), calls.len(), "{}: {said}\n{results:#?}", self.agent.word);
        results
    }

    /// The same for calls of which one may be the last; and what it printed.
    pub fn run_as_far(&self, calls: &[Value]) -> (Vec<String>, String) {
        self.sandbox.write("calls.json", &json!(calls).to_string());
        let _ = fs::remove_file(self.sandbox.path("log"));
        let said = self.end((self.agent.start)(self));
        let log = fs::read_to_string(self.sandbox.path("log")).unwrap_or_default();
        let bodies = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut best = Vec::new();
        for body in bodies {
            let mut found = Vec::new();
            results(&body["body"], &mut found);
            if found.len() >= best.len() {
                best = found;
            }
        }
        (best, said)
    }

    /// What ran, in the order in which it did.
    pub fn marks(&self) -> Vec<String> {
        let text = fs::read_to_string(self.sandbox.path("mark")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// What the agent sent the hook, in the order in which it did. (The
    /// doctor's canary is no call of the agent's.)
    pub fn payloads(&self) -> Vec<Value> {
        let mut files: Vec<_> = fs::read_dir(self.sandbox.path(""))
            .expect("the folder")
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("payload."))
            .map(|entry| (entry.metadata().and_then(|about| about.modified()).ok(), entry.path()))
            .collect();
        files.sort();
        let read = |path: PathBuf| serde_json::from_slice(&fs::read(path).ok()?).ok();
        let sent = files.into_iter().filter_map(|(_, path)| read(path));
        sent.filter(|payload: &Value| !payload.to_string().contains("holdpoint canary")).collect()
    }

    /// Runs a command to its end, with everything it started.
    fn end(&self, mut command: Command) -> String {
        let log = fs::File::create(self.sandbox.path("said")).expect("a file");
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a handle"))
            .stderr(log)
            .spawn()
            .expect("it starts");
        if !wait::until(|| child.try_wait().expect("it can be waited for").is_some()) {
            let _ = Command::new("kill").args(["--", &format!("-{}", child.id())]).status();
            let _ = child.wait();
        }
        // Servers that the agent leaves behind end with it; Cline's has a group
        // of its own, and would serve the next test, too.
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["--", &group]).stderr(Stdio::null()).status();
        for left in self.left_behind() {
            let _ = Command::new("kill").args(["-9", &left]).stderr(Stdio::null()).status();
        }
        fs::read_to_string(self.sandbox.path("said")).unwrap_or_default()
    }
}

impl Rig {
    /// The processes whose home is this test's, but for this test's own.
    fn left_behind(&self) -> Vec<String> {
        let home = format!("HOME={}\0", self.sandbox.home().display());
        let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
        entries
            .filter(|entry| {
                let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
                environment.windows(home.len()).any(|part| part == home.as_bytes())
            })
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }
}

/// An agent's program, which must be installed.
pub fn installed(agent: &str, program: &str) -> PathBuf {
    let path = cache().join("agents").join(agent).join("node_modules").join(program);
    assert!(path.exists(), "./tests/run --agents installs {}", path.display());
    path
}

/// Where ./tests/run puts agents.
fn model(calls: &Path, log: &Path) -> (Child, u16) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/model_server.py");
    let mut process = Command::new("python3")
        .arg(script)
        .args([calls, log])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut line = String::new();
    let out = process.stdout.take().expect("its output");
    BufReader::new(out.take(100)).read_line(&mut line).expect("its port");
    (process, line.trim().parse().expect("a port"))
}

/// The tool results in a request, in every vendor's form, as text.
fn results(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
            let is_result = kind == "tool_result"
                || kind.ends_with("_call_output")
                || object.get("role").and_then(Value::as_str) == Some("tool")
                || object.contains_key("functionResponse");
            match is_result {
                true => out.push(value.to_string().replace("\\n", "\n").replace("\\\"", "\"")),
                false => object.values().for_each(|item| results(item, out)),
            }
        }
        Value::Array(items) => items.iter().for_each(|item| results(item, out)),
        _ => {}
    }
}
