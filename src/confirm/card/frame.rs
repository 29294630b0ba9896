//! How a card is drawn: its width, its colours, and its rows of a label and
//! what stands beside it. Makes text; what the rows say is [`super`]'s.

use console::Style;

use crate::confirm::wrap::wrap;

/// The widest a card gets: longer lines are hard to read.
const WIDEST: usize = 84;

/// The narrowest: below it, terminals wrap the card themselves.
const NARROWEST: usize = 20;

/// Below this, labels stand above their text instead of beside it.
const BESIDE: usize = 40;

/// The column in which the text beside a label begins.
const INDENT: usize = 9;

/// How many columns a card may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width(pub(super) usize);

impl Width {
    /// So many columns, within what is readable.
    pub fn columns(columns: usize) -> Width {
        Width(columns.clamp(NARROWEST, WIDEST))
    }

    /// As many as standard output has, 80 where it is no terminal.
    pub fn of_stdout() -> Width {
        Width::of(&console::Term::stdout())
    }

    /// As many as standard error has, 80 where it is no terminal.
    pub fn of_stderr() -> Width {
        Width::of(&console::Term::stderr())
    }

    pub(crate) fn of(term: &console::Term) -> Width {
        // The last column stays free: some terminals wrap a full line twice.
        let columns = term.size_checked().map_or(80, |(_, columns)| usize::from(columns) - 1);
        Width::columns(columns)
    }
}

/// Whether a card has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// It has.
    On,
    /// Plain text.
    Off,
}

impl Color {
    /// Whether standard output is to have colours: a terminal, and neither
    /// NO_COLOR nor a dumb terminal.
    pub fn of_stdout() -> Color {
        Color::when(console::colors_enabled())
    }

    /// The same for standard error.
    pub fn of_stderr() -> Color {
        Color::when(console::colors_enabled_stderr())
    }

    pub(crate) const fn when(on: bool) -> Color {
        if on { Color::On } else { Color::Off }
    }

    pub(super) fn paint(self, style: &Style, text: &str) -> String {
        match self {
            Color::On => style.clone().force_styling(true).apply_to(text).to_string(),
            Color::Off => text.to_owned(),
        }
    }
}

/// A label and what stands beside it.
pub(super) struct Row {
    /// The label.
    pub label: &'static str,
    /// What stands beside it, a text a line.
    pub lines: Vec<String>,
    /// How the first word is shown.
    pub accent: Option<Style>,
}

/// A row without an accent.
pub(super) fn row(label: &'static str, lines: Vec<String>) -> Row {
    Row { label, lines, accent: None }
}

/// Adds a row to a card.
pub(super) fn print(row: &Row, width: Width, color: Color, out: &mut String) {
    let beside = width.0 >= BESIDE;
    let indent = if beside { INDENT } else { 2 };
    let label = color.paint(&Style::new().bold(), row.label);
    if beside {
        out.push_str(&label);
        out.extend(std::iter::repeat_n(' ', INDENT.saturating_sub(row.label.len())));
    } else {
        out.push_str(&label);
        out.push('\n');
    }
    let lines = row.lines.iter().flat_map(|line| wrap(line, width.0.saturating_sub(indent)));
    for (number, line) in lines.enumerate() {
        if number > 0 || !beside {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        match (&row.accent, number) {
            (Some(style), 0) => {
                let (word, rest) = line.split_once([':', ' ']).unwrap_or((&line, ""));
                let mark = line.get(word.len()..line.len() - rest.len()).unwrap_or_default();
                out.push_str(&color.paint(style, word));
                out.push_str(mark);
                out.push_str(rest);
            }
            _ => out.push_str(&line),
        }
        out.push('\n');
    }
}
