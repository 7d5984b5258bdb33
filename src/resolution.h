#pragma once

#include "core/log.h"
#include "materials/elasticity.h"
#include "microstructure/microstructure.h"
#include "parameters.h"
#include "physics/initial_cracks.h"

/// What is checked and told before a run starts: rules of resolution, refused or warned of with their
/// numbers, and groups without dimension that say what to expect.
///
///     rule                           if not
///     delta >= 2 h                   refused
///     delta <= 0.1 sigma_i R_ct      kinetics of the front off by several per cent
///     w_s >= 3 delta                 where lithium grows in boundaries: it does not reach its full profile
///     l >= 3 h                       cracks too tough, along the mesh
///
/// symbol  name                        unit
/// h       finest cell                 m
/// delta   front width                 m
/// w_s     width of boundary bands     m
/// l       crack width                 m
/// R_ct    RT/(F i0)                   Ohm m^2
namespace lithoclase
{
/// `data`: with a module that moves charge only, else null. Throws InputError.
template <int dim>
void check_resolution(const Parameters &parameters, const Mesh<dim> &mesh,
                      const Microstructure<dim> &microstructure, const TransportData *data, Log &log);

/// eta_c = K_Ic V_Li/(F sqrt(pi a)), at which lithium presses hard enough to open the largest initial crack;
/// K_Ic from the `fracture_energy` [J/m^2] of grains in plane strain, a from InitialCracks::largest_size().
template <int dim>
void tell_critical_overpotential(const InitialCrackList &cracks, const IsotropicModuli &solid,
                                 double fracture_energy, const Mesh<dim> &mesh,
                                 const Microstructure<dim> &microstructure, Log &log);
} // namespace lithoclase
