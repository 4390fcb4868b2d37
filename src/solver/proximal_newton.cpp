#include "proximal_newton.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "control.h"

namespace glmpp {

namespace {

// A step by an information of another point that leaves more of the violation than this asks for one of its own.
constexpr double contracts = 0.2;
// An information that is so small a share of a pass is always taken along.
constexpr double cheap_information = 0.3;
// The inner descent ends at this share of the violation at hand.
constexpr double inner_share = 0.01;
constexpr int most_halvings = 40;
// Falls below this share of the value are rounding.
constexpr double rounding = 1e-13;

}  // namespace

ProximalNewton::ProximalNewton(Objective& objective, const SeparablePenalty& penalty,
                               ProximalControl control)
    : objective_(objective), penalty_(penalty), control_(std::move(control)) {}

bool ProximalNewton::evaluate(const std::vector<double>& coefficients, bool with_information,
                              Sums& sums) {
  ++passes_;
  informations_ += with_information;
  objective_.evaluate(coefficients, need_score | (with_information ? need_information : 0u), sums);
  return sums.valid;
}

void ProximalNewton::read_gradient() {
  std::vector<double> gradient = sums_.score;
  for (double& value : gradient) value /= -control_.weight;
  penalty_.to_coordinates(gradient, gradient_);
  free_gradient_.clear();
  for (std::size_t j : penalty_.free()) free_gradient_.push_back(gradient[j]);
}

void ProximalNewton::read_curvature() {
  curvature_ = std::make_unique<ReducedCurvature>(sums_.information, control_.weight, penalty_);
  is_current_ = true;
}

bool ProximalNewton::begin(const std::vector<double>& theta,
                           const std::vector<double>& coefficients) {
  theta_ = theta;
  coefficients_ = coefficients;
  penalty_.set_coefficients(theta_, coefficients_);
  if (!evaluate(coefficients_, true, sums_)) return false;
  read_gradient();
  read_curvature();
  return true;
}

double ProximalNewton::largest_free_slope() const {
  double largest = 0.0;
  for (std::size_t k = 0; k < free_gradient_.size(); ++k)
    largest =
        std::max(largest, std::abs(free_gradient_[k]) / control_.free_scale[penalty_.free()[k]]);
  return largest;
}

double ProximalNewton::largest_violation(double lambda, const std::vector<char>& may_move) const {
  double largest = largest_free_slope();
  for (std::size_t g = 0; g < may_move.size(); ++g)
    if (may_move[g])
      largest = std::max(largest, penalty_.violation(g, lambda, theta_.data() + penalty_.offset(g),
                                                     gradient_.data() + penalty_.offset(g)));
  return largest;
}

double ProximalNewton::largest_slope() const {
  return std::max(largest_free_slope(), penalty_.largest_norm(gradient_));
}

bool ProximalNewton::step(double lambda, const std::vector<char>& may_move) {
  const bool is_exact = objective_.traits().is_quadratic;
  const double target =
      std::max(0.1 * control_.tolerance, is_exact ? 0.0 : inner_share * violation_);
  std::vector<double> theta = theta_;
  PenalisedStep(*curvature_, penalty_)
      .minimise(curvature_->reduce(gradient_, free_gradient_), lambda, target, may_move, theta);
  std::vector<double> change(theta.size());
  for (std::size_t j = 0; j < theta.size(); ++j) change[j] = theta[j] - theta_[j];
  const std::vector<double> free_change = curvature_->follow(change, free_gradient_);

  const double penalty = penalty_.value(lambda, theta_), value = smooth(sums_) + penalty;
  double slope = penalty_.value(lambda, theta) - penalty;
  for (std::size_t j = 0; j < change.size(); ++j) slope += gradient_[j] * change[j];
  for (std::size_t k = 0; k < free_change.size(); ++k) slope += free_gradient_[k] * free_change[k];

  const bool with_information =
      !objective_.traits().has_constant_information &&
      (wants_information_ || objective_.traits().information_share < cheap_information);
  double share = 1.0;
  for (int halving = 0; halving < most_halvings; ++halving, share *= 0.5) {
    std::vector<double> trial_theta = theta_, trial = coefficients_;
    for (std::size_t j = 0; j < change.size(); ++j)
      trial_theta[j] = share == 1.0 ? theta[j] : theta_[j] + share * change[j];
    penalty_.set_coefficients(trial_theta, trial);
    for (std::size_t k = 0; k < free_change.size(); ++k)
      trial[penalty_.free()[k]] += share * free_change[k];
    Sums sums;
    if (evaluate(trial, with_information, sums)) {
      const double fall = smooth(sums) + penalty_.value(lambda, trial_theta) - value;
      if (fall <= armijo * share * slope + rounding * std::abs(value)) {
        theta_ = std::move(trial_theta);
        coefficients_ = std::move(trial);
        sums_ = std::move(sums);
        read_gradient();
        is_current_ = objective_.traits().has_constant_information;
        if (with_information) read_curvature();
        wants_information_ = share < 1.0;
        share_ = share;
        return true;
      }
    }
    // Better by the information of this point than shortened.
    if (!is_current_) return false;
  }
  return false;
}

bool ProximalNewton::minimise(double lambda, bool only_free) {
  std::vector<char> may_move(penalty_.groups().size());
  for (std::size_t g = 0; g < may_move.size(); ++g)
    may_move[g] = !only_free || !penalty_.groups()[g].is_penalised();
  wants_information_ = false;
  violation_ = largest_violation(lambda, may_move);
  if (steps_ == 0 && control_.report) control_.report(*this, share_);
  for (int k = 0; violation_ > control_.tolerance; ++k) {
    if (k == control_.iterations) return false;
    const double before = violation_;
    if (!step(lambda, may_move)) {
      if (is_current_) return false;
      if (!evaluate(coefficients_, true, sums_)) return false;
      read_curvature();
      continue;
    }
    ++steps_;
    violation_ = largest_violation(lambda, may_move);
    if (violation_ > contracts * before) wants_information_ = true;
    if (control_.report) control_.report(*this, share_);
  }
  return true;
}

}  // namespace glmpp
