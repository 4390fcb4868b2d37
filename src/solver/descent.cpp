#include "descent.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "stopping.h"

namespace glmpp {

namespace {

class Descent {
 public:
  Descent(Objective& objective, Direction& direction, const Control& control)
      : objective_(objective), direction_(direction), control_(control) {}

  Solution run(const Start& start) {
    begin(start);
    if (solution_.reason == StopReason::no_valid_start) return solution_;
    report(1.0);
    Stopping stopping(control_, objective_.traits().effective_rows,
                      direction_.contracts_quadratically());
    Step step = direction_.propose(objective_, solution_.point);
    while (true) {
      bool done = stopping.is_done(solution_.point, step);
      if (done && !direction_.is_current()) {
        step = sharpen();
        done = is_negligible(step);
      }
      solution_.decrement = step.decrement;
      if (done) {
        if (direction_.contracts_quadratically()) refine(step);
        break;
      }
      if (foretells_end(step)) break;
      if (solution_.iterations >= control_.iterations) {
        solution_.reason = StopReason::iteration_limit;
        // What is told of the point is by its own curvature.
        if (!direction_.is_current()) solution_.decrement = sharpen().decrement;
        break;
      }
      if (!advance(step, start) && !advance_sharply(start)) break;
      step = direction_.propose(objective_, solution_.point);
    }
    finish(stopping);
    return solution_;
  }

 private:
  void begin(const Start& start) {
    Point& point = solution_.point;
    point.is_start = !start.has_coefficients;
    point.coefficients = start.has_coefficients
                             ? start.coefficients
                             : std::vector<double>(objective_.coefficient_count(), 0.0);
    point.sums.filled = 0;
    pass(point, direction_.need());
    if (!point.sums.valid) solution_.reason = StopReason::no_valid_start;
  }

  Step sharpen() {
    if (!direction_.has_curvature(solution_.point)) {
      ++solution_.passes;
      fitted_rows_are_stale_ = false;
    }
    return direction_.propose_current(objective_, solution_.point);
  }

  // The last step is at hand and costs no pass: less than the deviance and the fitted rows can tell,
  // but the last digits of coefficients that are small beside their standard errors.
  void refine(const Step& step) {
    const double unseen = control_.last_step;
    Point& point = solution_.point;
    const double scale = std::fabs(point.sums.deviance) / objective_.traits().effective_rows;
    if (point.is_start || solution_.boundary || !(step.decrement <= unseen * unseen * scale))
      return;
    take(step);
  }

  // Without a pass.
  void take(const Step& step) {
    for (std::size_t j = 0; j < step.change.size(); ++j)
      solution_.point.coefficients[j] += step.change[j];
  }

  // The deviance falls by the decrement of a step, but for a share that is no more than what the last step left of its own length.
  bool foretells_end(const Step& step) {
    constexpr double trusted = 0.1, unnoticed = 1e-13;
    Point& point = solution_.point;
    const double last = decrement_before_;
    const bool is_known =
        direction_.is_current() && direction_.contracts_quadratically() && !point.is_start;
    decrement_before_ = is_known ? step.decrement : 0.0;
    if (!control_.only_deviance || !is_known || solution_.boundary || !(last > 0.0)) return false;
    const double left = std::sqrt(step.decrement / last);
    if (!(left < trusted) || step.decrement * left > unnoticed * std::fabs(point.sums.deviance))
      return false;
    take(step);
    point.sums.deviance -= step.decrement;
    solution_.decrement = step.decrement * left * left;
    is_foretold_ = true;
    return true;
  }

  bool is_negligible(const Step& step) const {
    return glmpp::is_negligible(control_, objective_.traits().effective_rows, solution_.point,
                                step.decrement);
  }

  void report(double step_length) const {
    if (control_.report)
      control_.report({solution_.iterations, solution_.passes, step_length,
                       solution_.point.sums.deviance, &solution_.point});
  }

  void pass(Point& point, unsigned need) {
    evaluate_at(objective_, point, need);
    ++solution_.passes;
  }

  // The first step is a whole model fitted to the starting means: if it is not valid, it is
  // shortened towards the anchor, since the zero it starts from is only a convention.
  const std::vector<double>& origin(const Start& start) const {
    return solution_.point.is_start && !start.anchor.empty() ? start.anchor
                                                             : solution_.point.coefficients;
  }

  bool advance(const Step& step, const Start& start) {
    const Point& current = solution_.point;
    std::vector<double> change = step.change;
    const std::vector<double>& from = origin(start);
    for (std::size_t j = 0; j < change.size(); ++j) change[j] += current.coefficients[j] - from[j];

    Point trial;
    double length = first_length(step);
    bool was_invalid = false;
    const int most = direction_.would_rather_renew() ? 0 : control_.halvings;
    for (int halving = 0; halving <= most; ++halving, length *= 0.5) {
      trial.coefficients = from;
      for (std::size_t j = 0; j < change.size(); ++j) trial.coefficients[j] += length * change[j];
      trial.sums.filled = 0;
      pass(trial, direction_.need());
      if (is_acceptable(trial.sums, length * step.slope))
        return accept(std::move(trial), length, was_invalid);
      was_invalid |= !trial.sums.valid;
      if (direction_.is_to_the_letter()) break;
    }
    solution_.reason = !was_invalid               ? StopReason::no_descent
                       : solution_.point.is_start ? StopReason::no_valid_start
                                                  : StopReason::no_valid_step;
    fitted_rows_are_stale_ = true;
    return false;
  }

  // A step may promise many times the deviance that there is to gain: rows at the edge of the sample
  // space, with next to no information, ask for it. No such promise can be kept.
  double first_length(const Step& step) const {
    // Quasi-deviances fall below zero where a response is zero.
    const double deviance = std::fabs(solution_.point.sums.deviance);
    constexpr double credible = 4.0;
    const bool is_free = solution_.point.is_start || direction_.is_to_the_letter();
    if (is_free) return 1.0;
    if (step.slope <= credible * deviance) return control_.first_share;
    return std::min(control_.first_share, credible * (deviance + 0.1) / (step.slope + 0.1));
  }

  // `promised`: half the slope of the deviance along the step (Armijo's rule).
  bool is_acceptable(const Sums& trial, double promised) const {
    // Rounding makes the deviance rise by a few units in its last digits near the optimum. No constant
    // is added: it would be a licence to climb where weights are tiny.
    constexpr double rounding = 1e-10;
    if (!trial.valid) return false;
    if (solution_.point.is_start || direction_.is_to_the_letter()) return true;
    const double before = solution_.point.sums.deviance;
    return trial.deviance <=
           before - 2.0 * control_.sufficient_decrease * promised + rounding * std::fabs(before);
  }

  // Borrowed curvature may mislead: once more from that of this point.
  bool advance_sharply(const Start& start) {
    const bool is_final = direction_.is_current() || direction_.is_to_the_letter();
    if (is_final || solution_.point.is_start) return false;
    solution_.reason = StopReason::converged;
    direction_.learn_refusal();
    return advance(sharpen(), start);
  }

  bool accept(Point trial, double length, bool was_invalid) {
    if (objective_.traits().has_constant_information) {
      trial.sums.information = std::move(solution_.point.sums.information);
      trial.sums.filled |= solution_.point.sums.filled & need_information;
    }
    if (!solution_.point.is_start) {
      solution_.fall_before = solution_.last_fall;
      solution_.last_fall = solution_.point.sums.deviance - trial.sums.deviance;
    }
    direction_.learn(solution_.point, trial);
    solution_.point = std::move(trial);
    fitted_rows_are_stale_ = false;
    solution_.boundary = was_invalid;
    ++solution_.iterations;
    report(length);
    if (control_.progress) control_.progress(solution_.iterations);
    return true;
  }

  void finish(const Stopping& stopping) {
    solution_.converged = stopping.deviance_settled() || is_foretold_;
    solution_.deviance_floor = stopping.deviance_floor();
    if (solution_.reason == StopReason::no_descent && solution_.converged)
      solution_.reason = StopReason::converged;
    if (solution_.reason == StopReason::iteration_limit && solution_.converged)
      solution_.reason = StopReason::converged;
    direction_.conclude(solution_.point);
    if (fitted_rows_are_stale_ && !solution_.point.is_start) pass(solution_.point, need_score);
  }

  Objective& objective_;
  Direction& direction_;
  const Control& control_;
  Solution solution_;
  bool fitted_rows_are_stale_ = false;
  double decrement_before_ = 0.0;  ///< of the last step, where the curvature was that of its point
  bool is_foretold_ = false;
};

}  // namespace

Solution descend(Objective& objective, Direction& direction, const Start& start,
                 const Control& control) {
  return Descent(objective, direction, control).run(start);
}

}  // namespace glmpp
