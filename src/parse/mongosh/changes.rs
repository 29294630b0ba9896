//! What a call that changes something does, by its name and arguments.

use super::calls::{On, Reader};
use super::tables;
use super::value::{Value, is_everything};
use crate::action::{Effect, Flag};

impl Reader<'_> {
    /// A call that changes something, or that nobody knows.
    pub(super) fn change(&mut self, on: On<'_>, name: &str, values: &[Value]) {
        if let Some((_, effect, says)) = tables::PLAIN.iter().find(|(known, ..)| *known == name) {
            return self.push(on, *effect, name, says);
        }
        if tables::PERMISSIONS.contains(&name) {
            return self.flagged(on, Effect::Write, name, "Changes an account.", Flag::Permission);
        }
        let first = values.first();
        let second = values.get(1);
        let computed = first == Some(&Value::Computed);
        match name {
            "dropDatabase" => self.flagged(
                on,
                Effect::Destroy,
                name,
                "Drops the database with every collection in it.",
                Flag::Irreversible,
            ),
            "drop" => {
                self.push(on, Effect::Destroy, name, "Drops a collection with its documents.")
            }
            "dropUser"
            | "dropRole"
            | "dropAllUsersFromDatabase"
            | "dropAllRolesFromDatabase"
            | "dropAllUsers"
            | "dropAllRoles" => {
                self.flagged(
                    on,
                    Effect::Destroy,
                    name,
                    "Drops accounts or roles.",
                    Flag::Permission,
                );
            }
            "deleteMany" | "remove" if computed => {
                self.unread("which documents it deletes is computed at run time");
            }
            "remove" if is_just_one(second) => {
                self.push(on, Effect::Write, name, "Deletes a document.");
            }
            "deleteMany" | "remove" if is_everything(first) => {
                self.push(on, Effect::Destroy, name, "Deletes every document of a collection.");
            }
            "deleteMany" | "remove" => {
                self.push(on, Effect::Write, name, "Deletes some documents.")
            }
            "updateMany" if computed => {
                self.unread("which documents it changes is computed at run time");
            }
            "updateMany" if is_everything(first) => {
                self.push(on, Effect::Destroy, name, "Overwrites fields of every document.");
            }
            "updateMany" => self.push(on, Effect::Write, name, "Changes some documents."),
            "update" => {
                let many = values.get(2).is_some_and(|options| {
                    options.get("multi").is_some_and(Value::is_true) || *options == Value::Computed
                }) || values.get(3).is_some_and(Value::is_true);
                match many && (computed || is_everything(first)) {
                    true => {
                        self.push(
                            on,
                            Effect::Destroy,
                            name,
                            "Overwrites fields of every document.",
                        );
                    }
                    false => self.push(on, Effect::Write, name, "Changes documents."),
                }
            }
            "renameCollection" => {
                match second.is_some_and(|drops| drops.is_true() || *drops == Value::Computed) {
                    true => self.push(
                        on,
                        Effect::Destroy,
                        name,
                        "Renames a collection over another, which is dropped.",
                    ),
                    false => self.push(on, Effect::Write, name, "Renames a collection."),
                }
            }
            "convertToCapped" => {
                self.push(on, Effect::Destroy, name, "Cuts a collection down to a size.");
            }
            "bulkWrite" => self.bulk(on, first),
            "runCommand" | "adminCommand" => self.command(on, first),
            _ => self.unread(format!("what {} does is not known", crate::text::visible(name, 40))),
        }
    }

    /// `aggregate`: a read, unless a stage writes. A stage that is built
    /// elsewhere in the text is looked for in all of it.
    pub(super) fn aggregate(&mut self, on: On<'_>) {
        if self.says("$out") {
            let says = "Overwrites a collection with the rows of an aggregation.";
            self.push(on, Effect::Destroy, "aggregate $out", says);
        } else if self.says("$merge") {
            self.push(on, Effect::Write, "aggregate $merge", "Writes the rows of an aggregation.");
        }
    }

    fn bulk(&mut self, on: On<'_>, operations: Option<&Value>) {
        let Some(Value::Array(operations)) = operations else {
            return self.unread("what it writes in bulk is computed at run time");
        };
        for operation in operations {
            let Value::Object(entries) = operation else {
                return self.unread("what it writes in bulk is computed at run time");
            };
            for (name, held) in entries {
                let filter = held.get("filter");
                let every = filter.is_some_and(|filter| {
                    *filter == Value::Computed || is_everything(Some(filter))
                });
                match name.as_str() {
                    "deleteMany" | "updateMany" if every => {
                        return self.push(
                            on,
                            Effect::Destroy,
                            "bulkWrite",
                            "Deletes or overwrites every document of a collection.",
                        );
                    }
                    "insertOne" | "updateOne" | "updateMany" | "replaceOne" | "deleteOne"
                    | "deleteMany" => {}
                    _ => return self.unread("what it writes in bulk is not known"),
                }
            }
        }
        self.push(on, Effect::Write, "bulkWrite", "Writes documents in bulk.");
    }

    /// A command of the server, by its first key.
    fn command(&mut self, on: On<'_>, command: Option<&Value>) {
        let (name, held) = match command {
            Some(Value::Text(name)) => (name.clone(), Value::Object(Vec::new())),
            Some(Value::Object(entries)) => match entries.first() {
                Some((name, _)) => (name.clone(), Value::Object(entries.clone())),
                None => return,
            },
            _ => return self.unread("the command that it runs is computed at run time"),
        };
        if tables::COMMAND_READS.contains(&name.as_str()) {
            return;
        }
        if let Some((word, effect, says)) =
            tables::COMMANDS.iter().find(|(known, ..)| *known == name)
        {
            if *effect > Effect::Read {
                self.push(on, *effect, word, says);
            }
            return;
        }
        match name.as_str() {
            "aggregate" => self.aggregate(on),
            "dropDatabase" => self.flagged(
                on,
                Effect::Destroy,
                "dropDatabase",
                "Drops the database with every collection in it.",
                Flag::Irreversible,
            ),
            "drop" => {
                self.push(on, Effect::Destroy, "drop", "Drops a collection with its documents.");
            }
            "convertToCapped" => {
                self.push(
                    on,
                    Effect::Destroy,
                    "convertToCapped",
                    "Cuts a collection down to a size.",
                );
            }
            "renameCollection" => {
                let drops = held.get("dropTarget").is_some_and(|it| !it.is("false"));
                let effect = if drops { Effect::Destroy } else { Effect::Write };
                self.push(on, effect, "renameCollection", "Renames a collection.");
            }
            "dropUser" | "dropRole" | "dropAllUsersFromDatabase" | "dropAllRolesFromDatabase" => {
                self.flagged(
                    on,
                    Effect::Destroy,
                    &name,
                    "Drops accounts or roles.",
                    Flag::Permission,
                );
            }
            "delete" | "update" => {
                let key = if name == "delete" { "deletes" } else { "updates" };
                let Some(Value::Array(parts)) = held.get(key) else {
                    return self.unread("which documents it changes is computed at run time");
                };
                let every = parts.iter().any(|part| {
                    let query = part.get("q");
                    let one = match name.as_str() {
                        "delete" => part.get("limit").is_some_and(|limit| limit.is("1")),
                        _ => part.get("multi").is_none_or(|multi| multi.is("false")),
                    };
                    !one && (query == Some(&Value::Computed) || is_everything(query))
                        || *part == Value::Computed
                });
                match every {
                    true => self.push(
                        on,
                        Effect::Destroy,
                        &name,
                        "Deletes or overwrites every document of a collection.",
                    ),
                    false => self.push(on, Effect::Write, &name, "Changes some documents."),
                }
            }
            _ if tables::PERMISSIONS.contains(&name.as_str()) => {
                self.flagged(on, Effect::Write, &name, "Changes an account.", Flag::Permission);
            }
            _ => {
                let name = crate::text::visible(&name, 40);
                self.unread(format!("what the command {name} does is not known"));
            }
        }
    }
}

/// Whether the second argument of `remove` says that one document is meant.
fn is_just_one(options: Option<&Value>) -> bool {
    options.is_some_and(|options| {
        options.is_true() || options.get("justOne").is_some_and(Value::is_true)
    })
}
