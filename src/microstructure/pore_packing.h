#pragma once

#include "microstructure/cell_stack.h"
#include "microstructure/inclusions.h"
#include "microstructure/infiltration.h"
#include "microstructure/periodic_shifts.h"
#include "microstructure/random.h"
#include "microstructure/size_distribution.h"
#include "microstructure/voronoi.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// What a population of pores came out like, beside what was asked for.
struct PorePopulation
{
  std::string name;
  unsigned long long number = 0;                 ///< without throats
  double porosity = 0., wanted_porosity = 0.;    ///< without throats
  MeanAndDeviation radius;                       ///< of discs or spheres of equal volume [m]
  std::optional<MeanAndDeviation> wanted_radius; ///< of log-normal radii
  unsigned int gradient_axis = 0;
  double upper_share = 0., wanted_upper_share = 0.5; ///< of their volume, in the upper half along that axis
  double open_fraction = 0., wanted_open_fraction = 0.;
  unsigned long long throats = 0;
  double throat_radius = 0.,
         narrowest_throat = 0.; ///< in the middle; least one where throats leave pores [m]
};

template <int dim>
struct PackedPores
{
  std::vector<Pore<dim>> pores; ///< and throats
  std::vector<PorePopulation> populations;
  std::optional<InfiltrationResult> infiltration;
};

/// Places pores: first the single ones as given, then each population at random, its largest pores first.
/// Random pores keep a gap to all other pores, to the anode (unless the interface is their place) and to the
/// box. Throats then connect as many of a population to the anode side as asked for.
template <int dim>
class PorePacking
{
public:
  PorePacking(const PoreParameters &parameters, const CellStack<dim> &stack, const Voronoi<dim> &voronoi,
              const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
              const std::array<bool, dim> &periodic, double finest_cell);

  /// Throws InputError, e.g. with the porosity achieved where the wanted one cannot be packed.
  PackedPores<dim> pack();

private:
  /// A place that pores are centred on: a point (vertices.size() = 1), a line, a triangle. `size`: the chance
  /// to be drawn, summed up over the sites before.
  struct Site
  {
    std::vector<dealii::Point<dim>> vertices;
    double size;
  };

  void check_size(const std::string &name, const Ellipsoid<dim> &shape) const;
  void add_single(const std::string &name, const SinglePoreParameters &parameters);
  void add_population(const std::string &name, const PorePopulationParameters &parameters, Random random);
  std::vector<double> draw_radii(const std::string &name, const PorePopulationParameters &parameters,
                                 Random &random) const;
  void fill(const PorePopulationParameters &parameters, std::size_t first, Random &random);
  PorePopulation measured(const std::string &name, const PorePopulationParameters &parameters,
                          std::size_t first) const;
  /// Accepts places more often where the porosity is to be higher.
  bool keep(const dealii::Point<dim> &centre, const PorePopulationParameters &parameters,
            Random &random) const;
  unsigned int gradient_axis(const PorePopulationParameters &parameters) const;
  double electrolyte_lower(unsigned int axis) const; ///< [m]

  Ellipsoid<dim> random_shape(double radius, double aspect_ratio, Random &random) const;
  dealii::Point<dim> random_centre(PorePlace place, const std::vector<Site> &sites, Random &random) const;
  std::vector<Site> sites_of(PorePlace place) const;
  bool fits(const Ellipsoid<dim> &shape, PorePlace place) const;
  bool clear_of_box_and_anode(const Ellipsoid<dim> &shape, PorePlace place) const;

  const PoreParameters &parameters_;
  const CellStack<dim> &stack_;
  const Voronoi<dim> &voronoi_;
  dealii::Point<dim> lower_, upper_;
  std::array<bool, dim> periodic_;
  std::vector<dealii::Tensor<1, dim>> shifts_; ///< to the images of a pore
  double finest_cell_, gap_;
  std::vector<Pore<dim>> pores_;
  std::vector<PorePopulation> populations_;
};
} // namespace lithoclase
