"""History on a branch of its own, with no common commit with the code: plain git, nothing is checked out.

A run is a new file, so that writers who meet have no conflict but the order: who comes second fetches and pushes again.
Now and then the small files become one for each month; the commits before are then let go, and the oldest runs too.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import SystemRandom
from urllib.parse import urlsplit

from reporter.domain.run_record import RunRecord
from reporter.errors import HistoryError
from reporter.history import MOST_RUNS, Added, Pruned, Surroundings
from reporter.history.git import TIMEOUT_S, Failed, Git, Remote, origin_of, remote_of
from reporter.history.ledger import History
from reporter.history.refusal import Refusal, refusal_of, short, unreachable
from reporter.history.shard import parse
from reporter.history.tree import Change, Tree, added, compacted, is_crowded, new_tree, pruned

BRANCH = "emissions-history"
REF = f"refs/heads/{BRANCH}"
DEADLINE_S = 120.0
"""After it nobody waits for other writers any more."""
LONGEST_PAUSE_S = 2.0
MOST_BYTES = 32 * 1024 * 1024
"""More on the branch is not read: it is bounded to two thirds of that."""
_CHANCE = SystemRandom()

_Plan = Callable[[Tree], Change | None]
"""What to change of the branch as it is now; None: nothing."""


class BranchStore:
    """The branch `emissions-history` of one remote."""

    def __init__(  # noqa: PLR0913 - the last ones are for tests
        self,
        remote: Remote,
        *,
        environ: Mapping[str, str],
        most_runs: int = MOST_RUNS,
        patience_s: float = TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        self.label = f"branch {BRANCH} of {remote.shown}"
        self._remote, self._environ = remote, environ
        self._most_runs, self._patience_s = most_runs, patience_s
        self._sleep, self._clock, self._chance = sleep, clock, chance

    def load(self) -> History:
        """All runs; none where there is no such branch yet."""
        with self._git() as git:
            _, tree = self._fetched(git)
        return History(parse(data, f"{BRANCH}:{name}") for name, data in tree.shards.items())

    def append(self, records: Sequence[RunRecord]) -> Added:
        """A file for each new run, pushed as one commit; again on top of what others pushed meanwhile."""
        count = 0

        def plan(tree: Tree) -> Change | None:
            nonlocal count
            change, count = added(tree, records)
            if change is not None and is_crowded(change.tree):
                change = compacted(change.tree, most_runs=self._most_runs)
            return change

        tries = self._push(plan)
        return Added(added=count, known=len(records) - count, tries=tries)

    def prune(self, *, keep: int | None = None, before: str | None = None, dry_run: bool = False) -> Pruned:
        """Drop runs and let go of the commits that had them; a file that cannot be read in full is left."""
        result = Pruned(removed=0, kept=0)

        def plan(tree: Tree) -> Change | None:
            nonlocal result
            change, removed, kept = pruned(tree, keep=keep, before=before)
            result = Pruned(removed=removed, kept=kept)
            return None if dry_run or not removed else change

        self._push(plan)
        return result

    def _git(self) -> _Workshop:
        return _Workshop(self._remote, self._environ, self._patience_s)

    def _push(self, plan: _Plan) -> int:
        """Bring the plan onto the branch; how many tries it took. Raises HistoryError."""
        with self._git() as git:
            give_up_at = self._clock() + DEADLINE_S
            tries = 0
            while True:
                tries += 1
                tip, tree = self._fetched(git)
                change = plan(tree)
                if change is None:
                    return tries
                said = self._pushed(git, tip, change)
                if said is None:
                    return tries
                refusal = refusal_of(said)
                if refusal is Refusal.NO_REWRITE and change.fresh:
                    plan = _with_past(plan)
                    continue
                if refusal is not Refusal.OTHERS_WERE_FASTER:
                    raise refusal.error(said, self.label)
                if self._clock() > give_up_at:
                    message = f"Others kept writing to {self.label} for {DEADLINE_S:g} s; nothing of this was added"
                    raise HistoryError(message, hint="Run `emissions history add` again.")
                self._sleep(self._chance() * min(LONGEST_PAUSE_S, 0.05 * 2 ** min(tries, 6)))

    def _fetched(self, git: Git) -> tuple[str, Tree]:
        """The branch's commit (empty: there is none) and all that is in it."""
        refspec = f"+{REF}:{REF}"
        try:
            if not git("ls-remote", "origin", REF).strip():
                return "", new_tree()
            git("fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "origin", refspec)
        except Failed as failed:
            raise unreachable(failed.said, self.label) from None
        try:
            tip = git("rev-parse", "--verify", "--quiet", REF).decode("ascii").strip()
            listed = git("ls-tree", "-r", "-l", "-z", "--full-tree", tip)
            tree = Tree.of_listing(listed, self.label, most_bytes=MOST_BYTES)
            names = "".join(f"{entry.sha}\n" for entry in tree.wanted)
            return tip, tree.read(git("cat-file", "--batch", given=names.encode("ascii")))
        except Failed as failed:
            raise HistoryError(f"The {self.label} cannot be read: {short(failed.said)}") from None

    def _pushed(self, git: Git, tip: str, change: Change) -> str | None:
        """None where the remote took it, else what it said."""
        try:
            made = {name: _blob(git, data) for name, data in change.new.items()}
            root = _tree(git, change.tree.entries(made))
            parent = [] if not tip or change.fresh else ["-p", tip]
            commit = git("commit-tree", root, *parent, "-m", change.message).decode("ascii").strip()
        except Failed as failed:
            raise HistoryError(
                f"git could not write the new runs: {short(failed.said)}", hint="Is the disk full?"
            ) from None
        try:
            git("push", "--porcelain", "--no-verify", f"--force-with-lease={REF}:{tip}", "origin", f"{commit}:{REF}")
        except Failed as failed:
            return failed.said
        return None


class _Workshop:
    """A repository for one question; gone afterwards."""

    def __init__(self, remote: Remote, environ: Mapping[str, str], patience_s: float) -> None:
        self._remote, self._environ, self._patience_s = remote, environ, patience_s

    def __enter__(self) -> Git:
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="emissions-history-", ignore_cleanup_errors=True)
        except OSError as error:
            raise HistoryError(f"No temporary folder can be made: {error.strerror}", hint="Is the disk full?") from None
        git = Git(Path(self._folder.name), self._remote, self._environ, timeout_s=self._patience_s)
        try:
            git.begin()
        except BaseException as error:
            self._folder.cleanup()
            if isinstance(error, Failed):
                raise HistoryError(f"git cannot be used: {short(error.said)}", hint="Is the disk full?") from None
            raise
        return git

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._folder.cleanup()


def opened(_argument: str, surroundings: Surroundings) -> BranchStore:
    """The store of `branch`: on the remote that is named, else on the work tree's `origin`."""
    url = surroundings.remote_url or origin_of(surroundings.folder, surroundings.environ)
    own = surroundings.server_url is not None and urlsplit(url)[:2] == urlsplit(surroundings.server_url)[:2]
    remote = remote_of(url, surroundings.token if own else None)
    return BranchStore(remote, environ=surroundings.environ, patience_s=surroundings.patience_s)


def _with_past(plan: _Plan) -> _Plan:
    """The same, as a further commit: where the branch may not be written anew."""

    def kept(tree: Tree) -> Change | None:
        change = plan(tree)
        return None if change is None else change._replace(fresh=False)

    return kept


def _blob(git: Git, data: bytes) -> str:
    return git("hash-object", "-w", "--stdin", "--no-filters", given=data).decode("ascii").strip()


def _tree(git: Git, entries: Mapping[str, tuple[str, str]]) -> str:
    """The tree of these paths, each with its mode and blob; folders are made from the inside out."""
    folders: dict[str, dict[str, tuple[str, str]]] = {}
    for path, entry in entries.items():
        folder, _, rest = path.partition("/")
        folders.setdefault(folder if rest else "", {})[rest or folder] = entry
    lines = [f"{mode} blob {sha}\t{name}\0" for name, (mode, sha) in folders.pop("", {}).items()]
    lines += [f"040000 tree {_tree(git, inner)}\t{folder}\0" for folder, inner in folders.items()]
    return git("mktree", "-z", given="".join(lines).encode("utf-8", "surrogateescape")).decode("ascii").strip()
