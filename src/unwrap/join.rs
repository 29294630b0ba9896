//! What is known where several ways of running come together again: what
//! they agree on. Looks at what they changed, never at all that they know.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::state::{Bodies, State, Variable};
use crate::invocation::Stdin;
use crate::tracked::Tracked;

/// How many bodies of one function are compared by what they say, and not only
/// by whether they are the same place of the text.
const COMPARED: usize = 8;

/// What is known when any of `ends` may have come to be, each of which began
/// as a copy of `base`, and how many changes there were to look at.
pub(super) fn join(base: &State, ends: Vec<State>) -> (State, usize) {
    let mut ends = ends.into_iter();
    let Some(mut out) = ends.next() else { return (base.clone(), 0) };
    let others: Vec<State> = ends.collect();
    let cost = variables(base, &mut out, &others)
        + files(base, &mut out, &others)
        + functions(base, &mut out, &others)
        + aliases(base, &mut out, &others);
    for other in others {
        if out.cwd != other.cwd {
            out.lose_cwd();
        }
        if out.positional != other.positional {
            out.positional = None;
        }
        out.stops &= other.stops;
        out.exports_all |= other.exports_all;
        out.odd_ifs |= other.odd_ifs;
        out.odd_patterns |= other.odd_patterns || out.no_patterns != other.no_patterns;
        out.join_after(other.after);
        if out.stdin != other.stdin {
            out.stdin = Stdin::Opaque("what earlier commands leave of it".to_owned());
        }
    }
    (out, cost)
}

/// What was changed anywhere, and the ends other than the first in which it
/// was. Where one is not listed, it has what the base has.
fn changes<K: Ord + Clone, V: Clone>(
    base: &Tracked<K, V>,
    first: &Tracked<K, V>,
    others: &[State],
    of: impl Fn(&State) -> &Tracked<K, V>,
) -> BTreeMap<K, Vec<usize>> {
    let mut out: BTreeMap<K, Vec<usize>> =
        first.changed_since(base).into_iter().map(|key| (key, Vec::new())).collect();
    for (index, other) in others.iter().enumerate() {
        for key in of(other).changed_since(base) {
            out.entry(key).or_default().push(index);
        }
    }
    out
}

/// How many changes these are.
fn count<K>(changes: &BTreeMap<K, Vec<usize>>) -> usize {
    changes.values().map(|ends| 1 + ends.len()).sum()
}

/// The different values of one key in the ends other than the first.
fn values<'a, K: Ord + Clone + 'a, V: Clone>(
    key: &K,
    changed: &[usize],
    base: &'a State,
    others: &'a [State],
    of: impl Fn(&'a State) -> &'a Tracked<K, V>,
) -> Vec<Option<&'a V>> {
    let kept = (changed.len() < others.len()).then_some(base);
    let ends = changed.iter().filter_map(|index| others.get(*index));
    ends.chain(kept).map(|end| of(end).get(key)).collect()
}

fn variables(base: &State, out: &mut State, others: &[State]) -> usize {
    let changes = changes(&base.vars, &out.vars, others, |state| &state.vars);
    for (name, changed) in &changes {
        let there = values(name, changed, base, others, |state| &state.vars);
        let here = out.vars.get(name);
        if there.iter().all(|there| *there == here) {
            continue;
        }
        let all = || there.iter().copied().chain([here]).flatten();
        let exported = all().any(|variable| variable.exported);
        let value = |variable: Option<&Variable>| {
            variable.map(|it| (it.value.clone(), it.elements.clone(), it.sample.clone()))
        };
        let what = value(here);
        let same = there.iter().all(|there| value(*there) == what);
        if !same {
            out.forget(name);
        }
        if let Some(variable) = out.vars.change(name) {
            variable.exported = exported;
        }
    }
    count(&changes)
}

fn files(base: &State, out: &mut State, others: &[State]) -> usize {
    let changes = changes(&base.written, &out.written, others, |state| &state.written);
    for (path, changed) in &changes {
        let there = values(path, changed, base, others, |state| &state.written);
        let here = out.written.get(path);
        if there.iter().flatten().any(|text| Some(*text) != here) {
            out.write(path.clone(), None);
        }
    }
    count(&changes)
}

fn functions(base: &State, out: &mut State, others: &[State]) -> usize {
    let changes = changes(&base.functions, &out.functions, others, |state| &state.functions);
    let mut cost = count(&changes);
    for (name, changed) in &changes {
        let there = values(name, changed, base, others, |state| &state.functions);
        let mut all: Vec<Rc<_>> = out.functions.get(name).map_or_else(Vec::new, |it| it.to_vec());
        for bodies in there.into_iter().flatten() {
            let known: BTreeSet<_> = all.iter().map(Rc::as_ptr).collect();
            let mut compared = all.get(..all.len().min(COMPARED)).unwrap_or_default().to_vec();
            for body in bodies.iter().filter(|body| !known.contains(&Rc::as_ptr(body))) {
                if !compared.contains(body) {
                    all.push(body.clone());
                }
                if compared.len() < COMPARED {
                    compared.push(body.clone());
                }
            }
            cost += known.len() + bodies.len();
        }
        cost += all.len();
        if out.functions.get(name).map_or(0, |bodies| bodies.len()) < all.len() {
            out.functions.push((name.clone(), Bodies::from(all)));
        }
    }
    cost
}

fn aliases(base: &State, out: &mut State, others: &[State]) -> usize {
    let changes = changes(&base.aliases, &out.aliases, others, |state| &state.aliases);
    for (name, changed) in &changes {
        let there = values(name, changed, base, others, |state| &state.aliases);
        if !out.aliases.contains_key(name)
            && let Some(text) = there.into_iter().flatten().next()
        {
            out.aliases.push((name.clone(), text.clone()));
        }
    }
    count(&changes)
}

#[cfg(test)]
mod tests {
    use crate::invocation::{Context, Invocation};
    use crate::unwrap;
    use crate::world::fake::FakeWorld;

    /// What the last psql of a line would find in A, and its directory.
    fn known(line: &str) -> (Option<String>, String) {
        let world = FakeWorld::new();
        let surroundings = Invocation::default();
        let reading = unwrap::line(line, Context { invocation: &surroundings, world: &world });
        let last = reading.inner.last().expect("a psql").clone();
        let context = Context { invocation: &last, world: &world };
        let cwd = context.cwd().unwrap().to_string_lossy().into_owned();
        (context.text_var("A"), cwd)
    }

    #[test]
    fn what_branches_agree_on_is_known_and_nothing_else() {
        let unknown = Some("<computed at run time>");
        for (line, value) in [
            ("export A=1; if a; then A=2; fi; psql", unknown),
            ("export A=1; if a; then A=2; else A=2; fi; psql", Some("2")),
            ("export A=1; if a; then A=2; else A=3; fi; psql", unknown),
            ("export A=1; if a; then A=2; elif b; then B=1; else A=2; fi; psql", unknown),
            ("export A=1; if a; then B=2; elif b; then B=1; else B=3; fi; psql", Some("1")),
            ("export A=1; if a; then A=2; A=1; fi; psql", Some("1")),
            ("if a; then export A=2; else export A=2; fi; psql", Some("2")),
            ("if a; then export A=2; else A=2; fi; psql", Some("2")),
            ("if a; then export A=2; fi; psql", unknown),
            ("export A=1; case x in a) A=2;; b) A=2;; esac; psql", unknown),
            ("export A=1; case x in a) unset A;; esac; psql", unknown),
            ("export A=1; a || A=2; psql", unknown),
            ("export A=1; a && A=1; psql", Some("1")),
            ("export A=1; (A=2); psql", Some("1")),
            ("export A=1; f() { A=2; }; f; psql", Some("2")),
            (
                "export A=1; if a; then f() { A=2; }; else f() { A=2; true; }; fi; f; psql",
                Some("2"),
            ),
            ("export A=1; if a; then f() { A=2; }; else f() { A=3; }; fi; f; psql", unknown),
            ("export A=1; f() { local A=2; }; f; psql", Some("1")),
            ("A=1; A=2 psql; psql", None),
            ("export A=1; A=2 psql; psql", Some("1")),
            ("export A=1; A+=2; psql", Some("12")),
            ("A=1; A+=2; export A; psql", Some("12")),
            ("export A=1; export -n A; psql", None),
        ] {
            assert_eq!(known(line).0.as_deref(), value, "{line}");
        }
        for (line, dir) in [
            ("cd x; psql", "/app/x"),
            ("if a; then cd x; fi; psql", "<computed at run time>"),
            ("if a; then cd x; else cd x; fi; psql", "/app/x"),
        ] {
            assert!(known(line).1.ends_with(dir), "{line}: {}", known(line).1);
        }
    }
}
