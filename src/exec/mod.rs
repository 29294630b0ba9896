//! Finds the real tool past our own shims and becomes it.
