//! The same lines in every place: on production, where nobody can name the
//! place, on staging, on development and on this machine. What the default
//! policy says of an effect in a class (the table in DESIGN.md) is written
//! down here a second time, so that a rule file's `[contrast]` is compared
//! with the design and not with the code that decides. Runs lines in a fake
//! world; resolves and decides nothing itself.

use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Subject};
use crate::world::fake::FakeWorld;

/// A rule file's lines with their effects, and the files around them.
#[derive(Debug)]
pub struct Contrast {
    /// Paths and texts, with `{host}` and `{name}` for the place's.
    pub files: &'static [(&'static str, &'static str)],
    /// Instead of lines: why the place makes no difference.
    pub none: &'static str,
    /// Each line with the word for its effect: `irreversible` and
    /// `irreplaceable` are `destroy` with that flag, `opaque` is what nobody
    /// can read.
    pub rows: &'static [(&'static str, &'static str)],
}

impl Contrast {
    /// That of a rule file which has none.
    pub const NONE: Contrast = Contrast { files: &[], none: "", rows: &[] };
}

/// Where a line points: the word for the class, and the host and the name by
/// which policy's patterns know it.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// `production`, `unknown`, `staging`, `development` or `local`.
    pub word: &'static str,
    /// Its host.
    pub host: &'static str,
    /// The name of a project, a profile, a context or an app there; empty on
    /// this machine, which has none.
    pub name: &'static str,
    /// The effects that are stopped there.
    stopped: &'static [&'static str],
}

/// All of them, the most dangerous first.
pub static PLACES: &[Place] = &[
    Place {
        word: "production",
        host: "db.prod.acme.com",
        name: "shop-prod",
        stopped: &["disrupt", "destroy", "irreversible", "irreplaceable", "opaque"],
    },
    Place {
        word: "unknown",
        host: "db.acme.com",
        name: "shop-acme",
        stopped: &["destroy", "irreversible", "irreplaceable", "opaque"],
    },
    Place {
        word: "staging",
        host: "db.staging.acme.com",
        name: "shop-staging",
        stopped: &["irreversible", "irreplaceable"],
    },
    Place {
        word: "development",
        host: "db.dev.acme.com",
        name: "shop-dev",
        stopped: &["irreplaceable"],
    },
    Place { word: "local", host: "localhost", name: "", stopped: &["irreplaceable"] },
];

impl Place {
    fn in_text(&self, text: &str) -> String {
        text.replace("{host}", self.host).replace("{name}", self.name)
    }
}

/// One line in one place, with the files around it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The place.
    pub place: &'static Place,
    /// The word for what the line does.
    pub effect: &'static str,
    /// The line, with the place's host and name in it.
    pub line: String,
    files: Vec<(&'static str, String)>,
}

/// Every line of a rule file in every place that it can be in: what has
/// only a name has no place on this machine.
pub fn trials(contrast: &'static Contrast) -> impl Iterator<Item = Trial> {
    let rows = contrast.rows.iter();
    rows.flat_map(move |(effect, line)| {
        PLACES.iter().filter_map(move |place| in_place(contrast, place, effect, line))
    })
}

fn in_place(
    contrast: &'static Contrast,
    place: &'static Place,
    effect: &'static str,
    line: &str,
) -> Option<Trial> {
    let named = |text: &str| text.contains("{name}") && place.name.is_empty();
    let placed = |text: &str| text.contains("{name}") || text.contains("{host}");
    let files: Vec<_> = contrast.files.iter().filter(|(_, text)| !named(text)).collect();
    if named(line) || !(placed(line) || files.iter().any(|(_, text)| placed(text))) {
        return None;
    }
    let files = files.into_iter().map(|(path, text)| (*path, place.in_text(text))).collect();
    Some(Trial { place, effect, line: place.in_text(line), files })
}

impl Trial {
    /// Judges another spelling of the line, in `base` with the files around
    /// it, for an agent and for a person.
    ///
    /// # Errors
    /// One sentence that says how a verdict differs from the design's.
    pub fn run_as(&self, line: &str, base: &FakeWorld) -> Result<(), String> {
        let stopped = self.place.stopped.contains(&self.effect);
        let [agent, person] = match stopped {
            true => [Verdict::Refuse, Verdict::Confirm],
            false => [Verdict::Allow, Verdict::Allow],
        };
        let world = self.world(base);
        for (actor, wanted) in [(ActorKind::Agent, agent), (ActorKind::Human, person)] {
            let options = Options { actor: Some(actor), full: true };
            let surroundings = Invocation::default();
            let judged = pipeline::judge(Subject::Line(line, &surroundings), &world, options);
            if judged.judgement.verdict != wanted {
                let found = found(&judged.judgement);
                return Err(format!(
                    "`{line}`: {} on {} is to be {wanted} and was: {found}",
                    self.effect, self.place.word
                ));
            }
        }
        Ok(())
    }

    /// Judges the line as it stands.
    ///
    /// # Errors
    /// As [`Trial::run_as`].
    pub fn run(&self, base: &FakeWorld) -> Result<(), String> {
        self.run_as(&self.line, base)
    }

    fn world(&self, base: &FakeWorld) -> FakeWorld {
        let files = self.files.iter();
        files.fold(base.clone(), |world, (path, text)| world.with_file(path, text))
    }
}

fn found(judgement: &Judgement) -> String {
    let actions = judgement.actions.iter().map(|judged| {
        let action = &judged.action;
        format!("{} {} on {}", action.effect, action.operation, judged.class)
    });
    format!("{} ({})", judgement.verdict, actions.collect::<Vec<_>>().join("; "))
}

/// The same machine, knowing each of the places by its name: as a Kubernetes
/// context and as an AWS profile.
pub fn with_places(machine: FakeWorld) -> FakeWorld {
    let names = || PLACES.iter().map(|place| place.name).filter(|name| !name.is_empty());
    let list = |entry: &dyn Fn(&str) -> String| names().map(entry).collect::<String>();
    let clusters = list(&|name| {
        format!("- {{name: {name}, cluster: {{server: \"https://{name}.example.com\"}}}}\n")
    });
    let contexts =
        list(&|name| format!("- {{name: {name}, context: {{cluster: {name}, user: ana}}}}\n"));
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n{clusters}contexts:\n{contexts}users:\n\
         - {{name: ana, user: {{}}}}\n"
    );
    let profiles = list(&|name| format!("[profile {name}]\nregion = eu-west-1\n"));
    machine
        .with_file("/home/ana/.kube/config", &kubeconfig)
        .with_file("/home/ana/.aws/config", &profiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    static LINES: Contrast = Contrast {
        files: &[("/app/.pgpass", "{name}")],
        none: "",
        rows: &[
            ("destroy", "psql -h {host} -c 'drop table t'"),
            ("read", "psql service={name} -c 'select 1'"),
            ("read", "psql"),
        ],
    };

    #[test]
    fn a_line_stands_in_every_place_that_it_can_be_in() {
        let words = |line: &str| -> Vec<&str> {
            let all = trials(&LINES).filter(|trial| trial.line.starts_with(line));
            all.map(|trial| trial.place.word).collect()
        };
        let all = ["production", "unknown", "staging", "development", "local"];
        assert_eq!(words("psql -h"), all);
        assert_eq!(words("psql service="), all[..4]);
        assert_eq!(trials(&LINES).filter(|trial| trial.line == "psql").count(), 4);
    }

    #[test]
    fn a_wrong_effect_is_told() {
        let mut wrong = trials(&LINES).next().unwrap();
        assert_eq!(wrong.run(&FakeWorld::new()), Ok(()));
        wrong.effect = "read";
        let told = wrong.run(&FakeWorld::new()).unwrap_err();
        assert!(told.contains("read on production is to be allow and was: refuse (destroy"));
    }
}
