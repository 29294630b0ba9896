//! Code for a framework's console (Rails, Django, Laravel) → whether all that
//! it does is to query and to print. Every word of it has to be on a list:
//! query methods of the ORM, printing, literals, variables of its own,
//! constants (models) that such a method is called on, columns by the names
//! that columns have. Anything else (a name that is on no list, an assignment
//! to an attribute, a letter that the reader does not know) makes it code that
//! was not read. That a model may define `count` anew is no reason to stop it.
//! Nothing is run, and no file is read.

mod check;
mod lex;
mod words;

/// The longest code that is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// What the code is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// PHP, with Laravel's Eloquent.
    Php,
    /// Python, with Django's ORM.
    Python,
    /// Ruby, with Rails' Active Record.
    Ruby,
}

/// Whether the code queries and prints, and does nothing else.
pub fn only_reads(code: &str, language: Language) -> bool {
    code.len() <= LIMIT
        && lex::tokens(code, language)
            .is_some_and(|tokens| check::only_reads(&tokens, &words::of(language)))
}

#[cfg(test)]
mod tests;
