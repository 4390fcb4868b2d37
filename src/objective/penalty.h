#ifndef GLMPP_OBJECTIVE_PENALTY_H
#define GLMPP_OBJECTIVE_PENALTY_H

#include <vector>

#include "linalg/matrix.h"

namespace glmpp {

/// What is added to the negative log-likelihood, as a function of the coefficients.
class Penalty {
 public:
  virtual ~Penalty() = default;
  virtual double value(const std::vector<double>& coefficients) const = 0;
  /// Subtracts the gradient from a score.
  virtual void add_score(const std::vector<double>& coefficients,
                         std::vector<double>& score) const = 0;
  /// Adds the second derivative to an information matrix.
  virtual void add_curvature(const std::vector<double>& coefficients,
                             Matrix& information) const = 0;
  /// Rows A with A'A the second derivative.
  virtual Matrix curvature_rows(const std::vector<double>& coefficients) const = 0;
  virtual bool has_constant_curvature() const = 0;
};

}  // namespace glmpp

#endif
