"""The run's page as this step fills it: its annotations, two at most, and the job summary."""

from __future__ import annotations

from collections.abc import Iterable

from reporter.commands.output import put, warn
from reporter.commands.settings import Settings
from reporter.errors import PublishError
from reporter.publish import workflow
from reporter.publish.workflow import AnnotationKind

MOST_ANNOTATIONS = 2
"""GitHub hides those of others where one step has many."""


class RunPage:
    """What does not go there, because it is full, not wanted, or there is none, goes to stderr."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._annotations = 0

    @property
    def takes_annotations(self) -> bool:
        """Whether this is a step of GitHub Actions, with annotations."""
        return self._settings.environ.get("GITHUB_ACTIONS") == "true" and self._settings.config.annotations

    def tell(self, kind: AnnotationKind, message: str) -> None:
        """One annotation; a warning on stderr where it is none."""
        if self.takes_annotations and self._annotations < MOST_ANNOTATIONS:
            self._annotations += 1
            put(workflow.annotation(kind, "Emissions Reporter", message) + "\n", machine=True)
        else:
            warn(message)

    def notice(self, message: str) -> None:
        """What need not be changed."""
        self.tell(AnnotationKind.NOTICE, message)

    def warning(self, message: str) -> None:
        """What somebody should look at."""
        self.tell(AnnotationKind.WARNING, message)

    def summarise(self, bodies: Iterable[str]) -> None:
        """The job summary, where it is wanted: the longest of these that fits."""
        path = self._settings.environ.get("GITHUB_STEP_SUMMARY")
        if path and self._settings.config.summary:
            try:
                workflow.write_summary(path, bodies)
            except PublishError as error:
                warn(error.sentences)
