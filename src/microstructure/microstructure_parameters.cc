#include "microstructure/microstructure_parameters.h"

#include "core/failure.h"

#include <deal.II/base/numbers.h>

namespace lithoclase
{
namespace
{
constexpr double degree = dealii::numbers::PI / 180.; // ranges are in SI units
} // namespace

void WaveParameters::declare(ParameterSection &section)
{
  section.quantity("amplitude", amplitude, "um", Range::non_negative(), "Amplitude of the cosine.");
  section.quantity("wave length", wave_length, "um", Range::positive(),
                   "Wave length. With lateral periodicity the box must hold a whole number of waves.");
  section.quantity("phase", phase, "degree", Range::any(),
                   "Phase at the left side of the box: 0 is a crest.");
  section.quantity("direction", direction, "degree", Range::any(),
                   "Angle between the wave vector and the x axis (3-D only).");
}

void RoughnessParameters::declare(ParameterSection &section)
{
  section.quantity("root mean square", root_mean_square, "um", Range::non_negative(),
                   "Root mean square of the height of the anode interface about its mean; 0 for none.");
  section.optional_quantity("shortest wave length", shortest_wave_length, "um", Range::positive(),
                            "Shortest wave length of the random roughness.", "8 finest cells");
  section.optional_quantity("longest wave length", longest_wave_length, "um", Range::positive(),
                            "Longest wave length of the random roughness.", "box width");
  section.integer("seed", seed, Range::non_negative(), "Seed of the random roughness.");
}

void NotchParameters::declare(ParameterSection &section)
{
  section.quantities("position", position, "um", Range::any(),
                     "Lateral position of the notch's axis: x, in 3-D x, y. Default: the middle of the box.");
  section.quantity("depth", depth, "um", Range::positive(), "Height of the tip above the anode interface.");
  section.quantity("width", width, "um", Range::positive(), "Width at the anode interface.");
  section.choice("shape", shape,
                 {{"wedge", NotchShape::wedge}, {"round", NotchShape::round}, {"slot", NotchShape::slot}},
                 "wedge: straight flanks that meet at the tip; round: half an ellipse; slot: parallel walls "
                 "and a round tip. "
                 "In 3-D the notch is a pit, the shape turned about its axis.");
}

void AnodeParameters::declare(ParameterSection &section)
{
  section.quantity("thickness", thickness, "um", Range::non_negative(),
                   "Mean thickness of the lithium anode, from the bottom of the box. The electrolyte fills "
                   "the rest; the top of "
                   "the box is the counter electrode. 0: no anode.");
  section.subsection("Roughness", roughness, "Random roughness of the anode interface.");
  section.instances("Waves", waves,
                    "Cosines that are added to the anode interface, one subsection each, named at will.");
  section.instances("Notches", notches,
                    "Notches and pits of the electrolyte's surface filled with the anode's metal, one "
                    "subsection each, named at "
                    "will.");
}

void FibreParameters::declare(ParameterSection &section)
{
  section.choice("axis", axis, {{"x", 0u}, {"y", 1u}, {"z", 2u}},
                 "Axis of the box that the crystals follow.");
  section.choice(
      "crystal direction", direction,
      {{"100", CrystalDirection::d100}, {"110", CrystalDirection::d110}, {"111", CrystalDirection::d111}},
      "Direction of the crystal that leans towards the axis.");
  section.quantity(
      "spread", spread, "degree", Range::closed(0., 90. * degree),
      "Root mean square of the angle between that direction and the axis (Fisher distribution on "
      "the sphere); 0: exactly along the axis.");
}

void GrainParameters::declare(ParameterSection &section)
{
  section.choice("arrangement", arrangement,
                 {{"random", GrainArrangement::random},
                  {"regular", GrainArrangement::regular},
                  {"from file", GrainArrangement::from_file}},
                 "random: Voronoi grains of random seed points; regular: squares (cubes); from file: Voronoi "
                 "grains of the "
                 "points in the seed file.");
  section.integer("number of grains", number, Range::at_least(1.),
                  "Number of random grains; 1 for a single crystal.");
  section.optional_quantity(
      "grain size", size, "um", Range::positive(),
      "random: mean diameter (of the disc or sphere of the mean grain's volume), instead of the number of "
      "grains. regular: edge length of the squares (cubes).",
      "from number of grains");
  if (size && section.given("number of grains"))
    throw InputError("Both " + section.where("number of grains") + " and " + section.where("grain size") +
                     " are given; give one of them.");
  section.optional_quantity("grain size deviation", size_deviation, "um", Range::positive(),
                            "Standard deviation of the grain size. Given, the sizes follow a log-normal "
                            "distribution about the grain "
                            "size: a Laguerre tessellation whose weights are fitted. Only with `random`.",
                            "none, a Voronoi structure");
  if (size_deviation && (arrangement != GrainArrangement::random || !size))
    throw InputError(section.where("grain size deviation") +
                     " needs the arrangement `random` and a grain size, the mean.");
  if (size_deviation && *size_deviation > *size)
    throw InputError(section.where("grain size deviation") + " is more than " + section.where("grain size") +
                     "; at most once the mean is possible.");
  section.choice(
      "column axis", column_axis,
      {{"none", ColumnAxis::none}, {"x", ColumnAxis::x}, {"y", ColumnAxis::y}, {"z", ColumnAxis::z}},
      "Columnar grains along this axis; the grain size is then that across the axis. In 2-D x or y.");
  section.optional_quantity("column aspect ratio", column_aspect_ratio, "1", Range::closed(0.05, 100.),
                            "Length of columns by their diameter; below 1 the grains are flat.",
                            "through the box");
  if (column_aspect_ratio && column_axis == ColumnAxis::none)
    throw InputError(section.where("column aspect ratio") + " is given without a column axis.");
  if (column_axis != ColumnAxis::none && arrangement == GrainArrangement::regular)
    throw InputError(section.where("column axis") +
                     " needs random grains or seeds from a file, not a regular arrangement.");
  section.optional_quantity(
      "minimum seed distance", minimum_seed_distance, "um", Range::non_negative(),
      "Least distance between two random seed points: the larger, the more equal the grains.",
      "0.6 of the mean distance");
  section.quantities("offset", offset, "um", Range::any(),
                     "Shift of the regular arrangement per axis. Without it a corner of a grain lies at the "
                     "lower left corner of "
                     "the electrolyte.");
  section.file("seed file", seed_file,
               "Text file with one seed point per line (2 or 3 numbers, box coordinates) below a first line "
               "that states the unit, "
               "e.g. `unit um`. # starts a comment. One number r more per line makes a Laguerre structure of "
               "weights r^2: a point x belongs to the seed p with the least |x - p|^2 - r^2.");
  section.choice(
      "orientation", orientation,
      {{"random", OrientationRule::random},
       {"in plane", OrientationRule::in_plane},
       {"aligned", OrientationRule::aligned},
       {"fibre", OrientationRule::fibre},
       {"from file", OrientationRule::from_file}},
      "Orientation of the grains' crystal axes. random: uniform in space; in plane: turned about "
      "the z axis only; "
      "aligned: all along the axes of the box; fibre: see there; from file: see orientation file.");
  section.subsection("Fibre", fibre, "Fibre texture, with `orientation = fibre`.");
  section.file(
      "orientation file", orientation_file,
      "Text file with Bunge's Euler angles phi1, Phi, phi2 of one grain per line, in the order of the "
      "grains (of the seeds, of the labels), below a first line that states the unit, e.g. `unit degree`. "
      "# starts a comment.");
  if ((orientation == OrientationRule::from_file) == orientation_file.empty())
    throw InputError(section.path("orientation") +
                     " = from file and an orientation file belong together; give both or none.");
  section.integer("seed", seed, Range::non_negative(), "Seed of the random points and orientations.");
}

void BoundaryVariationParameters::declare(ParameterSection &section)
{
  enum class Law
  {
    none,
    conductivity,
    toughness,
    both
  } law = Law::none;
  section.choice("low-angle law", law,
                 {{"none", Law::none},
                  {"conductivity", Law::conductivity},
                  {"toughness", Law::toughness},
                  {"both", Law::both}},
                 "What of boundaries with a small misorientation (of cubic crystals) lies between grain and "
                 "boundary: at an angle t below the limit T the difference to the grain is multiplied by "
                 "(t/T) (1 - ln(t/T)), the law of Read and Shockley for their energy.");
  low_angle_conductivity = law == Law::conductivity || law == Law::both;
  low_angle_toughness = law == Law::toughness || law == Law::both;
  section.quantity("low-angle limit", low_angle_limit, "degree", Range::closed(0.1 * degree, 62. * degree),
                   "Misorientation T from which on boundaries are general ones (Brandon: 15 degrees).");
  section.number(
      "conductivity deviation", conductivity_deviation, Range::closed(0., 3.),
      "Standard deviation of a log-normal factor of mean 1, drawn per boundary, of what the boundary "
      "adds: of a blocking one the resistance, of a leaky one the conductance, ionic and electronic.");
  section.optional_quantity(
      "electronic conductivity deviation", electronic_deviation, "1", Range::closed(0., 3.),
      "The same for electrons alone, whose factors are then drawn apart from those of ions.",
      "the factors of ions");
  section.number("toughness deviation", toughness_deviation, Range::closed(0., 1.),
                 "Standard deviation of a log-normal factor of mean 1 of the boundary's toughness.");
  section.integer("seed", seed, Range::non_negative(), "Seed of the factors.");
}

void PorePopulationParameters::declare(ParameterSection &section)
{
  section.number("porosity", porosity, Range::fraction(),
                 "Volume of these pores, without throats, per volume between anode and counter electrode.");
  section.choice(
      "radius distribution", distribution,
      {{"uniform", RadiusDistribution::uniform}, {"log-normal", RadiusDistribution::log_normal}},
      "uniform: between smallest and largest radius; log-normal: about the mean radius with the radius "
      "deviation.");
  section.quantity("mean radius", mean_radius, "um", Range::positive(), "Mean of log-normal radii.");
  section.quantity("radius deviation", radius_deviation, "um", Range::non_negative(),
                   "Standard deviation of log-normal radii.");
  if (radius_deviation > mean_radius)
    throw InputError(section.where("radius deviation") + " is more than " + section.where("mean radius") +
                     "; at most once the mean is possible.");
  section.quantity(
      "smallest radius", smallest_radius, "um", Range::positive(),
      "Smallest radius; for ellipsoids that of the disc or sphere of equal volume. Radii are uniform between "
      "smallest and largest, then scaled a little, all alike, to meet the porosity.");
  section.quantity("largest radius", largest_radius, "um", Range::positive(), "Largest radius.");
  const bool is_log_normal = distribution == RadiusDistribution::log_normal;
  for (const char *entry : {"mean radius", "radius deviation"})
    if (!is_log_normal && section.given(entry))
      throw InputError(section.where(entry) + " is for log-normal radii; set the radius distribution.");
  for (const char *entry : {"smallest radius", "largest radius"})
    if (is_log_normal && section.given(entry))
      throw InputError(section.where(entry) + " is for uniform radii, but the distribution is log-normal.");
  if (largest_radius < smallest_radius)
    throw InputError("The largest radius, " + section.where("largest radius") +
                     ", is less than the smallest, " + section.where("smallest radius") + ".");
  section.number("aspect ratio", aspect_ratio, Range::closed(0.1, 10.),
                 "One semi-axis of the ellipsoids by the other (others in 3-D); 1: discs or spheres; above 1 "
                 "needles, in 3-D below "
                 "1 flat. The orientation is random.");
  section.choice("place", place,
                 {{"anywhere", PorePlace::anywhere},
                  {"grains", PorePlace::grains},
                  {"boundaries", PorePlace::boundaries},
                  {"triple lines", PorePlace::triple_lines},
                  {"anode interface", PorePlace::anode_interface}},
                 "anywhere in the electrolyte; inside grains, clear of grain boundaries; centred on grain "
                 "boundaries; centred on "
                 "lines where three grains meet (in 2-D points); centred on the anode interface. Only the "
                 "last ones touch the "
                 "anode.");
  section.number(
      "filled fraction", filled_fraction, Range::fraction(),
      "Part of these pores' volume that is filled with ionic liquid; each pore is either filled or empty.");
  section.choice("gradient axis", gradient_axis,
                 {{"stack axis", std::optional<unsigned int>()}, {"x", 0u}, {"y", 1u}, {"z", 2u}},
                 "Axis along which the porosity changes.");
  section.number("porosity gradient", gradient, Range::closed(-1., 1.),
                 "Local porosity by its mean: from 1 - gradient at the lower end of the electrolyte to "
                 "1 + gradient at the upper one.");
  section.number("open fraction", open_fraction, Range::fraction(),
                 "Part of these pores' volume that throats connect to the anode side.");
  section.quantity(
      "throat radius", throat_radius, "um", Range::positive(),
      "Radius of the throats in their middle; they are needles from the centre of one pore to that of "
      "the next.");
  section.integer("seed", seed, Range::non_negative(),
                  "Seed of radii, positions, orientations and fillings.");
}

void SinglePoreParameters::declare(ParameterSection &section)
{
  section.quantities("centre", centre, "um", Range::any(),
                     "Centre of the pore. Default: the middle of the box.");
  section.quantities("semi-axes", semi_axes, "um", Range::positive(),
                     "One radius (disc, sphere) or one semi-axis per space dimension.");
  section.quantities(
      "angles", angles, "degree", Range::any(),
      "Rotation about the z axis; in 3-D also three rotations, about x, y and z in this order.");
  section.choice("filling", filling, {{"empty", PoreFilling::empty}, {"liquid", PoreFilling::liquid}},
                 "empty, or filled with ionic liquid.");
}

void InfiltrationParameters::declare(ParameterSection &section)
{
  section.boolean("active", active,
                  "Ionic liquid fills empty pores from one side: generated ones, or those of a label image. "
                  "Voids by expression stay as they are.");
  section.choice("wetted face", face,
                 {{"left", BoxSide::left},
                  {"right", BoxSide::right},
                  {"front", BoxSide::front},
                  {"back", BoxSide::back},
                  {"bottom", BoxSide::bottom},
                  {"top", BoxSide::top}},
                 "Side of the box where the liquid comes in; bottom: the anode side of the electrolyte.");
  section.choice("liquid", liquid, {{"wetting", Wetting::wetting}, {"non-wetting", Wetting::non_wetting}},
                 "wetting (contact angle below 90 degrees): drawn in, narrow pores fill first; non-wetting: "
                 "pressed in, what lies behind wide throats fills first.");
  section.quantity(
      "smallest throat radius", smallest_throat_radius, "um", Range::non_negative(),
      "Narrower throats let no liquid pass. Non-wetting liquid: 2 gamma |cos theta|/p (surface tension, "
      "contact angle, pressure). In a label image to a quarter of a voxel.");
  section.optional_quantity("liquid volume fraction", volume_fraction, "1", Range::fraction(),
                            "Volume of the liquid by that of all pores.", "as much as can be reached");
}

void PoreParameters::declare(ParameterSection &section)
{
  section.optional_quantity(
      "gap", gap, "um", Range::non_negative(),
      "Least distance of the walls of random pores to each other, to the anode and to the sides of the box.",
      "6 finest cells");
  section.instances("Populations", populations, "Sets of random pores, one subsection each, named at will.");
  section.instances("Single pores", single_pores,
                    "Pores with given place and size, one subsection each, named at will. They may touch "
                    "each other, the anode and "
                    "the sides of the box.");
  section.subsection("Infiltration", infiltration,
                     "Which pores hold ionic liquid by their connection to one side of the box.");
  if (!infiltration.active)
    return;
  const std::string twice = section.path("Infiltration") + " says which pores hold liquid, but ";
  for (const auto &[name, population] : populations)
    if (population.filled_fraction > 0.)
      throw InputError(twice + "the population '" + name + "' has a filled fraction; leave one of them out.");
  for (const auto &[name, pore] : single_pores)
    if (pore.filling == PoreFilling::liquid)
      throw InputError(twice + "the single pore '" + name +
                       "' has the filling liquid; leave one of them out.");
}

void PhaseExpressions::declare(ParameterSection &section)
{
  section.expression("lithium", lithium, "m",
                     "Initial lithium beside the anode, e.g. isolated lithium: positive in the metal.");
  section.expression("empty", empty, "m", "Void beside the pores: positive inside.");
  section.expression("liquid", liquid, "m",
                     "Ionic liquid beside the pores: positive inside; takes precedence over void.");
  section.expression("solid", solid, "m",
                     "Solid electrolyte: positive inside; takes precedence over pores, void and liquid.");
}

void MicrostructureParameters::declare(ParameterSection &section)
{
  section.optional_quantity("band width", band_width, "um", Range::positive(),
                            "Numerical width w_s of grain boundaries and pore walls, at least 3 finest "
                            "cells. Results do not depend "
                            "on it; the true width is a property of the material.",
                            "4 finest cells");
  section.optional_quantity("half width of pore walls", half_width, "um", Range::positive(),
                            "Half the width of the diffuse wall between solid and pore.", "1.5 finest cells");
  section.subsection("Anode", anode,
                     "Lithium anode at the bottom of the box and the shape of its interface.");
  section.subsection("Grains", grains, "Grains of the solid electrolyte.");
  section.subsection("Grain boundaries", boundaries, "How grain boundaries differ from each other.");
  section.subsection("Pores", pores,
                     "Voids and pores filled with ionic liquid: discs and ellipses, spheres and ellipsoids.");
  section.subsection("Phases by expression", phases,
                     "Phases by formulas in x, y, z [m], positive inside. Best written as distances; other "
                     "formulas are divided by "
                     "the length of their gradient.");
  section.subsection("Label image", label_image,
                     "Grains, voids, ionic liquid and lithium from an image instead of generated ones.");
  if (pores.infiltration.active && !label_image.liquid_labels.empty())
    throw InputError(section.path("Pores/Infiltration") + " says which pores hold liquid, but " +
                     section.path("Label image/liquid labels") +
                     " are given; name them among the empty labels instead.");
  const bool generates = grains.arrangement != GrainArrangement::random || grains.number > 1 || grains.size;
  if (!label_image.file.empty() && generates)
    throw InputError(section.path("Label image") + " gives the grains, but " + section.path("Grains") +
                     " asks for some as well; leave one of them out.");
}

std::map<std::string, unsigned long long> MicrostructureParameters::seeds() const
{
  std::map<std::string, unsigned long long> seeds;
  if (grains.number > 1 || grains.size || !label_image.file.empty())
    seeds["grains"] = grains.seed;
  if (boundaries.conductivity_deviation > 0. || boundaries.electronic_deviation ||
      boundaries.toughness_deviation > 0.)
    seeds["grain boundaries"] = boundaries.seed;
  if (anode.roughness.root_mean_square > 0.)
    seeds["roughness"] = anode.roughness.seed;
  for (const auto &[name, population] : pores.populations)
    seeds["pores " + name.substr(name.rfind('/') + 1)] = population.seed;
  return seeds;
}
} // namespace lithoclase
