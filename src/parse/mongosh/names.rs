//! What the names of a script stand for, as far as its text shows it: those
//! that get one value, the functions, and the places that it names anywhere.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use crate::parse::javascript::Expr;

/// The most places that are remembered.
const MAX_PLACES: usize = 16;

/// A name's values.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held<'e> {
    One(&'e Expr),
    /// Several, or one that the text does not show.
    Many,
}

/// The names of a script.
#[derive(Debug, Default)]
pub struct Names<'e> {
    held: BTreeMap<&'e str, Held<'e>>,
    /// Whether which database `db` is changes in ways that are not followed: in
    /// a loop or function, or as a parameter's name.
    pub moves: bool,
    /// The texts and keys in it.
    pub texts: BTreeSet<&'e str>,
    /// The servers and databases that it names.
    pub places: Vec<Place>,
}

impl<'e> Names<'e> {
    /// The names in a script's pieces.
    pub fn of(body: &'e [Expr]) -> Names<'e> {
        let mut names = Names::default();
        body.iter().for_each(|expr| names.take(expr, false));
        names
    }

    fn take(&mut self, expr: &'e Expr, repeated: bool) {
        match expr {
            Expr::Bound(name) => {
                self.moves |= name == "db";
                self.held.insert(name, Held::Many);
            }
            Expr::Bind(name, value) => {
                self.moves |= repeated && name == "db";
                let held = match self.held.get(name.as_str()) {
                    None => Held::One(value),
                    Some(_) => Held::Many,
                };
                self.held.insert(name, held);
            }
            Expr::Text(text) => {
                self.texts.insert(text);
                if text.starts_with("mongodb://") || text.starts_with("mongodb+srv://") {
                    self.place(Place { server: Some(text.clone()), database: None });
                }
            }
            Expr::Object(entries) => {
                self.texts.extend(entries.iter().filter_map(|(key, _)| key.as_deref()));
            }
            Expr::Call(callee, arguments) => {
                if let (Expr::Member(_, name) | Expr::Name(name), Some(Expr::Text(database))) =
                    (&**callee, arguments.first())
                    && matches!(name.as_str(), "getSiblingDB" | "getDB" | "use")
                {
                    self.moves |= repeated && name == "use";
                    self.place(Place { server: None, database: Some(database.clone()) });
                }
            }
            _ => {}
        }
        let repeated = repeated || matches!(expr, Expr::Function(_) | Expr::Loop(_));
        expr.parts().into_iter().for_each(|part| self.take(part, repeated));
    }

    fn place(&mut self, place: Place) {
        if !self.places.contains(&place) && self.places.len() < MAX_PLACES {
            self.places.push(place);
        }
    }

    /// The only value that a name gets.
    pub fn value(&self, name: &str) -> Option<&'e Expr> {
        match self.held.get(name) {
            Some(Held::One(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether a name is one function of the script's own.
    pub fn is_function(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Expr::Function(_)))
    }

    /// The text that an expression is, a name's value included.
    pub fn text<'t>(&self, expr: Option<&'t Expr>) -> Option<&'t str>
    where
        'e: 't,
    {
        match expr? {
            Expr::Text(text) => Some(text),
            Expr::Name(name) => match self.value(name)? {
                Expr::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}
