//! What a person is asked to approve: requests, and later approvals and
//! grants. A request is the digest of one exact operation; nothing here asks,
//! stores or runs.

pub mod request;

pub use request::request_id;
