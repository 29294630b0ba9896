//! The real mongosh as the oracle, in front of a server that only writes down
//! what it is asked: what we call destroying is what mongosh sends as such,
//! and it connects where we say. Needs npm's mongosh and PyPI's pymongo.

#[path = "support/mongo_server.rs"]
mod mongo_server;
#[path = "support/sandbox.rs"]
mod sandbox;

use holdpoint::action::{Effect, Flag};
use holdpoint::actions::{Call, Reading, mongo};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::world::fake::FakeWorld;
use mongo_server::{MongoServer, mongosh};
use sandbox::{Sandbox, err, out};
use serde_json::Value;

fn reading(argv: &[&str]) -> Reading {
    let invocation = Invocation::new(argv.iter().copied());
    let world = FakeWorld::new();
    let tool = table::find("mongosh").expect("rules");
    let context = Context { invocation: &invocation, world: &world };
    mongo::read(&Call { tool, context, full: true })
}

/// Whether a command that the server was asked takes everything away.
fn takes(asked: &Value) -> bool {
    let command = &asked["command"];
    let every = |key: &str, many: fn(&Value) -> bool| {
        command[key].as_array().is_some_and(|parts| {
            parts
                .iter()
                .any(|part| part["q"].as_object().is_some_and(|it| it.is_empty()) && many(part))
        })
    };
    match asked["name"].as_str().unwrap_or_default() {
        "drop" | "dropDatabase" => true,
        "delete" => every("deletes", |part| part["limit"] == 0),
        "update" => every("updates", |part| part["multi"] == true),
        "renameCollection" => command["dropTarget"] == true,
        "aggregate" => command["pipeline"].to_string().contains("$out"),
        _ => false,
    }
}

/// Scripts, and whether we may find them unreadable: then what they do is
/// not known, and that is no mistake.
const SCRIPTS: &[&str] = &[
    "db.orders.drop()",
    "db.orders . drop ( )",
    "db['orders'].drop()",
    "db.getCollection('orders')\n  .drop()",
    "db.dropDatabase()",
    "db.getSiblingDB('z').orders.drop()",
    "db.getSiblingDB('z').dropDatabase()",
    "db.orders.deleteMany({})",
    "db.orders.deleteMany({a: 1})",
    "db.orders.deleteMany({/* {a: 1} */})",
    "db.orders.deleteOne({})",
    "db.orders.remove({})",
    "db.orders.remove({}, true)",
    "db.orders.remove({}, {justOne: true})",
    "db.orders.remove({a: 1})",
    "db.orders.updateMany({}, {$set: {a: 1}})",
    "db.orders.updateMany({a: 2}, {$set: {a: 1}})",
    "db.orders.updateOne({}, {$set: {a: 1}})",
    "db.orders.update({}, {$set: {a: 1}})",
    "db.orders.update({}, {$set: {a: 1}}, {multi: true})",
    "db.orders.replaceOne({a: 1}, {b: 1})",
    "db.orders.insertOne({text: 'db.orders.drop()'})",
    "db.orders.find({a: /drop()/}).toArray()",
    "db.orders.find({note: \"'; db.orders.drop(); '\"}).toArray()",
    "// db.orders.drop()\ndb.orders.countDocuments({})",
    "db.orders.find().forEach(o => print(o.a))",
    "db.orders.find().map(function (o) { return o.a })",
    "db.orders.aggregate([{$match: {a: 1}}]).toArray()",
    "db.orders.aggregate([{$match: {a: 1}}, {$out: 'b'}]).toArray()",
    "db.orders.aggregate([{$match: {a: 1}}, {'$out': 'b'}]).toArray()",
    "db.orders.bulkWrite([{deleteMany: {filter: {}}}])",
    "db.orders.bulkWrite([{insertOne: {document: {a: 1}}}])",
    "db.orders.bulkWrite([{deleteOne: {filter: {}}}])",
    "db.a.renameCollection('b')",
    "db.a.renameCollection('b', true)",
    "db.runCommand({drop: 'orders'})",
    "db.runCommand('dropDatabase')",
    "db.runCommand({ping: 1})",
    "db.runCommand({delete: 'orders', deletes: [{q: {}, limit: 0}]})",
    "db.runCommand({delete: 'orders', deletes: [{q: {}, limit: 1}]})",
    "db.adminCommand({listDatabases: 1})",
    "db.orders.getIndexes()",
    "db.orders.createIndex({a: 1})",
    "db.orders.dropIndex('a_1')",
    "print(`total ${db.orders.a}`)",
    "var c = db.orders; c.drop()",
    "const f = {a: 1}; db.orders.deleteOne(f)",
    "if (1) { db.orders.drop() }",
    "db.getCollectionNames().forEach(c => db[c].drop())",
    "for (const n of ['a']) { db.getCollection(n).drop() }",
    "db.orders['dr' + 'op']()",
    "db.orders.drop.call(db.orders)",
    "[1].forEach(db.orders.drop.bind(db.orders))",
    "eval('db.orders.' + 'drop()')",
    "let x = 6 / 2; db.orders.drop(); x / 2",
    "{ const c = db.orders; c.drop() }",
    "{ const s = db.getSiblingDB('z'); s.orders.drop() }",
    "{ const s = db.getSiblingDB('z'); db.orders.drop() }",
    "{ const s = db; const c = s['orders']; c['drop']() }",
    "db['orders']['drop']()",
    "db[`orders`][`drop`]()",
    "db.orders.dr\\u006fp()",
    "(() => db.orders.drop())()",
    "`${db.orders.drop()}`",
    "if (1) /\"/; db.orders.drop(); /\"/",
    "try { (0, db.orders.drop)() } catch (e) { print(e.message) }",
    "Reflect.apply(db.orders.drop, db.orders, [])",
    "[{ get x() { return db.orders.drop() } }].map(it => it.x)",
    "function gone(c) { c.drop() }\ngone(db.orders)",
    "function look(c) { return c.countDocuments({}) }\nlook(db.orders)",
    "const where = {a: 1}; delete where.a; db.orders.deleteMany(where)",
    "const seen = new Map(); seen.set('a', 1); print(seen.get('a') / 2 + ' a / b')",
    "if (0) { use('y') }\ndb.orders.drop()",
    "show collections",
];

#[test]
fn what_takes_everything_is_what_we_call_destroying() {
    let server = MongoServer::start();
    let address = format!("mongodb://127.0.0.1:{}/shop", server.port());
    let mut command = server.command();
    command.args(["--quiet", &address]);
    for (place, script) in SCRIPTS.iter().enumerate() {
        command.args(["--eval", &format!("db.adminCommand({{ping: {place}}})")]);
        command.args(["--eval", script]);
    }
    let output = command.output().expect("./tests/run installs mongosh");
    assert!(output.status.success(), "{}{}", out(&output), err(&output));
    let asked = server.asked();
    let marks: Vec<usize> = (0..SCRIPTS.len())
        .map(|place| {
            let is = |it: &Value| {
                it["name"] == "ping" && it["command"]["ping"] == place && it["db"] == "admin"
            };
            asked.iter().rposition(is).unwrap_or_else(|| panic!("{}", SCRIPTS[place]))
        })
        .collect();
    let (mut taken, mut exact) = (0, 0);
    for (place, script) in SCRIPTS.iter().enumerate() {
        let end = marks.get(place + 1).copied().unwrap_or(asked.len());
        let takes_all: Vec<&Value> =
            asked[marks[place]..end].iter().filter(|it| takes(it)).collect();
        let actions =
            reading(&["mongosh", "--quiet", "db.prod.acme.com/shop", "--eval", script]).actions;
        let destroys = actions.iter().find(|it| it.effect == Effect::Destroy);
        let opaque = actions.iter().any(|it| it.flags.has(Flag::Opaque));
        taken += usize::from(!takes_all.is_empty());
        if opaque {
            continue;
        }
        exact += 1;
        assert_eq!(destroys.is_some(), !takes_all.is_empty(), "{script}: {actions:?}");
        let whole = actions.iter().any(|it| it.flags.has(Flag::Irreversible));
        assert_eq!(whole, takes_all.iter().any(|it| it["name"] == "dropDatabase"), "{script}");
        if let (Some(action), Some(sent)) =
            (destroys, takes_all.iter().find(|it| it["db"] != "admin"))
        {
            // What may go to several places is said of each.
            let named = actions.iter().filter(|it| it.effect == Effect::Destroy).any(|it| {
                it.target.evidence.iter().any(|found| sent["db"] == found.value.as_str())
            });
            assert!(named, "{script}: {:?} is not {}", action.target, sent["db"]);
        }
    }
    assert!(taken >= 38 && exact >= 58, "{taken} took everything, {exact} were read in full");
}

/// Where it connects: the log of the server that is reached, or the name that
/// it fails to reach.
#[test]
fn it_connects_where_we_say() {
    let server = MongoServer::start();
    let port = server.port().to_string();
    let here = format!("127.0.0.1:{port}");
    let url = format!("mongodb://{here}/shop?directConnection=true");
    let behind = format!("{here}/shop");
    for (words, database) in [
        (&["--eval", "X", &url][..], "shop"),
        (&[&behind, "--eval", "X"], "shop"),
        (&["shop", "--port", &port, "--eval=X"], "shop"),
        (&["--host", &here, "--norc", "-eval", "X"], "test"),
        (&["--host=127.0.0.1", "-port", &port, "shop", "--eval", "X"], "shop"),
        (&["--host", "localhost", "--port", &port, "--quiet", "true", "a-b", "--eval", "X"], "a-b"),
    ] {
        let script = "db.runCommand({ping: 7})";
        let words: Vec<String> = words.iter().map(|word| word.replace('X', script)).collect();
        let before = server.asked().len();
        let output = server.command().args(&words).output().expect("it starts");
        assert!(output.status.success(), "{words:?}: {}{}", out(&output), err(&output));
        let asked = server.asked();
        let ping = asked[before..].iter().find(|it| it["command"]["ping"] == 7).expect("a ping");
        assert_eq!(ping["db"], database, "{words:?}");
        let argv: Vec<&str> =
            ["mongosh"].into_iter().chain(words.iter().map(String::as_str)).collect();
        let actions = reading(&argv).actions;
        let target = &actions[0].target;
        assert!(
            target.gap.is_none() && !actions[0].flags.has(Flag::Opaque),
            "{words:?}: {actions:?}"
        );
        let hosts: Vec<&str> = target
            .evidence
            .iter()
            .filter(|it| it.kind == holdpoint::target::Kind::Host)
            .map(|it| it.value.as_str())
            .collect();
        assert!(
            hosts.iter().all(|it| *it == "127.0.0.1" || *it == "localhost"),
            "{words:?}: {hosts:?}"
        );
        let named = target.evidence.iter().find(|it| it.kind == holdpoint::target::Kind::Database);
        assert_eq!(named.map_or("test", |it| it.value.as_str()), database, "{words:?}");
    }
}

#[test]
fn an_agent_cannot_drop_what_is_called_production() {
    let server = MongoServer::start();
    let sandbox = Sandbox::new();
    sandbox.shim("mongosh");
    sandbox.tool("mongosh", &format!("exec '{}' \"$@\"", mongosh().display()));
    let address = format!("127.0.0.1:{}/shop_production", server.port());
    std::fs::write(sandbox.path("work/drop.js"), "use('shop_production');\ndb.orders.drop()\n")
        .expect("written");
    let elsewhere = format!("127.0.0.1:{}/shop", server.port());
    for words in [
        &[&*address, "--eval", "db.orders.drop()"][..],
        &[&address, "--eval", "db.getCollectionNames().forEach(c => db[c].drop())"],
        &[&elsewhere, "drop.js"],
        &[&elsewhere, "--eval", "load('drop.js')"],
        &[&elsewhere, "--eval", "db.getSiblingDB('shop_production').dropDatabase()"],
    ] {
        let output = sandbox.agent("mongosh", words).output().expect("it starts");
        assert_eq!(output.status.code(), Some(77), "{words:?}: {}{}", out(&output), err(&output));
    }
    assert_eq!(server.asked(), Vec::<Value>::new());
    let output = sandbox.agent("mongosh", &[&elsewhere, "--eval", "db.orders.drop()"]).output();
    assert!(output.expect("it starts").status.success());
    assert!(server.asked().iter().any(|it| it["name"] == "drop" && it["db"] == "shop"));
}

/// What opens a session read-only, as mongosh is given it.
const GUARD: &str = concat!("--eval=", include_str!("../src/actions/mongo/read_only.js"));

/// Commands that change nothing, of those that mongosh sends in these tests.
const READS: &[&str] = &[
    "aggregate",
    "atlasVersion",
    "balancerCollectionStatus",
    "balancerStatus",
    "buildInfo",
    "buildinfo",
    "checkMetadataConsistency",
    "collStats",
    "connPoolStats",
    "connectionStatus",
    "count",
    "currentOp",
    "dataSize",
    "dbStats",
    "dbstats",
    "distinct",
    "endSessions",
    "explain",
    "features",
    "find",
    "getClusterParameter",
    "getCmdLineOpts",
    "getDefaultRWConcern",
    "getLog",
    "getParameter",
    "getShardMap",
    "getShardVersion",
    "getTransitionToDedicatedConfigServerStatus",
    "getlasterror",
    "hello",
    "hostInfo",
    "isMaster",
    "isdbgrid",
    "ismaster",
    "killCursors",
    "listCollections",
    "listCommands",
    "listDatabases",
    "listIndexes",
    "listShards",
    "logout",
    "ping",
    "replSetGetConfig",
    "replSetGetStatus",
    "rolesInfo",
    "serverStatus",
    "shardDrainingStatus",
    "top",
    "usersInfo",
];

/// The commands among those asked for that may change something.
fn writes(asked: &[Value]) -> Vec<&str> {
    let writes = |it: &&Value| {
        let name = it["name"].as_str().unwrap_or_default();
        let stages = it["command"]["pipeline"].as_array().into_iter().flatten();
        let mut stages = stages.filter_map(|stage| stage.as_object()?.keys().next());
        // Asks for the level.
        let asks = name == "profile" && it["command"]["profile"] == -1;
        !(asks || READS.contains(&name)) || stages.any(|it| it == "$out" || it == "$merge")
    };
    asked.iter().filter(writes).map(|it| it["name"].as_str().unwrap_or_default()).collect()
}

/// Every method of the shell's objects, called with several kinds of words.
const EVERYTHING: &str = r#"
    const objects = { db, collection: db.orders, mongo: db.getMongo(), rs, sh,
        plans: db.orders.getPlanCache(), bulk: null };
    const skipped = /^(constructor|close|connect|suspend|auth|watch|toString|inspect|_.*)$|^[^a-z]/;
    const words = [[], ['a'], [{}], [{ a: 1 }, { $set: { a: 1 } }], ['a', { a: 1 }],
        [[{ insertOne: { document: {} } }]], [[{ $out: 'b' }]], ['a', [{ $merge: 'b' }]],
        [{ drop: 'a' }], ['a', 'b', true], [{ a: 1 }, { b: 1 }, { upsert: true }],
        [{ user: 'a', pwd: 'b', roles: [] }], ['a', 'a.b', {}]];
    let called = 0;
    for (const [kind, object] of Object.entries(objects)) {
        const names = new Set();
        for (let at = object; at; at = Object.getPrototypeOf(at)) {
            Object.getOwnPropertyNames(at).forEach((name) => names.add(name));
        }
        for (const name of names) {
            if (skipped.test(name)) continue;
            for (const given of words) {
                try {
                    if (typeof object[name] !== 'function') continue;
                    called++;
                    const result = object[name](...given);
                    if (result && typeof result.execute === 'function') {
                        result.insert({ a: 1 }); result.execute();
                    }
                    if (result && typeof result.toArray === 'function') result.toArray();
                } catch (error) { }
            }
        }
    }
    // Their answers are none that the shell understands.
    try { db.orders.find({}).explain() } catch (error) { }
    try { db.orders.explain().remove({}) } catch (error) { }
    print('called ' + called);
"#;

/// Nothing that writes arrives at the server behind the guard, whatever of
/// the shell's is called; without the guard it does.
#[test]
fn behind_the_guard_nothing_writes() {
    let server = MongoServer::start();
    let address = format!("mongodb://127.0.0.1:{}/shop", server.port());
    let folder = tempfile::tempdir().expect("a folder");
    let everything = folder.path().join("everything.js");
    std::fs::write(&everything, EVERYTHING).expect("written");
    let mut files = vec![everything];
    for (place, script) in SCRIPTS.iter().filter(|it| **it != "show collections").enumerate() {
        let file = folder.path().join(format!("{place}.js"));
        std::fs::write(&file, script).expect("written");
        files.push(file);
    }
    let mut sent = Vec::new();
    // With a connection from the start, and with one that is made later.
    let later = format!("--eval=db = connect('{address}')");
    for (guard, start) in [(None, None), (Some(GUARD), None), (Some(GUARD), Some(&later))] {
        let before = server.asked().len();
        let mut command = server.command();
        command.args(["--quiet", if start.is_some() { "--nodb" } else { &address }]);
        command.args(guard).args(start);
        for file in &files {
            let file = file.display();
            command
                .arg(format!("--eval=try {{ load('{file}') }} catch (e) {{ print(e.message) }}"));
        }
        let output = command.output().expect("./tests/run installs mongosh");
        assert!(output.status.success(), "{}{}", out(&output), err(&output));
        let called = out(&output).lines().find_map(|it| it.strip_prefix("called ")?.parse().ok());
        assert!(called.is_some_and(|called: usize| called > 1_500), "{}", out(&output));
        sent.push(server.asked().split_off(before));
    }
    let free = writes(&sent[0]);
    let kinds: std::collections::BTreeSet<&str> = free.iter().copied().collect();
    assert!(kinds.len() > 25, "{kinds:?}");
    for guarded in &sent[1..] {
        assert_eq!(writes(guarded), Vec::<&str>::new());
        let found = |name: &str| guarded.iter().any(|it| it["name"] == name);
        for name in ["find", "aggregate", "count", "distinct", "listIndexes", "dbStats", "explain"]
        {
            assert!(found(name), "{name} was kept back");
        }
    }
}
