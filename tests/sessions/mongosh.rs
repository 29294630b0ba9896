//! The real mongosh, opened on production by a person, in front of a server
//! that writes down what it is asked.

use super::*;
use crate::mongo_server::{MongoServer, mongosh};

const SHOP: &str = "shop_production> ";

/// What the server was asked that writes.
fn writes(server: &MongoServer) -> Vec<String> {
    let asked = server.asked();
    let names = asked.iter().filter_map(|it| it["name"].as_str());
    let writing = ["insert", "update", "delete", "drop", "dropDatabase", "create", "shutdown"];
    let wrote = names.filter(|name| writing.contains(name) || name.contains("Index"));
    wrote.filter(|name| *name != "listIndexes").map(str::to_owned).collect()
}

#[test]
fn mongosh_opens_read_only_on_production_and_writes_once_confirmed() {
    let server = MongoServer::start();
    let mut person = Person::new();
    person.sandbox.tool("mongosh", &format!("exec '{}' \"$@\"", mongosh().display()));
    // It runs, may say what it likes, and cannot write either.
    let own = "var mine = 42;\ntry { db.from_rc.insertOne({}) } catch (e) { print('rc: ' + e.message) }\n";
    person.sandbox.write("home/.mongoshrc.js", own);
    let address = |database: &str| format!("127.0.0.1:{}/{database}", server.port());
    let production = format!("mongosh {}", address("shop_production"));

    person.types("", &format!("{production}; echo status=$?"));
    let text = person.terminal().expect(SHOP);
    assert!(text.contains("holdpoint: mongosh is opened read-only on production."), "{text}");
    assert!(text.contains("holdpoint exec --write -- mongosh …"), "{text}");
    assert!(text.contains("rc: holdpoint opened this session read-only: insertOne"), "{text}");
    let opening = text;
    let mut says = |statement: &str, wanted: &str| person.says(statement, SHOP, wanted);
    says("mine", "42");
    says("db.runCommand({ping: 1})", "ok: 1");
    says("show dbs", "1 B");
    says("db.orders.find({a: 1}).toArray()", "[]");
    says("db.orders.aggregate([{$match: {a: 1}}]).toArray()", "[]");
    says("db.orders.countDocuments({})", "0");
    for statement in [
        "db.orders.insertOne({a: 1})",
        "db.orders.updateMany({}, {$set: {a: 1}})",
        "db.orders.deleteMany({})",
        "db.orders.drop()",
        "db.dropDatabase()",
        "db.orders.createIndex({a: 1})",
        "db.orders.bulkWrite([{deleteMany: {filter: {}}}])",
        "db.orders.findOneAndDelete({})",
        "db.orders.aggregate([{$out: 'b'}])",
        "db.runCommand({drop: 'orders'})",
        "db.adminCommand({shutdown: 1})",
        "db.getSiblingDB('other').x.drop()",
        "new Mongo(db.getMongo().getURI()).getDB('other').x.drop()",
        "connect(db.getMongo().getURI()).x.drop()",
        "db.getMongo().startSession().getDatabase('other').x.drop()",
    ] {
        says(statement, "holdpoint opened this session read-only");
    }
    // The limits that the card tells.
    says("require('child_process').execSync('echo from a shell').toString()", "from a shell");
    assert_eq!(writes(&server), Vec::<String>::new());
    says("db.getMongo()._serviceProvider.getRawClient().db('z').collection('past').drop()", "true");
    assert_eq!(writes(&server), ["drop"]);
    person.terminal().line("exit(3)");
    person.terminal().expect("status=3");
    person.terminal().prompt();
    let kept = person.sandbox.path("home/.mongodb/mongosh/mongosh_repl_history");
    let kept = std::fs::read_to_string(kept).expect("a history");
    assert!(kept.contains("show dbs") && !kept.contains("holdpoint opened"), "{kept}");

    // Word for word what it is without holdpoint, but for our line, the log's
    // number, what the rc file could do, and what is said at the first start.
    let plain = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_end().to_owned());
        let own =
            ["holdpoint: ", "rc: ", "Current Mongosh Log ID:", "To help improve", "You can opt"];
        let own = |line: &str| line.is_empty() || own.iter().any(|own| line.starts_with(own));
        lines.filter(|line| !own(line)).collect()
    };
    let real = mongosh().display().to_string();
    person.types("", &format!("{real} {}; echo status=$?", address("shop_production")));
    let bare = person.terminal().expect(SHOP);
    assert_eq!(plain(&opening), plain(&bare));
    person.terminal().line("exit(3)");
    person.terminal().expect("status=3");
    person.terminal().prompt();

    // With write access: asked for, and confirmed.
    person.confirms(&format!("holdpoint exec --write -- {production}"), SHOP);
    let before = writes(&server).len();
    person.says("db.orders.deleteMany({a: 1})", SHOP, "acknowledged: true");
    assert_eq!(writes(&server)[before..], ["delete"]);
    person.terminal().run("exit");

    // Elsewhere nothing changes and nothing is said.
    person.types("", &format!("mongosh {}", address("shop")));
    let text = person.terminal().expect("shop> ");
    assert!(!text.contains("holdpoint:"), "{text}");
    person.says("db.orders.drop()", "shop> ", "true");
    person.terminal().run("exit");

    // What runs no session stays as it is, and an agent opens none.
    let words = format!("{production} --quiet --eval 'db.orders.insertOne({{}}).acknowledged'");
    person.types("", &format!("{words}; echo status=$?"));
    let text = person.terminal().expect("status=0");
    assert!(text.contains("true") && !text.contains("read-only"), "{text}");
    person.terminal().prompt();
    person.opens_none_as_an_agent(&production, "with --eval");
}

/// A mongosh that the guard does not fit is not opened at all.
#[test]
fn a_mongosh_that_cannot_be_opened_read_only_is_not_opened() {
    let server = MongoServer::start();
    let mut person = Person::new();
    let strange = person
        .sandbox
        .write("strange.js", "db.getMongo().__serviceProvider = { async close() {} };\n");
    let real = mongosh().display().to_string();
    // Stands for another version: its shell has no such class.
    person
        .sandbox
        .tool("mongosh", &format!("exec '{real}' \"--eval=load('{}')\" \"$@\"", strange.display()));
    let address = format!("127.0.0.1:{}/shop_production", server.port());
    person.types("", &format!("mongosh {address}; echo status=$?"));
    let text = person.terminal().expect("status=1");
    assert!(text.contains("holdpoint knows no way to open this version of mongosh"), "{text}");
    assert!(!text.contains(SHOP), "{text}");
}

/// Whatever is connected to later is behind the guard, too: in a session that
/// begins without a connection, and from one server to another.
#[test]
fn mongosh_without_a_connection_opens_read_only_too() {
    let (server, other) = (MongoServer::start(), MongoServer::start());
    let mut person = Person::new();
    person.sandbox.policy(
        "version = 1\n[[environment]]\nname = \"shop\"\nclass = \"production\"\n\
         host = [\"127.0.0.1\"]\n",
    );
    person.sandbox.tool("mongosh", &format!("exec '{}' \"$@\"", mongosh().display()));
    let urls = [&server, &other].map(|it| format!("mongodb://127.0.0.1:{}/shop", it.port()));
    let connects = |url: &str| {
        [
            format!("connect('{url}').orders.drop()"),
            format!("new Mongo('{url}').getDB('x').dropDatabase()"),
            format!("Mongo('{url}').getDB('x').orders.deleteMany({{}})"),
            format!("connect('{url}').runCommand({{drop: 'orders'}})"),
            format!(
                "connect('{url}').getMongo().startSession().getDatabase('x').y.insertOne({{}})"
            ),
        ]
    };
    const REFUSED: &str = "holdpoint opened this session read-only";
    person.types("", "mongosh --nodb; echo status=$?");
    let text = person.terminal().expect("\r\n> ");
    assert!(text.contains("holdpoint: mongosh is opened read-only on production."), "{text}");
    for statement in connects(&urls[0]) {
        person.says(&statement, "> ", REFUSED);
    }
    person.says(&format!("db = connect('{}')", urls[0]), "shop> ", "shop");
    let mut says = |statement: &str, wanted: &str| person.says(statement, "shop> ", wanted);
    says("db.orders.find({a: 1}).toArray()", "[]");
    says("db.orders.drop()", REFUSED);
    for statement in connects(&urls[1]) {
        says(&statement, REFUSED);
    }
    says(&format!("db = connect('{}')", urls[1]), "shop");
    says("db.orders.countDocuments({})", "0");
    says("db.orders.updateMany({}, {$set: {a: 1}})", REFUSED);
    person.terminal().line("exit(3)");
    person.terminal().expect("status=3");
    person.terminal().prompt();
    // From a connection that was there from the start.
    person.types("", &format!("mongosh {}", urls[0]));
    person.terminal().expect("shop> ");
    for statement in connects(&urls[1]) {
        person.says(&statement, "shop> ", REFUSED);
    }
    person.terminal().run("exit");
    for server in [&server, &other] {
        assert!(server.asked().iter().any(|it| it["name"] == "aggregate"));
        assert_eq!(writes(server), Vec::<String>::new());
    }
    // With write access: asked for, and confirmed. An agent opens none.
    person.confirms("holdpoint exec --write -- mongosh --nodb", "\r\n> ");
    person.says(&format!("connect('{}').orders.drop()", urls[0]), "> ", "true");
    assert_eq!(writes(&server), ["drop"]);
    person.terminal().run("exit");
    person.opens_none_as_an_agent("mongosh --nodb", "with --eval");
}
