//! PostgreSQL's own regression scripts: what psql sends for each of them, by
//! the log of the server that they run on, against what we split them into.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use holdpoint::parse::psql_script::{Arg, Command as Meta, Item, Scanner, Variables};
use holdpoint::parse::sql;

use crate::installed::cache;
use crate::server::{Server, start};
use crate::texts::bare;

/// `src/test/regress` of the sources that ./tests/run unpacks.
fn folder() -> PathBuf {
    let folder = cache().join("postgres/src/test/regress");
    assert!(folder.join("sql").is_dir(), "PostgreSQL's scripts are missing: ./tests/run");
    folder
}

/// The scripts in the groups that may run side by side.
fn schedule(folder: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join("parallel_schedule")).unwrap();
    let groups = text.lines().filter_map(|line| line.strip_prefix("test: "));
    groups.map(|group| group.split_whitespace().map(str::to_owned).collect()).collect()
}

fn psql(server: &Server, folder: &Path, database: &str) -> Command {
    let mut command = server.psql(database);
    command.args(["-q", "-v", "HIDE_TABLEAM=on", "-v", "HIDE_TOAST_COMPRESSION=on"]);
    command.env("PG_ABS_SRCDIR", folder).env("PG_ABS_BUILDDIR", &server.dir);
    command.env("PG_LIBDIR", "/usr/lib/postgresql/15/lib").env("PG_DLSUFFIX", ".so");
    command
        // A statement that is cancelled changes what psql takes a script for, so
        // this may only end what hangs, on the slowest machine, too.
        .env("PGOPTIONS", "-c statement_timeout=60s")
        .env("PGTZ", "PST8PDT")
        .env("PGDATESTYLE", "Postgres, MDY");
    command
}

/// Runs the scripts of a group, some at a time; gives what psql said to each.
fn run_together(server: &Server, folder: &Path, group: &[String]) -> Vec<(String, String)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut said = Vec::new();
        while let Some(name) = group.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut command = psql(server, folder, "regression");
            command.env("PGAPPNAME", format!("regress {name}")).args(["-v", "ECHO_HIDDEN=on"]);
            let script = fs::File::open(folder.join(format!("sql/{name}.sql"))).unwrap();
            let output = command.stdin(Stdio::from(script)).output().unwrap();
            said.push((name.clone(), String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        said
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// A text that we say psql sends.
struct Ours {
    text: String,
    /// Whether only a run tells if it is sent: it stands behind an `\if`.
    maybe: bool,
    /// Whether only a run tells its words: a variable's value is in it.
    unknown: bool,
    /// Whether the rows of its result are sent as queries (`\gexec`).
    rows: bool,
}

/// Whether the text that we split is the one that was sent: where quotes hold
/// a variable that only a run tells, by what stands around them.
fn fits(ours: &str, sent: &str, unknown: bool) -> bool {
    if unknown || ours == sent {
        return true;
    }
    let mut cuts =
        ours.match_indices(['\'', '"']).filter(|(at, _)| ours[at + 1..].starts_with(':'));
    let Some((first, _)) = cuts.next() else { return false };
    let last = cuts.next_back().map_or(first, |(at, _)| at);
    let rest = ours[last + 1..].split_once(['\'', '"']).map_or("", |(_, rest)| rest);
    sent.starts_with(&ours[..first]) && sent.ends_with(rest)
}

struct Split<'a> {
    environment: &'a [(&'static str, String)],
    variables: Variables,
    branches: usize,
    /// Whether parts of the query that was begun stand in a branch.
    split: bool,
    backslashes: bool,
    /// How many blocks of COPY's data are being read, as SQL that psql goes on
    /// with if the COPY fails.
    data: usize,
    found: Vec<Ours>,
}

impl Split<'_> {
    fn run(&mut self, text: Vec<u8>) {
        let mut scanner = Scanner::new(text, self.backslashes);
        while let Some(item) = scanner.next(&self.variables) {
            match item {
                Item::Query(query) => {
                    let by = query.by.as_ref().map_or("", |by| by.name.as_str());
                    let copies = sql::read(&query.text);
                    let copies = copies.iter().filter(|it| it.role == sql::Role::CopyIn);
                    let data: Vec<Vec<u8>> = copies.map(|_| scanner.take_data().bytes).collect();
                    let text = String::from_utf8_lossy(&query.text).into_owned();
                    if !bare(&text).is_empty() {
                        // psql prepares it only, and that shows if it fails.
                        self.split |= by == "gdesc";
                        self.push(text, query.unknown.is_some());
                        if let Some(last) = self.found.last_mut() {
                            last.rows = by == "gexec";
                        }
                    }
                    for block in data {
                        self.data += 1;
                        let branches = self.branches;
                        self.run(block);
                        self.branches = branches;
                        self.data -= 1;
                    }
                    if by == "gset" {
                        let first = query.by.as_ref().and_then(|by| by.args.list.first());
                        let prefix = first.and_then(|arg| arg.text.clone());
                        self.variables.forget(&prefix.unwrap_or_default());
                    }
                }
                Item::Command(command) if !self.command(&command, &mut scanner) => break,
                Item::Command(_) => {}
                Item::Unreadable(why) => panic!("{why}"),
            }
        }
    }

    fn push(&mut self, text: String, unknown: bool) {
        let maybe = std::mem::take(&mut self.split) || self.branches + self.data > 0;
        self.found.push(Ours { text, unknown, rows: false, maybe });
    }

    /// Follows a command; false when nothing behind it runs.
    fn command(&mut self, command: &Meta, scanner: &mut Scanner) -> bool {
        let text = |arg: Option<&Arg>| arg.and_then(|arg| arg.text.clone());
        let args = &command.args.list;
        let branch = matches!(command.name.as_str(), "if" | "elif" | "else" | "endif");
        self.split |= branch && command.pending;
        match command.name.as_str() {
            "set" => {
                let Some(name) = text(args.first()) else { return true };
                let values: Option<Vec<Vec<u8>>> =
                    args.iter().skip(1).map(|arg| arg.text.clone()).collect();
                self.variables.set(name, values.map(|parts| parts.concat()));
            }
            "unset" => self.variables.unset(text(args.first()).unwrap()),
            "getenv" => {
                let (name, from) = (text(args.first()).unwrap(), text(args.get(1)).unwrap());
                let from = String::from_utf8(from).unwrap();
                let value = self.environment.iter().find(|(name, _)| *name == from);
                self.variables.set(name, value.map(|(_, value)| value.clone().into_bytes()));
            }
            // Each is a transaction of its own.
            name if name.starts_with("lo_") => {
                for text in ["BEGIN", "COMMIT"] {
                    self.split = true;
                    self.push(text.to_owned(), false);
                }
            }
            "if" => self.branches += 1,
            "endif" => self.branches = self.branches.saturating_sub(1),
            "q" | "quit" if self.branches + self.data == 0 => return false,
            // From here on, everything may run or not.
            "q" | "quit" => self.data += 1,
            "i" | "ir" | "include" => {
                let path = String::from_utf8(text(args.first()).unwrap()).unwrap();
                if let Ok(bytes) = fs::read(path) {
                    self.run(bytes);
                }
            }
            "copy" => {
                let line = command.args.line.clone().unwrap_or_default();
                let line = String::from_utf8_lossy(&line).to_lowercase();
                if line.contains("from stdin") {
                    scanner.take_data();
                }
                self.push(format!("COPY {line}"), true);
            }
            _ => {}
        }
        true
    }
}

/// The queries of `\d` and the like, which psql shows with ECHO_HIDDEN.
fn hidden(output: &str) -> Vec<String> {
    const BEGIN: &str = "********* QUERY **********\n";
    const END: &str = "\n**************************";
    let parts = output.split(BEGIN).skip(1);
    let texts = parts.filter_map(|part| Some(bare(part.split_once(END)?.0)));
    texts.filter(|text| text != "BEGIN" && text != "COMMIT").collect()
}

/// The texts of a session without those that psql makes itself: the cursor of
/// FETCH_COUNT around a query, ON_ERROR_ROLLBACK's savepoints, the types of `\gdesc`'s columns, libpq's look at
/// the functions for large objects.
fn without_own(texts: &[String]) -> Vec<String> {
    const LARGE_OBJECTS: &str = "select proname , oid from pg_catalog . pg_proc where proname in \
        ( 'lo_open' , 'lo_close' , 'lo_creat' , 'lo_create' , 'lo_unlink' , 'lo_lseek' , \
        'lo_lseek64' , 'lo_tell' , 'lo_tell64' , 'lo_truncate' , 'lo_truncate64' , 'loread' , \
        'lowrite' ) and pronamespace = ( select oid from pg_catalog . pg_namespace where nspname \
        = 'pg_catalog' )";
    const DECLARE: &str = "DECLARE _psql_cursor NO SCROLL CURSOR FOR ";
    let texts: Vec<String> = texts.iter().map(|text| bare(text)).collect();
    let mut kept = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| texts.get(at));
        let begins = texts.get(at + 1).is_some_and(|next| next.starts_with(DECLARE));
        let ends = before.is_some_and(|before| before.contains("_psql_cursor"));
        let own = match text.as_str() {
            "" => true,
            "BEGIN" => begins,
            "COMMIT" | "ROLLBACK" => ends,
            text => {
                text.ends_with(" _psql_cursor")
                    || text.ends_with(" pg_psql_temporary_savepoint")
                    || text == LARGE_OBJECTS
                    || text.starts_with("SELECT name AS \"Column\" , pg_catalog . format_type")
            }
        };
        if !own {
            kept.push(text.strip_prefix(DECLARE).unwrap_or(text).to_owned());
        }
    }
    kept
}

/// What psql was told and what the server was sent, of every script.
struct Run {
    server: Server,
    folder: PathBuf,
    /// What psql printed, by script.
    said: BTreeMap<String, String>,
    /// What the server logged, by application name.
    log: BTreeMap<String, Vec<String>>,
}

fn run_all() -> Run {
    let folder = folder();
    let server = start();
    server.sql("postgres", "create database regression template template0");
    let mut said = BTreeMap::new();
    for group in schedule(&folder) {
        said.extend(run_together(&server, &folder, &group));
    }
    // Sent last, logged last.
    let mut mark = server.psql("postgres");
    mark.env("PGAPPNAME", "regress mark").args(["-c", "select 'the end of all'"]);
    assert!(mark.output().unwrap().status.success());
    server.sent("regress mark");
    let log = server.log();
    Run { server, folder, said, log }
}

/// Scripts in which one failed COPY makes psql read another's data as a script,
/// or which ask psql for what only a run tells: there it is only checked that
/// what we are certain of is sent, in any order.
const UNORDERED: &[&str] = &["copy2", "generated", "psql"];

/// Compares a script's texts; adds what differs to `wrong`, gives how many are
/// the same.
fn compare(run: &Run, name: &str, wrong: &mut Vec<String>) -> usize {
    let environment = [
        ("PG_ABS_SRCDIR", run.folder.display().to_string()),
        ("PG_ABS_BUILDDIR", run.server.dir.display().to_string()),
        ("PG_LIBDIR", "/usr/lib/postgresql/15/lib".to_owned()),
        ("PG_DLSUFFIX", ".so".to_owned()),
    ];
    let bytes = fs::read(run.folder.join(format!("sql/{name}.sql"))).unwrap();
    let split = |backslashes: bool| {
        let mut split = Split {
            environment: &environment,
            variables: Variables::default(),
            branches: 0,
            split: false,
            backslashes,
            data: 0,
            found: Vec::new(),
        };
        split.run(bytes.clone());
        split.found
    };
    let found = split(false);
    // Where a script changes standard_conforming_strings, each text that is
    // sent must be in one of the two readings.
    let switches = holdpoint::text::find(&bytes, b"standard_conforming_strings").is_some();
    let other: BTreeSet<String> = match switches {
        true => split(true).iter().map(|ours| bare(&ours.text)).collect(),
        false => BTreeSet::new(),
    };
    let log = run.log.get(&format!("regress {name}"));
    let mut sent = without_own(log.map_or(&[], Vec::as_slice));
    let mut own = hidden(&run.said[name]).into_iter().peekable();
    sent.retain(|text| own.next_if_eq(text).is_none());
    if UNORDERED.contains(&name) {
        let certain = found.iter().filter(|ours| !ours.maybe && !ours.unknown);
        let missing = certain.filter(|ours| !sent.contains(&bare(&ours.text)));
        wrong.extend(missing.map(|ours| format!("{name}: not sent: {}", bare(&ours.text))));
        return sent.len();
    }
    let (mut at, mut same, mut open) = (0, 0, false);
    let texts: Vec<String> = found.iter().map(|ours| bare(&ours.text)).collect();
    for (number, (ours, text)) in found.iter().zip(&texts).enumerate() {
        // What `\gdesc` has prepared, `\g` may send behind it.
        if ours.maybe && texts.get(number + 1) == Some(text) {
            continue;
        }
        while sent.get(at).is_some_and(|there| there != text && other.contains(there)) {
            at += 1;
            same += 1;
        }
        let fits = |there: &String| fits(text, there, ours.unknown);
        if sent.get(at).is_some_and(fits) {
            at += 1;
            same += 1;
        } else if let Some(rows) = sent.iter().skip(at).position(fits).filter(|_| open) {
            at += rows + 1;
            same += 1;
        } else if !ours.maybe && !switches {
            wrong.push(format!("{name}: the server: {:?}\n  we: {text:?}", sent.get(at)));
            break;
        }
        open = ours.rows;
    }
    let left = sent.get(at).filter(|_| !open);
    if let Some(left) = left.filter(|left| !other.contains(*left)) {
        wrong.push(format!("{name}: the server was sent what we do not have: {left:?}"));
    }
    same
}

/// Runs each text in a transaction of its own. Gives how many run, and those
/// that wrote.
fn that_write(run: &Run, texts: &[&String]) -> (usize, Vec<String>) {
    let mut script = String::new();
    for (number, text) in texts.iter().enumerate() {
        script.push_str(&format!(
            "begin;\n{text}\n;\ndo $check$ begin raise warning 'ran {number}'; \
             if pg_current_xact_id_if_assigned() is not null then \
             raise warning 'wrote {number}'; end if; end $check$;\nrollback;\n"
        ));
    }
    // From a file: psql would not read a pipe while nobody reads its output.
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(script.as_bytes()).unwrap();
    let mut command = psql(&run.server, &run.folder, "regression");
    command.env("PGOPTIONS", "-c statement_timeout=60s -c lock_timeout=1000");
    command.args(["-o", "/dev/null", "-f"]).arg(file.path());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let numbers = |word: &'static str| {
        said.lines().filter_map(move |line| line.split_once(word)?.1.trim().parse::<usize>().ok())
    };
    let wrote = numbers("WARNING:  wrote ").map(|number| texts[number].clone()).collect();
    (numbers("WARNING:  ran ").count(), wrote)
}

#[test]
fn the_regression_scripts_are_what_we_read() {
    let run = run_all();
    let (mut same, mut wrong) = (0, Vec::new());
    for name in run.said.keys() {
        same += compare(&run, name, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} of {same}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(same > 35_000, "{same}");

    // What we call a read leaves no transaction id behind.
    let harmless = |text: &&String| {
        let found = sql::read(text.as_bytes());
        found.len() == 1 && found.iter().all(sql::Statement::is_harmless)
    };
    let texts: BTreeSet<&String> = run.log.values().flatten().filter(harmless).collect();
    // All 17,000 take minutes; every twelfth will do.
    let texts: Vec<&String> = texts.into_iter().step_by(12).collect();
    let halves = texts.split_at(texts.len() / 2);
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(|| that_write(&run, halves.0));
        (that_write(&run, halves.1), other.join().unwrap())
    });
    assert!(one.0 + two.0 > 700, "{} and {} ran", one.0, two.0);
    // But for the functions that the scripts define: what those do cannot be
    // seen from a SELECT. And but for two that take an id and write nothing.
    let defined = run.server.sql(
        "regression",
        "select distinct proname from pg_proc where pronamespace <> 'pg_catalog'::regnamespace",
    );
    let mut defined: BTreeSet<&str> = defined.lines().collect();
    defined.extend(["pg_current_xact_id", "txid_current"]);
    let wrote: Vec<String> = one.1.into_iter().chain(two.1).collect();
    let unexplained: Vec<&String> = wrote
        .iter()
        .filter(|text| !bare(text).split(' ').any(|word| defined.contains(word)))
        .collect();
    assert!(unexplained.is_empty(), "{} of {}: {unexplained:#?}", unexplained.len(), wrote.len());
}
