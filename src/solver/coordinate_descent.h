#ifndef GLMPP_SOLVER_COORDINATE_DESCENT_H
#define GLMPP_SOLVER_COORDINATE_DESCENT_H

#include "control.h"
#include "direction.h"

namespace glmpp {

/// Fisher scoring whose least squares problem is solved one coefficient at a time, over its p x p
/// information, until a sweep changes nothing that matters (the covariance updates of Friedman, Hastie
/// and Tibshirani 2010, J. Stat. Softw. 33(1)). A sweep goes forth and back, and is made conjugate to those before it:
/// conjugate gradients, preconditioned by symmetric Gauss-Seidel (Axelsson 1994, Iterative Solution Methods, ch. 11).
class CoordinateDescent : public Direction {
 public:
  CoordinateDescent(const Objective& objective, const Control& control)
      : rows_(objective.traits().effective_rows), control_(control) {}

  unsigned need() const override { return need_score | need_information; }
  Step propose(Objective& objective, Point& point) override;

 private:
  double rows_;
  const Control& control_;
};

}  // namespace glmpp

#endif
