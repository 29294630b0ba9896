//! Where a configuration's providers reach: the profile, project, context or
//! host that each names. Names count in full only where every provider that
//! reaches anything names its place; else they can raise a class and not
//! lower it, for one cluster called `kind-dev` says nothing of the cloud
//! account beside it. Secrets among the settings are never looked at.

use std::path::Path;

use crate::invocation::Context;
use crate::parse::hcl::{self, Block, Body, Value};
use crate::parse::url;
use crate::target::names;
use crate::target::{Class, Evidence, Grade, Kind, Target};

use super::configuration::{Configuration, Provider, Resource};
use super::modules;
use super::scope::Scope;

/// The longest lock file that is read, in bytes.
const MAX_LOCK: usize = 1 << 19;

/// The most providers that are told.
const MAX_TOLD: usize = 20;

/// Providers that reach nothing but this machine and the state.
const PLACELESS: &[&str] = &[
    "archive",
    "cloudinit",
    "external",
    "http",
    "local",
    "null",
    "random",
    "template",
    "terraform",
    "time",
    "tls",
];

/// Variables that fill in a setting which wins over the ones that name the
/// place here: a server beats the one of the context (the providers'
/// documentation).
const FILLS_IN: &[(&str, &str)] =
    &[("kubernetes", "KUBE_HOST"), ("helm", "KUBE_HOST"), ("kubectl", "KUBE_HOST")];

/// Settings that name a place, whatever the provider: those of the large ones,
/// and words that others use alike.
const PLACES: &[(&str, Kind)] = &[
    ("profile", Kind::Profile),
    ("allowed_account_ids", Kind::Account),
    ("assume_role.role_arn", Kind::Account),
    ("project", Kind::Project),
    ("project_id", Kind::Project),
    ("subscription_id", Kind::Account),
    ("account_id", Kind::Account),
    ("account_name", Kind::Account),
    ("config_context", Kind::Context),
    ("config_context_cluster", Kind::Cluster),
    ("kubernetes.config_context", Kind::Context),
    ("kubernetes.host", Kind::Host),
    ("context", Kind::Context),
    ("cluster", Kind::Cluster),
    ("cloud", Kind::Profile),
    ("tenant_name", Kind::Project),
    ("organization", Kind::Account),
    ("environment", Kind::Environment),
    ("host", Kind::Host),
    ("hostname", Kind::Host),
    ("server", Kind::Host),
    ("address", Kind::Host),
    ("endpoint", Kind::Host),
    ("url", Kind::Host),
    ("database", Kind::Database),
];

/// What the providers say of the place: those of the configuration in `dir`,
/// which was initialised into `data`.
pub fn evidence(
    context: &Context<'_>,
    (dir, data): (&Path, &Path),
    configuration: &Configuration,
    scope: &Scope<'_>,
    target: &mut Target,
) {
    let mut all = Vec::new();
    let mut raising = Vec::new();
    let mut named = Vec::new();
    for provider in configuration.providers.iter().take(MAX_TOLD) {
        let (found, whole) = places(provider, scope);
        let filled = FILLS_IN
            .iter()
            .any(|(name, variable)| provider.name == *name && context.text_var(variable).is_some());
        named.push((provider, whole && !filled && !found.is_empty()));
        all.extend(found);
        raising.extend(labels(provider, scope));
        if let Some(region) = scope.attribute(&provider.body, "region") {
            let from = format!("{}, provider {}, region", provider.file, provider.name);
            all.push(Evidence::name(Kind::Region, from, region));
        }
    }
    let own = projects(configuration, scope, &mut all);
    let whole = own
        && configuration.unread.is_none()
        && !all.is_empty()
        && configuration.providers.len() <= MAX_TOLD
        && covers(context, dir, configuration, &named)
        && (configuration.modules == 0 || modules::bring_none(context, dir, data));
    target.evidence.extend(raising);
    for mut evidence in all {
        let raises = names::word(evidence.kind, &evidence.value)
            .is_some_and(|word| word.class == Class::Production);
        if !whole && !raises {
            evidence.grade = Grade::Hint;
        }
        if evidence.grade == Grade::Name && evidence.kind != Kind::Region {
            target.name.get_or_insert_with(|| evidence.value.clone());
        }
        if !target.evidence.contains(&evidence) {
            target.evidence.push(evidence);
        }
    }
}

/// The places that a provider names, and whether each could be told.
fn places(provider: &Provider, scope: &Scope<'_>) -> (Vec<Evidence>, bool) {
    let mut found = Vec::new();
    let mut whole = true;
    for (setting, kind) in PLACES {
        let from = || format!("{}, provider {}, {setting}", provider.file, provider.name);
        for value in settings(&provider.body, setting) {
            match (scope.value(value, 0), scope.text(value)) {
                (_, Some(text)) if text.is_empty() => {}
                (_, Some(text)) => found.push(place(*kind, from(), text)),
                (Some(Value::List(list)), _) => {
                    let texts: Vec<String> = list.iter().filter_map(|it| scope.text(it)).collect();
                    whole &= texts.len() == list.len();
                    found.extend(texts.into_iter().take(5).map(|it| place(*kind, from(), it)));
                }
                (Some(Value::Null), _) => {}
                _ => whole = false,
            }
        }
    }
    if provider.name == "aws" {
        found.extend(emulator(provider, scope));
    }
    (found, whole)
}

/// What a provider writes on everything that it makes, where that names the
/// environment: it says production, or nothing.
fn labels(provider: &Provider, scope: &Scope<'_>) -> Vec<Evidence> {
    let values = settings(&provider.body, "default_tags.tags").into_iter();
    let values = values.chain(settings(&provider.body, "default_labels"));
    let maps = values.filter_map(|value| scope.value(value, 0));
    let mut found = Vec::new();
    for map in maps.take(4) {
        let Value::Map(entries) = map else { continue };
        for (key, value) in entries.iter().take(50) {
            let key = key.to_ascii_lowercase();
            if let Some(text) = scope.text(value)
                && ["env", "environment", "stage"].contains(&key.as_str())
                && names::word(Kind::Environment, &text)
                    .is_some_and(|word| word.class == Class::Production)
            {
                let from = format!("{}, provider {}, tag {key}", provider.file, provider.name);
                found.push(Evidence::name(Kind::Environment, from, text));
            }
        }
    }
    found
}

/// A setting's values: its own, or those in its blocks or object.
fn settings<'a>(body: &'a Body, setting: &str) -> Vec<&'a Value> {
    let Some((outer, inner)) = setting.split_once('.') else {
        return body.value(setting).into_iter().collect();
    };
    let blocks = body.blocks.iter().filter(|block| block.kind == outer);
    let of_blocks = blocks.filter_map(|block| block.body.value(inner));
    let of_object = body.value(outer).and_then(|value| value.member(inner));
    of_blocks.chain(of_object).collect()
}

/// A host may be written as a URL, with a password in it: only the host is
/// told.
fn place(kind: Kind, from: String, text: String) -> Evidence {
    if kind != Kind::Host {
        return Evidence::name(kind, from, text);
    }
    if text.starts_with("unix:") || text.starts_with('/') {
        let socket = text.trim_start_matches("unix:").trim_start_matches("//");
        return Evidence::name(Kind::Socket, from, socket).asserting(Class::Local);
    }
    match url::parse(&text) {
        Some(url) if url::is_loopback(&url.host) => {
            Evidence::name(Kind::Host, from, url.host).asserting(Class::Local)
        }
        Some(url) => Evidence::name(Kind::Host, from, url.host),
        None => Evidence::hint(Kind::Host, from, "<unreadable>"),
    }
}

/// An emulator of AWS: every endpoint that is set is this machine's, and the
/// key is none that AWS would take.
fn emulator(provider: &Provider, scope: &Scope<'_>) -> Option<Evidence> {
    let key = scope.attribute(&provider.body, "access_key")?;
    if key.len() >= 16 {
        return None;
    }
    let blocks: Vec<&Block> = provider.body.blocks("endpoints").collect();
    let values = blocks.iter().flat_map(|block| &block.body.attributes);
    let mut host = None;
    for attribute in values {
        let url = url::parse(&scope.text(&attribute.value)?)?;
        if !url::is_loopback(&url.host) {
            return None;
        }
        host = Some(url.host);
    }
    let from = format!("{}, provider aws, endpoints", provider.file);
    host.map(|host| Evidence::name(Kind::Host, from, host).asserting(Class::Local))
}

/// Projects that Google's resources name themselves; whether each could be
/// told.
fn projects(configuration: &Configuration, scope: &Scope<'_>, found: &mut Vec<Evidence>) -> bool {
    let mut whole = true;
    let google = configuration.resources.iter().filter(|it| Resource::may_name_project(&it.kind));
    for (resource, project) in google.filter_map(|it| Some((it, it.project.as_ref()?))) {
        match scope.text(project) {
            Some(text) if found.iter().any(|known| known.value == text) => {}
            Some(text) if found.len() < 2 * MAX_TOLD => {
                let from = format!("{}.{}, project", resource.kind, resource.name);
                found.push(Evidence::name(Kind::Project, from, text));
            }
            _ => whole = false,
        }
    }
    whole
}

/// Whether every provider that the directory was initialised for names its
/// place, in its first configuration and in any other. What `init` noted down
/// has the providers of modules and of what only the state still holds too.
fn covers(
    context: &Context<'_>,
    dir: &Path,
    configuration: &Configuration,
    named: &[(&Provider, bool)],
) -> bool {
    let lock = context.read(dir.join(".terraform.lock.hcl"), MAX_LOCK).ok();
    let text = lock.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(lock) = text.and_then(|text| hcl::native(&text).ok()) else { return false };
    let sources: Vec<&str> = lock
        .blocks("provider")
        .filter_map(|block| block.labels.first())
        .map(String::as_str)
        .collect();
    let is_source = |of: &str, source: &str| {
        source == of || source.strip_suffix(of).is_some_and(|rest| rest.ends_with('/'))
    };
    let is_named = |source: &&str| {
        let own = source.rsplit('/').next().unwrap_or_default();
        if PLACELESS.contains(&own) && source.ends_with(&format!("/hashicorp/{own}")) {
            return true;
        }
        let blocks =
            named.iter().filter(|(provider, _)| match configuration.required.get(&provider.name) {
                Some(of) => is_source(of, source),
                None => provider.name == own,
            });
        let mut first = false;
        for (provider, named) in blocks {
            if !named {
                return false;
            }
            first |= provider.alias.is_none();
        }
        first
    };
    // A resource of a provider that is not in the list was not there when it
    // was written down.
    let listed = configuration.resources.iter().all(|resource| {
        let prefix = resource.kind.split('_').next().unwrap_or_default();
        prefix == "terraform"
            || sources.iter().any(|source| source.rsplit('/').next() == Some(prefix))
            || configuration.required.contains_key(prefix)
    });
    listed && !sources.is_empty() && sources.iter().all(is_named)
}
