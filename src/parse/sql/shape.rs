//! Which kind of statement each of the grammar's statements is. The match is
//! exhaustive on purpose: a grammar that learns a new statement does not
//! compile until somebody has said what it does.

use squawk_syntax::ast::{AlterTableAction, Commit, Rollback, Stmt};

/// What a kind of statement does, before its clauses are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A query or a change of rows: what it does is inside it.
    Query(&'static str),
    /// Looks, or changes this session only.
    Read(&'static str),
    /// Changes something bounded.
    Write(&'static str),
    /// Changes who may do what.
    Permission(&'static str),
    /// Takes something out of service.
    Disrupt(&'static str),
    /// Drops the objects that it names: operation, noun.
    Drop(&'static str, &'static str),
    /// DROP INDEX: the data stays, queries slow down.
    DropIndex,
    /// Runs code that is not in the text.
    Opaque(&'static str, &'static str),
    /// ALTER of something with columns.
    AlterTable(&'static str),
    /// ALTER TYPE.
    AlterType,
    /// DROP OWNED.
    DropOwned,
    /// TRUNCATE.
    Truncate,
    /// COPY.
    Copy,
    /// DO.
    Do,
    /// EXPLAIN.
    Explain,
    /// CREATE FUNCTION or PROCEDURE.
    Define(&'static str),
    /// CREATE INDEX.
    CreateIndex,
    /// REINDEX.
    Reindex,
    /// VACUUM.
    Vacuum,
    /// LOCK.
    Lock,
    /// PREPARE.
    Prepare,
    /// EXECUTE.
    Execute,
    /// SET or RESET.
    Set,
    /// ALTER SYSTEM.
    AlterSystem,
    /// BEGIN.
    Begin,
    /// COMMIT, END, PREPARE TRANSACTION.
    Commit,
    /// ROLLBACK, ABORT.
    Rollback,
}

/// The shape of a statement.
pub fn of(stmt: &Stmt) -> Shape {
    use Shape::{AlterTable, Disrupt, Drop, Opaque, Permission, Query, Read, Write};
    match stmt {
        Stmt::Select(_) | Stmt::CompoundSelect(_) | Stmt::ParenSelect(_) => Query("SELECT"),
        Stmt::Values(_) => Query("VALUES"),
        Stmt::Table(_) => Query("TABLE"),
        Stmt::SelectInto(_) => Query("SELECT INTO"),
        Stmt::Insert(_) => Query("INSERT"),
        Stmt::Update(_) => Query("UPDATE"),
        Stmt::Delete(_) => Query("DELETE"),
        Stmt::Merge(_) => Query("MERGE"),
        Stmt::Declare(_) => Query("DECLARE"),
        Stmt::CreateTableAs(_) => Query("CREATE TABLE AS"),
        Stmt::CreateMaterializedView(_) => Query("CREATE MATERIALIZED VIEW"),
        Stmt::CreateRule(_) => Query("CREATE RULE"),
        Stmt::Prepare(_) => Shape::Prepare,
        Stmt::Execute(_) => Shape::Execute,
        Stmt::Explain(_) => Shape::Explain,
        Stmt::Copy(_) => Shape::Copy,
        Stmt::Do(_) => Shape::Do,
        Stmt::Call(_) => Opaque("CALL", "a procedure's body is not in the text"),
        Stmt::Load(_) => Opaque("LOAD", "a library's code is not in the text"),
        Stmt::Begin(_) => Shape::Begin,
        Stmt::Commit(Commit::CommitTransaction(_)) | Stmt::PrepareTransaction(_) => Shape::Commit,
        Stmt::Commit(Commit::CommitPrepared(_)) => {
            Opaque("COMMIT PREPARED", "what was prepared is not in the text")
        }
        Stmt::Rollback(Rollback::RollbackTransaction(_)) => Shape::Rollback,
        Stmt::Rollback(Rollback::RollbackToSavepoint(_)) => Read("ROLLBACK TO SAVEPOINT"),
        Stmt::Rollback(Rollback::RollbackPrepared(_)) => {
            Opaque("ROLLBACK PREPARED", "what was prepared is not in the text")
        }

        Stmt::Close(_) => Read("CLOSE"),
        Stmt::Deallocate(_) => Read("DEALLOCATE"),
        Stmt::Discard(_) => Read("DISCARD"),
        Stmt::EmptyStmt(_) => Read(""),
        Stmt::Fetch(_) => Read("FETCH"),
        Stmt::Listen(_) => Read("LISTEN"),
        Stmt::Move(_) => Read("MOVE"),
        Stmt::ReleaseSavepoint(_) => Read("RELEASE SAVEPOINT"),
        Stmt::Reset(_) => Read("RESET"),
        Stmt::ResetRole(_) => Read("RESET ROLE"),
        Stmt::ResetSessionAuth(_) => Read("RESET SESSION AUTHORIZATION"),
        Stmt::SavepointCreate(_) => Read("SAVEPOINT"),
        Stmt::Set(_) => Shape::Set,
        Stmt::SetConstraints(_) => Read("SET CONSTRAINTS"),
        Stmt::SetRole(_) => Read("SET ROLE"),
        Stmt::SetSessionAuth(_) => Read("SET SESSION AUTHORIZATION"),
        Stmt::SetTransaction(_) => Read("SET TRANSACTION"),
        Stmt::Show(_) => Read("SHOW"),
        Stmt::Unlisten(_) => Read("UNLISTEN"),

        Stmt::Analyze(_) => Write("ANALYZE"),
        Stmt::Checkpoint(_) => Write("CHECKPOINT"),
        Stmt::Cluster(_) => Disrupt("CLUSTER"),
        Stmt::CommentOn(_) => Write("COMMENT ON"),
        Stmt::ImportForeignSchema(_) => Write("IMPORT FOREIGN SCHEMA"),
        Stmt::Lock(_) => Shape::Lock,
        Stmt::Notify(_) => Write("NOTIFY"),
        Stmt::Refresh(_) => Write("REFRESH MATERIALIZED VIEW"),
        Stmt::Reindex(_) => Shape::Reindex,
        Stmt::Repack(_) => Disrupt("REPACK"),
        Stmt::Vacuum(_) => Shape::Vacuum,
        Stmt::Truncate(_) => Shape::Truncate,

        Stmt::Grant(_) => Permission("GRANT"),
        Stmt::Revoke(_) => Permission("REVOKE"),
        Stmt::Reassign(_) => Permission("REASSIGN OWNED"),
        Stmt::SecurityLabel(_) => Permission("SECURITY LABEL"),
        Stmt::AlterDefaultPrivileges(_) => Permission("ALTER DEFAULT PRIVILEGES"),
        Stmt::AlterGroup(_) => Permission("ALTER GROUP"),
        Stmt::AlterPolicy(_) => Permission("ALTER POLICY"),
        Stmt::AlterRole(_) => Permission("ALTER ROLE"),
        Stmt::AlterUser(_) => Permission("ALTER USER"),
        Stmt::AlterUserMapping(_) => Permission("ALTER USER MAPPING"),
        Stmt::CreateGroup(_) => Permission("CREATE GROUP"),
        Stmt::CreatePolicy(_) => Permission("CREATE POLICY"),
        Stmt::CreateRole(_) => Permission("CREATE ROLE"),
        Stmt::CreateUser(_) => Permission("CREATE USER"),
        Stmt::CreateUserMapping(_) => Permission("CREATE USER MAPPING"),

        Stmt::AlterAggregate(_) => Write("ALTER AGGREGATE"),
        Stmt::AlterCollation(_) => Write("ALTER COLLATION"),
        Stmt::AlterConversion(_) => Write("ALTER CONVERSION"),
        Stmt::AlterDatabase(_) => Write("ALTER DATABASE"),
        Stmt::AlterDomain(_) => Write("ALTER DOMAIN"),
        Stmt::AlterEventTrigger(_) => Write("ALTER EVENT TRIGGER"),
        Stmt::AlterExtension(_) => Write("ALTER EXTENSION"),
        Stmt::AlterForeignDataWrapper(_) => Write("ALTER FOREIGN DATA WRAPPER"),
        Stmt::AlterForeignTable(_) => AlterTable("ALTER FOREIGN TABLE"),
        Stmt::AlterFunction(_) => Write("ALTER FUNCTION"),
        Stmt::AlterIndex(_) => AlterTable("ALTER INDEX"),
        Stmt::AlterLanguage(_) => Write("ALTER LANGUAGE"),
        Stmt::AlterLargeObject(_) => Write("ALTER LARGE OBJECT"),
        Stmt::AlterMaterializedView(_) => AlterTable("ALTER MATERIALIZED VIEW"),
        Stmt::AlterOperator(_) => Write("ALTER OPERATOR"),
        Stmt::AlterOperatorClass(_) => Write("ALTER OPERATOR CLASS"),
        Stmt::AlterOperatorFamily(_) => Write("ALTER OPERATOR FAMILY"),
        Stmt::AlterProcedure(_) => Write("ALTER PROCEDURE"),
        Stmt::AlterPropertyGraph(_) => Write("ALTER PROPERTY GRAPH"),
        Stmt::AlterPublication(_) => Write("ALTER PUBLICATION"),
        Stmt::AlterRoutine(_) => Write("ALTER ROUTINE"),
        Stmt::AlterRule(_) => Write("ALTER RULE"),
        Stmt::AlterSchema(_) => Write("ALTER SCHEMA"),
        Stmt::AlterSequence(_) => Write("ALTER SEQUENCE"),
        Stmt::AlterServer(_) => Write("ALTER SERVER"),
        Stmt::AlterStatistics(_) => Write("ALTER STATISTICS"),
        Stmt::AlterSubscription(_) => Write("ALTER SUBSCRIPTION"),
        Stmt::AlterSystem(_) => Shape::AlterSystem,
        Stmt::AlterTable(_) => AlterTable("ALTER TABLE"),
        Stmt::AlterTablespace(_) => Write("ALTER TABLESPACE"),
        Stmt::AlterTextSearchConfiguration(_) => Write("ALTER TEXT SEARCH CONFIGURATION"),
        Stmt::AlterTextSearchDictionary(_) => Write("ALTER TEXT SEARCH DICTIONARY"),
        Stmt::AlterTextSearchParser(_) => Write("ALTER TEXT SEARCH PARSER"),
        Stmt::AlterTextSearchTemplate(_) => Write("ALTER TEXT SEARCH TEMPLATE"),
        Stmt::AlterTrigger(_) => Write("ALTER TRIGGER"),
        Stmt::AlterType(_) => Shape::AlterType,
        Stmt::AlterView(_) => AlterTable("ALTER VIEW"),

        Stmt::CreateAccessMethod(_) => Write("CREATE ACCESS METHOD"),
        Stmt::CreateAggregate(_) => Write("CREATE AGGREGATE"),
        Stmt::CreateCast(_) => Write("CREATE CAST"),
        Stmt::CreateCollation(_) => Write("CREATE COLLATION"),
        Stmt::CreateConversion(_) => Write("CREATE CONVERSION"),
        Stmt::CreateDatabase(_) => Write("CREATE DATABASE"),
        Stmt::CreateDomain(_) => Write("CREATE DOMAIN"),
        Stmt::CreateEventTrigger(_) => Write("CREATE EVENT TRIGGER"),
        Stmt::CreateExtension(_) => Write("CREATE EXTENSION"),
        Stmt::CreateForeignDataWrapper(_) => Write("CREATE FOREIGN DATA WRAPPER"),
        Stmt::CreateForeignTable(_) => Write("CREATE FOREIGN TABLE"),
        Stmt::CreateFunction(_) => Shape::Define("CREATE FUNCTION"),
        Stmt::CreateIndex(_) => Shape::CreateIndex,
        Stmt::CreateLanguage(_) => Write("CREATE LANGUAGE"),
        Stmt::CreateOperator(_) => Write("CREATE OPERATOR"),
        Stmt::CreateOperatorClass(_) => Write("CREATE OPERATOR CLASS"),
        Stmt::CreateOperatorFamily(_) => Write("CREATE OPERATOR FAMILY"),
        Stmt::CreateProcedure(_) => Shape::Define("CREATE PROCEDURE"),
        Stmt::CreatePropertyGraph(_) => Write("CREATE PROPERTY GRAPH"),
        Stmt::CreatePublication(_) => Write("CREATE PUBLICATION"),
        Stmt::CreateSchema(_) => Write("CREATE SCHEMA"),
        Stmt::CreateSequence(_) => Write("CREATE SEQUENCE"),
        Stmt::CreateServer(_) => Write("CREATE SERVER"),
        Stmt::CreateStatistics(_) => Write("CREATE STATISTICS"),
        Stmt::CreateSubscription(_) => Write("CREATE SUBSCRIPTION"),
        Stmt::CreateTable(_) => Write("CREATE TABLE"),
        Stmt::CreateTablespace(_) => Write("CREATE TABLESPACE"),
        Stmt::CreateTextSearchConfiguration(_) => Write("CREATE TEXT SEARCH CONFIGURATION"),
        Stmt::CreateTextSearchDictionary(_) => Write("CREATE TEXT SEARCH DICTIONARY"),
        Stmt::CreateTextSearchParser(_) => Write("CREATE TEXT SEARCH PARSER"),
        Stmt::CreateTextSearchTemplate(_) => Write("CREATE TEXT SEARCH TEMPLATE"),
        Stmt::CreateTransform(_) => Write("CREATE TRANSFORM"),
        Stmt::CreateTrigger(_) => Write("CREATE TRIGGER"),
        Stmt::CreateType(_) => Write("CREATE TYPE"),
        Stmt::CreateView(_) => Write("CREATE VIEW"),

        Stmt::DropAccessMethod(_) => Drop("DROP ACCESS METHOD", "access method"),
        Stmt::DropAggregate(_) => Drop("DROP AGGREGATE", "aggregate"),
        Stmt::DropCast(_) => Drop("DROP CAST", "cast"),
        Stmt::DropCollation(_) => Drop("DROP COLLATION", "collation"),
        Stmt::DropConversion(_) => Drop("DROP CONVERSION", "conversion"),
        Stmt::DropDatabase(_) => Drop("DROP DATABASE", "database"),
        Stmt::DropDomain(_) => Drop("DROP DOMAIN", "domain"),
        Stmt::DropEventTrigger(_) => Drop("DROP EVENT TRIGGER", "event trigger"),
        Stmt::DropExtension(_) => Drop("DROP EXTENSION", "extension"),
        Stmt::DropForeignDataWrapper(_) => Drop("DROP FOREIGN DATA WRAPPER", "data wrapper"),
        Stmt::DropForeignTable(_) => Drop("DROP FOREIGN TABLE", "foreign table"),
        Stmt::DropFunction(_) => Drop("DROP FUNCTION", "function"),
        Stmt::DropGroup(_) => Drop("DROP GROUP", "role"),
        Stmt::DropIndex(_) => Shape::DropIndex,
        Stmt::DropLanguage(_) => Drop("DROP LANGUAGE", "language"),
        Stmt::DropMaterializedView(_) => Drop("DROP MATERIALIZED VIEW", "materialized view"),
        Stmt::DropOperator(_) => Drop("DROP OPERATOR", "operator"),
        Stmt::DropOperatorClass(_) => Drop("DROP OPERATOR CLASS", "operator class"),
        Stmt::DropOperatorFamily(_) => Drop("DROP OPERATOR FAMILY", "operator family"),
        Stmt::DropOwned(_) => Shape::DropOwned,
        Stmt::DropPolicy(_) => Drop("DROP POLICY", "policy"),
        Stmt::DropProcedure(_) => Drop("DROP PROCEDURE", "procedure"),
        Stmt::DropPropertyGraph(_) => Drop("DROP PROPERTY GRAPH", "property graph"),
        Stmt::DropPublication(_) => Drop("DROP PUBLICATION", "publication"),
        Stmt::DropRole(_) => Drop("DROP ROLE", "role"),
        Stmt::DropRoutine(_) => Drop("DROP ROUTINE", "routine"),
        Stmt::DropRule(_) => Drop("DROP RULE", "rule"),
        Stmt::DropSchema(_) => Drop("DROP SCHEMA", "schema"),
        Stmt::DropSequence(_) => Drop("DROP SEQUENCE", "sequence"),
        Stmt::DropServer(_) => Drop("DROP SERVER", "server"),
        Stmt::DropStatistics(_) => Drop("DROP STATISTICS", "statistics"),
        Stmt::DropSubscription(_) => Drop("DROP SUBSCRIPTION", "subscription"),
        Stmt::DropTable(_) => Drop("DROP TABLE", "table"),
        Stmt::DropTablespace(_) => Drop("DROP TABLESPACE", "tablespace"),
        Stmt::DropTextSearchConfig(_) => {
            Drop("DROP TEXT SEARCH CONFIGURATION", "text search configuration")
        }
        Stmt::DropTextSearchDict(_) => {
            Drop("DROP TEXT SEARCH DICTIONARY", "text search dictionary")
        }
        Stmt::DropTextSearchParser(_) => Drop("DROP TEXT SEARCH PARSER", "text search parser"),
        Stmt::DropTextSearchTemplate(_) => {
            Drop("DROP TEXT SEARCH TEMPLATE", "text search template")
        }
        Stmt::DropTransform(_) => Drop("DROP TRANSFORM", "transform"),
        Stmt::DropTrigger(_) => Drop("DROP TRIGGER", "trigger"),
        Stmt::DropType(_) => Drop("DROP TYPE", "type"),
        Stmt::DropUser(_) => Drop("DROP USER", "role"),
        Stmt::DropUserMapping(_) => Drop("DROP USER MAPPING", "user mapping"),
        Stmt::DropView(_) => Drop("DROP VIEW", "view"),
    }
}

/// What one action of an ALTER TABLE does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// A change that another ALTER takes back.
    Write,
    /// The same, to who may see or change rows.
    Permission,
    /// Rewrites or detaches: out of service for a while, nothing lost.
    Disrupt,
    /// Drops the column with its values.
    DropColumn,
    /// Depends on the column's own options (a new type may lose values).
    Column,
}

/// What an action of an ALTER TABLE does.
pub fn alteration(action: &AlterTableAction) -> Alteration {
    use AlterTableAction as A;
    match action {
        A::DropColumn(_) => Alteration::DropColumn,
        A::AlterColumn(_) => Alteration::Column,
        A::DisableRls(_)
        | A::EnableRls(_)
        | A::ForceRls(_)
        | A::NoForceRls(_)
        | A::OwnerTo(_)
        | A::DisableTrigger(_)
        | A::DisableRule(_) => Alteration::Permission,
        A::DetachPartition(_)
        | A::MergePartitions(_)
        | A::SplitPartition(_)
        | A::SetAccessMethod(_)
        | A::SetLogged(_)
        | A::SetTablespace(_)
        | A::SetUnlogged(_) => Alteration::Disrupt,
        A::AddColumn(_)
        | A::AddConstraint(_)
        | A::AlterConstraint(_)
        | A::AlterOptionList(_)
        | A::AttachPartition(_)
        | A::ClusterOn(_)
        | A::DropConstraint(_)
        | A::EnableAlwaysRule(_)
        | A::EnableAlwaysTrigger(_)
        | A::EnableReplicaRule(_)
        | A::EnableReplicaTrigger(_)
        | A::EnableRule(_)
        | A::EnableTrigger(_)
        | A::InheritTable(_)
        | A::NoInheritTable(_)
        | A::NotOf(_)
        | A::OfType(_)
        | A::OptionItemList(_)
        | A::RenameColumn(_)
        | A::RenameConstraint(_)
        | A::ReplicaIdentity(_)
        | A::ResetOptions(_)
        | A::SetOptions(_)
        | A::SetSchema(_)
        | A::SetWithoutCluster(_)
        | A::SetWithoutOids(_)
        | A::TableRenameTo(_)
        | A::ValidateConstraint(_) => Alteration::Write,
    }
}
