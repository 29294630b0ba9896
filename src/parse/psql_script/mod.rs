//! The language of psql scripts: statements and meta-commands.
