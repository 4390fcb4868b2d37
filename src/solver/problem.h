#ifndef GLMPP_SOLVER_PROBLEM_H
#define GLMPP_SOLVER_PROBLEM_H

#include <functional>
#include <memory>
#include <vector>

#include "epochs.h"
#include "family/bend.h"
#include "objective/objective.h"
#include "objective/penalty.h"

namespace glmpp {

class ModelColumns;
struct SeparableTerm;

/// What a solver may know of the data, wherever they are. Whoever makes a problem fills what its home of data has; what
/// is left empty is done without, or is a need of the solver that asks for it. Everything is borrowed.
struct Problem {
  Objective* whole = nullptr;
  /// The same score and information from fewer rows; the deviance differs by a constant.
  Objective* groups = nullptr;
  /// The same model over a share of the rows.
  Objective* sample = nullptr;
  double sample_share = 0.0;
  /// The same data, in the fewest rows, under the model bent.
  std::function<std::unique_ptr<Objective>(const Bend&)> bent;
  PredictorRange range;
  /// Where the model can't be bent: are half steps of Fisher scoring of help?
  bool takes_half_steps = false;
  std::function<std::unique_ptr<Epochs>(const StochasticOptions&, const Penalty*)> epochs;
  const Penalty* penalty = nullptr;
  /// A penalty that is not smooth (penalised_fit.h); the same rows of some coefficients alone, and column by column, where descents
  /// are over some columns.
  const SeparableTerm* separable = nullptr;
  std::function<std::unique_ptr<Objective>(const std::vector<std::size_t>&)> of_columns;
  ModelColumns* columns = nullptr;
  /// Coefficients that stay as they start.
  std::vector<std::size_t> held;
  /// Those that are aliased where these are, for models that have a column's coefficient several times. Empty: these alone,
  /// and what a start holds in them moves to the others; else they are held at zero.
  std::function<std::vector<std::size_t>(const std::vector<std::size_t>&)> aliased_together;
  /// The rows at an end of the valid range at the point evaluated last; empty where rows are not at hand.
  std::function<std::vector<std::size_t>()> boundary_rows;

  Objective& fewest() const { return groups ? *groups : *whole; }
};

}  // namespace glmpp

#endif
