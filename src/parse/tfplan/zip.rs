//! One entry out of a ZIP archive as Go's `archive/zip` writes one: no
//! comment behind the directory, nothing in front of the first entry, stored
//! or deflated. Anything else is refused, and not searched for: two readers
//! of one archive that look for its directory in different places can be
//! shown different entries.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The bytes of the record at the end.
const END: usize = 22;

/// The most entries that are looked through.
const MAX_ENTRIES: usize = 20_000;

/// The entry called `name`, unpacked to at most `limit` bytes.
///
/// # Errors
/// A clause that says why it cannot be read.
pub fn entry(archive: &[u8], name: &[u8], limit: usize) -> Result<Vec<u8>, &'static str> {
    let odd = "it is no plan file as Terraform writes one";
    let at = archive.len().checked_sub(END).ok_or(odd)?;
    let end = Record(archive.get(at..).ok_or(odd)?);
    let (size, start) = (end.four(12).ok_or(odd)?, end.four(16).ok_or(odd)?);
    let plain = end.0.starts_with(b"PK\x05\x06")
        && end.two(4) == Some(0)
        && end.two(20) == Some(0)
        && start.checked_add(size) == Some(at);
    if !plain {
        return Err(odd);
    }
    let mut rest = archive.get(start..at).ok_or(odd)?;
    let mut found: Option<Vec<u8>> = None;
    for _ in 0..MAX_ENTRIES {
        if rest.is_empty() {
            return found.ok_or("there is no plan in it");
        }
        let header = Record(rest);
        if !header.0.starts_with(b"PK\x01\x02") {
            return Err(odd);
        }
        let lengths = [28, 30, 32].map(|place| header.two(place));
        let [Some(named), Some(extra), Some(comment)] = lengths else { return Err(odd) };
        if rest.get(46..46 + named) == Some(name) {
            if found.is_some() {
                return Err("there are two plans in it");
            }
            found = Some(unpack(archive, &header, limit)?);
        }
        rest = rest.get(46 + named + extra + comment..).ok_or(odd)?;
    }
    Err("there are too many files in it")
}

fn unpack(archive: &[u8], header: &Record<'_>, limit: usize) -> Result<Vec<u8>, &'static str> {
    let odd = "the plan in it cannot be unpacked";
    let packed = header.four(20).ok_or(odd)?;
    let local = Record(archive.get(header.four(42).ok_or(odd)?..).ok_or(odd)?);
    if !local.0.starts_with(b"PK\x03\x04") || header.two(8).is_none_or(|bits| bits & 1 != 0) {
        return Err(odd);
    }
    let start = 30 + local.two(26).ok_or(odd)? + local.two(28).ok_or(odd)?;
    let data = local.0.get(start..start.checked_add(packed).ok_or(odd)?).ok_or(odd)?;
    match header.two(10) {
        Some(0) if data.len() <= limit => Ok(data.to_vec()),
        Some(8) => decompress_to_vec_with_limit(data, limit).map_err(|_| odd),
        _ => Err(odd),
    }
}

/// Bytes with little-endian numbers in them.
struct Record<'a>(&'a [u8]);

impl Record<'_> {
    fn two(&self, at: usize) -> Option<usize> {
        let bytes = self.0.get(at..at + 2)?;
        Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
    }

    fn four(&self, at: usize) -> Option<usize> {
        let bytes = self.0.get(at..at + 4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    }
}
