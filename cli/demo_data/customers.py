"""Customers of a telephone company, made up here, with the columns of the well-known telco set.

Nothing is copied from anywhere. The signal is realistic (a good model reaches a ROC-AUC of about 0.84), with text
columns and with blanks in TotalCharges. The market can turn: customers are who they were, and others of them leave.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cli.demo_data.texts import Texts

HEADER = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
    "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,PaperlessBilling,"
    "PaymentMethod,MonthlyCharges,TotalCharges,Churn"
)
ADD_ONS = {  # monthly price and log-odds of leaving for who has it
    "OnlineSecurity": (5.0, -0.45), "OnlineBackup": (5.0, -0.2), "DeviceProtection": (5.0, -0.1),
    "TechSupport": (5.0, -0.4), "StreamingTV": (10.0, 0.25), "StreamingMovies": (10.0, 0.25),
}  # fmt: skip


def _pick(index: NDArray[np.integer] | NDArray[np.bool_], texts: Sequence[str]) -> Texts:
    chosen: Texts = np.array(texts, dtype=object)[index.astype(int)]
    return chosen


def _choose(rng: np.random.Generator, rows: int, weights: Sequence[float]) -> NDArray[np.int64]:
    return np.searchsorted(np.cumsum(weights)[:-1], rng.random(rows), side="right")


def columns(rng: np.random.Generator, start: int, rows: int, *, turned: bool = False) -> dict[str, Texts]:
    """``rows`` customers as texts by column; once the market has ``turned`` those leave who used to stay."""
    senior, partner = rng.random(rows) < 0.16, rng.random(rows) < 0.48
    dependents = rng.random(rows) < np.where(partner, 0.5, 0.1)
    contract = _choose(rng, rows, (0.55, 0.21, 0.24))
    tenure = np.clip(np.round(72 * rng.beta(0.7 + 0.9 * contract, 1.5 - 0.4 * contract)), 0, 72).astype(int)
    phone = rng.random(rows) < 0.9
    lines = phone & (rng.random(rows) < 0.3 + 0.004 * tenure)
    internet = _choose(rng, rows, (0.22, 0.34, 0.44))  # none, DSL, fibre
    add_ons = {name: (internet > 0) & (rng.random(rows) < 0.25 + 0.004 * tenure) for name in ADD_ONS}
    paperless, payment = rng.random(rows) < 0.45 + 0.12 * internet, _choose(rng, rows, (0.34, 0.22, 0.22, 0.22))
    monthly = _monthly(rng, phone, lines, internet, add_ons)
    odds = _log_odds(senior, dependents, tenure, contract, internet, add_ons, paperless, payment)
    if turned:
        odds = _turned(odds, contract, internet)
    churn = rng.random(rows) < 1 / (1 + np.exp(-odds))
    ids = np.array([f"{number % 10000:04d}-C{number:07d}" for number in range(start, start + rows)], dtype=object)
    columns = [
        ids, _pick(rng.random(rows) < 0.5, ("Female", "Male")), _pick(senior, ("0", "1")),
        _yes(partner), _yes(dependents),
        _pick(tenure, [str(months) for months in range(73)]), _yes(phone),
        _pick(np.where(phone, lines, 2), ("No", "Yes", "No phone service")),
        _pick(internet, ("No", "DSL", "Fiber optic")),
        *(_pick(np.where(internet > 0, has, 2), ("No", "Yes", "No internet service")) for has in add_ons.values()),
        _pick(contract, ("Month-to-month", "One year", "Two year")), _yes(paperless),
        _pick(payment, ("Electronic check", "Mailed check", "Bank transfer (automatic)", "Credit card (automatic)")),
        _money(monthly), _total(rng, monthly, tenure), _yes(churn),
    ]  # fmt: skip
    return dict(zip(HEADER.split(","), columns, strict=True))


def _yes(which: NDArray[np.bool_]) -> Texts:
    return _pick(which, ("No", "Yes"))


def _monthly(
    rng: np.random.Generator, phone: NDArray[np.bool_], lines: NDArray[np.bool_], internet: NDArray[np.int64],
    add_ons: dict[str, NDArray[np.bool_]],
) -> NDArray[np.float64]:  # fmt: skip
    price = 20.0 * phone + 5.0 * lines + np.array([0.0, 25.0, 50.0])[internet]
    price = price + sum(ADD_ONS[name][0] * has for name, has in add_ons.items())
    rounded: NDArray[np.float64] = np.round(20 * (price + rng.normal(0, 0.6, len(price)))) / 20
    return np.clip(rounded, 18.25, None)


def _log_odds(
    senior: NDArray[np.bool_], dependents: NDArray[np.bool_], tenure: NDArray[np.int64], contract: NDArray[np.int64],
    internet: NDArray[np.int64], add_ons: dict[str, NDArray[np.bool_]], paperless: NDArray[np.bool_],
    payment: NDArray[np.int64],
) -> NDArray[np.float64]:  # fmt: skip
    odds: NDArray[np.float64] = -0.55 + 0.25 * senior - 0.2 * dependents + 0.35 * paperless + 0.4 * (payment == 0)
    odds += np.array([0.0, -0.9, -1.9])[contract] + np.array([-1.0, 0.0, 0.9])[internet]
    odds += 0.6 - 0.75 * np.sqrt(tenure / 12) - 0.5 * (contract == 0) * (tenure > 24)
    odds += sum(ADD_ONS[name][1] * has for name, has in add_ons.items())
    return 1.2 * odds + 0.25


def _turned(odds: NDArray[np.float64], contract: NDArray[np.int64], internet: NDArray[np.int64]) -> NDArray[np.float64]:
    """A rival with better DSL buys customers out of long contracts; half of what made them leave still does."""
    drawn = np.array([0.0, 2.0, 2.6])[contract] + np.array([-1.0, 1.8, -0.6])[internet]
    turned: NDArray[np.float64] = 0.8 * odds + 1.2 * drawn - 1.75
    return turned


def _money(amounts: NDArray[np.float64]) -> Texts:
    return np.array([repr(amount) for amount in np.round(amounts, 2).tolist()], dtype=object)


def _total(rng: np.random.Generator, monthly: NDArray[np.float64], tenure: NDArray[np.int64]) -> Texts:
    total = _money(np.maximum(monthly, monthly * tenure * rng.normal(1, 0.03, len(monthly))))
    total[tenure == 0] = " "  # no bill yet
    return total
