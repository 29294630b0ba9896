//! What losing a resource of a type means, by the list in
//! `rules/terraform/kinds.txt`. It is looked through only where a plan or a
//! state is read that destroys something.

use crate::text::glob;

/// The list.
const LIST: &str = include_str!("../../../rules/terraform/kinds.txt");

/// What a resource is to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It holds data, keys or a whole place.
    Data,
    /// It lives in the state alone.
    State,
    /// Replacing it puts a new version in place.
    Version,
    /// It serves users.
    Service,
}

/// What a resource of this type is.
pub fn of(resource_type: &str) -> Kind {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let mut words = line.split_ascii_whitespace();
        let kind = match words.next() {
            Some("data") => Kind::Data,
            Some("service") => Kind::Service,
            Some("state") => Kind::State,
            Some("version") => Kind::Version,
            _ => continue,
        };
        if words.any(|pattern| glob(pattern, resource_type)) {
            return kind;
        }
    }
    Kind::Service
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart() {
        for (name, kind) in [
            ("aws_db_instance", Kind::Data),
            ("aws_rds_cluster_instance", Kind::Data),
            ("azurerm_mssql_server", Kind::Data),
            ("kubernetes_namespace_v1", Kind::Data),
            ("random_password", Kind::State),
            ("aws_ecs_task_definition", Kind::Version),
            ("aws_lb", Kind::Service),
            ("odd", Kind::Service),
            ("aws_rds_cluster_parameter_group", Kind::Service),
            ("google_storage_bucket_iam_member", Kind::Service),
        ] {
            assert_eq!(of(name), kind, "{name}");
        }
    }

    #[test]
    fn every_line_of_the_list_is_one() {
        for line in LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let word = line.split(' ').next().unwrap();
            assert!(["service", "data", "state", "version"].contains(&word), "{line}");
            assert!(
                line.bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'*' | b' ')),
                "{line}"
            );
        }
    }
}
