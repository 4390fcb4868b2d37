#include "lbfgs.h"

#include <cmath>
#include <utility>

namespace glmpp {

namespace {

void add_multiple(double factor, const std::vector<double>& from, std::vector<double>& to) {
  for (std::size_t j = 0; j < to.size(); ++j) to[j] += factor * from[j];
}

}  // namespace

void Lbfgs::learn(const Point& from, const Point& to) {
  Pair pair{to.coefficients, from.sums.score, 0.0};
  add_multiple(-1.0, from.coefficients, pair.step);
  add_multiple(-1.0, to.sums.score, pair.score_fall);
  pair.product = inner_product(pair.step, pair.score_fall);
  // Where the deviance bends the wrong way, the pair would make the metric indefinite.
  constexpr double straight = 1e-12;
  const double size = std::sqrt(inner_product(pair.step, pair.step) *
                                inner_product(pair.score_fall, pair.score_fall));
  if (!(pair.product > straight * size)) return;
  pairs_.push_back(std::move(pair));
  if (pairs_.size() > static_cast<std::size_t>(options_.memory)) pairs_.pop_front();
}

void Lbfgs::scale(std::vector<double>& vector) const {
  for (std::size_t j = 0; j < vector.size(); ++j) vector[j] /= diagonal()[j];
  if (pairs_.empty()) return;
  const Pair& last = pairs_.back();
  std::vector<double> scaled = last.score_fall;
  for (std::size_t j = 0; j < scaled.size(); ++j) scaled[j] /= diagonal()[j];
  const double factor = last.product / inner_product(last.score_fall, scaled);
  for (double& entry : vector) entry *= factor;
}

std::vector<double> Lbfgs::direction(const Objective&, const Point& point) {
  std::vector<double> change = point.sums.score, weight(pairs_.size());
  for (std::size_t k = pairs_.size(); k-- > 0;) {
    weight[k] = inner_product(pairs_[k].step, change) / pairs_[k].product;
    add_multiple(-weight[k], pairs_[k].score_fall, change);
  }
  scale(change);
  for (std::size_t k = 0; k < pairs_.size(); ++k) {
    const double back = inner_product(pairs_[k].score_fall, change) / pairs_[k].product;
    add_multiple(weight[k] - back, pairs_[k].step, change);
  }
  return change;
}

}  // namespace glmpp
