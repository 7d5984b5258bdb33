"""Draws 3-D results with VTK: the metal as a body, pores, and a vertical slice that carries the picture of a field."""

import os
import shutil
import sys

import field_image
import lithoclase_style as style
import matplotlib.pyplot as plt
import numpy as np
from lithoclase_results import plane_axes, point_data
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkFiltersCore import vtkAppendPolyData, vtkContourFilter, vtkPolyDataNormals, vtkWindowedSincPolyDataFilter
from vtkmodules.vtkFiltersGeneral import vtkTableBasedClipDataSet
from vtkmodules.vtkFiltersGeometry import vtkDataSetSurfaceFilter
from vtkmodules.vtkFiltersSources import vtkLineSource, vtkPlaneSource

# Towards the eye, by the normal of the slice.
VIEW = {"y": (0.55, -1.0, 0.42), "x": (-1.0, 0.55, 0.42), "z": (0.4, -0.7, 1.0)}
_UNDER_XVFB = "LITHOCLASE_UNDER_XVFB"


def ensure_display(arguments):
    """Makes sure that VTK can open a window: without a display, starts the program `arguments` again under xvfb-run.

    Returns False if there is neither a display nor xvfb-run.
    """
    if os.environ.get("DISPLAY"):
        return True
    if os.environ.get(_UNDER_XVFB) or not (shutil.which("xvfb-run") and shutil.which("xauth")):
        return False
    sys.stdout.flush()
    os.execvpe("xvfb-run", ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24", sys.executable] + arguments,
               dict(os.environ, **{_UNDER_XVFB: "1"}))
    return True


def render(snapshot, picture, norm, normal="y", position=0.5, pixels=1400):
    """An RGB image, shape (rows, columns, 3), of the box seen from the front: metal, pores and the slice with `picture`."""
    # Only needed here, and only these need a display.
    import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 (chooses the way to draw)
    from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkWindowToImageFilter
    from vtkmodules.vtkRenderingCore import vtkLightKit

    renderer = vtkRenderer()
    renderer.SetBackground(1, 1, 1)
    renderer.AddActor(_outline(snapshot, VIEW[normal]))
    renderer.AddActor(_slice(snapshot, picture, norm, normal, position))
    for actor in _pores(snapshot) + _metal(snapshot) + _crack(snapshot):
        renderer.AddActor(actor)
    lights = vtkLightKit()
    lights.SetKeyLightIntensity(0.85)
    lights.SetKeyToFillRatio(1.6)
    lights.SetKeyToHeadRatio(1.8)
    lights.SetKeyLightWarmth(0.52)
    lights.SetFillLightWarmth(0.48)
    lights.AddLightsToRenderer(renderer)
    _look(renderer, snapshot, normal)
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(8)
    window.AddRenderer(renderer)
    window.SetSize(pixels, pixels)
    window.Render()
    grab = vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.ReadFrontBufferOff()
    grab.Update()
    image = grab.GetOutput()
    columns, rows, _ = image.GetDimensions()
    rgb = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)[::-1, :, :3].copy()
    window.Finalize()
    return crop(rgb)


def crop(rgb, margin=6):
    """The image without the white around what is drawn."""
    drawn = (rgb < 250).any(axis=2)
    rows, columns = np.nonzero(drawn.any(axis=1))[0], np.nonzero(drawn.any(axis=0))[0]
    if rows.size == 0:
        return rgb
    return rgb[max(rows[0] - margin, 0):rows[-1] + margin + 1, max(columns[0] - margin, 0):columns[-1] + margin + 1]


def _actor(polydata, colour, opacity=1.0):
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(polydata)
    mapper.ScalarVisibilityOff()
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*colour)
    actor.GetProperty().SetOpacity(opacity)
    return actor


def _outline(snapshot, view):
    """The edges of the box but those three that meet at the corner nearest to the eye, which would cross the picture."""
    bounds = np.array(snapshot.bounds).reshape(3, 2)
    nearest = (np.array(view) > 0).astype(int)
    append = vtkAppendPolyData()
    for axis in range(3):
        for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
            corner = np.insert([a, b], axis, 0)
            if np.array_equal(np.delete(corner, axis), np.delete(nearest, axis)):
                continue
            line = vtkLineSource()
            line.SetPoint1(*bounds[range(3), corner])
            corner[axis] = 1
            line.SetPoint2(*bounds[range(3), corner])
            append.AddInputConnection(line.GetOutputPort())
    append.Update()
    actor = _actor(append.GetOutput(), (0.45, 0.47, 0.5))
    actor.GetProperty().SetLineWidth(1.5)
    actor.GetProperty().LightingOff()
    return actor


def _metal(snapshot):
    """The closed body where lithium > 1/2."""
    if not field_image.has_metal(snapshot):
        return []
    grid = point_data(snapshot, "lithium")
    grid.GetPointData().SetActiveScalars(snapshot.full_name("lithium"))
    clip = vtkTableBasedClipDataSet()
    clip.SetInputData(grid)
    clip.SetInputArrayToProcess(0, 0, 0, 0, snapshot.full_name("lithium"))
    clip.SetValue(0.5)
    surface = vtkDataSetSurfaceFilter()
    surface.SetInputConnection(clip.GetOutputPort())
    surface.Update()
    if surface.GetOutput().GetNumberOfCells() == 0:
        return []
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(surface.GetOutputPort())
    normals.SetFeatureAngle(50)
    normals.Update()
    actor = _actor(normals.GetOutput(), tuple(min(1.0, 1.12 * c) for c in style.METAL))
    actor.GetProperty().SetSpecular(0.45)
    actor.GetProperty().SetSpecularPower(25)
    actor.GetProperty().SetDiffuse(0.85)
    actor.GetProperty().SetAmbient(0.15)
    return [actor]


def _crack(snapshot):
    """The surface around what is broken, at a lower damage, where it has no holes on a coarse mesh."""
    if "damage" not in snapshot or snapshot.values("damage").max() <= field_image.BROKEN:
        return []
    contour = vtkContourFilter()
    contour.SetInputData(point_data(snapshot, "damage"))
    contour.SetInputArrayToProcess(0, 0, 0, 0, snapshot.full_name("damage"))
    contour.SetValue(0, 0.8)
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(contour.GetOutputPort())
    normals.Update()
    if normals.GetOutput().GetNumberOfCells() == 0:
        return []
    return [_actor(normals.GetOutput(), style.CRACK_FACE)]


def _pores(snapshot):
    """Voids and pores with liquid as translucent smooth surfaces."""
    actors = []
    if "phase" not in snapshot:
        return actors
    phase = np.round(snapshot.values("phase"))
    for number, colour in ((1, (0.93, 0.92, 0.9)), (2, style.LIQUID)):
        surface = _surface_of(snapshot, (phase == number).astype(float))
        if surface is not None:
            actor = _actor(surface, colour, 0.6)
            actor.GetProperty().SetSpecular(0.2)
            actors.append(actor)
    return actors


def _surface_of(snapshot, mask):
    """Smooth surface of the cells or points where mask (n,) is 1; None if there are none."""
    if not mask.any():
        return None
    from lithoclase_results import Snapshot
    from vtkmodules.vtkCommonDataModel import vtkUnstructuredGrid
    grid = vtkUnstructuredGrid()
    grid.CopyStructure(snapshot.grid)
    array = numpy_to_vtk(mask, deep=True)
    array.SetName("mask")
    (grid.GetPointData() if snapshot.location("phase") == "point" else grid.GetCellData()).AddArray(array)
    contour = vtkContourFilter()
    contour.SetInputData(point_data(Snapshot(0.0, grid, snapshot.path), "mask"))
    contour.SetInputArrayToProcess(0, 0, 0, 0, "mask")
    contour.SetValue(0, 0.5)
    smooth = vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(contour.GetOutputPort())
    smooth.SetNumberOfIterations(25)
    smooth.SetPassBand(0.05)
    smooth.NormalizeCoordinatesOn()
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(smooth.GetOutputPort())
    normals.SplittingOff()
    normals.Update()
    return normals.GetOutput() if normals.GetOutput().GetNumberOfCells() else None


def _slice(snapshot, picture, norm, normal, position):
    """A rectangle in the box that carries the 2-D picture, without light so that its colours are those of the bar."""
    from vtkmodules.vtkRenderingCore import vtkTexture
    across, up, through = plane_axes(snapshot.dim, normal)
    bounds = np.array(snapshot.bounds).reshape(3, 2)
    corner = bounds[:, 0].copy()
    corner[through] += position * (bounds[through, 1] - bounds[through, 0])
    plane = vtkPlaneSource()
    plane.SetOrigin(*corner)
    for axis, place in ((across, plane.SetPoint1), (up, plane.SetPoint2)):
        point = corner.copy()
        point[axis] = bounds[axis, 1]
        place(*point)
    plane.Update()
    texture = vtkTexture()
    texture.SetInputData(_as_image(_drawing(picture, norm)))
    texture.InterpolateOn()
    texture.MipmapOn()
    actor = _actor(plane.GetOutput(), (1, 1, 1))
    actor.SetTexture(texture)
    actor.GetProperty().LightingOff()
    return actor


def _drawing(picture, norm):
    """The 2-D picture without frame as RGB, shape (rows, columns, 3)."""
    left, right, bottom, top = picture.extent
    height = 4.5
    figure = plt.figure(figsize=(height * (right - left) / (top - bottom), height), dpi=250)
    field_image.draw(figure.add_axes([0, 0, 1, 1]), picture, norm)
    figure.canvas.draw()
    rgb = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
    plt.close(figure)
    return rgb


def _as_image(rgb):
    image = vtkImageData()
    image.SetDimensions(rgb.shape[1], rgb.shape[0], 1)
    scalars = numpy_to_vtk(np.ascontiguousarray(rgb[::-1]).reshape(-1, 3), deep=True)
    scalars.SetName("colour")
    image.GetPointData().SetScalars(scalars)
    return image


def _look(renderer, snapshot, normal):
    """Parallel view from the front, a little from the right and from above; the stack axis z points up."""
    camera = renderer.GetActiveCamera()
    bounds = np.array(snapshot.bounds).reshape(3, 2)
    middle = bounds.mean(axis=1)
    camera.SetFocalPoint(*middle)
    camera.SetPosition(*(middle + np.array(VIEW[normal]) * np.linalg.norm(bounds[:, 1] - bounds[:, 0])))
    camera.SetViewUp(0, 0, 1)
    camera.ParallelProjectionOn()
    renderer.ResetCamera(snapshot.bounds)
    renderer.ResetCameraClippingRange()
    camera.Zoom(1.1)
