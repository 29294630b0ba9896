//! How much work one judgement may be. Work is counted, not timed, so that the
//! same text gets the same answer on every machine; a unit is about 20 ns of
//! the machine that the benchmarks ran on. What a text itself holds is always
//! followed, and takes time in proportion to its length. What multiplies
//! (functions that call functions, loops, `eval`, scripts run again and again)
//! ends at a bound. Holds the prices; counts nothing.

/// Finding a command in a text, or reading what it does.
pub const STEP: usize = 500;

/// What a text may cost whatever its length: some 6,000 commands.
pub const BASE: usize = 3_000_000;

/// What each byte of a text adds. No command is shorter than two bytes with
/// what ends it, so that this pays for every command to be found once.
pub const PER_BYTE: usize = 300;

/// What everything may cost that a subject leads to, files and scripts
/// included: more than 256 KiB of the shortest commands do.
pub const TOTAL: usize = 200_000_000;

/// A question to the file system.
pub const LOOK: usize = 50;

/// A process that is started to ask it something.
pub const PROCESS: usize = 500_000;

/// Reading a text of so many bytes with a grammar.
pub const fn of_reading(bytes: usize) -> usize {
    bytes.saturating_mul(4)
}

/// Copying so many bytes.
pub const fn of_copying(bytes: usize) -> usize {
    bytes / 256
}

#[cfg(test)]
mod tests;
