//! Our reading of wget and httpie against the programs themselves: each runs
//! every line with a local server as its proxy, and what it sent must be what
//! we said it would send.

#[path = "support/http_server.rs"]
mod http_server;
#[path = "support/installed.rs"]
mod installed;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use holdpoint::actions::{Call, httpie, wget};
use holdpoint::actor::ActorKind;
use holdpoint::invocation::{Context, Invocation};
use holdpoint::judgement::Verdict;
use holdpoint::parse::http::{Body, Request};
use holdpoint::parse::url;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::rules::table;
use holdpoint::world::fake::FakeWorld;
use http_server::{Received, Server};
use installed::installed;
use tempfile::TempDir;

const FILES: &[(&str, &str)] = &[
    ("urls", "http://a.test/u1\n\n  http://a.test/u2?x=1\n"),
    ("body.json", "{\"query\": \"mutation { a }\"}"),
    ("value", "text of a file"),
    ("list.json", "[1, {\"a\": null}]"),
    ("wgetrc", "# a comment\nMethod = delete\nheader = X-A: b\n"),
    ("pie/config.json", "{\"default_options\": [\"--form\", \"--raw={}\"]}"),
    ("off/config.json", "{\"default_options\": [\"--offline\"]}"),
    ("head", "a-token\n"),
];

/// A request in the terms in which both sides are compared.
#[derive(Debug, PartialEq)]
struct Sent {
    method: String,
    url: String,
    credentials: bool,
    body: String,
}

/// A line to run: its words, variables and standard input.
struct Line {
    words: Vec<String>,
    vars: Vec<String>,
    stdin: String,
}

struct Bench {
    dir: TempDir,
    server: Server,
}

impl Bench {
    fn new() -> Bench {
        let dir = TempDir::new().unwrap();
        for (name, text) in FILES {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Bench { dir, server: Server::start() }
    }

    /// A program in the place of the lines' world.
    fn command(&self, program: PathBuf) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.dir.path())
            .env("http_proxy", format!("http://{}", self.server.address()))
            .current_dir(self.dir.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    fn world(&self, vars: &[String], stdin: &str) -> FakeWorld {
        let home = self.dir.path().to_str().unwrap();
        let mut world = FakeWorld::new().with_var("HOME", home).with_stdin(stdin);
        world.cwd = self.dir.path().to_owned();
        world.home = world.cwd.clone();
        for (name, text) in FILES {
            world.files.insert(self.dir.path().join(name), text.as_bytes().to_vec());
        }
        for (name, value) in vars.iter().map(|var| var.split_once('=').unwrap()) {
            world.vars.insert(name.into(), value.into());
        }
        world
    }

    /// The lines for which what was sent is not what was read.
    fn differing(&self, lines: &[&str], run: &mut dyn FnMut(&Line)) -> Vec<String> {
        let mut wrong = Vec::new();
        for line in lines {
            let (line, stdin) = line.split_once(" <<< ").unwrap_or((line, ""));
            let mut words = shell_words::split(line).unwrap();
            let count = words.iter().take_while(|word| word.contains('=')).count();
            let vars: Vec<String> = words.drain(..count).collect();
            let stdin = stdin.to_owned();
            let one = Line { words, vars, stdin };
            run(&one);
            let sent: Vec<Sent> = self.server.take().iter().map(theirs).collect();
            let Line { words, vars, stdin } = one;
            let invocation = Invocation::new(words.clone());
            let world = self.world(&vars, &stdin);
            let context = Context { invocation: &invocation, world: &world };
            let call = Call { tool: table::find(&words[0]).unwrap(), context, full: false };
            let read = match words[0].as_str() {
                "wget" => wget::requests(&call),
                _ => httpie::requests(&call),
            };
            let mut read: Vec<Sent> = read.iter().map(ours).collect();
            // A GET without a method is a look either way.
            read.iter_mut().zip(&sent).for_each(|(read, sent)| {
                if read.body.starts_with("OPAQUE") {
                    read.body.clone_from(&sent.body);
                }
            });
            if sent != read {
                wrong.push(format!("{line}\n  sent: {sent:?}\n  read: {read:?}"));
            }
        }
        wrong
    }
}

/// JSON in one spelling; any other text as it is.
fn plain(text: &[u8]) -> String {
    match serde_json::from_slice::<serde_json::Value>(text) {
        Ok(json) => json.to_string(),
        Err(_) => String::from_utf8_lossy(text).into_owned(),
    }
}

fn theirs(received: &Received) -> Sent {
    let url = url::parse(&received.target).expect("a proxy is sent whole URLs");
    let credentials = received.header("authorization").or(received.header("cookie")).is_some()
        || received.header("x-api-key").is_some();
    Sent {
        method: received.method.clone(),
        url: url.to_text(),
        credentials,
        body: plain(&received.body),
    }
}

fn ours(request: &Request) -> Sent {
    let body = match &request.body {
        Body::None => String::new(),
        Body::Known(bytes) => plain(bytes),
        Body::Opaque(why) => format!("OPAQUE {why}"),
    };
    Sent {
        method: request.method.clone(),
        url: request.parts().map(|url| url.to_text()).unwrap_or_default(),
        credentials: request.carries_credentials(),
        body,
    }
}

const WGET: &[&str] = &[
    "wget http://a.test/1",
    "wget a.test/2",
    "wget -q -O- http://a.test/3?b=c",
    "wget --method=DELETE http://a.test/4",
    "wget --method delete http://a.test/5",
    "wget --meth=DELETE http://a.test/6",
    "wget --met DELETE http://a.test/7",
    "wget -e method=DELETE http://a.test/8",
    "wget -emethod=DELETE http://a.test/9",
    "wget --execute 'Meth_od = delete' http://a.test/10",
    "wget --exec='me-thod=put' http://a.test/11",
    "wget -qe method=FOO -O- http://a.test/12",
    "wget -nv --method=DELETE http://a.test/13",
    "wget -nc -nH --method=PATCH http://a.test/14",
    "wget http://a.test/15 --method=DELETE http://b.test/15",
    "wget --method=DELETE -- http://a.test/16",
    "wget --method=DELETE -i urls",
    "wget --method=DELETE --input-file=urls http://a.test/17",
    "wget --method=DELETE -i - <<< http://a.test/18\nhttp://a.test/19",
    "wget -e input=urls --method=DELETE",
    "wget --post-data=a=1 http://a.test/graphql",
    "wget --post-data a=1 http://a.test/graphql",
    "wget --post-file=body.json http://a.test/graphql",
    "wget --method=POST --body-data='{\"query\":\"{a}\"}' http://a.test/graphql",
    "wget --method=PUT --body-file=body.json http://a.test/graphql",
    "wget -e post_data=a=2 http://a.test/graphql",
    "wget --header='X-Api-Key: b' --method=DELETE http://a.test/20",
    "wget --header 'Authorization: Bearer t' http://a.test/21",
    "wget --head='Cookie: a=b' --method=DELETE http://a.test/22",
    "WGETRC=wgetrc wget http://a.test/23",
    "wget --config=wgetrc http://a.test/24",
    "wget --config wgetrc --method=PATCH http://a.test/25",
    "WGETRC=wgetrc wget --no-config http://a.test/26",
    "WGETRC=wgetrc wget -e method=get http://a.test/27",
    "wget --auth-no-challenge --user=ana --password=pw --method=DELETE http://a.test/28",
    "wget --auth-no-challenge --http-user=ana --http-passwo=pw http://a.test/29",
    "wget --auth-no-challenge http://ana:pw@a.test/30",
    "wget -t1 -T5 -O/dev/null -U agent --method=DELETE http://a.test/31",
    "wget -P out -A html -R css --method=OPTIONS http://a.test/32",
    "wget --spider http://a.test/33",
    "wget --no-check-certificate --no-cookies --method=DELETE http://a.test/34",
    "wget --limit-rate=1m --wait=0 --tries 1 --method=DELETE http://a.test/35",
    "wget --backups=1 --method=DELETE http://a.test/36",
    "wget --method=POST http://a.test/37",
    "wget --post-data= http://a.test/38",
    "wget --version --method=DELETE http://a.test/39",
    "wget -S -N -c http://a.test/40",
    "wget --no-verbose -O out.txt --method=delete 'http://a.test/41?_method=x'",
];

const HTTPIE: &[&str] = &[
    "http a.test/1 --ignore-stdin",
    "http -I a.test/2",
    "http a.test/graphql <<< {\"query\": \"{a}\"}",
    "http PUT a.test/graphql <<< {\"query\": \"{a}\"}",
    "http DELETE a.test/3",
    "http delete a.test/4",
    "http -I DELETE http://a.test/5 a=1",
    "http -I a.test/graphql a=1",
    "http -I a.test/graphql a:=1 b:='{\"c\": [1]}'",
    "http -I a.test/graphql query='mutation { a }' variables:='{\"id\": 1}'",
    "http -I a.test/graphql 'variables[id]=1' 'list[]=a' 'list[]=b'",
    "http -I a.test/graphql a=@value",
    "http -I a.test/graphql a:=@list.json",
    "http -I a.test/graphql @body.json",
    "http -I PATCH a.test/graphql @body.json",
    "http -I --form a.test/graphql a=1 b='x y' c:=2",
    "http -I -f a.test/graphql a=@value",
    "http -I a.test/6 b==2 c=='x y'",
    "http -I 'a.test/7?a=1' b==2",
    "http -I a.test/8 X-Api-Key:secret",
    "http -I a.test/9 Authorization:@head",
    "http -I a.test/10 X-Api-Key: ",
    "http -I DELETE a.test/11 'X-Api-Key;'",
    "http -I -a ana:pw DELETE a.test/12",
    "http -I --auth=ana:pw a.test/13",
    "http -I -A bearer -a token DELETE a.test/14",
    "http -I DELETE a.test/15 -a ana:pw",
    "http -I --raw '{\"a\": 1}' a.test/graphql",
    "http -I --raw='{\"a\": 1}' PUT a.test/graphql",
    "http -I --ra={} a.test/graphql",
    "http --offline DELETE a.test/16",
    "http -I --offline --no-offline DELETE a.test/17",
    "HTTPIE_CONFIG_DIR=pie http -I a.test/graphql",
    "HTTPIE_CONFIG_DIR=pie http -I --no-raw --no-form a.test/graphql",
    "HTTPIE_CONFIG_DIR=off http DELETE a.test/18",
    "HTTPIE_CONFIG_DIR=off http --no-offline DELETE a.test/19",
    "http -I ://a.test/20 a=1",
    "http -I --default-scheme=http a.test/21",
    "http -I --verbose --follow --timeout=5 DELETE a.test/22",
    "http -vb -I DELETE a.test/23",
    "http -I --print=hb DELETE a.test/24",
    "http -I foo a.test/25",
    "http -I a.test/26 'a\\=b:c'",
    "http -I DELETE a.test/27 a\\:b=c",
    "http -I --session=s DELETE a.test/28 Cookie:a=b",
    "http -I --json a.test/graphql a=1",
    "http -I -j DELETE a.test/29",
    "http -I --check-status --style auto --pretty none DELETE a.test/30",
    "http -I DELETE 'a.test/31#part'",
    "http -I --path-as-is DELETE a.test/a/b",
    "http -I DELETE http://ana:pw@a.test/32",
    "http -I --ignore-netrc DELETE a.test/33",
    "http --version DELETE a.test/34",
    "http -I --proxy http:http://127.0.0.1:1 --no-proxy DELETE a.test/35",
];

#[test]
fn what_wget_sends_is_what_was_read() {
    let bench = Bench::new();
    let wrong = bench.differing(WGET, &mut |line| {
        let mut child = bench
            .command(PathBuf::from("wget"))
            .args(&line.words[1..])
            .envs(line.vars.iter().map(|var| var.split_once('=').unwrap()))
            .stdout(Stdio::null())
            .spawn()
            .expect("wget is installed (apt: wget)");
        let _ = child.stdin.take().unwrap().write_all(line.stdin.as_bytes());
        child.wait().unwrap();
    });
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_httpie_sends_is_what_was_read() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let bench = Bench::new();
    let mut child = bench
        .command(installed("httpie/bin/python"))
        .arg(root.join("tests/support/httpie_lines.py"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("httpie is installed (tests/run does)");
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    let wrong = bench.differing(HTTPIE, &mut |line| {
        let vars: serde_json::Map<String, serde_json::Value> = line
            .vars
            .iter()
            .map(|var| var.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let words = &line.words;
        let line = serde_json::json!({ "words": words, "vars": vars, "stdin": line.stdin });
        writeln!(input, "{line}").unwrap();
        answers.read_line(&mut String::new()).unwrap();
    });
    drop(input);
    child.wait().unwrap();
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The lines that xh takes too: httpie's grammar, but for a few options.
#[cfg(feature = "real-xh")]
fn xh_lines() -> Vec<String> {
    // What is httpie's own (names cut short, a backslash before the sign), what
    // xh 0.26.3 refuses, and `--no-raw`, which makes its POST a GET: the
    // stricter reading stays.
    let own = ["--no-proxy", "a\\=b:c", "-vb", "--ra=", "c:=2", "--no-raw", "--path-as-is"];
    let lines = HTTPIE.iter().filter(|line| own.iter().all(|word| !line.contains(word)));
    let xh = |line: &str| match line.split_once("http ") {
        Some((vars, rest)) => {
            format!("{}xh {rest}", vars.replace("HTTPIE_CONFIG_DIR", "XH_CONFIG_DIR"))
        }
        None => line.to_owned(),
    };
    lines.map(|line| xh(line)).collect()
}

#[cfg(feature = "real-xh")]
#[test]
fn what_xh_sends_is_what_was_read() {
    let bench = Bench::new();
    let lines = xh_lines();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let wrong = bench.differing(&lines, &mut |line| {
        let mut child = bench
            .command(installed("xh/bin/xh"))
            .args(&line.words[1..])
            .envs(line.vars.iter().map(|var| var.split_once('=').unwrap()))
            .stdout(Stdio::null())
            .spawn()
            .expect("xh is installed (tests/run --all does)");
        let _ = child.stdin.take().unwrap().write_all(line.stdin.as_bytes());
        child.wait().unwrap();
    });
    assert!(wrong.is_empty(), "{} lines differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Commands with a place for a host, and what an agent is told on production,
/// where nothing is known, on staging, and on this machine.
const CONTRASTS: &[(&str, [Verdict; 4])] = {
    use Verdict::{Allow, Refuse};
    const DESTROYS: [Verdict; 4] = [Refuse, Refuse, Allow, Allow];
    const GREAT: [Verdict; 4] = [Refuse, Refuse, Refuse, Allow];
    const DISRUPTS: [Verdict; 4] = [Refuse, Allow, Allow, Allow];
    const FREE: [Verdict; 4] = [Allow; 4];
    &[
        ("wget -q https://HOST/v1/orders", FREE),
        ("wget --post-data=a=1 --header 'Authorization: Bearer t' https://HOST/v1/orders", FREE),
        (
            "wget --method=DELETE --header 'Authorization: Bearer t' https://HOST/v1/orders",
            DESTROYS,
        ),
        ("wget --met=delete --user a --password b HOST/v1/orders", DESTROYS),
        ("wget --method=DELETE https://HOST/v1/orders", FREE),
        ("http HOST/v1/orders Authorization:'Bearer t'", FREE),
        ("http HOST/v1/orders a=1 Authorization:'Bearer t'", FREE),
        ("http DELETE HOST/v1/orders Authorization:'Bearer t'", DESTROYS),
        ("https -a ana:pw delete HOST/v1/orders", DESTROYS),
        ("xh --offline DELETE HOST/v1/orders -a ana:pw", FREE),
        ("xhs DELETE HOST/v1/orders -a ana:pw", DESTROYS),
        ("http HOST/graphql query='mutation { deleteAll }' -a ana:pw", DESTROYS),
        ("curl HOST:9200/orders/_search", FREE),
        ("curl -X DELETE HOST:9200/orders/_doc/1", FREE),
        ("curl -X DELETE HOST:9200/orders", GREAT),
        ("curl -X DELETE HOST:9200/_all", GREAT),
        ("curl -X POST HOST:9200/orders/_close", DISRUPTS),
        ("http POST HOST:8123/ --raw 'drop database shop'", GREAT),
        ("http POST HOST:8123/ --raw 'select 1'", FREE),
        ("wget --method=PUT HOST:8200/v1/sys/seal", DISRUPTS),
        ("curl -X DELETE 'HOST:8500/v1/kv/app?recurse'", GREAT),
        ("curl -X DELETE HOST:8500/v1/kv/app", FREE),
        ("curl -X DELETE https://HOST:6443/api/v1/namespaces/shop", GREAT),
        ("curl -X DELETE https://HOST:6443/api/v1/namespaces/shop/pods/web-1", FREE),
        ("etcdctl --endpoints=HOST:2379 get --prefix /", FREE),
        ("etcdctl --endpoints=HOST:2379 del --prefix /app", GREAT),
        ("ETCDCTL_ENDPOINTS=http://HOST:2379 etcdctl del /app /b", GREAT),
        ("etcdctl --endpoints HOST:2379 defrag", DISRUPTS),
        ("VAULT_ADDR=https://HOST vault secrets disable kv", GREAT),
        ("VAULT_ADDR=https://HOST vault kv delete secret/app", FREE),
        ("consul kv delete -http-addr HOST:8500 -recurse app", GREAT),
        ("nomad job stop -address=http://HOST:4646 -purge shop", DESTROYS),
        ("nomad job stop -address=http://HOST:4646 shop", DISRUPTS),
        ("kafka-topics.sh --bootstrap-server HOST:9092 --delete --topic orders", GREAT),
        ("kafka-topics.sh --bootstrap-server HOST:9092 --describe --topic orders", FREE),
        ("rabbitmqadmin -H HOST purge queue name=orders", GREAT),
        ("nats -s nats://HOST:4222 stream rm ORDERS -f", GREAT),
        ("rsync -a --delete build/ app@HOST:/srv/app/", DESTROYS),
        ("rsync -an --delete build/ app@HOST:/srv/app/", FREE),
        ("rsync -a build/ app@HOST:/srv/app/", FREE),
    ]
};

#[test]
fn where_it_goes_decides() {
    let mut wrong = Vec::new();
    for (line, wanted) in CONTRASTS {
        let hosts = ["shop.prod.acme.com", "shop.acme.com", "shop.staging.acme.com", "127.0.0.1"];
        for (host, wanted) in hosts.into_iter().zip(wanted) {
            let line = line.replace("HOST", host);
            let options = Options { actor: Some(ActorKind::Agent), full: false };
            let subject = Subject::Line(&line, &Invocation::default());
            let verdict = pipeline::judge(subject, &FakeWorld::new(), options).judgement.verdict;
            if verdict != *wanted {
                wrong.push(format!("{line}: {verdict} instead of {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
