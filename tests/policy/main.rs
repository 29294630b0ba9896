//! The policy as a whole: the default table, what makes a class, how files
//! weigh, and that nothing a project says ever loosens anything.

#![allow(clippy::unwrap_used)]

mod classes;
mod docs;
mod layers;
mod properties;
mod table;

use std::path::PathBuf;

use holdpoint::action::{Action, Effect, Flag, Flags};
use holdpoint::actor::ActorKind;
use holdpoint::policy::Policy;
use holdpoint::policy::layer::{Layer, Owned};
use holdpoint::target::{Class, Evidence, Kind, Target};

const CLASSES: [Class; 5] =
    [Class::Local, Class::Development, Class::Staging, Class::Production, Class::Unknown];
const ACTORS: [ActorKind; 4] =
    [ActorKind::Human, ActorKind::Agent, ActorKind::Ci, ActorKind::Unknown];

/// The layer of a file of these bytes.
fn layer(owned: Owned, bytes: &[u8]) -> Layer {
    Layer::new(owned, PathBuf::from(format!("{}.toml", owned.word())), bytes.to_vec())
}

/// A policy of files that must be right; `version = 1` is put in front.
fn policy(files: &[(Owned, &str)]) -> Policy {
    let layers =
        files.iter().map(|(owned, text)| layer(*owned, format!("version = 1\n{text}").as_bytes()));
    let policy = Policy::of(layers.collect());
    let problems: Vec<String> = policy.problems().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
    policy
}

/// The policy of an account's file alone.
fn user(text: &str) -> Policy {
    policy(&[(Owned::User, text)])
}

fn action(effect: Effect, flags: &[Flag]) -> Action {
    Action { flags: Flags::of(flags), ..Action::new(effect, "op") }
}

fn on(target: Target, effect: Effect) -> Action {
    Action { target, ..action(effect, &[]) }
}

/// A target with names.
fn named(names: &[(Kind, &str)]) -> Target {
    let evidence =
        names.iter().map(|(kind, value)| Evidence::name(*kind, "test", *value)).collect();
    Target { evidence, ..Target::of("postgres") }
}
