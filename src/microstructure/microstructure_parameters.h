#pragma once

#include "core/parameter_section.h"
#include "microstructure/label_image_parameters.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lithoclase
{
/// One cosine of the anode interface: amplitude * cos(2 pi x/wave_length + phase), x from the box's left
/// side.
struct WaveParameters
{
  double amplitude = 2e-7;   ///< [m]
  double wave_length = 1e-5; ///< [m]
  double phase = 0.;         ///< [rad]
  double direction = 0.;     ///< angle of the wave vector to the x axis, 3-D [rad]

  void declare(ParameterSection &section);
};

/// A sum of cosines that fit the box, with random phases and amplitudes that grow with the wave length.
struct RoughnessParameters
{
  double root_mean_square = 0.;               ///< [m]
  std::optional<double> shortest_wave_length; ///< [m]
  std::optional<double> longest_wave_length;  ///< [m]
  unsigned long long seed = 1;

  void declare(ParameterSection &section);
};

enum class NotchShape
{
  wedge,
  round,
  slot
};

/// A flaw of the electrolyte's surface that is filled with the metal of the anode; in 3-D a pit, round about
/// the stack axis.
struct NotchParameters
{
  std::vector<double> position; ///< lateral coordinates [m]
  double depth = 1e-6;          ///< above the anode interface there [m]
  double width = 5e-7;          ///< at the anode interface [m]
  NotchShape shape = NotchShape::wedge;

  void declare(ParameterSection &section);
};

struct AnodeParameters
{
  double thickness = 0.; ///< mean, from the bottom of the box; 0: no anode [m]
  RoughnessParameters roughness;
  std::vector<std::pair<std::string, WaveParameters>> waves;
  std::vector<std::pair<std::string, NotchParameters>> notches;

  void declare(ParameterSection &section);
};

enum class GrainArrangement
{
  random,
  regular,
  from_file
};

enum class ColumnAxis
{
  none,
  x,
  y,
  z
};

enum class OrientationRule
{
  random,
  in_plane,
  aligned,
  fibre,
  from_file
};

/// Directions of the crystal that a fibre texture lines up.
enum class CrystalDirection
{
  d100,
  d110,
  d111
};

/// A fibre texture: a crystal direction leans towards one axis of the box, the turn about it is random.
struct FibreParameters
{
  unsigned int axis = 2; ///< of the box
  CrystalDirection direction = CrystalDirection::d100;
  double spread = 0.17453292519943295; ///< root mean square of the angle between both [rad]

  void declare(ParameterSection &section);
};

struct GrainParameters
{
  GrainArrangement arrangement = GrainArrangement::random;
  unsigned int number = 1;
  std::optional<double> size;           ///< instead of the number [m]
  std::optional<double> size_deviation; ///< of log-normal sizes; none: sizes of a Voronoi structure [m]
  ColumnAxis column_axis = ColumnAxis::none;
  std::optional<double> column_aspect_ratio;   ///< length by diameter; none: through the box
  std::optional<double> minimum_seed_distance; ///< [m]
  std::vector<double> offset;                  ///< of a regular arrangement, per axis [m]
  std::string seed_file;
  OrientationRule orientation = OrientationRule::random;
  FibreParameters fibre;
  std::string orientation_file;
  unsigned long long seed = 1;

  void declare(ParameterSection &section);
};

/// How boundaries differ from each other, by the misorientation of their grains and at random.
struct BoundaryVariationParameters
{
  bool low_angle_conductivity = false;          ///< boundaries of small misorientation conduct like grains
  bool low_angle_toughness = false;             ///< and are as tough
  double low_angle_limit = 0.26179938779914941; ///< [rad]
  double conductivity_deviation = 0.;           ///< of the factor of the boundary's effect on conduction
  std::optional<double> electronic_deviation;   ///< likewise for electrons alone
  double toughness_deviation = 0.;              ///< of the factor of its toughness
  unsigned long long seed = 1;

  void declare(ParameterSection &section);
};

enum class PorePlace
{
  anywhere,
  grains,
  boundaries,
  triple_lines,
  anode_interface
};

enum class RadiusDistribution
{
  uniform,
  log_normal
};

/// Random pores that are alike. They do not overlap, and touch the anode only where it is their place.
struct PorePopulationParameters
{
  double porosity = 0.05; ///< their volume / volume between anode and counter electrode
  RadiusDistribution distribution = RadiusDistribution::uniform; ///< of the discs or spheres of equal volume
  double smallest_radius = 1e-6;                                 ///< uniform radii [m]
  double largest_radius = 2e-6;                                  ///< [m]
  double mean_radius = 1.5e-6;                                   ///< log-normal radii [m]
  double radius_deviation = 3e-7;                                ///< [m]
  double aspect_ratio = 1.;
  PorePlace place = PorePlace::anywhere;
  double filled_fraction = 0.;               ///< of their volume
  std::optional<unsigned int> gradient_axis; ///< none: the stack axis
  double gradient = 0.; ///< local porosity: (1 + gradient s) times the mean, s from -1 to 1 along the axis
  double open_fraction = 0.;   ///< of their volume, connected by throats to the anode side
  double throat_radius = 5e-7; ///< [m]
  unsigned long long seed = 1;

  void declare(ParameterSection &section);
};

enum class PoreFilling
{
  empty,
  liquid
};

struct SinglePoreParameters
{
  std::vector<double> centre;          ///< dim coordinates [m]
  std::vector<double> semi_axes{1e-6}; ///< one (disc, sphere) or dim [m]
  std::vector<double> angles{0.};      ///< about z; in 3-D also three, about x, y, z in this order [rad]
  PoreFilling filling = PoreFilling::empty;

  void declare(ParameterSection &section);
};

enum class BoxSide
{
  left,
  right,
  front,
  back,
  bottom,
  top
};

enum class Wetting
{
  wetting,
  non_wetting
};

/// Ionic liquid comes in from one side and fills pores, see infiltration.h.
struct InfiltrationParameters
{
  bool active = false;
  BoxSide face = BoxSide::bottom;
  Wetting liquid = Wetting::wetting;
  double smallest_throat_radius = 0.;    ///< [m]
  std::optional<double> volume_fraction; ///< of all pores; none: liquid enough

  void declare(ParameterSection &section);
};

struct PoreParameters
{
  std::optional<double> gap; ///< least distance between walls, and to the anode and the box [m]
  InfiltrationParameters infiltration;
  std::vector<std::pair<std::string, PorePopulationParameters>> populations;
  std::vector<std::pair<std::string, SinglePoreParameters>> single_pores;

  void declare(ParameterSection &section);
};

/// Level sets, positive inside [m]; where they are not distances they are divided by the length of their
/// gradient.
struct PhaseExpressions
{
  Expression lithium;
  Expression empty;
  Expression liquid;
  Expression solid;

  void declare(ParameterSection &section);
};

struct MicrostructureParameters
{
  std::optional<double> band_width; ///< w_s [m]
  std::optional<double> half_width; ///< of the diffuse pore walls [m]
  AnodeParameters anode;
  GrainParameters grains;
  BoundaryVariationParameters boundaries;
  PoreParameters pores;
  PhaseExpressions phases;
  LabelImageParameters label_image;

  void declare(ParameterSection &section);
  /// Of all that is drawn at random, by its name.
  std::map<std::string, unsigned long long> seeds() const;
};
} // namespace lithoclase
