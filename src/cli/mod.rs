//! holdpoint's own command line.
