"""What statements touch, by pglast: PostgreSQL 18's grammar, and a walk that shares no code with Postern's.

Names are tuples of their parts. A relation is whatever shares pg_class: tables, views, indexes, sequences, row types.
"""

from dataclasses import dataclass, field

from pglast import ast, enums, parser

from tags import O, tag

Sub = enums.AlterTableType

# What COMMENT, DROP, RENAME, OWNER TO and the like name, by how the name is written in the tree.
RELATIONS = {
    O.OBJECT_TABLE, O.OBJECT_VIEW, O.OBJECT_MATVIEW, O.OBJECT_INDEX, O.OBJECT_SEQUENCE, O.OBJECT_FOREIGN_TABLE,
    O.OBJECT_ATTRIBUTE,
}  # fmt: skip
PARTS = {O.OBJECT_COLUMN, O.OBJECT_TABCONSTRAINT, O.OBJECT_POLICY, O.OBJECT_RULE, O.OBJECT_TRIGGER}
ROUTINES = {O.OBJECT_FUNCTION, O.OBJECT_PROCEDURE, O.OBJECT_ROUTINE, O.OBJECT_AGGREGATE}
WRITES = {ast.InsertStmt: "INSERT", ast.UpdateStmt: "UPDATE", ast.DeleteStmt: "DELETE", ast.MergeStmt: "MERGE"}
BRANCHES = {
    enums.CmdType.CMD_INSERT: "INSERT", enums.CmdType.CMD_UPDATE: "UPDATE", enums.CmdType.CMD_DELETE: "DELETE",
}  # fmt: skip
# Lists of names that are none of this database's relations, or were named by another part of the statement.
PASSED_OVER = {
    (ast.ImportForeignSchemaStmt, "table_list"), (ast.SelectStmt, "lockingClause"),
    (ast.ConstraintsSetStmt, "constraints"),
}  # fmt: skip


@dataclass
class Facts:
    """What is compared of a statement."""

    tag: str
    relations: set = field(default_factory=set)
    writes: set = field(default_factory=set)
    functions: set = field(default_factory=set)


def facts(text):
    """The facts of every statement of a text; raises `pglast.parser.ParseError`."""
    found = []
    for raw in parser.parse_sql(text):
        walk = _Walk(Facts(tag(raw.stmt)))
        walk.node(raw.stmt, frozenset())
        found.append(walk.facts)
    return found


def _strings(items):
    return tuple(item.sval for item in items or () if isinstance(item, ast.String))


class _Walk:
    def __init__(self, found):
        self.facts = found
        self.schema = None  # of the CREATE SCHEMA around
        self.table = ()  # of the CREATE TABLE or ALTER TABLE around

    def relation(self, name):
        if name:
            self.facts.relations.add(tuple(name)[-3:])

    def function(self, name):
        if name[-1:] == ("set_config",):
            # Postern tells what it sets, and not how it was called.
            name = name[-1:]
        if name:
            self.facts.functions.add(tuple(name)[-3:])

    @staticmethod
    def name(node):
        return tuple(part for part in (node.catalogname, node.schemaname, node.relname) if part is not None)

    def own(self, node):
        """The name of a relation that is made, or that an element of CREATE SCHEMA is about."""
        name = self.name(node)
        if len(name) > 1:
            return name
        if node.relpersistence == "t":
            return ("pg_temp", *name)
        return (self.schema, *name) if self.schema else name

    # What every node has

    def node(self, node, scope):
        """`scope` holds the names of the common table expressions that are visible here."""
        if isinstance(node, (tuple, list)):
            for item in node:
                self.node(item, scope)
            return
        if not isinstance(node, ast.Node):
            return
        if getattr(node, "withClause", None) is not None:
            scope = self.with_clause(node.withClause, scope)
        done = getattr(self, "_" + type(node).__name__, lambda *_: ())(node, scope) or ()
        for name in type(node).__slots__:
            if name != "withClause" and name not in done and (type(node), name) not in PASSED_OVER:
                self.node(getattr(node, name), scope)

    def with_clause(self, clause, scope):
        if clause.recursive:
            scope = scope | {item.ctename for item in clause.ctes}
        for item in clause.ctes:
            self.node(item, scope)
            scope = scope | {item.ctename}
        return scope

    def _RangeVar(self, node, scope):
        name = self.name(node)
        if len(name) > 1 or name[0] not in scope:
            self.relation(name)

    def _FuncCall(self, node, scope):
        self.function(_strings(node.funcname))

    def _RangeTableSample(self, node, scope):
        self.function(_strings(node.method))

    # Data

    def _write(self, node, scope):
        name = self.name(node.relation)
        self.relation(name)
        self.facts.writes.add((WRITES[type(node)], name))
        return ("relation",)

    _UpdateStmt = _DeleteStmt = _write

    def _InsertStmt(self, node, scope):
        conflict = node.onConflictClause
        if conflict is not None and conflict.action == enums.OnConflictAction.ONCONFLICT_UPDATE:
            self.facts.writes.add(("UPDATE", self.name(node.relation)))
        return self._write(node, scope)

    def _MergeStmt(self, node, scope):
        for branch in node.mergeWhenClauses:
            if branch.commandType in BRANCHES:
                self.facts.writes.add((BRANCHES[branch.commandType], self.name(node.relation)))
        return self._write(node, scope)

    def _CopyStmt(self, node, scope):
        if node.is_from:
            self.facts.writes.add(("COPY FROM", self.name(node.relation)))

    def _TruncateStmt(self, node, scope):
        self.facts.writes |= {("TRUNCATE TABLE", self.name(relation)) for relation in node.relations}

    def _IntoClause(self, node, scope):
        if node.rel is not None:
            self.relation(self.own(node.rel))
        # What a materialized view is made of is what its query is.
        return ("rel", "viewQuery")

    # Definitions

    def _CreateSchemaStmt(self, node, scope):
        self.schema = node.schemaname or (node.authrole.rolename if node.authrole else None)

    def _made(self, attribute):
        def visit(node, scope):
            self.relation(self.own(getattr(node, attribute)))
            return (attribute,)

        return visit

    def _CreateStmt(self, node, scope):
        self.table = self.own(node.relation)
        if node.ofTypename is not None:
            self.relation(_strings(node.ofTypename.names))
        return self._made("relation")(node, scope)

    def _ViewStmt(self, node, scope):
        return self._made("view")(node, scope)

    def _CreateSeqStmt(self, node, scope):
        return self._made("sequence")(node, scope)

    def _IndexStmt(self, node, scope):
        self.beside(self.own(node.relation), node.idxname)
        return self._made("relation")(node, scope)

    def _AlterTableStmt(self, node, scope):
        self.table = self.name(node.relation)
        for command in node.cmds:
            definition = command.def_
            if command.subtype == Sub.AT_AddOf:
                self.relation(_strings(definition.names))

    def _CreateTrigStmt(self, node, scope):
        self.function(_strings(node.funcname))
        return self._made("relation")(node, scope)

    def _DefElem(self, node, scope):
        if node.defname == "owned_by" and isinstance(node.arg, tuple):
            self.relation(_strings(node.arg)[:-1])
        elif node.defname == "sequence_name":
            self.relation(_strings(node.arg))

    def beside(self, table, index):
        """An index lies in its table's schema."""
        if index is not None:
            self.relation((*table[-2:-1], index))

    def _Constraint(self, node, scope):
        self.beside(self.table, node.indexname)

    # Objects by kind

    def named(self, kind, item):
        """The name that DROP, COMMENT and their like have; answers it when it is a relation's."""
        if isinstance(item, ast.RangeVar):
            name = self.name(item)
        elif isinstance(item, ast.ObjectWithArgs):
            name = _strings(item.objname)
        elif isinstance(item, ast.TypeName):
            name = _strings(item.names)
        elif isinstance(item, ast.String):
            name = (item.sval,)
        else:
            name = _strings(item) if isinstance(item, tuple) else ()
        if kind in PARTS and not isinstance(item, ast.RangeVar):
            name = name[:-1]
        if kind in ROUTINES:
            self.function(name)
        elif kind in RELATIONS | PARTS:
            self.relation(name)
        return name

    def again(self, kind, old, new):
        """The name that an object gets."""
        if kind in ROUTINES:
            self.function(new)
        elif kind in RELATIONS - {O.OBJECT_ATTRIBUTE}:
            self.relation(new)

    def _DropStmt(self, node, scope):
        for item in node.objects:
            self.named(node.removeType, item)
        return ("objects",)

    def _CommentStmt(self, node, scope):
        self.named(node.objtype, node.object)
        return ("object",)

    _SecLabelStmt = _AlterExtensionContentsStmt = _CommentStmt

    def _RenameStmt(self, node, scope):
        item = node.relation if node.relation is not None else node.object
        kind = node.renameType
        if item is not None:
            name = self.named(kind, item)
            self.again(kind, name, (*name[:-1], node.newname))
        return ("relation", "object")

    def _AlterObjectSchemaStmt(self, node, scope):
        item = node.relation if node.relation is not None else node.object
        name = self.named(node.objectType, item)
        self.again(node.objectType, name, (node.newschema, *name[-1:]))
        return ("relation", "object")

    def _AlterOwnerStmt(self, node, scope):
        self.named(node.objectType, node.relation if node.relation is not None else node.object)
        return ("relation", "object")

    _AlterObjectDependsStmt = _AlterOwnerStmt

    def _GrantStmt(self, node, scope):
        if node.targtype == enums.GrantTargetType.ACL_TARGET_OBJECT:
            for item in node.objects or ():
                self.named(node.objtype, item)
        return ("objects",)

    # Routines

    def _CreateFunctionStmt(self, node, scope):
        self.function(_strings(node.funcname))
        self.options(node.options)

    def _AlterFunctionStmt(self, node, scope):
        self.function(_strings(node.func.objname))
        self.options(node.actions)

    def _CreateEventTrigStmt(self, node, scope):
        self.function(_strings(node.funcname))

    def _CreateConversionStmt(self, node, scope):
        self.function(_strings(node.func_name))

    def _CreateAmStmt(self, node, scope):
        self.function(_strings(node.handler_name))

    def _CreatePLangStmt(self, node, scope):
        for name in (node.plhandler, node.plinline, node.plvalidator):
            self.function(_strings(name))

    def _CreateCastStmt(self, node, scope):
        if node.func is not None:
            self.function(_strings(node.func.objname))

    def _CreateTransformStmt(self, node, scope):
        for routine in (node.fromsql, node.tosql):
            if routine is not None:
                self.function(_strings(routine.objname))

    def _CreateOpClassItem(self, node, scope):
        if node.itemtype == 2 and node.name is not None:
            self.function(_strings(node.name.objname))

    def _DefineStmt(self, node, scope):
        if node.kind == O.OBJECT_AGGREGATE:
            self.function(_strings(node.defnames))
        self.options(node.definition)

    def _AlterOperatorStmt(self, node, scope):
        self.options(node.options)

    _AlterTypeStmt = _AlterOperatorStmt

    def _CreateFdwStmt(self, node, scope):
        self.options(node.func_options)

    _AlterFdwStmt = _CreateFdwStmt

    def _CreateRangeStmt(self, node, scope):
        self.options(node.params)

    # Options of CREATE OPERATOR, AGGREGATE, TYPE, TEXT SEARCH … that name a function (the manual's pages of 18).
    FUNCTIONS = set(
        """
        function procedure restrict join sfunc sfunc1 finalfunc combinefunc serialfunc deserialfunc msfunc minvfunc
        mfinalfunc input output receive send typmod_in typmod_out analyze subscript start gettoken end headline
        lextypes init lexize subtype_diff canonical handler validator support
        """.split()
    )

    def options(self, options):
        for option in options or ():
            if option.defname in self.FUNCTIONS:
                value = option.arg
                if isinstance(value, ast.TypeName):
                    self.function(_strings(value.names))
                elif isinstance(value, ast.String):
                    self.function((value.sval,))
                elif isinstance(value, tuple):
                    self.function(_strings(value))
