//! A justfile's expressions, parameters and needs, from tokens. Evaluates nothing.

use super::lexer::Token;
use super::{Expr, MAX_DEPTH, Need, Parameter};

pub(super) struct Parser<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) depth: usize,
}

impl Parser<'_> {
    pub(super) fn take(&mut self, sign: &str) -> bool {
        match self.tokens.split_first() {
            Some((Token::Sign(found), rest)) if *found == sign => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) fn name(&mut self) -> Option<String> {
        match self.tokens.split_first() {
            Some((Token::Name(name), rest)) => {
                self.tokens = rest;
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// Values joined by `+` and `/`; any other operator makes it unknown.
    pub(super) fn expression(&mut self) -> Expr {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.tokens = &[];
            return Expr::Unknown;
        }
        let mut parts = vec![self.operand()];
        loop {
            if self.take("+") {
                parts.push(self.operand());
            } else if self.take("/") {
                parts.push(Expr::Text("/".to_owned()));
                parts.push(self.operand());
            } else if ["&&", "||"].iter().any(|sign| self.take(sign)) {
                let _ = self.operand();
                parts.push(Expr::Unknown);
            } else {
                break;
            }
        }
        self.depth -= 1;
        match parts.len() {
            1 => parts.pop().unwrap_or(Expr::Unknown),
            _ => Expr::Join(parts),
        }
    }

    fn operand(&mut self) -> Expr {
        if self.take("(") {
            let inside = self.expression();
            return if self.take(")") { inside } else { Expr::Unknown };
        }
        if self.take("/") {
            return Expr::Join(vec![Expr::Text("/".to_owned()), self.operand_deeper()]);
        }
        let Some((first, rest)) = self.tokens.split_first() else { return Expr::Unknown };
        self.tokens = rest;
        match first {
            Token::Text(text) => Expr::Text(text.clone()),
            Token::Name(name) if name == "if" || name == "assert" => {
                self.tokens = &[];
                Expr::Unknown
            }
            Token::Name(name) if self.take("(") => {
                let mut words = Vec::new();
                while !self.take(")") {
                    if self.tokens.is_empty() {
                        return Expr::Unknown;
                    }
                    words.push(self.expression());
                    if !self.take(",") && !matches!(self.tokens.first(), Some(Token::Sign(")"))) {
                        self.tokens = &[];
                        return Expr::Unknown;
                    }
                }
                Expr::Call(name.clone(), words)
            }
            Token::Name(name) => Expr::Name(name.clone()),
            Token::Unknown | Token::Sign(_) => Expr::Unknown,
        }
    }

    fn operand_deeper(&mut self) -> Expr {
        self.depth += 1;
        let found = if self.depth > MAX_DEPTH { Expr::Unknown } else { self.operand() };
        self.depth = self.depth.saturating_sub(1);
        found
    }

    /// A recipe's parameters, its colon taken.
    pub(super) fn parameters(&mut self) -> Vec<Parameter> {
        let mut found = Vec::new();
        while !self.tokens.is_empty() && !self.take(":") {
            let rest = self.take("+") || self.take("*");
            let exported = self.take("$");
            match self.name() {
                Some(name) => {
                    let default = self.take("=").then(|| self.operand());
                    found.push(Parameter { name, default, rest, exported });
                }
                None => self.tokens = self.tokens.get(1..).unwrap_or_default(),
            }
        }
        found
    }

    /// The recipes that a recipe runs.
    pub(super) fn needs(&mut self) -> Vec<Need> {
        let mut found = Vec::new();
        while !self.tokens.is_empty() {
            if self.take("(") {
                if let Some(name) = self.path() {
                    let mut words = Vec::new();
                    while !self.tokens.is_empty() && !self.take(")") {
                        words.push(self.expression());
                    }
                    found.push(Need { name, words });
                }
            } else if let Some(name) = self.path() {
                found.push(Need { name, words: Vec::new() });
            } else {
                self.tokens = self.tokens.get(1..).unwrap_or_default();
            }
        }
        found
    }

    /// `name` or `module::name`.
    pub(super) fn path(&mut self) -> Option<String> {
        let mut name = self.name()?;
        while self.take("::") {
            name.push_str("::");
            name.push_str(&self.name()?);
        }
        Some(name)
    }
}
