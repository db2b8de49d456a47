"""`claude-monitor profile`: what the running tray spends its time and its memory on, as flame graphs are made from."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from monitor_core import paths
from monitor_core.errors import MonitorError
from monitor_tray.asking_the_tray import profile_of_the_tray
from monitor_tray.commands.export import write_whole
from monitor_tray.profiling import LEAST_S, MOST_S, PATIENCE_S, Begin, End, Found, Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor_core.paths import Paths
    from monitor_tray.profiling import What

_Function = TypeVar("_Function", bound="Callable[..., Any]")

_LOOKS_EVERY_S = PATIENCE_S / 5


def _asking(function: _Function) -> _Function:
    for option in (
        click.option(
            "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, not to stdout."
        ),
        click.option(
            "--seconds",
            type=click.IntRange(LEAST_S, MOST_S),
            default=10,
            show_default=True,
            help="How long to look at it.",
        ),
    ):
        function = option(function)
    return function


@click.group()
def profile() -> None:
    """Tell what the running tray spends its time and its memory on.

    Each line of the result is a stack and a number (`a;b;c 42`), as flamegraph.pl and https://speedscope.app read them.
    The tray goes on with its work meanwhile; Ctrl-C ends it.

    \b
      claude-monitor profile cpu --seconds 30 -o tray.folded
      claude-monitor profile memory --seconds 60 | flamegraph.pl --countname bytes > memory.svg
    """


@profile.command()
@_asking
def cpu(*, seconds: int, output: Path | None) -> None:
    """Tell which functions take processor time, by thread, in microseconds.

    \b
      claude-monitor profile cpu
      claude-monitor profile cpu --seconds 30 -o tray.folded
    """
    _profile("cpu", seconds, output)


@profile.command()
@_asking
def memory(*, seconds: int, output: Path | None) -> None:
    """Tell what was taken of memory meanwhile and not given back, in bytes, by where it was taken.

    To trace it makes the tray slower as long as it lasts.

    \b
      claude-monitor profile memory
      claude-monitor profile memory --seconds 300 -o memory.folded
    """
    _profile("memory", seconds, output)


def _profile(what: What, seconds: int, output: Path | None) -> None:
    if output is not None and not output.parent.is_dir():
        raise MonitorError(f"cannot write {output}: there is no folder {output.parent}")
    place = paths.find(os.environ)
    number = profile_of_the_tray(place, Begin(what, seconds), Look).number
    try:
        lines = list(_lines(place, number, seconds))
    except BaseException:
        with contextlib.suppress(MonitorError):
            profile_of_the_tray(place, End(number), Found)
        raise
    text = "".join(f"{line}\n" for line in lines)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text.encode())
    if not lines:
        click.echo("Nothing was found: the tray did nothing meanwhile.", err=True)


def _lines(place: Paths, number: int, seconds: int) -> Iterator[str]:
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Profiling", total=seconds)
        found = Found(float(seconds))
        while found.more:
            if not found.lines:
                time.sleep(min(_LOOKS_EVERY_S, found.left_s + 0.05))
            found = profile_of_the_tray(place, Look(number), Found)
            progress.update(task, completed=seconds - found.left_s)
            yield from found.lines
