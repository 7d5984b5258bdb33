#include "output/vtu_writer.h"

#include "core/collective.h"
#include "output/files.h"

#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkDoubleArray.h>
#include <vtkErrorCode.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkTypeInt64Array.h>
#include <vtkUnstructuredGrid.h>
#include <vtkXMLUnstructuredGridWriter.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace lithoclase
{
using namespace dealii;

namespace
{
/// A communicator of neighbouring ranks; rank 0 in it is the leader.
class Group
{
public:
  Group(MPI_Comm communicator, const unsigned int number)
  {
    MPI_Comm_split(communicator, static_cast<int>(number), Utilities::MPI::this_mpi_process(communicator),
                   &members);
  }
  ~Group() { MPI_Comm_free(&members); }
  Group(const Group &) = delete;
  Group &operator=(const Group &) = delete;

  MPI_Comm members;
};

/// Joins the values of a group in the order of the ranks on its leader and frees them elsewhere. In pieces,
/// since the counts of MPI have 32 bits.
template <typename T>
void join_in_group(MPI_Comm group, std::vector<T> &values)
{
  constexpr std::size_t piece = std::size_t(1) << 30;
  const unsigned int rank = Utilities::MPI::this_mpi_process(group);
  const auto sizes =
      Utilities::MPI::gather(group, static_cast<unsigned long long>(values.size() * sizeof(T)), 0);
  const auto in_pieces = [&](char *data, const std::size_t size, const auto &transfer) {
    for (std::size_t begin = 0; begin < size; begin += piece)
      transfer(data + begin, static_cast<int>(std::min(piece, size - begin)));
  };
  if (rank != 0) {
    in_pieces(reinterpret_cast<char *>(values.data()), values.size() * sizeof(T),
              [&](char *data, const int n) { MPI_Send(data, n, MPI_BYTE, 0, 0, group); });
    values = {};
    return;
  }
  unsigned long long total = 0, position = sizes[0];
  for (const unsigned long long size : sizes)
    total += size;
  values.resize(total / sizeof(T));
  for (unsigned int r = 1; r < sizes.size(); ++r) {
    in_pieces(reinterpret_cast<char *>(values.data()) + position, sizes[r], [&](char *data, const int n) {
      MPI_Recv(data, n, MPI_BYTE, static_cast<int>(r), 0, group, MPI_STATUS_IGNORE);
    });
    position += sizes[r];
  }
}

void join_in_group(MPI_Comm group, OutputGrid &grid)
{
  if (Utilities::MPI::n_mpi_processes(group) == 1)
    return;
  long long shift = 0;
  const long long n_points = grid.n_points();
  MPI_Exscan(&n_points, &shift, 1, MPI_LONG_LONG, MPI_SUM, group);
  if (Utilities::MPI::this_mpi_process(group) != 0)
    for (long long &point : grid.connectivity)
      point += shift;
  join_in_group(group, grid.points);
  join_in_group(group, grid.connectivity);
  for (std::vector<OutputArray> *arrays : {&grid.point_arrays, &grid.cell_arrays})
    for (OutputArray &array : *arrays)
      join_in_group(group, array.values);
}

/// The array of VTK uses the memory of `values`, which must outlive it.
void add_array(vtkFieldData *data, OutputArray &array)
{
  vtkNew<vtkFloatArray> vtk_array;
  vtk_array->SetName(array.name.c_str());
  vtk_array->SetNumberOfComponents(static_cast<int>(array.n_components));
  vtk_array->SetArray(array.values.data(), static_cast<vtkIdType>(array.values.size()), 1);
  data->AddArray(vtk_array);
}

void set_cells(vtkUnstructuredGrid *vtk_grid, OutputGrid &grid)
{
  vtkNew<vtkTypeInt64Array> connectivity;
  connectivity->SetArray(grid.connectivity.data(), static_cast<vtkIdType>(grid.connectivity.size()), 1);
  vtkNew<vtkTypeInt64Array> offsets;
  offsets->SetNumberOfValues(static_cast<vtkIdType>(grid.n_cells() + 1));
  for (std::size_t cell = 0; cell <= grid.n_cells(); ++cell)
    offsets->SetValue(static_cast<vtkIdType>(cell),
                      static_cast<vtkTypeInt64>(cell * grid.vertices_per_cell()));
  vtkNew<vtkCellArray> cells;
  cells->SetData(offsets, connectivity);
  vtk_grid->SetCells(grid.cell_type(), cells);
}

void set_points(vtkUnstructuredGrid *vtk_grid, const OutputGrid &grid, const bool double_coordinates)
{
  vtkNew<vtkPoints> points;
  points->SetDataType(double_coordinates ? VTK_DOUBLE : VTK_FLOAT);
  points->SetNumberOfPoints(static_cast<vtkIdType>(grid.n_points()));
  for (std::size_t p = 0; p < grid.n_points(); ++p)
    points->SetPoint(static_cast<vtkIdType>(p), &grid.points[3 * p]);
  vtk_grid->SetPoints(points);
}

std::string write_piece(OutputGrid &grid, const std::string &path, const bool double_coordinates)
{
  vtkNew<vtkUnstructuredGrid> vtk_grid;
  set_points(vtk_grid, grid, double_coordinates);
  set_cells(vtk_grid, grid);
  for (OutputArray &array : grid.point_arrays)
    add_array(vtk_grid->GetPointData(), array);
  for (OutputArray &array : grid.cell_arrays)
    add_array(vtk_grid->GetCellData(), array);
  vtkNew<vtkDoubleArray> time;
  time->SetName("TimeValue"); // the name that VTK's readers know
  time->InsertNextValue(grid.time);
  vtk_grid->GetFieldData()->AddArray(time);

  vtkNew<vtkXMLUnstructuredGridWriter> writer;
  writer->WriteToOutputStringOn(); // VTK 9.1 crashes on a full disk
  writer->SetInputData(vtk_grid);
  writer->SetDataModeToBinary(); // with an expat of 2024 ParaView 5.11 does not find appended data
  writer->SetCompressorTypeToZLib();
  writer->SetCompressionLevel(2); // higher levels take far longer for a few percent
  writer->SetHeaderTypeToUInt64();
  if (writer->Write() != 1)
    return "cannot write '" + path + "': " + vtkErrorCode::GetStringFromErrorCode(writer->GetErrorCode());
  return write_file_atomically(path, writer->GetOutputString());
}

std::string parallel_array(const std::string &name, const unsigned int n_components, const bool is_double)
{
  return std::string("      <PDataArray type=\"") + (is_double ? "Float64" : "Float32") + "\" Name=\"" +
         name + "\" NumberOfComponents=\"" + std::to_string(n_components) + "\"/>\n";
}

std::string piece_name(const std::string &name, const unsigned int piece, const unsigned int n_pieces)
{
  const int digits = static_cast<int>(std::to_string(n_pieces - 1).size());
  char number[20];
  std::snprintf(number, sizeof(number), "_%0*u.vtu", digits, piece);
  return n_pieces == 1 ? name + ".vtu" : name + number;
}

std::string parallel_file(const OutputGrid &grid, const std::string &name, const unsigned int n_files,
                          const bool double_coordinates)
{
  std::string text = "<?xml version=\"1.0\"?>\n<VTKFile type=\"PUnstructuredGrid\" version=\"1.0\" "
                     "byte_order=\"LittleEndian\" header_type=\"UInt64\">\n"
                     "  <PUnstructuredGrid GhostLevel=\"0\">\n    <PPointData>\n";
  for (const OutputArray &array : grid.point_arrays)
    text += parallel_array(array.name, array.n_components, false);
  text += "    </PPointData>\n    <PCellData>\n";
  for (const OutputArray &array : grid.cell_arrays)
    text += parallel_array(array.name, array.n_components, false);
  text += "    </PCellData>\n    <PPoints>\n" + parallel_array("Points", 3, double_coordinates) +
          "    </PPoints>\n";
  for (unsigned int i = 0; i < n_files; ++i)
    text += "    <Piece Source=\"" + piece_name(name, i, n_files) + "\"/>\n";
  return text + "  </PUnstructuredGrid>\n</VTKFile>\n";
}
} // namespace

std::string write_vtu(MPI_Comm communicator, OutputGrid &&grid, const std::string &directory,
                      const std::string &name, const unsigned int n_files, const bool double_coordinates)
{
  const unsigned int n_ranks = Utilities::MPI::n_mpi_processes(communicator);
  const unsigned int rank = Utilities::MPI::this_mpi_process(communicator);
  const unsigned int n_groups = std::min(n_files > 0 ? n_files : (n_ranks + 15) / 16, n_ranks);
  const unsigned int number =
      static_cast<unsigned int>(static_cast<unsigned long long>(rank) * n_groups / n_ranks);
  std::string error;
  {
    const Group group(communicator, number);
    join_in_group(group.members, grid);
    if (Utilities::MPI::this_mpi_process(group.members) == 0)
      error = write_piece(grid, directory + "/" + piece_name(name, number, n_groups), double_coordinates);
  }
  throw_on_all_ranks<std::runtime_error>(communicator, error);
  if (n_groups == 1)
    return name + ".vtu";

  if (rank == 0)
    error = write_file_atomically(directory + "/" + name + ".pvtu",
                                  parallel_file(grid, name, n_groups, double_coordinates));
  throw_on_all_ranks<std::runtime_error>(communicator, error);
  return name + ".pvtu";
}
} // namespace lithoclase
