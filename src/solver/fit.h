#ifndef GLMPP_SOLVER_FIT_H
#define GLMPP_SOLVER_FIT_H

#include <functional>

#include "family/row_model.h"
#include "objective/memory_objective.h"
#include "solver.h"
#include "stochastic_descent.h"

namespace glmpp {

/// A model over rows in memory.
struct Problem {
  const Design* design = nullptr;
  const RowModel* model = nullptr;
  Response response;
  FittedRows fitted;
  /// The same model over the distinct rows of the design; null when they are not grouped.
  const Design* grouped_design = nullptr;
  Response grouped_response;
  unsigned threads = 1;
  std::function<void()> poll;
};

/// By any solver, with a penalty or none (null); the deviance is that of the model alone.
Fit fit_rows_by(const Problem& problem, const SolverOptions& options, const Penalty* penalty,
                const Start& start, const Control& control);

/// By stochastic gradient descent, with steps by `step_model`.
Fit fit_rows_stochastically(const Problem& problem, const RowModel& step_model,
                            const StochasticOptions& options, const Penalty* penalty,
                            const Start& start, const Control& control);

/// Iteratively reweighted least squares, from a fit to a sample of the rows where that pays
/// (`may_sample`), over groups of equal rows where they are given.
Fit fit_rows(const Problem& problem, Start start, const Control& control, bool may_sample);

/// leave_aliased() over the rows of the problem.
void leave_aliased_rows(const Problem& problem, Fit& fit);

/// fit_rows() where an objective is all that is known of the data; `sample` may be null, else it is the
/// same model over a `sample_share` of the rows.
Fit fit_objective(Objective& objective, Start start, const Control& control, Objective* sample,
                  double sample_share);

}  // namespace glmpp

#endif
