"""The figures as tables of at most 100 columns, and as JSON."""

import statistics

MEASURE, FIGURE, RATIO = 24, 10, 18
TARGETS = ("direct", "PgBouncer", "HAProxy", "Postern")


class Series:
    """All samples of one measure, by target and turn."""

    def __init__(self, measure):
        self.measure = measure
        self.samples = {target: [] for target in measure.targets}

    def add(self, target, sample):
        self.samples[target].append(sample)

    def figures(self, kind, target):
        """The `value` or `processor` figures of a target, a turn each; none where it has none."""
        found = [getattr(sample, kind) for sample in self.samples.get(target, [])]
        return [figure for figure in found if figure is not None]

    def ratios(self, kind, to):
        """Postern's figure by that of another in the same turn, so that what slows a turn down cancels out."""
        pairs = zip(self.figures(kind, "Postern"), self.figures(kind, to))
        return [ours / theirs for ours, theirs in pairs if theirs > 0]

    def as_json(self):
        kinds = {"value": self.measure.unit}
        if self.measure.work:
            kinds["processor"] = f"us/{self.measure.work}"
        return {
            kind: {
                "unit": unit,
                "samples": {target: self.figures(kind, target) for target in self.samples},
                "median": {target: _median(self.figures(kind, target)) for target in self.samples},
                "ratio": {to: _median(self.ratios(kind, to)) for to in (*TARGETS[:3], "unrecorded")},
            }
            for kind, unit in kinds.items()
        }


def tables(series):
    """What was measured, what it cost the proxies, and what was hoped for."""
    compared = [one for one in series if "Postern" in one.measure.targets and "unrecorded" not in one.measure.targets]
    lines = _table(compared, "value", "PgBouncer", "direct", lambda measure: measure.group) if compared else []
    busy = [one for one in compared if one.measure.work]
    if busy:
        title = "Processor time of the proxy, microseconds per {}".format
        lines += ["", *_table(busy, "processor", "PgBouncer", "HAProxy", lambda measure: title(measure.work))]
    return "\n".join([*lines, "", *_journal(series), *_job(series), *_expectations(compared)])


def _journal(series):
    """The journal on against off: transactions, and what a record costs the processor."""
    lines = []
    for one in series:
        if "unrecorded" not in one.measure.targets:
            continue
        spent = [on - off for on, off in zip(one.figures("processor", "Postern"), one.figures("processor", "unrecorded"))]
        lines.append(
            f"journal on to off, {one.measure.title}: {_ratio(one.ratios('value', 'unrecorded'))} of the transactions per "
            f"second; {_median(spent) / one.measure.records:.1f} us of processor time a record"
        )
    return [*lines, ""] if lines else []


def _job(series):
    """What `postern exec` adds, in the same turn, beside what it may add at most."""
    lines = []
    for one in series:
        if "exec" not in one.measure.targets:
            continue
        added = [behind - alone for behind, alone in zip(one.figures("value", "exec"), one.figures("value", "without"))]
        verdict = "as expected" if _median(added) <= one.measure.most else "MORE THAN EXPECTED"
        lines.append(
            f"postern exec, {one.measure.title}: {_median(added):.3f} ms more than {_median(one.figures('value', 'without')):.3f} "
            f"ms, at most {one.measure.most} expected: {verdict}"
        )
    return [*lines, ""] if lines else []


def _table(series, kind, first, second, title):
    heads = "".join(f"{target:>{FIGURE}}" for target in TARGETS)
    lines = [f"{'':<{MEASURE}}{heads}{'to ' + first:>{RATIO}}{'to ' + second:>{RATIO}}"]
    group = None
    for one in series:
        if title(one.measure) != group:
            group = title(one.measure)
            lines.append(group)
        figures = "".join(f"{_figure(one.figures(kind, target)):>{FIGURE}}" for target in TARGETS)
        ratios = "".join(f"{_ratio(one.ratios(kind, to)):>{RATIO}}" for to in (first, second))
        lines.append(f"{'  ' + one.measure.title:<{MEASURE}}{figures}{ratios}")
    return lines


def _expectations(series):
    """The worst median ratio of each kind beside what is expected of it. Nothing fails on it."""
    wanted = (
        ("transactions per second, to PgBouncer", ("simple", "extended", "prepared"), "PgBouncer", 1.0),
        ("COPY, to direct", ("copy",), "direct", 0.95),
        ("connections per second, to direct with SCRAM", ("connect",), "direct", 1.5),
    )
    lines = []
    for text, names, to, least in wanted:
        found = [
            (_median(one.ratios("value", to)), one.measure.title)
            for one in series if one.measure.name.partition("-")[0] in names
        ]
        if found:
            worst, title = min(found)
            verdict = "as expected" if worst >= least else "LESS THAN EXPECTED"
            lines.append(f"{text}: {worst:.2f} at worst ({title}), expected {least:.2f}: {verdict}")
    return lines


def _median(figures):
    return statistics.median(figures) if figures else None


def _figure(figures):
    if not figures:
        return "-"
    median = _median(figures)
    return f"{median:,.0f}" if median >= 1000 else f"{median:.1f}"


def _ratio(ratios):
    return f"{_median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})" if ratios else "-"
