#include "penalised_step.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace glmpp {

namespace {

constexpr int most_rounds = 200, most_sweeps = 200;
// After so many sweeps over the active set a Newton step is tried, or after so many as cost what it does.
constexpr int patience = 8;

// The length of the minimum of theta'A theta / 2 - c'theta + norm |theta| + square |theta|^2 / 2 for |c| > norm: the root of
// sum_i c_i^2 / ((e_i + square) length + norm)^2 = 1 in the axes of A, by Newton's method on 1 over the square root of the
// sum, within a bracket.
double length_of_minimum(const std::vector<double>& values, const std::vector<double>& c,
                         double norm, double square) {
  double size = 0.0, least = values.front(), most = values.front();
  for (std::size_t k = 0; k < c.size(); ++k) {
    size += c[k] * c[k];
    least = std::min(least, values[k]);
    most = std::max(most, values[k]);
  }
  size = std::sqrt(size);
  double low = (size - norm) / (most + square), length = low;
  double high = least + square > 0.0 ? (size - norm) / (least + square)
                                     : std::numeric_limits<double>::infinity();
  for (int k = 0; k < 100; ++k) {
    double sum = 0.0, slope = 0.0;
    for (std::size_t i = 0; i < c.size(); ++i) {
      const double curvature = values[i] + square, below = curvature * length + norm;
      sum += c[i] * c[i] / (below * below);
      slope += curvature * c[i] * c[i] / (below * below * below);
    }
    (sum > 1.0 ? low : high) = length;
    double next = length + (1.0 - 1.0 / std::sqrt(sum)) * sum * std::sqrt(sum) / slope;
    if (!(next >= low && next <= high)) next = std::isfinite(high) ? 0.5 * (low + high) : 2.0 * low;
    const bool has_settled = std::abs(next - length) <= 1e-15 * length;
    length = next;
    if (has_settled) break;
  }
  return length;
}

}  // namespace

bool PenalisedStep::is_zero(std::size_t g) const {
  const double* theta = theta_->data() + penalty_.offset(g);
  return std::all_of(theta, theta + penalty_.groups()[g].size(),
                     [](double value) { return value == 0.0; });
}

bool PenalisedStep::is_at_bound(std::size_t g) const {
  const PenaltyGroup& group = penalty_.groups()[g];
  const double theta = (*theta_)[penalty_.offset(g)];
  return group.size() == 1 && (theta <= group.lower || theta >= group.upper);
}

void PenalisedStep::move(std::size_t coordinate, double change) {
  (*theta_)[coordinate] += change;
  const double* column = curvature_.schur().column(coordinate);
  for (std::size_t i = 0; i < slope_.size(); ++i) slope_[i] += change * column[i];
}

// Returns the violation that was there.
double PenalisedStep::update_line(std::size_t g) {
  const PenaltyGroup& group = penalty_.groups()[g];
  const std::size_t j = penalty_.offset(g);
  const double curvature = curvature_.schur()(j, j), at = (*theta_)[j];
  const double below = curvature + lambda_ * group.square;
  if (!(below > 0.0)) return 0.0;
  const double z = curvature * at - slope_[j], norm = lambda_ * group.norm;
  double next = std::abs(z) <= norm ? 0.0 : (z - std::copysign(norm, z)) / below;
  next = std::min(std::max(next, group.lower), group.upper);
  if (next == at) return 0.0;
  move(j, next - at);
  (*theta_)[j] = next;
  return std::abs(next - at) * below;
}

double PenalisedStep::update_group(std::size_t g) {
  const PenaltyGroup& group = penalty_.groups()[g];
  const std::size_t first = penalty_.offset(g), count = group.size();
  double* theta = theta_->data() + first;
  const double norm = lambda_ * group.norm, square = lambda_ * group.square;
  std::vector<double> c(count), next(count, 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    const double* column = curvature_.schur().column(first + k) + first;
    c[k] = -slope_[first + k];
    for (std::size_t l = 0; l < count; ++l) c[k] += column[l] * theta[l];
  }
  const double violation = penalty_.violation(g, lambda_, theta, slope_.data() + first);
  if (norm_of(c.data(), count) > norm) {
    const ReducedCurvature::Axes& axes = curvature_.axes(g);
    std::vector<double> turned(count);
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t l = 0; l < count; ++l) turned[k] += axes.vectors(l, k) * c[l];
    const double length = norm > 0.0 ? length_of_minimum(axes.values, turned, norm, square) : 1.0;
    for (std::size_t k = 0; k < count; ++k) {
      const double below = (axes.values[k] + square) * length + norm;
      if (!(below > 0.0)) continue;
      const double share = turned[k] * length / below;
      for (std::size_t l = 0; l < count; ++l) next[l] += axes.vectors(l, k) * share;
    }
  }
  for (std::size_t k = 0; k < count; ++k)
    if (next[k] != theta[k]) {
      move(first + k, next[k] - theta[k]);
      theta[k] = next[k];
    }
  return violation;
}

double PenalisedStep::sweep(const std::vector<std::size_t>& groups) {
  double largest = 0.0;
  for (std::size_t g : groups)
    largest =
        std::max(largest, penalty_.groups()[g].size() == 1 ? update_line(g) : update_group(g));
  return largest;
}

// A Newton step over groups that are not zero, where the penalty has derivatives; shortened until the model falls, and to where
// the first line would change its sign or leave its bounds.
bool PenalisedStep::newton(const std::vector<std::size_t>& groups) {
  std::vector<std::size_t> place;
  for (std::size_t g : groups)
    for (std::size_t k = 0; k < penalty_.groups()[g].size(); ++k)
      place.push_back(penalty_.offset(g) + k);
  const auto count = static_cast<Eigen::Index>(place.size());
  Eigen::MatrixXd matrix(count, count);
  Eigen::VectorXd slope(count);
  for (Eigen::Index j = 0; j < count; ++j) {
    slope[j] = slope_[place[static_cast<std::size_t>(j)]];
    for (Eigen::Index i = 0; i < count; ++i)
      matrix(i, j) = curvature_.schur()(place[static_cast<std::size_t>(i)],
                                        place[static_cast<std::size_t>(j)]);
  }
  Eigen::Index first = 0;
  for (std::size_t g : groups) {
    const PenaltyGroup& group = penalty_.groups()[g];
    const double* theta = theta_->data() + penalty_.offset(g);
    const auto size = static_cast<Eigen::Index>(group.size());
    const double length = norm_of(theta, group.size());
    const double pull = length > 0.0 ? lambda_ * group.norm / length : 0.0;
    for (Eigen::Index k = 0; k < size; ++k) {
      slope[first + k] += (lambda_ * group.square + pull) * theta[k];
      matrix(first + k, first + k) += lambda_ * group.square;
      if (size == 1) continue;
      matrix(first + k, first + k) += pull;
      for (Eigen::Index l = 0; l < size; ++l)
        matrix(first + k, first + l) -= pull * theta[k] * theta[l] / (length * length);
    }
    first += size;
  }
  const Eigen::LLT<Eigen::MatrixXd> factor(matrix);
  if (factor.info() != Eigen::Success) return false;
  const Eigen::VectorXd change = factor.solve(-slope);
  if (!change.allFinite()) return false;

  double longest = 1.0, end_of_longest = 0.0;
  std::size_t stopped = slope_.size();
  Eigen::Index at = 0;
  for (std::size_t g : groups) {
    const PenaltyGroup& group = penalty_.groups()[g];
    if (group.size() == 1) {
      const double theta = (*theta_)[penalty_.offset(g)], step = change[at];
      const double end = step > 0.0 ? (theta < 0.0 && group.norm > 0.0 ? 0.0 : group.upper)
                                    : (theta > 0.0 && group.norm > 0.0 ? 0.0 : group.lower);
      if (step != 0.0 && std::isfinite(end) && (end - theta) / step < longest) {
        longest = (end - theta) / step;
        end_of_longest = end;
        stopped = penalty_.offset(g);
      }
    }
    at += static_cast<Eigen::Index>(group.size());
  }
  if (!(longest > 0.0)) return false;

  std::vector<double> bent(slope_.size(), 0.0);  // S change
  std::vector<double> step(slope_.size(), 0.0);
  double along = 0.0, curved = 0.0;
  for (Eigen::Index j = 0; j < count; ++j) {
    const std::size_t from = place[static_cast<std::size_t>(j)];
    const double* column = curvature_.schur().column(from);
    for (std::size_t i = 0; i < bent.size(); ++i) bent[i] += change[j] * column[i];
    step[from] = change[j];
    along += change[j] * slope_[from];
  }
  for (std::size_t i = 0; i < bent.size(); ++i) curved += step[i] * bent[i];
  const double before = penalty_.value(lambda_, *theta_);
  for (int halving = 0; halving < 30; ++halving, longest *= 0.5) {
    std::vector<double> trial = *theta_;
    for (std::size_t i = 0; i < trial.size(); ++i) trial[i] += longest * step[i];
    const double fall = longest * along + 0.5 * longest * longest * curved +
                        penalty_.value(lambda_, trial) - before;
    if (!(fall < 0.0)) continue;
    *theta_ = trial;
    for (std::size_t i = 0; i < bent.size(); ++i) slope_[i] += longest * bent[i];
    // Rounding would leave it next to its end.
    if (halving == 0 && stopped < slope_.size()) {
      move(stopped, end_of_longest - theta_->at(stopped));
      (*theta_)[stopped] = end_of_longest;
    }
    return true;
  }
  return false;
}

bool PenalisedStep::minimise(const std::vector<double>& gradient, double lambda, double target,
                             const std::vector<char>& may_move, std::vector<double>& theta) {
  lambda_ = lambda;
  theta_ = &theta;
  slope_ = gradient;
  std::vector<std::size_t> all, active;
  for (std::size_t g = 0; g < penalty_.groups().size(); ++g)
    if (may_move[g]) all.push_back(g);
  for (int round = 0; round < most_rounds; ++round) {
    if (sweep(all) <= target) return true;
    active.clear();
    for (std::size_t g : all)
      if (!is_zero(g)) active.push_back(g);
    std::size_t count = 0;
    for (std::size_t g : active) count += penalty_.groups()[g].size();
    const int wait = std::max(patience, static_cast<int>(count * count / (3 * theta.size())));
    for (int k = 1; k <= most_sweeps; ++k) {
      if (sweep(active) <= target) break;
      if (k % wait != 0) continue;
      std::vector<std::size_t> smooth;
      std::copy_if(active.begin(), active.end(), std::back_inserter(smooth),
                   [this](std::size_t g) { return !is_zero(g) && !is_at_bound(g); });
      newton(smooth);
    }
  }
  return false;
}

}  // namespace glmpp
