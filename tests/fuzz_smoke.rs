//! A short run of every fuzz target on the stable compiler: texts that mean
//! something to it, mutated by a generator that always gives the same. With
//! HOLDPOINT_FUZZ_SECONDS set, a run of that long for each target instead,
//! from the number in HOLDPOINT_FUZZ_START.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::time::{Duration, Instant};

use bodies::TARGETS;

/// How many inputs a target gets.
const INPUTS: usize = 2_500;

/// Targets that judge many commands for each input get fewer.
const SLOW: &[&str] = &["configs", "lines", "project"];
const FEWER: usize = 250;

/// What no input may take, however slow and busy the machine. The slowest takes
/// a second or two; what is the square of its length takes minutes.
const HANG: Duration = Duration::from_secs(30);

/// Texts to start from; every target gets all of them.
const SEEDS: &[&str] = &[
    "psql -c 'drop table x' && cat a.sql | psql; bash -c \"psql -c '$1'\" _ x",
    "for i in 1 2; do case $i in (1|2) f() { railway $i; };; esac; done <<EOF\n$(x `y`)\nEOF\n",
    "X=(a 'b c'); X+=(d); echo \"${X[@]:-$(aws s3 rb s3://b)}\" {a,b{1..3}} $'\\x41' <(ls) 2>&1",
    "if [[ a =~ (b|c) ]]; then ((i++)); else coproc n { time -p ! ls; }; fi",
    "sudo -u a env -i -S 'A=b psql -c x' B=c; xargs -I{} sh -c 'psql {}'; source a.sh; . a.sh x",
    "select * from a where b = $$x$$ and c ~ E'\\'' -- c\n; with d as (delete from e) select 1;",
    "begin; update a set b = 1 where true; drop schema s cascade; rollback; copy a from program 'x';",
    "\\set x 'drop table a'\n:x; \\i a.sql\n\\if true\n\\c db host\n\\else\n\\! ls\n\\endif\n\\gexec\n",
    "mutation A($v: String!) { a: volumeDelete(id: $v) { ...F } } fragment F on T { b @skip(if: true) }",
    "https://user:pass@Host.Example.COM:8443/a/../b%2e?x=[1-3]{a,b}&token=c#d",
    "[profile prod]\nregion = eu-west-1\ns3 =\n  addressing_style = path\n# c\n[default]\nrole_arn=x\n",
    "set shell := ['sh']\nx := 'y' + `z`\nexport z := env('A', \"b\")\nalias b := a\n[private]\na p='1' *q: c (d x / 'e') && f\n    @psql {{x + quote(p)}} {{{{ \\\n    y\nc:\n  #!/bin/sh\n  z\n",
    "terraform {\n  backend \"s3\" {\n    key = \"a/${terraform.workspace}\"\n  }\n}\nprovider \"aws\" {\n  profile = local.m[var.a].b\n}\nresource \"aws_db_instance\" \"x\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n",
    "main 1111111111111111111111111111111111111111 refs/heads/main 0000000000000000000000000000000000000000\n1111111111111111111111111111111111111111 ref:refs/heads/a HEAD\n",
    "[Core]\n\thooksPath = \"a b\" # c\n[remote \"o\\\"r\"]\r\n\tpush = +refs/heads/*:x\n[alias]\nx = !git y\n",
    "-c\0alias.x=push -f\0-C\0..\0push\0--force-with-lease=a\0origin\0+a:b\0:c\0tag\0d",
    "-X\0DELETE\0--url\0https://a.example.com/x\0-d\0@b\0--next\0-K\0-\0\x01$x\0--data-raw=x",
    "\x01http\0-f\0POST\0:3000/a/{b}\0a[b][1]:=[1]\0c=@d\0e==f\0G:h\0--raw={}\0--no-raw",
    "\0--method=delete\0-e\0Post_Data = x\0-i\0-\0http://es.acme.com:9200/a/_delete_by_query?q=*",
    "mode = \"strict\"\n[[environment]]\nname = \"a\"\nclass = \"production\"\nhosts = [\"*.x\"]\n",
    "[[protect]]\nname = \"a\"\nwhen = { tool = \"psql\" }\nhuman = \"refuse\"\n[actors]\nagent_env = [\"X\"]",
    "tool = \"x\"\nabout = \"y\"\nchecked = \"z\"\nstyle = \"clap\"\n[[command]]\npath = \"a b|c\"\n",
    "db.getSiblingDB('a').b.find({a: /x\\/'/, b: [1, `t${c.d}`]}).forEach(x => print(x))\nuse b\nload('c.js')",
    "db.runCommand({delete: 'a', deletes: [{q: {}, limit: 0}]}); for (const x of y) { db[x].drop() }",
    "DESCRIBE TABLES\nbegin batch delete from a.b where c = 1; apply batch; SOURCE 'x'\n// y\ncopy a to 'b'",
    "alter table d.t on cluster c (delete where 1), drop column `x`; system stop merges # y\n; attach 'md:x' as y (type z)",
    "<config><!-- x --><host a='b'>db</host><connection><name>p</name></connection></config>",
    "a name\u{1b}[2J\u{202e}\r\n\u{200b}\u{ffff}é✓ and a very long word indeed indeed indeed indeed",
    "delimiter //\ndrop table a// /*!50701 truncate b */ -- c\n\\! ls\nsource a.sql\n# d\nselect 'x\\'' \\G",
    ".mode csv\n.read 'a b.sql'\nattach 'x' as y; delete from [t] where 1;\n.shell ls\ngo\n/\n#c\n",
    "*2\r\n$8\r\nFLUSHALL\r\n$5\r\nASYNC\r\neval \"redis.call('flushall')\" 0\r\nset 'a\\'b' \"\\x41\"\r\n",
    "get a\nget bc\n\n-MOVED 1 h:2\r\n",
    "*1\r\n$4\r\nPING\r\nget a\r\nmulti\r\nset a 1\r\nexec\r\nsubscribe x\r\n+OK\r\n$2\r\nhi\r\n*2\r\n:1\r\n%1\r\n+a\r\n_\r\n>1\r\n#t\r\n-ERR x\r\n",
    "export DATABASE_URL=\"postgres://u:p@${HOST:-db}/x?sslmode=require\" # c\nA='b\nc'\nB=`x`\nC: d\n",
    "host=db port=5432 dbname='a \\' b' options=-csearch_path=x,redis://:s3cret@h:6379/0?a=b",
    "- hosts: all:!web[0:2]\n  tasks:\n    - block: [{shell: 'rm -rf {{ x }} chdir=/'}]\n      when: no\n",
    "[web]\nweb[01:20].x ansible_host=10.0.0.1\n[prod:children]\nweb\n[prod:vars]\na=b\n",
    "commands=[ls,\"rm -rf /\"],workingDirectory=/srv,a={b='c,d',e=[]}",
    "[toplevel]\nkill = ec2 terminate-instances --instance-ids\nx = !f() { aws $@; }; f\n[command x]\ny = z",
    "all: x\n\tpsql -c 'drop table $(T)'\nT ?= a\nifeq ($(A),b)\ninclude c\nendif\n.PHONY: all\nx:;@ls\n",
    "{\"scripts\":{\"x\":\"psql -c 'drop table a' && npm run y\",\"prex\":\"ls\"},\"workspaces\":[\"a/*\"]}",
    "default: &d\n  adapter: postgresql\n  url: <%= ENV['DATABASE_URL'] %>\nproduction:\n  <<: *d\n  host: db\n",
    "BEGIN { c = \"psql \" x; c | getline; print $1, /[/]/ | sprintf(\"%s\", y) } # z\n1,/a\\/b/I!{s|x|e &|gew f\ne ls\n}\n:silent! %!a | exe '!b' . c\n(shell-command (concat \"a\" b))\nspawn -noecho {a b} [exec c | d] $e; send \"f\\r\"\n@daily g%h\n",
    "from a.b import c, d\nimport e as f, g; __import__(\"h\")\nclass I:\n  def j(\n):\n    k\nif __name__ == '__main__':\n\tl()\n",
    "import os, subprocess as s\ns.run(['psql', f'-c{x}', \"\"\"drop\"\"\"], env={}) # x\n%x(ls) q{a} `b` <<~E\n#{c}\nE\n",
    "const {a: [b] = c, ...d} = await x?.y?.[`${z}`] ?? /[/\"]/g; for (const e of f) g = async () => ({get h() { return new i(...j) }, 'k': -1n});",
    "module.exports = { client: 'pg', connection: process.env.DATABASE_URL || `postgres://${h}/x` } // c",
    "{\"v\":1,\"seq\":1,\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\"}\n",
    "{\"TableName\":\"a\",\"Delete\":{\"Objects\":[{\"Key\":\"b\",\"VersionId\":\"c\"}]}}\0--x\0Key=a,B=[c,d]",
    "\x08\x03\x1a\x12\x4a\x08\x08\x05\x12\x04\x0a\x02\x01aj\x06aws.db\x6a\x05\x0a\x01s\x1a\0",
    "current-context: a\nclusters: [{name: b, cluster: {server: 'https://h'}}]\ncontexts:\n- name: a\n  context: {cluster: b}\n",
    "aliases:\n- {name: x, command: delete, prependArgs: [ns], options: [{name: wait, default: 'false'}]}\n",
    "apiVersion: v1\nkind: List\nitems:\n- kind: Namespace\n  metadata: {name: a}\n---\nresources: [a.yaml, ../b]\n",
    "[{\"op\": \"remove\", \"path\": \"/metadata/finalizers\"}, {\"spec\": {\"replicas\": 0}}]",
    "services: {db: {volumes: ['a:/x']}}\nvolumes: {a: {external: true}}\n\0volumes: {b: {name: a}}\n",
    "version = 1\nmode = \"strict\"\n[[protect]]\nobject = ['x', 'y']\n\0version = 1\n[[protect]]\nobject = 'x'\n",
    "{\"hooks\": {\"PreToolUse\": [{\"matcher\": \"a|b\", \"hooks\": [{\"command\": \"holdpoint hook x\"}]}]}}\0{\"disableAllHooks\": true}",
    "pre-push:\n  jobs:\n  - run: holdpoint git-hook pre-push {0}\n    skip: true\n\0x\n\nHoldpoint-Allow: a/b why\n",
    "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: a}\nspec: {persistentVolumeReclaimPolicy: Retain}\n\0",
    "RAILWAY_TOKEN=7c1e4f02-9b3a-4d86-a1f5-0e2d8c6b9a47\npostgres://u:Kq7Zt2Xc9Vb4@db.shop.io/x aws_secret_access_key=",
    "s3\0rb\0s3://prod\0--force\0--profile\0x\0--\0volume\0delete\0-v\0id\0--yes",
];

/// Pieces that mutation puts in.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    "$(",
    ")",
    "${",
    "}",
    "((",
    "))",
    "<<",
    "<(",
    "\\",
    "\n",
    "\0",
    "\x01",
    ";;",
    "esac",
    "case x in",
    "do",
    "done",
    "|",
    "&",
    "[",
    "]",
    "{",
    ",",
    "..",
    "$$",
    "/*",
    "--",
    "E'",
    "\\gexec",
    ":x",
    "%00",
    "@",
    "#",
    "=",
    "\u{fffc}",
    "\u{202e}",
    "99999999999999999999",
    "\"\"\"",
    "!",
    "[[",
    "]]",
    "~",
    "*",
    "-c",
    "--next",
    "\u{feff}",
    "\r\n",
    "coproc",
    "time",
    "$'",
];

/// A generator of numbers: the same from the same start, on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    fn input(&mut self) -> Vec<u8> {
        let mut data = SEEDS[self.next(SEEDS.len())].as_bytes().to_vec();
        if self.next(4) == 0 {
            data.extend(SEEDS[self.next(SEEDS.len())].as_bytes());
        }
        for _ in 0..self.next(8) {
            let at = self.next(data.len() + 1);
            match self.next(6) {
                0 => data.truncate(at),
                1 => data.insert(at, u8::try_from(self.next(256)).unwrap()),
                2 if at < data.len() => {
                    data.remove(at);
                }
                3 => {
                    let end = (at + self.next(20)).min(data.len());
                    let copy = data[at..end].repeat(1 + self.next(30));
                    data.splice(at..at, copy);
                }
                _ => {
                    let piece = PIECES[self.next(PIECES.len())].repeat(1 + self.next(3));
                    data.splice(at..at, piece.into_bytes());
                }
            }
        }
        // The first byte chooses a tool for some targets.
        if self.next(2) == 0 {
            data.insert(0, u8::try_from(self.next(256)).unwrap());
        }
        data
    }
}

fn smoke(name: &str) {
    let (_, body) = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
    for seed in SEEDS.iter().chain(&[""]) {
        body(seed.as_bytes());
    }
    let set = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = set("HOLDPOINT_FUZZ_SECONDS").map(Duration::from_secs);
    let start = set("HOLDPOINT_FUZZ_START").unwrap_or(0x9e37_79b9_7f4a_7c15).max(1);
    let inputs = if SLOW.contains(&name) { FEWER } else { INPUTS };
    let mut numbers = Numbers(start);
    let (began, mut number) = (Instant::now(), 0);
    while seconds.map_or(number < inputs, |seconds| began.elapsed() < seconds) {
        let data = numbers.input();
        let one = Instant::now();
        let outcome = std::panic::catch_unwind(|| body(&data));
        assert!(outcome.is_ok(), "input {number}: {:?}", String::from_utf8_lossy(&data));
        let took = one.elapsed();
        assert!(took < HANG, "input {number} took {took:?}: {:?}", String::from_utf8_lossy(&data));
        number += 1;
    }
    if seconds.is_some() {
        println!("{name}: {number} inputs in {:?}", began.elapsed());
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test] fn $name() { smoke(stringify!($name)); })*

        #[test]
        fn every_target_is_run_and_has_a_binary() {
            let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            for name in names {
                let file = format!("{}/fuzz/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
                let text = std::fs::read_to_string(&file).unwrap();
                assert!(text.contains(&format!("bodies::{name}(data)")), "{file}");
            }
        }
    };
}

targets! {
    argv
    shell
    line
    command
    sql
    psql_script
    migration
    changes
    googlesql
    graphql
    url
    hcl
    ini
    justfile
    playbook
    mongosh
    programs
    dialects
    xml
    git
    kube
    curl
    http_clients
    policy
    rule_file
    card
    dialect
    mysql_script
    sqlite_script
    hook
    hooks_file
    patch
    redis
    resp
    connection
    dotenv
    configs
    project
    lines
    aws
    redaction
    trail
    sqlcmd
    backups
    tfplan
    settings
    listeners
    little
}

/// Each was the square of its length for one target, found by repetition:
/// open braces of a word, backslashes in a psql script, blank lines in a mysql
/// script, a token's beginning in the trail's text, commands on one line.
#[test]
fn long_repetitions_take_no_longer_than_their_length() {
    let found = [
        ("line", "{{"),
        ("psql_script", "E'\\"),
        ("psql_script", "\\"),
        ("mysql_script", "\n"),
        ("mysql_script", "\\! x;"),
        ("little", "system("),
        ("little", "a=a b|"),
        ("little", "s/[[:"),
        ("little", "(concat \"["),
        ("little", "|\"'\n"),
        ("redaction", "ghp_"),
        ("changes", "drop table a;"),
        ("changes", "kind: Namespace\n"),
        ("changes", "project-access-token: "),
        ("changes", "backboard.railway token 7c1e4f02-9b3a-4d86-a1f5-0e2d8c6b9a47 "),
    ];
    for (name, piece) in found {
        let (_, body) = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
        let data = piece.repeat(200_000 / piece.len());
        let began = Instant::now();
        body(data.as_bytes());
        assert!(began.elapsed() < HANG, "{name} {piece:?}: {:?}", began.elapsed());
    }
}

/// For `fuzz/run`: every seed and every example of the rules as a file, in the
/// folder that `FUZZ_SEEDS` names. Elsewhere it says that there are seeds.
#[test]
fn seeds_are_written() {
    let mut seeds: Vec<Vec<u8>> = SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    for tool in holdpoint::rules::table::all() {
        let own = tool.destroys.iter().chain(tool.harmless);
        let commands = tool.commands.iter();
        let theirs = commands.flat_map(|command| command.destroys.iter().chain(command.harmless));
        for line in own.chain(theirs) {
            seeds.push(line.as_bytes().to_vec());
            // As words behind the byte that chooses a tool.
            if let Ok(words) = shell_words::split(line) {
                seeds.push(words[1..].join("\0").into_bytes());
            }
        }
    }
    assert!(seeds.len() > 1_000, "{}", seeds.len());
    let Some(folder) = std::env::var_os("FUZZ_SEEDS") else { return };
    for (number, seed) in seeds.iter().enumerate() {
        let path = std::path::Path::new(&folder).join(number.to_string());
        std::fs::write(path, seed).unwrap();
    }
}
