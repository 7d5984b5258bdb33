"""The look of all pictures: fonts, colours, colour maps, scale bar, time stamp.

Colour maps are perceptually uniform; those of fields with a sign are symmetric about zero. Metal is silver, ceramic
sand-coloured, ionic liquid blue, empty pores are white and cracks black.
"""

from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no display needed

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize, TwoSlopeNorm, to_rgb

from lithoclase_results import DisplayUnit, display_unit

METAL = to_rgb("#b4bac2")
METAL_EDGE = to_rgb("#2b3038")
LIQUID = to_rgb("#8fbfe0")
LIQUID_EDGE = to_rgb("#2f6c9c")
VOID = (1.0, 1.0, 1.0)
VOID_ON_LIGHT = to_rgb("#dadde0")  # where white is a value of the field
VOID_EDGE = to_rgb("#4a4a4a")
GRAIN_BOUNDARY = to_rgb("#5d4a33")
CRACK = to_rgb("#1d0f14")
CRACK_FACE = to_rgb("#8c3140")  # in 3-D, where light falls on it
INK = "#1f2328"

# One colour per run or per curve; told apart also with colour-blind eyes (after Okabe and Ito).
CURVES = ["#0b6fa4", "#d55e00", "#2a9d6e", "#b5509a", "#7a6a00", "#56b4e9", "#333333", "#e69f00"]

# Blue for negative, red for positive, nearly white at zero; lightness falls alike on both sides.
_DIVERGING = LinearSegmentedColormap.from_list(
    "lithoclase_diverging", ["#053061", "#2f79b5", "#a6cfe4", "#f7f7f5", "#f3b391", "#c9473f", "#67001f"], N=512)
# White where intact, so that only what breaks has colour.
_DAMAGE = LinearSegmentedColormap.from_list(
    "lithoclase_damage", ["#ffffff", "#fbe0bd", "#ee9f5f", "#c2503f", "#6f1f36", "#1d0f14"], N=512)
_GRAINS = LinearSegmentedColormap.from_list("lithoclase_grains", ["#f3ead9", "#e6d7bd", "#d9c4a3", "#ccb28c"], N=256)


@dataclass(frozen=True)
class FieldStyle:
    """How a field is drawn."""

    cmap: object = "viridis"
    scale: str = "linear"       # linear, symmetric (about zero), stress (symmetric, without its peaks), fraction or log
    in_metal: bool = False      # whether the field means something inside the metal, else the metal covers it
    in_liquid: bool = True      # the same for pores filled with liquid
    in_solid: bool = True       # the same for the solid electrolyte
    title: str = ""             # instead of the name
    unit: object = None         # DisplayUnit, instead of the one that suits the values
    flux: bool = True           # a vector is drawn with flux lines
    light: bool = False         # the map is light where the field is weak: boundaries are dark lines


_MPA = DisplayUnit("MPa", 1e-6)

FIELD_STYLES = {
    "lithium": FieldStyle(cmap="bone", in_metal=True, title="Lithium"),
    "ionic_potential": FieldStyle(cmap="viridis"),
    "electronic_potential": FieldStyle(cmap="cividis", in_metal=True),
    "overpotential": FieldStyle(cmap=_DIVERGING, scale="symmetric", in_metal=True),
    "reaction_rate": FieldStyle(cmap=_DIVERGING, scale="symmetric", in_metal=True),
    "ionic_current_density": FieldStyle(cmap="inferno"),
    "electronic_current_density": FieldStyle(cmap="magma", scale="log"),
    "pressure": FieldStyle(cmap=_DIVERGING, scale="symmetric", in_metal=True),
    "lithium_pressure": FieldStyle(cmap="plasma", in_metal=True),
    "damage": FieldStyle(cmap=_DAMAGE, scale="fraction", in_metal=True, light=True),
    "displacement": FieldStyle(cmap="viridis", in_metal=True, flux=False),
    "first_principal_stress": FieldStyle(cmap=_DIVERGING, scale="stress", in_metal=True, unit=_MPA, light=True),
    "hydrostatic_pressure": FieldStyle(cmap=_DIVERGING, scale="stress", in_metal=True, unit=_MPA, light=True),
    "stress": FieldStyle(in_metal=True, title="Norm of the stress", unit=_MPA, flux=False),
    "principal_stresses": FieldStyle(in_metal=True, title="Norm of the stress", unit=_MPA, flux=False),
    "strain_energy_density": FieldStyle(cmap="magma", scale="log", in_metal=True),
    "salt_concentration": FieldStyle(cmap="cividis", in_solid=False, light=True),
    "grain_boundary": FieldStyle(cmap="Greys", in_metal=True),
}


def save(figure, outputs, dpi):
    """Writes a figure to each of the files, makes their folders, prints their names and closes it."""
    for output in outputs:
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(output, dpi=dpi)
        print(output)
    plt.close(figure)


def field_style(name):
    """The FieldStyle of a field; fields without one get a plain one."""
    return FIELD_STYLES.get(name, FieldStyle())


def use_style(font_size=8.5):
    """Sets matplotlib's defaults for publication: sans-serif, thin lines, no boxes."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [font for font in ("Source Sans 3", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans") if font in installed]
    plt.rcParams.update({
        "font.family": "sans-serif", "font.sans-serif": fonts or ["DejaVu Sans"], "font.size": font_size,
        "mathtext.fontset": "dejavusans",
        "axes.titlesize": font_size, "axes.labelsize": font_size, "axes.linewidth": 0.6, "axes.edgecolor": INK,
        "axes.labelcolor": INK, "axes.titlelocation": "left", "axes.titlepad": 5,
        "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
        "axes.prop_cycle": plt.cycler(color=CURVES), "axes.formatter.limits": (-3, 5), "axes.formatter.useoffset": False,
        "xtick.color": INK, "ytick.color": INK, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
        "xtick.minor.width": 0.4, "ytick.minor.width": 0.4, "xtick.labelsize": font_size - 1, "ytick.labelsize": font_size - 1,
        "xtick.major.size": 3, "ytick.major.size": 3, "grid.color": "#e4e6e8", "grid.linewidth": 0.5,
        "lines.linewidth": 1.3, "legend.frameon": False, "legend.fontsize": font_size - 1, "legend.handlelength": 1.6,
        "text.color": INK, "figure.facecolor": "white", "savefig.facecolor": "white", "pdf.fonttype": 42,
    })


def with_unit(text, unit):
    """"Ionic potential (mV)"; no brackets where the unit is empty."""
    return f"{text} ({unit})" if str(unit) else text


def colour_scale(values, scale):
    """The Normalize for values [display unit] and which ends of the colour bar are cut: "neither", "min", "max" or "both".

    The range leaves out the outermost 0.2 %, so that a singular point does not take all the colours; that of stresses, whose
    peaks at tips and pores are wider, 1 %. A logarithmic scale has whole decades, at most six; within one decade it becomes
    linear.
    """
    values = values[np.isfinite(values)]
    if scale == "fraction":
        return Normalize(0, 1), "neither"
    if scale == "stress" and values.size:
        high = _round_up(np.quantile(np.abs(values), 0.99)) or 1.0
        return TwoSlopeNorm(0.0, -high, high), _cut_ends(values, -high, high)
    if scale == "log":
        values = values[values > 0]
        high = np.quantile(values, 0.998) if values.size else 0.0
        low = max(np.quantile(values, 0.002), 1e-6 * high) if values.size else 0.0
        if high > 10 * low > 0:
            low, high = 10.0 ** np.floor(np.log10(low)), 10.0 ** np.ceil(np.log10(high))
            return LogNorm(low, high), _cut_ends(values, low, high)
    if values.size == 0:
        return Normalize(0, 1), "neither"
    if scale == "symmetric":  # such fields live on interfaces: the zeros elsewhere must not count
        size = np.abs(values)
        high = np.quantile(size[size >= 0.01 * size.max()], 0.995) or 1.0
        return TwoSlopeNorm(0.0, -high, high), _cut_ends(values, -high, high)
    low, high = np.quantile(values, [0.002, 0.998])
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        middle, half = 0.5 * (low + high), 0.5 * max(abs(low), abs(high)) or 1.0
        low, high = middle - half, middle + half
    return Normalize(low, high), _cut_ends(values, low, high)


def _round_up(value):
    """The next number of two digits."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (np.floor(np.log10(value)) - 1)
    return float(np.ceil(value / step * (1 - 1e-9)) * step)


def _cut_ends(values, low, high):
    slack = 0.02 * (high - low)
    ends = (values.min() < low - slack, values.max() > high + slack)
    return {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[ends]


def grain_colours(grain):
    """RGB of grain numbers of any shape: sand tones, neighbours in number far apart in tone."""
    golden = 0.5 * (np.sqrt(5.0) - 1.0)
    return _GRAINS(np.mod(np.asarray(grain) * golden, 1.0))[..., :3]


def nice_length(largest):
    """The largest of 1, 2, 5 times a power of ten that is not above `largest`."""
    power = 10.0 ** np.floor(np.log10(largest))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= largest * (1 + 1e-12))


def add_scale_bar(axes, extent, below=True):
    """A bar of a round length under (or in the lower right corner of) a picture with `extent` (left, right, bottom, top) [m]."""
    left, right, bottom, top = extent
    length = nice_length(0.3 * (right - left))
    unit = display_unit("m", [length])
    text = f"{length * unit.factor:g} {unit}"
    transform = axes.get_xaxis_transform() if below else axes.transData
    y = -0.02 if below else bottom + 0.04 * (top - bottom)
    axes.plot([right - length, right], [y, y], color=INK, lw=2, solid_capstyle="butt", transform=transform, clip_on=False)
    axes.annotate(text, (right - 0.5 * length, y), xycoords=transform, xytext=(0, -3), textcoords="offset points",
                  ha="center", va="top", fontsize=plt.rcParams["font.size"] - 1, annotation_clip=False)


def time_text(time, longest=None):
    """"t = 12.5 min", the unit chosen by the longest time of a series."""
    if not np.isfinite(time):
        return ""
    unit = display_unit("s", [longest if longest is not None else time])
    return f"$t$ = {time * unit.factor:.3g} {unit}"
