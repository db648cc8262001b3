"""Houses, made up here, with the 79 columns of the well-known Ames set: many of them categories in which NA is a level.

Prices follow size, quality, age and neighbourhood. NA says that there is no alley, basement, fireplace, garage, pool,
fence or feature; of the frontage, the masonry and the garage's year it says that nobody knows.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cli.demo_data.texts import Floats, Texts

QUALITY = ("Po", "Fa", "TA", "Gd", "Ex")
NEIGHBOURHOODS = (
    "NAmes", "CollgCr", "OldTown", "Edwards", "Somerst", "Gilbert", "NridgHt", "Sawyer", "NWAmes", "SawyerW",
    "BrkSide", "Crawfor", "Mitchel", "NoRidge", "Timber", "IDOTRR", "ClearCr", "StoneBr", "SWISU", "MeadowV",
)  # fmt: skip
WORTH = (0, 0.12, -0.2, -0.18, 0.15, 0.1, 0.35, -0.1, 0.06, 0.05, -0.15, 0.2, -0.03, 0.4, 0.22, -0.3, 0.2, 0.38, -0.12,
         -0.32)  # fmt: skip
CHOICES: Mapping[str, tuple[Sequence[str], Sequence[float]]] = {  # levels that say little of the price, and how often
    "MSZoning": (("RL", "RM", "FV", "RH", "C (all)"), (0.79, 0.15, 0.04, 0.01, 0.01)),
    "Street": (("Pave", "Grvl"), (0.99, 0.01)),
    "Alley": (("NA", "Grvl", "Pave"), (0.94, 0.03, 0.03)),
    "LotShape": (("Reg", "IR1", "IR2"), (0.63, 0.33, 0.04)),
    "LandContour": (("Lvl", "Bnk", "HLS", "Low"), (0.9, 0.04, 0.03, 0.03)),
    "Utilities": (("AllPub",), (1.0,)),
    "LotConfig": (("Inside", "Corner", "CulDSac", "FR2"), (0.72, 0.18, 0.06, 0.04)),
    "LandSlope": (("Gtl", "Mod", "Sev"), (0.94, 0.05, 0.01)),
    "Condition1": (("Norm", "Feedr", "Artery", "PosN"), (0.87, 0.06, 0.04, 0.03)),
    "Condition2": (("Norm", "Feedr"), (0.99, 0.01)),
    "BldgType": (("1Fam", "TwnhsE", "Duplex"), (0.84, 0.11, 0.05)),
    "RoofStyle": (("Gable", "Hip", "Flat"), (0.78, 0.2, 0.02)),
    "RoofMatl": (("CompShg", "Tar&Grv"), (0.98, 0.02)),
    "Exterior1st": (("VinylSd", "HdBoard", "MetalSd", "Wd Sdng", "Plywood"), (0.36, 0.17, 0.16, 0.18, 0.13)),
    "Exterior2nd": (("VinylSd", "HdBoard", "MetalSd", "Wd Sdng", "Plywood"), (0.36, 0.17, 0.16, 0.18, 0.13)),
    "MasVnrType": (("None", "BrkFace", "Stone", "NA"), (0.6, 0.3, 0.09, 0.01)),
    "ExterCond": (("TA", "Gd", "Fa"), (0.88, 0.1, 0.02)),
    "Foundation": (("PConc", "CBlock", "BrkTil"), (0.45, 0.45, 0.1)),
    "BsmtCond": (("TA", "Gd", "Fa"), (0.92, 0.05, 0.03)),
    "BsmtExposure": (("No", "Av", "Gd", "Mn"), (0.66, 0.16, 0.1, 0.08)),
    "BsmtFinType2": (("Unf", "Rec", "LwQ"), (0.9, 0.05, 0.05)),
    "Heating": (("GasA", "GasW"), (0.98, 0.02)),
    "CentralAir": (("Y", "N"), (0.93, 0.07)),
    "Electrical": (("SBrkr", "FuseA", "FuseF", "NA"), (0.915, 0.06, 0.02, 0.005)),
    "Functional": (("Typ", "Min1", "Min2", "Mod"), (0.93, 0.03, 0.03, 0.01)),
    "GarageCond": (("TA", "Fa"), (0.97, 0.03)),
    "GarageQual": (("TA", "Fa"), (0.96, 0.04)),
    "PavedDrive": (("Y", "N", "P"), (0.92, 0.06, 0.02)),
    "PoolQC": (("NA", "Gd"), (0.995, 0.005)),
    "Fence": (("NA", "MnPrv", "GdPrv", "GdWo"), (0.81, 0.11, 0.04, 0.04)),
    "MiscFeature": (("NA", "Shed"), (0.96, 0.04)),
    "SaleType": (("WD", "New", "COD"), (0.88, 0.09, 0.03)),
    "SaleCondition": (("Normal", "Partial", "Abnorml"), (0.84, 0.09, 0.07)),
}
EMPTY = ("LowQualFinSF", "3SsnPorch", "MiscVal", "PoolArea", "BsmtHalfBath", "EnclosedPorch", "BsmtFinSF2")
HEADER = (
    "Id,MSSubClass,MSZoning,LotFrontage,LotArea,Street,Alley,LotShape,LandContour,Utilities,LotConfig,LandSlope,"
    "Neighborhood,Condition1,Condition2,BldgType,HouseStyle,OverallQual,OverallCond,YearBuilt,YearRemodAdd,RoofStyle,"
    "RoofMatl,Exterior1st,Exterior2nd,MasVnrType,MasVnrArea,ExterQual,ExterCond,Foundation,BsmtQual,BsmtCond,"
    "BsmtExposure,BsmtFinType1,BsmtFinSF1,BsmtFinType2,BsmtFinSF2,BsmtUnfSF,TotalBsmtSF,Heating,HeatingQC,CentralAir,"
    "Electrical,1stFlrSF,2ndFlrSF,LowQualFinSF,GrLivArea,BsmtFullBath,BsmtHalfBath,FullBath,HalfBath,BedroomAbvGr,"
    "KitchenAbvGr,KitchenQual,TotRmsAbvGrd,Functional,Fireplaces,FireplaceQu,GarageType,GarageYrBlt,GarageFinish,"
    "GarageCars,GarageArea,GarageQual,GarageCond,PavedDrive,WoodDeckSF,OpenPorchSF,EnclosedPorch,3SsnPorch,ScreenPorch,"
    "PoolArea,PoolQC,Fence,MiscFeature,MiscVal,MoSold,YrSold,SaleType,SaleCondition,SalePrice"
)


def columns(rng: np.random.Generator, start: int, rows: int) -> dict[str, Texts]:
    """``rows`` houses as texts by column."""
    hood = rng.integers(0, len(NEIGHBOURHOODS), rows)
    worth = np.array(WORTH)[hood]
    quality = np.clip(np.round(rng.normal(6.1 + 3 * worth, 1.1, rows)), 1, 10)
    built = np.clip(np.round(1972 + 9 * (quality - 6) + rng.normal(0, 18, rows)), 1875, 2010)
    first, two = np.round(rng.lognormal(6.98 + 0.05 * (quality - 6), 0.25, rows)), rng.random(rows) < 0.45
    second = np.where(two, np.round(first * rng.uniform(0.5, 1.0, rows)), 0)
    cellar, garage, fires = rng.random(rows) > 0.03, rng.random(rows) > 0.055, rng.poisson(0.15 * quality / 1.5)
    basement = np.where(cellar, np.round(first * rng.uniform(0.8, 1.05, rows)), 0)
    finished = np.where(cellar, np.round(basement * rng.beta(1.0, 1.3, rows)), 0)
    cars = np.where(garage, np.clip(np.round(0.33 * quality + rng.normal(0, 0.5, rows)), 1, 4), 0)
    lot, baths = np.round(rng.lognormal(9.15, 0.4, rows)), np.clip(np.round(quality / 3.6), 1, 3)
    price = _price(rng, worth, quality, built, first + second, basement, finished, cars, fires, lot)
    columns: dict[str, Texts] = {
        name: np.array(levels, dtype=object)[rng.choice(len(levels), rows, p=shares)]
        for name, (levels, shares) in CHOICES.items()
    }
    columns |= dict.fromkeys(EMPTY, np.full(rows, "0", dtype=object))
    columns |= {"Id": _whole(np.arange(start + 1, start + rows + 1)), "SalePrice": _whole(price)}
    columns |= {
        "Neighborhood": np.array(NEIGHBOURHOODS, dtype=object)[hood],
        "HouseStyle": _either(two, "2Story", "1Story"),
    }
    columns |= _graded(rng, quality, cellar, garage, fires > 0)
    numbers = {
        "MSSubClass": np.where(two, 60, 20), "LotArea": lot, "OverallQual": quality, "YearBuilt": built,
        "OverallCond": np.clip(np.round(rng.normal(5.6, 1.1, rows)), 1, 9), "1stFlrSF": first, "2ndFlrSF": second,
        "YearRemodAdd": np.maximum(built, np.round(rng.uniform(1950, 2010, rows))), "GrLivArea": first + second,
        "TotalBsmtSF": basement, "BsmtFinSF1": finished, "BsmtUnfSF": basement - finished, "FullBath": baths,
        "BsmtFullBath": (finished > 500) * 1, "HalfBath": two * 1, "BedroomAbvGr": rng.integers(1, 5, rows),
        "KitchenAbvGr": np.ones(rows), "TotRmsAbvGrd": np.clip(np.round((first + second) / 230), 2, 14),
        "Fireplaces": fires, "GarageCars": cars, "GarageArea": cars * 240, "MoSold": rng.integers(1, 13, rows),
        "YrSold": rng.integers(2006, 2011, rows), "WoodDeckSF": rng.poisson(90, rows) * (rng.random(rows) < 0.5),
        "OpenPorchSF": rng.poisson(45, rows), "ScreenPorch": rng.poisson(150, rows) * (rng.random(rows) < 0.08),
        "LotFrontage": np.round(np.sqrt(lot) * 0.72), "MasVnrArea": rng.poisson(200, rows) * (rng.random(rows) < 0.4),
        "GarageYrBlt": built,
    }  # fmt: skip
    columns |= {name: _whole(values) for name, values in numbers.items()}
    for name, unknown in (("LotFrontage", rng.random(rows) < 0.18), ("MasVnrArea", columns["MasVnrType"] == "NA"),
                          ("GarageYrBlt", ~garage)):  # fmt: skip
        columns[name][unknown] = "NA"
    return {name: columns[name] for name in HEADER.split(",")}


def _price(
    rng: np.random.Generator, worth: Floats, quality: Floats, built: Floats, living: Floats, basement: Floats,
    finished: Floats, cars: Floats, fires: NDArray[np.int64], lot: Floats,
) -> Floats:  # fmt: skip
    log = 11.9 + 0.55 * np.log(living / 1500) + 0.1 * (quality - 6) + 0.0022 * (built - 1970) + 0.6 * worth
    log += 0.00012 * (basement - 1000) + 0.00008 * finished + 0.05 * cars + 0.03 * fires + 0.09 * np.log(lot / 9500)
    price: Floats = np.round(np.exp(log + rng.normal(0, 0.1, len(log))) / 100) * 100
    return price


def _graded(
    rng: np.random.Generator, quality: Floats, cellar: NDArray[np.bool_], garage: NDArray[np.bool_],
    fire: NDArray[np.bool_],
) -> dict[str, Texts]:  # fmt: skip
    """Columns whose level goes with the house's quality, or says that there is no such part."""

    def grade(there: NDArray[np.bool_] | None = None) -> Texts:
        level = np.clip(np.round((quality - 1) / 2.4 + rng.normal(0, 0.5, len(quality))), 1, 4).astype(int)
        levels: Texts = np.array(QUALITY, dtype=object)[level]
        return levels if there is None else np.where(there, levels, "NA").astype(object)

    kinds = np.array(["Unf", "GLQ", "ALQ", "Rec"], dtype=object)[rng.integers(0, 4, len(quality))]
    garages = np.array(["Attchd", "Detchd", "BuiltIn"], dtype=object)[rng.choice(3, len(quality), p=[0.63, 0.3, 0.07])]
    finish = np.array(["Unf", "RFn", "Fin"], dtype=object)[rng.integers(0, 3, len(quality))]
    return {
        "ExterQual": grade(), "KitchenQual": grade(), "HeatingQC": grade(), "BsmtQual": grade(cellar),
        "FireplaceQu": grade(fire), "BsmtFinType1": np.where(cellar, kinds, "NA").astype(object),
        "GarageType": np.where(garage, garages, "NA").astype(object),
        "GarageFinish": np.where(garage, finish, "NA").astype(object),
    }  # fmt: skip


def _either(which: NDArray[np.bool_], yes: str, no: str) -> Texts:
    return np.where(which, yes, no).astype(object)


def _whole(numbers: NDArray[np.generic]) -> Texts:
    return np.array([str(int(number)) for number in numbers.tolist()], dtype=object)
