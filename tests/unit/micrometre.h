#pragma once

/// For lengths in tests: 5. * um.
constexpr double um = 1e-6;
