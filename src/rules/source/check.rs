//! What is wrong with a rule file that is well-formed TOML: words that are none,
//! and commands without a sentence or examples.

use super::{
    CommandSource, ContrastSource, EFFECTS, FLAGS, FORMATS, KINDS, OptionsSource, PLACES, READERS,
    RetargetSource, SCOPES, SETTINGS, STYLES, ToolSource, WrapperSource,
};

/// Checks a rule file.
///
/// # Errors
/// A sentence that names the command and the word.
pub fn tool(tool: &ToolSource) -> Result<(), String> {
    one_of("style", &tool.style, STYLES)?;
    one_of("reader", &tool.reader, READERS)?;
    options(&tool.options)?;
    for source in &tool.target {
        one_of("target kind", &source.kind, KINDS)?;
        if source.from.is_empty() == source.file.is_empty() {
            return Err("a target stands in either `from` or `file`".to_owned());
        }
        if !source.unless.is_empty() && !source.unless.starts_with('$') {
            return Err("`unless` is a variable: `$NAME`".to_owned());
        }
        if !source.file.is_empty() {
            one_of("format of a settings file", source.format_word(), FORMATS)?;
        }
    }
    wrapper(tool.wrapper.as_ref())?;
    tool.contrast.as_ref().map_or(Ok(()), ContrastSource::check)?;
    for one in &tool.retarget {
        retarget(one).map_err(|error| format!("retarget `{}`: {error}", one.path))?;
    }
    if tool.search.is_some() && tool.reader != "migration" {
        return Err("only `reader = \"migration\"` has a [search]".to_owned());
    }
    for one in &tool.command {
        command(one).map_err(|error| format!("command `{}`: {error}", one.path))?;
    }
    Ok(())
}

fn wrapper(wrapper: Option<&WrapperSource>) -> Result<(), String> {
    let Some(wrapper) = wrapper else { return Ok(()) };
    if let Some(place) = &wrapper.place {
        one_of("place", place, PLACES)?;
    }
    wrapper.names.iter().try_for_each(|source| one_of("target kind", &source.kind, KINDS))
}

fn retarget(retarget: &RetargetSource) -> Result<(), String> {
    if retarget.file.starts_with('@') {
        one_of("settings file", &retarget.file, SETTINGS)?;
    }
    if !retarget.format.is_empty() {
        one_of("format of a settings file", &retarget.format, FORMATS)?;
    }
    let options = [&retarget.options, &retarget.with, &retarget.without];
    match options.into_iter().flatten().find(|name| !name.starts_with('-')) {
        Some(name) => Err(format!("`{name}` is no option")),
        None => Ok(()),
    }
}

fn command(command: &CommandSource) -> Result<(), String> {
    options(&command.options)?;
    wrapper(command.wrapper.as_ref())?;
    if let Some(effect) = &command.effect {
        one_of("effect", effect, EFFECTS)?;
    }
    if let Some(scope) = &command.scope {
        one_of("scope", scope, SCOPES)?;
    }
    for flag in &command.flags {
        one_of("flag", flag, FLAGS)?;
    }
    for case in &command.when {
        if let Some(effect) = &case.effect {
            one_of("effect", effect, EFFECTS)?;
        }
        for flag in case.flags.iter().flatten() {
            one_of("flag", flag, FLAGS)?;
        }
    }
    let destroys = command.effect.as_deref() == Some("destroy");
    if destroys && command.says.is_empty() {
        return Err("a command that destroys must say what it does (`says`)".to_owned());
    }
    if destroys && (command.destroys.is_empty() || command.harmless.is_empty()) {
        return Err(
            "a command that destroys needs examples in `destroys` and `harmless`".to_owned()
        );
    }
    Ok(())
}

fn options(options: &OptionsSource) -> Result<(), String> {
    for (spec, _) in options.all() {
        if spec.split('/').any(|name| !name.starts_with('-') || name.len() < 2) {
            return Err(format!("`{spec}` is no option"));
        }
    }
    Ok(())
}

fn one_of(what: &str, word: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&word) {
        return Ok(());
    }
    Err(format!("`{word}` is no {what}; it is one of {}", words.join(", ")))
}
