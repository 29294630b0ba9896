use super::*;

fn pair(pairs: &[Pair], path: &str, key: &str) -> Option<Said> {
    let found = pairs.iter().rev().find(|pair| pair.path.join("/") == path && pair.key == key);
    found.map(|pair| pair.said.clone())
}

fn text(value: &str) -> Option<Said> {
    Some(Said::Text(value.to_owned()))
}

fn variable(name: &str) -> Option<Said> {
    Some(Said::Variable(name.to_owned()))
}

#[test]
fn prismas_schema() {
    let found = of_code(
        "// url = env(\"OLD\")\ngenerator client { provider = \"prisma-client-js\" }\n\
         datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n\
         directUrl = env(\"DIRECT_URL\") // env(\"OLD\")\n}\n",
        false,
    );
    assert_eq!(pair(&found, "datasource db", "url"), variable("DATABASE_URL"));
    assert_eq!(pair(&found, "datasource db", "directurl"), variable("DIRECT_URL"));
    assert!(!format!("{found:?}").contains("OLD"));
}

#[test]
fn javascript() {
    let found = of_code(
        "import 'dotenv/config';\nexport default defineConfig({\n  dialect: \"postgresql\",\n\
         /* url: 'postgres://old' */ dbCredentials: { url: process.env.DATABASE_URL! },\n});\n",
        false,
    );
    assert_eq!(pair(&found, "defineConfig/dbCredentials", "url"), variable("DATABASE_URL"));
    assert!(!format!("{found:?}").contains("old"));
    let found = of_code(
        "module.exports = { production: { connection: { host: 'db.acme.com', database: \"app\", \
         port: 5432 } }, development: { connection: 'postgres://localhost/app' } }",
        false,
    );
    assert_eq!(pair(&found, "module.exports/production/connection", "host"), text("db.acme.com"));
    let local = text("postgres://localhost/app");
    assert_eq!(pair(&found, "module.exports/development", "connection"), local);
    let found = of_code("url: `postgres://${process.env.H}/app`, b: `${process.env.B}`", false);
    assert_eq!(pair(&found, "", "url"), Some(Said::Computed));
    assert_eq!(pair(&found, "", "b"), variable("B"));
}

#[test]
fn python() {
    let found = of_code(
        "# 'HOST': 'old'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql',\n\
         'HOST': os.environ['DB_HOST'], 'NAME': os.environ.get('DB_NAME', 'app'),\n\
         'PORT': 5432}}\nDATABASE_URL = os.getenv(\"DATABASE_URL\")\n",
        true,
    );
    assert_eq!(pair(&found, "DATABASES/default", "host"), variable("DB_HOST"));
    assert_eq!(pair(&found, "DATABASES/default", "name"), variable("DB_NAME"));
    assert_eq!(pair(&found, "", "database_url"), variable("DATABASE_URL"));
    assert!(!format!("{found:?}").contains("old"));
}

#[test]
fn yaml_with_anchors_and_erb() {
    let found = of_lines(
        "default: &default\n  adapter: postgresql\n  host: db.acme.com\n\
         production:\n  <<: *default\n  database: app # x\n  url: <%= ENV[\"DATABASE_URL\"] %>\n\
         test:\n  primary:\n    host: localhost\n",
    );
    assert_eq!(pair(&found, "production", "host"), text("db.acme.com"));
    assert_eq!(pair(&found, "production", "database"), text("app"));
    assert_eq!(pair(&found, "production", "url"), variable("DATABASE_URL"));
    assert_eq!(pair(&found, "test/primary", "host"), text("localhost"));
}

#[test]
fn ini_toml_and_properties() {
    let found = of_lines(
        "[alembic]\nscript_location = alembic\nsqlalchemy.url = postgresql://db.acme.com/app\n\
         ; x = y\n[environments.prod]\nurl = \"jdbc:postgresql://p/app\"\nuser = \"${env.FLYWAY_USER}\"\n",
    );
    let url = text("postgresql://db.acme.com/app");
    assert_eq!(pair(&found, "alembic", "sqlalchemy.url"), url);
    assert_eq!(pair(&found, "environments.prod", "url"), text("jdbc:postgresql://p/app"));
    assert_eq!(pair(&found, "environments.prod", "user"), variable("FLYWAY_USER"));
}

#[test]
fn odd_texts_do_not_panic() {
    for odd in [
        "",
        "{",
        "}}}",
        "a: '",
        "\"\\",
        "/*",
        "//",
        "é: \"é\"",
        "[",
        "[]]",
        ":",
        "=",
        "<<:",
        "- x: y",
    ] {
        let _ = of_code(odd, true);
        let _ = of_lines(odd);
    }
    let _ = of_code(&"{".repeat(100_000), false);
    let _ = of_code(&"x".repeat(100_000), false);
}
