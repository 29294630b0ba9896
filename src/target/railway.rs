//! Where a Railway command lands.
