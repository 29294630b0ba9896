//! Where libpq connects to.
