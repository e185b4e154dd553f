"""The tables of a ledger, in SQLite or PostgreSQL.

Nothing is ever deleted or overwritten but marks of time and place: a submission that was handed in
again is another row, a verdict that another one replaces stays, as does an override that is
withdrawn.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

# 2 has no pieces, each report stands whole in its verdict; and an index of runs, which are nearly
# all of a ledger. In 1, contents and reports are all compressed by zlib.
SCHEMA = 3

tables = MetaData()
# Sorted by code points everywhere, and not by the language of a database.
_SORTED = Text().with_variant(Text(collation="C"), "postgresql")
_ID = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "meta", tables,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)  # fmt: skip

# The keys of the last run. Their contents stay in their own folder.
keys = Table(
    "keys", tables,
    Column("sheet", _SORTED, primary_key=True),
    Column("student", _SORTED, nullable=False),
    Column("name", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
)  # fmt: skip

# As received. `run` is the last run that was given this submission.
submissions = Table(
    "submissions", tables,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("source", _SORTED, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of all that was received
    Column("sha256", Text, nullable=False),  # of the content
    Column("format", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),  # see `grader.packing`
    Column("sender", Text, nullable=False),  # JSON of what the source tells of it
    Column("at", Text),
    Column("late", Boolean),
    Column("attempt", Integer),
    Column("received", Text, nullable=False),
    Column("run", Integer, nullable=False),
    UniqueConstraint("source", "digest"),
)  # fmt: skip

# What a run was given and could not be read as a submission.
refused = Table(
    "refused", tables,
    Column("source", _SORTED, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("run", Integer, nullable=False),
)  # fmt: skip

# What many reports share, each once: see `grader.ledger.pieces`.
pieces = Table(
    "pieces", tables,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)  # fmt: skip

# Either `report`, which refers to the pieces of it, or the `problem` why there is none.
verdicts = Table(
    "verdicts", tables,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("submission", _ID, ForeignKey("submissions.id"), nullable=False),
    Column("current", Boolean, nullable=False),
    Column("sheet", _SORTED, nullable=False),
    Column("student", _SORTED, nullable=False),
    Column("key", Text, nullable=False),  # the fingerprint of the key that was used
    Column("version", Text, nullable=False),
    Column("slots", Text, nullable=False),
    Column("human", Integer, nullable=False),  # parts that a person must look at
    Column("problem", Text, nullable=False),
    Column("report", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
)  # fmt: skip
# In the words of the queries, `current = 1` in SQLite: it uses a partial index for nothing else.
_NOW = and_(verdicts.c.current)
current_verdict = Index(
    "current_verdict", verdicts.c.submission, unique=True,
    sqlite_where=_NOW, postgresql_where=_NOW,
)  # fmt: skip

# By a person: for one part of one sheet, or for all who gave an answer to a question.
overrides = Table(
    "overrides", tables,
    Column("id", Integer, primary_key=True),
    Column("sheet", Text, nullable=False),
    Column("part", Text, nullable=False),  # slot.part
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", Text, nullable=False),
)  # fmt: skip

# What report files hold, so that those that did not change are not written again.
published = Table(
    "published", tables,
    Column("name", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
)  # fmt: skip

events = Table(
    "events", tables,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("what", Text, nullable=False),
)  # fmt: skip


def statements(dialect: Dialect) -> list[str]:
    """What makes these tables in a database of this kind."""
    from sqlalchemy.schema import CreateIndex, CreateTable

    made = []
    for table in tables.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in indexes]
    return made
