//! Shells at a terminal: each started in a home of its own with holdpoint
//! installed, as an agent's, so that the shim answers what it refuses.

use std::path::PathBuf;

use crate::home::Home;
use crate::terminal::Terminal;

/// The shells that are kept in order at their prompts.
pub const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// What the shim refuses, and any other psql would run.
/// A shell may be told to end where a command fails.
const DESTROY: &str = "psql -h db.prod.acme.com -c 'DROP TABLE users' || true";

/// The start-up file that an interactive shell reads last.
pub fn rc(shell: &str) -> &'static str {
    match shell {
        "bash" => ".bashrc",
        "zsh" => ".zshrc",
        _ => ".config/fish/config.fish",
    }
}

/// A prompt to wait for, and nothing that is drawn twice.
pub fn plain(shell: &str) -> &'static str {
    match shell {
        "fish" => "function fish_prompt; echo -n 'READY> '; end; set -g fish_greeting\n",
        "zsh" => "PS1='READY> '; unsetopt prompt_sp prompt_cr\n",
        _ => "PS1='READY> '\n",
    }
}

/// A home with such a prompt and holdpoint installed behind it.
pub fn prepare(shell: &str) -> Home {
    let home = Home::new();
    home.write(rc(shell), plain(shell).as_bytes());
    if shell == "bash" {
        home.write(".profile", plain(shell).as_bytes());
    }
    home.install(shell, &[]);
    home
}

/// The file that the start-up file sources.
pub fn activation(home: &Home, shell: &str) -> PathBuf {
    home.path(&format!(".local/share/holdpoint/activate.{shell}"))
}

/// A shell at its prompt.
pub struct Shell {
    terminal: Terminal,
    shims: String,
}

impl Shell {
    /// Starts it with the environment of a fresh login, and a folder `tools`
    /// on PATH.
    pub fn start(home: &Home, shell: &str, options: &[&str]) -> Shell {
        let place = home.path("").display().to_string();
        let place = place.trim_end_matches('/');
        let variables = [
            format!("HOME={place}"),
            format!("HOLDPOINT_TEST_HOME={place}"),
            format!("SHELL=/usr/bin/{shell}"),
            format!("PATH={place}/tools:/usr/local/bin:/usr/bin:/bin"),
        ];
        let mut words = vec!["env", "-i", "-C", place, "TERM=dumb", "CLAUDECODE=1"];
        words.extend(variables.iter().map(String::as_str));
        words.push(shell);
        words.extend(options);
        let mut terminal = Terminal::start(&words, 1000);
        terminal.prompt();
        let shims = home.path(".local/share/holdpoint/shims").display().to_string();
        Shell { terminal, shims }
    }

    /// Types a line and gives what is written up to the next prompt.
    pub fn run(&mut self, line: &str) -> String {
        self.terminal.run(line)
    }

    /// Types the name of a tool: whether the shim answers.
    pub fn is_guarded(&mut self) -> bool {
        self.run(DESTROY).contains("psql was refused")
    }

    /// The folders on PATH.
    pub fn path(&mut self) -> Vec<String> {
        let text = self.run("echo \"<$PATH>\"");
        let found = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
        let (path, _) = found.unwrap_or_else(|| panic!("no PATH in {text:?}"));
        path.split(':').map(str::to_owned).collect()
    }

    /// Where on PATH the shims stand.
    pub fn shims_on_path(&mut self) -> Vec<usize> {
        let path = self.path();
        path.iter()
            .enumerate()
            .filter(|(_, entry)| **entry == self.shims)
            .map(|(at, _)| at)
            .collect()
    }

    /// Everything that was on the terminal.
    pub fn all(&self) -> String {
        self.terminal.all()
    }
}
