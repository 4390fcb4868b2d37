#ifndef GLMPP_SOLVER_SECANT_PAIRS_H
#define GLMPP_SOLVER_SECANT_PAIRS_H

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "point.h"

namespace glmpp {

/// What the last steps tell of the curvature along them: limited-memory BFGS on any first metric (Nocedal and Wright 2006, Numerical
/// Optimization, algorithm 7.4).
class SecantPairs {
 public:
  struct Pair {
    std::vector<double> step;
    std::vector<double> score_fall;
    double product;  ///< step' score_fall
  };

  explicit SecantPairs(std::size_t most) : most_(most) {}

  void learn(const Point& from, const Point& to);
  void clear() { pairs_.clear(); }
  bool empty() const { return pairs_.empty(); }
  const Pair& last() const { return pairs_.back(); }

  /// The direction for a score; `scale` multiplies a vector by the inverse of the first metric.
  std::vector<double> direction(const std::vector<double>& score,
                                const std::function<void(std::vector<double>&)>& scale) const;

 private:
  std::size_t most_;
  std::deque<Pair> pairs_;
};

}  // namespace glmpp

#endif
