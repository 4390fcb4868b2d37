#include "row_kernel.h"

#include <limits>

#include "parallel/dispatch.h"
#include "vector_math_pack.h"

namespace glmpp {

namespace {

constexpr double smallest_double = std::numeric_limits<double>::min();
constexpr double epsilon = std::numeric_limits<double>::epsilon();

namespace baseline {
using namespace pack::baseline;
#define GLMPP_KERNEL
#include "row_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace baseline

#ifdef GLMPP_X86_PACKS
namespace avx2 {
using namespace pack::avx2;
#define GLMPP_KERNEL GLMPP_AVX2
#include "row_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace avx2

namespace avx512 {
using namespace pack::avx512;
#define GLMPP_KERNEL GLMPP_AVX512
#include "row_kernel.inc"
#undef GLMPP_KERNEL
}  // namespace avx512
#endif

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
