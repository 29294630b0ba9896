//! Credentials that a change adds to a repository. Tokens with a shape of
//! their own count by that shape; those without one (Railway's are bare UUIDs)
//! by what stands around them. What is plainly made up does not count, and
//! nothing of a value is shown but its first characters.

mod context;
mod made_up;

use std::collections::BTreeSet;

use super::{Change, Finding, is_made_up, line_at, parts};
use crate::audit::redact;
use made_up::{is_placeholder, is_random};

const INSTEAD: &str = "Take it out of the commit, keep it where secrets are kept (the platform's \
                       variables, a vault), and have it revoked if it was ever pushed.";

/// The longest text that is searched, in bytes.
const LIMIT: usize = 2 << 20;

/// The most findings of a file.
const MOST: usize = 20;

/// A credential in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Secret<'t> {
    rule: &'static str,
    /// What it is: `a GitHub token`.
    what: &'static str,
    /// Where it begins.
    at: usize,
    /// The value itself; never shown whole.
    value: &'t str,
    /// Whether its beginning may be shown.
    shown: bool,
}

/// Issuers of tokens, by how these begin; the number is the fewest characters
/// of the whole.
const ISSUERS: &[(&str, usize, &str, &str)] = &[
    ("ghp_", 40, "credentials/github", "a GitHub token"),
    ("gho_", 40, "credentials/github", "a GitHub token"),
    ("ghu_", 40, "credentials/github", "a GitHub token"),
    ("ghs_", 40, "credentials/github", "a GitHub token"),
    ("ghr_", 40, "credentials/github", "a GitHub token"),
    ("github_pat_", 60, "credentials/github", "a GitHub token"),
    ("glpat-", 26, "credentials/gitlab", "a GitLab token"),
    ("sk_live_", 24, "credentials/stripe", "a live key of Stripe's"),
    ("rk_live_", 24, "credentials/stripe", "a live key of Stripe's"),
    ("xoxb-", 40, "credentials/slack", "a Slack token"),
    ("xoxp-", 40, "credentials/slack", "a Slack token"),
    ("xoxa-", 40, "credentials/slack", "a Slack token"),
    ("xapp-", 40, "credentials/slack", "a Slack token"),
    ("hooks.slack.com/services/", 60, "credentials/slack", "a Slack webhook"),
    ("sk-ant-", 60, "credentials/anthropic", "an Anthropic key"),
    ("sk-proj-", 60, "credentials/openai", "an OpenAI key"),
    ("sk-svcacct-", 60, "credentials/openai", "an OpenAI key"),
    ("sk-", 48, "credentials/openai", "an OpenAI key"),
    ("npm_", 40, "credentials/npm", "an npm token"),
    ("dop_v1_", 71, "credentials/digitalocean", "a DigitalOcean token"),
    ("sbp_", 44, "credentials/supabase", "a Supabase token"),
    ("SG.", 66, "credentials/sendgrid", "a SendGrid key"),
    ("AIza", 39, "credentials/google", "a Google API key"),
    ("hvs.", 90, "credentials/vault", "a Vault token"),
];

/// Every credential that a change adds. A value that any of the files had
/// before was moved, not added.
pub(super) fn credentials(changes: &[Change]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut fresh: Vec<(&Change, &str, Vec<Secret<'_>>)> = Vec::new();
    for change in changes {
        let Some(after) = change.after.as_deref().filter(|_| change.before != change.after) else {
            continue;
        };
        found.extend(whole_file(change, after));
        let text = cut(after);
        let secrets = secrets(&change.path, text);
        if !secrets.is_empty() {
            fresh.push((change, text, secrets));
        }
    }
    if fresh.is_empty() {
        return found;
    }
    let olds = changes.iter().filter_map(|it| Some((&it.old_path, cut(it.before.as_deref()?))));
    let known: BTreeSet<&str> =
        olds.flat_map(|(path, text)| secrets(path, text)).map(|secret| secret.value).collect();
    for (change, text, secrets) in &fresh {
        let new = secrets.iter().filter(|secret| !known.contains(secret.value));
        found.extend(new.take(MOST).map(|secret| Finding {
            rule: secret.rule,
            path: change.path.clone(),
            line: line_at(text, secret.at),
            removed: false,
            says: says(secret),
            instead: INSTEAD,
        }));
    }
    found
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LIMIT)).unwrap_or(text)
}

fn says(secret: &Secret<'_>) -> String {
    let begins: String = secret.value.chars().take(4).filter(char::is_ascii_graphic).collect();
    let begins =
        if secret.shown { format!(" (it begins with {begins}…)") } else { String::new() };
    format!("Commits {}{begins}: whoever can read the repository can use it.", secret.what)
}

/// Files that are credentials as a whole.
fn whole_file(change: &Change, after: &str) -> Option<Finding> {
    let parts = parts(&change.path);
    let name = parts.last()?;
    let has = |word: &str| after.contains(word);
    let before = |word: &str| change.before.as_deref().is_some_and(|text| text.contains(word));
    let state = name.ends_with(".tfstate") || name.ends_with(".tfstate.backup");
    let (rule, what, mark) = if state && has("\"lineage\"") && has("\"resources\"") {
        if is_empty_state(after) {
            return None;
        }
        (
            "credentials/terraform-state",
            "a Terraform state, which holds its resources' secrets in clear",
            "\"resources\"",
        )
    } else if name == ".pgpass" {
        after.lines().find(|line| line.split(':').count() == 5 && !line.starts_with('#'))?;
        ("credentials/pgpass", "a file of PostgreSQL passwords", ":")
    } else {
        return None;
    };
    (!before(mark) && !is_made_up(&change.path)).then(|| Finding {
        rule,
        path: change.path.clone(),
        line: 1,
        removed: false,
        says: format!("Commits {what}: whoever can read the repository can use it."),
        instead: INSTEAD,
    })
}

/// Whether a state has no resources.
fn is_empty_state(text: &str) -> bool {
    let joined: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    joined.contains("\"resources\":[]")
}

/// Every credential of a text, each value once.
fn secrets<'t>(path: &str, text: &'t str) -> Vec<Secret<'t>> {
    let foreign = parts(path).iter().any(|part| part == "node_modules" || part == "vendor");
    if foreign {
        return Vec::new();
    }
    let made_up = is_made_up(path);
    let mut found = Vec::new();
    for (place, kind) in redact::by_shape(text) {
        let Some(value) = text.get(place.clone()) else { continue };
        match kind {
            "private-key" if !made_up => found.extend(context::private_key(value, place.start)),
            "uri" if !made_up => found.extend(context::uri(text, value, place.start)),
            "private-key" | "uri" | "jwt" => {}
            "aws-key" => found.extend(context::aws_pair(text, value, place)),
            _ => found.extend(issued(value, place.start)),
        }
    }
    if !made_up {
        context::find(path, text, &mut found);
    }
    let mut seen = BTreeSet::new();
    found.retain(|secret| seen.insert(secret.value));
    found
}

/// A token of a known issuer that is not made up.
fn issued(value: &str, at: usize) -> Option<Secret<'_>> {
    let issuer = ISSUERS.iter().find(|(prefix, ..)| value.starts_with(prefix))?;
    let (prefix, least, rule, what) = *issuer;
    let tail = value.get(prefix.len()..)?;
    let real = value.len() >= least && !is_placeholder(tail) && is_random(tail);
    // What begins as a class of a style sheet does is words, not chance.
    let words = prefix == "sk-" && tail.contains('-');
    (real && !words).then_some(Secret { rule, what, at, value, shown: true })
}
