//! The configuration in a directory, as Terraform and OpenTofu put it together
//! (Terraform 1.11.4, by running it; OpenTofu's documentation): which files
//! count, and what override files change. Read only where a command could
//! destroy something; bounded in files and bytes. Evaluates nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::invocation::Context;
use crate::parse::hcl::{self, Block, Body, Value};

/// The most files that are read, and the most bytes of all together.
const MAX_FILES: usize = 300;
const MAX_BYTES: usize = 1 << 20;

/// A `provider` block.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Its local name: `aws`.
    pub name: String,
    /// Whether it is a second one, under an alias.
    pub alias: Option<String>,
    /// Its settings.
    pub body: Body,
    /// The file's name.
    pub file: String,
}

/// A `variable` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variable {
    /// Its default.
    pub default: Option<Value>,
    /// Whether it may not be shown.
    pub sensitive: bool,
    /// Whether what the command line or a variable says of it is taken as
    /// text: its type is a plain one, or not said.
    pub textual: bool,
}

/// A `backend` or `cloud` block.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    /// Its kind: `s3`; `cloud` for the block of that name.
    pub kind: String,
    /// Its settings.
    pub body: Body,
    /// The file's name.
    pub file: String,
}

/// A `resource` block.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its type.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whether it is marked `prevent_destroy`.
    pub kept: bool,
    /// A project of its own, apart from its provider's.
    pub project: Option<Value>,
}

impl Resource {
    /// Whether a resource of this type may lie in another project than its
    /// provider's.
    pub fn may_name_project(kind: &str) -> bool {
        kind.starts_with("google_")
    }
}

/// What a directory's files say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// Its providers.
    pub providers: Vec<Provider>,
    /// Its backend.
    pub backend: Option<Backend>,
    /// Its resources.
    pub resources: Vec<Resource>,
    /// How many modules it calls.
    pub modules: usize,
    /// Its variables.
    pub variables: BTreeMap<String, Variable>,
    /// Its local values.
    pub locals: BTreeMap<String, Value>,
    /// The sources of providers by local name, where they are said.
    pub required: BTreeMap<String, String>,
    /// Why it could not be read whole, if it could not.
    pub unread: Option<String>,
}

/// Reads the configuration in `dir`.
pub fn read(context: &Context<'_>, dir: &Path, tofu: bool) -> Configuration {
    let mut found = Configuration::default();
    let (main, overriding) = files(context, dir, tofu);
    if main.len() + overriding.len() > MAX_FILES {
        found.unread = Some(format!("there are more than {MAX_FILES} files"));
    }
    let mut left = MAX_BYTES;
    let files = main.iter().map(|it| (it, false)).chain(overriding.iter().map(|it| (it, true)));
    for (name, overrides) in files.take(MAX_FILES) {
        match file(context, &dir.join(name), &mut left) {
            Ok(body) => found.add(name, &body, overrides),
            Err(why) => {
                found.unread.get_or_insert_with(|| format!("{name}: {why}"));
            }
        }
    }
    found
}

/// A file's content.
fn file(context: &Context<'_>, path: &Path, left: &mut usize) -> Result<Body, String> {
    let bytes = context.read(path, *left).map_err(|why| why.to_string())?;
    *left = left.saturating_sub(bytes.len());
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let json = path.extension().is_some_and(|ending| ending == "json");
    if json { hcl::json(&text) } else { hcl::native(&text) }
}

/// The names of the files that count, in the order in which they do, and
/// those of the files that override them.
fn files(context: &Context<'_>, dir: &Path, tofu: bool) -> (Vec<String>, Vec<String>) {
    let names = names_in(context, dir);
    let stem = |name: &str| {
        let endings: &[&str] = if tofu { &[".tofu", ".tofu.json"] } else { &[] };
        let mut endings = endings.iter().chain(&[".tf", ".tf.json"]);
        endings.find_map(|ending| name.strip_suffix(ending)).map(str::to_owned)
    };
    // `a.tofu` stands in the place of `a.tf`, for OpenTofu only.
    let replaced = |name: &str| {
        tofu && [(".tf", ".tofu"), (".tf.json", ".tofu.json")].iter().any(|(old, new)| {
            name.strip_suffix(old).is_some_and(|stem| names.contains(&format!("{stem}{new}")))
        })
    };
    let (mut main, mut overriding) = (Vec::new(), Vec::new());
    for name in &names {
        let hidden = name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
        let Some(stem) = stem(name).filter(|_| !hidden && !replaced(name)) else { continue };
        let overrides = stem == "override" || stem.ends_with("_override");
        if overrides { &mut overriding } else { &mut main }.push(name.clone());
    }
    (main, overriding)
}

/// The names in a directory, those that earlier commands of the line write
/// included, sorted.
pub fn names_in(context: &Context<'_>, dir: &Path) -> BTreeSet<String> {
    let whole = context.cwd().unwrap_or_default().join(dir);
    let written = context.invocation.written.iter().filter_map(|(path, _)| {
        let below = path.strip_prefix(&whole).ok()?;
        (below.components().count() == 1).then(|| below.as_os_str().to_owned())
    });
    // The real world lists nothing under an empty name.
    let there = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let there = context.world.list(&context.resolve(there)).into_iter();
    there.chain(written).filter_map(|name| name.into_string().ok()).collect()
}

impl Configuration {
    fn add(&mut self, file: &str, body: &Body, overrides: bool) {
        for block in &body.blocks {
            match (block.kind.as_str(), block.labels.as_slice()) {
                ("terraform", []) => self.settings(file, block),
                ("provider", [name]) => self.provider(file, name, block, overrides),
                ("variable", [name]) => self.variable(name, block),
                ("locals", []) => {
                    let values = block.body.attributes.iter();
                    self.locals.extend(values.map(|it| (it.name.clone(), it.value.clone())));
                }
                ("resource", [kind, name]) => self.resource(kind, name, block),
                ("module", [_]) => self.modules += 1,
                _ => {}
            }
        }
    }

    fn settings(&mut self, file: &str, block: &Block) {
        for inner in &block.body.blocks {
            let kind = match (inner.kind.as_str(), inner.labels.as_slice()) {
                ("backend", [kind]) => kind.clone(),
                ("cloud", []) => "cloud".to_owned(),
                ("required_providers", []) => {
                    for it in &inner.body.attributes {
                        let source = it.value.member("source").unwrap_or(&it.value);
                        if let Some(source) = source.text().filter(|text| text.contains('/')) {
                            self.required.insert(it.name.clone(), source.to_owned());
                        }
                    }
                    continue;
                }
                _ => continue,
            };
            // One in an override file takes the place of the other whole.
            self.backend = Some(Backend { kind, body: inner.body.clone(), file: file.to_owned() });
        }
    }

    fn provider(&mut self, file: &str, name: &str, block: &Block, overrides: bool) {
        let alias = block.body.value("alias").and_then(Value::text).map(str::to_owned);
        let body = block.body.clone();
        let known = self.providers.iter_mut().find(|it| it.name == name && it.alias == alias);
        match known.filter(|_| overrides) {
            Some(known) => merge(&mut known.body, body),
            None => {
                let (name, file) = (name.to_owned(), file.to_owned());
                self.providers.push(Provider { name, alias, body, file });
            }
        }
    }

    fn variable(&mut self, name: &str, block: &Block) {
        let new = !self.variables.contains_key(name);
        let variable = self.variables.entry(name.to_owned()).or_default();
        if let Some(default) = block.body.value("default") {
            variable.default = Some(default.clone());
        }
        if let Some(sensitive) = block.body.value("sensitive") {
            variable.sensitive = sensitive.truth() != Some(false);
        }
        match block.body.value("type") {
            Some(Value::Reference(plain, _)) => {
                variable.textual = matches!(plain.as_str(), "string" | "number" | "bool");
            }
            Some(Value::Text(plain)) => variable.textual = plain == "string",
            Some(_) => variable.textual = false,
            None if new => variable.textual = true,
            None => {}
        }
    }

    fn resource(&mut self, kind: &str, name: &str, block: &Block) {
        let held = |it: &Block| it.body.value("prevent_destroy").and_then(Value::truth);
        let kept = block.body.blocks("lifecycle").find_map(held);
        let project = block.body.value("project").cloned();
        match self.resources.iter_mut().find(|it| it.kind == kind && it.name == name) {
            // An override file's.
            Some(known) => {
                known.kept = kept.unwrap_or(known.kept);
                known.project = project.or_else(|| known.project.take());
            }
            None => self.resources.push(Resource {
                kind: kind.to_owned(),
                name: name.to_owned(),
                kept: kept == Some(true),
                project,
            }),
        }
    }
}

/// Puts what an override file says over what was there: attributes one by
/// one, blocks by their kind.
fn merge(body: &mut Body, over: Body) {
    for attribute in over.attributes {
        body.attributes.retain(|it| it.name != attribute.name);
        body.attributes.push(attribute);
    }
    body.blocks.retain(|it| !over.blocks.iter().any(|other| other.kind == it.kind));
    body.blocks.extend(over.blocks);
}
