#include "solve.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include "coordinate_descent.h"
#include "damped_newton.h"
#include "gradient_descent.h"
#include "lbfgs.h"
#include "objective/posed_objective.h"
#include "penalised_fit.h"
#include "rescue.h"
#include "scoring.h"
#include "start.h"
#include "stochastic_descent.h"

namespace glmpp {

namespace {

// A solve under way: `posed` has the problem's penalty and held coefficients, over the fewest rows.
struct Session {
  const Problem& problem;
  Objective& posed;
  const SolverOptions& options;
  Control control;
  SampleStart sample;
};

using Run = std::function<Fit(Session&, const Start&)>;

struct Solver {
  SolverFacts facts;
  bool starts_from_means;  // else from coefficients
  bool from_zero;          // those of first_coefficients()
  Run run;
};

// ---- How each runs ----

Fit run_scoring(Session& session, const Start& start) {
  FisherScoring direction(session.posed, session.control);
  if (session.sample.lends_factor) direction.borrow(session.sample.factor);
  return fit_by_scoring(session.posed, direction, start, session.control);
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

// Columns that are aliased where it starts stay where they are.
template <class MakeDirection>
Fit run_direction(Session& session, const Start& start, MakeDirection make) {
  session.control.sufficient_decrease = armijo;
  HeldObjective estimable(session.posed, aliased_at(session.posed, start, session.control));
  const auto direction = make(estimable);
  return judge(session.posed, descend(estimable, *direction, start, session.control),
               session.control);
}

template <class SecondOrder>
Fit run_second_order(Session& session, const Start& start) {
  return run_direction(session, start, [&](const Objective& objective) {
    return std::make_unique<SecondOrder>(objective, session.control);
  });
}

template <class Method>
Fit run_first_order(Session& session, const Start& start) {
  return run_direction(session, start, [&](const Objective&) {
    return std::make_unique<Method>(session.options, session.control);
  });
}

Fit run_stochastic(Session& session, const Start& start) {
  const StochasticOptions& options = session.options.stochastic;
  const auto epochs = session.problem.epochs(options, session.problem.penalty);
  Objective& whole = *session.problem.whole;
  return judge(session.posed,
               descend_stochastically(whole, *epochs, options, start, session.control),
               session.control);
}

Fit run_proximal(Session& session, const Start& start) {
  return fit_penalised(session.problem, start, session.control);
}

// The table of solvers: SolverFacts; starts from means, else from zero.
std::vector<Solver>& solvers() {
  static std::vector<Solver> table = {
      {{"irls", {}, true, true, true, true}, true, false, run_scoring},
      {{"newton", {"observed_information"}, true, true, true, true},
       false,
       false,
       run_second_order<DampedNewton>},
      {{"coordinate_descent", {}, true, true, true},
       true,
       false,
       run_second_order<CoordinateDescent>},
      {{"lbfgs", {}, false, false, true, true}, false, true, run_first_order<Lbfgs>},
      {{"gradient_descent", {}, false, false, true, true},
       false,
       true,
       run_first_order<GradientDescent>},
      {{"proximal_newton", {"separable_penalty"}, false, false, true}, true, false, run_proximal},
      {{"sgd", {"epochs"}, false, false, false, true}, false, true, run_stochastic}};
  return table;
}

const Solver& find_solver(const std::string& name) {
  std::string known;
  for (const Solver& solver : solvers()) {
    if (solver.facts.name == name) return solver;
    known += " " + solver.facts.name;
  }
  throw std::invalid_argument("unknown solver \"" + name + "\"; known:" + known);
}

// ---- The stages ----

bool is_met(const std::string& need, const Problem& problem) {
  if (need == "epochs") return static_cast<bool>(problem.epochs);
  if (need == "separable_penalty") return problem.separable;
  return problem.whole->traits().has_observed_information;
}

void check_needs(const Solver& solver, const Problem& problem) {
  for (const std::string& need : solver.facts.needs)
    if (!is_met(need, problem))
      throw std::invalid_argument(solver.facts.name + "() needs " + need +
                                  ", which the data can't give");
  if (!problem.separable) return;
  const auto& needs = solver.facts.needs;
  if (std::find(needs.begin(), needs.end(), "separable_penalty") == needs.end())
    throw std::invalid_argument(solver.facts.name + "() needs a penalty that is smooth");
  if (!problem.held.empty())
    throw std::invalid_argument(solver.facts.name + "() can't hold coefficients");
}

double deviance_at(Objective& objective, Point there) {
  evaluate_at(objective, there, need_deviance);
  return there.sums.deviance;
}

// What is reported is the deviance of the rows, from which that of the groups differs by a constant; the starting
// means of groups are not those of their rows.
void report_whole(const Problem& problem, Control& control) {
  if (!control.report) return;
  const auto report = control.report;
  auto shift = std::make_shared<double>(std::numeric_limits<double>::quiet_NaN());
  control.report = [&problem, report, shift](const Progress& progress) {
    Progress told = progress;
    const Point& point = *progress.point;
    if (point.is_start) {
      told.deviance = deviance_at(*problem.whole, point);
    } else {
      if (std::isnan(*shift))
        *shift = deviance_at(*problem.whole, point) - deviance_at(*problem.groups, point);
      told.deviance += *shift;
    }
    report(told);
  };
}

double held_value(const Start& start, std::size_t j) {
  return start.has_coefficients ? start.coefficients[j] : 0.0;
}

// Held coefficients are as they start wherever a solve falls back to.
Start hold_anchor(const Problem& problem, Start start) {
  for (std::size_t j : problem.held)
    if (j < start.anchor.size()) start.anchor[j] = held_value(start, j);
  return start;
}

bool has_held(const Problem& problem, const Start& start, const std::vector<double>& coefficients) {
  return std::all_of(problem.held.begin(), problem.held.end(),
                     [&](std::size_t j) { return coefficients[j] == held_value(start, j); });
}

Start choose_start(Session& session, const Solver& solver, Start start) {
  const Problem& problem = session.problem;
  const bool may_sample = problem.sample && solver.facts.starts_from_sample &&
                          (!start.has_coefficients || start.is_guess) &&
                          !session.posed.traits().has_constant_information &&
                          (problem.held.empty() || start.is_guess);
  start.is_guess = false;
  if (may_sample) {
    std::unique_ptr<Penalty> share;
    if (problem.penalty)
      share = std::make_unique<ScaledPenalty>(*problem.penalty, problem.sample_share);
    PosedObjective sample(*problem.sample, share.get(), problem.held);
    session.sample = fit_sample(sample, problem.sample_share, session.control, start);
    if (!session.sample.coefficients.empty()) {
      start.has_coefficients = true;
      start.coefficients = session.sample.coefficients;
    }
  }
  return solver.starts_from_means
             ? start
             : first_coefficients(session.posed, solver.from_zero, start, session.control);
}

// Where the Fisher information is less than half the observed one, whole steps go to and fro across the optimum, and half
// steps do not.
Fit take_half_steps(Objective& objective, Fit fit, Control control) {
  if (fit.solution.point.is_start || !fit.solution.point.sums.valid) return fit;
  const Start there = start_at(fit.solution.point.coefficients);
  control.first_share = 0.5;
  control.iterations *= rescue_budget;
  FisherScoring direction(objective, control);
  Fit relaxed = fit_by_scoring(objective, direction, there, control);
  relaxed.solution.iterations += fit.solution.iterations;
  relaxed.solution.passes += fit.solution.passes;
  // A thousandth of a standard error.
  constexpr double unnoticed = 1e-6;
  const double scale =
      std::fabs(relaxed.solution.point.sums.deviance) / objective.traits().effective_rows;
  if (relaxed.solution.converged && relaxed.solution.decrement > unnoticed * scale) {
    relaxed.solution.converged = false;
    relaxed.solution.reason = StopReason::no_descent;
  }
  return relaxed;
}

// The rescued point becomes the objective's: factor and fitted rows are made there, and where Fisher
// scoring contracts it has the last word.
void settle_rescued(Objective& objective, const Solution& rescued, Control control, Fit& fit) {
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

void rescue(Session& session, const Solver& solver, const Start& start, Fit& fit) {
  const Problem& problem = session.problem;
  if (!solver.facts.is_rescued || !needs_rescue(fit.solution, session.posed, session.control))
    return;
  if (!problem.bent) {
    if (problem.takes_half_steps)
      fit = take_half_steps(session.posed, std::move(fit), session.control);
    return;
  }
  const ObjectiveMaker make = [&](const Bend& bend, const Penalty* penalty) {
    return std::make_unique<PosedObjective>(problem.bent(bend), penalty, problem.held);
  };
  const Solution rescued =
      Rescue(problem.range, make, problem.penalty, session.control).run(start, fit.solution);
  // A search for a valid point may start from zero in all coefficients.
  if (rescued.point.is_start || !rescued.point.sums.valid ||
      !has_held(problem, start, rescued.point.coefficients))
    return;
  settle_rescued(session.posed, rescued, session.control, fit);
}

// The deviance, and what belongs to the point, are those of the model alone over all rows.
void conclude_on_whole(const Session& session, Fit& fit) {
  Objective& whole = *session.problem.whole;
  fit.effective_rows = whole.traits().effective_rows;
  if (!session.problem.groups && !session.problem.penalty) return;
  evaluate_at(whole, fit.solution.point, need_deviance);
  ++fit.solution.passes;
}

// At an end of the valid range some rows must be, where rows are at hand.
void mark_boundary(const Problem& problem, Fit& fit) {
  if (!fit.solution.boundary || !problem.range.is_bounded() || !problem.boundary_rows) return;
  fit.boundary_rows = problem.boundary_rows();
  if (!fit.boundary_rows.empty()) return;
  fit.solution.boundary = false;
  fit.solution.converged = false;
  fit.solution.reason = StopReason::no_descent;
}

// R reports aliased coefficients as NA: what a start, or a search, has left in them moves to the other columns.
// Where columns are aliased only by weights that vanish, they can't be done without: then the point stays, and has not
// converged.
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
  if (moved.sums.valid &&
      std::fabs(moved.sums.deviance - before) <= rounding * (before + solution.deviance_floor)) {
    point = std::move(moved);
    return;
  }
  evaluate_at(objective, point, need_score);
  ++solution.passes;
  solution.converged = false;
  solution.reason = StopReason::no_descent;
}

// Coefficients that are aliased together with those that turned out to be, and are not held yet.
std::vector<std::size_t> newly_aliased(const Problem& problem, const Fit& fit) {
  std::vector<std::size_t> found;
  if (!problem.aliased_together || fit.factor.aliased().empty()) return found;
  for (std::size_t j : problem.aliased_together(fit.factor.aliased()))
    if (std::find(problem.held.begin(), problem.held.end(), j) == problem.held.end())
      found.push_back(j);
  return found;
}

Fit solve_without(const Problem& problem, const std::vector<std::size_t>& aliased,
                  const SolverOptions& options, Start start, const Control& control) {
  Problem rest = problem;
  rest.held.insert(rest.held.end(), aliased.begin(), aliased.end());
  for (std::size_t j : aliased) start.coefficients[j] = 0.0;
  Fit fit = solve(rest, options, start, control);
  fit.aliased.insert(fit.aliased.end(), aliased.begin(), aliased.end());
  return fit;
}

}  // namespace

std::vector<SolverFacts> known_solvers() {
  std::vector<SolverFacts> facts;
  for (const Solver& solver : solvers()) facts.push_back(solver.facts);
  return facts;
}

void add_solver(const SolverFacts& facts, bool from_zero, DirectionMaker make) {
  const Run run = [make](Session& session, const Start& start) {
    return run_direction(session, start, [&](const Objective& objective) {
      return make(objective, session.options, session.control);
    });
  };
  std::vector<Solver>& table = solvers();
  const auto has_its_name = [&](const Solver& solver) { return solver.facts.name == facts.name; };
  table.erase(std::remove_if(table.begin(), table.end(), has_its_name), table.end());
  table.push_back({facts, false, from_zero, run});
}

Fit solve(const Problem& problem, const SolverOptions& options, const Start& start,
          const Control& control) {
  const Solver& solver = find_solver(options.name);
  check_needs(solver, problem);
  SolverOptions scaled = options;
  if (options.mean_gradient) scaled.learning_rate /= problem.whole->traits().effective_rows;
  PosedObjective posed(solver.facts.uses_groups ? problem.fewest() : *problem.whole,
                       problem.penalty, problem.held);
  Session session{problem, posed, scaled, control, {}};
  if (problem.groups && solver.facts.uses_groups) report_whole(problem, session.control);

  const Start from = choose_start(session, solver, hold_anchor(problem, start));
  Fit fit = solver.run(session, from);
  rescue(session, solver, from, fit);
  conclude_on_whole(session, fit);
  mark_boundary(problem, fit);
  const std::vector<std::size_t> aliased = newly_aliased(problem, fit);
  if (!aliased.empty()) return solve_without(problem, aliased, options, from, control);
  fit.factor.leave_out(problem.held);
  if (!problem.aliased_together && !problem.separable) leave_aliased(*problem.whole, fit);
  fit.aliased = fit.factor.aliased();
  return fit;
}

}  // namespace glmpp
