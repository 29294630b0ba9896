//! Requests, approvals and grants.
