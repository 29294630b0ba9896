//! The JavaScript of mongosh → what it does to the databases. No interpreter:
//! every call in the text is looked up by its name, and what is not known, or
//! could reach a name that the text does not show, is opaque. Bytes in, steps
//! out.

mod calls;
mod changes;
mod lex;
mod tables;
mod value;

use crate::action::Effect;
use crate::parse::sql::Statement;
use lex::{Kind, Token};

/// Bytes of a script beyond which it is not read.
const MAX_TEXT: usize = 4 << 20;
/// Tokens beyond which it is not read.
const MAX_TOKENS: usize = 200_000;

/// What a script does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Something to the current database, or to the one that is named.
    Run(Statement, Option<String>),
    /// Later steps go to this database.
    Use(String),
    /// Later steps go to this server.
    Connect(String),
    /// Runs this file.
    Load(String),
}

/// The steps of a script, in order.
///
/// A script of which some part cannot be read gives one opaque step, which is
/// never less than its words say, beside those that could.
pub fn read(text: &[u8]) -> Vec<Step> {
    let text = String::from_utf8_lossy(text);
    if text.len() > MAX_TEXT {
        return vec![unread("it is too large", Effect::Write)];
    }
    let mut steps = Vec::new();
    let mut code = String::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim().trim_end_matches(';');
        let mut words = bare.split_whitespace();
        let helper = matches!(words.next(), Some("use" | "show" | "it" | "help" | "exit" | "cls"))
            && words.clone().all(|word| {
                word.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter))
            });
        if !helper {
            code.push_str(line);
            continue;
        }
        code.push('\n');
        if let Some(name) = bare.strip_prefix("use ") {
            steps.append(&mut script(&std::mem::take(&mut code)));
            steps.push(Step::Use(name.trim().to_owned()));
        }
    }
    steps.append(&mut script(&code));
    steps
}

fn script(text: &str) -> Vec<Step> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let lexed = lex::tokens(text, MAX_TOKENS);
    let mut steps = Vec::new();
    for token in &lexed.tokens {
        // A server that the text names may be where it goes.
        if token.kind == Kind::Text
            && ["mongodb://", "mongodb+srv://"].iter().any(|start| token.text.starts_with(start))
        {
            steps.push(Step::Connect(token.text.clone()));
        }
    }
    let mut reader = calls::Reader::new(&lexed.tokens);
    reader.run();
    let why = lexed.problem.or(reader.problem);
    steps.append(&mut reader.steps);
    if let Some(why) = why {
        let worst = seeming(&lexed.tokens);
        steps.push(unread(&why, worst));
    }
    steps
}

/// The worst that the words of a script could mean.
fn seeming(tokens: &[Token]) -> Effect {
    let named = |token: &Token| {
        matches!(token.kind, Kind::Word | Kind::Text)
            && tables::DESTROYING.contains(&token.text.as_str())
    };
    if tokens.iter().any(named) { Effect::Destroy } else { Effect::Write }
}

fn unread(why: &str, effect: Effect) -> Step {
    let mut statement = Statement { lasting: true, ..Statement::opaque("script", why) };
    if effect == Effect::Destroy {
        statement.effect = effect;
        statement.summary =
            format!("Seems to destroy data, in a script that could not be read in full: {why}.");
    }
    Step::Run(statement, None)
}

/// A statement that no rollback takes back.
fn done(effect: Effect, operation: impl Into<String>, summary: String) -> Statement {
    Statement { summary, lasting: true, ..Statement::new(effect, operation.into()) }
}

#[cfg(test)]
mod tests;
