#include "fit_objective.h"

#include "fisher_scoring.h"

namespace glmpp {

Fit fit_objective(Objective& objective, const Start& start, const Control& control) {
  FisherScoring direction(objective, control);
  Fit fit;
  fit.solution = descend(objective, direction, start, control);
  if (fit.solution.converged)
    fit.solution.passes += direction.refine(objective, fit.solution.point).passes;
  fit.factor = direction.factor();
  fit.effective_rows = objective.effective_rows();
  fit.is_accurate = direction.is_accurate();
  return fit;
}

}  // namespace glmpp
