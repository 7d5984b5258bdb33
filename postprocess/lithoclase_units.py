"""Quantities as they stand in parameter and study files, "0.46 mS/cm", in SI units.

The program itself reads units with udunits2; here are those of the field, so that tables need no library. A test compares the two.
"""

import math
import re

# symbol -> (SI symbol, power, factor): one symbol is factor times the SI symbol to the power.
_UNITS = {
    "m": ("m", 1, 1.0), "s": ("s", 1, 1.0), "g": ("kg", 1, 1e-3), "A": ("A", 1, 1.0), "K": ("K", 1, 1.0), "mol": ("mol", 1, 1.0),
    "V": ("V", 1, 1.0), "S": ("S", 1, 1.0), "Ohm": ("Ohm", 1, 1.0), "ohm": ("Ohm", 1, 1.0), "Ω": ("Ohm", 1, 1.0),
    "Pa": ("Pa", 1, 1.0), "J": ("J", 1, 1.0), "N": ("N", 1, 1.0), "C": ("C", 1, 1.0), "W": ("W", 1, 1.0), "F": ("F", 1, 1.0),
    "Hz": ("s", -1, 1.0), "Ah": ("C", 1, 3600.0), "eV": ("J", 1, 1.602176634e-19), "L": ("m", 3, 1e-3), "l": ("m", 3, 1e-3),
    "bar": ("Pa", 1, 1e5), "B": ("B", 1, 1.0),
}
_WITHOUT_PREFIX = {"min": ("s", 1, 60.0), "h": ("s", 1, 3600.0), "d": ("s", 1, 86400.0), "%": ("1", 1, 0.01), "1": ("1", 1, 1.0),
                   "deg": ("1", 1, math.pi / 180), "rad": ("1", 1, 1.0), "percent": ("1", 1, 0.01)}
_PREFIXES = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "c": 1e-2, "d": 1e-1, "k": 1e3,
             "M": 1e6, "G": 1e9, "T": 1e12}
_CELSIUS = {"degC", "celsius", "°C"}
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


def si_unit(text):
    """("S/m", 0.1) for "mS/cm": the SI unit and what one of the given unit is in it; None if the unit is not known here."""
    powers, factor = {}, 1.0
    for operator, word in re.findall(r"([/*. ]*)([^/*. ]+)", text.strip()):
        match = re.fullmatch(r"(%|[^\d^+-]+|1)(?:\^?([+-]?\d+))?", word)
        entry = _symbol(match.group(1)) if match else None
        if entry is None:
            return None
        symbol, base_power, scale = entry
        power = int(match.group(2) or 1) * (-1 if "/" in operator else 1)
        factor *= scale**power
        if symbol != "1":
            powers[symbol] = powers.get(symbol, 0) + base_power * power
    return _name(powers), factor


def _symbol(text):
    """(SI symbol, power, factor) of a symbol with or without prefix, else None."""
    for table in (_WITHOUT_PREFIX, _UNITS):
        if text in table:
            return table[text]
    if text[:1] in _PREFIXES and text[1:] in _UNITS:
        symbol, power, factor = _UNITS[text[1:]]
        return symbol, power, factor * _PREFIXES[text[0]]
    return None


def _name(powers):
    """"A/m^2" for {"A": 1, "m": -2}."""
    def with_power(symbol, power):
        return symbol if power == 1 else f"{symbol}^{power}"

    above = " ".join(with_power(symbol, power) for symbol, power in powers.items() if power > 0)
    below = "".join("/" + with_power(symbol, -power) for symbol, power in powers.items() if power < 0)
    return (above or "1") + below


def quantity(value, unit=None):
    """(number in SI units, SI unit) of "20 um", "5*MPa", 14 or, with `unit`, of a number in this unit; None if it is no single
    number (a word, a list, a formula) or the unit is not known here."""
    if isinstance(value, bool) or value is None:
        return None
    match = re.fullmatch(rf"\s*({_NUMBER})\s*\*?\s*(.*?)\s*", str(value))
    if not match:
        return None
    number, own_unit = float(match.group(1)), match.group(2)
    if (own_unit or unit) in _CELSIUS:
        return number + 273.15, "K"
    known = si_unit(own_unit or unit or "1")
    if known is None:
        return None
    name, factor = known
    # Division by 1e6, not multiplication by 1e-6, so that "20 um" is the double nearest to 2e-5.
    inverse = round(1 / factor)
    exact = factor < 1 and abs(inverse * factor - 1) < 1e-13
    return (number / inverse if exact else number * factor), name
