//! What a newly started shell is asked, and its answer: where it would find
//! the guarded programs, and which of its aliases and functions bear their
//! names. Text only: starts nothing.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::Check;

/// Begins each line of the answer, to tell it from what rc files print.
const MARK: &str = "holdpoint-says:";

/// The lines that a shell of this name is given. An interactive one is asked
/// as it stands at its prompt: what keeps PATH in order there is called.
pub(super) fn script(shell: &str, names: &[&str]) -> String {
    // A name that a shell would have to be quoted for is no tool's.
    let plain = |name: &&&str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
    };
    let names: Vec<&str> = names.iter().filter(plain).copied().collect();
    let names = names.join(" ");
    match shell {
        "bash" => format!(
            "case \"${{PROMPT_COMMAND[*]-}}\" in *__holdpoint_prompt*) __holdpoint_prompt; \
             printf '\\n{MARK}kept=\\n' ;; esac; \
             for each in {names}; do \
             [ -z \"${{BASH_ALIASES[$each]-}}\" ] || \
             printf '\\n{MARK}alias=%s=%s\\n' \"$each\" \"${{BASH_ALIASES[$each]}}\"; \
             ! declare -F -- \"$each\" >/dev/null || printf '\\n{MARK}function=%s\\n' \"$each\"; \
             [ -z \"${{BASH_CMDS[$each]-}}\" ] || \
             printf '\\n{MARK}hashed=%s=%s\\n' \"$each\" \"${{BASH_CMDS[$each]}}\"; \
             done; printf '\\n{MARK}path=%s\\n' \"$PATH\""
        ),
        "zsh" => format!(
            "zmodload zsh/parameter; \
             (( ! ${{precmd_functions[(Ie)__holdpoint_prompt]}} )) || {{ __holdpoint_prompt; \
             printf '\\n{MARK}kept=\\n'; }}; \
             for each in {names}; do \
             (( ! ${{+aliases[$each]}} )) || \
             printf '\\n{MARK}alias=%s=%s\\n' \"$each\" \"${{aliases[$each]}}\"; \
             (( ! ${{+functions[$each]}} )) || printf '\\n{MARK}function=%s\\n' \"$each\"; \
             (( ! ${{+commands[$each]}} )) || \
             printf '\\n{MARK}hashed=%s=%s\\n' \"$each\" \"${{commands[$each]}}\"; \
             done; printf '\\n{MARK}path=%s\\n' \"$PATH\""
        ),
        _ => format!(
            "functions -q __holdpoint_kept; and printf '\\n{MARK}kept=\\n'; \
             for each in {names}; \
             functions -q $each; and printf '\\n{MARK}function=%s\\n' $each; \
             end; printf '\\n{MARK}path=%s\\n' (string join : -- $PATH)"
        ),
    }
}

/// What a shell answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// The value of PATH.
    pub(super) path: OsString,
    /// Whether the shims are put back in front at each prompt.
    pub(super) kept: bool,
    aliases: Vec<(String, String)>,
    functions: Vec<String>,
    hashed: Vec<(String, String)>,
}

/// Reads it off what a shell wrote. `None` if it did not get to the end.
pub(super) fn answer(text: &[u8]) -> Option<Answer> {
    let mut answer = Answer::default();
    let mut ended = false;
    let lines = text.split(|byte| *byte == b'\n');
    for line in lines.filter_map(|line| line.strip_prefix(MARK.as_bytes())) {
        if let Some(path) = line.strip_prefix(b"path=") {
            answer.path = OsStr::from_bytes(path).to_owned();
            ended = true;
            continue;
        }
        let line = String::from_utf8_lossy(line);
        let Some((kind, rest)) = line.split_once('=') else { continue };
        let pair = || rest.split_once('=').map(|(name, to)| (name.to_owned(), to.to_owned()));
        match kind {
            "kept" => answer.kept = true,
            "function" => answer.functions.push(rest.to_owned()),
            "alias" => answer.aliases.extend(pair()),
            "hashed" => answer.hashed.extend(pair()),
            _ => {}
        }
    }
    ended.then_some(answer)
}

impl Answer {
    /// What goes past the shims in an interactive shell, although they come
    /// first on PATH. `what` names the shell; `is_shim` tells a shim's path.
    pub(super) fn checks(&self, what: &str, is_shim: impl Fn(&str) -> bool) -> Vec<Check> {
        let mut checks = Vec::new();
        if !self.kept {
            let mut check = Check::note(
                "new shells",
                format!("{what}: nothing puts the shims back in front when PATH is changed later"),
            );
            check.fix = Some(
                "Have its start-up file source, at its end, what `holdpoint activate` prints for \
                 it; nothing behind that line may set PROMPT_COMMAND or precmd_functions anew."
                    .to_owned(),
            );
            checks.push(check);
        }
        let past = self.aliases.iter().filter(|(_, to)| {
            let first = to.split_whitespace().find(|word| !is_assignment(word));
            first.is_some_and(|word| word.starts_with('/') && !is_shim(word))
        });
        for (name, to) in past {
            checks.push(Check::finding(
                "new shells",
                format!("{what}: {name} is an alias for {to}, which goes past the shim"),
                format!("Name the tool without its folder in that alias: {name}."),
            ));
        }
        for (name, to) in self.hashed.iter().filter(|(_, to)| !is_shim(to)) {
            checks.push(Check::finding(
                "new shells",
                format!("{what}: remembers {name} as {to}, which goes past the shim"),
                "Take `hash` with that path out of its start-up files, and type: hash -r",
            ));
        }
        if !self.functions.is_empty() {
            checks.push(Check::note(
                "new shells",
                format!(
                    "{what}: functions of its own bear the names {}: what they run by an absolute \
                     path goes past the shims",
                    super::path::few(&self.functions)
                ),
            ));
        }
        checks
    }
}

/// Whether a word in front of a command sets a variable for it.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn the_answer_is_told_from_other_output() {
        let text = b"welcome\nholdpoint-says:path=/decoy\n\nholdpoint-says:path=/a:/b\n";
        assert_eq!(answer(text).unwrap().path, "/a:/b");
        assert_eq!(answer(b"welcome\nholdpoint-says:kept=\n"), None);
    }

    #[test]
    fn what_goes_past_the_shims_is_told() {
        let text = "holdpoint-says:alias=psql=PGUSER=me /usr/bin/psql -X\n\
                    holdpoint-says:alias=curl=curl -s\nholdpoint-says:alias=aws=/s/aws\n\
                    holdpoint-says:function=kubectl\nholdpoint-says:hashed=curl=/s/curl\n\
                    holdpoint-says:hashed=mysql=/usr/bin/mysql\nholdpoint-says:path=/s\n";
        let answer = answer(text.as_bytes()).unwrap();
        let checks = answer.checks("bash, interactive", |path| path.starts_with("/s/"));
        let told: Vec<_> = checks.iter().map(|check| (check.status, check.says.as_str())).collect();
        let shell = "bash, interactive:";
        assert_eq!(
            told,
            [
                (
                    Status::Note,
                    &*format!(
                        "{shell} nothing puts the shims back in front when PATH is changed later"
                    )
                ),
                (
                    Status::Finding,
                    &*format!(
                        "{shell} psql is an alias for PGUSER=me /usr/bin/psql -X, which goes past the shim"
                    )
                ),
                (
                    Status::Finding,
                    &*format!(
                        "{shell} remembers mysql as /usr/bin/mysql, which goes past the shim"
                    )
                ),
                (
                    Status::Note,
                    &*format!(
                        "{shell} functions of its own bear the names kubectl: what they run by an absolute path goes past the shims"
                    )
                ),
            ]
        );
    }
}
