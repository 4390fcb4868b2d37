#include "limited_pivoting.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace glmpp {

namespace {

using ColumnMap = Eigen::Map<Eigen::VectorXd>;

ColumnMap tail(Matrix& matrix, std::size_t column, std::size_t first_row) {
  return ColumnMap(matrix.column(column) + first_row,
                   static_cast<Eigen::Index>(matrix.rows() - first_row));
}

void reflect(Matrix& work, std::size_t step, const std::vector<std::size_t>& order) {
  ColumnMap head = tail(work, order[step], step);
  const double norm = head.stableNorm();
  if (norm == 0.0) return;
  const double signed_norm = head[0] < 0.0 ? -norm : norm;
  Eigen::VectorXd reflector = head;
  reflector[0] += signed_norm;
  const double factor = 1.0 / (signed_norm * reflector[0]);
  for (std::size_t k = step + 1; k < order.size(); ++k) {
    ColumnMap other = tail(work, order[k], step);
    other -= factor * reflector.dot(other) * reflector;
  }
  head.setZero();
  head[0] = -signed_norm;
}

}  // namespace

PivotedRoot limited_pivoting(const Matrix& root, double tolerance,
                             const std::vector<std::size_t>& aliased) {
  const std::size_t p = root.cols();
  Matrix work = root;
  std::vector<double> first_norm(p);
  for (std::size_t j = 0; j < p; ++j) first_norm[j] = tail(work, j, 0).stableNorm();
  for (std::size_t j : aliased) first_norm[j] = 0.0;

  std::vector<std::size_t> order(p);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t rank = p;
  for (std::size_t step = 0; step < rank; ++step) {
    auto is_aliased = [&](std::size_t j) {
      const double norm = tail(work, j, step).stableNorm();
      return first_norm[j] == 0.0 || norm < first_norm[j] * tolerance;
    };
    while (step < rank && is_aliased(order[step])) {
      std::rotate(order.begin() + static_cast<std::ptrdiff_t>(step),
                  order.begin() + static_cast<std::ptrdiff_t>(step) + 1, order.end());
      --rank;
    }
    if (step < rank) reflect(work, step, order);
  }

  PivotedRoot result{Matrix(p, p), order, rank};
  for (std::size_t j = 0; j < p; ++j)
    for (std::size_t i = 0; i < std::min(j + 1, rank); ++i) result.root(i, j) = work(i, order[j]);
  return result;
}

}  // namespace glmpp
