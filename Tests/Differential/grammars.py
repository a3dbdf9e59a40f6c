"""Postern's facts (grammar 15) against pglast's (grammar 18), statement by statement."""

import sys
from collections import Counter
from dataclasses import dataclass, field

from pglast import parser

import oracle
import postern
from known import FACTS, ONLY_PGLAST, ONLY_POSTERN

ASPECTS = ("tag", "relations", "writes", "functions")
# pglast's trees nest as deep as the texts.
sys.setrecursionlimit(20_000)


@dataclass
class Report:
    """What came of a comparison."""

    texts: int = 0
    compared: int = 0
    refused_by_both: int = 0
    refused_by_postern: int = 0
    refused_by_pglast: int = 0
    expected: Counter = field(default_factory=Counter)
    complaints: list = field(default_factory=list)

    def __str__(self):
        return (
            f"{self.texts} texts: {self.compared} statements compared, {self.expected.total()} expected differences, "
            f"{len(self.complaints)} others; texts refused by both {self.refused_by_both}, "
            f"by grammar 15 alone {self.refused_by_postern}, by grammar 18 alone {self.refused_by_pglast}"
        )

    def complain_of_unused(self):
        """Complains of expected differences that did not occur; for a run over all texts."""
        for expected in (*FACTS, *ONLY_PGLAST, *ONLY_POSTERN):
            if not self.expected[expected]:
                self.complaints.append(f"is expected and did not occur: {expected}")


def compare(texts):
    """Compares the facts of these texts, each once."""
    texts = list(dict.fromkeys(texts))
    report = Report(texts=len(texts))
    for text, answer in zip(texts, postern.answers(texts), strict=True):
        _compare(report, text, answer)
    return report


def _compare(report, text, answer):
    ours = postern.facts(answer)
    try:
        theirs = oracle.facts(text)
    except (parser.ParseError, UnicodeEncodeError):
        theirs = None
    if ours is None or theirs is None:
        return _refused(report, text, answer, ours, theirs)
    if len(ours) != len(theirs):
        report.complaints.append(f"{len(ours)} statements, not {len(theirs)}: {text}")
        return None
    for one, other in zip(ours, theirs, strict=True):
        report.compared += 1
        for aspect in ASPECTS:
            _judge(report, text, aspect, getattr(one, aspect), getattr(other, aspect))
    return None


def _refused(report, text, answer, ours, theirs):
    if ours is None and theirs is None:
        report.refused_by_both += 1
        return
    if ours is None:
        report.refused_by_postern += 1
    else:
        report.refused_by_pglast += 1
    for part in ONLY_PGLAST if ours is None else ONLY_POSTERN:
        if part in text:
            report.expected[part] += 1
            return
    report.complaints.append(f"refused by {'Postern' if ours is None else 'pglast'} ({answer.get('error')}): {text}")


def _judge(report, text, aspect, ours, theirs):
    if ours == theirs:
        return
    ours, theirs = (({side} if isinstance(side, str) else side) for side in (ours, theirs))
    for expected in FACTS:
        if expected.aspect == aspect and expected.postern == ours - theirs and expected.pglast == theirs - ours:
            report.expected[expected] += 1
            return
    report.complaints.append(
        f"{aspect}: only Postern has {sorted(ours - theirs)}, only pglast {sorted(theirs - ours)}: {text}"
    )
