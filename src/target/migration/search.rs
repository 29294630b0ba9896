//! One search for a migration tool's database: what has been found so far,
//! and the ways to add to it. What the blocks of a configuration say is in
//! [`super::blocks`].

use std::path::{Path, PathBuf};

use super::literals::{self, Pair, Said};
use super::script;
use super::{is_local, selector};
use crate::actions::Call;
use crate::invocation::Context;
use crate::parse::argv::Parsed;
use crate::parse::url::{self, is_loopback};
use crate::rules::Source;
use crate::target::dotenv::{Environment, Found, Value};
use crate::target::{Class, Evidence, Kind, Target, database_url};

/// The longest configuration file that is read, in bytes.
const MAX_CONFIG: usize = 512 * 1024;

/// The most targets that one command may have.
const MAX_TARGETS: usize = 16;

/// A search in progress.
pub(super) struct Search<'a> {
    pub call: &'a Call<'a>,
    pub context: Context<'a>,
    pub parsed: &'a Parsed<'a>,
    pub env: Environment<'a>,
    targets: Vec<Target>,
    /// Evidence that goes with every target.
    chosen: Vec<Evidence>,
    gap: Option<String>,
}

impl<'a> Search<'a> {
    pub fn new(call: &'a Call<'a>, parsed: &'a Parsed<'a>) -> Search<'a> {
        let context = call.context;
        Search {
            call,
            context,
            parsed,
            env: Environment::real(context),
            targets: Vec::new(),
            chosen: Vec::new(),
            gap: None,
        }
    }

    /// Whether nothing has been found, nor found unclear.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.gap.is_none()
    }

    /// How many targets have been found.
    pub fn count(&self) -> usize {
        self.targets.len()
    }

    /// Notes why something could not be worked out.
    pub fn gap(&mut self, why: &str) {
        self.gap.get_or_insert_with(|| why.to_owned());
    }

    /// Adds a target that was found.
    pub fn add(&mut self, target: Target) {
        if !self.targets.contains(&target) && self.targets.len() < MAX_TARGETS {
            self.targets.push(target);
        }
    }

    /// Adds where a URL leads; an HTTP endpoint (Hasura's) is a place too.
    pub fn url(&mut self, text: &str, source: &str) {
        let http = text.starts_with("http://") || text.starts_with("https://");
        let endpoint = http.then(|| url::parse(text)).flatten();
        self.add(match endpoint {
            Some(endpoint) => {
                let mut target = Target::of(self.call.tool.platform);
                let host = Evidence::name(Kind::Host, source.to_owned(), endpoint.host.clone());
                let local = is_loopback(&endpoint.host);
                target.evidence.push(if local { host.asserting(Class::Local) } else { host });
                target.name = Some(endpoint.host);
                target
            }
            None => database_url::resolve(text, source),
        });
    }

    /// Adds where the words say outright that it goes; whether they do.
    pub fn explicit(&mut self) -> bool {
        let (mut host, mut database) = (None, None);
        for source in self.call.tool.target {
            let Source::Option(name) = source.from else { continue };
            let Some(value) = self.parsed.value(name) else { continue };
            if value.dynamic {
                self.gap(&format!("the value of {name} is computed at run time"));
                return true;
            }
            let text = value.text.to_string_lossy().into_owned();
            match source.kind {
                Kind::Url => {
                    self.url(&text, name);
                    return true;
                }
                Kind::Host => host = Some((text, name)),
                Kind::Database => database = Some((text, name)),
                kind => self.chosen.push(Evidence::name(kind, name, text)),
            }
        }
        let Some((host, source)) = host else { return false };
        let database = database.as_ref().map(|(name, source)| (name.as_str(), *source));
        self.add(database_url::host_target(self.platform(), (&host, source), database));
        true
    }

    pub fn platform(&self) -> &'static str {
        self.call.tool.platform
    }

    /// Adds what the tool's usual variables say: URLs, or else a host and a
    /// database, or else a file.
    pub fn default_variables(&mut self) {
        self.variables(|_| true);
    }

    /// The same of those whose names fit.
    pub fn variables(&mut self, fits: impl Fn(&str) -> bool) {
        let variables = || {
            self.call.tool.target.iter().filter_map(|source| match source.from {
                Source::Variable(name) if fits(name) => Some((source.kind, name)),
                _ => None,
            })
        };
        let urls: Vec<&str> =
            variables().filter(|(kind, _)| *kind == Kind::Url).map(|(_, name)| name).collect();
        let parts: Vec<(Kind, &str)> = variables().filter(|(kind, _)| *kind != Kind::Url).collect();
        let found = urls.into_iter().filter(|name| self.variable(name)).count();
        if found > 0 {
            return;
        }
        let mut text = |kind| {
            let mut names = parts.iter().filter(|(own, _)| *own == kind);
            names.find_map(|(_, name)| self.text(name))
        };
        let (host, file) = (text(Kind::Host), text(Kind::Path));
        let Some((host, source)) = host else {
            return file.into_iter().for_each(|(path, source)| {
                self.add(database_url::file_target(&path, &source));
            });
        };
        let database = text(Kind::Database);
        let database = database.as_ref().map(|(name, source)| (name.as_str(), source.as_str()));
        self.add(database_url::host_target(self.platform(), (&host, &source), database));
    }

    /// Adds where a variable's URL leads; whether it is set.
    pub fn variable(&mut self, name: &str) -> bool {
        match self.env.get(name) {
            None => false,
            Some(Found { value: Value::Text(text), source }) => {
                self.url(&text, &source);
                true
            }
            Some(Found { value: Value::Unclear(why), .. }) => {
                self.gap(&why);
                true
            }
        }
    }

    /// The text of a variable, and what said so.
    pub fn text(&mut self, name: &str) -> Option<(String, String)> {
        match self.env.get(name)? {
            Found { value: Value::Text(text), source } => Some((text, source)),
            Found { value: Value::Unclear(why), .. } => {
                self.gap(&why);
                None
            }
        }
    }

    /// The name of the environment that chooses settings: from options, then
    /// variables of the process, then the default.
    pub fn environment(&mut self, sources: &[&str], default: Option<&str>) -> Option<String> {
        for source in sources {
            let found = match source.strip_prefix('$') {
                Some(name) => self.context.text_var(name),
                None if source.starts_with('#') => {
                    let word = self.parsed.positionals.first();
                    if word.is_some_and(|word| word.dynamic) {
                        self.gap("the environment is computed at run time");
                    }
                    word.map(|word| word.text.to_string_lossy().into_owned())
                }
                None => {
                    let value = self.parsed.value(source);
                    if value.is_some_and(|value| value.dynamic) {
                        self.gap(&format!("the value of {source} is computed at run time"));
                    }
                    value.map(|value| value.text.to_string_lossy().into_owned())
                }
            };
            if let Some(name) = found.filter(|name| !name.is_empty()) {
                self.choose(&name, source.trim_start_matches('$'));
                return Some(name);
            }
        }
        default.map(str::to_owned)
    }

    /// Notes a name that settings were chosen by.
    pub fn choose(&mut self, name: &str, source: &str) {
        self.chosen.push(selector(name, source));
    }

    /// Loads one `.env` file.
    pub fn load(&mut self, path: &str) -> bool {
        self.env.load(path)
    }

    /// Loads a tool's `.env` files, the first winning.
    pub fn load_dotenv(&mut self, names: &[&str], environment: Option<&str>, upward: bool) {
        for name in names {
            match (name.contains("{}"), environment) {
                (true, Some(environment)) => self.load(&name.replace("{}", environment)),
                (true, None) => false,
                (false, _) => self.load(name),
            };
        }
        if upward {
            let cwd = self.context.cwd();
            for folder in cwd.iter().flat_map(|cwd| cwd.ancestors().skip(1)).take(16) {
                if names.iter().any(|name| self.env.load(folder.join(name))) {
                    break;
                }
            }
        }
    }

    /// The text of a configuration file, if it is there.
    pub fn read(&mut self, path: impl AsRef<Path>) -> Option<String> {
        let path = path.as_ref();
        match self.context.read(path, MAX_CONFIG) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(crate::world::ReadError::Missing | crate::world::ReadError::NotRegular) => None,
            Err(error) => {
                self.gap(&format!("{} cannot be read: {error}", path.display()));
                None
            }
        }
    }

    /// Adds what a configuration file says; whether it is there.
    pub fn config(&mut self, path: &str, environment: Option<&str>) -> bool {
        let path = PathBuf::from(path.replace("{}", environment.unwrap_or_default()));
        let Some(mut text) = self.read(&path) else { return false };
        if let Some(environment) =
            environment.filter(|_| path.extension().is_some_and(|e| e == "exs"))
        {
            text = super::tools::for_environment(&text, environment);
        }
        let shown = path.display().to_string();
        let is_script = is_script(&path);
        let named = is_script && self.dotenv_calls(&text);
        let pairs = said_in(&path, &text);
        self.pairs(&pairs, environment, &shown);
        if named {
            self.env.reverse();
            self.pairs(&pairs, environment, &shown);
            self.env.reverse();
        }
        true
    }

    /// The environment that a configuration itself chooses by one of these keys.
    pub fn chosen_in(&mut self, path: &str, keys: &[&str]) -> Option<String> {
        let text = if keys.is_empty() { None } else { self.read(path) }?;
        let pairs = said_in(Path::new(path), &text);
        let found = pairs.into_iter().find_map(|pair| match pair.said {
            Said::Text(name) if keys.contains(&pair.key.rsplit('.').next()?) => Some(name),
            _ => None,
        })?;
        self.choose(&found, path);
        Some(found)
    }

    /// `dotenv.config({ path: ".env.local", override: true })` in a program;
    /// whether it names a file.
    pub fn dotenv_calls(&mut self, text: &str) -> bool {
        let mut named = false;
        if !text.contains("dotenv") {
            return named;
        }
        for pair in script::pairs(text) {
            match &pair.said {
                Said::Text(path) if pair.key == "path" && path.contains(".env") => {
                    named |= self.env.load(path);
                }
                _ => {}
            }
        }
        if text.contains("override: true") {
            self.env.let_files_win();
        }
        self.env.load(".env");
        named
    }

    /// What was found; a target with a gap if nothing was.
    pub fn finish(mut self) -> Vec<Target> {
        if self.targets.is_empty() || (self.gap.is_some() && self.targets.iter().all(is_local)) {
            let why = "nothing that it reads says which database it works on".to_owned();
            let gap = self.gap.take().unwrap_or(why);
            let target = Target { gap: Some(gap), ..Target::of(self.platform()) };
            self.targets.push(target);
        }
        for target in &mut self.targets {
            if target.platform.is_empty() {
                target.platform = self.call.tool.platform.into();
            }
            target.evidence.extend(self.chosen.iter().cloned());
        }
        self.targets
    }
}

fn is_script(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["js", "ts", "mjs", "cjs", "mts"].contains(&ending)
}

/// What a configuration file's text says, by the kind of file.
fn said_in(path: &Path, text: &str) -> Vec<Pair> {
    match path.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "yml" | "yaml" | "ini" | "toml" | "conf" | "properties" | "env" => literals::of_lines(text),
        // Skeema's options, in sections.
        "" if path.ends_with(".skeema") => literals::of_lines(text),
        "py" | "rb" | "exs" | "hcl" => literals::of_code(text, true),
        _ if is_script(path) => script::pairs(text),
        _ => literals::of_code(text, false),
    }
}
