#ifndef GLMPP_FAMILY_ROW_KERNEL_H
#define GLMPP_FAMILY_ROW_KERNEL_H

#include <cstddef>

#include "row_model.h"

namespace glmpp {

// Vectorised last stages of the fused models, over whole registers of rows. Each returns how many
// leading rows it has done and adds their deviance and, where eta has not been
// checked before, 0 * eta, which is NaN when some eta is not finite; the caller does the rest.

struct KernelSums {
  std::size_t done = 0;
  double deviance = 0.0;
  double finite = 0.0;
};

/// mean = max(mean, least double) and ratio = y / mean (1 / mean at y = 0); `finite` also tells of means.
KernelSums ratio_rows(const Rows& rows, double* mean, double* ratio);

/// y - eta under weight 1.
KernelSums gaussian_identity_rows(const Rows& rows, WorkingRows& out);

/// Reads mu from out.mean, 1 - mu from out.residual and -log mu from out.working_residual; every y is
/// 0 or 1.
KernelSums bernoulli_logit_rows(const Rows& rows, WorkingRows& out);

/// Reads mu from out.mean and log(y / mu) (of 1 / mu at y = 0) from out.working_residual.
KernelSums poisson_log_rows(const Rows& rows, WorkingRows& out);

/// Reads mu from out.mean and log(y / mu) from out.residual.
KernelSums gamma_log_rows(const Rows& rows, WorkingRows& out);

}  // namespace glmpp

#endif
