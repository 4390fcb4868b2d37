#include "column_descent.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace glmpp {

namespace {

// The inner descent ends at this share of the violation at hand.
constexpr double inner_share = 0.05;
// In the first step of a lambda, a line that is nearer to its minimum than this share of that end stays where it is.
constexpr double rest_share = 0.2;
constexpr int most_sweeps = 150;

}  // namespace

ColumnDescent::ColumnDescent(ModelColumns& model, std::vector<std::size_t> columns,
                             const SeparablePenalty& penalty, ProximalControl control)
    : PenalisedDescent(penalty, std::move(control)),
      model_(model),
      columns_(std::move(columns)),
      intercept_(columns_.size()) {
  model_.fetch(columns_);
  for (const PenaltyGroup& group : penalty.groups()) {
    Line line;
    line.coefficient = group.columns.front();
    line.coding = group.coding(0, 0);
    line.norm = group.norm;
    line.square = group.square;
    line.lower = group.lower;
    line.upper = group.upper;
    lines_.push_back(line);
  }
  for (std::size_t j : penalty.free()) {
    if (intercept_ == columns_.size() &&
        model_.column(columns_[j]).kind == ColumnView::Kind::constant) {
      intercept_ = j;
      continue;
    }
    Line line;
    line.coefficient = j;
    line.lower = -std::numeric_limits<double>::infinity();
    line.upper = std::numeric_limits<double>::infinity();
    lines_.push_back(line);
  }
}

bool ColumnDescent::begin(const std::vector<double>& theta,
                          const std::vector<double>& coefficients) {
  theta_ = theta;
  coefficients_ = coefficients;
  penalty_.set_coefficients(theta_, coefficients_);
  std::vector<double> eta(model_.rows(), 0.0);
  for (std::size_t j = 0; j < columns_.size(); ++j)
    if (coefficients_[j] != 0.0) model_.column(columns_[j]).add_to(coefficients_[j], eta.data());
  ++passes_;
  if (!model_.evaluate(std::move(eta))) return false;
  read_point();
  return true;
}

// Gradient and curvatures, by one reading of each column.
void ColumnDescent::read_point() {
  deviance_ = model_.deviance();
  const double* residual = model_.residuals().data();
  const double* weights = model_.weights().data();
  std::vector<std::size_t> read;
  for (const Line& line : lines_) read.push_back(columns_[line.coefficient]);
  const std::vector<ColumnProducts> products = model_.products(read);
  std::vector<double> slope(columns_.size());
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    lines_[k].products = products[k];
    slope[lines_[k].coefficient] = -products[k].residual / control_.weight;
  }
  const bool has_intercept = intercept_ < columns_.size();
  if (has_intercept) {
    of_intercept_ = ColumnView::constant(model_.rows()).products(residual, weights);
    slope[intercept_] = -of_intercept_.residual / control_.weight;
  }
  penalty_.to_coordinates(slope, gradient_);
  free_gradient_.clear();
  for (std::size_t j : penalty_.free()) free_gradient_.push_back(slope[j]);
  for (Line& line : lines_) {
    const ColumnProducts& products = line.products;
    line.mean =
        has_intercept && of_intercept_.weight > 0.0 ? products.weight / of_intercept_.weight : 0.0;
    line.curvature = line.coding * line.coding *
                     std::max(0.0, products.square - line.mean * products.weight) / control_.weight;
    // What rounding leaves of a column that is constant in the working weights.
    if (products.square - line.mean * products.weight <= 1e-14 * products.square)
      line.curvature = 0.0;
  }
}

void ColumnDescent::begin_model(double lambda, const std::vector<char>& may_move) {
  residual_ = model_.residuals();
  moves_.clear();
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    const bool is_group = k < theta_.size();
    if (is_group && !may_move[k]) continue;
    if (!is_group || theta_[k] != 0.0 ||
        penalty_.violation(k, lambda, &theta_[k], &gradient_[k]) > 0.0)
      moves_.push_back(k);
  }
  shift_ = intercept_step_ = 0.0;
  if (intercept_ < columns_.size() && of_intercept_.weight > 0.0) {
    intercept_step_ = of_intercept_.residual / of_intercept_.weight;
    shift_ = -intercept_step_;
  }
  for (std::size_t k = 0; k < lines_.size(); ++k)
    lines_[k].at = k < theta_.size() ? theta_[k] : coefficients_[lines_[k].coefficient];
}

// To the exact minimum along a line, but from next to it; returns the violation that was there.
double ColumnDescent::update(double lambda, double target, Line& line) {
  const double below = line.curvature + lambda * line.square;
  if (!(below > 0.0)) return 0.0;
  const ColumnView& column = model_.column(columns_[line.coefficient]);
  const double slope = -line.coding *
                       (column.times(residual_.data()) + shift_ * line.products.weight) /
                       control_.weight;
  const double z = line.curvature * line.at - slope, norm = lambda * line.norm;
  double next = std::abs(z) <= norm ? 0.0 : (z - std::copysign(norm, z)) / below;
  next = std::min(std::max(next, line.lower), line.upper);
  if (next == line.at) return 0.0;
  const double violation = std::abs(next - line.at) * below;
  if (is_first_step_ && violation <= rest_share * target && next * line.at > 0.0) return violation;
  const double change = (next - line.at) * line.coding;
  column.add_weighted_to(model_.weights().data(), -change, residual_.data());
  shift_ += change * line.mean;
  line.at = next;
  return violation;
}

// Along lines that are not at zero, or leave it: others are seen to at the next point, which reads all of them. In the first
// step of a lambda the quadratic model is still far off: a line that has come near is left alone, whatever others then do to it.
void ColumnDescent::minimise_model(double lambda, double target) {
  std::vector<std::size_t> left = moves_;
  for (int k = 0; k < most_sweeps; ++k) {
    double largest = 0.0;
    std::size_t kept = 0;
    for (std::size_t line : left) {
      const double violation = update(lambda, target, lines_[line]);
      largest = std::max(largest, violation);
      if (!is_first_step_ || violation > target) left[kept++] = line;
    }
    left.resize(kept);
    if (largest <= target) return;
  }
  is_slow_ = true;
}

// Where the quadratic model has its minimum.
std::vector<double> ColumnDescent::model_coefficients() const {
  std::vector<double> made = coefficients_;
  double implied = 0.0;
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    const Line& line = lines_[k];
    const double before = k < theta_.size() ? theta_[k] : coefficients_[line.coefficient];
    if (line.at == before) continue;
    made[line.coefficient] = line.coding * line.at;
    implied += line.coding * (line.at - before) * line.mean;
  }
  if (intercept_ < made.size()) made[intercept_] += intercept_step_ - implied;
  return made;
}

PenalisedDescent::Outcome ColumnDescent::step(double lambda, const std::vector<char>& may_move) {
  begin_model(lambda, may_move);
  minimise_model(lambda, std::max(0.1 * control_.tolerance, inner_share * violation_));
  is_first_step_ = false;

  const std::vector<double> end = model_coefficients(), eta = model_.eta();
  std::vector<double> change(end.size()), turn(model_.rows(), 0.0), theta = theta_;
  for (std::size_t k = 0; k < theta.size(); ++k) theta[k] = lines_[k].at;
  for (std::size_t j = 0; j < end.size(); ++j) {
    change[j] = end[j] - coefficients_[j];
    if (change[j] != 0.0) model_.column(columns_[j]).add_to(change[j], turn.data());
  }
  const double penalty = penalty_.value(lambda, theta_), value = smooth(deviance_) + penalty;
  double slope = penalty_.value(lambda, theta) - penalty;
  for (std::size_t k = 0; k < theta.size(); ++k) slope += gradient_[k] * (theta[k] - theta_[k]);
  for (std::size_t k = 0; k < penalty_.free().size(); ++k)
    slope += free_gradient_[k] * change[penalty_.free()[k]];

  double share = 1.0;
  for (int halving = 0; halving < most_halvings; ++halving, share *= 0.5) {
    std::vector<double> trial = eta, trial_theta = theta;
    add_scaled(turn.data(), share, trial.size(), trial.data());
    if (share < 1.0)
      for (std::size_t k = 0; k < theta.size(); ++k)
        trial_theta[k] = theta_[k] + share * (theta[k] - theta_[k]);
    ++passes_;
    if (!model_.evaluate(std::move(trial))) continue;
    const double fall = smooth(model_.deviance()) + penalty_.value(lambda, trial_theta) - value;
    if (!is_enough(fall, share, slope, value)) continue;
    share_ = share;
    theta_ = std::move(trial_theta);
    for (std::size_t j = 0; j < end.size(); ++j) coefficients_[j] += share * change[j];
    penalty_.set_coefficients(theta_, coefficients_);
    read_point();
    return Outcome::moved;
  }
  model_.evaluate(eta);
  return Outcome::stuck;
}

}  // namespace glmpp
