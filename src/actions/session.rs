//! Interactive sessions: of which kind one is, how it is opened read-only, and
//! what cards and notes say about it. A tool's rule file has the words
//! (`[session]`); its reader knows where they belong. Decides nothing.

use std::borrow::Cow;
use std::ffi::OsString;

use super::{Call, Handed};
use crate::action::{Action, Effect};
use crate::judgement::{Judged, Verdict};
use crate::rules::table;
use crate::target::Class;
use crate::target::redis::{Server, Tls};

/// The operation of an interactive session: a client started without any text
/// to run. It is opaque, but a person's own session is not held: the person
/// writes it while it runs. On production it opens read-only, if the client's
/// rule file says how.
pub const INTERACTIVE: &str = "interactive session";

/// The operation of an interactive session that may write: somebody asked for
/// that (`exec --write`), or the client cannot be opened read-only. On
/// production a person confirms it.
pub const WRITING: &str = "interactive session with write access";

/// What a session with write access is.
const WRITES: &str =
    "Opens an interactive session with write access: what is typed there is not read first.";

/// A change to a client's surroundings that opens its session read-only.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadOnly {
    /// A variable and its whole new value.
    Variable(&'static str, OsString),
    /// The same, and a word that would hide the variable: at its place in
    /// argv, or none for a new one at the end of the options.
    Word(&'static str, OsString, Option<usize>, OsString),
    /// An option in one word, for the end of its options.
    Option(OsString),
    /// Words with a text of holdpoint's own in them.
    Text(Handed),
    /// Between the client and the server goes a filter that listens on a
    /// socket and sends on what only reads.
    Filter {
        /// The client's option that names a socket.
        option: &'static str,
        /// The server.
        server: Server,
        /// The server's host, if the filter follows the redirects of a
        /// cluster's nodes: the client would leave the filter's socket.
        cluster: Option<String>,
        /// What the filter speaks TLS with, in the client's stead.
        tls: Option<Tls>,
        /// The client's words that are another (`Some`) or left out (`None`),
        /// by their places, the first first.
        changes: Vec<(usize, Option<OsString>)>,
    },
}

impl Call<'_> {
    /// The operation of this client's interactive session. `read_only` says
    /// whether it can be opened so.
    pub fn session(&self, read_only: bool) -> &'static str {
        match self.context.invocation.writes || !read_only {
            true => WRITING,
            false => INTERACTIVE,
        }
    }
}

/// Whether a person's session of this kind is opened without a question.
pub fn is_free(action: &Action, class: Class) -> bool {
    let asked = action.operation == WRITING && class == Class::Production;
    is_session(action) && !asked && action.effect <= Effect::Write
}

fn is_session(action: &Action) -> bool {
    action.operation == INTERACTIVE || action.operation == WRITING
}

/// Whether all runs, and a session on production among it. What a person
/// confirms beside it (a start-up file that cannot be read) leaves it
/// read-only, unless that takes something away, which it then could not.
pub fn opens_read_only<'a>(mut all: impl Iterator<Item = &'a Judged> + Clone) -> bool {
    let leaves = |judged: &Judged| match judged.verdict {
        Verdict::Allow => true,
        Verdict::Confirm => judged.action.effect <= Effect::Write && !is_session(&judged.action),
        Verdict::Refuse => false,
    };
    all.clone().all(leaves)
        && all.any(|judged| {
            judged.action.operation == INTERACTIVE && judged.class == Class::Production
        })
}

/// Says of a database client's session what it would be, and what to do
/// instead. `read_only` says whether one that may be is opened so.
pub fn explain(judged: &mut Judged, read_only: bool) {
    if !is_session(&judged.action) {
        return;
    }
    let program = judged.action.rule.split('/').next().unwrap_or_default();
    let Some(session) = table::find(program).and_then(|tool| tool.session) else { return };
    let writes = judged.action.operation == WRITING;
    if judged.verdict == Verdict::Allow {
        if judged.class == Class::Production && !writes && session.read_only.is_some() {
            judged.action.summary = match read_only {
                true => format!("Opens an interactive session, read-only. {}", session.not_stopped),
                false => WRITES.to_owned(),
            };
        }
        return;
    }
    let access = if writes { " with write access" } else { "" };
    judged.action.summary =
        format!("Opens an interactive session{access}: what is typed there is not read first.");
    // What its reader says stands in the way of opening it read-only.
    let hindrance = judged.action.instead.take();
    judged.action.instead = Some(match session.read_only {
        Some(_) if judged.verdict == Verdict::Confirm && writes => hindrance.unwrap_or_else(|| {
            Cow::Owned(format!(
                "Open it without --write{}: it is read-only then. {}",
                session.unless, session.not_stopped
            ))
        }),
        _ => Cow::Borrowed(session.instead),
    });
}

/// The line for standard error about a session that opens read-only.
pub fn note(tool: &str) -> String {
    format!(
        "{tool} is opened read-only on production. For write access, which a person confirms: \
         holdpoint exec --write -- {tool} …"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::ActorKind;
    use crate::invocation::Invocation;
    use crate::pipeline::{self, Options, Outcome, Subject};
    use crate::world::fake::FakeWorld;

    fn judge(words: &[&str], world: &FakeWorld, kind: ActorKind) -> Outcome {
        let invocation = Invocation::new(words.iter().copied());
        let options = Options { actor: Some(kind), full: false };
        pipeline::judge(Subject::Command(&invocation), world, options)
    }

    fn by_a_person(words: &[&str], world: &FakeWorld) -> (Verdict, Option<ReadOnly>) {
        let outcome = judge(words, world, ActorKind::Human);
        assert_eq!(outcome.read_only.is_some(), !outcome.judgement.notes.is_empty());
        (outcome.judgement.verdict, outcome.read_only)
    }

    #[test]
    fn what_is_there_already_is_kept() {
        let world = FakeWorld::new().with_var("PGOPTIONS", "-c work_mem=1MB");
        let (verdict, read_only) = by_a_person(&["psql", "-h", "db.prod.acme.com"], &world);
        assert_eq!(verdict, Verdict::Allow);
        let value = "-c work_mem=1MB -c default_transaction_read_only=on";
        assert_eq!(read_only, Some(ReadOnly::Variable("PGOPTIONS", value.into())));
        let world =
            FakeWorld::new().with_file("/home/ana/.my.cnf", "[client]\ninit-command=set @a=1\n");
        let (_, read_only) = by_a_person(&["mysql", "-h", "db.prod.acme.com"], &world);
        let word = "--init-command=SET SESSION TRANSACTION READ ONLY; set @a=1";
        assert_eq!(read_only, Some(ReadOnly::Option(word.into())));
    }

    #[test]
    fn start_up_options_of_the_connections_own_are_kept() {
        let service = "[live]\nhost=db.prod.acme.com\noptions=-c work_mem=1MB\n";
        let world = FakeWorld::new().with_file("/home/ana/.pg_service.conf", service);
        let set = "-c default_transaction_read_only=on";
        let all = format!("options='-c work_mem=1MB {set}'");
        for (words, index, word) in [
            (&["psql", "service=live"][..], Some(1), format!("service=live {all}")),
            (&["psql", "-dservice=live", "-U", "a"], Some(1), format!("-dservice=live {all}")),
            (
                &["psql", "-X", "postgresql://db.prod.acme.com/shop?options=-cwork_mem%3D1MB"],
                Some(2),
                "postgresql://db.prod.acme.com/shop?options=-cwork_mem%3D1MB&options=\
                 -cwork_mem%3D1MB%20-c%20default_transaction_read_only%3Don"
                    .to_owned(),
            ),
        ] {
            let (verdict, read_only) = by_a_person(words, &world);
            assert_eq!(verdict, Verdict::Allow, "{words:?}");
            let wanted = ReadOnly::Word("PGOPTIONS", set.into(), index, word.into());
            assert_eq!(read_only, Some(wanted), "{words:?}");
        }
        let world = world.with_var("PGSERVICE", "live");
        for (words, index, word) in [
            (&["psql"][..], None, format!("--dbname={all}")),
            (&["psql", "shop"], Some(1), format!("dbname='shop' {all}")),
        ] {
            let (_, read_only) = by_a_person(words, &world);
            let wanted = ReadOnly::Word("PGOPTIONS", set.into(), index, word.into());
            assert_eq!(read_only, Some(wanted), "{words:?}");
        }
    }

    #[test]
    fn only_sessions_on_production_are_opened_read_only() {
        let world = FakeWorld::new();
        for words in [
            &["psql", "-h", "db.acme.com"][..],
            &["psql", "-h", "db.staging.acme.com"],
            &["psql"],
            &["psql", "-h", "db.prod.acme.com", "-c", "select 1"],
            &["mysql", "-h", "db.acme.com"],
            &["redis-cli", "-h", "cache.acme.com"],
            &["redis-cli", "-h", "cache.prod.acme.com", "get", "a"],
            &["mongosh", "db.acme.com/shop"],
            &["mongosh", "db.prod.acme.com/shop", "--eval", "db.a.find()"],
            &["env", "psql", "-h", "db.prod.acme.com"],
        ] {
            assert_eq!(by_a_person(words, &world), (Verdict::Allow, None), "{words:?}");
        }
    }

    #[test]
    fn what_cannot_be_opened_read_only_is_asked_about() {
        let world = FakeWorld::new();
        for words in [
            &["pgcli", "postgresql://db.prod.acme.com/shop?options=-cwork_mem%3D1MB"][..],
            &["redis-cli", "-h", "cache.prod.acme.com", "--tls"],
            &["redis-cli", "-u", "rediss://cache.prod.acme.com"],
            &["redis-cli", "-h", "cache.prod.acme.com", "-p", "none"],
            &["mongo", "db.prod.acme.com/shop"],
        ] {
            assert_eq!(by_a_person(words, &world), (Verdict::Confirm, None), "{words:?}");
        }
    }

    #[test]
    fn the_card_says_what_read_only_does_not_stop() {
        for (words, limit) in [
            (["psql", "-h", "db.prod.acme.com"], "VACUUM"),
            (["mysql", "-h", "db.prod.acme.com"], "KILL"),
            (["mongosh", "--host", "db.prod.acme.com"], "the driver's own client"),
            (["redis-cli", "-h", "db.prod.acme.com"], "KEYS, MONITOR"),
        ] {
            let judgement = judge(&words, &FakeWorld::new(), ActorKind::Human).judgement;
            let summary = &judgement.worst().expect("a session").action.summary;
            assert!(summary.contains("read-only. ") && summary.contains(limit), "{summary}");
            assert!(summary.contains("It does not stop "), "{summary}");
            assert!(judgement.notes.iter().any(|note| note.contains("exec --write")));
        }
    }

    #[test]
    fn a_filter_stands_in_front_of_the_server_that_the_words_name() {
        let in_cluster = |words: &[&str]| {
            let words: Vec<&str> = ["redis-cli"].iter().chain(words).copied().collect();
            let (verdict, read_only) = by_a_person(&words, &FakeWorld::new());
            assert_eq!(verdict, Verdict::Allow, "{words:?}");
            match read_only {
                Some(ReadOnly::Filter { option: "-s", server, cluster, tls: None, changes }) => {
                    (server, cluster, changes)
                }
                other => panic!("{words:?}: {other:?}"),
            }
        };
        let opened = |words: &[&str]| {
            let (server, cluster, changes) = in_cluster(words);
            assert_eq!((cluster, changes.as_slice()), (None, &[][..]), "{words:?}");
            server
        };
        let at = |host: &str, port| Server::Address(host.to_owned(), port);
        assert_eq!(opened(&["-h", "a.prod.acme.com"]), at("a.prod.acme.com", 6379));
        assert_eq!(opened(&["-u", "redis://u:p@live:7/3", "-n", "1"]), at("live", 7));
        assert_eq!(opened(&["-p", "7", "-a", "-c", "-h", "live"]), at("live", 7));
        // Which of its words would have redis-cli leave the filter's socket.
        let found = in_cluster(&["-c", "-a", "-c", "-h", "live", "-c"]);
        let host = Some("live".to_owned());
        assert_eq!(found, (at("live", 6379), host, vec![(1, None), (6, None)]));
    }

    #[test]
    fn tls_is_spoken_by_another_where_there_is_one() {
        let without = FakeWorld::new();
        let with = FakeWorld::new().with_openssl("/usr/bin/openssl");
        let words = ["redis-cli", "-a", "--tls", "--tls", "-u", "REDISS://live:7/3", "--sni", "x"];
        let (verdict, read_only) = by_a_person(&words, &with);
        assert_eq!(verdict, Verdict::Allow);
        let Some(ReadOnly::Filter { option: "-s", server, tls: Some(tls), changes, .. }) =
            read_only
        else {
            panic!("{read_only:?}")
        };
        assert_eq!(server, Server::Address("live".to_owned(), 7));
        assert_eq!(changes, [(3, None), (5, Some("REDIS://live:7/3".into()))]);
        assert!(tls.words.iter().any(|word| word == "-servername"));
        // Without one, the card says what there would have to be; and nobody
        // is looked for who is not needed.
        let says = |words: &[&str], kind| {
            let judgement = judge(words, &without, kind).judgement;
            judgement.worst().and_then(|it| it.action.instead.clone()).unwrap().into_owned()
        };
        let missing = "help of openssl, but openssl: command not found.";
        assert!(says(&words, ActorKind::Human).ends_with(missing));
        assert!(says(&words, ActorKind::Agent).starts_with("Give the "));
        let invocation = Invocation { writes: true, ..Invocation::new(words) };
        let options = Options { actor: Some(ActorKind::Human), full: false };
        let outcome = pipeline::judge(Subject::Command(&invocation), &without, options);
        let instead = outcome.judgement.worst().and_then(|it| it.action.instead.clone()).unwrap();
        assert!(instead.starts_with("Open it without --write"), "{instead}");
    }

    #[test]
    fn a_socket_is_named_from_the_root_on() {
        let world = FakeWorld::new().with_file(
            "/home/ana/.config/holdpoint/policy.toml",
            "version = 1\n[[environment]]\nname = \"cache\"\nclass = \"production\"\n\
             database = [\"3\"]\n",
        );
        let (_, read_only) = by_a_person(&["redis-cli", "-s", "run/a.sock", "-n", "3"], &world);
        let Some(ReadOnly::Filter { server, .. }) = read_only else { panic!("{read_only:?}") };
        assert_eq!(server, Server::Socket("/app/run/a.sock".to_owned()));
    }

    #[test]
    fn a_guard_stands_in_front_of_every_other_script() {
        for words in [
            &["mongosh", "db.prod.acme.com/shop"][..],
            &["mongosh", "--shell", "--eval", "db.a.find()", "db.prod.acme.com/shop"],
        ] {
            let (verdict, read_only) = by_a_person(words, &FakeWorld::new());
            assert_eq!(verdict, Verdict::Allow, "{words:?}");
            let Some(ReadOnly::Text(Handed { place, text })) = read_only else {
                panic!("{words:?}")
            };
            assert_eq!(place, super::super::Place::Added { behind: 0, words: &["--shell"] });
            assert!(text.bytes.starts_with(b"--eval=// Opens") && text.names.is_empty());
        }
    }

    #[test]
    fn what_is_confirmed_beside_it_leaves_a_session_read_only_unless_it_takes_away() {
        let words = ["mongosh", "db.prod.acme.com/shop"];
        let summary = |rc: &str| {
            let world = FakeWorld::new().with_file("/home/ana/.mongoshrc.js", rc);
            let Outcome { judgement, read_only, .. } = judge(&words, &world, ActorKind::Human);
            assert_eq!(judgement.verdict, Verdict::Confirm, "{rc}");
            let session =
                judgement.actions.iter().find(|it| it.action.operation == INTERACTIVE).unwrap();
            (read_only.is_some(), session.action.summary.clone())
        };
        let (read_only, says) = summary("eval(something)");
        assert!(read_only && says.starts_with("Opens an interactive session, read-only."));
        let (read_only, says) = summary("db.a.drop()");
        assert!(!read_only && says.starts_with("Opens an interactive session with write access"));
    }

    #[test]
    fn whoever_is_no_person_gets_neither_and_is_told_what_to_do() {
        for words in [
            ["psql", "-h", "db.prod.acme.com"],
            ["mariadb", "-h", "db.prod.acme.com"],
            ["redis-cli", "-h", "db.prod.acme.com"],
            ["mongosh", "--host", "db.prod.acme.com"],
        ] {
            let Outcome { judgement, read_only, .. } =
                judge(&words, &FakeWorld::new(), ActorKind::Agent);
            assert_eq!((judgement.verdict, read_only), (Verdict::Refuse, None), "{words:?}");
            let instead = judgement.worst().and_then(|judged| judged.action.instead.clone());
            assert!(instead.is_some_and(|text| text.starts_with("Give the ")), "{words:?}");
        }
    }
}
