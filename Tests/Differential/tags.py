"""The tag of a statement in pglast's tree, in the words of rules: tcop/utility.c, told again from its documentation."""

from pglast import ast, enums

O = enums.ObjectType

# Where the words are not those of the enumeration's name.
WORDS = {
    O.OBJECT_ATTRIBUTE: "TYPE",
    O.OBJECT_COLUMN: "TABLE",
    O.OBJECT_TABCONSTRAINT: "TABLE",
    O.OBJECT_DOMCONSTRAINT: "DOMAIN",
    O.OBJECT_FDW: "FOREIGN DATA WRAPPER",
    O.OBJECT_FOREIGN_SERVER: "SERVER",
    O.OBJECT_LARGEOBJECT: "LARGE OBJECT",
    O.OBJECT_MATVIEW: "MATERIALIZED VIEW",
    O.OBJECT_OPCLASS: "OPERATOR CLASS",
    O.OBJECT_OPFAMILY: "OPERATOR FAMILY",
    O.OBJECT_STATISTIC_EXT: "STATISTICS",
    O.OBJECT_TSCONFIGURATION: "TEXT SEARCH CONFIGURATION",
    O.OBJECT_TSDICTIONARY: "TEXT SEARCH DICTIONARY",
    O.OBJECT_TSPARSER: "TEXT SEARCH PARSER",
    O.OBJECT_TSTEMPLATE: "TEXT SEARCH TEMPLATE",
}

FIXED = {
    ast.AlterCollationStmt: "ALTER COLLATION",
    ast.AlterDatabaseRefreshCollStmt: "ALTER DATABASE",
    ast.AlterDatabaseSetStmt: "ALTER DATABASE",
    ast.AlterDatabaseStmt: "ALTER DATABASE",
    ast.AlterDefaultPrivilegesStmt: "ALTER DEFAULT PRIVILEGES",
    ast.AlterDomainStmt: "ALTER DOMAIN",
    ast.AlterEnumStmt: "ALTER TYPE",
    ast.AlterEventTrigStmt: "ALTER EVENT TRIGGER",
    ast.AlterExtensionContentsStmt: "ALTER EXTENSION",
    ast.AlterExtensionStmt: "ALTER EXTENSION",
    ast.AlterFdwStmt: "ALTER FOREIGN DATA WRAPPER",
    ast.AlterForeignServerStmt: "ALTER SERVER",
    ast.AlterOpFamilyStmt: "ALTER OPERATOR FAMILY",
    ast.AlterOperatorStmt: "ALTER OPERATOR",
    ast.AlterPolicyStmt: "ALTER POLICY",
    ast.AlterPublicationStmt: "ALTER PUBLICATION",
    ast.AlterRoleSetStmt: "ALTER ROLE",
    ast.AlterRoleStmt: "ALTER ROLE",
    ast.AlterSeqStmt: "ALTER SEQUENCE",
    ast.AlterStatsStmt: "ALTER STATISTICS",
    ast.AlterSubscriptionStmt: "ALTER SUBSCRIPTION",
    ast.AlterSystemStmt: "ALTER SYSTEM",
    ast.AlterTSConfigurationStmt: "ALTER TEXT SEARCH CONFIGURATION",
    ast.AlterTSDictionaryStmt: "ALTER TEXT SEARCH DICTIONARY",
    ast.AlterTableSpaceOptionsStmt: "ALTER TABLESPACE",
    ast.AlterTypeStmt: "ALTER TYPE",
    ast.AlterUserMappingStmt: "ALTER USER MAPPING",
    ast.CallStmt: "CALL",
    ast.CheckPointStmt: "CHECKPOINT",
    ast.ClosePortalStmt: "CLOSE CURSOR",
    ast.ClusterStmt: "CLUSTER",
    ast.CommentStmt: "COMMENT",
    ast.CompositeTypeStmt: "CREATE TYPE",
    ast.ConstraintsSetStmt: "SET CONSTRAINTS",
    ast.CreateAmStmt: "CREATE ACCESS METHOD",
    ast.CreateCastStmt: "CREATE CAST",
    ast.CreateConversionStmt: "CREATE CONVERSION",
    ast.CreateDomainStmt: "CREATE DOMAIN",
    ast.CreateEnumStmt: "CREATE TYPE",
    ast.CreateEventTrigStmt: "CREATE EVENT TRIGGER",
    ast.CreateExtensionStmt: "CREATE EXTENSION",
    ast.CreateFdwStmt: "CREATE FOREIGN DATA WRAPPER",
    ast.CreateForeignServerStmt: "CREATE SERVER",
    ast.CreateForeignTableStmt: "CREATE FOREIGN TABLE",
    ast.CreateOpClassStmt: "CREATE OPERATOR CLASS",
    ast.CreateOpFamilyStmt: "CREATE OPERATOR FAMILY",
    ast.CreatePLangStmt: "CREATE LANGUAGE",
    ast.CreatePolicyStmt: "CREATE POLICY",
    ast.CreatePublicationStmt: "CREATE PUBLICATION",
    ast.CreateRangeStmt: "CREATE TYPE",
    ast.CreateRoleStmt: "CREATE ROLE",
    ast.CreateSchemaStmt: "CREATE SCHEMA",
    ast.CreateSeqStmt: "CREATE SEQUENCE",
    ast.CreateStatsStmt: "CREATE STATISTICS",
    ast.CreateStmt: "CREATE TABLE",
    ast.CreateSubscriptionStmt: "CREATE SUBSCRIPTION",
    ast.CreateTableSpaceStmt: "CREATE TABLESPACE",
    ast.CreateTransformStmt: "CREATE TRANSFORM",
    ast.CreateTrigStmt: "CREATE TRIGGER",
    ast.CreateUserMappingStmt: "CREATE USER MAPPING",
    ast.CreatedbStmt: "CREATE DATABASE",
    ast.DeallocateStmt: "DEALLOCATE",
    ast.DeclareCursorStmt: "DECLARE CURSOR",
    ast.DeleteStmt: "DELETE",
    ast.DoStmt: "DO",
    ast.DropOwnedStmt: "DROP OWNED",
    ast.DropRoleStmt: "DROP ROLE",
    ast.DropSubscriptionStmt: "DROP SUBSCRIPTION",
    ast.DropTableSpaceStmt: "DROP TABLESPACE",
    ast.DropUserMappingStmt: "DROP USER MAPPING",
    ast.DropdbStmt: "DROP DATABASE",
    ast.ExecuteStmt: "EXECUTE",
    ast.ExplainStmt: "EXPLAIN",
    ast.ImportForeignSchemaStmt: "IMPORT FOREIGN SCHEMA",
    ast.IndexStmt: "CREATE INDEX",
    ast.InsertStmt: "INSERT",
    ast.ListenStmt: "LISTEN",
    ast.LoadStmt: "LOAD",
    ast.LockStmt: "LOCK TABLE",
    ast.MergeStmt: "MERGE",
    ast.NotifyStmt: "NOTIFY",
    ast.PrepareStmt: "PREPARE",
    ast.ReassignOwnedStmt: "REASSIGN OWNED",
    ast.RefreshMatViewStmt: "REFRESH MATERIALIZED VIEW",
    ast.ReindexStmt: "REINDEX",
    ast.RuleStmt: "CREATE RULE",
    ast.SecLabelStmt: "SECURITY LABEL",
    ast.TruncateStmt: "TRUNCATE TABLE",
    ast.UnlistenStmt: "UNLISTEN",
    ast.UpdateStmt: "UPDATE",
    ast.VariableShowStmt: "SHOW",
    ast.ViewStmt: "CREATE VIEW",
}

T = enums.TransactionStmtKind
TRANSACTION = {
    T.TRANS_STMT_BEGIN: "BEGIN",
    T.TRANS_STMT_START: "START TRANSACTION",
    T.TRANS_STMT_COMMIT: "COMMIT",
    T.TRANS_STMT_ROLLBACK: "ROLLBACK",
    T.TRANS_STMT_SAVEPOINT: "SAVEPOINT",
    T.TRANS_STMT_RELEASE: "RELEASE",
    T.TRANS_STMT_ROLLBACK_TO: "ROLLBACK",
    T.TRANS_STMT_PREPARE: "PREPARE TRANSACTION",
    T.TRANS_STMT_COMMIT_PREPARED: "COMMIT PREPARED",
    T.TRANS_STMT_ROLLBACK_PREPARED: "ROLLBACK PREPARED",
}


def words(kind):
    """An object's kind as statements spell it."""
    return WORDS.get(kind) or O(kind).name.removeprefix("OBJECT_").replace("_", " ")


def _select(node):
    """INTO stands on the leftmost arm of a set operation."""
    while node.larg is not None:
        node = node.larg
    return "SELECT INTO" if node.intoClause is not None else "SELECT"


def _copy(node):
    if node.is_program:
        return "COPY PROGRAM"
    return "COPY FILE" if node.filename is not None else "COPY FROM" if node.is_from else "COPY TO"


def _set(node):
    kinds = enums.VariableSetKind
    name = (node.name or "").lower()
    if node.kind in (kinds.VAR_RESET, kinds.VAR_RESET_ALL):
        return "RESET"
    if node.kind == kinds.VAR_SET_MULTI:
        return "SET TRANSACTION"
    if name in ("role", "session_authorization"):
        return "RESET" if node.kind == kinds.VAR_SET_DEFAULT else "SET " + name.upper().replace("_", " ")
    return "SET"


def _rename(node):
    return "ALTER " + words(node.relationType if node.renameType == O.OBJECT_COLUMN else node.renameType)


COMPUTED = {
    ast.SelectStmt: _select,
    ast.CopyStmt: _copy,
    ast.VariableSetStmt: _set,
    ast.RenameStmt: _rename,
    ast.AlterObjectDependsStmt: lambda node: "ALTER " + words(node.objectType),
    ast.AlterObjectSchemaStmt: lambda node: "ALTER " + words(node.objectType),
    ast.AlterOwnerStmt: lambda node: "ALTER " + words(node.objectType),
    ast.AlterTableStmt: lambda node: "ALTER " + words(node.objtype),
    ast.AlterTableMoveAllStmt: lambda node: "ALTER " + words(node.objtype),
    ast.AlterFunctionStmt: lambda node: "ALTER " + words(node.objtype),
    ast.CreateFunctionStmt: lambda node: "CREATE PROCEDURE" if node.is_procedure else "CREATE FUNCTION",
    ast.CreateTableAsStmt: lambda node: (
        "CREATE MATERIALIZED VIEW" if node.objtype == O.OBJECT_MATVIEW else "CREATE TABLE AS"
    ),
    ast.DefineStmt: lambda node: "CREATE " + words(node.kind),
    ast.DropStmt: lambda node: "DROP " + words(node.removeType),
    ast.FetchStmt: lambda node: "MOVE" if node.ismove else "FETCH",
    ast.GrantStmt: lambda node: "GRANT" if node.is_grant else "REVOKE",
    ast.GrantRoleStmt: lambda node: "GRANT ROLE" if node.is_grant else "REVOKE ROLE",
    ast.TransactionStmt: lambda node: TRANSACTION[node.kind],
    ast.VacuumStmt: lambda node: "VACUUM" if node.is_vacuumcmd else "ANALYZE",
    ast.DiscardStmt: lambda node: "DISCARD " + node.target.name.removeprefix("DISCARD_"),
}


def tag(node):
    """The tag of a statement's node."""
    return FIXED.get(type(node)) or COMPUTED[type(node)](node)
