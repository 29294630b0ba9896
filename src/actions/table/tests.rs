//! A tool of the tests' own, read by its table.

use super::*;
use crate::action::{Flag, Scope};
use crate::invocation::{COMPUTED, Invocation};
use crate::rules::{Contrast, Object, Opt, Reader, Style};
use crate::target::Grade;
use crate::world::fake::FakeWorld;

const REMOVE: Command = Command {
    path: &[&["app"], &["remove", "rm"]],
    options: &[Opt { names: &["--mode"], arity: Arity::Value }],
    effect: Some(Effect::Write),
    flags: Flags::NONE,
    scope: Scope::Project,
    object: Some(Object { kind: "app", from: &[Source::Positional(1)] }),
    says: "Removes {object}.",
    instead: "Rename it.",
    cases: &[
        Case {
            option: "--mode",
            values: &["full*"],
            absent: false,
            effect: Some(Effect::Destroy),
            flags: Some(Flags::of(&[Flag::Irreversible])),
            says: Some("Removes {object} and its data."),
        },
        Case {
            option: "--mode",
            values: &["look"],
            absent: false,
            effect: Some(Effect::Read),
            flags: None,
            says: None,
        },
    ],
    wrapper: None,
    destroys: &[],
    harmless: &[],
};

const TOOL: Tool = Tool {
    name: "x",
    programs: &["x"],
    about: "",
    checked: "",
    preview: "",
    shim: false,
    style: Style::CLAP,
    reader: Reader::Table,
    platform: "x",
    target: &[
        TargetSource { kind: Kind::Environment, from: Source::Option("-e"), unless: "" },
        TargetSource { kind: Kind::Environment, from: Source::Variable("X_ENV"), unless: "" },
    ],
    options: &[Opt { names: &["-e", "--env"], arity: Arity::Value }],
    commands: &[REMOVE],
    firsts: &[(u64::from_be_bytes(*b"app\0\0\0\0\0"), 0)],
    wraps: false,
    wrapper: None,
    session: None,
    search: None,
    retargets: &[],
    destroys: &[],
    harmless: &[],
    contrast: &Contrast::NONE,
};

static TABLE: Tool = TOOL;

fn reading(words: &[&str], dynamic: &[usize], env: Option<&str>) -> Reading {
    let mut invocation = Invocation::new(words.iter().copied());
    invocation.dynamic = dynamic.to_vec();
    if let Some(value) = env {
        invocation.env.push(("X_ENV".into(), Some(value.into())));
    }
    let world = FakeWorld::new();
    let context = Context { invocation: &invocation, world: &world };
    read(&Call { tool: &TABLE, context, full: true })
}

#[test]
fn a_command_says_what_it_does_and_where() {
    let action = reading(&["x", "-e", "prod", "app", "rm", "shop"], &[], None).actions.remove(0);
    assert_eq!((action.effect, action.scope), (Effect::Write, Scope::Project));
    assert_eq!(action.summary, "Removes app shop.");
    assert_eq!(action.rule, "x/app remove");
    assert_eq!(action.target.name.as_deref(), Some("prod"));
    assert_eq!(action.target.gap, None);
}

fn target_of(words: &[&str], world: &FakeWorld) -> Target {
    static FILE: SettingsFile = SettingsFile {
        path: "app.json",
        format: settings::Format::Json,
        key: &["app"],
        above: true,
    };
    static OWN: SettingsFile = SettingsFile {
        path: "~/.x/config.ini",
        format: settings::Format::Ini,
        key: &["core", "app"],
        above: false,
    };
    static TOOL: Tool = Tool {
        target: &[
            TargetSource { kind: Kind::App, from: Source::Option("-e"), unless: "" },
            TargetSource { kind: Kind::App, from: Source::Variable("X_APP"), unless: "" },
            TargetSource { kind: Kind::App, from: Source::File(&FILE), unless: "" },
            TargetSource { kind: Kind::App, from: Source::File(&OWN), unless: "" },
            TargetSource { kind: Kind::Environment, from: Source::Variable("X_ENV"), unless: "" },
        ],
        ..self::TOOL
    };
    let invocation = Invocation::new(words.iter().copied());
    let context = Context { invocation: &invocation, world };
    read(&Call { tool: &TOOL, context, full: true }).actions.remove(0).target
}

#[test]
fn of_each_kind_of_name_the_first_found_counts() {
    let words = ["x", "app", "rm", "shop"];
    let values = |world: &FakeWorld, words: &[&str]| -> Vec<String> {
        target_of(words, world).evidence.into_iter().map(|one| one.value).collect()
    };
    let world = FakeWorld::new().with_file("/home/ana/.x/config.ini", "[core]\napp = own\n");
    assert_eq!(values(&world, &words), ["own"]);
    // The current directory is /app; the file is found above it.
    let world = world.with_file("/app.json", r#"{"app": "above"}"#);
    assert_eq!(values(&world, &words), ["above"]);
    let world = world.with_file("/app/app.json", r#"{"app": "here"}"#);
    assert_eq!(values(&world, &words), ["here"]);
    let world = world.with_var("X_APP", "variable").with_var("X_ENV", "prod");
    assert_eq!(values(&world, &words), ["variable", "prod"]);
    let given = [&words[..], &["-e", "option"]].concat();
    assert_eq!(values(&world, &given), ["option", "prod"]);
}

#[test]
fn a_name_that_does_not_say_where_all_of_it_is_may_only_raise() {
    const ENVIRONMENT: TargetSource =
        TargetSource { kind: Kind::Environment, from: Source::Option("-e"), unless: "X_TOKEN" };
    const APPS: TargetSource =
        TargetSource { kind: Kind::App, from: Source::Positionals, unless: "" };
    static OTHER: Tool = Tool { target: &[ENVIRONMENT, APPS], ..TOOL };
    let grades = |words: &[&str], world: &FakeWorld| -> Vec<Grade> {
        let invocation = Invocation::new(words.iter().copied());
        let context = Context { invocation: &invocation, world };
        let action = read(&Call { tool: &OTHER, context, full: true }).actions.remove(0);
        action.target.evidence.iter().map(|one| one.grade).collect()
    };
    let (world, one) = (FakeWorld::new(), ["x", "app", "rm", "shop", "-e", "dev"]);
    assert_eq!(grades(&one, &world), [Grade::Name, Grade::Name]);
    let two = ["x", "app", "rm", "shop-dev", "shop", "-e", "dev"];
    assert_eq!(grades(&two, &world), [Grade::Name, Grade::Hint]);
    let world = world.with_var("X_TOKEN", "t");
    assert_eq!(grades(&one, &world), [Grade::Hint, Grade::Name]);
}

#[test]
fn a_settings_file_that_cannot_be_read_leaves_a_gap() {
    let world = FakeWorld::new().with_file("/app/app.json", "{");
    let target = target_of(&["x", "app", "rm", "shop"], &world);
    assert_eq!(target.gap.as_deref(), Some("/app/app.json: it is not JSON"));
    let world = FakeWorld::new().with_file("/app/app.json", "{}");
    assert_eq!(target_of(&["x", "app", "rm", "shop"], &world).gap, None);
}

#[test]
fn the_first_case_that_holds_counts() {
    for (mode, effect) in [("fully", Effect::Destroy), ("look", Effect::Read), ("x", Effect::Write)]
    {
        let action =
            reading(&["x", "app", "remove", "a", "--mode", mode], &[], None).actions.remove(0);
        assert_eq!(action.effect, effect, "{mode}");
    }
}

#[test]
fn what_is_computed_counts_for_the_worst() {
    let action =
        reading(&["x", "app", "remove", "a", "--mode", "look"], &[5], None).actions.remove(0);
    assert_eq!(action.effect, Effect::Destroy);
    assert!(action.flags.has(Flag::Irreversible));
    let action = reading(&["x", "app", "remove", "a", "-e", "dev"], &[5], None).actions.remove(0);
    assert!(action.target.gap.is_some() && action.target.evidence.is_empty());
    let action = reading(&["x", "app", "remove", "a"], &[], Some(COMPUTED)).actions.remove(0);
    assert!(action.target.gap.is_some() && action.target.name.is_none());
    for (words, dynamic) in [(&["x", "list"][..], 1), (&["x", "app", "remove"], 2)] {
        let action = reading(words, &[dynamic], None).actions.remove(0);
        assert!(action.flags.has(Flag::Opaque), "{words:?}");
    }
    let action = reading(&["x", "app", "remove", "$a"], &[3], None).actions.remove(0);
    assert_eq!((action.effect, action.flags), (Effect::Write, Flags::NONE));
    assert!(reading(&["x", "app"], &[], None).actions.is_empty());
}
