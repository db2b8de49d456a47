"""The product with one mistake in it, for the controls of the property tests: what must not pass does not.

A mutant is the real source with one expression replaced, loaded beside the real modules. Nothing of it can be imported
by name, and the real modules stay as they are.
"""

from __future__ import annotations

import builtins
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.core.invariants import Product

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a mutant may consist of, each after what it imports.
MODULES = (
    "monitor_core.intervals",
    "monitor_core.rounding",
    "monitor_core.days",
    "monitor_core.turns",
    "monitor_core.blocks",
    "monitor_core.accounting",
    "monitor_core.books",
    "monitor_core.corrections",
    "monitor_core.waiting",
    "monitor_core.parts",
    "monitor_core.standing",
    "monitor_core.reporting",
    "monitor_tray.render.figures",
)


def product_with(module: str, old: str, new: str) -> Product:
    """The product with ``new`` in the place of ``old``, which occurs once in ``module``."""
    modules = mutated({module: (old, new)})
    return Product(
        account=modules["monitor_core.accounting"].account,
        books=modules["monitor_core.books"].Books,
        account_from_books=modules["monitor_core.standing"].account_from_books,
        build_report=modules["monitor_core.reporting"].build_report,
        figures=modules["monitor_tray.render.figures"].figures,
    )


def mutated(replacements: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """`MODULES` by name: copies of those with a replacement and of those that import such copies, else the real ones.

    Raises `ValueError` where the expression to replace does not occur exactly once.
    """
    copies: dict[str, ModuleType] = {}
    for name in MODULES:
        source = _source(name)
        if name in replacements:
            old, new = replacements[name]
            if source.count(old) != 1:
                raise ValueError(f"{old!r} is {source.count(old)} times in {name}; name what is there once")
            source = source.replace(old, new)
        elif not any(f"from {copy} import" in source for copy in copies):
            continue
        copies[name] = _loaded(name, source, copies)
    return {name: copies.get(name) or importlib.import_module(name) for name in MODULES}


def _source(name: str) -> str:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


def _loaded(name: str, source: str, copies: Mapping[str, ModuleType]) -> ModuleType:
    # Under its real name, though not imported: dataclasses look their module up by it.
    module = ModuleType(name)
    copies = dict(copies)

    def wired(wanted: str, *rest: Any, **more: Any) -> Any:
        return copies.get(wanted) or builtins.__import__(wanted, *rest, **more)

    module.__dict__["__builtins__"] = {**vars(builtins), "__import__": wired}
    exec(compile(source, f"<mutant of {name}>", "exec"), module.__dict__)  # noqa: S102  it is our own source
    return module
