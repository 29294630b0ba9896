//! Where a Railway command lands: the project and environment that the
//! command line would act on, in its own order of precedence (railwayapp
//! 5.71.0: options, then the token's own environment, then RAILWAY_* ids,
//! then the directory's link). Railway knows more than its files say; what
//! only the server could answer is a gap, and nothing here asks it.

pub mod api;
pub mod config;

use std::borrow::Cow;

use crate::action::Scope;
use crate::invocation::Context;
use crate::target::{Class, Evidence, Grade, Kind, Target};
use config::{Config, Link};

/// A name or id that the command gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Where it stands: `--environment`.
    pub source: Cow<'static, str>,
    /// The name or id.
    pub value: String,
    /// Whether it is computed at run time.
    pub dynamic: bool,
}

/// What a command says about its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// How far its object reaches.
    pub scope: Scope,
    /// The projects that it names: more than one only where the tool would
    /// have to choose.
    pub projects: Vec<Given>,
    /// The environments that it names.
    pub environments: Vec<Given>,
    /// The service that it names.
    pub service: Option<Given>,
    /// Whether it never falls back to the link (`railway delete`).
    pub ignores_link: bool,
    /// Whether it asks for the environment where none is named, instead of
    /// taking the linked one (`railway environment delete`).
    pub asks: bool,
    /// Something else about it that only Railway could tell the place of: a
    /// clause for the card.
    pub gap: Option<&'static str>,
}

/// The ids and names of the place as they are gathered.
struct Place {
    target: Target,
    project: Option<String>,
    environment: Option<String>,
}

/// Where a command that wants this lands.
pub fn resolve(context: &Context<'_>, wanted: &Wanted) -> Target {
    let mut place = Place { target: Target::of("railway"), project: None, environment: None };
    match wanted.scope {
        Scope::Host => {
            let here = Evidence::name(Kind::Path, "this machine", "the local project");
            place.push(here.asserting(Class::Local));
        }
        Scope::Account => {
            place.projects(wanted, &Config::default());
            place.hints(wanted);
            place.gap("it reaches whatever the account holds");
        }
        Scope::Environment | Scope::Project => place.locate(context, wanted),
    }
    place.finish(wanted.scope)
}

impl Place {
    fn locate(&mut self, context: &Context<'_>, wanted: &Wanted) {
        let config = config::load(context);
        if let Some(why) = wanted.gap {
            self.gap(why);
        }
        self.projects(wanted, &config);
        let fallback = match (wanted.projects.is_empty(), wanted.ignores_link) {
            (false, _) => Vec::new(),
            (true, false) => self.fall_back(context, wanted, &config),
            (true, true) => {
                self.gap("nothing here says which project it is");
                Vec::new()
            }
        };
        if wanted.scope == Scope::Project {
            self.hints(wanted);
            for (source, value) in fallback {
                self.environment(source, &value, &config);
            }
            self.whole_project(&config);
        } else {
            self.environments(wanted, &fallback, &config);
        }
        if wanted.environments.is_empty() {
            for name in ["RAILWAY_ENVIRONMENT_NAME", "RAILWAY_ENVIRONMENT"] {
                // Never read by the tool as a target, but set inside its shells.
                if let Some(value) = context.text_var(name) {
                    self.push(Evidence::hint(Kind::Setting, name, value));
                }
            }
        }
        if let Some(service) = wanted.service.as_ref().filter(|service| !service.dynamic) {
            self.push(Evidence::hint(Kind::App, service.source.clone(), service.value.clone()));
        }
    }

    fn projects(&mut self, wanted: &Wanted, config: &Config) {
        for given in &wanted.projects {
            match given.dynamic {
                true => self.gap("the project is computed at run time"),
                false => self.project(given.source.clone(), &given.value, config),
            }
        }
    }

    /// The environments that are named where they bound nothing: they may
    /// raise the class and not lower it.
    fn hints(&mut self, wanted: &Wanted) {
        for given in wanted.environments.iter().filter(|given| !given.dynamic) {
            let evidence = environment_evidence(given.source.clone(), &given.value);
            self.push(Evidence { grade: Grade::Hint, ..evidence });
        }
    }

    fn environments(
        &mut self,
        wanted: &Wanted,
        fallback: &[(&'static str, String)],
        config: &Config,
    ) {
        for given in &wanted.environments {
            match given.dynamic {
                true => self.gap("the environment is computed at run time"),
                false => self.environment(given.source.clone(), &given.value, config),
            }
        }
        if wanted.environments.is_empty() && wanted.asks {
            self.gap("the environment is chosen at a prompt");
        } else if wanted.environments.is_empty() {
            for (source, value) in fallback {
                self.environment(*source, value, config);
            }
        }
        if self.environment.is_none() {
            self.gap("nothing here says which environment it is");
        }
    }

    /// The project where the command names none, and the environment that
    /// comes with it: the token's own, by RAILWAY_* ids, or by the link.
    fn fall_back(
        &mut self,
        context: &Context<'_>,
        wanted: &Wanted,
        config: &Config,
    ) -> Vec<(&'static str, String)> {
        // Set counts, even to nothing.
        if context.var("RAILWAY_TOKEN").is_some() {
            if wanted.environments.is_empty() || wanted.scope == Scope::Project {
                self.gap("RAILWAY_TOKEN's project and environment are known only to Railway");
            }
            return Vec::new();
        }
        let link = config.closest(context);
        let project = context.text_var("RAILWAY_PROJECT_ID");
        let environment = context.text_var("RAILWAY_ENVIRONMENT_ID");
        if project.is_none() && environment.is_some() {
            self.gap("RAILWAY_ENVIRONMENT_ID is set without RAILWAY_PROJECT_ID");
        } else if let (None, Some(why)) = (&project, &config.gap) {
            self.gap(why.clone());
        }
        let from = match (&project, &environment) {
            (Some(project), _) => {
                self.project("RAILWAY_PROJECT_ID", project, config);
                link.filter(|link| link.project == *project)
            }
            (None, Some(_)) => None,
            (None, None) => {
                if let Some(link) = link {
                    self.project("config.json link", &link.project, config);
                }
                link
            }
        };
        if let Some(id) = environment {
            return vec![("RAILWAY_ENVIRONMENT_ID", id)];
        }
        // The name may be stale after a rename, and the id says little: both count.
        let both = from.into_iter().flat_map(|link| [&link.environment_name, &link.environment]);
        both.flatten().map(|value| ("config.json link", value.clone())).collect()
    }

    /// Takes up a project's name or id, and what the links know of it.
    fn project(&mut self, source: impl Into<Cow<'static, str>>, value: &str, config: &Config) {
        self.push(Evidence::name(Kind::Project, source, value));
        let mut name = value.to_owned();
        for link in config.of_project(value) {
            if let Some(known) = &link.name {
                self.push(Evidence::name(Kind::Project, "config.json", known.clone()));
                name.clone_from(known);
            }
            self.push(Evidence::name(Kind::Project, "config.json", link.project.clone()));
        }
        self.project.get_or_insert(name);
    }

    /// Takes up an environment's name or id, and what the links know of it.
    fn environment(&mut self, source: impl Into<Cow<'static, str>>, value: &str, config: &Config) {
        self.push(environment_evidence(source, value));
        let mut name = value.to_owned();
        let project = self.project.clone();
        for link in config.links().filter(|link| is_environment(link, project.as_deref(), value)) {
            if let Some(known) = &link.environment_name {
                self.push(environment_evidence("config.json", known));
                name.clone_from(known);
            }
            if let Some(id) = &link.environment {
                self.push(environment_evidence("config.json", id));
            }
        }
        self.environment.get_or_insert(name);
    }

    /// Every environment of the project that a link knows, since an action on
    /// the project reaches them all; and there may be more.
    fn whole_project(&mut self, config: &Config) {
        if let Some(project) = self.project.clone() {
            let links = config.of_project(&project);
            let names: Vec<String> = links
                .flat_map(|link| [&link.environment_name, &link.environment])
                .flatten()
                .cloned()
                .collect();
            for name in names {
                self.push(environment_evidence("config.json", &name));
            }
        }
        self.gap("it reaches every environment of the project, whichever is named");
    }

    fn push(&mut self, evidence: Evidence) {
        let kind = evidence.kind;
        let have = |one: &Evidence| one.kind == kind && one.value == evidence.value;
        if !self.target.evidence.iter().any(have) {
            self.target.evidence.push(evidence);
        }
    }

    /// Notes why the place is not wholly known; the first reason stays.
    fn gap(&mut self, why: impl Into<String>) {
        self.target.gap.get_or_insert_with(|| why.into());
    }

    fn finish(self, scope: Scope) -> Target {
        let mut target = self.target;
        let project = self.project.filter(|name| !name.is_empty() && !is_id(name));
        let environment = self.environment.filter(|name| !name.is_empty() && !is_id(name));
        target.name = match (project, environment) {
            (Some(project), Some(environment)) if scope == Scope::Environment => {
                Some(format!("{project}/{environment}"))
            }
            (None, Some(environment)) if scope == Scope::Environment => Some(environment),
            (project, _) => project,
        };
        target
    }
}

/// Whether `link` is to the environment of this name or id, in the project if
/// that is known; a name says nothing without its project.
fn is_environment(link: &Link, project: Option<&str>, value: &str) -> bool {
    let id = link.environment.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(value));
    let same_project = project.is_some_and(|project| {
        link.project.eq_ignore_ascii_case(project)
            || link.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(project))
    });
    let name = link.environment_name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(value));
    id || (name && same_project)
}

/// Evidence for an environment. `main` and `master` are production here,
/// which no general list of words says.
pub fn environment_evidence(source: impl Into<Cow<'static, str>>, value: &str) -> Evidence {
    let evidence = Evidence::name(Kind::Environment, source, value);
    match value.eq_ignore_ascii_case("main") || value.eq_ignore_ascii_case("master") {
        true => evidence.asserting(Class::Production),
        false => evidence,
    }
}

/// Whether a text is an id as Railway makes them (a UUID), which no person
/// would type.
pub fn is_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests;
