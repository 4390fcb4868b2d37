#ifndef GLMPP_SOLVER_CONTROL_H
#define GLMPP_SOLVER_CONTROL_H

#include <functional>

#include "point.h"

namespace glmpp {

/// A step must lower the deviance by this share of what its slope promises (Armijo 1966; Nocedal and Wright 2006,
/// Numerical Optimization, ch. 3).
constexpr double armijo = 1e-4;
/// Where Fisher scoring failed, what follows may take so many times as many iterations (R's `maxit` says so).
constexpr int rescue_budget = 4;

/// What is told of the starting point (iteration 0) and of each accepted step.
struct Progress {
  int iteration = 0;
  int passes = 0;
  double step_length = 1.0;  ///< of the proposed step
  double deviance = 0.0;
  const Point* point = nullptr;
};

/// What the descent loop reads; every default lives in R's glmpp_control().
struct Control {
  double epsilon = 0.0;               ///< stop: |dev - dev_old| / (|dev| + 0.1) < epsilon
  double step_tolerance = 0.0;        ///< and: score' step <= (step_tolerance)^2 deviance / rows
  int iterations = 0;                 ///< most proposals
  bool takes_all_iterations = false;  ///< no test stops them early
  int halvings = 0;                   ///< most shortenings of one step
  double last_step = 0.0;  ///< a step of so many standard errors is the last, and takes no pass
  /// Nothing of the rows at the end is wanted: what a last step gains is foretold, and takes no pass.
  bool only_deviance = false;
  double deviance_unit = 1.0;  ///< the prior weight of a row, at most 1: what 0.1 is measured in
  /// A step must lower the deviance by this share of what its slope promises.
  double sufficient_decrease = 0.0;
  /// The share of a proposed step that is tried first.
  double first_share = 1.0;
  /// Stop too when the deviance has settled and steps shrink no faster than at a fixed rate.
  bool stop_crawling = false;
  double rank_tolerance = 0.0;  ///< a column is aliased when norm after / norm before < this
  unsigned threads = 1;         ///< for the factorisation of large information matrices
  std::function<void(const Progress&)> report;
  std::function<void(int)> progress;  ///< told each iteration, at no cost in passes
};

}  // namespace glmpp

#endif
