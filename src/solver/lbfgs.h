#ifndef GLMPP_SOLVER_LBFGS_H
#define GLMPP_SOLVER_LBFGS_H

#include "first_order.h"
#include "secant_pairs.h"
#include "solver_options.h"

namespace glmpp {

/// Limited-memory BFGS, from the inverse diagonal of the information at the start: SecantPairs.
class Lbfgs : public FirstOrder {
 public:
  Lbfgs(const SolverOptions& options, const Control& control)
      : FirstOrder(control), pairs_(static_cast<std::size_t>(options.memory)) {}

  void learn(const Point& from, const Point& to) override { pairs_.learn(from, to); }

 protected:
  std::vector<double> direction(const Objective& objective, const Point& point) override;
  void forget() override { pairs_.clear(); }

 private:
  void scale(std::vector<double>& vector) const;

  SecantPairs pairs_;
};

}  // namespace glmpp

#endif
