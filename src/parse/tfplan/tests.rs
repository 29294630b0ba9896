//! Plan files that the tests write, whole and broken.

use super::sample::{archive, map, plan};
use super::*;

#[test]
fn a_plan_says_what_it_does_to_what() {
    let before = map(&[("deletion_protection", true.into()), ("size", 7.into())]);
    let after = map(&[("deletion_protection", false.into())]);
    let config = map(&[("bucket", "acme-tf".into()), ("key", "shop/tfstate".into())]);
    let file = plan(
        &[
            ("aws_db_instance.main", 3, &[&before, &after]),
            ("module.a[\"x.y\"].aws_s3_bucket.b[0]", 5, &[&before]),
            ("aws_instance.i", 6, &[&before, &after]),
            ("data.aws_ami.x", 2, &[]),
            ("null_resource.n", 0, &[]),
        ],
        "s3",
        &config,
        "prod",
    );
    let plan = read(&file).unwrap();
    let kinds: Vec<(&str, Kind)> =
        plan.changes.iter().map(|change| (change.resource_type(), change.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("aws_db_instance", Kind::Update),
            ("aws_s3_bucket", Kind::Delete),
            ("aws_instance", Kind::Replace),
        ]
    );
    let change = &plan.changes[0];
    assert_eq!(change.simple("deletion_protection", false), Some(Simple::Bool(true)));
    assert_eq!(change.simple("deletion_protection", true), Some(Simple::Bool(false)));
    assert_eq!(change.simple("size", false), Some(Simple::Number(7)));
    assert_eq!((plan.backend.as_str(), plan.workspace.as_str()), ("s3", "prod"));
    assert!(plan.settings.contains(&("bucket".into(), "acme-tf".into())), "{:?}", plan.settings);
}

#[test]
fn what_is_not_known_is_an_error() {
    let nothing = map(&[]);
    assert!(read(&plan(&[("a.b", 42, &[])], "local", &nothing, "default")).is_err());
    assert!(read(&plan(&[("", 5, &[])], "local", &nothing, "default")).is_err(), "before 1.1");
    assert!(read(b"").is_err());
    assert!(read(b"{\"remote_plan_format\":1,\"run_id\":\"run-1\"}").is_err());
    assert!(read(&archive(&[("tfstate", b"{}")])).is_err());
    let mut file = plan(&[("a.b", 5, &[])], "local", &nothing, "default");
    assert!(read(&file).is_ok());
    file.push(b' ');
    assert!(read(&file).is_err(), "something behind the directory");
    file.pop();
    file.insert(0, b' ');
    assert!(read(&file).is_err(), "something in front of the first entry");
}

#[test]
fn two_plans_in_one_file_are_none() {
    assert!(read(&archive(&[("tfplan", b"\x08\x03")])).is_ok());
    assert!(read(&archive(&[("tfplan", b"\x08\x03"), ("tfplan", b"\x08\x03")])).is_err());
    assert!(read(&archive(&[("tfplan", b"\x08\x04")])).is_err(), "another format");
}

#[test]
fn types_are_found_in_addresses() {
    for (address, expected) in [
        ("aws_db_instance.main", "aws_db_instance"),
        ("aws_db_instance.main[\"a.b]\"]", "aws_db_instance"),
        ("module.a.module.b[\"x\\\"].y\"].aws_s3_bucket.c", "aws_s3_bucket"),
        ("data.aws_ami.x", "aws_ami"),
        ("module.a", ""),
        ("odd", "odd"),
        ("", ""),
    ] {
        assert_eq!(resource_type(address), expected, "{address}");
    }
}
