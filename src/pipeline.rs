//! The one function: an invocation in, a judgement out.
