#pragma once

#include "microstructure/microstructure.h"

namespace lithoclase
{
/// What a point of the structure belongs to, for counting lithium and cracks by place.
enum class Place : unsigned char
{
  anode,
  grain,
  grain_boundary,
  pore, ///< with ionic liquid
  empty_void
};
constexpr unsigned int n_places = 5;
constexpr const char *place_names[n_places] = {"anode", "grain", "grain_boundary", "pore", "void"};

/// A band of a grain boundary counts as far as its indicator exceeds half: over its numerical width.
template <int dim>
Place place_of(const Microstructure<dim> &microstructure, const dealii::Point<dim> &point);
} // namespace lithoclase
