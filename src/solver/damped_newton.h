#ifndef GLMPP_SOLVER_DAMPED_NEWTON_H
#define GLMPP_SOLVER_DAMPED_NEWTON_H

#include "control.h"
#include "direction.h"
#include "linalg/information_factor.h"

namespace glmpp {

/// Newton's method by the observed information O, moved towards the expected information E until it
/// is positive definite: step = ((1 - damping) O + damping E)^-1 score (Levenberg and Marquardt, with the
/// expected information as the metric).
class DampedNewton : public Direction {
 public:
  DampedNewton(const Objective& objective, const Control& control);

  unsigned need() const override;
  Step propose(Objective& objective, Point& point) override;

 private:
  bool factorise(const Point& point);

  const Control& control_;
  double damping_ = 0.0;
  std::vector<std::size_t> estimable_;
  InformationFactor factor_;
};

}  // namespace glmpp

#endif
