#ifndef GLMPP_SOLVER_PROXIMAL_NEWTON_H
#define GLMPP_SOLVER_PROXIMAL_NEWTON_H

#include <functional>
#include <memory>
#include <vector>

#include "objective/objective.h"
#include "objective/separable_penalty.h"
#include "penalised_step.h"

namespace glmpp {

class ProximalNewton;

/// What a descent to a penalised optimum reads.
struct ProximalControl {
  double weight = 1.0;             ///< of all rows: deviance / (2 weight) is the smooth part
  double tolerance = 0.0;          ///< stop: no violation of the optimality conditions beyond this
  int iterations = 0;              ///< most steps for one lambda
  std::vector<double> free_scale;  ///< of each coefficient: the root mean square of its column
  /// Told where it begins, and of each step with the share of it that was taken; may be empty.
  std::function<void(const ProximalNewton&, double share)> report;
};

/// Minimises deviance / (2 weight) + penalty by proximal Newton steps (Lee, Sun and Saunders, 2014): the quadratic model of the
/// smooth part is minimised with the penalty as it is, and a step that does not lower the sum is shortened. The
/// information serves for as long as steps by it still contract, from one lambda to the next too; scores are always those of
/// the point. Where it stands it stays, so that the next lambda starts there.
class ProximalNewton {
 public:
  ProximalNewton(Objective& objective, const SeparablePenalty& penalty, ProximalControl control);

  /// One pass. False where the model has no valid mean there. `theta` as the penalty has it; `coefficients` of the free ones
  /// are read.
  bool begin(const std::vector<double>& theta, const std::vector<double>& coefficients);
  void set_tolerance(double tolerance) { control_.tolerance = tolerance; }
  /// True when no violation is left. With `only_free`, penalised groups stay where they are.
  bool minimise(double lambda, bool only_free = false);

  const std::vector<double>& coefficients() const { return coefficients_; }
  const std::vector<double>& theta() const { return theta_; }
  double deviance() const { return sums_.deviance; }
  double violation() const { return violation_; }
  /// Of the smooth part, in theta.
  const std::vector<double>& gradient() const { return gradient_; }
  /// Of the gradient, free coefficients and groups alike.
  double largest_slope() const;
  int passes() const { return passes_; }
  int informations() const { return informations_; }
  int steps() const { return steps_; }

 private:
  bool evaluate(const std::vector<double>& coefficients, bool with_information, Sums& sums);
  void read_gradient();
  void read_curvature();
  double largest_free_slope() const;
  double largest_violation(double lambda, const std::vector<char>& may_move) const;
  double smooth(const Sums& sums) const { return sums.deviance / (2.0 * control_.weight); }
  bool step(double lambda, const std::vector<char>& may_move);

  Objective& objective_;
  const SeparablePenalty& penalty_;
  ProximalControl control_;
  std::vector<double> theta_, coefficients_, gradient_, free_gradient_;
  Sums sums_;
  std::unique_ptr<ReducedCurvature> curvature_;
  bool is_current_ = false;  ///< the curvature is that of the point
  bool wants_information_ = false;
  double violation_ = 0.0, share_ = 1.0;
  int passes_ = 0, informations_ = 0, steps_ = 0;
};

}  // namespace glmpp

#endif
