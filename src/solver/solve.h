#ifndef GLMPP_SOLVER_SOLVE_H
#define GLMPP_SOLVER_SOLVE_H

#include <memory>
#include <string>
#include <vector>

#include "control.h"
#include "fit.h"
#include "problem.h"
#include "solver_options.h"

namespace glmpp {

/// What R may know of a solver.
struct SolverFacts {
  std::string name;
  /// What the data must be able to answer: "observed_information", "epochs".
  std::vector<std::string> needs;
  bool
      starts_from_sample;  ///< else where it is told, or from zero, so that its path can be looked at
  bool is_rescued;         ///< else left where it stops
  bool uses_groups;        ///< else its steps are those of the rows
  bool takes_bordered = false;  ///< else it reads all elements of an information
};

std::vector<SolverFacts> known_solvers();

using DirectionMaker = std::unique_ptr<Direction> (*)(const Objective&, const SolverOptions&,
                                                      const Control&);

/// A solver from outside: a direction under the one descent loop, from coefficients (`from_zero`: see
/// first_coefficients()). Takes the place of one of the same name that was added before.
void add_solver(const SolverFacts& facts, bool from_zero, DirectionMaker make);

/// A problem by the solver that `options` name: the only reader of a solver's name.
Fit solve(const Problem& problem, const SolverOptions& options, const Start& start,
          const Control& control);

}  // namespace glmpp

#endif
