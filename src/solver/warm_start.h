#ifndef GLMPP_SOLVER_WARM_START_H
#define GLMPP_SOLVER_WARM_START_H

#include "descent.h"
#include "fisher_scoring.h"

namespace glmpp {

/// Fits a sample of the rows loosely and lets `start` and `direction` begin there. Where the sample
/// misleads (no convergence, aliased or ill-conditioned columns) both are left as they are.
void warm_start(Objective& sample, double sampled_share, const Control& control, Start& start,
                FisherScoring& direction);

/// Every how many tiles to sample, 1 when a sample does not pay.
std::size_t sample_stride(std::size_t rows, std::size_t coefficients);

}  // namespace glmpp

#endif
