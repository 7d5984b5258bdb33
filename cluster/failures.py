"""What goes wrong in a study, each as one sentence, and the nearest valid name for a misspelt one."""

import difflib


class StudyError(Exception):
    """Something the user can put right; the message is one sentence: what was found, what is allowed, where."""


def suggestion(name, allowed):
    """"; did you mean 'x'?" with the nearest of the allowed names, else the list of them."""
    allowed = sorted(str(other) for other in allowed)
    near = difflib.get_close_matches(str(name), allowed, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; allowed are {', '.join(allowed)}" if allowed else ""


def check_keys(entries, allowed, where):
    """StudyError if `entries` is no mapping or has a key that is not allowed."""
    if not isinstance(entries, dict):
        raise StudyError(f"{where} is '{entries}', but must be a mapping of names to values")
    for key in entries:
        if key not in allowed:
            raise StudyError(f"{where}: there is no entry '{key}'{suggestion(key, allowed)}")


def explain(error):
    """One sentence for an OSError."""
    where = f" ('{error.filename}')" if error.filename else ""
    return f"{error.strerror or error}{where}"
