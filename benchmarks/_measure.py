"""A command timed as a process of its own: seconds, and the peak of the memory of it and all below it."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

SAMPLE_SECONDS = 0.02


@dataclass(frozen=True)
class Measured:
    """Wall seconds, peak resident megabytes of the process tree, and standard output."""

    seconds: float
    peak_mb: float
    output: str


def measure(*command: str | Path) -> Measured:
    """Run the command once; it must succeed."""
    began, peak = time.perf_counter(), 0
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as child:
        watched = psutil.Process(child.pid)
        while child.poll() is None:
            peak = max(peak, tree_bytes(watched))
            time.sleep(SAMPLE_SECONDS)
        seconds = time.perf_counter() - began
        assert child.stdout is not None
        output = child.stdout.read()
    if child.returncode:
        sys.exit(f"{command[0]} failed with {child.returncode}")
    return Measured(seconds, peak / 1e6, output)


def tree_bytes(process: psutil.Process) -> int:
    """Resident bytes of a process and all below it; what ends meanwhile counts nothing."""
    total = 0
    try:
        for one in [process, *process.children(recursive=True)]:
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


def middle(runs: int, once: Callable[[], Measured]) -> Measured:
    """The run of median seconds, with the largest peak of all runs."""
    held = sorted((once() for _ in range(runs)), key=lambda run: run.seconds)
    chosen = held[len(held) // 2]
    assert chosen.seconds == median(run.seconds for run in held) or runs % 2 == 0
    return Measured(chosen.seconds, max(run.peak_mb for run in held), chosen.output)


def suixin(*arguments: str | Path) -> list[str | Path]:
    """The command line of this checkout."""
    return [sys.executable, "-m", "suixin", *arguments]
