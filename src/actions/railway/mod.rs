//! Reads Railway's CLI.
