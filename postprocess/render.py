#!/usr/bin/env python3
"""Draws the fields of a run: each at its last time, an overview, a film strip and an animation over time.

    render.py results/llzo_polycrystal                              -> results/llzo_polycrystal/pictures/*.png and .gif
    render.py results/a --fields structure,ionic_potential --time 120 --format png,pdf
    render.py results/a/fields/fields_000042.vtkhdf --fields overpotential --range overpotential=-0.02:0.02
    render.py results/crack --deformed 50                           -> on the deformed body, displacements times 50

Grain boundaries are thin lines, metal is silver with its outline (lithium = 1/2), voids are white (grey where white is a value),
ionic liquid has a blue rim and what is broken (damage above 0.9) is black. The range of colours of stresses leaves out what is
broken and the highest peaks. "structure" is the picture of grains, pores, cracks and metal. In 3-D a vertical slice carries the
picture, and metal and cracks stand before it. Needs no display.
"""

import argparse
import shutil
import sys
from pathlib import Path

import lithoclase_style as style
import field_image
import matplotlib.pyplot as plt
import numpy as np
import scene
from field_image import STRUCTURE
from lithoclase_results import ResultError, open_frames
from matplotlib.animation import FFMpegWriter, PillowWriter
from matplotlib.colors import Normalize

# The first four of those that a run has, electrochemistry and mechanics in turn where it has both.
OVERVIEW_ELECTRIC = [STRUCTURE, "ionic_potential", "ionic_current_density", "electronic_current_density"]
OVERVIEW_MECHANIC = [STRUCTURE, "damage", "first_principal_stress", "hydrostatic_pressure", "displacement"]
OVERVIEW_BOTH = [STRUCTURE, "ionic_potential", "damage", "first_principal_stress", "ionic_current_density",
                 "hydrostatic_pressure"]
NOT_BY_DEFAULT = {"grain", "phase", "grain_boundary", "stress", "principal_stresses"}
DEFORMATION = 0.05  # largest displacement that --deformed shows, in sides of the box
MAX_ANIMATION_FRAMES = 80
STRIP_WIDTH = 8.0  # [inch]


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    style.use_style()
    try:
        Renderer(options, arguments).run()
    except ResultError as error:
        sys.exit(f"render: {error}")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="folder of results, .pvd, .vtkhdf.series, .vtkhdf, .pvtu or .vtu file")
    parser.add_argument("--fields", type=lambda text: text.split(","), metavar="NAMES",
                        help="fields to draw, and 'structure' (default: all)")
    parser.add_argument("--time", type=float, metavar="T",
                        help="time in s of the single pictures; the nearest output is taken (default: last)")
    parser.add_argument("--strip", type=int, default=5, metavar="N", help="pictures in the film strips, 0 for none (default: 5)")
    parser.add_argument("--strip-fields", type=lambda text: text.split(","), metavar="NAMES",
                        help="fields of the film strips and the animations (default: structure and damage, what is there)")
    parser.add_argument("--animation", choices=["gif", "mp4", "none"], default="gif", help="mp4 needs ffmpeg (default: gif)")
    parser.add_argument("--range", action="append", default=[], type=colour_range, metavar="FIELD=LOW:HIGH",
                        help="colour range in SI units; may be repeated")
    parser.add_argument("--slice", default="y=0.5", type=slice_plane, metavar="AXIS=POSITION",
                        help="plane of 3-D pictures, position between 0 and 1 (default: y=0.5)")
    parser.add_argument("--deformed", nargs="?", const="auto", type=magnification, metavar="FACTOR",
                        help="draw the deformed body, displacements times FACTOR (default: such that they are seen)")
    parser.add_argument("--flat", action="store_true", help="in 3-D draw only the slice")
    parser.add_argument("--format", type=lambda text: text.split(","), default=["png"],
                        help="png, pdf, svg or several (default: png)")
    parser.add_argument("--pixels", type=int, default=1200, help="pixels along the longer side (default: 1200)")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where to write (default: pictures/ in the results)")
    return parser.parse_args(arguments)


def colour_range(text):
    name, _, ends = text.partition("=")
    try:
        low, high = (float(end) for end in ends.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form field=low:high") from None
    if not low < high:
        raise argparse.ArgumentTypeError(f"'{text}': the lower end is not below the upper one")
    return name, (low, high)


def magnification(text):
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if text != "auto" and not 0 < factor < np.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number")
    return text if text == "auto" else factor


def slice_plane(text):
    axis, _, position = text.partition("=")
    try:
        position = float(position)
    except ValueError:
        position = -1.0
    if axis not in ("x", "y", "z") or not 0 <= position <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not x, y or z = a number between 0 and 1")
    return axis, position


class Renderer:
    """Draws what the options ask for."""

    def __init__(self, options, arguments):
        self.options = options
        self.frames = open_frames(options.results)
        results = options.results
        self.folder = options.output or (results if results.is_dir() else results.parent) / "pictures"
        last = self.frames[-1].read()
        self.all_names = [STRUCTURE] + last.names
        self.names = [name for name in self.all_names if name not in NOT_BY_DEFAULT and self.worth_drawing(name, last)]
        self.is_3d = last.dim == 3 and not options.flat
        if self.is_3d and not scene.ensure_display([str(Path(__file__).resolve())] + list(arguments)):
            print("render: there is neither a display nor xvfb-run: drawing only the slice")
            self.is_3d = False
        self.ranges = dict(options.range)
        for name in (options.fields or []) + (options.strip_fields or []) + list(self.ranges):
            if name not in self.all_names:
                raise ResultError(f"{last.path} has no field '{name}'; it has: {', '.join(self.all_names)}")
        self.longest_time = self.frames[-1].time
        self.magnification, self.view = 0.0, None
        if options.deformed is not None:
            self.choose_deformation(last)

    @staticmethod
    def worth_drawing(name, last):
        """Not the structure of a plain block, and no lithium where there is none."""
        if name == STRUCTURE:
            return field_image.has_structure(last) or len(last.names) == 0
        return name != "lithium" or field_image.has_metal(last)

    def choose_deformation(self, last):
        """How much displacements are magnified, and the view that holds the body at all times."""
        sides = np.diff(np.reshape(last.bounds, (3, 2))).max()
        self.magnification = self.options.deformed
        if self.magnification == "auto":
            largest = np.linalg.norm(last.values("displacement"), axis=1).max()
            self.magnification = style.nice_length(DEFORMATION * sides / largest) if largest > 0 else 1.0
        frames = self.chosen_frames(max(self.options.strip, 2)) + [self.nearest_frame()]
        bounds = [np.reshape(last.bounds, (3, 2))]
        for frame in frames:
            snapshot = frame.read(["displacement"]).deformed(self.magnification)
            bounds.append(np.reshape(snapshot.bounds, (3, 2)))
        margin = np.where(np.diff(bounds[0]).ravel() > 0, 0.015 * sides, 0.0)
        low, high = np.min(bounds, axis=0)[:, 0] - margin, np.max(bounds, axis=0)[:, 1] + margin
        self.view = tuple(np.stack([low, high], axis=1).ravel())

    def read(self, frame, names=None):
        """The Snapshot of a frame, deformed if asked for."""
        if not self.magnification:
            return frame.read(names)
        return frame.read(names and names + ["displacement"]).deformed(self.magnification, self.view)

    def run(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        snapshot = self.read(self.nearest_frame())
        for name in self.options.fields or self.names:
            picture = self.picture(snapshot, name)
            self.save(self.compose([self.group([picture])], {id(picture): snapshot}), name)
        overview = self.overview_names()
        if self.options.fields is None and len(overview) > 1:
            self.draw_overview(snapshot, overview)
        if len(self.frames) > 1:
            for name in self.options.strip_fields or self.series_names():
                self.draw_series(name)

    def overview_names(self):
        """Up to four fields that show what the run is about."""
        electric, mechanic = "ionic_potential" in self.names, "first_principal_stress" in self.names
        order = OVERVIEW_BOTH if electric and mechanic else OVERVIEW_MECHANIC if mechanic else OVERVIEW_ELECTRIC
        return [name for name in order if name in self.names][:4]

    def series_names(self):
        """What changes: the structure if metal grows in it, the damage; else a stress or the structure."""
        names = [name for name, source in ((STRUCTURE, "lithium"), ("damage", "damage")) if source in self.names]
        candidates = [name for name in ("first_principal_stress", STRUCTURE) + tuple(self.names) if name in self.names]
        return names or candidates[:1]

    def nearest_frame(self):
        if self.options.time is None:
            return self.frames[-1]
        return min(self.frames, key=lambda frame: abs(frame.time - self.options.time))

    def draw_overview(self, snapshot, names):
        pictures = [self.picture(snapshot, name) for name in names]
        left, right, bottom, top = pictures[0].extent
        rows = 2 if len(pictures) == 4 and right - left > 0.8 * (top - bottom) else 1  # as square as possible
        groups = [self.group([picture]) for picture in pictures]
        self.save(self.compose(groups, {id(picture): snapshot for picture in pictures}, rows), "overview")

    def draw_series(self, name):
        """The film strip and the animation of one field, with the colours of the film strip."""
        strip = self.chosen_frames(max(self.options.strip, 2))
        snapshots = [self.read(frame, field_image.needed_fields(self.all_names, name)) for frame in strip]
        pictures = [self.picture(snapshot, name, pixels=700) for snapshot in snapshots]
        group = self.group(pictures)
        if self.options.strip > 0:
            left, right, bottom, top = pictures[0].extent
            height = min(3.6, STRIP_WIDTH / len(pictures) * (top - bottom) / (right - left))
            self.save(self.compose([group], {id(p): s for p, s in zip(pictures, snapshots)}, height=height), name + "_strip")
        if self.options.animation != "none":
            self.animate(name, group)

    def animate(self, name, group):
        """One figure per output time, put together to a .gif or .mp4 of about ten seconds."""
        kind = self.options.animation
        if kind == "mp4" and not shutil.which("ffmpeg"):
            print("render: mp4 needs ffmpeg, which is not there: writing a gif")
            kind = "gif"
        frames = self.chosen_frames(MAX_ANIMATION_FRAMES)
        fps = max(2, min(15, len(frames) // 8))
        writer = FFMpegWriter(fps=fps, bitrate=4000) if kind == "mp4" else PillowWriter(fps=fps)
        path = self.folder / f"{name}.{kind}"
        pictures, norm, ends = group
        images = []
        for frame in frames:
            snapshot = self.read(frame, field_image.needed_fields(self.all_names, name))
            picture = self.picture(snapshot, name, pixels=600)
            if norm is not None:
                picture.show_in(pictures[0].unit)
            figure = self.compose([([picture], norm, ends)], {id(picture): snapshot})
            figure.set_dpi(120)
            figure.canvas.draw()
            images.append(np.asarray(figure.canvas.buffer_rgba()).copy())
            plt.close(figure)
        write_movie(writer, path, images)
        print(path)

    def chosen_frames(self, count):
        """At most `count` frames, evenly spread, first and last among them."""
        if len(self.frames) <= count:
            return self.frames
        return [self.frames[i] for i in np.unique(np.linspace(0, len(self.frames) - 1, count).round().astype(int))]

    def picture(self, snapshot, name, pixels=None):
        axis, position = self.options.slice
        return field_image.make_picture(snapshot, name, pixels or self.options.pixels, axis, position)

    def group(self, pictures):
        """(pictures, norm, ends) of one field, with the range that the user gave."""
        name = pictures[0].name
        if name == STRUCTURE:
            return pictures, None, "neither"
        norm, ends = field_image.common_norm(pictures)
        if name in self.ranges:
            low, high = (end * pictures[0].unit.factor for end in self.ranges[name])
            norm, ends = Normalize(low, high), "both"
        return pictures, norm, ends

    def compose(self, groups, snapshots, rows=1, height=3.6):
        """The figure of groups; `snapshots` has the Snapshot of each picture by id."""
        if not self.is_3d:
            return field_image.compose(groups, height, self.longest_time, rows=rows)
        axis, position = self.options.slice
        images = {}
        for pictures, norm, _ in groups:
            for picture in pictures:
                images[id(picture)] = scene.render(snapshots[id(picture)], picture, norm, axis, position)
        return field_image.compose(groups, 1.15 * height, self.longest_time, images, rows)

    def save(self, figure, name):
        for kind in self.options.format:
            path = self.folder / f"{name}.{kind}"
            figure.savefig(path, dpi=220)
            print(path)
        plt.close(figure)


def write_movie(writer, path, images):
    """Writes RGBA images, shape (rows, columns, 4), all of one size."""
    rows = min(image.shape[0] for image in images) // 2 * 2
    columns = min(image.shape[1] for image in images) // 2 * 2  # even sides: ffmpeg needs them
    figure = plt.figure(figsize=(columns / 100, rows / 100), dpi=100)
    shown = figure.add_axes([0, 0, 1, 1])
    shown.axis("off")
    image = shown.imshow(images[0][:rows, :columns])
    with writer.saving(figure, str(path), dpi=100):
        for frame in images:
            image.set_data(frame[:rows, :columns])
            writer.grab_frame()
    plt.close(figure)


if __name__ == "__main__":
    main()
