//! The card and the typed phrase: the only module that asks. It asks on the
//! controlling terminal, which it opens itself, and takes nothing but the
//! phrase typed by hand: what was typed ahead is thrown away, what is pasted
//! or comes in a burst is refused. It decides nothing and runs nothing.

pub mod card;
mod keys;
pub mod phrase;
#[cfg(test)]
pub(crate) mod sample;
mod terminal;
mod turn;
mod wrap;

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::judgement::Judgement;
use crate::world::World;
use card::{Color, Width};
use keys::{Event, Line};
use terminal::{Happened, Held, Terminal};
use turn::Turn;

/// How long a question stays open.
const OPEN_FOR: Duration = Duration::from_secs(5 * 60);

/// How long a question waits for others on the same terminal.
const TURN_WITHIN: Duration = Duration::from_secs(10 * 60);

/// How many lines a person may get wrong.
const TRIES: usize = 3;

/// The columns that the mark before the typed text takes, and the free one.
const MARK: &str = "> ";

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Answer {
    /// A person typed the phrase.
    Confirmed,
    /// Nobody did, and why.
    Declined(Reason),
}

/// Why nobody confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is nothing to ask for: the judgement has no phrase.
    NothingToAsk,
    /// There is no controlling terminal.
    NoTerminal,
    /// The process is in the background, and nothing can bring it forward.
    Background,
    /// Another question stayed open on this terminal.
    Busy,
    /// What was typed was not the phrase, too often.
    WrongPhrase,
    /// What arrived was not typed by hand, too often.
    Pasted,
    /// The end of the input: ^D.
    EndOfInput,
    /// Nobody typed in time.
    TimedOut,
    /// A signal (its number): ^C is 2.
    Interrupted(i32),
    /// The terminal went away.
    HungUp,
    /// The system failed, and what it said.
    Failed(String),
}

impl fmt::Display for Reason {
    /// A clause that completes "not confirmed: …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::NothingToAsk => "there is no phrase to ask for",
            Reason::NoTerminal => "there is no terminal to ask on",
            Reason::Background => "it runs in the background, where nobody can be asked",
            Reason::Busy => "another question stayed open on this terminal",
            Reason::WrongPhrase => "what was typed is not the phrase",
            Reason::Pasted => "the phrase has to be typed by hand",
            Reason::EndOfInput => "the input ended",
            Reason::TimedOut => "nobody typed the phrase in time",
            Reason::Interrupted(_) => "it was interrupted",
            Reason::HungUp => "the terminal went away",
            Reason::Failed(said) => return write!(f, "the terminal failed: {said}"),
        })
    }
}

impl Reason {
    /// The signal that ended the question. The caller, once it has recorded
    /// the outcome, should end by it ([`end_by`]): a shell script goes on to
    /// its next line after a command that merely fails on ^C.
    pub fn signal(&self) -> Option<i32> {
        match self {
            Reason::Interrupted(number) => Some(*number),
            _ => None,
        }
    }
}

/// Shows the card on the controlling terminal and waits for the judgement's
/// phrase. The terminal is as it was when this returns.
pub fn ask(judgement: &Judgement, world: &dyn World) -> Answer {
    ask_for(OPEN_FOR, judgement, world)
}

/// The same, with the time that the question stays open.
pub fn ask_for(open_for: Duration, judgement: &Judgement, world: &dyn World) -> Answer {
    let Some(phrase) = &judgement.phrase else {
        return Answer::Declined(Reason::NothingToAsk);
    };
    let Ok(terminal) = Terminal::open() else { return Answer::Declined(Reason::NoTerminal) };
    loop {
        if !terminal.wait_for_foreground() {
            return Answer::Declined(Reason::Background);
        }
        let Some(turn) = Turn::wait(&terminal, world, Instant::now() + TURN_WITHIN) else {
            return Answer::Declined(Reason::Busy);
        };
        let outcome = match ask_once(&terminal, judgement, phrase, open_for, world) {
            Ok(outcome) => outcome,
            // EIO: the shell took the terminal back while we read.
            Err(_) if !terminal.is_ours() => Outcome::Again,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Outcome::Answered(Answer::Declined(Reason::TimedOut))
            }
            Err(error) => Outcome::Answered(Answer::Declined(Reason::Failed(error.to_string()))),
        };
        drop(turn);
        match outcome {
            Outcome::Answered(answer) => return answer,
            Outcome::Stopped => terminal::stop(Signal::SIGTSTP),
            Outcome::Again => {}
        }
    }
}

/// Ends this process by a signal as if nothing had caught it, or by `status`
/// where the signal is ignored. To be called once the outcome is recorded.
pub fn end_by(signal: i32, status: i32) -> ! {
    if let Ok(signal) = Signal::try_from(signal) {
        terminal::stop(signal);
    }
    std::process::exit(status)
}

/// What came of one look at the terminal.
enum Outcome {
    Answered(Answer),
    /// ^Z: the process has to stop, and to ask again after that.
    Stopped,
    /// It was stopped and goes on, or lost the terminal: ask again.
    Again,
}

fn ask_once(
    terminal: &Terminal,
    judgement: &Judgement,
    phrase: &str,
    open_for: Duration,
    world: &dyn World,
) -> io::Result<Outcome> {
    let variable = |name: &str| world.var(OsStr::new(name)).unwrap_or_default();
    let term = variable("TERM");
    let plain = term.is_empty() || term == "dumb";
    let color = Color::when(!plain && variable("NO_COLOR").is_empty());
    let deadline = Instant::now() + open_for;
    let screen = terminal.screen()?;
    let held = terminal.take(!plain)?;
    let card = card::render(judgement, Width::of(&screen), color);
    held.write(&format!("\n{card}"), Some(deadline))?;
    held.forget_typed();
    let mut prompt = Prompt { held: &held, screen, deadline, drawn: 0 };
    let outcome = prompt.run(phrase);
    prompt.finish()?;
    outcome
}

/// The line in which the phrase is typed.
struct Prompt<'a> {
    held: &'a Held<'a>,
    screen: console::Term,
    deadline: Instant,
    drawn: usize,
}

impl Prompt<'_> {
    fn run(&mut self, phrase: &str) -> io::Result<Outcome> {
        let declined = |reason| Ok(Outcome::Answered(Answer::Declined(reason)));
        let mut left = TRIES;
        let mut line = Line::new(self.held.controls());
        self.draw(&line)?;
        loop {
            let bytes = match self.held.wait(self.deadline)? {
                Happened::Typed(bytes) => bytes,
                Happened::TimedOut => return declined(Reason::TimedOut),
                Happened::HungUp => return declined(Reason::HungUp),
                Happened::Signal(Signal::SIGWINCH) => {
                    self.redraw(&line)?;
                    continue;
                }
                Happened::Signal(Signal::SIGTSTP) => return Ok(Outcome::Stopped),
                Happened::Signal(Signal::SIGCONT | Signal::SIGTTIN | Signal::SIGTTOU) => {
                    return Ok(Outcome::Again);
                }
                Happened::Signal(signal) => return declined(Reason::Interrupted(signal as i32)),
            };
            let event = feed(&mut line, &bytes);
            self.draw(&line)?;
            let (reason, message) = match event {
                Event::Going => continue,
                Event::End => return declined(Reason::EndOfInput),
                Event::Submitted if line.is(phrase) => {
                    return Ok(Outcome::Answered(Answer::Confirmed));
                }
                Event::Submitted => (Reason::WrongPhrase, "That is not the phrase."),
                Event::Pasted => {
                    (Reason::Pasted, "Type it by hand: what is pasted does not count.")
                }
            };
            left -= 1;
            if left == 0 {
                return declined(reason);
            }
            self.held.forget_typed();
            line = Line::new(self.held.controls());
            let tries = if left == 1 { "1 try" } else { "2 tries" };
            self.say(&format!("{message} {tries} left."))?;
            self.draw(&line)?;
        }
    }

    /// Shows the line in place of what was drawn before. No escape codes: a
    /// dumb terminal does it as well.
    fn draw(&mut self, line: &Line) -> io::Result<()> {
        let shown = line.shown(self.columns().saturating_sub(MARK.len() + 1).max(1));
        let width = console::measure_text_width(&shown);
        let rest = " ".repeat(self.drawn.saturating_sub(width));
        let back = if rest.is_empty() { String::new() } else { format!("\r{MARK}{shown}") };
        self.drawn = width;
        self.held.write(&format!("\r{MARK}{shown}{rest}{back}"), Some(self.deadline))
    }

    /// After a change of size the line may stand anywhere: a new one.
    fn redraw(&mut self, line: &Line) -> io::Result<()> {
        self.finish()?;
        self.draw(line)
    }

    fn say(&mut self, message: &str) -> io::Result<()> {
        let lines = wrap::wrap(message, self.columns().saturating_sub(1)).join("\n");
        self.drawn = 0;
        self.held.write(&format!("\n{lines}\n"), Some(self.deadline))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.drawn = 0;
        self.held.write("\n", Some(Instant::now() + Duration::from_secs(1)))
    }

    fn columns(&self) -> usize {
        self.screen.size_checked().map_or(80, |(_, columns)| usize::from(columns))
    }
}

/// Feeds bytes until one means something; the rest of a burst is dropped.
fn feed(line: &mut Line, bytes: &[u8]) -> Event {
    let now = Instant::now();
    bytes
        .iter()
        .map(|byte| line.feed(*byte, now))
        .find(|event| *event != Event::Going)
        .unwrap_or(Event::Going)
}
