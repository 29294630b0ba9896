//! Why an agent would not run a hook that stands in its settings, although the
//! hook itself answers well: it is switched off, or the agent waits for a
//! person to look at it. Reads settings; changes nothing.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::merge;
use super::places::{Place, Scope};
use crate::world::World;

/// The largest file of settings that is looked into, in bytes.
const LIMIT: usize = 1 << 20;

/// Why, and what to do about it.
pub struct Asleep {
    /// Why.
    pub why: String,
    /// What to do.
    pub fix: String,
}

/// Looks for a reason.
pub fn why(place: &Place, path: &Path, scope: Scope, world: &dyn World) -> Option<Asleep> {
    let settings = merge::settings(&read(path, world)?);
    switched_off(&settings, path).or_else(|| match place.agent {
        "codex" => codex(path, &settings, scope, world),
        _ => None,
    })
}

fn read(path: &Path, world: &dyn World) -> Option<String> {
    Some(String::from_utf8_lossy(&world.read(path, LIMIT).ok()?).into_owned())
}

/// What switches hooks off: `disableAllHooks` (Claude Code, Qwen Code),
/// `hooksDisabled` (droid), `hooksConfig` (Gemini CLI 0.61, by its source).
fn switched_off(settings: &Value, path: &Path) -> Option<Asleep> {
    let off = |what: &str, fix: String| {
        Some(Asleep { why: format!("{} switches {what} off", path.display()), fix })
    };
    for name in ["disableAllHooks", "hooksDisabled"] {
        if settings.get(name) == Some(&Value::Bool(true)) {
            return off("all hooks", format!("Take {name:?} out of it."));
        }
    }
    if settings.pointer("/hooksConfig/enabled") == Some(&Value::Bool(false)) {
        return off("all hooks", "Take \"hooksConfig\" out of it.".to_owned());
    }
    let named = settings.pointer("/hooksConfig/disabled").and_then(Value::as_array);
    let ours = |name: &Value| {
        name.as_str().is_some_and(|name| name == "holdpoint" || merge::is_ours(name))
    };
    match named.is_some_and(|names| names.iter().any(ours)) {
        true => off("this hook", "Take it out of \"hooksConfig\".\"disabled\".".to_owned()),
        false => None,
    }
}

/// Codex runs a hook only after somebody has looked at it, and keeps in
/// `config.toml`, by the hook's place and the hash of what it is, that this was
/// done (0.169.0: the hash as `codex app-server` gives it for hooks/list).
fn codex(path: &Path, settings: &Value, scope: Scope, world: &dyn World) -> Option<Asleep> {
    let home = world.account_home()?;
    let config = home.join(".codex/config.toml");
    let text = read(&config, world).unwrap_or_default();
    let config = toml::from_str::<toml::Table>(&text).unwrap_or_default();
    let table = |name: &str| config.get(name).and_then(toml::Value::as_table);
    if table("features").and_then(|all| all.get("hooks")?.as_bool()) == Some(false) {
        return Some(Asleep {
            why: "~/.codex/config.toml switches the feature \"hooks\" off".to_owned(),
            fix: "Take hooks = false out of [features].".to_owned(),
        });
    }
    if scope == Scope::Project {
        let project = path.parent().and_then(Path::parent)?.display().to_string();
        let level = table("projects").and_then(|all| all.get(&project)?.get("trust_level"));
        if level.and_then(toml::Value::as_str) != Some("trusted") {
            return Some(Asleep {
                why: "Codex reads a project's hooks only where the project is trusted".to_owned(),
                fix: "Start codex in it and trust it, then look at the hook: /hooks".to_owned(),
            });
        }
    }
    let states = table("hooks").and_then(|hooks| hooks.get("state")?.as_table());
    let state = |key: &str| states.and_then(|all| all.get(key)?.as_table());
    let groups = settings.pointer("/hooks/PreToolUse").and_then(Value::as_array)?;
    for (at, group) in groups.iter().enumerate() {
        let hooks = group.get("hooks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (index, hook) in hooks.iter().enumerate() {
            let command = hook.get("command").and_then(Value::as_str).unwrap_or_default();
            if !merge::is_ours(command) {
                continue;
            }
            let state = state(&format!("{}:pre_tool_use:{at}:{index}", path.display()));
            let trusted = state.and_then(|state| state.get("trusted_hash")?.as_str());
            if trusted != Some(hash(group, hook).as_str()) {
                return Some(Asleep {
                    why: "Codex skips it until somebody has looked at it".to_owned(),
                    fix: "Start codex, type /hooks and trust it.".to_owned(),
                });
            }
            if state.and_then(|state| state.get("enabled")?.as_bool()) == Some(false) {
                return Some(Asleep {
                    why: "it is switched off in ~/.codex/config.toml".to_owned(),
                    fix: "Start codex, type /hooks and enable it.".to_owned(),
                });
            }
        }
    }
    None
}

/// The hash by which Codex knows a hook.
fn hash(group: &Value, hook: &Value) -> String {
    let handler = json!([{
        "async": false,
        "command": hook.get("command"),
        "timeout": hook.get("timeout"),
        "type": "command",
    }]);
    let identity = match group.get("matcher") {
        Some(matcher) => {
            json!({"event_name": "pre_tool_use", "hooks": handler, "matcher": matcher})
        }
        None => json!({"event_name": "pre_tool_use", "hooks": handler}),
    };
    // Keys are in order, as Codex has them: serde_json's map is sorted.
    format!("sha256:{:x}", Sha256::digest(identity.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::hooks::places;
    use crate::world::fake::FakeWorld;

    const FILE: &str = "/home/ana/.codex/hooks.json";

    /// What `codex app-server` of 0.169.0 said of this hook.
    #[test]
    fn the_hash_is_codexs() {
        let hook =
            json!({"type": "command", "command": "/opt/h/bin/holdpoint hook codex", "timeout": 10});
        assert_eq!(
            hash(&json!({"hooks": [hook.clone()]}), &hook),
            "sha256:7ccffe7b861574b35a96d5f3903477abc83de6294c61c0ae6b227465cb04863f"
        );
        assert_eq!(
            hash(&json!({"matcher": "Bash"}), &hook),
            "sha256:fae0ca3aa6120d99215e265f01d65614f7592419705b0e81c6d8d39f5adec033"
        );
    }

    fn codex(config: &str) -> Option<String> {
        let place = places::find("codex").unwrap();
        let hook = place.entries("/b/holdpoint hook codex").remove(0).1;
        let text = json!({"hooks": {"PreToolUse": [{"hooks": []}, hook]}}).to_string();
        let config = config.replace("@HASH@", &super::hash(&hook, &hook["hooks"][0]));
        let world = FakeWorld::new()
            .with_file(FILE, &text)
            .with_file("/home/ana/.codex/config.toml", &config);
        why(place, Path::new(FILE), Scope::User, &world).map(|asleep| asleep.why)
    }

    #[test]
    fn codex_runs_what_somebody_has_looked_at() {
        let state = |rest: &str| format!("[hooks.state.\"{FILE}:pre_tool_use:1:0\"]\n{rest}");
        assert_eq!(codex(&state("trusted_hash = \"@HASH@\"")), None);
        for config in [
            String::new(),
            "not toml".to_owned(),
            state("trusted_hash = \"sha256:00\""),
            state("trusted_hash = \"@HASH@\"").replace(":1:0", ":0:0"),
        ] {
            assert!(codex(&config).is_some_and(|why| why.contains("looked at")), "{config}");
        }
        let off = codex(&state("enabled = false\ntrusted_hash = \"@HASH@\""));
        assert!(off.is_some_and(|why| why.contains("switched off")));
        let off = codex(
            &("[features]\nhooks = false\n".to_owned() + &state("trusted_hash = \"@HASH@\"")),
        );
        assert!(off.is_some_and(|why| why.contains("feature")));
    }

    #[test]
    fn hooks_that_are_switched_off_are_seen() {
        let off = |text: &str| switched_off(&merge::settings(text), Path::new("/f")).is_some();
        assert!(off("{\"disableAllHooks\": true}") && off("{\"hooksDisabled\": true}"));
        assert!(off(r#"{"hooksConfig": {"enabled": false}}"#));
        assert!(off(r#"{"hooksConfig": {"disabled": ["x", "holdpoint"]}}"#));
        assert!(!off("{\"disableAllHooks\": false}") && !off("{") && !off("[]"));
        assert!(!off(r#"{"hooksConfig": {"enabled": true, "disabled": ["x"]}}"#));
    }
}
