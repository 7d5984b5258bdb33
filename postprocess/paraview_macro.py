"""Opens the fields of a run in ParaView (5.10 or newer), up to four views with colours that suit what the run has.

In ParaView, with fields.pvd open and selected: Macros > Import new macro... > this file; it then has a button. From a shell:

    LITHOCLASE_FIELDS=results/a/fields.pvd paraview --script=postprocess/paraview_macro.py
    pvpython postprocess/paraview_macro.py results/a/fields.pvd picture.png     -> a picture and picture.pvsm, a state for ParaView

Grains are sand-coloured, voids white, ionic liquid blue, metal silver, what is broken (damage above 0.9) black; potentials
and pressure have perceptually uniform colours, stresses and overpotentials blue and red about zero. In 3-D the fields are on a
slice.
All views share camera and time. ParaView's Python alone is needed; this file imports nothing of Lithoclase.
"""

import os
import sys

from paraview import simple as pv

METAL = [0.706, 0.729, 0.761]
CRACK = [0.114, 0.059, 0.078]
INK = [0.122, 0.137, 0.157]
SAND = [(0.953, 0.918, 0.851), (0.902, 0.843, 0.741), (0.851, 0.769, 0.639), (0.800, 0.698, 0.549)]
VOID, LIQUID = [1.0, 1.0, 1.0], [0.561, 0.749, 0.878]
BROKEN = 0.9

# Plain name -> (title, preset, range: "all", "symmetric" about zero, "fraction" from 0 to 1). The first four that a run has
# are shown, after the structure.
FIELDS = [
    ("ionic_potential", ("Ionic potential", "Viridis (matplotlib)", "all")),
    ("damage", ("Damage", None, "fraction")),
    ("first_principal_stress", ("First principal stress", "Cool to Warm", "symmetric")),
    ("lithium_pressure", ("Pressure in lithium", "Plasma (matplotlib)", "all")),
    ("electronic_potential", ("Electronic potential", "Viridis (matplotlib)", "all")),
    ("ionic_current_density", ("Ionic current density", "Inferno (matplotlib)", "all")),
    ("electronic_current_density", ("Electronic current density", "Magma (matplotlib)", "all")),
    ("overpotential", ("Overpotential", "Cool to Warm", "symmetric")),
    ("hydrostatic_pressure", ("Hydrostatic pressure", "Cool to Warm", "symmetric")),
    ("potential_deviation", ("Deviation of the potential per field", "Cool to Warm", "symmetric")),
]
MAX_VIEWS = 4


class Arrays:
    """Arrays of a source by plain name: "lithium" for "lithium [1]"."""

    def __init__(self, source):
        self.found = {}  # plain name -> (full name, POINTS or CELLS, components)
        for where, data in (("CELLS", source.CellData), ("POINTS", source.PointData)):
            for array in data:
                self.found[array.Name.split(" [")[0]] = (array.Name, where, array.GetNumberOfComponents())

    def __contains__(self, name):
        return name in self.found

    def __getitem__(self, name):
        return self.found[name]


def find_source(path=None):
    """The source to show: the given file, that of LITHOCLASE_FIELDS, else what is selected in ParaView."""
    path = path or os.environ.get("LITHOCLASE_FIELDS")
    if path:
        if not os.path.isfile(path):
            raise SystemExit(f"paraview_macro: there is no file {path}")
        source = pv.PVDReader(FileName=os.path.abspath(path)) if path.endswith(".pvd") else pv.OpenDataFile(path)
    else:
        source = pv.GetActiveSource()
    if source is None:
        raise SystemExit("paraview_macro: open fields.pvd of a run and select it, then call the macro again")
    return source


def show_last_time(source):
    """Goes to the last time and returns it."""
    source.UpdatePipelineInformation()
    times = source.TimestepValues if "TimestepValues" in source.ListProperties() else None
    times = [0.0] if times is None else list(times) if hasattr(times, "__len__") else [times]
    scene = pv.GetAnimationScene()
    scene.UpdateAnimationUsingDataTimeSteps()
    scene.AnimationTime = times[-1]
    source.UpdatePipeline(times[-1])
    return times[-1]


def bounds_of(source):
    return source.GetDataInformation().GetBounds()


def size_of(source):
    """The longest side of the box around a source [m]."""
    bounds = bounds_of(source)
    return max(bounds[2 * i + 1] - bounds[2 * i] for i in range(3))


def is_3d(source):
    low, high = bounds_of(source)[4:]
    return high > low


def add_first_principal_stress(source, arrays, time):
    """The source with the first component of the principal stresses as an array of its own."""
    if "principal_stresses" not in arrays:
        return source
    name, where, _ = arrays["principal_stresses"]
    calculator = pv.Calculator(registrationName="First principal stress", Input=source)
    calculator.AttributeType = "Cell Data" if where == "CELLS" else "Point Data"
    calculator.Function = f'"{name}_X"' if pv.GetParaViewVersion() >= (5, 11) else f"{name}_X"
    calculator.ResultArrayName = "first_principal_stress [Pa]"
    calculator.UpdatePipeline(time)
    return calculator


def between(source, arrays, name, low, high):
    """The part of the body where a field at the points lies between two values."""
    part = pv.IsoVolume(registrationName=name.capitalize(), Input=source)
    part.InputScalars = ["POINTS", arrays[name][0]]
    part.ThresholdRange = [low, high]
    return part


def keep(source, arrays, name, low, high, title=None):
    """The cells whose field lies between two values."""
    part = pv.Threshold(registrationName=title or f"{name} from {low} to {high}", Input=source)
    part.Scalars = [arrays[name][1], arrays[name][0]]
    part.LowerThreshold, part.UpperThreshold = low, high
    return part


def slice_of(source, time):
    """The source in 2-D, else its slice through the middle, across y."""
    if not is_3d(source):
        return source
    cut = pv.Slice(registrationName="Slice", Input=source)
    bounds = bounds_of(source)
    cut.SliceType.Origin = [0.5 * (bounds[2 * i] + bounds[2 * i + 1]) for i in range(3)]
    cut.SliceType.Normal = [0, 1, 0]
    cut.UpdatePipeline(time)
    return cut


# --- Views -------------------------------------------------------------------------------------------------------------

def make_view(title):
    view = pv.CreateView("RenderView")
    view.OrientationAxesVisibility = 0
    view.UseColorPaletteForBackground = 0
    view.Background = [1, 1, 1]
    text = pv.Text(registrationName=title, Text=title)
    shown = pv.Show(text, view)
    shown.Color, shown.FontSize, shown.WindowLocation = INK, 16, "Upper Left Corner"
    return view


def show_plain(source, view, colour):
    shown = pv.Show(source, view)
    shown.ColorArrayName = ["POINTS", ""]
    shown.AmbientColor = shown.DiffuseColor = colour
    shown.Ambient = 0.25
    if not is_3d(source):
        without_light(shown)
    return shown


def without_light(shown):
    """Colours as they are in the scale: light would darken what lies flat."""
    shown.Ambient, shown.Diffuse, shown.Specular = 1.0, 0.0, 0.0


def show_structure(body, plane, arrays, view):
    """Grains and ionic liquid."""
    name = "grain" if "grain" in arrays else "phase" if "phase" in arrays else None
    if name:
        colour_categories(plane, view, arrays[name][0], name)
    else:
        show_plain(plane, view, SAND[1])
    if "phase" in arrays:
        liquid = keep(plane, arrays, "phase", 1.5, 2.5, "Ionic liquid")
        show_flat(liquid, body, view, LIQUID)


def show_flat(part, body, view, colour):
    """A part of the plane."""
    shown = show_plain(part, view, colour)
    without_light(shown)
    in_front(shown, body)


def show_parts(body, voids, metal, cracks, view):
    """Voids, metal and cracks, in front of what they lie in."""
    if voids is not None:
        show_flat(voids, body, view, VOID)
    for part, colour in ((metal, METAL), (cracks, CRACK)):
        if part is not None:
            in_front(show_plain(part, view, colour), body)


def in_front(shown, body):
    """Drawn over the plane that it lies in: a little nearer to the camera."""
    step = 2e-4 * size_of(body)
    shown.Position = [0, -step, 0] if is_3d(body) else [0, 0, step]


def colour_categories(plane, view, full_name, name):
    """Grain numbers in four tones of sand, phases in their own colours."""
    shown = pv.Show(plane, view)
    pv.ColorBy(shown, ("CELLS", full_name))
    table = pv.GetColorTransferFunction(full_name)
    table.InterpretValuesAsCategories = 1
    low, high = plane.CellData[full_name].GetRange(0)
    values = range(int(low), int(high) + 1)
    colours = {0: SAND[1], 1: VOID, 2: LIQUID} if name == "phase" else {}
    table.Annotations = [text for value in values for text in (str(value), str(value))]
    table.IndexedColors = [c for value in values for c in colours.get(value, SAND[value % len(SAND)])]
    shown.SetScalarBarVisibility(view, False)
    without_light(shown)


def show_field(plane, body, arrays, name, style, view, time):
    """A field in its colours, with its unit at the scale."""
    title, preset, kind = style
    full_name, where, components = arrays[name]
    shown = pv.Show(plane, view)
    pv.ColorBy(shown, (where, full_name, "Magnitude") if components > 1 else (where, full_name))
    without_light(shown)
    table = pv.GetColorTransferFunction(full_name)
    if preset:
        table.ApplyPreset(preset, True)
    else:  # white where intact
        table.RGBPoints = [0, 1, 1, 1, 0.35, 0.93, 0.62, 0.37, 0.7, 0.60, 0.22, 0.24, 1, *CRACK]
        table.ColorSpace = "RGB"
    table.AutomaticRescaleRangeMode = "Never"  # else by what is broken or empty too
    table.RescaleTransferFunction(*colour_range(body, arrays, full_name, where, components, kind, time))
    bar = pv.GetScalarBar(table, view)
    bar.Title = full_name.split(" [")[-1].rstrip("]") if not full_name.endswith("[1]") else ""
    bar.ComponentTitle = ""
    bar.TitleColor = bar.LabelColor = INK
    bar.ScalarBarLength, bar.TitleFontSize, bar.LabelFontSize = 0.5, 14, 13
    shown.SetScalarBarVisibility(view, True)


def colour_range(body, arrays, full_name, where, components, kind, time):
    """Ends of the colours at the last time, of the intact electrolyte: what is broken or empty has no meaningful values."""
    if kind == "fraction":
        return 0.0, 1.0
    used = [body]
    for field, limit in (("damage", 0.5), ("phase", 0.5)):
        if field in arrays:
            used.append(keep(used[-1], arrays, field, -1.0, limit))
    intact = used[-1]
    intact.UpdatePipeline(time)
    data = intact.CellData if where == "CELLS" else intact.PointData
    low, high = data[full_name].GetRange(-1 if components > 1 else 0) if full_name in data.keys() else (0.0, 1.0)
    for part in reversed(used[1:]):
        pv.Delete(part)
    if kind == "symmetric":
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def aim(view, source):
    """Parallel projection: in 2-D from the front, in 3-D at a slant; the stack axis is up."""
    bounds = bounds_of(source)
    centre = [0.5 * (bounds[2 * i] + bounds[2 * i + 1]) for i in range(3)]
    size = size_of(source)
    away, up = ([0.6, -1.0, 0.45], [0, 0, 1]) if is_3d(source) else ([0, 0, 1], [0, 1, 0])
    view.CameraParallelProjection = 1
    view.CameraFocalPoint = centre
    view.CameraPosition = [c + 3 * size * a for c, a in zip(centre, away)]
    view.CameraViewUp = up
    width, height = view.ViewSize
    view.CameraParallelScale = (0.72 if is_3d(source) else 0.62) * size * max(1.0, height / width)


def arrange(views):
    """The views in a lattice of two columns, with one camera."""
    pv.RemoveLayout()
    layout = pv.CreateLayout("Lithoclase")
    cells = [0]
    if len(views) > 1:
        layout.SplitHorizontal(0, 0.5)
        cells = [1, 2]
    for i in range(len(views) - 2):
        layout.SplitVertical(cells[i], 0.5)
    places = [1, 2] if len(views) == 2 else [3, 4 if len(views) == 3 else 5, 4, 6]
    if len(views) == 1:
        places = [0]
    elif len(views) == 3:
        places = [3, 2, 4]
    for view, place in zip(views, places):
        layout.AssignView(place, view)
    for view in views[1:]:
        pv.AddCameraLink(views[0], view, f"{id(view)}")
    return layout


def build(path=None, size=None):
    """The layout with all views of the source; `size` in pixels, for pictures (two views: half as high)."""
    source = find_source(path)
    time = show_last_time(source)
    old = pv.GetActiveView()
    arrays = Arrays(source)
    body = add_first_principal_stress(source, arrays, time)
    arrays = Arrays(body)
    plane = slice_of(body, time)
    voids = keep(plane, arrays, "phase", 0.5, 1.5, "Voids") if "phase" in arrays else None
    metal = between(body, arrays, "lithium", 0.5, 2.0) if "lithium" in arrays else None
    cracks = between(body, arrays, "damage", BROKEN, 2.0) if "damage" in arrays else None
    views = [make_view("Structure")]
    show_structure(body, plane, arrays, views[0])
    show_parts(body, voids, metal, cracks, views[0])
    for name, style in [entry for entry in FIELDS if entry[0] in arrays][:MAX_VIEWS - 1]:
        views.append(make_view(style[0]))
        show_field(plane, body, arrays, name, style, views[-1], time)
        if name != "damage" or is_3d(body):
            show_parts(body, voids, metal, None if is_3d(body) else cracks, views[-1])
    stamp = pv.AnnotateTimeFilter(registrationName="Time", Input=source, Format="t = {time:g} s")
    shown = pv.Show(stamp, views[0])
    shown.Color, shown.FontSize, shown.WindowLocation = INK, 14, "Lower Left Corner"
    if old is not None:
        pv.Delete(old)
    layout = arrange(views)
    if size:
        layout.SetSize(size[0], size[1] if len(views) > 2 else size[1] // 2)
    pv.RenderAllViews()  # a first picture sets the camera anew
    for view in views:
        aim(view, body)
    pv.SetActiveView(views[0])
    pv.RenderAllViews()
    return layout


def main(arguments):
    layout = build(arguments[0] if arguments else None, (1400, 1200) if len(arguments) > 1 else None)
    if len(arguments) > 1:
        pv.SaveScreenshot(arguments[1], layout)
        pv.SaveState(os.path.splitext(arguments[1])[0] + ".pvsm")
        print(arguments[1])


if __name__ in ("__main__", "__vtkconsole__"):
    main(sys.argv[1:])
