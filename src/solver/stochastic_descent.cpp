#include "stochastic_descent.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "family/named_list.h"
#include "linalg/information_factor.h"

namespace glmpp {

namespace {

// Given: rate / (1 + decay t).
class DecayingRate : public StepRule {
 public:
  DecayingRate(double rate, double decay) : rate_(rate), decay_(decay) {}
  void prepare(double update, std::vector<double>&, std::vector<double>& rate) override {
    std::fill(rate.begin(), rate.end(), rate_ / (1.0 + decay_ * update));
  }

 private:
  double rate_, decay_;
};

class ScaledRate : public StepRule {
 public:
  explicit ScaledRate(const std::vector<double>& mean_diagonal) : scale_(mean_diagonal) {
    for (double& entry : scale_) entry = 1.0 / entry;
  }
  void prepare(double update, std::vector<double>&, std::vector<double>& rate) override {
    const double p = static_cast<double>(rate.size());
    const double root = std::cbrt(1.0 + update / p);
    const double common = 1.0 / (root * root * p);
    for (std::size_t j = 0; j < rate.size(); ++j) rate[j] = common * scale_[j];
  }

 private:
  std::vector<double> scale_;
};

// Duchi, Hazan and Singer 2011, J. Mach. Learn. Res. 12, 2121-2159.
class AdaGrad : public StepRule {
 public:
  AdaGrad(double rate, std::size_t p) : rate_(rate), squares_(p, 0.0) {}
  void prepare(double, std::vector<double>& score, std::vector<double>& rate) override {
    constexpr double floor = 1e-8;
    for (std::size_t j = 0; j < rate.size(); ++j) {
      squares_[j] += score[j] * score[j];
      rate[j] = rate_ / (std::sqrt(squares_[j]) + floor);
    }
  }

 private:
  double rate_;
  std::vector<double> squares_;
};

// Kingma and Ba 2015, ICLR, with their defaults.
class Adam : public StepRule {
 public:
  Adam(double rate, std::size_t p) : rate_(rate), first_(p, 0.0), second_(p, 0.0) {}
  void prepare(double update, std::vector<double>& score, std::vector<double>& rate) override {
    constexpr double keep_first = 0.9, keep_second = 0.999, floor = 1e-8;
    const double first_bias = 1.0 - std::pow(keep_first, update + 1.0);
    const double second_bias = 1.0 - std::pow(keep_second, update + 1.0);
    for (std::size_t j = 0; j < rate.size(); ++j) {
      first_[j] = keep_first * first_[j] + (1.0 - keep_first) * score[j];
      second_[j] = keep_second * second_[j] + (1.0 - keep_second) * score[j] * score[j];
      rate[j] = rate_ / (std::sqrt(second_[j] / second_bias) + floor);
      score[j] = first_[j] / first_bias;
    }
  }

 private:
  double rate_;
  std::vector<double> first_, second_;
};

using RuleMaker = std::unique_ptr<StepRule> (*)(const StochasticOptions&, std::size_t);

std::unique_ptr<StepRule> make_constant(const StochasticOptions& options, std::size_t) {
  return std::make_unique<DecayingRate>(options.learning_rate, 0.0);
}
std::unique_ptr<StepRule> make_inverse(const StochasticOptions& options, std::size_t) {
  return std::make_unique<DecayingRate>(options.learning_rate, options.decay);
}
std::unique_ptr<StepRule> make_adagrad(const StochasticOptions& options, std::size_t p) {
  return std::make_unique<AdaGrad>(options.learning_rate, p);
}
std::unique_ptr<StepRule> make_adam(const StochasticOptions& options, std::size_t p) {
  return std::make_unique<Adam>(options.learning_rate, p);
}

const NamedList<RuleMaker> rules = {{"constant", make_constant},
                                    {"inverse", make_inverse},
                                    {"adagrad", make_adagrad},
                                    {"adam", make_adam}};

std::vector<double> mean_diagonal(Objective& sums, Point& point) {
  evaluate_at(sums, point, need_score | need_information);
  const std::size_t p = point.coefficients.size();
  std::vector<double> diagonal(p, 1.0);
  for (std::size_t j = 0; j < p; ++j) {
    const double mean = point.sums.information.diagonal(j) / sums.traits().effective_rows;
    if (mean > 0.0) diagonal[j] = mean;
  }
  return diagonal;
}

std::unique_ptr<StepRule> make_rule(const StochasticOptions& options,
                                    const std::vector<double>& mean_diagonal, std::size_t p) {
  if (!options.has_learning_rate()) return std::make_unique<ScaledRate>(mean_diagonal);
  return find_named(rules, options.schedule, "schedule")(options, p);
}

}  // namespace

StochasticDescent::StochasticDescent(RowBatches& batches, const StochasticOptions& options,
                                     const Penalty* penalty, double rows,
                                     const std::vector<double>& start,
                                     const std::vector<double>& mean_diagonal, double updates)
    : batches_(batches),
      options_(options),
      penalty_(penalty),
      rows_(rows),
      rule_(make_rule(options, mean_diagonal, start.size())),
      coefficients_(start),
      average_(start),
      velocity_(start.size(), 0.0),
      rate_(start.size()),
      score_(start.size(), 0.0),
      updates_(updates),
      generator_(options.seed) {}

void StochasticDescent::resume(std::vector<double> iterate, std::vector<double> average) {
  coefficients_ = std::move(iterate);
  average_ = std::move(average);
}

bool StochasticDescent::run_epoch() {
  std::vector<std::size_t> tiles(batches_.tile_count());
  std::iota(tiles.begin(), tiles.end(), std::size_t{0});
  shuffle(tiles);
  for (std::size_t tile : tiles) {
    std::vector<std::size_t> rows(batches_.load(tile));
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    shuffle(rows);
    if (!run_tile(rows)) return false;
  }
  return filled_ == 0 || update();
}

bool StochasticDescent::run_tile(const std::vector<std::size_t>& rows) {
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::size_t count = std::min(options_.batch_size - filled_, rows.size() - begin);
    if (options_.implicit) {
      if (!update_implicitly(rows[begin])) return false;
    } else {
      if (!batches_.add_score(rows.data() + begin, count, coefficients_, score_)) return false;
      filled_ += count;
      if (filled_ == options_.batch_size && !update()) return false;
    }
    begin += count;
  }
  return true;
}

bool StochasticDescent::update() {
  if (options_.mean_gradient)
    for (double& entry : score_) entry /= static_cast<double>(filled_);
  add_penalty(options_.mean_gradient ? 1.0 : static_cast<double>(filled_));
  rule_->prepare(updates_, score_, rate_);
  for (std::size_t j = 0; j < score_.size(); ++j) {
    velocity_[j] = options_.momentum * velocity_[j] + rate_[j] * score_[j];
    coefficients_[j] += velocity_[j];
  }
  std::fill(score_.begin(), score_.end(), 0.0);
  conclude();
  return std::isfinite(inner_product(coefficients_, coefficients_));
}

bool StochasticDescent::update_implicitly(std::size_t row) {
  rule_->prepare(updates_, score_, rate_);
  if (!batches_.update_implicitly(row, rate_, coefficients_)) return false;
  if (penalty_) {
    add_penalty(1.0);
    for (std::size_t j = 0; j < score_.size(); ++j) coefficients_[j] += rate_[j] * score_[j];
    std::fill(score_.begin(), score_.end(), 0.0);
  }
  conclude();
  return true;
}

// Each row carries its share of the penalty.
void StochasticDescent::add_penalty(double rows) {
  if (!penalty_) return;
  std::vector<double> fall(score_.size(), 0.0);
  penalty_->add_score(coefficients_, fall);
  for (std::size_t j = 0; j < score_.size(); ++j) score_[j] += rows / rows_ * fall[j];
}

void StochasticDescent::conclude() {
  constexpr double eta = 3.0;
  ++updates_;
  filled_ = 0;
  if (!options_.averaging) return;
  const double share = (eta + 1.0) / (updates_ + eta);
  for (std::size_t j = 0; j < average_.size(); ++j)
    average_[j] += share * (coefficients_[j] - average_[j]);
}

// std::shuffle draws differently in each library.
void StochasticDescent::shuffle(std::vector<std::size_t>& order) {
  if (!options_.shuffle) return;
  for (std::size_t k = order.size(); k > 1; --k) std::swap(order[k - 1], order[generator_() % k]);
}

Solution descend_stochastically(Objective& sums, Epochs& epochs, const StochasticOptions& options,
                                const Start& start, const Control& control) {
  Solution solution;
  Point& point = solution.point;
  point.coefficients = start.coefficients;
  std::vector<double> diagonal;
  if (!options.has_learning_rate()) {
    diagonal = mean_diagonal(sums, point);
    ++solution.passes;
  }
  solution.reason = StopReason::iteration_limit;
  const bool watches = control.report || options.tolerance > 0.0;
  auto look = [&] {
    evaluate_at(sums, point, need_score);
    ++solution.passes;
    if (control.report)
      control.report({solution.iterations, solution.passes, 1.0, point.sums.deviance, &point});
  };
  if (watches) look();
  epochs.begin(point.coefficients, diagonal);
  while (solution.iterations < options.epochs) {
    if (!epochs.run()) {
      solution.reason = StopReason::no_valid_step;
      break;
    }
    point.coefficients = epochs.coefficients();
    ++solution.iterations;
    ++solution.passes;
    if (control.progress) control.progress(solution.iterations);
    const double before = point.sums.deviance;
    if (watches) look();
    const double fall = std::fabs(point.sums.deviance - before) / (std::fabs(before) + 0.1);
    solution.converged = options.tolerance > 0.0 && fall < options.tolerance;
    if (!solution.converged) continue;
    solution.reason = StopReason::converged;
    break;
  }
  return solution;
}

}  // namespace glmpp
