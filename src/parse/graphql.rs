//! GraphQL documents → operations and root fields, by apollo-parser.
