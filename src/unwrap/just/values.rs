//! What a justfile's expressions come to, as far as they are plain text.

use super::{Just, Values};
use crate::invocation::{COMPUTED, HOLE};
use crate::parse::justfile::Expr;

/// How deep values may refer to one another.
const MAX_DEPTH: usize = 16;

/// The longest value.
const MAX_VALUE: usize = 64 * 1024;

impl Just<'_> {
    /// An expression's text, with a hole for what is not known.
    pub(super) fn value(&self, expr: &Expr, values: &Values, depth: usize) -> String {
        if depth > MAX_DEPTH {
            return HOLE.to_owned();
        }
        let text = match expr {
            Expr::Text(text) => text.clone(),
            Expr::Join(parts) => {
                let parts = parts.iter().map(|part| self.value(part, values, depth + 1));
                parts.take(64).collect()
            }
            Expr::Name(name) => {
                let own = self.file.variables.iter().find(|variable| variable.name == *name);
                match (values.get(name).or_else(|| self.given.get(name)), own) {
                    (Some(value), _) => value.clone(),
                    (None, Some(own)) => self.value(&own.value, &Values::new(), depth + 1),
                    (None, None) => HOLE.to_owned(),
                }
            }
            Expr::Call(name, words) => self.function(name, words, values, depth),
            Expr::Unknown => HOLE.to_owned(),
        };
        if text.len() > MAX_VALUE { HOLE.to_owned() } else { text }
    }

    fn function(&self, name: &str, words: &[Expr], values: &Values, depth: usize) -> String {
        let mut given = words.iter().map(|word| self.value(word, values, depth + 1));
        match name {
            "env_var" | "env_var_or_default" | "env" => {
                let name = given.next().unwrap_or_default();
                let found = self.call.context.var(&name);
                match found {
                    Some(value) if value != COMPUTED => value.to_string_lossy().into_owned(),
                    Some(_) => HOLE.to_owned(),
                    None => given.next().unwrap_or_else(|| HOLE.to_owned()),
                }
            }
            "quote" => {
                let word = given.next().unwrap_or_default();
                match word.contains(HOLE) {
                    true => word,
                    false => format!("'{}'", word.replace('\'', "'\\''")),
                }
            }
            "justfile_directory" | "justfile_dir" | "invocation_directory" => {
                self.folder.to_string_lossy().into_owned()
            }
            "trim" => given.next().unwrap_or_default().trim().to_owned(),
            _ => HOLE.to_owned(),
        }
    }
}
