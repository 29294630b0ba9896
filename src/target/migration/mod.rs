//! Where a migration tool's command lands, by what the tool itself would
//! read: an explicit URL, the variable that its configuration names, the
//! process's environment, the tool's own `.env` files, what the
//! configuration says literally. A source that wins for certain ends the
//! search; where two may win, both are targets, and the more dangerous
//! counts. What no source says has a gap. Nothing is run.

mod dotnet;
mod frameworks;
mod groups;
mod literals;
mod script;
mod search;
mod tools;

use super::{Class, Evidence, Kind, Target};
use crate::actions::Call;
use crate::invocation::COMPUTED;
use crate::parse::argv::Parsed;
use crate::rules;
use search::Search;

/// Every place where a call may land; at least one.
pub fn resolve(call: &Call<'_>, parsed: &Parsed<'_>) -> Vec<Target> {
    let mut search = Search::new(call, parsed);
    if !search.explicit() {
        match call.tool.name {
            "prisma" => frameworks::prisma(&mut search),
            "rails" => frameworks::rails(&mut search),
            "django-admin" => frameworks::django(&mut search),
            "artisan" => frameworks::laravel(&mut search),
            "aerich" => tools::aerich(&mut search),
            "alembic" => frameworks::alembic(&mut search),
            "db-migrate" => tools::db_migrate(&mut search),
            "doctrine" => tools::symfony(&mut search),
            "dotnet" => dotnet::resolve(&mut search),
            "mvn" => tools::maven(&mut search),
            "node-pg-migrate" => tools::node_pg_migrate(&mut search),
            "sequelize-cli" => tools::sequelize(&mut search),
            "sqitch" => tools::sqitch(&mut search),
            "strapi" => tools::strapi(&mut search),
            "supabase" => frameworks::supabase(&mut search),
            _ => match &call.tool.search {
                Some(places) => by_places(&mut search, places),
                None => search.default_variables(),
            },
        }
    }
    search.finish()
}

/// The search of a tool that has nothing peculiar.
fn by_places(search: &mut Search<'_>, places: &rules::Search) {
    let (files, typed) = configurations(search, places);
    let environment = search
        .environment(places.environment, None)
        .or_else(|| files.iter().find_map(|path| search.chosen_in(path, places.default_keys)))
        .or_else(|| places.default.map(str::to_owned));
    load_env(search, places, environment.as_deref());
    search.variables(|name| places.over.iter().any(|it| it.strip_prefix('$') == Some(name)));
    if !search.is_empty() {
        return;
    }
    // The first that is there is the tool's; a tool that merges several has
    // them listed as one group.
    let mut found = false;
    for path in &files {
        if found && !typed && !places.merges {
            break;
        }
        let there = search.config(path, environment.as_deref());
        if typed && !there {
            search.gap(&format!("the configuration {path} cannot be read"));
        }
        found |= there;
    }
    if search.is_empty() {
        search.default_variables();
    }
}

/// Loads the `.env` files that words or variables name, else the tool's own.
fn load_env(search: &mut Search<'_>, places: &rules::Search, environment: Option<&str>) {
    let mut named: Vec<String> = Vec::new();
    for source in places.env_files {
        match source.strip_prefix('$') {
            Some(name) => named.extend(search.context.text_var(name)),
            None => {
                for value in search.parsed.all(source).filter_map(|given| given.value) {
                    if value.dynamic {
                        search.gap(&format!("the value of {source} is computed at run time"));
                    }
                    named.push(value.text.to_string_lossy().into_owned());
                }
            }
        }
    }
    if named.is_empty() {
        return search.load_dotenv(places.dotenv, environment, places.upward);
    }
    for path in named {
        // goose's `-env none` is no file.
        if path != "none" && !search.load(&path) {
            search.gap(&format!("{path} cannot be read"));
        }
    }
}

/// The configuration files that a tool would try, and whether words or a
/// variable name them.
fn configurations(search: &mut Search<'_>, places: &rules::Search) -> (Vec<String>, bool) {
    let named = places.config_options.iter().find_map(|option| match option.strip_prefix('$') {
        Some(name) => search.context.text_var(name).map(|value| (value == COMPUTED, value)),
        None => {
            let value = search.parsed.value(option)?;
            Some((value.dynamic, value.text.to_string_lossy().into_owned()))
        }
    });
    match named {
        Some((true, _)) => {
            search.gap("which configuration it reads is computed");
            (Vec::new(), true)
        }
        // Flyway takes several.
        Some((false, paths)) => {
            let paths = paths.split(',').map(|path| path.strip_prefix("file://").unwrap_or(path));
            (paths.map(str::to_owned).collect(), true)
        }
        None => (places.configs.iter().map(|path| (*path).to_owned()).collect(), false),
    }
}

/// Evidence of an environment's name that chooses settings by it: one that
/// says production counts as a name; any other may be a label that nothing
/// stands behind, so it raises and never lowers.
fn selector(name: &str, source: &str) -> Evidence {
    let production = name.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| {
        ["prod", "production", "prd", "live"].iter().any(|p| word.eq_ignore_ascii_case(p))
    });
    match production {
        true => Evidence::name(Kind::Environment, source.to_owned(), name),
        false => Evidence::hint(Kind::Environment, source.to_owned(), name),
    }
}

/// Whether everything about a target is this machine's.
fn is_local(target: &Target) -> bool {
    target.gap.is_none() && target.evidence.iter().any(|e| e.asserts == Some(Class::Local))
}

#[cfg(test)]
mod tests;
