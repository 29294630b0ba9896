//! The real Ansible beside our reading of playbooks: which hosts a pattern
//! chooses, which tasks are run, and which line a shell gets.

#[path = "support/installed.rs"]
mod installed;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use holdpoint::actions::{self, Call, Reading};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::{self, table};
use holdpoint::target::Kind;
use holdpoint::world::real::RealWorld;
use installed::cache;
use tempfile::TempDir;

/// What the real program says.
fn ansible(folder: &Path, program: &str, words: &[&str]) -> String {
    let root = cache().join("ansible");
    let output = Command::new("python3")
        .arg(root.join("bin").join(program))
        .args(words)
        .current_dir(folder)
        .env("PYTHONPATH", &root)
        .env("ANSIBLE_HOME", folder.join("home"))
        .env("ANSIBLE_NOCOLOR", "1")
        .env_remove("ANSIBLE_CONFIG")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("./tests/run installs Ansible");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("No such file") && !errors.contains("Traceback"), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Our reading of the same.
fn reading(folder: &Path, program: &str, words: &[&str]) -> Reading {
    let argv = std::iter::once(program).chain(words.iter().copied());
    let invocation = Invocation { cwd: Some(folder.to_owned()), ..Invocation::new(argv) };
    let world = RealWorld::new();
    let context = Context { invocation: &invocation, world: &world };
    actions::read(&Call { tool: table::find(program).expect("a rule"), context, full: true })
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

const INI: &str = "bare\n\n[web]\nweb[01:03].acme.com ansible_user=x\n\n[db]\ndb-[a:b] # two\n\n\
                   [prod:children]\ndb\n\n[prod:vars]\nx=y\n";
const YAML: &str = "all:\n  hosts:\n    bare:\n  children:\n    web:\n      hosts:\n        \
                    web[01:03].acme.com:\n    prod:\n      children:\n        db:\n          \
                    hosts:\n            db-a:\n            db-b:\n      vars: {x: y}\n";

/// Patterns, all of which are asked for in one run.
const PATTERNS: &[&str] = &[
    "all",
    "prod",
    "web:db",
    "web,bare",
    "all:!prod",
    "all:&prod",
    "!web",
    "web*",
    "*.acme.com",
    "db-a",
    "bare:db-b",
    "ungrouped",
    "localhost",
];

#[test]
fn patterns_choose_the_hosts_that_ansible_chooses() {
    let plays: String = PATTERNS
        .iter()
        .map(|pattern| format!("- hosts: '{pattern}'\n  tasks: [{{ping: }}]\n"))
        .collect();
    let files = [("hosts", INI), ("hosts.yml", YAML), ("more/a", INI), ("more/b.yml", YAML)];
    let folder = folder(&[&files[..], &[("site.yml", &plays)]].concat());
    let mut chosen = 0;
    for options in
        ["-i hosts", "-i hosts.yml", "-i more", "-i hosts -l db", "-i bare,db-a -l !bare"]
    {
        let options: Vec<&str> = options.split(' ').collect();
        let words = [&options[..], &["--list-hosts", "site.yml"]].concat();
        let text = ansible(folder.path(), "ansible-playbook", &words);
        let listed: Vec<BTreeSet<String>> = text
            .split("    hosts (")
            .skip(1)
            .map(|part| {
                let lines = part.lines().skip(1).map(str::trim);
                lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
            })
            .collect();
        assert_eq!(listed.len(), PATTERNS.len(), "{text}");
        for (pattern, theirs) in PATTERNS.iter().zip(listed) {
            let words = [&options[..], &[*pattern, "-m", "ping"]].concat();
            let reading = reading(folder.path(), "ansible", &words);
            let evidence = &reading.actions.first().expect("an action").target.evidence;
            let hosts = evidence.iter().filter(|one| one.kind == Kind::Host);
            let ours: BTreeSet<String> = hosts.map(|one| one.value.clone()).collect();
            if theirs.is_empty() {
                // The play does nothing; its names stand for it all the same.
                continue;
            }
            assert_eq!(ours, theirs, "{options:?} {pattern}");
            chosen += theirs.len();
        }
    }
    assert!(chosen > 80, "{chosen}");
}

const SITE: &str = "\
- import_playbook: other.yml
- name: first
  hosts: all
  gather_facts: false
  tags: [base]
  pre_tasks:
    - {name: t01, shell: dropdb t01}
  roles:
    - {role: app, tags: [app]}
  tasks:
    - name: t02
      ansible.builtin.shell: dropdb t02
      tags: [db, wipe]
    - name: t03
      command: dropdb t03
      tags: never
    - name: t04
      command: dropdb t04
      tags: [always]
    - name: a block
      tags: [blocked]
      block:
        - {name: t05, shell: dropdb t05}
        - {name: t06, shell: dropdb t06, tags: 'wipe,late'}
      rescue:
        - {name: t07, shell: dropdb t07}
    - import_tasks: more.yml
      tags: [more]
    - name: t09
      import_role: {name: app, tasks_from: second}
";

#[test]
fn tags_choose_the_tasks_that_ansible_chooses() {
    let folder = folder(&[
        ("site.yml", SITE),
        (
            "other.yml",
            "- hosts: all\n  gather_facts: no\n  tasks:\n    - {name: t20, shell: dropdb t20}\n",
        ),
        ("more.yml", "- {name: t08, shell: dropdb t08, tags: [late]}\n"),
        ("roles/app/tasks/main.yml", "- {name: t10, shell: dropdb t10, tags: wipe}\n"),
        ("roles/app/tasks/second.yml", "- {name: t11, shell: dropdb t11}\n"),
        ("roles/app/meta/main.yml", "dependencies: [base]\n"),
        ("roles/base/tasks/main.yml", "- {name: t12, shell: dropdb t12}\n"),
    ]);
    let mut listed = 0;
    for tags in [
        "",
        "--tags wipe",
        "--tags late,app",
        "--tags untagged",
        "--tags tagged",
        "--skip-tags wipe",
        "--tags blocked --skip-tags late",
        "--skip-tags all",
        "--skip-tags tagged",
    ] {
        let mut words = vec!["-i", "box,", "site.yml"];
        words.extend(tags.split_whitespace());
        let ours = reading(folder.path(), "ansible-playbook", &words);
        let name = |text: &str| {
            text.split(|letter: char| !letter.is_ascii_alphanumeric())
                .find(|word| word.len() == 3 && word.starts_with('t') && word != &"the")
                .filter(|word| word[1..].parse::<u8>().is_ok())
                .map(str::to_owned)
        };
        let ours: BTreeSet<String> = ours
            .inner
            .iter()
            .filter_map(|inner| name(inner.argv.last()?.to_str()?))
            // What a `rescue` holds is run, but not listed.
            .filter(|name| name != "t07")
            .collect();
        words.push("--list-tasks");
        let text = ansible(folder.path(), "ansible-playbook", &words);
        let lines = text.lines().filter(|line| line.contains("TAGS:"));
        let theirs: BTreeSet<String> =
            lines.filter_map(|line| name(line.split("TAGS:").next()?)).collect();
        assert_eq!(ours, theirs, "{tags}:\n{text}");
        listed += theirs.len();
    }
    assert!(listed > 30, "{listed}");
}

/// A task's text, as it stands behind `shell:`.
const LINES: &[&str] = &[
    "echo one",
    "echo \"a  b\" c=d chdir=/tmp",
    "echo 'x=y' creates=/nowhere",
    "FOO=bar printenv FOO",
    "echo a;   echo b",
    "echo {{ 'x' }}y",
    "|\n          echo two\n          echo three\n",
    "\n        cmd: echo 'four  five'\n        chdir: /\n",
];

#[test]
fn a_shell_gets_the_line_that_we_read() {
    let tasks: String =
        LINES.iter().map(|line| format!("    - ansible.builtin.shell: {line}\n")).collect();
    let site = format!("- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}");
    let folder = folder(&[("site.yml", &site)]);
    let ours = reading(folder.path(), "ansible-playbook", &["site.yml"]);
    let ours: Vec<String> = ours
        .inner
        .iter()
        .map(|inner| inner.argv.last().expect("a line").to_string_lossy().into_owned())
        .collect();
    let text = ansible(folder.path(), "ansible-playbook", &["-v", "site.yml"]);
    let results = text.lines().filter_map(|line| line.split_once(" => ")?.1.strip_prefix('{'));
    let theirs: Vec<String> = results
        .map(|rest| {
            let json: serde_json::Value =
                serde_json::from_str(&format!("{{{rest}")).expect("a result");
            json["cmd"].as_str().expect("a command").to_owned()
        })
        .collect();
    assert_eq!((ours.len(), theirs.len()), (LINES.len(), LINES.len()), "{text}");
    let bare = |line: &String| {
        // A folder to change to stands in front of ours; what a template is
        // worth only Ansible knows.
        let line = line.split_once(" && ").filter(|(front, _)| front.starts_with("cd "));
        line.map_or("", |(_, rest)| rest).to_owned()
    };
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let plain = if ours.starts_with("cd ") { bare(ours) } else { ours.clone() };
        let plain = plain.replace('\u{FFFC}', "x");
        assert_eq!(plain.trim(), theirs.trim());
    }
}

/// Options that the rules do not know, or whose values they take for words.
#[test]
fn the_options_are_those_of_the_real_programs() {
    let folder = folder(&[]);
    for program in ["ansible", "ansible-playbook"] {
        let help = ansible(folder.path(), program, &["--help"]);
        let options = table::find(program).expect("a rule").options;
        let mut seen = 0;
        for line in help.lines().filter(|line| line.starts_with("  -")) {
            let words = line.trim().split("  ").next().unwrap_or_default();
            for spelled in words.split(", ") {
                let (name, value) = match spelled.split_once(' ') {
                    Some((name, _)) => (name, true),
                    None => (spelled, false),
                };
                let option = options.iter().find(|option| option.names.contains(&name));
                let option = option.unwrap_or_else(|| panic!("{program} has {name}"));
                assert_eq!(option.arity == rules::Arity::Value, value, "{program} {name}");
                seen += 1;
            }
        }
        assert!(seen > 40, "{program}: {seen}");
    }
}

/// Where variables of groups and hosts lie, and which of them a host has: each
/// file says something else, in one run.
#[test]
fn files_of_variables_are_those_that_ansible_takes() {
    let files = [
        ("dev/group_vars/all.yml", "env"),
        ("dev/group_vars/db/main.yml", "stage"),
        ("dev/group_vars/db/.hidden.yml", "env_name"),
        ("dev/group_vars/db/notes.txt", "deploy_env"),
        ("dev/group_vars/web", "target_env"),
        ("dev/group_vars/none.yml", "app_environment"),
        ("dev/host_vars/db-a.yaml", "deploy_environment"),
        ("dev/host_vars/db-b.json", "deployment_environment"),
        ("group_vars/db.yml", "environment_name"),
        ("play/group_vars/db.yml", "target_environment"),
    ];
    let values: Vec<String> =
        files.iter().map(|(_, name)| format!("{{{{ {name} | default('') }}}}")).collect();
    let playbook = format!(
        "- hosts: db-a\n  gather_facts: false\n  tasks:\n    - debug:\n        msg: \"{}\"\n",
        values.join(" ")
    );
    let texts: Vec<String> = files
        .iter()
        .map(|(path, name)| match path.ends_with("json") {
            true => format!("{{\"{name}\": \"prod-{name}\"}}"),
            false => format!("{name}: prod-{name}\n"),
        })
        .collect();
    let mut all =
        vec![("dev/hosts", "[db]\ndb-a\n[web]\ndb-c\n"), ("play/site.yml", playbook.as_str())];
    all.extend(files.iter().zip(&texts).map(|((path, _), text)| (*path, text.as_str())));
    let folder = folder(&all);
    let words = ["-i", "dev/hosts", "play/site.yml", "-c", "local"];
    let ran = ansible(folder.path(), "ansible-playbook", &words);
    let found = reading(folder.path(), "ansible-playbook", &words[..3]);
    let evidence = &found.actions[0].target.evidence;
    let mut taken = 0;
    for (path, name) in files {
        let value = format!("prod-{name}");
        let has = ran.split([' ', '"']).any(|word| word == value);
        taken += usize::from(has);
        assert_eq!(evidence.iter().any(|one| one.value == value), has, "{path}: {ran}");
    }
    assert_eq!(taken, 4, "{ran}");
}
