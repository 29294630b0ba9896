//! A project's folder in a sandbox, and holdpoint's judgement on lines that
//! are run there.

use crate::sandbox::{Sandbox, err, out};

/// The project.
pub struct Project {
    pub sandbox: Sandbox,
}

/// What holdpoint says of a line.
#[derive(Debug)]
pub struct Said {
    pub verdict: String,
    pub class: String,
    pub effect: String,
    /// The target of the worst action.
    pub target: String,
}

impl Project {
    /// A project of these files.
    pub fn new(files: &[(&str, &str)]) -> Project {
        let project = Project { sandbox: Sandbox::new() };
        for (name, text) in files {
            project.sandbox.write(&format!("work/{name}"), text);
        }
        project
    }

    /// The judgement on a line that an agent would run.
    pub fn judge(&self, line: &str, env: &[(&str, &str)]) -> Said {
        let mut command =
            self.sandbox.holdpoint(&["check", "--json", "--as", "agent", "--line", line]);
        command.envs(env.iter().copied());
        let output = command.output().expect("it starts");
        let text = out(&output);
        let json: serde_json::Value = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{line}: {text}{}", err(&output)));
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        Said {
            verdict: word(&json["verdict"]),
            class: word(&json["target"]["class"]),
            effect: word(&json["actions"][0]["effect"]),
            target: word(&json["target"]["name"]),
        }
    }

    #[track_caller]
    pub fn refused(&self, line: &str, env: &[(&str, &str)]) -> Said {
        let said = self.judge(line, env);
        assert_eq!(said.verdict, "refuse", "{line}: {said:?}");
        said
    }

    /// Allowed without a question, though it destroys: it is known to be
    /// local or development.
    #[track_caller]
    pub fn free(&self, line: &str, env: &[(&str, &str)]) -> Said {
        let said = self.judge(line, env);
        assert_eq!(said.verdict, "allow", "{line}: {said:?}");
        assert_eq!(said.effect, "destroy", "{line}: {said:?}");
        assert!(matches!(said.class.as_str(), "local" | "development"), "{line}: {said:?}");
        said
    }

    /// Whether the tool behind a shim is started when an agent calls it.
    pub fn passes_shim(&self, words: &[&str], env: &[(&str, &str)]) -> bool {
        let (program, args) = words.split_first().expect("words");
        self.sandbox.shim(program);
        self.sandbox.tool(program, "echo started");
        let mut command = self.sandbox.agent(program, args);
        let output = command.envs(env.iter().copied()).output().expect("it starts");
        match output.status.code() {
            Some(0) => {
                assert_eq!(out(&output), "started\n");
                true
            }
            code => {
                assert_eq!(code, Some(77), "{words:?}: {}", err(&output));
                assert_eq!(out(&output), "");
                false
            }
        }
    }
}
