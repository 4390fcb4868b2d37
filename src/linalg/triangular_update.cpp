#include "triangular_update.h"

#include <Eigen/Core>
#include <cmath>

namespace glmpp {

using ColumnMap = Eigen::Map<Eigen::VectorXd>;

void absorb_rows(Matrix& root, double* tile, std::size_t leading_dimension, std::size_t rows) {
  const std::size_t p = root.cols();
  for (std::size_t j = 0; j < p; ++j) {
    ColumnMap below(tile + j * leading_dimension, static_cast<Eigen::Index>(rows));
    const double below_norm = below.stableNorm();
    if (below_norm == 0.0) continue;
    const double diagonal = root(j, j);
    const double norm = std::hypot(diagonal, below_norm);
    const double signed_norm = diagonal < 0.0 ? -norm : norm;
    // Reflector (1, v): the division keeps it finite for columns of any scale.
    const double head = diagonal + signed_norm;
    below /= head;
    const double factor = head / signed_norm;
    for (std::size_t k = j + 1; k < p; ++k) {
      ColumnMap other(tile + k * leading_dimension, static_cast<Eigen::Index>(rows));
      const double projection = factor * (root(j, k) + below.dot(other));
      root(j, k) -= projection;
      other.noalias() -= projection * below;
    }
    root(j, j) = -signed_norm;
  }
}

}  // namespace glmpp
