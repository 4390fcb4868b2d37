#ifndef GLMPP_SOLVER_PENALISED_STEP_H
#define GLMPP_SOLVER_PENALISED_STEP_H

#include <vector>

#include "reduced_curvature.h"

namespace glmpp {

/// Minimises the quadratic model of the smooth part plus the penalty,
///   g'(theta - at) + (theta - at)' S (theta - at) / 2 + penalty(theta),
/// by descent along coordinates and groups (covariance updates: Friedman, Hastie and Tibshirani, 2010), each to its exact
/// minimum, over those that are not zero until they have settled, then over all; with Newton steps over those where that
/// is slow.
class PenalisedStep {
 public:
  PenalisedStep(ReducedCurvature& curvature, const SeparablePenalty& penalty)
      : curvature_(curvature), penalty_(penalty) {}

  /// `theta` starts at the point and ends at the minimum, to a violation of at most `target`. `gradient`: of the reduced problem. Groups
  /// that `may_move` denies stay. False where so many sweeps were not enough.
  bool minimise(const std::vector<double>& gradient, double lambda, double target,
                const std::vector<char>& may_move, std::vector<double>& theta);

 private:
  double sweep(const std::vector<std::size_t>& groups);
  double update_line(std::size_t group);
  double update_group(std::size_t group);
  void move(std::size_t coordinate, double change);
  bool newton(const std::vector<std::size_t>& groups);
  bool is_zero(std::size_t group) const;
  bool is_at_bound(std::size_t group) const;

  ReducedCurvature& curvature_;
  const SeparablePenalty& penalty_;
  double lambda_ = 0.0;
  std::vector<double>* theta_ = nullptr;
  std::vector<double> slope_;  ///< of the quadratic at theta
};

}  // namespace glmpp

#endif
