//! How a tool's words are split: its style, and its options with what each
//! takes. Data only; `parse::argv` does the splitting.

/// How a program splits its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// `-abc` is `-a -b -c`, and `-ovalue` is `-o value`.
    pub bundle: bool,
    /// `-o=value` is `-o value` (clap, pflag); elsewhere the value is `=value`.
    pub short_equals: bool,
    /// `--long=value` is accepted.
    pub long_equals: bool,
    /// `--lo` is `--long` if no other option begins so.
    pub prefixes: bool,
    /// `-long` is `--long` (Go's flag package, Terraform).
    pub single_dash: bool,
    /// Where options may stand.
    pub order: Order,
}

/// Where options may stand among the positionals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Anywhere.
    Anywhere,
    /// Anywhere, but only in front of the first positional where
    /// POSIXLY_CORRECT is set (GNU getopt).
    Posixly,
    /// Only in front of the first positional.
    Front,
}

impl Style {
    /// GNU getopt_long: bundles, accepts unique prefixes, permutes.
    pub const GETOPT_LONG: Style = Style {
        bundle: true,
        short_equals: false,
        long_equals: true,
        prefixes: true,
        single_dash: false,
        order: Order::Posixly,
    };
    /// The same with options in front only, as wrappers have it.
    pub const GETOPT: Style = Style { order: Order::Front, ..Style::GETOPT_LONG };
    /// Rust's clap: whole long names, `-o=value`.
    pub const CLAP: Style =
        Style { short_equals: true, prefixes: false, order: Order::Anywhere, ..Style::GETOPT_LONG };
    /// Go's pflag (kubectl, helm, docker, gh): as clap has it.
    pub const PFLAG: Style = Style::CLAP;
    /// Python's argparse.
    pub const ARGPARSE: Style = Style { order: Order::Anywhere, ..Style::GETOPT_LONG };
    /// Go's flag package (terraform): `-long`, `-long=value`, no bundles.
    pub const GO: Style = Style {
        bundle: false,
        short_equals: true,
        long_equals: true,
        prefixes: false,
        single_dash: true,
        order: Order::Front,
    };
    /// Node's yargs without short groups (mongosh): as Go has it, but options
    /// may stand anywhere.
    pub const YARGS: Style = Style { order: Order::Anywhere, ..Style::GO };
    /// curl: bundles and unique prefixes, but `--long=value` is not accepted.
    pub const CURL: Style =
        Style { long_equals: false, order: Order::Anywhere, ..Style::GETOPT_LONG };
    /// Whole words only.
    pub const EXACT: Style = Style {
        bundle: false,
        short_equals: false,
        long_equals: false,
        prefixes: false,
        single_dash: false,
        order: Order::Anywhere,
    };
}

/// One option.
#[derive(Debug, PartialEq, Eq)]
pub struct Opt {
    /// Its spellings with their dashes, the most telling one last:
    /// `["-p", "--project"]`.
    pub names: &'static [&'static str],
    /// What it takes.
    pub arity: Arity,
}

impl Opt {
    /// Whether `name` (with dashes) is one of its spellings.
    pub fn is(&self, name: &str) -> bool {
        self.names.contains(&name)
    }
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Nothing.
    Flag,
    /// One value, attached or the next word.
    Value,
    /// A value only if it is attached (`--color=auto`, `-i.bak`).
    Attached,
    /// The next word as its value, unless that begins with `-`.
    Optional,
    /// Exactly this many words.
    Words(u8),
    /// Ends the options: everything behind it is the command's own.
    Rest,
}
