#include "lbfgs.h"

namespace glmpp {

void Lbfgs::scale(std::vector<double>& vector) const {
  for (std::size_t j = 0; j < vector.size(); ++j) vector[j] /= diagonal()[j];
  if (pairs_.empty()) return;
  const SecantPairs::Pair& last = pairs_.last();
  std::vector<double> scaled = last.score_fall;
  for (std::size_t j = 0; j < scaled.size(); ++j) scaled[j] /= diagonal()[j];
  const double factor = last.product / inner_product(last.score_fall, scaled);
  for (double& entry : vector) entry *= factor;
}

std::vector<double> Lbfgs::direction(const Objective&, const Point& point) {
  return pairs_.direction(point.sums.score, [this](std::vector<double>& vector) { scale(vector); });
}

}  // namespace glmpp
