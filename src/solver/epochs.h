#ifndef GLMPP_SOLVER_EPOCHS_H
#define GLMPP_SOLVER_EPOCHS_H

#include <vector>

#include "solver_options.h"

namespace glmpp {

/// Sweeps of stochastic steps, wherever the rows are.
class Epochs {
 public:
  virtual ~Epochs() = default;
  virtual void begin(const std::vector<double>& start,
                     const std::vector<double>& mean_diagonal) = 0;
  virtual bool run() = 0;
  /// The last iterate, or the average where the options ask for it.
  virtual const std::vector<double>& coefficients() const = 0;
};

}  // namespace glmpp

#endif
