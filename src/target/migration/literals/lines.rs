//! The literals of a settings file, line by line.

use super::{MAX_DEPTH, MAX_PAIRS, Pair, Said, is_name, of_code};

/// What the lines of an INI, TOML, properties or plain YAML file say.
pub fn of_lines(text: &str) -> Vec<Pair> {
    let mut out: Vec<Pair> = Vec::new();
    let mut section = String::new();
    // YAML's blocks: the indentation of each and its name.
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut anchors: Vec<(String, String)> = Vec::new();
    for line in text.lines().take(10_000) {
        let body = line.trim();
        if body.is_empty() || body.starts_with(['#', ';', '!']) || out.len() >= MAX_PAIRS {
            continue;
        }
        if let Some(name) = body.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            name.0.trim_matches('[').trim().clone_into(&mut section);
            blocks.clear();
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        while blocks.last().is_some_and(|(depth, _)| *depth >= indent) {
            blocks.pop();
        }
        let equals = body.find('=').unwrap_or(usize::MAX);
        let colon = body.find(':').unwrap_or(usize::MAX);
        let Some((key, value)) = body.split_at_checked(equals.min(colon)) else { continue };
        let key = key.trim().trim_matches(['"', '\'']);
        let value = value.get(1..).unwrap_or_default().trim();
        let path = || -> Vec<String> {
            let own = blocks.iter().map(|(_, name)| name.clone());
            (!section.is_empty()).then(|| section.clone()).into_iter().chain(own).collect()
        };
        if key == "<<" {
            let anchor = value.trim_start_matches('*');
            let from = anchors.iter().find(|(name, _)| name == anchor).map(|(_, at)| at.clone());
            let copied: Vec<Pair> = out
                .iter()
                .filter(|pair| pair.path.first() == from.as_ref() && from.is_some())
                .map(|pair| Pair { path: path(), ..pair.clone() })
                .collect();
            out.extend(copied);
            continue;
        }
        if value.is_empty() || value.starts_with('&') {
            if let Some(anchor) = value.strip_prefix('&') {
                anchors.push((anchor.to_owned(), key.to_owned()));
            }
            if blocks.len() < MAX_DEPTH {
                blocks.push((indent, key.to_owned()));
            }
            continue;
        }
        let pair = Pair { path: path(), key: key.to_lowercase(), said: line_said(value) };
        out.push(pair);
    }
    out
}

/// What stands behind a key on its line.
fn line_said(value: &str) -> Said {
    if value.contains("<%") {
        let inside = value.split_once("<%").map_or(value, |(_, inside)| inside);
        let names: Vec<Pair> = of_code(inside, false);
        let variable = names.into_iter().find(|pair| matches!(pair.said, Said::Variable(_)));
        return variable.map_or(Said::Computed, |pair| pair.said);
    }
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            value.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default()
        }
        _ => value.split(" #").next().unwrap_or_default().trim(),
    };
    let wrapped = ["${env.", "${env:", "${", "%env(resolve:", "%env(", "%%"]
        .iter()
        .find_map(|start| value.strip_prefix(start));
    if let Some(name) = wrapped {
        let name = name.trim_end_matches(['}', ')', '%']);
        if is_name(name) {
            return Said::Variable(name.to_owned());
        }
    }
    match value.contains("${") || value.contains("%(") || value.contains("{{") {
        true => Said::Computed,
        false => Said::Text(value.to_owned()),
    }
}
