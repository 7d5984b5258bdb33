"""Formulas on parameter names, in constraints ("porosity < 0.2") and in braces within settings ("-{pressure} MPa").

Only numbers, strings, names, comparisons, arithmetic, and/or/not and a few functions; nothing else of Python is reachable.
"""

import ast
import math
import operator
import re

from failures import StudyError, suggestion

_BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
           ast.Pow: operator.pow, ast.Mod: operator.mod, ast.FloorDiv: operator.floordiv}
_UNARY = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}
_COMPARE = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne}
_FUNCTIONS = {"min": min, "max": max, "abs": abs, "round": round, "sqrt": math.sqrt, "exp": math.exp, "log": math.log,
              "log10": math.log10, "pi": math.pi}


def evaluate(text, values):
    """The value of the formula with `values` (name -> number or str). StudyError names what is wrong in it."""
    try:
        return _value(ast.parse(str(text), mode="eval").body, values)
    except SyntaxError:
        raise StudyError(f"'{text}' is no formula: it must be arithmetic or a comparison of parameter names and numbers") from None
    except (ArithmeticError, ValueError, TypeError) as error:
        raise StudyError(f"the formula '{text}' has no value for {describe(values)}: {error}") from None


def _value(node, values):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str, bool)):
        return node.value
    if isinstance(node, ast.Name):
        names = {"pi": math.pi, **values}
        if node.id not in names:
            raise StudyError(f"there is no parameter '{node.id}'{suggestion(node.id, values)}")
        return names[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_value(node.operand, values))
    if isinstance(node, ast.BoolOp):
        parts = (_value(part, values) for part in node.values)
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops):
        sides = [_value(side, values) for side in (node.left, *node.comparators)]
        return all(_COMPARE[type(op)](left, right) for op, left, right in zip(node.ops, sides, sides[1:]))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id not in _FUNCTIONS or node.func.id == "pi":
            raise StudyError(f"there is no function '{node.func.id}'{suggestion(node.func.id, _FUNCTIONS)}")
        return _FUNCTIONS[node.func.id](*(_value(argument, values) for argument in node.args))
    raise StudyError(f"'{ast.unparse(node)}' is not allowed in a formula: only arithmetic, comparisons and parameter names are")


def number_text(value):
    """A number in at most 12 digits, without the noise of binary fractions; text as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def fill_in(template, values):
    """Replaces each {formula} in the template by its value."""
    return re.sub(r"\{([^{}]*)\}", lambda match: number_text(evaluate(match.group(1).strip(), values)), str(template))


def describe(values):
    """"porosity = 0.1, size = 2"."""
    return ", ".join(f"{name} = {number_text(value)}" for name, value in values.items()) or "no parameters"
