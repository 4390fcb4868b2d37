#include "row_kernel.h"

#include <limits>

#include "parallel/dispatch.h"
#include "vector_math_pack.h"

namespace glmpp {

namespace {

constexpr double smallest_double = std::numeric_limits<double>::min();
constexpr double epsilon = std::numeric_limits<double>::epsilon();

#define GLMPP_KERNEL_FILE "family/row_kernel.inc"
#include "parallel/each_instruction_set.inc"

}  // namespace

KernelSums ratio_rows(const Rows& rows, double* mean,
                      double* ratio){GLMPP_DISPATCH(run_ratio, rows, mean, ratio)}

KernelSums gaussian_identity_rows(const Rows& rows, WorkingRows& out){
    GLMPP_DISPATCH(run_gaussian_identity, rows, out)}

KernelSums bernoulli_logit_rows(const Rows& rows,
                                WorkingRows& out){GLMPP_DISPATCH(run_bernoulli_logit, rows, out)}

KernelSums
    poisson_log_rows(const Rows& rows, WorkingRows& out){GLMPP_DISPATCH(run_poisson_log, rows, out)}

KernelSums gamma_log_rows(const Rows& rows, WorkingRows& out) {
  GLMPP_DISPATCH(run_gamma_log, rows, out)
}

}  // namespace glmpp
