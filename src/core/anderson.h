#pragma once

#include "core/field.h"

#include <deque>

namespace lithoclase
{
/// Anderson's acceleration of a fixed-point iteration x <- g(x): the next x is the combination of the last iterates whose
/// changes g(x) - x cancel best.
/// Walker, Ni, SIAM J. Numer. Anal. 49 (2011) 1715, doi:10.1137/10078356X.
class AndersonAcceleration
{
public:
  /// `depth`: so many earlier iterates are used; 0: plain iteration.
  explicit AndersonAcceleration(const unsigned int depth) : depth_(depth) {}

  void restart(); ///< forgets all iterates: another map, or one that led astray

  /// From x and its image g(x) to the next x. Owned entries only; ghosts of x are zero afterwards. Collective.
  void next(Vector &x, const Vector &image);

private:
  unsigned int depth_;
  std::deque<Vector> change_differences_, image_differences_; ///< of g(x) - x and of g(x), newest first
  Vector last_change_, last_image_;
  bool has_last_ = false;
};
} // namespace lithoclase
