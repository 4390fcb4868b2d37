#include "separable_penalty.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace glmpp {

SeparablePenalty::SeparablePenalty(std::vector<PenaltyGroup> groups, std::size_t coefficients)
    : groups_(std::move(groups)), coefficients_(coefficients), offset_(1, 0) {
  std::vector<bool> is_taken(coefficients, false);
  for (const PenaltyGroup& group : groups_) {
    offset_.push_back(offset_.back() + group.size());
    for (std::size_t j : group.columns) {
      if (j >= coefficients || is_taken[j])
        throw std::invalid_argument("groups of coefficients overlap, or leave the model");
      is_taken[j] = true;
    }
  }
  for (std::size_t j = 0; j < coefficients; ++j)
    if (!is_taken[j]) free_.push_back(j);
}

double SeparablePenalty::value(double lambda, const std::vector<double>& theta) const {
  double sum = 0.0;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (!groups_[g].is_penalised()) continue;
    const double length = norm_of(theta.data() + offset_[g], groups_[g].size());
    sum += groups_[g].norm * length + 0.5 * groups_[g].square * length * length;
  }
  return lambda * sum;
}

void SeparablePenalty::set_coefficients(const std::vector<double>& theta,
                                        std::vector<double>& coefficients) const {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const PenaltyGroup& group = groups_[g];
    for (std::size_t i = 0; i < group.columns.size(); ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k < group.size(); ++k)
        sum += group.coding(i, k) * theta[offset_[g] + k];
      coefficients[group.columns[i]] = sum;
    }
  }
}

void SeparablePenalty::to_coordinates(const std::vector<double>& gradient,
                                      std::vector<double>& in_theta) const {
  in_theta.resize(size());
  for (std::size_t g = 0; g < groups_.size(); ++g) to_coordinates(g, gradient, in_theta);
}

void SeparablePenalty::to_coordinates(std::size_t g, const std::vector<double>& gradient,
                                      std::vector<double>& in_theta) const {
  const PenaltyGroup& group = groups_[g];
  for (std::size_t k = 0; k < group.size(); ++k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < group.columns.size(); ++i)
      sum += group.coding(i, k) * gradient[group.columns[i]];
    in_theta[offset_[g] + k] = sum;
  }
}

namespace {

// Along one coordinate: the part of minus the gradient, the square's included, that no subgradient answers and no bound stops.
double line_violation(const PenaltyGroup& group, double lambda, double theta, double slope) {
  const double norm = lambda * group.norm;
  double up = -slope - norm, down = slope - norm;  // what moving up, or down, would gain
  if (theta > 0.0) down = slope + norm;
  if (theta < 0.0) up = -slope + norm;
  if (theta >= group.upper) up = 0.0;
  if (theta <= group.lower) down = 0.0;
  return std::max({up, down, 0.0});
}

}  // namespace

double SeparablePenalty::violation(std::size_t g, double lambda, const double* theta,
                                   const double* gradient) const {
  const PenaltyGroup& group = groups_[g];
  const std::size_t count = group.size();
  if (count == 1)
    return line_violation(group, lambda, theta[0], gradient[0] + lambda * group.square * theta[0]);
  const double length = norm_of(theta, count);
  if (length == 0.0) return std::max(0.0, norm_of(gradient, count) - lambda * group.norm);
  double sum = 0.0;
  for (std::size_t k = 0; k < count; ++k) {
    const double slope =
        gradient[k] + lambda * (group.square * theta[k] + group.norm * theta[k] / length);
    sum += slope * slope;
  }
  return std::sqrt(sum);
}

double SeparablePenalty::largest_norm(const std::vector<double>& in_theta) const {
  double largest = 0.0;
  for (std::size_t g = 0; g < groups_.size(); ++g)
    largest = std::max(largest, norm_of(in_theta.data() + offset_[g], groups_[g].size()));
  return largest;
}

double SeparablePenalty::entry(std::size_t g, const double* gradient) const {
  const PenaltyGroup& group = groups_[g];
  if (group.norm == 0.0) return 0.0;
  const double zero = 0.0;
  const double slope =
      group.size() == 1 ? violation(g, 0.0, &zero, gradient) : norm_of(gradient, group.size());
  return slope / group.norm;
}

SeparablePenalty SeparablePenalty::restricted(const std::vector<std::size_t>& chosen,
                                              std::vector<std::size_t>& columns) const {
  columns = free_;
  for (std::size_t g : chosen)
    columns.insert(columns.end(), groups_[g].columns.begin(), groups_[g].columns.end());
  std::sort(columns.begin(), columns.end());
  std::vector<PenaltyGroup> made;
  for (std::size_t g : chosen) {
    made.push_back(groups_[g]);
    for (std::size_t& j : made.back().columns)
      j = static_cast<std::size_t>(std::lower_bound(columns.begin(), columns.end(), j) -
                                   columns.begin());
  }
  return SeparablePenalty(std::move(made), columns.size());
}

}  // namespace glmpp
