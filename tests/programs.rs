//! Real interpreters as the oracle: the commands that we find in a program are
//! those that it starts, in Python, Node.js, Ruby and Perl; and ordinary
//! programs, whole applications among them, are left alone. Needs python3,
//! node, ruby and perl.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judgement, Verdict};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;
use sandbox::{Sandbox, err, out};

/// A program, with the words that its one command has.
const STARTED: &[(&str, &str, &[&str])] = &[
    ("python3", "import os\nos.system('psql -c \"drop table a\"')", &["-c", "drop table a"]),
    (
        "python3",
        "import subprocess\nsubprocess.run(['psql', '-c',\n  'drop table '\n  'a'])",
        &["-c", "drop table a"],
    ),
    (
        "python3",
        "from subprocess import check_call\ncheck_call('psql -c \"drop table a\"', shell=True)",
        &["-c", "drop table a"],
    ),
    (
        "python3",
        "import subprocess as sp\n# sp.run(['psql', 'x'])\nsp.Popen(args=['ls']).wait()\nsp.call([\"psql\", \"\"\"-c\"\"\", r\"drop table a\"])",
        &["-c", "drop table a"],
    ),
    (
        "python3",
        "import os\nos.popen('psql -c \\'drop table a\\'').read()",
        &["-c", "drop table a"],
    ),
    (
        "node",
        "const { execSync } = require('child_process');\n// execSync('psql x')\nexecSync(`psql -c \"drop table a\"`)",
        &["-c", "drop table a"],
    ),
    (
        "node",
        "require('node:child_process').spawnSync('psql', ['-c', 'drop table a'])",
        &["-c", "drop table a"],
    ),
    (
        "node",
        "const cp = require('child_process')\nconst re = /\"/; cp.execFileSync('psql', ['-c', 'drop table a']); re.test('\"')",
        &["-c", "drop table a"],
    ),
    (
        "python3",
        "import os\nos.execvp('psql', ['psql', '-c', 'drop table a'])",
        &["-c", "drop table a"],
    ),
    (
        "python3",
        "from os import *\nif fork() == 0: execlp('psql', 'any name', '-c', 'drop table a')\nwait()",
        &["-c", "drop table a"],
    ),
    (
        "python3",
        "import os\nos.spawnlp(os.P_WAIT, 'psql', 'psql', '-c', 'drop table a')",
        &["-c", "drop table a"],
    ),
    (
        "python3",
        "import os\nos.waitpid(os.posix_spawnp('psql', ['psql', '-c', 'drop table a'], os.environ), 0)",
        &["-c", "drop table a"],
    ),
    (
        "node",
        "require('child_process').exec('psql -c \"drop table a\"', () => {})",
        &["-c", "drop table a"],
    ),
    (
        "node",
        "const { execFile } = require('child_process'); execFile('psql', ['-c', 'drop table a'])",
        &["-c", "drop table a"],
    ),
    ("ruby", "system(\"psql -c 'drop table a'\")", &["-c", "drop table a"]),
    ("ruby", "exec('psql', *['-c', 'drop table a'])", &["-c", "drop table a"]),
    ("ruby", "IO.popen(['psql', '-c', 'drop table a'], 'r').read", &["-c", "drop table a"]),
    ("ruby", "Process.wait(spawn('psql', '-c', 'drop table a'))", &["-c", "drop table a"]),
    ("perl", "exec 'psql', '-c', 'drop table a';", &["-c", "drop table a"]),
    (
        "perl",
        "open(my $f, '-|', 'psql', '-c', 'drop table a'); print <$f>; close $f;",
        &["-c", "drop table a"],
    ),
    (
        "perl",
        "open(F, \"psql -c 'drop table a' |\"); my @x = <F>; close(F);",
        &["-c", "drop table a"],
    ),
    ("ruby", "system 'psql', '-c', 'drop table a'", &["-c", "drop table a"]),
    ("ruby", "# `psql x`\nputs `psql -c 'drop table a'`", &["-c", "drop table a"]),
    ("ruby", "x = %x(psql -c 'drop table a')", &["-c", "drop table a"]),
    (
        "ruby",
        "require 'open3'\nOpen3.capture2('psql', '-c', 'drop table a')",
        &["-c", "drop table a"],
    ),
    ("perl", "system(\"psql -c 'drop table a'\");", &["-c", "drop table a"]),
    ("perl", "system 'psql', '-c', 'drop table a';", &["-c", "drop table a"]),
    ("perl", "# system 'psql x';\nmy $x = `psql -c 'drop table a'`;", &["-c", "drop table a"]),
    ("perl", "my $x = qx{psql -c 'drop table a'};", &["-c", "drop table a"]),
];

/// A folder of tools whose psql writes its words down.
fn recorder(sandbox: &Sandbox) {
    let log = sandbox.path("log");
    sandbox.tool("psql", &format!("printf '%s\\n' \"$@\" >> '{}'", log.display()));
}

fn judged(line: &str, files: &[(&str, &str)]) -> Judgement {
    let mut world = FakeWorld::new().with_var("PGHOST", "db.prod.acme.com");
    for (path, text) in files {
        world = world.with_file(path, text);
    }
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    pipeline::judge(Subject::Line(line, &Invocation::default()), &world, options).judgement
}

#[test]
fn what_a_program_starts_is_judged() {
    for (interpreter, code, words) in STARTED {
        let sandbox = Sandbox::new();
        recorder(&sandbox);
        let script = sandbox.write("work/x", code);
        let tools = sandbox.path("tools");
        let path = format!("{}:{}", tools.display(), std::env::var("PATH").expect("a PATH"));
        let run = Command::new(interpreter).arg(&script).env("PATH", path).output();
        let run = run.unwrap_or_else(|error| panic!("{interpreter}: {error}"));
        let ran = fs::read_to_string(sandbox.path("log")).unwrap_or_default();
        let ran: Vec<&str> = ran.lines().collect();
        assert_eq!(ran, *words, "{interpreter} {code}: {}{}", out(&run), err(&run));
        let option = if *interpreter == "python3" { "-c" } else { "-e" };
        let quoted = code.replace('\'', "'\\''");
        let lines = [
            format!("{interpreter} {option} '{quoted}'"),
            format!("{interpreter} x"),
            format!("{interpreter} < x"),
            format!("{interpreter} <<'E'\n{code}\nE\n"),
            "./x.run a b".to_owned(),
        ];
        let started = format!("#!/usr/bin/env -S {interpreter}\n{code}\n");
        for line in lines {
            let files = [("/app/x", *code), ("/app/x.run", &started)];
            let judgement = judged(&line, &files);
            let found = judgement.actions.iter().any(|it| it.action.operation == "DROP TABLE");
            assert!(found && judgement.verdict == Verdict::Refuse, "{line}: {judgement:?}");
        }
    }
}

/// Modules beside a line, and lines with whether they start their command.
#[test]
fn what_python_imports_is_looked_into() {
    let drop = "import os\nos.system('psql -c \"drop table a\"')\n";
    let called = "import os\ndef wipe():\n    go()\ndef go():\n    os.system('psql -c \"drop table a\"')\n\
                  def look():\n    print('x')\nif __name__ == '__main__':\n    wipe()\n";
    let files = [("tidy.py", drop), ("jobs/purge.py", drop), ("lib.py", called)];
    for (line, runs) in [
        ("python3 -c 'import tidy'", true),
        ("python3 -c 'import sys, tidy as t; print(t)'", true),
        ("python3 -c 'from jobs import purge'", true),
        ("python3 -c 'import jobs.purge'", true),
        ("python3 -c '__import__(\"tidy\")'", true),
        ("python3 -c 'import lib; lib.wipe()'", true),
        ("python3 -c 'from lib import *; go()'", true),
        ("python3 -m tidy", true),
        ("python3 -m lib", true),
        ("python3 -m jobs.purge", true),
        ("python3 - <<'E'\nimport tidy\nE", true),
        ("python3 -c 'import lib'", false),
        ("python3 -c 'import lib; lib.look()'", false),
        ("python3 -I -c 'import tidy' || true", false),
        ("python3 -c 'print(\"import tidy\")'", false),
    ] {
        let sandbox = Sandbox::new();
        recorder(&sandbox);
        for (path, text) in files {
            sandbox.write(&format!("work/{path}"), text);
        }
        let path = format!(
            "{}:{}",
            sandbox.path("tools").display(),
            std::env::var("PATH").expect("a PATH")
        );
        let mut bash = Command::new("bash");
        bash.args(["-c", line]).env("PATH", path).current_dir(sandbox.path("work"));
        let run = bash.output().expect("bash is installed");
        let ran = fs::read_to_string(sandbox.path("log")).unwrap_or_default();
        assert_eq!(ran.contains("drop table a"), runs, "{line}: {}{}", out(&run), err(&run));
        let here = files.map(|(path, text)| (format!("/app/{path}"), text));
        let here: Vec<(&str, &str)> =
            here.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let expected = if runs { Verdict::Refuse } else { Verdict::Allow };
        assert_eq!(judged(line, &here).verdict, expected, "{line}");
    }
}

/// Programs that people run all day, on production.
const ORDINARY: &[(&str, &str)] = &[
    (
        "manage.py",
        "#!/usr/bin/env python3\nimport os, sys\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
    ),
    (
        "app.py",
        "import psycopg2\n\"\"\"Drops nothing: drop table users is what others do.\"\"\"\ndef delete_user(cur, id):\n    cur.execute('DELETE FROM users WHERE id = %s', (id,))\ndef reset(cur, t):\n    cur.execute(f'DELETE FROM {t} WHERE seen')\nprint('drop table users')\n# cur.execute('drop table users')\n",
    ),
    (
        "study.py",
        "import pandas as pd, sqlalchemy\ndf = pd.read_sql('select * from orders', sqlalchemy.create_engine('postgresql://db.prod.acme.com/x'))\ndf = df.drop(columns=['a']).reset_index()\ndf.drop('b', axis=1, inplace=True)  # DELETE\n",
    ),
    (
        "local.py",
        "import sqlite3\nc = sqlite3.connect('x.db')\nc.execute('DELETE FROM a')\nc.execute('drop table a')\n",
    ),
    (
        "orm.py",
        "from sqlalchemy.orm import Session\ndef clean(s):\n    s.query(User).filter(User.id == 3).delete()\n    s.delete(user)\n",
    ),
    (
        "bucket.py",
        "import boto3\ns3 = boto3.client('s3')\ns3.delete_object(Bucket='a', Key='b')\nboto3.client('sqs').delete_message(QueueUrl='x', ReceiptHandle='y')\n",
    ),
    (
        "build.js",
        "const { execSync } = require('child_process');\nconst fs = require('fs');\nexecSync('npm run lint', { stdio: 'inherit' });\nexecSync(`git rev-parse ${process.argv[2]}`);\nfs.rmSync('dist', { recursive: true });\nfunction reset() { cache.delete('a'); map.clear() }\nconst m = /drop table/.exec('x');\n",
    ),
    (
        "server.ts",
        "import { Pool } from 'pg';\nconst pool: Pool = new Pool({ connectionString: process.env.DATABASE_URL! });\nexport async function removeUser(id: number): Promise<void> {\n  await pool.query('DELETE FROM users WHERE id = $1', [id]);\n}\nawait prisma.user.deleteMany({ where: { id: 3 } });\n",
    ),
    (
        "page.tsx",
        "import { PrismaClient } from '@prisma/client';\nexport const Page = () => <button onClick={() => remove()}>Delete</button>;\n",
    ),
    (
        "tidy.rb",
        "require 'pg'\nUser.where(old: true).delete_all\nputs 'drop table users'\nsystem('bundle install')\n",
    ),
    (
        "tidy.pl",
        "use DBI;\nmy $d = DBI->connect($ENV{DSN});\n$d->do('DELETE FROM a WHERE id = ?', undef, 3);\nwhile (<>) { s/\"/'/g; print }\n",
    ),
    (
        "index.php",
        "<?php\n$pdo = new PDO(getenv('DSN'));\n$pdo->prepare('DELETE FROM a WHERE id = ?')->execute([1]);\necho 'drop table users';\n",
    ),
    (
        "go.sh",
        "#!/bin/bash\nset -e\ngit pull\n\"$PYTHON\" setup.py build\neval \"$CMD\"\npsql -f \"$FILE\"\n$RUN ./go.sh\n",
    ),
    (
        "wide.py",
        "import subprocess, sys\nsubprocess.run([sys.executable, 'wide.py'])\nsubprocess.run(['git', 'push', remote])\nsubprocess.run(f'psql -f {path}', shell=True)\nsubprocess.run(cmd, shell=True)\nos.system('python wide.py')\n",
    ),
];

#[test]
fn ordinary_programs_are_left_alone() {
    let paths: Vec<(String, &str)> =
        ORDINARY.iter().map(|(name, text)| (format!("/app/{name}"), *text)).collect();
    let files: Vec<(&str, &str)> =
        paths.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    for (name, text) in ORDINARY {
        let program = match name.rsplit_once('.').expect("an ending").1 {
            "py" => "python3",
            "js" | "ts" | "tsx" => "node",
            "rb" => "ruby",
            "pl" => "perl",
            "php" => "php",
            _ => "",
        };
        let mut lines = vec![format!("./{name}")];
        if !program.is_empty() {
            lines.extend([format!("{program} {name}"), format!("{program} /app/{name} --port 80")]);
        }
        if program == "node" {
            lines.extend([
                format!("bun {name}"),
                format!("bun run {name}"),
                format!("deno run -A {name}"),
            ]);
        }
        for line in lines {
            let judgement = judged(&line, &files);
            assert_eq!(judgement.verdict, Verdict::Allow, "{line}\n{text}\n{judgement:?}");
        }
    }
}

/// The same programs with what takes everything away; each must be stopped.
const TAKING: &[(&str, &str, &str)] = &[
    (
        "python3",
        "app.py",
        "import psycopg2\nsql = 'truncate users'\npsycopg2.connect().cursor().execute(sql)\n",
    ),
    (
        "python3",
        "app.py",
        "import psycopg\npsycopg.connect('host=db.prod.acme.com').execute(\"\"\"\n  DELETE FROM users\n\"\"\")\n",
    ),
    (
        "python3",
        "app.py",
        "from sqlalchemy import create_engine\nBase.metadata.drop_all(create_engine(os.environ['DATABASE_URL']))\n",
    ),
    (
        "python3",
        "app.py",
        "import boto3\nboto3.client('rds').delete_db_instance(DBInstanceIdentifier='a')\n",
    ),
    (
        "python3",
        "app.py",
        "from pymongo import MongoClient\nMongoClient('mongodb://db.prod.acme.com').shop.users.delete_many({})\n",
    ),
    ("python3", "app.py", "import redis\nredis.Redis(host='cache.prod.acme.com').flushall()\n"),
    (
        "python3",
        "app.py",
        "import requests\nrequests.post('https://backboard.railway.app/graphql/v2', json={'query': 'mutation { volumeDelete(volumeId: \"a\") }'})\n",
    ),
    (
        "python3",
        "app.py",
        "import requests\nrequests.delete(f'https://api.heroku.com/apps/{app}')\n",
    ),
    (
        "python3",
        "app.py",
        "from kubernetes import client\nclient.CoreV1Api().delete_namespace('prod')\n",
    ),
    (
        "node",
        "app.js",
        "const { Client } = require('pg');\nnew Client().query('drop table users')\n",
    ),
    (
        "node",
        "app.mjs",
        "import { RDSClient, DeleteDBInstanceCommand } from '@aws-sdk/client-rds';\nawait new RDSClient().send(new DeleteDBInstanceCommand({}));\n",
    ),
    (
        "node",
        "app.ts",
        "import { PrismaClient } from '@prisma/client';\nconst db: PrismaClient = new PrismaClient();\nawait db.user.deleteMany();\n",
    ),
    (
        "node",
        "app.ts",
        "import { Sequelize } from 'sequelize';\nawait new Sequelize(process.env.DATABASE_URL as string).sync({ force: true });\n",
    ),
    (
        "node",
        "app.js",
        "fetch('https://backboard.railway.app/graphql/v2', {method: 'POST', body: JSON.stringify({query: `mutation { volumeDelete(volumeId: \"${id}\") }`})})\n",
    ),
    ("node", "app", "require('child_process').execSync('psql -c \"drop table users\"')\n"),
    (
        "ruby",
        "app.rb",
        "require 'pg'\nPG.connect(host: 'db.prod.acme.com').exec(<<~SQL)\n  TRUNCATE users\nSQL\n",
    ),
    (
        "perl",
        "app.pl",
        "use DBI;\nDBI->connect('dbi:Pg:host=db.prod.acme.com')->do('TRUNCATE users');\n",
    ),
    (
        "php",
        "app.php",
        "<?php\n$pdo = new PDO('pgsql:host=db.prod.acme.com');\n$pdo->exec('DROP TABLE users');\n",
    ),
    ("php", "app.php", "<?php\nshell_exec('psql -c \"drop table users\"');\n"),
];

#[test]
fn programs_that_take_everything_are_stopped() {
    for (program, name, text) in TAKING {
        let path = format!("/app/{name}");
        let line = format!("{program} {name}");
        let judgement = judged(&line, &[(&path, text)]);
        assert_eq!(judgement.verdict, Verdict::Refuse, "{line}\n{text}\n{judgement:?}");
        let fed = format!("{program} < {name}");
        if *name != "app" {
            assert_eq!(judged(&fed, &[(&path, text)]).verdict, Verdict::Refuse, "{fed}\n{text}");
        }
    }
    let local =
        "import psycopg2\npsycopg2.connect('host=localhost').cursor().execute('truncate users')\n";
    assert_eq!(judged("python3 a.py", &[("/app/a.py", local)]).verdict, Verdict::Allow);
    let named = "import os, psycopg2\npsycopg2.connect(os.environ['DATABASE_URL']).execute('truncate users')\n";
    let files = [("/app/a.py", named)];
    let here = judged("DATABASE_URL=postgres://localhost/x python3 a.py", &files);
    assert_eq!(here.verdict, Verdict::Allow, "{here:?}");
    assert_eq!(
        judged("DATABASE_URL=postgres://db/x python3 a.py", &files).verdict,
        Verdict::Refuse
    );
}

#[test]
fn long_programs_are_looked_into_at_their_front_and_odd_ones_not_at_all() {
    let take = "import os\nos.system('psql -c \"drop table a\"')\n";
    let long = format!("{take}{}", "x = 1\n".repeat(100_000));
    let late = format!("{}{take}", "x = 1\n".repeat(100_000));
    assert_eq!(judged("python3 a.py", &[("/app/a.py", &long)]).verdict, Verdict::Refuse);
    assert_eq!(judged("python3 a.py", &[("/app/a.py", &late)]).verdict, Verdict::Allow);
    let binary = format!("\0{take}");
    assert_eq!(judged("python3 a.py", &[("/app/a.py", &binary)]).verdict, Verdict::Allow);
    assert_eq!(judged("python3 missing.py; ./missing.sh", &[]).verdict, Verdict::Allow);
    let deep = format!("import os\nos.system({}", "[".repeat(100_000));
    assert_eq!(judged("python3 a.py", &[("/app/a.py", &deep)]).verdict, Verdict::Allow);
}

/// A script that is on the disk, started by a shim's caller.
#[test]
fn a_script_that_is_run_by_its_path_is_looked_into() {
    let sandbox = Sandbox::new();
    recorder(&sandbox);
    let script = sandbox.write(
        "work/tidy.sh",
        "#!/bin/sh\nset -e\n$1 ls\npsql -h db.prod.acme.com -c 'drop table users'\n",
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("mode");
    let check = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
        command.current_dir(sandbox.path("work")).env("HOLDPOINT_TEST_HOME", sandbox.home());
        command.args(["check", "--as", "agent", "--line", line]).output().expect("it starts")
    };
    let stopped = check("./tidy.sh nice");
    assert_eq!(stopped.status.code(), Some(4), "{}{}", out(&stopped), err(&stopped));
    assert_eq!(check("cat ./tidy.sh").status.code(), Some(0));
}
