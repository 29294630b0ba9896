//! The commands inside `run` and `ssh`.

use super::*;

#[test]
fn what_run_hands_on_is_judged_at_both_places() {
    let reading = reading("railway run -e production railway down -e staging -y");
    let down = reading.actions.iter().find(|one| one.rule == "railway/down").unwrap();
    let names: Vec<&str> = down.target.evidence.iter().map(|one| one.value.as_str()).collect();
    assert!(names.contains(&"production") && names.contains(&"staging"), "{names:?}");
    assert_eq!(name(down), "acme/production");
    assert!(reading.inner.is_empty());
}

#[test]
fn run_passes_on_what_has_no_rules() {
    for line in ["railway run ./start", "railway local -- ./test --help"] {
        let reading = reading(line);
        assert!(!stops(&reading), "{line}");
        assert_eq!(reading.inner.len(), 1, "{line}");
    }
    for line in [
        "railway run nice ./start",
        "railway run env A=1 ./start",
        "railway run sh -c 'echo hi; ./start'",
        "railway run env",
    ] {
        assert!(!stops(&reading(line)), "{line}: {:?}", reading(line));
    }
    let inner = &reading("railway run -s api -- ./start -e production").inner[0];
    assert_eq!(inner.argv, ["./start", "-e", "production"]);
    assert!(reading("railway run").inner.is_empty());
}

#[test]
fn run_sees_through_plain_wrappers() {
    for line in [
        "railway run nice -n 5 railway volume delete -v data -y",
        "railway run -e production bash -c 'railway volume delete -v data -y'",
        "railway run env A=1 railway volume delete -v data -y",
    ] {
        let reading = reading(line);
        assert!(reading.actions.iter().any(|one| one.rule == "railway/volume delete"), "{line}");
    }
    let file = world().with_file("/app/d.graphql", "mutation { userDelete }");
    let handed = judge(&file, &words("railway run nice railway api -f d.graphql")).handed;
    assert!(handed.is_empty(), "only a command's own words can be handed on");
    let handed = judge(&file, &words("railway run railway api -f d.graphql")).handed;
    assert_eq!(handed[0].word(), Some(5));
}

#[test]
fn harmless_commands_inside_run_stay_so() {
    assert!(!stops(&reading("railway run -e production railway status")));
    assert!(!stops(&reading("railway run -e production railway volume delete --help")));
}

#[test]
fn remote_commands_are_read_where_they_are_plain() {
    for line in [
        "railway ssh",
        "railway ssh -e production",
        "railway ssh --session",
        "railway ssh 'ls; rm -rf /data'",
        "railway ssh 'ls $(rm x)'",
        "railway ssh ls '|' xargs rm",
        "railway ssh rm -rf /data",
        "railway ssh /bin/rm /data/app.db",
        "railway ssh python manage.py flush",
        "railway ssh railway volume delete -v data -y",
        "railway ssh sudo rm -rf /data",
        "railway ssh 'cd /data && rm -r backups'",
        "railway ssh sh -c \"sh -c 'rm x'\"",
        "railway ssh bash script.sh",
        "railway ssh nice bash",
        "railway sandbox exec -- rm -rf /",
        "railway ca ssh worker bash",
        "railway ca ssh worker",
        "railway sbx ssh",
        "railway connect Postgres",
        "railway shell",
        "railway mcp",
    ] {
        assert!(stops(&reading(line)), "{line}");
    }
    for line in [
        "railway ssh ls -la /data",
        "railway ssh -s api -e production -- cat /proc/version",
        "railway ssh env",
        "railway ssh 'ls /data | wc -l'",
        "railway ssh -- sh -c 'echo hi'",
        "railway ssh bin/migrate",
        "railway sandbox exec ls",
        "railway ca ssh worker ls",
        "railway ssh keys list",
        "railway connect Postgres --tunnel-only",
    ] {
        assert!(!stops(&reading(line)), "{line}: {:?}", reading(line));
    }
}

#[test]
fn a_deployment_instance_is_nowhere_that_is_known() {
    let action = only("railway ssh -d abc ls");
    assert!(action.target.gap.is_some());
}
