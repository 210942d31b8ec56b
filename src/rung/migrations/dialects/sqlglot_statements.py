"""Defines `read`: a MySQL or SQLite file → `Script`, through sqlglot. What it does not know is opaque."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from rung.diagnostics import Diagnostic, Source, Span
from rung.migrations.dialects.sqlglot_columns import (
    NotRead,
    column_definition,
    index_key,
    table_element,
)
from rung.migrations.dialects.sqlglot_expressions import Folding, expression, sql_type
from rung.migrations.dialects.sqlglot_parser import Dialect, Failure, Parsed, exp, statements, text_of
from rung.migrations.expressions import Expression
from rung.migrations.schema import Column, Constraint, Index, Kind, Name, Table, View
from rung.migrations.steps import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    Assignment,
    CreateIndex,
    CreateTable,
    CreateView,
    Delete,
    Drop,
    DropColumn,
    DropConstraint,
    DropNotNull,
    Footprint,
    Insert,
    NoEffect,
    Opaque,
    Reference,
    Rename,
    RenameColumn,
    Script,
    SetDefault,
    SetIdentity,
    SetNotNull,
    SetParameter,
    Statement,
    Step,
    Transaction,
    Update,
)

_KINDS = {"TABLE": Kind.TABLE, "VIEW": Kind.VIEW, "INDEX": Kind.INDEX, "TRIGGER": Kind.TRIGGER}


@dataclass(frozen=True, slots=True)
class _Reader:
    folding: Folding
    span: Span

    def name(self, table: Any) -> Name:
        return Name(table.db or None, self.folding.table(table.name))

    def expression(self, tree: Any) -> Expression:
        return expression(tree, self.folding)


def read(source: Source, dialect: Dialect, start: int = 0, end: int | None = None) -> Script:
    """Reads the statements in the characters [start, end) of a file."""
    found, diagnostics = [], []
    for parsed in statements(source, start, end, dialect):
        match parsed:
            case Parsed(span, words, tree):
                steps = _steps(_Reader(Folding(dialect), span), words, tree)
                found.append(Statement(span, " ".join(words[:2]), tuple(steps)))
            case Failure(span, words, message):
                steps = _unparsed(_Reader(Folding(dialect), span), words)
                if any(isinstance(step, Opaque) for step in steps):
                    text = f"not understood: {message[0].lower()}{message[1:].rstrip('.')}"
                    diagnostics.append(Diagnostic("sql-syntax", text, span, severity="warning"))
                found.append(Statement(span, " ".join(words[:2]) or "UNKNOWN", tuple(steps)))
    return Script(source, tuple(found), tuple(diagnostics))


def _steps(reader: _Reader, words: tuple[str, ...], tree: Any) -> list[Step]:
    if words[0] == "ALTER" and _misread_rename(words):
        return [_rename_column(reader, words, tree)]
    try:
        return list(_known(reader, words, tree))
    except NotRead as clause:
        name = tree.find(exp.Table)
        footprint = Footprint(None if name is None else (reader.name(name),))
        return [Opaque(reader.span, f"clause `{clause}`", footprint)]
    except RecursionError:
        # what sqlglot could read may still be too deep to walk
        return [Opaque(reader.span, "statement that is nested too deeply", Footprint(None))]


def _misread_rename(words: tuple[str, ...]) -> bool:
    """Whether this is `ALTER TABLE t RENAME a TO b`: sqlglot reads it as a rename of the table."""
    return len(words) == 7 and words[3] == "RENAME" and words[5] == "TO" and words[4] != "COLUMN"


def _rename_column(reader: _Reader, words: tuple[str, ...], tree: Any) -> Step:
    # the words are in upper case, and columns are compared without case
    column = reader.folding.column
    return RenameColumn(reader.span, reader.name(tree.this), column(words[4]), column(words[6]))


def _unparsed(reader: _Reader, words: tuple[str, ...]) -> list[Step]:
    """What is known of a statement that sqlglot does not parse."""
    return [Opaque(reader.span, f"statement `{' '.join(words[:2])}`", Footprint(None))]


def _known(reader: _Reader, words: tuple[str, ...], tree: Any) -> Iterator[Step]:
    span = reader.span
    match tree:
        case exp.Create():
            yield from _create(reader, tree)
        case exp.Alter():
            for action in tree.args["actions"]:
                yield from _altered(reader, reader.name(tree.this), action)
        case exp.Drop():
            yield from _drop(reader, tree)
        case exp.Insert():
            yield _insert(reader, tree)
        case exp.Update():
            yield _update(reader, tree)
        case exp.Delete():
            where = tree.args.get("where")
            yield Delete(span, reader.name(tree.this), reader.expression(where.this) if where else None)
        case exp.Transaction():
            yield Transaction(span, "begin")
        case exp.Commit():
            yield Transaction(span, "commit")
        case exp.Rollback():
            yield Transaction(span, "rollback")
        case exp.Set() | exp.Pragma() if not _is_harmless(words):
            yield Opaque(span, f"statement `{' '.join(words[:3])}`", Footprint(None))
        case exp.Set() | exp.Pragma():
            yield SetParameter(span, words[1].lower() if len(words) > 1 else "", None)
        case exp.Query() if tree.find(exp.Anonymous) is None:
            yield NoEffect(span, "SELECT")
        case exp.Semicolon() | None:
            yield NoEffect(span, "empty statement")
        case _:
            yield Opaque(span, f"statement `{' '.join(words[:2])}`", Footprint(None))


_PRAGMA_WORDS = """
    ANALYSIS_LIMIT APPLICATION_ID BUSY_TIMEOUT CACHE_SIZE DEFER_FOREIGN_KEYS ENCODING FOREIGN_KEYS
    FOREIGN_KEY_CHECK FOREIGN_KEY_LIST INTEGRITY_CHECK JOURNAL_MODE LEGACY_ALTER_TABLE LOCKING_MODE MMAP_SIZE
    OPTIMIZE PAGE_SIZE QUICK_CHECK RECURSIVE_TRIGGERS SYNCHRONOUS TABLE_INFO TEMP_STORE USER_VERSION
    WAL_AUTOCHECKPOINT WAL_CHECKPOINT
"""
_PRAGMAS = frozenset(_PRAGMA_WORDS.split())


def _is_harmless(words: tuple[str, ...]) -> bool:
    """Whether a SET or PRAGMA leaves what other statements, and live code, do as it is."""
    if words[:1] == ("PRAGMA",):
        return any(word in _PRAGMAS for word in words[1:4])
    said = " ".join(words)
    return not any(word in said for word in ("SQL_MODE", "GLOBAL", "PERSIST"))


def _create(reader: _Reader, tree: Any) -> Iterator[Step]:
    span, kind = reader.span, tree.kind
    if kind == "TABLE" and isinstance(tree.this, exp.Schema) and tree.expression is None:
        yield from _create_table(reader, tree)
    elif kind == "TABLE" and isinstance(tree.this, exp.Table) and tree.expression is not None:
        table = Table(reader.name(tree.this), temporary=_is_temporary(tree), span=span)
        yield CreateTable(span, table, bool(tree.args.get("exists")), columns_known=False, filled=True)
    elif kind == "INDEX":
        index = tree.this
        table_name = reader.name(index.args["table"])
        yield CreateIndex(span, table_name, _index(reader, tree), bool(tree.args.get("exists")))
    elif kind == "VIEW":
        target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        view = View(reader.name(target), (), text=text_of(tree, reader.folding.dialect), span=span)
        tables = {reader.name(table): None for table in tree.expression.find_all(exp.Table)}
        ctes = {cte.alias for cte in tree.expression.find_all(exp.CTE)}
        references = tuple(Reference(None, ((name,),)) for name in tables if name.name not in ctes)
        yield CreateView(
            span,
            view,
            references,
            or_replace=bool(tree.args.get("replace")),
            if_not_exists=bool(tree.args.get("exists")),
        )
    else:
        yield Opaque(span, f"CREATE {kind}", Footprint(None))


def _is_temporary(tree: Any) -> bool:
    return tree.find(exp.TemporaryProperty) is not None


def _create_table(reader: _Reader, tree: Any) -> Iterator[Step]:
    span = reader.span
    columns = []
    constraints: list[Constraint] = []
    indexes: list[Index] = []
    for element in tree.this.expressions:
        if isinstance(element, exp.ColumnDef):
            definition = column_definition(element, reader.folding, span)
            columns.append(definition.column)
            constraints.extend(definition.constraints)
            continue
        if isinstance(element, (exp.Identifier, exp.Column)):
            # a column without a type
            columns.append(Column(reader.folding.column(element.name), sql_type(None, "sqlite"), span=span))
            continue
        found = table_element(element, reader.folding, span)
        if isinstance(found, Index):
            indexes.append(found)
        else:
            constraints.append(found)
    name = reader.name(tree.this.this)
    table = Table(name, tuple(columns), tuple(constraints), temporary=_is_temporary(tree), span=span)
    yield CreateTable(span, table, bool(tree.args.get("exists")))
    for index in indexes:
        yield CreateIndex(span, name, index)


def _index(reader: _Reader, tree: Any) -> Index:
    index = tree.this
    params = index.args.get("params")
    where = params.args.get("where") if params else None
    return Index(
        index.name,
        tuple(index_key(part, reader.folding) for part in (params.args.get("columns") or ())),
        bool(tree.args.get("unique")),
        where=reader.expression(where.this if isinstance(where, exp.Where) else where) if where else None,
        span=reader.span,
    )


def _altered(reader: _Reader, table: Name, action: Any) -> Iterator[Step]:
    span, column = reader.span, reader.folding.column
    match action:
        case exp.ColumnDef():
            added = column_definition(action, reader.folding, span)
            guard = bool(action.args.get("exists"))
            yield AddColumn(span, table, added.column, added.constraints, if_not_exists=guard)
        case exp.ModifyColumn():
            yield from _modify_column(reader, table, action)
        case exp.RenameColumn():
            yield RenameColumn(span, table, column(action.this.name), column(action.args["to"].name))
        case exp.AlterRename():
            yield Rename(span, Kind.TABLE, table, reader.folding.table(action.this.name))
        case exp.RenameIndex():
            yield Rename(span, Kind.INDEX, Name(None, action.this.name), action.args["to"].name)
        case exp.DropPrimaryKey():
            yield DropConstraint(span, table, "PRIMARY")
        case exp.AddConstraint():
            for element in action.expressions:
                found = table_element(element, reader.folding, span)
                yield _added(span, table, found)
        case exp.AlterColumn() if action.args.get("default") is not None:
            yield SetDefault(span, table, column(action.name), reader.expression(action.args["default"]))
        case exp.AlterColumn() if action.args.get("drop") and not action.args.get("allow_null"):
            yield SetDefault(span, table, column(action.name), None)
        case exp.Drop():
            for dropped in action.args["tables"]:
                yield _dropped_part(reader, table, action, dropped.name)
        case _ if isinstance(action, (exp.LockProperty, exp.AlgorithmProperty)):
            return
        case _:
            raise NotRead(text_of(action, reader.folding.dialect))


def _added(span: Span, table: Name, found: Constraint | Index) -> Step:
    if isinstance(found, Index):
        return CreateIndex(span, table, found)
    return AddConstraint(span, table, found)


def _dropped_part(reader: _Reader, table: Name, action: Any, name: str) -> Step:
    span, guard = reader.span, bool(action.args.get("exists"))
    match action.args.get("kind"):
        case "COLUMN":
            # SQLite and MySQL drop or shrink what indexes the column by themselves
            return DropColumn(span, table, reader.folding.column(name), guard, cascade=False)
        case "FOREIGN KEY" | "CONSTRAINT" | "CHECK":
            return DropConstraint(span, table, name, guard)
        case "INDEX" | "KEY":
            return Drop(span, Kind.INDEX, Name(None, name), guard, table=table)
        case _:
            raise NotRead(text_of(action, reader.folding.dialect))


def _modify_column(reader: _Reader, table: Name, action: Any) -> Iterator[Step]:
    """MODIFY and CHANGE say all of a column anew: what is left out is taken away."""
    span = reader.span
    definition = column_definition(action.this, reader.folding, span)
    column = definition.column
    old = action.args.get("rename_from")
    if old is not None and reader.folding.column(old.name) != column.name:
        yield RenameColumn(span, table, reader.folding.column(old.name), column.name)
    yield AlterColumnType(span, table, column.name, column.type)
    if column.identity is not None:
        yield SetIdentity(span, table, column.name, column.identity)
    else:
        yield SetIdentity(span, table, column.name, None, missing_ok=True)
    if column.not_null is not None:
        yield SetNotNull(span, table, column.name, column.not_null)
    else:
        yield DropNotNull(span, table, column.name)
    yield SetDefault(span, table, column.name, column.default)
    for constraint in definition.constraints:
        yield AddConstraint(span, table, constraint)


def _drop(reader: _Reader, tree: Any) -> Iterator[Step]:
    kind = _KINDS.get(tree.args.get("kind") or "")
    guard, cascade = bool(tree.args.get("exists")), bool(tree.args.get("cascade"))
    objects = [reader.name(table) for table in tree.args.get("tables") or ()]
    if kind is None or kind is Kind.TRIGGER or not objects:
        yield Opaque(reader.span, f"DROP {tree.args.get('kind')}", Footprint(None))
        return
    owner = tree.args.get("cluster")
    table = reader.name(owner.this) if owner is not None else None
    for name in objects:
        yield Drop(reader.span, kind, name, guard, cascade, table=table, together=tuple(objects))


def _insert(reader: _Reader, tree: Any) -> Step:
    target = tree.this
    columns: tuple[str, ...] = ()
    if isinstance(target, exp.Schema):
        columns = tuple(reader.folding.column(part.name) for part in target.expressions)
        target = target.this
    rows = None
    if isinstance(tree.expression, exp.Values):
        rows = tuple(
            tuple(None if _is_default(item) else reader.expression(item) for item in row.expressions)
            for row in tree.expression.expressions
        )
    conflict: Literal["nothing", "update"] | None = None
    clause = tree.args.get("conflict")
    if clause is not None:
        conflict = "nothing" if "NOTHING" in str(clause.args.get("action")).upper() else "update"
    elif tree.args.get("ignore") or str(tree.args.get("alternative") or "").upper() == "IGNORE":
        conflict = "nothing"
    elif tree.args.get("alternative"):
        conflict = "update"
    return Insert(reader.span, reader.name(target), columns, rows, conflict)


def _is_default(item: Any) -> bool:
    return isinstance(item, exp.Var) and str(item.this).upper() == "DEFAULT"


def _update(reader: _Reader, tree: Any) -> Step:
    where, target = tree.args.get("where"), tree.this
    joins = [*(target.args.get("joins") or ()), *(tree.args.get("joins") or ())]
    joined = [join.this for join in joins]
    if tree.args.get("from_") is not None or tree.args.get("from") is not None:
        joined.append((tree.args.get("from_") or tree.args.get("from")).this)
    assignments = tuple(
        Assignment(reader.folding.column(pair.this.name), reader.expression(pair.expression))
        for pair in tree.expressions
    )
    update = Update(
        reader.span,
        reader.name(target),
        assignments,
        reader.expression(where.this) if where else None,
        target.alias or None,
    )
    tables = tuple(reader.name(table) for table in joined if isinstance(table, exp.Table))
    return replace(update, joined=tables, computes=bool(joined))
