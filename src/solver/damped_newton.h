#ifndef GLMPP_SOLVER_DAMPED_NEWTON_H
#define GLMPP_SOLVER_DAMPED_NEWTON_H

#include "control.h"
#include "direction.h"
#include "family/barrier_model.h"

namespace glmpp {

/// Newton's method by the observed information, moved towards the expected information until it
/// is positive definite (Levenberg and Marquardt, with the expected information as the metric).
class DampedNewton : public Direction {
 public:
  /// Sets the damping of `model`, which must be that of the objective.
  DampedNewton(const Objective& objective, const Control& control, BarrierModel& model);

  unsigned need() const override { return need_score | need_information; }
  Step propose(Objective& objective, Point& point) override;
  const InformationFactor& factor() const override { return factor_; }

 private:
  const Control& control_;
  BarrierModel& model_;
  std::vector<std::size_t> active_;
  InformationFactor factor_;
};

}  // namespace glmpp

#endif
