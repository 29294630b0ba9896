//! The part of an SQL file that applying it runs: goose, dbmate, sql-migrate
//! and rambler keep what takes it back in the same file, behind a comment.

/// What begins a section.
enum Mark {
    Up,
    Down,
}

/// The comment of a tool that begins a section, if the line is one.
fn mark(line: &str) -> Option<Mark> {
    let comment = line.trim().strip_prefix("--")?.trim_start();
    let comment = comment.strip_prefix("//").unwrap_or(comment).to_ascii_lowercase();
    let mut words = comment.split_whitespace();
    let first = words.next()?;
    let word = match first {
        "+goose" | "+migrate" | "+micrate" | "rambler" => words.next()?,
        "migrate:up" => "up",
        "migrate:down" | "@undo" => "down",
        _ => return None,
    };
    match word {
        "up" => Some(Mark::Up),
        "down" => Some(Mark::Down),
        _ => None,
    }
}

/// The text without the sections that take it back; their lines stay empty.
pub(super) fn applied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut down = false;
    for line in text.split_inclusive('\n') {
        match mark(line) {
            Some(Mark::Up) => down = false,
            Some(Mark::Down) => down = true,
            None => {}
        }
        out.push_str(if down { "\n" } else { line });
    }
    out
}
