#include "triangular_update.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <vector>

namespace glmpp {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using ColumnMap = Eigen::Map<Eigen::VectorXd>;
using Block = Eigen::Map<MatrixXd, 0, Eigen::OuterStride<>>;

Block block_of(double* values, std::size_t leading_dimension, std::size_t rows, std::size_t cols) {
  return {values, static_cast<Index>(rows), static_cast<Index>(cols),
          Eigen::OuterStride<>(static_cast<Index>(leading_dimension))};
}

// Reflects rows of the tile into the columns `first` to `last` of the root, and these columns of the tile into the reflectors' own
// elements v: each is I - f (1, v)(1, v)', with the 1 at the root's row. The factors f.
std::vector<double> reflect_columns(Matrix& root, double* tile, std::size_t leading_dimension,
                                    std::size_t rows, std::size_t first, std::size_t last) {
  std::vector<double> factors;
  for (std::size_t j = first; j < last; ++j) {
    ColumnMap below(tile + j * leading_dimension, static_cast<Index>(rows));
    const double below_norm = below.stableNorm();
    factors.push_back(0.0);
    if (below_norm == 0.0) continue;
    const double diagonal = root(j, j);
    const double norm = std::hypot(diagonal, below_norm);
    const double signed_norm = diagonal < 0.0 ? -norm : norm;
    // Reflector (1, v): the division keeps it finite for columns of any scale.
    const double head = diagonal + signed_norm;
    below /= head;
    factors.back() = head / signed_norm;
    for (std::size_t k = j + 1; k < last; ++k) {
      ColumnMap other(tile + k * leading_dimension, static_cast<Index>(rows));
      const double projection = factors.back() * (root(j, k) + below.dot(other));
      root(j, k) -= projection;
      other.noalias() -= projection * below;
    }
    root(j, j) = -signed_norm;
  }
  return factors;
}

// T of the compact form I - V T V' of the reflectors' product (Schreiber and Van Loan 1989, SIAM Journal on Scientific and Statistical
// Computing 10).
MatrixXd compact_factor(const Block& reflectors, const std::vector<double>& factors) {
  const Index width = reflectors.cols();
  const MatrixXd products = reflectors.transpose() * reflectors;
  MatrixXd compact = MatrixXd::Zero(width, width);
  for (Index j = 0; j < width; ++j) {
    const double factor = factors[static_cast<std::size_t>(j)];
    compact(j, j) = factor;
    if (j > 0)
      compact.col(j).head(j) = compact.topLeftCorner(j, j).triangularView<Eigen::Upper>() *
                               (-factor * products.col(j).head(j));
  }
  return compact;
}

// By panels of columns, whose reflectors are applied to the rest at once.
void absorb(Matrix& root, double* tile, std::size_t leading_dimension, std::size_t rows,
            bool is_triangular) {
  constexpr std::size_t panel = 32;
  const std::size_t p = root.cols();
  if (p < 2 * panel) {
    reflect_columns(root, tile, leading_dimension, rows, 0, p);
    return;
  }
  for (std::size_t first = 0; first < p; first += panel) {
    const std::size_t last = std::min(first + panel, p), width = last - first;
    const std::size_t height = is_triangular ? std::min(rows, last) : rows;
    const auto factors = reflect_columns(root, tile, leading_dimension, height, first, last);
    if (last == p) return;
    const Block own = block_of(tile + first * leading_dimension, leading_dimension, height, width);
    Block rest = block_of(tile + last * leading_dimension, leading_dimension, height, p - last);
    Block of_root = block_of(root.data() + first + last * p, p, width, p - last);
    MatrixXd change = of_root;
    change.noalias() += own.transpose() * rest;
    change = compact_factor(own, factors).triangularView<Eigen::Upper>().transpose() * change;
    of_root -= change;
    rest.noalias() -= own * change;
  }
}

}  // namespace

void absorb_rows(Matrix& root, double* tile, std::size_t leading_dimension, std::size_t rows) {
  absorb(root, tile, leading_dimension, rows, false);
}

void absorb_root(Matrix& root, Matrix& other) {
  absorb(root, other.data(), other.rows(), other.rows(), true);
}

}  // namespace glmpp
