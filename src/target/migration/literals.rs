//! What a configuration file says literally about a database, whatever
//! language it is written in: the keys with a text behind them, and the
//! variables that it names. Python, Ruby, PHP, HCL, JSON and Prisma's own, and
//! JavaScript that its grammar does not know, by their common tokens; YAML, INI, TOML and
//! properties by their lines. Nothing is run and nothing is looked up.

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

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Splits a program's text into words, texts and marks; comments are left
/// out. `hash` says whether `#` begins one.
fn tokens(text: &str, hash: bool) -> Vec<Token> {
    let mut out = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\'' | '`' => {
                let mut inside = String::new();
                while let Some(next) = letters.next() {
                    match next {
                        '\\' => inside.extend(letters.next()),
                        next if next == letter => break,
                        // A quote that is not closed ends with its line.
                        '\n' if letter != '`' => break,
                        next => inside.push(next),
                    }
                }
                out.push(Token::Text(inside));
            }
            '#' if hash => while letters.next_if(|next| *next != '\n').is_some() {},
            '/' if letters.peek() == Some(&'/') => {
                while letters.next_if(|next| *next != '\n').is_some() {}
            }
            '/' if letters.peek() == Some(&'*') => {
                letters.next();
                let mut last = ' ';
                for next in letters.by_ref() {
                    if last == '*' && next == '/' {
                        break;
                    }
                    last = next;
                }
            }
            letter if is_word(letter) => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| is_word(*next) || *next == '.') {
                    word.push(next);
                }
                out.push(Token::Word(word));
            }
            letter if letter.is_whitespace() => {}
            letter => out.push(Token::Mark(letter)),
        }
    }
    out
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// What the text of a program says. `hash` says whether `#` begins a comment.
pub fn of_code(text: &str, hash: bool) -> Vec<Pair> {
    let tokens = tokens(text, hash);
    let mut out: Vec<Pair> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if out.len() >= MAX_PAIRS {
            break;
        }
        match token {
            Token::Mark('{' | '[') => {
                if path.len() < MAX_DEPTH {
                    path.push(block_name(&tokens, at));
                }
            }
            Token::Mark('}' | ']') => {
                path.pop();
            }
            Token::Word(_) | Token::Text(_) => {
                let (said, length) = said_at(&tokens, at);
                // A text in front of a colon is a key itself.
                let is_key = matches!(tokens.get(at + 1), Some(Token::Mark(':' | '=')))
                    && matches!(token, Token::Text(_));
                if let Some(said) = said.filter(|_| !is_key) {
                    out.push(Pair { path: path.clone(), key: key_before(&tokens, at), said });
                    at += length;
                    continue;
                }
            }
            Token::Mark(_) => {}
        }
        at += 1;
    }
    out
}

/// The words in front of an opening bracket: `production: {`, `datasource db {`.
fn block_name(tokens: &[Token], at: usize) -> String {
    let mut back = tokens
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .filter(|token| !matches!(token, Token::Mark(':' | '=' | '>' | '(')));
    match (back.next(), back.next()) {
        (Some(Token::Text(name) | Token::Word(name)), Some(Token::Word(kind)))
            if matches!(kind.as_str(), "datasource" | "env" | "generator") =>
        {
            format!("{kind} {name}")
        }
        (Some(Token::Text(name) | Token::Word(name)), _) => name.clone(),
        _ => String::new(),
    }
}

/// The key that the value at `at` belongs to, in lower case.
fn key_before(tokens: &[Token], at: usize) -> String {
    let mut back = tokens.get(..at).unwrap_or_default().iter().rev().peekable();
    let mut marks = 0;
    while matches!(back.peek(), Some(Token::Mark(':' | '=' | '>' | '(' | '?' | '|' | '!')))
        && marks < 4
    {
        back.next();
        marks += 1;
    }
    match back.next() {
        Some(Token::Word(key)) if marks > 0 => {
            key.rsplit('.').next().unwrap_or_default().to_lowercase()
        }
        Some(Token::Text(key)) if marks > 0 && key.len() < 64 => key.to_lowercase(),
        _ => String::new(),
    }
}

/// What is said at `at`, and how many tokens it takes.
fn said_at(tokens: &[Token], at: usize) -> (Option<Said>, usize) {
    match tokens.get(at) {
        Some(Token::Text(text)) => (Some(text_said(text)), 1),
        Some(Token::Word(word)) => {
            for prefix in ["process.env.", "import.meta.env.", "Bun.env."] {
                if let Some(name) = word.strip_prefix(prefix) {
                    return (Some(Said::Variable(name.to_owned())), 1);
                }
            }
            // `settings.DATABASE_URL`: a settings object that is filled from
            // the variable of that name.
            if let Some((_, name)) = word.rsplit_once('.') {
                let url = ["URL", "URI", "DSN"].iter().any(|ending| name.ends_with(ending));
                if url && is_name(name) {
                    return (Some(Said::Variable(name.to_owned())), 1);
                }
            }
            // Elixir's `System.fetch_env!(`.
            let at = at + usize::from(matches!(tokens.get(at + 1), Some(Token::Mark('!'))));
            let call = matches!(tokens.get(at + 1), Some(Token::Mark('(' | '[')));
            match tokens.get(at + 2) {
                Some(Token::Text(name)) if call && is_getter(word) && is_name(name) => {
                    // The bracket behind it is no block's end.
                    let bracket = matches!(tokens.get(at + 1), Some(Token::Mark('[')));
                    (Some(Said::Variable(name.clone())), if bracket { 4 } else { 3 })
                }
                _ => (None, 1),
            }
        }
        _ => (None, 1),
    }
}

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

/// What the lines of an INI, TOML, properties or plain YAML file say.
pub fn of_lines(text: &str) -> Vec<Pair> {
    let mut out: Vec<Pair> = Vec::new();
    let mut section = String::new();
    // YAML's blocks: the indentation of each and its name.
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut anchors: Vec<(String, String)> = Vec::new();
    for line in text.lines().take(10_000) {
        let body = line.trim();
        if body.is_empty() || body.starts_with(['#', ';', '!']) || out.len() >= MAX_PAIRS {
            continue;
        }
        if let Some(name) = body.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            name.0.trim_matches('[').trim().clone_into(&mut section);
            blocks.clear();
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        while blocks.last().is_some_and(|(depth, _)| *depth >= indent) {
            blocks.pop();
        }
        let equals = body.find('=').unwrap_or(usize::MAX);
        let colon = body.find(':').unwrap_or(usize::MAX);
        let Some((key, value)) = body.split_at_checked(equals.min(colon)) else { continue };
        let key = key.trim().trim_matches(['"', '\'']);
        let value = value.get(1..).unwrap_or_default().trim();
        let path = || -> Vec<String> {
            let own = blocks.iter().map(|(_, name)| name.clone());
            (!section.is_empty()).then(|| section.clone()).into_iter().chain(own).collect()
        };
        if key == "<<" {
            let anchor = value.trim_start_matches('*');
            let from = anchors.iter().find(|(name, _)| name == anchor).map(|(_, at)| at.clone());
            let copied: Vec<Pair> = out
                .iter()
                .filter(|pair| pair.path.first() == from.as_ref() && from.is_some())
                .map(|pair| Pair { path: path(), ..pair.clone() })
                .collect();
            out.extend(copied);
            continue;
        }
        if value.is_empty() || value.starts_with('&') {
            if let Some(anchor) = value.strip_prefix('&') {
                anchors.push((anchor.to_owned(), key.to_owned()));
            }
            if blocks.len() < MAX_DEPTH {
                blocks.push((indent, key.to_owned()));
            }
            continue;
        }
        let pair = Pair { path: path(), key: key.to_lowercase(), said: line_said(value) };
        out.push(pair);
    }
    out
}

/// What stands behind a key on its line.
fn line_said(value: &str) -> Said {
    if value.contains("<%") {
        let inside = value.split_once("<%").map_or(value, |(_, inside)| inside);
        let names: Vec<Pair> = of_code(inside, false);
        let variable = names.into_iter().find(|pair| matches!(pair.said, Said::Variable(_)));
        return variable.map_or(Said::Computed, |pair| pair.said);
    }
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            value.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default()
        }
        _ => value.split(" #").next().unwrap_or_default().trim(),
    };
    let wrapped = ["${env.", "${env:", "${", "%env(resolve:", "%env(", "%%"]
        .iter()
        .find_map(|start| value.strip_prefix(start));
    if let Some(name) = wrapped {
        let name = name.trim_end_matches(['}', ')', '%']);
        if is_name(name) {
            return Said::Variable(name.to_owned());
        }
    }
    match value.contains("${") || value.contains("%(") || value.contains("{{") {
        true => Said::Computed,
        false => Said::Text(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(pairs: &[Pair], path: &str, key: &str) -> Option<Said> {
        let found = pairs.iter().rev().find(|pair| pair.path.join("/") == path && pair.key == key);
        found.map(|pair| pair.said.clone())
    }

    fn text(value: &str) -> Option<Said> {
        Some(Said::Text(value.to_owned()))
    }

    fn variable(name: &str) -> Option<Said> {
        Some(Said::Variable(name.to_owned()))
    }

    #[test]
    fn prismas_schema() {
        let found = of_code(
            "// url = env(\"OLD\")\ngenerator client { provider = \"prisma-client-js\" }\n\
             datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n\
             directUrl = env(\"DIRECT_URL\") // env(\"OLD\")\n}\n",
            false,
        );
        assert_eq!(pair(&found, "datasource db", "url"), variable("DATABASE_URL"));
        assert_eq!(pair(&found, "datasource db", "directurl"), variable("DIRECT_URL"));
        assert!(!format!("{found:?}").contains("OLD"));
    }

    #[test]
    fn javascript() {
        let found = of_code(
            "import 'dotenv/config';\nexport default defineConfig({\n  dialect: \"postgresql\",\n\
             /* url: 'postgres://old' */ dbCredentials: { url: process.env.DATABASE_URL! },\n});\n",
            false,
        );
        assert_eq!(pair(&found, "defineConfig/dbCredentials", "url"), variable("DATABASE_URL"));
        assert!(!format!("{found:?}").contains("old"));
        let found = of_code(
            "module.exports = { production: { connection: { host: 'db.acme.com', database: \"app\", \
             port: 5432 } }, development: { connection: 'postgres://localhost/app' } }",
            false,
        );
        assert_eq!(
            pair(&found, "module.exports/production/connection", "host"),
            text("db.acme.com")
        );
        let local = text("postgres://localhost/app");
        assert_eq!(pair(&found, "module.exports/development", "connection"), local);
        let found = of_code("url: `postgres://${process.env.H}/app`, b: `${process.env.B}`", false);
        assert_eq!(pair(&found, "", "url"), Some(Said::Computed));
        assert_eq!(pair(&found, "", "b"), variable("B"));
    }

    #[test]
    fn python() {
        let found = of_code(
            "# 'HOST': 'old'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql',\n\
             'HOST': os.environ['DB_HOST'], 'NAME': os.environ.get('DB_NAME', 'app'),\n\
             'PORT': 5432}}\nDATABASE_URL = os.getenv(\"DATABASE_URL\")\n",
            true,
        );
        assert_eq!(pair(&found, "DATABASES/default", "host"), variable("DB_HOST"));
        assert_eq!(pair(&found, "DATABASES/default", "name"), variable("DB_NAME"));
        assert_eq!(pair(&found, "", "database_url"), variable("DATABASE_URL"));
        assert!(!format!("{found:?}").contains("old"));
    }

    #[test]
    fn yaml_with_anchors_and_erb() {
        let found = of_lines(
            "default: &default\n  adapter: postgresql\n  host: db.acme.com\n\
             production:\n  <<: *default\n  database: app # x\n  url: <%= ENV[\"DATABASE_URL\"] %>\n\
             test:\n  primary:\n    host: localhost\n",
        );
        assert_eq!(pair(&found, "production", "host"), text("db.acme.com"));
        assert_eq!(pair(&found, "production", "database"), text("app"));
        assert_eq!(pair(&found, "production", "url"), variable("DATABASE_URL"));
        assert_eq!(pair(&found, "test/primary", "host"), text("localhost"));
    }

    #[test]
    fn ini_toml_and_properties() {
        let found = of_lines(
            "[alembic]\nscript_location = alembic\nsqlalchemy.url = postgresql://db.acme.com/app\n\
             ; x = y\n[environments.prod]\nurl = \"jdbc:postgresql://p/app\"\nuser = \"${env.FLYWAY_USER}\"\n",
        );
        let url = text("postgresql://db.acme.com/app");
        assert_eq!(pair(&found, "alembic", "sqlalchemy.url"), url);
        assert_eq!(pair(&found, "environments.prod", "url"), text("jdbc:postgresql://p/app"));
        assert_eq!(pair(&found, "environments.prod", "user"), variable("FLYWAY_USER"));
    }

    #[test]
    fn odd_texts_do_not_panic() {
        for odd in [
            "",
            "{",
            "}}}",
            "a: '",
            "\"\\",
            "/*",
            "//",
            "é: \"é\"",
            "[",
            "[]]",
            ":",
            "=",
            "<<:",
            "- x: y",
        ] {
            let _ = of_code(odd, true);
            let _ = of_lines(odd);
        }
        let _ = of_code(&"{".repeat(100_000), false);
        let _ = of_code(&"x".repeat(100_000), false);
    }
}
