//! What a configuration file says literally about a database, whatever
//! language it is written in: the keys with a text behind them, and the
//! variables that it names. Python, Ruby, PHP, HCL, JSON and Prisma's own, and
//! JavaScript that its grammar does not know, by their common tokens ([`code`]);
//! YAML, INI, TOML and properties by their lines ([`lines`]). Nothing is run and
//! nothing is looked up.

mod code;
mod lines;

pub use code::of_code;
pub use lines::of_lines;

/// What stands behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A text.
    Text(String),
    /// A variable of the environment.
    Variable(String),
    /// A text that is put together when the file runs.
    Computed,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The blocks around it, outermost first: `production`, `connection`.
    pub path: Vec<String>,
    /// The key in lower case; empty where a text or variable stands alone.
    pub key: String,
    /// What stands there.
    pub said: Said,
}

/// The most findings that are kept.
pub(super) const MAX_PAIRS: usize = 2_000;

/// How deep blocks may be.
pub(super) const MAX_DEPTH: usize = 16;

/// A text, unless it is put together: a template, an f-string, `%(x)s`.
pub(super) fn text_said(text: &str) -> Said {
    let Some((_, inside)) = text.split_once("${") else {
        let interpolated = text.contains("#{") || text.contains("%(") || text.contains("{{");
        let format = text.contains("://") && text.contains('{');
        return if interpolated || format { Said::Computed } else { Said::Text(text.to_owned()) };
    };
    // A template that is one variable and nothing else.
    match inside.strip_suffix('}').and_then(|inside| inside.strip_prefix("process.env.")) {
        Some(name) if text.starts_with("${") && is_name(name) => Said::Variable(name.to_owned()),
        _ => Said::Computed,
    }
}

/// Functions and maps that give a variable of the environment.
pub(super) fn is_getter(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or(word);
    matches!(word, "process.env" | "Deno.env.get" | "import.meta.env" | "ENV" | "ENV.fetch")
        || matches!(
            last,
            "env" | "getenv" | "environ" | "requireEnv" | "db_url" | "get_env" | "fetch_env"
        )
        || word.ends_with("environ.get")
        || word.starts_with("env.")
        || word == "config"
}

pub(super) fn is_name(text: &str) -> bool {
    let upper = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    !text.is_empty() && text.chars().all(|letter| upper(letter) || letter == '_')
}

#[cfg(test)]
mod tests;
