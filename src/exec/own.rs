//! Telling holdpoint's own files from real tools: by device and inode, by a
//! note in the executable (for copies), by the marker in a shim folder.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use nix::libc;
use nix::sys::stat::{FileStat, stat};

use crate::system;

/// The name of the file that marks a folder as one of shims.
pub const MARKER: &str = ".holdpoint-shims";

/// The file that this process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    device: libc::dev_t,
    inode: libc::ino_t,
}

impl Own {
    /// Asks /proc. `None` where that is not mounted. (Under valgrind or
    /// qemu-user the answer is the emulator: then the note tells.)
    pub fn of_this_process() -> Option<Own> {
        let found = system::own_file()?;
        Some(Own { device: found.st_dev, inode: found.st_ino })
    }

    /// Whether what was found is this file, through whatever links.
    pub fn is(&self, found: &FileStat) -> bool {
        found.st_dev == self.device && found.st_ino == self.inode
    }
}

/// Whether the executable is holdpoint, of any build or version.
pub fn carries_note(path: &Path) -> bool {
    File::open(path).and_then(|file| has_note(&file)).unwrap_or(false)
}

/// Whether what was found at `path` is holdpoint: by its note, or, where a
/// file may be run but not read, by being the one that this process runs.
pub(super) fn is_holdpoint(path: &Path, found: &FileStat) -> bool {
    File::open(path)
        .and_then(|file| has_note(&file))
        .unwrap_or_else(|_| Own::of_this_process().is_some_and(|own| own.is(found)))
}

/// Whether `folder` holds shims.
pub fn is_shim_folder(folder: &Path) -> bool {
    stat(&folder.join(MARKER)).is_ok()
}

/// An ELF note as it stands in the file.
#[repr(C)]
struct Note {
    name_size: u32,
    content_size: u32,
    kind: u32,
    name: [u8; 12],
    content: u32,
}

/// The linker collects sections of this name in a segment of the program
/// header, so that the note is found from the file's first page. (Where programs
/// are no ELF files, nobody looks for it: there a copy is told by its inode, or
/// stopped by the bound on rounds.)
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__TEXT,__holdpoint"))]
#[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".note.holdpoint"))]
static NOTE: Note =
    Note { name_size: 10, content_size: 4, kind: 1, name: *b"holdpoint\0\0\0", content: 1 };

/// Sizes and offsets of the ELF format, 64 bits, little-endian.
mod elf {
    pub const IDENT: &[u8] = b"\x7fELF\x02\x01";
    pub const HEADERS_AT: usize = 32;
    pub const HEADER_SIZE_AT: usize = 54;
    pub const HEADER_COUNT_AT: usize = 56;
    pub const TYPE_NOTE: u32 = 4;
    pub const SEGMENT_OFFSET_AT: usize = 8;
    pub const SEGMENT_SIZE_AT: usize = 32;
    pub const NOTE_HEADER: usize = 12;
}

/// How much of a file's beginning, and of one note segment, is looked at. The
/// program header stands at the beginning and takes 56 bytes a segment.
const PAGE: usize = 1024;

fn has_note(file: &File) -> io::Result<bool> {
    let mut first = [0; PAGE];
    let count = file.read_at(&mut first, 0)?;
    let first = first.get(..count).unwrap_or_default();
    for (offset, size) in note_segments(first) {
        let end = offset.saturating_add(size.min(PAGE));
        let found = match first.get(offset..end) {
            Some(segment) => names_us(segment),
            None => {
                let mut segment = [0; PAGE];
                let at = u64::try_from(offset).unwrap_or(u64::MAX);
                let count = file.read_at(&mut segment, at)?;
                names_us(segment.get(..count.min(size)).unwrap_or_default())
            }
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Offset and size of each note segment that the first page lists.
fn note_segments(first: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let headers = first.starts_with(elf::IDENT).then(|| {
        let at = u64_at(first, elf::HEADERS_AT)?;
        let size = usize::from(u16_at(first, elf::HEADER_SIZE_AT)?);
        let count = usize::from(u16_at(first, elf::HEADER_COUNT_AT)?);
        Some(first.get(at..)?.chunks_exact(size.max(1)).take(count))
    });
    headers.flatten().into_iter().flatten().filter_map(|header| {
        let segment =
            (u64_at(header, elf::SEGMENT_OFFSET_AT)?, u64_at(header, elf::SEGMENT_SIZE_AT)?);
        (u32_at(header, 0)? == elf::TYPE_NOTE).then_some(segment)
    })
}

/// Whether one of the notes in a segment has holdpoint's name.
fn names_us(mut segment: &[u8]) -> bool {
    let padded = |size: u32| usize::try_from(size).ok()?.checked_next_multiple_of(4);
    let next = || -> Option<bool> {
        let name_size = padded(u32_at(segment, 0)?)?;
        let content_size = padded(u32_at(segment, 4)?)?;
        let behind = segment.get(elf::NOTE_HEADER..)?;
        let (name, rest) = (behind.get(..name_size)?, behind.get(name_size..)?);
        segment = rest.get(content_size..)?;
        Some(name == NOTE.name)
    };
    std::iter::from_fn(next).any(|ours| ours)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn this_program_carries_the_note_and_others_do_not() {
        // The tests are linked with the same static.
        assert!(carries_note(&std::env::current_exe().unwrap()));
        for other in ["/bin/sh", "/etc/passwd", "/dev/null", "/", "/nonexistent"] {
            assert!(!carries_note(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn a_copy_is_another_file_with_the_same_note() {
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join("psql");
        fs::copy("/proc/self/exe", &copy).unwrap();
        assert!(!Own::of_this_process().unwrap().is(&stat(&copy).unwrap()));
        assert!(carries_note(&copy));
    }

    #[test]
    fn a_link_is_this_file() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("psql");
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &link).unwrap();
        assert!(Own::of_this_process().unwrap().is(&stat(&link).unwrap()));
    }

    #[test]
    fn the_name_in_the_text_of_a_file_is_not_the_note() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let mut fake = fs::read("/bin/true").unwrap();
        fake.extend_from_slice(b"\x0a\0\0\0\x04\0\0\0\x01\0\0\0holdpoint\0\0\0\x01\0\0\0");
        fs::write(&path, fake).unwrap();
        assert!(!carries_note(&path));
    }

    #[test]
    fn a_cut_or_mangled_executable_is_survived() {
        let whole = fs::read(std::env::current_exe().unwrap()).unwrap();
        let page = &whole[..PAGE];
        for cut in 0..PAGE {
            let _ = note_segments(&page[..cut]).count();
        }
        let mut mangled = page.to_vec();
        for at in 0..PAGE {
            mangled[at] ^= 0xff;
            for (offset, size) in note_segments(&mangled) {
                let end = offset.saturating_add(size);
                let _ = names_us(mangled.get(offset..end).unwrap_or(&mangled));
            }
            mangled[at] ^= 0xff;
        }
        assert!(!names_us(b"\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0\0holdpoint\0\0\0"));
    }
}
