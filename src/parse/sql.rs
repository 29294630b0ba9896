//! SQL text → statements and what they do, by squawk-syntax.
