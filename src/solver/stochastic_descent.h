#ifndef GLMPP_SOLVER_STOCHASTIC_DESCENT_H
#define GLMPP_SOLVER_STOCHASTIC_DESCENT_H

#include <cstdint>
#include <limits>
#include <string>

#include "objective/row_batches.h"
#include "solver.h"

namespace glmpp {

struct StochasticOptions {
  double learning_rate = std::numeric_limits<double>::quiet_NaN();  ///< NaN: chosen
  int epochs = 3;
  std::size_t batch_size = 1;
  std::string schedule = "constant";  ///< "constant", "inverse", "adagrad", "adam"
  double decay = 0.0;  ///< of "inverse": rate / (1 + decay updates)
  double momentum = 0.0;
  bool averaging = false;
  bool implicit = false;
  bool mean_gradient = false;  ///< the rate multiplies the mean over a batch, not the sum
  bool shuffle = false;
  std::uint64_t seed = 1;
  double tolerance = 0.0;  ///< stop when an epoch changes the deviance by less, relatively; 0: never

  bool has_learning_rate() const { return learning_rate == learning_rate; }
};

/// Stochastic gradient descent over batches of rows (Robbins and Monro 1951). Rows are shuffled within tiles, and
/// tiles among each other, by a generator of its own. Without a learning rate, coefficient j moves by
///   1/p (1 + t / p)^(-2/3) / D_j
/// times the score, D the mean information's diagonal at the start and t the number of updates, so
/// that columns of any scale will do. With averaging, the result is the average of all iterates by
/// polynomial decay (Shamir and Zhang 2013, ICML; eta = 3).
/// `sums` is the model that deviances are of, `batches` the one that steps are made by.
Fit descend_stochastically(Objective& sums, RowBatches& batches, const StochasticOptions& options,
                           const Penalty* penalty, const Start& start, const Control& control);

}  // namespace glmpp

#endif
