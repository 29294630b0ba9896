//! Brace expansion, `a{b,c}d` → `abd acd` and `{1..3}` → `1 2 3`, as bash does
//! it before anything else.

use super::Part;

/// The words that the braces of one word make; none if there would be more
/// than `limit`.
pub fn expand(parts: &[Part], limit: usize) -> Option<Vec<Vec<Part>>> {
    if !parts.contains(&Part::Mark(b'{')) {
        return Some(vec![parts.to_vec()]);
    }
    let mut budget = Budget { calls: limit, parts: MAX_PARTS };
    words(parts, limit, &mut budget)
}

/// The most parts that are looked at and copied for one word.
const MAX_PARTS: usize = 100_000;

/// What is left of the work that one word may be, so that neither nesting nor
/// length makes it long.
struct Budget {
    calls: usize,
    parts: usize,
}

impl Budget {
    fn pay(&mut self, calls: usize, parts: usize) -> Option<()> {
        self.calls = self.calls.checked_sub(calls)?;
        self.parts = self.parts.checked_sub(parts)?;
        Some(())
    }
}

fn words(parts: &[Part], limit: usize, budget: &mut Budget) -> Option<Vec<Vec<Part>>> {
    budget.pay(1, parts.len())?;
    for Group { open, close, commas } in groups(parts) {
        let before = parts.get(..open)?;
        let inside = parts.get(open + 1..close)?;
        let choices = match commas.as_slice() {
            [] => sequence(inside, limit)?,
            _ => Some(alternatives(parts, open, &commas, close, limit, budget)?),
        };
        let Some(choices) = choices else { continue };
        let tails = words(parts.get(close + 1..)?, limit, budget)?;
        if choices.len().checked_mul(tails.len())? > limit {
            return None;
        }
        let mut out = Vec::new();
        for choice in &choices {
            for tail in &tails {
                budget.pay(0, before.len() + choice.len() + tail.len())?;
                out.push([before, choice, tail].concat());
            }
        }
        return Some(out);
    }
    Some(vec![parts.to_vec()])
}

fn alternatives(
    parts: &[Part],
    open: usize,
    commas: &[usize],
    close: usize,
    limit: usize,
    budget: &mut Budget,
) -> Option<Vec<Vec<Part>>> {
    let mut out = Vec::new();
    let mut start = open + 1;
    for end in commas.iter().copied().chain([close]) {
        out.extend(words(parts.get(start..end)?, limit, budget)?);
        if out.len() > limit {
            return None;
        }
        start = end + 1;
    }
    Some(out)
}

/// A pair of braces, and the commas that stand in it and in no other.
struct Group {
    open: usize,
    close: usize,
    commas: Vec<usize>,
}

/// Every pair of braces, in the order in which they open. One pass, however
/// many are open or within one another.
fn groups(parts: &[Part]) -> Vec<Group> {
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut found = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Mark(b'{') => open.push((at, Vec::new())),
            Part::Mark(b',') => {
                if let Some((_, commas)) = open.last_mut() {
                    commas.push(at);
                }
            }
            Part::Mark(b'}') => {
                if let Some((begin, commas)) = open.pop() {
                    found.push(Group { open: begin, close: at, commas });
                }
            }
            _ => {}
        }
    }
    found.sort_unstable_by_key(|group| group.open);
    found
}

/// `1..10`, `a..e`, `1..10..2`: `Some(None)` where it is no sequence, `None`
/// where it has too many members.
fn sequence(inside: &[Part], limit: usize) -> Option<Option<Vec<Vec<Part>>>> {
    let [Part::Text { bytes, quoted: false }] = inside else { return Some(None) };
    let Ok(text) = std::str::from_utf8(bytes) else { return Some(None) };
    let pieces: Vec<&str> = text.split("..").collect();
    let (first, last, step) = match pieces.as_slice() {
        [first, last] => (*first, *last, "1"),
        [first, last, step] => (*first, *last, *step),
        _ => return Some(None),
    };
    let Ok(step) = step.parse::<i64>() else { return Some(None) };
    let step = step.unsigned_abs().max(1);
    let letter = |text: &str| {
        let mut letters = text.chars();
        letters.next().filter(|first| first.is_ascii_alphabetic() && letters.next().is_none())
    };
    let (from, to, letters) = match (first.parse::<i64>(), last.parse::<i64>()) {
        (Ok(from), Ok(to)) => (from, to, false),
        _ => match (letter(first), letter(last)) {
            (Some(from), Some(to)) => (i64::from(u32::from(from)), i64::from(u32::from(to)), true),
            _ => return Some(None),
        },
    };
    let count = from.abs_diff(to) / step;
    if count >= u64::try_from(limit).ok()? {
        return None;
    }
    let width = [first, last]
        .iter()
        .filter(|text| text.trim_start_matches('-').starts_with('0') && text.len() > 1)
        .map(|text| text.len())
        .max()
        .unwrap_or(0);
    let mut out = Vec::new();
    for index in 0..=count {
        let offset = i64::try_from(index.checked_mul(step)?).ok()?;
        let value = if from <= to { from.checked_add(offset)? } else { from.checked_sub(offset)? };
        let text = if letters {
            u32::try_from(value).ok().and_then(char::from_u32)?.to_string()
        } else {
            format!("{value:0width$}")
        };
        out.push(vec![Part::Text { bytes: text.into_bytes(), quoted: letters }]);
    }
    Some(Some(out))
}

#[cfg(test)]
mod tests {
    use super::super::{Body, parse};
    use super::*;

    fn expanded(word: &str) -> Option<Vec<String>> {
        let list = parse(&format!("echo {word}")).unwrap();
        let Body::Simple(simple) = &list.entries[0].pipelines[0].1.commands[0].body else {
            panic!("{word}")
        };
        let words = expand(&simple.words[1].parts, 64)?;
        let text = |parts: Vec<Part>| {
            let mut out = String::new();
            for part in parts {
                match part {
                    Part::Text { bytes, .. } => out.push_str(std::str::from_utf8(&bytes).unwrap()),
                    Part::Mark(byte) => out.push(char::from(byte)),
                    other => panic!("{other:?}"),
                }
            }
            out
        };
        Some(words.into_iter().map(text).collect())
    }

    #[test]
    fn braces_expand_as_bash_does() {
        for word in [
            "a{b,c}d",
            "{a,b}{1,2}",
            "{1..3}",
            "{3..1}",
            "{a..e..2}",
            "{01..03}",
            "x{a,{b,c}}y",
            "{a}",
            "{}",
            "{a,b",
            "a,b}",
            "{a,}",
            "\\{a,b}",
            "{'a,b',c}",
            "{1..2..x}",
            "{-1..1}",
            "a{b{c,d}e}f",
            "{a,b}}",
            "{{a,b}",
            "-{c,f}",
        ] {
            let output = std::process::Command::new("bash")
                .args(["-c", &format!("printf '%s\\n' {word}")])
                .output()
                .unwrap();
            let real: Vec<String> =
                String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
            // An empty word that nothing quotes is dropped later.
            let mut ours = expanded(word).unwrap();
            ours.retain(|word| !word.is_empty());
            assert_eq!(ours, real, "{word}");
        }
    }

    #[test]
    fn too_many_words_are_no_words() {
        assert_eq!(expanded("{1..100000000}"), None);
        assert_eq!(expanded(&"{a,b}".repeat(40)), None);
        let nested = format!("{}a,b{}", "{".repeat(500), "}".repeat(500));
        assert_eq!(expanded(&nested).unwrap().len(), 2);
        let nested = format!("{}a,b{}", "{x,".repeat(500), "}".repeat(500));
        assert_eq!(expanded(&nested), None);
        let long = format!("{}{}", "{1..1}".repeat(40), ",x".repeat(20_000));
        assert_eq!(expanded(&long), None);
    }
}
