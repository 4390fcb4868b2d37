#ifndef GLMPP_OBJECTIVE_HELD_OBJECTIVE_H
#define GLMPP_OBJECTIVE_HELD_OBJECTIVE_H

#include <memory>
#include <utility>
#include <vector>

#include "objective.h"

namespace glmpp {

/// An objective whose `held` coefficients no step moves: see hold().
class HeldObjective : public Objective {
 public:
  HeldObjective(Objective& objective, std::vector<std::size_t> held)
      : Objective(objective.traits()), objective_(objective), held_(std::move(held)) {}
  /// Owns the objective.
  HeldObjective(std::unique_ptr<Objective> objective, std::vector<std::size_t> held)
      : Objective(objective->traits()),
        own_(std::move(objective)),
        objective_(*own_),
        held_(std::move(held)) {}

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override {
    objective_.evaluate(coefficients, need, sums);
    hold(held_, sums);
  }
  void evaluate_start(unsigned need, Sums& sums) override {
    objective_.evaluate_start(need, sums);
    hold(held_, sums);
  }
  std::unique_ptr<Objective> normal_twin() const override {
    auto twin = objective_.normal_twin();
    if (!twin) return nullptr;
    return std::make_unique<HeldObjective>(std::move(twin), held_);
  }

 private:
  std::unique_ptr<Objective> own_;
  Objective& objective_;
  std::vector<std::size_t> held_;
};

}  // namespace glmpp

#endif
