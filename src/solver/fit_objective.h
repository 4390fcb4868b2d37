#ifndef GLMPP_SOLVER_FIT_OBJECTIVE_H
#define GLMPP_SOLVER_FIT_OBJECTIVE_H

#include "fit.h"

namespace glmpp {

/// Fisher scoring on any objective, refined where it has converged.
Fit fit_objective(Objective& objective, const Start& start, const Control& control);

}  // namespace glmpp

#endif
