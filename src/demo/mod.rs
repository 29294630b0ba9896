//! What `holdpoint demo` and the tests need to show the incident without
//! touching anything: a control plane of their own. Nothing else uses it.

pub mod control_plane;
