"""Whether text stands in code: backticks, as they are read.

A run of backticks opens code and a run of the same length closes it. An inline span does not
outlive its line. That is enough to tell what is quoted from what is said, without looking ahead.
"""


class Code:
    """Follows one text; each character is looked at once, and none where no backtick is about."""

    __slots__ = ("_open", "_ticks")

    def __init__(self) -> None:
        self._open = 0  # length of the run that opened it
        self._ticks = 0  # length of the run being read

    @property
    def idle(self) -> bool:
        """Outside of code, and not in a run of backticks: text without any changes nothing."""
        return not self._open and not self._ticks

    def read(self, text: str) -> None:
        """Go over `text`."""
        if self.idle and "`" not in text:
            return
        for char in text:
            if char == "`":
                self._ticks += 1
                continue
            self._end_run()
            if char == "\n" and self._open == 1:
                self._open = 0

    def inside(self) -> bool:
        """Whether what comes next, no backtick, stands in code."""
        self._end_run()
        return self._open > 0

    def _end_run(self) -> None:
        run, self._ticks = self._ticks, 0
        if run and not self._open:
            self._open = run
        elif run and self._open == run:
            self._open = 0
