//! Whether the trail says that a person confirmed a command of certain words.
//! Reads the newest files of the trail; like the trail itself, it
//! does not bind somebody who may write that file.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{folder, read};
use crate::world::World;

/// How many of the trail's newest files are read.
const FILES: usize = 2;

/// Whether a person has confirmed a command whose words are `words`, the first
/// and the last two of them, within the last `age`.
pub fn confirmed(words: [&str; 3], age: Duration, world: &dyn World) -> bool {
    let Ok(files) = folder(world).and_then(|folder| read::files(&folder)) else { return false };
    let newest = files.iter().rev().take(FILES).rev();
    let lines = newest.filter_map(|path| read::Lines::open(path).ok()).flatten();
    // The ids of the commands that were asked about.
    let mut asked: Vec<String> = Vec::new();
    let mut found = false;
    let [_, _, last] = words;
    for line in lines.map_while(Result::ok) {
        let about = holds(&line.bytes, last.as_bytes());
        if !about && !asked.iter().any(|id| holds(&line.bytes, id.as_bytes())) {
            continue;
        }
        let Ok(record) = serde_json::from_slice::<Value>(&line.bytes) else { continue };
        let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("outcome") {
            "asked" if has_words(&record, words) => asked.push(text("id").to_owned()),
            "confirmed" if asked.iter().any(|id| id == text("id")) => {
                found |= is_within(text("ts"), age, world.now());
            }
            _ => {}
        }
    }
    found
}

fn has_words(record: &Value, [first, name, value]: [&str; 3]) -> bool {
    let argv = record.pointer("/saw/argv").and_then(Value::as_array);
    let argv: Vec<&str> = argv.into_iter().flatten().filter_map(Value::as_str).collect();
    argv.first() == Some(&first) && argv.ends_with(&[name, value])
}

fn is_within(ts: &str, age: Duration, now: SystemTime) -> bool {
    let Ok(time) = humantime::parse_rfc3339(ts) else { return false };
    now.duration_since(time).is_ok_and(|passed| passed <= age)
}

fn holds(line: &[u8], word: &[u8]) -> bool {
    crate::text::find(line, word).is_some()
}
