//! Tokens → whether each of them is one of a program that only queries and
//! prints. The order of names counts, not the grammar: what is no such program
//! may pass only if no framework would run it.

use super::Language;
use super::lex::Token;
use super::words::{Words, has, is_column, is_relation};
use crate::action::{Effect, Flag};
use crate::parse::sql;

/// Whether they are all of that kind.
pub(super) fn only_reads(tokens: &[Token], words: &Words) -> bool {
    let mut check = Check {
        tokens,
        words,
        locals: Vec::new(),
        blocks: Vec::new(),
        braces: 0,
        around: Vec::new(),
        statement: None,
    };
    check.comprehensions();
    check.run().is_some()
}

/// Variables that the parameters of a block made, to its end.
struct Block {
    /// How many names there were in front of it.
    locals: usize,
    /// The braces that were open in front of it; none for `do … end`.
    braces: Option<usize>,
}

struct Check<'a> {
    tokens: &'a [Token],
    words: &'a Words,
    locals: Vec<String>,
    blocks: Vec<Block>,
    braces: usize,
    /// The names in front of the brackets that are open.
    around: Vec<Option<&'a str>>,
    /// Where a text stands that was read as a whole statement.
    statement: Option<usize>,
}

impl<'a> Check<'a> {
    fn at(&self, at: usize) -> Option<&'a Token> {
        self.tokens.get(at)
    }

    fn before(&self, at: usize) -> Option<&'a Token> {
        self.at(at.checked_sub(1)?)
    }

    fn op(&self, at: usize) -> &'static str {
        match self.at(at) {
            Some(Token::Op(op)) => op,
            _ => "",
        }
    }

    /// The mark in front of `at`, a line's end being none.
    fn op_before(&self, at: usize) -> &'static str {
        at.checked_sub(1).map_or("", |at| self.op(at))
    }

    /// Python's `x for x in …` uses a name in front of where it is made. A
    /// name alone does nothing there, whatever it stands for.
    fn comprehensions(&mut self) {
        if self.words.language != Language::Python {
            return;
        }
        let mut loops = false;
        for token in self.tokens {
            match token {
                Token::Name(name) if name == "for" => loops = true,
                Token::Name(name) if name == "in" => loops = false,
                Token::Name(name) if loops && is_local(name) => self.locals.push(name.clone()),
                _ => {}
            }
        }
    }

    fn run(&mut self) -> Option<()> {
        let mut at = 0;
        while let Some(token) = self.at(at) {
            at = match token {
                Token::Name(name) => self.name(at, name)?,
                Token::Op(op) => self.mark(at, op)?,
                // `{ a: }` is `{ a: a() }`.
                Token::Key => match self.at(at + 1)? {
                    Token::Line | Token::Op(")" | "]" | "}" | ",") => return None,
                    _ => at + 1,
                },
                // `$f(…)`, `'f'(…)`
                Token::Variable | Token::Number | Token::Symbol if self.op(at + 1) == "(" => {
                    return None;
                }
                Token::Text(text) => self.text(at, text.as_deref())?,
                Token::Variable | Token::Number | Token::Symbol | Token::Line => at + 1,
            };
        }
        Some(())
    }

    fn mark(&mut self, at: usize, op: &'static str) -> Option<usize> {
        let language = self.words.language;
        let front = self.op_before(at);
        match op {
            "(" | "[" | "{" => {
                // What is called is a name.
                if op == "(" && matches!(front, ")" | "]" | "}") {
                    return None;
                }
                self.around.push(match self.before(at) {
                    Some(Token::Name(name)) => Some(name),
                    _ => None,
                });
                self.braces += usize::from(op == "{");
                if op == "{" && self.op(at + 1) == "|" {
                    return self.parameters(at + 1, Some(self.braces - 1));
                }
            }
            ")" | "]" | "}" => {
                self.around.pop();
                if op == "}" {
                    self.braces = self.braces.checked_sub(1)?;
                    self.leave(|block, braces| block.braces == Some(braces));
                }
            }
            "=" => {
                // Only a variable of its own, or an argument's name, gets a value.
                match self.before(at)? {
                    Token::Variable => {}
                    Token::Name(_) if !self.is_member(at - 1) => {}
                    _ => return None,
                }
            }
            "+=" | "-=" => match self.before(at)? {
                Token::Variable => {}
                Token::Name(_) if !self.is_member(at - 1) => {}
                _ => return None,
            },
            "." if language == Language::Php => {}
            "." | "&." | "->" | "?->" | "::" => match self.at(at + 1)? {
                Token::Name(_) => {}
                _ => return None,
            },
            "<<" | ">>" => return None,
            // A block by a method's name: the name is looked at by itself.
            "&" if language == Language::Ruby => match (front, self.at(at + 1)?) {
                ("(" | ",", Token::Name(_)) => {}
                _ => return None,
            },
            "&" | "|" | "~" if language == Language::Python => {}
            "&" | "|" | "~" => return None,
            _ => {}
        }
        Some(at + 1)
    }

    /// Ends blocks that were opened at a place.
    fn leave(&mut self, ends: impl Fn(&Block, usize) -> bool) {
        while let Some(block) = self.blocks.last().filter(|block| ends(block, self.braces)) {
            self.locals.truncate(block.locals);
            self.blocks.pop();
        }
    }

    /// A block's parameters: `|a, b|`.
    fn parameters(&mut self, at: usize, braces: Option<usize>) -> Option<usize> {
        if self.words.language != Language::Ruby {
            return None;
        }
        self.blocks.push(Block { locals: self.locals.len(), braces });
        let mut at = at + 1;
        loop {
            match self.at(at)? {
                Token::Name(name) if is_local(name) => self.locals.push(name.clone()),
                Token::Op("," | "(" | ")") => {}
                Token::Op("|") => return Some(at + 1),
                _ => return None,
            }
            at += 1;
        }
    }

    /// Whether the name at `at` is a member of what stands in front of it.
    fn is_member(&self, at: usize) -> bool {
        match self.op_before(at) {
            "." => self.words.language != Language::Php,
            "->" | "?->" | "&." | "::" => true,
            "&" => self.words.language == Language::Ruby,
            _ => false,
        }
    }

    fn name(&mut self, at: usize, name: &'a str) -> Option<usize> {
        let words = self.words;
        let called = self.op(at + 1) == "(";
        if self.is_member(at) {
            // `A::B`
            if is_constant(name) && self.op_before(at) == "::" {
                return self.constant(at);
            }
            let reads = has(words.methods, name) || (!called && is_column(name));
            if has(words.statements, name) && self.is_statement(at) {
                self.statement = Some(self.statement(at)?);
                return Some(at + 1);
            }
            return (reads || self.is_relation(at, name)).then_some(at + 1);
        }
        if has(words.imports, name) {
            return self.import(at);
        }
        if has(words.keywords, name) {
            return self.keyword(at, name);
        }
        if has(words.calls, name) {
            // PHP's functions are called or are texts.
            let named = words.language != Language::Php || called;
            return named.then_some(at + 1);
        }
        if is_constant(name) {
            return self.constant(at);
        }
        if self.op(at + 1) == "=" && is_local(name) {
            self.locals.push(name.to_owned());
            return Some(at + 1);
        }
        let follows = match self.at(at + 1) {
            None | Some(Token::Line) => true,
            Some(Token::Op(op)) => !matches!(*op, "(" | "{" | "->"),
            Some(Token::Name(next)) => has(words.keywords, next),
            _ => false,
        };
        (follows && self.locals.iter().any(|local| local == name)).then_some(at + 1)
    }

    /// Whether a name without arguments is a relation's by its look, and by
    /// what is called on it.
    fn is_relation(&self, at: usize, name: &str) -> bool {
        let php = self.words.language == Language::Php;
        let called = php && self.op(at + 1) == "(" && self.op(at + 2) == ")";
        let next = at + if called { 4 } else { 2 };
        let Some(Token::Name(method)) = self.at(next) else { return false };
        is_relation(name) && self.is_member(next) && has(self.words.on_relations, method)
    }

    /// A model, a module, another class: what is done with it follows.
    fn constant(&self, at: usize) -> Option<usize> {
        let Some(Token::Name(name)) = self.at(at) else { return None };
        match self.at(at + 1) {
            Some(Token::Op("(")) => has(self.words.classes, name).then_some(at + 1),
            Some(Token::Op("[" | "{")) => None,
            Some(Token::Name(next)) => has(self.words.keywords, next).then_some(at + 1),
            Some(Token::Text(_) | Token::Number | Token::Symbol | Token::Variable | Token::Key) => {
                None
            }
            _ => Some(at + 1),
        }
    }

    fn keyword(&mut self, at: usize, name: &str) -> Option<usize> {
        let python = self.words.language == Language::Python;
        match name {
            "for" => {
                let mut at = at + 1;
                loop {
                    match self.at(at)? {
                        Token::Name(name) if name == "in" => return Some(at + 1),
                        Token::Name(name) if is_local(name) => self.locals.push(name.clone()),
                        Token::Op("," | "(" | ")") => {}
                        // PHP's `for (…;…;…)`
                        _ => return None,
                    }
                    at += 1;
                }
            }
            // `with connection.cursor() as c`, `except ValueError as e`
            "as" if python => match self.at(at + 1)? {
                Token::Name(name) if is_local(name) && self.op(at + 2) == ":" => {
                    self.locals.push(name.clone());
                    Some(at + 2)
                }
                _ => None,
            },
            "do" if self.op(at + 1) == "|" => self.parameters(at + 1, None),
            "end" => {
                if let Some(block) = self.blocks.pop() {
                    self.locals.truncate(block.locals);
                }
                Some(at + 1)
            }
            _ => Some(at + 1),
        }
    }

    /// `from shop.models import User, Order`, `import json`, `use App\Models\User;`
    fn import(&mut self, at: usize) -> Option<usize> {
        let line = self.tokens.get(at..)?;
        let end = line.iter().position(|token| *token == Token::Line).unwrap_or(line.len());
        let line = line.get(..end)?;
        let names = line.iter().filter_map(|token| match token {
            Token::Name(name) => Some(Some(name.as_str())),
            Token::Op("." | "," | "(" | ")" | "*") => None,
            _ => Some(None),
        });
        let names = names.collect::<Option<Vec<&str>>>()?;
        match self.words.language {
            Language::Php => match names.as_slice() {
                ["use", path] => is_constant(path.rsplit('\\').next()?).then_some(at + end),
                _ => None,
            },
            Language::Python => {
                let plain = match names.as_slice() {
                    ["import", modules @ ..] => modules,
                    ["from", rest @ ..] => {
                        let at = rest.iter().position(|name| *name == "import")?;
                        let (module, names) = rest.split_at_checked(at)?;
                        let models = module.contains(&"models");
                        if !models && !has(self.words.modules, module.first()?) {
                            return None;
                        }
                        names.get(1..)?
                    }
                    _ => return None,
                };
                for name in plain {
                    match has(self.words.modules, name) || has(self.words.functions, name) {
                        true => self.locals.push((*name).to_owned()),
                        false if is_constant(name) && names.first() == Some(&"from") => {}
                        false => return None,
                    }
                }
                Some(at + end)
            }
            Language::Ruby => None,
        }
    }

    /// Whether what is called at `at` takes a whole statement: PHP's `select`
    /// does only on the facade.
    fn is_statement(&self, at: usize) -> bool {
        self.words.language != Language::Php
            || at.checked_sub(2).and_then(|at| self.at(at)).is_some_and(|front| {
                matches!(front, Token::Name(name) if name == "DB" || name.ends_with("\\DB"))
            })
    }

    /// Where the statement stands that a call is given, if that only reads.
    fn statement(&self, at: usize) -> Option<usize> {
        let at = if self.op(at + 1) == "(" { at + 2 } else { at + 1 };
        let ends = matches!(self.at(at + 1), None | Some(Token::Line | Token::Op(")" | ",")));
        match self.at(at) {
            Some(Token::Text(Some(text))) => (ends && reads(text)).then_some(at),
            _ => None,
        }
    }

    /// A text where a piece of SQL is asked for may not hold more than that.
    fn text(&mut self, at: usize, text: Option<&str>) -> Option<usize> {
        if self.op(at + 1) == "(" {
            return None;
        }
        if self.statement == Some(at) {
            return Some(at + 1);
        }
        let asked = match self.before(at) {
            Some(Token::Name(name)) => Some(name.as_str()),
            _ => self.around.last().copied().flatten(),
        };
        if asked.is_some_and(|name| has(self.words.callbacks, name)) {
            return None;
        }
        if asked.is_some_and(|name| has(self.words.pieces, name)) {
            let text = text?;
            let odd = text.contains(';') || text.contains("--") || text.contains("/*");
            if odd || (text.contains('(') && !reads(&format!("SELECT {text}"))) {
                return None;
            }
        }
        Some(at + 1)
    }
}

/// Whether all statements of a text read.
fn reads(text: &str) -> bool {
    let statements = sql::read(text.as_bytes());
    !statements.is_empty()
        && statements.iter().all(|it| it.effect == Effect::Read && !it.flags.has(Flag::Opaque))
}

/// Whether a name is a class's or module's, as these languages write them.
fn is_constant(name: &str) -> bool {
    name.rsplit('\\')
        .next()
        .is_some_and(|last| last.starts_with(|it: char| it.is_ascii_uppercase()))
}

/// Whether a name may be a variable's.
fn is_local(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_') && !name.ends_with('?')
}
