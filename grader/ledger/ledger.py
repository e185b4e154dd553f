"""The ledger: submissions as received, verdicts with their evidence, and what people decided.

One writer at a time, in transactions of whole chunks: whenever it is killed, a chunk is either in
the ledger or is not, and the next run goes on from there. SQLite by default, PostgreSQL by its URL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, func, select

from grader.keyring import Entry, Keyring, Problem
from grader.ledger import tables as t
from grader.ledger.entries import Outcome, Override, Stored, storable
from grader.ledger.pieces import PiecesRead, PiecesWritten
from grader.ledger.rapid import Finding, Insert
from grader.ledger.rows import (
    Graded,
    Judged,
    Known,
    New,
    json_of,
    new,
    received_of,
    sender_of,
    stamp,
    submission_row,
    verdict_row,
)
from grader.ledger.settings import set_keys, set_values, tell
from grader.ledger.trouble import readable
from grader.submissions.received import Received, Refused

_FETCHED = 500
_KNOWN = select(
    *(t.submissions.c[name] for name in ("source", "id", "digest", "run")),
    *(t.verdicts.c[name] for name in ("sheet", "key", "version")),
).select_from(
    t.submissions.join(
        t.verdicts, (t.verdicts.c.submission == t.submissions.c.id) & t.verdicts.c.current
    )
)


class Ledger:
    """An open ledger. Every method that meets a damaged one raises InputError."""

    def __init__(self, name: str, engine: Engine, lock: Any) -> None:
        self.name = name
        self._engine = engine
        self._lock = lock
        self._insert_submissions = Insert(t.submissions, engine)
        self._insert_verdicts = Insert(t.verdicts, engine)
        self._read = PiecesRead(engine)
        self._find = Finding(_KNOWN, t.submissions.c.source, engine)
        with self._writing() as connection:
            self._next = {
                table.name: (connection.scalar(select(func.max(table.c.id))) or 0) + 1
                for table in (t.submissions, t.verdicts, t.pieces)
            }
        self._written = PiecesWritten(self._next.pop(t.pieces.name), engine)

    def close(self) -> None:
        self._lock.close()
        self._engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with readable(self.name), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with readable(self.name), self._engine.connect() as connection:
            yield connection

    # Runs

    def meta(self, name: str) -> str:
        """A setting; empty if it was never set."""
        with self._reading() as connection:
            return connection.scalar(select(t.meta.c.value).where(t.meta.c.name == name)) or ""

    def set_meta(self, **values: str) -> None:
        with self._writing() as connection:
            set_values(connection, values)

    @property
    def run(self) -> int:
        """The number of the last run that began."""
        return int(self.meta("run") or 0)

    @property
    def finished(self) -> bool:
        """Whether the last run saw all of its submissions."""
        return self.meta("run") == self.meta("finished")

    def begin(self, keyring: Keyring) -> int:
        """Begin a run with these keys."""
        run = self.run + 1
        with self._writing() as connection:
            set_keys(connection, keyring)
            set_values(connection, {"run": str(run)})
            tell(connection, run, "begun")
        return run

    def set_keys(self, keyring: Keyring) -> None:
        """From now on, these are the keys of the last run."""
        with self._writing() as connection:
            set_keys(connection, keyring)

    def finish(self, run: int) -> None:
        with self._writing() as connection:
            set_values(connection, {"finished": str(run)})
            tell(connection, run, "finished")

    def tell(self, what: str) -> None:
        """An event for the record."""
        with self._writing() as connection:
            tell(connection, self.run, what)

    # Submissions and verdicts

    def known(self, received: Sequence[Received]) -> dict[str, Known | New]:
        """By source, what the ledger has of these, or that one is new to it."""
        found: dict[str, Known | New] = {each.source: new(each) for each in received}
        with self._reading() as connection:
            for source, *row in self._find(connection, list(found)):
                known = Known(*row)
                if bytes(known.digest) == found[source].digest:
                    found[source] = known
        return found

    def record(
        self,
        run: int,
        version: str,
        seen: Sequence[int],
        judged: Sequence[tuple[New | int, Outcome]],
    ) -> None:
        """In one transaction: these were `seen` again by a run, and these were `judged` in it,
        either new (as `known` told) or, by their number, once more."""
        now = stamp()
        submissions, verdicts, again = [], [], []
        for each, outcome in judged:
            if isinstance(each, New):
                number = self._number(t.submissions)
                submissions.append(submission_row(each, number, run, now))
            else:
                number = each
                again.append(number)
            report = self._written.referring(outcome.report)
            verdict = self._number(t.verdicts)
            verdicts.append(verdict_row(outcome, report, verdict, number, version, now))
        with self._written.remembered(), self._writing() as connection:
            if marked := [*seen, *again]:
                here = t.submissions.c.id.in_(marked)
                connection.execute(t.submissions.update().where(here).values(run=run))
            if again:
                former = t.verdicts.c.submission.in_(again) & t.verdicts.c.current
                connection.execute(t.verdicts.update().where(former).values(current=False))
            self._written.write(connection)
            self._insert_submissions(connection, submissions)
            self._insert_verdicts(connection, verdicts)

    def refuse(self, run: int, refused: Sequence[Refused]) -> None:
        """What a run was given and could not use."""
        if not refused:
            return
        rows = [
            {
                "source": r.source,
                "reason": storable(r.reason),
                "sender": json_of(r.sender),
                "run": run,
            }
            for r in {each.source: each for each in refused}.values()
        ]
        with self._writing() as connection:
            here = t.refused.c.source.in_([row["source"] for row in rows])
            connection.execute(t.refused.delete().where(here))
            connection.execute(t.refused.insert(), rows)

    def refusals(self, run: int) -> list[Refused]:
        query = select(t.refused).where(t.refused.c.run == run).order_by(t.refused.c.source)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Refused(r.source, r.reason, sender_of(r.sender)) for r in rows]

    def graded(self, run: int, sheet: str = "", numbers: Sequence[int] = ()) -> Iterator[Graded]:
        """The submissions of a run with their verdicts, by source; or only those for one sheet, or
        of some numbers. They are read as they are needed."""
        s, v = t.submissions, t.verdicts
        query = (
            select(
                *(s.c.id, s.c.source, v.c.sheet, v.c.student, v.c.problem, s.c.sha256),
                *(s.c.sender, s.c.at, s.c.late, s.c.attempt, v.c.report),
            )
            .select_from(s.join(v, (v.c.submission == s.c.id) & v.c.current))
            .where(s.c.run == run)
            .order_by(s.c.source)
        )
        if sheet:
            query = query.where(v.c.sheet == sheet)
        if numbers:
            query = query.where(s.c.id.in_(numbers))
        for part in self._parts(query):
            reports = self._reports([row.report for row in part])
            for row, report in zip(part, reports, strict=True):
                yield Graded._make((*row[:-1], report))

    def judged(self, run: int) -> Iterator[Judged]:
        """The submissions of a run as they were received, with their verdicts, by source."""
        s, v = t.submissions, t.verdicts
        query = (
            select(s, *(v.c[name].label(f"v_{name}") for name in (*Outcome._fields, "version")))
            .select_from(s.join(v, (v.c.submission == s.c.id) & v.c.current))
            .where(s.c.run == run)
            .order_by(s.c.source)
        )
        for part in self._parts(query):
            reports = self._reports([row.v_report for row in part])
            for row, report in zip(part, reports, strict=True):
                found = {name: row._mapping[f"v_{name}"] for name in Outcome._fields}
                outcome = Outcome(**{**found, "report": report})
                yield Judged(row.id, received_of(row), row.v_version, outcome)

    def numbers(self, run: int) -> Iterator[bytes]:
        """Those of the submissions of a run and of their verdicts, in the order of the former: a
        line each, in some pieces."""
        s, v = t.submissions, t.verdicts
        query = (
            select(s.c.id, v.c.id)
            .select_from(s.join(v, (v.c.submission == s.c.id) & v.c.current))
            .where(s.c.run == run)
            .order_by(s.c.id)
        )
        for part in self._parts(query):
            yield b"".join([b"%d %d\n" % (submission, verdict) for submission, verdict in part])

    def slots(self, run: int) -> list[str]:
        """The names of the exercises on the sheets of a run, in the order of the sheets."""
        s, v = t.submissions, t.verdicts
        query = (
            select(v.c.slots)
            .select_from(s.join(v, (v.c.submission == s.c.id) & v.c.current))
            .where(s.c.run == run)
            .group_by(v.c.slots)
            .order_by(func.min(s.c.source))
        )
        with self._reading() as connection:
            found = connection.scalars(query).all()
        return list(dict.fromkeys(slot for text in found for slot in text.split()))

    def several(self, run: int) -> list[list[int]]:
        """The numbers of submissions that have a report for the same sheet and student."""
        s, v = t.submissions, t.verdicts
        joined = s.join(v, (v.c.submission == s.c.id) & v.c.current)
        here = (s.c.run == run) & (v.c.problem == "")
        twice = (
            select(v.c.sheet, v.c.student)
            .select_from(joined)
            .where(here)
            .group_by(v.c.sheet, v.c.student)
            .having(func.count() > 1)
            .subquery()
        )
        same = (twice.c.sheet == v.c.sheet) & (twice.c.student == v.c.student)
        query = (
            select(v.c.sheet, v.c.student, s.c.id)
            .select_from(joined.join(twice, same))
            .where(here)
            .order_by(v.c.sheet, v.c.student, s.c.source)
        )
        rows = self._streamed(query)
        return [[row.id for row in group] for _, group in groupby(rows, key=lambda row: row[:2])]

    def entries(self) -> list[Entry]:
        """The keys of the last run, by student."""
        query = select(t.keys).order_by(t.keys.c.student, t.keys.c.sheet)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Entry(r.sheet, r.student, r.name, "", r.fingerprint) for r in rows]

    def students(self, run: int) -> list[Entry]:
        """Who has a report in a run, on which sheet, by student: for sheets that are shared."""
        s, v = t.submissions, t.verdicts
        query = (
            select(v.c.student, v.c.sheet)
            .distinct()
            .select_from(s.join(v, (v.c.submission == s.c.id) & v.c.current))
            .where((s.c.run == run) & (v.c.problem == ""))
            .order_by(v.c.student, v.c.sheet)
        )
        return [Entry(sheet, student, "", "", "") for student, sheet in self._streamed(query)]

    def key_problems(self) -> tuple[Problem, ...]:
        """The keys of the last run that could not be used."""
        told = msgspec.json.decode(self.meta("key_problems") or "[]")
        return tuple(Problem(*each) for each in told)

    # People

    def override(self, override: Override) -> int:
        """Record a decision; its number."""
        values = {**vars(override), "credit": str(override.credit), "at": stamp()}
        with self._writing() as connection:
            tell(connection, self.run, f"override by {override.person}")
            number = connection.execute(t.overrides.insert().values(values)).inserted_primary_key
        assert number is not None
        return int(number[0])

    def overrides(self) -> list[Override]:
        """All decisions, the first one first."""
        with self._reading() as connection:
            rows = connection.execute(select(t.overrides).order_by(t.overrides.c.id)).all()
        return [
            Override(
                row.part, Fraction(row.credit), row.reason, row.person, row.sheet, row.question,
                row.answer,
            )
            for row in rows
        ]  # fmt: skip

    # Published files

    def published(self) -> dict[str, bytes]:
        with self._reading() as connection:
            return {row.name: bytes(row.digest) for row in connection.execute(select(t.published))}

    def publish(self, written: Mapping[str, bytes], removed: Iterable[str] = ()) -> None:
        """These report files were written, and those removed."""
        gone = [*written, *removed]
        if not gone:
            return
        with self._writing() as connection:
            for start in range(0, len(gone), _FETCHED):
                here = t.published.c.name.in_(gone[start : start + _FETCHED])
                connection.execute(t.published.delete().where(here))
            if written:
                rows = [{"name": name, "digest": value} for name, value in written.items()]
                connection.execute(t.published.insert(), rows)

    def _streamed(self, query: Any) -> Iterator[Any]:
        for part in self._parts(query):
            yield from part

    def _parts(self, query: Any) -> Iterator[Sequence[Any]]:
        with self._reading() as connection:
            found = connection.execution_options(yield_per=_FETCHED).execute(query)
            yield from found.partitions()

    def _reports(self, rows: Sequence[bytes]) -> list[Stored]:
        with self._reading() as connection:
            return self._read.reports(connection, rows)

    def _number(self, table: Any) -> int:
        number = self._next[table.name]
        self._next[table.name] += 1
        return number
