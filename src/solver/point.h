#ifndef GLMPP_SOLVER_POINT_H
#define GLMPP_SOLVER_POINT_H

#include <vector>

#include "objective/objective.h"

namespace glmpp {

/// Coefficients with what a pass said of them. At the starting point the sums are those of the
/// starting means, and the coefficients are zero by convention.
struct Point {
  std::vector<double> coefficients;
  Sums sums;
  bool is_start = false;
};

/// One more pass at the same point; sums that `need` does not ask for are kept.
inline void evaluate_at(Objective& objective, Point& point, unsigned need) {
  const unsigned before = point.sums.filled;
  if (point.is_start)
    objective.evaluate_start(need, point.sums);
  else
    objective.evaluate(point.coefficients, need, point.sums);
  point.sums.filled |= before;
}

}  // namespace glmpp

#endif
