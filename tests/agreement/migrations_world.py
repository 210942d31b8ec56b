"""Defines random schemas, migrations and rows for the differential test: `Case`, drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

VALUES: dict[str, list[str]] = {
    "int2": ["0", "1", "-1", "2", "7", "32767", "-32768", "100"],
    "int4": ["0", "1", "-1", "2", "7", "10", "99", "100", "2147483647", "-2147483648", "40000"],
    "int8": ["0", "1", "-1", "2", "7", "10", "100", "3000000000", "-3000000000", "9223372036854775807"],
    "numeric(6,2)": ["0", "1", "-1", "0.01", "1.25", "9.99", "10", "9999.99", "-0.5", "'NaN'"],
    "numeric(4,1)": ["0", "1", "-1", "0.1", "1.2", "9.9", "10", "999.9", "'NaN'"],
    "numeric": ["0", "1", "-1", "0.001", "12345.678", "'NaN'", "'Infinity'"],
    "text": ["''", "'a'", "'ab'", "' a '", "'abcdef'", "'A'", "'abcdefghijk'", "'   '", "'5'", "'x%'", "'é'"],
    "varchar(5)": ["''", "'a'", "'ab'", "' a'", "'abcde'", "'A'", "'5'", "'a   '"],
    "varchar(8)": ["''", "'a'", "'ab'", "'abcde'", "'abcdefgh'", "'A'", "'abcde  '"],
    "char(4)": ["''", "'a'", "'ab'", "'abcd'", "'A '"],
    "boolean": ["true", "false"],
    "date": ["'2020-01-01'", "'2024-02-29'", "'1999-12-31'", "'infinity'", "'2021-06-15'"],
    "timestamp": ["'2020-01-01 00:00:00'", "'2024-02-29 12:30:15.123456'", "'1999-12-31 23:59:59'"],
    "uuid": ["'00000000-0000-0000-0000-000000000000'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
    "mood": ["'sad'", "'ok'", "'happy'"],
    "positive": ["1", "2", "7", "100"],
    "jsonb": ["'{}'", "'[1]'", "'null'"],
    "float8": ["0", "1", "-1", "1.5", "'NaN'", "'Infinity'", "0.1"],
    "bytea": ["''", "'abc'", "'\\x00ff'"],
}
NUMBERS = ("int2", "int4", "int8", "numeric(6,2)", "numeric(4,1)", "numeric", "float8", "positive")
INTEGERS = ("int2", "int4", "int8", "positive")
TEXTS = ("text", "varchar(5)", "varchar(8)", "char(4)")
CONVERSIONS = {
    "int2": ["int4", "int8", "numeric(6,2)", "text"],
    "int4": ["int8", "int2", "numeric(6,2)", "text", "varchar(5)", "float8"],
    "int8": ["int4", "int2", "numeric", "text"],
    "numeric(6,2)": ["numeric(4,1)", "numeric", "int4", "text"],
    "numeric(4,1)": ["numeric(6,2)", "numeric", "int2"],
    "numeric": ["numeric(6,2)", "int8", "float8"],
    "text": ["varchar(5)", "varchar(8)", "char(4)", "int4"],
    "varchar(5)": ["varchar(8)", "text", "char(4)", "int4"],
    "varchar(8)": ["varchar(5)", "text", "char(4)"],
    "char(4)": ["text", "varchar(5)"],
    "boolean": ["text", "int4"],
    "date": ["timestamp", "text"],
    "timestamp": ["date", "timestamp(0)", "timestamptz"],
    "uuid": ["text"],
    "mood": ["text", "varchar(5)"],
    "positive": ["int4", "int8"],
    "jsonb": ["text"],
    "float8": ["float4", "int4", "numeric(6,2)"],
    "bytea": ["text"],
}
PRELUDE = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
    "CREATE TABLE parents (id integer PRIMARY KEY, code text UNIQUE, size integer CHECK (size > 0))",
)


@dataclass(slots=True)
class Column:
    name: str
    type: str
    not_null: bool = False
    default: str | None = None


@dataclass(slots=True)
class Case:
    """A base schema, a migration of it, and rows: statements and literals as text."""

    seed: int
    base: list[str]
    migration: list[str]
    strategy: str
    atomic: bool
    columns: list[Column]
    rows: list[dict[str, str]] = field(default_factory=list)


class Drawer:
    """Draws one case."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.columns: list[Column] = []
        self.constraints: list[str] = []
        self.counter = 0

    def pick(self, options: list[str] | tuple[str, ...]) -> str:
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def value(self, kind: str) -> str:
        return self.pick(VALUES.get(kind, VALUES["text"]))

    def number(self) -> str:
        return self.pick(["0", "1", "5", "10", "-1", "100"])

    def atom(self, columns: list[Column]) -> str:
        column = self.random.choice(columns)
        name, kind = column.name, column.type
        options = [f"{name} IS NOT NULL", f"{name} IS NULL"]
        if kind in NUMBERS:
            operator = self.pick([">", ">=", "<", "<=", "<>", "="])
            options += [f"{name} {operator} {self.number()}"] * 4
            options += [
                f"{name} BETWEEN {self.number()} AND 100",
                f"{name} IN (0, 1, 2, {self.number()})",
                f"{name} IS DISTINCT FROM {self.number()}",
                f"coalesce({name}, 0) >= {self.number()}",
                f"NOT ({name} < {self.number()})",
                f"({name} > {self.number()}) IS NOT FALSE",
                f"({name} > {self.number()}) IS TRUE",
            ]
            others = [other for other in columns if other.type == kind and other is not column]
            if others:
                other = self.random.choice(others).name
                options += [f"{name} < {other}", f"{name} <= {other}", f"{name} + {other} <= 100"] * 2
            if kind in INTEGERS:
                options += [f"{name} % 2 = 0", f"{name} + 1 > {self.number()}", f"-{name} < {self.number()}"]
        elif kind in TEXTS:
            options += [
                f"{name} <> ''",
                f"char_length({name}) <= {self.pick(['1', '2', '3', '5', '8'])}",
                f"length({name}) > {self.pick(['0', '1', '2'])}",
                f"btrim({name}) <> ''",
                f"lower({name}) = {name}",
                f"octet_length({name}) < {self.pick(['3', '6', '20'])}",
                f"{name} IN ('a', 'ab', 'abcde')",
                f"{name} = ANY (ARRAY['a', 'A', '5'])",
                f"{name} NOT IN ('a', 'x')",
                f"{name} > 'b'",
            ]
            if kind != "char(4)":
                options += [f"{name} LIKE 'a%'", f"{name} NOT LIKE '%b_'", f"{name} ~ '^[a-z]*$'"]
        elif kind == "boolean":
            options += [name, f"NOT {name}", f"{name} IS TRUE", f"{name} IS NOT FALSE"]
        elif kind in ("date", "timestamp"):
            options += [f"{name} > '2020-01-01'", f"{name} <= '2024-02-29'"] * 2
        elif kind == "mood":
            options += [f"{name} <> 'sad'", f"{name} >= 'ok'", f"{name} IN ('ok', 'happy')"]
        elif kind == "uuid":
            options += [f"{name} <> '00000000-0000-0000-0000-000000000000'"]
        elif kind == "jsonb":
            options += [f"jsonb_typeof({name}) = 'object'"]
        elif kind == "bytea":
            options += [f"octet_length({name}) > 0"]
        return self.pick(options)

    def condition(self, columns: list[Column]) -> str:
        roll = self.random.random()
        if roll < 0.5:
            return self.atom(columns)
        if roll < 0.65:
            return f"{self.atom(columns)} AND {self.atom(columns)}"
        if roll < 0.85:
            return f"{self.atom(columns)} OR {self.atom(columns)}"
        if roll < 0.93:
            names = ", ".join(column.name for column in columns[:3])
            return f"num_nonnulls({names}) {self.pick(['=', '>=', '<='])} 1"
        return f"CASE WHEN {self.atom(columns)} THEN {self.atom(columns)} ELSE {self.atom(columns)} END"

    def column(self, name: str) -> Column:
        kind = self.pick(tuple(VALUES))
        default = self.value(kind) if self.chance(0.25) else None
        return Column(name, kind, self.chance(0.25), default)

    def written(self, column: Column) -> str:
        default = f" DEFAULT {column.default}" if column.default is not None else ""
        return f"{column.name} {column.type}{' NOT NULL' if column.not_null else ''}{default}"

    def case(self) -> Case:
        self.columns = [Column("id", "int4", True), *(self.column(f"c{index}") for index in range(3))]
        if self.chance(0.4):
            self.columns.append(Column("d", self.columns[1].type))
        if self.chance(0.3):
            self.columns.append(Column("parent", "int4"))
        parts = [self.written(column) for column in self.columns]
        parts[0] += " PRIMARY KEY"
        body = self.columns[1:]
        for _ in range(self.random.randint(0, 2)):
            name = self.fresh("k")
            parts.append(f"CONSTRAINT {name} CHECK ({self.condition(body)})")
            self.constraints.append(name)
        if self.chance(0.25):
            name, column = self.fresh("u"), self.random.choice(body)
            parts.append(f"CONSTRAINT {name} UNIQUE ({column.name})")
            self.constraints.append(name)
        if any(column.name == "parent" for column in body) and self.chance(0.5):
            name = self.fresh("f")
            parts.append(f"CONSTRAINT {name} FOREIGN KEY (parent) REFERENCES parents (id)")
            self.constraints.append(name)
        base = [*PRELUDE, f"CREATE TABLE t ({', '.join(parts)})"]
        if self.chance(0.15):
            name = self.fresh("k")
            base.append(f"ALTER TABLE t ADD CONSTRAINT {name} CHECK ({self.condition(body)}) NOT VALID")
            self.constraints.append(name)
        if self.chance(0.1):
            base.append(f"CREATE UNIQUE INDEX i0 ON t ({self.random.choice(body).name})")
        start = [Column(each.name, each.type, each.not_null, each.default) for each in self.columns]
        migration: list[str] = []
        for _ in range(self.pick(["1", "1", "2", "3"]).count("") and self.random.randint(1, 3)):
            migration += self.change()
        strategy = self.pick(["rolling", "rolling", "recreate"])
        case = Case(self.seed, base, migration, strategy, self.chance(0.5), start)
        case.rows = [self.row(start) for _ in range(14)]
        return case

    def row(self, columns: list[Column]) -> dict[str, str]:
        row: dict[str, str] = {}
        for column in columns:
            if column.name == "id":
                row["id"] = str(self.random.randint(1, 60))
            elif column.name == "parent":
                row["parent"] = self.pick(["NULL", "1", "2"])
            elif column.default is not None and self.chance(0.3):
                continue
            else:
                null = self.chance(0.05 if column.not_null else 0.25)
                row[column.name] = "NULL" if null else self.value(column.type)
        return row

    def fresh(self, stem: str) -> str:
        self.counter += 1
        return f"{stem}{self.counter}"

    def change(self) -> list[str]:
        """One change of the table, as one or more statements."""
        body = [column for column in self.columns if column.name != "id"]
        if not body:
            return [f"ALTER TABLE t ADD COLUMN {self.fresh('n')} integer"]
        column = self.random.choice(body)
        name = column.name
        match self.random.randint(0, 21):
            case 0:
                added = self.column(self.fresh("n"))
                self.columns.append(added)
                return [f"ALTER TABLE t ADD COLUMN {self.written(added)}"]
            case 1:
                added = Column(self.fresh("n"), "int4", False, self.pick(["0", "5", "-1"]))
                self.columns.append(added)
                operator = self.pick([">", ">=", "<"])
                return [f"ALTER TABLE t ADD COLUMN {self.written(added)} CHECK ({added.name} {operator} 0)"]
            case 2 if len(body) > 1:
                self.columns.remove(column)
                return [f"ALTER TABLE t DROP COLUMN {name}"]
            case 3:
                column.not_null = True
                return [f"ALTER TABLE t ALTER COLUMN {name} SET NOT NULL"]
            case 4:
                column.not_null = False
                return [f"ALTER TABLE t ALTER COLUMN {name} DROP NOT NULL"]
            case 5 | 6:
                constraint = self.fresh("k")
                self.constraints.append(constraint)
                return [f"ALTER TABLE t ADD CONSTRAINT {constraint} CHECK ({self.condition(body)})"]
            case 7:
                constraint = self.fresh("k")
                self.constraints.append(constraint)
                added_sql = (
                    f"ALTER TABLE t ADD CONSTRAINT {constraint} CHECK ({self.condition(body)}) NOT VALID"
                )
                validate = f"ALTER TABLE t VALIDATE CONSTRAINT {constraint}"
                return [added_sql, validate] if self.chance(0.6) else [added_sql]
            case 8 | 9 if self.constraints:
                constraint = self.random.choice(self.constraints)
                self.constraints.remove(constraint)
                return [f"ALTER TABLE t DROP CONSTRAINT {constraint}"]
            case 10 | 11:
                target = self.pick(tuple(CONVERSIONS[column.type])) if column.type in CONVERSIONS else "text"
                using = f" USING {name}::{target}" if self.chance(0.5) else ""
                column.type = target if target in VALUES else column.type
                if column.default is not None:
                    column.default = None
                    return [
                        f"ALTER TABLE t ALTER COLUMN {name} DROP DEFAULT",
                        f"ALTER TABLE t ALTER COLUMN {name} TYPE {target}{using}",
                    ]
                return [f"ALTER TABLE t ALTER COLUMN {name} TYPE {target}{using}"]
            case 12:
                constraint = self.fresh("u")
                self.constraints.append(constraint)
                other = self.random.choice(body).name
                names = name if other == name else f"{name}, {other}"
                return [f"ALTER TABLE t ADD CONSTRAINT {constraint} UNIQUE ({names})"]
            case 13:
                key = f"lower({name})" if column.type in ("text", "varchar(5)") else name
                where = f" WHERE {self.atom(body)}" if self.chance(0.5) else ""
                return [f"CREATE UNIQUE INDEX {self.fresh('i')} ON t ({key}){where}"]
            case 14 if any(each.name == "parent" for each in body):
                constraint = self.fresh("f")
                self.constraints.append(constraint)
                late = " NOT VALID" if self.chance(0.3) else ""
                return [
                    f"ALTER TABLE t ADD CONSTRAINT {constraint} "
                    f"FOREIGN KEY (parent) REFERENCES parents (id){late}"
                ]
            case 15:
                if self.chance(0.5):
                    column.default = self.value(column.type)
                    return [f"ALTER TABLE t ALTER COLUMN {name} SET DEFAULT {column.default}"]
                column.default = None
                return [f"ALTER TABLE t ALTER COLUMN {name} DROP DEFAULT"]
            case 16:
                extra = self.pick(
                    ["ADD VALUE 'great'", "RENAME VALUE 'sad' TO 'blue'", "ADD VALUE 'none' BEFORE 'ok'"]
                )
                return [f"ALTER TYPE mood {extra}"]
            case 17 | 18:
                where = f"{name} IS NULL"
                if self.chance(0.4):
                    where += f" AND {self.atom(body)}"
                column.not_null = True
                return [
                    f"UPDATE t SET {name} = {self.value(column.type)} WHERE {where}",
                    f"ALTER TABLE t ALTER COLUMN {name} SET NOT NULL",
                ]
            case 19:
                value = self.value(column.type)
                if column.type in INTEGERS:
                    value = self.pick([f"{name} + 1", f"coalesce({name}, 1)", "NULL", value])
                where = f" WHERE {self.atom(body)}" if self.chance(0.7) else ""
                return [f"UPDATE t SET {name} = {value}{where}"]
            case 20:
                return [f"DELETE FROM t WHERE {self.atom(body)}"]
            case 21:
                new = self.fresh("r")
                column.name = new
                return [f"ALTER TABLE t RENAME COLUMN {name} TO {new}"]
            case _:
                constraint = self.fresh("k")
                self.constraints.append(constraint)
                return [f"ALTER TABLE t ADD CONSTRAINT {constraint} CHECK ({self.condition(body)})"]


def draw(seed: int) -> Case:
    return Drawer(seed).case()
