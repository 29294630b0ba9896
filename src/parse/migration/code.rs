//! Migrations written in a programming language: the calls that drop tables
//! and columns, and the literal SQL that is handed to the database. The code
//! is read as words, texts and marks; it is never run.

use super::{INSTEAD, Language, of_sql};
use crate::action::{Effect, Flag, Flags};
use crate::parse::code::{self, Kind, Token};
use crate::parse::sql::Statement;

/// Texts of one call that are read for SQL.
const MAX_TEXTS: usize = 20;

/// What applying a migration in code destroys, each with its line.
pub(super) fn destroys(text: &str, language: Language) -> Vec<(usize, Statement)> {
    let Some(syntax) = language.syntax() else { return Vec::new() };
    let mut tokens = applied(code::tokens(text, syntax));
    if language == Language::Python {
        tokens = without_state(tokens);
    }
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(word) = token.word() else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let behind = |mark| before.is_some_and(|it: &Token| it.is_mark(mark));
        if language == Language::Ruby && behind(':') {
            // A symbol, which is a name, and no call.
            continue;
        }
        let method = behind('.') || behind('>') || behind(':');
        let args = Args::behind(tokens.get(at + 1..).unwrap_or_default(), language);
        let Some(args) = args else { continue };
        match call(word, method, language) {
            Some(Call::Table) => found.push((token.line, table(&args))),
            Some(Call::Column { in_table }) => found.push((token.line, column(&args, in_table))),
            Some(Call::Container(noun)) => found.push((token.line, container(&args, noun))),
            Some(Call::Timestamps) => found.push((token.line, timestamps(&args))),
            Some(Call::Emptied) => {
                let start = tokens.get(..at).unwrap_or_default();
                found.extend(emptied_whole(word, start, &args).map(|it| (token.line, it)));
            }
            Some(Call::Empty) => found.push((token.line, emptied(&args))),
            Some(Call::Chained) => {
                let start = tokens.get(..at).unwrap_or_default();
                found.extend(chained(word, start, language).map(|it| (token.line, it)));
            }
            Some(Call::Sql) => {
                let texts = if word == "RunSQL" { args.first_value() } else { args.texts(1) };
                let read = texts.iter().flat_map(|text| of_sql(text));
                found.extend(read.map(|it| (token.line, it)));
            }
            None => {}
        }
    }
    found
}

/// What a call of that name does.
enum Call {
    /// Drops the table that its argument names.
    Table,
    /// Drops a column; `in_table` if the table is its first argument.
    Column { in_table: bool },
    /// Drops everything in a schema or database.
    Container(&'static str),
    /// Drops the columns that say when a row was made and changed.
    Timestamps,
    /// Deletes the rows of the table that its argument names.
    Empty,
    /// Deletes the rows of the table that is named right in front of its dot.
    Emptied,
    /// Acts on what stands in front of its dot.
    Chained,
    /// Runs its argument.
    Sql,
}

fn call(word: &str, method: bool, language: Language) -> Option<Call> {
    let column = Some(Call::Column { in_table: true });
    let own = Some(Call::Column { in_table: false });
    match (language, word) {
        (Language::Ruby, "drop_table" | "drop_join_table") => Some(Call::Table),
        (Language::Ruby, "remove_column" | "remove_columns") => column,
        (Language::Ruby, "remove_reference" | "remove_belongs_to") => column,
        (Language::Ruby, "remove") if method => own,
        (Language::Ruby, "remove_references") if method => own,
        (Language::Ruby, "remove_timestamps") => Some(Call::Timestamps),
        (Language::Ruby, "execute" | "exec_query") => Some(Call::Sql),
        (Language::Ruby, "delete_all" | "destroy_all") if method => Some(Call::Chained),
        (Language::Python, "DeleteModel" | "drop_table") => Some(Call::Table),
        (Language::Python, "RemoveField") => column,
        // A batch of Alembic's has its table, and then only the column is named.
        (Language::Python, "drop_column") => column,
        (Language::Python, "RunSQL" | "execute") => Some(Call::Sql),
        (Language::Script, "dropTable" | "dropTableIfExists") if method => Some(Call::Table),
        (Language::Script, "removeColumn") if method => column,
        (Language::Script, "dropColumn" | "dropColumns") if method => column,
        (Language::Script, "dropSchema" | "dropSchemaIfExists") if method => {
            Some(Call::Container("schema"))
        }
        (Language::Script, "dropDatabase") if method => Some(Call::Container("database")),
        (Language::Script, "bulkDelete") if method => Some(Call::Empty),
        (Language::Script, "del" | "delete" | "truncate") if method => Some(Call::Emptied),
        (Language::Script, "raw" | "query" | "addSql" | "execute") if method => Some(Call::Sql),
        (Language::Php, "dropIfExists" | "dropTable") if method => Some(Call::Table),
        (Language::Php, "drop") if method => Some(Call::Chained),
        (Language::Php, "delete" | "truncate") if method => Some(Call::Emptied),
        (Language::Php, "dropColumn" | "dropColumns" | "removeColumn") if method => own,
        (Language::Php, "dropConstrainedForeignId" | "dropMorphs") if method => own,
        (Language::Php, "dropSoftDeletes") if method => own,
        (Language::Php, "dropTimestamps") if method => Some(Call::Timestamps),
        (Language::Php, "statement" | "unprepared" | "execute" | "addSql") if method => {
            Some(Call::Sql)
        }
        _ => None,
    }
}

fn destroy(operation: &'static str, object: Option<String>, summary: String) -> Statement {
    Statement {
        object,
        summary,
        instead: Some(INSTEAD),
        ..Statement::new(Effect::Destroy, operation)
    }
}

fn table(args: &Args<'_>) -> Statement {
    let object = args.names.first().map_or("a table".to_owned(), |name| format!("table {name}"));
    let summary = format!("Drops {object} with its rows.");
    destroy("DROP TABLE", Some(object), summary)
}

fn column(args: &Args<'_>, in_table: bool) -> Statement {
    let object = match args.names.as_slice() {
        [table, column, ..] if in_table => format!("column {column} of {table}"),
        [column, ..] => format!("column {column}"),
        [] => "a column".to_owned(),
    };
    let summary = format!("Drops {object} with its values in every row.");
    destroy("DROP COLUMN", Some(object), summary)
}

fn timestamps(args: &Args<'_>) -> Statement {
    let of = args.names.first().map(|table| format!(" of {table}")).unwrap_or_default();
    let object = format!("columns created_at and updated_at{of}");
    let summary = format!("Drops {object} with their values in every row.");
    destroy("DROP COLUMN", Some(object), summary)
}

fn container(args: &Args<'_>, noun: &str) -> Statement {
    let object = match args.names.first() {
        Some(name) => format!("{noun} {name}"),
        None => format!("a {noun}"),
    };
    let summary = format!("Drops {object} with everything in it.");
    let found = destroy("DROP SCHEMA", Some(object), summary);
    Statement { flags: Flags::of(&[Flag::Irreversible]), ..found }
}

fn emptied(args: &Args<'_>) -> Statement {
    let object = args.names.first().map(|name| format!("table {name}"));
    destroy("DELETE", object, "Deletes rows of a table.".to_owned())
}

/// What a call without arguments does to the table that is named right in
/// front of it: `knex('users').del()`, `DB::table('users')->truncate()`. With
/// a condition between them it is not every row.
fn emptied_whole(word: &str, before: &[Token], args: &Args<'_>) -> Option<Statement> {
    let mut back = before.iter().rev();
    let dot = back.next()?;
    if dot.is_mark('>') {
        back.next().filter(|it| it.is_mark('-'))?;
    }
    back.next().filter(|it| it.is_mark(')'))?;
    let Kind::Text(name) = &back.next()?.kind else { return None };
    back.next().filter(|it| it.is_mark('('))?;
    let callee = back.next()?.word()?;
    // `->` and `::` are calls; `=>` begins what is called.
    let method = match back.next() {
        Some(it) if it.is_mark('>') => back.next().is_some_and(|it| it.is_mark('-')),
        Some(it) => it.is_mark('.') || it.is_mark(':'),
        None => false,
    };
    let of_table = matches!(callee, "table" | "from" | "into");
    if !args.tokens.is_empty() || (method && !of_table) {
        return None;
    }
    let operation = if word == "truncate" { "TRUNCATE" } else { "DELETE" };
    let object = format!("table {}", crate::text::visible(name, 60));
    let summary = format!("Deletes every row of {object}.");
    Some(destroy(operation, Some(object), summary))
}

/// What a call does to what stands in front of it: `Schema::drop('users')`,
/// `$this->table('users')->drop()`, `User.delete_all`.
fn chained(word: &str, before: &[Token], language: Language) -> Option<Statement> {
    let line = before.last()?.line;
    let of_line = before.iter().rev().take_while(|token| token.line == line);
    let of_line: Vec<&Token> = of_line.collect();
    let has = |name: &str| of_line.iter().any(|token| token.word() == Some(name));
    if has("where") || has("find_by") || has("whereIn") {
        return None;
    }
    let named = of_line.iter().find_map(|token| match &token.kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    });
    let object = match language {
        Language::Ruby => of_line
            .get(1)?
            .word()
            .filter(|word| word.chars().next().is_some_and(char::is_uppercase))?
            .to_owned(),
        _ => match named {
            Some(name) => format!("table {name}"),
            None if has("Schema") || has("table") => "a table".to_owned(),
            None => return None,
        },
    };
    Some(match word {
        "drop" => {
            let summary = format!("Drops {object} with its rows.");
            destroy("DROP TABLE", Some(object), summary)
        }
        _ => {
            let summary = format!("Deletes every row of {object}.");
            destroy("DELETE", Some(object), summary)
        }
    })
}

/// The arguments of a call.
struct Args<'a> {
    tokens: &'a [Token],
    /// The texts and symbols among them.
    names: Vec<String>,
}

impl<'a> Args<'a> {
    /// The arguments that stand behind a call's name: in brackets, or, in Ruby,
    /// to the end of the line.
    fn behind(rest: &'a [Token], language: Language) -> Option<Args<'a>> {
        let first = rest.first()?;
        let open = first.is_mark('(');
        if !open && language != Language::Ruby {
            return None;
        }
        let mut depth = 0_usize;
        let mut end = rest.len();
        for (at, token) in rest.iter().enumerate() {
            match token.kind {
                Kind::Mark('(' | '[' | '{') => depth += 1,
                Kind::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            let over = if open { depth == 0 } else { token.line != first.line };
            if over {
                end = at;
                break;
            }
        }
        let tokens = rest.get(usize::from(open)..end).unwrap_or_default();
        let mut names = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let symbol = at.checked_sub(1).and_then(|at| tokens.get(at));
            let symbol = symbol.is_some_and(|it| it.is_mark(':'));
            match &token.kind {
                Kind::Text(text) => names.push(crate::text::visible(text, 60)),
                Kind::Word(word) if symbol && language == Language::Ruby => {
                    names.push(word.clone());
                }
                _ => {}
            }
        }
        Some(Args { tokens, names })
    }

    /// The first texts.
    fn texts(&self, most: usize) -> Vec<&'a str> {
        let texts = self.tokens.iter().filter_map(|token| match &token.kind {
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.take(most).collect()
    }

    /// The texts of the first argument, a text or a list of them; of
    /// `sql="…"`, that one.
    fn first_value(&self) -> Vec<&'a str> {
        let mut depth = 0_usize;
        let end = self.tokens.iter().position(|token| {
            match token.kind {
                Kind::Mark('(' | '[' | '{') => depth += 1,
                Kind::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.is_mark(',')
        });
        let reverse = self.tokens.first().and_then(Token::word) == Some("reverse_sql");
        let tokens = match end {
            Some(end) if reverse => self.tokens.get(end..),
            Some(end) => self.tokens.get(..end),
            None => Some(self.tokens),
        };
        Args { tokens: tokens.unwrap_or_default(), names: Vec::new() }.texts(MAX_TEXTS)
    }
}

/// Django's operations without those that only change what it believes of the
/// database: the list behind `state_operations=`.
fn without_state(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    // How deep in the list's brackets the next token stands.
    let mut depth = 0_usize;
    for token in tokens {
        let open = matches!(token.kind, Kind::Mark('(' | '[' | '{'));
        let close = matches!(token.kind, Kind::Mark(')' | ']' | '}'));
        if depth > 0 {
            depth = if open { depth + 1 } else { depth - usize::from(close) };
            continue;
        }
        let mut back = kept.iter().rev();
        let state = token.is_mark('[')
            && back.next().is_some_and(|it| it.is_mark('='))
            && back.next().and_then(Token::word) == Some("state_operations");
        if state {
            depth = 1;
        } else {
            kept.push(token);
        }
    }
    kept
}

/// The tokens without the functions and blocks that take a migration back:
/// the line that begins one, and the lines indented deeper behind it.
fn applied(tokens: Vec<Token>) -> Vec<Token> {
    const NAMES: &[&str] = &["down", "downgrade", "unsafe_down"];
    let mut kept: Vec<Token> = Vec::new();
    // The line of a definition that is left out, and its indent.
    let mut out: Option<(usize, usize)> = None;
    let mut after_text = (0_usize, false);
    for token in tokens {
        if after_text.0 != token.line {
            after_text = (token.line, false);
        }
        if let Some((line, indent)) = out
            && token.line != line
            && token.indent <= indent
            && !token.is_mark('{')
        {
            out = None;
        }
        if out.is_none() && !after_text.1 && token.word().is_some_and(|word| NAMES.contains(&word))
        {
            out = Some((token.line, token.indent));
        }
        after_text.1 |= matches!(token.kind, Kind::Text(_));
        if out.is_none() {
            kept.push(token);
        }
    }
    kept
}
