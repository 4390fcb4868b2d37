#include "penalised_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fisher_scoring.h"
#include "objective/held_objective.h"
#include "penalty_path.h"

namespace glmpp {

namespace {

Objective& rows_of(const Problem& problem) {
  return problem.separable->is_wide ? *problem.whole : problem.fewest();
}

std::vector<double> first_point(const Start& start, std::size_t count) {
  std::vector<double> first = start.has_coefficients ? start.coefficients : start.anchor;
  first.resize(count, 0.0);
  return first;
}

// Of columns that may enter the strong rules tell those of the next lambda: from the largest one by these steps.
std::vector<double> way_to(double lambda, double largest) {
  constexpr double step = 0.8;
  std::vector<double> lambdas;
  for (double above = largest; above * step > lambda; above *= step)
    lambdas.push_back(above * step);
  if (lambdas.empty() || lambdas.back() > lambda) lambdas.push_back(lambda);
  return lambdas;
}

// What is told of each step: the deviance with the penalty's part, and the violation in the place of the score.
void tell(const PenalisedDescent& descent, const SeparableTerm& term, double share, int steps,
          bool is_quadratic, const Control& control) {
  if (control.progress) control.progress(steps);
  if (!control.report || term.is_wide) return;
  Point point;
  point.coefficients = descent.coefficients();
  point.sums.score = {descent.violation() * term.control.weight};
  Progress progress;
  progress.iteration = steps;
  progress.passes = is_quadratic ? 1 : descent.passes();
  progress.step_length = share;
  progress.deviance = descent.deviance() +
                      2.0 * term.control.weight * term.penalty.value(term.lambda, descent.theta());
  progress.point = &point;
  control.report(progress);
}

PathResult follow(const Problem& problem, const std::vector<double>& first, const Control& control,
                  int& steps) {
  const SeparableTerm& term = *problem.separable;
  PathProblem path;
  path.whole = &rows_of(problem);
  if (term.is_wide) {
    path.of_columns = problem.of_columns;
    path.columns = problem.columns;
    path.spread = term.spread;
    path.mean = term.mean;
  }
  ProximalControl told = term.control;
  const bool is_quadratic = path.whole->traits().is_quadratic;
  bool has_begun = false;
  told.report = [&](const PenalisedDescent& descent, double share) {
    if (descent.steps() == 0 && has_begun) return;
    has_begun = true;
    steps += descent.steps() > 0;
    tell(descent, term, share, steps, is_quadratic, control);
  };
  PathLambdas lambdas;
  lambdas.given = {term.lambda};
  if (!term.is_wide) return follow_path(path, term.penalty, lambdas, first, told, nullptr);
  PathLambdas top;
  top.count = 1;
  const PathResult null = follow_path(path, term.penalty, top, first, term.control, nullptr);
  if (!null.has_start) return null;
  lambdas.given = way_to(term.lambda, null.largest);
  PathResult found =
      follow_path(path, term.penalty, lambdas, null.null_coefficients, told, nullptr);
  found.passes += null.passes;
  found.partial_passes += null.partial_passes;
  return found;
}

std::vector<std::size_t> penalised_zeros(const SeparablePenalty& penalty,
                                         const std::vector<double>& coefficients) {
  std::vector<std::size_t> zeros;
  for (const PenaltyGroup& group : penalty.groups())
    for (std::size_t j : group.columns)
      if (coefficients[j] == 0.0) zeros.push_back(j);
  std::sort(zeros.begin(), zeros.end());
  return zeros;
}

std::vector<std::size_t> complement(const std::vector<std::size_t>& some, std::size_t count) {
  std::vector<std::size_t> rest;
  for (std::size_t j = 0; j < count; ++j)
    if (!std::binary_search(some.begin(), some.end(), j)) rest.push_back(j);
  return rest;
}

// Of all columns, those that are held left out afterwards.
void factor_beside(const std::vector<std::size_t>& zeros, Objective& rows, const Control& control,
                   Fit& fit) {
  Point& point = fit.solution.point;
  evaluate_at(rows, point, need_score | need_information);
  ++fit.solution.passes;
  HeldObjective active(rows, zeros);
  Point held = point;
  hold(zeros, held.sums);
  FisherScoring scoring(active, control);
  scoring.propose(active, held);
  fit.factor = scoring.factor();
  fit.factor.leave_out(zeros);
  fit.is_accurate = scoring.is_accurate();
}

// Of the active columns alone.
void factor_of(const std::vector<std::size_t>& active, const Problem& problem,
               const Control& control, Fit& fit) {
  Point& point = fit.solution.point;
  evaluate_at(*problem.whole, point, need_score);
  ++fit.solution.passes;
  if (active.empty()) return;
  const auto rows = problem.of_columns(active);
  Point own;
  for (std::size_t j : active) own.coefficients.push_back(point.coefficients[j]);
  evaluate_at(*rows, own, need_score | need_information);
  ++fit.solution.passes;
  FisherScoring scoring(*rows, control);
  scoring.propose(*rows, own);
  fit.factor = scoring.factor();
  fit.factor.place(active);
  fit.is_accurate = scoring.is_accurate();
}

// A penalised coefficient has its value where its column is a combination of others too.
void keep_free_aliased(const SeparablePenalty& penalty, InformationFactor& factor) {
  std::vector<std::size_t> penalised;
  for (std::size_t j : factor.aliased())
    if (std::find(penalty.free().begin(), penalty.free().end(), j) == penalty.free().end())
      penalised.push_back(j);
  factor.leave_out(penalised);
}

void describe(const Problem& problem, const Control& control, Fit& fit) {
  const SeparablePenalty& penalty = problem.separable->penalty;
  const std::vector<double>& coefficients = fit.solution.point.coefficients;
  const std::vector<std::size_t> zeros = penalised_zeros(penalty, coefficients);
  if (problem.separable->is_wide)
    factor_of(complement(zeros, coefficients.size()), problem, control, fit);
  else
    factor_beside(zeros, rows_of(problem), control, fit);
  keep_free_aliased(penalty, fit.factor);
  fit.aliased = fit.factor.aliased();
}

StopReason reason_of(const PathResult& path, int iterations) {
  if (path.converged.back()) return StopReason::converged;
  return path.steps.back() >= iterations ? StopReason::iteration_limit : StopReason::no_descent;
}

Fit fit_from(std::vector<double> first, const Problem& problem, const Control& control) {
  const SeparableTerm& term = *problem.separable;
  Fit fit;
  int steps = 0;
  const PathResult path = follow(problem, first, control, steps);
  Solution& solution = fit.solution;
  solution.passes = path.passes + path.partial_passes;
  solution.iterations = steps;
  if (!path.has_start) {
    solution.point.coefficients = std::move(first);
    solution.reason = StopReason::no_valid_start;
    return fit;
  }
  solution.point.coefficients = path.coefficients.back();
  solution.reason = reason_of(path, term.control.iterations);
  solution.converged = solution.reason == StopReason::converged;
  fit.violation = path.violation.back();
  describe(problem, control, fit);
  return fit;
}

bool holds_aliased(const Fit& fit) {
  return std::any_of(fit.aliased.begin(), fit.aliased.end(),
                     [&](std::size_t j) { return fit.solution.point.coefficients[j] != 0.0; });
}

}  // namespace

Fit fit_penalised(const Problem& problem, const Start& start, const Control& control) {
  Fit fit = fit_from(first_point(start, problem.whole->coefficient_count()), problem, control);
  if (!holds_aliased(fit)) return fit;
  // What a start holds in aliased columns can't go to others, which may be penalised.
  std::vector<double> without = fit.solution.point.coefficients;
  for (std::size_t j : fit.aliased) without[j] = 0.0;
  fit = fit_from(std::move(without), problem, control);
  if (!holds_aliased(fit)) return fit;
  fit.solution.converged = false;
  fit.solution.reason = StopReason::no_descent;
  return fit;
}

}  // namespace glmpp
