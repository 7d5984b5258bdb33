#pragma once

/// Physical constants in SI units.
namespace lithoclase::constants
{
// Exact since the SI of 2019 (CODATA 2018: Tiesinga et al., Rev. Mod. Phys. 93 (2021) 025010).
constexpr double elementary_charge = 1.602176634e-19;    ///< [C]
constexpr double boltzmann = 1.380649e-23;               ///< k_B [J/K]
constexpr double avogadro = 6.02214076e23;               ///< [1/mol]
constexpr double faraday = elementary_charge * avogadro; ///< F = 96485.33 [C/mol]
constexpr double gas_constant = boltzmann * avogadro;    ///< R = 8.314463 [J/(mol K)]

/// V_Li [m^3/mol]: molar mass 6.94 g/mol over density 0.534 g/cm^3 at 25 C (CRC Handbook of Chemistry and
/// Physics).
constexpr double lithium_molar_volume = 1.300e-5;

/// All material data hold at this temperature [K]; Arrhenius laws start from here.
constexpr double reference_temperature = 298.15;

/// RT/F [V]: 25.69 mV at 298.15 K.
constexpr double thermal_voltage(const double temperature)
{
  return gas_constant * temperature / faraday;
}

/// V_Li/F [V/Pa]: the overpotential that one pascal is worth; its inverse is 7.42 MPa/mV.
constexpr double overpotential_per_pressure = lithium_molar_volume / faraday;
} // namespace lithoclase::constants
