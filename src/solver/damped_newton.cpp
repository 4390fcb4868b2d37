#include "damped_newton.h"

#include <algorithm>
#include <numeric>

namespace glmpp {

DampedNewton::DampedNewton(const Objective& objective, const Control& control, BarrierModel& model)
    : control_(control), model_(model), active_(objective.coefficient_count()) {
  std::iota(active_.begin(), active_.end(), std::size_t{0});
}

Step DampedNewton::propose(Objective& objective, Point& point) {
  factor_ = InformationFactor::from_information(point.sums.information, active_, control_.threads);
  while (!factor_.is_positive_definite() && model_.damping() < 1.0) {
    model_.set_damping(std::min(1.0, 4.0 * model_.damping() + 0.05));
    evaluate_at(objective, point, need());
    factor_ = InformationFactor::from_information(point.sums.information, active_, control_.threads);
  }
  if (!factor_.is_positive_definite()) {
    evaluate_at(objective, point, need_score | need_root);
    factor_ = InformationFactor::from_root(point.sums.root, control_.rank_tolerance);
    active_ = factor_.active();
  }
  constexpr double negligible_damping = 0.02;
  const double less = 0.25 * model_.damping();
  model_.set_damping(less < negligible_damping ? 0.0 : less);

  Step step;
  factor_.solve(point.sums.score, step.change);
  step.decrement = std::inner_product(step.change.begin(), step.change.end(),
                                      point.sums.score.begin(), 0.0);
  return step;
}

}  // namespace glmpp
