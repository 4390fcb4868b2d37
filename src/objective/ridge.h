#ifndef GLMPP_OBJECTIVE_RIDGE_H
#define GLMPP_OBJECTIVE_RIDGE_H

#include "penalty.h"

namespace glmpp {

/// 1/2 sum(strength_j b_j^2).
class Ridge : public Penalty {
 public:
  explicit Ridge(std::vector<double> strength) : strength_(std::move(strength)) {}

  double value(const std::vector<double>& coefficients) const override;
  void add_score(const std::vector<double>& coefficients,
                 std::vector<double>& score) const override;
  void add_curvature(const std::vector<double>& coefficients, Matrix& information) const override;
  void add_curvature_to(const std::vector<double>& coefficients,
                        Information& information) const override;
  Matrix curvature_rows(const std::vector<double>& coefficients) const override;
  bool has_constant_curvature() const override { return true; }

 private:
  std::vector<double> strength_;  ///< one for each coefficient
};

}  // namespace glmpp

#endif
