#ifndef GLMPP_SOLVER_DESCENT_H
#define GLMPP_SOLVER_DESCENT_H

#include <limits>
#include <utility>
#include <vector>

#include "control.h"
#include "direction.h"
#include "status.h"

namespace glmpp {

struct Start {
  bool has_coefficients = false;
  bool is_guess = false;  ///< the coefficients are none that anybody asked for
  std::vector<double> coefficients;
  /// Coefficients of a plain valid model (a common mean), to fall back on; may be empty.
  std::vector<double> anchor;
  /// The linear predictor of the common mean; NaN where there is none.
  double middle = std::numeric_limits<double>::quiet_NaN();
};

inline Start start_at(std::vector<double> coefficients) {
  Start start;
  start.has_coefficients = true;
  start.coefficients = std::move(coefficients);
  return start;
}

struct Solution {
  Point point;
  StopReason reason = StopReason::converged;
  bool converged = false;
  bool boundary = false;    ///< the last step was shortened to stay valid
  bool is_endless = false;  ///< the deviance has settled on the way to an optimum infinitely far
  double decrement = 0.0;   ///< score' step at the point
  /// By how much the last accepted step, and the one before, lowered the deviance; NaN where there was none.
  double last_fall = std::numeric_limits<double>::quiet_NaN();
  double fall_before = std::numeric_limits<double>::quiet_NaN();
  double deviance_floor = 0.1;  ///< a deviance that is next to nothing
  int iterations = 0;
  int passes = 0;
};

/// Propose, evaluate, accept or shorten, stop for a named reason. On return the objective's fitted rows
/// belong to the returned point, unless the direction's last word moved it.
Solution descend(Objective& objective, Direction& direction, const Start& start,
                 const Control& control);

}  // namespace glmpp

#endif
