//! Other spellings of a command line that mean the same to its tool, made from
//! what its rule file says of the tool's options: `-h db` as `-hdb`, `--host
//! db`, `--host=db` and `--hos db`, an option in front of the command word and
//! behind the last one, an alias, quotes, a path, a shell around it. Each
//! spelling differs from the line in one thing. Knows nothing of verdicts.

use holdpoint::rules::{Arity, Command, Opt, Order, Style, Tool, table};

/// The other spellings of a line.
pub fn spellings(line: &str) -> Vec<String> {
    let mut out = vec![format!("bash -c {}", shell_words::quote(line)), format!("( {line}\n)")];
    if line.contains(['|', ';', '&', '<', '>', '$', '`', '\n', '(', '*', '?', '{', '~', '#']) {
        return out;
    }
    let words = shell_words::split(line).expect("a line that a shell can read");
    let front = words.iter().take_while(|word| is_assignment(word)).count();
    let Some(program) = words.get(front) else { return out };
    let (assigned, behind) = (&words[..front], &words[front + 1..]);
    out.push(join(&["env"], &words));
    out.push(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
    if !program.contains('/') {
        let tail = join(&[], behind);
        let before: String = assigned.iter().map(|word| quoted(word) + " ").collect();
        out.extend(
            [r"\", "/usr/bin/", "command "].map(|how| format!("{before}{how}{program} {tail}")),
        );
    }
    let Some(tool) = table::find(program.rsplit('/').next().unwrap_or(program)) else { return out };
    let read = Read::new(tool, behind);
    let others = read.others();
    let before = [assigned, std::slice::from_ref(program)].concat();
    out.extend(others.into_iter().map(|others| join(&[], &[&before[..], &others].concat())));
    out
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}

/// A word in single quotes; an assignment keeps its name outside of them.
fn quoted(word: &str) -> String {
    let quotes = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    match word.split_once('=').filter(|_| is_assignment(word)) {
        Some((name, value)) => format!("{name}={}", quotes(value)),
        None => quotes(word),
    }
}

fn join(front: &[&str], words: &[String]) -> String {
    let front = front.iter().map(|word| (*word).to_owned());
    let words = words.iter().map(|word| match is_assignment(word) {
        true => quoted(word),
        false => shell_words::quote(word).into_owned(),
    });
    front.chain(words).collect::<Vec<_>>().join(" ")
}

/// A part of a command's words.
#[derive(Clone)]
enum Part {
    /// An option as it stands, with its value.
    Option(&'static Opt, Option<String>, Vec<String>),
    /// A word.
    Word(String),
    /// What is the command's own, or another command's.
    Rest(Vec<String>),
}

impl Part {
    fn words(&self) -> Vec<String> {
        match self {
            Part::Option(.., words) | Part::Rest(words) => words.clone(),
            Part::Word(word) => vec![word.clone()],
        }
    }
}

struct Read<'a> {
    tool: &'static Tool,
    /// The commands that the words may be.
    commands: Vec<&'static Command>,
    parts: Vec<Part>,
    words: &'a [String],
}

impl Read<'_> {
    fn new<'a>(tool: &'static Tool, words: &'a [String]) -> Read<'a> {
        let plain: Vec<&str> =
            words.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
        let has = |names: &[&str]| names.iter().any(|name| plain.contains(name));
        let commands: Vec<&Command> =
            tool.commands.iter().filter(|one| one.path.iter().all(|names| has(names))).collect();
        let mut read = Read { tool, commands, parts: Vec::new(), words };
        read.take();
        read
    }

    /// The options that count, those of the likely commands among them.
    fn options(&self) -> impl Iterator<Item = &'static Opt> {
        self.tool.options.iter().chain(self.commands.iter().flat_map(|command| command.options))
    }

    /// The option of this name, where the commands agree on what it is.
    fn option(&self, name: &str) -> Option<&'static Opt> {
        let mut found = self.options().filter(|option| option.is(name));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    fn wraps(&self) -> bool {
        self.tool.reader.is_wrapper()
            || self.tool.wrapper.is_some()
            || self.commands.iter().any(|command| command.wrapper.is_some())
    }

    fn take(&mut self) {
        let steps = self.commands.iter().map(|command| command.path.len()).max().unwrap_or(0);
        let front = self.wraps() || self.tool.style.order == Order::Front;
        let (mut at, mut plain) = (0, 0);
        while let Some(word) = self.words.get(at) {
            at += 1;
            if word == "--" || (front && plain > steps) {
                self.parts.push(Part::Rest(self.words[at - 1..].to_vec()));
                return;
            }
            if !word.starts_with('-') {
                plain += 1;
                self.parts.push(Part::Word(word.clone()));
                continue;
            }
            let (name, attached) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let short = word.get(..2).filter(|_| self.tool.style.bundle && !word.starts_with("--"));
            let option = self.option(name);
            let bundled = short.filter(|_| option.is_none()).and_then(|name| self.option(name));
            let part = match (option, attached, bundled) {
                (Some(option), Some(value), _) if option.arity == Arity::Value => {
                    Part::Option(option, Some(value), vec![word.clone()])
                }
                (Some(option), None, _) if option.arity == Arity::Value => {
                    let Some(value) = self.words.get(at) else { return };
                    at += 1;
                    Part::Option(option, Some(value.clone()), vec![word.clone(), value.clone()])
                }
                (Some(option), None, _) if option.arity == Arity::Flag => {
                    Part::Option(option, None, vec![word.clone()])
                }
                (None, _, Some(option)) if option.arity == Arity::Value => {
                    Part::Option(option, Some(word[2..].to_owned()), vec![word.clone()])
                }
                _ => {
                    self.parts.push(Part::Rest(self.words[at - 1..].to_vec()));
                    return;
                }
            };
            self.parts.push(part);
        }
    }

    /// Every spelling that differs in one thing.
    fn others(&self) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            if let Part::Option(option, value, words) = part {
                let spelled = self.spelled(option, value.as_deref());
                let new = spelled.into_iter().filter(|other| other != words);
                out.extend(new.map(|other| self.with(at, other)));
            }
        }
        out.extend(self.aliases());
        out.extend(self.moved());
        out
    }

    /// The words with one part's replaced.
    fn with(&self, at: usize, other: Vec<String>) -> Vec<String> {
        let parts = self.parts.iter().enumerate();
        parts
            .flat_map(|(index, part)| if index == at { other.clone() } else { part.words() })
            .collect()
    }

    fn spelled(&self, option: &'static Opt, value: Option<&str>) -> Vec<Vec<String>> {
        let style = self.tool.style;
        let mut out = Vec::new();
        for name in option.names {
            let long = name.starts_with("--") || (style.single_dash && name.len() > 2);
            let Some(value) = value else {
                out.push(vec![(*name).to_owned()]);
                out.extend(self.shortened(name).map(|name| vec![name]));
                continue;
            };
            out.push(vec![(*name).to_owned(), value.to_owned()]);
            if long && style.long_equals {
                out.push(vec![format!("{name}={value}")]);
            }
            if !long && style.bundle && name.len() == 2 && !value.is_empty() {
                out.push(vec![format!("{name}{value}")]);
            }
            if long && let Some(name) = self.shortened(name) {
                out.push(vec![name.clone(), value.to_owned()]);
                if style.long_equals {
                    out.push(vec![format!("{name}={value}")]);
                }
            }
        }
        out
    }

    /// A long name without its last letter, where that is still one option's.
    fn shortened(&self, name: &str) -> Option<String> {
        let every = self.tool.commands.iter().flat_map(|command| command.options);
        let mut names = self.tool.options.iter().chain(every).flat_map(|option| option.names);
        let short = name.get(..name.len() - 1).filter(|short| short.len() > 4)?;
        let only = !names.any(|other| other.starts_with(short) && *other != name);
        (self.tool.style.prefixes && name.starts_with("--") && only).then(|| short.to_owned())
    }

    /// The command's words under their other names.
    fn aliases(&self) -> Vec<Vec<String>> {
        let places: Vec<usize> =
            (0..self.parts.len()).filter(|at| matches!(self.parts[*at], Part::Word(_))).collect();
        let mut out = Vec::new();
        for command in &self.commands {
            let typed: Option<Vec<(usize, &&[&str])>> = command
                .path
                .iter()
                .enumerate()
                .map(|(step, names)| {
                    let at = *places.get(step)?;
                    let [word] = &self.parts[at].words()[..] else { return None };
                    names.contains(&word.as_str()).then_some((at, names))
                })
                .collect();
            for (at, names) in typed.into_iter().flatten() {
                let word = self.parts[at].words();
                let names = names.iter().filter(|name| **name != word[0]);
                let names = names.filter(|name| self.is_alias(command, name, &word[0]));
                out.extend(names.map(|name| self.with(at, vec![(*name).to_owned()])));
            }
        }
        out
    }

    /// Whether two words of a command mean the same: neither stands in another.
    fn is_alias(&self, command: &Command, one: &str, other: &str) -> bool {
        let mut others = self.tool.commands.iter().filter(|it| it.path != command.path);
        !others.any(|it| it.path.concat().iter().any(|word| [one, other].contains(word)))
    }

    /// Whether an option stands there twice, so that the order may count.
    fn repeats(&self) -> bool {
        let named = |part: &Part| match part {
            Part::Option(option, ..) => Some(option.names),
            _ => None,
        };
        let names: Vec<_> = self.parts.iter().filter_map(named).collect();
        (1..names.len()).any(|at| names[at..].contains(&names[at - 1]))
    }

    /// An option that counts everywhere, in front of all words and behind them.
    fn moved(&self) -> Vec<Vec<String>> {
        let all = |part: &Part| !matches!(part, Part::Rest(_));
        // Of a tool that is read word by word, the rule file does not say where
        // options may stand.
        let style = self.tool.style;
        let anywhere = style.order == Order::Anywhere && style != Style::EXACT;
        let next = self.words.iter().any(|word| word == "--next");
        if !anywhere || next || self.wraps() || self.repeats() || !self.parts.iter().all(all) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let Part::Option(option, Some(_), _) = part else { continue };
            if !self.tool.options.iter().any(|global| global == *option) {
                continue;
            }
            let without = self.with(at, Vec::new());
            out.push([part.words(), without.clone()].concat());
            out.push([without, part.words()].concat());
        }
        out
    }
}
