//! A statement through the full grammar: the syntax tree, what its kind does,
//! and what the changes inside it (in CTEs, EXPLAIN ANALYZE, rules) do.

use std::borrow::Cow;

use squawk_syntax::ast::{self, AstNode, Expr, Stmt, WhereClauseOrCurrentOf};
use squawk_syntax::{SourceFile, SyntaxNode};

use super::lex::{Kind, Lexer, Mode, Token};
use super::shape::{self, Alteration, Shape};
use super::{Definition, Reader, Role, Statement, body, fold, functions, name};
use crate::action::{Effect, Flag, Flags};

/// The text of one statement, as the grammar is to see it: the code in a
/// function's strings is judged by itself and left out here.
pub struct Source {
    text: String,
    tokens: Vec<Token>,
    code: Option<Statement>,
}

impl Source {
    /// The statement made of `tokens` in `text`; none if it has none.
    /// `backslashes` says that a backslash escapes in plain strings, which the
    /// grammar does not know: their contents are then blotted out.
    pub fn new(text: &[u8], tokens: &[Token], backslashes: bool) -> Option<Source> {
        let from = tokens.first()?.start;
        let slice = text.get(from..tokens.last()?.end)?;
        let definition = body::is_definition(text, tokens);
        let is_do = tokens.first().is_some_and(|token| token.is(text, "do"));
        if !definition && !is_do && !backslashes {
            let tokens = tokens.iter().map(|token| shifted(token, from)).collect();
            return Some(Source {
                text: String::from_utf8(slice.to_vec()).ok()?,
                tokens,
                code: None,
            });
        }
        let strings = if is_do {
            tokens.iter().filter(|token| is_string(token)).copied().collect()
        } else if definition {
            body::strings(text, tokens)
        } else {
            Vec::new()
        };
        let default = if is_do { "plpgsql" } else { "sql" };
        let code = body::judged(text, tokens, &strings, default);
        let mut out = Vec::with_capacity(slice.len());
        let mut at = from;
        for token in tokens {
            let blot = backslashes && token.kind == Kind::Text;
            if !blot && !strings.contains(token) {
                continue;
            }
            out.extend_from_slice(text.get(at..token.start)?);
            out.push(b'\'');
            if blot {
                out.resize(out.len() + (token.end - token.start).saturating_sub(2), b'x');
            }
            out.push(b'\'');
            at = token.end;
        }
        out.extend_from_slice(text.get(at..tokens.last()?.end)?);
        let tokens = Lexer::new(&out, 0, Mode::default()).collect();
        Some(Source { text: String::from_utf8(out).ok()?, tokens, code })
    }

    fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The names listed behind token `at`, joined.
    fn names(&self, at: usize) -> String {
        name::listed(self.bytes(), &self.tokens, at).join(", ")
    }

    /// The index of the first token at or behind byte `offset`.
    fn index(&self, offset: usize) -> usize {
        self.tokens.partition_point(|token| token.start < offset)
    }

    fn has(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token.is(self.bytes(), word))
    }

    fn word_at(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(self.bytes(), word))
    }
}

fn shifted(token: &Token, from: usize) -> Token {
    Token { start: token.start - from, end: token.end - from, ..*token }
}

fn is_string(token: &Token) -> bool {
    matches!(token.kind, Kind::Text | Kind::EscapeText | Kind::UnicodeText | Kind::Dollar)
}

/// The worst of the statements of a body, if any does more than read.
pub fn nested(statements: Vec<Statement>) -> Option<Statement> {
    statements.into_iter().filter(|found| !found.is_harmless()).reduce(Statement::worse)
}

impl Reader {
    /// The statement by its syntax tree; none if the grammar rejects it or
    /// sees other words in it than our lexer does.
    pub(super) fn parsed(&mut self, source: &Source) -> Option<Statement> {
        let parse = SourceFile::parse(&source.text);
        if !parse.errors().is_empty() {
            return None;
        }
        let file = parse.tree();
        let mut stmts = file.stmts();
        let stmt = stmts.next()?;
        let odd = stmts.next().is_some() || !same_words(source, file.syntax());
        (!odd).then(|| self.of(source, &stmt))
    }

    fn of(&mut self, source: &Source, stmt: &Stmt) -> Statement {
        match shape::of(stmt) {
            Shape::Query(operation) => self.query(source, stmt.syntax(), operation),
            Shape::Read(operation) => Statement::new(Effect::Read, operation),
            Shape::Write(operation) => wrote(source, operation),
            Shape::Permission(operation) => {
                Statement { flags: Flags::of(&[Flag::Permission]), ..wrote(source, operation) }
            }
            Shape::Disrupt(operation) => disrupts(source, operation),
            Shape::Drop(operation, noun) => dropped(source, operation, noun),
            Shape::DropIndex => Statement {
                summary: format!(
                    "Drops index {}: queries that use it become slow.",
                    source.names(2)
                ),
                object: Some(format!("index {}", source.names(2))),
                ..Statement::new(Effect::Disrupt, "DROP INDEX")
            },
            Shape::DropOwned => Statement {
                flags: Flags::of(&[Flag::Irreversible]),
                object: Some(format!("everything owned by {}", source.names(3))),
                summary: format!(
                    "Drops everything that {} owns in this database, tables with their rows \
                     included.",
                    source.names(3)
                ),
                ..Statement::new(Effect::Destroy, "DROP OWNED")
            },
            Shape::Opaque(operation, why) => self.opaque(source, operation, why),
            Shape::AlterTable(operation) => altered(source, stmt, operation),
            Shape::AlterType if has_node::<ast::DropAttribute>(stmt.syntax()) => {
                column_dropped(source, "ALTER TYPE", "attribute")
            }
            Shape::AlterType => wrote(source, "ALTER TYPE"),
            Shape::Truncate => truncated(source),
            Shape::Copy => self.copied(source, stmt),
            Shape::Do => done(source),
            Shape::Explain if analyzes(stmt) => {
                self.query(source, stmt.syntax(), "EXPLAIN ANALYZE")
            }
            Shape::Explain => Statement::new(Effect::Read, "EXPLAIN"),
            Shape::Define(operation) => self.defined(source, stmt, operation),
            Shape::CreateIndex if source.has("concurrently") => wrote(source, "CREATE INDEX"),
            Shape::CreateIndex => Statement {
                instead: Some("Build it with CREATE INDEX CONCURRENTLY, outside a transaction."),
                ..disrupts(source, "CREATE INDEX")
            },
            Shape::Reindex if source.has("concurrently") => wrote(source, "REINDEX"),
            Shape::Reindex => Statement {
                instead: Some("Rebuild it with REINDEX … CONCURRENTLY."),
                ..disrupts(source, "REINDEX")
            },
            Shape::Vacuum if source.has("full") => disrupts(source, "VACUUM FULL"),
            Shape::Vacuum => Statement { lasting: true, ..wrote(source, "VACUUM") },
            Shape::Lock => locked(source),
            Shape::Prepare => {
                let name =
                    source.tokens.get(1).and_then(|name| name::decoded(source.bytes(), name));
                self.prepared.extend(name.map(|name| name.to_ascii_lowercase()));
                self.query(source, stmt.syntax(), "PREPARE")
            }
            Shape::Execute => self.executed(source),
            Shape::Set => set(source),
            Shape::Begin => {
                Statement { role: Role::Begin, ..Statement::new(Effect::Read, "BEGIN") }
            }
            Shape::Commit => {
                Statement { role: Role::Commit, ..Statement::new(Effect::Read, "COMMIT") }
            }
            Shape::Rollback => {
                let chained = source.has("chain") && !source.has("no");
                let role = if chained { Role::Barrier } else { Role::Rollback };
                Statement { role, ..Statement::new(Effect::Read, "ROLLBACK") }
            }
        }
    }

    /// A query, or a statement that holds queries: the worst change in it.
    fn query(&self, source: &Source, node: &SyntaxNode, operation: &'static str) -> Statement {
        let base = match operation {
            "SELECT" | "VALUES" | "TABLE" | "EXPLAIN ANALYZE" | "DECLARE" | "PREPARE" => {
                Effect::Read
            }
            _ => Effect::Write,
        };
        let changes = node.descendants().filter_map(|node| change(source, &node));
        let worst = changes.reduce(Statement::worse);
        let own = || match base {
            Effect::Read => Statement::new(base, operation),
            _ => wrote(source, operation),
        };
        self.calls(source, worst.unwrap_or_else(own))
    }

    /// `statement` with what the functions that it calls do.
    fn calls(&self, source: &Source, mut worst: Statement) -> Statement {
        let text = source.bytes();
        for (at, token) in source.tokens.iter().enumerate() {
            if token.kind == Kind::UnicodeQuoted && source.has("uescape") {
                worst =
                    worst.worse(Statement::opaque("UESCAPE", "a name in it is spelled in code"));
            }
            if token.kind != Kind::Open {
                continue;
            }
            if let Some(function) = functions::called(text, &source.tokens, at) {
                worst = worst.worse(called(source, function));
            }
            let name = at.checked_sub(1).and_then(|at| source.tokens.get(at));
            let name = name.and_then(|name| name::decoded(text, name));
            let own = |name: &String| {
                self.functions.iter().rev().find(|own| own.name.eq_ignore_ascii_case(name))
            };
            if let Some(own) = name.as_ref().and_then(own) {
                worst = worst.worse(own.does.clone());
            }
        }
        worst
    }

    fn opaque(&self, source: &Source, operation: &'static str, why: &str) -> Statement {
        if operation == "CALL" {
            // A procedure that the text defines is known.
            let called = self.calls(source, Statement::new(Effect::Write, "CALL"));
            let end = source.tokens.iter().position(|token| token.kind == Kind::Open);
            let name = end
                .and_then(|end| end.checked_sub(1))
                .and_then(|at| source.tokens.get(at))
                .and_then(|name| name::decoded(source.bytes(), name));
            let own = name.is_some_and(|name| {
                self.functions.iter().any(|own| own.name.eq_ignore_ascii_case(&name))
            });
            if own {
                return Statement { role: Role::Barrier, lasting: true, ..called };
            }
        }
        Statement { lasting: true, ..Statement::opaque(operation, why) }
    }

    fn executed(&self, source: &Source) -> Statement {
        let name = source.tokens.get(1).and_then(|name| name::decoded(source.bytes(), name));
        let known = name.is_some_and(|name| {
            self.prepared.iter().any(|prepared| prepared.eq_ignore_ascii_case(&name))
        });
        if known {
            return self.calls(source, Statement::new(Effect::Read, "EXECUTE"));
        }
        Statement::opaque("EXECUTE", "what was prepared is not in the text")
    }

    fn copied(&self, source: &Source, stmt: &Stmt) -> Statement {
        if source.has("program") {
            return Statement {
                lasting: true,
                ..Statement::opaque("COPY PROGRAM", "it is a command on the database host")
            };
        }
        let query = self.query(source, stmt.syntax(), "COPY");
        let mut depth = 0_usize;
        let direction = source.tokens.iter().position(|token| {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && (token.is(source.bytes(), "from") || token.is(source.bytes(), "to"))
        });
        let Some(at) = direction else { return query };
        if source.word_at(at, "from") {
            let stdin = source.word_at(at + 1, "stdin") || source.word_at(at + 1, "stdout");
            let role = if stdin { Role::CopyIn } else { Role::Plain };
            return Statement { role, ..query };
        }
        let out = source.word_at(at + 1, "stdout") || source.word_at(at + 1, "stdin");
        if out && query.effect == Effect::Write && query.operation == "COPY" {
            return Statement::new(Effect::Read, "COPY");
        }
        Statement { lasting: !out, ..query }
    }

    fn defined(&mut self, source: &Source, stmt: &Stmt, operation: &'static str) -> Statement {
        let statement = wrote(source, operation);
        let inline = stmt.syntax().descendants().filter_map(|node| change(source, &node));
        let does = match &source.code {
            Some(code) => Some(code.clone()),
            None => inline.reduce(Statement::worse),
        };
        let noun = source.tokens.iter().position(|token| {
            token.is(source.bytes(), "function") || token.is(source.bytes(), "procedure")
        });
        let name = noun.and_then(|at| name::qualified(source.bytes(), &source.tokens, at + 1));
        if let Some((_, behind)) = name {
            let last = behind.checked_sub(1).and_then(|at| source.tokens.get(at));
            if let Some(name) = last.and_then(|last| name::decoded(source.bytes(), last)) {
                let does = does.unwrap_or_else(|| Statement::new(Effect::Read, operation));
                self.functions.push(Definition { name: name.to_ascii_lowercase(), does });
            }
        }
        statement
    }
}

/// Whether the grammar's lexer saw its words where ours did.
fn same_words(source: &Source, root: &SyntaxNode) -> bool {
    let begins = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80)
    };
    let ours = source
        .tokens
        .iter()
        .filter(|token| begins(source.bytes().get(token.start).copied()))
        .map(|token| token.start);
    let theirs = root
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| begins(token.text().bytes().next()))
        .map(|token| usize::from(token.text_range().start()));
    ours.eq(theirs)
}

fn has_node<N: AstNode>(node: &SyntaxNode) -> bool {
    node.descendants().any(|node| N::can_cast(node.kind()))
}

/// A change of rows at `node`, if it is one.
fn change(source: &Source, node: &SyntaxNode) -> Option<Statement> {
    let at = source.index(usize::from(node.text_range().start()));
    let word = |word: &str| {
        let rest = source.tokens.get(at..).unwrap_or_default();
        let found = rest.iter().position(|token| token.is(source.bytes(), word));
        at + found.unwrap_or(0) + 1
    };
    if let Some(delete) = ast::Delete::cast(node.clone()) {
        let table = source.names(word("from"));
        return Some(rows(
            "DELETE",
            unbounded(delete.where_clause_or_current_of()),
            format!("Deletes every row of {table}."),
            format!("Deletes the rows of {table} that its WHERE clause matches."),
            table,
        ));
    }
    if let Some(update) = ast::Update::cast(node.clone()) {
        let table = source.names(word("update"));
        return Some(rows(
            "UPDATE",
            unbounded(update.where_clause_or_current_of()),
            format!("Overwrites columns in every row of {table}."),
            format!("Changes the rows of {table} that its WHERE clause matches."),
            table,
        ));
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
        let table = source.names(word("into"));
        return Some(Statement {
            object: Some(format!("table {table}")),
            summary: format!("Adds rows to {table}."),
            ..Statement::new(Effect::Write, "INSERT")
        });
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
fn unbounded(bound: Option<WhereClauseOrCurrentOf>) -> bool {
    match bound {
        None => true,
        Some(WhereClauseOrCurrentOf::WhereCurrentOf(_)) => false,
        Some(WhereClauseOrCurrentOf::WhereClause(clause)) => {
            clause.expr().is_none_or(|expr| fold::always_true(&expr))
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

fn called(source: &Source, function: &functions::Function) -> Statement {
    // lo_unlink(oid) from pg_largeobject: one call a row, and no bound on them.
    let each = function.name == "lo_unlink" && source.has("from") && !source.has("where");
    let effect = if each { Effect::Destroy } else { function.effect };
    let flags = if function.opaque { Flags::of(&[Flag::Opaque]) } else { Flags::NONE };
    let role = if function.opaque { Role::Barrier } else { Role::Plain };
    Statement {
        flags,
        role,
        object: Some(format!("function {}", function.name)),
        summary: format!("{}.", function.says),
        lasting: true,
        ..Statement::new(effect, function.name)
    }
}

fn wrote(source: &Source, operation: &'static str) -> Statement {
    let words = operation.split(' ').count();
    let names = source.names(words);
    let lasting = matches!(operation, "ALTER SYSTEM" | "CREATE DATABASE" | "CREATE TABLESPACE");
    let object = (!names.is_empty()).then(|| names.clone());
    let blank = if names.is_empty() { "" } else { " " };
    Statement {
        summary: format!("Runs {operation}{blank}{names}."),
        object,
        lasting,
        ..Statement::new(Effect::Write, operation)
    }
}

fn disrupts(source: &Source, operation: &'static str) -> Statement {
    let wrote = wrote(source, operation);
    let what = wrote.object.as_deref().unwrap_or("what it works on").to_owned();
    Statement {
        effect: Effect::Disrupt,
        summary: format!("Blocks others from using {what} while {operation} runs."),
        ..wrote
    }
}

fn dropped(source: &Source, operation: &'static str, noun: &'static str) -> Statement {
    let names = source.names(operation.split(' ').count());
    let cascade = source.has("cascade");
    let own = names.split(", ").all(|name| name.to_ascii_lowercase().starts_with("pg_temp."));
    if noun == "table" && own && !names.is_empty() && !cascade {
        return wrote(source, operation);
    }
    let with = match (noun, cascade) {
        ("database" | "tablespace", _) | ("schema", true) => " and everything in it",
        ("table" | "materialized view", true) => {
            " with its rows, and everything that depends on it"
        }
        (_, true) => " and everything that depends on it",
        ("table" | "materialized view", false) => " with its rows",
        _ => "",
    };
    let mut flags = Flags::NONE;
    if matches!(noun, "database" | "tablespace") || (noun == "schema" && cascade) {
        flags = flags.with(Flag::Irreversible);
    }
    if matches!(noun, "role" | "policy" | "user mapping") {
        flags = flags.with(Flag::Permission);
    }
    Statement {
        flags,
        summary: format!("Drops {noun} {names}{with}."),
        object: Some(format!("{noun} {names}")),
        instead: match noun {
            "table" => Some("Rename it first, and drop it once nothing has missed it."),
            "database" | "schema" => Some("Take a dump with pg_dump first, and keep it elsewhere."),
            _ => None,
        },
        lasting: matches!(noun, "database" | "tablespace" | "subscription"),
        ..Statement::new(Effect::Destroy, operation)
    }
}

fn column_dropped(source: &Source, operation: &'static str, noun: &str) -> Statement {
    let table = source.names(operation.split(' ').count());
    let text = source.bytes();
    let drop = source.tokens.iter().position(|token| token.is(text, "drop")).unwrap_or(0);
    let skip = source.word_at(drop + 1, "column") || source.word_at(drop + 1, "attribute");
    let column = source.names(drop + 1 + usize::from(skip));
    Statement {
        object: Some(format!("{noun} {column} of {table}")),
        summary: format!("Drops {noun} {column} of {table} with its values in every row."),
        instead: Some("Stop using the column first, and drop it once nothing has missed it."),
        ..Statement::new(
            Effect::Destroy,
            Cow::Owned(format!("{operation} DROP {}", noun.to_uppercase())),
        )
    }
}

fn altered(source: &Source, stmt: &Stmt, operation: &'static str) -> Statement {
    let mut worst = wrote(source, operation);
    let actions = stmt.syntax().children().filter_map(ast::AlterTableAction::cast);
    for action in actions {
        let found = match shape::alteration(&action) {
            Alteration::Write => continue,
            Alteration::Permission => {
                Statement { flags: Flags::of(&[Flag::Permission]), ..wrote(source, operation) }
            }
            Alteration::Disrupt => disrupts(source, operation),
            Alteration::DropColumn => column_dropped(source, operation, "column"),
            Alteration::Column => {
                let using = action.syntax().descendants().find_map(ast::UsingExpr::cast);
                let blind = using.is_some_and(|using| !has_node::<ast::NameRef>(using.syntax()));
                if !blind {
                    continue;
                }
                Statement {
                    effect: Effect::Destroy,
                    summary: "Overwrites a column in every row with a value that does not come \
                              from it."
                        .to_owned(),
                    ..wrote(source, operation)
                }
            }
        };
        worst = worst.worse(found);
    }
    worst
}

fn truncated(source: &Source) -> Statement {
    let names = source.names(1);
    if names.split(", ").all(|name| name.to_ascii_lowercase().starts_with("pg_temp.")) {
        return wrote(source, "TRUNCATE");
    }
    let cascade = if source.has("cascade") { ", and of every table that refers to it" } else { "" };
    Statement {
        object: Some(format!("table {names}")),
        summary: format!("Removes every row of {names}{cascade}."),
        instead: Some("Delete the rows that have to go, by a WHERE clause."),
        ..Statement::new(Effect::Destroy, "TRUNCATE")
    }
}

fn done(source: &Source) -> Statement {
    let code = source.code.clone();
    let code = code.unwrap_or_else(|| Statement::opaque("DO", "it has no body"));
    Statement { operation: Cow::Borrowed("DO"), lasting: true, role: Role::Barrier, ..code }
}

/// Whether an EXPLAIN runs its statement.
fn analyzes(stmt: &Stmt) -> bool {
    let Stmt::Explain(explain) = stmt else { return false };
    match explain.explain_mode() {
        Some(ast::ExplainMode::ExplainAnalyze(_)) => true,
        Some(ast::ExplainMode::ExplainOptionList(list)) => list.explain_options().any(|option| {
            let text = option.syntax().text().to_string().to_ascii_lowercase();
            let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
            let off = ["false", "off", "0"];
            matches!(words.next(), Some("analyze" | "analyse"))
                && !words.any(|word| off.contains(&word))
        }),
        Some(ast::ExplainMode::ExplainVerbose(_)) | None => false,
    }
}

fn locked(source: &Source) -> Statement {
    let mild = source.has("row") || (source.has("access") && source.has("share"));
    if mild && !source.word_at(1, "row") { wrote(source, "LOCK") } else { disrupts(source, "LOCK") }
}

fn set(source: &Source) -> Statement {
    if source.has("session_replication_role") {
        return Statement {
            flags: Flags::of(&[Flag::Permission]),
            summary: "Switches foreign keys and triggers off for the session.".to_owned(),
            ..Statement::new(Effect::Write, "SET session_replication_role")
        };
    }
    Statement::new(Effect::Read, "SET")
}
