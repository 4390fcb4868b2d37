#ifndef GLMPP_SOLVER_RANK_H
#define GLMPP_SOLVER_RANK_H

#include "control.h"
#include "linalg/information_factor.h"
#include "objective/objective.h"

namespace glmpp {

/// The factor of a bordered information over the columns that are not aliased: each is no combination of the columns before
/// it, as glm() has it. The information tells which columns may be combinations of others; the rows, where they are at hand, tell
/// which are, by what corrected semi-normal equations leave of them (Bjorck 1987, Linear Algebra and its Applications 88/89).
InformationFactor factor_by_rank(Objective& objective, const Information& information,
                                 const Control& control);

}  // namespace glmpp

#endif
