#ifndef GLMPP_SOLVER_SOLVER_OPTIONS_H
#define GLMPP_SOLVER_SOLVER_OPTIONS_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace glmpp {

/// Of stochastic gradient descent; a learning rate that is NaN is chosen by the solver.
struct StochasticOptions {
  double learning_rate = std::numeric_limits<double>::quiet_NaN();
  int epochs = 0;
  std::size_t batch_size = 0;
  std::string schedule;  ///< "constant", "inverse", "adagrad", "adam"
  double decay = 0.0;    ///< of "inverse": rate / (1 + decay updates)
  double momentum = 0.0;
  bool averaging = false;
  bool implicit = false;
  bool mean_gradient = false;  ///< the rate multiplies the mean over a batch, not the sum
  bool shuffle = false;
  std::uint64_t seed = 0;
  double tolerance =
      0.0;  ///< stop when an epoch changes the deviance by less, relatively; 0: never

  bool has_learning_rate() const { return !std::isnan(learning_rate); }
};

/// What R's constructors of solvers set, and the only home of whose defaults they are; each solver reads its own.
struct SolverOptions {
  std::string name;
  double learning_rate = std::numeric_limits<double>::quiet_NaN();  ///< NaN: chosen by the solver
  double momentum = 0.0;
  bool nesterov = false;
  bool line_search = false;
  bool mean_gradient = false;  ///< a learning rate multiplies the mean over the rows, not the sum
  int memory = 0;              ///< pairs of steps and score changes that L-BFGS keeps
  StochasticOptions stochastic;

  bool has_learning_rate() const { return !std::isnan(learning_rate); }
};

}  // namespace glmpp

#endif
