//! Calls of what is mostly typed at: gdb, Expect and gnuplot; and hyperfine,
//! each of whose words is a line.

use super::{Reader, Text, start};
use crate::actions::Reading;
use crate::invocation::{HOLE, Invocation};
use crate::parse::little::{Started, consoles, tcl};

impl Reader<'_> {
    pub(super) fn gdb(&self) -> Reading {
        let (mut text, _) = self.options(&["-ex", "-iex"], &["-x", "-ix"]);
        self.typed(&mut text);
        let mut reading = self.found(&consoles::gdb(&text.code), &text);
        // `gdb --args psql -c x`: the program that it would run.
        let first = self.parsed.positionals.first().filter(|_| self.parsed.has("-args"));
        if let Some(first) = first {
            let inner = self.call.context.invocation.tail(first.index);
            reading.inner.push(Invocation { loosely: true, ..inner });
        }
        reading
    }

    pub(super) fn expect(&self) -> Reading {
        let (mut text, _) = self.options(&["-c"], &["-f"]);
        match self.parsed.positionals.first() {
            Some(_) if self.parsed.has("-f") => {}
            Some(path) => self.file(&self.word(path), &mut text),
            None => self.typed(&mut text),
        }
        self.found(&tcl::read(&text.code), &text)
    }

    pub(super) fn gnuplot(&self) -> Reading {
        let (mut text, _) = self.options(&["-e"], &["-c"]);
        for word in &self.parsed.positionals {
            self.file(&self.word(word), &mut text);
        }
        if self.parsed.positionals.is_empty() {
            self.typed(&mut text);
        }
        self.found(&consoles::gnuplot(&text.code), &text)
    }

    pub(super) fn hyperfine(&self) -> Reading {
        let lines = ["--setup", "--prepare", "--conclude", "--cleanup", "--reference"];
        let given = lines.iter().flat_map(|option| self.parsed.all(option));
        let given = given.filter_map(|given| given.value).map(|value| self.value(&value));
        let words = self.parsed.positionals.iter().map(|word| self.word(word));
        // `{name}` stands for the values of a parameter.
        let scans = ["--parameter-list", "--parameter-scan"].iter();
        let names: Vec<String> = scans
            .flat_map(|option| self.parsed.all(option))
            .filter_map(|given| Some(format!("{{{}}}", given.value?.text.to_str()?)))
            .collect();
        let context = self.call.context;
        let filled = |line: String| names.iter().fold(line, |line, name| line.replace(name, HOLE));
        let started = given.chain(words).map(|line| Started::line(filled(line)));
        let outer = self.surroundings(&Text::default().files);
        let inner = started.filter_map(|one| start(&one, &outer, context.world));
        Reading { inner: inner.collect(), ..Reading::default() }
    }
}
