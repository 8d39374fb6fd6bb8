"""Work on the chunks of a county in several processes, with the same files whatever their number."""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from suixin.simulation import chunk, county
from suixin.simulation.brushing import Brushing
from suixin.simulation.chunk import ChunkResult
from suixin.simulation.county import County
from suixin.simulation.horizon import Horizon
from suixin.simulation.streams import Ints

CHUNK = 200  # merchants a part: about 120,000 orders; fixed, so that files do not depend on the processes

Progress = Callable[[str, int, int], None]


@dataclass
class Work:
    """The chunks of a county, and the results so far by part number.

    Attributes:
        world: the county; folder: where the parts go; merchants: how many there are.
        progress: called with ("merchants", done, all) after each chunk, in this process.
    """

    world: County
    folder: Path
    merchants: int
    progress: Progress | None
    results: dict[int, ChunkResult] = field(default_factory=dict)

    @property
    def parts(self) -> int:
        """How many chunks there are."""
        return -(-self.merchants // CHUNK)

    def run(self, processes: int) -> list[ChunkResult]:
        """Do all chunks, in this process and `processes` - 1 others; the results in the order of the chunks."""
        others = min(processes, self.parts) - 1
        if others > 0:
            self._share(others)
        for part in range(self.parts):
            if part not in self.results:
                self._here(part)
        return [self.results[part] for part in range(self.parts)]

    def _here(self, part: int) -> None:
        self._done(part, chunk.run(self.world, self._ids(part), self.folder, part))

    def _ids(self, part: int) -> Ints:
        return np.arange(part * CHUNK + 1, min((part + 1) * CHUNK, self.merchants) + 1, dtype=np.int64)

    def _done(self, part: int, result: ChunkResult) -> None:
        self.results[part] = result
        if self.progress is not None:
            self.progress("merchants", sum(r.merchants for r in self.results.values()), self.merchants)

    def _share(self, others: int) -> None:
        """Let others work from the first chunk on, while this process takes back chunks from the last on.

        So this process is busy while the others start. Spawn, because a fork of a process that has used
        Polars may hang. If no worker can start (a script read from standard input has no file that a spawned
        process could import) the chunks are left to this process.
        """
        world = (self.world.streams.seed, self.world.horizon, self.world.brushing)
        with ProcessPoolExecutor(others, get_context("spawn"), _prepare, world) as pool:
            try:
                futures = [pool.submit(_work, self.folder, n, self._ids(n)) for n in range(self.parts)]
                for part in reversed(range(self.parts)):
                    if futures[part].cancel():
                        self._here(part)
                self._collect(futures)
            except BrokenProcessPool:
                self._collect(
                    [f for f in futures if f.done() and not f.cancelled() and f.exception() is None]
                )
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _collect(self, futures: list[Future[tuple[int, ChunkResult]]]) -> None:
        for future in futures:
            if not future.cancelled():
                part, result = future.result()
                if part not in self.results:
                    self._done(part, result)


_world: County | None = None  # of a worker process, set once when it starts


def _prepare(seed: int, horizon: Horizon, brushing: Brushing | None) -> None:
    global _world  # noqa: PLW0603 - a worker's own state
    _world = county.build(seed, horizon, brushing)


def _work(folder: Path, part: int, ids: Ints) -> tuple[int, ChunkResult]:
    assert _world is not None  # noqa: S101 - the pool's initialiser has run
    return part, chunk.run(_world, ids, folder, part)
