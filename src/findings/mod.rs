//! What a change to a repository's files would do once it is applied or
//! pushed: (path, text before, text after) in, findings out. One file a
//! family. Pure: nothing here asks git, reads a file or decides what becomes
//! of a finding.

/// One thing that a change adds or takes away and that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id: `migration/drop-column`.
    pub rule: &'static str,
    /// The file's path in the repository.
    pub path: String,
    /// The line, from 1: of the text after the change, or, of what was
    /// removed, of the text before.
    pub line: usize,
    /// Whether it is about something that was removed.
    pub removed: bool,
    /// What would happen, in one plain sentence.
    pub says: String,
    /// What to do instead.
    pub instead: &'static str,
}

/// Looks at a file before and after a change; none stands for no file.
type Family = fn(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding>;

/// The families. `terraform::terraform` of the branch `hcl` is one line here.
const FAMILIES: &[Family] = &[];

/// Every finding of a change to one file.
pub fn of_file(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    FAMILIES.iter().flat_map(|family| family(path, before, after)).collect()
}
