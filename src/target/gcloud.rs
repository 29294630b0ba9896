//! Where a gcloud, gsutil or bq invocation lands: the project and the account
//! by the sources and in the order in which the Google Cloud CLI looks for
//! them (SDK 528: option, variable, the active configuration's file), and the
//! names in the command. Gives evidence, never a class but `local` for an
//! emulator on this machine; never asks Google.

use std::borrow::Cow;
use std::path::PathBuf;

use super::{Class, Evidence, Kind, Target};
use crate::invocation::{COMPUTED, Context};
use crate::parse::argv::Value;
use crate::parse::ini::{self, Ini};
use crate::parse::url;
use crate::world::ReadError;

/// The most bytes of a configuration that are read.
const LIMIT: usize = 1 << 20;

/// A name in a command, and whether the command's own grammar is known well
/// enough to call it that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What kind of name.
    pub kind: Kind,
    /// Where it stands: an option, or `argument`.
    pub source: Cow<'static, str>,
    /// The name.
    pub text: String,
    /// Whether it is certain that this is a name and no option's value.
    pub sure: bool,
}

/// What a command says about its target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// `--project` (`--project_id` of bq, `-u` of gsutil).
    pub project: Option<Value<'a>>,
    /// `--configuration`.
    pub configuration: Option<Value<'a>>,
    /// `--account`.
    pub account: Option<Value<'a>>,
    /// `--impersonate-service-account`.
    pub impersonate: Option<Value<'a>>,
    /// The service by the first command word.
    pub service: &'a str,
    /// Whether the project says where the command lands.
    pub bounded: bool,
    /// The names in the command.
    pub named: &'a [Named],
}

/// Where a command lands.
pub fn resolve(context: Context<'_>, asked: &Asked<'_>) -> Target {
    let mut target = Target::of("gcp");
    names(&mut target, asked.named);
    let own = target.evidence.iter().any(|one| one.kind == Kind::Project);
    let settings = Settings::read(context, asked, &mut target);
    let project = settings.find(context, asked.project, "--project", "project", &mut target);
    if let Some((source, project)) = project {
        let bounds = asked.bounded && !own;
        if bounds {
            target.name = Some(project.clone());
        }
        target.evidence.push(match bounds {
            true => Evidence::name(Kind::Project, source, project),
            false => Evidence::hint(Kind::Project, source, project),
        });
    }
    let account = settings.find(context, asked.account, "--account", "account", &mut target);
    if let Some((source, account)) = account {
        target.evidence.push(Evidence::hint(Kind::User, source, account));
    }
    if let Some(value) = asked.impersonate.filter(|value| !value.dynamic) {
        let text = value.text.to_string_lossy();
        let source = "--impersonate-service-account";
        target.evidence.push(Evidence::hint(Kind::User, source, text));
    }
    emulator(context, &settings, asked.service, &mut target);
    target
}

/// The names in a command; a full name (`projects/x/…`) names its project.
fn names(target: &mut Target, named: &[Named]) {
    for name in named {
        let add = |target: &mut Target, kind, text: &str| {
            let source = name.source.clone();
            target.evidence.push(match name.sure {
                true => Evidence::name(kind, source, text),
                false => Evidence::hint(kind, source, text),
            });
        };
        let project = name.text.split_once("projects/").and_then(|(before, rest)| {
            let whole = before.is_empty() || before.ends_with('/');
            rest.split('/').next().filter(|project| whole && !project.is_empty())
        });
        if let Some(project) = project {
            add(target, Kind::Project, project);
        }
        add(target, name.kind, &name.text);
    }
    let mut sure = named.iter().filter(|name| name.sure);
    target.name = sure.next().filter(|_| sure.next().is_none()).map(|name| name.text.clone());
}

/// The active configuration.
struct Settings {
    ini: Ini,
    shown: String,
}

impl Settings {
    fn read(context: Context<'_>, asked: &Asked<'_>, target: &mut Target) -> Settings {
        let mut settings = Settings { ini: Ini::default(), shown: String::new() };
        let mut gap = |why: String| {
            target.gap.get_or_insert(why);
        };
        let name = match asked.configuration {
            Some(value) if value.dynamic => {
                gap("the configuration is computed at run time".to_owned());
                return settings;
            }
            Some(value) => value.text.to_string_lossy().into_owned(),
            None => active(&context),
        };
        if name == "NONE" || name.contains('/') {
            return settings;
        }
        if name == COMPUTED {
            gap("the configuration is computed at run time".to_owned());
            return settings;
        }
        settings.shown = format!("configuration {name}");
        let Some(path) = configuration_file(&context, &name) else { return settings };
        match context.read(path, LIMIT) {
            Ok(text) => match ini::parse(&String::from_utf8_lossy(&text)) {
                Ok(ini) => settings.ini = ini,
                Err(error) => gap(format!("gcloud's {}: {error}", settings.shown)),
            },
            Err(ReadError::Missing) => {}
            Err(error) => gap(format!("gcloud's {}: {error}", settings.shown)),
        }
        if name != "default" {
            target.evidence.push(Evidence::hint(Kind::Profile, "configuration", name));
        }
        settings
    }

    /// A property: by its option, its variable, or the configuration. A
    /// variable that is there and empty unsets it.
    fn find(
        &self,
        context: Context<'_>,
        option: Option<Value<'_>>,
        spelled: &'static str,
        key: &str,
        target: &mut Target,
    ) -> Option<(Cow<'static, str>, String)> {
        if let Some(value) = option {
            if value.dynamic {
                target.gap.get_or_insert_with(|| format!("{spelled} is computed at run time"));
                return None;
            }
            return Some((spelled.into(), value.text.to_string_lossy().into_owned()));
        }
        let variable = format!("CLOUDSDK_CORE_{}", key.to_uppercase());
        if let Some(value) = context.var(&variable) {
            if value == COMPUTED {
                target.gap.get_or_insert_with(|| format!("${variable} is computed at run time"));
                return None;
            }
            let value = value.to_string_lossy().into_owned();
            return (!value.is_empty()).then_some((variable.into(), value));
        }
        let value = self.ini.section("core")?.get(key).filter(|value| !value.is_empty())?;
        Some((format!("{key} in {}", self.shown).into(), value.to_owned()))
    }
}

/// The configuration that counts where no option names one.
pub fn active(context: &Context<'_>) -> String {
    if let Some(name) = context.text_var("CLOUDSDK_ACTIVE_CONFIG_NAME") {
        return name;
    }
    let file = folder(*context).map(|folder| folder.join("active_config"));
    match file.and_then(|file| context.read(file, LIMIT).ok()) {
        Some(text) => String::from_utf8_lossy(&text).into_owned(),
        None => "default".to_owned(),
    }
}

/// The file of a configuration.
pub fn configuration_file(context: &Context<'_>, name: &str) -> Option<PathBuf> {
    Some(folder(*context)?.join("configurations").join(format!("config_{name}")))
}

/// The folder of gcloud's configurations.
fn folder(context: Context<'_>) -> Option<PathBuf> {
    match context.text_var("CLOUDSDK_CONFIG") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => context.home().map(|home| home.join(".config/gcloud")),
    }
}

/// An endpoint that replaces the service's own: an emulator on this machine,
/// or another place that is then the target.
fn emulator(context: Context<'_>, settings: &Settings, service: &str, target: &mut Target) {
    let key = match service {
        "bigtable" => "bigtableadmin",
        "functions" => "cloudfunctions",
        "sql" => "sql",
        other => other,
    };
    let variable = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", key.to_uppercase());
    let (source, text) = match context.text_var(&variable) {
        Some(text) => (variable, text),
        None => {
            let section = settings.ini.section("api_endpoint_overrides");
            let Some(text) = section.and_then(|section| section.get(key)) else { return };
            (format!("api_endpoint_overrides in {}", settings.shown), text.to_owned())
        }
    };
    let Some(host) = url::parse(&text).map(|url| url.host) else {
        target.gap.get_or_insert_with(|| format!("{source} is no URL"));
        return;
    };
    let local = url::is_loopback(&host);
    let evidence = Evidence::name(Kind::Host, source, host);
    target.evidence.push(if local { evidence.asserting(Class::Local) } else { evidence });
}
