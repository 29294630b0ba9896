//! Reads psql and the other PostgreSQL programs.
