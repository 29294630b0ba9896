//! Reads rsync and scp: what rsync deletes, and on which machine. The last word is where
//! it writes; one with a colon in front of every slash is on another machine
//! (rsync 3.5.0, by its manual). What it does to this machine's own
//! files is everyday work. Looks at the words only.

use std::borrow::Cow;

use super::{Call, Reading, sftp};
use crate::action::{Action, Effect};
use crate::parse::argv::{self, Word};
use crate::parse::url;
use crate::target::{Class, Evidence, Kind, Target};

/// Options that remove what is not in the source.
const DELETES: &[&str] = &[
    "--delete",
    "--del",
    "--delete-before",
    "--delete-during",
    "--delete-delay",
    "--delete-after",
    "--delete-excluded",
    "--delete-missing-args",
];

/// Reads a call of rsync.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let [_, .., last] = parsed.positionals.as_slice() else { return Reading::default() };
    if parsed.has("--remove-source-files")
        && !["--dry-run", "--list-only"].iter().any(|name| parsed.has(name))
        && let Some(action) = taken(&parsed)
    {
        return Reading::of(action);
    }
    let text = last.text.to_string_lossy();
    let Some((host, path)) = remote(&text).or_else(|| last.dynamic.then_some(("", &text))) else {
        return Reading::default();
    };
    let preview = ["--dry-run", "--list-only", "--help", "--version"];
    let only_looks = preview.iter().any(|name| parsed.has(name));
    let deletes = DELETES.iter().any(|name| parsed.has(name));
    let effect = match (only_looks, deletes) {
        (true, _) if !call.full => return Reading::default(),
        (true, _) => Effect::Read,
        (false, true) => Effect::Destroy,
        (false, false) => Effect::Write,
    };
    let place = crate::text::visible(&format!("{host}:{path}"), 200);
    let tool = call.tool.name;
    let mut action = Action::new(effect, if deletes { "rsync --delete" } else { tool });
    action.summary = match effect {
        Effect::Destroy => format!("Deletes everything in {place} that the source does not have."),
        Effect::Read => format!("Shows what would change in {place}."),
        _ => format!("Copies files to {place}."),
    };
    action.object = Some(format!("files in {place}"));
    action.rule = Cow::Owned(format!("{tool}/{}", if deletes { "delete" } else { "copy" }));
    action.instead = (effect == Effect::Destroy).then_some(Cow::Borrowed(
        "See what would go with --dry-run --itemize-changes, or copy without --delete.",
    ));
    action.target = match tool {
        "scp" => sftp::target(call, &parsed, &text, last.dynamic),
        _ => target(last, host, path),
    };
    Reading::of(action)
}

/// What `--remove-source-files` takes away from another machine.
fn taken(parsed: &argv::Parsed<'_>) -> Option<Action> {
    let (_, sources) = parsed.positionals.split_last()?;
    sources.iter().find_map(|word| {
        let text = word.text.to_string_lossy();
        let (host, path) = remote(&text)?;
        let place = crate::text::visible(&format!("{host}:{path}"), 200);
        Some(Action {
            summary: format!("Removes the files in {place}, once they are copied elsewhere."),
            object: Some(format!("files in {place}")),
            rule: Cow::Borrowed("rsync/take"),
            instead: Some(
                "Copy without --remove-source-files, compare both, and remove afterwards.".into(),
            ),
            target: target(word, host, path),
            ..Action::new(Effect::Destroy, "rsync --remove-source-files")
        })
    })
}

/// The host and path of a word that names a place on another machine:
/// `host:path`, `host::module`, `rsync://host/module`.
fn remote(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix("rsync://").or_else(|| text.strip_prefix("scp://")) {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        return Some((without_user(host), path));
    }
    let (host, path) = match text.strip_prefix('[').or_else(|| text.split_once("@[").map(|it| it.1))
    {
        Some(rest) => rest.split_once("]:")?,
        None => text.split_once(':')?,
    };
    (!host.contains('/')).then(|| (without_user(host), path.trim_start_matches(':')))
}

fn without_user(host: &str) -> &str {
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

fn target(word: &Word<'_>, host: &str, path: &str) -> Target {
    let mut target = Target::of("files");
    if word.dynamic {
        target.gap = Some("where it writes is computed at run time".to_owned());
        return target;
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let evidence = Evidence::name(Kind::Host, "argument", host);
    let local = url::is_loopback(name) || url::is_loopback(host);
    target.name = Some(host.to_owned());
    target.evidence.push(if local { evidence.asserting(Class::Local) } else { evidence });
    target.evidence.push(Evidence::name(Kind::Path, "argument", path));
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_another_machine_is_told_by_its_colon() {
        for (text, wanted) in [
            ("web1:/srv", Some(("web1", "/srv"))),
            ("app@web1.acme.com:srv", Some(("web1.acme.com", "srv"))),
            ("web1::module/x", Some(("web1", "module/x"))),
            ("rsync://app@web1:873/module/x", Some(("web1:873", "module/x"))),
            ("[2001:db8::1]:/srv", Some(("2001:db8::1", "/srv"))),
            ("app@[::1]:/srv", Some(("::1", "/srv"))),
            ("./a:b", None),
            ("/srv/a:b", None),
            ("srv", None),
            ("", None),
        ] {
            assert_eq!(remote(text), wanted, "{text}");
        }
    }
}
