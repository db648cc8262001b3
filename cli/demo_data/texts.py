"""Numbers as the texts of a table."""

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Floats = NDArray[np.float64]


def fixed(numbers: Floats, digits: int) -> Texts:
    """Each number with as many digits behind the point."""
    return np.array([f"{number:.{digits}f}" for number in numbers.tolist()], dtype=object)
