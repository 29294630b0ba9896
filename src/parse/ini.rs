//! INI-like files (AWS config and credentials).
