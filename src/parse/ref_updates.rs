//! The lines by which git tells its hooks which refs change, and the words of
//! its update hook. Text in, updates out; says nothing of what they lose. From
//! githooks(5), and compared with what git 2.39.5, 2.47.3 and 2.55.0 give in
//! tests/git_hooks.rs and tests/git_transactions.rs.

/// One ref that is about to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Its full name: `refs/heads/main`, `HEAD`.
    pub name: String,
    /// The object that it names now, as git says; all zeros if it does not
    /// say, or if there is none.
    pub old: String,
    /// The object that it is to name, all zeros if it goes, or `ref:NAME` if
    /// it is to stand for another ref.
    pub new: String,
}

/// In which order a hook's lines name things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// pre-push: local ref, local id, remote ref, remote id.
    Push,
    /// pre-receive and reference-transaction: old id, new id, ref.
    Change,
}

impl Update {
    /// From its three parts; none if they are no such thing.
    pub fn of(name: Option<&str>, old: Option<&str>, new: Option<&str>) -> Option<Update> {
        let is_id = |id: &str| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_value = |id: &&str| is_id(id) || id.strip_prefix("ref:").is_some_and(is_ref);
        let (name, old, new) = (name?, old.filter(is_value)?, new.filter(is_value)?);
        let text = str::to_owned;
        (is_ref(name)).then(|| Update { name: text(name), old: text(old), new: text(new) })
    }

    /// Whether the ref goes.
    pub fn deletes(&self) -> bool {
        is_zero(&self.new)
    }

    /// The branch, or `tags/NAME`; other refs are nobody's history.
    pub fn branch(&self) -> Option<&str> {
        self.name
            .strip_prefix("refs/heads/")
            .or_else(|| self.name.strip_prefix("refs/").filter(|name| name.starts_with("tags/")))
    }
}

/// Whether an id is the one that stands for none.
pub fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

/// A ref's name is no option, no range and no pattern.
fn is_ref(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && !name.contains("..")
        && !name.contains(|letter: char| letter.is_control() || " ~^:?*[\\".contains(letter))
}

/// The updates in a hook's standard input.
///
/// # Errors
/// A line names none.
pub fn parse(text: &str, order: Order) -> Result<Vec<Update>, String> {
    let update = |line: &str| {
        // A ref's name holds no blanks; what a person pushes (`HEAD~1`,
        // `:/fix bug`) may, and stands first in a push's lines.
        let mut fields: Vec<&str> = line.rsplitn(4, ' ').collect();
        fields.reverse();
        let field = |place: usize| fields.get(place).copied();
        match (order, fields.len()) {
            (Order::Push, 4) => Update::of(field(2), field(3), field(1)),
            (Order::Change, 3) => Update::of(field(2), field(0), field(1)),
            _ => None,
        }
    };
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| update(line).ok_or_else(|| "a line that names no update of a ref".to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn lines_of_every_hook() {
        let push =
            format!(":/fix a bug {B} refs/heads/main {A}\n(delete) {ZERO} refs/tags/v {A}\n");
        let found = parse(&push, Order::Push).unwrap();
        assert_eq!(found[0], Update::of(Some("refs/heads/main"), Some(A), Some(B)).unwrap());
        assert!(found[1].deletes());
        assert_eq!(found[1].branch(), Some("tags/v"));
        let change = format!("{A} {B} refs/heads/x\n{ZERO} ref:refs/heads/main HEAD\n");
        let found = parse(&change, Order::Change).unwrap();
        assert_eq!(found[0].branch(), Some("x"));
        assert_eq!((found[1].new.as_str(), found[1].branch()), ("ref:refs/heads/main", None));
        assert_eq!(parse("\n\n", Order::Change), Ok(Vec::new()));
    }

    #[test]
    fn what_is_none() {
        for line in [
            "x".to_owned(),
            format!("{A} {B}"),
            format!("{A} {B} --all"),
            format!("{A} {B} refs/heads/a..b"),
            format!("{A} zz refs/heads/a"),
            format!("{A} ref:--all refs/heads/a"),
            format!("x {A} {B} refs/heads/a"),
        ] {
            assert!(parse(&line, Order::Change).is_err(), "{line}");
        }
    }
}
