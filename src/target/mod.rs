//! Where an action lands: the target, the evidence for it, and the words for
//! classes. One resolver a platform lives beside this file; each takes a
//! [`crate::invocation::Context`] and gives a [`Target`], and none decides.

pub mod ansible;
pub mod ansible_variables;
pub mod aws;
pub mod azure;
pub mod backups;
pub mod clickhouse;
pub mod compose;
pub mod data_directory;
pub mod database_url;
pub mod docker;
pub mod dotenv;
pub mod duckdb;
pub mod firebase;
pub mod gcloud;
pub mod git;
pub mod git_hooks;
pub mod http;
pub mod kube;
pub mod machine;
pub mod migration;
pub mod mongo;
pub mod mysql;
pub mod names;
pub mod place;
pub mod postgres;
pub mod pulumi;
pub mod railway;
pub mod rclone;
pub mod redis;
pub mod repository;
pub mod sqlserver;
pub mod ssh;
pub mod stacks;
pub mod terraform;
pub mod tunnel;

use std::borrow::Cow;
use std::fmt;

/// What kind of place a target is. Ordered by danger, `Unknown` between
/// staging and production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// This machine.
    Local,
    /// A place where losing everything costs nobody anything.
    Development,
    /// A place that stands for production in rehearsals.
    Staging,
    /// Nothing said what it is. Counts as production for what destroys.
    Unknown,
    /// What users depend on.
    Production,
}

impl Class {
    /// The word for it in JSON and policy.
    pub const fn word(self) -> &'static str {
        match self {
            Class::Local => "local",
            Class::Development => "development",
            Class::Staging => "staging",
            Class::Unknown => "unknown",
            Class::Production => "production",
        }
    }

    /// The class a word stands for, if any.
    pub fn from_word(word: &str) -> Option<Class> {
        [Class::Local, Class::Development, Class::Staging, Class::Unknown, Class::Production]
            .into_iter()
            .find(|class| class.word() == word)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How much a source of a target fact proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// The directory, a branch, NODE_ENV: may raise, never lower.
    Hint,
    /// A host, profile, context or project name that the tool resolves.
    Name,
    /// An id pinned in policy, or verified by asking.
    Identity,
}

impl Grade {
    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Grade::Hint => "hint",
            Grade::Name => "name",
            Grade::Identity => "identity",
        }
    }
}

/// What a piece of evidence is a value of. Policy patterns and the built-in
/// words apply by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A host name or address, without port.
    Host,
    /// A socket directory or socket path.
    Socket,
    /// A TCP port, as text.
    Port,
    /// A database name.
    Database,
    /// A named connection (`PGSERVICE`).
    Service,
    /// A user or role name: a hint only.
    User,
    /// A credential profile name (`--profile`).
    Profile,
    /// An account id or alias.
    Account,
    /// A region: says nothing about class.
    Region,
    /// A project name or id.
    Project,
    /// An environment name or id.
    Environment,
    /// An app, service or function name inside a project.
    App,
    /// A kubeconfig, docker or similar context.
    Context,
    /// A cluster name.
    Cluster,
    /// A namespace.
    Namespace,
    /// A Terraform or Pulumi workspace or stack.
    Workspace,
    /// A bucket, table, instance or other resource name in the command.
    Resource,
    /// A URL or endpoint.
    Url,
    /// A file path.
    Path,
    /// The value of a variable such as NODE_ENV: a hint only.
    Setting,
    /// A branch of a repository. Its words say nothing: `fix/prod-login` is a
    /// feature branch.
    Branch,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 21] = [
        Kind::Host,
        Kind::Socket,
        Kind::Port,
        Kind::Database,
        Kind::Service,
        Kind::User,
        Kind::Profile,
        Kind::Account,
        Kind::Region,
        Kind::Project,
        Kind::Environment,
        Kind::App,
        Kind::Context,
        Kind::Cluster,
        Kind::Namespace,
        Kind::Workspace,
        Kind::Resource,
        Kind::Url,
        Kind::Path,
        Kind::Setting,
        Kind::Branch,
    ];

    /// The kind a word stands for, if any.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word for it in policy files.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Host => "host",
            Kind::Socket => "socket",
            Kind::Port => "port",
            Kind::Database => "database",
            Kind::Service => "service",
            Kind::User => "user",
            Kind::Profile => "profile",
            Kind::Account => "account",
            Kind::Region => "region",
            Kind::Project => "project",
            Kind::Environment => "environment",
            Kind::App => "app",
            Kind::Context => "context",
            Kind::Cluster => "cluster",
            Kind::Namespace => "namespace",
            Kind::Workspace => "workspace",
            Kind::Resource => "resource",
            Kind::Url => "url",
            Kind::Path => "path",
            Kind::Setting => "setting",
            Kind::Branch => "branch",
        }
    }
}

/// One source of a target fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// How much it proves.
    pub grade: Grade,
    /// What the value is a value of.
    pub kind: Kind,
    /// Where it was found: `--host`, `PGSERVICE → ~/.pg_service.conf`.
    pub source: Cow<'static, str>,
    /// What was found there. Never a secret.
    pub value: String,
    /// A class that the resolver itself knows this to be (a loopback address
    /// is local; Railway's primary environment is production), whatever the
    /// name's words say.
    pub asserts: Option<Class>,
}

impl Evidence {
    /// Evidence of grade `name`.
    pub fn name(
        kind: Kind,
        source: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Evidence {
        Evidence {
            grade: Grade::Name,
            kind,
            source: source.into(),
            value: value.into(),
            asserts: None,
        }
    }

    /// Evidence of grade `hint`, which may raise a class and never lower it.
    pub fn hint(
        kind: Kind,
        source: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Evidence {
        Evidence { grade: Grade::Hint, ..Evidence::name(kind, source, value) }
    }

    /// The same evidence, known to be of `class`.
    #[must_use]
    pub fn asserting(self, class: Class) -> Evidence {
        Evidence { asserts: Some(class), ..self }
    }
}

/// A parameter's value and what said so.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The value; empty counts as given.
    pub value: String,
    /// `--host`, `PGHOST`, `[client] in ~/.my.cnf`.
    pub source: Cow<'static, str>,
}

impl Setting {
    /// A value with its source.
    pub fn new(value: impl Into<String>, source: impl Into<Cow<'static, str>>) -> Setting {
        Setting { value: value.into(), source: source.into() }
    }
}

/// Where an action lands, with the evidence. Its class is worked out later,
/// from the evidence and policy, by [`crate::policy::classify`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// `postgres`, `railway`, `aws`, `http` …; empty where there is none.
    pub platform: Cow<'static, str>,
    /// What a person calls it, and types to confirm; none if nothing named it.
    pub name: Option<String>,
    /// Everything that said where it is.
    pub evidence: Vec<Evidence>,
    /// Why it could not be resolved, if it could not: a clause for the card.
    /// A target with a gap is at least `unknown`.
    pub gap: Option<String>,
}

impl Target {
    /// An empty target of `platform`.
    pub fn of(platform: impl Into<Cow<'static, str>>) -> Target {
        Target { platform: platform.into(), ..Target::default() }
    }
}
