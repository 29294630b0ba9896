//! What a person has to type: the target's name, so that they read it, and
//! four random characters, so that nothing can know it before it is shown.
//! Pure but for the random bytes, which the world gives.

use crate::action::Effect;
use crate::judgement::{Judged, Judgement};
use crate::world::World;

/// Letters and digits that are not taken for one another in any common font.
const ALPHABET: &[u8] = b"234679ACDEFGHJKMNPQRTVWXY";

/// The longest part of a name that a person is asked to type.
const NAME_LIMIT: usize = 22;

/// How many random characters follow the name.
const CODE_LENGTH: usize = 4;

/// The phrase for a judgement that a person may confirm: `acme-prod-7QK2`, and
/// `destroy acme-prod-7QK2` where policy wants the longer one. At most 35
/// characters, all printable ASCII.
pub fn for_judgement(judgement: &Judgement, world: &dyn World) -> String {
    let name = name(judgement);
    let code = code(world.random());
    let long = judgement
        .actions
        .iter()
        .find(|judged| judged.long_phrase && judged.verdict == judgement.verdict);
    match long.map(|judged| judged.action.effect) {
        Some(Effect::Destroy) => format!("destroy {name}-{code}"),
        Some(Effect::Disrupt) => format!("disrupt {name}-{code}"),
        Some(_) => format!("run {name}-{code}"),
        None => format!("{name}-{code}"),
    }
}

/// The name to type: the worst action's target's, else its object's, else the
/// platform's, else the tool's.
fn name(judgement: &Judgement) -> String {
    let worst = judgement.worst().map(|judged: &Judged| &judged.action);
    let names = [
        worst.and_then(|action| action.target.name.as_deref()),
        worst.and_then(|action| action.object.as_deref()),
        worst.map(|action| action.target.platform.as_ref()),
        Some(judgement.tool.as_str()),
    ];
    names
        .into_iter()
        .flatten()
        .map(typable)
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "target".to_owned())
}

/// A name as any keyboard can type it: letters, digits, dots and underscores,
/// everything else a dash.
fn typable(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if out.len() >= NAME_LIMIT {
            break;
        }
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => out.push(letter),
            _ if out.is_empty() || out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    out.trim_matches(['-', '.']).to_owned()
}

/// Four characters of the alphabet, each as likely as any other.
fn code(random: [u8; 16]) -> String {
    // 256 is no multiple of 25: the bytes above the last multiple are passed
    // over, unless that would leave too few.
    let even = random.iter().filter(|byte| **byte < 250);
    even.chain(&random)
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .take(CODE_LENGTH)
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confirm::sample;
    use crate::world::fake::FakeWorld;

    #[test]
    fn a_name_becomes_typable() {
        assert_eq!(typable("acme-prod"), "acme-prod");
        assert_eq!(typable("db.prod.acme.com:5432/app"), "db.prod.acme.com-5432");
        assert_eq!(typable("  \u{1b}[2Jrm -rf / \u{202e}"), "2Jrm-rf");
        assert_eq!(typable("größe ünder"), "gr-e-nder");
        assert_eq!(typable("日本"), "");
        assert_eq!(typable(&"x".repeat(300)).len(), NAME_LIMIT);
        assert_eq!(typable("--..--"), "");
    }

    #[test]
    fn a_phrase_is_short_printable_and_named_after_the_target() {
        let for_judgement = |judgement: &Judgement| for_judgement(judgement, &FakeWorld::new());
        let mut judgement = sample::production_drop();
        assert_eq!(for_judgement(&judgement), "db.prod.acme.com-XY23");
        judgement.actions[0].long_phrase = true;
        let long = for_judgement(&judgement);
        assert_eq!(long, "destroy db.prod.acme.com-XY23");
        judgement.actions[0].action.target.name = Some("\u{1b}]0;x\u{7}".repeat(50));
        let hostile = for_judgement(&judgement);
        assert!(hostile.len() <= 35 && hostile.bytes().all(|b| (0x20..0x7f).contains(&b)));
        judgement.actions.clear();
        assert_eq!(for_judgement(&judgement), "psql-XY23");
    }

    #[test]
    fn a_code_has_four_letters_whatever_the_random_bytes() {
        for byte in 0..=255 {
            let code = code([byte; 16]);
            assert_eq!(code.len(), CODE_LENGTH);
            assert!(code.bytes().all(|letter| ALPHABET.contains(&letter)));
        }
        assert_ne!(code([1; 16]), code([2; 16]));
        assert!(!ALPHABET.iter().any(|letter| b"0O1IL5S8BUZ".contains(letter)));
    }
}
