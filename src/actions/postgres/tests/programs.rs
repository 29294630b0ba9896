//! The programs beside psql, and pgbench's scripts.

use super::*;

#[test]
fn the_other_programs_are_read() {
    let world = FakeWorld::new().with_var("PGHOST", PROD);
    let cases: &[(&[&str], Effect, &str)] = &[
        (&["dropdb", "app"], Effect::Destroy, "app@db.prod.acme.com"),
        (&["dropdb", "--maint=postgres://h/postgres", "--if", "app"], Effect::Destroy, "app@h"),
        (&["dropdb", "postgres://h/x"], Effect::Destroy, "postgres://h/x@db.prod.acme.com"),
        (&["dropdb", "-h", "localhost", "-fe", "app"], Effect::Destroy, "app@localhost"),
        (&["dropuser", "bob"], Effect::Destroy, "root@db.prod.acme.com"),
        (&["createdb", "app"], Effect::Write, "app@db.prod.acme.com"),
        (&["pg_dump", "-c", "-f", "x", "app"], Effect::Read, "app@db.prod.acme.com"),
        (&["pg_dump", "-d", "postgres://h/x"], Effect::Read, "x@h"),
        (&["pg_restore", "-c", "x.dump"], Effect::Read, "root@db.prod.acme.com"),
        (&["pg_restore", "-d", "app", "x.dump"], Effect::Write, "app@db.prod.acme.com"),
        (&["pg_restore", "-d", "app", "-c", "x.dump"], Effect::Destroy, "app@db.prod.acme.com"),
        (&["pg_restore", "-Ccd", "app", "x.dump"], Effect::Destroy, "app@db.prod.acme.com"),
        (&["vacuumdb", "-z", "app"], Effect::Write, "app@db.prod.acme.com"),
        (&["vacuumdb", "-f", "app"], Effect::Disrupt, "app@db.prod.acme.com"),
        (&["reindexdb", "app"], Effect::Disrupt, "app@db.prod.acme.com"),
        (&["reindexdb", "--concurrently", "app"], Effect::Write, "app@db.prod.acme.com"),
        (&["pgbench", "-i", "app"], Effect::Destroy, "app@db.prod.acme.com"),
        (&["pgbench", "-S", "app"], Effect::Read, "app@db.prod.acme.com"),
        (&["pgbench", "app"], Effect::Write, "app@db.prod.acme.com"),
        (&["pg_receivewal", "--drop-slot", "-S", "s"], Effect::Destroy, "root@db.prod.acme.com"),
        (&["pg_ctl", "-D", "/d", "stop"], Effect::Disrupt, "/d"),
        (&["pg_ctl", "status", "-D", "/d"], Effect::Read, "/d"),
        (&["pg_resetwal", "-f", "/d"], Effect::Destroy, "/d"),
        (&["pg_resetwal", "-n", "/d"], Effect::Read, "/d"),
    ];
    for (argv, effect, target) in cases {
        let action = worst(&reading(&world, argv));
        let found = (action.effect, action.target.name.as_deref().unwrap_or_default());
        let want = (*effect, target.replace("root", &world.user));
        assert_eq!((found.0, found.1.to_owned()), want, "{argv:?}");
        assert!(!action.operation.is_empty());
    }
    let action = worst(&reading(&world, &["pg_restore", "-Ccd", "app", "x.dump"]));
    assert!(action.flags.has(Flag::Irreversible));
    let action = worst(&reading(&world, &["pg_resetwal", "/d"]));
    assert_eq!(action.target.evidence[0].kind, Kind::Path);
    assert_eq!(action.target.evidence[0].asserts, Some(Class::Local));
}

#[test]
fn pgbench_scripts_are_read() {
    let world = FakeWorld::new()
        .with_file("/r.sql", "\\set id random(1, 10)\nselect * from t where id = :id;\n")
        .with_file("/d.sql", "delete from t;\n");
    assert_eq!(judged(&world, &["pgbench", "-n", "-f", "/r.sql@3"]), (Effect::Write, CLEAR));
    assert_eq!(judged(&world, &["pgbench", "-n", "-f", "/d.sql"]), (Effect::Destroy, CLEAR));
    assert!(judged(&world, &["pgbench", "-n", "-f", "/none.sql"]).1);
}
