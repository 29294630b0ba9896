//! The audit trail: hash-chained JSON lines.
