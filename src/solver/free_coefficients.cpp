#include "free_coefficients.h"

namespace glmpp {

FreeCoefficients::FreeCoefficients(std::size_t count, const std::vector<std::size_t>& held)
    : count_(count) {
  std::vector<bool> is_held(count, false);
  for (std::size_t j : held) is_held[j] = true;
  for (std::size_t j = 0; j < count; ++j)
    if (!is_held[j]) columns_.push_back(j);
}

bool FreeCoefficients::are_all_of(const Start& start) const {
  const auto has_others = [&](const std::vector<double>& coefficients) {
    return !coefficients.empty() && expanded(restricted(coefficients)) != coefficients;
  };
  return !(start.has_coefficients && has_others(start.coefficients)) && !has_others(start.anchor);
}

Start FreeCoefficients::restricted(const Start& start) const {
  Start made = start;
  made.coefficients = restricted(start.coefficients);
  made.anchor = restricted(start.anchor);
  return made;
}

void FreeCoefficients::expand(Fit& fit) const {
  Point& point = fit.solution.point;
  point.coefficients = expanded(point.coefficients);
  if (!point.sums.score.empty()) point.sums.score = expanded(point.sums.score);
  for (std::size_t& j : fit.aliased) j = columns_[j];
  fit.factor.place(columns_);
}

std::vector<double> FreeCoefficients::restricted(const std::vector<double>& of_all) const {
  if (of_all.empty()) return {};
  std::vector<double> made;
  for (std::size_t j : columns_) made.push_back(of_all[j]);
  return made;
}

std::vector<double> FreeCoefficients::expanded(const std::vector<double>& of_these) const {
  std::vector<double> made(count_, 0.0);
  for (std::size_t k = 0; k < columns_.size(); ++k) made[columns_[k]] = of_these[k];
  return made;
}

}  // namespace glmpp
