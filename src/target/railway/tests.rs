//! Railway's links, tokens and names.

use super::*;
use crate::invocation::Invocation;
use crate::world::fake::FakeWorld;

const STAGING: &str = "11111111-1111-4111-8111-111111111111";
const PRODUCTION: &str = "22222222-2222-4222-8222-222222222222";
const ACME: &str = "33333333-3333-4333-8333-333333333333";

fn world() -> FakeWorld {
    let links = format!(
        r#"{{"projects":{{
            "/app":{{"name":"acme","project":"{ACME}","environment":"{STAGING}",
                      "environmentName":"staging","service":"s1"}},
            "/live":{{"name":"acme","project":"{ACME}","environment":"{PRODUCTION}",
                      "environmentName":"production"}}}}}}"#
    );
    FakeWorld::new().with_file("/home/ana/.railway/config.json", &links)
}

fn given(source: &'static str, value: &str) -> Given {
    Given { source: source.into(), value: value.to_owned(), dynamic: false }
}

fn find(world: &FakeWorld, wanted: &Wanted) -> Target {
    let invocation = Invocation::new(["railway"]);
    resolve(&Context { invocation: &invocation, world }, wanted)
}

/// The environments that are evidence of grade name, which can set a class.
fn environments(target: &Target) -> Vec<&str> {
    let names = target
        .evidence
        .iter()
        .filter(|one| one.kind == Kind::Environment && one.grade == Grade::Name);
    names.map(|one| one.value.as_str()).collect()
}

fn on_environment(name: &str) -> Wanted {
    Wanted { environments: vec![given("--environment", name)], ..Wanted::default() }
}

#[test]
fn the_link_is_the_last_resort() {
    let target = find(&world(), &Wanted::default());
    assert_eq!(target.name.as_deref(), Some("acme/staging"));
    assert_eq!(environments(&target), ["staging", STAGING]);
    assert_eq!(target.gap, None);
}

#[test]
fn the_option_overrides_the_link() {
    let target = find(&world(), &on_environment("production"));
    assert_eq!(target.name.as_deref(), Some("acme/production"));
    assert_eq!(environments(&target), ["production", PRODUCTION]);
    assert_eq!(target.gap, None);
}

#[test]
fn an_id_is_known_by_the_name_of_another_link() {
    let target = find(&world(), &on_environment(PRODUCTION));
    assert_eq!(target.name.as_deref(), Some("acme/production"));
    assert!(environments(&target).contains(&"production"));
}

#[test]
fn a_stale_name_and_its_id_both_count() {
    let mut world = world();
    let links = format!(
        r#"{{"projects":{{"/app":{{"name":"acme","project":"{ACME}","environment":"prod-id",
            "environmentName":"staging"}}}}}}"#
    );
    world.files.insert("/home/ana/.railway/config.json".into(), links.into_bytes());
    assert_eq!(environments(&find(&world, &Wanted::default())), ["staging", "prod-id"]);
}

#[test]
fn main_and_master_are_production() {
    for name in ["main", "Master"] {
        let target = find(&world(), &on_environment(name));
        let asserts = |one: &Evidence| one.asserts == Some(Class::Production);
        assert!(target.evidence.iter().any(asserts), "{name}");
    }
    let target = find(&world(), &on_environment("mainland"));
    assert!(target.evidence.iter().all(|one| one.asserts.is_none()));
}

#[test]
fn a_token_hides_its_environment_even_when_empty() {
    for token in ["t", ""] {
        let world = world().with_var("RAILWAY_TOKEN", token);
        let target = find(&world, &Wanted::default());
        assert!(target.gap.is_some(), "{token:?}");
        assert!(environments(&target).is_empty());
        assert_eq!(target.name, None);
        let named = find(&world, &on_environment("staging"));
        assert_eq!(environments(&named), ["staging"]);
        assert_eq!(named.gap, None);
    }
    let account = find(&world().with_var("RAILWAY_API_TOKEN", "t"), &Wanted::default());
    assert_eq!(account.name.as_deref(), Some("acme/staging"));
}

#[test]
fn no_token_is_ever_evidence() {
    let world = world().with_var("RAILWAY_TOKEN", "s3cret").with_var("RAILWAY_API_TOKEN", "s3cret");
    let target = find(&world, &Wanted::default());
    assert!(!format!("{target:?}").contains("s3cret"));
}

#[test]
fn ids_in_variables_override_the_link() {
    let world =
        world().with_var("RAILWAY_PROJECT_ID", ACME).with_var("RAILWAY_ENVIRONMENT_ID", PRODUCTION);
    let target = find(&world, &Wanted::default());
    assert_eq!(target.name.as_deref(), Some("acme/production"));
    assert_eq!(target.gap, None);
}

#[test]
fn a_project_id_alone_keeps_only_its_own_link() {
    let same = world().with_var("RAILWAY_PROJECT_ID", ACME);
    assert_eq!(environments(&find(&same, &Wanted::default())), ["staging", STAGING]);
    let other = world().with_var("RAILWAY_PROJECT_ID", "other");
    let target = find(&other, &Wanted::default());
    assert!(environments(&target).is_empty());
    assert!(target.gap.is_some());
}

#[test]
fn an_environment_id_alone_is_no_target() {
    let world = world().with_var("RAILWAY_ENVIRONMENT_ID", STAGING);
    let target = find(&world, &Wanted::default());
    assert!(target.gap.is_some());
}

#[test]
fn the_injected_name_is_a_hint_only() {
    let world = world().with_var("RAILWAY_ENVIRONMENT_NAME", "production");
    let target = find(&world, &Wanted::default());
    assert_eq!(environments(&target), ["staging", STAGING]);
    let hints = target.evidence.iter().filter(|one| one.grade == Grade::Hint);
    assert!(hints.map(|one| one.value.as_str()).any(|value| value == "production"));
}

#[test]
fn a_project_reaches_every_environment_that_is_known() {
    let wanted = Wanted { scope: Scope::Project, ..on_environment("staging") };
    let target = find(&world(), &wanted);
    assert_eq!(target.name.as_deref(), Some("acme"));
    assert!(environments(&target).contains(&"production"), "{target:?}");
    assert!(target.gap.is_some());
}

#[test]
fn a_named_environment_bounds_no_project() {
    let mut world = world();
    world.cwd = "/unlinked".into();
    let wanted = Wanted { scope: Scope::Project, ..on_environment("staging") };
    let target = find(&world, &wanted);
    assert!(environments(&target).is_empty());
    assert!(target.gap.is_some());
}

#[test]
fn an_account_is_never_bounded() {
    let wanted = Wanted { scope: Scope::Account, ..on_environment("staging") };
    let target = find(&world(), &wanted);
    assert!(environments(&target).is_empty());
    assert!(target.gap.is_some());
}

#[test]
fn a_project_that_is_named_ignores_the_link() {
    let wanted = Wanted { projects: vec![given("--project", "shop")], ..Wanted::default() };
    let target = find(&world(), &wanted);
    assert!(environments(&target).is_empty());
    assert!(target.gap.is_some());
    let both = Wanted { projects: wanted.projects, ..on_environment("staging") };
    assert_eq!(find(&world(), &both).name.as_deref(), Some("shop/staging"));
}

#[test]
fn deleting_a_project_never_means_the_linked_one() {
    let wanted = Wanted { scope: Scope::Project, ignores_link: true, ..Wanted::default() };
    let target = find(&world(), &wanted);
    assert_eq!(target.name, None);
    assert!(target.gap.is_some());
}

#[test]
fn words_computed_at_run_time_are_gaps() {
    let dynamic = Given { dynamic: true, ..given("--environment", "$ENV") };
    let wanted = Wanted { environments: vec![dynamic], ..Wanted::default() };
    let target = find(&world(), &wanted);
    assert!(target.gap.is_some());
    assert!(!format!("{target:?}").contains("$ENV"));
    assert!(environments(&target).is_empty());
}

#[test]
fn without_a_link_there_is_a_gap() {
    let mut world = world();
    world.cwd = "/".into();
    assert!(find(&world, &Wanted::default()).gap.is_some());
    world.files.insert("/home/ana/.railway/config.json".into(), b"{".to_vec());
    world.cwd = "/app".into();
    assert!(find(&world, &Wanted::default()).gap.is_some());
}

#[test]
fn the_local_machine_is_local() {
    let wanted = Wanted { scope: Scope::Host, ..Wanted::default() };
    let target = find(&world(), &wanted);
    assert!(target.evidence.iter().all(|one| one.asserts == Some(Class::Local)));
    assert_eq!(target.gap, None);
}

#[test]
fn ids_are_told_from_names() {
    assert!(is_id(ACME));
    assert!(!is_id("staging"));
    assert!(!is_id("33333333-3333-4333-8333-33333333333g"));
}
