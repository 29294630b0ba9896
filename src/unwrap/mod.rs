//! Wrappers → the commands inside them.
