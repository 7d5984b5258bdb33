#pragma once

#include "core/field.h"

#include <string>
#include <vector>

namespace lithoclase
{
/// Data per locally owned cell, `n_components` numbers each (1 scalar, 3 vector, 9 tensor), in the order in
/// which the active cell iterators meet the locally owned cells.
struct CellArray
{
  std::string name;
  std::string unit;
  unsigned int n_components = 1;
  std::vector<float> values;
};

/// What the modules want written. Nodal fields are written at the vertices, quadrature and cell fields as
/// cell averages.
template <int dim>
struct OutputFields
{
  std::vector<const Field<dim> *> fields;
  std::vector<CellArray> cell_arrays;

  void add(const Field<dim> &field) { fields.push_back(&field); }
  void add(CellArray &&array) { cell_arrays.push_back(std::move(array)); }
};
} // namespace lithoclase
