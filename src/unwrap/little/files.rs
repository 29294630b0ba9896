//! Calls whose text is a file's or standard input's, as that of a crontab that
//! is put in place, and those with one line in an option.

use std::ffi::OsString;

use super::{Reader, Text, start};
use crate::actions::{Reading, table};
use crate::invocation::Env;
use crate::parse::little::{Fed, Found, Started, Words, crontab};

impl Reader<'_> {
    /// `man -P LINE`
    pub(super) fn man(&self) -> Reading {
        let is_man = self.call.context.invocation.tool() == "man";
        let lines = self.parsed.all("-P").filter(|_| is_man).filter_map(|given| given.value);
        let started = lines
            .map(|value| Started { words: Words::Line(self.value(&value)), fed: Fed::Computed });
        let found = Found { started: started.collect(), ..Found::default() };
        self.found(&found, &Text::default())
    }

    pub(super) fn crontab(&self) -> Reading {
        if ["-e", "-l", "-r", "-V"].iter().any(|option| self.parsed.has(option)) {
            return table::read(self.call);
        }
        let mut text = Text::default();
        match self.parsed.positionals.first() {
            Some(path) => self.file(&self.word(path), &mut text),
            None => self.input(&mut text),
        }
        let context = self.call.context;
        let mut reading = Reading::default();
        for job in crontab::read(&text.code) {
            // cron runs it in the home directory, with variables of its own.
            let mut outer = self.surroundings(&[]);
            outer.cwd = context.home();
            outer.env_cleared = true;
            outer.env = Env::default();
            for (name, value) in job.env {
                outer.env.push((OsString::from(name), Some(OsString::from(value))));
            }
            reading.inner.extend(start(&job.started, &outer, context.world));
        }
        reading
    }
}
