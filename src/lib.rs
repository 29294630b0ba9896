//! holdpoint stands between whoever types and the programs that can destroy
//! production. The modules are the steps of one pipeline, in this order:
//! [`invocation`] → [`unwrap`] → [`actions`] → [`target`] → [`policy`] (class)
//! → [`actor`] → [`policy`] (verdict) → [`confirm`] → [`audit`] → [`exec`];
//! [`pipeline`] calls those up to the verdict, [`gate`] the rest. [`world`] alone
//! reads, [`confirm`] alone asks, [`audit`] alone writes the log, [`exec`] alone
//! becomes the tool.

pub mod action;
pub mod actions;
pub mod actor;
pub mod approve;
pub mod audit;
pub mod cli;
pub mod confirm;
pub mod demo;
pub mod exec;
pub mod findings;
pub mod gate;
pub mod hook;
pub mod invocation;
pub mod judgement;
pub mod parse;
pub mod paths;
pub mod pipeline;
pub mod policy;
pub mod report;
pub mod retarget;
pub mod rules;
pub mod system;
pub mod target;
#[cfg(test)]
mod testing;
pub mod text;
pub mod tracked;
pub mod unwrap;
pub mod work;
pub mod world;
