#include "ridge.h"

#include <cmath>

namespace glmpp {

double Ridge::value(const std::vector<double>& coefficients) const {
  double sum = 0.0;
  for (std::size_t j = 0; j < strength_.size(); ++j)
    sum += strength_[j] * coefficients[j] * coefficients[j];
  return 0.5 * sum;
}

void Ridge::add_score(const std::vector<double>& coefficients, std::vector<double>& score) const {
  for (std::size_t j = 0; j < strength_.size(); ++j) score[j] -= strength_[j] * coefficients[j];
}

void Ridge::add_curvature(const std::vector<double>&, Matrix& information) const {
  for (std::size_t j = 0; j < strength_.size(); ++j) information(j, j) += strength_[j];
}

void Ridge::add_curvature_to(const std::vector<double>&, Information& information) const {
  for (std::size_t j = 0; j < strength_.size(); ++j) information.add_to_diagonal(j, strength_[j]);
}

Matrix Ridge::curvature_rows(const std::vector<double>&) const {
  Matrix rows(strength_.size(), strength_.size());
  for (std::size_t j = 0; j < strength_.size(); ++j) rows(j, j) = std::sqrt(strength_[j]);
  return rows;
}

}  // namespace glmpp
