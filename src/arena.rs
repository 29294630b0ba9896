//! The program's memory: the first few kilobytes come from a fixed block and
//! are hardly ever given back, everything beyond from a general one. A shim that lets a
//! command pass fits into the block, so that no other allocator is started (musl's
//! makes four system calls before its first byte). Reads and decides nothing.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What serves everything beyond the block. musl's own allocator takes three
/// times as long over the syntax trees of a script (see CONTRIBUTING.md).
#[cfg(target_env = "musl")]
static BEYOND: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
#[cfg(not(target_env = "musl"))]
static BEYOND: std::alloc::System = std::alloc::System;

/// The block's size. What is never touched of it costs nothing.
const SIZE: usize = 64 * 1024;

/// The alignment of the block, and the largest that is served from it.
const ALIGN: usize = 16;

/// The allocator. Only the block's last piece can be given back or grow.
#[derive(Debug)]
#[repr(C)]
pub struct Arena {
    /// How much of the block is taken, from its beginning.
    taken: AtomicUsize,
    block: Block,
}

#[derive(Debug)]
#[repr(C, align(16))]
struct Block(UnsafeCell<MaybeUninit<[u8; SIZE]>>);

// SAFETY: the block's bytes are only ever reached through pieces of it, and
// `taken` moves atomically, so that no two live pieces overlap.
unsafe impl Sync for Block {}

impl Arena {
    /// An arena with nothing taken.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Arena {
        Arena { taken: AtomicUsize::new(0), block: Block(UnsafeCell::new(MaybeUninit::uninit())) }
    }

    /// Where `piece` begins in the block, if it is in it.
    fn place(&self, piece: *mut u8) -> Option<usize> {
        let from = piece.addr().checked_sub(self.block.0.get().addr())?;
        (from < SIZE).then_some(from)
    }

    /// Takes a piece off the block's rest.
    fn take(&self, layout: Layout) -> Option<*mut u8> {
        if layout.align() > ALIGN {
            return None;
        }
        let mut taken = self.taken.load(Ordering::Relaxed);
        loop {
            let from = taken.checked_next_multiple_of(layout.align())?;
            let end = from.checked_add(layout.size()).filter(|end| *end <= SIZE)?;
            match self.move_end(taken, end) {
                // SAFETY: `from` is at most SIZE.
                Ok(_) => return Some(unsafe { self.block.0.get().cast::<u8>().add(from) }),
                Err(now) => taken = now,
            }
        }
    }

    fn move_end(&self, from: usize, to: usize) -> Result<usize, usize> {
        self.taken.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed)
    }
}

// SAFETY: a piece is `size` bytes at a place of the asked alignment (the block
// is aligned to ALIGN), disjoint from every other live piece; BEYOND answers for
// what does not come from the block, and gets back only what it gave.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise, passed on.
        self.take(layout).unwrap_or_else(|| unsafe { BEYOND.alloc(layout) })
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        match self.place(piece) {
            // The last piece is taken back; any other stays.
            Some(from) => {
                let _ = self.move_end(from + layout.size(), from);
            }
            // SAFETY: BEYOND gave it; the rest is the caller's promise.
            None => unsafe { BEYOND.dealloc(piece, layout) },
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(from) = self.place(piece) else {
            // SAFETY: BEYOND gave it; the rest is the caller's promise.
            return unsafe { BEYOND.realloc(piece, layout, size) };
        };
        let end = from.checked_add(size).filter(|end| *end <= SIZE);
        if end.is_some_and(|end| self.move_end(from + layout.size(), end).is_ok()) {
            return piece;
        }
        // SAFETY: the caller's promise: `size` is within bounds for the layout.
        let other = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !other.is_null() {
            // SAFETY: two disjoint pieces, each at least as long as what is copied.
            unsafe { ptr::copy_nonoverlapping(piece, other, layout.size().min(size)) };
            // SAFETY: the caller gives it up.
            unsafe { self.dealloc(piece, layout) };
        }
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    fn get(arena: &Arena, size: usize) -> *mut u8 {
        // SAFETY: no size asked for here is zero.
        let piece = unsafe { arena.alloc(layout(size)) };
        assert!(!piece.is_null() && piece.addr() % 8 == 0);
        // SAFETY: it is that long.
        unsafe { piece.write_bytes(u8::try_from(size % 251).unwrap(), size) };
        piece
    }

    fn holds(piece: *mut u8, size: usize) -> bool {
        // SAFETY: `get` made it that long and filled it.
        let bytes = unsafe { std::slice::from_raw_parts(piece, size) };
        bytes.iter().all(|byte| usize::from(*byte) == size % 251)
    }

    #[test]
    fn pieces_do_not_overlap_and_the_rest_comes_from_elsewhere() {
        let arena = Arena::new();
        let sizes = [1, 7, 100, 4_096, 60_000, 3, 5_000, 1];
        let pieces = sizes.map(|size| (get(&arena, size), size));
        let inside = pieces.map(|(piece, _)| arena.place(piece).is_some());
        assert_eq!(inside, [true, true, true, true, true, true, false, true]);
        assert!(pieces.iter().all(|(piece, size)| holds(*piece, *size)));
        for (piece, size) in pieces {
            // SAFETY: each once, with its own layout.
            unsafe { arena.dealloc(piece, layout(size)) };
        }
    }

    #[test]
    fn the_last_piece_grows_in_place_and_others_move() {
        let arena = Arena::new();
        let first = get(&arena, 16);
        let last = get(&arena, 16);
        // SAFETY: live pieces with their own layouts.
        let grown = unsafe { arena.realloc(last, layout(16), 4_000) };
        assert_eq!(grown, last);
        // SAFETY: as above.
        let moved = unsafe { arena.realloc(first, layout(16), 32) };
        assert!(moved != first && holds(first, 16));
        // SAFETY: its first 16 bytes were copied.
        assert!(unsafe { std::slice::from_raw_parts(moved, 16) }.iter().all(|byte| *byte == 16));
        // SAFETY: as above.
        let away = unsafe { arena.realloc(moved, layout(32), SIZE) };
        assert_eq!(arena.place(away), None);
        // SAFETY: as above.
        unsafe { arena.dealloc(away, layout(SIZE)) };
        // What the last piece left behind is there to be taken again.
        assert_eq!(get(&arena, 8), moved);
    }

    #[test]
    fn greater_alignments_come_from_elsewhere() {
        let arena = Arena::new();
        let layout = Layout::from_size_align(64, 64).unwrap();
        // SAFETY: the size is not zero.
        let piece = unsafe { arena.alloc(layout) };
        assert!(arena.place(piece).is_none() && piece.addr() % 64 == 0);
        // SAFETY: its own layout.
        unsafe { arena.dealloc(piece, layout) };
    }

    #[test]
    fn threads_get_pieces_of_their_own() {
        static ARENA: Arena = Arena::new();
        let threads: Vec<_> = (1..5_usize)
            .map(|size| {
                std::thread::spawn(move || {
                    let pieces: Vec<usize> =
                        (0..1_000).map(|_| get(&ARENA, size).expose_provenance()).collect();
                    pieces.iter().all(|at| holds(ptr::with_exposed_provenance_mut(*at), size))
                })
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    }
}
