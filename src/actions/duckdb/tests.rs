//! duckdb, word by word; what it really does is in `tests/duckdb.rs`.

use super::*;
use crate::target::Class;
use crate::testing::placed;
use crate::world::fake::FakeWorld;

fn judged(argv: &[&str]) -> (Effect, bool, Class) {
    placed(&FakeWorld::new(), argv)
}

#[test]
fn one_drop_in_every_place() {
    for (words, class) in [
        (&["drop table t"][..], Class::Local),
        (&["attach 'md:live'; drop table live.t"], Class::Production),
        (&["attach 'md:shop_staging' as s; drop table s.t"], Class::Staging),
        (&["attach 'md:shop' as s; drop table s.t"], Class::Unknown),
        (
            &["attach 'postgres:host=db.prod.acme.com' as p; drop table p.public.t"],
            Class::Production,
        ),
        (&["attach 'host=db.acme.com' as p (type postgres); use p; drop table t"], Class::Unknown),
        (&["attach '' as p (type postgres); drop table p.t"], Class::Unknown),
        (&["attach 'host=127.0.0.1' as p (type postgres); drop table p.t"], Class::Local),
        (
            &["attach 'mysql:host=db.prod.acme.com database=a' as m; drop table m.t"],
            Class::Production,
        ),
        (&["attach 'postgres:host=db.prod.acme.com' as p; drop table t"], Class::Local),
        (&["attach 'postgres:host=db.prod.acme.com' as p (read_only); drop table t"], Class::Local),
        (&["attach 'prod.db'; drop table prod.t"], Class::Production),
        (&["use a.main; attach 'prod.db'; drop table t"], Class::Local),
    ] {
        let argv: Vec<&str> = ["duckdb", "a.db", "-c"].iter().chain(words).copied().collect();
        assert_eq!(judged(&argv), (Effect::Destroy, false, class), "{argv:?}");
    }
}

#[test]
fn what_cannot_be_read() {
    for text in [
        "attach getenv('X') as p",
        "load './x.duckdb_extension'",
        "call postgres_execute('p', 'drop table t')",
        "frob",
        ".read |x",
        ".ui_command x",
    ] {
        assert!(judged(&["duckdb", "a.db", text]).1, "{text}");
    }
    for text in ["load httpfs", "install postgres", "select * from read_csv('a.csv')", ".mode csv"]
    {
        assert_eq!(
            judged(&["duckdb", "a.db", text]),
            (Effect::Read, false, Class::Local),
            "{text}"
        );
    }
}
