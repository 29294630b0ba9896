//! Google's SQL (BigQuery and Spanner) → what a text takes away, by a lexer
//! that knows its strings, names and comments (GoogleSQL's lexical rules) and
//! the words at the head of each statement. Pure; one pass; whatever cannot
//! be told is opaque, never a read.

use crate::action::{Effect, Flag, Flags};

/// The most tokens of one text that are looked at.
const MAX_TOKENS: usize = 200_000;

/// A token: what matters of it.
#[derive(Clone, Debug, PartialEq)]
enum Token<'a> {
    /// A bare word or number.
    Word(&'a str),
    /// A string or a quoted name.
    Quoted,
    /// Anything else.
    Sign(char),
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

/// What a text does: the worst of its statements.
pub fn read(text: &str) -> (Effect, Flags) {
    let opaque = (Effect::Write, Flags::of(&[Flag::Opaque]));
    let Some(tokens) = lex(text) else { return opaque };
    let mut all = (Effect::Read, Flags::NONE);
    for statement in tokens.split(|token| *token == Token::Sign(';')) {
        let (effect, flags) = judge(statement);
        all = (all.0.max(effect), all.1.union(flags));
    }
    all
}

/// The tokens of a text; none if something in it does not end, or there are
/// too many.
fn lex(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if tokens.len() > MAX_TOKENS {
            return None;
        }
        if first.is_whitespace() {
            rest = rest.trim_start();
            continue;
        }
        if first == '#' || rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, behind)| behind);
            continue;
        }
        if let Some(behind) = rest.strip_prefix("/*") {
            rest = behind.split_once("*/")?.1;
            continue;
        }
        if matches!(first, '\'' | '"' | '`') {
            rest = quoted(rest, first)?;
            tokens.push(Token::Quoted);
            continue;
        }
        let word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let end = match word(first) {
            true => rest.find(|letter| !word(letter)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (token, behind) = rest.split_at_checked(end)?;
        tokens.push(if word(first) { Token::Word(token) } else { Token::Sign(first) });
        rest = behind;
    }
    Some(tokens)
}

/// What stands behind a string or a quoted name; a backslash takes the next
/// letter with it, in raw strings too.
fn quoted(text: &str, quote: char) -> Option<&str> {
    let triple: &str = if quote == '\'' { "'''" } else { "\"\"\"" };
    let long = quote != '`' && text.starts_with(triple);
    let mut rest = text.get(if long { 3 } else { 1 }..)?;
    loop {
        let at = rest.find(['\\', quote])?;
        let (_, behind) = rest.split_at_checked(at)?;
        if behind.starts_with('\\') {
            let mut letters = behind.chars();
            letters.next();
            letters.next()?;
            rest = letters.as_str();
            continue;
        }
        if !long {
            return behind.get(1..);
        }
        match behind.strip_prefix(triple) {
            Some(after) => return Some(after),
            None => rest = behind.get(1..)?,
        }
    }
}

/// What one statement does.
fn judge(mut tokens: &[Token<'_>]) -> (Effect, Flags) {
    let plain = |effect| (effect, Flags::NONE);
    while let [Token::Sign('('), rest @ ..] = tokens {
        tokens = rest;
    }
    let Some(head) = tokens.first() else { return plain(Effect::Read) };
    let has = |word: &str| tokens.iter().any(|token| token.is(word));
    let next = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(word));
    let Token::Word(head) = head else {
        // A hint in front: `@{…} SELECT`.
        let body = tokens.iter().position(|token| *token == Token::Sign('}'));
        return match body.and_then(|at| tokens.get(at + 1..)) {
            Some(rest) if !rest.is_empty() => judge_behind(rest),
            _ => (Effect::Write, Flags::of(&[Flag::Opaque])),
        };
    };
    match head.to_ascii_lowercase().as_str() {
        "select" | "with" | "from" | "values" | "explain" | "describe" | "show" | "declare"
        | "assert" | "commit" | "rollback" | "return" | "end" => plain(Effect::Read),
        "begin" | "start" if tokens.len() < 4 && (tokens.len() == 1 || next(1, "transaction")) => {
            plain(Effect::Read)
        }
        "begin" | "else" => judge_behind(tokens.get(1..).unwrap_or_default()),
        "insert" | "undrop" | "grant" | "export" | "set" | "analyze" => plain(Effect::Write),
        "load" if has("overwrite") => plain(Effect::Destroy),
        "load" => plain(Effect::Write),
        "create" if next(1, "or") && next(2, "replace") && (has("table") || has("schema")) => {
            // OR REPLACE of a view or a function takes no data away.
            let kind = tokens.get(3..8).unwrap_or_else(|| tokens.get(3..).unwrap_or_default());
            let table = kind.iter().find(|token| {
                ["table", "view", "function", "procedure", "schema", "model"]
                    .iter()
                    .any(|word| token.is(word))
            });
            match table.is_some_and(|token| token.is("table") || token.is("schema")) {
                true => plain(Effect::Destroy),
                false => plain(Effect::Write),
            }
        }
        "create" => plain(Effect::Write),
        "drop" if next(1, "index") || next(2, "index") => plain(Effect::Disrupt),
        "drop" if next(1, "snapshot") => (Effect::Destroy, Flags::of(&[Flag::Backups])),
        "drop" if next(1, "schema") && has("cascade") || next(1, "database") => {
            (Effect::Destroy, Flags::of(&[Flag::Irreversible]))
        }
        "drop" | "truncate" => plain(Effect::Destroy),
        "alter" if has("drop") => plain(Effect::Destroy),
        "alter" => plain(Effect::Write),
        "delete" | "update" => plain(match bounded(tokens) {
            true => Effect::Write,
            false => Effect::Destroy,
        }),
        "merge" => {
            let lost = tokens.windows(3).any(|three| {
                matches!(three, [by, then, delete]
                    if by.is("source") && then.is("then") && delete.is("delete"))
            });
            plain(if lost { Effect::Destroy } else { Effect::Write })
        }
        "revoke" => (Effect::Write, Flags::of(&[Flag::Permission])),
        _ => unknown(tokens),
    }
}

/// A statement behind a word or hint in front of it: one level, so that
/// nothing nests.
fn judge_behind(tokens: &[Token<'_>]) -> (Effect, Flags) {
    match tokens.first() {
        Some(Token::Word(word))
            if !word.eq_ignore_ascii_case("begin") && !word.eq_ignore_ascii_case("else") =>
        {
            judge(tokens)
        }
        _ => unknown(tokens),
    }
}

/// A statement of a script, or one that nobody knows: opaque if a word in it
/// could take something away.
fn unknown(tokens: &[Token<'_>]) -> (Effect, Flags) {
    const TAKES: &[&str] = &[
        "drop",
        "delete",
        "truncate",
        "merge",
        "update",
        "alter",
        "execute",
        "call",
        "replace",
        "overwrite",
        "immediate",
    ];
    let takes = tokens.iter().any(|token| TAKES.iter().any(|word| token.is(word)));
    match takes {
        true => (Effect::Write, Flags::of(&[Flag::Opaque])),
        false => (Effect::Write, Flags::NONE),
    }
}

/// Whether a DELETE or an UPDATE has a condition that is not always true.
fn bounded(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    let place = tokens.iter().position(|token| {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is("where")
    });
    let Some(condition) = place.and_then(|at| tokens.get(at + 1..)) else { return false };
    let bare: Vec<&Token<'_>> =
        condition.iter().filter(|token| !matches!(token, Token::Sign('(' | ')'))).take(5).collect();
    match bare.as_slice() {
        [] => false,
        [only] => !only.is("true"),
        [Token::Word(one), Token::Sign('='), Token::Word(other)] => one != other,
        [not, word] => !(not.is("not") && word.is("false")),
        [one, or, ..] if one.is("true") && or.is("or") => false,
        [.., or, last] if last.is("true") && or.is("or") && bare.len() < 5 => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(text: &str) -> Effect {
        read(text).0
    }

    #[test]
    fn looking_is_a_read_whatever_the_names() {
        for text in [
            "SELECT a FROM [acme:shop.orders] WHERE update_time > 1",
            "#standardSQL\nSELECT * FROM UNNEST([1,2]) AS a",
            "WITH x AS (SELECT STRUCT(1 AS drop_count)) SELECT * FROM x",
            "SELECT 'it''s; DROP TABLE t', \"x\\\"; DROP TABLE t\", '''a'; DROP TABLE t; '''",
            "SELECT `drop`.`delete` FROM `a.b` -- ; DROP TABLE t",
            "SELECT r'\\'; DROP TABLE t; '",
            "/* ; DROP TABLE t */ (SELECT 1)",
            "@{OPTIMIZER_VERSION=2} SELECT 1",
            "BEGIN TRANSACTION; SELECT 1; COMMIT TRANSACTION",
            "",
        ] {
            assert_eq!(read(text), (Effect::Read, Flags::NONE), "{text}");
        }
    }

    #[test]
    fn what_takes_away_is_seen() {
        for text in [
            "DROP TABLE shop.orders",
            "SELECT 1; drop view v",
            "SELECT '''it's'''; DROP TABLE t; SELECT 'x'",
            "TRUNCATE TABLE t",
            "DELETE shop.orders WHERE true",
            "DELETE FROM t WHERE 1 = 1",
            "DELETE FROM t WHERE (TRUE)",
            "DELETE FROM t",
            "UPDATE t SET a = (SELECT 1 FROM u WHERE x = 1)",
            "CREATE OR REPLACE TABLE t AS SELECT 1",
            "CREATE OR REPLACE SNAPSHOT TABLE t CLONE u",
            "MERGE a.t USING a.s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE",
            "ALTER TABLE t DROP COLUMN a",
            "LOAD DATA OVERWRITE t FROM FILES(x = 1)",
            "BEGIN DROP TABLE t; END",
            "@{a=1} DELETE FROM t WHERE true",
            "# a\nDROP TABLE t",
        ] {
            assert_eq!(effect(text), Effect::Destroy, "{text}");
        }
    }

    #[test]
    fn writes_are_bounded_and_code_is_opaque() {
        for text in [
            "INSERT INTO t SELECT * FROM UNNEST([1,2])",
            "DELETE FROM t WHERE id = 7",
            "UPDATE t SET a = 1 WHERE id = 7 AND b = 2",
            "DELETE FROM t WHERE `id` = 'x'",
            "CREATE TABLE t (a INT64) PRIMARY KEY (a)",
            "CREATE OR REPLACE VIEW v AS SELECT a FROM t.table",
            "ALTER TABLE t ADD COLUMN b STRING(MAX)",
            "MERGE t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 1",
        ] {
            assert_eq!(read(text), (Effect::Write, Flags::NONE), "{text}");
        }
        for text in ["EXECUTE IMMEDIATE 'DROP TABLE t'", "CALL p()", "SELECT 'a", "SELECT /* a"] {
            assert!(read(text).1.has(Flag::Opaque), "{text}");
        }
        assert!(read("DROP SCHEMA s CASCADE").1.has(Flag::Irreversible));
        assert!(read("DROP SNAPSHOT TABLE s").1.has(Flag::Backups));
        assert_eq!(effect("DROP INDEX i"), Effect::Disrupt);
    }
}
