//! Where database URLs lead.

use super::*;

fn name(url: &str) -> String {
    resolve(url, "test").name.unwrap_or_default()
}

fn is_local(url: &str) -> bool {
    let target = resolve(url, "test");
    target.gap.is_none() && target.evidence.iter().any(|found| found.asserts == Some(Class::Local))
}

fn values(url: &str, kind: Kind) -> Vec<String> {
    let evidence = resolve(url, "test").evidence;
    evidence.into_iter().filter(|found| found.kind == kind).map(|found| found.value).collect()
}

#[test]
fn every_grammar_names_host_and_database() {
    for (url, platform, expected) in [
        ("postgres://u:p@db.acme.com:5432/app", "postgres", "app@db.acme.com"),
        (
            "postgresql://db.acme.com/app?schema=public&pgbouncer=true",
            "postgres",
            "app@db.acme.com",
        ),
        ("postgresql+psycopg2://u:p@db.acme.com/app", "postgres", "app@db.acme.com"),
        ("jdbc:postgresql://db.acme.com:5432/app?ssl=true", "postgres", "app@db.acme.com"),
        ("pgx5://u:p@db.acme.com/app", "postgres", "app@db.acme.com"),
        ("cockroachdb://db.acme.com:26257/app", "postgres", "app@db.acme.com"),
        ("host=db.acme.com dbname=app password=x", "postgres", "app@db.acme.com"),
        ("mysql://u:p@db.acme.com/app?sslaccept=strict", "mysql", "app@db.acme.com"),
        ("mysql2://db.acme.com/app", "mysql", "app@db.acme.com"),
        ("db:pg://u@db.acme.com/app", "postgres", "app@db.acme.com"),
        ("jdbc:mariadb://db.acme.com:3306/app", "mysql", "app@db.acme.com"),
        ("u:p@tcp(db.acme.com:3306)/app?parseTime=true", "mysql", "app@db.acme.com"),
        ("mongodb://u:p@a.acme.com:27017,b.acme.com/app", "mongodb", "app@a.acme.com,b.acme.com"),
        ("mongodb+srv://u:p@shop.x1.mongodb.net/app", "mongodb", "app@shop.x1.mongodb.net"),
        ("rediss://default:p@cache.acme.com:6380/0", "redis", "0@cache.acme.com"),
        ("valkeys://default:p@cache.acme.com:6380/0", "redis", "0@cache.acme.com"),
        ("mysqlx://u:p@db.acme.com:33060/app", "mysql", "app@db.acme.com"),
        ("azuresql://sa:p@db.acme.com?database=app", "sqlserver", "app@db.acme.com"),
        ("libsql://shop-acme.turso.io?authToken=x", "libsql", "shop-acme.turso.io"),
        ("clickhouse://u:p@ch.acme.com:9000/events", "clickhouse", "events@ch.acme.com"),
        (
            "sqlserver://db.acme.com:1433;database=app;user=sa;password=x",
            "sqlserver",
            "app@db.acme.com",
        ),
        ("sqlserver://sa:p@db.acme.com:1433?database=app", "sqlserver", "app@db.acme.com"),
        (
            "jdbc:sqlserver://db.acme.com;databaseName=app;encrypt=true",
            "sqlserver",
            "app@db.acme.com",
        ),
        ("jdbc:oracle:thin:@//db.acme.com:1521/app", "oracle", "app@db.acme.com"),
    ] {
        let target = resolve(url, "test");
        assert_eq!(target.platform, platform, "{url}");
        assert_eq!(target.name.as_deref(), Some(expected), "{url}");
        assert_eq!(target.gap, None, "{url}");
        assert!(!is_local(url), "{url}");
    }
}

#[test]
fn loopback_sockets_and_files_are_this_machine() {
    for url in [
        "postgres://localhost/app",
        "postgresql://u:p@127.0.0.1:5433/app?schema=public",
        "postgres://[::1]/app",
        "postgres:///app?host=/var/run/postgresql",
        "mysql://root@localhost:3306/app",
        "mysql://root@127.1/app",
        "root@unix(/run/mysqld/mysqld.sock)/app",
        "mongodb://localhost:27017,127.0.0.1:27018/app",
        "redis://localhost:6379",
        "file:./dev.db",
        "file:./prisma/dev.db?connection_limit=1",
        "sqlite:///app.db",
        "sqlite:////srv/app.db",
        "sqlite3:db/app.sqlite3",
        "sqlite::memory:",
        ":memory:",
        "jdbc:h2:mem:app",
        "prisma+postgres://localhost:51213/?api_key=x",
    ] {
        assert!(is_local(url), "{url}: {:?}", resolve(url, "test"));
    }
}

#[test]
fn one_host_elsewhere_is_elsewhere() {
    for url in [
        "mongodb://localhost,db.acme.com/app",
        "mysql://localhost/app?host=db.acme.com",
        "postgres://localhost,db.acme.com/app",
        "postgres://localhost/app?host=db.acme.com",
        "postgres://localhost@db.acme.com/app",
        "mysql://u:localhost@db.acme.com/app",
        "postgres://u:p/w@db.acme.com/app",
        "mysql://u:p/localhost@db.acme.com/app",
        "postgresql:///app?host=/cloudsql/acme:eu:shop",
        "mysql://u:p@/app?socket=/cloudsql/acme:eu:shop",
        "jdbc:h2:tcp://db.acme.com/app",
        "prisma://accelerate.prisma-data.net/?api_key=x",
    ] {
        assert!(!is_local(url), "{url}: {:?}", resolve(url, "test"));
    }
}

#[test]
fn paths_of_files() {
    assert_eq!(name("sqlite:///prod.db"), "prod.db");
    assert_eq!(name("sqlite:////srv/app.db"), "/srv/app.db");
    assert_eq!(name("file:./dev.db?x=1"), "./dev.db");
    assert_eq!(name("sqlite3:db/live.sqlite3"), "db/live.sqlite3");
}

#[test]
fn providers_are_told() {
    let url = "postgresql://postgres.abcdefgh:pw@aws-0-eu.pooler.supabase.com:6543/postgres";
    assert_eq!(values(url, Kind::Project), ["abcdefgh"]);
    let url = "postgresql://postgres:pw@tramway.proxy.rlwy.net:41234/railway";
    assert_eq!(values(url, Kind::Service), ["Railway"]);
    let url = "mysql://u:pw@shop.c9.eu-west-1.rds.amazonaws.com/app";
    assert_eq!(values(url, Kind::Resource), ["shop"]);
}

#[test]
fn secrets_are_never_kept() {
    for url in [
        "postgres://ana:hunter2@db.acme.com/app",
        "postgres://ana:hunter2@db.acme.com/app?password=hunter2&sslpassword=hunter2",
        "mysql://ana:hunt/hunter2@db.acme.com/app",
        "mysql://ana:hun@hunter2@db.acme.com/app",
        "sqlserver://db.acme.com:1433;user=sa;password=hunter2;database=app",
        "sqlserver://db.acme.com:1433;user=sa;password=a@hunter2;database=app",
        "mysql://ana:a;hunter2@db.acme.com/app",
        "postgres://ana:hunter2/?@db.acme.com/app",
        "postgres://ana:@hunter2@db.acme.com/app",
        "libsql://shop.turso.io?authToken=hunter2",
        "ana:hunter2@tcp(db.acme.com:3306)/app",
        "ana:hunter2@nothing",
        "hunter2",
        "prisma://accelerate.prisma-data.net/?api_key=hunter2",
        "file:./dev.db?key=hunter2",
        "redis://:hunter2@cache.acme.com",
        "host=db.acme.com password=hunter2 dbname=app",
    ] {
        let target = resolve(url, "test");
        assert!(!format!("{target:?}").contains("hunter2"), "{url}: {target:?}");
    }
}

#[test]
fn what_is_no_url_is_a_gap() {
    for url in ["", "app", "http://db.acme.com/", "postgres", "mysql:", "://", "${DB}", "%", "é:/"]
    {
        assert!(resolve(url, "test").gap.is_some(), "{url}");
    }
    let long = format!("postgres://{}/x", "a".repeat(MAX_URL));
    assert!(resolve(&long, "test").gap.is_some());
}
