#ifndef GLMPP_SOLVER_CONTROL_H
#define GLMPP_SOLVER_CONTROL_H

#include <functional>

namespace glmpp {

/// What the descent loop reads; every default lives in R's glmpp_control().
struct Control {
  double epsilon = 0.0;          ///< stop: |dev - dev_old| / (|dev| + 0.1) < epsilon
  double step_tolerance = 0.0;   ///< and: score' step <= (step_tolerance)^2 deviance / rows
  int iterations = 0;            ///< most proposals
  int halvings = 0;              ///< most shortenings of one step
  /// A step must lower the deviance by this share of what its slope promises.
  double sufficient_decrease = 0.0;
  /// Stop too when the deviance has settled and steps shrink no faster than at a fixed rate.
  bool stop_crawling = false;
  double rank_tolerance = 0.0;   ///< a column is aliased when norm after / norm before < this
  unsigned threads = 1;          ///< for the factorisation of large information matrices
  /// Called after each accepted step: iteration, deviance, step length.
  std::function<void(int, double, double)> report;
};

}  // namespace glmpp

#endif
