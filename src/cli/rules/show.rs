//! A tool's rules as a text to read: its grammar, where its target stands,
//! and its commands as a table. Shows what the rule file says and adds
//! nothing.

use std::fmt::Write as _;

use crate::rules::{Arity, Case, Command, Inner, Opt, Order, Reader, Source, Style, Tool, Wrapper};

/// How wide a line of options may get.
const WIDTH: usize = 96;

/// A tool, as `rules show` prints it.
pub fn tool(tool: &Tool) -> String {
    let mut out = format!("{}: {}\n", tool.name, tool.about);
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name:<9} {value}");
        }
    };
    row("checked", tool.checked);
    row("preview", tool.preview);
    row("programs", &tool.programs.join(", "));
    row("shim", if tool.shim { "yes" } else { "no" });
    row("read by", reader(tool.reader));
    row("words", &style(tool.style));
    let target: Vec<String> = tool
        .target
        .iter()
        .map(|source| format!("{} from {}", source.kind.word(), place(source.from)))
        .collect();
    row("target", &target.join(", then "));
    if let Some(inner) = tool.wrapper.as_ref() {
        row("runs", &wrapper(inner));
    }
    for (name, arity) in [
        ("flags", Arity::Flag),
        ("values", Arity::Value),
        ("attached", Arity::Attached),
        ("optional", Arity::Optional),
    ] {
        let names = tool.options.iter().filter(|option| option.arity == arity).map(spelled);
        for (at, line) in folded(names).iter().enumerate() {
            let _ = writeln!(out, "{:<9} {line}", if at == 0 { name } else { "" });
        }
    }
    commands(&mut out, tool.commands);
    out
}

fn commands(out: &mut String, commands: &[Command]) {
    let listed: Vec<&Command> =
        commands.iter().filter(|one| one.effect.is_some() || one.wrapper.is_some()).collect();
    if listed.is_empty() {
        return;
    }
    let width = listed.iter().map(|command| words(command).chars().count()).max().unwrap_or(0);
    let width = width.clamp(7, 44);
    let _ = writeln!(out, "\n{:<width$}  effect", "command");
    for command in listed {
        let mut line = format!("{:<width$}  ", words(command));
        match command.effect {
            Some(effect) => {
                let _ = write!(line, "{effect}");
                for flag in command.flags.iter() {
                    let _ = write!(line, " {}", flag.word());
                }
                if let Some(object) = &command.object {
                    let places: Vec<String> = object.from.iter().map(|from| place(*from)).collect();
                    let _ = write!(line, " · {} {}", object.kind, places.join(" or "));
                }
            }
            None => line.push_str("runs a command"),
        }
        if let Some(inner) = &command.wrapper {
            let _ = write!(line, " · {}", wrapper(inner));
        }
        let _ = writeln!(out, "{}", line.trim_end());
        for case in command.cases {
            let _ = writeln!(out, "{:<width$}  {}", "", when(case));
        }
    }
}

fn when(case: &Case) -> String {
    let mut text = if case.absent { "without " } else { "with " }.to_owned();
    text.push_str(case.option);
    if !case.values.is_empty() {
        let _ = write!(text, " {}", case.values.join(" or "));
    }
    if let Some(effect) = case.effect {
        let _ = write!(text, ": {effect}");
    }
    for flag in case.flags.iter().flat_map(|flags| flags.iter()) {
        let _ = write!(text, " {}", flag.word());
    }
    text
}

fn words(command: &Command) -> String {
    let words: Vec<String> = command.path.iter().map(|names| names.join("|")).collect();
    if words.is_empty() { "(none)".to_owned() } else { words.join(" ") }
}

fn spelled(option: &Opt) -> String {
    option.names.join("/")
}

/// Words put into lines of a bounded width.
fn folded(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut().filter(|line| line.len() + word.len() < WIDTH) {
            Some(line) => {
                line.push(' ');
                line.push_str(&word);
            }
            None => lines.push(word),
        }
    }
    lines
}

fn place(source: Source) -> String {
    match source {
        Source::Option(name) => name.to_owned(),
        Source::Positional(number) => format!("word {number}"),
        Source::Positionals => "every word".to_owned(),
        Source::Variable(name) => format!("${name}"),
        Source::Default(value) => format!("else {value}"),
        Source::Hostname => "the machine's own name".to_owned(),
        Source::File(file) if file.key.is_empty() => file.path.to_owned(),
        Source::File(file) => format!("{} in {}", file.key.join("."), file.path),
    }
}

fn reader(reader: Reader) -> &'static str {
    match reader {
        Reader::Table => "the commands below",
        _ => "a reader of its own, with the grammar below",
    }
}

fn style(style: Style) -> String {
    let mut traits = Vec::new();
    if style.bundle {
        traits.push("short options bundle");
    }
    if style.prefixes {
        traits.push("long options may be cut short");
    }
    if style.single_dash {
        traits.push("long options take one dash");
    }
    if !style.long_equals {
        traits.push("no --long=value");
    }
    traits.push(match style.order {
        Order::Anywhere => "options anywhere",
        Order::Posixly => "options anywhere, in front only with POSIXLY_CORRECT",
        Order::Front => "options in front only",
    });
    traits.join(", ")
}

fn wrapper(wrapper: &Wrapper) -> String {
    let what = match wrapper.inner {
        Inner::Words => "the words behind it as a command".to_owned(),
        Inner::Line => "the words behind it as a shell line".to_owned(),
        Inner::Option(name) => format!("the value of {name} as a shell line"),
        Inner::Rest => "the words behind -- as a command".to_owned(),
    };
    match wrapper.place {
        Some(place) => format!("{what}, where {place} leads"),
        None => what,
    }
}
