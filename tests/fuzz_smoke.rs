//! A short run of every fuzz target on the stable compiler: texts that mean
//! something to it, mutated by a generator that always gives the same.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use bodies::TARGETS;

/// How many inputs a target gets.
const INPUTS: usize = 2_500;

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
    "-X\0DELETE\0--url\0https://a.example.com/x\0-d\0@b\0--next\0-K\0-\0\x01$x\0--data-raw=x",
    "mode = \"strict\"\n[[environment]]\nname = \"a\"\nclass = \"production\"\nhosts = [\"*.x\"]\n",
    "[[protect]]\nname = \"a\"\nwhen = { tool = \"psql\" }\nhuman = \"refuse\"\n[actors]\nagent_env = [\"X\"]",
    "tool = \"x\"\nabout = \"y\"\nchecked = \"z\"\nstyle = \"clap\"\n[[command]]\npath = \"a b|c\"\n",
    "a name\u{1b}[2J\u{202e}\r\n\u{200b}\u{ffff}é✓ and a very long word indeed indeed indeed indeed",
    "\x08\x03\x1a\x12\x4a\x08\x08\x05\x12\x04\x0a\x02\x01aj\x06aws.db\x6a\x05\x0a\x01s\x1a\0",
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
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for number in 0..INPUTS {
        let data = numbers.input();
        let outcome = std::panic::catch_unwind(|| body(&data));
        assert!(outcome.is_ok(), "input {number}: {:?}", String::from_utf8_lossy(&data));
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
    argv shell line command sql psql_script graphql url ini curl policy rule_file card tfplan
}
