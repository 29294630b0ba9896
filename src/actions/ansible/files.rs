//! Where Ansible finds roles, included tasks and scripts, and what is in them.
//! Source: ansible-core 2.19.14's search paths (`ansible-config dump`,
//! `playbook/role/definition.py`).

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::invocation::{Context, HOLE};
use crate::parse::playbook;
use crate::target::ansible::Settings;
use crate::text::glob;
use crate::world::ReadError;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 1 << 20;

/// The most files that one name with a variable in it stands for.
const MAX_MATCHES: usize = 30;

/// How a role's and a task file's name may end.
const ENDINGS: &[&str] = &[".yml", ".yaml", ".json", ""];

/// A file of YAML; none if there is none.
///
/// # Errors
/// It cannot be read: a clause.
pub fn read(context: &Context<'_>, path: &Path) -> Result<Option<Value>, String> {
    match context.read(path, MAX_FILE) {
        Ok(bytes) if bytes.starts_with(b"$ANSIBLE_VAULT") => Err("it is encrypted".to_owned()),
        Ok(bytes) => playbook::read(&bytes).map(Some),
        Err(ReadError::Missing) => Ok(None),
        Err(why) => Err(why.to_string()),
    }
}

fn is_there(context: &Context<'_>, path: &Path) -> bool {
    context.read_start(path, 1) != Err(ReadError::Missing)
}

/// A part of a role: `tasks/main.yml`.
pub fn part(context: &Context<'_>, role: &Path, part: &str, name: &str) -> Option<PathBuf> {
    let folder = role.join(part);
    let paths = ENDINGS.iter().map(|ending| folder.join(format!("{name}{ending}")));
    paths.into_iter().find(|path| is_there(context, path))
}

/// The folders that are searched.
#[derive(Debug, Default)]
pub struct Folders {
    /// The folder of the playbook that is read.
    pub playbook: PathBuf,
    roles: Vec<PathBuf>,
    collections: Vec<PathBuf>,
}

impl Folders {
    /// Those that variables and settings name, or Ansible's own.
    pub fn new(context: &Context<'_>, settings: &Settings) -> Folders {
        let home = context.home().unwrap_or_default();
        let list = |variable: &str, key: &str, own: &str| -> Vec<PathBuf> {
            if let Some(text) = context.text_var(variable) {
                return text.split(':').map(PathBuf::from).collect();
            }
            match settings.paths(key, ':', context) {
                paths if paths.is_empty() => vec![
                    home.join(".ansible").join(own),
                    Path::new("/usr/share/ansible").join(own),
                    Path::new("/etc/ansible").join(own),
                ],
                paths => paths,
            }
        };
        Folders {
            playbook: PathBuf::new(),
            roles: list("ANSIBLE_ROLES_PATH", "roles_path", "roles"),
            collections: list("ANSIBLE_COLLECTIONS_PATH", "collections_path", "collections"),
        }
    }

    /// A role's folder, if it is found. `inside` is the role that names it.
    pub fn role(
        &self,
        context: &Context<'_>,
        name: &str,
        inside: Option<&Path>,
    ) -> Option<PathBuf> {
        if name.contains(HOLE) || name.is_empty() {
            return None;
        }
        let own = [self.playbook.join("roles")];
        let beside = inside.and_then(Path::parent).map(PathBuf::from);
        let folders = own.into_iter().chain(self.roles.iter().cloned()).chain(beside);
        let mut paths: Vec<PathBuf> =
            folders.chain([self.playbook.clone()]).map(|folder| folder.join(name)).collect();
        if let [space, collection, role] = name.split('.').collect::<Vec<_>>().as_slice() {
            let own = [self.playbook.join("collections")];
            paths.extend(own.iter().chain(&self.collections).map(|folder| {
                let folder = folder.join("ansible_collections").join(space);
                folder.join(collection).join("roles").join(role)
            }));
        }
        let is_role = |path: &PathBuf| {
            ["tasks", "meta", "handlers"]
                .iter()
                .any(|part| context.world.is_dir(&context.resolve(path.join(part))))
        };
        paths.into_iter().find(is_role)
    }

    /// The files that an include names: with a variable in the name all those
    /// that it could be.
    pub fn included(
        &self,
        context: &Context<'_>,
        name: &str,
        folder: &Path,
        role: Option<&Path>,
    ) -> Vec<PathBuf> {
        let role = role.map(|role| role.join("tasks"));
        let folders = [Some(folder.to_owned()), role, Some(self.playbook.clone())];
        for folder in folders.into_iter().flatten() {
            let path = folder.join(name);
            if !name.contains(HOLE) {
                if is_there(context, &path) {
                    return vec![path];
                }
                continue;
            }
            let parts = (path.parent(), path.file_name().and_then(|name| name.to_str()));
            let (Some(parent), Some(last)) = parts else { continue };
            if parent.to_string_lossy().contains(HOLE) {
                continue;
            }
            let pattern = last.replace(HOLE, "*");
            let names = context.world.list(&context.resolve(parent));
            let fits = names.into_iter().filter(|name| {
                name.to_str().is_some_and(|name| glob(&pattern, name) && name.contains(".y"))
            });
            let found: Vec<PathBuf> =
                fits.take(MAX_MATCHES).map(|name| parent.join(name)).collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// A file that a task copies from this machine.
    pub fn file(
        &self,
        context: &Context<'_>,
        name: &str,
        folder: &Path,
        role: Option<&Path>,
    ) -> Option<PathBuf> {
        let role = role.map(|role| role.join("files"));
        let folders = [
            role,
            Some(folder.join("files")),
            Some(folder.to_owned()),
            Some(self.playbook.clone()),
        ];
        let mut paths = folders.into_iter().flatten().map(|folder| folder.join(name));
        paths.find(|path| is_there(context, path))
    }
}
