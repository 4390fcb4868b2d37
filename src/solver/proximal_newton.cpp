#include "proximal_newton.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace glmpp {

namespace {

// A step by an information of another point that leaves more of the violation than this asks for one of its own.
constexpr double contracts = 0.1;
// An information that is so small a share of a pass is always taken along.
constexpr double cheap_information = 0.3;
// The inner descent ends at this share of the violation at hand.
constexpr double inner_share = 0.01;

}  // namespace

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

// A step, shortened where needed; false where it does not lower the sum.
bool ProximalNewton::advance(double lambda, const std::vector<char>& may_move) {
  const bool is_exact = objective_.traits().is_quadratic;
  const double target =
      std::max(0.1 * control_.tolerance, is_exact ? 0.0 : inner_share * violation_);
  std::vector<double> theta = theta_;
  PenalisedStep(*curvature_, penalty_)
      .minimise(curvature_->reduce(gradient_, free_gradient_), lambda, target, may_move, theta);
  std::vector<double> change(theta.size());
  for (std::size_t j = 0; j < theta.size(); ++j) change[j] = theta[j] - theta_[j];
  const std::vector<double> free_change = curvature_->follow(change, free_gradient_);

  const double penalty = penalty_.value(lambda, theta_), value = smooth(sums_.deviance) + penalty;
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
      const double fall = smooth(sums.deviance) + penalty_.value(lambda, trial_theta) - value;
      if (is_enough(fall, share, slope, value)) {
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

PenalisedDescent::Outcome ProximalNewton::step(double lambda, const std::vector<char>& may_move) {
  if (advance(lambda, may_move)) return Outcome::moved;
  if (is_current_ || !evaluate(coefficients_, true, sums_)) return Outcome::stuck;
  read_curvature();
  return Outcome::renewed;
}

void ProximalNewton::has_moved(double before, double after) {
  if (after > contracts * before) wants_information_ = true;
}

}  // namespace glmpp
