//! Migration files in a project: those that are new enough not to have run
//! stop the command that runs them, whether it comes as a line or through a
//! shim; and the files that Django itself writes are read as what they do.

use std::process::Command;

use crate::packages;
use crate::project::Project;
use crate::sandbox::{err, out};

const PROD: &str = "postgres://app@db.prod.acme.com/shop";
const DROP: &str = "ALTER TABLE \"User\" DROP COLUMN \"nick\";\n";

/// A day as `date` prints it.
fn day(when: &str, format: &str) -> String {
    let output = Command::new("date").args(["-u", "-d", when, format]).output().expect("date");
    out(&output).trim().to_owned()
}

#[test]
fn a_new_migration_that_drops_a_column_stops_deploying_it() {
    let project = Project::new(&[(
        "prisma/schema.prisma",
        "datasource db {\n provider = \"postgresql\"\n url = env(\"DATABASE_URL\")\n}\n",
    )]);
    let env = [("DATABASE_URL", PROD)];
    let migration = |when: &str, text: &str| {
        let stamp = day(when, "+%Y%m%d%H%M%S");
        let path = format!("work/prisma/migrations/{stamp}_change/migration.sql");
        project.sandbox.write(&path, text);
    };
    migration("2 years ago", DROP);
    assert_eq!(project.judge("npx prisma migrate deploy", &env).verdict, "allow");
    migration("yesterday", "CREATE TABLE \"New\" (\"id\" INTEGER NOT NULL);\n");
    assert_eq!(project.judge("npx prisma migrate deploy", &env).effect, "write");
    assert!(project.passes_shim(&["prisma", "migrate", "deploy"], &env));
    migration("2 hours ago", DROP);
    project.refused("npx prisma migrate deploy", &env);
    assert!(!project.passes_shim(&["prisma", "migrate", "deploy"], &env));
    let local = [("DATABASE_URL", "postgres://app@localhost/shop")];
    project.free("npx prisma migrate deploy", &local);
    assert!(project.passes_shim(&["prisma", "migrate", "status"], &env));
}

#[test]
fn a_numbered_migration_is_as_old_as_its_file() {
    let project = Project::new(&[
        ("migrations/00001_a.sql", "-- +goose Up\ndrop table a;\n"),
        ("migrations/00002_b.sql", "-- +goose Up\ndrop table b;\n-- +goose Down\n"),
    ]);
    let line = format!("goose -dir migrations postgres {PROD} up");
    project.refused(&line, &[]);
    let file = project.sandbox.path("work/migrations/00002_b.sql");
    let touched = Command::new("touch").args(["-d", "1 month ago"]).arg(&file).status();
    assert!(touched.expect("touch").success());
    assert_eq!(project.judge(&line, &[]).effect, "write");
}

#[test]
fn what_django_writes_is_read() {
    let project = Project::new(&[
        ("shop/__init__.py", ""),
        (
            "shop/models.py",
            "from django.db import models\nclass User(models.Model):\n    nick = models.TextField()\n\
             class Old(models.Model):\n    pass\n",
        ),
        (
            "settings.py",
            "SECRET_KEY = 'x'\nINSTALLED_APPS = ['shop']\n\
             DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n\
             DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', \
             'HOST': 'db.prod.acme.com', 'NAME': 'shop'}}\n",
        ),
        ("manage.py", "import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\n"),
    ]);
    let make = || {
        let mut command = Command::new(packages::venv().join("bin/python"));
        command.args(["-m", "django", "makemigrations", "--settings=settings", "shop"]);
        command.args(["--skip-checks"]).env("PYTHONPATH", ".");
        let output = command.current_dir(project.sandbox.path("work")).output().expect("it starts");
        assert!(output.status.success(), "{}{}", out(&output), err(&output));
    };
    make();
    let line = "python manage.py migrate";
    assert_eq!(project.judge(line, &[]).effect, "write");
    let models = "from django.db import models\nclass User(models.Model):\n    pass\n";
    project.sandbox.write("work/shop/models.py", models);
    make();
    let said = project.refused(line, &[]);
    assert_eq!(said.effect, "destroy");
}
