//! One program under many names: called `holdpoint` it is the command line,
//! called anything else it is that tool's shim.
//!
//! It starts where libc hands over, without Rust's runtime in between: that
//! would set SIGPIPE back to its default and open /dev/null on descriptors
//! that were handed over closed, and the tool would inherit both.

#![cfg_attr(not(test), no_main)]

#[cfg(not(test))]
use std::ffi::{c_char, c_int};

/// musl's own allocator takes three times as long over the syntax trees of a
/// script (see CONTRIBUTING.md).
#[cfg(all(target_env = "musl", not(test)))]
#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Where libc starts the program.
///
/// # Safety
/// Only libc calls it, once, with the kernel's own `argc` and `argv`.
#[cfg(not(test))]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: these are the values that libc was given by the kernel, and
    // nothing has run yet that could have changed what they point to.
    let start = unsafe { holdpoint::exec::Start::from_libc(argc, argv) };
    let status = match start.name.to_str() {
        Some("holdpoint") => holdpoint::cli::main(start.argv),
        _ => holdpoint::cli::shim(start.argv, start.name),
    };
    // Not a return: leaving by `exit` is what flushes Rust's standard output.
    std::process::exit(status)
}
