//! Railway's own file, `~/.railway/config.json`: which directory is linked to
//! which project, environment and service (railwayapp 5.71.0, config.rs).
//! Reads it and looks links up; what they mean is the resolver's business.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::invocation::Context;
use crate::world::ReadError;

/// The most bytes of the file that are read.
const LIMIT: usize = 4 << 20;

/// One link.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Link {
    /// The project's name.
    pub name: Option<String>,
    /// The project's id.
    pub project: String,
    /// The environment's id.
    pub environment: Option<String>,
    /// The environment's name when the link was made.
    pub environment_name: Option<String>,
    /// The service's id.
    pub service: Option<String>,
}

/// The links of the file, by directory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    links: BTreeMap<String, Link>,
    /// Why the file could not be read, if it is there and could not.
    pub gap: Option<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    projects: BTreeMap<String, Link>,
}

/// The file's name below the home directory. RAILWAY_ENV chooses among
/// Railway's own back ends; it says nothing about the user's environments.
fn path(context: &Context<'_>) -> &'static str {
    let chosen = context.text_var("RAILWAY_ENV").map(|name| name.to_lowercase());
    match chosen.as_deref() {
        Some("staging") => ".railway/config-staging.json",
        Some("dev" | "develop") => ".railway/config-dev.json",
        _ => ".railway/config.json",
    }
}

/// The file.
pub fn file(context: &Context<'_>) -> Option<PathBuf> {
    context.home().map(|home| home.join(path(context)))
}

/// Reads the file. A missing one has no links.
pub fn load(context: &Context<'_>) -> Config {
    let Some(file) = file(context) else {
        return Config::broken("there is no home directory to find Railway's links in");
    };
    let bytes = match context.read(file, LIMIT) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Config::default(),
        Err(why) => return Config::broken(format!("Railway's config.json: {why}")),
    };
    match serde_json::from_slice::<File>(&bytes) {
        Ok(file) => Config { links: file.projects, gap: None },
        Err(_) => Config::broken("Railway's config.json cannot be read as JSON"),
    }
}

impl Config {
    fn broken(why: impl Into<String>) -> Config {
        Config { gap: Some(why.into()), ..Config::default() }
    }

    /// The link of the directory, else of the nearest directory above it. The
    /// names are compared as text, as the tool does it.
    pub fn closest(&self, context: &Context<'_>) -> Option<&Link> {
        let cwd = context.cwd()?;
        cwd.ancestors().find_map(|folder| self.links.get(folder.to_str()?))
    }

    /// Every link, in the order of their directories.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.values()
    }

    /// Every link to the project of this name or id.
    pub fn of_project(&self, project: &str) -> impl Iterator<Item = &Link> {
        self.links().filter(move |link| {
            link.project.eq_ignore_ascii_case(project)
                || link.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(project))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    const LINKS: &str = r#"{"projects":{
        "/app":{"projectPath":"/app","name":"acme","project":"p1","environment":"e1",
                 "environmentName":"staging","service":null},
        "/app/shop":{"project":"p2","environment":"e2"}},
        "user":{"token":null,"accessToken":"secret"},"sandboxes":[{"id":"s"}]}"#;

    fn config(world: &FakeWorld) -> (Config, Option<Link>) {
        let invocation = Invocation::new(["railway"]);
        let context = Context { invocation: &invocation, world };
        let config = load(&context);
        let closest = config.closest(&context).cloned();
        (config, closest)
    }

    #[test]
    fn the_nearest_linked_directory_counts() {
        let mut world = FakeWorld::new().with_file("/home/ana/.railway/config.json", LINKS);
        world.cwd = "/app/shop/src/deep".into();
        assert_eq!(config(&world).1.unwrap().project, "p2");
        world.cwd = "/app/shopping".into();
        let link = config(&world).1.unwrap();
        assert_eq!(link.environment_name.as_deref(), Some("staging"));
        world.cwd = "/elsewhere".into();
        assert_eq!(config(&world).1, None);
    }

    #[test]
    fn railway_env_chooses_the_file() {
        let world = FakeWorld::new()
            .with_file("/home/ana/.railway/config-staging.json", LINKS)
            .with_var("RAILWAY_ENV", "Staging");
        assert_eq!(config(&world).1.unwrap().project, "p1");
        let world = world.with_var("RAILWAY_ENV", "nonsense");
        assert_eq!(config(&world).1, None);
    }

    #[test]
    fn a_broken_file_is_a_gap_and_a_missing_one_is_not() {
        for text in ["{", "3", r#"{"projects": 3}"#, &"[".repeat(100_000)] {
            let world = FakeWorld::new().with_file("/home/ana/.railway/config.json", text);
            assert!(config(&world).0.gap.is_some(), "{text:.20}");
        }
        assert_eq!(config(&FakeWorld::new()).0.gap, None);
    }

    #[test]
    fn a_project_is_found_by_name_or_id() {
        let world = FakeWorld::new().with_file("/home/ana/.railway/config.json", LINKS);
        let (config, _) = config(&world);
        assert_eq!(config.of_project("ACME").count(), 1);
        assert_eq!(config.of_project("p2").count(), 1);
        assert_eq!(config.of_project("p3").count(), 0);
    }
}
