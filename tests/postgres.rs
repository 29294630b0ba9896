//! The real psql and a real PostgreSQL as oracles: where psql connects is where
//! we say it does, what it sends is what we split, and what we call destroying
//! destroys. Needs Debian's postgresql (15), and root or a user who may run
//! initdb.

#[path = "postgres/destroys.rs"]
mod destroys;
#[path = "postgres/directories.rs"]
mod directories;
#[path = "postgres/files.rs"]
mod files;
#[path = "support/installed.rs"]
mod installed;
#[path = "postgres/places.rs"]
mod places;
#[path = "support/port.rs"]
mod port;
#[path = "postgres/reconnects.rs"]
mod reconnects;
#[path = "postgres/regress.rs"]
mod regress;
#[path = "postgres/server.rs"]
mod server;
#[path = "postgres/texts.rs"]
mod texts;
#[path = "support/wait.rs"]
mod wait;
