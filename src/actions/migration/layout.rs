//! Where each tool keeps its migration files, and which of its commands run
//! them: data alone, by the tools' documentation.

/// How a tool's folder is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One file a migration, with one of these endings, none of which is one of
    /// the others.
    Files { endings: &'static [&'static str], not: &'static [&'static str] },
    /// One folder a migration, which holds a file of this name.
    Folders(&'static str),
    /// Folders (an app's, a database's) that each hold what the inner shape
    /// says, in a folder of that name if there is one.
    Each { folder: &'static str, files: &'static [&'static str] },
}

/// A tool's migrations.
#[derive(Debug)]
pub(super) struct Layout {
    /// The rule file's name.
    tool: &'static str,
    /// The commands that apply what has not been applied.
    pub commands: &'static [&'static str],
    /// Its usual folders; each that is there is looked at.
    pub folders: &'static [&'static str],
    /// Options and variables (with a dollar sign) that name the folder instead,
    /// or the files in it by a pattern.
    pub options: &'static [&'static str],
    /// What is in the folder.
    pub shape: Shape,
}

const SQL: Shape = Shape::Files { endings: &[".sql"], not: &[".down.sql"] };
const SCRIPT: Shape = Shape::Files {
    endings: &[".js", ".ts", ".cjs", ".mjs", ".cts", ".mts", ".sql"],
    not: &[".d.ts", ".down.sql", ".test.ts", ".spec.ts"],
};
const RUBY: Shape = Shape::Files { endings: &[".rb"], not: &[] };
const PYTHON: Shape = Shape::Files { endings: &[".py"], not: &["__init__.py"] };
const PHP: Shape = Shape::Files { endings: &[".php"], not: &[] };

const fn layout(
    tool: &'static str,
    commands: &'static [&'static str],
    folders: &'static [&'static str],
    options: &'static [&'static str],
    shape: Shape,
) -> Layout {
    Layout { tool, commands, folders, options, shape }
}

const LAYOUTS: &[Layout] = &[
    layout("alembic", &["upgrade"], &["alembic/versions", "migrations/versions"], &[], PYTHON),
    layout("artisan", &["migrate"], &["database/migrations"], &["--path"], PHP),
    layout("atlas", &["migrate apply"], &["migrations"], &["--dir"], SQL),
    layout("bytebase", &["rollout"], &[], &["--file-pattern"], SQL),
    layout(
        "dbmate",
        &["up", "migrate"],
        &["db/migrations"],
        &["-d", "$DBMATE_MIGRATIONS_DIR"],
        SQL,
    ),
    layout(
        "diesel",
        &["migration run", "setup", "database setup"],
        &["migrations"],
        &["--migration-dir", "$MIGRATION_DIRECTORY"],
        Shape::Folders("up.sql"),
    ),
    layout(
        "django-admin",
        &["migrate"],
        &["", "apps", "src"],
        &[],
        Shape::Each { folder: "migrations", files: &[".py"] },
    ),
    layout("doctrine", &["doctrine:migrations:migrate"], &["migrations"], &[], PHP),
    layout("drizzle-kit", &["migrate"], &["drizzle", "migrations"], &["--out"], SQL),
    layout(
        "flyway",
        &["migrate"],
        &["sql", "db/migration", "migrations", "src/main/resources/db/migration"],
        &["-locations", "$FLYWAY_LOCATIONS"],
        Shape::Files { endings: &[".sql"], not: &[".conf"] },
    ),
    layout("goose", &["up"], &["migrations", ""], &["-dir", "$GOOSE_MIGRATION_DIR"], SQL),
    layout(
        "hasura",
        &["migrate apply"],
        &["migrations"],
        &[],
        Shape::Each { folder: "", files: &[] },
    ),
    layout(
        "knex",
        &["migrate:latest", "migrate:up"],
        &["migrations"],
        &["--migrations-directory"],
        SCRIPT,
    ),
    layout(
        "kysely",
        &["migrate:latest", "migrate:up", "migrate latest", "migrate up"],
        &["migrations", "src/migrations"],
        &[],
        SCRIPT,
    ),
    layout("liquibase", &["update"], &["changelog", "db/changelog"], &[], SQL),
    layout(
        "migrate",
        &["up", "goto"],
        &["migrations"],
        &["-path", "-source"],
        Shape::Files { endings: &[".up.sql"], not: &[] },
    ),
    layout("mikro-orm", &["migration:up"], &["migrations", "src/migrations"], &[], SCRIPT),
    layout("phinx", &["migrate"], &["db/migrations"], &[], PHP),
    layout(
        "prisma",
        &["migrate deploy", "migrate dev"],
        &["prisma/migrations", "migrations"],
        &[],
        Shape::Folders("migration.sql"),
    ),
    layout("rails", &["db:migrate", "db:prepare"], &["db/migrate"], &[], RUBY),
    layout(
        "sequelize-cli",
        &["db:migrate"],
        &["migrations", "db/migrations"],
        &["--migrations-path"],
        SCRIPT,
    ),
    layout("sqlx", &["migrate run", "database setup"], &["migrations"], &["--source"], SQL),
    layout("supabase", &["db push", "migration up"], &["supabase/migrations"], &[], SQL),
    layout(
        "typeorm",
        &["migration:run"],
        &["migrations", "migration", "src/migrations", "src/migration", "src/database/migrations"],
        &[],
        SCRIPT,
    ),
];

/// The layout of a tool for a command that applies migrations.
pub(super) fn of(tool: &str, operation: &str) -> Option<&'static Layout> {
    let own = LAYOUTS.iter().find(|layout| layout.tool == tool)?;
    own.commands.contains(&operation).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Effect;
    use crate::rules::table;

    #[test]
    fn every_command_is_one_of_the_tools_own_and_a_write() {
        for layout in LAYOUTS {
            let tool = table::find(layout.tool).unwrap_or_else(|| panic!("{}", layout.tool));
            for name in layout.commands {
                let found = tool.commands.iter().find(|command| command.operation() == *name);
                let effect = found.and_then(|command| command.effect);
                assert_eq!(effect, Some(Effect::Write), "{} {name}", layout.tool);
            }
            let known = |option: &&&str| {
                option.starts_with('$')
                    || tool.options.iter().any(|known| known.is(option))
                    || tool.commands.iter().flat_map(|it| it.options).any(|known| known.is(option))
            };
            let unknown: Vec<_> = layout.options.iter().filter(|option| !known(option)).collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", layout.tool);
        }
    }
}
