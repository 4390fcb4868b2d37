#include "secant_pairs.h"

#include <cmath>
#include <utility>

#include "direction.h"

namespace glmpp {

namespace {

void add_multiple(double factor, const std::vector<double>& from, std::vector<double>& to) {
  for (std::size_t j = 0; j < to.size(); ++j) to[j] += factor * from[j];
}

}  // namespace

void SecantPairs::learn(const Point& from, const Point& to) {
  Pair pair{to.coefficients, from.sums.score, 0.0};
  double step_square = 0.0, fall_square = 0.0;
  for (std::size_t j = 0; j < pair.step.size(); ++j) {
    const double step = pair.step[j] -= from.coefficients[j];
    const double fall = pair.score_fall[j] -= to.sums.score[j];
    pair.product += step * fall;
    step_square += step * step;
    fall_square += fall * fall;
  }
  // Where the deviance bends the wrong way, the pair would make the metric indefinite.
  constexpr double straight = 1e-12;
  const double size = std::sqrt(step_square * fall_square);
  if (!(pair.product > straight * size)) return;
  pairs_.push_back(std::move(pair));
  if (pairs_.size() > most_) pairs_.pop_front();
}

std::vector<double> SecantPairs::direction(
    const std::vector<double>& score,
    const std::function<void(std::vector<double>&)>& scale) const {
  std::vector<double> change = score, weight(pairs_.size());
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
