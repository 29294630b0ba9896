//! Editors' calls: the lines that options, files and standard input give to
//! vim and ed, and the expressions given to Emacs.

use super::{Reader, Text};
use crate::actions::Reading;
use crate::invocation::Stdin;
use crate::parse::little::ex::{self, Editor};
use crate::parse::little::lisp;

impl Reader<'_> {
    pub(super) fn vim(&self) -> Reading {
        let (mut text, _) = self.options(&["-c", "--cmd"], &["-S"]);
        for word in &self.parsed.positionals {
            if let Some(line) = self.word(word).strip_prefix('+') {
                text.add(line);
            }
        }
        // As ex, it reads its commands where nobody types them.
        let named = matches!(self.call.context.invocation.tool(), "ex" | "exim");
        if named || self.parsed.has("-e") || self.parsed.has("-E") {
            self.typed(&mut text);
        }
        self.found(&ex::read(&text.code, Editor::Vim), &text)
    }

    pub(super) fn ed(&self) -> Reading {
        let mut text = Text::default();
        // `ed '!line'` begins with what the line prints.
        for word in &self.parsed.positionals {
            let word = self.word(word);
            if word.starts_with('!') {
                text.add(&word);
            }
        }
        self.typed(&mut text);
        self.found(&ex::read(&text.code, Editor::Ed), &text)
    }

    pub(super) fn emacs(&self) -> Reading {
        let (mut text, _) = self.options(&["-eval"], &["-load", "-script"]);
        if self.call.context.invocation.tool() == "emacsclient" {
            self.parsed.positionals.iter().for_each(|word| text.add(&self.word(word)));
        }
        self.found(&lisp::read(&text.code), &text)
    }

    /// Adds what the line gives on standard input.
    pub(super) fn typed(&self, text: &mut Text) {
        if matches!(self.call.context.invocation.stdin, Stdin::Text(_)) {
            self.input(text);
        }
    }
}
