#ifndef GLMPP_SOLVER_STATUS_H
#define GLMPP_SOLVER_STATUS_H

namespace glmpp {

/// Why a solver stopped. The names go to R as they are; R has the sentence for each.
enum class StopReason {
  converged,
  iteration_limit,
  no_valid_start,  ///< no coefficients found where eta and mu are valid
  no_valid_step,   ///< shortened steps never came back to the valid region
  no_descent       ///< shortened steps never lowered the deviance
};

inline const char* name_of(StopReason reason) {
  switch (reason) {
    case StopReason::converged: return "converged";
    case StopReason::iteration_limit: return "iteration_limit";
    case StopReason::no_valid_start: return "no_valid_start";
    case StopReason::no_valid_step: return "no_valid_step";
    case StopReason::no_descent: return "no_descent";
  }
  return "unknown";
}

}  // namespace glmpp

#endif
