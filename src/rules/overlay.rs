//! The user's own rule files, `rules/PROGRAM.toml` in holdpoint's
//! configuration folder: read only if there is one for the program at hand.
//! They add to the compiled-in rules and never take anything away: a program
//! with both is read by both, and the worse reading counts.

use std::path::PathBuf;

use super::source::{
    self, CommandSource, ContrastSource, ObjectSource, OptionsSource, RetargetSource,
    TargetSourceSource, ToolSource, WrapperSource,
};
use super::{
    Arity, Case, Command, Contrast, Inner, Object, Opt, Reader, Retarget, SettingsFile, Source,
    Style, TargetSource, Tool, Wrapper,
};
use crate::action::{Effect, Flag, Flags, Scope};
use crate::parse::settings::Format;
use crate::target::Kind;
use crate::world::{ReadError, World};

/// The longest rule file that is read, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;

/// Where the user's rule files are.
pub fn folder(world: &dyn World) -> Option<PathBuf> {
    Some(world.account_home()?.join(".config/holdpoint/rules"))
}

/// The user's rules for a program.
///
/// # Errors
/// A sentence with file, line and column if the file is there and not right.
pub fn find(program: &str, world: &dyn World) -> Result<Option<&'static Tool>, String> {
    if program.is_empty() || program.contains('/') || program.starts_with('.') {
        return Ok(None);
    }
    let Some(path) = path(program, world) else { return Ok(None) };
    let text = match world.read(&path, MAX_FILE) {
        Ok(text) => text,
        Err(ReadError::Missing) => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let text = String::from_utf8_lossy(&text);
    compile(&text).map(Some).map_err(|error| format!("{}: {error}", path.display()))
}

/// Where the user's rule file for a program would be.
pub fn path(program: &str, world: &dyn World) -> Option<PathBuf> {
    Some(folder(world)?.join(format!("{program}.toml")))
}

/// A rule file's text as rules.
///
/// # Errors
/// A sentence with line and column where TOML has them.
pub fn compile(text: &str) -> Result<&'static Tool, String> {
    let tool = source::parse(text)?;
    if tool.reader != "table" {
        return Err("only reader = \"table\" can be added".to_owned());
    }
    Ok(leak(lower(tool)))
}

/// Makes a value last as long as the process: a rule file is read at most a
/// few times before the process becomes the tool or ends.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn text(value: &str) -> &'static str {
    Box::leak(value.to_owned().into_boxed_str())
}

fn list<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(values.into_iter().collect::<Vec<T>>().into_boxed_slice())
}

fn texts(values: &[String]) -> &'static [&'static str] {
    list(values.iter().map(|value| text(value)))
}

fn lower(tool: ToolSource) -> Tool {
    Tool {
        name: text(&tool.tool),
        programs: texts(&tool.programs),
        about: text(&tool.about),
        checked: text(&tool.checked),
        preview: text(&tool.preview),
        shim: tool.shim,
        style: style(&tool.style),
        reader: Reader::Table,
        platform: text(&tool.platform),
        target: list(tool.target.iter().filter_map(target)),
        options: options(&tool.options),
        commands: list(tool.command.iter().map(command)),
        firsts: list(source::firsts(&tool.command)),
        wraps: tool.command.iter().any(|command| command.wrapper.is_some()),
        wrapper: tool.wrapper.as_ref().map(wrapper),
        // Only a reader knows where the words belong.
        session: None,
        search: None,
        retargets: list(tool.retarget.iter().map(retarget)),
        destroys: texts(&tool.destroys),
        harmless: texts(&tool.harmless),
        contrast: tool.contrast.as_ref().map_or(&Contrast::NONE, contrast),
    }
}

fn contrast(source: &ContrastSource) -> &'static Contrast {
    leak(Contrast {
        files: list(source.files.iter().map(|(path, file)| (text(path), text(file)))),
        none: text(&source.none),
        rows: list(source.rows().map(|(effect, line)| (effect, text(line)))),
    })
}

fn style(word: &str) -> Style {
    match word {
        "getopt" => Style::GETOPT,
        "clap" | "pflag" => Style::CLAP,
        "argparse" => Style::ARGPARSE,
        "yargs" => Style::YARGS,
        "go" => Style::GO,
        "curl" => Style::CURL,
        "exact" => Style::EXACT,
        _ => Style::GETOPT_LONG,
    }
}

fn target(source: &TargetSourceSource) -> Option<TargetSource> {
    let from = if source.file.is_empty() {
        place(&source.from)
    } else {
        Source::File(leak(SettingsFile {
            path: text(&source.file),
            format: Format::from_word(source.format_word())?,
            key: list(source.steps().into_iter().map(text)),
            above: source.above,
        }))
    };
    let unless = text(source.unless.trim_start_matches('$'));
    Some(TargetSource { kind: Kind::from_word(&source.kind)?, from, unless })
}

fn retarget(retarget: &RetargetSource) -> Retarget {
    let path = source::path_words(&retarget.path);
    Retarget {
        path: list(path.into_iter().map(|names| list(names.into_iter().map(text)))),
        options: list(retarget.options.iter().map(|spec| list(spec.split('/').map(text)))),
        with: texts(&retarget.with),
        without: texts(&retarget.without),
        only: texts(&retarget.only),
        except: texts(&retarget.except),
        file: text(&retarget.file),
        format: Format::from_word(retarget.format_word()).unwrap_or(Format::Text),
        key: list(retarget.steps().into_iter().map(text)),
        above: retarget.above,
        value: retarget.value.as_deref().map(text),
    }
}

fn options(options: &OptionsSource) -> &'static [Opt] {
    list(options.all().map(|(spec, arity)| Opt {
        names: list(spec.split('/').map(text)),
        arity: match arity {
            "Flag" => Arity::Flag,
            "Value" => Arity::Value,
            "Attached" => Arity::Attached,
            "Optional" => Arity::Optional,
            "Words(2)" => Arity::Words(2),
            "Words(3)" => Arity::Words(3),
            _ => Arity::Rest,
        },
    }))
}

fn command(command: &CommandSource) -> Command {
    let path = source::path_words(&command.path);
    Command {
        path: list(path.into_iter().map(|names| list(names.into_iter().map(text)))),
        options: options(&command.options),
        effect: command.effect.as_deref().and_then(Effect::from_word),
        flags: flags(&command.flags),
        scope: command.scope.as_deref().and_then(Scope::from_word).unwrap_or_default(),
        object: command.object.as_ref().map(object),
        says: text(&command.says),
        instead: text(&command.instead),
        cases: list(command.when.iter().map(|case| Case {
            option: text(case.option.split('/').next_back().unwrap_or_default()),
            values: texts(&case.values),
            absent: case.absent,
            effect: case.effect.as_deref().and_then(Effect::from_word),
            flags: case.flags.as_deref().map(flags),
            says: case.says.as_deref().map(text),
        })),
        wrapper: command.wrapper.as_ref().map(wrapper),
        destroys: texts(&command.destroys),
        harmless: texts(&command.harmless),
    }
}

fn flags(words: &[String]) -> Flags {
    words.iter().filter_map(|word| Flag::from_word(word)).fold(Flags::NONE, Flags::with)
}

fn object(object: &ObjectSource) -> Object {
    Object { kind: text(&object.kind), from: list(object.from.iter().map(|from| place(from))) }
}

fn place(from: &str) -> Source {
    if let Some(name) = from.strip_prefix('$') {
        return Source::Variable(text(name));
    }
    if let Some(value) = from.strip_prefix('=') {
        return Source::Default(text(value));
    }
    if from == "@hostname" {
        return Source::Hostname;
    }
    match from.strip_prefix('#') {
        Some("*") => Source::Positionals,
        Some(number) => Source::Positional(number.parse().unwrap_or(1)),
        None => Source::Option(text(from.split('/').next_back().unwrap_or_default())),
    }
}

fn wrapper(wrapper: &WrapperSource) -> Wrapper {
    Wrapper {
        inner: match wrapper.inner.as_str() {
            "words" => Inner::Words,
            "line" => Inner::Line,
            "rest" => Inner::Rest,
            option => Inner::Option(text(option)),
        },
        skip: wrapper.skip,
        assignments: wrapper.assignments,
        clears: texts(&wrapper.clears),
        unsets: texts(&wrapper.unsets),
        chdir: texts(&wrapper.chdir),
        splits: texts(&wrapper.splits),
        not_with: texts(&wrapper.not_with),
        appends: wrapper.appends,
        replaces: texts(&wrapper.replaces),
        words_with: texts(&wrapper.words_with),
        shells: texts(&wrapper.shells),
        starts_shell: wrapper.starts_shell,
        keeps: texts(&wrapper.keeps),
        keeps_open: wrapper.keeps_open,
        other_user: wrapper.other_user,
        front: wrapper.front,
        direct: wrapper.direct,
        lines: texts(&wrapper.lines),
        scripts: texts(&wrapper.scripts),
        hides_env: wrapper.hides_env,
        env_in: texts(&wrapper.env_in),
        place: wrapper.place.as_deref().map(text),
        names: list(wrapper.names.iter().filter_map(target)),
        attaches: texts(&wrapper.attaches),
        detaches: texts(&wrapper.detaches),
        sets: texts(&wrapper.sets),
        entry: texts(&wrapper.entry),
    }
}
