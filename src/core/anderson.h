#pragma once

#include "core/field.h"

#include <deque>

namespace lithoclase
{
/// Anderson's acceleration of a fixed-point iteration x <- g(x), also of one that would not converge by
/// itself: among the combinations of the last iterates, whose weights add up to one, that of least residual
/// g(x) - x, as Walker and Ni, SIAM J. Numer. Anal. 49 (2011) 1715, doi:10.1137/10078356X. For a linear g it
/// is equivalent to GMRES. Linear sums that all g(x) share (a total, say) are kept.
class Anderson
{
public:
  /// `depth`: how many differences of iterates are kept.
  explicit Anderson(unsigned int depth) : depth_(depth) {}

  /// The next turn is the first one: it takes g(x) as it is.
  void reset();

  /// Moves x on from the given g(x). Both without ghosts, of the same size in all turns. Collective.
  void update(Vector &x, const Vector &g);

private:
  const unsigned int depth_;
  bool started_ = false;
  Vector residual_, image_;               ///< g(x) - x and g(x) of the turn before
  std::deque<Vector> residuals_, images_; ///< their differences from turn to turn, oldest first
};
} // namespace lithoclase
