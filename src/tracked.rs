//! A map that is copied at no cost and knows which of its entries changed
//! since it was copied: what a shell knows at one place, and what it hands to
//! each of ten thousand commands, differ from one another in a few entries.
//! Holds entries; knows nothing of what they mean.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;

use rpds::{ListSync, RedBlackTreeMapSync};

/// Such a map, sorted by key.
#[derive(Clone)]
pub struct Tracked<K: Ord + Clone, V: Clone> {
    entries: RedBlackTreeMapSync<K, V>,
    /// The key of each change, the latest first. A copy shares the changes
    /// that came before it.
    changes: ListSync<K>,
}

impl<K: Ord + Clone, V: Clone> Tracked<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    /// Whether there is such a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.entries.contains_key(key)
    }

    /// Sets a key's value, over the one that it had.
    pub fn push(&mut self, (key, value): (K, V)) {
        self.changes.push_front_mut(key.clone());
        self.entries.insert_mut(key, value);
    }

    /// A key's value, to be changed.
    pub fn change<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (key, _) = self.entries.get_key_value(key)?;
        let key = key.clone();
        self.changes.push_front_mut(key.clone());
        self.entries.get_mut(key.borrow())
    }

    /// Takes a key out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Some((key, _)) = self.entries.get_key_value(key) {
            let key = key.clone();
            self.entries.remove_mut(key.borrow());
            self.changes.push_front_mut(key);
        }
    }

    /// Takes every key out.
    pub fn clear(&mut self) {
        *self = Tracked::default();
    }

    /// The keys that were set, changed or taken out since this was a copy of
    /// `base`.
    pub fn changed_since(&self, base: &Self) -> BTreeSet<K> {
        self.changed_after(base.changes())
    }

    /// The same, since there had been so many [`Tracked::changes`].
    pub fn changed_after(&self, changes: usize) -> BTreeSet<K> {
        let count = self.changes().saturating_sub(changes);
        self.changes.iter().take(count).cloned().collect()
    }

    /// How many changes it has seen.
    pub fn changes(&self) -> usize {
        self.changes.len()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Its entries, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter()
    }
}

impl<K: Ord + Clone, V: Clone> Default for Tracked<K, V> {
    fn default() -> Self {
        Tracked { entries: RedBlackTreeMapSync::new_sync(), changes: ListSync::new_sync() }
    }
}

impl<K: Ord + Clone, V: Clone + PartialEq> PartialEq for Tracked<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<K: Ord + Clone + fmt::Debug, V: Clone + fmt::Debug> fmt::Debug for Tracked<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Clone, V: Clone> Extend<(K, V)> for Tracked<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|entry| self.push(entry));
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Tracked<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut out = Tracked::default();
        out.extend(entries);
        out
    }
}

impl<K: Ord + Clone, V: Clone, const N: usize> From<[(K, V); N]> for Tracked<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_its_own_and_what_changed_in_it_is_known() {
        let mut first: Tracked<&str, u32> = [("a", 1), ("b", 2)].into();
        let mut copy = first.clone();
        copy.push(("b", 3));
        copy.push(("c", 4));
        copy.remove("a");
        copy.remove("nothing");
        *copy.change("c").unwrap() += 1;
        first.push(("d", 5));
        assert_eq!(first, [("a", 1), ("b", 2), ("d", 5)].into());
        assert_eq!(copy, [("b", 3), ("c", 5)].into());
        let base = [("a", 1), ("b", 2)].into();
        assert_eq!(copy.changed_since(&base), BTreeSet::from(["a", "b", "c"]));
        assert_eq!(first.changed_since(&base), BTreeSet::from(["d"]));
        assert_eq!(first.changed_after(first.changes()), BTreeSet::new());
    }

    #[test]
    fn a_long_history_is_dropped_without_a_deep_stack() {
        let mut map = Tracked::default();
        (0..1_000_000).for_each(|_| map.push(("a", 1)));
        assert_eq!((map.len(), map.changes()), (1, 1_000_000));
    }
}
