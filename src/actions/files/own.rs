//! Which of holdpoint's own files a path names: the shims, the program, the
//! policy, the trail, a project's policy, the activation line of a start-up
//! file. A path may hold wildcards and parts that are computed at run time.
//! Looks paths up; never opens any but a start-up file that is replaced.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::git_hooks;
use crate::exec::own::MARKER;
use crate::invocation::{COMPUTED, Context, HOLE};
use crate::paths;
use crate::policy::load::PROJECT;
use crate::text::glob;
use crate::world::World;

/// Start-up files that install.sh writes its line into, below the home.
const START_UP: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".config/fish/conf.d/holdpoint.fish",
];

/// What install.sh puts in front of its line.
const BEGIN: &str = ">>> holdpoint >>>";

/// The files in which agents are told of their hooks, below a home or a
/// project, as `hooks install` writes them (see `cli/hooks`).
pub const HOOKS: &[&str] = &[
    ".amp/holdpoint-amp",
    ".amp/settings.json",
    ".config/amp/holdpoint-amp",
    ".config/amp/settings.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/hooks.json",
    ".cursor/hooks.json",
    ".gemini/settings.json",
    ".qwen/settings.json",
    ".copilot/hooks/holdpoint.json",
    ".github/hooks/holdpoint.json",
    ".codeium/windsurf/hooks.json",
    ".windsurf/hooks.json",
    ".factory/hooks.json",
    ".kiro/hooks/holdpoint.json",
    ".clinerules/hooks/PreToolUse",
    "Documents/Cline/Hooks/PreToolUse",
    ".config/kilo/plugins/holdpoint.js",
    ".kilo/plugins/holdpoint.js",
    ".config/opencode/plugins/holdpoint.js",
    ".opencode/plugins/holdpoint.js",
];

/// What stands in such a file where holdpoint is called, in its spellings.
const HOOK_MARKS: &[&[u8]] = &[b"holdpoint hook ", b"holdpoint' hook ", b"/holdpoint-amp\""];

/// What switches every hook off: in Claude Code's and Qwen Code's settings, in
/// droid's, in Gemini CLI's.
const HOOKS_OFF: &[&[u8]] = &[
    b"\"disableAllHooks\":true",
    b"\"hooksDisabled\":true",
    b"\"hooksConfig\":{\"enabled\":false",
];

/// The longest start-up file that is looked into, in bytes.
pub(super) const MAX_START_UP: usize = 1024 * 1024;

/// The most folders of PATH that are looked into for a folder of shims.
const MAX_PATH: usize = 200;

/// Names below holdpoint's folders, by which a search could find them.
const NAMES: &[&str] = &[
    "activate.bash",
    "activate.fish",
    "activate.zsh",
    "audit.jsonl",
    "holdpoint",
    "policy.toml",
    "psql",
    "rules",
    "shims",
    MARKER,
];

/// What is done to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch<'a> {
    /// It is removed or moved away, `deep` with everything below it.
    Remove {
        /// Whether folders go too.
        deep: bool,
    },
    /// Its whole content is replaced, by this text where that is known.
    Replace(Option<&'a [u8]>),
    /// Something is added at its end.
    Append,
    /// Parts of it, or its mode, are changed by words of which one names
    /// holdpoint, or none does.
    Edit {
        /// Whether one does.
        named: bool,
    },
}

/// One of holdpoint's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// What it is: `policy`.
    pub noun: &'static str,
    /// Where it is.
    pub path: PathBuf,
    pub(super) is_folder: bool,
}

/// Every place of holdpoint's, found when first needed.
#[derive(Debug)]
pub struct Places {
    all: Vec<Own>,
    start_up: Vec<PathBuf>,
}

impl Places {
    /// Looks for them.
    pub fn find(world: &dyn World) -> Places {
        let mut all = Vec::new();
        let mut add = |noun, path: Option<PathBuf>, is_folder| {
            let Some(path) = path else { return };
            let real = world.canonical(&path).filter(|real| *real != path);
            for path in std::iter::once(path).chain(real) {
                all.push(Own { noun, path, is_folder });
            }
        };
        add("policy", paths::config(world), true);
        add("trail", paths::state(world), true);
        add("policy", Path::new(paths::SYSTEM_POLICY).parent().map(Path::to_path_buf), true);
        let data = paths::data(world);
        let usual = data.as_ref().map(|data| data.join("shims"));
        add("shims", data, true);
        let search = world.var("PATH".as_ref()).unwrap_or_default();
        let on_path = std::env::split_paths(&search)
            .take(MAX_PATH)
            .filter(|folder| folder.is_absolute() && world.exists(&folder.join(MARKER)));
        for folder in on_path.chain(usual) {
            let program = world.canonical(&folder.join("holdpoint"));
            add("program", program, false);
            // Beside the shims lies what puts them on PATH.
            let whole = folder.parent().filter(|data| data.ends_with("share/holdpoint"));
            let whole = whole.map(Path::to_path_buf);
            add("shims", Some(whole.unwrap_or(folder)), true);
        }
        let home = world.account_home();
        add("program", home.as_ref().map(|home| home.join(".local/bin/holdpoint")), false);
        let start_up = START_UP.iter().filter_map(|name| Some(home.as_ref()?.join(name)));
        Places { all, start_up: start_up.collect() }
    }

    /// What of holdpoint's own is hit when `text`, as a shell has it (see
    /// [`HOLE`]), is touched. `from` is where what replaces it comes from.
    pub fn hit(
        &self,
        context: &Context<'_>,
        text: &[u8],
        touch: Touch<'_>,
        from: Option<&Path>,
    ) -> Option<Own> {
        let lexical = absolute(context, text)?;
        let mut spellings = vec![lexical];
        if !text.windows(HOLE.len()).any(|part| part == HOLE.as_bytes()) {
            let first = spellings.first().cloned().unwrap_or_default();
            spellings.extend(real(context.world, &first, touch));
        }
        spellings.iter().find_map(|path| self.hit_by(context, path, touch, from))
    }

    fn hit_by(
        &self,
        context: &Context<'_>,
        path: &Path,
        touch: Touch<'_>,
        from: Option<&Path>,
    ) -> Option<Own> {
        for own in &self.all {
            let hit = match (relation(path, &own.path), touch) {
                (Relation::Apart, _) => false,
                (Relation::Inside, _) => true,
                (Relation::Same, Touch::Remove { deep }) => deep || !own.is_folder,
                (Relation::Same, _) => true,
                (Relation::Above, Touch::Remove { deep }) => deep,
                // A folder copied over one that holds it: what is in both.
                (Relation::Above, Touch::Replace(_)) => {
                    let below = own.path.strip_prefix(path).ok().zip(from);
                    below.is_some_and(|(rest, from)| {
                        context.world.exists(&context.resolve(from).join(rest))
                    })
                }
                (Relation::Above, _) => false,
            };
            if hit {
                return Some(own.clone());
            }
        }
        self.project(context, path, touch)
            .or_else(|| self.start_up(context, path, touch))
            .or_else(|| hook(context, path, touch))
            .or_else(|| git_hooks::hit(context, path, touch))
    }

    /// A project's policy that is there.
    fn project(&self, context: &Context<'_>, path: &Path, touch: Touch<'_>) -> Option<Own> {
        if !component_matches(path.file_name()?.as_bytes(), PROJECT.as_bytes()) {
            return None;
        }
        let whole = path.with_file_name(PROJECT);
        let replaced = matches!(touch, Touch::Remove { .. } | Touch::Replace(_));
        (context.world.exists(&whole) && (replaced || matches!(touch, Touch::Edit { .. })))
            .then_some(Own { noun: "project policy", path: whole, is_folder: false })
    }

    /// A start-up file that has the marked line and would lose it.
    fn start_up(&self, context: &Context<'_>, path: &Path, touch: Touch<'_>) -> Option<Own> {
        let loses = match touch {
            Touch::Append => false,
            Touch::Edit { named } => named,
            Touch::Remove { .. } => true,
            Touch::Replace(text) => !text.is_some_and(holds_line),
        };
        if !loses {
            return None;
        }
        let file = self.start_up.iter().find(|file| relation(path, file) == Relation::Same)?;
        let there = context.world.read(file, MAX_START_UP).ok()?;
        holds_line(&there).then(|| Own {
            noun: "activation line",
            path: file.clone(),
            is_folder: false,
        })
    }

    /// What of holdpoint's own a search below `start` could find, whose names
    /// have to match one of `names` (any, if there are none).
    pub fn found_below(
        &self,
        context: &Context<'_>,
        start: &[u8],
        names: &[String],
    ) -> Option<Own> {
        let path = absolute(context, start)?;
        let own = self.all.iter().find(|own| relation(&path, &own.path) != Relation::Apart)?;
        let base = own.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let named =
            |pattern: &String| glob(pattern, &base) || NAMES.iter().any(|name| glob(pattern, name));
        let inside = relation(&path, &own.path) != Relation::Above;
        (names.is_empty() || inside || names.iter().any(named)).then(|| own.clone())
    }
}

/// A file that tells an agent of its hook and would do so no more.
fn hook(context: &Context<'_>, path: &Path, touch: Touch<'_>) -> Option<Own> {
    let loses = |there: &[u8]| match touch {
        Touch::Append => false,
        Touch::Edit { named } => named,
        Touch::Remove { .. } => true,
        Touch::Replace(None) => true,
        Touch::Replace(Some(text)) => {
            calls_us(text) < calls_us(there) || (switches_off(text) && !switches_off(there))
        }
    };
    let own = |path: PathBuf| Own { noun: "hook", path, is_folder: false };
    let there = |path: &Path| {
        let text = context.world.read(path, MAX_START_UP).ok()?;
        (calls_us(&text) > 0 && loses(&text)).then(|| own(path.to_owned()))
    };
    if HOOKS.iter().any(|file| path.ends_with(file)) {
        return there(path);
    }
    // A folder that goes with everything in it.
    let Touch::Remove { deep: true } = touch else { return None };
    let first = |file: &&&str| file.split('/').next().is_some_and(|first| path.ends_with(first));
    HOOKS.iter().filter(first).find_map(|file| there(&path.parent()?.join(file)))
}

/// How often a text calls holdpoint as a hook.
fn calls_us(text: &[u8]) -> usize {
    let count = |mark: &[u8]| text.windows(mark.len()).filter(|part| *part == mark).count();
    HOOK_MARKS.iter().map(|mark| count(mark)).sum()
}

fn switches_off(text: &[u8]) -> bool {
    let dense: Vec<u8> = text.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    HOOKS_OFF.iter().any(|off| dense.windows(off.len()).any(|part| part == *off))
}

fn holds_line(text: &[u8]) -> bool {
    text.windows(BEGIN.len()).any(|part| part == BEGIN.as_bytes())
}

/// How a path stands to one of holdpoint's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Apart,
    /// It is the place, or may be.
    Same,
    /// It is below it.
    Inside,
    /// The place is below it.
    Above,
}

fn relation(path: &Path, own: &Path) -> Relation {
    let (mut given, mut theirs) = (path.components(), own.components());
    loop {
        match (given.next(), theirs.next()) {
            (None, None) => return Relation::Same,
            (None, Some(_)) => return Relation::Above,
            (Some(_), None) => return Relation::Inside,
            (Some(word), Some(name)) => {
                let matches =
                    component_matches(word.as_os_str().as_bytes(), name.as_os_str().as_bytes());
                if !matches {
                    return Relation::Apart;
                }
            }
        }
    }
}

/// Whether one part of a path, wildcards in it, names `name`. What is computed
/// otherwise could be anything and counts for nothing.
fn component_matches(word: &[u8], name: &[u8]) -> bool {
    if word == name {
        return true;
    }
    let Ok(word) = std::str::from_utf8(word) else { return false };
    if !word.contains(HOLE) {
        return false;
    }
    let mut pattern = String::new();
    let mut parts = word.split(HOLE);
    pattern.push_str(&parts.next().unwrap_or_default().replace(['*', '?'], ""));
    for part in parts {
        let Some(mark) = part.chars().next().filter(|mark| "*?".contains(*mark)) else {
            return false;
        };
        pattern.push(mark);
        pattern.push_str(part.get(1..).unwrap_or_default());
    }
    let name = String::from_utf8_lossy(name);
    // A wildcard does not stand for the dot of a hidden file.
    (pattern.starts_with('.') || !name.starts_with('.')) && glob(&pattern, &name)
}

/// A path from the root on, without `.` and `..`; none where the directory is
/// not known.
fn absolute(context: &Context<'_>, text: &[u8]) -> Option<PathBuf> {
    let path = PathBuf::from(OsString::from_vec(text.to_vec()));
    let whole = match path.is_absolute() {
        true => path,
        false => context.cwd()?.join(path),
    };
    let mut out = PathBuf::new();
    for component in whole.components() {
        match component {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    let known = out.is_absolute() && !out.as_os_str().as_bytes().starts_with(COMPUTED.as_bytes());
    let lost = out.components().any(|part| part.as_os_str() == COMPUTED);
    (known && !lost && !text.is_empty()).then_some(out)
}

/// The same place behind links. What is removed is the link itself; what is
/// written is what it leads to.
fn real(world: &dyn World, path: &Path, touch: Touch<'_>) -> Option<PathBuf> {
    let folder = || Some(world.canonical(path.parent()?)?.join(path.file_name()?));
    let real = match touch {
        Touch::Remove { .. } => folder(),
        _ => world.canonical(path).or_else(folder),
    };
    real.filter(|real| real != path)
}
