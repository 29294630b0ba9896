//! The programs that `python`, `node`, `ruby`, `perl`, `php` and `deno` are
//! given: by an option (`-c`, `-e`), on standard input, or as a file. Commands
//! that one starts are judged as if a shell had them. Code is not read as a
//! program beyond that, only looked through for a database's or a platform's
//! library beside something that takes away: both together are code that could
//! not be read; neither alone is anything. A file, which may be a whole
//! application, has to show a statement or call that takes everything.

use std::path::{Path, PathBuf};

use super::{mention, program, seen};
use crate::action::Action;
use crate::actions::{Call, Reading};
use crate::invocation::{HOLE, Input, Invocation, Stdin};
use crate::parse::argv::Parsed;
use crate::parse::calls;
use crate::parse::code::Syntax;
use crate::parse::{imports, url};
use crate::target::dotenv::Environment;
use crate::target::{Class, Evidence, Kind, Target};
use crate::world::{ReadError, World};

/// The longest code of an option or of standard input that is looked through,
/// in bytes.
const LIMIT: usize = 64 * 1024;

/// How much of a file is looked through, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// The most texts in it that are read as SQL.
const MAX_TEXTS: usize = 200;

/// Programs that no library is named like.
const CLIENTS: &[&str] = &["psql", "mongosh", "redis-cli"];

/// What says of an action that it is code which was looked through.
pub(super) const RULE: &str = "code/inline";

/// Where code stands.
enum Origin {
    /// In the words, or on standard input.
    Given,
    /// In this file.
    File(PathBuf),
}

/// How the code of a program is written; none for one that runs no code.
fn syntax(tool: &str) -> Option<Syntax> {
    Some(match tool {
        "perl" => Syntax::Perl,
        "php" => Syntax::Php,
        "python" => Syntax::Python,
        "ruby" => Syntax::Ruby,
        "node" | "deno" => Syntax::Script,
        _ => return None,
    })
}

/// The options whose values are code.
fn letters(tool: &str) -> &'static [&'static str] {
    match tool {
        "node" => &["--eval", "--print"],
        "perl" => &["-e", "-E"],
        "php" => &["-B", "-R", "-E", "-r"],
        "python" => &["-c"],
        _ => &["-e"],
    }
}

/// Whether the words of a call hold its code.
pub(super) fn is_given(call: &Call<'_>, parsed: &Parsed<'_>) -> bool {
    letters(call.tool.name).iter().any(|letter| parsed.has(letter)) || is_eval(call, parsed)
}

/// `deno eval`
fn is_eval(call: &Call<'_>, parsed: &Parsed<'_>) -> bool {
    call.tool.name == "deno" && parsed.path.first().is_some_and(|word| word.text == "eval")
}

/// What the program of a call could do. `is_file` says whether its first
/// positional is a file that no rule knows better.
pub(super) fn read(call: &Call<'_>, parsed: &Parsed<'_>, is_file: bool) -> Reading {
    let mut reading = Reading::default();
    let Some(syntax) = syntax(call.tool.name) else { return reading };
    let Some((code, origin)) = code(call, parsed, is_file) else { return reading };
    let own = matches!(origin, Origin::Given) && syntax == Syntax::Python;
    if own && !["-I", "-P"].iter().any(|option| parsed.has(option)) {
        let words = calls::read(&code, syntax).words;
        for (text, path) in imported(call, &code) {
            let text = imports::reached(&text, &words);
            reading.absorb(look(call, syntax, &text, &Origin::File(path)));
        }
    }
    reading.absorb(look(call, syntax, &code, &origin));
    reading
}

/// The modules of one's own that code brings in: those that lie here.
fn imported(call: &Call<'_>, code: &str) -> Vec<(String, PathBuf)> {
    let mut out = Vec::new();
    for name in imports::modules(code) {
        let path = name.replace('.', "/");
        let names = [format!("{path}.py"), format!("{path}/__init__.py")];
        let found = names.iter().find_map(|path| file(call, path));
        if let Some((text, Origin::File(path))) = found {
            out.push((text, path));
        }
    }
    out
}

/// What code could do that stands there.
fn look(call: &Call<'_>, syntax: Syntax, code: &str, origin: &Origin) -> Reading {
    let mut reading = Reading::default();
    let read = calls::read(code, syntax);
    let mut outer = call.context.invocation.clone();
    if let Origin::File(path) = origin {
        outer.scripts.push(path.clone());
        outer.loosely = true;
    }
    reading.inner = program::commands(&read, &outer, call.context.world);
    if matches!(origin, Origin::Given) {
        let paths = program::loads(&read, syntax);
        reading.inner.extend(paths.into_iter().map(|path| run(&outer, path)));
    }
    let mut env = Environment::real(call.context);
    // A client's name may be that of a command which is read already.
    let is_read = |word: &str| !reading.inner.is_empty() && CLIENTS.contains(&word);
    let loose = || {
        let reaches = words(code).find(|word| seen::is_library(word) && !is_read(word))?;
        Some((reaches.to_owned(), takes_away(code)?))
    };
    let found = seen::find(&read).map(|seen| (seen.reaches, seen.takes));
    let found = found.filter(|(reaches, _)| !is_read(reaches));
    let (found, name) = match origin {
        Origin::Given => (found.or_else(loose), "it".to_owned()),
        Origin::File(path) => (found, path.display().to_string()),
    };
    let Some((reaches, takes)) = found else { return reading };
    let mut target = target(code);
    if target.evidence.is_empty() {
        if read.words.iter().any(|word| word.contains("dotenv")) {
            env.load(".env");
        }
        target = seen::target(&read, &env);
    }
    let why = format!("{name} uses {reaches} and says {takes}");
    reading.actions.push(Action {
        rule: RULE.into(),
        target,
        instead: Some(
            "Give the statement to the platform's own client, whose words are judged one by one."
                .into(),
        ),
        ..Action::opaque("inline code", crate::text::visible(&why, 200))
    });
    reading
}

/// Code that starts a command whose name it computes: code that could not be
/// read, where it names a guarded tool and takes something away.
pub(super) fn unread(code: &str, world: &dyn World) -> Option<Action> {
    let takes = takes_away(code).filter(|_| mention::names_a_tool(code, world))?;
    let why = format!("it runs a command that it computes, and says {takes}");
    Some(Action {
        rule: RULE.into(),
        target: target(code),
        instead: Some("Run the command itself, whose words are judged one by one.".into()),
        ..Action::opaque("computed command", crate::text::visible(&why, 200))
    })
}

/// The call of the same interpreter with a file.
fn run(outer: &Invocation, path: String) -> Invocation {
    let program = outer.argv.iter().take(1).cloned();
    Invocation {
        argv: program.chain([path.into()]).collect(),
        dynamic: Vec::new(),
        templates: Vec::new(),
        ..outer.clone()
    }
}

/// The files of one's own that Node loads in front of the program (`node -r
/// ./x.js`).
pub(super) fn preloaded(call: &Call<'_>, parsed: &Parsed<'_>) -> Vec<Invocation> {
    let given = ["--require", "--import"].into_iter().flat_map(|option| parsed.all(option));
    let values = given.filter_map(|given| given.value).filter(|value| !value.dynamic);
    let paths = values.filter_map(|value| value.text.to_str()).filter(|path| is_path(path));
    paths.take(10).map(|path| run(call.context.invocation, path.to_owned())).collect()
}

/// Whether a name is a file's and not a package's.
pub(super) fn is_path(name: &str) -> bool {
    ["./", "../", "/"].iter().any(|start| name.starts_with(start))
}

/// The code that a call runs, and where it stands.
fn code(call: &Call<'_>, parsed: &Parsed<'_>, is_file: bool) -> Option<(String, Origin)> {
    let invocation = call.context.invocation;
    let mut code = String::new();
    let options = letters(call.tool.name).iter().flat_map(|letter| parsed.all(letter));
    let values = options.filter_map(|given| given.value).map(|it| (it.index, it.text, it.dynamic));
    let words = parsed.positionals.iter().take(usize::from(is_eval(call, parsed)));
    for (index, text, dynamic) in values.chain(words.map(|it| (it.index, it.text, it.dynamic))) {
        let known = invocation.templates.iter().find(|(at, _)| *at == index);
        let text = match (dynamic, known) {
            (true, Some((_, template))) => template.to_string_lossy().replace(HOLE, "hole"),
            _ => text.to_string_lossy().into_owned(),
        };
        code.push_str(&text);
        code.push('\n');
    }
    if !code.is_empty() {
        return (code.len() <= LIMIT).then_some((code, Origin::Given));
    }
    let first = super::launcher::file_word(call, parsed);
    if is_file {
        let path = first.filter(|word| !word.dynamic)?.text.to_str()?;
        if call.tool.name == "python" && parsed.has("-m") {
            let path = path.replace('.', "/");
            let module = file(call, &format!("{path}.py"));
            return module.or_else(|| file(call, &format!("{path}/__main__.py")));
        }
        return file(call, path);
    }
    let fed = !matches!(invocation.stdin, Stdin::Inherited);
    if first.is_none_or(|word| word.text == "-")
        && fed
        && let Input::Text(text) = call.context.stdin(LIMIT)
    {
        return Some((String::from_utf8_lossy(&text).into_owned(), Origin::Given));
    }
    None
}

/// A file's code, unless it is being read already; of a long one the front.
fn file(call: &Call<'_>, path: &str) -> Option<(String, Origin)> {
    let context = &call.context;
    let read = |path: &str| {
        let whole = context.resolve(path);
        if context.invocation.scripts.contains(&whole) {
            return None;
        }
        let bytes = match context.read(Path::new(path), MAX_FILE) {
            Err(ReadError::TooLarge(_)) => context.read_start(Path::new(path), MAX_FILE),
            other => other,
        };
        Some((bytes.ok().filter(|bytes| !bytes.contains(&0))?, whole))
    };
    // node finds `x.js` by `x`, and a folder's program by its package.json.
    let short = call.tool.name == "node" && !path.ends_with("js") && !path.ends_with("ts");
    let main = || {
        let bytes = context.read(Path::new(path).join("package.json"), MAX_FILE).ok()?;
        let package = serde_json::from_slice::<serde_json::Value>(&bytes).ok()?;
        read(&format!("{path}/{}", package.get("main")?.as_str()?))
    };
    let longer = || {
        let own = read(&format!("{path}.js")).or_else(|| read(&format!("{path}.ts")));
        own.or_else(main).or_else(|| read(&format!("{path}/index.js")))
    };
    let found = read(path).or_else(|| short.then(longer).flatten());
    let (bytes, whole) = found?;
    Some((String::from_utf8_lossy(&bytes).into_owned(), Origin::File(whole)))
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !(letter.is_alphanumeric() || "._-@".contains(letter)))
        .flat_map(|word| std::iter::once(word).chain(word.split('.')))
        .filter(|word| !word.is_empty())
}

/// The first thing in it that takes something away: a text that is such SQL,
/// or such a name.
fn takes_away(code: &str) -> Option<String> {
    let mut names = String::new();
    let mut rest = code;
    let mut count = 0;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (front, quoted) = rest.split_at_checked(at)?;
        names.push_str(front);
        names.push(' ');
        let quote = quoted.chars().next()?;
        let inside = quoted.get(1..)?;
        // A text in three quotes begins with an empty one.
        let end = inside.find(quote).unwrap_or(inside.len());
        let text = inside.get(..end)?;
        rest = inside.get((end + 1).min(inside.len())..)?;
        count += 1;
        if count > MAX_TEXTS {
            return Some("more than is looked at".to_owned());
        }
        if let Some(statement) = seen::destroying(text) {
            return Some(statement);
        }
    }
    names.push_str(rest);
    let name = |word: &&str| {
        seen::is_large(word)
            || ["flushall", "flushdb", "downgrade"].contains(&word.to_lowercase().as_str())
    };
    words(&names).filter(|word| !word.contains('.')).find(name).map(str::to_owned)
}

/// Where it lands, by the addresses in it.
fn target(code: &str) -> Target {
    let mut evidence = Vec::new();
    let pieces = code.split(|letter: char| letter.is_whitespace() || "\"'`,;()".contains(letter));
    for piece in pieces.take(2_000) {
        let named = piece.rsplit_once("host=");
        let named = named.filter(|(front, _)| front.is_empty() || front.ends_with([':', '?', '&']));
        let host = match named {
            Some((_, host)) => Some(host.split('&').next().unwrap_or(host).to_owned()),
            None if piece.contains("://") => url::parse(piece).map(|url| url.host),
            None => None,
        };
        let Some(host) = host.filter(|host| !host.is_empty()) else { continue };
        let local = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
        let found = Evidence::name(Kind::Host, "the code", crate::text::visible(&host, 80));
        evidence.push(if local { found.asserting(Class::Local) } else { found });
        if evidence.len() == 8 {
            break;
        }
    }
    Target { evidence, ..Target::of("code") }
}
