//! Programs that run a command of their words, against the programs
//! themselves: each line is run by a real bash with recording stubs behind
//! them, and what the stubs saw is compared with what holdpoint reads in the
//! line.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/installed.rs"]
mod installed;

mod lines {
    #[allow(dead_code)]
    pub mod oracle;
}

#[path = "lines/little.rs"]
mod little;

use holdpoint::invocation::{COMPUTED, Context, Invocation};
use installed::installed;
use lines::oracle::{Oracle, Seen, found};

fn just() -> String {
    installed("just/bin/just").display().to_string()
}

/// Whether what was found is what a stub saw: equal where it is not computed.
fn agrees(found: &Invocation, seen: &Seen, context: Context<'_>) -> bool {
    let context = Context { invocation: found, ..context };
    let words: Vec<String> =
        found.argv.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let certain = found.dynamic.iter().min().map_or(words.len(), |at| at - 1);
    let same = match found.dynamic.is_empty() {
        true => words == seen.words,
        false => seen.words.get(..certain) == words.get(..certain),
    };
    let env = seen.env.iter().filter(|(name, _)| name != "HOME").all(|(name, value)| {
        let ours = context.var(name).map(|value| value.to_string_lossy().into_owned());
        ours.as_deref() == Some(COMPUTED) || ours == *value
    });
    let cwd = context.cwd().expect("a folder");
    let there = cwd.to_string_lossy().contains(COMPUTED)
        || std::fs::canonicalize(cwd).ok() == std::fs::canonicalize(&seen.cwd).ok();
    found.tool() == seen.tool && same && env && there
}

/// Runs a line for real: `runs` commands, all of them found, and nothing else.
fn compare(oracle: &Oracle, line: &str, runs: usize) -> Result<(), String> {
    let real = oracle.run(line);
    let world = oracle.world();
    let surroundings = Invocation::default();
    let context = Context { invocation: &surroundings, world: &world };
    let reading = found(line, context);
    if real.len() != runs {
        return Err(format!("it ran {real:?}"));
    }
    for seen in &real {
        if !reading.inner.iter().any(|found| agrees(found, seen, context)) {
            return Err(format!("it ran {seen:?}, found only {:?}", reading.inner));
        }
    }
    let invented = reading.inner.iter().find(|found| {
        found.dynamic.is_empty() && !real.iter().any(|seen| agrees(found, seen, context))
    });
    match invented {
        Some(found) => Err(format!("{found:?} never ran: {real:?}")),
        None => Ok(()),
    }
}

#[track_caller]
fn check(lines: &[(&str, usize)]) {
    let oracle = Oracle::new();
    let failures: Vec<String> = lines
        .iter()
        .filter_map(|(line, runs)| {
            compare(&oracle, line, *runs).err().map(|why| format!("{line}\n  {why}"))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), lines.len(), failures.join("\n"));
}

#[test]
fn wrappers_of_this_machine_run_what_is_read_in_them() {
    check(&[
        ("flock lock psql -c 'drop table a'", 1),
        ("flock -n lock -c \"psql -c 'drop table a'\"", 1),
        ("flock -w 5 lock psql -h -n -c x", 1),
        ("flock 9 9>lock && psql -c x", 1),
        ("script -qec \"psql -c 'drop table a'\" /dev/null", 1),
        ("script -q /dev/null -c 'psql -c x' -e", 1),
        ("script --command='psql -c x' --quiet out", 1),
        ("strace -f -o log -e trace=none psql -c 'drop table a'", 1),
        ("strace -qq -o log -E PGHOST=there -E A psql -c x", 1),
        ("unshare -r -m psql -c x", 1),
        ("unshare --map-root-user --wd=sub psql -c x", 1),
        ("busybox env PGHOST=there psql -c x", 1),
        ("busybox sh -c 'psql -c \"drop table a\"'", 1),
        ("nsenter --target $$ psql -c x", 1),
        ("ls ids | entr -nz psql -c x", 1),
        ("ls ids | entr -nzs \"psql -c 'drop table a'\"", 1),
    ]);
}

#[test]
fn find_runs_what_stands_behind_exec() {
    check(&[
        ("find . -name drop.sql -exec psql -h there -f {} ';'", 1),
        ("find . -name '*.sql' -exec psql -h there -c x {} +", 1),
        ("find . -name '*.sql' -exec psql -c x {} ';' -exec aws s3 ls ';'", 4),
        ("find . -name note.txt -execdir psql -c 'drop table a' ';'", 1),
        ("find . -name ids -exec sh -c 'psql -c \"drop table a\"' ';'", 1),
        ("find . -name ids -exec env PGHOST=there psql -c x +y ';'", 1),
        ("find . -name psql -o -name ids -print", 0),
    ]);
}

#[test]
fn parallel_runs_a_line_for_each_argument() {
    check(&[
        ("parallel --will-cite psql -c ::: a 'b c'", 2),
        ("parallel --will-cite -j1 \"psql -c 'drop table {}'\" ::: users orders", 2),
        ("parallel --will-cite psql -h there -c 'drop table x' ::: a", 1),
        ("parallel --will-cite -k psql -c {2} {1} ::: a ::: b", 1),
        ("parallel --will-cite psql -c {.} ::: a.sql", 1),
        ("printf 'psql -c x\\npsql -c \"drop table a\"\\n' | parallel --will-cite", 2),
        ("cat ids | parallel --will-cite psql -c", 2),
        ("parallel --will-cite --dry-run psql -c ::: a", 0),
    ]);
}

/// A justfile and what of it is run.
fn justfile(text: &str, words: &str, runs: usize) -> (String, usize) {
    (format!("cat > justfile <<'EOF'\n{text}\nEOF\n{} {words}", just()), runs)
}

#[test]
fn just_runs_the_recipes_that_are_read() {
    let drop = "psql -c 'drop table a'";
    let cases = [
        justfile(&format!("build:\n    {drop}\nother:\n    psql -c no"), "", 1),
        justfile(&format!("build:\n    @{drop}\n    -@psql -c y"), "build", 2),
        justfile(
            "name := 'users'\nsql := \"drop table \" + name\nb:\n    psql -c \"{{sql}}\"",
            "b",
            1,
        ),
        justfile("name := 'users'\nb:\n    psql -c '{{name}}'", "name=orders b", 1),
        justfile("name := 'users'\nb:\n    psql -c '{{name}}'", "--set name orders b", 1),
        justfile("b t='users':\n    psql -c 'drop {{t}}'", "b orders", 1),
        justfile("b t='users':\n    psql -c 'drop {{t}}'", "b", 1),
        justfile("b *t:\n    psql -c '{{t}}'", "b a b c", 1),
        justfile("b +t='x y':\n    psql -c '{{t}}'", "b", 1),
        justfile("a t:\n    psql -c {{t}}\nb u:\n    aws {{u}}", "a one b two", 2),
        justfile(
            "a: b (c 'x') && d\n    psql -c a\nb:\n    psql -c b\nc t:\n    psql -c {{t}}\nd:\n    psql -c d",
            "a",
            4,
        ),
        justfile("alias r := reset\nreset:\n    psql -c r", "r", 1),
        justfile("export PGHOST := 'there'\nb:\n    psql -c x", "b", 1),
        justfile("b $A:\n    psql -c \"$A\"", "b word", 1),
        justfile("set export\nA := 'z'\nb:\n    psql -c \"$A\"", "b", 1),
        justfile("set dotenv-load\nb:\n    psql -c x", "b", 1),
        justfile("set shell := ['bash', '-uc']\nb:\n    psql -c $'drop\\ttable'", "b", 1),
        justfile("set positional-arguments\nb t:\n    psql -c \"$1\"", "b 'drop x'", 1),
        justfile("b:\n    #!/usr/bin/env bash\n    t=users\n    psql -c \"drop $t\"", "b", 1),
        justfile("b:\n    #!/usr/bin/env python3\n    print('psql -c x')", "b", 0),
        justfile("b:\n    psql -c \\\n      'one line'", "b", 1),
        justfile("b:\n    psql -c '{{{{x}}'", "b", 1),
        justfile(
            "b:\n    psql -c {{ quote(\"it's\") }} {{ env_var_or_default('A', 'none') }}",
            "b",
            1,
        ),
        justfile("t := `echo users`\nb:\n    psql -h there -c {{t}}", "b", 1),
        justfile("t := if 'a' == 'a' { 'x' } else { 'y' }\nb:\n    psql -h there -c {{t}}", "b", 1),
        justfile("t := '''\n  a\n    b\n'''\nb:\n    psql -c {{quote(t)}}", "b", 1),
        justfile("[private]\n[no-cd]\nb:\n    psql -c x", "b", 1),
        justfile("[linux]\nb:\n    psql -c x\n[unix]\nc:\n    psql -c no", "b", 1),
        justfile(
            "b:\n    psql -c x # {{ 'comment' }}\n\n    # psql -c no\n    psql -c y\n# no",
            "b",
            2,
        ),
        justfile("b:\n    psql -c x", "--dry-run b", 0),
        justfile("b:\n    psql -c x", "--list", 0),
        justfile(
            "export PGHOST := 'there'\nb:\n    psql -c x",
            "--command psql -c 'drop table a'",
            1,
        ),
        justfile(&format!("build:\n    {drop}"), "-f justfile -d sub build", 1),
    ];
    let cases: Vec<(&str, usize)> =
        cases.iter().map(|(line, runs)| (line.as_str(), *runs)).collect();
    check(&cases);
}

#[test]
fn just_takes_in_other_files() {
    let other = "cat > other.just <<'EOF'\nb:\n    psql -c imported\nEOF\n";
    let cases = [
        justfile("import 'other.just'\na: b\n    psql -c own", "a", 2),
        justfile("mod other\na:\n    psql -c own", "other b", 1),
        justfile("mod other\na:\n    psql -c own", "other::b", 1),
        justfile("mod m 'other.just'\na:\n    psql -c own", "m b", 1),
    ];
    let cases: Vec<(String, usize)> =
        cases.into_iter().map(|(line, runs)| (format!("{other}{line}"), runs)).collect();
    let cases: Vec<(&str, usize)> =
        cases.iter().map(|(line, runs)| (line.as_str(), *runs)).collect();
    check(&cases);
}

/// npm's scripts on the way of its own commands, run by the real npm.
#[test]
fn npm_runs_the_packages_own_scripts() {
    let package = |line: &str, runs: usize| {
        let text = "{\"name\":\"x\",\"version\":\"1.0.0\",\"scripts\":{\
             \"preinstall\":\"psql -c preinstall\",\"postinstall\":\"psql -c postinstall\",\
             \"prepare\":\"psql -c prepare\",\"prepack\":\"psql -c prepack\",\
             \"version\":\"psql -c version\",\"test\":\"psql -c test\"}}";
        (format!("cat > package.json <<'EOF'\n{text}\nEOF\n{line}"), runs)
    };
    let cases = [
        package("npm install --offline --no-audit", 3),
        package("npm install --offline --no-audit --ignore-scripts", 0),
        package("npm rebuild --offline", 2),
        package("npm pack --dry-run", 2),
        package("npm version patch --no-git-tag-version", 1),
        package("npm test", 1),
        package("npm ls", 0),
    ];
    let cases: Vec<(&str, usize)> =
        cases.iter().map(|(line, runs)| (line.as_str(), *runs)).collect();
    check(&cases);
}

/// ssh's own account of a destination (`ssh -G`) against the evidence.
#[test]
fn ssh_leads_where_ssh_says() {
    let oracle = Oracle::new();
    let config = "Include more.conf\nHost box !other\n  HostName=db.prod.example.com\n  \
                  ProxyJump ana@bastion:22\nHost \"quoted\" q?\n  hostname x.example.com\n\
                  Match all\n  HostName %h.internal\n";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config");
    std::fs::write(&file, config).expect("a file");
    let mut world = oracle.world();
    world.files.insert(file.clone(), config.into());
    let file = file.display().to_string();
    for words in [
        &["box"][..],
        &["ana@box", "-p", "22"],
        &["-o", "HostName=y", "box"],
        &["-o", "ProxyJump=none", "box"],
        &["-J", "one,two", "box"],
        &["other"],
        &["quoted"],
        &["ssh://ana@q1:2222"],
    ] {
        let output = std::process::Command::new("ssh")
            .args(["-F", &file, "-G"])
            .args(words)
            .output()
            .expect("ssh is installed");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let key = |name: &str| {
            said.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned))
        };
        let host = key("hostname").expect("a host");
        let surroundings = Invocation::default();
        let context = Context { invocation: &surroundings, world: &world };
        let line = format!("ssh -F {file} {} \"psql -c x\"", words.join(" "));
        let reading = found(&line, context);
        let place = reading.inner[0].place.clone().expect("a place");
        let values: Vec<&str> = place.evidence.iter().map(|one| one.value.as_str()).collect();
        assert!(values.contains(&host.as_str()), "{words:?}: {host} is not in {values:?}");
        let ways = key("proxyjump").unwrap_or_default();
        for way in ways.split(',').filter(|way| !way.is_empty()) {
            let way = way.rsplit('@').next().and_then(|way| way.split(':').next()).expect("a name");
            assert!(values.contains(&way), "{words:?}: {way} is not in {values:?}");
        }
        assert_eq!(ways.is_empty(), !place.evidence.iter().any(|one| one.source.contains("jump")));
    }
}
