//! MongoDB's clients, word by word.

use super::*;
use crate::action::{Effect, Flag};
use crate::invocation::{Context, Invocation};
use crate::policy::Policy;
use crate::rules::table;
use crate::target::Class;
use crate::world::fake::FakeWorld;

fn reading(world: &FakeWorld, argv: &[&str]) -> Reading {
    let invocation = Invocation::new(argv.iter().copied());
    let tool = table::find(argv[0]).expect("it has rules");
    read(&Call { tool, context: Context { invocation: &invocation, world }, full: true })
}

/// The worst effect, whether something is opaque, and the class of where it
/// lands.
fn judged(world: &FakeWorld, argv: &[&str]) -> (Effect, bool, Class) {
    let actions = reading(world, argv).actions;
    let worst = actions.iter().max_by_key(|it| it.effect).expect("an action");
    let opaque = actions.iter().any(|it| it.flags.has(Flag::Opaque));
    (worst.effect, opaque, Policy::default().classify(&worst.target).class)
}

#[test]
fn one_drop_in_every_place() {
    let world = FakeWorld::new();
    for (address, class) in [
        (&["mongodb://db.prod.acme.com/shop"][..], Class::Production),
        (&["mongodb+srv://u:p@shop.abc.mongodb.net/production?w=1"], Class::Production),
        (&["--host", "rs0/a.acme.com,b.prod.acme.com", "shop"], Class::Production),
        (&["mongodb://127.0.0.1,db.prod.acme.com/shop"], Class::Production),
        (&["db.staging.acme.com/shop"], Class::Staging),
        (&["mongodb://db.acme.com/shop_staging"], Class::Staging),
        (&["db.acme.com/shop"], Class::Unknown),
        (&["10.0.0.5"], Class::Unknown),
        (&["dev-db.acme.com:27018/shop"], Class::Development),
        (&["shop"], Class::Local),
        (&["mongodb://localhost/shop"], Class::Local),
        (&["shop_production"], Class::Production),
        (&[], Class::Local),
    ] {
        let argv: Vec<&str> =
            ["mongosh"].iter().chain(address).chain(&["--eval", "db.a.drop()"]).copied().collect();
        assert_eq!(judged(&world, &argv), (Effect::Destroy, false, class), "{argv:?}");
    }
}

#[test]
fn scripts_move_and_load() {
    let world = FakeWorld::new()
        .with_file("a.js", "load('b.js')")
        .with_file("b.js", "use('shop_production')\ndb.a.drop()")
        .with_file("/home/ana/.mongoshrc.js", "db = db.getSiblingDB('live')");
    let class = |argv: &[&str]| judged(&world, argv).2;
    assert_eq!(class(&["mongosh", "a.js"]), Class::Production);
    assert_eq!(class(&["mongosh", "--norc", "--eval", "db.a.drop()"]), Class::Local);
    assert_eq!(class(&["mongosh", "--eval", "db.a.drop()"]), Class::Production);
    let plain = FakeWorld::new();
    let script = "x = new Mongo('mongodb://db.prod.acme.com'); x.getDB('a').b.drop()";
    assert_eq!(judged(&plain, &["mongosh", "--eval", script]).2, Class::Production);
    let script = "db.getSiblingDB('staging').x.drop()\ndb.y.drop()";
    let actions = reading(&plain, &["mongosh", "live", "--eval", script]).actions;
    let names: Vec<_> = actions.iter().filter_map(|it| it.target.name.as_deref()).collect();
    assert_eq!(names, ["staging@127.0.0.1", "live@127.0.0.1"]);
    assert!(judged(&plain, &["mongosh", "missing.js"]).1);
    assert!(judged(&plain, &["mongosh", "--frob"]).1);
    let typed = |argv: &[&str]| reading(&plain, argv).actions[0].operation.clone();
    assert_eq!(typed(&["mongosh"]), crate::actions::INTERACTIVE);
    assert_eq!(typed(&["mongosh", "--nodb"]), crate::actions::INTERACTIVE);
    assert_eq!(typed(&["mongo"]), crate::actions::WRITING);
}

#[test]
fn the_tools() {
    let world = FakeWorld::new()
        .with_file("c.yaml", "password: x\nuri: \"mongodb://db.prod.acme.com/shop\"\n");
    for (argv, wanted) in [
        (
            &["mongorestore", "--config=c.yaml", "--drop", "d"][..],
            (Effect::Destroy, Class::Production),
        ),
        (&["mongorestore", "--config=c.yaml", "d"], (Effect::Write, Class::Production)),
        (&["mongorestore", "--drop", "d"], (Effect::Destroy, Class::Local)),
        (
            &["mongorestore", "--nsInclude", "live.*", "--drop"],
            (Effect::Destroy, Class::Production),
        ),
        (&["mongorestore", "-h", "qa.acme.com", "--drop"], (Effect::Destroy, Class::Staging)),
        (&["mongodump", "--uri=mongodb://db.prod.acme.com"], (Effect::Read, Class::Production)),
        (
            &["mongoimport", "-d", "live", "-c", "a", "--mode", "delete"],
            (Effect::Destroy, Class::Production),
        ),
        (&["mongofiles", "-d", "live", "delete", "x"], (Effect::Destroy, Class::Production)),
        (&["mongofiles", "-d", "live", "put", "x"], (Effect::Write, Class::Production)),
    ] {
        let (effect, opaque, class) = judged(&world, argv);
        assert_eq!((effect, class, opaque), (wanted.0, wanted.1, false), "{argv:?}");
    }
}
