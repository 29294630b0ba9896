//! Whatever the words are, reading ends, and global options hide nothing.

use proptest::prelude::*;

use super::aliases;
use crate::action::Effect;
use crate::actions::{Call, read};
use crate::invocation::{Context, Invocation};
use crate::rules::table as rules;
use crate::world::fake::FakeWorld;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        prop::sample::select(vec![
            "s3",
            "rm",
            "ec2",
            "configure",
            "set",
            "--",
            "--region",
            "--cli-input-json",
            "--dry",
            "file://x",
            "{\"a\":1}",
            "[",
            "--no-",
            "help",
            "delete-volume",
            "--=",
            "s3://",
            "-",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn any_words_are_read_without_a_panic(words in prop::collection::vec(word(), 0..12),
                                          computed in prop::collection::vec(0usize..12, 0..3)) {
        let mut argv = vec!["aws".to_owned()];
        argv.extend(words);
        let invocation = Invocation { dynamic: computed, ..Invocation::new(argv) };
        let world = aliases("[toplevel]\nrm = s3 rm\n[command ec2]\nx = !y\n");
        let tool = rules::find("aws").unwrap();
        for full in [false, true] {
            let context = Context { invocation: &invocation, world: &world };
            read(&Call { tool, context, full });
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(words in prop::collection::vec(
            prop::collection::vec(1u8..=255, 0..8), 0..8)) {
        use std::os::unix::ffi::OsStringExt;
        let words = words.into_iter().map(std::ffi::OsString::from_vec);
        let argv = std::iter::once("aws".into()).chain(words);
        let invocation = Invocation { argv: argv.collect(), ..Invocation::default() };
        let tool = rules::find("aws").unwrap();
        let world = FakeWorld::new();
        let context = Context { invocation: &invocation, world: &world };
        read(&Call { tool, context, full: true });
    }

    #[test]
    fn global_options_never_hide_the_operation(at in prop::collection::vec((0usize..5, 0usize..8), 0..5)) {
        let options: [&[&str]; 8] = [
            &["--region", "x"], &["--profile=p"], &["--debug"], &["--no-paginate"],
            &["--outp", "json"], &["--endpoint-url", "http://h"], &["--color", "off"],
            &["--no-cli-pager"],
        ];
        let words = ["ec2", "terminate-instances", "--instance-ids", "i-1"];
        let mut argv = vec!["aws".to_owned()];
        for place in 0..=words.len() {
            // Between an option and its value nothing may stand.
            for (_, option) in at.iter().filter(|(there, _)| *there == place && place != 3) {
                argv.extend(options[*option].iter().map(|word| (*word).to_owned()));
            }
            argv.extend(words.get(place).map(|word| (*word).to_owned()));
        }
        let invocation = Invocation::new(argv);
        let tool = rules::find("aws").unwrap();
        let world = FakeWorld::new();
        let context = Context { invocation: &invocation, world: &world };
        let reading = read(&Call { tool, context, full: false });
        prop_assert_eq!(reading.actions[0].effect, Effect::Destroy);
        prop_assert_eq!(reading.actions[0].object.as_deref(), Some("instance i-1"));
    }
}
