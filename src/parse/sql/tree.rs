//! A statement through the full grammar: its syntax tree, and what its kind and
//! the changes inside it (in CTEs, EXPLAIN ANALYZE, rules) do.

use std::borrow::Cow;

use squawk_syntax::ast::{self, AstNode, Stmt};
use squawk_syntax::{SourceFile, SyntaxNode};

use super::changes::change;
use super::definitions::{
    altered, called, column_dropped, disrupts, dropped, has_node, locked, set, system_altered,
    truncated, wrote,
};
use super::lex::{Kind, Lexer, Mode, Token};
use super::shape::{self, Shape};
use super::source::Source;
use super::{MAX_TOKENS, Reader, Role, Statement, functions, name};
use crate::action::{Effect, Flag, Flags};

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
            Shape::AlterSystem => system_altered(source),
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
        let mut found = self.calls(source, worst.unwrap_or_else(own));
        if found.is_harmless() {
            found.unknown_function = self.unknown(source, node);
        }
        found
    }

    /// The first function called below `node` that is neither known nor
    /// defined by the text.
    fn unknown(&self, source: &Source, node: &SyntaxNode) -> Option<String> {
        let names = node.descendants().filter_map(ast::CallExpr::cast).filter_map(|call| {
            let list = call.arg_list()?.syntax().text_range().start();
            let open = source.tokens.partition_point(|token| token.start < usize::from(list));
            let name = source.tokens.get(open.checked_sub(1)?)?;
            name::decoded(source.bytes(), name)
        });
        names.into_iter().find(|name| {
            let own = self.functions.contains_key(&name.to_ascii_lowercase());
            !own && !functions::is_known(name.as_bytes())
        })
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
                if function.takes_query() {
                    worst = in_texts(source).fold(worst, Statement::worse);
                }
            }
            if self.functions.is_empty() {
                continue;
            }
            let name = at.checked_sub(1).and_then(|at| source.tokens.get(at));
            let name = name.and_then(|name| name::decoded(text, name));
            let own = name.and_then(|name| self.functions.get(&name.to_ascii_lowercase()));
            if let Some(own) = own {
                worst = worst.worse(own.clone());
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
            let own =
                name.is_some_and(|name| self.functions.contains_key(&name.to_ascii_lowercase()));
            if own {
                return Statement { role: Role::Barrier, lasting: true, ..called };
            }
        }
        Statement { lasting: true, ..Statement::opaque(operation, why) }
    }

    fn executed(&self, source: &Source) -> Statement {
        let name = source.tokens.get(1).and_then(|name| name::decoded(source.bytes(), name));
        let known = name.is_some_and(|name| self.prepared.contains(&name.to_ascii_lowercase()));
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
            // The server refuses a query there, and psql does not wait for data.
            let table = source.tokens.get(1).is_some_and(|token| token.kind != Kind::Open);
            let role = if stdin && table { Role::CopyIn } else { Role::Plain };
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
                let name = name.to_ascii_lowercase();
                // A definition may fail and leave an older one.
                let does = match self.functions.remove(&name) {
                    Some(older) => older.worse(does),
                    None => does,
                };
                self.functions.insert(name, does);
            }
        }
        statement
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

/// What the functions do that are called in a statement's literal texts.
fn in_texts<'a>(source: &'a Source) -> impl Iterator<Item = Statement> + 'a {
    let kinds = [Kind::Text, Kind::EscapeText, Kind::Dollar];
    let texts = source.tokens.iter().filter(move |token| kinds.contains(&token.kind));
    texts.flat_map(move |token| {
        // Quotes at both ends make no difference to the words between them.
        let inner = token.bytes(source.bytes());
        let inner: Vec<u8> = inner
            .iter()
            .map(|byte| if matches!(byte, b'\'' | b'$') { b' ' } else { *byte })
            .collect();
        let tokens: Vec<Token> = Lexer::new(&inner, 0, Mode::default()).take(MAX_TOKENS).collect();
        let opens = (0..tokens.len())
            .filter(|at| tokens.get(*at).is_some_and(|token| token.kind == Kind::Open));
        let found: Vec<Statement> = opens
            .filter_map(|at| functions::called(&inner, &tokens, at))
            .map(|function| called(source, function))
            .collect();
        found
    })
}
