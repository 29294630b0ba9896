//! A command that is a script by its path: `./deploy.sh a` is `sh ./deploy.sh
//! a`, by the file's first line. Reads the front of that file, never more.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::MAX_SCRIPT;
use crate::invocation::{COMPUTED, Context, HOLE, Invocation};
use crate::rules::{Reader, table};
use crate::world::World;

/// The most folders of a PATH that are looked into.
const MAX_FOLDERS: usize = 20;

/// How much of a program is looked at to see what runs it, in bytes.
const HEAD: usize = 256;

/// The words that stand in front of a script's path when it runs. None for
/// what no rule's program runs, and for a script that is too long to be
/// followed.
pub(super) fn front(path: &str, context: Context<'_>) -> Option<Vec<String>> {
    if !path.contains('/') {
        return None;
    }
    let head = match context.read_start(path, HEAD) {
        Ok(head) => head,
        Err(_) => context.read(path, MAX_SCRIPT).ok()?,
    };
    if head.contains(&0) {
        return None;
    }
    let words = interpreter(&head);
    let program = Path::new(words.first()?).file_name()?.to_str()?;
    let rule = table::find(program)?;
    matches!(rule.reader, Reader::Shell | Reader::Launcher | Reader::Little).then_some(words)
}

/// The file of this name in the folders of a PATH that words around the
/// command set; those that it only takes over are left to the shims.
pub(super) fn on_own_path(name: &str, context: Context<'_>) -> Option<String> {
    let path = context.invocation.env.get(OsStr::new("PATH"))?.as_ref()?.as_bytes();
    on_path(path, name, &context.cwd()?, context.world)
}

/// The file of this name in the folders of this PATH that are not on the
/// account's own.
pub(super) fn on_path(path: &[u8], name: &str, cwd: &Path, world: &dyn World) -> Option<String> {
    let own = world.var("PATH".as_ref()).unwrap_or_default();
    let known = |folder: &&[u8]| {
        let text = String::from_utf8_lossy(folder);
        let mut taken = own.as_bytes().split(|byte| *byte == b':');
        !text.contains(HOLE) && !text.contains(COMPUTED) && !taken.any(|it| it == *folder)
    };
    let folders = path.split(|byte| *byte == b':').filter(known);
    folders.take(MAX_FOLDERS).find_map(|folder| {
        let file = cwd.join(OsStr::from_bytes(folder)).join(name);
        file.to_str().filter(|_| world.exists(&file)).map(str::to_owned)
    })
}

/// The interpreter's invocation, where a command without rules of its own
/// (`nohup ./deploy.sh`, seen from `nohup`) is a script.
pub fn by_path(context: Context<'_>) -> Option<Invocation> {
    let outer = context.invocation;
    if outer.is_dynamic(0) {
        return None;
    }
    let name = outer.argv.first()?.to_str()?;
    let path = match name.contains('/') {
        true => name.to_owned(),
        false => on_own_path(name, context)?,
    };
    let words = front(&path, context)?;
    let count = words.len();
    let mut inner = Invocation { loosely: true, ..outer.clone() };
    *inner.argv.first_mut()? = OsString::from(path);
    inner.argv.splice(0..0, words.into_iter().map(OsString::from));
    inner.dynamic.iter_mut().for_each(|at| *at += count);
    inner.templates.iter_mut().for_each(|(at, _)| *at += count);
    Some(inner)
}

/// The words of a script's first line that name what runs it; a shell runs
/// what has none.
fn interpreter(head: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().next().unwrap_or_default();
    let Some(line) = line.strip_prefix("#!") else { return vec!["sh".to_owned()] };
    let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    if words.first().is_some_and(|word| word.ends_with("/env")) {
        words.remove(0);
        let front = |word: &String| word.starts_with('-') || word.contains('=');
        let count = words.iter().take_while(|word| front(word)).count();
        words.drain(..count);
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::actor::ActorKind;
    use crate::invocation::Invocation;
    use crate::judgement::Verdict;
    use crate::pipeline::{self, Options, Subject};
    use crate::world::fake::FakeWorld;

    /// A machine whose database and cluster are production's.
    fn world() -> FakeWorld {
        FakeWorld::new()
            .with_var("DATABASE_URL", "postgres://app@db.prod.acme.com/shop")
            .with_file("/app/.git/HEAD", "ref: refs/heads/topic\n")
            .with_file("/app/reset.sh", "#!/bin/bash\npsql \"$DATABASE_URL\" -c 'drop table a'\n")
            .with_file("/app/wipe.py", "#!/usr/bin/env python3\nimport os\nos.system('psql $DATABASE_URL -c \"drop table a\"')\n")
            .with_file("/app/jobs/purge.py", "import os\nos.system('psql $DATABASE_URL -c \"drop table a\"')\n")
            .with_file("/app/look.sh", "psql \"$DATABASE_URL\" -c 'select 1'\n")
            .with_file("/app/.env", "DATABASE_URL=postgres://app@db.prod.acme.com/shop\n")
            .with_file("/app/.env.test", "DATABASE_URL=postgres://localhost/shop\n")
    }

    fn verdict(line: &str) -> Verdict {
        let options = Options { actor: Some(ActorKind::Agent), full: false };
        let subject = Subject::Line(line, &Invocation::default());
        pipeline::judge(subject, &world(), options).judgement.verdict
    }

    #[test]
    fn a_script_is_read_behind_whatever_starts_it() {
        for line in [
            "nohup ./reset.sh > /dev/null 2>&1 &",
            "timeout 60 ./reset.sh",
            "sudo -E ./reset.sh",
            "env A=1 ./reset.sh",
            "xargs ./reset.sh < /dev/null",
            "find . -name x -exec ./reset.sh \\;",
            "exec ./reset.sh",
            "nohup ./wipe.py &",
            "doppler run -- ./reset.sh",
            "echo 'psql $DATABASE_URL -c \"drop table a\"' > x.sh; nohup ./x.sh &",
            "\"$(pwd)/reset.sh\"",
            "$(git rev-parse --show-toplevel)/reset.sh",
            "python3 -m jobs.purge",
        ] {
            assert_eq!(verdict(line), Verdict::Refuse, "{line}");
        }
        for line in [
            "nohup ./look.sh &",
            "sudo -E ./look.sh",
            "nohup ./missing.sh",
            "env DATABASE_URL=postgres://localhost/a ./reset.sh",
            "python3 -m pytest",
        ] {
            assert_eq!(verdict(line), Verdict::Allow, "{line}");
        }
    }

    #[test]
    fn variables_come_from_the_file_that_a_line_reads() {
        let drop = "psql \"$DATABASE_URL\" -c 'drop table a'";
        for front in [
            "DATABASE_URL=postgres://localhost/a; export $(cat .env | xargs)",
            "DATABASE_URL=postgres://localhost/a; export $(grep -v '^#' .env)",
            // What it sets cannot be seen.
            "export DATABASE_URL=postgres://localhost/a; export $(sed s/x/y/ .env)",
            "export DATABASE_URL=postgres://localhost/a; eval \"$(direnv export bash)\"",
        ] {
            assert_eq!(verdict(&format!("{front}; {drop}")), Verdict::Refuse, "{front}");
        }
        assert_eq!(verdict(&format!("export $(cat .env.test | xargs); {drop}")), Verdict::Allow);
        for (line, expected) in [
            ("env $(cat .env.test) npx prisma migrate reset --force", Verdict::Allow),
            ("env $(cat .env) npx prisma migrate reset --force", Verdict::Refuse),
            ("env $(sed s/x/y/ .env.test) npx prisma migrate reset --force", Verdict::Refuse),
            ("env $(sed s/x/y/ .env) npm test", Verdict::Allow),
            ("env $(sed s/x/y/ names) -c 'drop table a'", Verdict::Refuse),
        ] {
            assert_eq!(verdict(line), expected, "{line}");
        }
    }

    #[test]
    fn a_new_file_holds_what_the_line_writes_into_it() {
        let psql = "psql $DATABASE_URL -f";
        for (line, expected) in [
            (format!("f=$(mktemp); echo 'select 1' > $f; {psql} $f"), Verdict::Allow),
            (format!("f=$(mktemp); echo 'drop table a' > $f; {psql} $f"), Verdict::Refuse),
            (format!("f=$(mktemp); gunzip -c a.gz > $f; {psql} $f"), Verdict::Refuse),
            (format!("f=$(mktemp); g=$(mktemp); echo 'select 1' > $f; {psql} $g"), Verdict::Refuse),
            ("d=$(mktemp -d); echo ls > $d/x.sh; bash $d/x.sh".to_owned(), Verdict::Allow),
        ] {
            assert_eq!(verdict(&line), expected, "{line}");
        }
    }
}
