#include "first_order.h"

#include <algorithm>
#include <cmath>

#include "fisher_scoring.h"

namespace glmpp {

namespace {

// Power iteration; the start is not orthogonal to anything in particular.
double find_largest_eigenvalue(const Information& matrix) {
  constexpr int sweeps = 100;
  constexpr double settled = 1e-6;
  const std::size_t p = matrix.size();
  std::vector<double> probe(p), product(p);
  for (std::size_t j = 0; j < p; ++j) probe[j] = std::sqrt(std::fmax(matrix.diagonal(j), 0.0));
  double value = 0.0;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const double norm = std::sqrt(inner_product(probe, probe));
    if (!(norm > 0.0)) return 0.0;
    for (double& entry : probe) entry /= norm;
    matrix.multiply(probe, product);
    const double last = value;
    value = inner_product(probe, product);
    probe = product;
    if (std::fabs(value - last) <= settled * value) break;
  }
  return value;
}

}  // namespace

void FirstOrder::measure(Objective& objective, Point& point) {
  if (!point.sums.has(need_information))
    evaluate_at(objective, point, need_score | need_information);
  const Information& information = point.sums.information;
  const std::size_t p = information.size();
  diagonal_.assign(p, 1.0);
  for (std::size_t j = 0; j < p; ++j)
    if (information.diagonal(j) > 0.0) diagonal_[j] = information.diagonal(j);
  largest_eigenvalue_ = find_largest_eigenvalue(information);
}

double FirstOrder::scaled_decrement(const Point& point) const {
  double sum = 0.0;
  for (std::size_t j = 0; j < diagonal_.size(); ++j)
    sum += point.sums.score[j] * point.sums.score[j] / diagonal_[j];
  return sum;
}

Step FirstOrder::propose(Objective& objective, Point& point) {
  if (diagonal_.empty()) measure(objective, point);
  is_current_ = false;
  Step step;
  step.change = direction(objective, point);
  step.slope = inner_product(step.change, point.sums.score);
  if (!is_to_the_letter() && !(step.slope > 0.0)) {
    forget();
    step.change = direction(objective, point);
    step.slope = inner_product(step.change, point.sums.score);
  }
  step.decrement = correction_ * scaled_decrement(point);
  return step;
}

Step FirstOrder::propose_current(Objective& objective, Point& point) {
  measure(objective, point);
  FisherScoring judge(objective, control_);
  const double exact = judge.propose(objective, point).decrement;
  const double scaled = scaled_decrement(point);
  correction_ = scaled > 0.0 ? std::max(exact / scaled, 1.0) : 1.0;
  Step step = propose(objective, point);
  step.decrement = exact;
  is_current_ = true;
  return step;
}

}  // namespace glmpp
