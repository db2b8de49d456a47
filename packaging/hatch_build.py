"""Puts the compiled hook into the wheel as the command ``claude-monitor-hook``, and tags the wheel accordingly."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from types import ModuleType


def _load_compile_hook() -> ModuleType:
    # A plain import would need this folder on sys.path, where its name would shadow PyPA's packaging.
    spec = importlib.util.spec_from_file_location("compile_hook", Path(__file__).with_name("compile_hook.py"))
    if spec is None or spec.loader is None:
        raise ImportError("packaging/compile_hook.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


compile_hook = _load_compile_hook()


class HookBuilder(BuildHookInterface):  # type: ignore[type-arg]  # hatchling loads it at run time without arguments
    """For standard and editable wheels alike; a source distribution holds the sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Zig, where it may be used and has wheels; pip takes the newest version with one for this system."""
        if self.target_name != "wheel" or "zig" not in compile_hook.wanted_compilers():
            return []
        return ["ziglang>=0.13"] if compile_hook.native_target() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compiles, unless that was done before."""
        del version
        if self.target_name != "wheel":
            return
        built = compile_hook.compile_hook(compile_hook.wanted_target(), compile_hook.wanted_compilers())
        self.app.display_info(f"claude-monitor-hook by {built.compiler}: {built.path}")
        build_data["shared_scripts"][str(built.path)] = built.path.name
        build_data["tag"] = f"py3-none-{built.platform_tag}"
        build_data["pure_python"] = built.platform_tag == "any"
