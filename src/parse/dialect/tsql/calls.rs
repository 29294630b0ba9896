//! EXEC of SQL Server: procedures that are known, and texts in literals.

use super::super::Found;
use super::super::lex::{Kind, Token};
use super::super::statement::{plain, unread};
use super::{MAX_DEPTH, lasting, read};
use crate::action::Effect::{Destroy, Disrupt, Read, Write};
use crate::action::Flag;
use crate::parse::sql::Statement;

/// The longest name of a procedure that is shown.
const SHOWN: usize = 80;

/// Procedures that only look.
const LOOKS: &[&str] = &[
    "sp_who",
    "sp_who2",
    "sp_lock",
    "sp_columns",
    "sp_tables",
    "sp_databases",
    "sp_spaceused",
    "sp_server_info",
    "sp_stored_procedures",
    "sp_fkeys",
    "sp_pkeys",
    "sp_statistics",
    "sp_depends",
    "sp_special_columns",
    "sp_sproc_columns",
    "sp_readerrorlog",
    "xp_readerrorlog",
    "xp_msver",
    "xp_fixeddrives",
    "sp_monitor",
    "sp_describe_first_result_set",
    "sp_linkedservers",
];

/// EXEC, and a procedure's name alone.
pub(super) fn called(rest: &[Token<'_>], depth: usize) -> Found {
    // EXECUTE AS USER = 'x'
    if rest.first().is_some_and(|token| token.is("as")) {
        return plain(Read, "EXECUTE AS", &[], "");
    }
    // @status = procedure
    let rest = match rest {
        [variable, sign, rest @ ..] if variable.kind == Kind::Variable && sign.bytes == b"=" => {
            rest
        }
        _ => rest,
    };
    if rest.first().is_some_and(|token| token.kind == Kind::Open) {
        return text(rest.get(1..).unwrap_or_default(), rest, depth);
    }
    // master..xp_cmdshell, [dbo].[p]: the last part is its name.
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = rest.get(at) {
        match token.kind {
            Kind::Word | Kind::Name => parts.push(token.unquoted()),
            Kind::Dot => {}
            _ => break,
        }
        at += 1;
        let more = rest.get(at).is_some_and(|next| next.kind == Kind::Dot);
        if token.kind != Kind::Dot && !more {
            break;
        }
    }
    let arguments = rest.get(at..).unwrap_or_default();
    let Some(name) = parts.last().map(|name| name.to_ascii_lowercase()) else {
        return unread(rest, "which procedure it calls is computed");
    };
    match name.as_str() {
        "sp_executesql" | "sp_prepexec" => text(arguments, rest, depth),
        "sp_msforeachtable" | "sp_msforeachdb" => {
            let inner = text(arguments, rest, depth);
            match inner.statement.effect {
                Destroy => inner,
                _ => unread(rest, "it runs a text for every table or database"),
            }
        }
        "xp_cmdshell" => unread(rest, "it runs a command on the database's host"),
        "xp_delete_file" => lasting(plain(
            Destroy,
            "xp_delete_file",
            &[Flag::Backups],
            "Deletes files of backups on the server.",
        )),
        "sp_detach_db" => {
            lasting(plain(Disrupt, "sp_detach_db", &[], "Takes a database off the server."))
        }
        "sp_delete_job" | "sp_delete_schedule" => {
            lasting(plain(Destroy, name, &[], "Deletes a job or its schedule."))
        }
        "sp_rename" | "sp_renamedb" | "sp_configure" | "sp_updatestats" => {
            lasting(plain(Write, name, &[], "Renames something or changes a setting."))
        }
        name if LOOKS.contains(&name) || name.starts_with("sp_help") => {
            Statement::new(Read, "EXEC").into()
        }
        name => {
            let shown = crate::text::visible(name, SHOWN);
            let mut found = unread(rest, &format!("the code of {shown} is on the server"));
            found.statement.operation = "EXEC".into();
            found
        }
    }
}

/// EXEC ('…') and sp_executesql N'…': a literal is read, the worst of it
/// counts; what is put together is not.
fn text(arguments: &[Token<'_>], whole: &[Token<'_>], depth: usize) -> Found {
    let literal = arguments.iter().position(|token| token.kind == Kind::Text);
    let joined = arguments.iter().any(|token| {
        token.bytes == b"+" || token.kind == Kind::Variable && !token.bytes.is_empty()
    });
    let in_front = arguments.get(..literal.unwrap_or(0)).unwrap_or_default();
    let plain_start = in_front.iter().all(|token| token.is("n"));
    let Some(token) = literal.and_then(|at| arguments.get(at)).filter(|_| plain_start) else {
        return unread(whole, "the text that it runs is computed");
    };
    // sp_executesql N'…', N'@id int', @id = 5: the variables are its own.
    let computed =
        joined && arguments.get(literal.unwrap_or(0) + 1).is_some_and(|it| it.bytes == b"+");
    if computed || depth >= MAX_DEPTH {
        return unread(whole, "the text that it runs is computed");
    }
    let mut found = read(token.unquoted().as_bytes(), depth + 1);
    found.sort_by_key(|found| {
        let statement = &found.statement;
        std::cmp::Reverse((statement.flags.has(Flag::Opaque), statement.effect))
    });
    let worst = found.iter().map(|found| found.statement.effect).max();
    let at = found.iter().position(|found| Some(found.statement.effect) == worst);
    let opaque = found.first().is_some_and(|found| found.statement.flags.has(Flag::Opaque));
    match (opaque, at) {
        (true, _) if worst < Some(Destroy) => found.swap_remove(0),
        (_, Some(at)) => lasting(found.swap_remove(at)),
        _ => Statement::new(Read, "EXEC").into(),
    }
}
