#ifndef GLMPP_LINALG_ROW_SOLVE_H
#define GLMPP_LINALG_ROW_SOLVE_H

#include <cstddef>
#include <vector>

#include "aligned_buffer.h"
#include "matrix.h"

namespace glmpp {

/// Solves with a triangular root R (upper; in the first `rank` columns of `root`) for the rows of tiles. The root must
/// outlive the solver; its const functions may be called from several threads, each with its own room.
class RowSolver {
 public:
  explicit RowSolver(const Matrix& root, std::size_t rank);

  std::size_t rank() const { return rank_; }

  /// z = X R^-1 and sizes(i) = sum_k z_ik^2. Column k of X begins at x + columns[k] * ld; `ld` is a multiple of 8, as is
  /// that of z, and rows up to the next multiple of 8 are read and written. z has `ld` rows and `rank` columns.
  void solve(const double* x, std::size_t ld, const std::vector<std::size_t>& columns,
             std::size_t rows, double* z, double* sizes) const;

  /// z = z R^-T, in place: after solve(), X (R'R)^-1.
  void solve_transposed(std::size_t rows, double* z, std::size_t ld) const;

 private:
  bool is_small() const;

  const Matrix& root_;
  std::size_t rank_;
  std::vector<double> inverse_diagonal_;
};

}  // namespace glmpp

#endif
