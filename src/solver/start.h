#ifndef GLMPP_SOLVER_START_H
#define GLMPP_SOLVER_START_H

#include "descent.h"
#include "fisher_scoring.h"

namespace glmpp {

/// What a fit to a sample of the rows gives to begin with.
struct SampleStart {
  std::vector<double> coefficients;  ///< empty where the sample misleads
  InformationFactor factor;          ///< of the whole, by the sample's
  bool lends_factor = false;
};

/// Fits a sample of the rows loosely. It misleads where it does not converge, or where columns are aliased or
/// ill-conditioned in it.
SampleStart fit_sample(Objective& sample, double sampled_share, const Control& control,
                       const Start& start);

/// Every how many tiles to sample, 1 when a sample does not pay.
std::size_t sample_stride(std::size_t rows, std::size_t coefficients);

/// Where nothing is given: `from_zero`, zero, or the anchor where zero is not valid; else what one iteration of Fisher
/// scoring reaches.
Start first_coefficients(Objective& objective, bool from_zero, const Start& start,
                         const Control& control);

}  // namespace glmpp

#endif
