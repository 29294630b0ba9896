//! Where a git command works: the repository that it would find, the settings
//! that it would read, the branch that it is on, and which remote and branches
//! a push goes to. Reads the same files as git in the same order; starts
//! nothing and decides nothing. Modelled on git 2.47.3 (setup.c, config.c,
//! remote.c).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::git_hooks::Hooks;
use crate::invocation::Context;
use crate::parse::git_config::{self, Entry};
use crate::target::{Class, Evidence, Kind, Target};
use crate::text::glob;

/// The most bytes of a settings file that are read.
const MAX_SETTINGS: usize = 1 << 20;

/// The deepest that settings files may include one another (git's own bound).
const MAX_INCLUDES: usize = 10;

/// The most settings that are kept.
const MAX_ENTRIES: usize = 20_000;

/// Branches that are production whatever the repository is called.
const PROTECTED: &[&str] = &[
    "main",
    "master",
    "trunk",
    "production",
    "prod",
    "live",
    "stable",
    "release",
    "release/*",
    "releases/*",
    "release-*",
    "stable/*",
    "stable-*",
    "gh-pages",
];

/// Whether a branch of this name is protected without any policy.
pub fn is_protected(branch: &str) -> bool {
    PROTECTED.iter().any(|pattern| glob(pattern, branch))
}

/// Settings in the order in which git reads them.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    entries: Vec<Entry>,
}

impl Settings {
    /// The value that counts: the last.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.entries.iter().rev().find(|entry| entry.name == name)?.value.as_deref()
    }

    /// Every value, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.entries.iter().filter(move |entry| entry.name == name);
        named.filter_map(|entry| entry.value.as_deref())
    }

    /// Whether a setting is on, as git reads truth.
    pub fn is_on(&self, name: &str) -> bool {
        match self.entries.iter().rev().find(|entry| entry.name == name) {
            None => false,
            Some(entry) => entry.value.as_deref().is_none_or(is_true),
        }
    }

    /// Whether a setting is there and off.
    pub fn is_off(&self, name: &str) -> bool {
        self.last(name).is_some_and(|value| !is_true(value))
    }

    /// The names between `section.` and `.key`, with the value.
    pub fn middles<'a>(
        &'a self,
        section: &'a str,
        key: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.entries.iter().filter_map(move |entry| {
            let rest = entry.name.strip_prefix(section)?.strip_prefix('.')?;
            let middle = rest.strip_suffix(key)?.strip_suffix('.')?;
            Some((middle, entry.value.as_deref()?))
        })
    }

    fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let room = MAX_ENTRIES.saturating_sub(self.entries.len());
        self.entries.extend(entries.into_iter().take(room));
    }
}

/// What git takes for true.
fn is_true(value: &str) -> bool {
    let no = ["", "false", "no", "off", "0"];
    !no.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// What stands in front of a git command and says where it works.
#[derive(Clone, Debug, Default)]
pub struct Globals {
    /// The directory, every `-C` followed.
    pub dir: PathBuf,
    /// `--git-dir`, `$GIT_DIR`.
    pub git_dir: Option<OsString>,
    /// `--work-tree`, `$GIT_WORK_TREE`.
    pub work_tree: Option<OsString>,
    /// Settings of the environment and of `-c`, in order.
    pub settings: Vec<Entry>,
    /// Flags that change how pathspecs are read.
    pub pathspec: Vec<OsString>,
    /// Why it is not known, if it is computed at run time.
    pub gap: Option<String>,
}

/// A repository as a command finds it.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// Its own directory: `.git`, a linked work tree's, or a bare repository.
    pub git_dir: Option<PathBuf>,
    /// The directory that linked work trees share.
    pub common: Option<PathBuf>,
    /// The top of the work tree, where one is above the directory.
    pub top: Option<PathBuf>,
}

impl Repository {
    /// The repository that a command in `globals.dir` would work on.
    pub fn find(context: &Context<'_>, globals: &Globals) -> Repository {
        let named = globals.git_dir.as_ref().map(|dir| globals.dir.join(dir));
        let top = globals.work_tree.as_ref().map(|dir| globals.dir.join(dir));
        if let Some(git_dir) = named {
            let git_dir = linked(context, &git_dir).unwrap_or(git_dir);
            let top = Some(top.unwrap_or_else(|| globals.dir.clone()));
            return Repository { common: common(context, &git_dir), git_dir: Some(git_dir), top };
        }
        for dir in globals.dir.ancestors() {
            let inner = dir.join(".git");
            let git_dir = match linked(context, &inner) {
                Some(git_dir) => git_dir,
                None if context.world.exists(&inner.join("HEAD")) => inner,
                None if is_bare(context, dir) => {
                    let git_dir = Some(dir.to_owned());
                    return Repository { common: git_dir.clone(), git_dir, top };
                }
                None => continue,
            };
            let top = top.or_else(|| Some(dir.to_owned()));
            return Repository { common: common(context, &git_dir), git_dir: Some(git_dir), top };
        }
        Repository::default()
    }

    /// The branch that HEAD names; none if HEAD is detached or cannot be read.
    pub fn branch(&self, context: &Context<'_>) -> Option<String> {
        let head = read(context, &self.git_dir.as_ref()?.join("HEAD"))?;
        let name = head.trim().strip_prefix("ref:")?.trim().strip_prefix("refs/heads/")?;
        // What a repository with reftables shows to older programs.
        (name != ".invalid").then(|| name.to_owned())
    }

    /// The remote's own main branch, as the last clone or fetch saw it.
    pub fn default_branch(&self, context: &Context<'_>, remote: &str) -> Option<String> {
        let common = self.common.as_ref()?;
        let head = read(context, &common.join("refs/remotes").join(remote).join("HEAD"))?;
        let name = head.trim().strip_prefix("ref:")?.trim().strip_prefix("refs/remotes/")?;
        Some(name.strip_prefix(remote)?.strip_prefix('/')?.to_owned())
    }

    /// Whether a ref is in a file of its own or among the packed ones.
    pub fn has_ref(&self, context: &Context<'_>, name: &str) -> bool {
        let Some(common) = &self.common else { return false };
        let file = common.join(name);
        if context.world.exists(&file) && !context.world.is_dir(&file) {
            return true;
        }
        let packed = context.read(common.join("packed-refs"), 16 << 20).unwrap_or_default();
        packed.split(|byte| *byte == b'\n').any(|line| line.get(41..) == Some(name.as_bytes()))
    }

    /// The settings that a command here reads.
    pub fn settings(&self, context: &Context<'_>, globals: &Globals) -> Settings {
        let mut settings = Settings::default();
        let file = |name: &str, otherwise: Vec<PathBuf>| match context.var(name) {
            Some(path) => vec![PathBuf::from(path)],
            None => otherwise,
        };
        let mut files = Vec::new();
        if !context.text_var("GIT_CONFIG_NOSYSTEM").is_some_and(|value| is_true(&value)) {
            files.extend(file("GIT_CONFIG_SYSTEM", vec![PathBuf::from("/etc/gitconfig")]));
        }
        let home = context.home();
        let xdg = context.text_var("XDG_CONFIG_HOME").map(PathBuf::from);
        let xdg = xdg.or_else(|| home.as_ref().map(|home| home.join(".config")));
        let own = [xdg.map(|dir| dir.join("git/config")), home.map(|home| home.join(".gitconfig"))];
        files.extend(file("GIT_CONFIG_GLOBAL", own.into_iter().flatten().collect()));
        files.extend(self.common.iter().map(|common| common.join("config")));
        for path in files {
            self.include(context, &path, 0, &mut settings);
        }
        if settings.is_on("extensions.worktreeconfig")
            && let Some(git_dir) = &self.git_dir
        {
            self.include(context, &git_dir.join("config.worktree"), 0, &mut settings);
        }
        for entry in &globals.settings {
            settings.extend([entry.clone()]);
            if entry.name == "include.path"
                && let Some(path) = &entry.value
            {
                let path = expand(context, path, &globals.dir);
                self.include(context, &path, 1, &mut settings);
            }
        }
        settings
    }

    /// The folder where git looks for hooks, and whether husky runs those
    /// above it, which writes that folder anew at every install.
    pub fn hooks(&self, context: &Context<'_>, settings: &Settings) -> Option<Hooks> {
        let common = self.common.as_ref()?;
        let Some(set) = settings.last("core.hookspath") else {
            return Some(Hooks { path: common.join("hooks"), husky: false });
        };
        if set.is_empty() {
            // git puts `/` in front of the hook's name then.
            return Some(Hooks { path: PathBuf::from("/"), husky: false });
        }
        let base = self.top.as_ref().unwrap_or(common);
        let path = expand(context, set, base);
        Some(match path.ends_with(".husky/_") {
            true => Hooks { path: path.parent()?.to_owned(), husky: true },
            false => Hooks { path, husky: false },
        })
    }

    fn include(&self, context: &Context<'_>, path: &Path, depth: usize, settings: &mut Settings) {
        if depth > MAX_INCLUDES || settings.entries.len() >= MAX_ENTRIES {
            return;
        }
        let Some(text) = read(context, path) else { return };
        let dir = path.parent().unwrap_or(Path::new("/"));
        for entry in git_config::parse(&text) {
            let holds = match entry.name.strip_prefix("includeif.") {
                Some(rest) => rest
                    .strip_suffix(".path")
                    .is_some_and(|condition| self.holds(context, condition, dir)),
                None => entry.name == "include.path",
            };
            let path = entry.value.as_ref().filter(|_| holds);
            let path = path.map(|path| expand(context, path, dir));
            settings.extend([entry]);
            if let Some(path) = path {
                self.include(context, &path, depth + 1, settings);
            }
        }
    }

    /// Whether the condition of an `includeIf` may hold. A star matches a
    /// slash here and case makes no difference, so that a file too many may be
    /// read, and none too few; so does every condition that is not known.
    fn holds(&self, context: &Context<'_>, condition: &str, dir: &Path) -> bool {
        let Some((kind, pattern)) = condition.split_once(':') else { return false };
        match kind {
            "gitdir" | "gitdir/i" => {
                let Some(git_dir) = &self.git_dir else { return false };
                let mut pattern = match pattern.strip_prefix("./") {
                    Some(rest) => dir.join(rest).to_string_lossy().into_owned(),
                    None if pattern.starts_with("~/") => {
                        let ends = if pattern.ends_with('/') { "/" } else { "" };
                        format!(
                            "{}{ends}",
                            expand(context, pattern.trim_end_matches('/'), dir).display()
                        )
                    }
                    None if pattern.starts_with('/') => pattern.to_owned(),
                    None => format!("*/{pattern}"),
                };
                if pattern.ends_with('/') {
                    pattern.push('*');
                }
                let real = context.world.canonical(git_dir);
                let dirs = [Some(git_dir.clone()), real];
                dirs.into_iter().flatten().any(|dir| glob(&pattern, &dir.to_string_lossy()))
            }
            "onbranch" => {
                let mut pattern = pattern.to_owned();
                if pattern.ends_with('/') {
                    pattern.push('*');
                }
                self.branch(context).is_some_and(|branch| glob(&pattern, &branch))
            }
            _ => true,
        }
    }
}

/// The settings that the environment holds, in git's order.
pub fn environment(context: &Context<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let count = context.text_var("GIT_CONFIG_COUNT").and_then(|count| count.trim().parse().ok());
    for place in 0..count.unwrap_or(0usize).min(1_000) {
        let Some(name) = context.text_var(&format!("GIT_CONFIG_KEY_{place}")) else { break };
        let value = context.var(&format!("GIT_CONFIG_VALUE_{place}")).unwrap_or_default();
        entries.push(Entry::new(&name, Some(&value.to_string_lossy())));
    }
    let parameters = context.text_var("GIT_CONFIG_PARAMETERS").unwrap_or_default();
    entries.extend(git_config::parameters(&parameters));
    entries
}

/// The path in a settings file: `~/…` or relative to the file's directory.
fn expand(context: &Context<'_>, path: &str, dir: &Path) -> PathBuf {
    match (path.strip_prefix("~/"), context.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => dir.join(path),
    }
}

pub(super) fn read(context: &Context<'_>, path: &Path) -> Option<String> {
    let bytes = context.read(path, MAX_SETTINGS).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The directory that a `.git` file names: `gitdir: …`.
fn linked(context: &Context<'_>, file: &Path) -> Option<PathBuf> {
    let text = read(context, file)?;
    let path = text.strip_prefix("gitdir:")?.trim();
    Some(file.parent()?.join(path))
}

/// The directory that the repository shares with its other work trees.
fn common(context: &Context<'_>, git_dir: &Path) -> Option<PathBuf> {
    let named = context.var("GIT_COMMON_DIR").map(PathBuf::from);
    let named = named.or_else(|| {
        let text = read(context, &git_dir.join("commondir"))?;
        Some(git_dir.join(text.trim()))
    });
    Some(named.unwrap_or_else(|| git_dir.to_owned()))
}

fn is_bare(context: &Context<'_>, dir: &Path) -> bool {
    context.world.exists(&dir.join("HEAD"))
        && context.world.is_dir(&dir.join("objects"))
        && context.world.is_dir(&dir.join("refs"))
}

/// The URL of a remote that a push goes to: `pushurl` in front of `url`, then
/// rewritten as `url.X.pushInsteadOf` and `insteadOf` say. A remote that no
/// setting knows is a URL or a path itself.
pub fn push_url(settings: &Settings, remote: &str) -> String {
    let push = format!("remote.{remote}.pushurl");
    let fetch = format!("remote.{remote}.url");
    if let Some(url) = settings.last(&push) {
        return rewritten(settings, "insteadof", url).unwrap_or_else(|| url.to_owned());
    }
    let url = settings.all(&fetch).next().unwrap_or(remote);
    rewritten(settings, "pushinsteadof", url)
        .or_else(|| rewritten(settings, "insteadof", url))
        .unwrap_or_else(|| url.to_owned())
}

/// The URL with its longest prefix that a setting names replaced.
fn rewritten(settings: &Settings, key: &str, url: &str) -> Option<String> {
    let fits = settings.middles("url", key).filter(|(_, prefix)| url.starts_with(prefix));
    let (base, prefix) = fits.max_by_key(|(_, prefix)| prefix.len())?;
    Some(format!("{base}{}", url.strip_prefix(prefix)?))
}

/// The target of what a command does to its own repository.
pub fn local(top: Option<&Path>, dir: &Path) -> Target {
    let path = top.unwrap_or(dir).to_string_lossy().into_owned();
    let name = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned());
    Target {
        name: Some(name.unwrap_or_else(|| path.clone())),
        evidence: vec![Evidence::name(Kind::Path, "repository", path).asserting(Class::Local)],
        ..Target::of("git")
    }
}
