#include "fisher_scoring.h"

#include <numeric>

namespace glmpp {

FisherScoring::FisherScoring(std::size_t coefficient_count, double rank_tolerance,
                             bool constant_information)
    : rank_tolerance_(rank_tolerance),
      constant_information_(constant_information),
      active_(coefficient_count) {
  std::iota(active_.begin(), active_.end(), std::size_t{0});
}

unsigned FisherScoring::need() const {
  if (has_factor_ && constant_information_) return need_score;
  return need_score | (accurate_ ? need_root : need_information);
}

Step FisherScoring::propose(Objective& objective, Point& point) {
  if (!(has_factor_ && constant_information_)) refresh_factor(objective, point);
  Step step;
  factor_.solve(point.sums.score, step.change);
  step.decrement = std::inner_product(step.change.begin(), step.change.end(),
                                      point.sums.score.begin(), 0.0);
  return step;
}

void FisherScoring::refresh_factor(Objective& objective, Point& point) {
  has_factor_ = true;
  if (!accurate_) {
    factor_ = InformationFactor::from_information(point.sums.information, active_);
    if (!factor_.doubtful()) return;
    evaluate_at(objective, point, need_score | need_root);
  }
  factor_ = InformationFactor::from_root(point.sums.root, rank_tolerance_);
  active_ = factor_.active();
  // Aliased columns gone, the Gram matrix of the rest may be sure again.
  if (point.sums.has(need_information))
    accurate_ = InformationFactor::from_information(point.sums.information, active_).doubtful();
}

}  // namespace glmpp
