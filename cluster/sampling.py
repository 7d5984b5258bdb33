"""From the parameters of a study to the list of its value sets: a grid, and random or Latin hypercube samples beside it."""

import itertools
import math
import random


def grid_values(low, high, number, log):
    """`number` values from low to high, evenly spaced, or evenly in the logarithm."""
    if number == 1:
        return [low]
    if log:
        ratio = math.log(high / low)
        return [_tidy(low * math.exp(ratio * i / (number - 1))) for i in range(number)]
    return [_tidy(low + (high - low) * i / (number - 1)) for i in range(number)]


def _tidy(value):
    """12 digits: what the parameter file will say."""
    return float(f"{value:.12g}")


def _scale(fraction, parameter):
    """The value at `fraction` (0 to 1) of the parameter's range."""
    low, high = parameter.low, parameter.high
    if parameter.integer:
        return min(int(low + fraction * (high - low + 1)), int(high))
    if parameter.log:
        return _tidy(low * (high / low) ** fraction)
    return _tidy(low + fraction * (high - low))


def unit_samples(number, dimensions, method, seed):
    """`number` points of the unit cube. "latin hypercube": each of `number` equal slices of each axis holds one point."""
    generator = random.Random(seed)
    if method == "random":
        return [[generator.random() for _ in range(dimensions)] for _ in range(number)]
    columns = []
    for _ in range(dimensions):
        slices = list(range(number))
        generator.shuffle(slices)
        columns.append([(slot + generator.random()) / number for slot in slices])
    return [list(point) for point in zip(*columns)]


def value_sets(parameters, samples):
    """A list of dictionaries name -> value in the order of the parameters: the grid, the last parameter fastest; at every point of
    it the same samples of those parameters that have a range only. `samples` has number, method and seed, or is None."""
    axes = [parameter for parameter in parameters if parameter.values is not None]
    sampled = [parameter for parameter in parameters if parameter.values is None]
    drawn = [{}]
    if sampled:
        points = unit_samples(samples.number, len(sampled), samples.method, samples.seed)
        drawn = [{parameter.name: _scale(x, parameter) for parameter, x in zip(sampled, point)} for point in points]
    result = []
    for combination in itertools.product(*(axis.values for axis in axes)):
        chosen = {axis.name: value for axis, value in zip(axes, combination)}
        for sample in drawn:
            both = {**chosen, **sample}
            result.append({parameter.name: both[parameter.name] for parameter in parameters})
    return result
