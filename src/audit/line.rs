//! A record as a JSON line: redacted, cut to what a line may hold, and with
//! nothing in it that acts on a terminal. Shapes values; writes nothing.

use serde::Serialize;

use super::record::{Digested, Outcome, Record, Story};
use super::redact::Redactor;
use crate::judgement::Judged;
use crate::text::visible;

/// The longest line, in bytes.
const LINE_LIMIT: usize = 64 * 1024;

/// How much of everything a line holds.
#[derive(Clone, Copy)]
struct Limits {
    words: usize,
    word: usize,
    actions: usize,
    clauses: usize,
    clause: usize,
}

/// Tried in turn until the line is short enough.
const LIMITS: [Limits; 3] = [
    Limits { words: 256, word: 8192, actions: 32, clauses: 24, clause: 1000 },
    Limits { words: 32, word: 128, actions: 4, clauses: 4, clause: 100 },
    Limits { words: 0, word: 0, actions: 0, clauses: 0, clause: 0 },
];

impl Record {
    /// The record as a JSON line, without its end.
    pub(super) fn line(&self, seq: u64, prev: &str, redactor: &Redactor) -> String {
        let lines = LIMITS.iter().map(|limits| {
            let line = self.shape(seq, prev, &Cleaner { redactor, limits });
            escape(&serde_json::to_string(&line).unwrap_or_default())
        });
        let mut last = String::new();
        for line in lines {
            last = line;
            if last.len() <= LINE_LIMIT {
                break;
            }
        }
        last
    }

    fn shape<'a>(&'a self, seq: u64, prev: &'a str, clean: &Cleaner<'_>) -> Line<'a> {
        Line {
            v: 1,
            seq,
            prev,
            ts: humantime::format_rfc3339_micros(self.time).to_string(),
            kind: self.outcome.kind(),
            id: &self.id,
            outcome: self.outcome.word(),
            why: match &self.outcome {
                Outcome::Declined(why) => Some(clean.text(why)),
                _ => None,
            },
            by: By { uid: self.uid, user: clean.text(&self.user), pid: self.pid },
            saw: self.story.as_ref().map(|story| story.saw(clean)),
            decided: self.story.as_ref().map(|story| story.decided(clean)),
        }
    }
}

impl Story {
    fn saw(&self, clean: &Cleaner<'_>) -> Saw {
        let argv = clean.redactor.argv(&self.argv, clean.limits.words);
        Saw {
            gate: self.gate.word(),
            argv: argv.iter().map(|word| visible(word, clean.limits.word)).collect(),
            words: self.argv.len(),
            cwd: self.cwd.as_ref().map(|cwd| clean.text(&cwd.to_string_lossy())),
            inputs: self
                .inputs
                .iter()
                .take(clean.limits.clauses)
                .map(|input| clean.input(input))
                .collect(),
        }
    }

    fn decided(&self, clean: &Cleaner<'_>) -> Decided<'_> {
        let judgement = &self.judgement;
        let actions = judgement.actions.iter().take(clean.limits.actions);
        Decided {
            verdict: judgement.verdict.word(),
            tool: clean.text(&judgement.tool),
            actor: judgement.actor.as_ref().map(|actor| ActorLine {
                kind: actor.kind.word(),
                name: actor.name.as_ref().map(|name| clean.text(name)),
                signals: clean.all(&actor.signals),
            }),
            actions: actions.map(|judged| clean.action(judged)).collect(),
            count: judgement.actions.len(),
            reasons: clean.all(&judgement.reasons),
            request: judgement.request.as_deref(),
            policy: &self.policy,
        }
    }
}

/// Redacts and cuts.
struct Cleaner<'a> {
    redactor: &'a Redactor,
    limits: &'a Limits,
}

impl Cleaner<'_> {
    fn text(&self, text: &str) -> String {
        visible(&self.redactor.text(text), self.limits.clause)
    }

    fn all(&self, texts: &[String]) -> Vec<String> {
        texts.iter().take(self.limits.clauses).map(|text| self.text(text)).collect()
    }

    fn input(&self, input: &Digested) -> Digested {
        Digested { name: self.text(&input.name), ..input.clone() }
    }

    fn action(&self, judged: &Judged) -> ActionLine {
        let action = &judged.action;
        let target = &action.target;
        let evidence = target.evidence.iter().take(self.limits.clauses);
        ActionLine {
            effect: action.effect.word(),
            flags: action.flags.iter().map(|flag| flag.word()).collect(),
            operation: self.text(&action.operation),
            object: action.object.as_ref().map(|object| self.text(object)),
            scope: action.scope.word(),
            summary: self.text(&action.summary),
            rule: self.text(&action.rule),
            verdict: judged.verdict.word(),
            by: self.text(&judged.decided_by),
            target: TargetLine {
                platform: self.text(&target.platform),
                name: target.name.as_ref().map(|name| self.text(name)),
                class: judged.class.word(),
                why: self.all(&judged.class_reasons),
                evidence: evidence
                    .map(|found| EvidenceLine {
                        grade: found.grade.word(),
                        kind: found.kind.word(),
                        source: self.text(&found.source),
                        value: self.text(&found.value),
                    })
                    .collect(),
                gap: target.gap.as_ref().map(|gap| self.text(gap)),
            },
        }
    }
}

/// `line` with every character that acts on a terminal as a JSON escape.
pub fn escape(line: &str) -> String {
    let acts = |letter: char| {
        letter.is_control()
            || (!letter.is_ascii() && visible(letter.encode_utf8(&mut [0; 4]), 1).len() > 4)
    };
    if !line.chars().any(acts) {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    for letter in line.chars() {
        if acts(letter) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(letter);
        }
    }
    out
}

#[derive(Serialize)]
struct Line<'a> {
    v: u8,
    seq: u64,
    prev: &'a str,
    ts: String,
    kind: &'static str,
    id: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    by: By,
    #[serde(skip_serializing_if = "Option::is_none")]
    saw: Option<Saw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<Decided<'a>>,
}

#[derive(Serialize)]
struct By {
    uid: u32,
    user: String,
    pid: u32,
}

#[derive(Serialize)]
struct Saw {
    gate: &'static str,
    argv: Vec<String>,
    /// How many words there were; `argv` may hold fewer.
    words: usize,
    cwd: Option<String>,
    inputs: Vec<Digested>,
}

#[derive(Serialize)]
struct Decided<'a> {
    verdict: &'static str,
    tool: String,
    actor: Option<ActorLine>,
    actions: Vec<ActionLine>,
    /// How many actions there were; `actions` may hold fewer.
    count: usize,
    reasons: Vec<String>,
    request: Option<&'a str>,
    policy: &'a str,
}

#[derive(Serialize)]
struct ActorLine {
    kind: &'static str,
    name: Option<String>,
    signals: Vec<String>,
}

#[derive(Serialize)]
struct ActionLine {
    effect: &'static str,
    flags: Vec<&'static str>,
    operation: String,
    object: Option<String>,
    scope: &'static str,
    summary: String,
    rule: String,
    verdict: &'static str,
    by: String,
    target: TargetLine,
}

#[derive(Serialize)]
struct TargetLine {
    platform: String,
    name: Option<String>,
    class: &'static str,
    why: Vec<String>,
    evidence: Vec<EvidenceLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<String>,
}

#[derive(Serialize)]
struct EvidenceLine {
    grade: &'static str,
    kind: &'static str,
    source: String,
    value: String,
}
