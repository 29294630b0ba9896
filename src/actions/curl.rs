//! Reads curl.
