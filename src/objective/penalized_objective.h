#ifndef GLMPP_OBJECTIVE_PENALIZED_OBJECTIVE_H
#define GLMPP_OBJECTIVE_PENALIZED_OBJECTIVE_H

#include <memory>

#include "objective.h"
#include "penalty.h"

namespace glmpp {

/// An objective with a penalty on the negative log-likelihood: deviance + 2 penalty.
class PenalizedObjective : public Objective {
 public:
  PenalizedObjective(Objective& objective, const Penalty& penalty)
      : Objective(penalized(objective.traits(), penalty)),
        objective_(objective),
        penalty_(penalty) {}

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  void evaluate_start(unsigned need, Sums& sums) override;
  std::unique_ptr<Objective> normal_twin() const override;

 private:
  static Traits penalized(Traits traits, const Penalty& penalty);
  void add_curvature(const std::vector<double>& coefficients, Sums& sums) const;

  Objective& objective_;
  const Penalty& penalty_;
};

}  // namespace glmpp

#endif
