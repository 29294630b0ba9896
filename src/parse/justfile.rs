//! A justfile's text → settings, variables and recipes (just 1.40's grammar,
//! compared with just itself in tests/runners.rs). Reads one file; what it takes
//! in from others is left to the caller, and nothing is evaluated but strings.
//! What it cannot read of an expression is [`Expr::Unknown`].

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

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Unknown,
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    ":=", "&&", "||", "==", "!=", "=~", "{{", "}}", "::", ":", "=", "+", "/", "*", "$", "@", "(",
    ")", "[", "]", "{", "}", ",", "?", "!",
];

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
    }

    /// The tokens up to the end of the line, past line ends in brackets.
    fn header(&mut self) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut open = 0_usize;
        while let Some(letter) = self.rest.chars().next() {
            match letter {
                '\n' if open == 0 => {
                    self.skip_line();
                    break;
                }
                '#' => {
                    self.rest =
                        self.rest.find('\n').and_then(|at| self.rest.get(at..)).unwrap_or("")
                }
                _ => match self.token() {
                    Some(token) => {
                        match token {
                            Token::Sign("(" | "[" | "{") => open += 1,
                            Token::Sign(")" | "]" | "}") => open = open.saturating_sub(1),
                            _ => {}
                        }
                        tokens.push(token);
                    }
                    None => self.advance(letter.len_utf8()),
                },
            }
        }
        tokens
    }

    fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or("");
    }

    /// The next token; none at white space and at what is no token.
    fn token(&mut self) -> Option<Token> {
        for (mark, cooked) in [("'''", false), ("\"\"\"", true), ("'", false), ("\"", true)] {
            if let Some(after) = self.rest.strip_prefix(mark) {
                return Some(self.string(after, mark, cooked));
            }
        }
        if self.rest.starts_with('`') {
            let mark = if self.rest.starts_with("```") { "```" } else { "`" };
            let after = self.rest.get(mark.len()..).unwrap_or("");
            self.rest = after.split_once(mark).map_or("", |(_, rest)| rest);
            return Some(Token::Unknown);
        }
        let length = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(self.rest.len());
        let name = self.rest.get(..length).unwrap_or("");
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            self.advance(length);
            // `x'…'` and `f'…'` are strings that are expanded.
            if matches!(name, "x" | "f") && self.rest.starts_with(['\'', '"']) {
                let _ = self.token();
                return Some(Token::Unknown);
            }
            return Some(Token::Name(name.to_owned()));
        }
        let sign = SIGNS.iter().find(|sign| self.rest.starts_with(**sign))?;
        self.advance(sign.len());
        Some(Token::Sign(sign))
    }

    fn string(&mut self, after: &str, mark: &str, cooked: bool) -> Token {
        let mut text = String::new();
        let mut letters = after.char_indices();
        let mut end = after.len();
        while let Some((at, letter)) = letters.next() {
            if after.get(at..).is_some_and(|rest| rest.starts_with(mark)) {
                end = at + mark.len();
                break;
            }
            if letter != '\\' || !cooked {
                text.push(letter);
                continue;
            }
            match letters.next().map(|(_, letter)| letter) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('\n') | None => {}
                Some(other) => text.push(other),
            }
        }
        let start = self.rest.len() - after.len();
        self.advance(start + end);
        if mark.len() == 3 {
            return Token::Text(unindented(text.strip_prefix('\n').unwrap_or(&text)));
        }
        Token::Text(text)
    }
}

/// A text without the indentation that its lines share.
fn unindented(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines: Vec<&str> = text.split('\n').collect();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(line)).min();
    let lines: Vec<&str> =
        lines.iter().map(|line| line.get(shared.unwrap_or(0)..).unwrap_or("")).collect();
    lines.join("\n")
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

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        match self.tokens.split_first() {
            Some((Token::Sign(found), rest)) if *found == sign => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn name(&mut self) -> Option<String> {
        match self.tokens.split_first() {
            Some((Token::Name(name), rest)) => {
                self.tokens = rest;
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// Values joined by `+` and `/`; any other operator makes it unknown.
    fn expression(&mut self) -> Expr {
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
    fn parameters(&mut self) -> Vec<Parameter> {
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
    fn needs(&mut self) -> Vec<Need> {
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
    fn path(&mut self) -> Option<String> {
        let mut name = self.name()?;
        while self.take("::") {
            name.push_str("::");
            name.push_str(&self.name()?);
        }
        Some(name)
    }
}
