//! Lines of gdb's and of gnuplot's → the commands in them. By gdb 13.1,
//! and gnuplot's manual from memory; nothing is run and no file is read.

use super::{Fed, Found, Started, Words, ex};

/// The most lines that are looked at.
const MAX_LINES: usize = 2_000;

/// Lines of gdb's: `shell`, `!`, `pipe`, `python`, a call of `system`.
pub fn gdb(text: &str) -> Found {
    let mut found = Found::default();
    for line in text.lines().take(MAX_LINES) {
        let line = line.trim_start();
        let (name, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        if let Some(line) = line.strip_prefix('!') {
            found.add(Started::line(line));
            continue;
        }
        match name {
            "shell" => found.add(Started::line(rest)),
            "pipe" | "|" => {
                if let Some((_, line)) = rest.rsplit_once('|') {
                    found.add(Started { words: Words::Line(line.into()), fed: Fed::Computed });
                }
            }
            "python" | "py" if !rest.is_empty() => {
                let words = ["python3", "-c", rest].map(str::to_owned).to_vec();
                found.add(Started { words: Words::List(words), fed: Fed::Inherited });
            }
            _ => ex::functions(line, &mut found),
        }
    }
    found
}

/// Statements of gnuplot's: `!`, `system`, backquotes, and files that are a
/// command's output.
pub fn gnuplot(text: &str) -> Found {
    let mut found = Found::default();
    for line in text.lines().take(MAX_LINES) {
        if let Some(line) = line.trim_start().strip_prefix('!') {
            found.add(Started::line(line));
            continue;
        }
        let mut rest = line;
        while let Some(at) = rest.find(['"', '\'', '`', '#']) {
            let (front, quoted) = rest.split_at_checked(at).unwrap_or_default();
            let Some(quote) = quoted.chars().next().filter(|quote| *quote != '#') else { break };
            let (value, behind) = ex::quoted(quoted);
            rest = behind;
            let runs = quote == '`' || front.trim_end_matches(['(', ' ', '\t']).ends_with("system");
            match value.trim_start().strip_prefix(['<', '|']) {
                _ if runs => found.add(Started::line(value)),
                Some(line) => found.add(Started::line(line)),
                None => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(found: Found) -> Vec<String> {
        let line = |one: Started| match one.words {
            Words::Line(line) => line,
            Words::List(words) => words.join("+"),
        };
        found.started.into_iter().map(line).collect()
    }

    #[test]
    fn commands_are_found_where_gdb_runs_them() {
        let text =
            "shell a b\n!c\nbreak main\npipe p x | d\npython e()\ncall (int)system(\"f\")\nrun";
        assert_eq!(lines(gdb(text)), ["a b", "c", " d", "python3+-c+e()", "f"]);
    }

    #[test]
    fn commands_are_found_where_gnuplot_runs_them() {
        let text = "!a\nset title \"x\"; system \"b 'c'\"\nx = system('d')\nplot '< e' using 1 # system 'f'\n\
                    y = `g`\nset output \"|h\"";
        assert_eq!(lines(gnuplot(text)), ["a", "b 'c'", "d", " e", "g", "h"]);
    }
}
