//! psql's `\copy`: the COPY that it sends, and the shell command that it runs.

use crate::parse::sql::lex::{Kind, Lexer, Mode, Token};

/// A `\copy`, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Copy {
    /// The COPY that the server sees.
    pub sql: Vec<u8>,
    /// The command that a shell runs on this machine.
    pub program: Option<Vec<u8>>,
    /// The file that it writes on this machine.
    pub writes: Option<Vec<u8>>,
    /// Whether its data are the lines of the script behind it.
    pub inline: bool,
}

/// Takes the words behind `\copy` apart; none if psql would refuse them.
pub fn parse(line: &[u8]) -> Option<Copy> {
    let tokens: Vec<Token> = Lexer::new(line, 0, Mode::default()).collect();
    let mut depth = 0_usize;
    let at = tokens.iter().position(|token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (token.is(line, "from") || token.is(line, "to"))
    })?;
    let direction = tokens.get(at)?;
    let from = direction.is(line, "from");
    let place = tokens.get(at + 1)?;
    let runs = place.is(line, "program");
    let program = match runs {
        true => Some(unquoted(tokens.get(at + 2)?.bytes(line))),
        false => None,
    };
    // A file's name may be spelled without quotes: it ends at a blank.
    let rest = line.get(if runs { tokens.get(at + 2)?.end } else { place.start }..)?;
    let blank = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let options = match (runs, place.kind) {
        (true, _) => rest,
        (false, Kind::Text) => line.get(place.end..)?,
        (false, _) => rest.get(blank..)?,
    };
    let head = line.get(..direction.start)?;
    let server: &[u8] = if from { b"FROM STDIN" } else { b"TO STDOUT" };
    let name = rest.get(..blank).unwrap_or_default();
    let writes = (!from && !runs).then(|| match place.kind {
        Kind::Text => unquoted(place.bytes(line)),
        _ => name.to_vec(),
    });
    let sql = [b"COPY ", head, b" ", server, b" ", options].concat();
    Some(Copy { sql, program, writes, inline: from && place.is(line, "stdin") })
}

fn unquoted(bytes: &[u8]) -> Vec<u8> {
    let inner = bytes.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'"));
    let Some(inner) = inner else { return bytes.to_vec() };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().peekable();
    while let Some(byte) = rest.next() {
        out.push(*byte);
        if *byte == b'\'' && rest.peek() == Some(&&b'\'') {
            rest.next();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_copy_and_the_shells_command_are_found() {
        let copy =
            parse(b"orders (a, b) from program 'curl ''x'' | sort' with (format csv)").unwrap();
        assert_eq!(copy.sql, b"COPY orders (a, b)  FROM STDIN  with (format csv)");
        assert_eq!(copy.program.as_deref(), Some(b"curl 'x' | sort".as_slice()));
        let copy = parse(b"(delete from t returning *) to /tmp/x.csv csv").unwrap();
        assert_eq!(copy.sql, b"COPY (delete from t returning *)  TO STDOUT  csv");
        assert_eq!(copy.program, None);
        assert!(parse(b"t from stdin").unwrap().inline);
        assert!(!parse(b"t from pstdin").unwrap().inline);
        assert_eq!(parse(b"t"), None);
    }
}
