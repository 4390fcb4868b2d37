#include "gradient_descent.h"

namespace glmpp {

double GradientDescent::rate() const {
  if (options_.has_learning_rate()) return options_.learning_rate;
  if (options_.line_search && suggested_rate_ > 0.0) return suggested_rate_;
  return largest_eigenvalue() > 0.0 ? 1.0 / largest_eigenvalue() : 1.0;
}

// With look-ahead, passes are made at the point plus momentum times the velocity: the next such point is
// reached by the new velocity and what it has gained.
std::vector<double> GradientDescent::direction(const Objective&, const Point& point) {
  const double step = rate(), momentum = options_.momentum;
  velocity_.resize(point.coefficients.size(), 0.0);
  proposed_velocity_ = velocity_;
  std::vector<double> change(velocity_.size());
  for (std::size_t j = 0; j < change.size(); ++j) {
    proposed_velocity_[j] = momentum * velocity_[j] + step * point.sums.score[j];
    change[j] = proposed_velocity_[j];
    if (options_.nesterov) change[j] += momentum * (proposed_velocity_[j] - velocity_[j]);
  }
  return change;
}

void GradientDescent::learn(const Point& from, const Point& to) {
  velocity_ = proposed_velocity_;
  if (!options_.line_search || options_.has_learning_rate()) return;
  double moved = 0.0, bent = 0.0;
  for (std::size_t j = 0; j < velocity_.size(); ++j) {
    const double change = to.coefficients[j] - from.coefficients[j];
    moved += change * change;
    bent += change * (from.sums.score[j] - to.sums.score[j]);
  }
  suggested_rate_ = bent > 0.0 ? moved / bent : 0.0;
}

void GradientDescent::conclude(Point& point) const {
  if (!options_.nesterov) return;
  for (std::size_t j = 0; j < velocity_.size(); ++j)
    point.coefficients[j] -= options_.momentum * velocity_[j];
}

}  // namespace glmpp
