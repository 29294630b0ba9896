//! What a change of an environment's configuration takes away: Railway's
//! EnvironmentConfig, as `environmentPatchCommit` and `railway environment
//! edit` send it, and the change sets of its configuration files
//! (railwayapp 5.71.0, controllers/config/environment.rs). Values in, findings
//! out.

use crate::action::{Action, Effect, Flag, Flags};
use crate::parse::graphql::Argument;
use crate::text::visible;

/// One thing that a change takes away.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How much it takes away.
    pub effect: Effect,
    /// What else matters about it.
    pub flags: Flags,
    /// What it is done to: `volume 3d2c42fb`.
    pub object: String,
    /// What would happen, one sentence.
    pub summary: String,
}

impl Finding {
    /// The action of `operation` that does it, without its place.
    pub fn action(self, operation: &'static str) -> Action {
        Action {
            flags: self.flags,
            object: Some(self.object),
            summary: self.summary,
            ..Action::new(self.effect, operation)
        }
    }
}

const NOTHING: Flags = Flags::NONE;
const DATA: Flags = Flags::of(&[Flag::Irreversible]);
const DATA_AND_BACKUPS: Flags = Flags::of(&[Flag::Irreversible, Flag::Backups]);
const BACKUPS: Flags = Flags::of(&[Flag::Backups]);

/// What an EnvironmentConfig takes away. Null and absent change nothing.
pub fn environment_config(config: Option<&Argument>) -> Vec<Finding> {
    let mut found = Findings::default();
    match config {
        None | Some(Argument::Null) => {}
        Some(Argument::Object(fields)) => {
            for (key, value) in fields {
                match key.as_str() {
                    "services" => found.each(value, "service", NOTHING, Findings::service),
                    "volumes" => found.each(value, "volume", DATA_AND_BACKUPS, Findings::volume),
                    "buckets" => found.each(value, "bucket", DATA, |_, _, _| {}),
                    "privateNetworkDisabled" if is_on(value) => {
                        found.disrupts("private network", "Switches the {object} off.");
                    }
                    _ => found.unknown(value),
                }
            }
        }
        Some(_) => found.opaque(),
    }
    found.0
}

/// What a change set takes away. The severity in it is the sender's word, so
/// only the kinds count.
pub fn change_set(input: Option<&Argument>) -> Vec<Finding> {
    let mut found = Findings::default();
    match input.and_then(|input| input.at("changes")) {
        Some(Argument::List(changes)) => {
            for change in changes {
                match change.at("kind").and_then(Argument::text) {
                    Some("variable.delete") => {}
                    Some(kind) if super::operation::says_destroy(kind) => {
                        let place = ["address", "resource", "id", "name"];
                        let name = place.iter().find_map(|key| change.at(key)?.text());
                        let object = match name {
                            Some(name) => format!("resource {}", visible(name, 100)),
                            None => "resource".to_owned(),
                        };
                        found.destroys(
                            object,
                            DATA,
                            "Deletes {object} with the data that it holds.",
                        );
                    }
                    Some(_) => {}
                    None => found.opaque(),
                }
            }
        }
        _ => found.opaque(),
    }
    found.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    /// Looks at every entry of a map of resources; null or `isDeleted`
    /// deletes one.
    fn each(
        &mut self,
        map: &Argument,
        kind: &str,
        flags: Flags,
        inside: fn(&mut Findings, &str, &[(String, Argument)]),
    ) {
        match map {
            Argument::Null => {}
            Argument::Object(entries) => {
                for (id, entry) in entries {
                    let object = format!("{kind} {}", visible(id, 100));
                    match entry {
                        Argument::Null => self.deletes(object, flags),
                        Argument::Object(fields) => {
                            let deleted = fields.iter().rev().find(|(key, _)| key == "isDeleted");
                            if deleted.is_some_and(|(_, value)| is_on(value)) {
                                self.deletes(object.clone(), flags);
                            }
                            inside(self, &object, fields);
                        }
                        _ => self.opaque(),
                    }
                }
            }
            _ => self.opaque(),
        }
    }

    fn service(&mut self, service: &str, fields: &[(String, Argument)]) {
        for (key, value) in fields {
            match key.as_str() {
                "networking" => self.networking(service, value),
                "volumeMounts" => self.mounts(service, value),
                "deploy" => self.deploy(service, value),
                // A variable is one key of many.
                "variables" | "isDeleted" | "isCreated" => {}
                _ => self.unknown(value),
            }
        }
    }

    fn networking(&mut self, service: &str, value: &Argument) {
        let kinds = [
            ("tcpProxies", "TCP proxy"),
            ("customDomains", "domain"),
            ("serviceDomains", "domain"),
        ];
        for (key, kind) in kinds {
            match value.at(key) {
                Some(Argument::Object(entries)) => {
                    for (name, _) in entries.iter().filter(|(_, entry)| *entry == Argument::Null) {
                        let object = format!("{kind} {} of {service}", visible(name, 100));
                        self.destroys(object, NOTHING, "Deletes {object}.");
                    }
                }
                Some(Argument::Null) => {
                    let object = format!("every {kind} of {service}");
                    self.destroys(object, NOTHING, "Deletes {object}.");
                }
                Some(_) => self.opaque(),
                None => {}
            }
        }
    }

    fn mounts(&mut self, service: &str, value: &Argument) {
        match value {
            Argument::Object(mounts) => {
                for (volume, mount) in mounts {
                    let object = format!("volume {} of {service}", visible(volume, 100));
                    match (mount, mount.at("backupSchedules")) {
                        (Argument::Null, _) => {
                            self.disrupts(
                                &object,
                                "Unmounts {object}: the service loses its disk.",
                            );
                        }
                        (_, Some(Argument::List(kinds))) if kinds.is_empty() => {
                            let says = "Stops every scheduled backup of {object}.";
                            self.destroys(object, BACKUPS, says);
                        }
                        (Argument::Unknown, _) | (_, Some(Argument::Unknown)) => self.opaque(),
                        _ => {}
                    }
                }
            }
            Argument::Null => self.disrupts(service, "Unmounts every volume of {object}."),
            _ => self.opaque(),
        }
    }

    fn deploy(&mut self, service: &str, value: &Argument) {
        let is_zero = |value: Option<&Argument>| {
            value.and_then(Argument::text).is_some_and(|text| text.parse::<f64>() == Ok(0.0))
        };
        let mut stops = is_zero(value.at("numReplicas"));
        match value.at("multiRegionConfig") {
            Some(Argument::Object(regions)) => {
                stops |= regions.iter().any(|(_, region)| {
                    *region == Argument::Null || is_zero(region.at("numReplicas"))
                });
            }
            Some(Argument::Unknown) => self.opaque(),
            _ => {}
        }
        if stops {
            self.disrupts(service, "Stops {object} in a region by scaling it to zero.");
        }
        self.unknown(value);
    }

    fn volume(&mut self, volume: &str, fields: &[(String, Argument)]) {
        for (key, value) in fields {
            match (key.as_str(), value) {
                ("isDeleted", _) => {}
                (_, Argument::Unknown) => self.opaque(),
                ("sizeMB", _) => self.disrupts(volume, "Resizes {object}."),
                ("region", _) => self.disrupts(volume, "Moves {object} to another region."),
                _ => {}
            }
        }
    }

    fn deletes(&mut self, object: String, flags: Flags) {
        let says = match (flags.has(Flag::Backups), flags.has(Flag::Irreversible)) {
            (true, _) => "Deletes {object} in this environment, with the backups stored on it.",
            (_, true) => "Deletes {object} in this environment, with everything in it.",
            _ => "Deletes {object} in this environment.",
        };
        self.destroys(object, flags, says);
    }

    fn destroys(&mut self, object: String, flags: Flags, says: &str) {
        let summary = says.replace("{object}", &object);
        self.0.push(Finding { effect: Effect::Destroy, flags, object, summary });
    }

    fn disrupts(&mut self, object: &str, says: &str) {
        let summary = says.replace("{object}", object);
        let object = object.to_owned();
        self.0.push(Finding { effect: Effect::Disrupt, flags: NOTHING, object, summary });
    }

    /// Notes a value that is not known.
    fn unknown(&mut self, value: &Argument) {
        if *value == Argument::Unknown {
            self.opaque();
        }
    }

    fn opaque(&mut self) {
        self.0.push(Finding {
            effect: Effect::Write,
            flags: Flags::of(&[Flag::Opaque]),
            object: "configuration".to_owned(),
            summary: "Changes the environment's configuration in a way that could not be read."
                .to_owned(),
        });
    }
}

/// Whether a switch is on; anything but false and null is.
fn is_on(value: &Argument) -> bool {
    !matches!(value, Argument::Boolean(false) | Argument::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Vec<(Effect, String)> {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let findings = environment_config(Some(&Argument::from(&json)));
        findings.into_iter().map(|one| (one.effect, one.object)).collect()
    }

    #[test]
    fn deletions_are_found_wherever_they_stand() {
        for (patch, object) in [
            (r#"{"services":{"a":{"isDeleted":true}}}"#, "service a"),
            (r#"{"volumes":{"v":{"isDeleted":true}}}"#, "volume v"),
            (r#"{"buckets":{"b":{"isDeleted":true}}}"#, "bucket b"),
            (r#"{"volumes":{"v":{"isDeleted":"true"}}}"#, "volume v"),
            (r#"{"volumes":{"v":null}}"#, "volume v"),
            (
                r#"{"services":{"a":{"networking":{"tcpProxies":{"5432":null}}}}}"#,
                "TCP proxy 5432 of service a",
            ),
            (
                r#"{"services":{"a":{"networking":{"customDomains":{"x.example":null}}}}}"#,
                "domain x.example of service a",
            ),
            (
                r#"{"services":{"a":{"volumeMounts":{"v":{"backupSchedules":[]}}}}}"#,
                "volume v of service a",
            ),
            (r#"{"x":1,"services":{"a":{"y":2},"b":{"isDeleted":true}}}"#, "service b"),
        ] {
            assert_eq!(found(patch), [(Effect::Destroy, object.to_owned())], "{patch}");
        }
    }

    #[test]
    fn data_goes_with_volumes_and_buckets() {
        let json = r#"{"volumes":{"v":{"isDeleted":true}},"buckets":{"b":{"isDeleted":true}}}"#;
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let findings = environment_config(Some(&Argument::from(&json)));
        let flags: Vec<Flags> = findings.iter().map(|one| one.flags).collect();
        assert!(flags.contains(&DATA_AND_BACKUPS) && flags.contains(&DATA));
    }

    #[test]
    fn what_only_stops_disrupts() {
        for patch in [
            r#"{"services":{"a":{"deploy":{"multiRegionConfig":{"eu":{"numReplicas":0}}}}}}"#,
            r#"{"services":{"a":{"deploy":{"multiRegionConfig":{"eu":null}}}}}"#,
            r#"{"services":{"a":{"deploy":{"numReplicas":0}}}}"#,
            r#"{"services":{"a":{"volumeMounts":{"v":null}}}}"#,
            r#"{"volumes":{"v":{"region":"eu"}}}"#,
            r#"{"privateNetworkDisabled":true}"#,
        ] {
            let all = found(patch);
            assert_eq!(all.len(), 1, "{patch}");
            assert_eq!(all[0].0, Effect::Disrupt, "{patch}");
        }
    }

    #[test]
    fn ordinary_changes_are_found_harmless() {
        for patch in [
            "{}",
            r#"{"services":{"a":{"deploy":{"startCommand":"./run"}}}}"#,
            r#"{"services":{"a":{"variables":{"K":{"value":"v"}}}}}"#,
            r#"{"services":{"a":{"variables":{"K":null}}}}"#,
            r#"{"services":{"a":{"isCreated":true,"source":{"image":"redis"}}}}"#,
            r#"{"volumes":{"v":{"isDeleted":false}}}"#,
            r#"{"services":{"a":{"deploy":{"multiRegionConfig":{"eu":{"numReplicas":2}}}}}}"#,
        ] {
            assert_eq!(found(patch), [], "{patch}");
        }
    }

    #[test]
    fn what_is_unknown_is_opaque() {
        let opaque = |config: Argument| {
            let all = environment_config(Some(&config));
            all.iter().any(|one| one.flags.has(Flag::Opaque))
        };
        let map = |key: &str, value| Argument::Object(vec![(key.to_owned(), value)]);
        assert!(opaque(Argument::Unknown));
        assert!(opaque(Argument::Text("{}".to_owned())));
        assert!(opaque(map("services", Argument::Unknown)));
        assert!(opaque(map("volumes", map("v", Argument::Unknown))));
        assert!(opaque(map("services", map("a", map("networking", Argument::Unknown)))));
        let deleted = map("services", map("a", map("isDeleted", Argument::Unknown)));
        assert_eq!(environment_config(Some(&deleted))[0].effect, Effect::Destroy);
        assert_eq!(environment_config(None), []);
    }

    #[test]
    fn change_sets_count_by_their_kinds() {
        let set = |json: &str| {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            change_set(Some(&Argument::from(&json)))
        };
        let deletes = r#"{"changes":[{"kind":"resource.create"},
            {"kind":"resource.delete","address":"service.api","severity":"safe"}]}"#;
        assert_eq!(set(deletes)[0].object, "resource service.api");
        assert_eq!(set(r#"{"changes":[{"kind":"variable.delete"}]}"#), []);
        assert_eq!(set(r#"{"changes":[]}"#), []);
        assert!(set(r#"{"changes":[{}]}"#)[0].flags.has(Flag::Opaque));
        assert!(set("{}")[0].flags.has(Flag::Opaque));
        assert!(change_set(None)[0].flags.has(Flag::Opaque));
    }
}
