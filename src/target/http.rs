//! Where an HTTP request lands.
