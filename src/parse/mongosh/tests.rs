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
        "db['dropDatabase']()",
        "const f = db.a.drop; f()",
        "f = db.a.drop.bind(db.a); [1].forEach(f)",
        "[1].map(db.a[x])",
        "[1].map((db.a.drop))",
        "[1].forEach(db.a.drop)",
        "eval('db.a.drop()')",
        "new Function('db.a.drop()')()",
        "db.a.constructor",
        "db.a.dr\\u006fp()",
        "db.a.drop``",
        "db.a.find(\"\\x41\")",
        "`${db.a.drop()}`",
        "if (1) /\"/; db.a.drop(); /\"/",
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
        "db.a.drop(",
        "'",
        "/*",
    ] {
        assert!(judged(text).1, "{text}");
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
