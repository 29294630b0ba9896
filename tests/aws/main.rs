//! The AWS CLI as the judge of our reading of it: the real program against a
//! recording endpoint and against moto's server, both on loopback, and
//! botocore's own models and config reader, and IAM's access levels.

mod code;
mod config;
mod contrast;
mod grammar;
mod iam;
mod models;
mod moto;
mod real;
mod recorder;
#[path = "../support/moto.rs"]
mod server;
