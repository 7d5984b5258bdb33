"""Bad input: one clear sentence and an exit code other than 0 for each mistake. Checkpoints and steps that fail."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lithoclase_case as lc  # noqa: E402

CASE = pathlib.Path(__file__).resolve().parents[1] / "support" / "small_cell.prm"
CRACK = CASE.parents[1] / "restart" / "crack.prm"
BAD_INPUT, FAILURE, STEP_FAILED, STOPPED_EARLY = 2, 1, 3, 4


class Refused(unittest.TestCase):
    """Mistakes in parameters and files."""

    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)

    def refused(self, words, *settings, case=CASE, arguments=("--validate",), code=BAD_INPUT):
        result = lc.run(case, *arguments, settings=settings, folder=self.folder.path)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        message = [line for line in result.stderr.splitlines() if line.startswith("lithoclase: ")]
        self.assertEqual(len(message), 1, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_the_case_itself_is_valid(self):
        result = lc.run(CASE, "--validate", folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_unknown_key(self):
        self.refused(["unknown parameter", "did you mean", "maximum level"], "Mesh/maximum levl=3")

    def test_wrong_unit(self):
        self.refused(["5 mm", "A/m^2"], "Electrolyte/exchange current density=5 mm")

    def test_missing_unit(self):
        self.refused(["front width", "um"], "Electrodeposition/front width=0.2")

    def test_value_out_of_range(self):
        self.refused(["-1 um", "positive"], "Electrodeposition/front width=-1 um")

    def test_misspelt_choice(self):
        self.refused(["galvanostatik", "galvanostatic"], "Protocol/control=galvanostatik")

    def test_missing_material(self):
        self.refused(["LLZ", "did you mean 'LLZO'"], "Electrolyte/electrolyte=LLZ")

    def test_missing_parameter_file(self):
        self.refused(["nothing.prm", "does not exist"], case="nothing.prm")

    def test_file_that_one_rank_alone_does_not_see(self):
        """As on a node whose file system lags: that rank speaks, and none waits for another forever."""
        self.folder.write("here.prm", CASE.read_text())
        elsewhere = self.folder.path / "elsewhere"
        elsewhere.mkdir()
        command = f'[ "$OMPI_COMM_WORLD_RANK" = 1 ] && cd {elsewhere}; exec {lc.EXECUTABLE} here.prm --validate'
        result = subprocess.run(["mpirun", "-n", "2", "sh", "-c", command], cwd=self.folder.path, env={**os.environ, **lc.MPI_ENVIRONMENT},
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(result.returncode, BAD_INPUT, result.stdout + result.stderr)
        self.assertEqual(result.stderr.count("lithoclase: "), 1, result.stderr)
        self.assertIn("here.prm", result.stderr)

    def test_folder_that_cannot_be_on_two_ranks(self):
        result = lc.run(CASE, ranks=2, settings=["Output/directory=" + 300 * "x"], folder=self.folder.path, timeout=60)
        self.assertEqual(result.returncode, BAD_INPUT, result.stdout + result.stderr)
        self.assertEqual(result.stderr.count("lithoclase: "), 1, result.stderr)
        self.assertIn("cannot be written", result.stderr)

    def test_missing_table(self):
        self.refused(["nothing.txt"], "Protocol/shape=table", "Protocol/table=nothing.txt")

    def test_syntax_error(self):
        self.folder.write("broken.prm", "subsection Mesh\n  set size = 1 um, 1 um\n")
        self.refused(["broken.prm", "end"], case="broken.prm")

    def test_porosity_that_cannot_be_packed(self):
        self.refused(["cannot be packed", "achieved"], "Microstructure/Pores/Single pores/void/semi-axes=0.8 um", case=self.with_voids(0.8, 0.6))

    def test_pore_smaller_than_four_cells(self):
        self.refused(["less than 4 of the finest cells"], case=self.with_voids(0.02, 0.15))

    def test_contradictions_of_generated_grains(self):
        case = self.folder.write(
            "grains.prm",
            "set dimension = 2\nset mode = effective conductivity\nsubsection Mesh\n set size = 8 um, 8 um\n set coarse cells = 1, 1\n"
            " set minimum level = 5\n set maximum level = 5\nend\nsubsection Electrolyte\n set electrolyte = LLZO\nend\n",
        )
        for words, *settings in (
            (["grain size deviation", "needs the arrangement `random` and a grain size"], "grain size deviation=0.2 um"),
            (["at most once the mean"], "grain size=1 um", "grain size deviation=2 um"),
            (["needs at least 5"], "grain size=5 um", "grain size deviation=0.5 um"),
            (["in 2-D only x and y are possible"], "column axis=z"),
            (["without a column axis"], "column aspect ratio=3"),
            (["not a regular arrangement"], "column axis=x", "arrangement=regular", "grain size=1 um"),
            (["orientation file belong together"], "orientation=from file"),
            (["fiber", "did you mean 'fibre'"], "orientation=fiber"),
        ):
            with self.subTest(settings):
                self.refused(words, *("Microstructure/Grains/" + setting for setting in settings), case=case)

    def test_orientation_file_of_another_structure(self):
        angles = self.folder.write("angles.txt", "unit degree\n0 0 0\n")
        for extra, words in (("", ["holds 1 orientations, but there are 2 grains"]), ("1 2\n", ["line 3", "three Euler angles"])):
            pathlib.Path(angles).write_text("unit degree\n0 0 0\n" + extra)
            self.refused(words, "Microstructure/Grains/number of grains=2", "Microstructure/Grains/orientation=from file", f"Microstructure/Grains/orientation file={angles}")

    def test_contradictions_of_pore_sizes(self):
        voids = "Microstructure/Pores/Populations/voids/"
        case = self.with_voids(0.03, 0.6)
        self.refused(["for log-normal radii"], voids + "mean radius=1 um", case=case)
        self.refused(["for uniform radii"], voids + "radius distribution=log-normal", case=case)
        self.refused(["gradient axis is z"], voids + "porosity gradient=0.5", voids + "gradient axis=z", case=case)
        self.refused(["throat radius", "4 of the finest cells"], voids + "open fraction=0.5", voids + "throat radius=0.01 um", case=case)

    def test_contradictions_of_infiltration(self):
        voids = "Microstructure/Pores/Populations/voids/"
        infiltration = "Microstructure/Pores/Infiltration/"
        case = self.with_voids(0.03, 0.6)
        wet = [infiltration + "active=true", "Microstructure/Pores/Single pores/pore/filling=empty"]
        for words, *settings in (
            (["the population 'voids' has a filled fraction"], *wet, voids + "filled fraction=0.5"),
            (["the single pore 'pore' has the filling liquid"], wet[0]),
            (["open to the side `bottom`", "open fraction"], *wet),
            (["wetted face", "in 2-D the sides are left, right, bottom and top"], *wet, infiltration + "wetted face=back"),
            (["non-weting", "did you mean 'non-wetting'"], *wet, infiltration + "liquid=non-weting"),
        ):
            with self.subTest(settings):
                self.refused(words, *settings, case=case)

    def with_voids(self, porosity, radius):
        return self.folder.write(
            "voids.prm",
            f"include {CASE}\nsubsection Microstructure\n subsection Pores\n  subsection Populations\n   subsection voids\n"
            f"    set porosity = {porosity}\n    set smallest radius = {radius} um\n    set largest radius = {radius} um\n"
            "   end\n  end\n end\nend\n",
        )

    def test_grains_far_smaller_than_cells(self):
        """Refused before boundaries between them are looked for."""
        self.refused(["more than half the mean grain size of 0.02191 um"], "Microstructure/Grains/number of grains=100000")

    def test_condition_on_a_field_that_is_not_there(self):
        side = "Boundary conditions/side/"
        self.refused(["'side'", "'ionic_potental'", "did you mean 'ionic_potential'"], side + "field=ionic_potental", side + "boundary=top")
        self.refused(["'displacement'", "must be for"], side + "field=displacement", side + "boundary=top")

    def test_probe_of_a_field_that_is_not_there(self):
        """Found by --validate, and by a run before it touches what an earlier one left."""
        probe = "Diagnostics/Probes/p/"
        settings = (probe + "field=lithum", probe + "point=1 um, 1 um")
        self.refused(["'lithum'", "did you mean 'lithium'"], *settings)
        results = self.folder.path / "old"
        results.mkdir()
        (results / "history.csv").write_text("of an earlier run\n")
        self.refused(["'lithum'"], *settings, f"Output/directory={results}", arguments=())
        self.assertEqual((results / "history.csv").read_text(), "of an earlier run\n")

    def test_table_with_a_wrong_unit(self):
        for header, words in (("time s value mV", ["'mV'", "A/m^2"]), ("time um value A/m^2", ["'um'", "s, "]), ("time s value mA cm^-2", ["must start with"])):
            with self.subTest(header):
                table = self.folder.write("table.txt", header + "\n0 1\n")
                self.refused(["protocol table", *words], "Protocol/shape=table", f"Protocol/table={table}")

    def test_setting_before_the_case(self):
        result = lc.run("--set", "Mesh/maximum levl=3", str(CASE), "--validate", folder=self.folder.path)
        self.assertEqual(result.returncode, BAD_INPUT)
        self.assertIn("did you mean 'Mesh/maximum level'", result.stderr)

    def test_interface_narrower_than_two_cells(self):
        self.refused(["front width", "at least two of the finest cells"], "Electrodeposition/front width=0.2 um")

    def test_void_larger_than_the_box(self):
        self.refused(["larger than the box"], "Microstructure/Pores/Single pores/void/semi-axes=50 um")

    def test_counter_electrode_inside_the_anode(self):
        self.refused(["counter electrode", "anode"], "Microstructure/Anode/thickness=9 um")

    def test_unknown_boundary(self):
        case = self.folder.write(
            "boundary.prm",
            f"include {CASE}\nsubsection Boundary conditions\n subsection wrong\n  set field = lithium\n  set boundary = topp\n end\nend\n",
        )
        self.refused(["topp", "allowed are left, right, bottom, top"], case=case)

    def wet(self, salt="", more=""):
        """A case with ionic liquid whose salt moves."""
        return self.folder.write(
            "wet.prm",
            f"include {CASE}\nsubsection Salt transport\n set active = true\n{salt}end\nsubsection Coupling\n"
            f" set maximum sweeps = 20\nend\nsubsection Microstructure\n subsection Phases by expression\n  set liquid = 1*um\n"
            f" end\nend\n{more}",
        )

    def test_salt_transport_is_valid(self):
        result = lc.run(self.wet(), "--validate", folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_salt_without_liquid(self):
        self.refused(["Salt transport/active", "there is no ionic liquid"], "Salt transport/active=true",
                     "Coupling/maximum sweeps=20", "Microstructure/Pores/Single pores/pore/filling=empty")

    def test_salt_in_a_single_sweep(self):
        self.refused(["Salt transport/active", "'Coupling/maximum sweeps' is 1"], "Salt transport/active=true")

    def test_salt_without_current(self):
        self.refused(["Salt transport/active", "Charge transport/active"], "Charge transport/active=false", case=self.wet())

    def test_transference_number_of_one(self):
        self.refused(["transference number", "< 1"], case=self.wet(salt=" set transference number = 1\n"))

    def test_initial_concentration_that_is_negative(self):
        self.refused(["initial concentration field", "must be positive"], case=self.wet(
            salt=" set initial concentration field = 300 - 1e9*x\n"), arguments=())

    MECHANICS = (
        "subsection Charge transport\n set active = false\nend\nsubsection Electrodeposition\n set active = false\nend\n"
        "subsection Mechanics\n set active = true\n subsection Boundary conditions\n"
        "  subsection base\n   set boundary = bottom\n   set type = {base}\n  end\n{more} end\nend\n"
    )

    def body(self, base="fixed", more=""):
        """A case of mechanics alone on a base and with more boundary conditions."""
        return self.folder.write("body.prm", f"include {CASE}\n" + self.MECHANICS.format(base=base, more=more))

    def cracked(self, crack="shape = segment\n set from = 0 um, 1 um\n set to = 1 um, 1 um", width="0.8 um", more=""):
        """The same with an initial crack."""
        text = (
            f"include {self.body()}\nsubsection Fracture\n set active = true\n set crack width = {width}\n{more}"
            f" subsection Initial cracks\n  subsection flaw\n set {crack}\n  end\n end\nend\n"
        )
        return self.folder.write("cracked.prm", text)

    def test_fracture_is_valid(self):
        result = lc.run(self.cracked(), "--validate", folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_fracture_without_mechanics(self):
        self.refused(["Fracture/active", "Mechanics/active"], "Fracture/active=true")

    def test_end_at_a_crack_without_fracture(self):
        self.refused(["end at event", "Fracture/active"], "Time stepping/end at event=cracking")

    def test_crack_narrower_than_two_cells(self):
        self.refused(["crack width", "at least two of the finest cells"], case=self.cracked(width="0.01 um"))

    def test_crack_outside_the_box(self):
        self.refused(["flaw", "x = 50 um", "box"], case=self.cracked("shape = segment\n set from = 0 um, 1 um\n set to = 50 um, 1 um"))

    def test_crack_without_ends(self):
        self.refused(["shape", "needs 'from' and 'to'"], case=self.cracked("shape = segment"))

    def test_disc_in_two_dimensions(self):
        disc = "shape = disc\n set centre = 1 um, 1 um\n set normal = 0, 1\n set radius = 1 um"
        self.refused(["disc", "three dimensions"], case=self.cracked(disc))

    def test_spectral_split_of_crystals(self):
        self.refused(["spectral", "isotropic"], "Mechanics/Elasticity/symmetry=cubic", case=self.cracked(more=" set split = spectral\n"))

    def filled(self, more):
        """A case with a filled crack, its lithium's pressure unknown, and further sections."""
        crack = self.cracked("shape = segment\n set from = 0 um, 1 um\n set to = 1 um, 1 um\n set filled with lithium = true")
        return self.folder.write("filled.prm", f"include {crack}\nsubsection Lithium pressure\n set active = true\nend\n{more}")

    def test_lithium_pressure_is_valid(self):
        result = lc.run(self.filled("subsection Flank reaction\n set active = true\nend\n"), "--validate", folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_lithium_pressure_without_fracture(self):
        self.refused(["Lithium pressure/active", "Fracture/active", "no cracks to fill"], "Lithium pressure/active=true", case=self.body())

    def test_lithium_pressure_with_a_given_pressure(self):
        self.refused(["Lithium pressure/active", "Crack pressure/active", "either an unknown or given"],
                     case=self.filled("subsection Crack pressure\n set active = true\n set pressure = 1*MPa\nend\n"))

    def test_embrittlement_without_its_number(self):
        self.refused(["Fracture/Embrittlement/active", "half current density", "not given"], "Fracture/Embrittlement/active=true", case=self.cracked())

    def test_embrittlement_without_current(self):
        self.refused(["Fracture/Embrittlement/active", "Charge transport/active", "no current"],
                     "Fracture/Embrittlement/active=true", "Fracture/Embrittlement/half current density=1 mA/cm^2",
                     "Charge transport/active=false", case=self.cracked())

    def test_flank_reaction_without_lithium_pressure(self):
        self.refused(["Flank reaction/active", "Lithium pressure/active", "no lithium in cracks"], "Flank reaction/active=true", case=self.cracked())

    def test_flank_reaction_with_charge_transport(self):
        self.refused(["Flank reaction/active", "Charge transport/active", "either given or unknowns"], "Charge transport/active=true",
                     case=self.filled("subsection Flank reaction\n set active = true\nend\n"))

    def injected(self, entries, crack="flaw"):
        text = f"include {self.filled('')}\nsubsection Lithium pressure\n subsection Injections\n  subsection {crack}\n{entries}  end\n end\nend\n"
        return self.folder.write("injected.prm", text)

    def test_injection_into_an_unknown_crack(self):
        self.refused(["injected into 'flow'", "no crack of this name"], case=self.injected("   set volume = 1*um^2*t\n", crack="flow"))

    def test_injection_without_volume(self):
        self.refused(["injection into 'flaw'", "no volume"], case=self.injected(""))

    def test_mechanics_alone_is_valid(self):
        result = lc.run(self.body(), "--validate", folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_negative_modulus(self):
        self.refused(["youngs modulus", "-5 GPa", "positive"], "Mechanics/Elasticity/youngs modulus=-5 GPa", case=self.body())

    def test_impossible_poisson_ratio(self):
        self.refused(["electrolyte", "ratio 0.5", "not stable"], "Mechanics/Elasticity/poisson ratio=0.5", case=self.body())

    def test_unstable_crystal(self):
        self.refused(
            ["C12 = 250 GPa", "not stable", "C11 > |C12|"],
            "Mechanics/Elasticity/symmetry=cubic",
            "Mechanics/Elasticity/c12=250 GPa",
            case=self.body(),
        )

    def test_floating_body(self):
        self.refused(["floats", "translation along x"], case=self.body("roller"))

    def test_contradictory_boundary_conditions(self):
        load = "  subsection load\n   set boundary = bottom\n   set type = traction\n   set traction y = 1 MPa\n  end\n"
        self.refused(["'base' and 'load'", "contradict", "along y"], case=self.body(more=load))

    def test_boundary_conditions_that_differ_at_a_corner(self):
        pull = "  subsection pull\n   set boundary = left\n   set type = displacement\n   set displacement y = 1 nm\n  end\n"
        self.refused(["'pull' and 'base'", "contradict", "at (0, 0) um"], arguments=(), case=self.body(more=pull))

    def test_condition_on_a_periodic_side(self):
        wall = "  subsection wall\n   set boundary = left\n   set type = roller\n  end\n"
        self.refused(["'left'", "periodic"], "Mesh/periodic axes=x", case=self.body(more=wall))

    def test_load_without_value(self):
        load = "  subsection load\n   set boundary = top\n   set type = platen\n  end\n"
        self.refused(["needs a 'pressure'"], case=self.body(more=load))

    def test_stiffness_factor_that_is_not_positive(self):
        self.refused(["stiffness factor", "positive"], "Mechanics/Elasticity/stiffness factor=x-1*um", arguments=(), case=self.body())

    def test_unwritable_output_folder(self):
        self.refused(["cannot be written"], "Output/directory=/proc/nowhere", arguments=())

    def test_no_parameter_file(self):
        result = subprocess.run([lc.EXECUTABLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **lc.MPI_ENVIRONMENT})
        self.assertEqual(result.returncode, BAD_INPUT)
        self.assertIn("no parameter file", result.stderr)

    def test_nothing_to_resume(self):
        self.refused(["no checkpoint"], arguments=("--resume",))


class Checkpoints(unittest.TestCase):
    """What may happen to checkpoints and to a run that writes them."""

    SETTINGS = ("Output/checkpoint step interval=1", "Output/formats=", "Time stepping/maximum steps=2")

    @classmethod
    def setUpClass(cls):
        cls.folder = lc.Folder()
        result = lc.run(CASE, settings=cls.SETTINGS, folder=cls.folder.path)
        assert result.returncode == 0, result.stderr
        cls.good = cls.folder.path / "results"

    @classmethod
    def tearDownClass(cls):
        cls.folder.close()

    def copy(self):
        target = self.folder.path / self.id().split(".")[-1]
        shutil.copytree(self.good, target)
        return target

    def resume(self, results, *settings):
        return lc.run(CASE, "--resume", settings=[*self.SETTINGS, f"Output/directory={results}", *settings], folder=self.folder.path)

    def largest_file(self, results):
        slot = (results / "checkpoint" / "latest").read_text().strip()
        files = [path for path in (results / "checkpoint" / slot).iterdir() if path.suffix != ".json"]
        return max(files, key=lambda path: path.stat().st_size)

    def refused(self, results, words, *settings):
        result = self.resume(results, *settings)
        self.assertEqual(result.returncode, BAD_INPUT, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_truncated(self):
        results = self.copy()
        victim = self.largest_file(results)
        with open(victim, "r+b") as file:
            file.truncate(victim.stat().st_size // 2)
        self.refused(results, ["checkpoint", victim.name])

    def test_changed(self):
        results = self.copy()
        victim = self.largest_file(results)
        with open(victim, "r+b") as file:
            file.seek(victim.stat().st_size // 2)
            file.write(b"\xff\x00\xff\x00\xff\x00\xff\x00")
        self.refused(results, ["checkpoint", victim.name])

    def test_of_another_program(self):
        results = self.copy()
        slot = (results / "checkpoint" / "latest").read_text().strip()
        (results / "checkpoint" / slot / "manifest.json").write_text('{"program": "another"}')
        self.refused(results, ["checkpoint"])

    def test_of_another_case(self):
        self.refused(self.copy(), ["'Microstructure/Grains/seed = ", "this run has '17'"], "Microstructure/Grains/seed=17")

    def test_changes_of_other_entries_are_told(self):
        result = self.resume(self.copy(), "Electrolyte/temperature=330 K")
        self.assertIn("valid from here on:\n", result.stdout)
        self.assertRegex(result.stdout, r"\n  Electrolyte/temperature: 298.15 K -> 330 K\n")

    def test_disk_full_keeps_the_checkpoint_before(self):
        """Half-way through a run no file may be larger than half a checkpoint any more (a full disk for the program)."""
        results = self.copy()
        limit = self.largest_file(results).stat().st_size // 2
        process = subprocess.Popen(
            lc.command(CASE, "--resume", settings=[*self.SETTINGS[:2], "Time stepping/maximum steps=12", f"Output/directory={results}"]),
            cwd=self.folder.path, env={**os.environ, **lc.MPI_ENVIRONMENT}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        deadline = time.time() + 60
        while len(lc.history(results)) < 3 and time.time() < deadline:
            time.sleep(0.1)
        subprocess.run(["prlimit", f"--fsize={limit}", "--pid", str(process.pid)], check=True)
        output, _ = process.communicate(timeout=300)
        self.assertEqual(process.returncode, FAILURE, output)
        self.assertIn("no checkpoint was written, an earlier one is kept: no space", output)
        self.assertIn("The run ends: the largest number of steps is reached; its last checkpoint could not be written.", output)
        step = max(int(line.split()[1].rstrip(":")) for line in output.splitlines() if line.startswith("Step "))
        self.assertEqual(step, 12)
        again = self.resume(results, "Time stepping/maximum steps=13")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        rows = lc.history(results)
        self.assertEqual(len(rows), 13)

    def test_no_folder_for_checkpoints(self):
        """The run goes on to its end, and says that there is no last checkpoint."""
        settings = ["Output/formats=", "Output/checkpoint step interval=2", "Time stepping/maximum steps=4", f"Output/directory={self.folder.path}/blocked"]
        blocked = self.folder.path / "blocked"
        blocked.mkdir()
        (blocked / "checkpoint").write_text("a file")
        result = lc.run(CASE, settings=settings, folder=self.folder.path)
        self.assertEqual(result.returncode, FAILURE, result.stdout + result.stderr)
        self.assertIn("no checkpoint was written, an earlier one is kept: cannot make the folder", result.stdout + result.stderr)
        self.assertIn("The run ends: the largest number of steps is reached; its last checkpoint could not be written.", result.stdout)
        self.assertEqual(len(lc.history(blocked)), 4)

    def test_disk_full_while_fields_are_written(self):
        """From a step on no file may be larger than 4 kB: the run ends with one sentence and leaves no half a file."""
        results = self.folder.path / "full"
        settings = ["Output/checkpoint interval=0 s", "Output/step interval=1", "Time stepping/maximum steps=100000", f"Output/directory={results}"]
        process = subprocess.Popen(lc.command(CASE, settings=settings), cwd=self.folder.path, env={**os.environ, **lc.MPI_ENVIRONMENT},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        deadline = time.time() + 60
        while not ((results / "history.csv").exists() and lc.history(results)) and time.time() < deadline:
            time.sleep(0.05)
        subprocess.run(["prlimit", "--fsize=4096", "--pid", str(process.pid)], check=True)
        _, errors = process.communicate(timeout=300)
        self.assertEqual(process.returncode, FAILURE, errors)
        said = [line for line in errors.splitlines() if line.startswith("lithoclase: ")]
        self.assertEqual(len(said), 1, errors)
        self.assertIn(str(results), said[0])
        self.assertTrue(all(path.stat().st_size > 4096 for path in (results / "fields").iterdir()))

    def test_new_run_in_the_folder_of_an_old_one(self):
        """--resume never goes on from the run before, even if the new one has no checkpoint yet."""
        results = self.copy()
        again = lc.run(CASE, settings=["Output/formats=", "Output/checkpoint interval=0 s", "Time stepping/maximum steps=1", f"Output/directory={results}"],
                       folder=self.folder.path)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.refused(results, ["no checkpoint"])

    def test_list_of_fields_after_a_restart(self):
        """A run is killed after step 3 and goes on from the checkpoint of step 2: every step is in the list once."""
        results = self.folder.path / "listed"
        settings = ["Output/checkpoint step interval=2", "Output/step interval=1", f"Output/directory={results}"]
        process = subprocess.Popen(lc.command(CASE, settings=[*settings, "Time stepping/maximum steps=100000", "Electrodeposition/end at short circuit=false"]),
                                   cwd=self.folder.path, env={**os.environ, **lc.MPI_ENVIRONMENT}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + 120
        while not ((results / "history.csv").exists() and len(lc.history(results)) >= 3) and time.time() < deadline:
            time.sleep(0.05)
        process.kill()
        process.wait()
        resumed = lc.run(CASE, "--resume", settings=[*settings, "Time stepping/maximum steps=30"], folder=self.folder.path)
        self.assertEqual(resumed.returncode, 0, resumed.stderr)
        listed = re.findall(r'timestep="([^"]+)".*?file="([^"]+)"', (results / "fields.pvd").read_text())
        times = [float(when) for when, _ in listed]
        self.assertEqual(times, sorted(set(times)))
        self.assertEqual(len(times), len(lc.history(results)) + 1)
        self.assertEqual({f"fields/{path.name}" for path in (results / "fields").iterdir()}, {name for _, name in listed})

    def stopped(self, *settings, send=None, ranks=1):
        results = self.folder.path / self.id().split(".")[-1]
        process = subprocess.Popen(
            lc.command(CASE, ranks=ranks, settings=["Output/formats=", "Output/checkpoint interval=1 h", "Time stepping/maximum steps=100000",
                                       "Electrodeposition/end at short circuit=false", "Time stepping/maximum step=0.05 s",
                                       f"Output/directory={results}", *settings]),
            cwd=self.folder.path, env={**os.environ, **lc.MPI_ENVIRONMENT}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if send:
            deadline = time.time() + 60
            while not (results / "history.csv").exists() and time.time() < deadline:
                time.sleep(0.2)
            process.send_signal(send)
        output, _ = process.communicate(timeout=300)
        self.assertEqual(process.returncode, STOPPED_EARLY, output)
        self.assertTrue((results / "checkpoint" / "latest").exists())
        times = [row["time"] for row in lc.history(results)]
        steps = len(times) + 2
        result = lc.run(CASE, "--resume", settings=["Output/formats=", "Output/checkpoint interval=1 h", f"Time stepping/maximum steps={steps}",
                                                    "Time stepping/maximum step=0.05 s", f"Output/directory={results}"], folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stderr)
        times = [row["time"] for row in lc.history(results)]
        self.assertEqual(len(times), steps)
        self.assertEqual(times, sorted(set(times)))

    def test_sigterm(self):
        self.stopped(send=signal.SIGTERM)

    def test_sigusr1(self):
        self.stopped(send=signal.SIGUSR1)

    def test_sigusr1_through_mpirun(self):
        self.stopped(send=signal.SIGUSR1, ranks=2)

    def test_wall_clock_limit(self):
        self.stopped("Time stepping/wall time=10 s")


class SharedFolder(unittest.TestCase):
    """One run at a time writes to a folder of results."""

    SETTINGS = ("Output/formats=", "Output/checkpoint step interval=1", "Time stepping/maximum step=0.05 s", "Electrodeposition/end at short circuit=false")

    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)
        self.results = self.folder.path / "results"

    def run_case(self, *arguments, steps, ranks=1):
        return lc.run(CASE, *arguments, settings=[*self.SETTINGS, f"Time stepping/maximum steps={steps}"], folder=self.folder.path, ranks=ranks)

    def start(self):
        """A long run that has written a checkpoint."""
        process = subprocess.Popen(lc.command(CASE, settings=[*self.SETTINGS, "Time stepping/maximum steps=100000"]), cwd=self.folder.path,
                                   env={**os.environ, **lc.MPI_ENVIRONMENT}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.time() + 120
        while not (self.results / "checkpoint" / "latest").exists() and time.time() < deadline:
            time.sleep(0.1)
        return process

    def test_the_second_run_is_refused_and_a_crash_frees_the_folder(self):
        process = self.start()
        log = (self.results / "log.txt").read_text()
        for arguments in ((), ("--resume",), ("microstructure",)):
            with self.subTest(arguments):
                settings = [f"--set={setting}" for setting in self.SETTINGS] if arguments == ("microstructure",) else []
                if settings:
                    second = subprocess.run([lc.EXECUTABLE, "microstructure", str(CASE), *settings], cwd=self.folder.path, text=True,
                                            env={**os.environ, **lc.MPI_ENVIRONMENT}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                else:
                    second = self.run_case(*arguments, steps=1, ranks=2)
                self.assertEqual(second.returncode, BAD_INPUT, second.stdout + second.stderr)
                said = [line for line in second.stderr.splitlines() if line.startswith("lithoclase: ")]
                self.assertEqual(len(said), 1, second.stderr)
                for words in ("another run", f"process {process.pid}", "Output/directory", "wait for its end"):
                    self.assertIn(words, said[0])
        self.assertIsNone(process.poll())
        self.assertTrue((self.results / "log.txt").read_text().startswith(log), "the refused runs have written to the log")
        process.kill()  # as a crash
        process.wait()
        steps = len(lc.history(self.results)) + 2
        again = self.run_case("--resume", steps=steps)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(len(lc.history(self.results)), steps)

    def test_the_lock_is_given_back_at_the_end(self):
        for _ in range(2):
            self.assertEqual(self.run_case(steps=1).returncode, 0)

    def test_the_record_counts_the_whole_run(self):
        self.assertEqual(self.run_case(steps=1).returncode, 0)
        record = json.loads((self.results / "run.json").read_text())
        self.assertGreaterEqual(record["wall_time [s]"], lc.history(self.results)[-1]["wall_time"])


class FailedSteps(unittest.TestCase):
    """Steps of a growing crack that displacement and damage do not settle in."""

    SETTINGS = ("Mechanics/Newton/relative tolerance=1e-8", "Fracture/damage tolerance=1e-7", "Alternate minimisation/tolerance=1e-3",
                "Output/checkpoint step interval=0")

    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)

    def run_crack(self, *settings, arguments=(), name="results", code=0):
        result = lc.run(CRACK, *arguments, settings=[*self.SETTINGS, *settings, f"Output/directory={name}"], folder=self.folder.path)
        self.assertEqual(result.returncode, code, result.stdout[-2000:] + result.stderr)
        return result.stdout, lc.history(self.folder.path / name)

    def test_such_a_step_is_cut_and_the_crack_is_the_same(self):
        end = "Time stepping/end time=0.4 s"
        long = ("Time stepping/initial step=0.4 s", "Time stepping/maximum step=0.4 s", "Alternate minimisation/maximum passes=12")
        screen, rows = self.run_crack(end, *long, name="cut")
        self.assertIn("step failed in mechanics and fracture: displacement and damage still change each other", screen)
        self.assertIn("repeated with half the size", screen)
        screen, reference = self.run_crack(end, name="short")
        self.assertNotIn("step failed", screen)
        self.assertEqual(rows[-1]["time"], reference[-1]["time"])
        self.assertAlmostEqual(rows[-1]["crack_length"] / reference[-1]["crack_length"], 1.0, delta=1e-3)

    def test_the_smallest_one_ends_the_run_with_its_state_and_the_reason(self):
        _, rows = self.run_crack("Time stepping/maximum steps=2", "Output/checkpoint step interval=1")
        more = ("Time stepping/maximum steps=4", "Time stepping/minimum step=0.02 s")
        few = "Alternate minimisation/maximum passes=2"
        screen, after = self.run_crack(*more, few, arguments=("--resume",), code=STEP_FAILED)
        self.assertEqual(after, rows)
        for words in ("The run ends: mechanics and fracture: displacement and damage still change each other", "after 2 passes",
                      "the step cannot be shorter than 0.02"):
            self.assertIn(words, screen)
        record = json.loads((self.folder.path / "results" / "run.json").read_text())
        self.assertEqual(record["exit_code"], STEP_FAILED)
        _, rows = self.run_crack(*more, arguments=("--resume",))
        self.assertEqual(len(rows), 4)
        self.assertGreater(rows[-1]["crack_length"], rows[1]["crack_length"])


if __name__ == "__main__":
    unittest.main()
