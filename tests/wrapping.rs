//! However a command is quoted, wrapped and nested, exactly that command is
//! found, word for word.

#[path = "lines/oracle.rs"]
#[allow(dead_code)]
mod oracle;

#[path = "support/wrapping.rs"]
mod wrapping;

use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::world::fake::FakeWorld;
use proptest::prelude::*;
use wrapping::{AROUND, layers, line, wrap};

/// Every tool whose rule says that it runs what stands behind it is in the
/// list, but for these: each stands for another command that it makes itself.
#[test]
fn every_wrapper_that_has_a_rule_is_tried() {
    // Those that take a line or change what the command sees; tests/runners.rs,
    // tests/bypasses and the tools' own tests have them.
    let elsewhere = [
        "ansible",
        "at",
        "busybox",
        "chroot",
        "direnv",
        "docker",
        "docker-compose",
        "entr",
        "envchain",
        "firebase",
        "holdpoint",
        "keystone",
        "lvm",
        "mise",
        "newgrp",
        "nix",
        "nix-shell",
        "podman",
        "railway",
        "runuser",
        "script",
        "sst",
        "symfony",
        "terragrunt",
        "tmux",
        "vercel",
        "xargs",
    ];
    let tried: Vec<&str> = wrapping::programs().collect();
    for tool in table::all() {
        let own =
            tool.wrapper.iter().chain(tool.commands.iter().filter_map(|it| it.wrapper.as_ref()));
        // What runs in another place sees another world.
        let wraps = own.filter(|wrapper| wrapper.place.is_none()).count() > 0;
        let known = tried.contains(&tool.name) || elsewhere.contains(&tool.name);
        assert!(!wraps || known, "{} is tried nowhere", tool.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wrapping_never_hides_a_command(
        arguments in prop::collection::vec("[ -~\n\té✓]{0,12}", 0..4),
        layers in layers(),
        around in any::<prop::sample::Index>(),
        style in any::<u8>(),
    ) {
        let mut original = vec!["psql".to_owned()];
        original.extend(arguments);
        let words = wrap(original.clone(), &layers);
        let (before, after) = AROUND[around.index(AROUND.len())];
        let text = format!("{before}{}{after}", line(&words, style));
        let world = FakeWorld::new();
        let surroundings = Invocation::default();
        let reading = oracle::found(&text, Context { invocation: &surroundings, world: &world });
        prop_assert!(reading.actions.is_empty(), "{text}\n{:?}", reading.actions);
        let found: Vec<Vec<String>> = reading
            .inner
            .iter()
            .map(|found| found.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect())
            .collect();
        prop_assert_eq!(&found, &vec![original], "{}", text);
        prop_assert!(reading.inner[0].dynamic.is_empty(), "{}", text);
    }
}
