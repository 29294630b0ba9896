//! A justfile's text → settings, variables and recipes (just 1.40's grammar,
//! compared with just itself in tests/runners.rs). Reads one file; what it takes
//! in from others is left to the caller, and nothing is evaluated but strings.
//! What it cannot read of an expression is [`Expr::Unknown`].

mod expression;
mod lexer;

use expression::Parser;
use lexer::{Reader, Token};

/// The longest justfile that is read, in bytes.
pub const MAX_FILE: usize = 512 * 1024;

/// How deep expressions may nest.
const MAX_DEPTH: usize = 32;

/// The most recipes, and the most lines of one.
const MAX_RECIPES: usize = 2_000;
const MAX_LINES: usize = 2_000;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A string's text.
    Text(String),
    /// A variable or parameter.
    Name(String),
    /// Parts put together: `a + b`, `a / b`.
    Join(Vec<Expr>),
    /// A function's call.
    Call(String, Vec<Expr>),
    /// Command output, conditions, and whatever is not read.
    Unknown,
}

/// A part of a recipe's line.
#[derive(Clone, Debug, PartialEq)]
pub enum Fragment {
    /// Text as it stands.
    Text(String),
    /// `{{…}}`.
    Value(Expr),
}

/// A recipe's parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is where no word gives it.
    pub default: Option<Expr>,
    /// Whether it takes every word that is left.
    pub rest: bool,
    /// Whether the recipe sees it as a variable (`$name`).
    pub exported: bool,
}

/// Another recipe that a recipe runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// Its name.
    pub name: String,
    /// The words for its parameters.
    pub words: Vec<Expr>,
}

/// A recipe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The recipes that it runs before and after its own lines.
    pub needs: Vec<Need>,
    /// Its lines.
    pub lines: Vec<Vec<Fragment>>,
    /// The text of its attributes: `private`, `script('bash')`.
    pub attributes: Vec<String>,
}

/// A variable's definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// Whether recipes see it as a variable.
    pub exported: bool,
}

/// A justfile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Justfile {
    /// `set NAME := VALUE`, with a list's elements apart.
    pub settings: Vec<(String, Vec<Expr>)>,
    /// The variables.
    pub variables: Vec<Assignment>,
    /// `alias NAME := RECIPE`.
    pub aliases: Vec<(String, String)>,
    /// Files whose recipes count as this one's.
    pub imports: Vec<String>,
    /// Modules, with the path where one is given.
    pub modules: Vec<(String, Option<String>)>,
    /// The recipes, in order.
    pub recipes: Vec<Recipe>,
}

/// Reads a justfile. What is not understood is passed over.
pub fn parse(text: &str) -> Justfile {
    let mut file = Justfile::default();
    let mut reader = Reader { rest: text };
    let mut attributes = Vec::new();
    while !reader.rest.is_empty() && file.recipes.len() < MAX_RECIPES {
        let line = reader.rest.split('\n').next().unwrap_or_default();
        let body = line.trim();
        if body.is_empty() || body.starts_with('#') {
            reader.skip_line();
        } else if body.starts_with('[') {
            attributes.push(body.trim_matches(['[', ']']).to_owned());
            reader.skip_line();
        } else {
            let tokens = reader.header();
            item(&mut file, &tokens, std::mem::take(&mut attributes), &mut reader);
        }
    }
    file
}

/// The value of a text as it stands between `{{` and `}}`.
fn value(tokens: &[Token]) -> Expr {
    let mut parser = Parser { tokens, depth: 0 };
    let value = parser.expression();
    if parser.tokens.is_empty() { value } else { Expr::Unknown }
}

/// Takes one item in: its header's tokens, and the body behind it.
fn item(file: &mut Justfile, tokens: &[Token], attributes: Vec<String>, reader: &mut Reader<'_>) {
    use Token::{Name, Sign, Text};
    match tokens {
        [Name(word), Name(name), rest @ ..] if word == "set" => {
            let values = match rest {
                [Sign(":="), Sign("["), list @ .., Sign("]")] => list
                    .split(|token| *token == Sign(","))
                    .filter(|part| !part.is_empty())
                    .map(value)
                    .collect(),
                [Sign(":="), one @ ..] => vec![value(one)],
                _ => vec![Expr::Text("true".to_owned())],
            };
            file.settings.push((name.clone(), values));
        }
        [Name(word), Name(name), Sign(":="), Name(to), ..] if word == "alias" => {
            file.aliases.push((name.clone(), to.clone()));
        }
        [Name(word), rest @ ..]
            if word == "import" && rest.iter().any(|t| matches!(t, Text(_))) =>
        {
            let path = rest.iter().find_map(|token| match token {
                Text(path) => Some(path.clone()),
                _ => None,
            });
            file.imports.extend(path);
        }
        [Name(word), Name(name)] if word == "mod" => file.modules.push((name.clone(), None)),
        [Name(word), Sign("?"), Name(name)] if word == "mod" => {
            file.modules.push((name.clone(), None));
        }
        [Name(word), Name(name), Text(path)] | [Name(word), Sign("?"), Name(name), Text(path)]
            if word == "mod" =>
        {
            file.modules.push((name.clone(), Some(path.clone())));
        }
        [Name(word), Name(name), Sign(":="), rest @ ..] if word == "export" => {
            let value = value(rest);
            file.variables.push(Assignment { name: name.clone(), value, exported: true });
        }
        [Name(name), Sign(":="), rest @ ..] => {
            let value = value(rest);
            file.variables.push(Assignment { name: name.clone(), value, exported: false });
        }
        [Sign("@"), Name(name), rest @ ..] | [Name(name), rest @ ..] => {
            let mut recipe = Recipe { name: name.clone(), attributes, ..Recipe::default() };
            let mut parser = Parser { tokens: rest, depth: 0 };
            recipe.parameters = parser.parameters();
            recipe.needs = parser.needs();
            recipe.lines = body(reader);
            file.recipes.push(recipe);
        }
        _ => {}
    }
}

/// The indented lines behind a recipe's header.
fn body(reader: &mut Reader<'_>) -> Vec<Vec<Fragment>> {
    let mut lines: Vec<Vec<Fragment>> = Vec::new();
    let mut indent: Option<&str> = None;
    loop {
        let line = reader.rest.split('\n').next().unwrap_or_default();
        if reader.rest.is_empty() || !(line.starts_with([' ', '\t']) || line.trim().is_empty()) {
            break;
        }
        if line.trim().is_empty() {
            reader.skip_line();
            lines.push(Vec::new());
            continue;
        }
        let own = line.len() - line.trim_start_matches([' ', '\t']).len();
        let indent = indent.get_or_insert(line.get(..own).unwrap_or(""));
        let strip = if line.starts_with(*indent) { indent.len() } else { own };
        reader.advance(strip);
        let fragments = fragments(reader);
        if lines.len() < MAX_LINES {
            lines.push(fragments);
        }
    }
    while lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    lines
}

/// A line's parts, its end taken.
fn fragments(reader: &mut Reader<'_>) -> Vec<Fragment> {
    let mut out = Vec::new();
    let mut text = String::new();
    while let Some(letter) = reader.rest.chars().next() {
        if letter == '\n' {
            reader.advance(1);
            break;
        }
        if reader.rest.starts_with("{{{{") {
            text.push_str("{{");
            reader.advance(4);
        } else if reader.rest.starts_with("{{") {
            reader.advance(2);
            if !text.is_empty() {
                out.push(Fragment::Text(std::mem::take(&mut text)));
            }
            out.push(Fragment::Value(interpolation(reader)));
        } else {
            text.push(letter);
            reader.advance(letter.len_utf8());
        }
    }
    let text = text.strip_suffix('\r').unwrap_or(&text);
    if !text.is_empty() {
        out.push(Fragment::Text(text.to_owned()));
    }
    out
}

fn interpolation(reader: &mut Reader<'_>) -> Expr {
    let mut tokens = Vec::new();
    while let Some(letter) = reader.rest.chars().next() {
        if letter == '\n' {
            return Expr::Unknown;
        }
        match reader.token() {
            Some(Token::Sign("}}")) => return value(&tokens),
            Some(token) => tokens.push(token),
            None => reader.advance(letter.len_utf8()),
        }
    }
    Expr::Unknown
}
