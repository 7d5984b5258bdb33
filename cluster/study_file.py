"""Reads and checks a study file (YAML). README.md describes its entries."""

import copy
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

import sampling
from expressions import describe, evaluate, fill_in, number_text
from failures import StudyError, check_keys, suggestion

ENTRIES = {"name", "title", "base", "expected trend", "parameters", "settings", "samples", "seeds", "constraints", "search", "job", "smoke"}
PARAMETER_ENTRIES = {"key", "unit", "values", "from", "to", "number", "log", "integer"}
SAMPLE_ENTRIES = {"number", "method", "seed"}
SEED_ENTRIES = {"keys", "values", "number"}
SEARCH_ENTRIES = {"parameter", "key", "unit", "method", "event", "from", "to", "tolerance"}
SMOKE_ENTRIES = {"parameters", "settings", "samples", "seeds", "search"}
METHODS = {"random", "latin hypercube"}
SEARCHES = {"ramp", "bisection"}
EVENTS = {"cracking", "penetration", "short circuit"}


@dataclass
class Parameter:
    """One parameter of a study: a grid axis if it has values, else sampled between low and high."""

    name: str
    key: str = None
    unit: str = None
    values: list = None
    low: float = None
    high: float = None
    log: bool = False
    integer: bool = False


@dataclass
class Samples:
    number: int
    method: str = "latin hypercube"
    seed: int = 1


@dataclass
class Search:
    """A search for the critical value of a quantity, in `unit`: by a ramp in one run, or by bisection between low and high until the
    bracket is narrower than `tolerance` times its upper end."""

    method: str
    event: str
    parameter: str = "current"
    key: str = "Protocol/current density"
    unit: str = "mA/cm^2"
    low: float = None
    high: float = None
    tolerance: float = 0.05


@dataclass
class Study:
    name: str
    base: Path
    parameters: list
    settings: dict
    samples: Samples = None
    seed_keys: list = field(default_factory=list)
    seeds: list = field(default_factory=lambda: [None])
    constraints: list = field(default_factory=list)
    search: Search = None
    job: dict = field(default_factory=dict)
    expected_trend: str = ""
    text: str = ""  # the file

    def variants(self):
        """(list of (values, seed), number left out by constraints)."""
        kept, left_out = [], 0
        for values in sampling.value_sets(self.parameters, self.samples):
            if all(evaluate(constraint, values) for constraint in self.constraints):
                kept += [(values, seed) for seed in self.seeds]
            else:
                left_out += 1
        return kept, left_out

    def case_text(self, values, seed, base):
        """The parameter file of one run; `values` includes the searched value, if any."""
        entries = {}
        for parameter in self.parameters:
            if parameter.key:
                unit = f" {parameter.unit}" if parameter.unit else ""
                entries[parameter.key] = number_text(values[parameter.name]) + unit
        if self.search and self.search.parameter in values:
            entries[self.search.key] = f"{number_text(values[self.search.parameter])} {self.search.unit}"
        for key in self.seed_keys:
            entries[key] = str(seed)
        known = {**values, "base_folder": str(Path(base).parent), **({"seed": seed} if seed is not None else {})}
        for key, template in self.settings.items():
            entries[key] = fill_in(template, known)
        entries["Output/directory"] = "results"
        lines = [f"# Study {self.name}: {describe(values)}" + (f", seed {seed}" if seed is not None else ""), f"include {base}", ""]
        for key, value in entries.items():
            lines += _set_lines(key, value)
        return "\n".join(lines) + "\n"

    def key_of(self, parameter):
        """The key of a parameter, or the first setting that uses it."""
        uses = [key for key, template in self.settings.items() if re.search(r"\{[^{}]*\b" + re.escape(parameter.name) + r"\b[^{}]*\}", str(template))]
        return parameter.key or (uses[0] if uses else None)


def _set_lines(key, value):
    *sections, name = key.split("/")
    lines = ["  " * depth + f"subsection {section}" for depth, section in enumerate(sections)]
    lines.append("  " * len(sections) + f"set {name} = {value}")
    return lines + ["  " * depth + "end" for depth in reversed(range(len(sections)))]


# --- Reading -----------------------------------------------------------------------------------------------------------

class _Loader(yaml.SafeLoader):
    """Refuses names that stand twice in a mapping, of which YAML would take the last."""

    def construct_mapping(self, node, deep=False):
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for name in names:
            if names.count(name) > 1:
                raise StudyError(f"line {node.start_mark.line + 1}: '{name}' is given twice in the same section")
        return super().construct_mapping(node, deep)


def read(path, smoke=False):
    """The Study in the file `path`; with `smoke` its section of that name replaces entries. StudyError if anything is wrong."""
    path = Path(path)
    try:
        text = path.read_text()
        data = yaml.load(text, _Loader)
    except StudyError as error:
        raise StudyError(f"{path}: {error}") from None
    except OSError as error:
        raise StudyError(f"the study file '{path}' cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"the study file '{path}' is no YAML: {' '.join(str(error).split())}") from None
    try:
        check_keys(data, ENTRIES, "the study")
        if smoke:
            data = _smoke(data)
        return _study(data, path, text)
    except StudyError as error:
        raise StudyError(f"{path}: {error}") from None


def _smoke(data):
    """The study with the entries of its section smoke: parameters are replaced one by one, the rest is merged."""
    if "smoke" not in data:
        raise StudyError("there is no section 'smoke'")
    small = data["smoke"]
    check_keys(small, SMOKE_ENTRIES, "smoke")
    data = copy.deepcopy(data)
    for section, entries in small.items():
        if not isinstance(entries, dict):
            raise StudyError(f"smoke/{section} is '{entries}', but must be a mapping of names to values")
        if section == "parameters":
            for name, entry in entries.items():
                if name not in data.get("parameters", {}):
                    raise StudyError(f"smoke/parameters: there is no parameter '{name}'{suggestion(name, data.get('parameters', {}))}")
                kept = {key: value for key, value in data["parameters"][name].items() if key in ("key", "unit")}
                data["parameters"][name] = {**kept, **entry}
        else:
            data[section] = {**data.get(section, {}), **entries}
    data["name"] = f"{data.get('name', 'study')}_smoke"
    return data


def _study(data, path, text):
    for entry in ("name", "base", "parameters"):
        if entry not in data:
            raise StudyError(f"the entry '{entry}' is missing")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", str(data["name"])):
        raise StudyError(f"name is '{data['name']}', but must be made of letters, digits and _ . -")
    base = (path.parent / str(data["base"])).resolve()
    if not base.is_file():
        raise StudyError(f"the base case '{data['base']}' does not exist beside the study file")
    check_keys(data["parameters"], data["parameters"] if isinstance(data["parameters"], dict) else (), "parameters")
    study = Study(str(data["name"]), base, [_parameter(name, entry) for name, entry in data["parameters"].items()],
                  {key: number_text(value) for key, value in _mapping(data, "settings").items()})
    study.text, study.expected_trend, study.job = text, str(data.get("expected trend", "")), _mapping(data, "job")
    study.samples = _samples(data, study.parameters)
    if "seeds" in data:
        study.seed_keys, study.seeds = _seeds(data["seeds"])
    study.constraints = _list(data.get("constraints", []), "constraints")
    if "search" in data:
        study.search = _search(data["search"], study.parameters)
    _check_formulas(study)
    return study


def _mapping(data, name):
    entry = data.get(name) or {}
    if not isinstance(entry, dict):
        raise StudyError(f"{name} is '{entry}', but must be a mapping of names to values")
    return entry


def _list(entry, where):
    if not isinstance(entry, list) or any(isinstance(value, (list, dict)) or value is None for value in entry):
        raise StudyError(f"{where} is '{entry}', but must be a list of values")
    return entry


def _number(entry, where, whole=False, least=None):
    try:
        value = float(entry)  # YAML takes 1e-7 for text
    except (TypeError, ValueError):
        raise StudyError(f"{where} is '{entry}', but must be a number") from None
    if isinstance(entry, bool) or value != value or abs(value) == float("inf") or (whole and value != int(value)):
        raise StudyError(f"{where} is '{entry}', but must be a {'whole' if whole else 'finite'} number")
    if least is not None and value < least:
        raise StudyError(f"{where} is {entry}, but must be at least {least}")
    return int(value) if whole else value


def _flag(entry, where):
    if not isinstance(entry, bool):
        raise StudyError(f"{where} is '{entry}', but must be true or false")
    return entry


def _choice(entry, allowed, where):
    if entry not in allowed:
        raise StudyError(f"{where} is '{entry}'{suggestion(entry, allowed)}")
    return entry


def _value(entry):
    """A number where the text is one: YAML takes 1e-7 for text."""
    if isinstance(entry, str):
        try:
            return float(entry)
        except ValueError:
            return entry
    return entry


def _parameter(name, entry):
    where = f"parameter '{name}'"
    if not re.fullmatch(r"[A-Za-z]\w*", str(name)):
        raise StudyError(f"{where}: the name must be a word of letters, digits and _, for use in formulas")
    check_keys(entry, PARAMETER_ENTRIES, where)
    parameter = Parameter(name, entry.get("key"), entry.get("unit"))
    if "values" in entry:
        if {"from", "to", "number", "log", "integer"} & set(entry):
            raise StudyError(f"{where} has values and a range, but must have one of them")
        parameter.values = [_value(value) for value in _list(entry["values"], f"{where}, values")]
        if not parameter.values:
            raise StudyError(f"{where} has no values")
        return parameter
    if "from" not in entry or "to" not in entry:
        raise StudyError(f"{where} has neither 'values' nor 'from' and 'to'")
    low, high = (_number(entry[end], f"{where}, {end}") for end in ("from", "to"))
    parameter.log = _flag(entry.get("log", False), f"{where}, log")
    parameter.integer = _flag(entry.get("integer", False), f"{where}, integer")
    if low >= high or (parameter.log and low <= 0):
        raise StudyError(f"{where}: its range from {entry['from']} to {entry['to']} must rise" + (" and be positive for log" if parameter.log else ""))
    parameter.low, parameter.high = low, high
    if parameter.integer and (parameter.log or "number" in entry or low != int(low) or high != int(high)):
        raise StudyError(f"{where}: 'integer' is for samples between whole numbers, without 'log' and 'number'")
    if "number" in entry:
        parameter.values = sampling.grid_values(low, high, _number(entry["number"], f"{where}, number", whole=True, least=2), parameter.log)
    return parameter


def _samples(data, parameters):
    sampled = [parameter.name for parameter in parameters if parameter.values is None]
    if "samples" not in data:
        if sampled:
            raise StudyError(f"parameter '{sampled[0]}' has a range without 'number', but there is no section 'samples' that says how many to draw")
        return None
    entry = data["samples"]
    check_keys(entry, SAMPLE_ENTRIES, "samples")
    if not sampled:
        raise StudyError("samples are given, but every parameter has values or a 'number': there is nothing to draw")
    if "number" not in entry:
        raise StudyError("samples: the entry 'number' is missing")
    return Samples(_number(entry["number"], "samples/number", whole=True, least=1),
                   _choice(entry.get("method", "latin hypercube"), METHODS, "samples/method"),
                   _number(entry.get("seed", 1), "samples/seed", whole=True, least=0))


def _seeds(entry):
    check_keys(entry, SEED_ENTRIES, "seeds")
    if "keys" not in entry or ("values" in entry) == ("number" in entry):
        raise StudyError("seeds need 'keys' and one of 'values' and 'number'")
    if "number" in entry:
        values = list(range(1, _number(entry["number"], "seeds/number", whole=True, least=1) + 1))
    else:
        values = [_number(value, "seeds/values", whole=True, least=0) for value in _list(entry["values"], "seeds/values")]
    return _list(entry["keys"], "seeds/keys"), values


def _search(entry, parameters):
    check_keys(entry, SEARCH_ENTRIES, "search")
    search = Search(_choice(entry.get("method"), SEARCHES, "search/method"), _choice(entry.get("event", "cracking"), EVENTS, "search/event"))
    search.parameter = str(entry.get("parameter", search.parameter))
    search.key, search.unit = str(entry.get("key", search.key)), str(entry.get("unit", search.unit))
    if search.parameter in {parameter.name for parameter in parameters}:
        raise StudyError(f"search: '{search.parameter}' is a parameter of the study already")
    if search.method == "ramp":
        if {"from", "to", "tolerance", "key", "parameter"} & set(entry):
            raise StudyError("search: a ramp is set up by the base case or 'settings'; 'from', 'to', 'tolerance', 'key' and 'parameter' are for bisection")
        if search.unit != "mA/cm^2":
            raise StudyError(f"search/unit is '{search.unit}', but a ramp is reported in mA/cm^2")
        return search
    if "from" not in entry or "to" not in entry:
        raise StudyError("search: bisection needs 'from' and 'to'")
    search.low, search.high = (_number(entry[end], f"search/{end}", least=0) for end in ("from", "to"))
    search.tolerance = _number(entry.get("tolerance", search.tolerance), "search/tolerance")
    if search.low >= search.high:
        raise StudyError(f"search: the range from {entry['from']} to {entry['to']} must rise")
    if not 1e-4 <= search.tolerance < 1:
        raise StudyError(f"search/tolerance is {search.tolerance}, but must be from 1e-4 to 1, relative to the upper end of the bracket")
    return search


def _check_formulas(study):
    """Names in formulas exist, and each parameter is used."""
    variants, _ = study.variants()
    if not variants:
        raise StudyError("no run is left: the constraints exclude all of them")
    values, seed = variants[0]
    if study.search and study.search.method == "bisection":
        values = {**values, study.search.parameter: study.search.high}
    study.case_text(values, seed, study.base)
    for parameter in study.parameters:
        if study.key_of(parameter) is None:
            raise StudyError(f"parameter '{parameter.name}' has no 'key' and no setting uses it in braces")
