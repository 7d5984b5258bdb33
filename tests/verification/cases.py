"""The table of verification cases. `quick` cases are part of the tests; a case may do less when it is run quickly."""

import dataclasses
from typing import Callable

import conduction
import filled_cracks
import fracture
import fronts
import label_images
import manufactured
import mechanics
import restart
import salt


@dataclasses.dataclass(frozen=True)
class Case:
    name: str  # <id>_<what>, also the name of its folder of results
    title: str
    function: Callable
    quick: bool

    def answers_to(self, name):
        return self.name == name or self.name.split("_")[0] == name


CASES = [
    Case("V1_charge_transport", "manufactured solution, both potentials", manufactured.charge_transport, True),
    Case("V1_effective_conductivity", "manufactured solution, tensor", manufactured.effective_conductivity, True),
    Case("V1_allen_cahn", "manufactured solution, Allen-Cahn formulation", manufactured.allen_cahn, True),
    Case("V1_electrodeposition", "manufactured solution, interface-flux form", manufactured.electrodeposition, True),
    Case("V1_mechanics", "manufactured solution, displacement of a turned cubic crystal", manufactured.mechanics, True),
    Case("V1_fracture", "manufactured solution, displacement and damage", manufactured.fracture, True),
    Case("V2_allen_cahn", "Allen-Cahn equation, PFHub benchmark 7a", manufactured.benchmark, True),
    Case("V3_planar_front", "speed of a planar front", fronts.planar_front_speed, True),
    Case("V4_overpotential", "voltage of the planar cell", fronts.overpotential, True),
    Case("V5_closure", "charge and lithium volume close", fronts.closure, True),
    Case("V5_filled_crack", "charge and lithium close with a growing filled crack", filled_cracks.closure, False),
    Case("V5_nucleated", "charge and lithium close while nucleated lithium breaks its boundary",
         filled_cracks.nucleated_closure, False),
    Case("V5_convergence", "filled flaw at the anode with h, l, delta and dt halved", filled_cracks.convergence, False),
    Case("V6_leakage_profile", "potentials in a leaking cell", conduction.leakage_profile, True),
    Case("V7_squares", "polycrystal of squares", conduction.square_grains, True),
    Case("V8_insulating_inclusion", "current around a disc and a sphere", conduction.insulating_inclusion, True),
    Case("V9_laminate", "two-phase laminate along the axes", conduction.laminate, True),
    Case("V9_tilted_laminate", "two-phase laminate at an angle", conduction.tilted_laminate, False),
    Case("V7_label_image", "polycrystal of squares from pixels", label_images.squares, True),
    Case("V8_label_image", "disc from pixels", label_images.disc, False),
    Case("V9_label_image", "laminate at an angle from pixels", label_images.tilted_laminate, False),
    Case("V10_stress_concentration", "hole and spherical cavity under tension", mechanics.stress_concentration, True),
    Case("V11_eshelby", "inclusions with eigenstrain", mechanics.eshelby, True),
    Case("V12_polycrystal", "effective stiffness of random cubic polycrystals", mechanics.polycrystal, False),
    Case("V12_laminate", "effective stiffness of a crystal, of layers and with a void", mechanics.effective_laminate, True),
    Case("V13_bar", "strength of a bar", fracture.bar_strength, True),
    Case("V14_notched_plate", "single-edge notched plate under tension", fracture.single_edge_notch, False),
    Case("V15_surfing", "travelling crack", fracture.travelling_crack, False),
    Case("V16_sneddon", "straight and penny-shaped crack under pressure", fracture.pressurised_crack, False),
    Case("V17_weak_boundary", "crack meets a weak grain boundary", fracture.weak_boundary, False),
    Case("V18_stall", "plating in a closed flaw stalls", filled_cracks.stall, True),
    Case("V19_critical", "critical overpotential of a filled flaw", filled_cracks.critical_overpotential, True),
    Case("V19_flaw_size", "critical overpotential by flaw size, two materials", filled_cracks.flaw_size, False),
    Case("V19_volume", "flaw with a given volume of lithium", filled_cracks.given_volume, True),
    Case("V20_sand", "Sand's time: salt in ionic liquid is used up", salt.sand, True),
    Case("V20_film", "steady film of ionic liquid", salt.film, False),
    Case("V20_limiting_current", "limiting current of a film of ionic liquid", salt.limiting_current, False),
    Case("V20_relaxation", "wave of concentration, diffusion potential", salt.relaxation, True),
    Case("V20_contact", "contact resistance between electrolyte and ionic liquid", salt.contact, True),
    Case("V21_restart", "restart, rollback, ranks, with refinement", restart.same_answer, False),
    Case("V21_everything", "restart and ranks with all modules on and a crack that grows", restart.everything_on, False),
]
