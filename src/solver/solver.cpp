#include "solver.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "coordinate_descent.h"
#include "damped_newton.h"
#include "family/named_list.h"
#include "gradient_descent.h"
#include "lbfgs.h"
#include "objective/held_objective.h"
#include "objective/penalized_objective.h"
#include "stopping.h"

namespace glmpp {

namespace {

using DirectionMaker = std::unique_ptr<Direction> (*)(const Objective&, const SolverOptions&,
                                                      const Control&);

std::unique_ptr<Direction> make_newton(const Objective& objective, const SolverOptions&,
                                       const Control& control) {
  return std::make_unique<DampedNewton>(objective, control);
}

std::unique_ptr<Direction> make_coordinate_descent(const Objective& objective,
                                                   const SolverOptions&, const Control& control) {
  return std::make_unique<CoordinateDescent>(objective, control);
}

template <class Method>
std::unique_ptr<Direction> make_first_order(const Objective&, const SolverOptions& options,
                                            const Control& control) {
  return std::make_unique<Method>(options, control);
}

// Besides "irls", which has more to offer than a direction.
const NamedList<DirectionMaker> directions = {
    {"newton", make_newton},
    {"coordinate_descent", make_coordinate_descent},
    {"lbfgs", make_first_order<Lbfgs>},
    {"gradient_descent", make_first_order<GradientDescent>}};

bool is_valid(Objective& objective, const std::vector<double>& coefficients) {
  if (coefficients.empty()) return objective.coefficient_count() == 0;
  Sums sums;
  objective.evaluate(coefficients, need_score, sums);
  return sums.valid;
}

Start one_iteration(Objective& objective, const Start& start, Control control) {
  control.iterations = 1;
  control.report = nullptr;
  FisherScoring scoring(objective, control);
  const Solution solution = descend(objective, scoring, start, control);
  return solution.point.is_start ? start : start_at(solution.point.coefficients);
}

std::vector<std::size_t> aliased_at(Objective& objective, const Start& start,
                                    const Control& control) {
  Point point;
  point.is_start = !start.has_coefficients;
  point.coefficients = start.coefficients;
  point.coefficients.resize(objective.coefficient_count(), 0.0);
  evaluate_at(objective, point, need_score | need_information);
  if (!point.sums.valid) return {};
  FisherScoring scoring(objective, control);
  scoring.propose(objective, point);
  return scoring.factor().aliased();
}

// Badly conditioned columns can hide from the plain deviance that a step would lower it.
void refine(Objective& objective, FisherScoring& direction, Solution& solution) {
  const bool is_hidden = solution.reason == StopReason::no_descent;
  if (solution.point.is_start || solution.boundary || !(solution.converged || is_hidden)) return;
  const Refinement refinement = direction.refine(objective, solution.point);
  solution.passes += refinement.passes;
  if (!is_hidden || !refinement.is_at_rest) return;
  solution.converged = true;
  solution.reason = StopReason::converged;
}

}  // namespace

Start first_coefficients(Objective& objective, bool is_first_order, const Start& start,
                         const Control& control) {
  if (start.has_coefficients) return start;
  if (is_first_order) {
    const std::vector<double> zero(objective.coefficient_count(), 0.0);
    if (is_valid(objective, zero)) return start_at(zero);
    if (is_valid(objective, start.anchor)) return start_at(start.anchor);
  }
  return one_iteration(objective, start, control);
}

Fit judge(Objective& objective, Solution solution, const Control& control) {
  FisherScoring scoring(objective, control);
  Fit fit;
  evaluate_at(objective, solution.point, need_score | need_information);
  ++solution.passes;
  const Step step = scoring.propose(objective, solution.point);
  solution.decrement = step.decrement;
  solution.converged |=
      is_negligible(control, objective.traits().effective_rows, solution.point, step.decrement);
  fit.factor = scoring.factor();
  fit.is_accurate = scoring.is_accurate();
  fit.effective_rows = objective.traits().effective_rows;
  fit.solution = std::move(solution);
  return fit;
}

void leave_aliased(Objective& objective, Fit& fit) {
  Solution& solution = fit.solution;
  Point& point = solution.point;
  const auto is_left = [&](std::size_t j) { return point.coefficients[j] != 0.0; };
  const auto& aliased = fit.factor.aliased();
  if (point.is_start || std::none_of(aliased.begin(), aliased.end(), is_left)) return;
  Point moved;
  moved.coefficients = point.coefficients;
  fit.factor.drop_aliased(moved.coefficients);
  evaluate_at(objective, moved, need_score);
  ++solution.passes;
  constexpr double rounding = 1e-8;
  const double before = std::fabs(point.sums.deviance);
  if (moved.sums.valid && moved.sums.deviance <= before + rounding * (before + solution.deviance_floor)) {
    point = std::move(moved);
    return;
  }
  evaluate_at(objective, point, need_score);
  ++solution.passes;
  solution.converged = false;
  solution.reason = StopReason::no_descent;
}

Fit fit_by_scoring(Objective& objective, FisherScoring& direction, const Start& start,
                   const Control& control) {
  Fit fit;
  fit.solution = descend(objective, direction, start, control);
  refine(objective, direction, fit.solution);
  fit.factor = direction.factor();
  fit.effective_rows = objective.traits().effective_rows;
  fit.is_accurate = direction.is_accurate();
  return fit;
}

Fit fit_by(Objective& objective, const SolverOptions& options, const Start& start, Control control,
           bool may_freeze) {
  if (options.name == "irls") {
    FisherScoring scoring(objective, control);
    return fit_by_scoring(objective, scoring, start, control);
  }
  const DirectionMaker make_direction = find_named(directions, options.name, "solver");
  constexpr double armijo = 1e-4;
  control.sufficient_decrease = armijo;
  const bool can_start_from_means = options.name == "coordinate_descent";
  const Start from = can_start_from_means
                         ? start
                         : first_coefficients(objective, options.name != "newton", start, control);
  HeldObjective frozen(objective, may_freeze ? aliased_at(objective, from, control)
                                               : std::vector<std::size_t>());
  const auto direction = make_direction(frozen, options, control);
  return judge(objective, descend(frozen, *direction, from, control), control);
}

Fit fit_penalized(Objective& objective, const SolverOptions& options, const Penalty* penalty,
                  const Start& start, const Control& control, bool may_freeze) {
  if (!penalty) return fit_by(objective, options, start, control, may_freeze);
  PenalizedObjective penalized(objective, *penalty);
  Fit fit = fit_by(penalized, options, start, control, may_freeze);
  evaluate_at(objective, fit.solution.point, need_deviance);
  return fit;
}

}  // namespace glmpp
