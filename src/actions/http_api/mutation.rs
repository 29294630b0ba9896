//! The GraphQL in a request to an API without a reader of its own: which
//! mutations by their names take something away.

use crate::parse::graphql::{self, Kind};
use crate::parse::http::{Body, Request};
use crate::parse::url::Url;

/// What was found.
pub enum Mutation {
    /// No GraphQL, or none that takes anything away.
    None,
    /// Mutations of these names.
    Deletes(Vec<String>),
    /// It goes to a GraphQL endpoint and cannot be read: why.
    Unreadable(String),
}

/// Whether a request goes to what plainly is a GraphQL endpoint.
pub fn is_endpoint(request: &Request, url: &Url) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("graphql") || text.split('/').any(|segment| segment == "gql")
    };
    says(&url.path)
        || url.host.contains("graphql")
        || request.header("Content-Type").is_some_and(says)
}

/// Looks for mutations that take something away.
pub fn find(request: &Request, url: &Url) -> Mutation {
    let endpoint = is_endpoint(request, url);
    let payloads = match graphql::payloads(request) {
        Ok(payloads) => payloads,
        Err(why) if endpoint => return Mutation::Unreadable(why.to_string()),
        Err(_) => return Mutation::None,
    };
    if endpoint && request.gap.is_some() && request.body == Body::None {
        return Mutation::Unreadable("part of the request is not known".to_owned());
    }
    let mut names = Vec::new();
    for payload in &payloads {
        for operation in payload.document.selected(payload.operation_name.as_deref()) {
            let fields = operation.fields.iter().filter(|_| operation.kind == Kind::Mutation);
            for field in fields.filter(|field| deletes(&field.name)) {
                if !names.contains(&field.name) {
                    names.push(field.name.clone());
                }
            }
        }
    }
    if names.is_empty() { Mutation::None } else { Mutation::Deletes(names) }
}

/// Words that mean it wherever they stand in a name.
const ANYWHERE: &[&str] =
    &["delete", "destroy", "purge", "truncate", "wipe", "terminate", "erase", "deleted"];
/// Words that mean it only at a name's beginning or end (`updateDropOff` and
/// `setResetDate` are other things).
const AT_AN_END: &[&str] = &["remove", "drop", "reset", "removed", "nuke"];

/// Whether an operation of this name takes something away.
pub fn deletes(name: &str) -> bool {
    let words = words(name);
    let ends = [words.first(), words.last()].into_iter().flatten();
    words.iter().any(|word| ANYWHERE.contains(&word.as_str()))
        || ends.into_iter().any(|word| AT_AN_END.contains(&word.as_str()))
}

/// A name's words, lower case, split at what is no letter and at changes of
/// case.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_alphabetic() {
            let starts = !before.is_alphabetic()
                || (before.is_lowercase() && letter.is_uppercase())
                || (before.is_uppercase()
                    && letter.is_uppercase()
                    && letters.peek().is_some_and(|next| next.is_lowercase()));
            if starts {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(letter.to_lowercase());
            }
        }
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_take_something_away() {
        for name in [
            "volumeDelete",
            "deleteUser",
            "delete_users_by_pk",
            "bulkDeleteUsers",
            "removeMember",
            "DeleteDBInstance",
            "dropTable",
            "tableDrop",
            "DESTROY_ALL",
            "purgeQueue",
            "deleteMany",
            "projectReset",
            "TerminateInstances",
            "APIKeyDelete",
        ] {
            assert!(deletes(name), "{name}");
        }
    }

    #[test]
    fn names_that_do_not() {
        for name in [
            "createUser",
            "updateDropOffLocation",
            "undeleteProject",
            "setResetDate",
            "restore",
            "deletionPolicyUpdate",
            "createDropbox",
            "preset",
            "userUpdate",
            "",
        ] {
            assert!(!deletes(name), "{name}");
        }
    }
}
