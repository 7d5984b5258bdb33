"""Draws sampled fields with matplotlib: one picture of a plane with metal, pores and grain boundaries, and rows of them."""

from dataclasses import dataclass

import contourpy
import lithoclase_style as style
import matplotlib.pyplot as plt
import numpy as np
from lithoclase_results import contour_lines, display_unit, label, plane_axes, sample
from matplotlib.collections import LineCollection
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator

STRUCTURE = "structure"  # the picture of grains, pores and metal; not a field of the files
_GEOMETRY = ("lithium", "phase", "grain")
BROKEN = 0.9  # damage above which nothing carries load


@dataclass
class Picture:
    """A plane of one output time, ready to be drawn; `value` is in display units, (rows, columns), nan where nothing is shown."""

    name: str
    time: float          # [s]
    extent: tuple        # (left, right, bottom, top) [m]
    box: tuple           # sides of the whole mesh [m]
    value: np.ndarray
    unit: object         # DisplayUnit
    vector: object       # (rows, columns, 2) in the plane, or None
    lithium: object      # (rows, columns) or None
    phase: object        # (rows, columns), 0 solid 1 empty 2 liquid, or None
    grain: object        # (rows, columns), staircase smoothed, or None
    cell_size: np.ndarray  # (rows, columns) [m]
    metal_outline: np.ndarray  # (n, 2, 2) [m]
    phases: set          # phases anywhere in the mesh
    damage: object = None  # (rows, columns) or None
    outside: object = None  # (rows, columns) of bool where the body is drawn deformed, else None
    magnification: float = 0.0  # of the displacements, 0 where the body is not drawn deformed

    @property
    def pixel(self):
        """Side of a pixel [m]."""
        return (self.extent[1] - self.extent[0]) / self.value.shape[1]

    def show_in(self, unit):
        """Converts the values to another DisplayUnit."""
        self.value = self.value * (unit.factor / self.unit.factor)
        self.unit = unit


def needed_fields(snapshot_names, name):
    """The arrays to read for a picture of `name`."""
    return [field for field in dict.fromkeys((name, "damage") + _GEOMETRY) if field in snapshot_names]


def make_picture(snapshot, name, longer_side=1200, normal="y", position=0.5):
    """Samples what a picture of the field `name` (or "structure") needs; vectors are shown by their length."""
    names = needed_fields(snapshot.names, name)
    if name != STRUCTURE:
        snapshot.unit(name)  # complains if the field is not there
    image = sample(snapshot, names, longer_side, normal, position)
    geometry = {field: image.values.get(field) for field in _GEOMETRY}
    outline = np.zeros((0, 2, 2))
    if not has_metal(snapshot):
        geometry["lithium"] = None
    else:
        outline = contour_lines(snapshot, "lithium", 0.5, normal, position)
    if name == STRUCTURE:
        value, unit, vector = np.full(image.shape, np.nan), None, None
    else:
        value, vector = image.magnitude(name), None
        look = style.field_style(name)
        if image.values[name].ndim == 3 and look.flux:
            vector = image.values[name][..., list(plane_axes(snapshot.dim, normal)[:2])]
        value = np.where(_shown(name, image.valid, geometry), value, np.nan)
        unit = look.unit or display_unit(snapshot.unit(name), _typical(value))
        value = value * unit.factor
    if geometry["grain"] is not None:
        pixel = (image.extent[1] - image.extent[0]) / image.shape[1]
        if snapshot.magnification:
            geometry["grain"] = continued(geometry["grain"], image.valid)
            image.cell_size = continued(image.cell_size, image.valid)
        geometry["grain"] = smooth_grains(geometry["grain"], image.cell_size, pixel)
    phases = set(np.unique(np.round(snapshot.values("phase"))).astype(int)) if "phase" in snapshot else {0}
    box = tuple(np.diff(np.reshape(snapshot.bounds, (3, 2))).ravel())
    return Picture(name, snapshot.time, image.extent, box, value, unit, vector, geometry["lithium"], geometry["phase"],
                   geometry["grain"], image.cell_size, outline, phases, image.values.get("damage"),
                   ~image.valid if snapshot.magnification else None, snapshot.magnification)


def has_metal(snapshot):
    """Whether there is lithium worth drawing."""
    return "lithium" in snapshot and snapshot.values("lithium").max() > 0.5


def has_structure(snapshot):
    """Whether there are grains, pores or metal to draw: more than a plain block."""
    several = [field for field in ("grain", "phase") if field in snapshot and np.ptp(snapshot.values(field)) > 0.5]
    return bool(several) or has_metal(snapshot)


def _shown(name, valid, geometry):
    """Where the field means something: not in voids, and in solid, metal and liquid only where its style says so."""
    shown = valid.copy()
    look = style.field_style(name)
    if geometry["phase"] is not None and name not in _GEOMETRY:
        shown &= np.round(geometry["phase"]) != 1
        if not look.in_liquid:
            shown &= np.round(geometry["phase"]) != 2
        if not look.in_solid:
            shown &= np.round(geometry["phase"]) != 0
    if geometry["lithium"] is not None and not look.in_metal and name not in _GEOMETRY:
        shown &= geometry["lithium"] < 0.5
    return shown


def _typical(value):
    finite = np.abs(value[np.isfinite(value)])
    return [np.quantile(finite, 0.98)] if finite.size else []


# --- One picture -------------------------------------------------------------------------------------------------------

def draw(axes, picture, norm=None):
    """Draws a picture into axes; returns the image for a colour bar, None for the structure."""
    extent = picture.extent
    drawn = None
    if picture.name == STRUCTURE:
        axes.imshow(_structure(picture), origin="lower", extent=extent, interpolation="antialiased")
    else:
        look = style.field_style(picture.name)
        cmap = plt.get_cmap(look.cmap).copy() if isinstance(look.cmap, str) else look.cmap.copy()
        cmap.set_bad((1, 1, 1, 0))
        value = _grown(picture)
        if isinstance(norm, LogNorm):
            value = np.where(value <= 0, norm.vmin, value)
        drawn = axes.imshow(value, origin="lower", extent=extent, cmap=cmap, norm=norm, interpolation="antialiased")
        _streamlines(axes, picture)
    _overlay(axes, picture)
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])
    axes.set_aspect("equal")
    axes.axis("off")
    return drawn


def _grown(picture):
    """The values, grown by a cell into where nothing is shown, so that the smooth outlines there leave no gap."""
    shown = np.isfinite(picture.value)
    if shown.all():
        return picture.value
    sigma = _staircase(shown, picture.cell_size, picture.pixel)
    weight = blur(shown.astype(float), sigma)
    near = blur(np.where(shown, picture.value, 0.0), sigma) / np.maximum(weight, 1e-12)
    if not style.field_style(picture.name).in_solid:  # nothing would cover what has grown into the solid
        return np.where(weight < 0.5, np.nan, np.where(shown, picture.value, near))
    return np.where(shown | (weight < 0.05), picture.value, near)


def _structure(picture):
    """RGB picture of the grains."""
    shape = picture.value.shape
    if picture.grain is None:
        return np.ones(shape + (3,)) * style.grain_colours([1])[0]
    return style.grain_colours(picture.grain)


def _overlay(axes, picture):
    """Grain boundaries, pores, and the metal on top."""
    is_structure = picture.name == STRUCTURE
    if picture.grain is not None and picture.name not in ("grain", "grain_boundary"):
        lines = grain_boundary_lines(picture)
        dark = is_structure or style.field_style(picture.name).light
        axes.add_collection(LineCollection(lines, colors=[style.GRAIN_BOUNDARY if dark else (1, 1, 1)], lw=0.55,
                                           alpha=0.9 if is_structure else 0.5 if dark else 0.35, capstyle="round"))
    if picture.damage is not None and picture.name != "damage":
        _cover(axes, picture, style.CRACK, (picture.damage - 0.6) / (BROKEN - 0.6))
    if picture.phase is not None and picture.name != "phase":
        phase = np.round(picture.phase)
        empty = style.VOID if is_structure or not style.field_style(picture.name).light else style.VOID_ON_LIGHT
        _region(axes, picture, phase == 1, empty, style.VOID_EDGE)
        liquid = (phase == 2) if picture.lithium is None else (phase == 2) & (picture.lithium < 0.5)
        _region(axes, picture, liquid, style.LIQUID if is_structure else None, style.LIQUID_EDGE)
    if picture.lithium is not None:
        _metal(axes, picture)
    if picture.outside is not None and picture.outside.any():
        x, y = _pixel_coordinates(picture)
        smooth = blur(picture.outside.astype(float), 1.0)
        _cover(axes, picture, (1, 1, 1), 2 * smooth - 0.5)
        axes.contour(x, y, smooth, levels=[0.5], colors=[style.VOID_EDGE], linewidths=0.5)
    elif not is_structure and style.field_style(picture.name).light:
        left, right, bottom, top = picture.extent
        axes.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=style.VOID_EDGE, lw=0.5,
                                 clip_on=False))


def _hidden(picture):
    """Where grain boundaries are not drawn: in pores and in metal."""
    hidden = np.zeros(picture.grain.shape, dtype=bool)
    if picture.phase is not None:
        hidden |= np.round(picture.phase) != 0
    if picture.lithium is not None:
        hidden |= picture.lithium > 0.5
    if picture.outside is not None:
        hidden |= picture.outside
    return hidden


def _region(axes, picture, mask, fill, edge):
    """A region with a smooth outline; `fill` None draws the outline alone."""
    if not mask.any():
        return
    x, y = _pixel_coordinates(picture)
    smooth = blur(mask.astype(float), _staircase(mask, picture.cell_size, picture.pixel))
    if smooth.max() < 0.6:  # smaller than a cell or two: nothing would be left of it
        smooth = mask.astype(float)
    if fill is not None:
        axes.contourf(x, y, smooth, levels=[0.5, 2.0], colors=[fill], antialiased=True)
    axes.contour(x, y, smooth, levels=[0.5], colors=[edge], linewidths=0.6)


def _staircase(mask, cell_size, pixel):
    """Standard deviation [pixels] of the blur that smooths the steps of the cells at the rim of a region."""
    rim = np.zeros(mask.shape, dtype=bool)
    rim[1:] |= mask[1:] != mask[:-1]
    rim[:, 1:] |= mask[:, 1:] != mask[:, :-1]
    return max(1.0, np.median(cell_size[rim]) / pixel) if rim.any() else 1.0


def _metal(axes, picture):
    """Silver where there is metal, unless the field is shown inside it, with a dark outline."""
    if picture.name == STRUCTURE or not style.field_style(picture.name).in_metal:
        _cover(axes, picture, style.METAL, (picture.lithium - 0.5) * 4 + 0.5)
    axes.add_collection(LineCollection(picture.metal_outline, colors=[style.METAL_EDGE], lw=0.9, capstyle="round"))


def _cover(axes, picture, colour, opacity):
    """Lays a colour over the picture; opacity (rows, columns) is cut to between 0 and 1."""
    rgba = np.empty(opacity.shape + (4,))
    rgba[..., :3] = colour
    rgba[..., 3] = np.clip(np.nan_to_num(opacity), 0, 1)
    axes.imshow(rgba, origin="lower", extent=picture.extent, interpolation="antialiased")


def _streamlines(axes, picture):
    """Thin lines along a flux density that start at the top, each carrying the same share of what passes there."""
    if picture.vector is None:
        return
    u, v = picture.vector[..., 0], picture.vector[..., 1]
    shown = np.isfinite(picture.value)
    lines = flux_lines(np.where(shown, u, np.nan), np.where(shown, v, np.nan), 21)
    left, right, bottom, top = picture.extent
    rows, columns = picture.value.shape
    scale = np.array([(right - left) / columns, (top - bottom) / rows])
    axes.add_collection(LineCollection([(line + 0.5) * scale + [left, bottom] for line in lines], colors=[(1, 1, 1)], lw=0.5,
                                       alpha=0.5))


def flux_lines(u, v, n_lines):
    """Lines along the vectors (u, v), shape (rows, columns), from the top row to where they leave or meet nan.

    The starting points split the flux through the top row evenly. Returns arrays (n, 2) of (column, row).
    """
    rows, columns = u.shape
    flux = np.abs(np.nan_to_num(v[-2]))
    if flux.sum() == 0:
        return []
    share = np.cumsum(flux) / flux.sum()
    x = np.interp((np.arange(n_lines) + 0.5) / n_lines, share, np.arange(columns))
    position = np.stack([x, np.full(n_lines, rows - 2.0)], axis=1)
    sign = -np.sign(np.nansum(v[-2]))  # inwards
    path = [position]
    for _ in range(2 * (rows + columns)):
        middle = position + 0.5 * sign * _direction(u, v, position)
        position = position + sign * _direction(u, v, middle)
        path.append(position)
        if not np.isfinite(position).any():
            break
    path = np.stack(path, axis=1)
    return [line[np.isfinite(line[:, 0])][::3] for line in path if np.isfinite(line[:, 0]).sum() > 6]


def _direction(u, v, position):
    """Unit vectors at positions (n, 2), bilinear; nan outside and next to nan."""
    rows, columns = u.shape
    inside = np.isfinite(position[:, 0])
    x, y = np.where(inside, position[:, 0], -1), np.where(inside, position[:, 1], -1)
    inside = (x >= 0) & (x < columns - 1) & (y >= 0) & (y < rows - 1)
    i, j = np.where(inside, x, 0).astype(int), np.where(inside, y, 0).astype(int)
    s, t = x - i, y - j
    weights = ((1 - s) * (1 - t), s * (1 - t), (1 - s) * t, s * t)
    vector = np.zeros((len(x), 2))
    for weight, (di, dj) in zip(weights, ((0, 0), (1, 0), (0, 1), (1, 1))):
        vector += weight[:, None] * np.stack([u[j + dj, i + di], v[j + dj, i + di]], axis=1)
    length = np.linalg.norm(vector, axis=1)
    vector[~inside | ~(length > 0)] = np.nan
    return vector / length[:, None].clip(min=1e-300)


def _pixel_coordinates(picture):
    left, right, bottom, top = picture.extent
    rows, columns = picture.value.shape
    return (left + (np.arange(columns) + 0.5) * (right - left) / columns,
            bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows)


def blur(values, sigma):
    """Gaussian blur of standard deviation `sigma` pixels, as three running means; shape (rows, columns)."""
    width = 2 * int(round(0.5 * (np.sqrt(4 * sigma**2 + 1) - 1))) + 1  # three means of this odd width
    half = width // 2
    for _ in range(3):
        for axis in (0, 1):
            padding = [(half + 1, half) if i == axis else (0, 0) for i in (0, 1)]
            total = np.cumsum(np.pad(values, padding, mode="edge"), axis=axis)
            n = values.shape[axis]
            values = (total.take(range(width, n + width), axis) - total.take(range(n), axis)) / width
    return values


def smooth_grains(grain, cell_size, pixel):
    """Grain numbers per pixel with the staircase of the cells smoothed away, shape (rows, columns).

    Each pixel goes to the grain whose blurred mask is largest there; `cell_size` and `pixel` in m.
    """
    number = np.round(grain).astype(np.int64)
    result, largest = number.copy(), np.zeros(number.shape)
    for one in np.unique(number):
        mask = number == one
        sigma = _staircase(mask, cell_size, pixel)
        box = _around(mask, int(4 * sigma) + 3)
        share = blur(mask[box].astype(float), sigma)
        wins = share > largest[box]
        result[box][wins] = one
        largest[box][wins] = share[wins]
    return result


def continued(values, valid):
    """The values with those that are not valid replaced by the next valid one of the row, else of the column."""
    values = values.copy()
    for _ in range(2):
        place = np.where(valid, np.arange(values.shape[1]), -1)
        before = np.maximum.accumulate(place, axis=1)
        after = np.where(valid, place, values.shape[1])[:, ::-1]
        after = np.minimum.accumulate(after, axis=1)[:, ::-1]
        nearest = np.where(before >= 0, before, np.minimum(after, values.shape[1] - 1))
        found = (before >= 0) | (after < values.shape[1])
        values = np.where(found, np.take_along_axis(values, nearest, axis=1), values).T
        valid = found.T
    return values


def _around(mask, margin):
    """The slices of the rectangle that holds a mask, `margin` pixels larger on each side."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    return (slice(max(rows[0] - margin, 0), rows[-1] + margin + 1),
            slice(max(columns[0] - margin, 0), columns[-1] + margin + 1))


def grain_boundary_lines(picture):
    """Smooth lines between grains: a list of arrays (n, 2) [m], broken in pores and in metal."""
    x, y = _pixel_coordinates(picture)
    hidden = _hidden(picture)
    lines = []
    for one in np.unique(picture.grain)[1:]:
        box = _around(picture.grain == one, 8)
        here = picture.grain[box]
        if min(here.shape) < 2:
            continue
        # Of each pair of grains the one with the higher number draws the boundary.
        drop = hidden[box] | (blur((here < one).astype(float), 1.5) < 0.25)
        smooth = np.ma.array(blur((here == one).astype(float), 1.5), mask=drop)
        lines += contourpy.contour_generator(x[box[1]], y[box[0]], smooth, corner_mask=True).lines(0.5)
    return lines


# --- Figures -----------------------------------------------------------------------------------------------------------

def common_norm(pictures):
    """One colour scale for several pictures of one field, in the display unit of the largest; rescales their values."""
    largest = max(pictures, key=lambda picture: np.nanmax(np.abs(picture.value), initial=0) / picture.unit.factor)
    for picture in pictures:
        picture.show_in(largest.unit)
    values = np.concatenate([_values_that_count(picture) for picture in pictures])
    return style.colour_scale(values, style.field_style(pictures[0].name).scale)


def _values_that_count(picture):
    """The values by which the range of colours is chosen: shown and, for stresses, not broken."""
    counts = np.isfinite(picture.value)
    if picture.damage is not None and style.field_style(picture.name).scale == "stress":
        counts &= ~(picture.damage > BROKEN)
    return picture.value[counts]


def caption(picture, longest_time):
    """The time and, where the body is drawn deformed, how much."""
    text = style.time_text(picture.time, longest_time)
    return text + (f"\ndisplacement × {picture.magnification:g}" if picture.magnification else "")


def title(picture):
    """"Ionic potential (mV)", "Structure"."""
    if picture.name == STRUCTURE:
        return "Structure"
    text = style.field_style(picture.name).title or label(picture.name)
    return style.with_unit(text, picture.unit)


GAP, MARGIN, HEAD, FOOT, BAR, LEGEND = 0.12, 0.1, 0.36, 0.32, 0.75, 1.15  # [inch]


def panel_size(across, up, height):
    """Width and height [inch] of a panel of this shape, at most `height` high and 1.6 times as wide."""
    width = height * across / up
    return (width, height) if width <= 1.6 * height else (1.6 * height, 1.6 * height * height / width)


def draw_scene(axes, rgb, picture, norm):
    """Shows a rendered view; returns what a colour bar needs."""
    axes.imshow(rgb, interpolation="antialiased")
    axes.axis("off")
    if norm is None:
        return None
    look = style.field_style(picture.name)
    return ScalarMappable(norm, plt.get_cmap(look.cmap))


def size_text(box):
    """"20 × 20 × 30 µm" for sides [m]."""
    unit = display_unit("m", box)
    return " × ".join(f"{side * unit.factor:.3g}" for side in box) + f" {unit}"


def compose(groups, height=3.6, longest_time=None, scenes=None, rows=1):
    """`rows` rows of groups (pictures, norm, ends); each group has a title and one colour bar or legend at its right.

    Time stamps, in the unit that suits `longest_time` [s], and a scale bar stand below. `scenes` gives for the id of each
    picture an RGB image to show instead (a view in 3-D, in which the size of the box stands for the scale bar).
    """
    first = groups[0][0][0]
    left, right, bottom, top = first.extent
    sides = (right - left, top - bottom) if scenes is None else scenes[id(first)].shape[1::-1]
    panel = panel_size(*sides, height)
    if longest_time is None:
        longest_time = max(picture.time for pictures, _, _ in groups for picture in pictures)
    per_row = -(-len(groups) // rows)
    lines = [groups[i:i + per_row] for i in range(0, len(groups), per_row)]
    beside = max(LEGEND if norm is None else BAR for _, norm, _ in groups) if rows > 1 else None  # equal columns

    def width_of(group):
        pictures, norm, _ = group
        return len(pictures) * (panel[0] + GAP) + (beside or (LEGEND if norm is None else BAR))

    size = (MARGIN + max(sum(width_of(group) for group in line) for line in lines), len(lines) * (HEAD + panel[1] + FOOT))
    figure = plt.figure(figsize=size)
    for number, line in enumerate(lines):
        x, y = MARGIN, size[1] - (number + 1) * (HEAD + panel[1] + FOOT) + FOOT
        for group in line:
            draw_group(figure, group, (x, y), panel, longest_time, scenes)
            x += width_of(group)
    return figure


def draw_group(figure, group, corner, panel, longest_time, scenes):
    """The pictures of a group side by side from `corner`, the lower left one, each of size `panel` [inch]."""
    pictures, norm, ends = group
    (x, y), (width, height) = corner, panel
    size = figure.get_size_inches()
    small = plt.rcParams["font.size"] - 1

    def place(left, wide):
        return [left / size[0], y / size[1], wide / size[0], height / size[1]]

    figure.text(x / size[0], (y + height + HEAD - 0.1) / size[1], title(pictures[0]), ha="left", va="top", weight="bold")
    for picture in pictures:
        axes = figure.add_axes(place(x, width))
        drawn = draw(axes, picture, norm) if scenes is None else draw_scene(axes, scenes[id(picture)], picture, norm)
        axes.text(0, -0.02, caption(picture, longest_time), transform=axes.transAxes, ha="left", va="top", fontsize=small,
                  linespacing=1.05)
        x += width + GAP
    if scenes is None:
        style.add_scale_bar(axes, pictures[-1].extent)
    else:
        axes.text(1, -0.02, size_text(pictures[-1].box), transform=axes.transAxes, ha="right", va="top", fontsize=small)
    if norm is not None:
        add_colour_bar(figure, drawn, place(x, 0.11), ends)
    else:
        add_legend(figure, pictures, place(x - 0.05, LEGEND))


def add_colour_bar(figure, drawn, place, ends):
    """A slim colour bar at `place` (left, bottom, width, height) of the figure; pointed ends where values are cut."""
    axes = figure.add_axes(place)
    bar = figure.colorbar(drawn, cax=axes, extend=ends, extendfrac=0.03)
    bar.outline.set_linewidth(0.5)
    if isinstance(drawn.norm, LogNorm):
        axes.yaxis.set_major_locator(LogLocator(numticks=7))
    else:
        bar.locator = MaxNLocator(6, steps=[1, 2, 5, 10])
        bar.update_ticks()
    axes.tick_params(width=0.5, length=2.5)
    return bar


def add_legend(figure, pictures, place):
    """What the colours of the structure mean, for the phases that occur."""
    phases = set().union(*(picture.phases for picture in pictures))
    entries = [("Electrolyte", tuple(style.grain_colours([1])[0]), style.GRAIN_BOUNDARY)]
    if any(picture.damage is not None and np.nanmax(picture.damage) > BROKEN for picture in pictures):
        entries.append(("Crack", style.CRACK, style.CRACK))
    if any(picture.lithium is not None for picture in pictures):
        entries.insert(0, ("Lithium", style.METAL, style.METAL_EDGE))
    if 2 in phases:
        entries.append(("Ionic liquid", style.LIQUID, style.LIQUID_EDGE))
    if 1 in phases:
        entries.append(("Void", style.VOID, style.VOID_EDGE))
    axes = figure.add_axes(place)
    axes.axis("off")
    handles = [Patch(facecolor=face, edgecolor=edge, lw=0.6) for _, face, edge in entries]
    axes.legend(handles, [text for text, _, _ in entries], loc="upper left", handlelength=1, handleheight=1, borderaxespad=0,
                handletextpad=0.5, labelspacing=0.45)
