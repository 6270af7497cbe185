"""Claims that a lesson computes, and exercises that are checked where they are written.

A lesson calls :func:`claim`, :func:`check` and, for the table of an experiment, :func:`stored`.
The graders of its exercises stand in ``avtutor/checks/lesson_NN.py``, written with
:mod:`avtutor.checks.grading`.
"""

from avtutor.checks.claims import claim
from avtutor.checks.experiments import stored
from avtutor.checks.runner import check

__all__ = ["check", "claim", "stored"]
