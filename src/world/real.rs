//! The real world: system calls behind the [`World`] trait.
