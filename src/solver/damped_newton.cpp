#include "damped_newton.h"

#include <algorithm>
#include <numeric>

#include "rank.h"

namespace glmpp {

namespace {

Information mixture(const Information& observed, const Information& expected,
                    double share_of_expected) {
  Information mixed = observed;
  mixed.mix(1.0 - share_of_expected, expected, share_of_expected);
  return mixed;
}

}  // namespace

DampedNewton::DampedNewton(const Objective& objective, const Control& control)
    : control_(control), estimable_(objective.coefficient_count()) {
  std::iota(estimable_.begin(), estimable_.end(), std::size_t{0});
}

unsigned DampedNewton::need() const {
  return need_score | need_observed_information | (damping_ > 0.0 ? need_information : 0u);
}

bool DampedNewton::factorise(const Point& point) {
  factor_ = InformationFactor::from_information(
      damping_ > 0.0 ? mixture(point.sums.observed_information, point.sums.information, damping_)
                     : point.sums.observed_information,
      estimable_, control_.threads);
  return factor_.is_positive_definite();
}

Step DampedNewton::propose(Objective& objective, Point& point) {
  while (!factorise(point) && damping_ < 1.0) {
    damping_ = std::min(1.0, 4.0 * damping_ + 0.05);
    if (!point.sums.has(need_information))
      evaluate_at(objective, point, need_score | need_information);
  }
  if (!factor_.is_positive_definite() && point.sums.information.is_bordered()) {
    factor_ = factor_by_rank(objective, point.sums.information, control_);
    estimable_ = factor_.estimable();
  }
  if (!factor_.is_positive_definite()) {
    evaluate_at(objective, point, need_score | need_root);
    factor_ = InformationFactor::from_root(point.sums.root, control_.rank_tolerance);
    estimable_ = factor_.estimable();
  }
  constexpr double negligible_damping = 0.02;
  const double less = 0.25 * damping_;
  damping_ = less < negligible_damping ? 0.0 : less;
  return newton_step(factor_, point);
}

}  // namespace glmpp
