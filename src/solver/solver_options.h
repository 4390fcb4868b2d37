#ifndef GLMPP_SOLVER_SOLVER_OPTIONS_H
#define GLMPP_SOLVER_SOLVER_OPTIONS_H

#include <cmath>
#include <limits>
#include <string>

namespace glmpp {

/// What R's constructors of solvers set; each solver reads its own.
struct SolverOptions {
  std::string name = "irls";
  double learning_rate = std::numeric_limits<double>::quiet_NaN();  ///< NaN: chosen by the solver
  double momentum = 0.0;
  bool nesterov = false;
  bool line_search = true;
  bool mean_gradient = false;  ///< a learning rate multiplies the mean over the rows, not the sum
  int memory = 10;             ///< pairs of steps and score changes that L-BFGS keeps

  bool has_learning_rate() const { return !std::isnan(learning_rate); }
};

}  // namespace glmpp

#endif
