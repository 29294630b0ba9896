//! Which paths a program's words touch, and how. Knows of each program only
//! what tells a path that is written from one that is read; a word too many
//! costs nothing, since only holdpoint's own paths count. Words in, paths out.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::own::Touch;
use crate::invocation::{Context, HOLE, Input};
use crate::parse::patch;

/// A path and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// It is touched where it stands.
    Touched {
        /// The path, as a shell has it.
        text: Vec<u8>,
        /// What is done to it.
        touch: Touch<'static>,
    },
    /// A file lands there.
    Landing {
        /// The path, as a shell has it.
        text: Vec<u8>,
        /// Where it comes from.
        source: OsString,
    },
    /// What is found below it is removed.
    Searched {
        /// The path, as a shell has it.
        text: Vec<u8>,
        /// Patterns of the names that count.
        names: Vec<String>,
    },
}

/// The name under which agents' own editors are judged: `edit-file --write
/// PATH` with the content on standard input, `edit-file --change PATH TEXT…`
/// with what is taken out of it, `edit-file --remove PATH`.
pub const EDITOR: &str = "edit-file";

/// What stands in `find`'s words in front of a program that it runs.
const RUNS: &[&[u8]] = &[b"-exec", b"-execdir", b"-ok", b"-okdir"];

/// Programs that take away what `find` gives them.
const REMOVERS: &[&[u8]] =
    &[b"rm", b"unlink", b"shred", b"truncate", b"mv", b"sed", b"perl", b"chmod", b"chown", b"dd"];

/// Options of `find` whose value is a name or a path to match.
const MATCHERS: &[&[u8]] = &[b"-name", b"-iname", b"-path", b"-ipath", b"-wholename"];

/// The paths that a command's words touch.
pub fn read(context: &Context<'_>) -> Vec<Path> {
    let invocation = context.invocation;
    let words: Vec<Vec<u8>> =
        (1..invocation.argv.len()).map(|index| template(context, index)).collect();
    match invocation.tool() {
        "rm" | "unlink" | "trash" | "trash-put" | "srm" => {
            let deep = matches!(invocation.tool(), "trash" | "trash-put")
                || has(&words, "rR", &["--recursive"]);
            touched(positionals(&words), Touch::Remove { deep })
        }
        "mv" => {
            let (sources, mut out) = landings(&words);
            out.extend(touched(sources, Touch::Remove { deep: true }));
            out
        }
        "cp" | "ln" | "rsync" => {
            let mut out = landings(&words).1;
            let deletes = words.iter().any(|word| word.starts_with(b"--del"));
            if deletes && let Some(to) = positionals(&words).last() {
                out.extend(touched(vec![to], Touch::Remove { deep: true }));
            }
            out
        }
        "install" if has(&words, "d", &["--directory"]) => Vec::new(),
        "install" => landings(&words).1,
        "tee" if has(&words, "a", &["--append"]) => touched(positionals(&words), Touch::Append),
        "tee" | "truncate" | "shred" => touched(positionals(&words), Touch::Replace(None)),
        "dd" => {
            let to = words.iter().filter_map(|word| word.strip_prefix(b"of="));
            to.map(|text| Path::Touched { text: text.to_vec(), touch: Touch::Replace(None) })
                .collect()
        }
        EDITOR => {
            let touch = match words.first().map(Vec::as_slice) {
                Some(b"--remove") => Touch::Remove { deep: true },
                Some(b"--write") => Touch::Replace(None),
                _ => Touch::Edit { named: names_us(words.get(2..).unwrap_or_default()) },
            };
            touched(words.get(1).into_iter().collect(), touch)
        }
        "apply_patch" | "applypatch" => patched(context, &words),
        "sed" | "gsed" | "perl" if !in_place(&words) => Vec::new(),
        "find" => search(&words),
        // chmod, chown, chattr, setfacl, sed -i, patch, editors.
        _ => touched(positionals(&words), Touch::Edit { named: names_us(&words) }),
    }
}

/// The files of a patch, which is the one word of `apply_patch`, or its
/// standard input: no program on PATH, but what Codex makes of such a line
/// (0.169.0: seen to change files outside the sandbox's folders).
fn patched(context: &Context<'_>, words: &[Vec<u8>]) -> Vec<Path> {
    let text = match words.first() {
        Some(word) => String::from_utf8_lossy(word).into_owned(),
        None => match context.stdin(super::super::TEXT_LIMIT) {
            Input::Text(text) => String::from_utf8_lossy(&text).into_owned(),
            Input::Terminal | Input::Opaque(_) => return Vec::new(),
        },
    };
    let touch = |change: &patch::Change| match change {
        patch::Change::Add(_) => Touch::Replace(None),
        patch::Change::Cut(lines) => Touch::Edit { named: names_us(&[lines.clone().into_bytes()]) },
        patch::Change::Remove => Touch::Remove { deep: true },
    };
    patch::files(&text)
        .into_iter()
        .map(|file| Path::Touched { touch: touch(&file.change), text: file.path.into_bytes() })
        .collect()
}

/// Word `index`, with [`HOLE`] for what is computed.
fn template(context: &Context<'_>, index: usize) -> Vec<u8> {
    let invocation = context.invocation;
    let known = invocation.templates.iter().find(|(at, _)| *at == index);
    match (known, invocation.is_dynamic(index)) {
        (Some((_, text)), _) => text.as_bytes().to_vec(),
        (None, true) => HOLE.as_bytes().to_vec(),
        (None, false) => {
            invocation.argv.get(index).map_or_else(Vec::new, |word| word.as_bytes().to_vec())
        }
    }
}

fn touched(texts: Vec<&Vec<u8>>, touch: Touch<'static>) -> Vec<Path> {
    texts.into_iter().map(|text| Path::Touched { text: text.clone(), touch }).collect()
}

/// The words that are no options.
fn positionals(words: &[Vec<u8>]) -> Vec<&Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == b"--" {
            out.extend(rest);
            break;
        }
        if !word.starts_with(b"-") || word == b"-" {
            out.push(word);
        }
    }
    out
}

/// Whether one of the short options, bundled or not, or of the long ones is
/// given.
fn has(words: &[Vec<u8>], letters: &str, long: &[&str]) -> bool {
    let options = words.iter().take_while(|word| *word != b"--");
    options.filter_map(|word| word.strip_prefix(b"-")).any(|word| match word.strip_prefix(b"-") {
        Some([]) => false,
        Some(name) => {
            long.iter().any(|option| option.as_bytes().starts_with(&[b"--", name].concat()))
        }
        None => word.iter().any(|letter| letters.as_bytes().contains(letter)),
    })
}

/// Whether sed or perl writes the files that it reads.
fn in_place(words: &[Vec<u8>]) -> bool {
    words.iter().take_while(|word| *word != b"--").any(|word| {
        let Some(letters) = word.strip_prefix(b"-") else { return false };
        if letters.starts_with(b"-") {
            return word.starts_with(b"--in-place");
        }
        // What follows these letters is their value.
        let own =
            letters.iter().take_while(|letter| !b"efElMmI".contains(letter) || **letter == b'E');
        own.into_iter().any(|letter| *letter == b'i')
    })
}

fn names_us(words: &[Vec<u8>]) -> bool {
    words.iter().any(|word| {
        word.windows(9).any(|part| part.eq_ignore_ascii_case(b"holdpoint"))
            || word.windows(3).any(|part| part == b">>>" || part == b"<<<")
    })
}

/// Sources, and where each of them lands.
fn landings(words: &[Vec<u8>]) -> (Vec<&Vec<u8>>, Vec<Path>) {
    let mut plain = positionals(words);
    let folder = words.iter().enumerate().find_map(|(at, word)| {
        if word == b"-t" || word == b"--target-directory" {
            return words.get(at + 1);
        }
        None
    });
    let attached = words.iter().find_map(|word| word.strip_prefix(b"--target-directory="));
    let to = match (folder, attached) {
        (Some(folder), _) => {
            plain.retain(|word| *word != folder);
            folder.clone()
        }
        (None, Some(folder)) => folder.to_vec(),
        (None, None) => match plain.len() {
            0 => return (plain, Vec::new()),
            // `ln -s TARGET`: into the directory.
            1 => b".".to_vec(),
            _ => plain.pop().cloned().unwrap_or_default(),
        },
    };
    let mut out = Vec::new();
    for from in &plain {
        let source = OsString::from_vec((*from).clone());
        let trimmed = from.strip_suffix(b"/").unwrap_or(from);
        let name = trimmed.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let inside = [to.as_slice(), b"/", name].concat();
        out.push(Path::Landing { text: inside, source: source.clone() });
        out.push(Path::Landing { text: to.clone(), source });
    }
    (plain, out)
}

/// `find`: where it starts, if what it finds is removed.
fn search(words: &[Vec<u8>]) -> Vec<Path> {
    let removes = words.iter().enumerate().any(|(at, word)| {
        let program = words
            .get(at + 1)
            .map(|next| next.rsplit(|byte| *byte == b'/').next().unwrap_or_default());
        word == b"-delete"
            || (RUNS.contains(&word.as_slice())
                && program.is_some_and(|program| REMOVERS.contains(&program)))
    });
    if !removes || words.iter().any(|word| word == b"-empty") {
        return Vec::new();
    }
    let names: Vec<String> = words
        .windows(2)
        .filter_map(|pair| match pair {
            [option, value] if MATCHERS.contains(&option.as_slice()) => Some(value),
            _ => None,
        })
        .map(|value| {
            let text = String::from_utf8_lossy(value).into_owned();
            let last = text.trim_end_matches("/*").rsplit('/').next().unwrap_or_default();
            last.to_owned()
        })
        .collect();
    let leading = |word: &&Vec<u8>| matches!(word.as_slice(), b"-H" | b"-L" | b"-P");
    let starts: Vec<&Vec<u8>> = words
        .iter()
        .skip_while(leading)
        .take_while(|word| !matches!(word.first(), Some(b'-' | b'(' | b'!')))
        .collect();
    let here = b".".to_vec();
    let starts = if starts.is_empty() { vec![&here] } else { starts };
    starts
        .into_iter()
        .map(|text| Path::Searched { text: text.clone(), names: names.clone() })
        .collect()
}
