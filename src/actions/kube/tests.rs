//! kubectl's words, files and patches, as they are read.
