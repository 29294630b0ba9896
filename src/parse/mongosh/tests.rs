//! Scripts, and what each is found to do. What mongosh really sends for them
//! is in `tests/mongo.rs`.

use super::*;
use crate::action::Flag;

fn judged(text: &str) -> (Effect, bool) {
    let steps = read(text.as_bytes());
    let runs = steps.iter().filter_map(|step| match step {
        Step::Run(statement, _) => Some(statement),
        _ => None,
    });
    let opaque = runs.clone().any(|it| it.flags.has(Flag::Opaque));
    (runs.map(|it| it.effect).max().unwrap_or(Effect::Read), opaque)
}

#[test]
fn what_hides_a_call_is_unreadable() {
    for text in [
        "db.a['dr' + 'op']()",
        "const f = db.a.drop; f()",
        "f = db.a.drop.bind(db.a); [1].forEach(f)",
        "[1].map(db.a[x])",
        "[1].map((db.a.drop))",
        "[1].forEach(db.a.drop)",
        "eval('db.a.drop()')",
        "new Function('db.a.drop()')()",
        "db.a.constructor",
        "db.a.drop``",
        "<!-- `\ndb.a.drop()\n// `",
        "db.a.find({$where: f()})",
        "process.exit()",
        "require('fs')",
        "snippet install x",
        "db.a.deleteMany(filter)",
        "db.a.find().forEach(d => db.b.deleteOne({_id: d._id}))",
        "db.a.frob()",
        "db.runCommand(c)",
        "db.runCommand({frob: 1})",
        "db.a.bulkWrite(ops)",
        "(0, db.a.drop)()",
        "const m = 'drop'; db.a[m]()",
        "const {drop: f} = db.a; f()",
        "Reflect.apply(db.a.drop, db.a, [])",
        "db.a.deleteMany({...x})",
        "db.a.deleteMany({[k]: 1})",
        "function f(g) { g() }; f(db.a.find)",
        "db = f(); db.a.drop()",
        "db.a.drop(",
        "'",
        "/*",
    ] {
        assert!(judged(text).1, "{text}");
    }
}

#[test]
fn every_spelling_of_a_call_is_read() {
    for text in [
        "db['a'].drop()",
        "db['a']['drop']()",
        "db[`a`][`drop`]()",
        "db?.a?.drop?.()",
        "db.a.dr\\u006fp()",
        "`${db.a.drop()}`",
        "if (1) /\"/; db.a.drop(); /\"/",
        "const c = db.a; c.drop()",
        "const d = db; const c = d.a; c.drop()",
        "await db.a.drop()",
        "(() => db.a.drop())()",
        "function f() { db.a.drop() }\nf()",
        "label: for (;;) { db.a.drop(); break label }",
        "try { db.a.drop() } catch { }",
        "({ get x() { return db.a.drop() } }).x",
        "1 ? db.a.drop() : 2",
        "db.a/**/./**/drop()",
    ] {
        let steps = read(text.as_bytes());
        let [Step::Run(statement, place)] = steps.as_slice() else { panic!("{text}: {steps:?}") };
        assert_eq!(statement.operation, "drop", "{text}");
        assert_eq!(statement.object.as_deref(), Some("collection a"), "{text}");
        assert!(!statement.flags.has(Flag::Opaque) && *place == Place::default(), "{text}");
    }
}

/// Where the steps of a script that destroy go, in their order; an empty name
/// is where it is connected.
fn places(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut named = (String::new(), String::new());
    for step in read(text.as_bytes()) {
        match step {
            Step::Use(name) => named.1 = name,
            Step::Connect(server) => named = (server, String::new()),
            Step::Run(statement, place) if statement.effect == Effect::Destroy => {
                let server = place.server.unwrap_or_else(|| named.0.clone());
                let database = place.database.unwrap_or_else(|| named.1.clone());
                out.push(format!("{server} {database}").trim().to_owned());
            }
            _ => {}
        }
    }
    out
}

#[test]
fn where_a_call_goes_is_followed() {
    for (text, expected) in [
        ("db.a.drop()", &[""][..]),
        ("db.getSiblingDB('x').a.drop()", &["x"]),
        ("db.getSiblingDB('x'); db.a.drop()", &[""]),
        ("const s = db.getSiblingDB('x'); db.a.drop()", &[""]),
        ("const s = db.getSiblingDB('x'); s.a.drop()", &["x"]),
        ("const n = 'x'; db.getSiblingDB(n).a.drop()", &["x"]),
        ("db = db.getSiblingDB('x'); db.a.drop()", &["x"]),
        ("use('x'); db.a.drop()", &["x"]),
        ("db.a.drop(); use('x')", &[""]),
        ("if (y) use('x'); db.a.drop()", &["x", "x", ""]),
        ("for (;;) { db.a.drop(); db = db.getSiblingDB('x') }", &["x", ""]),
        ("db.a.drop(); if (y) db = db.getSiblingDB('x')", &[""]),
        ("const m = connect('mongodb://h/x'); db.a.drop()", &[""]),
        ("const m = connect('mongodb://h/x'); m.a.drop()", &["mongodb://h/x"]),
        ("db = connect('mongodb://h/x'); db.a.drop()", &["mongodb://h/x"]),
        ("new Mongo('mongodb://h').getDB('x').a.drop()", &["mongodb://h x"]),
        (
            "const u = 'mongodb://h'; const m = new Mongo(u); m.getDB('x').dropDatabase()",
            &["mongodb://h x"],
        ),
        ("function f(d) { d.a.drop() }; f(db.getSiblingDB('x'))", &["x", ""]),
        ("let d = db; d = db.getSiblingDB('x'); d.a.drop()", &["x", ""]),
        ("[db.getSiblingDB('x')].forEach(db => db.a.drop())", &["x", ""]),
    ] {
        assert_eq!(places(text), expected, "{text}");
    }
}

#[test]
fn filters_that_let_everything_through() {
    for filter in [
        "",
        "{}",
        "{_id: {$exists: true}}",
        "{_id: {$ne: null}}",
        "{$and: [{}, {}]}",
        "{$or: [{a: 1}, {}]}",
        "{$expr: true}",
        "{'$comment': 'x'}",
        "null",
    ] {
        assert_eq!(
            judged(&format!("db.a.deleteMany({filter})")),
            (Effect::Destroy, false),
            "{filter}"
        );
    }
    for filter in [
        "{a: 1}",
        "{_id: ObjectId('0123456789abcdef01234567')}",
        "{at: {$lt: new Date('2020-01-01')}}",
        "{_id: {$in: [1, 2]}}",
        "{$or: [{a: 1}, {b: /x/}]}",
        "{a: {$exists: true}}",
        "{_id: -1}",
    ] {
        assert_eq!(
            judged(&format!("db.a.deleteMany({filter})")),
            (Effect::Write, false),
            "{filter}"
        );
    }
}

#[test]
fn ordinary_scripts_are_read() {
    for text in [
        "db.users.find({email: /@acme/}).sort({a: -1}).limit(5).toArray()",
        "printjson(db.orders.aggregate([{$group: {_id: '$a', n: {$sum: 1}}}]).toArray())",
        "db.getCollectionNames().forEach(c => print(c + ': ' + db[c].countDocuments()))",
        "db.getCollectionNames().forEach(function(c) {\n  print(`${c} total`);\n});",
        "const c = db.getSiblingDB('shop'); JSON.stringify(c.a.findOne())",
        "rs.status().members.map(m => m.name + ' ' + m.stateStr)",
        "for (let i = 0; i < 3; i++) { print(db.a.stats().size / 1024) }",
        "show dbs",
        "use shop\nshow collections\ndb.a.find()",
        "EJSON.stringify(db.a.find().toArray())",
        "print(db.a.stats().size / 1024 + ' MB / s')",
        "const m = new Map(); m.set('a', 1); print(m.get('a'))",
        "function show(c) { printjson(c.findOne()) }\nshow(db.a)",
        "db.a.find(\"\\x41\")",
        "const at = new Date(); print(`${at.getTime()} ${db.a.countDocuments({})}`)",
    ] {
        assert_eq!(judged(text), (Effect::Read, false), "{text}");
    }
    assert_eq!(judged("rs.stepDown()"), (Effect::Disrupt, false));
    assert_eq!(judged("db.a.createIndex({a: 1})"), (Effect::Disrupt, false));
    assert_eq!(judged("db.createUser({user: 'a', pwd: 'b', roles: []})"), (Effect::Write, false));
}

#[test]
fn hostile_texts_end() {
    for text in
        ["(".repeat(300_000), "f(".repeat(90_000), "a.f()".repeat(60_000), "[{".repeat(99_000)]
    {
        let _ = read(text.as_bytes());
    }
}
