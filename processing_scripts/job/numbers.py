"""Which numbers algorithms can read. Knows nothing of columns; the check at the door has the same bound."""

LARGEST = 3.4028234663852886e38  # in 32 bits, as algorithms hold numbers; beyond it a number is infinite to them


def finite(number: float) -> bool:
    """Say whether a number is one that can be learnt from: neither nan nor infinite, in 32 bits either."""
    return -LARGEST <= number <= LARGEST
