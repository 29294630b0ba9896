//! Changes of rows: INSERT, UPDATE, DELETE and MERGE wherever they stand in a
//! statement, and whether anything bounds them.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode, Expr, WhereClauseOrCurrentOf};

use super::source::Source;
use super::{Statement, fold};
use crate::action::Effect;

/// A change of rows at `node`, if it is one.
pub fn change(source: &Source, node: &SyntaxNode) -> Option<Statement> {
    let at = source.index(usize::from(node.text_range().start()));
    let word = |word: &str| {
        let rest = source.tokens.get(at..).unwrap_or_default();
        let found = rest.iter().position(|token| token.is(source.bytes(), word));
        at + found.unwrap_or(0) + 1
    };
    if let Some(delete) = ast::Delete::cast(node.clone()) {
        let table = source.names(word("from"));
        return Some(deleted(unbounded(delete.where_clause_or_current_of(), &table), table));
    }
    if let Some(update) = ast::Update::cast(node.clone()) {
        let table = source.names(word("update"));
        return Some(updated(unbounded(update.where_clause_or_current_of(), &table), table));
    }
    if let Some(merge) = ast::Merge::cast(node.clone()) {
        let table = source.names(word("into"));
        return Some(rows(
            "MERGE",
            merges_all(&merge),
            format!("Changes or deletes every row of {table}."),
            format!("Merges rows into {table}."),
            table,
        ));
    }
    if ast::Insert::can_cast(node.kind()) {
        return Some(inserted(source.names(word("into"))));
    }
    if ast::IntoClause::can_cast(node.kind()) {
        return Some(Statement {
            summary: "Creates a table from a query.".to_owned(),
            ..Statement::new(Effect::Write, "SELECT INTO")
        });
    }
    if ast::LockingClause::can_cast(node.kind()) {
        return Some(Statement {
            summary: "Locks rows until the transaction ends.".to_owned(),
            ..Statement::new(Effect::Write, "SELECT FOR UPDATE")
        });
    }
    if ast::Execute::can_cast(node.kind())
        && node.parent().is_some_and(|parent| !ast::SourceFile::can_cast(parent.kind()))
    {
        return Some(Statement::opaque(
            "EXECUTE",
            "what was prepared runs inside another statement",
        ));
    }
    None
}

/// An INSERT into `table`.
pub fn inserted(table: String) -> Statement {
    Statement {
        summary: format!("Adds rows to {table}."),
        object: Some(format!("table {table}")),
        ..Statement::new(Effect::Write, "INSERT")
    }
}

/// An UPDATE of `table`, of every row or of some.
pub fn updated(every: bool, table: String) -> Statement {
    rows(
        "UPDATE",
        every,
        format!("Overwrites columns in every row of {table}."),
        format!("Changes the rows of {table} that its WHERE clause matches."),
        table,
    )
}

/// A DELETE from `table`, of every row or of some.
pub fn deleted(every: bool, table: String) -> Statement {
    rows(
        "DELETE",
        every,
        format!("Deletes every row of {table}."),
        format!("Deletes the rows of {table} that its WHERE clause matches."),
        table,
    )
}

fn rows(
    operation: &'static str,
    every: bool,
    all: String,
    some: String,
    table: String,
) -> Statement {
    let temporary = table.to_ascii_lowercase().starts_with("pg_temp.");
    let effect = if every && !temporary { Effect::Destroy } else { Effect::Write };
    Statement {
        summary: if every { all } else { some },
        object: Some(format!("table {table}")),
        instead: (effect == Effect::Destroy)
            .then_some("Name the rows in a WHERE clause, and count them with a SELECT first."),
        ..Statement::new(effect, operation)
    }
}

/// Whether nothing, or a condition that always holds, bounds the rows.
fn unbounded(bound: Option<WhereClauseOrCurrentOf>, table: &str) -> bool {
    match bound {
        None => true,
        Some(WhereClauseOrCurrentOf::WhereCurrentOf(_)) => false,
        Some(WhereClauseOrCurrentOf::WhereClause(clause)) => {
            let every = |expr: Expr| fold::always_true(&expr) || fold::names_itself(&expr, table);
            clause.expr().is_none_or(every)
        }
    }
}

/// Whether a MERGE changes or deletes every row of its target: matched on a
/// condition that always holds, or not matched by the source at all.
fn merges_all(merge: &ast::Merge) -> bool {
    let on: Option<Expr> =
        merge.using_on_clause().and_then(|using| using.on_clause()).and_then(|on| on.expr());
    let every = on.is_none_or(|on| fold::always_true(&on));
    merge.merge_when_clauses().any(|clause| match clause {
        ast::MergeWhenClause::MergeWhenMatched(matched) => {
            every
                && matched.merge_condition().is_none()
                && matched.merge_action().is_some_and(|action| removes(&action))
        }
        ast::MergeWhenClause::MergeWhenNotMatchedSource(unmatched) => {
            unmatched.merge_condition().is_none()
                && unmatched.merge_action().is_some_and(|action| removes(&action))
        }
        ast::MergeWhenClause::MergeWhenNotMatchedTarget(_) => false,
    })
}

fn removes(action: &ast::MergeAction) -> bool {
    match action {
        ast::MergeAction::MergeDelete(_) | ast::MergeAction::MergeUpdate(_) => true,
        ast::MergeAction::MergeDoNothing(_) | ast::MergeAction::MergeInsert(_) => false,
    }
}
