//! Another place in which a command runs: a container, a pod, a machine
//! behind ssh. What it is called counts as evidence for whatever the command
//! reaches from there, and `localhost` over there is not this machine's. Pure:
//! [`super::docker`], [`super::kube`] and [`super::ssh`] find the names.

use super::{Class, Evidence, Grade, Kind, Target};

/// The platforms whose servers a client finds from where it runs, so that a
/// client in a container of this machine reaches this machine's where it names
/// no other. A cloud's API is the same from everywhere.
const SERVERS: &[&str] = &["mongodb", "mysql", "postgres", "redis", "sqlite", "file", "database"];

/// Where else a command runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// What it is, for messages: `the container db`.
    pub what: String,
    /// Its name, for the card: `db`.
    pub name: Option<String>,
    /// What says where it is.
    pub evidence: Vec<Evidence>,
    /// Whether it is known to be on this machine.
    pub local: bool,
    /// Why some of it is not known: a clause.
    pub gap: Option<String>,
}

impl Place {
    /// Puts a place into another one, which is no more local than that.
    pub fn put_into(&mut self, outer: &Place) {
        if !outer.local {
            self.local = false;
            for evidence in &mut self.evidence {
                evidence.asserts = evidence.asserts.filter(|class| *class != Class::Local);
            }
        }
        let mut evidence = outer.evidence.clone();
        evidence.append(&mut self.evidence);
        self.evidence = evidence;
        self.gap = self.gap.take().or_else(|| outer.gap.clone());
    }

    /// Whether what is not known of a target is what a file over there says.
    fn holds(&self, gap: Option<&str>) -> bool {
        gap.is_some_and(|gap| gap.ends_with(&out_of_reach(&self.what)))
    }

    /// Makes a target as seen from here one as seen from that place.
    /// `computed` says whether a word of the command is computed at run time.
    pub fn apply(&self, target: &mut Target, computed: bool) {
        // The account's own name is this machine's.
        target.evidence.retain(|evidence| evidence.source != "the account");
        let named_here = target.evidence.iter().any(is_here);
        let named_away = target.evidence.iter().any(|evidence| {
            matches!(evidence.kind, Kind::Host | Kind::Url)
                && evidence.grade > Grade::Hint
                && !is_here(evidence)
        });
        let serves = named_here || SERVERS.contains(&&*target.platform);
        let local = self.local && serves && !named_away;
        let has_name = target.evidence.iter().any(|evidence| {
            matches!(evidence.kind, Kind::Database | Kind::Resource) && evidence.grade > Grade::Hint
        });
        // Its loopback is not this machine's: whether it is on this machine is
        // the place's to say.
        for evidence in &mut target.evidence {
            evidence.asserts = evidence.asserts.filter(|class| *class != Class::Local);
        }
        for evidence in &self.evidence {
            let mut evidence = evidence.clone();
            if !local {
                evidence.asserts = evidence.asserts.filter(|class| *class != Class::Local);
            }
            target.evidence.push(evidence);
        }
        let named = self.evidence.iter().any(|evidence| evidence.grade > Grade::Hint);
        if !computed && (local || (named && self.holds(target.gap.as_deref()))) {
            // What is not known of it can only be this machine's, or stands in
            // a file over there, where it is as much staging as the place is.
            target.gap = None;
        }
        target.gap = target.gap.take().or_else(|| self.gap.clone());
        if let Some(name) = &self.name {
            target.name = Some(
                match target.name.take().filter(|_| has_name).filter(|name| !name.is_empty()) {
                    Some(inner) if !inner.contains(name.as_str()) => format!("{inner}@{name}"),
                    Some(inner) => inner,
                    None => name.clone(),
                },
            );
        }
    }
}

/// Why a file in a place cannot be read: a clause.
pub fn out_of_reach(what: &str) -> String {
    format!("it lies in {what}")
}

/// Whether a host as a variable names it lies beyond a container's own machine.
pub fn is_away(host: &str) -> bool {
    let evidence = Evidence::name(Kind::Host, "", host);
    !crate::parse::url::is_loopback(host) && !is_here(&evidence)
}

/// Whether a host's name leads to this machine from a container of it: its own
/// loopback, and the one-word names of the containers beside it.
fn is_here(evidence: &Evidence) -> bool {
    if evidence.asserts == Some(Class::Local) {
        return true;
    }
    evidence.kind == Kind::Host
        && (evidence.value == "host.docker.internal" || !evidence.value.contains(['.', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn class(place: &Place, platform: &'static str, host: Option<Evidence>) -> Class {
        let mut target = Target::of(platform);
        target.evidence.extend(host);
        place.apply(&mut target, false);
        Policy::builtin().classify(&target).class
    }

    #[test]
    fn a_container_of_this_machine_reaches_this_machine_where_nothing_else_is_named() {
        let docker = Evidence::name(Kind::Context, "docker's default", "default");
        let place = Place {
            evidence: vec![docker.asserting(Class::Local)],
            local: true,
            ..Place::default()
        };
        let host = |name: &str| Some(Evidence::name(Kind::Host, "-h", name));
        let loopback = host("localhost").map(|host| host.asserting(Class::Local));
        assert_eq!(class(&place, "postgres", None), Class::Local);
        assert_eq!(class(&place, "postgres", loopback.clone()), Class::Local);
        assert_eq!(class(&place, "postgres", host("db")), Class::Local);
        assert_eq!(class(&place, "postgres", host("prod-db")), Class::Production);
        assert_eq!(class(&place, "postgres", host("10.0.0.4")), Class::Unknown);
        assert_eq!(class(&place, "postgres", host("x.rds.amazonaws.com")), Class::Unknown);
        assert_eq!(class(&place, "aws", None), Class::Unknown);
        let ssh = Evidence::name(Kind::Host, "ssh", "db1");
        let place = Place { evidence: vec![ssh], ..Place::default() };
        assert_eq!(class(&place, "postgres", loopback), Class::Unknown);
        assert_eq!(class(&place, "postgres", host("db.staging.acme.com")), Class::Staging);
    }

    #[test]
    fn what_a_file_over_there_says_is_as_much_staging_as_the_place() {
        let app = |name: &str| Place {
            what: format!("the app {name}"),
            evidence: vec![Evidence::name(Kind::App, "-a", name)],
            ..Place::default()
        };
        let class = |place: &Place, why: &str, computed: bool| {
            let mut target = Target::of("postgres");
            target.gap = Some(why.to_owned());
            place.apply(&mut target, computed);
            Policy::builtin().classify(&target).class
        };
        let there = "config/database.yml cannot be read: it lies in the app shop-staging";
        assert_eq!(class(&app("shop-staging"), there, false), Class::Staging);
        assert_eq!(class(&app("shop-staging"), there, true), Class::Unknown);
        assert_eq!(class(&app("shop-staging"), "it is computed", false), Class::Unknown);
        let there = "config/database.yml cannot be read: it lies in the app shop";
        assert_eq!(class(&app("shop"), there, false), Class::Unknown);
    }
}
