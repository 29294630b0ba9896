//! The escapes of `$'…'`, and of `printf` and `echo -e`, which differ in
//! their octal digits and their `\c`.

/// Which program's escapes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `$'…'`: `\nnn`, `\cx` is a control character.
    Quote,
    /// A `printf` format: `\nnn`, `\c` ends the output.
    Format,
    /// `echo -e` and `%b`: `\0nnn`, `\c` ends the output.
    Echo,
}

/// The bytes that `text` stands for, and whether `\c` ended the output.
pub fn decode(text: &[u8], dialect: Dialect) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let Some(letter) = text.get(at) else {
            out.push(b'\\');
            break;
        };
        at += 1;
        let plain = match letter {
            b'a' => 7,
            b'b' => 8,
            b'e' | b'E' => 27,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' => b'\\',
            b'\'' | b'"' | b'?' if dialect != Dialect::Echo => *letter,
            b'x' => {
                let (value, taken) = digits(text, at, 2, 16);
                if taken == 0 {
                    out.extend([b'\\', b'x']);
                    continue;
                }
                at += taken;
                low_byte(value)
            }
            b'u' | b'U' => {
                let (value, taken) = digits(text, at, if *letter == b'u' { 4 } else { 8 }, 16);
                at += taken;
                match char::from_u32(value) {
                    Some(letter) if taken > 0 => {
                        out.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    _ => out.extend([b'\\', *letter]),
                }
                continue;
            }
            b'c' if dialect == Dialect::Quote => {
                let Some(control) = text.get(at) else {
                    out.extend(b"\\c");
                    break;
                };
                at += 1;
                control.to_ascii_uppercase() ^ 0x40
            }
            b'c' => return (out, true),
            b'0' if dialect == Dialect::Echo => {
                let (value, taken) = digits(text, at, 3, 8);
                at += taken;
                low_byte(value)
            }
            b'0'..=b'7' if dialect != Dialect::Echo => {
                let (value, taken) = digits(text, at - 1, 3, 8);
                at = at - 1 + taken;
                low_byte(value)
            }
            other => {
                out.extend([b'\\', *other]);
                continue;
            }
        };
        // A shell's strings end at a NUL.
        if plain == 0 && dialect == Dialect::Quote {
            return (out, false);
        }
        out.push(plain);
    }
    (out, false)
}

fn low_byte(value: u32) -> u8 {
    value.to_le_bytes().first().copied().unwrap_or_default()
}

/// The number at `at` of at most `most` digits, and how many there were.
fn digits(text: &[u8], at: usize, most: usize, base: u32) -> (u32, usize) {
    let mut value: u32 = 0;
    let mut taken = 0;
    while taken < most {
        let digit = text.get(at + taken).and_then(|byte| char::from(*byte).to_digit(base));
        let Some(digit) = digit else { break };
        value = value.wrapping_mul(base).wrapping_add(digit);
        taken += 1;
    }
    (value, taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_as_bash_does() {
        let quote = |text: &str| decode(text.as_bytes(), Dialect::Quote).0;
        assert_eq!(quote(r"a\nb\t\\\'\x41\101é\U0001F600"), "a\nb\t\\'AAé😀".as_bytes());
        assert_eq!(quote(r"\xff\cA\e"), [0xff, 1, 27]);
        assert_eq!(quote(r"\q\x\"), br"\q\x\");
        assert_eq!(quote(r"a\0b"), b"a");
        assert_eq!(decode(br"a\0101\cb", Dialect::Echo), (b"aA".to_vec(), true));
        assert_eq!(decode(br"\101\1", Dialect::Format), (b"A\x01".to_vec(), false));
    }
}
