//! Documents and patches: from words, files and standard input.

use super::*;

#[test]
fn the_api_reads_documents_from_everywhere() {
    let drop = "mutation { volumeDelete(volumeId: \"v1\") }";
    let world = world().with_file("/app/drop.graphql", drop).with_stdin(drop);
    let mut quiet = world.clone();
    quiet.stdin = crate::invocation::Input::Terminal;
    for (world, line) in [
        (&quiet, format!("railway api '{drop}'")),
        (&quiet, format!("railway api --compact -- '{drop}'")),
        (&quiet, "railway api -f drop.graphql".to_owned()),
        (&quiet, "railway api --file=/app/drop.graphql".to_owned()),
        (&world, "railway api -f -".to_owned()),
        (&world, "railway api".to_owned()),
    ] {
        let actions = judge(world, &words(&line)).actions;
        assert_eq!(actions.len(), 1, "{line}");
        assert_eq!(actions[0].rule, "railway-api/volumeDelete", "{line}");
        assert_eq!(actions[0].object.as_deref(), Some("volume v1"), "{line}");
    }
    assert!(judge(&quiet, &words("railway api")).actions.is_empty());
    assert!(!stops(&judge(&quiet, &words("railway api 'query { me { id } }'"))));
    assert!(stops(&judge(&quiet, &words("railway api -f missing.graphql"))));
    assert!(stops(&judge(&quiet, &words("railway api 'mutation { volumeDelete'"))));
}

#[test]
fn files_are_handed_on_from_the_copy_that_was_read() {
    let drop = "mutation($v: ID!) { volumeDelete(volumeId: $v) }";
    let world =
        world().with_file("/app/d.graphql", drop).with_file("/app/v.json", r#"{"v": "v9"}"#);
    let reading = judge(&world, &words("railway api --file=d.graphql --variables=@v.json"));
    assert_eq!(reading.actions[0].object.as_deref(), Some("volume v9"));
    let handed = |index, before: &str, text: &str| {
        Handed::file(index, before.into(), text.as_bytes().to_vec())
    };
    let expected = [handed(2, "--file=", drop), handed(3, "--variables=@", r#"{"v": "v9"}"#)];
    assert_eq!(reading.handed, expected);
}

#[test]
fn variables_come_in_their_order() {
    let line = "railway api 'mutation($v: ID!) { volumeDelete(volumeId: $v) }'";
    let object = |rest: &str| only(&format!("{line} {rest}")).object.unwrap();
    assert_eq!(object("--variables '{\"v\": \"a\"}'"), "volume a");
    assert_eq!(object("--variables '{\"v\": \"a\"}' --var v=b"), "volume b");
    assert_eq!(object("--raw-var v=c --var v=b"), "volume c");
    assert_eq!(object("--variables nonsense"), "volume");
    assert_eq!(object("--variables @missing.json"), "volume");
}

#[test]
fn an_operation_name_chooses() {
    let line = "railway api 'query A { me } mutation B { userDelete }' --operation-name";
    assert!(!stops(&reading(&format!("{line} A"))));
    assert!(stops(&reading(&format!("{line} B"))));
    let mut invocation = words(&format!("{line} A"));
    invocation.dynamic = vec![4];
    assert!(stops(&judge(&world(), &invocation)));
}

#[test]
fn edits_are_read_from_standard_input() {
    let patch = r#"{"volumes":{"v1":{"isDeleted":true}}}"#;
    let world = world().with_stdin(patch);
    let line = words("railway environment edit -e production --json");
    let actions = judge(&world, &line).actions;
    let worst = actions.iter().find(|action| action.effect == Effect::Destroy).unwrap();
    assert_eq!(worst.object.as_deref(), Some("volume v1"));
    assert_eq!(name(worst), "acme/production");
    assert!(worst.flags.has(Flag::Backups));
    let harmless = world.clone().with_stdin(r#"{"services":{"s":{"source":{"image":"x"}}}}"#);
    assert!(!stops(&judge(&harmless, &line)));
    assert!(stops(&judge(&world.clone().with_stdin("not json"), &line)));
    assert!(!stops(&judge(&world.with_stdin("\n"), &line)));
    let mut piped = line.clone();
    piped.stdin = Stdin::Opaque("the output of ./generate".to_owned());
    assert!(stops(&judge(&FakeWorld::new(), &piped)));
}

#[test]
fn edits_are_read_from_the_words() {
    for line in [
        "railway environment edit -s api isDeleted true -m x",
        "railway env update --service-config api isDeleted true",
        "railway environment edit -s api source.image redis -s db isDeleted true",
        "railway environment edit -s api networking.tcpProxies.5432 null",
        "railway environment edit -s api deploy.numReplicas 0",
    ] {
        assert!(stops(&reading(line)), "{line}");
    }
    for line in [
        "railway environment edit -s api deploy.startCommand ./run",
        "railway environment edit -s api isDeleted false",
        "railway environment edit",
    ] {
        assert!(!stops(&reading(line)), "{line}");
    }
}
