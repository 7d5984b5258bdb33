#include "core/failure.h"
#include "micrometre.h"
#include "microstructure/label_infiltration.h"
#include "microstructure/microstructure.h"
#include "microstructure/pore_passage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

using namespace lithoclase;

namespace
{

template <int dim>
Ellipsoid<dim> ball(const dealii::Point<dim> &centre, double radius)
{
  Ellipsoid<dim> shape;
  shape.centre = centre;
  for (unsigned int a = 0; a < dim; ++a) {
    shape.semi_axes[a] = radius;
    shape.axes[a][a] = 1.;
  }
  return shape;
}

void expect_refused(const std::function<void()> &action, const std::string &clause)
{
  try {
    action();
    FAIL() << "accepted, expected: " << clause;
  } catch (const InputError &error) {
    EXPECT_NE(std::string(error.what()).find(clause), std::string::npos) << error.what();
  }
}

/// Discs [um] in a box of 20 um: a chain of three small ones and one of two large ones at the bottom, whose
/// throats narrow upwards; one apart.
MicrostructureParameters chains()
{
  MicrostructureParameters parameters;
  const auto add = [&](const std::string &name, double x, double y, double radius) {
    SinglePoreParameters pore;
    pore.centre = {x * um, y * um};
    pore.semi_axes = {radius * um};
    parameters.pores.single_pores.emplace_back(name, pore);
  };
  add("small 1", 4., 0.8, 1.);
  add("small 2", 4., 2.4, 1.);
  add("small 3", 4., 4.3, 1.);
  add("large 1", 9., 0.5, 1.5);
  add("large 2", 9., 3., 1.5);
  add("apart", 12., 10., 1.);
  parameters.pores.infiltration.active = true;
  return parameters;
}

Microstructure<2> build_filled(const MicrostructureParameters &parameters, bool periodic = false)
{
  return {parameters, {}, {20. * um, 20. * um}, 0.1 * um, {{periodic, false}}};
}

std::string fillings(const Microstructure<2> &structure)
{
  std::string text;
  for (const Pore<2> &pore : structure.pores())
    text += pore.filling == PoreFilling::liquid ? 'x' : '.';
  return text;
}
} // namespace

TEST(Infiltration, PassagesOfBalls)
{
  const auto check = [](auto dimension) {
    constexpr int dim = decltype(dimension)::value;
    const dealii::Point<dim> origin;
    dealii::Tensor<1, dim> direction;
    for (unsigned int a = 0; a < dim; ++a)
      direction[a] = (a + 1.) * um;
    direction /= direction.norm();
    const auto radius = [&](double r, double s, double distance) {
      return passage_radius(ball<dim>(origin, r * um),
                            ball<dim>(origin + distance * um * direction, s * um)) /
             um;
    };
    EXPECT_NEAR(radius(1., 1., 1.6), 0.6, 1e-6);
    EXPECT_NEAR(radius(1.3, 2., 2.1), std::sqrt(1.69 - std::pow((4.41 + 1.69 - 4.) / 4.2, 2)), 1e-6);
    EXPECT_NEAR(radius(2., 0.5, 1.), 0.5, 1e-6); // one in the other
    EXPECT_NEAR(radius(2., 0.5, 0.), 0.5, 1e-6);
    EXPECT_EQ(radius(1., 1., 2.001), 0.);
    EXPECT_NEAR(section_radius(ball<dim>(origin, 5. * um), dim - 1, -3. * um) / um, 4., 1e-9);
    EXPECT_EQ(section_radius(ball<dim>(origin, 5. * um), 0, 5.001 * um), 0.);
  };
  check(std::integral_constant<int, 2>());
  check(std::integral_constant<int, 3>());
}

TEST(Infiltration, PassageFromANeedleIntoABall)
{
  // Needle along x with its end at the centre of the ball: narrowest where both surfaces meet.
  constexpr double half = 4., thin = 0.5, pore = 1.5;
  double low = half - pore, high = half;
  const auto needle = [&](double x) { return thin * std::sqrt(1. - x * x / (half * half)); };
  for (unsigned int i = 0; i < 60; ++i) {
    const double x = 0.5 * (low + high);
    (std::pow(x - half, 2) + std::pow(needle(x), 2) > pore * pore ? low : high) = x;
  }
  Ellipsoid<3> throat = ball<3>({}, thin);
  throat.semi_axes[0] = half;
  EXPECT_NEAR(passage_radius(throat, ball<3>({half, 0., 0.}, pore)), needle(low), 1e-4);
  EXPECT_NEAR(section_radius(throat, 0, 3.), needle(3.), 1e-12);
}

TEST(Infiltration, ASectionOfATiltedEllipse)
{
  Ellipsoid<2> shape = ball<2>({1., 2.}, 1.);
  shape.semi_axes[0] = 3.;
  const double angle = 0.7;
  shape.axes[0][0] = shape.axes[1][1] = std::cos(angle);
  shape.axes[1][0] = std::sin(angle);
  shape.axes[0][1] = -std::sin(angle);
  // Half a chord of the quadratic form a x^2 + 2 b x y + c y^2 = 1 at height y.
  const double a = std::pow(std::cos(angle) / 3., 2) + std::pow(std::sin(angle), 2),
               b = std::sin(angle) * std::cos(angle) * (1. / 9. - 1.),
               c = std::pow(std::sin(angle) / 3., 2) + std::pow(std::cos(angle), 2);
  const double y = -1.1;
  EXPECT_NEAR(section_radius(shape, 1, 2. + y), std::sqrt(b * b * y * y - a * (c * y * y - 1.)) / a, 1e-12);
}

TEST(Infiltration, FollowsConnectionThroatsAndVolume)
{
  // Throats: small 0.600 (face), 0.600, 0.312; large 1.414 (face), 0.829.
  MicrostructureParameters parameters = chains();
  InfiltrationParameters &infiltration = parameters.pores.infiltration;
  const double all = 4. * 1. + 2. * 2.25;
  const auto result = [&] { return *build_filled(parameters).infiltration(); };
  EXPECT_EQ(fillings(build_filled(parameters)), "xxxxx.");
  EXPECT_EQ(result().closed.pores, 1u);
  EXPECT_NEAR(result().closed.volume, 1. / all, 1e-12);

  for (const auto &[radius, expected] : std::initializer_list<std::pair<double, const char *>>{
           {0.311, "xxxxx."}, {0.313, "xx.xx."}, {0.599, "xx.xx."}, {0.601, "...xx."}, {0.83, "...x.."}}) {
    infiltration.smallest_throat_radius = radius * um;
    EXPECT_EQ(fillings(build_filled(parameters)), expected) << radius;
  }
  EXPECT_EQ(result().narrow.pores, 4u);
  EXPECT_EQ(result().liquid.pores, 1u);
  EXPECT_NEAR(result().narrow.volume, 5.25 / all, 1e-12);
  infiltration.smallest_throat_radius = 1.5 * um;
  expect_refused(result, "the widest opening at the side `bottom` has a radius of 1.414 um");

  // Narrow pores first; wide throats first.
  infiltration.smallest_throat_radius = 0.;
  for (const auto &[volume, wetting, non_wetting] :
       std::initializer_list<std::tuple<double, const char *, const char *>>{{2., "xx....", "...x.."},
                                                                             {3., "xxx...", "...x.."},
                                                                             {4.5, "xxxx..", "...xx."},
                                                                             {7.5, "xxxxx.", "xxxxx."}}) {
    infiltration.volume_fraction = volume / all;
    infiltration.liquid = Wetting::wetting;
    EXPECT_EQ(fillings(build_filled(parameters)), wetting) << volume;
    infiltration.liquid = Wetting::non_wetting;
    EXPECT_EQ(fillings(build_filled(parameters)), non_wetting) << volume;
  }
  infiltration.volume_fraction = 3. / all;
  EXPECT_EQ(result().short_of_liquid.pores, 4u);
  EXPECT_NEAR(result().liquid.volume, 2.25 / all, 1e-12);
  infiltration.volume_fraction = 0.4 / all;
  expect_refused(result, "less than half of the first pore");
}

TEST(Infiltration, ComesFromAnySideAndCrossesPeriodicOnes)
{
  MicrostructureParameters parameters = chains();
  InfiltrationParameters &infiltration = parameters.pores.infiltration;
  infiltration.face = BoxSide::top;
  expect_refused([&] { build_filled(parameters); }, "none of the 6 pores is open to the side `top`");
  infiltration.face = BoxSide::front;
  expect_refused([&] { build_filled(parameters); }, "in 2-D the sides are");
  infiltration.face = BoxSide::left;
  expect_refused([&] { build_filled(parameters, true); }, "the mesh is periodic there");

  infiltration.face = BoxSide::bottom;
  parameters.pores.single_pores[0].second.centre = {0.3 * um, 0.8 * um};
  parameters.pores.single_pores[1].second.centre = {19.3 * um, 1.8 * um};
  parameters.pores.single_pores[2].second.centre = {18.6 * um, 3.2 * um};
  EXPECT_EQ(fillings(build_filled(parameters, true)), "xxxxx.");
  EXPECT_EQ(fillings(build_filled(parameters, false)), "x..xx.");
  infiltration.face = BoxSide::right;
  EXPECT_EQ(fillings(build_filled(parameters, false)), ".xx...");
}

TEST(Infiltration, TakesWhatThroatsOpen)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 2. * um;
  parameters.pores.gap = 0.3 * um;
  PorePopulationParameters population;
  population.porosity = 0.08;
  population.smallest_radius = population.largest_radius = 0.6 * um;
  population.open_fraction = 0.5;
  population.throat_radius = 0.25 * um;
  parameters.pores.populations = {{"pores", population}};
  parameters.pores.infiltration.active = true;
  const auto structure = [&] { return Microstructure<2>(parameters, {}, {20. * um, 20. * um}, 0.05 * um); };
  const PorePopulation pores = structure().pore_populations()[0];
  EXPECT_NEAR(structure().infiltration()->liquid.volume, pores.open_fraction, 1e-9);
  EXPECT_NEAR(structure().infiltration()->closed.volume, 1. - pores.open_fraction, 1e-9);
  // The walls of needle and pore meet a little farther from its middle than on the axis.
  parameters.pores.infiltration.smallest_throat_radius = 0.95 * pores.narrowest_throat;
  EXPECT_NEAR(structure().infiltration()->liquid.volume, pores.open_fraction, 1e-9);
  parameters.pores.infiltration.smallest_throat_radius = 0.26 * um;
  expect_refused([&] { structure(); }, "lets no liquid in");
}

namespace
{
using Box = std::array<int, 4>; // first and last pixel along x, y

/// Pixels of 1 m: solid with rectangular voids.
struct Voids
{
  explicit Voids(const std::vector<Box> &boxes) : node(MPI_COMM_WORLD)
  {
    grid.n = {{64, 64}};
    grid.spacing[0] = grid.spacing[1] = 1.;
    grid.periodic = {{false, false}};
    codes = SharedArray<std::uint32_t>(node, grid.n_voxels());
    if (node.rank == 0)
      for (std::size_t i = 0; i < grid.n_voxels(); ++i) {
        const auto [x, y] = grid.index(i);
        codes[i] = VoxelCode::join(0, VoxelCode::solid);
        for (const Box &box : boxes)
          if (x >= box[0] && x <= box[1] && y >= box[2] && y <= box[3])
            codes[i] = VoxelCode::join(VoxelCode::no_grain, VoxelCode::empty);
      }
    codes.synchronise();
  }

  InfiltrationResult fill(const InfiltrationParameters &parameters)
  {
    return LabelInfiltration<2>(parameters, grid, node, codes, {}, {64., 64.}).fill();
  }
  bool is_wet(int x, int y) const
  {
    return VoxelCode::phase(codes[grid.number({{x, y}})]) == VoxelCode::liquid;
  }

  NodeRanks node;
  VoxelGrid<2> grid;
  SharedArray<std::uint32_t> codes;
};

/// At the bottom channels of widths 4 and 8 to a small and a large pore; from that a neck of width 3 to one
/// more; and a pore apart. 272, 544, 18 + 192 and 144 pixels.
const std::vector<Box> channels{{{8, 11, 0, 19}},   {{4, 19, 20, 31}},  {{36, 43, 0, 19}}, {{32, 55, 20, 35}},
                                {{43, 45, 36, 41}}, {{36, 51, 42, 53}}, {{8, 19, 44, 55}}};
constexpr double all_pixels = 272. + 544. + 210. + 144.;
} // namespace

TEST(LabelInfiltration, FollowsConnectionAndThroats)
{
  InfiltrationParameters parameters;
  {
    Voids voids(channels);
    const InfiltrationResult result = voids.fill(parameters);
    EXPECT_EQ(result.liquid.pores, 2u);
    EXPECT_EQ(result.closed.pores, 1u);
    EXPECT_NEAR(result.liquid.volume, (272. + 544. + 210.) / all_pixels, 1e-12);
    EXPECT_NEAR(result.closed.volume, 144. / all_pixels, 1e-12);
    EXPECT_TRUE(voids.is_wet(8, 0) && voids.is_wet(44, 50));
    EXPECT_FALSE(voids.is_wet(10, 50) || voids.is_wet(0, 0));
  }
  {
    parameters.smallest_throat_radius = 3.; // half of the neck, each pixel to the nearer side
    Voids voids(channels);
    const InfiltrationResult result = voids.fill(parameters);
    EXPECT_EQ(result.liquid.pores, 1u);
    EXPECT_EQ(result.narrow.pores, 1u);
    EXPECT_NEAR(result.liquid.volume, (544. + 9.) / all_pixels, 1e-12);
    EXPECT_NEAR(result.narrow.volume, (272. + 192. + 9.) / all_pixels, 1e-12);
    EXPECT_TRUE(voids.is_wet(32, 20) && voids.is_wet(36, 0) && voids.is_wet(44, 38));
    EXPECT_FALSE(voids.is_wet(44, 39) || voids.is_wet(9, 0));
  }
  parameters.smallest_throat_radius = 4.1;
  Voids voids(channels);
  expect_refused([&] { voids.fill(parameters); }, "lets no liquid in");
  parameters.smallest_throat_radius = 0.;
  parameters.face = BoxSide::right;
  expect_refused([&] { voids.fill(parameters); }, "none of the 3 pores is open to the side `right`");
}

TEST(LabelInfiltration, GoesWhereCapillarityPrefers)
{
  InfiltrationParameters parameters;
  parameters.volume_fraction = 240. / all_pixels; // both channels hold so much
  {
    Voids voids(channels);
    const InfiltrationResult result = voids.fill(parameters);
    EXPECT_NEAR(result.liquid.volume, 240. / all_pixels, 6. / all_pixels); // half of a layer across both
    // Balls in a pore cover the last of its channel.
    EXPECT_TRUE(voids.is_wet(9, 14) && voids.is_wet(40, 14));
    EXPECT_FALSE(voids.is_wet(10, 26) || voids.is_wet(44, 28) || voids.is_wet(44, 38));
    EXPECT_NEAR(result.short_of_liquid.volume, (1026. - 240.) / all_pixels, 6. / all_pixels);
  }
  parameters.liquid = Wetting::non_wetting;
  {
    Voids voids(channels); // all in the wide channel, and half full the pore behind it
    const InfiltrationResult result = voids.fill(parameters);
    EXPECT_NEAR(result.liquid.volume, 240. / all_pixels, 12. / all_pixels);
    EXPECT_TRUE(voids.is_wet(40, 21));
    EXPECT_FALSE(voids.is_wet(40, 34) || voids.is_wet(9, 0));
  }
  parameters.volume_fraction = 553. / all_pixels;
  Voids voids(channels);
  EXPECT_NEAR(voids.fill(parameters).liquid.volume, 553. / all_pixels, 3.5 / all_pixels);
  EXPECT_TRUE(voids.is_wet(32, 35));
  EXPECT_FALSE(voids.is_wet(9, 5) || voids.is_wet(44, 50));
}

namespace
{
/// Voxels of 1 m: a channel of 4 x 4 from the bottom to a pore of 8 x 8 x 8, from that a neck of 2 x 2, 4
/// long, to one of 6 x 6 x 6, and one of 4 x 4 x 4 apart.
const std::vector<std::array<int, 6>> boxes_3d{{{10, 13, 10, 13, 0, 7}},
                                               {{8, 15, 8, 15, 8, 15}},
                                               {{11, 12, 11, 12, 16, 19}},
                                               {{9, 14, 9, 14, 20, 25}},
                                               {{20, 23, 20, 23, 12, 15}}};
constexpr double channel_3d = 128., large_3d = 512., neck_3d = 16., behind_3d = 216., apart_3d = 64.,
                 all_3d = channel_3d + large_3d + neck_3d + behind_3d + apart_3d;

InfiltrationResult fill_3d(const InfiltrationParameters &parameters)
{
  const NodeRanks node(MPI_COMM_WORLD);
  VoxelGrid<3> grid;
  grid.n = {{28, 28, 28}};
  for (unsigned int d = 0; d < 3; ++d)
    grid.spacing[d] = 1.;
  grid.periodic = {{false, false, false}};
  SharedArray<std::uint32_t> codes(node, grid.n_voxels());
  if (node.rank == 0)
    for (std::size_t i = 0; i < grid.n_voxels(); ++i) {
      const auto [x, y, z] = grid.index(i);
      codes[i] = VoxelCode::join(0, VoxelCode::solid);
      for (const auto &box : boxes_3d)
        if (x >= box[0] && x <= box[1] && y >= box[2] && y <= box[3] && z >= box[4] && z <= box[5])
          codes[i] = VoxelCode::join(VoxelCode::no_grain, VoxelCode::empty);
    }
  codes.synchronise();
  const InfiltrationResult result =
      LabelInfiltration<3>(parameters, grid, node, codes, {}, {28., 28., 28.}).fill();
  double liquid = 0.;
  for (std::size_t i = 0; i < grid.n_voxels(); ++i)
    liquid += VoxelCode::phase(codes[i]) == VoxelCode::liquid;
  EXPECT_NEAR(liquid / all_3d, result.liquid.volume, 1e-12); // what is told is what is there
  return result;
}
} // namespace

TEST(LabelInfiltration, FollowsConnectionAndThroatsInThreeDimensions)
{
  InfiltrationParameters parameters;
  InfiltrationResult result = fill_3d(parameters);
  EXPECT_EQ(result.liquid.pores, 1u);
  EXPECT_EQ(result.closed.pores, 1u);
  EXPECT_NEAR(result.liquid.volume, 1. - apart_3d / all_3d, 1e-12);

  parameters.smallest_throat_radius =
      1.2; // passes the channel, not the neck: its voxels go to the nearer side
  result = fill_3d(parameters);
  EXPECT_NEAR(result.liquid.volume, (channel_3d + large_3d + 0.5 * neck_3d) / all_3d, 1e-12);
  EXPECT_NEAR(result.narrow.volume, (behind_3d + 0.5 * neck_3d) / all_3d, 1e-12);

  parameters.smallest_throat_radius = 0.; // the channel and half of the pore behind it, up to one layer
  parameters.volume_fraction = (channel_3d + 0.5 * large_3d) / all_3d;
  EXPECT_NEAR(fill_3d(parameters).liquid.volume, *parameters.volume_fraction, 64. / all_3d);

  parameters.volume_fraction.reset();
  parameters.face = BoxSide::right;
  expect_refused([&] { fill_3d(parameters); }, "is open to the side `right`");
}

TEST(LabelInfiltration, PartsOfAPeriodicGrid)
{
  const NodeRanks node(MPI_COMM_WORLD);
  VoxelGrid<3> grid;
  grid.n = {{9, 7, 11}};
  grid.periodic = {{true, false, false}};
  // One path through all layers.
  const auto inside = [&](std::size_t i) {
    const auto [x, y, z] = grid.index(i);
    return z % 2 == 0 ? y == 3 : (z % 4 == 1 ? x == 8 : x == 1) && y == 3;
  };
  const VoxelParts<3> parts(grid, node, inside);
  const std::uint32_t first = grid.number({{0, 3, 0}});
  for (std::size_t i = 0; i < grid.n_voxels(); ++i)
    EXPECT_EQ(parts.part(i), inside(i) ? first : no_seed);

  const VoxelParts<3> columns(grid, node, [&](std::size_t i) { return grid.index(i)[0] % 2 == 0; });
  for (std::size_t i = 0; i < grid.n_voxels(); ++i)
    if (const int x = grid.index(i)[0]; x % 2 == 0) // the first and the last are one
      EXPECT_EQ(columns.part(i), std::uint32_t(x == 8 ? 0 : x));
}
