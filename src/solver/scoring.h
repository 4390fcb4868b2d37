#ifndef GLMPP_SOLVER_SCORING_H
#define GLMPP_SOLVER_SCORING_H

#include "fisher_scoring.h"
#include "fit.h"

namespace glmpp {

/// Fisher scoring with its refinement of the last digits.
Fit fit_by_scoring(Objective& objective, FisherScoring& direction, const Start& start,
                   const Control& control);

/// What was reached without a factor of the information, with one. One pass.
Fit judge(Objective& objective, Solution solution, const Control& control);

}  // namespace glmpp

#endif
