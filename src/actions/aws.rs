//! Reads the AWS CLI.
