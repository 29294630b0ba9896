//! Turns `rules/*.toml` into constants. The words in them were checked when they
//! were parsed; what is left to see is that no two files cover one program.

use std::fmt::Write as _;

use crate::source::{
    self, CaseSource, CommandSource, ContrastSource, ObjectSource, OptionsSource, RetargetSource,
    SearchSource, SessionSource, TargetSourceSource, ToolSource, WrapperSource,
};

/// The constants of the rule files, and the tables that programs are found in.
pub fn generate(tools: &[ToolSource]) -> String {
    let mut out = String::from(
        "/// Every rule file, in the order of their names.\npub static TOOLS: &[Tool] = &[\n",
    );
    for tool in tools {
        write_tool(&mut out, tool);
    }
    out.push_str("];\n");
    // What touches holdpoint's own files is asked beside a program's own rules.
    let (files, others): (Vec<_>, Vec<_>) =
        tools.iter().enumerate().partition(|(_, tool)| tool.reader == "files");
    for (name, tools) in [("PROGRAMS", others), ("FILES", files)] {
        let mut programs: Vec<(u64, &str, usize)> = Vec::new();
        for (index, tool) in tools {
            let entry = |program| (source::key(str::as_bytes(program)), program, index);
            programs.extend(tool.programs.iter().map(|program| entry(program.as_str())));
        }
        programs.sort();
        if let Some(twice) = programs.windows(2).find(|pair| pair[0].1 == pair[1].1) {
            panic!("two rule files cover the program `{}`", twice[0].1);
        }
        let _ = writeln!(out, "static {name}: &[(u64, &str, u16)] = &{programs:?};");
    }
    out
}

fn write_tool(out: &mut String, tool: &ToolSource) {
    let _ = writeln!(
        out,
        "Tool {{ name: {:?}, programs: &{:?}, about: {:?}, checked: {:?}, preview: {:?}, shim: {}, \
         style: Style::{}, reader: Reader::{}, platform: {:?}, target: &[{}], options: {}, \
         wrapper: {}, session: {}, search: {}, retargets: &[{}], destroys: &{:?}, harmless: &{:?}, \
         contrast: {}, firsts: &{:?}, wraps: {}, commands: &[",
        tool.tool,
        tool.programs,
        tool.about,
        tool.checked,
        tool.preview,
        tool.shim,
        tool.style.to_uppercase(),
        capital(&tool.reader),
        tool.platform,
        targets(&tool.target),
        options(&tool.options),
        wrapper(tool.wrapper.as_ref()),
        session(tool.session.as_ref()),
        search(tool.search.as_ref()),
        retargets(&tool.retarget),
        tool.destroys,
        tool.harmless,
        contrast(tool.contrast.as_ref()),
        source::firsts(&tool.command),
        tool.command.iter().any(|command| command.wrapper.is_some()),
    );
    for command in &tool.command {
        write_command(out, command);
    }
    out.push_str("] },\n");
}

fn write_command(out: &mut String, command: &CommandSource) {
    let path: Vec<String> =
        source::path_words(&command.path).iter().map(|word| format!("&{word:?}")).collect();
    let cases: Vec<String> = command.when.iter().map(case).collect();
    let _ = writeln!(
        out,
        "Command {{ path: &[{}], options: {}, effect: {}, flags: {}, scope: Scope::{}, \
         object: {}, says: {:?}, instead: {:?}, cases: &[{}], wrapper: {}, \
         destroys: &{:?}, harmless: &{:?} }},",
        path.join(", "),
        options(&command.options),
        effect(command.effect.as_deref()),
        flags(&command.flags),
        capital(command.scope.as_deref().unwrap_or("environment")),
        object(command.object.as_ref()),
        command.says,
        command.instead,
        cases.join(", "),
        wrapper(command.wrapper.as_ref()),
        command.destroys,
        command.harmless,
    );
}

fn object(object: Option<&ObjectSource>) -> String {
    object.map_or("None".to_owned(), |object| {
        let from: Vec<String> = object.from.iter().map(|from| source_of(from)).collect();
        format!("Some(Object {{ kind: {:?}, from: &[{}] }})", object.kind, from.join(", "))
    })
}

fn case(case: &CaseSource) -> String {
    format!(
        "Case {{ option: {:?}, values: &{:?}, absent: {}, effect: {}, flags: {}, says: {} }}",
        case.option.split('/').next_back().unwrap_or_default(),
        case.values,
        case.absent,
        effect(case.effect.as_deref()),
        case.flags.as_ref().map_or("None".to_owned(), |list| format!("Some({})", flags(list))),
        case.says.as_ref().map_or("None".to_owned(), |says| format!("Some({says:?})")),
    )
}

fn options(options: &OptionsSource) -> String {
    let list: Vec<String> = options
        .all()
        .map(|(spec, arity)| {
            let names: Vec<&str> = spec.split('/').collect();
            format!("Opt {{ names: &{names:?}, arity: Arity::{arity} }}")
        })
        .collect();
    format!("&[{}]", list.join(", "))
}

/// An action's effect, where there is one.
pub fn effect(effect: Option<&str>) -> String {
    effect.map_or("None".to_owned(), |word| format!("Some(Effect::{})", capital(word)))
}

/// An action's flags.
pub fn flags(list: &[String]) -> String {
    let list: Vec<String> = list.iter().map(|word| format!("Flag::{}", capital(word))).collect();
    format!("Flags::of(&[{}])", list.join(", "))
}

fn targets(sources: &[TargetSourceSource]) -> String {
    let sources: Vec<String> = sources
        .iter()
        .map(|source| {
            let from = if source.file.is_empty() {
                source_of(&source.from)
            } else {
                format!(
                    "Source::File(&SettingsFile {{ path: {:?}, format: Format::{}, key: &{:?}, above: {} }})",
                    source.file,
                    capital(format_of(source.format_word())),
                    source.steps(),
                    source.above,
                )
            };
            format!(
                "TargetSource {{ kind: Kind::{}, from: {from}, unless: {:?} }}",
                capital(&source.kind),
                source.unless.trim_start_matches('$'),
            )
        })
        .collect();
    sources.join(", ")
}

fn retargets(list: &[RetargetSource]) -> String {
    let list: Vec<String> = list
        .iter()
        .map(|retarget| {
            let path: Vec<String> = source::path_words(&retarget.path)
                .iter()
                .map(|word| format!("&{word:?}"))
                .collect();
            let options: Vec<String> = retarget
                .options
                .iter()
                .map(|spec| format!("&{:?}", spec.split('/').collect::<Vec<_>>()))
                .collect();
            format!(
                "Retarget {{ path: &[{}], options: &[{}], with: &{:?}, without: &{:?}, \
                 only: &{:?}, except: &{:?}, file: {:?}, \
                 format: Format::{}, key: &{:?}, above: {}, value: {:?} }}",
                path.join(", "),
                options.join(", "),
                retarget.with,
                retarget.without,
                retarget.only,
                retarget.except,
                retarget.file,
                capital(format_of(retarget.format_word())),
                retarget.steps(),
                retarget.above,
                retarget.value,
            )
        })
        .collect();
    list.join(", ")
}

/// The name of a format that has two.
fn format_of(word: &str) -> &str {
    match word {
        "yml" => "yaml",
        "cfg" => "ini",
        word => word,
    }
}

fn wrapper(wrapper: Option<&WrapperSource>) -> String {
    let Some(wrapper) = wrapper else { return "None".to_owned() };
    let inner = match wrapper.inner.as_str() {
        "words" => "Inner::Words".to_owned(),
        "line" => "Inner::Line".to_owned(),
        "rest" => "Inner::Rest".to_owned(),
        option => format!("Inner::Option({option:?})"),
    };
    format!(
        "Some(Wrapper {{ inner: {inner}, skip: {}, assignments: {}, clears: &{:?}, unsets: &{:?}, \
         chdir: &{:?}, splits: &{:?}, not_with: &{:?}, appends: {}, replaces: &{:?}, words_with: &{:?}, shells: &{:?}, \
         starts_shell: {}, keeps: &{:?}, keeps_open: {}, other_user: {}, front: {}, direct: {}, lines: &{:?}, scripts: &{:?}, hides_env: {}, \
         env_in: &{:?}, \
         place: {:?}, names: &[{}], attaches: &{:?}, \
         detaches: &{:?}, sets: &{:?}, entry: &{:?} }})",
        wrapper.skip,
        wrapper.assignments,
        wrapper.clears,
        wrapper.unsets,
        wrapper.chdir,
        wrapper.splits,
        wrapper.not_with,
        wrapper.appends,
        wrapper.replaces,
        wrapper.words_with,
        wrapper.shells,
        wrapper.starts_shell,
        wrapper.keeps,
        wrapper.keeps_open,
        wrapper.other_user,
        wrapper.front,
        wrapper.direct,
        wrapper.lines,
        wrapper.scripts,
        wrapper.hides_env,
        wrapper.env_in,
        wrapper.place,
        targets(&wrapper.names),
        wrapper.attaches,
        wrapper.detaches,
        wrapper.sets,
        wrapper.entry,
    )
}

fn session(session: Option<&SessionSource>) -> String {
    let Some(session) = session else { return "None".to_owned() };
    format!(
        "Some(Session {{ read_only: {:?}, unless: {:?}, not_stopped: {:?}, instead: {:?} }})",
        session.read_only, session.unless, session.not_stopped, session.instead,
    )
}

fn search(search: Option<&SearchSource>) -> String {
    let Some(search) = search else { return "None".to_owned() };
    format!(
        "Some(Search {{ dotenv: &{:?}, upward: {}, env_files: &{:?}, configs: &{:?}, merges: {}, \
         config_options: &{:?}, environment: &{:?}, default: {:?}, chdir: &{:?}, over: &{:?}, \
         default_keys: &{:?} }})",
        search.dotenv,
        search.upward,
        search.env_files,
        search.configs,
        search.merges,
        search.config_options,
        search.environment,
        search.default,
        search.chdir,
        search.over,
        search.default_keys,
    )
}

/// The lines that do the same in every place.
pub fn contrast(contrast: Option<&ContrastSource>) -> String {
    let Some(contrast) = contrast else { return "&Contrast::NONE".to_owned() };
    let files: Vec<(&String, &String)> = contrast.files.iter().collect();
    let rows: Vec<(&str, &str)> = contrast.rows().collect();
    let none = &contrast.none;
    format!("&Contrast {{ files: &{files:?}, none: {none:?}, rows: &{rows:?} }}")
}

fn source_of(from: &str) -> String {
    if let Some(name) = from.strip_prefix('$') {
        return format!("Source::Variable({name:?})");
    }
    if let Some(value) = from.strip_prefix('=') {
        return format!("Source::Default({value:?})");
    }
    if from == "@hostname" {
        return "Source::Hostname".to_owned();
    }
    match from.strip_prefix('#') {
        Some("*") => "Source::Positionals".to_owned(),
        Some(number) => format!("Source::Positional({number})"),
        None => format!("Source::Option({:?})", from.split('/').next_back().unwrap_or_default()),
    }
}

/// A word of a rule file as the variant that it stands for.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}
