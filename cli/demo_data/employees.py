"""Employees, made up here, with what real lists have: gaps, marks for gaps, a JSON column that is sometimes broken.

The bonus follows salary, review, tenure, department and age, nearly along a line; a few bends and noise that grows with
the salary are left for no line to explain.
"""

import json

import numpy as np
from numpy.typing import NDArray

from cli.demo_data.texts import Floats, Texts, fixed

TODAY = np.datetime64("2024-12-31")  # behind any upload, so that nobody is hired after it
DEPARTMENTS = ("Engineering", "Sales", "Support", "Finance", "Operations", "Marketing", "Legal")
SHARES = (0.28, 0.22, 0.16, 0.1, 0.12, 0.09, 0.03)
PAY = (88_000, 72_000, 52_000, 80_000, 60_000, 66_000, 98_000)
EXTRA = (900, 2_600, -300, 700, 0, 300, 1_200)
STREETS = (
    "Elm Street",
    "Station Road",
    "Upper Market Street",
    "Lindenallee",
    "Rue de la République",
    "Quay",
    "Hill Way",
)
TOWNS = ("Springfield", "Łódź", "Porto", "Newcastle upon Tyne", "Graz", "Lyon")


def columns(rng: np.random.Generator, start: int, rows: int) -> dict[str, Texts]:
    """``rows`` employees as texts by column, ready for CSV."""
    department = rng.choice(len(DEPARTMENTS), rows, p=SHARES)
    age = np.clip(np.round(rng.normal(41, 10, rows)), 19, 66)
    tenure = np.minimum(rng.gamma(1.4, 4.0, rows), age - 18)  # years
    rating = np.clip(np.round(rng.normal(3.4, 0.8, rows) * 2) / 2, 1, 5)
    pay = np.array(PAY)[department] * rng.lognormal(-0.03, 0.2, rows)
    salary = np.round(pay * (1 + 0.012 * tenure) * (1 + 0.003 * (age - 41)) / 100) * 100
    hired = TODAY - np.round(tenure * 365.25).astype("timedelta64[D]")
    bonus = _bonus(rng, department, age, tenure, rating, salary)
    return {
        "employee_id": np.array([f"E{number:07d}" for number in range(start, start + rows)], dtype=object),
        "age": _gaps(rng, fixed(age, 0), 0.04, ""),
        "department": _gaps(rng, np.array(DEPARTMENTS, dtype=object)[department], 0.03, ""),
        "salary": _gaps(rng, fixed(salary, 0), 0.03, "N/A"),
        "rating": fixed(rating, 1),
        "hire_date": _gaps(rng, np.datetime_as_string(hired).astype(object), 0.005, "unknown"),
        "profile": _profiles(rng, rows),
        "bonus": fixed(bonus, 2),
    }  # fmt: skip


def _bonus(
    rng: np.random.Generator, department: NDArray[np.int64], age: Floats, tenure: Floats, rating: Floats, salary: Floats
) -> Floats:
    line = 0.055 * salary + 1_150 * (rating - 3) + 170 * tenure + np.array(EXTRA)[department] + 12 * (age - 41)
    bends = 0.004 * salary * (rating >= 4.5) + 60 * np.sin(tenure) - 4 * np.clip(tenure - 12, 0, None) ** 2
    noise = rng.normal(0, 1, len(salary)) * (350 + 0.007 * salary)
    bonus: Floats = np.clip(1_200 + line + bends + noise, 0, None)
    return bonus


def _profiles(rng: np.random.Generator, rows: int) -> Texts:
    """JSON in CSV's quotes; some lack a field, some break off, some are blank."""
    luck = rng.random(rows).tolist()
    street, town, number = (rng.integers(0, high, rows).tolist() for high in (len(STREETS), len(TOWNS), 400))
    texts = []
    for at in range(rows):
        profile: dict[str, str | None] = {
            "address": f"{number[at] + 1} {STREETS[street[at]]}, {TOWNS[town[at]]}",
            "phone": f"+1-555-{number[at]:03d}-{at % 10_000:04d}", "email": f"person{at}@example.com",
        }  # fmt: skip
        if luck[at] < 0.05:
            profile["phone"] = None
        elif luck[at] < 0.08:
            del profile["address"]
        text = json.dumps(profile)
        text = text[: len(text) // 2] if 0.08 <= luck[at] < 0.09 else "" if 0.09 <= luck[at] < 0.1 else text
        texts.append('"' + text.replace('"', '""') + '"')
    return np.array(texts, dtype=object)


def _gaps(rng: np.random.Generator, texts: Texts, share: float, mark: str) -> Texts:
    texts[rng.random(len(texts)) < share] = mark
    return texts
