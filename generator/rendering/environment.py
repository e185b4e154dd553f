"""The one Jinja2 environment: where templates lie, and how a value becomes LaTeX in them.

Templates are LaTeX, and so is every text literal in them. What comes out of a variable is turned
into LaTeX by `mathematics.latex`: numbers and arrays are written as formulas, text is escaped.
"""

from __future__ import annotations

import re
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from types import BuiltinMethodType, MethodType
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    meta,
    nodes,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from generator import catalog
from generator.model.errors import AuthoringError
from generator.model.values import Tex
from generator.rendering.mathematics import FILTERS, latex

OURS = "ours"  # `ours/NAME` is the template NAME as it is without anyone's own
# Stands at the end of lines that vanish if nothing else is printed on them. It is of ASCII, as a
# sign beyond Latin-1 makes every character of a text take two bytes.
_BLANK = "\x7f"
_BEGIN = "\\begin{document}"
_TOKENS = re.compile(r"<%.*?%>|<#.*?#>|<<.*?>>|\n|[^\n<]+|<", re.DOTALL)
_INDENTED = re.compile(rf"\n[ \t{_BLANK}]*{_BLANK}[ \t]*")
_VANISHED = re.compile(rf"{_INDENTED.pattern}(?=\n)")
_DISPLAY = re.compile(  # a backslash first, which is found fast
    r"\\(?:(?<!\\\\)\[.*?(?<!\\)\\\]"
    r"|begin\{((?:align|gather|multline|alignat|equation)\*?)\}.*?\\end\{\1\})",
    re.DOTALL,
)
_GAP = re.compile(r"\n\s*\n")
_METHODS = (MethodType, BuiltinMethodType)  # one may be that of a text which formats
_CALLED = (Macro, partial)  # as they are, without looking what else they take
_CHANGEABLE = {"namespace", "cycler", "joiner"}
# What autoescaping would leave behind if a text met Jinja2's HTML rules on the way.
_HTML = re.compile(r"&(?:amp|lt|gt|#34|#39);")


_OWN: ContextVar[Path | None] = ContextVar("own", default=None)


@contextmanager
def templates_from(folder: Path | None) -> Iterator[None]:
    """Inside, a template in `folder` goes before ours of the same relative path.

    It holds for this thread of this process: whoever works in another enters it there.
    """
    token = _OWN.set(folder.resolve() if folder else None)
    try:
        yield
    finally:
        _OWN.reset(token)


def template_folders() -> list[Path]:
    """The folders that hold templates: ours, then those of packages that add exercises."""
    _, *others = catalog.packages().values()
    return [_our_folder(), *(folder / "templates" for folder in others)]


def environment() -> Environment:
    """The environment of the templates that hold here."""
    return _environment(_OWN.get(), tuple(template_folders()))


def render(name: str, context: Mapping[str, Any]) -> str:
    """A whole template. AuthoringError names file and line of what is wrong in it."""
    filename, text = _rendered(name, "", context)
    preamble, begin, body = text.partition(_BEGIN)  # a preamble is the same for a class
    finished = f"{_finished_once(preamble, filename)}{begin}{_finished(body, filename)}"
    return finished.strip()


def render_block(
    name: str, block: str, context: Mapping[str, Any], more: Mapping[str, Any] = {}
) -> str:
    """One block of a template, after what the template sets and defines at its top.

    `context` is best the same object for all blocks of a question, and `more` what else this block
    sees. AuthoringError names the file, the block and the line of what is wrong.
    """
    filename, text = _rendered(name, block, context, more)
    return _finished(text, f"{filename}, block {block}").strip()


def _rendered(
    name: str, block: str, context: Mapping[str, Any], more: Mapping[str, Any] = {}
) -> tuple[str, str]:
    """The file of a template, and what it or a block of it prints."""
    env = environment()
    try:
        template = _template(env, name)
        try:
            if not block:
                text = template.render(context)
            else:
                inside = _below_top(template, context, more)
                if block not in inside.blocks:
                    raise AuthoringError(f"{template.filename}: there is no block {block}")
                text = "".join(inside.blocks[block][0](inside))
        except AuthoringError:
            raise
        except Exception:
            env.handle_exception()
    except AuthoringError:
        raise
    except Exception as error:
        _blame(error, name, block, env)
    return str(template.filename), text


@cache
def _template(env: Environment, name: str) -> Template:
    return env.get_template(name)


def _finished(text: str, place: str) -> str:
    """What was printed, without the lines that are to vanish. AuthoringError names the place."""
    if "&" in text and _HTML.search(text):
        raise AuthoringError(
            f"{place}: text was joined with + or a text filter and came out as HTML; join it with ~"
        )
    if _BLANK in text:
        text = _without_blanks(text)
    if _GAP.search(text):  # TeX takes no blank lines in a display, and a loop easily leaves one
        text = _DISPLAY.sub(lambda display: _GAP.sub("\n", display[0]), text)
    return text


_finished_once = lru_cache(maxsize=8)(_finished)


def _without_blanks(text: str) -> str:
    """A line that has nothing on it but blanks is left out."""
    text = _VANISHED.sub("", f"\n{text}")
    return _INDENTED.sub("\n", text).removeprefix("\n").replace(_BLANK, "")


@dataclass(frozen=True)
class _Top:
    """What the top of a template was given, what it took of that, and the context that it left."""

    given: Mapping[str, Any]
    taken: dict[str, Any]
    left: Context


_tops: WeakKeyDictionary[Template, _Top] = WeakKeyDictionary()  # the last of each template


def _below_top(template: Template, context: Mapping[str, Any], more: Mapping[str, Any]) -> Context:
    """The context in which a block of a template is rendered; `more` is for this block.

    The top runs again only if something that it takes is another object than the last time, as
    from one question to the next.
    """
    names = _taken(template.environment, str(template.name), at_top=True)
    if names is None or not names.isdisjoint(more):
        context, more = {**context, **more}, {}
    last = _tops.get(template)
    if last is None or last.given is not context:
        taken = {name: context[name] for name in names or () if name in context}
        if last is not None and names is not None and _identical(taken, last.taken):
            left = _like(last.left, {**template.globals, **context})
        else:
            left = template.new_context(dict(context))
            for _ in template.root_render_func(left):
                pass
        last = _tops[template] = _Top(context, taken, left)
    return _like(last.left, {**last.left.parent, **more})


def _like(context: Context, parent: dict[str, Any]) -> Context:
    """The same context, with other things to look at."""
    like = object.__new__(Context)
    vars(like).update(
        vars(context),
        parent=parent,
        vars=dict(context.vars),
        exported_vars=set(context.exported_vars),
    )
    return like


def _identical(some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    return some.keys() == others.keys() and all(some[name] is others[name] for name in some)


@cache
def _taken(env: Environment, name: str, *, at_top: bool) -> frozenset[str] | None:
    """The names that a template, and those it builds on, takes from the context, `at_top` without
    its blocks; None if that is not known, or if it makes something that blocks can change."""
    assert env.loader is not None
    tree = env.parse(env.loader.get_source(env, name)[0])
    if at_top:
        tree.body = [node for node in tree.body if not isinstance(node, nodes.Block)]
    run = (node for node in tree.body if not isinstance(node, nodes.Macro))
    calls = [call for node in run for call in node.find_all(nodes.Call)]
    if any(getattr(call.node, "name", "") in _CHANGEABLE for call in calls):
        return None
    found = meta.find_undeclared_variables(tree)
    for other in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        try:
            top = at_top and not isinstance(other, nodes.Include)
            names = _taken(env, str(other.template.as_const()), at_top=top)  # type: ignore[attr-defined]
        except (nodes.Impossible, TemplateNotFound, RecursionError):
            names = None
        if names is None:
            return None
        found |= names
    return frozenset(found)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's, which decides by an object's class and the attribute: once for each pair."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.joined: Callable[[tuple[Any, ...]], Markup]  # what `~` does
        self._safe: defaultdict[str, set[type]] = defaultdict(set)  # classes, by attribute

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        classes = self._safe[attr]
        if type(obj) not in classes and super().is_safe_attribute(obj, attr, value):
            classes.add(type(obj))
        return type(obj) in classes

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in self._safe[attribute]:
            value = getattr(obj, attribute, missing)
            if value is not missing and type(value) not in _METHODS:
                return value
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, *arguments: Any, **named: Any) -> Any:
        if type(obj) not in _CALLED:
            return super().call(context, obj, *arguments, **named)
        # A macro is safe, and what it prints is LaTeX, wherever it is called; so is what a helper
        # of an exercise gives.
        return obj(*arguments, **named)


@cache
def _environment(own: Path | None, folders: tuple[Path, ...]) -> Environment:
    ours = FileSystemLoader(folders)
    before = [FileSystemLoader(own)] if own else []
    env = _Sandbox(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        finalize=_printed,
        extensions=[_LatexSource],
        loader=ChoiceLoader([*before, ours, PrefixLoader({OURS: ours})]),
    )
    env.code_generator_class = _LatexCode
    env.filters.update(FILTERS, join=_join)
    env.joined = _joined
    return env


def _printed(value: Any) -> str:
    kind = type(value)
    if kind is Tex or kind is Markup:
        return value  # type: ignore[no-any-return]
    return str(value) if kind is StrictUndefined else latex(value)  # `str` raises


def _join(values: Any, separator: str = "", attribute: str | None = None) -> Markup:
    """Jinja2's `join`, with our rules instead of HTML's."""
    items = values if attribute is None else (getattr(each, attribute) for each in values)
    return Markup(str(latex(separator)).join(map(_printed, items)))


def _joined(values: tuple[Any, ...]) -> Markup:
    return Markup("".join(map(_printed, values)))


class _LatexSource(Extension):
    """Text literals are LaTeX; a line whose tags print nothing makes no paragraph."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Protect line ends behind tags.

        Jinja2's trim_blocks is meant for tags on lines of their own; behind other text it would
        glue two lines together, and a line of tags that print nothing would be a paragraph break.
        A macro ends with its last word, so that it can be called inside a sentence. In `<<-x>>` the
        minus is a minus (Jinja2 takes it for a mark that trims white space, and loses the sign).
        """
        source = re.sub(r"\n[ \t]*<% *endmacro", "\n<%- endmacro", source)
        source = source.replace("<<-", "<< -")
        lines: list[str] = []
        line: list[str] = []
        for token in [*_TOKENS.findall(source), "\n"]:
            if token != "\n":
                line.append(token)
                continue
            tagged = any(each.startswith(("<%", "<#")) for each in line)
            alone = all(each.startswith(("<%", "<#")) or each.isspace() for each in line)
            lines.append("".join(line) + (_BLANK if tagged and not alone else ""))
            line = []
        return "\n".join(lines)

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type != "string":
                yield token
                continue
            yield Token(token.lineno, "lparen", "(")
            yield token
            yield Token(token.lineno, "pipe", "|")
            yield Token(token.lineno, "name", "safe")
            yield Token(token.lineno, "rparen", ")")


class _LatexCode(CodeGenerator):
    """Jinja2's compiler, whose `~` joins operands as they would be printed, and which does not
    escape for HTML what `_printed` has made; a constant is printed by its rules, too.

    What it writes is quicker: texts are made once, and calls do not carry the variables of loops
    and blocks, which no function here asks for."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._texts: dict[str, str] = {}  # the source of a constant, and its name

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        super().visit_Template(node, frame)
        for source, name in self._texts.items():
            self.writeline(f"{name} = {source}")

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:
        source = repr(node.as_const(frame.eval_ctx))
        if "Markup(" in source:
            self.write(self._texts.setdefault(source, f"text_{len(self._texts)}"))
        else:
            super().visit_Const(node, frame)

    def signature(self, node: Any, frame: Frame, extra_kwargs: Any = None) -> None:
        kept = {key: value for key, value in (extra_kwargs or {}).items() if key == "caller"}
        super().signature(node, frame, kept)

    def _make_finalize(self) -> CodeGenerator._FinalizeInfo:
        return self._FinalizeInfo(None, "environment.finalize(")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(finalize.src)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.joined((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


def _blame(error: Exception, name: str, block: str, env: Environment) -> NoReturn:
    if isinstance(error, TemplateSyntaxError):
        place = f"{error.filename or name}, line {error.lineno}"
        raise AuthoringError(f"{place}: {error.message}") from error
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if each.filename.endswith(".j2")]
    place = f"{ours[-1].filename}{_inside(block)}, line {ours[-1].lineno}" if ours else name
    if isinstance(error, TemplateNotFound):
        raise AuthoringError(f"{place}: there is no template {error.name}") from error
    kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
    raise AuthoringError(f"{place}: {kind}{error}") from error


def _inside(block: str) -> str:
    return f", block {block}" if block else ""


@cache
def _our_folder() -> Path:
    package = Path(__file__).resolve().parents[1]
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"
