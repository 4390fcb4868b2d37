#include "scoring.h"

#include <cmath>
#include <utility>

#include "stopping.h"

namespace glmpp {

namespace {

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

// Steps may have done without one.
void make_factor(Objective& objective, FisherScoring& direction, Solution& solution) {
  if (!solution.point.sums.valid) return;
  if (direction.has_factor()) {
    direction.judge_factor(objective, solution.point);
    return;
  }
  if (!direction.has_curvature(solution.point)) ++solution.passes;
  solution.decrement = direction.propose_current(objective, solution.point).decrement;
}

Fit describe(const Objective& objective, const FisherScoring& scoring, Solution solution) {
  Fit fit;
  fit.solution = std::move(solution);
  fit.factor = scoring.factor();
  fit.is_accurate = scoring.is_accurate();
  fit.effective_rows = objective.traits().effective_rows;
  return fit;
}

}  // namespace

Fit fit_by_scoring(Objective& objective, FisherScoring& direction, const Start& start,
                   const Control& control) {
  direction.allow_shortcuts();
  Solution solution = descend(objective, direction, start, control);
  make_factor(objective, direction, solution);
  refine(objective, direction, solution);
  return describe(objective, direction, std::move(solution));
}

Fit judge(Objective& objective, Solution solution, const Control& control) {
  FisherScoring scoring(objective, control);
  evaluate_at(objective, solution.point, need_score | need_information);
  ++solution.passes;
  const Step step = scoring.propose(objective, solution.point);
  solution.decrement = step.decrement;
  // What the direction took for its end is one only where Newton's step from there is short too.
  constexpr double short_step = 1e-4;  // standard errors
  const double rows = objective.traits().effective_rows;
  const double scale = std::fabs(solution.point.sums.deviance) / std::fmax(rows, 1.0);
  const bool is_near = step.decrement <= short_step * short_step * scale;
  solution.converged = is_negligible(control, rows, solution.point, step.decrement) ||
                       (solution.converged && is_near);
  return describe(objective, scoring, std::move(solution));
}

}  // namespace glmpp
