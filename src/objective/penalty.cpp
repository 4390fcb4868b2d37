#include "penalty.h"

#include <cmath>

namespace glmpp {

double ScaledPenalty::value(const std::vector<double>& coefficients) const {
  return scale_ * penalty_.value(coefficients);
}

void ScaledPenalty::add_score(const std::vector<double>& coefficients,
                              std::vector<double>& score) const {
  std::vector<double> own(score.size(), 0.0);
  penalty_.add_score(coefficients, own);
  for (std::size_t j = 0; j < score.size(); ++j) score[j] += scale_ * own[j];
}

void ScaledPenalty::add_curvature(const std::vector<double>& coefficients,
                                  Matrix& information) const {
  Matrix own(information.rows(), information.cols());
  penalty_.add_curvature(coefficients, own);
  for (std::size_t k = 0; k < own.rows() * own.cols(); ++k)
    information.data()[k] += scale_ * own.data()[k];
}

void ScaledPenalty::add_curvature_to(const std::vector<double>& coefficients,
                                     Information& information) const {
  Information own = information;
  own.mix(0.0, own, 0.0);
  penalty_.add_curvature_to(coefficients, own);
  information.mix(1.0, own, scale_);
}

Matrix ScaledPenalty::curvature_rows(const std::vector<double>& coefficients) const {
  Matrix rows = penalty_.curvature_rows(coefficients);
  for (std::size_t k = 0; k < rows.rows() * rows.cols(); ++k) rows.data()[k] *= std::sqrt(scale_);
  return rows;
}

}  // namespace glmpp
