//! A judgement as JSON: holdpoint's public interface for programs. Only
//! shapes values; prints nothing.

use serde::Serialize;

use crate::judgement::{Judged, Judgement};
use crate::target::Target;

/// The JSON object of a judgement.
#[derive(Serialize)]
struct Report<'a> {
    version: u8,
    verdict: &'static str,
    actor: Option<&'static str>,
    tool: Option<&'a str>,
    actions: Vec<ActionReport<'a>>,
    target: Option<TargetReport<'a>>,
    targets: Vec<TargetReport<'a>>,
    reasons: &'a [String],
    phrase: Option<&'a str>,
    request: Option<&'a str>,
}

#[derive(Serialize)]
struct ActionReport<'a> {
    effect: &'static str,
    flags: Vec<&'static str>,
    operation: &'a str,
    object: Option<&'a str>,
    scope: &'static str,
    summary: &'a str,
    rule: &'a str,
    verdict: &'static str,
}

#[derive(PartialEq, Serialize)]
struct TargetReport<'a> {
    platform: &'a str,
    class: &'static str,
    name: Option<&'a str>,
    evidence: Vec<EvidenceReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<&'a str>,
}

#[derive(PartialEq, Serialize)]
struct EvidenceReport<'a> {
    grade: &'static str,
    kind: &'static str,
    source: &'a str,
    value: &'a str,
}

/// The judgement as one JSON object, without a line end.
pub fn json(judgement: &Judgement) -> String {
    let mut targets: Vec<TargetReport<'_>> = Vec::new();
    for judged in &judgement.actions {
        let report = target(judged);
        if !judged.action.target.platform.is_empty() && !targets.contains(&report) {
            targets.push(report);
        }
    }
    let report = Report {
        version: 1,
        verdict: judgement.verdict.word(),
        actor: judgement.actor.as_ref().map(|actor| actor.kind.word()),
        tool: (!judgement.tool.is_empty()).then_some(judgement.tool.as_str()),
        actions: judgement.actions.iter().map(action).collect(),
        target: judgement.worst().filter(|judged| has_target(&judged.action.target)).map(target),
        targets,
        reasons: &judgement.reasons,
        phrase: judgement.phrase.as_deref(),
        request: judgement.request.as_deref(),
    };
    serde_json::to_string(&report).unwrap_or_else(|error| {
        format!("{{\"version\":1,\"verdict\":\"refuse\",\"reasons\":[\"{error}\"]}}")
    })
}

/// The targets alone, as `where` shows them: one JSON array.
pub fn targets_json(judgement: &Judgement) -> String {
    let targets: Vec<TargetReport<'_>> = judgement.actions.iter().map(target).collect();
    serde_json::to_string(&targets).unwrap_or_else(|_| "[]".to_owned())
}

fn has_target(target: &Target) -> bool {
    !target.platform.is_empty() || !target.evidence.is_empty()
}

fn action(judged: &Judged) -> ActionReport<'_> {
    let action = &judged.action;
    ActionReport {
        effect: action.effect.word(),
        flags: action.flags.iter().map(|flag| flag.word()).collect(),
        operation: &action.operation,
        object: action.object.as_deref(),
        scope: action.scope.word(),
        summary: &action.summary,
        rule: &action.rule,
        verdict: judged.verdict.word(),
    }
}

fn target(judged: &Judged) -> TargetReport<'_> {
    let target = &judged.action.target;
    TargetReport {
        platform: &target.platform,
        class: judged.class.word(),
        name: target.name.as_deref(),
        gap: target.gap.as_deref(),
        evidence: target
            .evidence
            .iter()
            .map(|evidence| EvidenceReport {
                grade: evidence.grade.word(),
                kind: evidence.kind.word(),
                source: &evidence.source,
                value: &evidence.value,
            })
            .collect(),
    }
}
