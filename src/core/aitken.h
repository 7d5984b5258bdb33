#pragma once

#include "core/field.h"

namespace lithoclase
{
/// Aitken's acceleration of a fixed-point iteration x <- g(x) that converges slowly along one direction:
/// x <- x + w [g(x) - x] with w from the last two residuals, as Kuttler and Wall, Comput. Mech. 43 (2008) 61,
/// doi:10.1007/s00466-008-0255-5.
class Aitken
{
public:
  /// The next turn is the first one: it takes g(x) as it is.
  void reset() { turn_ = 0; }

  /// Moves x towards the given g(x). Both without ghosts, of the same size in all turns.
  void update(Vector &x, const Vector &g);

  double factor() const { return factor_; } ///< w of the last turn

private:
  unsigned int turn_ = 0;
  double factor_ = 1.;
  Vector residual_; ///< of the turn before
};
} // namespace lithoclase
