//! The card and the typed phrase.
