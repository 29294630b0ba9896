//! The head of pg_dump's archives (custom, directory's `toc.dat`, tar): the
//! database that was dumped, which `pg_restore --create` drops and creates.
//! Bytes in, name out. By pg_backup_archiver.c of PostgreSQL 12 to 18; checked
//! against archives of pg_dump 15.18 (tests/postgres).

/// Bytes of an archive that are enough to read its head.
pub const HEAD: usize = 16 * 1024;

/// The size of a tar member's header.
const TAR_HEADER: usize = 512;

/// The name of the database in an archive's first bytes.
pub fn database(bytes: &[u8]) -> Option<String> {
    // pg_dump writes `toc.dat` in front of everything else.
    let bytes = match bytes.strip_prefix(b"toc.dat\0") {
        Some(_) => bytes.get(TAR_HEADER..)?,
        None => bytes,
    };
    let mut at = Cursor { rest: bytes.strip_prefix(b"PGDMP")?, width: 0 };
    let (major, minor) = (at.byte()?, at.byte()?);
    let _revision = at.byte()?;
    at.width = usize::from(at.byte()?);
    let _offset_width = at.byte()?;
    let _format = at.byte()?;
    if major != 1 || !(7..=20).contains(&minor) || !(1..=8).contains(&at.width) {
        return None;
    }
    // The compression: a level, and since 1.15 an algorithm.
    match minor {
        ..15 => at.number().map(drop)?,
        _ => at.byte().map(drop)?,
    }
    // Seconds, minutes, hours, day, month, year, daylight saving.
    for _ in 0..7 {
        at.number()?;
    }
    let length = usize::try_from(at.number()?).ok()?;
    let name = at.rest.get(..length)?;
    (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned())
}

struct Cursor<'a> {
    rest: &'a [u8],
    /// How many bytes a number has behind its sign.
    width: usize,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// A sign, then the lowest byte first.
    fn number(&mut self) -> Option<i64> {
        let negative = self.byte()? != 0;
        let mut value: u64 = 0;
        for place in 0..self.width {
            value |= u64::from(self.byte()?).checked_shl(u32::try_from(place).ok()? * 8)?;
        }
        let value = i64::try_from(value).ok()?;
        Some(if negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: u32) -> Vec<u8> {
        [&[0][..], &value.to_le_bytes()].concat()
    }

    fn archive(minor: u8, name: &str) -> Vec<u8> {
        let mut bytes = b"PGDMP".to_vec();
        bytes.extend([1, minor, 0, 4, 8, 1]);
        match minor {
            ..15 => bytes.extend(number(6)),
            _ => bytes.push(1),
        }
        (0..7).for_each(|_| bytes.extend(number(3)));
        bytes.extend(number(u32::try_from(name.len()).unwrap()));
        bytes.extend(name.as_bytes());
        bytes.extend(b"\0\x02\0\0\x0015");
        bytes
    }

    #[test]
    fn the_head_names_the_database() {
        for minor in [12, 13, 14, 15, 16] {
            let bytes = archive(minor, "shop_prod");
            assert_eq!(database(&bytes).as_deref(), Some("shop_prod"), "{minor}");
            let mut tar = b"toc.dat\0".to_vec();
            tar.resize(TAR_HEADER, b'0');
            tar.extend(bytes);
            assert_eq!(database(&tar).as_deref(), Some("shop_prod"), "{minor}");
        }
    }

    #[test]
    fn what_is_no_archive_names_nothing() {
        let whole = archive(14, "shop");
        for end in 0..whole.len() - 10 {
            assert_eq!(database(&whole[..end]), None, "{end}");
        }
        for text in
            [&b""[..], b"-- PostgreSQL database dump", b"toc.dat\0", b"PGDMP\x02\0\0\x04\x08\x01"]
        {
            assert_eq!(database(text), None);
        }
    }
}
