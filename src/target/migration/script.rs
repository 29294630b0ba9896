//! What a configuration in JavaScript or TypeScript says literally about a
//! database, by oxc's grammar; what that cannot read, by its tokens. Nothing
//! is run and nothing is looked up.

use super::literals::{self, MAX_DEPTH, MAX_PAIRS, Pair, Said};
use crate::parse::javascript::{self, Dialect, Expr};

/// What the text of a program says.
pub fn pairs(text: &str) -> Vec<Pair> {
    let program = javascript::parse(text, Dialect::Program);
    if program.problem.is_some() {
        return literals::of_code(text, false);
    }
    let mut reader = Reader { out: Vec::new(), path: Vec::new() };
    program.body.iter().for_each(|expr| reader.value(expr, "", ""));
    reader.out
}

/// A walk through a program.
struct Reader {
    out: Vec<Pair>,
    path: Vec<String>,
}

impl Reader {
    fn say(&mut self, key: &str, said: Said) {
        if self.out.len() < MAX_PAIRS {
            self.out.push(Pair { path: self.path.clone(), key: key.to_lowercase(), said });
        }
    }

    /// The parts of a block.
    fn block(&mut self, name: &str, read: impl FnOnce(&mut Reader)) {
        let deep = self.path.len() >= MAX_DEPTH;
        if !deep {
            self.path.push(name.to_owned());
        }
        read(self);
        if !deep {
            self.path.pop();
        }
    }

    /// A value that belongs to `key`; a block in it is called `name`.
    fn value(&mut self, expr: &Expr, key: &str, name: &str) {
        if let Some(variable) = variable(expr) {
            return self.say(key, Said::Variable(variable));
        }
        if let Some((variable, default)) = with_default(expr) {
            self.say(key, Said::Variable(variable.to_owned()));
            return self.value(default, key, name);
        }
        match expr {
            Expr::Text(text) => self.say(key, literals::text_said(text)),
            Expr::Template(texts, holes) => match holes.as_slice() {
                [hole] if texts.iter().all(String::is_empty) && variable(hole).is_some() => {
                    self.value(hole, key, name);
                }
                _ => self.say(key, Said::Computed),
            },
            Expr::Object(entries) => self.block(name, |reader| {
                for (key, value) in entries {
                    let key = key.as_deref().unwrap_or_default();
                    reader.value(value, key, key);
                }
            }),
            Expr::Array(parts) => self.block(name, |reader| {
                parts.iter().for_each(|part| reader.value(part, "", ""));
            }),
            Expr::Bind(name, value) => self.value(value, name, name),
            Expr::Call(callee, arguments) | Expr::New(callee, arguments) => {
                let function = dotted(callee);
                self.value(callee, "", "");
                let key =
                    if arguments.len() == 1 { last(&function).to_owned() } else { String::new() };
                arguments.iter().for_each(|argument| self.value(argument, &key, &function));
            }
            // `module.exports = { … }`
            Expr::Other(parts) => match parts.as_slice() {
                [target @ Expr::Member(..), value] if variable(target).is_none() => {
                    let target = dotted(target);
                    self.value(value, last(&target), &target);
                }
                [value @ (Expr::Object(_) | Expr::Array(_))] => self.value(value, key, "default"),
                parts => parts.iter().for_each(|part| self.value(part, key, name)),
            },
            Expr::Maybe(parts) => parts.iter().for_each(|part| self.value(part, key, name)),
            other => other.parts().into_iter().for_each(|part| self.value(part, "", "")),
        }
    }
}

/// The variable of the environment that an expression is.
fn variable(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Member(object, name) => {
            let object = dotted(object);
            let environment =
                matches!(object.as_str(), "process.env" | "import.meta.env" | "Bun.env");
            // A settings object that is filled from the variable of that name.
            let url = ["URL", "URI", "DSN"].iter().any(|end| name.ends_with(end));
            (environment || url && literals::is_name(name)).then(|| name.clone())
        }
        Expr::Call(callee, arguments) => match arguments.as_slice() {
            [Expr::Text(name)]
                if literals::is_getter(&dotted(callee)) && literals::is_name(name) =>
            {
                Some(name.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// `env('HOST', 'localhost')`: the variable, and what counts where it is not
/// set.
fn with_default(expr: &Expr) -> Option<(&str, &Expr)> {
    let Expr::Call(callee, arguments) = expr else { return None };
    match arguments.as_slice() {
        [Expr::Text(name), default]
            if literals::is_getter(&dotted(callee)) && literals::is_name(name) =>
        {
            Some((name, default))
        }
        _ => None,
    }
}

/// `a.b.c` of names alone; what else stands in front is left out.
fn dotted(expr: &Expr) -> String {
    let mut names = Vec::new();
    let mut at = expr;
    loop {
        at = match at {
            Expr::Member(object, name) => {
                names.push(name.as_str());
                object
            }
            Expr::Name(name) => {
                names.push(name);
                break;
            }
            // `import.meta`
            Expr::Other(parts) => {
                let words = parts.iter().rev().filter_map(|part| match part {
                    Expr::Name(name) => Some(name.as_str()),
                    _ => None,
                });
                names.extend(words);
                break;
            }
            _ => break,
        };
    }
    names.reverse();
    names.join(".")
}

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(pairs: &[Pair], path: &str, key: &str) -> Vec<Said> {
        let found = pairs.iter().filter(|pair| pair.path.join("/") == path && pair.key == key);
        found.map(|pair| pair.said.clone()).collect()
    }

    fn text(value: &str) -> Said {
        Said::Text(value.to_owned())
    }

    fn variable(name: &str) -> Said {
        Said::Variable(name.to_owned())
    }

    #[test]
    fn configurations_are_read() {
        let found = pairs(
            "import 'dotenv/config';\nexport default defineConfig({\n  dialect: \"postgresql\",\n\
             /* url: 'postgres://old' */ dbCredentials: { url: process.env.DATABASE_URL! },\n});\n",
        );
        assert_eq!(pair(&found, "defineConfig/dbCredentials", "url"), [variable("DATABASE_URL")]);
        assert!(!format!("{found:?}").contains("old"));
        let found = pairs(
            "module.exports = { production: { connection: { host: 'db.acme.com', database: \"app\", \
             port: 5432 } }, development: { connection: 'postgres://localhost/app' } }",
        );
        assert_eq!(
            pair(&found, "module.exports/production/connection", "host"),
            [text("db.acme.com")]
        );
        let local = [text("postgres://localhost/app")];
        assert_eq!(pair(&found, "module.exports/development", "connection"), local);
        let found = pairs(
            "const a = { url: `postgres://${process.env.H}/app`, b: `${process.env.B}`, \
             c: import.meta.env.C, d: Deno.env.get('D'), e: env(\"E\"), f: process.env['F'] };",
        );
        assert_eq!(pair(&found, "a", "url"), [Said::Computed]);
        for name in ["B", "C", "D", "E", "F"] {
            assert_eq!(pair(&found, "a", &name.to_lowercase()), [variable(name)]);
        }
    }

    #[test]
    fn what_tokens_get_wrong_is_right() {
        let found = pairs(
            "const re = /[\"']/; export const db = { host: 'db.acme.com' as const, \
             url: process.env.URL ?? 'postgres://localhost/x', ...(x ? { user: 'a' } : {}) } satisfies Options;",
        );
        assert_eq!(pair(&found, "db", "host"), [text("db.acme.com")]);
        let either = [variable("URL"), text("postgres://localhost/x")];
        assert_eq!(pair(&found, "db", "url"), either);
        let found = pairs("a = { host: env('DB_HOST', 'localhost'), port: env.int('P', 5432) }");
        assert_eq!(pair(&found, "a", "host"), [variable("DB_HOST"), text("localhost")]);
        let found = pairs("a = { url: process.env.HOST + '/x' }");
        assert_eq!(pair(&found, "a", "url"), [variable("HOST"), text("/x")]);
        let found = pairs("new DataSource({ type: 'postgres', url: conf.DATABASE_URL })");
        assert_eq!(pair(&found, "DataSource", "url"), [variable("DATABASE_URL")]);
    }

    #[test]
    fn what_is_no_javascript_is_read_by_its_tokens() {
        let found = pairs("url = = 'postgres://db.acme.com/x'");
        assert!(found.iter().any(|pair| pair.said == text("postgres://db.acme.com/x")));
    }
}
