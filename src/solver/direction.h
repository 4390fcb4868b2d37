#ifndef GLMPP_SOLVER_DIRECTION_H
#define GLMPP_SOLVER_DIRECTION_H

#include <numeric>
#include <vector>

#include "linalg/information_factor.h"
#include "point.h"

namespace glmpp {

struct Step {
  std::vector<double> change;
  double slope = 0.0;      ///< score' change: half the rate at which the deviance falls
  double decrement = 0.0;  ///< score' I^-1 score, or its estimate: what stopping looks at
};

/// Proposes a step from a point, and is told the outcome. The loop evaluates, accepts or shortens it.
class Direction {
 public:
  virtual ~Direction() = default;
  /// What the next pass must fill for a proposal to be made from it.
  virtual unsigned need() const = 0;
  /// May ask the objective for more about the same point.
  virtual Step propose(Objective& objective, Point& point) = 0;
  /// The same from curvature at this very point, at the cost of a pass where it was borrowed: its
  /// decrement is exact.
  virtual Step propose_current(Objective& objective, Point& point) {
    return propose(objective, point);
  }
  /// True when propose_current() at this point takes no pass.
  virtual bool has_curvature(const Point& /*point*/) const { return false; }
  /// True when the last proposal came from the curvature at its own point.
  virtual bool is_current() const { return true; }
  /// True when a refused step is better proposed anew from current curvature than shortened.
  virtual bool would_rather_renew() const { return false; }
  /// False where steps shrink at a fixed rate at best, so that a slow one is no sign of rounding.
  virtual bool contracts_quadratically() const { return true; }
  /// True when every step is taken as it is, whatever becomes of the deviance.
  virtual bool is_to_the_letter() const { return false; }
  virtual void learn(const Point& /*from*/, const Point& /*to*/) {}
  /// However shortened, the last step did not lower the deviance.
  virtual void learn_refusal() {}
  /// Where the caller's point differs from the one that passes are made at: the last word.
  virtual void conclude(Point&) const {}
};

inline double inner_product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

inline Step newton_step(const InformationFactor& factor, const Point& point) {
  Step step;
  factor.solve(point.sums.score, step.change);
  step.slope = step.decrement = inner_product(step.change, point.sums.score);
  return step;
}

}  // namespace glmpp

#endif
