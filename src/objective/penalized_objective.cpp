#include "penalized_objective.h"

#include <utility>

#include "linalg/triangular_update.h"

namespace glmpp {

void PenalizedObjective::evaluate(const std::vector<double>& coefficients, unsigned need,
                                  Sums& sums) {
  objective_.evaluate(coefficients, need, sums);
  sums.deviance += 2.0 * penalty_.value(coefficients);
  if (sums.has(need_score)) penalty_.add_score(coefficients, sums.score);
  add_curvature(coefficients, sums);
}

// The score of the starting means is for a step from zero, where a quadratic penalty has none.
void PenalizedObjective::evaluate_start(unsigned need, Sums& sums) {
  objective_.evaluate_start(need, sums);
  const std::vector<double> zero(coefficient_count(), 0.0);
  if (sums.has(need_score)) penalty_.add_score(zero, sums.score);
  add_curvature(zero, sums);
}

namespace {

// Owns what it penalises; a base, so that it is there first.
struct Inner {
  std::unique_ptr<Objective> inner;
};
class OwningPenalized : private Inner, public PenalizedObjective {
 public:
  OwningPenalized(std::unique_ptr<Objective> objective, const Penalty& penalty)
      : Inner{std::move(objective)}, PenalizedObjective(*inner, penalty) {}
};

}  // namespace

std::unique_ptr<Objective> PenalizedObjective::normal_twin() const {
  auto twin = objective_.normal_twin();
  if (!twin) return nullptr;
  return std::make_unique<OwningPenalized>(std::move(twin), penalty_);
}

Traits PenalizedObjective::penalized(Traits traits, const Penalty& penalty) {
  traits.has_constant_information &= penalty.has_constant_curvature();
  traits.is_quadratic &= penalty.has_constant_curvature();
  return traits;
}

void PenalizedObjective::add_curvature(const std::vector<double>& coefficients, Sums& sums) const {
  if (sums.has(need_information)) penalty_.add_curvature_to(coefficients, sums.information);
  if (sums.has(need_observed_information))
    penalty_.add_curvature_to(coefficients, sums.observed_information);
  if (!sums.has(need_root)) return;
  Matrix rows = penalty_.curvature_rows(coefficients);
  absorb_rows(sums.root, rows.data(), rows.rows(), rows.rows());
}

}  // namespace glmpp
