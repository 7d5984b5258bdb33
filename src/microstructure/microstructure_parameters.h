#pragma once

#include "core/parameter_section.h"
#include "microstructure/label_image_parameters.h"

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

enum class OrientationRule
{
  random,
  in_plane,
  aligned
};

struct GrainParameters
{
  GrainArrangement arrangement = GrainArrangement::random;
  unsigned int number = 1;
  std::optional<double> size;                  ///< instead of the number [m]
  std::optional<double> minimum_seed_distance; ///< [m]
  std::vector<double> offset;                  ///< of a regular arrangement, per axis [m]
  std::string seed_file;
  OrientationRule orientation = OrientationRule::random;
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

/// Random pores that are alike. They do not overlap, and touch the anode only where it is their place.
struct PorePopulationParameters
{
  double porosity = 0.05;        ///< their volume / volume between anode and counter electrode
  double smallest_radius = 1e-6; ///< of the disc or sphere of equal volume [m]
  double largest_radius = 2e-6;  ///< [m]
  double aspect_ratio = 1.;
  PorePlace place = PorePlace::anywhere;
  double filled_fraction = 0.; ///< of their volume
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

struct PoreParameters
{
  std::optional<double> gap; ///< least distance between walls, and to the anode and the box [m]
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
  PoreParameters pores;
  PhaseExpressions phases;
  LabelImageParameters label_image;

  void declare(ParameterSection &section);
};
} // namespace lithoclase
