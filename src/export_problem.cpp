#include <Rcpp.h>

#include <algorithm>

#include "family/named_list.h"
#include "objective/held_objective.h"
#include "open_problem.h"
#include "parallel/lanes.h"
#include "r_batches.h"
#include "r_trace.h"
#include "solver/free_coefficients.h"
#include "solver/scoring.h"
#include "solver/solve.h"
#include "solver/start.h"
#include "solver/stochastic_descent.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::Named;
using Rcpp::NumericVector;

namespace {

constexpr R_xlen_t step_fields = 2;

using Opener = std::unique_ptr<OpenProblem> (*)(const List&);

const NamedList<Opener> openers = {
    {"rows", open_rows}, {"categories", open_categories}, {"far", open_far}};

// Coefficients that no step moves.
std::vector<std::size_t> held_coefficients(const List& request) {
  SEXP held = element(request, "held");
  return Rf_isNull(held) ? std::vector<std::size_t>() : as_positions(held);
}

// Those that a fit is posed over where the others stay at zero; null where it is over all.
std::unique_ptr<FreeCoefficients> free_coefficients(OpenProblem& open, const List& request,
                                                    const std::vector<std::size_t>& held,
                                                    const Start& start, Problem& posed) {
  const std::size_t count = open.coefficients();
  if (held.empty() || held.size() >= count || !Rf_isNull(request["penalty"]) ||
      !Rf_isNull(element(request, "separable")))
    return nullptr;
  auto some = std::make_unique<FreeCoefficients>(count, held);
  const bool is_posed = some->are_all_of(start) && open.pose_some(request, some->columns(), posed);
  return is_posed ? std::move(some) : nullptr;
}

OpenProblem& held_by(SEXP problem) { return *Rcpp::XPtr<OpenProblem>(problem); }

// Takes a name out of a question's needs that is none of the sums.
bool take(const char* name, std::vector<std::string>& names) {
  const auto asked = std::find(names.begin(), names.end(), name);
  if (asked == names.end()) return false;
  names.erase(asked);
  return true;
}

// A stochastic descent over the rows of a part, which stays where they are from epoch to epoch.
struct PartDescent {
  PartDescent(const List& source, const List& family, const List& options, SEXP penalty,
              double rows, const std::vector<double>& start,
              const std::vector<double>& mean_diagonal, double updates)
      : model(as_row_model(family)),
        stochastic(as_stochastic_options(options)),
        penalised_by(as_penalty(penalty)),
        batches(as_batches(source, *model, start.size())),
        descent(batches, stochastic, penalised_by.get(), rows, start, mean_diagonal, updates) {}

  std::unique_ptr<RowModel> model;
  StochasticOptions stochastic;
  std::unique_ptr<Penalty> penalised_by;
  RBatches batches;
  StochasticDescent descent;
};

}  // namespace

std::vector<double> OpenProblem::deviances(const double* weights,
                                           const std::vector<std::vector<double>>& coefficients,
                                           void (*poll)()) const {
  const OwnProblem own = reweighted(weights, poll);
  std::vector<double> found(coefficients.size(), R_NaN);
  for (std::size_t s = 0; s < found.size(); ++s) {
    Sums sums;
    own.objective->evaluate(coefficients[s], need_deviance, sums);
    if (sums.valid) found[s] = sums.deviance;
  }
  return found;
}

// A problem to fit and to ask, open as long as R holds it. `description`: its `kind` ("rows", "categories", "far") and
// what that kind reads, see src/problem_*.cpp.
// [[Rcpp::export(rng = false)]]
SEXP open_problem_impl(List description) {
  const std::string kind = description["kind"];
  return Rcpp::XPtr<OpenProblem>(
      find_named(openers, kind, "kind of problem")(description).release());
}

// Lets go of a problem that nobody asks any more, and of what it borrowed, before R finds out.
// [[Rcpp::export(rng = false)]]
void close_problem_impl(SEXP problem) { Rcpp::XPtr<OpenProblem>(problem).release(); }

// `request`: `start` (coefficients, anchor, middle), `control`, `solver`, `penalty`, `separable` (see as_separable_term()), `held`
// (positions), `trace`, `progress` (see Trace), `threads`, and what the kind of problem reads besides.
// [[Rcpp::export(rng = false)]]
List fit_impl(SEXP problem, List request) {
  const KeptThreads kept;
  OpenProblem& open = held_by(problem);
  const List solver = element(request, "solver");
  const auto penalised_by = as_penalty(element(request, "penalty"));
  Control control = as_control(element(request, "control"));
  Trace lines(element(request, "trace"), element(request, "progress"));
  lines.listen(control);
  const std::vector<std::size_t> held = held_coefficients(request);
  const Start start = as_start(request["start"]);
  Problem posed;
  const auto some = lines.keeps() ? nullptr : free_coefficients(open, request, held, start, posed);
  if (!some) {
    posed = open.pose(request);
    posed.held = held;
  }
  posed.penalty = penalised_by.get();
  const auto separable = as_separable_term(element(request, "separable"));
  posed.separable = separable.get();
  const unsigned threads = Rcpp::as<unsigned>(request["threads"]);
  posed.of_columns = [&open, threads](const std::vector<std::size_t>& columns) {
    return open.of_columns(columns, nullptr, threads, check_interrupt);
  };
  std::unique_ptr<ModelColumns> columns;
  if (separable && separable->is_wide) columns = open.columns(nullptr, threads, check_interrupt);
  posed.columns = columns.get();
  Fit fit =
      solve(posed, as_solver_options(solver), some ? some->restricted(start) : start, control);
  if (some) some->expand(fit);
  ListBuilder list(solution_fields + 1 + open.row_fields());
  add_solution(fit, list);
  open.add_rows(list);
  add_details(fit, list);
  list.add("trace", lines.as_list());
  return list.finish();
}

// One pass at `coefficients`. `question`: `need` (fields of Sums; "factor" for the factor of the expected information, by blockwise
// QR where the Gram matrix is doubtful, and "step" for Fisher scoring's step, of all but the `held` coefficients, and its decrement; these
// take the numbers in `control`), `at_start`, `bend`, `sample`, `rows` (also what is known of the rows), `threads`; or `mean`, a
// number: the deviance of that one mean for all rows. With `as_is` a bordered information comes as a vector (from_information()), else
// as a matrix.
// [[Rcpp::export(rng = false)]]
List evaluate_impl(SEXP problem, NumericVector coefficients, List question) {
  const KeptThreads kept;
  OpenProblem& open = held_by(problem);
  if (!Rf_isNull(element(question, "mean")))
    return List::create(Named("deviance") = open.deviance_at(question["mean"]));
  Objective& objective = open.ask(question);
  Point point;
  point.is_start = is_true(question, "at_start");
  point.coefficients.assign(coefficients.begin(), coefficients.end());
  std::vector<std::string> names = Rcpp::as<std::vector<std::string>>(question["need"]);
  const bool wants_factor = take("factor", names), wants_step = take("step", names);
  const bool wants_scoring = wants_factor || wants_step;
  HeldObjective asked(objective,
                      wants_step ? held_coefficients(question) : std::vector<std::size_t>());
  evaluate_at(asked, point, need_of(names) | (wants_scoring ? need_score | need_information : 0u));
  ListBuilder list(sums_fields() + factor_fields + step_fields + open.row_fields());
  if (wants_scoring && point.sums.valid) {
    const Control control = as_control(question["control"]);
    FisherScoring scoring(asked, control);
    const Step step = scoring.propose(asked, point);
    if (wants_factor) add_factor(scoring.factor(), list);
    if (wants_step)
      list.add("step", NumericVector(step.change.begin(), step.change.end()))
          .add("decrement", step.decrement);
  }
  // R reads elements, but where it adds up.
  for (const SumField& field : sum_fields())
    if (field.information && point.sums.has(field.need) && (need_of(names) & field.need) &&
        !is_true(question, "as_is"))
      point.sums.*field.information = (point.sums.*field.information).dense();
  point.sums.filled &= need_of(names);
  add_sums(point.sums, list);
  if (is_true(question, "rows")) open.add_rows(list);
  return list.finish();
}

// What R may know of the solvers: see SolverFacts.
// [[Rcpp::export(rng = false)]]
List known_solvers_impl() {
  const std::vector<SolverFacts> known = known_solvers();
  ListBuilder list(static_cast<R_xlen_t>(known.size()));
  for (const SolverFacts& facts : known)
    list.add(facts.name.c_str(),
             List::create(Named("needs") = facts.needs,
                          Named("starts_from_sample") = facts.starts_from_sample,
                          Named("is_rescued") = facts.is_rescued,
                          Named("uses_groups") = facts.uses_groups,
                          Named("takes_bordered") = facts.takes_bordered));
  return list.finish();
}

// A solver from outside: `maker` points to a DirectionMaker, `facts` is a list as known_solvers_impl() gives them.
// [[Rcpp::export(rng = false)]]
void add_solver_impl(std::string name, List facts, bool from_zero, SEXP maker) {
  SolverFacts known;
  known.name = name;
  known.needs = Rcpp::as<std::vector<std::string>>(facts["needs"]);
  known.starts_from_sample = facts["starts_from_sample"];
  known.is_rescued = facts["is_rescued"];
  known.uses_groups = facts["uses_groups"];
  known.takes_bordered = is_true(facts, "takes_bordered");
  add_solver(known, from_zero, *Rcpp::XPtr<DirectionMaker>(maker));
}

// The triangular root of a'a + b'b, for triangular a and b.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericMatrix merge_roots_impl(Rcpp::NumericMatrix a, Rcpp::NumericMatrix b) {
  Sums total, other;
  total.root = as_matrix(a);
  other.root = as_matrix(b);
  merge_roots(other.root, total.root);
  return from_matrix(total.root);
}

// [[Rcpp::export(rng = false)]]
double tile_rows_impl(List design) {
  return static_cast<double>(as_design(design)->full_tile_rows());
}

// How many times fewer rows a sample for the start should have; 1: a sample does not pay.
// [[Rcpp::export(rng = false)]]
double sample_stride_impl(double rows, double coefficients) {
  return static_cast<double>(
      sample_stride(static_cast<std::size_t>(rows), static_cast<std::size_t>(coefficients)));
}

// `source`: list(next_part, tiles); `rows`: those of all parts, over which the penalty is shared out; `updates`: how
// many count as made.
// [[Rcpp::export(rng = false)]]
SEXP open_descent_impl(List source, List family, List options, SEXP penalty, double rows,
                       NumericVector start, NumericVector mean_diagonal, double updates) {
  return Rcpp::XPtr<PartDescent>(
      new PartDescent(source, family, options, penalty, rows, Rcpp::as<std::vector<double>>(start),
                      Rcpp::as<std::vector<double>>(mean_diagonal), updates));
}

// An epoch from `iterate` and `average`; list(iterate, average, valid).
// [[Rcpp::export(rng = false)]]
List run_epoch_impl(SEXP descent, NumericVector iterate, NumericVector average) {
  StochasticDescent& held = Rcpp::XPtr<PartDescent>(descent)->descent;
  held.resume(Rcpp::as<std::vector<double>>(iterate), Rcpp::as<std::vector<double>>(average));
  const bool is_valid = held.run_epoch();
  return List::create(
      Named("iterate") = NumericVector(held.iterate().begin(), held.iterate().end()),
      Named("average") = NumericVector(held.average().begin(), held.average().end()),
      Named("valid") = is_valid);
}
