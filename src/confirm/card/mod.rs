//! The card: the one screen that says what a command would do, where, why it
//! was stopped, who asked, and what to do instead. Makes text and prints
//! nothing. Everything in it that comes from outside is made safe to show, and
//! it never names a way around the guard.

mod advice;
mod frame;

use console::Style;

pub use frame::{Color, Width};

use super::wrap::wrap;
use crate::action::{Action, Effect, Flag, Scope};
use crate::actor::{self, ActorKind};
use crate::judgement::{Judged, Judgement, Verdict};
use crate::target::{Class, Evidence, Grade};
use crate::text::visible;
use frame::{Row, print, row};

/// The longest single text taken over from outside, in characters.
const LIMIT: usize = 400;

/// How many further actions, and how many reasons, are listed.
const LISTED: usize = 4;

/// How many proofs of where a target is are shown.
const PROOFS: usize = 3;

/// The card for a judgement, with a line end behind every line.
pub fn render(judgement: &Judgement, width: Width, color: Color) -> String {
    let mut out = body(judgement, headline(judgement), width, color);
    if let Some(phrase) = &judgement.phrase {
        out.push('\n');
        for line in wrap("To run it, type this and press Enter:", width.0) {
            out.push_str(&line);
            out.push('\n');
        }
        out.push_str("    ");
        out.push_str(&color.paint(&Style::new().bold(), phrase));
        out.push('\n');
    }
    out
}

/// The card for a judgement that nothing follows from (`check`): what would
/// become of the command, without a phrase, for nobody is asked.
pub fn preview(judgement: &Judgement, width: Width, color: Color) -> String {
    let becomes = match judgement.verdict {
        Verdict::Allow => "may run.",
        Verdict::Confirm => "would be on hold until a person types the target's name.",
        Verdict::Refuse => "would be refused.",
    };
    body(judgement, format!("holdpoint: {} {becomes}", tool(judgement)), width, color)
}

fn body(judgement: &Judgement, headline: String, width: Width, color: Color) -> String {
    let mut out = String::new();
    let style = match judgement.verdict {
        Verdict::Allow => Style::new().green(),
        Verdict::Confirm => Style::new().yellow(),
        Verdict::Refuse => Style::new().red(),
    };
    for line in wrap(&headline, width.0) {
        out.push_str(&color.paint(&style.clone().bold(), &line));
        out.push('\n');
    }
    for row in rows(judgement) {
        print(&row, width, color, &mut out);
    }
    out
}

fn headline(judgement: &Judgement) -> String {
    let becomes = match judgement.verdict {
        Verdict::Allow => "may run.",
        Verdict::Confirm => "is on hold. Nothing has run yet.",
        Verdict::Refuse => "was refused. Nothing was run.",
    };
    format!("holdpoint: {} {becomes}", tool(judgement))
}

fn tool(judgement: &Judgement) -> String {
    match judgement.tool.as_str() {
        "" => "command".to_owned(),
        // No command of anybody's: git told of it by its hook.
        "git-hook" => "what git was about to do".to_owned(),
        tool => visible(tool, 40),
    }
}

fn rows(judgement: &Judgement) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(worst) = judgement.worst() {
        rows.push(what(judgement, worst));
        rows.push(place(worst));
    }
    let why = why(judgement);
    if !why.is_empty() {
        rows.push(row("Why", why));
    }
    rows.extend(asker(judgement));
    if judgement.verdict == Verdict::Confirm
        && let Some(worst) = judgement.worst()
    {
        rows.push(row("At stake", stake(&worst.action)));
    }
    if judgement.verdict != Verdict::Allow {
        let instead = instead(judgement);
        if !instead.is_empty() {
            rows.push(row("Instead", instead));
        }
    }
    if judgement.verdict == Verdict::Refuse {
        rows.push(row("To run", vec![who_can(judgement)]));
    }
    rows.extend(judgement.request.as_ref().map(|id| row("Request", vec![visible(id, 40)])));
    rows
}

/// What would happen: the worst action in full, the others by a sentence.
fn what(judgement: &Judgement, worst: &Judged) -> Row {
    let mut lines = vec![sentence(&worst.action), kind(&worst.action)];
    let others: Vec<&Judged> = judgement
        .actions
        .iter()
        .skip(1)
        .filter(|judged| judged.verdict != Verdict::Allow || judged.action.effect > Effect::Read)
        .collect();
    let mut said = vec![sentence(&worst.action)];
    let listed = others.iter().take(LISTED).filter_map(|other| {
        let sentence = sentence(&other.action);
        let name = other.action.target.name.as_deref().unwrap_or_default();
        if !said.contains(&sentence) {
            said.push(sentence.clone());
            return Some(format!("Also: {sentence}"));
        }
        // The same in another place.
        let elsewhere = !name.is_empty() && worst.action.target.name.as_deref() != Some(name);
        elsewhere.then(|| format!("Also at {}.", visible(name, LIMIT)))
    });
    lines.extend(listed);
    if others.len() > LISTED {
        lines.push(format!("And {} more like these.", others.len() - LISTED));
    }
    row("What", lines)
}

fn sentence(action: &Action) -> String {
    if !action.summary.is_empty() {
        return visible(&action.summary, LIMIT);
    }
    let object = action.object.as_deref().map(|object| format!(" {}", visible(object, LIMIT)));
    format!("{}{}", visible(&action.operation, LIMIT), object.unwrap_or_default())
}

/// The effect, the flags and the reach, in policy's own words.
fn kind(action: &Action) -> String {
    let mut words = vec![action.effect.word()];
    words.extend(action.flags.iter().map(Flag::word));
    let reach = match action.scope {
        Scope::Environment => "",
        Scope::Project => "; reaches every environment of the project",
        Scope::Account => "; reaches the whole account",
        Scope::Host => "; reaches the whole machine",
    };
    let operation = visible(&action.operation, 80);
    format!("({}: {operation}{reach})", words.join(", "))
}

/// Where it lands, of what class that is, and what says so.
fn place(judged: &Judged) -> Row {
    let target = &judged.action.target;
    let mut place = judged.class.word().to_owned();
    let named = [Some(target.platform.as_ref()), target.name.as_deref()];
    let named: Vec<String> = named
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
        .map(|name| visible(name, LIMIT))
        .collect();
    if !named.is_empty() {
        place = format!("{place}: {}", named.join(" "));
    }
    let mut lines = vec![place];
    lines.extend(judged.class_reasons.iter().take(LISTED).map(|reason| clause(reason)));
    if judged.class_reasons.len() > LISTED {
        lines.push(format!("and {} more.", judged.class_reasons.len() - LISTED));
    }
    let told = |gap: &String| judged.class_reasons.iter().any(|reason| reason.contains(gap));
    if let Some(gap) = target.gap.as_ref().filter(|gap| !told(gap)) {
        lines.push(format!("Not resolved: {}.", visible(gap, LIMIT).trim_end_matches('.')));
    }
    lines.extend(known_by(&target.evidence));
    let accent = match judged.class {
        Class::Production => Style::new().red(),
        Class::Unknown | Class::Staging => Style::new().yellow(),
        Class::Local | Class::Development => Style::new().green(),
    };
    Row { label: "Where", lines, accent: Some(accent.bold()) }
}

/// What the tool resolved, and where it found that: the best proofs, in one
/// sentence. Hints are told by the reasons, where they count.
fn known_by(evidence: &[Evidence]) -> Option<String> {
    let mut proofs: Vec<&Evidence> =
        evidence.iter().filter(|evidence| evidence.grade > Grade::Hint).collect();
    proofs.sort_by_key(|evidence| std::cmp::Reverse(evidence.grade));
    let told: Vec<String> = proofs
        .into_iter()
        .take(PROOFS)
        .map(|evidence| {
            let (value, source) = (visible(&evidence.value, 80), visible(&evidence.source, 80));
            format!("{} {value} (from {source})", evidence.kind.word())
        })
        .collect();
    (!told.is_empty()).then(|| format!("Points at {}.", told.join(", ")))
}

/// A clause as a sentence of its own.
fn clause(text: &str) -> String {
    let text = visible(text, LIMIT);
    let mut letters = text.chars();
    let mut out: String =
        letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    out.push_str(letters.as_str());
    if !out.ends_with(['.', '…']) {
        out.push('.');
    }
    out
}

/// Why it was stopped, without what "Where" already said.
fn why(judgement: &Judgement) -> Vec<String> {
    let said = judgement.worst().map(|worst| worst.class_reasons.as_slice()).unwrap_or_default();
    let mut lines: Vec<String> = judgement
        .reasons
        .iter()
        .filter(|reason| !said.contains(reason))
        .take(LISTED)
        .map(|reason| clause(reason))
        .collect();
    let rule = judgement.worst().map(|worst| worst.decided_by.as_str()).unwrap_or_default();
    if !rule.is_empty() && judgement.verdict != Verdict::Allow {
        lines.push(format!("(by the rule \"{}\")", visible(rule, LIMIT)));
    }
    lines
}

/// Who asked, and on what signals.
fn asker(judgement: &Judgement) -> Option<Row> {
    let actor = judgement.actor.as_ref().filter(|_| !judgement.actions.is_empty())?;
    let name = actor.name.as_deref().map(|name| format!(" ({})", visible(name, 60)));
    let who = match actor.kind {
        ActorKind::Human => "a person",
        ActorKind::Agent => "an agent",
        ActorKind::Ci => "a CI job",
        ActorKind::Unknown => "nobody known to be a person",
    };
    let mut text = format!("{who}{}", name.unwrap_or_default());
    if !actor.signals.is_empty() {
        let signals: Vec<String> =
            actor.signals.iter().take(LISTED).map(|signal| visible(signal, LIMIT)).collect();
        text = format!("{text}: {}", signals.join(", "));
    }
    Some(row("Asked by", vec![text + "."]))
}

/// What a person puts at risk by going on.
fn stake(action: &Action) -> Vec<String> {
    let flags = action.flags;
    let known = [
        (flags.has(Flag::Irreversible), "Everything in it."),
        (flags.has(Flag::Backups), "A way of getting data back."),
        (flags.has(Flag::Irreplaceable), "Work that exists nowhere else."),
        (flags.has(Flag::Opaque), "Unknown: what would run could not be read."),
        (flags.has(Flag::Disarm), "The guard itself: later commands would not be held."),
    ];
    let mut lines: Vec<String> =
        known.iter().filter(|(holds, _)| *holds).map(|(_, text)| (*text).to_owned()).collect();
    if lines.is_empty() {
        let text = match action.effect {
            Effect::Destroy => "What it removes or overwrites.",
            Effect::Disrupt => "Service, until somebody brings it back. No data.",
            Effect::Write | Effect::Read => "What it changes.",
        };
        lines.push(text.to_owned());
    }
    lines
}

/// What to do instead, as the rules say; where they say nothing, what holds for
/// every action of the kind.
fn instead(judgement: &Judgement) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for judged in judgement.actions.iter().filter(|judged| judged.verdict == judgement.verdict) {
        let text = judged.action.instead.as_deref().map(|text| visible(text, LIMIT));
        if let Some(text) = text.filter(|text| !text.is_empty() && !lines.contains(text)) {
            lines.push(text);
        }
    }
    lines.truncate(2);
    if lines.is_empty() {
        let worst = judgement.worst().and_then(|worst| advice::general(&worst.action));
        lines.extend(worst.map(str::to_owned));
    }
    lines
}

/// Who may run a refused command.
fn who_can(judgement: &Judgement) -> String {
    let actor = judgement.actor.as_ref();
    let shared = actor.is_some_and(|actor| {
        actor.kind == ActorKind::Unknown
            && actor.signals.iter().any(|s| s.ends_with(actor::SHARED_TERMINAL))
    });
    let text = match actor.map(|actor| actor.kind) {
        Some(ActorKind::Human) => "Policy lets nobody run this.",
        _ if shared => {
            "A person must run this command, in a terminal of their own outside the IDE. \
             Do not try it another way: ask."
        }
        _ => {
            "A person must run this command, in a terminal of their own. \
             Do not try it another way: ask."
        }
    };
    text.to_owned()
}

#[cfg(test)]
mod tests;
