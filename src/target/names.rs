//! The words that give a name's class away: `db-prod-1` is production,
//! `product-catalog` is not. Reads one name at a time, keeps nothing and
//! allocates nothing; how much a word weighs is [`crate::policy::classify`]'s to say.

use super::{Class, Kind};

/// The words. `preprod` and `nonprod` may also be written in two parts:
/// `pre-prod`, `nonProd`.
const WORDS: [(&str, Class); 18] = [
    ("prod", Class::Production),
    ("production", Class::Production),
    ("prd", Class::Production),
    ("live", Class::Production),
    ("staging", Class::Staging),
    ("stage", Class::Staging),
    ("stg", Class::Staging),
    ("uat", Class::Staging),
    ("qa", Class::Staging),
    ("preprod", Class::Staging),
    ("dev", Class::Development),
    ("development", Class::Development),
    ("test", Class::Development),
    ("testing", Class::Development),
    ("sandbox", Class::Development),
    ("preview", Class::Development),
    ("demo", Class::Development),
    ("nonprod", Class::Development),
];

/// A word found in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// What it stands for.
    pub class: Class,
    /// The word as the name spells it.
    pub text: &'a str,
}

/// The most dangerous word of a value of `kind`, if it has any. Names are
/// split at whatever is no letter or digit and where the case changes; digits
/// behind a word do not count (`prod2`). A kind whose values say nothing of
/// their class (a port, a region) has no words, and the public top-level
/// domain `.dev`, under which production sites live, makes no host
/// development.
pub fn word(kind: Kind, value: &str) -> Option<Word<'_>> {
    if matches!(kind, Kind::Socket | Kind::Port | Kind::Region | Kind::Branch) {
        return None;
    }
    let has_domain = matches!(kind, Kind::Host | Kind::Url);
    let mut found: Option<Word<'_>> = None;
    let mut at = 0;
    while at < value.len() {
        let Some(hit) = word_at(value, at) else {
            at += 1;
            continue;
        };
        let is_domain = has_domain && is_top_level_dev(value, at, hit);
        if !is_domain && found.is_none_or(|best| best.class < hit.class) {
            found = Some(hit);
        }
        at += hit.text.len();
    }
    found
}

/// The word that begins at byte `at`, the longest if there are several.
fn word_at(name: &str, at: usize) -> Option<Word<'_>> {
    if !is_boundary(name, at) {
        return None;
    }
    let whole = WORDS.iter().filter_map(|(word, class)| {
        let text = name.get(at..at + word.len())?;
        let joint = if word.ends_with("prod") { 3 } else { 0 };
        let fits = text.eq_ignore_ascii_case(word)
            && ends_word(name, at + word.len())
            && (1..word.len()).all(|inside| inside == joint || !rises(name, at + inside));
        fits.then_some(Word { class: *class, text })
    });
    two_parts(name, at).or_else(|| whole.max_by_key(|word| word.text.len()))
}

/// `pre-prod` and `non-prod`, with any one character that is no letter or
/// digit between the parts.
fn two_parts(name: &str, at: usize) -> Option<Word<'_>> {
    let first = name.get(at..at + 3)?;
    let class = if first.eq_ignore_ascii_case("pre") {
        Class::Staging
    } else if first.eq_ignore_ascii_case("non") {
        Class::Development
    } else {
        return None;
    };
    let between = name.get(at + 3..)?.chars().next().filter(|letter| !letter.is_alphanumeric())?;
    let second = at + 3 + between.len_utf8();
    let fits =
        name.get(second..second + 4)?.eq_ignore_ascii_case("prod") && ends_word(name, second + 4);
    let text = name.get(at..second + 4)?;
    fits.then_some(Word { class, text })
}

/// Whether a word may end at byte `at`: digits, then a boundary.
fn ends_word(name: &str, at: usize) -> bool {
    let digits = name.bytes().skip(at).take_while(u8::is_ascii_digit).count();
    is_boundary(name, at + digits)
}

/// Whether a word may begin or end at byte `at` of `name`.
fn is_boundary(name: &str, at: usize) -> bool {
    let Some((before, after)) = name.split_at_checked(at) else { return false };
    let mut left = before.chars().rev();
    let mut right = after.chars();
    let (Some(last), Some(next)) = (left.next(), right.next()) else { return true };
    if !last.is_alphanumeric() || !next.is_alphanumeric() || rises(name, at) {
        return true;
    }
    let is_run = left.next().is_some_and(char::is_uppercase);
    let falls_after_run = last.is_uppercase() && is_run && next.is_lowercase();
    let ends_run =
        last.is_uppercase() && next.is_uppercase() && right.next().is_some_and(char::is_lowercase);
    falls_after_run || ends_run
}

/// Whether a small letter or digit is followed by a capital at byte `at`.
fn rises(name: &str, at: usize) -> bool {
    let Some((before, after)) = name.split_at_checked(at) else { return false };
    before.chars().next_back().is_some_and(|last| last.is_alphanumeric() && !last.is_uppercase())
        && after.chars().next().is_some_and(char::is_uppercase)
}

/// Whether `word`, found at byte `at`, is the end of a domain name (`acme.dev`).
fn is_top_level_dev(name: &str, at: usize, word: Word<'_>) -> bool {
    let rest = name.get(at + word.text.len()..).unwrap_or_default();
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    word.text.eq_ignore_ascii_case("dev")
        && name.get(..at).is_some_and(|before| before.ends_with('.'))
        && (rest.is_empty() || rest.starts_with([':', '/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str) -> Option<Class> {
        word(Kind::Database, name).map(|word| word.class)
    }

    #[test]
    fn each_word_of_the_list_counts_alone() {
        for (list, expected) in [
            (&["prod", "production", "prd", "live"][..], Class::Production),
            (&["staging", "stage", "stg", "uat", "qa", "preprod", "pre-prod"][..], Class::Staging),
            (
                &[
                    "dev",
                    "development",
                    "test",
                    "testing",
                    "sandbox",
                    "preview",
                    "demo",
                    "nonprod",
                    "non-prod",
                ][..],
                Class::Development,
            ),
        ] {
            for word in list {
                assert_eq!(class(word), Some(expected), "{word}");
                assert_eq!(class(&word.to_uppercase()), Some(expected), "{word}");
                assert_eq!(class(&format!("acme_{word}-7")), Some(expected), "{word}");
            }
        }
    }

    #[test]
    fn words_inside_other_words_do_not_count() {
        for name in [
            "product-catalog",
            "reproduction",
            "products",
            "delivery",
            "alive",
            "olive",
            "liver",
            "latest",
            "contest",
            "attestation",
            "devices",
            "devops",
            "stages",
            "onstage",
            "quat",
            "aqa",
            "demographics",
            "previews",
            "preproduct",
            "nonproductive",
            "orders",
            "",
            "éprod",
            "prodé",
            "xprod",
        ] {
            assert_eq!(class(name), None, "{name}");
        }
    }

    #[test]
    fn separators_and_case_changes_split() {
        for name in [
            "acme-prod",
            "acme_prod_eu",
            "prod.acme.com",
            "acmeProd",
            "ProdDatabase",
            "PRODdb",
            "ACMEProd",
            "db1Prod",
            "prod2",
            "prod01-eu",
            "s3://acme/prod/state",
            "a/live/b",
            "datos–prod",
            "生产 prod",
        ] {
            assert_eq!(class(name), Some(Class::Production), "{name}");
        }
        for name in
            ["qa3", "acmeStaging", "pre_prod", "pre.prod", "preProd", "PRE-PROD1", "PreProd"]
        {
            assert_eq!(class(name), Some(Class::Staging), "{name}");
        }
        for name in ["nonProd", "non prod", "NON_PROD", "myTestDb", "test1"] {
            assert_eq!(class(name), Some(Class::Development), "{name}");
        }
    }

    #[test]
    fn letters_of_random_ids_are_no_words() {
        for name in ["x7qa9z", "vol-0qa3f", "aqA9", "teSt", "9dev7"] {
            assert_eq!(class(name), None, "{name}");
        }
    }

    #[test]
    fn the_most_dangerous_word_wins() {
        assert_eq!(class("staging-live"), Some(Class::Production));
        assert_eq!(class("dev-qa"), Some(Class::Staging));
        assert_eq!(class("non-prod-prod"), Some(Class::Production));
        assert_eq!(class("nonprodProd"), Some(Class::Production));
        assert_eq!(class("preprod-test"), Some(Class::Staging));
        assert_eq!(word(Kind::Host, "dev.PROD.test").map(|word| word.text), Some("PROD"));
    }

    #[test]
    fn a_top_level_domain_is_no_word() {
        assert_eq!(word(Kind::Host, "api.acme.dev"), None);
        assert_eq!(word(Kind::Host, "api.acme.dev."), None);
        assert_eq!(word(Kind::Url, "https://api.acme.dev:443/graphql"), None);
        assert_eq!(word(Kind::Url, "https://acme.dev/v1"), None);
        let class = |kind, name| word(kind, name).map(|word| word.class);
        assert_eq!(class(Kind::Host, "dev.acme.dev"), Some(Class::Development));
        assert_eq!(class(Kind::Host, "dev"), Some(Class::Development));
        assert_eq!(class(Kind::Host, "qa.acme.dev"), Some(Class::Staging));
        assert_eq!(class(Kind::Database, "acme.dev"), Some(Class::Development));
        assert_eq!(class(Kind::Host, "acme.live"), Some(Class::Production));
    }

    #[test]
    fn ports_and_regions_have_no_words() {
        for kind in [Kind::Port, Kind::Region, Kind::Socket] {
            assert_eq!(word(kind, "prod"), None);
        }
    }
}
