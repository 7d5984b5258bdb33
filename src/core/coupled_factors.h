#pragma once

#include "core/field.h"

#include <petscpc.h>

#include <vector>

/// Factors, by MUMPS, of the matrix of two coupled unknowns
///     [ K  -B^T ]
///     [ B    C  ]
/// whole, or of a part of its rows and columns alone, as preconditioner.
namespace lithoclase
{
class CoupledFactors
{
public:
  /// Owned rows in ascending order.
  struct Part
  {
    std::vector<PetscInt> first, second;
  };

  CoupledFactors() = default;
  ~CoupledFactors() { clear(); }
  CoupledFactors(const CoupledFactors &) = delete;
  CoupledFactors &operator=(const CoupledFactors &) = delete;

  /// `unit` of the second unknown: with it all entries are alike in size. Collective.
  void make(Mat K, Mat B, Mat C, double unit);
  void make(Mat K, Mat B, Mat C, double unit, const Part &part);
  void clear();
  bool made() const { return factors_ != nullptr; }

  /// Both vectors become the solution for what they hold; zero outside of the part. Collective.
  void apply(Vector &first, Vector &second) const;

private:
  void factorise(Mat K, Mat B, Mat C);

  double unit_ = 1.;
  std::vector<unsigned int> first_, second_; ///< local indices of the rows
  PC factors_ = nullptr;
  Vec solution_ = nullptr, load_ = nullptr;
};
} // namespace lithoclase
