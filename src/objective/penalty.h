#ifndef GLMPP_OBJECTIVE_PENALTY_H
#define GLMPP_OBJECTIVE_PENALTY_H

#include <memory>
#include <vector>

#include "linalg/information.h"

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
  /// The same where it may be bordered, which a penalty takes whose second derivative is diagonal.
  virtual void add_curvature_to(const std::vector<double>& coefficients,
                                Information& information) const {
    add_curvature(coefficients, information.matrix());
  }
  /// Rows A with A'A the second derivative.
  virtual Matrix curvature_rows(const std::vector<double>& coefficients) const = 0;
  virtual bool has_constant_curvature() const = 0;
};

/// Makes a penalty from a strength for each coefficient: how one comes from outside.
using PenaltyMaker = std::unique_ptr<Penalty> (*)(const std::vector<double>& strength);

/// A share of another penalty: that of a sample of the rows.
class ScaledPenalty : public Penalty {
 public:
  ScaledPenalty(const Penalty& penalty, double scale) : penalty_(penalty), scale_(scale) {}

  double value(const std::vector<double>& coefficients) const override;
  void add_score(const std::vector<double>& coefficients,
                 std::vector<double>& score) const override;
  void add_curvature(const std::vector<double>& coefficients, Matrix& information) const override;
  void add_curvature_to(const std::vector<double>& coefficients,
                        Information& information) const override;
  Matrix curvature_rows(const std::vector<double>& coefficients) const override;
  bool has_constant_curvature() const override { return penalty_.has_constant_curvature(); }

 private:
  const Penalty& penalty_;
  double scale_;
};

}  // namespace glmpp

#endif
