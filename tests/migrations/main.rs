//! Migration tools and what starts them. `incidents`: the reported losses of
//! this family with the project files that they need, as a line and through
//! shims. `real`: Django, Alembic, drizzle-kit, Prisma and npm themselves as
//! judges of which database a command works on and of what it leaves there.
//! `pending`: the files that a command would run.

#[path = "../support/installed.rs"]
mod installed;
#[path = "../support/postgres_server.rs"]
mod postgres_server;
#[path = "../support/sandbox.rs"]
mod sandbox;

mod incidents;
mod packages;
mod pending;
mod project;
mod rails;
mod real;
