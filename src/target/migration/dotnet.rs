//! Where Entity Framework's commands land: `--connection`, the connection
//! strings of appsettings.json and of the environment's own file, each with
//! the variable that goes over it. Which of several the context takes, the
//! program's code says, so each counts. User secrets are not read.

use std::path::{Path, PathBuf};

use super::literals::{self, Said};
use super::search::Search;

/// The names that projects begin with, for strings that stand in variables
/// alone.
const USUAL: &[&str] = &["defaultconnection", "default", "database"];

/// Adds every place that the call may be about.
pub(super) fn resolve(search: &mut Search<'_>) {
    // Without either variable, `dotnet ef` sets Development.
    let environment = search
        .environment(&["$ASPNETCORE_ENVIRONMENT", "$DOTNET_ENVIRONMENT"], Some("Development"));
    // Words behind `--` are the program's own: `-- --environment Production`.
    let environment = told(search).or(environment).unwrap_or_default();
    let folder = ["--startup-project", "--project"].iter().find_map(|option| {
        let value = search.parsed.value(option)?;
        Some((PathBuf::from(value.text), value.dynamic))
    });
    if folder.as_ref().is_some_and(|(_, dynamic)| *dynamic) {
        return search.gap("which project it is about is computed at run time");
    }
    let folder = folder.map(|(path, _)| path).unwrap_or_default();
    let is_file =
        folder.extension().is_some_and(|ending| ending.to_string_lossy().ends_with("proj"));
    let folder = if is_file { folder.parent().unwrap_or(Path::new("")) } else { &folder };
    let mut found: Vec<(String, Said, String)> = Vec::new();
    for file in [format!("appsettings.{environment}.json"), "appsettings.json".to_owned()] {
        let Some(text) = search.read(folder.join(&file)) else { continue };
        let strings = literals::of_code(&text, false).into_iter().filter(|pair| {
            pair.path.last().is_some_and(|block| block.eq_ignore_ascii_case("ConnectionStrings"))
        });
        for pair in strings {
            // The environment's own file is read first here, and wins.
            if found.iter().all(|(name, ..)| *name != pair.key) {
                found.push((pair.key, pair.said, file.clone()));
            }
        }
    }
    let names: Vec<String> = found.iter().map(|(name, ..)| name.clone()).collect();
    let usual = USUAL.iter().filter(|name| names.iter().all(|other| other != *name));
    for name in names.iter().map(String::as_str).chain(usual.copied()) {
        match (variable(search, name), found.iter().find(|(own, ..)| own == name)) {
            (Some((text, source)), _) => search.url(&text, &source),
            (None, Some((_, Said::Text(text), file))) => search.url(text, file),
            (None, Some((.., file))) => search.gap(&format!("{file} puts its strings together")),
            (None, None) => {}
        }
    }
    if search.is_empty() {
        search.default_variables();
    }
}

/// The environment that words for the program choose, as .NET's host reads
/// them.
fn told(search: &Search<'_>) -> Option<String> {
    let from = search.parsed.before_dashes?;
    let mut words = search.parsed.positionals.get(from..)?.iter().map(|word| word.text.to_str());
    while let Some(word) = words.next() {
        let Some(name) = word.and_then(|it| it.strip_prefix("--").or_else(|| it.strip_prefix('/')))
        else {
            continue;
        };
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (name, None),
        };
        if name.eq_ignore_ascii_case("environment") {
            return value.or_else(|| words.next().flatten()).map(str::to_owned);
        }
    }
    None
}

/// `ConnectionStrings__NAME`, whatever the case.
fn variable(search: &Search<'_>, name: &str) -> Option<(String, String)> {
    let wanted = format!("connectionstrings__{name}");
    let own = search.context.invocation.env.iter().map(|(name, _)| name.clone());
    let all = search.context.world.vars().into_iter().map(|(name, _)| name).chain(own);
    let spelled = all.filter_map(|name| name.into_string().ok());
    let name = spelled.into_iter().find(|name| name.eq_ignore_ascii_case(&wanted))?;
    Some((search.context.text_var(&name)?, name))
}
