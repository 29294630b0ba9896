//! Reads pulumi: its rule file says what its commands do; this says where,
//! for the stack may be one that was selected earlier.

use std::path::PathBuf;

use super::{Call, Reading, table};
use crate::action::Action;
use crate::parse::argv;
use crate::target::pulumi::{self, Wanted};

/// Commands whose first word is the stack.
const NAMES_STACK: &[&str] = &["stack rm", "stack init", "stack select"];

/// Reads a call of pulumi.
pub fn read(call: &Call<'_>) -> Reading {
    let mut reading = table::read(call);
    if reading.actions.is_empty() {
        return reading;
    }
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let mut wanted = Wanted::default();
    for (option, is_stack) in [("--stack", true), ("--cwd", false)] {
        let Some(value) = parsed.value(option) else { continue };
        if value.dynamic {
            wanted.gap = Some(format!("{option} is computed at run time"));
        } else if is_stack {
            wanted.stack = Some(("--stack", value.text.to_string_lossy().into_owned()));
        } else {
            wanted.folder = Some(PathBuf::from(value.text));
        }
    }
    let operation = parsed.command.map(crate::rules::Command::operation);
    let names = operation.is_some_and(|operation| NAMES_STACK.contains(&operation.as_str()));
    if let Some(word) = parsed.positionals.first().filter(|_| names) {
        if word.dynamic {
            wanted.gap = Some("the stack's name is computed at run time".to_owned());
        } else {
            wanted.stack = Some(("argument", word.text.to_string_lossy().into_owned()));
        }
    }
    let target = pulumi::resolve(&call.context, &wanted);
    let actions = reading.actions.into_iter();
    reading.actions = actions.map(|action| Action { target: target.clone(), ..action }).collect();
    reading
}

#[cfg(test)]
mod tests {
    use crate::judgement::Verdict;
    use crate::testing::judge;
    use crate::world::fake::FakeWorld;

    #[track_caller]
    fn verdict(line: &str, world: &FakeWorld, expected: Verdict) {
        let judgement = judge(line, world);
        assert_eq!(judgement.verdict, expected, "{line}: {judgement:#?}");
    }

    /// A project in /app whose selected stack is this; the digest is that of
    /// `/app/Pulumi.yaml` (by sha1sum).
    fn project(stack: &str) -> FakeWorld {
        FakeWorld::new().with_file("Pulumi.yaml", "name: shop\nruntime: nodejs\n").with_file(
            "/home/ana/.pulumi/workspaces/shop-1bcb49549269c9e09d297cfb89b37dc0b2ea4dbf-workspace.json",
            &format!("{{\"stack\": \"{stack}\"}}"),
        )
    }

    #[test]
    fn a_stacks_own_settings_make_it_production() {
        let text = "config:\n  aws:region: eu-west-1\n  aws:profile: acme-prod\n";
        let dev = project("acme/shop/dev");
        verdict("pulumi destroy -y", &dev, Verdict::Allow);
        let prod = dev.clone().with_file("Pulumi.dev.yaml", text);
        verdict("pulumi destroy -y", &prod, Verdict::Refuse);
        verdict("pulumi destroy -y -s test", &prod, Verdict::Allow);
        let main = project("main").with_file("Pulumi.main.yaml", &text.replace("prod", "dev"));
        verdict("pulumi destroy -y", &main, Verdict::Refuse);
    }

    #[test]
    fn the_stack_is_the_one_that_pulumi_takes() {
        use Verdict::{Allow, Refuse};
        let (dev, prod) = (project("acme/shop/dev"), project("acme/shop/prod"));
        for (line, on_dev, on_prod) in [
            ("pulumi destroy --yes", Allow, Refuse),
            ("pulumi up -y", Allow, Refuse),
            ("cd src && pulumi up -y", Allow, Refuse),
            ("pulumi -C src up -y", Allow, Refuse),
            ("pulumi destroy -s prod", Refuse, Refuse),
            ("pulumi destroy -s=dev -y", Allow, Allow),
            ("PULUMI_STACK=dev pulumi destroy", Allow, Allow),
            ("PULUMI_STACK=prod pulumi destroy -s dev", Allow, Allow),
            ("PULUMI_STACK=prod pulumi destroy", Refuse, Refuse),
            ("pulumi -C /elsewhere destroy -y", Refuse, Refuse),
            ("pulumi stack rm dev --force", Allow, Allow),
            ("pulumi stack rm prod --force", Refuse, Refuse),
            ("pulumi preview", Allow, Allow),
            ("pulumi up --preview-only", Allow, Allow),
            ("pulumi destroy -s \"$S\"", Refuse, Refuse),
        ] {
            verdict(line, &dev, on_dev);
            verdict(line, &prod, on_prod);
        }
    }
}
