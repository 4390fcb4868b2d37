#ifndef GLMPP_SOLVER_DIRECTION_H
#define GLMPP_SOLVER_DIRECTION_H

#include <vector>

#include "linalg/information_factor.h"
#include "point.h"

namespace glmpp {

struct Step {
  std::vector<double> change;
  double decrement = 0.0;  ///< score' change: twice the gain that the local model promises
};

/// Proposes a step from a point. The loop evaluates, accepts or shortens it.
class Direction {
 public:
  virtual ~Direction() = default;
  /// What the next pass must fill for a proposal to be made from it.
  virtual unsigned need() const = 0;
  /// May ask the objective for more about the same point.
  virtual Step propose(Objective& objective, Point& point) = 0;
  /// The same from curvature at this very point, at the cost of a pass where it was borrowed.
  virtual Step propose_current(Objective& objective, Point& point) {
    return propose(objective, point);
  }
  /// True when the last proposal came from the curvature at its own point.
  virtual bool is_current() const { return true; }
  /// The factor of the information that the last proposal came from.
  virtual const InformationFactor& factor() const = 0;
};

}  // namespace glmpp

#endif
