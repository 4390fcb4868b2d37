#ifndef GLMPP_SOLVER_PENALTY_PATH_H
#define GLMPP_SOLVER_PENALTY_PATH_H

#include <functional>
#include <memory>
#include <vector>

#include "objective/model_columns.h"
#include "proximal_newton.h"

namespace glmpp {

/// The lambdas of a path, or how they are made: from the least at which all penalised coefficients are zero downwards.
struct PathLambdas {
  std::vector<double> given;  ///< descending; empty: made
  std::size_t count = 0;
  double ratio = 0.0;  ///< of the last to the first
  /// Those that are made end where the deviance explained has reached this share, or grows by less than that share of itself.
  double most_explained = 1.0, least_gain = 0.0;
  bool relax = false;  ///< also the unpenalised fits of what is not zero
};

/// Another objective over the same rows, of these coefficients alone.
using OfColumns = std::function<std::unique_ptr<Objective>(const std::vector<std::size_t>&)>;

struct PathProblem {
  Objective* whole = nullptr;
  /// Empty: each pass is over all columns. Else descents are over columns that may be in the model (strong rules: Tibshirani and
  /// others, 2012), and the others are asked whether one is missing, but those that what the residuals have moved since they were asked
  /// last can't have brought in.
  OfColumns of_columns;
  /// Those columns one by one, where `of_columns` is there.
  ModelColumns* columns = nullptr;
  /// Of each coefficient's column the root of the sum of squares about its mean, in weights that are no less than the prior ones, and the
  /// size of its mean.
  std::vector<double> spread, mean;
};

/// What was reached at each lambda: a column, or an element, for each.
struct PathResult {
  std::vector<double> lambda, deviance, violation;
  std::vector<std::vector<double>> coefficients;
  std::vector<int> converged, steps;
  /// Of the unpenalised fits; NaN where there are no more rows than coefficients, or no optimum was found.
  std::vector<std::vector<double>> relaxed;
  std::vector<double> relaxed_deviance;
  double null_deviance = 0.0;
  std::vector<double> null_coefficients;
  double largest =
      0.0;  ///< the least lambda at which all penalised coefficients are zero; 0 without a norm
  double unit =
      0.0;  ///< the largest violation of the null model at lambda = 0, by which the tolerance is measured
  int passes = 0, partial_passes = 0, informations = 0;
  bool has_start = true;  ///< else the start has no valid mean, or the null model no optimum
};

/// Penalised optima along lambdas, each from the one before. `control.tolerance` is relative to `unit`. `report` is told the
/// number of each lambda that is done, may be empty, and may throw.
PathResult follow_path(const PathProblem& problem, const SeparablePenalty& penalty,
                       const PathLambdas& lambdas, const std::vector<double>& start,
                       const ProximalControl& control,
                       const std::function<void(std::size_t)>& report);

}  // namespace glmpp

#endif
