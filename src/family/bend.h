#ifndef GLMPP_FAMILY_BEND_H
#define GLMPP_FAMILY_BEND_H

#include <memory>
#include <string>

#include "row_model.h"

namespace glmpp {

/// How a model is bent, for a rescue to be led over it. Kinds: "none"; "barrier", see BarrierModel; "feasibility", see
/// FeasibilityModel.
struct Bend {
  std::string kind = "none";
  double height = 0.0;         ///< of the barrier
  double target = 0.0;         ///< of feasibility: the linear predictor to come near to
  double target_weight = 1.0;  ///< of feasibility
};

/// Borrows `model`; null where the bend is "none". Throws std::invalid_argument on an unknown kind.
std::unique_ptr<RowModel> bend_model(const RowModel& model, const Bend& bend);

}  // namespace glmpp

#endif
