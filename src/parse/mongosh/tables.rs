//! What the functions of mongosh and the server's commands do, by name.
//! Checked against mongosh 2.12's `help` texts; the server's commands by
//! MongoDB's manual.

use crate::action::Effect::{self, Disrupt, Read, Write};

/// Constructors of literals.
pub const VALUES: &[&str] = &[
    "BinData", "Date", "Decimal128", "Double", "ISODate", "Int32", "Long", "MaxKey", "MinKey",
    "NumberDecimal", "NumberInt", "NumberLong", "ObjectId", "RegExp", "Timestamp", "UUID",
];

/// Functions and methods that only look, sorted.
pub const READS: &[&str] = &[
    "Array", "BinData", "Boolean", "Date", "Decimal128", "Double", "EJSON", "Error", "ISODate",
    "Int32", "Long", "Map", "MaxKey", "MinKey", "Number", "NumberDecimal", "NumberInt",
    "NumberLong", "ObjectId", "RegExp", "Set", "String", "Timestamp", "UUID", "abs",
    "addOption", "allowDiskUse", "assert", "auth", "batchSize", "ceil", "close", "collation",
    "comment", "concat", "conf", "config", "count", "countDocuments", "currentOp",
    "dataSize", "deserialize", "dir", "distinct", "endsWith", "entries", "error",
    "estimatedDocumentCount", "every", "exit", "explain", "filter", "find", "findIndex",
    "findOne", "flat", "flatMap", "floor", "forEach", "fromEntries", "getBalancerState",
    "getCollection", "getCollectionInfos", "getCollectionNames", "getCmdLineOpts", "getDB",
    "getDBNames", "getDBs", "getFullName", "getHours", "getIndexKeys", "getIndexes",
    "getIndices", "getLogComponents", "getMinutes", "getMongo", "getMonth", "getName",
    "getPlanCache", "getProfilingStatus", "getReadPref", "getReplicationInfo", "getRole",
    "getRoles", "getSearchIndexes", "getShardDistribution", "getShardVersion", "getSiblingDB",
    "getTime", "getTimestamp", "getUser", "getUsers", "getFullYear", "has", "hasNext", "hello",
    "help", "hint", "hostInfo", "includes", "indexOf", "info", "isArray", "isBalancerRunning",
    "isCapped", "isExhausted", "isFinite", "isInteger", "isMaster", "isNaN", "isoWeek",
    "itcount", "join", "keys", "lastIndexOf", "latencyStats", "limit", "list",
    "listCollections", "listCommands", "listDatabases", "localeCompare", "log", "map", "match",
    "max", "maxTimeMS", "min", "next", "noCursorTimeout", "now", "objsLeftInBatch", "padEnd",
    "padStart", "parse", "parseFloat", "parseInt", "pop", "pow", "pretty", "print",
    "printCollectionStats", "printReplicationInfo", "printSecondaryReplicationInfo",
    "printShardingStatus", "printSlaveReplicationInfo", "printjson", "printjsononeline",
    "projection", "push", "random", "readConcern", "readPref", "reduce", "repeat", "replaceAll",
    "returnKey", "reverse", "round", "searchIndexes", "serialize", "serverBuildInfo",
    "serverCmdLineOpts", "serverStatus", "setReadPref", "shift", "showRecordId", "size", "skip",
    "slice", "some", "sort", "splice", "split", "sqrt", "startsWith", "stats", "status",
    "storageSize", "stringify", "substr", "substring", "tailable", "test", "toArray", "toDateString",
    "toFixed", "toISOString", "toLocaleString", "toLowerCase", "toString", "toUpperCase",
    "toHexString", "tojson", "tojsononeline", "totalIndexSize", "totalSize", "trim", "trunc",
    "tryNext", "unshift", "validate", "values", "version", "warn", "watch",
];

/// Methods that take a function and call it.
pub const CALLING: &[&str] = &[
    "every", "filter", "find", "findIndex", "flatMap", "forEach", "map", "reduce", "replaceAll",
    "some", "sort",
];

/// Functions that may be handed to those by their bare names.
pub const HANDED: &[&str] =
    &["Boolean", "Number", "String", "print", "printjson", "printjsononeline", "tojson"];

/// Methods whose effect does not depend on their arguments.
pub const PLAIN: &[(&str, Effect, &str)] = &[
    ("insert", Write, "Inserts documents."),
    ("insertOne", Write, "Inserts a document."),
    ("insertMany", Write, "Inserts documents."),
    ("save", Write, "Writes a document."),
    ("deleteOne", Write, "Deletes a document."),
    ("updateOne", Write, "Changes a document."),
    ("replaceOne", Write, "Replaces a document."),
    ("findAndModify", Write, "Changes or deletes a document."),
    ("findOneAndDelete", Write, "Deletes a document."),
    ("findOneAndReplace", Write, "Replaces a document."),
    ("findOneAndUpdate", Write, "Changes a document."),
    ("createCollection", Write, "Creates a collection."),
    ("createView", Write, "Creates a view."),
    ("createSearchIndex", Write, "Creates a search index."),
    ("fsyncUnlock", Write, "Lets writes go on."),
    ("setLogLevel", Write, "Changes what the server logs."),
    ("setProfilingLevel", Write, "Changes what the server profiles."),
    ("hideIndex", Disrupt, "Hides an index from queries."),
    ("unhideIndex", Write, "Shows an index to queries."),
    ("createIndex", Disrupt, "Builds an index on a live collection."),
    ("createIndexes", Disrupt, "Builds indexes on a live collection."),
    ("ensureIndex", Disrupt, "Builds an index on a live collection."),
    ("dropIndex", Disrupt, "Drops an index."),
    ("dropIndexes", Disrupt, "Drops indexes."),
    ("dropSearchIndex", Disrupt, "Drops a search index."),
    ("reIndex", Disrupt, "Rebuilds indexes under a lock."),
    ("compact", Disrupt, "Rewrites a collection's file."),
    ("fsyncLock", Disrupt, "Stops every write to the server."),
    ("killOp", Disrupt, "Ends a running operation."),
    ("shutdownServer", Disrupt, "Stops the database server."),
    ("stepDown", Disrupt, "Makes the primary step down."),
    ("reconfig", Disrupt, "Changes the replica set."),
    ("stopBalancer", Disrupt, "Stops the balancer."),
    ("startBalancer", Write, "Starts the balancer."),
];

/// Methods that change who may do what.
pub const PERMISSIONS: &[&str] = &[
    "changeUserPassword", "createRole", "createUser", "grantPrivilegesToRole", "grantRolesToRole",
    "grantRolesToUser", "revokePrivilegesFromRole", "revokeRolesFromRole", "revokeRolesFromUser",
    "updateRole", "updateUser",
];

/// Names that, wherever a script has them, may mean that data goes.
pub const DESTROYING: &[&str] = &[
    "$out", "bulkWrite", "convertToCapped", "deleteMany", "drop", "dropAllRolesFromDatabase",
    "dropAllUsersFromDatabase", "dropDatabase", "dropRole", "dropTarget", "dropUser", "remove",
    "updateMany",
];

/// Names through which a script could reach what it does not show.
pub const HIDING: &[&str] = &[
    "Function", "Proxy", "Reflect", "Symbol", "__proto__", "apply", "bind", "call", "constructor",
    "defineProperty", "eval", "get", "global", "globalThis", "import", "module", "process", "prototype",
    "require", "set", "then", "this", "valueOf", "with",
];

/// Commands of the server that only look.
pub const COMMAND_READS: &[&str] = &[
    "atlasVersion", "balancerStatus", "buildInfo", "buildinfo", "collStats", "collstats",
    "connPoolStats", "connectionStatus", "count", "currentOp", "dataSize", "dbHash", "dbStats",
    "dbstats", "distinct", "explain", "features", "find", "getCmdLineOpts",
    "getDefaultRWConcern", "getLog", "getMore", "getParameter", "getShardMap", "hello",
    "hostInfo", "isMaster", "isdbgrid", "ismaster", "listCollections", "listCommands",
    "listDatabases", "listIndexes", "listSearchIndexes", "listShards", "lockInfo", "ping",
    "replSetGetConfig", "replSetGetStatus", "rolesInfo", "serverStatus", "top", "usersInfo",
    "validate", "whatsmyuri",
];

/// Commands of the server by their effect.
pub const COMMANDS: &[(&str, Effect, &str)] = &[
    ("insert", Write, "Inserts documents."),
    ("findAndModify", Write, "Changes or deletes a document."),
    ("findandmodify", Write, "Changes or deletes a document."),
    ("create", Write, "Creates a collection."),
    ("collMod", Write, "Changes a collection's options."),
    ("endSessions", Read, ""),
    ("profile", Write, "Changes what the server profiles."),
    ("enableSharding", Write, "Lets a database's collections be spread."),
    ("setFeatureCompatibilityVersion", Disrupt, "Changes how the server stores its data."),
    ("createIndexes", Disrupt, "Builds indexes on a live collection."),
    ("dropIndexes", Disrupt, "Drops indexes."),
    ("reIndex", Disrupt, "Rebuilds indexes under a lock."),
    ("compact", Disrupt, "Rewrites a collection's file."),
    ("fsync", Disrupt, "Flushes the server's files, and may stop writes."),
    ("killOp", Disrupt, "Ends a running operation."),
    ("killSessions", Disrupt, "Ends sessions."),
    ("killCursors", Disrupt, "Ends cursors."),
    ("shutdown", Disrupt, "Stops the database server."),
    ("setParameter", Disrupt, "Changes a setting of the whole server."),
    ("replSetStepDown", Disrupt, "Makes the primary step down."),
    ("replSetReconfig", Disrupt, "Changes the replica set."),
    ("balancerStop", Disrupt, "Stops the balancer."),
    ("balancerStart", Write, "Starts the balancer."),
    ("shardCollection", Disrupt, "Spreads a collection over shards."),
    ("moveChunk", Disrupt, "Moves data between shards."),
    ("movePrimary", Disrupt, "Moves a database to another shard."),
    ("removeShard", Disrupt, "Empties a shard and takes it out of the cluster."),
];
