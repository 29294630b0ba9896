//! Which files a pattern could stand for: the folders of the world as one walk
//! sees them, each listed once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use super::line::Lines;
use crate::invocation::COMPUTED;
use crate::text::glob;
use crate::work;

/// The most folders whose names are kept.
const MAX_KEPT: usize = 64;

/// The folders that were looked into.
#[derive(Default)]
pub(super) struct Folders {
    names: RefCell<BTreeMap<PathBuf, Rc<[String]>>>,
    work: Cell<usize>,
}

impl Folders {
    /// Whether a pattern could match a file that is there.
    pub fn could_match(&self, pattern: &str, lines: &Lines<'_>) -> bool {
        let mut dir = match (pattern.starts_with('/'), lines.cwd()) {
            (true, _) => PathBuf::from("/"),
            (false, Some(cwd)) if !cwd.to_string_lossy().contains(COMPUTED) => cwd,
            _ => return true,
        };
        for component in pattern.split('/').filter(|component| !component.is_empty()) {
            if component.contains(['*', '?']) {
                let names = self.names_in(dir, lines);
                // Each name is compared with each letter at worst.
                self.pay(names.len().saturating_mul(1 + component.len() / 16));
                let front = component.split(['*', '?']).next().unwrap_or_default();
                return names.iter().any(|name| {
                    (component.starts_with('.') || !name.starts_with('.'))
                        && name.get(..front.len()).is_some_and(|it| it.eq_ignore_ascii_case(front))
                        && glob(component, name)
                });
            }
            dir.push(component);
        }
        true
    }

    /// The work since this was asked last.
    pub fn take_work(&self) -> usize {
        self.work.take()
    }

    fn pay(&self, work: usize) {
        self.work.set(self.work.get().saturating_add(work));
    }

    fn names_in(&self, dir: PathBuf, lines: &Lines<'_>) -> Rc<[String]> {
        let mut kept = self.names.borrow_mut();
        if let Some(names) = kept.get(&dir) {
            return names.clone();
        }
        let listed = lines.context.world.list(&dir);
        self.pay((1 + listed.len()).saturating_mul(work::LOOK));
        let names: Rc<[String]> =
            listed.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        if kept.len() < MAX_KEPT {
            kept.insert(dir, names.clone());
        }
        names
    }
}
