//! The id of a request: a digest of the exact operation, so that the same
//! command in the same place has the same id, and any other has another. It
//! names an operation; it proves nothing about who asked.

use std::os::unix::ffi::OsStrExt;

use sha2::{Digest, Sha256};

use crate::actions::Handed;
use crate::invocation::{Context, Invocation, Stdin};
use crate::judgement::Judgement;
use crate::pipeline::Subject;
use crate::world::World;

/// What is digested, and how: changed with every change of the layout.
const DOMAIN: &[u8] = b"holdpoint-request-v1\0";

/// Crockford's base 32: no I, L, O or U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many digits an id has: the first 60 bits of the digest.
const LENGTH: u32 = 12;

/// The id of the request to run what `subject` holds: `A7KQ-93FX-2M4T`.
/// Digested are the words, what the words around them change of the
/// environment and the directory, the texts that the command would be fed as
/// far as the judgement read them, and what it would do where.
pub fn request_id(
    subject: Subject<'_>,
    judgement: &Judgement,
    handed: &[Handed],
    world: &dyn World,
) -> String {
    let mut digest = Fields(Sha256::new_with_prefix(DOMAIN));
    let invocation = match subject {
        Subject::Command(invocation) => {
            digest.field(b"command");
            invocation
        }
        Subject::Line(line, invocation) => {
            digest.field(b"line");
            digest.field(line.as_bytes());
            invocation
        }
    };
    digest.invocation(invocation);
    let context = Context { invocation, world };
    let cwd = context.cwd().unwrap_or_default();
    digest.field(cwd.as_os_str().as_bytes());
    digest.actions(judgement);
    digest.stdin(&invocation.stdin, world);
    digest.files(handed);
    id(&digest.0.finalize())
}

/// A digest of fields, each with its length in front, so that no two lists of
/// fields come to the same bytes.
struct Fields(Sha256);

impl Fields {
    fn field(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    fn count(&mut self, count: usize) {
        self.0.update(u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes());
    }

    fn invocation(&mut self, invocation: &Invocation) {
        self.count(invocation.argv.len());
        for (index, word) in invocation.argv.iter().enumerate() {
            self.field(word.as_bytes());
            self.count(usize::from(invocation.is_dynamic(index)));
        }
        self.count(usize::from(invocation.env_cleared));
        self.count(invocation.env.len());
        for (name, value) in &invocation.env {
            self.field(name.as_bytes());
            self.count(usize::from(value.is_some()));
            self.field(value.as_deref().unwrap_or_default().as_bytes());
        }
    }

    /// What the command would do and where: it is this that a person approves,
    /// and it holds what variables and files made of the words.
    fn actions(&mut self, judgement: &Judgement) {
        self.count(judgement.actions.len());
        for judged in &judgement.actions {
            let action = &judged.action;
            for text in [
                action.effect.word(),
                &action.operation,
                action.object.as_deref().unwrap_or_default(),
                action.scope.word(),
                &action.summary,
                &action.target.platform,
                action.target.name.as_deref().unwrap_or_default(),
                action.target.gap.as_deref().unwrap_or_default(),
            ] {
                self.field(text.as_bytes());
            }
            self.count(action.target.evidence.len());
            for evidence in &action.target.evidence {
                for text in [evidence.kind.word(), &evidence.source, &evidence.value] {
                    self.field(text.as_bytes());
                }
            }
        }
    }

    /// Standard input as far as the judgement read it: what nobody read is the
    /// tool's, and waiting for it here could take for ever.
    fn stdin(&mut self, stdin: &Stdin, world: &dyn World) {
        match stdin {
            Stdin::Inherited => match world.stdin_so_far() {
                Some(text) => self.text(&text),
                None => self.field(b"not read"),
            },
            Stdin::Text(text) | Stdin::Sample(text) => self.text(text),
            Stdin::Opaque(why) => {
                self.field(b"opaque");
                self.field(why.as_bytes());
            }
        }
    }

    /// The files that are handed on from the judged copy.
    fn files(&mut self, handed: &[Handed]) {
        self.count(handed.len());
        for handed in handed {
            self.count(handed.word().unwrap_or(usize::MAX));
            self.text(&handed.text.bytes);
            let files = handed.text.files();
            self.count(files.len());
            for (name, file) in files {
                self.field(name);
                self.text(&file.bytes);
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.field(b"text");
        self.field(&Sha256::digest(text));
    }
}

/// The first 60 bits of a digest in groups of four digits.
fn id(digest: &[u8]) -> String {
    let bits = digest.iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut out = String::new();
    for place in 0..LENGTH {
        if place > 0 && place % 4 == 0 {
            out.push('-');
        }
        let digit = bits >> (59 - 5 * place) & 31;
        let digit = usize::try_from(digit).ok().and_then(|index| DIGITS.get(index));
        out.extend(digit.map(|digit| char::from(*digit)));
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    use super::*;
    use crate::confirm::sample;
    use crate::world::fake::FakeWorld;

    fn of(invocation: &Invocation) -> String {
        request_id(Subject::Command(invocation), &sample::volume_delete(), &[], &FakeWorld::new())
    }

    #[test]
    fn an_id_is_sixty_bits_in_three_groups() {
        assert_eq!(id(&[0; 32]), "0000-0000-0000");
        assert_eq!(id(&[0xff; 32]), "ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(id(&[0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x1f]), "1111-1111-1111");
        assert_eq!(id(b"\x00\x44\x32\x14\xc7\x42\x54\xbf"), "0123-4567-89AB");
    }

    #[test]
    fn the_same_operation_has_the_same_id() {
        let invocation = Invocation::new(["curl", "-X", "POST"]);
        assert_eq!(of(&invocation), of(&invocation.clone()));
        assert_eq!(of(&invocation).len(), 14);
    }

    #[test]
    fn every_difference_makes_another_id() {
        let base = Invocation::new(["curl", "-X", "POST"]);
        let variants = [
            base.clone(),
            Invocation::new(["curl", "-XPOST"]),
            Invocation::new(["curl", "-X", "POST", ""]),
            Invocation::new(["curl", "-XP", "OST"]),
            Invocation::new([
                OsString::from("curl"),
                OsString::from("-X"),
                OsString::from_vec(b"POST\xff".to_vec()),
            ]),
            Invocation { dynamic: vec![1], ..base.clone() },
            Invocation { env: vec![("A".into(), Some("b".into()))], ..base.clone() },
            Invocation { env: vec![("A".into(), None)], ..base.clone() },
            Invocation { env: vec![("Ab".into(), Some("".into()))], ..base.clone() },
            Invocation { env_cleared: true, ..base.clone() },
            Invocation { cwd: Some("/elsewhere".into()), ..base.clone() },
            Invocation { stdin: Stdin::Text(b"x"[..].into()), ..base.clone() },
            Invocation { stdin: Stdin::Text(b"y"[..].into()), ..base.clone() },
            Invocation { stdin: Stdin::Opaque("x".into()), ..base.clone() },
        ];
        let mut ids: HashSet<String> = variants.iter().map(of).collect();
        assert_eq!(ids.len(), variants.len());

        let world = FakeWorld::new();
        let command = Subject::Command(&base);
        let mut judgement = sample::volume_delete();
        judgement.actions[0].action.target.evidence[0].value = "elsewhere".into();
        assert!(ids.insert(request_id(command, &judgement, &[], &world)));
        judgement.actions[0].action.object = Some("volume 4".into());
        assert!(ids.insert(request_id(command, &judgement, &[], &world)));
        for text in ["DROP TABLE users;", "DROP TABLE orders;"] {
            let fed = FakeWorld::new().with_stdin(text);
            assert!(!ids.insert(request_id(command, &judgement, &[], &fed)), "nobody read it");
            assert_eq!(fed.stdin_reads.get(), 0, "and the digest does not either");
            fed.stdin(100);
            assert!(ids.insert(request_id(command, &judgement, &[], &fed)));
            let file = Handed::file(2, "@".into(), text.as_bytes().to_vec());
            assert!(ids.insert(request_id(command, &judgement, &[file], &world)));
        }
        let line = Subject::Line("curl -X POST", &base);
        assert!(ids.insert(request_id(line, &sample::volume_delete(), &[], &world)));
    }

    #[test]
    fn who_asks_and_what_policy_says_make_no_difference() {
        let (world, base) = (FakeWorld::new(), Invocation::new(["curl"]));
        let command = Subject::Command(&base);
        let mut judgement = sample::volume_delete();
        let id = request_id(command, &judgement, &[], &world);
        judgement.actor = None;
        judgement.reasons.clear();
        judgement.actions[0].decided_by = "user: everything".into();
        assert_eq!(request_id(command, &judgement, &[], &world), id);
    }
}
