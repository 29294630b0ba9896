//! What is made of whole calls, in worlds that the tests wrote down. That the
//! requests themselves are curl's is shown by `tests/curl`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use proptest::prelude::*;

use super::*;
use crate::action::{Effect, Flag};
use crate::actions::Handed;
use crate::invocation::{Context, Input, Invocation};
use crate::rules::table;
use crate::target::Class;
use crate::world::fake::FakeWorld;

const INCIDENT: &str = r#"curl -X POST https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer [token]" -d '{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb-6c1e-4f0b-9d0a-52a1d6f8c7e4\") }"}'"#;

fn read_words(words: &[String], world: &FakeWorld, dynamic: &[usize]) -> Reading {
    let mut invocation = Invocation::new(words.to_vec());
    invocation.dynamic = dynamic.to_vec();
    let tool = table::find("curl").unwrap();
    super::read(&Call { tool, context: Context { invocation: &invocation, world }, full: false })
}

fn read_in(line: &str, world: &FakeWorld) -> Reading {
    read_words(&shell_words::split(line).unwrap(), world, &[])
}

fn read(line: &str) -> Reading {
    read_in(line, &FakeWorld::new())
}

fn effect(reading: &Reading) -> Effect {
    reading.actions.iter().map(|action| action.effect).max().unwrap_or(Effect::Read)
}

fn is_opaque(reading: &Reading) -> bool {
    reading.actions.iter().any(|action| action.flags.has(Flag::Opaque))
}

fn is_local(reading: &Reading) -> bool {
    let local = |action: &Action| {
        action.target.evidence.iter().any(|found| found.asserts == Some(Class::Local))
    };
    !reading.actions.is_empty() && reading.actions.iter().all(local)
}

#[test]
fn the_incident() {
    let reading = read(INCIDENT);
    assert_eq!(effect(&reading), Effect::Destroy);
    assert_eq!(reading.actions[0].operation, "volumeDelete");
    assert_eq!(reading.actions[0].target.platform, "railway");
}

#[test]
fn the_incident_in_other_clothes() {
    let world = FakeWorld::new()
        .with_file("q.json", r#"{"query":"mutation { volumeDelete(volumeId: \"v\") }"}"#)
        .with_file("q.graphql", "mutation { volumeDelete(volumeId: \"v\") }")
        .with_file("all.cfg", "url = https://backboard.railway.app/graphql/v2\njson = @q.json\n")
        .with_stdin(r#"{"query":"mutation { volumeDelete(volumeId: \"v\") }"}"#);
    for line in [
        "curl -sd@q.json https://BACKBOARD.Railway.App./graphql/v2",
        "curl --json @q.json backboard.railway.com/graphql/v2",
        "curl --data-binary @- https://backboard.railway.app/graphql/v2",
        "curl -T q.json -X POST https://backboard.railway.app/graphql/v2",
        "curl -T - -X POST https://backboard.railway.app/graphql/v2",
        "curl -F 'operations=<q.json' https://backboard.railway.app/graphql/v2",
        "curl -F 'operations=@q.json;type=application/json' https://backboard.railway.app/graphql/v2",
        "curl -G --data-urlencode query@q.graphql https://backboard.railway.app/graphql/v2",
        "curl --url-query query@q.graphql https://backboard.railway.app/graphql/v2",
        "curl 'https://backboard.railway.app/graphql/v2?query=mutation%7BvolumeDelete(volumeId:1)%7D'",
        "curl -H 'Content-Type: application/graphql' --data-binary @q.graphql https://backboard.railway.app/graphql/v2",
        "curl -K all.cfg",
        "curl example.com --next -K all.cfg",
        "curl --connect-to ::127.0.0.1:8080 -d @q.json http://backboard.railway.app/graphql/v2",
        "curl --resolve backboard.railway.app:443:127.0.0.1 -d @q.json https://backboard.railway.app/graphql/v2",
        "curl -x http://127.0.0.1:8080 -d @q.json https://backboard.railway.app/graphql/v2",
        "curl -H 'Host: backboard.railway.app' -k -d @q.json https://104.18.0.1/graphql/v2",
        "curl --connect-to ::backboard.railway.app: -k -d @q.json https://evil.test/graphql/v2",
        "curl -d @q.json https://x@{backboard,status}.railway.app/graphql/v2",
        "curl -d @q.json 'https://back[b-b]oard.railway.app/graphql/v2'",
        "curl --variable host=backboard --expand-url 'https://{{host}}.railway.app/graphql/v2' -d @q.json",
        "curl --variable q@q.json --expand-data '{{q}}' https://backboard.railway.app/graphql/v2",
        "curl --variable m=mutation --expand-json '{\"query\":\"{{m}} { volumeDelete(volumeId: 1) }\"}' https://backboard.railway.app/graphql/v2",
        "curl -d @q.json --url @urls.txt https://backboard.railway.app/graphql/v2",
        "curl --some-option-of-the-future -d @q.json https://backboard.railway.app/graphql/v2",
        "curl --future -X -d @q.json https://backboard.railway.app/graphql/v2",
        "curl https://backboard.railway.app/x --request-target /graphql/v2 -d @q.json",
    ] {
        assert_eq!(effect(&read_in(line, &world)), Effect::Destroy, "{line}");
    }
}

#[test]
fn looking_is_nothing() {
    for line in [
        "curl",
        "curl https://example.com",
        "curl -fsSL https://example.com/install.sh -o install.sh",
        "curl -I https://api.github.com/repos/acme/shop",
        "curl -H 'Authorization: Bearer t' https://api.github.com/repos/acme/shop/delete",
        "curl 'https://example.com/search?q=delete+everything&_method=delete'",
        "curl 'https://example.com/search?query=mutation'",
        "curl -G -d query=drop https://example.com",
        "curl 'https://example.com/page[1-100000]?x=[1-9]'",
        "curl -X GET https://api.github.com/x",
        "curl --version -X DELETE https://api.github.com/x",
        "curl file:///etc/hosts",
        "curl ftp://example.com/x",
        "curl telnet://db.acme.com:5432",
        "curl dict://dict.org/d:word",
        "curl -u ana:pw 'https://example.com/?a=b'",
    ] {
        assert_eq!(read_in(line, &FakeWorld::new()).actions, [], "{line}");
    }
}

/// As `aws rds stop-db-instance` is.
#[test]
fn a_named_operation_is_what_the_aws_tables_say() {
    let line = "curl -d 'Action=StopDBInstance' https://rds.eu-west-1.amazonaws.com/";
    assert_eq!(effect(&read_in(line, &FakeWorld::new())), Effect::Disrupt);
}

#[test]
fn sending_is_a_write() {
    let world = FakeWorld::new().with_file("f.bin", "x");
    for line in [
        "curl -d a=1 https://api.acme.com/orders -H 'Authorization: Bearer t'",
        "curl -X PUT https://api.acme.com/orders/1 -u ana:pw --json '{\"query\":\"delete\"}'",
        "curl -X PATCH https://api.github.com/repos/acme/shop",
        "curl -T f.bin https://uploads.acme.com/",
        "curl -F file=@/no/such/file https://uploads.acme.com/",
        "curl -d @/no/such/file https://hooks.acme.com/x",
        "curl -X DELETE https://api.acme.com/orders/1",
        "curl --json '{\"query\":\"mutation { createOrder { id } }\"}' https://api.acme.com/graphql",
        "curl --json '{\"query\":\"mutation { deleteOrder }\"}' https://api.acme.com/graphql",
        "curl ftp://ftp.acme.com/ -Q 'DELE x'",
        "curl -T /no/such/file 'https://acme.s3.amazonaws.com/x?X-Amz-Signature=1'",
        "curl -F file=@/no/such/file https://acme.s3.amazonaws.com/",
        "curl -d 'Action=AddTagsToResource' https://rds.eu-west-1.amazonaws.com/",
    ] {
        let reading = read_in(line, &world);
        assert_eq!(effect(&reading), Effect::Write, "{line}");
        assert!(!is_opaque(&reading), "{line}");
    }
}

#[test]
fn deleting_destroys() {
    for line in [
        "curl -X DELETE https://api.github.com/repos/acme/shop",
        "curl -X delete https://api.github.com/repos/acme/shop",
        "curl -X ' DELETE' https://api.github.com/repos/acme/shop",
        "curl -I -XDELETE https://api.heroku.com/apps/shop",
        "curl -n -X DELETE https://api.acme.com/orders",
        "curl -E c.pem -X DELETE https://api.acme.com/orders",
        "curl -b jar -X DELETE https://api.acme.com/orders",
        "curl -X DELETE https://ana:pw@api.acme.com/orders",
        "curl -X DELETE 'https://api.acme.com/orders?api_key=1'",
        "curl -H @headers -X DELETE https://api.acme.com/orders",
        "curl -H 'Cookie: a=b' -d _method=delete https://api.acme.com/orders",
        "curl -H 'X-Api-Key: 1' -d '' 'https://api.acme.com/orders?_method=DELETE'",
        "curl -H 'X-HTTP-Method-Override: delete' -d '' https://api.vercel.com/v9/projects/shop",
        "curl -u a:b --json '{\"query\":\"mutation { deleteAll }\"}' https://api.acme.com/anything",
        "curl -H 'X-Amz-Target: DynamoDB_20120810.DeleteTable' -d '{}' https://dynamodb.eu-west-1.amazonaws.com/",
        "curl -d 'Action=DeleteDBInstance&Version=2014-10-31' https://rds.eu-west-1.amazonaws.com/",
        "curl 'https://ec2.eu-west-1.amazonaws.com/?Action=TerminateInstances'",
        "curl -X POST https://console.neon.tech/api/v2/projects/p/branches/b/restore",
        "curl -k -X DELETE https://10.0.0.1:6443/api/v1/namespaces/shop",
    ] {
        assert_eq!(effect(&read(line)), Effect::Destroy, "{line}");
    }
}

#[test]
fn this_machine_is_local_unless_something_leads_away() {
    let with_proxy = FakeWorld::new().with_var("http_proxy", "http://proxy.acme.com:3128");
    let delete = "curl -u a:b -X DELETE http://localhost:3000/users";
    assert!(is_local(&read(delete)));
    assert!(is_local(&read("curl -u a:b -X DELETE http://127.0.0.1/x --resolve x:1:127.0.0.1")));
    assert!(!is_local(&read_in(delete, &with_proxy)));
    assert!(is_local(&read_in(delete, &with_proxy.with_var("no_proxy", "localhost,.acme.com"))));
    for option in [
        "-x proxy.acme.com:3128",
        "--connect-to ::db.prod.acme.com:443",
        "--resolve localhost:3000:10.1.2.3",
        "--socks5 10.1.2.3",
    ] {
        assert!(!is_local(&read(&format!("{delete} {option}"))), "{option}");
    }
}

#[test]
fn config_files_count_where_curl_reads_them() {
    let delete = "curl -u a:b https://api.acme.com/x";
    let rc = |path: &str| FakeWorld::new().with_file(path, "request = DELETE\n");
    assert_eq!(effect(&read_in(delete, &rc("/home/ana/.curlrc"))), Effect::Destroy);
    assert_eq!(effect(&read_in(delete, &rc("/home/ana/.config/curlrc"))), Effect::Destroy);
    let elsewhere = rc("/home/ana/.curlrc").with_var("HOME", "/tmp/x");
    assert_eq!(effect(&read_in(delete, &elsewhere)), Effect::Destroy);
    let own = rc("/c/.curlrc").with_var("CURL_HOME", "/c");
    assert_eq!(effect(&read_in(delete, &own)), Effect::Destroy);
    let xdg = rc("/xdg/curlrc").with_var("XDG_CONFIG_HOME", "/xdg");
    assert_eq!(effect(&read_in(delete, &xdg)), Effect::Destroy);
    let xdg = rc("/home/ana/.config/curlrc").with_var("XDG_CONFIG_HOME", "/xdg");
    assert_eq!(effect(&read_in(delete, &xdg)), Effect::Read);
    for first in ["-q", "--disable", "-qs"] {
        let line = delete.replacen("curl", &format!("curl {first}"), 1);
        assert_eq!(effect(&read_in(&line, &rc("/home/ana/.curlrc"))), Effect::Read, "{line}");
    }
    let late = format!("{delete} -q");
    assert_eq!(effect(&read_in(&late, &rc("/home/ana/.curlrc"))), Effect::Destroy);
}

#[test]
fn what_cannot_be_read_and_could_destroy_is_opaque() {
    let world = FakeWorld { stdin: Input::Opaque("./generate".to_owned()), ..FakeWorld::new() }
        .with_file("loop.cfg", "config = loop.cfg\n")
        .with_file("cr.json", "{\"query\":\"{ me }\"\r}\n");
    for line in [
        "curl -d @- https://backboard.railway.app/graphql/v2",
        "curl -d @missing https://backboard.railway.app/graphql/v2",
        "curl -d @cr.json https://backboard.railway.app/graphql/v2",
        "curl -d @- https://api.acme.com/graphql -u a:b",
        "curl -K -",
        "curl -K missing.cfg",
        "curl -K loop.cfg https://example.com",
        "curl --url @missing",
        "curl -X DELETE -u a:b 'https://api.acme.com/[1-100000]'",
        "curl gopher://cache.acme.com:6379/_FLUSHALL%0d%0a",
        "curl gopher://cache.acme.com:6379/_FLUSHALL",
        "curl dict://cache.acme.com:6379/FLUSHALL",
        "curl telnet://cache.acme.com:6379",
        "curl -d x -H @missing https://api.acme.com/x",
        "curl -d @- https://rds.eu-west-1.amazonaws.com/",
        "curl -d x https://backboard.r\u{1d41a}ilway.app/graphql/v2",
    ] {
        assert!(is_opaque(&read_in(line, &world)), "{line}");
    }
}

#[test]
fn words_computed_at_run_time() {
    let at = |line: &str, dynamic: &[usize]| {
        read_words(&shell_words::split(line).unwrap(), &FakeWorld::new(), dynamic)
    };
    assert!(is_opaque(&at("curl -X $METHOD https://api.acme.com/x", &[2])));
    assert!(is_opaque(&at("curl -X$METHOD https://api.acme.com/x", &[1])));
    assert!(is_opaque(&at("curl -d $BODY https://backboard.railway.app/graphql/v2", &[2])));
    let gap = at("curl -X DELETE -u a:b https://$HOST/x", &[5]);
    assert_eq!(effect(&gap), Effect::Destroy);
    assert!(gap.actions[0].target.gap.is_some());
    assert_eq!(at("curl -s https://$HOST/health", &[2]).actions, []);
    assert_eq!(at("curl -o $OUT https://example.com", &[2]).actions, []);
    let bearer = at("curl -H 'Authorization: Bearer $T' -X DELETE https://api.acme.com/x", &[2]);
    assert_eq!(effect(&bearer), Effect::Destroy);
    assert!(!is_opaque(&at("curl -d $BODY https://hooks.acme.com/x", &[2])));
}

#[test]
fn files_that_argv_names_are_handed_on() {
    let world = FakeWorld::new()
        .with_file("q.json", "{}")
        .with_file("b.xml", "x")
        .with_file("h.txt", "Accept: x")
        .with_file("me.json", r#"{"query":"{ me { id } }"}"#)
        .with_file("a.cfg", "data = @q.json\nurl = https://api.acme.com/x\n")
        .with_file("b.cfg", "-K \"a.cfg\" # a")
        .with_file("c.cfg", "url = https://example.com");
    let handed = |line: &str| -> Vec<(usize, String)> {
        let reading = read_in(line, &world);
        let shown = |one: &Handed| (one.word().unwrap_or(0), one.text.show());
        reading.handed.iter().map(shown).collect()
    };
    let at = |index: usize, shown: &str| vec![(index, shown.to_owned())];
    assert_eq!(handed("curl -d @q.json https://api.acme.com"), at(2, "@<{}>"));
    assert_eq!(handed("curl -d@q.json https://api.acme.com"), at(1, "-d@<{}>"));
    assert_eq!(handed("curl -sd@q.json https://api.acme.com"), at(1, "-sd@<{}>"));
    assert_eq!(handed("curl --data-urlencode a@q.json https://api.acme.com"), at(2, "a@<{}>"));
    assert_eq!(handed("curl -F a=<q.json https://api.acme.com"), at(2, "a=<<{}>"));
    assert_eq!(
        handed("curl -F a=<b.xml https://api.acme.com"),
        at(2, "a=<<x>;type=application/xml")
    );
    assert_eq!(handed("curl -F a=@q.json https://api.acme.com"), at(2, "a=@<{}>;filename=q.json"));
    assert_eq!(
        handed("curl -F 'a=@\"q.json\";type=x/y' https://api.acme.com"),
        at(2, "a=@<{}>;filename=q.json;type=x/y")
    );
    assert_eq!(
        handed("curl -F a=@q.json;filename=z https://api.acme.com"),
        at(2, "a=@<{}>;filename=z")
    );
    assert_eq!(handed("curl -F a=@q.json,b.xml https://api.acme.com"), []);
    let config = "data = @<{}>\nurl = https://api.acme.com/x\n";
    assert_eq!(handed("curl -Ka.cfg"), at(1, &format!("-K<{config}>")));
    assert_eq!(handed("curl -K b.cfg"), at(2, &format!("<-K \"<{config}>\" # a>")));
    // What a config file says was judged, be it harmless.
    assert_eq!(handed("curl -K c.cfg"), at(2, "<url = https://example.com>"));
    assert_eq!(handed("curl -H @h.txt https://example.com"), at(2, "@<Accept: x>"));
    assert_eq!(handed("curl --version -K c.cfg"), []);
    let upload = "curl -X POST -T q.json https://backboard.railway.app/graphql/v2";
    assert_eq!(handed(upload), at(4, "<{}>"));
    // The name goes on being the file's.
    let both = |url: &str| vec![(4, "<{}>".to_owned()), (5, url.to_owned())];
    let line = "curl -X POST -T q.json https://backboard.railway.app/graphql/";
    assert_eq!(handed(line), both("https://backboard.railway.app/graphql/q.json"));
    assert_eq!(handed(&format!("{line}?a=b")), []);
    assert_eq!(handed(&format!("{line} -K c.cfg")).len(), 3);
    // A query that changes nothing was judged as much as one that does.
    let query = "curl https://backboard.railway.app/graphql/v2 --data-binary @me.json";
    assert_eq!(handed(query), at(3, r#"@<{"query":"{ me { id } }"}>"#));
    // Nothing was judged, so nothing is handed on.
    assert_eq!(handed("curl -G -d @q.json https://example.com"), []);
}

#[test]
fn config_files_that_name_themselves_come_to_an_end() {
    let text = "-K a.cfg\n".repeat(1_000) + "url = https://api.acme.com\n";
    let world = FakeWorld::new().with_file("a.cfg", &text);
    assert!(is_opaque(&read_in("curl -K a.cfg", &world)));
    let bodies = "data = @a.cfg\n".repeat(1_000) + "url = https://api.acme.com\n";
    let world = world.with_file("b.cfg", &bodies);
    assert!(is_opaque(&read_in("curl -K b.cfg", &world)));
}

#[test]
fn a_plain_get_reads_nothing_but_its_config() {
    let world = FakeWorld::new().with_stdin("x");
    read_in("curl -fsSL https://example.com -o out", &world);
    assert_eq!(world.stdin_reads.get(), 0);
    read_in("curl -T - https://uploads.acme.com/x", &world);
    assert_eq!(world.stdin_reads.get(), 0, "a stream to nowhere special is left alone");
}

#[test]
fn no_secret_is_in_what_is_said() {
    let reading = read(
        "curl -u ana:hunter1 -H 'Authorization: Bearer hunter2' -b s=hunter3 -X DELETE \
         'https://ana:hunter4@api.acme.com/x?token=hunter5&a=1' -x http://u:hunter6@proxy.acme.com",
    );
    let said = format!("{:?}", reading.actions);
    assert!(!said.contains("hunter"), "{said}");
    assert!(reading.actions[0].summary.contains("DELETE /x?token=…&a=1 to api.acme.com"), "{said}");
}

#[test]
fn the_rules_examples() {
    let tool = table::find("curl").unwrap();
    for line in tool.destroys {
        assert_eq!(effect(&read(line)), Effect::Destroy, "{line}");
    }
    for line in tool.harmless {
        let reading = read(line);
        assert!(effect(&reading) < Effect::Destroy || is_local(&reading), "{line}");
        assert!(!is_opaque(&reading), "{line}");
    }
}

#[test]
fn looks_are_told_where_they_are_wanted() {
    let world = FakeWorld::new();
    let invocation = Invocation::new(["curl", "-I", "https://example.com/x?token=1", "a.test"]);
    let tool = table::find("curl").unwrap();
    let call =
        Call { tool, context: Context { invocation: &invocation, world: &world }, full: true };
    let actions = super::read(&call).actions;
    let said: Vec<&str> = actions.iter().map(|action| action.summary.as_str()).collect();
    assert_eq!(said, ["Sends HEAD /x?token=… to example.com.", "Sends HEAD / to a.test."]);
    assert!(actions.iter().all(Action::is_harmless));
}

/// Words around a hidden DELETE, none of which ends the options or takes the
/// next word.
fn harmless_words() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        Just(vec!["-s".to_owned()]),
        Just(vec!["-fsSL".to_owned()]),
        Just(vec!["--compressed".to_owned()]),
        Just(vec!["-o".to_owned(), "-X".to_owned()]),
        Just(vec!["-A".to_owned(), "--next".to_owned()]),
        Just(vec!["-H".to_owned(), "X-A: -X GET".to_owned()]),
        Just(vec!["-m5".to_owned()]),
        Just(vec!["--no-keepalive".to_owned()]),
        Just(vec!["https://example.com/other".to_owned()]),
        Just(vec!["--retry".to_owned(), "3".to_owned()]),
    ];
    proptest::collection::vec(word, 0..6).prop_map(|words| words.concat())
}

fn hidden_delete() -> impl Strategy<Value = Vec<String>> {
    let cluster = "[sSfLvikgnN#0146Z]{0,5}";
    prop_oneof![
        cluster.prop_map(|flags| vec![format!("-{flags}XDELETE")]),
        cluster.prop_map(|flags| vec![format!("-{flags}X"), "DELETE".to_owned()]),
        (2..=7usize).prop_map(|length| {
            let name: String = "request".chars().take(length.max(3)).collect();
            vec![format!("--{name}"), "DELETE".to_owned()]
        }),
        Just(vec!["--expand-request".to_owned(), "DELETE".to_owned()]),
        Just(vec!["-Kdelete.cfg".to_owned()]),
        Just(vec!["--config".to_owned(), "delete.cfg".to_owned()]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hidden_delete_is_found(
        before in harmless_words(),
        hidden in hidden_delete(),
        after in harmless_words(),
        url_first in any::<bool>(),
    ) {
        let world = FakeWorld::new().with_file("delete.cfg", "request = \"DELETE\"\n");
        let url = vec!["https://api.github.com/repos/acme/shop".to_owned()];
        let mut words = vec!["curl".to_owned()];
        words.extend(before);
        if url_first { words.extend(url.clone()); }
        words.extend(hidden);
        words.extend(after);
        if !url_first { words.extend(url); }
        prop_assert_eq!(effect(&read_words(&words, &world, &[])), Effect::Destroy);
    }

    #[test]
    fn only_names_give_way(text in crate::actions::handed::script(&[
        "data = @/a.sql\n", "-d \"@/a.sql\" # x\n", "form=\"a=@\\\"/a.sql\\\";type=x\"\n", "-K /a.sql\n",
        "header: @/a.sql\r\n", "url = https://api.acme.com/\n", "form = a=@/a.sql", "form = a=@/a.sql,b", "\n",
        "\"", "\\", " ", "# ", "next\n", "\u{feff}", "é", "upload-file = /a.sql\n", "-d@/a.sql\n",
        "data-urlencode \"\\x@/a.sql\"\n", "url = \"https://backboard.railway.app/graphql/\"\n",
    ])) {
        let world = FakeWorld::new().with_file("c", &text).with_file("/a.sql", "silent").with_stdin(&text);
        let read = |line: &str| read_in(line, &world).handed;
        for handed in read("curl -K c").into_iter().chain(read("curl -K -")) {
            for (_, file) in handed.text.files() {
                file.check("/a.sql");
            }
        }
    }

    #[test]
    fn no_words_make_it_panic(words in proptest::collection::vec(any_word(), 0..8)) {
        let world = FakeWorld::new().with_file("f", "data = @f\nurl = {a,b}[1-9]\n").with_stdin("x");
        let mut invocation = Invocation::new(["curl"]);
        invocation.argv.extend(words.into_iter().map(OsString::from_vec));
        let tool = table::find("curl").unwrap();
        let call = Call { tool, context: Context { invocation: &invocation, world: &world }, full: true };
        super::read(&call);
        super::requests(&call);
    }

    #[test]
    fn no_config_makes_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut world = FakeWorld::new();
        world.files.insert("/home/ana/.curlrc".into(), text);
        read_in("curl https://example.com", &world);
    }
}

fn any_word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..12),
        "-{0,2}[a-zA-Z:#-]{0,12}".prop_map(String::into_bytes),
        "[@<=]{0,2}f".prop_map(String::into_bytes),
        "-[KdTFHX][@<f=;-]{0,3}".prop_map(String::into_bytes),
        r"(https?:/{0,3})?[a-z\[\]{},0-9:@%?#&.\\-]{0,20}".prop_map(String::into_bytes),
        Just(b"--variable".to_vec()),
        "--expand-(url|data|json)".prop_map(String::into_bytes),
        r"%?a[=@]?[{}a:]{0,6}".prop_map(String::into_bytes),
    ]
}
