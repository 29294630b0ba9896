//! The calls and texts of a program in JavaScript, of its tree.

use super::{Argument, MAX_DEPTH, PRINTING, Program};
use crate::invocation::HOLE;
use crate::parse::javascript::Expr;

/// Names in front of a call's own that are kept.
const MAX_NAMES: usize = 400;

impl Program {
    /// Takes a piece and what is in it; `printed` says whether people read it.
    pub(super) fn expr(&mut self, expr: &Expr, printed: bool) {
        let mut prints = printed;
        match expr {
            Expr::Name(name) | Expr::Member(_, name) | Expr::Bound(name) | Expr::Bind(name, _) => {
                self.word(name);
            }
            Expr::Text(text) => self.text(text, printed),
            Expr::Template(texts, _) => self.text(&texts.join(HOLE), printed),
            Expr::Call(callee, arguments) | Expr::New(callee, arguments) => {
                let given = arguments.iter().map(|it| argument(it, 0)).collect();
                let mut path = path(callee);
                if let Some(name) = path.pop() {
                    prints |= PRINTING.contains(&name.to_lowercase().as_str());
                    path.reverse();
                    self.called(path, &name, given);
                }
            }
            // `import './x.js'`, `import('./x.js')`
            Expr::Other(parts) if parts.first() == Some(&Expr::Name("import".to_owned())) => {
                if let Some(Expr::Text(text)) = parts.last() {
                    self.called(Vec::new(), "import", vec![Argument::Text(text.clone())]);
                }
            }
            Expr::Tagged(parts) => {
                if let [tag, template] = parts.as_slice() {
                    let name = path(tag).pop().unwrap_or_default();
                    self.called(Vec::new(), &name, vec![argument(template, 0)]);
                }
            }
            _ => {}
        }
        expr.parts().into_iter().for_each(|part| self.expr(part, prints));
    }
}

/// A name and what it is called on, outermost first.
fn path(callee: &Expr) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = callee;
    while path.len() < MAX_NAMES {
        at = match at {
            Expr::Member(object, name) => {
                path.push(name.clone());
                object
            }
            Expr::Call(callee, _) | Expr::New(callee, _) | Expr::Index(callee, _) => callee,
            Expr::Name(name) => {
                path.push(name.clone());
                break;
            }
            _ => break,
        };
    }
    path.reverse();
    path
}

fn argument(expr: &Expr, depth: usize) -> Argument {
    if depth > MAX_DEPTH {
        return Argument::Computed;
    }
    match expr {
        Expr::Text(text) => Argument::Text(text.clone()),
        Expr::Template(texts, _) => Argument::Text(texts.join(HOLE)),
        Expr::Array(parts) => {
            Argument::List(parts.iter().map(|part| argument(part, depth + 1)).collect())
        }
        Expr::Object(entries) => Argument::Entries(
            entries
                .iter()
                .map(|(key, value)| match key {
                    Some(key) => Argument::Named(key.clone(), Box::new(argument(value, depth + 1))),
                    None => Argument::Computed,
                })
                .collect(),
        ),
        Expr::Word(word) => Argument::Word(word.clone()),
        _ => Argument::Computed,
    }
}
