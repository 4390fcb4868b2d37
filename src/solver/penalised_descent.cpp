#include "penalised_descent.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "control.h"

namespace glmpp {

namespace {

// Falls below this share of the value are rounding.
constexpr double rounding = 1e-13;

}  // namespace

PenalisedDescent::PenalisedDescent(const SeparablePenalty& penalty, ProximalControl control)
    : penalty_(penalty), control_(std::move(control)) {}

double PenalisedDescent::largest_free_slope() const {
  double largest = 0.0;
  for (std::size_t k = 0; k < free_gradient_.size(); ++k)
    largest =
        std::max(largest, std::abs(free_gradient_[k]) / control_.free_scale[penalty_.free()[k]]);
  return largest;
}

double PenalisedDescent::largest_violation(double lambda, const std::vector<char>& may_move) const {
  double largest = largest_free_slope();
  for (std::size_t g = 0; g < may_move.size(); ++g)
    if (may_move[g])
      largest = std::max(largest, penalty_.violation(g, lambda, theta_.data() + penalty_.offset(g),
                                                     gradient_.data() + penalty_.offset(g)));
  return largest;
}

double PenalisedDescent::largest_slope() const {
  return std::max(largest_free_slope(), penalty_.largest_norm(gradient_));
}

bool PenalisedDescent::is_enough(double fall, double share, double slope, double value) const {
  return fall <= armijo * share * slope + rounding * std::abs(value);
}

bool PenalisedDescent::minimise(double lambda, const std::vector<char>& may_move) {
  start_lambda();
  violation_ = largest_violation(lambda, may_move);
  if (steps_ == 0 && control_.report) control_.report(*this, share_);
  for (int k = 0; violation_ > control_.tolerance; ++k) {
    if (k == control_.iterations) return false;
    const Outcome outcome = step(lambda, may_move);
    if (outcome == Outcome::stuck) return false;
    if (outcome == Outcome::renewed) continue;
    ++steps_;
    const double before = violation_;
    violation_ = largest_violation(lambda, may_move);
    has_moved(before, violation_);
    if (control_.report) control_.report(*this, share_);
  }
  return true;
}

}  // namespace glmpp
