#ifndef GLMPP_SOLVER_LBFGS_H
#define GLMPP_SOLVER_LBFGS_H

#include <deque>

#include "first_order.h"
#include "solver_options.h"

namespace glmpp {

/// Limited-memory BFGS, from the inverse diagonal of the information at the start (Nocedal and Wright
/// 2006, Numerical Optimization, algorithm 7.4).
class Lbfgs : public FirstOrder {
 public:
  Lbfgs(const SolverOptions& options, const Control& control)
      : FirstOrder(control), options_(options) {}

  void learn(const Point& from, const Point& to) override;

 protected:
  std::vector<double> direction(const Objective& objective, const Point& point) override;
  void forget() override { pairs_.clear(); }

 private:
  struct Pair {
    std::vector<double> step;
    std::vector<double> score_fall;
    double product;  ///< step' score_fall
  };
  void scale(std::vector<double>& vector) const;

  const SolverOptions& options_;
  std::deque<Pair> pairs_;
};

}  // namespace glmpp

#endif
