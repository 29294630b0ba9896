//! The real mysql client and a real MariaDB as oracles: where the client
//! connects is where we say it does, what it sends is what we split, what we
//! call destroying destroys, and behind its shim nothing of it happens. Needs
//! Debian's mariadb-server and mariadb-client.

#[path = "support/mariadb_server.rs"]
mod mariadb_server;
#[path = "support/sandbox.rs"]
mod sandbox;

#[path = "mysql/guard.rs"]
mod guard;
#[path = "mysql/places.rs"]
mod places;
#[path = "mysql/texts.rs"]
mod texts;
