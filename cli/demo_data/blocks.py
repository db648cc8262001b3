"""Blocks of houses, made up here, with the columns of the well-known California census set.

Prices follow income, the coast and two big cities; some blocks have no count of bedrooms.
"""

import numpy as np

from cli.demo_data.texts import Floats, Texts, fixed

CITIES = ((-118.25, 34.05, 1.0), (-122.42, 37.77, 1.3))  # longitude, latitude, how much nearness is worth
PLACES = np.array(["<1H OCEAN", "INLAND", "NEAR BAY", "NEAR OCEAN"], dtype=object)


def columns(rng: np.random.Generator, _start: int, rows: int) -> dict[str, Texts]:
    """``rows`` blocks as texts by column."""
    longitude, latitude = _where(rng, rows)
    coast = longitude + 0.85 * (latitude - 34.0) + 118.5  # degrees to the east of the coast, about
    near = sum(worth * np.exp(-8 * ((longitude - x) ** 2 + (latitude - y) ** 2)) for x, y, worth in CITIES)
    households = np.round(rng.lognormal(6.0, 0.6, rows)) + 1
    population = np.round(households * rng.lognormal(1.03, 0.25, rows))
    income = np.clip(rng.lognormal(1.22, 0.45, rows), 0.5, 15.0)
    rooms = np.round(households * (3.2 + 0.55 * income) * rng.lognormal(0, 0.15, rows))
    bedrooms = np.round(households * rng.lognormal(0.07, 0.1, rows))
    age = np.clip(np.round(rng.normal(29, 12, rows)), 1, 52)
    value = 45_000 * income**0.9 * (1 + 0.9 * near) * np.exp(-0.22 * np.clip(coast, 0, 4)) + 600 * age
    value = np.clip(value * rng.lognormal(0.35, 0.18, rows), 15_000, 500_001)
    bay = (np.abs(longitude + 122.2) < 0.5) & (np.abs(latitude - 37.8) < 0.5)
    place = np.select([bay, coast > 1.2, coast < 0.25], [2, 1, 3], 0)
    blanks = fixed(bedrooms, 1)
    blanks[rng.random(rows) < 0.01] = ""
    return {
        "longitude": fixed(longitude, 2), "latitude": fixed(latitude, 2), "housing_median_age": fixed(age, 1),
        "total_rooms": fixed(rooms, 1), "total_bedrooms": blanks, "population": fixed(population, 1),
        "households": fixed(households, 1), "median_income": fixed(income, 4),
        "median_house_value": fixed(np.round(value / 100) * 100, 1), "ocean_proximity": PLACES[place],
    }  # fmt: skip


def _where(rng: np.random.Generator, rows: int) -> tuple[Floats, Floats]:
    city = rng.choice(3, rows, p=[0.4, 0.3, 0.3])
    latitude = np.select([city == 0, city == 1], [rng.normal(34.05, 0.3, rows), rng.normal(37.7, 0.35, rows)],
                         rng.uniform(32.6, 41.5, rows))  # fmt: skip
    inland = np.abs(rng.normal(0, 0.9, rows))
    return np.round(inland - 118.5 - 0.85 * (latitude - 34.0), 2), np.round(latitude, 2)
