//! Reads requests to Railway's GraphQL API, whichever program sends them.
