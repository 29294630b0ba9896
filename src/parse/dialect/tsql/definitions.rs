//! DROP, ALTER, CREATE, RESTORE and DBCC of SQL Server.

use super::super::Found;
use super::super::lex::Token;
use super::super::object::{Names, names};
use super::super::statement::{behind, destroys, plain, unread};
use super::lasting;
use crate::action::Effect::{Destroy, Disrupt, Read, Write};
use crate::action::{Effect, Flag};
use crate::parse::sql::Statement;

pub(super) fn dropped(rest: &[Token<'_>]) -> Found {
    let kind = rest.first().map(Token::unquoted).unwrap_or_default().to_ascii_lowercase();
    let found = names(rest.get(1..).unwrap_or_default());
    match kind.as_str() {
        "database"
            if rest.get(1).is_some_and(|token| token.among(&["scoped", "audit", "encryption"])) =>
        {
            let summary =
                "Drops a credential, audit specification or key of a database.".to_owned();
            let statement = Statement::new(Destroy, "DROP DATABASE SCOPED");
            Statement { summary, ..statement }.into()
        }
        "database" => {
            let databases = vec![found.shown.clone()];
            let found = Names { databases, ..found };
            let mut found = destroys("DROP DATABASE", "database", found, |name| {
                format!("Drops {name} with everything in it.")
            })
            .flagged(Flag::Irreversible);
            found.statement.instead =
                Some("Take a backup and have it checked first: BACKUP DATABASE.");
            lasting(found)
        }
        "table" if found.shown.starts_with('#') => Statement::new(Read, "DROP TABLE").into(),
        "table" => {
            destroys("DROP TABLE", "table", found, |name| format!("Drops {name} with its rows."))
        }
        "index" | "statistics" => {
            let summary = format!("Drops the {kind} {}.", found.shown);
            Statement { summary, ..Statement::new(Disrupt, "DROP INDEX") }.into()
        }
        "" => unread(rest, "it names nothing to drop"),
        kind => {
            let permission = matches!(kind, "login" | "user" | "role" | "application" | "server");
            let operation = format!("DROP {}", kind.to_ascii_uppercase());
            let found = destroys(operation, kind, found, |name| format!("Drops {name}."));
            if permission { found.flagged(Flag::Permission) } else { found }
        }
    }
}

pub(super) fn altered(tokens: &[Token<'_>], rest: &[Token<'_>]) -> Found {
    let has = |word: &str| rest.iter().any(|token| token.is(word));
    let kind = rest.first().map(Token::unquoted).unwrap_or_default().to_ascii_lowercase();
    let found = names(rest.get(1..).unwrap_or_default());
    let name = found.shown.clone();
    let with = |effect: Effect, flags: &[Flag], says: String| {
        let mut made = plain(effect, format!("ALTER {}", kind.to_ascii_uppercase()), flags, &says);
        made.databases.clone_from(&found.databases);
        made
    };
    match kind.as_str() {
        "table" => match behind(rest, "drop") {
            Some(dropped)
                if !dropped.first().is_some_and(|it| it.among(&["constraint", "period"]))
                    || dropped.iter().any(|it| it.is("column")) =>
            {
                with(
                    Destroy,
                    &[],
                    format!("Drops columns of the table {name} with what is in them."),
                )
            }
            _ if has("switch") => {
                with(Write, &[], format!("Moves rows out of or into the table {name}."))
            }
            _ => with(Write, &[], format!("Changes the table {name}.")),
        },
        "database" if !has("scoped") => {
            let mut made = if has("remove") {
                with(Destroy, &[], format!("Removes a file of the database {name}."))
            } else if has("recovery") && has("simple") {
                with(
                    Destroy,
                    &[Flag::Backups],
                    format!(
                        "Stops keeping the log of {name}, without which no point in time can be restored."
                    ),
                )
            } else if ["offline", "single_user", "restricted_user", "emergency", "read_only"]
                .iter()
                .any(|word| has(word))
            {
                with(Disrupt, &[], format!("Takes the database {name} away from its users."))
            } else {
                with(Write, &[], format!("Changes the database {name}."))
            };
            if name != "CURRENT" {
                made.databases = vec![name];
            }
            lasting(made)
        }
        "availability" if has("force_failover_allow_data_loss") => with(
            Destroy,
            &[Flag::Irreversible],
            "Fails over and gives up what was not copied.".to_owned(),
        ),
        "availability" => with(Disrupt, &[], "Changes an availability group.".to_owned()),
        "index" if has("disable") || (has("rebuild") && !has("online")) => {
            with(Disrupt, &[], format!("Rebuilds or disables the index {name} under a lock."))
        }
        "login" | "user" | "role" | "authorization" | "server" | "application" => {
            with(Write, &[Flag::Permission], "Changes an account, a role or the server.".to_owned())
        }
        "" => unread(tokens, "it is not complete"),
        _ => with(Write, &[], "Changes a definition.".to_owned()),
    }
}

pub(super) fn created(rest: &[Token<'_>]) -> Found {
    let account = ["login", "user", "role"];
    let flags: &[Flag] = match rest.first().is_some_and(|token| token.among(&account)) {
        true => &[Flag::Permission],
        false => &[],
    };
    plain(Write, "CREATE", flags, "Creates or replaces a definition.")
}

pub(super) fn restored(rest: &[Token<'_>]) -> Found {
    const LOOKS: &[&str] = &["headeronly", "filelistonly", "labelonly", "verifyonly", "rewindonly"];
    match rest.first() {
        Some(kind) if kind.among(LOOKS) => Statement::new(Read, "RESTORE").into(),
        Some(kind) if kind.is("database") => {
            let found = names(rest.get(1..).unwrap_or_default());
            let databases = vec![found.shown.clone()];
            let found = Names { databases, ..found };
            let mut found = destroys("RESTORE DATABASE", "database", found, |name| {
                format!("Replaces {name}, if it is there, by what is in a backup.")
            })
            .flagged(Flag::Irreversible);
            found.statement.instead = Some("Restore under another name first: WITH MOVE.");
            lasting(found)
        }
        _ => lasting(plain(Write, "RESTORE", &[], "Restores the log or the key of a database.")),
    }
}

/// DBCC: most commands look, a few change.
pub(super) fn console(rest: &[Token<'_>]) -> Found {
    let name = rest.first().map(Token::unquoted).unwrap_or_default().to_ascii_lowercase();
    let loses = rest.iter().any(|token| token.is("repair_allow_data_loss"));
    match name.as_str() {
        _ if loses => plain(Destroy, "DBCC", &[], "Repairs by giving up data that is damaged."),
        "writepage" => plain(Destroy, "DBCC WRITEPAGE", &[], "Overwrites a page of a database."),
        "shrinkdatabase" | "shrinkfile" | "dbreindex" | "dropcleanbuffers" | "freeproccache"
        | "freesystemcache" | "freesessioncache" | "indexdefrag" => {
            plain(Disrupt, "DBCC", &[], "Works on the whole server or a table while others wait.")
        }
        _ => plain(Write, "DBCC", &[], "Checks or changes a part of the server."),
    }
}
