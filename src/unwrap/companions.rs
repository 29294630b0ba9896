//! Programs that variables name beside a command: the pager that shows what it
//! prints, the editor that it opens, the browser that it sends somebody to.
//! Only what the words around a command set is looked at: an account's own
//! variables are its own business. man, less and git were run; the others'
//! variables are from memory.

use crate::invocation::{COMPUTED, Context, HOLE, Invocation, Stdin};
use crate::rules;

use super::packages::line;

/// A variable whose value is a command line, and the programs that run it.
struct Companion {
    variable: &'static str,
    by: &'static [&'static str],
    gets: Gets,
}

/// What such a command gets from the program.
#[derive(Clone, Copy, PartialEq)]
enum Gets {
    /// Words behind its own: the file to edit, the address to open.
    Words,
    /// What the program prints, on its standard input.
    Output,
    /// A name in the place of `%s`.
    Name,
}

/// What opens whichever editor the account likes.
const EDITING: &[&str] = &[
    "ansible-vault",
    "argocd",
    "crontab",
    "gh",
    "git",
    "glab",
    "hg",
    "jj",
    "kubectl",
    "less",
    "litecli",
    "mariadb",
    "mongosh",
    "mycli",
    "mysql",
    "npm",
    "oc",
    "pgcli",
    "psql",
    "rails",
    "sensible-editor",
    "sops",
    "sudo",
    "sudoedit",
    "svn",
    "systemctl",
    "vigr",
    "vipw",
    "visudo",
];

/// What shows its output with whichever pager the account likes.
const PAGING: &[&str] = &[
    "aws",
    "bat",
    "batcat",
    "gh",
    "git",
    "glab",
    "hg",
    "jj",
    "journalctl",
    "litecli",
    "loginctl",
    "man",
    "mariadb",
    "mycli",
    "mysql",
    "pgcli",
    "psql",
    "sensible-pager",
    "svn",
    "systemctl",
];

/// What opens an address, to log in or to show a page.
const BROWSING: &[&str] = &[
    "aws",
    "az",
    "firebase",
    "fly",
    "flyctl",
    "gcloud",
    "gh",
    "git",
    "glab",
    "heroku",
    "neonctl",
    "netlify",
    "npm",
    "railway",
    "sensible-browser",
    "stripe",
    "supabase",
    "vercel",
    "wrangler",
    "xdg-open",
];

const COMPANIONS: &[Companion] = &[
    edits("EDITOR", EDITING),
    edits("VISUAL", EDITING),
    edits("KUBE_EDITOR", &["kubectl", "oc"]),
    edits("PSQL_EDITOR", &["psql"]),
    edits("SUDO_EDITOR", &["sudo", "sudoedit"]),
    edits("SYSTEMD_EDITOR", &["systemctl"]),
    edits("BROWSER", BROWSING),
    edits("GIT_SSH", &["git"]),
    edits("KUBECTL_EXTERNAL_DIFF", &["kubectl"]),
    names("LESSOPEN", &["less", "man"]),
    names("LESSCLOSE", &["less", "man"]),
    edits("RSYNC_RSH", &["rsync"]),
    edits("SSH_ASKPASS", &["git", "ssh", "scp", "sftp"]),
    edits("SUDO_ASKPASS", &["sudo"]),
    pages("PAGER", PAGING),
    pages("AWS_PAGER", &["aws"]),
    pages("BAT_PAGER", &["bat", "batcat"]),
    pages("GH_PAGER", &["gh"]),
    pages("MANPAGER", &["man"]),
    pages("PSQL_PAGER", &["psql"]),
    pages("SYSTEMD_PAGER", &["journalctl", "loginctl", "systemctl"]),
];

const fn edits(variable: &'static str, by: &'static [&'static str]) -> Companion {
    Companion { variable, by, gets: Gets::Words }
}

const fn pages(variable: &'static str, by: &'static [&'static str]) -> Companion {
    Companion { variable, by, gets: Gets::Output }
}

const fn names(variable: &'static str, by: &'static [&'static str]) -> Companion {
    Companion { variable, by, gets: Gets::Name }
}

/// The commands that variables set around a command make it run.
pub fn companions(context: Context<'_>) -> Vec<Invocation> {
    let outer = context.invocation;
    if outer.env.is_empty() {
        return Vec::new();
    }
    let tool = outer.tool();
    let named = COMPANIONS.iter().filter(|one| one.by.contains(&tool));
    let started = named.filter_map(|one| {
        let value = outer.env.get(std::ffi::OsStr::new(one.variable))?.as_ref()?;
        let text = value.to_str().filter(|text| *text != COMPUTED)?;
        let text = text.trim_start_matches(['|', '-']).trim();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if text.is_empty()
            || (text.chars().all(plain) && rules::find(text, context.world).is_none())
        {
            return None;
        }
        let text = match one.gets {
            Gets::Words => format!("{} {HOLE}", text.replace("%s", HOLE)),
            Gets::Name => text.replace("%s", HOLE),
            Gets::Output => text.to_owned(),
        };
        let mut inner = line(outer, text.into_bytes(), None);
        // Neither what is on it nor the variable again: a pager has no pager.
        inner.env.push((one.variable.into(), None));
        if one.gets == Gets::Output {
            inner.stdin = Stdin::Opaque(format!("what {tool} prints"));
        }
        Some(inner)
    });
    started.collect()
}

#[cfg(test)]
mod tests {
    use crate::actor::ActorKind;
    use crate::invocation::Invocation;
    use crate::judgement::Verdict;
    use crate::pipeline::{self, Options, Subject};
    use crate::world::fake::FakeWorld;

    fn verdict(line: &str) -> Verdict {
        let options = Options { actor: Some(ActorKind::Agent), full: false };
        let world = FakeWorld::new()
            .with_var("PGHOST", "db.prod.acme.com")
            .with_var("PAGER", "psql -c 'drop table users'");
        pipeline::judge(Subject::Line(line, &Invocation::default()), &world, options)
            .judgement
            .verdict
    }

    #[test]
    fn what_a_variable_makes_a_program_run_is_judged() {
        let drop = "\"psql -c 'drop table users'\"";
        for line in [
            format!("PAGER={drop} git log"),
            format!("PAGER={drop} man ls"),
            format!("MANPAGER={drop} man ls"),
            format!("man -P {drop} ls"),
            format!("export EDITOR={drop}; git commit --amend"),
            format!("env VISUAL={drop} crontab -e"),
            format!("EDITOR={drop} sudoedit /etc/hosts"),
            format!("KUBE_EDITOR={drop} kubectl --context kind-a edit deploy x"),
            format!("PSQL_PAGER={drop} psql -h localhost -c 'select 1'"),
            format!("LESSOPEN=\"|-\"{drop} less x"),
            format!("BROWSER={drop} gh browse"),
            format!("AWS_PAGER={drop} aws s3api list-buckets"),
            format!("GIT_SSH_COMMAND={drop} git fetch"),
            "PAGER='psql' git log".to_owned(),
        ] {
            assert_eq!(verdict(&line), Verdict::Refuse, "{line}");
        }
    }

    #[test]
    fn a_pager_and_an_editor_are_no_reason_to_stop() {
        for line in [
            "git log",
            "PAGER=cat git log",
            "PAGER='less -FRX' git log",
            "PAGER= git log",
            "PAGER='git log' git log",
            "EDITOR='code --wait' git commit",
            "GIT_EDITOR=true git rebase --continue",
            "EDITOR=\"sed -i 's/^pick/drop/'\" git rebase -i HEAD~2",
            "MANPAGER=\"sh -c 'col -bx | bat -l man -p'\" man git",
            "PAGER=\"psql -c 'drop table users'\" make",
            "LESSOPEN='| lesspipe %s' less x",
            "BROWSER=firefox gh browse",
        ] {
            assert_eq!(verdict(line), Verdict::Allow, "{line}");
        }
    }
}
