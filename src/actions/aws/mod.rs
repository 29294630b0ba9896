//! Reads the AWS CLI: tells its words apart, expands the user's own aliases,
//! and says what the operation would do by its verb, by the tables and by
//! its parameters. A plain read is known from the words alone, after one look
//! whether an alias file is there. Never asks AWS anything.

mod alias;
mod configure;
mod grammar;
pub mod names;
mod operation;
mod params;
mod query;
mod remote;
mod s3;
pub mod table;
mod values;

use std::borrow::Cow;

use crate::action::{Action, Effect};
use crate::actions::{Call, INTERACTIVE, Reading};
use crate::invocation::Context;
use crate::target::Target;
use crate::target::aws::{self as target, Asked, Named};

use grammar::Line;
pub use operation::{Code, third_person};
pub use params::{Params, kebab};

/// Reads a call of `aws`.
pub fn read(call: &Call<'_>) -> Reading {
    Reader { call, context: call.context, depth: 0, shadowed: None }.read()
}

/// One command being read: the user's own, or what an alias made of it.
#[derive(Clone, Copy)]
struct Reader<'a> {
    call: &'a Call<'a>,
    context: Context<'a>,
    /// How many aliases were expanded on the way here.
    depth: usize,
    /// The alias that was expanded last: within its own text its name means
    /// the built-in command.
    shadowed: Option<&'a str>,
}

impl<'a> Reader<'a> {
    fn read(self) -> Reading {
        let line = grammar::split(self.call.tool.options, self.context.invocation);
        if line.last("--version").is_some() {
            return Reading::default();
        }
        let Some(service) = line.service else { return self.prompt(&line) };
        if service.dynamic {
            return self.opaque(&line, "aws", "the service is computed at run time");
        }
        // No service's name is anything but ASCII: the tool refuses it.
        let Some(name) = service.text.to_str() else { return Reading::default() };
        if name == "help" {
            return Reading::default();
        }
        match alias::expand(&self, &line, name) {
            Some(reading) => reading,
            None => self.named(&line, name),
        }
    }

    /// A command of this service, aliases apart.
    fn named(self, line: &Line<'_>, name: &str) -> Reading {
        let Some(operation) = line.operation else {
            return self.alone(line, name);
        };
        if operation.dynamic {
            return self.opaque(
                line,
                format!("{name} {}", operation.text.to_string_lossy()),
                "the operation is computed at run time",
            );
        }
        let Some(operation) = operation.text.to_str() else { return Reading::default() };
        match (name, operation) {
            (_, "help") => Reading::default(),
            (_, "wait") => self.harmless(line, name, operation),
            ("s3", _) => s3::read(&self, line, operation),
            ("configure", _) => configure::read(&self, line, Some(operation)),
            _ => operation::read(&self, line, name, operation),
        }
    }

    /// A command of one word.
    fn alone(self, line: &Line<'_>, name: &str) -> Reading {
        match (name, table::rule(name, "")) {
            ("configure", _) => configure::read(&self, line, None),
            (_, Some(rule)) => {
                let mut action = Action::new(rule.effect.unwrap_or(Effect::Read), name.to_owned());
                action.flags = rule.flags;
                action.summary = rule.says.replace("{operation}", name);
                action.rule = rule_id(name);
                action.target = self.target(line, name, &[]);
                Reading::of(action)
            }
            (_, None) => self.prompt(line),
        }
    }

    /// Nothing that names an operation: an error of the tool's, unless version
    /// 2 lets the user compose the command at a prompt.
    fn prompt(self, line: &Line<'_>) -> Reading {
        if !self.prompts(line) {
            return Reading::default();
        }
        self.opaque(line, INTERACTIVE, "the command is composed at a prompt")
    }

    /// Whether version 2 would let the user change the command at a prompt.
    fn prompts(self, line: &Line<'_>) -> bool {
        if line.last("--no-cli-auto-prompt").is_some() {
            return false;
        }
        let on = |mode: String| ["on", "on-partial"].iter().any(|on| mode.eq_ignore_ascii_case(on));
        if line.last("--cli-auto-prompt").is_some() {
            return true;
        }
        match self.context.text_var("AWS_CLI_AUTO_PROMPT") {
            Some(mode) => on(mode),
            None => target::auto_prompt(self.context, line.value("--profile")).is_some_and(on),
        }
    }

    /// What only looks: nothing, unless the caller wants that too.
    fn harmless(self, line: &Line<'_>, service: &str, operation: &str) -> Reading {
        if !self.call.full {
            return Reading::default();
        }
        let mut action = Action::new(Effect::Read, format!("{service} {operation}"));
        action.summary = format!("Only looks ({}).", action.operation);
        action.rule = rule_id(&action.operation);
        let params = Params::read(&line.rest, self.context);
        let named = names::find(&params, operation, table::tier(operation).1);
        action.target = self.target(line, service, &named);
        Reading::of(action)
    }

    fn opaque(
        self,
        line: &Line<'_>,
        operation: impl Into<Cow<'static, str>>,
        why: &str,
    ) -> Reading {
        let mut action = Action::opaque(operation, why);
        action.rule = Cow::Borrowed("aws/opaque");
        action.target = self.target(line, "", &[]);
        Reading::of(action)
    }

    fn target(self, line: &Line<'_>, service: &str, named: &[Named]) -> Target {
        target::resolve(
            self.context,
            &Asked {
                profile: line.value("--profile"),
                region: line.value("--region"),
                endpoint: line.value("--endpoint-url"),
                service,
                service_id: &table::endpoint_name(service),
                named,
            },
        )
    }
}

/// The id of the rule for an operation.
fn rule_id(operation: &str) -> Cow<'static, str> {
    Cow::Owned(format!("aws/{operation}"))
}

#[cfg(test)]
mod tests;
