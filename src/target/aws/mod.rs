//! Where an AWS CLI invocation lands.
