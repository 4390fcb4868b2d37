#include "row_kernel.h"

#include <limits>

#include "parallel/instruction_set.h"
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

#define GLMPP_RUN(stage)                                   \
  switch (instruction_set()) {                             \
    case InstructionSet::avx512:                           \
      return avx512::run_stage<avx512::stage>(rows, out);  \
    case InstructionSet::avx2:                             \
      return avx2::run_stage<avx2::stage>(rows, out);      \
    case InstructionSet::baseline:                         \
      break;                                               \
  }                                                        \
  return baseline::run_stage<baseline::stage>(rows, out);
#else
#define GLMPP_RUN(stage) return baseline::run_stage<baseline::stage>(rows, out);
#endif

}  // namespace

KernelSums ratio_rows(const Rows& rows, double* mean, double* ratio) {
#ifdef GLMPP_X86_PACKS
  if (instruction_set() == InstructionSet::avx512) return avx512::run_ratio(rows, mean, ratio);
  if (instruction_set() == InstructionSet::avx2) return avx2::run_ratio(rows, mean, ratio);
#endif
  return baseline::run_ratio(rows, mean, ratio);
}

KernelSums gaussian_identity_rows(const Rows& rows, WorkingRows& out) {
  GLMPP_RUN(GaussianIdentityStage)
}

KernelSums bernoulli_logit_rows(const Rows& rows, WorkingRows& out) {
  GLMPP_RUN(BernoulliLogitStage)
}

KernelSums poisson_log_rows(const Rows& rows, WorkingRows& out) { GLMPP_RUN(PoissonLogStage) }

KernelSums gamma_log_rows(const Rows& rows, WorkingRows& out) { GLMPP_RUN(GammaLogStage) }

}  // namespace glmpp
