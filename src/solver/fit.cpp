#include "fit.h"

#include <utility>

#include "warm_start.h"

namespace glmpp {

namespace {

MemoryObjective make_objective(const Problem& problem, FittedRows fitted, std::size_t stride) {
  return MemoryObjective(*problem.design, *problem.model, problem.response, fitted,
                         problem.threads, problem.poll, stride);
}

Fit solve(Objective& objective, FisherScoring& direction, const Start& start,
          const Control& control) {
  Fit fit;
  fit.solution = descend(objective, direction, start, control);
  if (fit.solution.converged && !fit.solution.boundary && !fit.solution.point.is_start)
    fit.solution.passes += direction.refine(objective, fit.solution.point);
  fit.factor = direction.factor();
  fit.effective_rows = objective.effective_rows();
  fit.is_accurate = direction.is_accurate();
  return fit;
}

// The groups know the coefficients, the rows the deviance and the n-vectors.
Fit fit_groups(const Problem& problem, const Start& start, const Control& control) {
  MemoryObjective groups(*problem.grouped_design, *problem.model, problem.grouped_response, {},
                         problem.threads, problem.poll);
  FisherScoring direction(groups, control);
  Fit fit = solve(groups, direction, start, control);
  MemoryObjective rows = make_objective(problem, problem.fitted, 1);
  evaluate_at(rows, fit.solution.point, need_score);
  ++fit.solution.passes;
  fit.effective_rows = rows.effective_rows();
  return fit;
}

}  // namespace

Fit fit_rows(const Problem& problem, Start start, const Control& control, bool may_sample) {
  if (problem.grouped_design) return fit_groups(problem, start, control);
  MemoryObjective objective = make_objective(problem, problem.fitted, 1);
  FisherScoring direction(objective, control);
  const Design& design = *problem.design;
  const std::size_t stride = may_sample && !objective.has_constant_information()
                                 ? sample_stride(design.rows(), design.coefficient_count())
                                 : 1;
  if (stride > 1) {
    MemoryObjective sample = make_objective(problem, {}, stride);
    warm_start(sample, 1.0 / static_cast<double>(stride), control, start, direction);
  }
  return solve(objective, direction, start, control);
}

}  // namespace glmpp
