//! The JavaScript of mongosh → what it does to the databases. No interpreter:
//! every call in the text is looked up by its name, and what is not known, or
//! could reach a name that the text does not show, is opaque. Bytes in, steps
//! out.

mod calls;
mod changes;
mod names;
mod tables;
mod value;

use crate::action::Effect;
use crate::parse::javascript::{self, Dialect};
use crate::parse::sql::Statement;
use names::Names;

/// Bytes of a script beyond which it is not read.
const MAX_TEXT: usize = 4 << 20;

/// Where a step goes: what is named takes the current one's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The server's address.
    pub server: Option<String>,
    /// The database.
    pub database: Option<String>,
}

/// What a script does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Something that is done there.
    Run(Statement, Place),
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
    let program = javascript::parse(text, Dialect::Script);
    let names = Names::of(&program.body);
    let mut reader = calls::Reader::new(&names);
    program.body.iter().for_each(|expr| reader.read(expr));
    let mut problem = program.problem.or(reader.problem);
    // Comments of a page's, which shells and pages take differently.
    if text.contains("<!--") || text.lines().any(|line| line.trim_start().starts_with("-->")) {
        problem.get_or_insert_with(|| "it holds a comment of HTML".to_owned());
    }
    let mut steps = reader.steps;
    if let Some(why) = problem {
        steps.push(unread(&why, seeming(text)));
    }
    steps
}

/// The worst that the words of a script could mean.
fn seeming(text: &str) -> Effect {
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
    let named = |word: &str| tables::DESTROYING.contains(&word);
    match text.split(|letter| !is_name(letter)).any(named) {
        true => Effect::Destroy,
        false => Effect::Write,
    }
}

fn unread(why: &str, effect: Effect) -> Step {
    let mut statement = Statement { lasting: true, ..Statement::opaque("script", why) };
    if effect == Effect::Destroy {
        statement.effect = effect;
        statement.summary =
            format!("Seems to destroy data, in a script that could not be read in full: {why}.");
    }
    Step::Run(statement, Place::default())
}

/// A statement that no rollback takes back.
fn done(effect: Effect, operation: impl Into<String>, summary: String) -> Statement {
    Statement { summary, lasting: true, ..Statement::new(effect, operation.into()) }
}

#[cfg(test)]
mod tests;
