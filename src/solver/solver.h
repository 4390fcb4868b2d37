#ifndef GLMPP_SOLVER_SOLVER_H
#define GLMPP_SOLVER_SOLVER_H

#include <vector>

#include "descent.h"
#include "fisher_scoring.h"
#include "objective/penalty.h"
#include "solver_options.h"

namespace glmpp {

struct Fit {
  Solution solution;
  InformationFactor factor;  ///< of the expected information at the solution
  double effective_rows = 0.0;
  std::vector<std::size_t> boundary_rows;  ///< at an end of the valid range, where the optimum is there
  bool is_accurate = false;  ///< reached by blockwise QR
};

/// R reports aliased coefficients as NA: what a start, or a search, has left in them moves to the other columns.
/// Where columns are aliased only by weights that vanish, they can't be done without: then the point stays, and has not
/// converged.
void leave_aliased(Objective& objective, Fit& fit);

/// Fisher scoring with its refinement of the last digits.
Fit fit_by_scoring(Objective& objective, FisherScoring& direction, const Start& start,
                   const Control& control);

/// Any objective by the solver of that name; "irls" and "coordinate_descent" start from the starting means
/// where no coefficients are given, the others from first_coefficients(). Columns that are aliased there
/// stay where they are, unless `may_freeze` is false.
Fit fit_by(Objective& objective, const SolverOptions& options, const Start& start, Control control,
           bool may_freeze = true);

/// Where nothing is given: zero for first-order methods, the anchor where zero is not valid, else what one
/// iteration of Fisher scoring reaches.
Start first_coefficients(Objective& objective, bool is_first_order, const Start& start,
                         const Control& control);

/// What was reached without a factor of the information, with one. One pass.
Fit judge(Objective& objective, Solution solution, const Control& control);

/// fit_by() with a penalty, or none (null), on the negative log-likelihood; the solution's deviance is that
/// of the objective alone.
Fit fit_penalized(Objective& objective, const SolverOptions& options, const Penalty* penalty,
                  const Start& start, const Control& control, bool may_freeze = true);

}  // namespace glmpp

#endif
