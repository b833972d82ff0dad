"""What a rule may ask for. Beyond these a rule is refused by lint, or bounded while it runs and said so."""

EXPRESSIONS = 200
"""Expressions under one key of a detection."""
EXPRESSION_CHARACTERS = 20_000
"""Characters of an expression with its lists expanded."""
PROGRAM = 40_000
"""Instructions RE2 compiles an expression to; its time is proportional to them at worst."""
EXPRESSION_MEMORY = 4 << 20
MEMORY_A_CHARACTER = 32 << 10
MOST_MEMORY = 64 << 20
"""Bytes an expression may use for its automaton: so many, more for each of its characters, but no more than
the last. Beyond them RE2 starts the automaton anew, which costs five times the reading."""
TERM_CHARACTERS = 100
TERMS = 200_000
"""Terms of a whole rulebook."""
DETECTIONS = 60
"""Detections of a rule."""
ALL_EXPRESSIONS = 10_000
"""Expressions of a whole rulebook, lists expanded."""
ALL_PROGRAMS = 4_000_000
"""Instructions of all of them together."""
SAMPLES = 200
"""Sample sentences of a detection."""
REPEAT_UTTERANCES = 50
"""How far back ``repeats`` looks."""
NESTING = 20
"""Lists within lists."""
HITS = 2_000
"""Hits of a detection on one call; the first in the call are kept."""
FLAGS = 100
"""Flags of a rule on one call; the first in the call are kept."""
STEPS = 1_000_000
"""Work of one rule on one call: bytes read by expressions, pairs of hits compared, ways of mishearing tried.
A rule that needs more ends as failed. Counted, not timed, so that the same call always ends the same way."""


class TooMuchWork(RuntimeError):
    """A rule needs more than STEPS on one call."""


class Budget:
    """The work that is left to a rule on one call."""

    def __init__(self, steps: int = STEPS) -> None:
        self._steps = steps
        self._left = steps

    def spend(self, steps: int) -> None:
        """Raises TooMuchWork when nothing is left."""
        self._left -= steps
        if self._left < 0:
            raise TooMuchWork(f"the rule needs more than {self._steps:,} steps on this call")
