#ifndef GLMPP_OBJECTIVE_POSED_OBJECTIVE_H
#define GLMPP_OBJECTIVE_POSED_OBJECTIVE_H

#include <memory>
#include <vector>

#include "held_objective.h"
#include "objective.h"
#include "penalized_objective.h"

namespace glmpp {

/// An objective as a problem poses it: with its penalty, if any (null), and its held coefficients.
class PosedObjective : public Objective {
 public:
  PosedObjective(Objective& data, const Penalty* penalty, const std::vector<std::size_t>& held)
      : outermost_(&data) {
    if (penalty) {
      penalized_ = std::make_unique<PenalizedObjective>(*outermost_, *penalty);
      outermost_ = penalized_.get();
    }
    if (!held.empty()) {
      held_ = std::make_unique<HeldObjective>(*outermost_, held);
      outermost_ = held_.get();
    }
    traits_ = outermost_->traits();
  }
  /// Owns the data.
  PosedObjective(std::unique_ptr<Objective> data, const Penalty* penalty,
                 const std::vector<std::size_t>& held)
      : PosedObjective(*data, penalty, held) {
    data_ = std::move(data);
  }

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override {
    outermost_->evaluate(coefficients, need, sums);
  }
  void evaluate_start(unsigned need, Sums& sums) override {
    outermost_->evaluate_start(need, sums);
  }
  std::unique_ptr<Objective> normal_twin() const override { return outermost_->normal_twin(); }

 private:
  Objective* outermost_;
  std::unique_ptr<Objective> data_;
  std::unique_ptr<PenalizedObjective> penalized_;
  std::unique_ptr<HeldObjective> held_;
};

}  // namespace glmpp

#endif
