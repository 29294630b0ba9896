//! Where rclone's remotes lie, by its configuration, its variables and the
//! settings in a remote's own words. Gives evidence; nothing is looked up.

use std::path::PathBuf;

use super::backups::{given, ini};
use super::{Class, Evidence, Kind, Target, repository};
use crate::invocation::Context;
use crate::parse::argv::Parsed;
use crate::parse::ini::Ini;
use crate::parse::url::{self, is_loopback};

/// How often one remote may stand for another.
const MAX_REMOTES: usize = 8;

/// rclone: a path, or `remote:path` by its configuration; none where the words
/// name no place.
pub fn resolve(
    context: &Context<'_>,
    parsed: &Parsed<'_>,
    place: Option<(String, bool)>,
) -> Target {
    let mut target = Target::of("rclone");
    let Some((text, dynamic)) = place else { return target };
    if dynamic {
        target.gap = Some("the remote is computed at run time".to_owned());
        return target;
    }
    let configured = given(parsed, &mut target, "--config");
    let path = configured.or_else(|| context.text_var("RCLONE_CONFIG")).map(PathBuf::from);
    let xdg = context.text_var("XDG_CONFIG_HOME").map(PathBuf::from);
    let xdg = xdg.or_else(|| context.home().map(|home| home.join(".config")));
    let path = path.or_else(|| xdg.map(|dir| dir.join("rclone/rclone.conf")));
    let config = path.and_then(|path| ini(context, &mut target, path)).unwrap_or_default();
    located(context, &mut target, &config, &text, 0);
    target
}

/// The text in front of the first colon that stands in no quotes, as the values
/// of a connection string may, and the text behind it.
fn unquoted_colon(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let at = text.char_indices().find_map(|(at, letter)| {
        match (quote, letter) {
            (None, ':') => return Some(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        None
    })?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn located(context: &Context<'_>, target: &mut Target, config: &Ini, text: &str, depth: usize) {
    // A remote's name has no slash; `:s3,env_auth:bucket` is one on the fly.
    // Both may have settings of their own behind a comma.
    let (body, on_the_fly) = match text.strip_prefix(':') {
        Some(body) => (body, true),
        None => (text, false),
    };
    let remote = unquoted_colon(body)
        .filter(|(name, _)| {
            on_the_fly || !name.is_empty() && !name.split(',').next().unwrap_or("/").contains('/')
        })
        .map(|(name, path)| (name, path, on_the_fly));
    let Some((name, path, on_the_fly)) = remote else {
        return repository::add(target, text, "argument");
    };
    let bare = name.split(',').next().unwrap_or_default();
    target.name.get_or_insert_with(|| format!("{bare}:{path}"));
    let variable = |key: &str| {
        let name = bare.to_ascii_uppercase().replace('-', "_");
        context.text_var(&format!("RCLONE_CONFIG_{name}_{}", key.to_ascii_uppercase()))
    };
    let section = config.section(bare);
    let typed = |key: &str| {
        name.split(',').skip(1).find_map(|pair| {
            let value = pair.strip_prefix(key)?.strip_prefix('=')?;
            Some(value.trim_matches(['"', '\'']).to_owned())
        })
    };
    let setting = |key: &str| {
        typed(key)
            .or_else(|| variable(key))
            .or_else(|| section.and_then(|it| it.get(key)).map(str::to_owned))
    };
    let kind = if on_the_fly { Some(bare.to_owned()) } else { setting("type") };
    if kind.as_deref() == Some("local") {
        return repository::add(target, &format!("file:{path}"), "argument");
    }
    if !on_the_fly {
        target.evidence.push(Evidence::name(Kind::Profile, "argument", bare));
    }
    if !path.is_empty() {
        target.evidence.push(Evidence::name(Kind::Resource, "argument", path));
    }
    for (key, what) in [("host", Kind::Host), ("endpoint", Kind::Url), ("url", Kind::Url)] {
        if let Some(value) = setting(key) {
            // A URL may hold a password in front of its host.
            let value = match value.rsplit_once('@') {
                Some((_, behind)) => behind.to_owned(),
                None => value,
            };
            let host = url::parse(&value).map_or_else(|| value.clone(), |url| url.host);
            let evidence = Evidence::name(what, format!("rclone's {key}"), value);
            target.evidence.push(match is_loopback(&host) {
                true => evidence.asserting(Class::Local),
                false => evidence,
            });
        }
    }
    if let Some(inner) = setting("remote") {
        if depth >= MAX_REMOTES {
            target.gap = Some("its remotes stand for each other".to_owned());
            return;
        }
        let before = target.evidence.len();
        located(context, target, config, &inner, depth + 1);
        let added = target.evidence.iter_mut().skip(before);
        added.for_each(|found| found.source = "rclone's remote".into());
    } else if target.evidence.iter().all(|found| found.asserts != Some(Class::Local))
        && kind.is_none()
        && !on_the_fly
    {
        let hint = "rclone's configuration does not describe the remote";
        target.gap.get_or_insert_with(|| hint.to_owned());
    }
}
