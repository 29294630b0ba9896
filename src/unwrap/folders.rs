//! The folders of the world as one walk sees them, each listed once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use super::line::Lines;
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
    /// The work since this was asked last.
    pub fn take_work(&self) -> usize {
        self.work.take()
    }

    /// Counts work.
    pub fn pay(&self, work: usize) {
        self.work.set(self.work.get().saturating_add(work));
    }

    /// The names in a folder.
    pub fn names_in(&self, dir: PathBuf, lines: &Lines<'_>) -> Rc<[String]> {
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
