//! Tokens → a tree, by brush-parser's grammar. brush gets a small, closed
//! alphabet: operators, reserved words, and stand-ins whose place in the
//! source is the index of the word that they stand for.

use std::sync::Arc;

use brush_parser::ast;
use brush_parser::{ParserOptions, SourcePosition, SourceSpan};

use super::lex::Token;
use super::{
    Body, Command, Entry, Error, Join, List, Pipeline, Redirect, RedirectKind, Simple, Word,
};

/// Builds the tree.
pub(super) fn tree(mut tokens: Vec<Token>) -> Result<List, Error> {
    // An empty program is one; brush wants a command between separators.
    if tokens.iter().all(|token| *token == Token::Operator("\n")) {
        return Ok(List::default());
    }
    let mut stand_ins = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let span = |glued: bool| SourceSpan {
            start: Arc::new(SourcePosition { index, line: 1, column: index }),
            end: Arc::new(SourcePosition {
                index: if glued { index + 1 } else { index },
                line: 1,
                column: index,
            }),
        };
        stand_ins.push(match token {
            Token::Operator(text) => brush_parser::Token::Operator((*text).to_owned(), span(false)),
            Token::Reserved(text) => brush_parser::Token::Word((*text).to_owned(), span(false)),
            Token::Number(number) => brush_parser::Token::Word(number.to_string(), span(true)),
            Token::Word(_) => brush_parser::Token::Word("w".to_owned(), span(false)),
            Token::Assignment(_) => brush_parser::Token::Word("a=w".to_owned(), span(false)),
        });
    }
    let program = brush_parser::parse_tokens(&stand_ins, &ParserOptions::default())
        .map_err(|error| near(&error, &tokens))?;
    let mut builder = Builder { tokens: &mut tokens };
    let mut list = List::default();
    for complete in &program.complete_commands {
        list.entries.extend(builder.list(complete)?.entries);
    }
    Ok(list)
}

/// Says near which word the grammar gave up; brush only knows its stand-in.
fn near(error: &brush_parser::ParseError, tokens: &[Token]) -> Error {
    let at = match error {
        brush_parser::ParseError::ParsingNear(position) => tokens.get(position.index),
        _ => None,
    };
    Error::Syntax(match at {
        Some(Token::Operator("\n")) => "near the end of a line".to_owned(),
        Some(Token::Operator(text) | Token::Reserved(text)) => format!("near `{text}`"),
        Some(Token::Word(word) | Token::Assignment(word)) => {
            format!("near `{}`", crate::text::visible(&word.raw, 40))
        }
        _ => "at the end".to_owned(),
    })
}

struct Builder<'a> {
    tokens: &'a mut [Token],
}

impl Builder<'_> {
    /// The word that a stand-in stands for. Each is taken once.
    fn word(&mut self, stand_in: &ast::Word) -> Result<Word, Error> {
        let index = stand_in.loc.as_ref().map(|span| span.start.index);
        match index.and_then(|index| self.tokens.get_mut(index)) {
            Some(Token::Word(word) | Token::Assignment(word)) => Ok(std::mem::take(word)),
            Some(Token::Reserved(text)) => Ok(super::lex::plain(text)),
            Some(Token::Number(number)) => Ok(super::lex::plain(&number.to_string())),
            _ => Err(Error::Syntax("that the grammar cannot place".to_owned())),
        }
    }

    fn words(&mut self, stand_ins: &[ast::Word]) -> Result<Vec<Word>, Error> {
        stand_ins.iter().map(|word| self.word(word)).collect()
    }

    fn list(&mut self, list: &ast::CompoundList) -> Result<List, Error> {
        let mut entries = Vec::with_capacity(list.0.len());
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            let mut pipelines = vec![(Join::First, self.pipeline(&and_or.first)?)];
            for next in &and_or.additional {
                pipelines.push(match next {
                    ast::AndOr::And(pipeline) => (Join::And, self.pipeline(pipeline)?),
                    ast::AndOr::Or(pipeline) => (Join::Or, self.pipeline(pipeline)?),
                });
            }
            let background = matches!(separator, ast::SeparatorOperator::Async);
            entries.push(Entry { pipelines, background });
        }
        Ok(List { entries })
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline) -> Result<Pipeline, Error> {
        let commands: Result<_, _> =
            pipeline.seq.iter().map(|command| self.command(command)).collect();
        Ok(Pipeline { commands: commands?, negated: pipeline.bang })
    }

    fn command(&mut self, command: &ast::Command) -> Result<Command, Error> {
        match command {
            ast::Command::Simple(simple) => self.simple(simple),
            ast::Command::Compound(compound, redirects) => {
                let body = self.compound(compound)?;
                Ok(Command { body, redirects: self.redirects(redirects.as_ref())? })
            }
            ast::Command::Function(function) => {
                let name = self.word(&function.fname)?;
                let body = self.compound(&function.body.0)?;
                let redirects = self.redirects(function.body.1.as_ref())?;
                let body = Box::new(Command { body, redirects });
                Ok(Command { body: Body::Function { name, body }, redirects: Vec::new() })
            }
            ast::Command::ExtendedTest(..) => {
                Err(Error::Syntax("that the grammar cannot place".to_owned()))
            }
        }
    }

    fn simple(&mut self, simple: &ast::SimpleCommand) -> Result<Command, Error> {
        let mut out = Simple::default();
        let mut redirects = Vec::new();
        let prefix = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        for item in prefix {
            match item {
                ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
                    redirects.extend(self.redirect(redirect)?);
                }
                ast::CommandPrefixOrSuffixItem::AssignmentWord(_, word)
                | ast::CommandPrefixOrSuffixItem::Word(word) => {
                    let word = self.word(word)?;
                    match word.assignment() {
                        Some(assignment) => out.assignments.push(assignment),
                        None => out.words.push(word),
                    }
                }
                ast::CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {}
            }
        }
        if let Some(name) = &simple.word_or_name {
            out.words.push(self.word(name)?);
        }
        for item in simple.suffix.iter().flat_map(|suffix| &suffix.0) {
            match item {
                ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
                    redirects.extend(self.redirect(redirect)?);
                }
                ast::CommandPrefixOrSuffixItem::AssignmentWord(_, word)
                | ast::CommandPrefixOrSuffixItem::Word(word) => out.words.push(self.word(word)?),
                ast::CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {}
            }
        }
        Ok(Command { body: Body::Simple(out), redirects })
    }

    fn compound(&mut self, compound: &ast::CompoundCommand) -> Result<Body, Error> {
        Ok(match compound {
            ast::CompoundCommand::BraceGroup(group) => Body::Group(self.list(&group.list)?),
            ast::CompoundCommand::Subshell(group) => Body::Subshell(self.list(&group.list)?),
            ast::CompoundCommand::ForClause(clause) => {
                let words = clause.values.as_ref().map(|words| self.words(words)).transpose()?;
                let body = self.list(&clause.body.list)?;
                Body::For { name: self.variable(clause), words, body }
            }
            ast::CompoundCommand::ArithmeticForClause(clause) => {
                let header = self.header(clause);
                Body::Count { header, body: self.list(&clause.body.list)? }
            }
            ast::CompoundCommand::CaseClause(clause) => {
                let word = self.word(&clause.value)?;
                let mut arms = Vec::new();
                for arm in &clause.cases {
                    let patterns = self.words(&arm.patterns)?;
                    let list = arm.cmd.as_ref().map(|list| self.list(list)).transpose()?;
                    arms.push((patterns, list.unwrap_or_default()));
                }
                Body::Case { word, arms }
            }
            ast::CompoundCommand::IfClause(clause) => {
                let mut branches = vec![(self.list(&clause.condition)?, self.list(&clause.then)?)];
                for other in clause.elses.iter().flatten() {
                    let condition = other.condition.as_ref().map(|list| self.list(list));
                    let condition = condition.transpose()?.unwrap_or_default();
                    branches.push((condition, self.list(&other.body)?));
                }
                Body::If(branches)
            }
            ast::CompoundCommand::WhileClause(clause)
            | ast::CompoundCommand::UntilClause(clause) => {
                Body::While { condition: self.list(&clause.0)?, body: self.list(&clause.1.list)? }
            }
            ast::CompoundCommand::Coprocess(clause) => {
                Body::Coprocess(Box::new(self.command(&clause.body)?))
            }
            ast::CompoundCommand::Arithmetic(_) => {
                return Err(Error::Syntax("that the grammar cannot place".to_owned()));
            }
        })
    }

    /// The loop variable stands right behind `for`.
    fn variable(&mut self, clause: &ast::ForClauseCommand) -> String {
        match self.tokens.get(clause.loc.start.index + 1) {
            Some(Token::Word(word)) => word.raw.clone(),
            _ => String::new(),
        }
    }

    /// The expressions of `for ((…))` stand in one word behind `for ( (`.
    fn header(&mut self, clause: &ast::ArithmeticForClauseCommand) -> Vec<Word> {
        match self.tokens.get_mut(clause.loc.start.index + 3) {
            Some(Token::Word(word)) => vec![std::mem::take(word)],
            _ => Vec::new(),
        }
    }

    fn redirects(&mut self, list: Option<&ast::RedirectList>) -> Result<Vec<Redirect>, Error> {
        let mut out = Vec::new();
        for redirect in list.iter().flat_map(|list| &list.0) {
            out.extend(self.redirect(redirect)?);
        }
        Ok(out)
    }

    fn redirect(&mut self, redirect: &ast::IoRedirect) -> Result<Option<Redirect>, Error> {
        Ok(Some(match redirect {
            ast::IoRedirect::File(fd, kind, target) => {
                let word = match target {
                    ast::IoFileRedirectTarget::Filename(word)
                    | ast::IoFileRedirectTarget::Duplicate(word) => self.word(word)?,
                    _ => return Ok(None),
                };
                let kind = match kind {
                    ast::IoFileRedirectKind::Read => RedirectKind::Read(word),
                    ast::IoFileRedirectKind::Append => RedirectKind::Append(word),
                    ast::IoFileRedirectKind::DuplicateInput => RedirectKind::DuplicateInput(word),
                    ast::IoFileRedirectKind::DuplicateOutput => RedirectKind::DuplicateOutput(word),
                    ast::IoFileRedirectKind::Write
                    | ast::IoFileRedirectKind::Clobber
                    | ast::IoFileRedirectKind::ReadAndWrite => RedirectKind::Write(word),
                };
                Redirect { fd: *fd, kind }
            }
            ast::IoRedirect::HereDocument(fd, document) => {
                Redirect { fd: *fd, kind: RedirectKind::Text(self.word(&document.doc)?) }
            }
            ast::IoRedirect::HereString(fd, word) => {
                let mut word = self.word(word)?;
                let newline = super::Part::Text { bytes: b"\n".to_vec(), quoted: true };
                word.parts.push(newline);
                Redirect { fd: *fd, kind: RedirectKind::Text(word) }
            }
            ast::IoRedirect::OutputAndError(word, append) => {
                let word = self.word(word)?;
                let kind =
                    if *append { RedirectKind::Append(word) } else { RedirectKind::Write(word) };
                Redirect { fd: None, kind }
            }
        }))
    }
}
