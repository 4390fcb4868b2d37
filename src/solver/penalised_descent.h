#ifndef GLMPP_SOLVER_PENALISED_DESCENT_H
#define GLMPP_SOLVER_PENALISED_DESCENT_H

#include <functional>
#include <vector>

#include "objective/separable_penalty.h"

namespace glmpp {

class PenalisedDescent;

/// What a descent to a penalised optimum reads.
struct ProximalControl {
  double weight = 1.0;             ///< of all rows: deviance / (2 weight) is the smooth part
  double tolerance = 0.0;          ///< stop: no violation of the optimality conditions beyond this
  int iterations = 0;              ///< most steps for one lambda
  std::vector<double> free_scale;  ///< of each coefficient: the root mean square of its column
  /// Told where it begins, and of each step with the share of it that was taken; may be empty.
  std::function<void(const PenalisedDescent&, double share)> report;
};

/// Minimises deviance / (2 weight) + penalty for one lambda after the other, each from where the one before ended: steps to
/// the penalised minimum of a quadratic model of the smooth part, shortened where they do not lower the sum.
class PenalisedDescent {
 public:
  PenalisedDescent(const SeparablePenalty& penalty, ProximalControl control);
  virtual ~PenalisedDescent() = default;

  /// False where the model has no valid mean there. `theta` as the penalty has it; `coefficients` of the free ones are read.
  virtual bool begin(const std::vector<double>& theta, const std::vector<double>& coefficients) = 0;
  void set_tolerance(double tolerance) { control_.tolerance = tolerance; }
  /// True when no violation is left. Groups that `may_move` denies stay where they are; free coefficients never do.
  bool minimise(double lambda, const std::vector<char>& may_move);

  const std::vector<double>& coefficients() const { return coefficients_; }
  const std::vector<double>& theta() const { return theta_; }
  virtual double deviance() const = 0;
  double violation() const { return violation_; }
  /// Of the smooth part, in theta.
  const std::vector<double>& gradient() const { return gradient_; }
  /// Of the gradient, free coefficients and groups alike.
  double largest_slope() const;
  int passes() const { return passes_; }
  int informations() const { return informations_; }
  int steps() const { return steps_; }

 protected:
  enum class Outcome { moved, stuck, renewed };
  /// A step from the point, whose violation is there; `renewed`: none yet, by a better model of the same point.
  virtual Outcome step(double lambda, const std::vector<char>& may_move) = 0;
  /// What is known when a step has left this violation of one before.
  virtual void has_moved(double, double) {}
  /// Before the first step of a lambda.
  virtual void start_lambda() {}

  double smooth(double deviance) const { return deviance / (2.0 * control_.weight); }
  /// Whether such a fall is enough for a share of a step along which the model's slope is this.
  bool is_enough(double fall, double share, double slope, double value) const;

  const SeparablePenalty& penalty_;
  ProximalControl control_;
  std::vector<double> theta_, coefficients_, gradient_, free_gradient_;
  double violation_ = 0.0;
  double share_ = 1.0;  ///< of the last step that was taken
  int passes_ = 0, informations_ = 0, steps_ = 0;

  static constexpr int most_halvings = 40;

 private:
  double largest_free_slope() const;
  double largest_violation(double lambda, const std::vector<char>& may_move) const;
};

}  // namespace glmpp

#endif
