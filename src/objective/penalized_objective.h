#ifndef GLMPP_OBJECTIVE_PENALIZED_OBJECTIVE_H
#define GLMPP_OBJECTIVE_PENALIZED_OBJECTIVE_H

#include "objective.h"
#include "penalty.h"

namespace glmpp {

/// An objective with a penalty on the negative log-likelihood: deviance + 2 penalty.
class PenalizedObjective : public Objective {
 public:
  PenalizedObjective(Objective& objective, const Penalty& penalty)
      : objective_(objective), penalty_(penalty) {}

  std::size_t coefficient_count() const override { return objective_.coefficient_count(); }
  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  void evaluate_start(unsigned need, Sums& sums) override;
  bool has_constant_information() const override;
  bool gives_root() const override { return objective_.gives_root(); }
  bool has_observed_information() const override { return objective_.has_observed_information(); }
  double information_share() const override { return objective_.information_share(); }
  double effective_rows() const override { return objective_.effective_rows(); }

 private:
  void add_curvature(const std::vector<double>& coefficients, Sums& sums) const;

  Objective& objective_;
  const Penalty& penalty_;
};

}  // namespace glmpp

#endif
