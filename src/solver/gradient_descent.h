#ifndef GLMPP_SOLVER_GRADIENT_DESCENT_H
#define GLMPP_SOLVER_GRADIENT_DESCENT_H

#include "first_order.h"
#include "solver_options.h"

namespace glmpp {

/// Steps along the score: velocity = momentum velocity + rate score, with Nesterov's look-ahead on
/// request. A given rate is used to the letter. Else the rate is 1 over the largest eigenvalue of
/// the information at the start, and with a line search, which shortens steps until the deviance falls
/// enough, the length that the last two points suggest (Barzilai and Borwein 1988, IMA J. Numer.
/// Anal. 8, 141-148).
class GradientDescent : public FirstOrder {
 public:
  GradientDescent(const SolverOptions& options, const Control& control)
      : FirstOrder(control), options_(options) {}

  bool is_to_the_letter() const override { return options_.has_learning_rate(); }
  void learn(const Point& from, const Point& to) override;
  void conclude(Point& point) const override;

 protected:
  std::vector<double> direction(const Objective& objective, const Point& point) override;
  void forget() override { velocity_.assign(velocity_.size(), 0.0); }

 private:
  double rate() const;

  const SolverOptions& options_;
  double suggested_rate_ = 0.0;  ///< by the last two points; 0: none
  std::vector<double> velocity_;
  std::vector<double> proposed_velocity_;
};

}  // namespace glmpp

#endif
