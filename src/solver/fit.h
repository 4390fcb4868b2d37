#ifndef GLMPP_SOLVER_FIT_H
#define GLMPP_SOLVER_FIT_H

#include <limits>
#include <vector>

#include "descent.h"
#include "linalg/information_factor.h"

namespace glmpp {

/// What a solver reached; the deviance is that of the model alone, without a penalty.
struct Fit {
  Solution solution;
  InformationFactor
      factor;  ///< of the expected information at the solution, the penalty's curvature included
  std::vector<std::size_t> aliased;
  double effective_rows = 0.0;
  std::vector<std::size_t>
      boundary_rows;         ///< at an end of the valid range, where the optimum is there
  bool is_accurate = false;  ///< reached by blockwise QR
  /// Of the optimality conditions of a penalty that is not smooth, as a share of the null model's largest slope; else NaN.
  double violation = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace glmpp

#endif
