//! Whether agents' hooks are in their settings, and whether what stands there
//! stops an agent: each is sent a call that must be refused.

use super::Check;
use crate::cli::hooks::places::{self, Scope};
use crate::cli::hooks::{self, asleep, canary};
use crate::world::World;

/// Every agent whose hook is configured, or could be.
pub(super) fn agents(world: &dyn World) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut missing = Vec::new();
    for place in places::ALL {
        let Some(agent) = place.about() else { continue };
        let mut configured = false;
        for scope in [Scope::User, Scope::Project] {
            let Some(path) = hooks::path(place, scope, world) else { continue };
            let shown = path.display();
            let asleep = asleep::why(place, &path, scope, world);
            for command in hooks::commands(place, &path, world) {
                configured = true;
                let fix =
                    format!("holdpoint hooks install {} --scope {}", place.agent, scope.word());
                let name = agent.name;
                checks.push(match (canary::send(agent, &command), &asleep) {
                    (Ok(()), Some(asleep)) => Check::finding(
                        "hooks",
                        format!("{name}: registered but not firing ({shown}): {}", asleep.why),
                        asleep.fix.clone(),
                    ),
                    (Ok(()), None) => {
                        Check::fine("hooks", format!("{name}: configured and live ({shown})"))
                    }
                    (Err(why), _) => Check::finding(
                        "hooks",
                        format!("{name}: registered but not firing ({shown}): {why}"),
                        fix,
                    ),
                });
            }
        }
        if !configured && hooks::is_used(place, Scope::User, world) {
            missing.push((agent.name, place.agent));
        }
    }
    for (name, word) in missing {
        checks.push(Check::note(
            "hooks",
            format!("{name}: not configured (holdpoint hooks install {word})"),
        ));
    }
    checks
}
