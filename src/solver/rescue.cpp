#include "rescue.h"

#include <cmath>
#include <utility>

#include "damped_newton.h"
#include "fisher_scoring.h"
#include "stopping.h"

namespace glmpp {

namespace {

// A decrease of the deviance, against itself, that rounding does not explain.
constexpr double unsettled = 1e-13;

bool is_usable(const Solution& solution) {
  return !solution.point.is_start && solution.point.sums.valid;
}

}  // namespace

bool needs_rescue(const Solution& solution, const Objective& objective, const Control& control) {
  // A caller who asks for fewer steps wants to see where they lead.
  constexpr int patience = 10;
  if (objective.coefficient_count() == 0) return false;
  if (solution.reason == StopReason::iteration_limit) return control.iterations >= patience;
  if (solution.reason != StopReason::converged) return true;
  if (objective.traits().is_quadratic || solution.boundary) return solution.boundary;
  // As near as the caller asked for.
  if (is_negligible(control, objective.traits().effective_rows, solution.point, solution.decrement))
    return false;
  return solution.decrement >
         unsettled * (std::fabs(solution.point.sums.deviance) + solution.deviance_floor);
}

Rescue::Rescue(PredictorRange range, ObjectiveMaker make, const Penalty* penalty,
               const Control& control)
    : range_(range),
      make_(std::move(make)),
      penalty_(penalty),
      control_(control),
      objective_(make_({}, penalty)) {
  control_.iterations *= rescue_budget;
  control_.sufficient_decrease = armijo;
  control_.stop_crawling = true;
  // Where the information all but vanishes, Newton's steps are too long by many orders.
  control_.halvings = 100;
}

Solution Rescue::run(const Start& start, const Solution& stuck) {
  Solution best = stuck;
  deviance_floor_ = stuck.deviance_floor;
  std::vector<double> coefficients;
  if (!find_inside(start, stuck, coefficients)) return best;
  if (range_.is_bounded()) follow_barrier(coefficients);
  Solution found = conclude_from(coefficients);
  // Fisher scoring may have been on its way when its iterations ran out, and the barrier led elsewhere.
  if (is_usable(stuck) && found.point.sums.deviance > stuck.point.sums.deviance) {
    const Solution onward = conclude_from(stuck.point.coefficients);
    if (onward.point.sums.deviance < found.point.sums.deviance) found = onward;
  }
  if (!is_usable(stuck) || found.converged || found.point.sums.deviance < stuck.point.sums.deviance)
    best = found;
  best.iterations = stuck.iterations + iterations_;
  best.passes = stuck.passes + passes_;
  return best;
}

// Newton's method from there, and what it has found: never a higher deviance.
Solution Rescue::conclude_from(const std::vector<double>& coefficients) {
  const Sums before = evaluate(coefficients);
  Solution found = newton(coefficients, 0.0, control_);
  // A step that stays inside and yet promises little: the optimum is infinitely far.
  constexpr double endless = 1e-7;
  const double promised = found.decrement / (std::fabs(before.deviance) + deviance_floor_);
  const bool is_stationary =
      found.reason == StopReason::converged && promised < (found.boundary ? unsettled : endless);
  found.is_endless = is_stationary && promised > unsettled;
  found.boundary = !is_stationary && range_.is_bounded();
  found.converged = is_stationary || found.boundary;
  found.point.sums = evaluate(found.point.coefficients);
  if (!found.point.sums.valid || found.point.sums.deviance > before.deviance) {
    found.point.coefficients = coefficients;
    found.point.sums = before;
  }
  return found;
}

Sums Rescue::evaluate(const std::vector<double>& coefficients) {
  Sums sums;
  objective_->evaluate(coefficients, need_score, sums);
  ++passes_;
  return sums;
}

bool Rescue::is_inside(const std::vector<double>& coefficients) {
  return !coefficients.empty() && evaluate(coefficients).valid;
}

// Where Fisher scoring got stuck, moved a little towards the common mean: from the very end of the
// region the barrier takes long.
bool Rescue::find_inside(const Start& start, const Solution& stuck, std::vector<double>& inside) {
  constexpr double share_of_anchor = 0.1;
  const bool has_anchor = is_inside(start.anchor);
  // Steps from far starting means can end where the score vanishes for want of a fit.
  const bool is_astray = has_anchor && evaluate(start.anchor).deviance < stuck.point.sums.deviance;
  if (is_usable(stuck) && !is_astray) {
    inside = stuck.point.coefficients;
    if (!has_anchor || !range_.is_bounded()) return true;
    for (std::size_t j = 0; j < inside.size(); ++j)
      inside[j] += share_of_anchor * (start.anchor[j] - inside[j]);
    if (is_inside(inside)) return true;
  }
  inside = start.anchor;
  return has_anchor || find_feasible(start.middle, inside);
}

bool Rescue::find_feasible(double target, std::vector<double>& inside) {
  if (!std::isfinite(target)) return false;
  Start from;
  for (double weight : {1.0, 1e-2, 1e-4, 1e-6, 1e-8}) {
    const auto objective = make_({"feasibility", 0.0, target, weight}, nullptr);
    FisherScoring direction(*objective, control_);
    const Solution solution = descend(*objective, direction, from, control_);
    passes_ += solution.passes;
    if (!is_usable(solution)) return false;
    inside = solution.point.coefficients;
    if (is_inside(inside)) return true;
    from.has_coefficients = true;
    from.coefficients = inside;
  }
  return false;
}

// Heights fall from the size of a row's deviance until the barrier moves the total by less than its
// last digits.
void Rescue::follow_barrier(std::vector<double>& coefficients) {
  constexpr double first = 0.1, last = 1e-9, fall = 0.1;
  const Sums sums = evaluate(coefficients);
  const double row =
      (std::fabs(sums.deviance) + 1e-8) / std::fmax(objective_->traits().effective_rows, 1.0);
  Control loose = control_;
  loose.epsilon = 1e-6;
  loose.step_tolerance = 1e-3;
  for (double height = first; height > last; height *= fall) {
    const Solution solution = newton(coefficients, height * row, loose);
    if (!is_usable(solution) || !is_inside(solution.point.coefficients)) return;
    coefficients = solution.point.coefficients;
  }
}

Solution Rescue::newton(const std::vector<double>& from, double height, const Control& control) {
  const auto objective = make_({"barrier", height, 0.0, 0.0}, penalty_);
  DampedNewton direction(*objective, control);
  Solution solution = descend(*objective, direction, start_at(from), control);
  iterations_ += solution.iterations;
  passes_ += solution.passes;
  return solution;
}

}  // namespace glmpp
