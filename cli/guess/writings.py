"""How numbers and dates are written, found from the texts of a column. Pure."""

import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.decide.uploads.number_formats import ALIKE

SAMPLE = 200  # texts that a format is tried on before all of them
YEARS = range(1900, 2101)  # of dates that are nothing but digits

DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%m-%d-%Y",
    "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d-%b-%y",
)  # fmt: skip
MOMENTS = ("%d/%b/%Y:%H:%M:%S %z", "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S %z")  # of logs and mails
MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H%M%S", " %I:%M %p", " %I:%M:%S %p")
DIGIT, FEWEST_DIGITS = re.compile(r"\d"), 3  # of a date
DIGITS = re.compile(r"\d{8}(?!\d)")
ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:?\d\d.*)?")
_LOCAL = re.compile(
    r"(?P<sign>[+-]?)(?P<before>[$€£¥₹] ?|[A-Z]{3} |[A-Z]{0,2}[$] ?)?"
    r"(?P<number>[+-]?(\d{1,3}([.,' ]\d{3})+|\d+)([.,]\d+)?|[+-]?[.,]\d+)(?P<after> ?[^\d\s.,+-][^\d]{0,11})?"
)
_CLOCK = re.compile(r"\d{1,3}:[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?")
_DEGREES = re.compile(r"[NSEWO]? ?[+-]?\d{1,3}(\.\d+)? ?[°º].{0,16}")
_PAIR = re.compile(r"\d+([.,]\d+)? ?[/x*] ?\d+([.,]\d+)?( ?[a-zA-Z]{1,4})?")
_AMOUNT = re.compile(
    r"'?[<>~≤≥]?=? ?[+-]?\(?[$€£¥₹]? ?[+-]?(\d{1,3}([,' .]\d{3})+|\d{1,2}(,\d\d)+,\d{3}|\d+)([.,]\d+)?"
    r"( ?([kKmMbB]|[mb]n|Tsd|Mio|Mrd)\.?)? ?[$€£¥₹%]?\)?-?"
)


@dataclass(frozen=True)
class NumberWriting:
    """How people write the numbers of a column."""

    before: str  # a currency
    after: str  # a unit, or a per cent sign
    decimal: str
    thousands: str  # blank: nothing stands between them

    def document(self) -> dict[str, Any]:
        """A model file's ``number_format``."""
        strip = [affix for affix in (self.before, self.after) if affix]
        form: dict[str, Any] = {"decimal": self.decimal} if self.decimal != "." else {}
        form |= {"thousands": self.thousands} if self.thousands else {}
        return form | ({"strip": strip} if strip else {})

    @property
    def description(self) -> str:
        """How it is read, in words."""
        said = [f"'{self.decimal}' before decimals"] if self.decimal != "." else []
        said += [f"'{self.thousands}' between thousands"] if self.thousands else []
        said += [f"without '{affix}'" for affix in (self.before, self.after) if affix]
        return "with " + ", ".join(said) if said and not said[0].startswith("without") else ", ".join(said)


def date_formats(texts: Collection[str]) -> list[str]:
    """The formats, as ``strptime`` takes them, that read every text; "" is ISO's. None where they are no dates."""
    if not texts:
        return []
    if all(ISO.fullmatch(text) and _reads(text[:10], "%Y-%m-%d") for text in texts):
        return [""]
    few = list(islice(texts, SAMPLE))
    fitting = [day + hour for day in DAYS for hour in _TIMES if _all_read(few, day + hour)]
    fitting += [form for form in (*MOMENTS, *MONTHS) if _all_read(few, form)]
    fitting = [one for one in fitting if one != "%Y-%m-%d" and _all_read(texts, one)]
    return [one for one in fitting if one != "%Y%m%d" or all(int(text[:4]) in YEARS for text in texts)]


def _all_read(texts: Iterable[str], date_format: str) -> bool:
    return all(_reads(text, date_format) for text in texts)


def _reads(text: str, date_format: str) -> bool:
    if date_format.startswith("%Y%m%d") and not DIGITS.match(text):  # strptime takes 2014113, too
        return False
    try:
        time.strptime(text, date_format)
    except ValueError:
        return False
    return True


def number_writing(texts: Collection[str]) -> NumberWriting | None:
    """How the texts are written, if all are numbers with one currency, one unit and one meaning of their marks."""
    found = [_LOCAL.fullmatch(text.translate(ALIKE)) for text in texts]
    read = [one for one in found if one]
    units = {((one["before"] or "").strip(), (one["after"] or "").strip()) for one in read}
    if not read or len(read) < len(found) or len(units) > 1:
        return None
    (before, after) = units.pop()
    decimal, thousands = _separators([one["number"].lstrip("+-") for one in read])
    return NumberWriting(before, after, decimal, thousands) if decimal else None


def commonest_writing(texts: Collection[str]) -> tuple[NumberWriting | None, set[str]]:
    """How most of the numbers among the texts are written, with one currency or unit, and which texts those are."""
    affixes: dict[tuple[str, str], set[str]] = {}
    for text in texts:
        if one := _LOCAL.fullmatch(text.translate(ALIKE)):
            affixes.setdefault(((one["before"] or "").strip(), (one["after"] or "").strip()), set()).add(text)
    read = max(affixes.values(), key=len, default=set())
    return number_writing(sorted(read)), read


def commonest_date_format(texts: Collection[str]) -> tuple[str, set[str]]:
    """The one format that reads most of the texts as dates ("" is ISO's), and which texts those are; none where most of
    them are no dates, or two formats read as many.
    """
    few = list(islice(texts, SAMPLE))
    dated = [text for text in few if len(DIGIT.findall(text)) >= FEWEST_DIGITS]
    forms = Counter(form for text in dated if 2 * len(dated) >= len(few) for form in date_formats([text]))
    (form, most), (_, next_most) = (*forms.most_common(2), ("", 0), ("", 0))[:2]
    return form, {text for text in texts if _dated_as(text, form)} if most > next_most else set()


def _dated_as(text: str, date_format: str) -> bool:
    return _reads(text, date_format) if date_format else bool(ISO.fullmatch(text)) and _reads(text[:10], "%Y-%m-%d")


def unread_values(texts: Collection[str]) -> str:
    """What texts are that are all moments or numbers, and yet no one format reads: with what to do; "" for others."""
    if texts and all(map(_CLOCK.fullmatch, texts)):
        return "times of day or durations: write them as a number, 2.5 for 2:30, or together with their date"
    if texts and all(_AMOUNT.fullmatch(text.translate(ALIKE)) for text in texts):
        return "numbers that are not all written in one way: write each as 1234.5, in one unit, and -5 for (5)"
    if texts and all(map(_DEGREES.fullmatch, texts)):
        return "degrees: write each as a decimal number, 52.52 for 52°31'N, and -0.13 for 0°8'W"
    if texts and all(map(_dated, islice(texts, SAMPLE))):
        return "dates that are not all written in one way: write each as 2026-06-30"
    return ""


def pairs(texts: Collection[str]) -> bool:
    """Whether each text is two numbers: a blood pressure, a width and a height."""
    return bool(texts) and all(map(_PAIR.fullmatch, texts))


def _dated(text: str) -> bool:
    """Whether some format reads the text as a date; digits alone are none."""
    return not text.isdecimal() and bool(date_formats([text]))


def _separators(numbers: Sequence[str]) -> tuple[str, str]:
    """The decimal mark and what stands between thousands; no decimal mark where the texts contradict each other."""
    marks = {mark for number in numbers for mark in ".,' " if mark in number}
    thousands = {mark for number in numbers for mark in marks if number.count(mark) > 1}
    thousands |= {number[at] for number in numbers for at in _places(number)[:-1]} | (marks & {"'", " "})
    if not thousands:
        thousands = {mark for mark in marks if mark != "." and all(_grouped(number, mark) for number in numbers)}
    decimals = marks - thousands
    if len(thousands) > 1 or len(decimals) > 1 or any(not _grouped(number, *thousands) for number in numbers):
        return "", ""
    return (decimals or {"," if thousands == {"."} else "."}).pop(), "".join(thousands)


def _places(number: str) -> list[int]:
    return [at for at, character in enumerate(number) if character in ".,' "]


def _grouped(number: str, mark: str = "") -> bool:
    """Whether the mark, where it stands, stands between groups of three digits."""
    if not mark or mark not in number:
        return True
    first, *groups = number.split(mark)
    digits = [re.match(r"\d*", group)[0] for group in groups]  # type: ignore[index]  # matches the blank, too
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in digits)
