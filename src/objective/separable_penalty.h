#ifndef GLMPP_OBJECTIVE_SEPARABLE_PENALTY_H
#define GLMPP_OBJECTIVE_SEPARABLE_PENALTY_H

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "linalg/matrix.h"

namespace glmpp {

/// Coefficients that are penalised together, in coordinates of their own: b = coding theta.
struct PenaltyGroup {
  std::vector<std::size_t> columns;                         ///< positions of the coefficients
  Matrix coding;                                            ///< columns x coordinates
  double norm = 0.0;                                        ///< share of |theta|
  double square = 0.0;                                      ///< share of |theta|^2 / 2
  double lower = -std::numeric_limits<double>::infinity();  ///< of theta, in a group of one
  double upper = std::numeric_limits<double>::infinity();

  bool is_penalised() const { return norm > 0.0 || square > 0.0; }
  std::size_t size() const { return coding.cols(); }
};

/// What is added to the mean negative log-likelihood, a sum over groups of coefficients:
///   lambda sum_g (norm_g |theta_g| + square_g |theta_g|^2 / 2),  lower_g <= theta_g <= upper_g.
/// Coefficients in no group are free. It has no derivative at zero, so that it is given to the direction and never folded into
/// the deviance.
class SeparablePenalty {
 public:
  /// Throws std::invalid_argument where groups overlap or leave the coefficients.
  SeparablePenalty(std::vector<PenaltyGroup> groups, std::size_t coefficients);

  const std::vector<PenaltyGroup>& groups() const { return groups_; }
  std::size_t coefficients() const { return coefficients_; }
  /// Of all theta, one group after the other.
  std::size_t size() const { return offset_.back(); }
  std::size_t offset(std::size_t group) const { return offset_[group]; }
  const std::vector<std::size_t>& free() const { return free_; }

  double value(double lambda, const std::vector<double>& theta) const;
  /// coefficients = those of theta; free ones stay.
  void set_coefficients(const std::vector<double>& theta, std::vector<double>& coefficients) const;
  /// The gradient in theta of what has this gradient in the coefficients.
  void to_coordinates(const std::vector<double>& gradient, std::vector<double>& in_theta) const;
  /// The same of one group; others stay.
  void to_coordinates(std::size_t group, const std::vector<double>& gradient,
                      std::vector<double>& in_theta) const;
  /// How far minus the gradient of the smooth part is from what the penalty allows at theta: 0 at the optimum.
  double violation(std::size_t group, double lambda, const double* theta,
                   const double* gradient) const;
  /// The largest over the groups.
  double largest_norm(const std::vector<double>& in_theta) const;
  /// The least lambda at which the group stays at zero; 0 without a norm.
  double entry(std::size_t group, const double* gradient) const;
  /// These groups alone, over the coefficients that are theirs or free, renumbered in their order; `columns` tells which
  /// those are.
  SeparablePenalty restricted(const std::vector<std::size_t>& groups,
                              std::vector<std::size_t>& columns) const;

 private:
  std::vector<PenaltyGroup> groups_;
  std::size_t coefficients_;
  std::vector<std::size_t> offset_;
  std::vector<std::size_t> free_;
};

inline double norm_of(const double* values, std::size_t count) {
  double sum = 0.0;
  for (std::size_t k = 0; k < count; ++k) sum += values[k] * values[k];
  return std::sqrt(sum);
}

}  // namespace glmpp

#endif
