"""What a server says that a statement touched: its plan, and the locks that it holds at its end."""

import json
from dataclasses import dataclass, field

# By relation: AccessShare for reading, RowShare for locking rows, RowExclusive for writing.
LOCKS = """
    select relation::pg_catalog.int8, mode from pg_catalog.pg_locks
    where pid = pg_catalog.pg_backend_pid() and locktype = 'relation'
"""

# Relations by kind; a view's rows are locked through what is below it.
TABLES = """
    select oid::pg_catalog.int8 from pg_catalog.pg_class where oid in ({}) and relkind in ('r', 'p', 'f', 'v', 'm')
"""

# What touching a relation touches: its indexes and TOAST table, what its rules read and write (by their trees: what
# initdb made has no dependencies), parents and children, keys from it and to it, what policies read, and sequences that
# defaults take from.
CLOSURE = """
    with recursive found(oid) as (
        select pg_catalog.unnest(array[{}]::pg_catalog.oid[])
      union
        select next.oid from found, lateral (
            select indexrelid as oid from pg_catalog.pg_index where indrelid = found.oid
          union all
            select reltoastrelid from pg_catalog.pg_class where oid = found.oid and reltoastrelid <> 0
          union all
            select inhrelid from pg_catalog.pg_inherits where inhparent = found.oid
          union all
            select inhparent from pg_catalog.pg_inherits where inhrelid = found.oid
          union all
            select found_in.relation[1]::pg_catalog.oid from pg_catalog.pg_rewrite r,
              pg_catalog.regexp_matches(r.ev_action::pg_catalog.text, ':relid (\\d+)', 'g') as found_in(relation)
              where r.ev_class = found.oid
          union all
            select d.refobjid from pg_catalog.pg_policy p join pg_catalog.pg_depend d
              on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
              and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass where p.polrelid = found.oid
          union all
            select d.refobjid from pg_catalog.pg_attrdef a join pg_catalog.pg_depend d
              on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = a.oid
              and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass where a.adrelid = found.oid
          union all
            select d.objid from pg_catalog.pg_depend d join pg_catalog.pg_class c on c.oid = d.objid
              where d.refobjid = found.oid and d.deptype in ('a', 'i') and c.relkind = 'S'
              and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
          union all
            select case when conrelid = found.oid then confrelid else conrelid end from pg_catalog.pg_constraint
              where contype = 'f' and found.oid in (conrelid, confrelid)
        ) as next(oid)
    )
    select oid::pg_catalog.int8 from found
"""
# Whether among these there is code of a user's, which can run any SQL: in triggers, rules, policies, defaults,
# constraints, indexes and types.
CODE = """
    with found(oid) as (select pg_catalog.unnest(array[{}]::pg_catalog.oid[])), users(class, oid) as (
        select 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid from pg_catalog.pg_trigger t, found
          where tgrelid = found.oid and not tgisinternal
      union all
        select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid from pg_catalog.pg_rewrite r, found
          where ev_class = found.oid
      union all
        select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid from pg_catalog.pg_policy p, found
          where polrelid = found.oid
      union all
        select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid from pg_catalog.pg_attrdef a, found
          where adrelid = found.oid
      union all
        select 'pg_catalog.pg_constraint'::pg_catalog.regclass, c.oid from pg_catalog.pg_constraint c, found
          where conrelid = found.oid
      union all
        select 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid from pg_catalog.pg_index i, found
          where i.indrelid = found.oid
      union all
        select 'pg_catalog.pg_class'::pg_catalog.regclass, oid from found
    )
    select 1 from users join pg_catalog.pg_depend d on d.classid = users.class and d.objid = users.oid
    where d.refobjid >= 16384 and d.refclassid in (
        'pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass,
        'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_opclass'::pg_catalog.regclass,
        'pg_catalog.pg_opfamily'::pg_catalog.regclass
    ) limit 1
"""


@dataclass
class Touched:
    """Oids of relations."""

    planned: set = field(default_factory=set)
    plan_writes: set = field(default_factory=set)
    read: set = field(default_factory=set)
    locked: set = field(default_factory=set)
    written: set = field(default_factory=set)

    @property
    def all(self):
        return self.planned | self.read | self.locked | self.written


class Witness:
    """Asks in the session under test, since names mean there what they mean to the statement."""

    def __init__(self, session):
        self.session = session

    def oids(self, names):
        """The relations of these names by oid; None for names that there are not."""
        names = list(names)
        if not names:
            return {}
        quoted = (".".join('"' + part.replace('"', '""') + '"' for part in name) for name in names)
        calls = ", ".join(
            f"pg_catalog.to_regclass({self.session.literal(name)})::pg_catalog.oid::pg_catalog.int8" for name in quoted
        )
        (row,) = self.session.run(f"select {calls}")
        return {name: None if oid is None else int(oid) for name, oid in zip(names, row, strict=True)}

    def plan(self, text, touched):
        """Adds what the plan of a statement names."""
        ((plan,),) = self.session.run(f"explain (verbose, format json) {text}")
        read, written = set(), set()
        for item in json.loads(plan):
            _visit(item, read, written)
        oids = self.oids(read | written)
        touched.planned |= {oids[name] for name in read | written}
        touched.plan_writes |= {oids[name] for name in written}

    def locks(self):
        """What the transaction has locked, as pairs of oid and mode."""
        own = set(self.oids([("pg_catalog", "pg_locks")]).values())
        return {(int(oid), mode) for oid, mode in self.session.run(LOCKS) if int(oid) not in own}

    @staticmethod
    def touched(locks):
        """What such locks are taken for."""
        by_mode = {mode: {oid for oid, found in locks if found == mode} for _, mode in locks}
        return Touched(
            read=by_mode.get("AccessShareLock", set()),
            locked=by_mode.get("RowShareLock", set()),
            written=by_mode.get("RowExclusiveLock", set()),
        )

    def tables(self, oids):
        """Those of the relations that are tables or views: not their indexes, sequences and TOAST tables."""
        rows = self.session.run(TABLES.format(", ".join(map(str, oids)))) if oids else []
        return {int(row[0]) for row in rows}

    def closure(self, oids):
        """What touching these relations can touch, by the catalogue."""
        rows = self.session.run(CLOSURE.format(", ".join(map(str, oids)))) if oids else []
        return {int(row[0]) for row in rows}

    def runs_code(self, oids):
        """Whether touching these relations can run functions, operators or types of users."""
        return bool(oids) and bool(self.session.run(CODE.format(", ".join(map(str, oids)))))

    def users_functions(self, names):
        """Whether there are functions of these last names that initdb did not make."""
        listed = ", ".join(self.session.literal(name[-1]) for name in names)
        return bool(names) and bool(
            self.session.run(f"select 1 from pg_catalog.pg_proc where oid >= 16384 and proname in ({listed}) limit 1")
        )


def _visit(node, read, written):
    if isinstance(node, list):
        for item in node:
            _visit(item, read, written)
    elif isinstance(node, dict):
        if "Relation Name" in node:
            name = (node["Schema"], node["Relation Name"]) if "Schema" in node else (node["Relation Name"],)
            (written if node.get("Node Type") == "ModifyTable" or "Operation" in node else read).add(name)
        for value in node.values():
            _visit(value, read, written)
