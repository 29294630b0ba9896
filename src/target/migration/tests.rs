use super::*;

#[test]
fn a_name_that_says_production_counts_and_others_only_raise() {
    use crate::target::Grade;
    assert_eq!(selector("production", "RAILS_ENV").grade, Grade::Name);
    assert_eq!(selector("shop.settings.prod", "--settings").grade, Grade::Name);
    for label in ["test", "testing", "staging", "development", "products", ""] {
        assert_eq!(selector(label, "--env").grade, Grade::Hint, "{label}");
    }
}

mod any_text {
    use proptest::prelude::*;

    use super::super::literals;
    use crate::target::{database_url, dotenv};

    proptest! {
        #[test]
        fn is_read_without_a_panic(text in "(?s).{0,200}") {
            let _ = literals::of_code(&text, true);
            let _ = literals::of_lines(&text);
            let _ = dotenv::parse(&text);
            let _ = database_url::resolve(&text, "x");
        }

        /// A password is nowhere in a target, whatever it is made of.
        #[test]
        fn keeps_a_password_to_itself(secret in "[!-~]{0,6}SECRET[!-~]{0,6}", scheme in 0..4_usize) {
            let scheme = ["postgres", "mysql", "mongodb", "redis"][scheme];
            let url = format!("{scheme}://ana:{secret}@db.acme.com:5432/shop");
            let shown = format!("{:?}", database_url::resolve(&url, "x"));
            prop_assert!(!shown.contains("SECRET"), "{url} → {shown}");
            let string = format!("Server=db.acme.com;Password={secret};Database=shop");
            let shown = format!("{:?}", database_url::resolve(&string, "x"));
            prop_assert!(!shown.contains("SECRET"), "{string} → {shown}");
        }
    }
}
