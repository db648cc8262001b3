"""Cases of which a table has several rows each, found by how a column's values repeat. Pure: lines in, a guess out."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice, pairwise
from math import exp, log
from statistics import mean, median, pvariance

from cli.guess.columns import LOOKED_AT, Column, number_of
from cli.guess.mixed_numbers import mixed
from cli.guess.number_doubts import DATED
from cli.guess.proposed_target import AMOUNT

FEWEST = 30  # different values; fewer are a category of few levels
FEWEST_ROWS, MOST_ROWS = 2, 50  # of a value, at the median; more rows share a place or a kind, not a case
NEVER = 1e-300  # a chance that has a logarithm
CHANCE = log(1e-6)  # that each value has one answer throughout though answers were dealt anew to each row
MANY, FEW_BY_CHANCE = 0.9, 0.6  # of the values that repeat have one answer; as many would by chance at most
EVEN = 0.3  # of the variance of rows a value that rows dealt at random have
YEARS = range(1800, 2201)
CROSSED = 1.3  # times as many pairs as values: neither of two columns is a coarser form of the other
FEWEST_FACTS = 3  # different values of a column that is one thing of a case, times as many cases
MOST_FACTS = 30  # columns that are compared in pairs
ORDERED = re.compile(r"(?i:(^|[ _-])(t|step|cycle|period|week|month|year|quarter|hour|minute|second|day|round|wave|"
                     r"tick|index|position|rank|level|order|grade|depth|lag)s?$)")  # fmt: skip
PLACE = re.compile(r"(?i:zip|post|plz|city|town|place|street|area|region|county|district|country|nation|location)")
KIND = re.compile(r"(?i:(^|[ _-])(code|class|type|kind|group|zone|category|genre|brand|model)$)|"
                  r"[a-z](Code|Class|Type|Kind|Group|Zone|Category)$")  # fmt: skip
MAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Cases:
    """Columns that name cases: surely, or perhaps; and which others are alike in all rows of each of their values."""

    sure: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    alike: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass
class _Rows:
    """What the rows of each value of one column hold beside it."""

    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    facts: dict[str, dict[int, str]] = field(default_factory=dict)  # value -> place of a column -> its text
    constant: set[int] = field(default_factory=set)  # places of columns that are one text beside each value

    def add(self, value: str, record: Sequence[str], answer: str) -> None:
        """One more row."""
        if answer:
            self.answers[value][answer] += 1
        known = self.facts.setdefault(value, {at: record[at] for at in self.constant})
        self.constant -= {at for at in self.constant if known[at] != record[at]}


def cases(lines: Iterable[str], columns: Sequence[Column], goal: Column) -> Cases:
    """Which column names cases that have several rows each; ``lines`` are the file's once more.

    Surely where each value has one answer throughout, which neither chance nor the values' order does. Perhaps where
    nearly each has, where values have as many rows each as no chance deals, where columns that do not follow from each
    other are alike in all rows of a value, where a number's value has one of another that goes up and down beside it,
    or where values are addresses.
    """
    able = {at: column for at, column in enumerate(columns) if column is not goal and _may_name_cases(column)}
    if not able:
        return Cases()
    target = columns.index(goal)
    rows = {at: _Rows(constant=_no_finer(column, columns) - {at, target}) for at, column in able.items()}
    for record in islice(filter(None, csv.reader(lines, strict=True)), 1, LOOKED_AT + 1):
        texts = [text.strip() for text in record]
        for at, of_column in rows.items():
            of_column.add(texts[at], texts, texts[target])
    finest = sorted(able, key=lambda at: (able[at].numeric, -able[at].distinct))
    sure = [at for at in finest if _one_answer(rows[at], able[at], goal)]
    asked = [at for at in finest if _asked(rows[at], able[at], goal, columns)]
    alike = {able[at].name: frozenset(columns[one].name for one in rows[at].constant) for at in able}
    return Cases(tuple(able[at].name for at in sure), tuple(able[at].name for at in asked), alike)


def _no_finer(column: Column, columns: Sequence[Column]) -> set[int]:
    return {at for at, one in enumerate(columns) if 1 < one.distinct <= column.distinct and not one.many}


def _may_name_cases(column: Column) -> bool:
    if not column.name or column.blanks or column.marks or column.many or column.distinct < FEWEST:
        return False
    if column.dated or column.local or column.objects or column.unread_values or mixed(column):
        return False
    if any(form.search(column.name) for form in (AMOUNT, DATED, ORDERED, PLACE, KIND)):
        return False
    whole = all(number.is_integer() for number in column.numbers)
    if column.numeric and (not whole or column.odd or all(number in YEARS for number in column.numbers)):
        return False
    return FEWEST_ROWS <= median(column.texts.values()) <= MOST_ROWS


def _one_answer(rows: _Rows, column: Column, goal: Column) -> bool:
    """Whether each value has one answer throughout, though answers dealt anew to each row would differ."""
    repeated = [answers for answers in rows.answers.values() if answers.total() > 1]
    if len(repeated) < FEWEST or any(len(answers) > 1 for answers in repeated):
        return False
    by_chance = _alike_by_chance(goal)
    return sum(log(by_chance(answers.total())) for answers in repeated) < CHANCE and _unordered(rows, column, goal)


def _alike_by_chance(goal: Column) -> Callable[[int], float]:
    """How often so many rows have one answer, if each has its own."""
    shares = [rows / goal.texts.total() for rows in goal.texts.values()]
    return lambda rows: max(min(sum(share**rows for share in shares), 1.0), NEVER)


def _unordered(rows: _Rows, column: Column, goal: Column) -> bool:
    """Whether numbers next to each other differ in their answers nearly as often as any two."""
    if not column.numeric:
        return True
    in_order = sorted(rows.answers, key=lambda text: number_of(text) or 0.0)
    answers = [rows.answers[text].most_common(1)[0][0] for text in in_order]
    if len(goal.numbers) == goal.distinct > FEWEST:
        return False  # amounts; whole numbers may be what they follow from
    counts = Counter(answers)
    differing = 1 - sum((count / len(answers)) ** 2 for count in counts.values())
    return sum(one != other for one, other in pairwise(answers)) > differing * len(answers) / 2


def _asked(rows: _Rows, column: Column, goal: Column, columns: Sequence[Column]) -> bool:
    if column.numeric and any(columns[at].dated and columns[at].distinct == column.distinct for at in rows.constant):
        return False  # a moment, in another writing
    addresses = all(map(MAIL.fullmatch, column.texts))
    alike = _crossed(rows, columns) or (column.numeric and _scattered(rows, columns))
    return addresses or _even(column.texts) or _nearly_one_answer(rows, column, goal) or alike


def _even(texts: Mapping[str, int]) -> bool:
    """Whether values have more nearly as many rows each than chance deals: where each value is one of many, as often as
    any other, their counts are Poisson's without 0.
    """
    average = mean(texts.values())
    rate = average
    for _ in range(100):
        rate = average * (1 - exp(-rate))
    return pvariance(texts.values(), average) < EVEN * average * (1 + rate - average)


def _nearly_one_answer(rows: _Rows, column: Column, goal: Column) -> bool:
    repeated = [answers for answers in rows.answers.values() if answers.total() > 1]
    if len(repeated) < FEWEST:
        return False
    one = sum(len(answers) == 1 for answers in repeated)
    by_chance = _alike_by_chance(goal)
    few = sum(by_chance(answers.total()) for answers in repeated) < FEW_BY_CHANCE * len(repeated)
    return few and one > MANY * len(repeated) and _unordered(rows, column, goal)


def _crossed(rows: _Rows, columns: Sequence[Column]) -> bool:
    """Whether two things are alike in all rows of each value, and neither follows from the other: of places and kinds
    one column is a coarser form of the next.
    """
    coarse = [at for at in rows.constant if FEWEST_FACTS * columns[at].distinct <= len(rows.facts)]
    for one, other in combinations(sorted(coarse)[:MOST_FACTS], 2):
        pairs = {(facts[one], facts[other]) for facts in rows.facts.values()}
        if len(pairs) > CROSSED * max(columns[one].distinct, columns[other].distinct):
            return True
    return False


def _scattered(rows: _Rows, columns: Sequence[Column]) -> bool:
    """Whether some number is alike in all rows of each value, and jumps from one value to the next: it is a fact about
    a case, as what follows from an amount goes with it.
    """
    in_order = [rows.facts[text] for text in sorted(rows.facts, key=lambda text: number_of(text) or 0.0)]
    for at in rows.constant:
        if columns[at].numeric and columns[at].distinct >= FEWEST:
            numbers = [number for facts in in_order if (number := number_of(facts[at])) is not None]
            if mean((after - before) ** 2 for before, after in pairwise(numbers)) > pvariance(numbers):
                return True
    return False
