#include "row_solve.h"

#include <Eigen/Core>
#include <algorithm>
#include <utility>

#include "../parallel/dispatch.h"

namespace glmpp {

namespace {

#define GLMPP_KERNEL_FILE "linalg/row_solve_kernel.inc"
#include "parallel/each_instruction_set.inc"

void solve_small(const double* x, std::size_t ld, const std::size_t* columns, std::size_t rows,
                 const double* root, std::size_t root_ld, std::size_t rank,
                 const double* inverse_diagonal, double* z, double* sizes) {
  GLMPP_DISPATCH(row_solve, x, ld, columns, rows, root, root_ld, rank, inverse_diagonal, z, sizes)
}

void solve_small_transposed(std::size_t rows, double* z, std::size_t ld, const double* root,
                            std::size_t root_ld, std::size_t rank, const double* inverse_diagonal) {
  GLMPP_DISPATCH(transposed_row_solve, rows, z, ld, root, root_ld, rank, inverse_diagonal)
}

using Index = Eigen::Index;
using Tile = Eigen::Map<Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

Tile as_tile(double* z, std::size_t rows, std::size_t rank, std::size_t ld) {
  return {z, static_cast<Index>(rows), static_cast<Index>(rank),
          Eigen::OuterStride<>(static_cast<Index>(ld))};
}

Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>> as_factor(const Matrix& root,
                                                                     std::size_t rank) {
  return {root.data(), static_cast<Index>(rank), static_cast<Index>(rank),
          Eigen::OuterStride<>(static_cast<Index>(root.rows()))};
}

}  // namespace

RowSolver::RowSolver(const Matrix& root, std::size_t rank) : root_(root), rank_(rank) {
  for (std::size_t k = 0; k < rank; ++k) inverse_diagonal_.push_back(1.0 / root(k, k));
}

// A root that leaves a second-level cache is better read in the blocks of Eigen.
bool RowSolver::is_small() const { return rank_ <= 128; }

void RowSolver::solve(const double* x, std::size_t ld, const std::vector<std::size_t>& columns,
                      std::size_t rows, double* z, double* sizes) const {
  if (is_small())
    return solve_small(x, ld, columns.data(), padded_to_8(rows), root_.data(), root_.rows(), rank_,
                       inverse_diagonal_.data(), z, sizes);
  for (std::size_t k = 0; k < rank_; ++k) std::copy_n(x + columns[k] * ld, rows, z + k * ld);
  Tile solved = as_tile(z, rows, rank_, ld);
  as_factor(root_, rank_).triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(solved);
  Eigen::Map<Eigen::VectorXd>(sizes, static_cast<Index>(rows)) = solved.rowwise().squaredNorm();
}

void RowSolver::solve_transposed(std::size_t rows, double* z, std::size_t ld) const {
  if (is_small())
    return solve_small_transposed(padded_to_8(rows), z, ld, root_.data(), root_.rows(), rank_,
                                  inverse_diagonal_.data());
  Tile solved = as_tile(z, rows, rank_, ld);
  const auto factor = as_factor(root_, rank_);
  factor.transpose().triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(solved);
}

}  // namespace glmpp
