#include "fit.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "objective/memory_batches.h"
#include "rescue.h"
#include "warm_start.h"

namespace glmpp {

namespace {

MemoryObjective make_objective(const Problem& problem, FittedRows fitted, std::size_t stride) {
  return MemoryObjective(*problem.design, *problem.model, problem.response, fitted,
                         problem.threads, problem.poll, stride);
}

// The rescued point becomes the objective's: factor and fitted rows are made there, and where Fisher
// scoring contracts it has the last word.
void settle(Objective& objective, const Solution& rescued, Control control, Fit& fit) {
  const Start there = start_at(rescued.point.coefficients);
  if (rescued.boundary || rescued.is_endless) control.iterations = 0;
  FisherScoring direction(objective, control);
  Fit settled = fit_by_scoring(objective, direction, there, control);
  if (settled.factor.rank() < fit.factor.rank()) settled.factor = fit.factor;
  settled.solution.boundary = rescued.boundary;
  settled.solution.iterations += rescued.iterations;
  settled.solution.passes += rescued.passes;
  if (rescued.converged) {
    settled.solution.converged = true;
    settled.solution.reason = StopReason::converged;
  }
  fit = std::move(settled);
}

// The rows whose linear predictor lies at an end of the valid range, against that of the typical row.
void mark_boundary(const Problem& problem, Fit& fit) {
  const PredictorRange range = problem.model->valid_range();
  if (!fit.solution.boundary || !range.is_bounded()) return;
  constexpr double touching = 1e-5;
  const std::size_t rows = problem.design->rows();
  std::vector<double> distance(rows);
  for (std::size_t i = 0; i < rows; ++i)
    distance[i] = std::min(problem.fitted.eta[i] - range.least, range.most - problem.fitted.eta[i]);
  std::vector<double> sorted = distance;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(rows / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  for (std::size_t i = 0; i < rows; ++i)
    if (distance[i] <= touching * *middle) fit.boundary_rows.push_back(i);
  if (!fit.boundary_rows.empty()) return;
  fit.solution.boundary = false;
  fit.solution.converged = false;
  fit.solution.reason = StopReason::no_descent;
}

// A model that only R knows has no barrier and no observed information. Where its Fisher information is less than
// half the observed one, whole steps go to and fro across the optimum, and half steps do not.
Fit relax(Objective& objective, Fit fit, Control control) {
  if (fit.solution.point.is_start || !fit.solution.point.sums.valid) return fit;
  const Start there = start_at(fit.solution.point.coefficients);
  control.first_share = 0.5;
  constexpr int budget = 4;
  control.iterations *= budget;
  FisherScoring direction(objective, control);
  Fit relaxed = fit_by_scoring(objective, direction, there, control);
  relaxed.solution.iterations += fit.solution.iterations;
  relaxed.solution.passes += fit.solution.passes;
  // A thousandth of a standard error.
  constexpr double unnoticed = 1e-6;
  const double scale = std::fabs(relaxed.solution.point.sums.deviance) / objective.traits().effective_rows;
  if (relaxed.solution.converged && relaxed.solution.decrement > unnoticed * scale) {
    relaxed.solution.converged = false;
    relaxed.solution.reason = StopReason::no_descent;
  }
  return relaxed;
}

Fit solve_surely(const RowModel& model, const ObjectiveMaker& make, Objective& objective,
                 FisherScoring& direction, const Start& start, const Control& control) {
  Fit fit = fit_by_scoring(objective, direction, start, control);
  if (!needs_rescue(fit.solution, objective, control)) return fit;
  if (!model.works_by_ranges()) return relax(objective, std::move(fit), control);
  const Solution rescued = Rescue(model, make, control).run(start, fit.solution);
  if (rescued.point.is_start || !rescued.point.sums.valid) return fit;
  settle(objective, rescued, control, fit);
  return fit;
}

// The groups know the coefficients and the score, the rows the deviance and the n-vectors.
Fit fit_groups(const Problem& problem, const Start& start, const Control& control) {
  MemoryObjective groups(*problem.grouped_design, *problem.model, problem.grouped_response, {},
                         problem.threads, problem.poll);
  FisherScoring direction(groups, control);
  const ObjectiveMaker make = [&](const RowModel& model) {
    return std::make_unique<MemoryObjective>(*problem.grouped_design, model,
                                             problem.grouped_response, FittedRows(),
                                             problem.threads, problem.poll);
  };
  Fit fit = solve_surely(*problem.model, make, groups, direction, start, control);
  MemoryObjective rows = make_objective(problem, problem.fitted, 1);
  evaluate_at(rows, fit.solution.point, need_deviance);
  ++fit.solution.passes;
  fit.effective_rows = rows.traits().effective_rows;
  return fit;
}

}  // namespace

Fit fit_rows_by(const Problem& problem, const SolverOptions& options, const Penalty* penalty,
                const Start& start, const Control& control) {
  MemoryObjective objective = make_objective(problem, problem.fitted, 1);
  return fit_penalized(objective, options, penalty, start, control);
}

Fit fit_rows_stochastically(const Problem& problem, const RowModel& step_model,
                            const StochasticOptions& options, const Penalty* penalty,
                            const Start& start, const Control& control) {
  MemoryObjective objective = make_objective(problem, problem.fitted, 1);
  MemoryBatches batches(*problem.design, step_model, problem.response);
  LocalEpochs epochs(batches, options, penalty, objective.traits().effective_rows);
  const Start from = first_coefficients(objective, true, start, control);
  return descend_stochastically(objective, epochs, options, from, control);
}

Fit fit_rows(const Problem& problem, Start start, const Control& control, bool may_sample) {
  if (problem.grouped_design) {
    Fit fit = fit_groups(problem, start, control);
    mark_boundary(problem, fit);
    return fit;
  }
  MemoryObjective objective = make_objective(problem, problem.fitted, 1);
  FisherScoring direction(objective, control);
  const Design& design = *problem.design;
  const std::size_t stride = may_sample && !objective.traits().has_constant_information
                                 ? sample_stride(design.rows(), design.coefficient_count())
                                 : 1;
  if (stride > 1) {
    MemoryObjective sample = make_objective(problem, {}, stride);
    warm_start(sample, 1.0 / static_cast<double>(stride), control, start, direction);
  }
  const ObjectiveMaker make = [&](const RowModel& model) {
    return std::make_unique<MemoryObjective>(design, model, problem.response, FittedRows(),
                                             problem.threads, problem.poll);
  };
  Fit fit = solve_surely(*problem.model, make, objective, direction, start, control);
  mark_boundary(problem, fit);
  return fit;
}

void leave_aliased_rows(const Problem& problem, Fit& fit) {
  if (fit.factor.aliased().empty()) return;
  MemoryObjective objective = make_objective(problem, problem.fitted, 1);
  leave_aliased(objective, fit);
}

Fit fit_objective(Objective& objective, Start start, const Control& control, Objective* sample,
                  double sample_share) {
  FisherScoring direction(objective, control);
  const bool may_sample = sample && !start.has_coefficients && !objective.traits().has_constant_information;
  if (may_sample) warm_start(*sample, sample_share, control, start, direction);
  return fit_by_scoring(objective, direction, start, control);
}

}  // namespace glmpp
