#ifndef GLMPP_OBJECTIVE_FROZEN_OBJECTIVE_H
#define GLMPP_OBJECTIVE_FROZEN_OBJECTIVE_H

#include <vector>

#include "objective.h"

namespace glmpp {

/// An objective that holds some coefficients where they are: their score is zero, and their rows and columns
/// of the information are those of the identity.
class FrozenObjective : public Objective {
 public:
  FrozenObjective(Objective& objective, std::vector<std::size_t> frozen)
      : objective_(objective), frozen_(std::move(frozen)) {}

  std::size_t coefficient_count() const override { return objective_.coefficient_count(); }
  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override {
    objective_.evaluate(coefficients, need, sums);
    freeze(sums);
  }
  void evaluate_start(unsigned need, Sums& sums) override {
    objective_.evaluate_start(need, sums);
    freeze(sums);
  }
  bool has_constant_information() const override { return objective_.has_constant_information(); }
  bool gives_root() const override { return objective_.gives_root(); }
  bool has_observed_information() const override { return objective_.has_observed_information(); }
  double information_share() const override { return objective_.information_share(); }
  double effective_rows() const override { return objective_.effective_rows(); }

 private:
  void freeze(Sums& sums) const {
    if (sums.has(need_score))
      for (std::size_t j : frozen_) sums.score[j] = 0.0;
    if (sums.has(need_information)) separate(sums.information);
    if (sums.has(need_observed_information)) separate(sums.observed_information);
  }

  void separate(Matrix& information) const {
    for (std::size_t j : frozen_) {
      for (std::size_t i = 0; i < information.rows(); ++i) information(i, j) = information(j, i) = 0.0;
      information(j, j) = 1.0;
    }
  }

  Objective& objective_;
  std::vector<std::size_t> frozen_;
};

}  // namespace glmpp

#endif
