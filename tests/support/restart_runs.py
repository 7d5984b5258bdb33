"""What restarted runs are compared by; used by the restart tests and by verification."""

RUNS = {  # name: (ranks of the first five steps, ranks of the other five; 0: no restart, tolerance)
    "same ranks": (1, 1, 1e-10),
    "two ranks without restart": (2, 0, 1e-8),
    "restart on more ranks": (1, 2, 1e-8),
    "restart on fewer ranks": (2, 1, 1e-8),
}
STEPS = 10
ABOUT_THE_COMPUTATION = {"sweeps", "nonlinear_iterations", "linear_iterations", "passes", "solve_time", "linear_solve_time", "wall_time", "memory"}
ERRORS = {"charge_balance_error", "charge_volume_error", "salt_balance_error"}  # rounding noise, bounded by other tests


def do_run(run, name):
    """Does the run called `name` in RUNS; run(folder, steps, ranks, options) starts the program. Returns what the last
    of these calls returns."""
    first, second, _ = RUNS[name]
    folder = name.replace(" ", "_")
    if second == 0:
        return run(folder, STEPS, first, [])
    run(folder, STEPS // 2, first, [])
    return run(folder, STEPS, second, ["--resume"])


def largest_difference(row, reference):
    """(difference, column) where the dictionary `row` is farthest from the last row of `reference`, a list of such,
    relative to the largest value of the column."""
    differences = []
    for column, expected in reference[-1].items():
        if column not in ABOUT_THE_COMPUTATION | ERRORS:
            scale = max(abs(earlier[column]) for earlier in reference) or 1.0
            differences.append((abs(row[column] - expected) / scale, column))
    return max(differences)
