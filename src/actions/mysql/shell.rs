//! MySQL Shell: which language its texts are in, and where it connects, by the
//! documentation of 9.4, from memory. In SQL, what it runs is what mysql would;
//! JavaScript and Python are not read. Words behind `--` call its own functions.

use std::ffi::{OsStr, OsString};

use crate::action::Action;
use crate::actions::{Call, Reading};
use crate::invocation::{Input, Invocation};
use crate::parse::argv::{self, Parsed};
use crate::parse::url;
use crate::target::mysql::{self, Parameters, Setting};

/// The options that choose a language; the last counts.
const LANGUAGES: &[&str] = &["--sql", "--sqlc", "--sqlx", "--js", "--py"];

/// Functions that only look or write files, by how they begin.
const LOOKS: &[&str] = &["check", "dump", "export", "get", "help", "list", "status", "describe"];

/// Reads a call of mysqlsh.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    let place = place(&parsed);
    let opaque = |why: &str| {
        let action = Action::opaque("mysqlsh", why);
        Reading::of(Action { target: mysql::target(&place), ..action })
    };
    if let Some(from) = parsed.before_dashes.filter(|from| parsed.positionals.len() > *from) {
        let name = parsed.positionals.get(from + 1).map(|word| word.text.to_string_lossy());
        let name = name.unwrap_or_default();
        return match LOOKS.iter().any(|front| name.starts_with(front)) {
            true => Reading::default(),
            false => opaque("its own function may do anything"),
        };
    }
    let texts: Vec<(bool, &OsStr, bool)> = parsed
        .options
        .iter()
        .filter_map(|given| {
            let value = given.value?;
            let text = given.option.is("--execute");
            (text || given.option.is("--file")).then_some((text, value.text, value.dynamic))
        })
        .collect();
    if texts.iter().any(|(.., computed)| *computed) {
        return opaque("its text is computed at run time");
    }
    let language = parsed
        .options
        .iter()
        .rev()
        .find_map(|given| LANGUAGES.iter().find(|name| given.option.is(name)).copied());
    let typed = || matches!(call.context.stdin(0), Input::Terminal);
    if texts.is_empty() && typed() {
        let action = Action::opaque(call.session(false), "it will be typed");
        return Reading::of(Action { target: mysql::target(&place), ..action });
    }
    let script = texts.iter().any(|(text, name, _)| {
        !text && !name.to_string_lossy().to_ascii_lowercase().ends_with(".sql")
    });
    if !language.is_some_and(|name| name.starts_with("--sql")) && (script || texts.is_empty()) {
        return opaque("a program in JavaScript or Python may do anything");
    }
    if !language.is_some_and(|name| name.starts_with("--sql")) && texts.iter().any(|it| it.0) {
        return opaque("a program in JavaScript or Python may do anything");
    }
    let inner = Invocation {
        argv: words(&place, &texts),
        dynamic: Vec::new(),
        templates: Vec::new(),
        ..call.context.invocation.clone()
    };
    match place.gap {
        Some(ref why) => opaque(why),
        None => Reading { inner: vec![inner], ..Reading::default() },
    }
}

/// The same session in mysql's words.
fn words(place: &Parameters, texts: &[(bool, &OsStr, bool)]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["mysql".into(), "--no-defaults".into()];
    let mut option = |name: &str, value: &Option<Setting>| {
        words.extend(value.iter().map(|value| OsString::from(format!("{name}={}", value.value))));
    };
    option("--socket", &place.socket);
    if place.socket.is_none() {
        option("--protocol", &Some(Setting::new("tcp", "mysqlsh")));
        option("--host", &place.host);
        option("--port", &place.port);
    }
    option("--database", &place.database);
    for (text, word, _) in texts {
        let mut given = OsString::from(if *text { "" } else { "source " });
        given.push(word);
        given.push("\n;");
        words.push("-e".into());
        words.push(given);
    }
    words
}

/// Where it connects: options over the address, which may be a word or `--uri`.
fn place(parsed: &Parsed<'_>) -> Parameters {
    let mut found = Parameters::default();
    let address = parsed.value("--uri").map(|value| (value.text, value.dynamic, "--uri"));
    let first = parsed.positionals.first().filter(|_| parsed.before_dashes != Some(0));
    let address = first.map(|word| (word.text, word.dynamic, "argument")).or(address);
    if let Some((text, computed, source)) = address {
        if computed {
            found.gap = Some("its address is computed at run time".to_owned());
        }
        let text = text.to_string_lossy();
        let whole = match text.contains("://") {
            true => text.into_owned(),
            false => format!("mysql://{text}"),
        };
        match url::parse(&whole) {
            Some(address) => {
                found.host = Some(Setting::new(address.host.clone(), source));
                found.port = address.port.map(|port| Setting::new(port.to_string(), source));
                let schema = address.path.trim_start_matches('/');
                found.database = (!schema.is_empty()).then(|| Setting::new(schema, source));
            }
            None => found.gap = Some("its address cannot be read".to_owned()),
        }
    }
    for (name, slot) in [
        ("--host", &mut found.host),
        ("--port", &mut found.port),
        ("--socket", &mut found.socket),
        ("--schema", &mut found.database),
    ] {
        let Some(value) = parsed.value(name) else { continue };
        if value.dynamic {
            found.gap = Some(format!("the value of {name} is computed at run time"));
        }
        *slot = Some(Setting::new(value.text.to_string_lossy(), name));
    }
    found
}
