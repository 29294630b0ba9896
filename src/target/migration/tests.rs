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
