"""What the compiled templates run on: as much of jinja2's runtime as their code asks for.

jinja2 itself brings along all that reads and compiles templates, and takes longer to import than a report to make.
Names and parameters are those of the code that it generates; whatever is missing is an error at once.
"""
# ruff: noqa: ANN401  (values of templates have no types)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

from markupsafe import Markup, escape

__all__ = ["LoopContext", "Macro", "Markup", "Undefined", "escape", "markup_join", "missing", "str_join"]

missing: Any = object()


def Undefined(hint: str | None = None, *, name: str | None = None) -> NoReturn:  # noqa: N802
    """Raises NameError: a template asks for what is not there."""
    raise NameError(hint or f"`{name}` is not defined")


class Environment:
    """What the templates of one kind have in common.

    `finalize` makes text of a value, escaped where that is wanted; `load` finds another template by its name.
    """

    undefined = staticmethod(Undefined)
    concat = staticmethod("".join)
    getattr = staticmethod(getattr)

    def __init__(
        self,
        load: Callable[[str], Template],
        finalize: Callable[[Any], object],
        filters: Mapping[str, Callable[..., object]],
        *,
        autoescape: bool,
    ) -> None:
        self._load = load
        self.finalize = finalize
        self.filters = filters
        self.autoescape = autoescape

    def get_template(self, name: str, _asker: str) -> Template:
        """Another template, for one that extends it or imports its macros."""
        return self._load(name)

    def call(self, _context: Context, called: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """What a function or a macro returns; the compiler's notes on the place of the call are not for it."""
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return called(*args, **kwargs)


class Template:
    """A compiled template, ready to be rendered."""

    def __init__(self, module: ModuleType, environment: Environment) -> None:
        vars(module)["environment"] = environment
        self.environment = environment
        self.blocks: Mapping[str, Callable[[Context], Iterator[str]]] = module.blocks
        self.root_render_func: Callable[[Context], Iterator[str]] = module.root

    def render(self, values: Mapping[str, object]) -> str:
        """The text with these values."""
        return "".join(self.root_render_func(Context(self, values)))

    def _get_default_module(self, _context: Context) -> SimpleNamespace:
        """Its macros."""
        own = Context(self, {})
        "".join(self.root_render_func(own))
        return SimpleNamespace(**{name: own.vars[name] for name in own.exported_vars})


class Context:
    """The names that one rendering knows, and the blocks that fill it."""

    def __init__(self, template: Template, values: Mapping[str, object]) -> None:
        self.eval_ctx = template.environment
        self.blocks = {name: [block] for name, block in template.blocks.items()}
        self.vars: dict[str, Any] = {}
        self.exported_vars: set[str] = set()
        self._values = values

    def resolve_or_missing(self, name: str) -> Any:
        """The value of a name: a macro's, else one that was given."""
        return self.vars[name] if name in self.vars else self._values.get(name, missing)


class Macro:
    """A macro; its function takes all parameters by place, the block of its caller last."""

    def __init__(
        self,
        _environment: Environment,
        function: Callable[..., str],
        _name: str,
        parameters: tuple[str, ...],
        *flags: bool,
    ) -> None:
        _catches_named, _catches_rest, takes_caller, self._escapes = flags
        self._function = function
        self._parameters = (*parameters, "caller") if takes_caller else parameters

    def __call__(self, *given: Any, **named: Any) -> str:
        """The macro's text."""
        rest = [named.pop(name, missing) for name in self._parameters[len(given) :]]
        text = self._function(*given, *rest, **named)
        return Markup(text) if self._escapes else text  # noqa: S704  (its parts are escaped) # nosec B704


class LoopContext:
    """Items with their place among them, from 1."""

    def __init__(self, items: Iterable[Any], _undefined: object) -> None:
        self._items = items

    def __iter__(self) -> Iterator[tuple[Any, SimpleNamespace]]:
        return ((item, SimpleNamespace(index=place)) for place, item in enumerate(self._items, 1))


def str_join(parts: Iterable[object]) -> str:
    """The parts as one text."""
    return "".join(map(str, parts))


def markup_join(parts: Iterable[Any]) -> str:
    """The same, and escaped where one of them is markup."""
    known = tuple(parts)
    return Markup().join(known) if any(hasattr(part, "__html__") for part in known) else str_join(known)
