"""The rule score: how much a lead deserves an agent's next minute, 0-100, as a sum that an agent can check.

It orders work and never refuses anybody (R-GDPR-11). No learned weights: a table says what each signal counts, and the
team may change it.

signals   what says something about a lead, with its time, and what comes of an inquiry
lexicon   what people write, English and Spanish alike
weights   what each signal counts: the shipped table, versions of the team's own, what is refused
weighing  the sum at any instant, when it changes by itself, and its course
"""

from leadwake.domain.scoring.inquiry import Rated, rated, signals_of
from leadwake.domain.scoring.signals import Reason, Score, Signal
from leadwake.domain.scoring.weighing import score_at, temperature_of, weighed
from leadwake.domain.scoring.weights import SHIPPED, Weights

__all__ = [
    "SHIPPED",
    "Rated",
    "Reason",
    "Score",
    "Signal",
    "Weights",
    "rated",
    "score_at",
    "signals_of",
    "temperature_of",
    "weighed",
]
