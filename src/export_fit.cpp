#include <Rcpp.h>

#include <algorithm>

#include "convert.h"
#include "r_trace.h"
#include "solver/fit.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericVector;

namespace {

// Groups of equal rows, where they pay, with what a problem borrows from them.
struct Grouping {
  std::unique_ptr<RowGroups> groups;
  std::unique_ptr<Design> design;

  void attach(const List& list, Problem& problem) {
    if (problem.response.offset || problem.response.start_eta) return;
    groups = as_row_groups(list, problem.response, problem.threads);
    if (!groups) return;
    design = as_design(list, groups->sources(), groups->count());
    problem.grouped_design = design.get();
    problem.grouped_response.y = Column::real(groups->mean_response().data());
    problem.grouped_response.weights = Column::real(groups->weights().data());
  }
};

}  // namespace

// [[Rcpp::export(rng = false)]]
List fit_impl(List design, List family, List response, List start, List control, List solver,
              SEXP penalty, List trace) {
  const auto columns = as_design(design);
  const auto model = as_row_model(family);
  const R_xlen_t n = static_cast<R_xlen_t>(columns->rows());
  NumericVector eta(Rcpp::no_init(n)), mean(Rcpp::no_init(n)), weight(Rcpp::no_init(n)),
      working_residual(Rcpp::no_init(n));

  Problem problem;
  problem.design = columns.get();
  problem.model = model.get();
  problem.response = as_response(response);
  problem.fitted = {eta.begin(), mean.begin(), weight.begin(), working_residual.begin()};
  problem.threads = Rcpp::as<int>(control["threads"]);
  problem.poll = check_interrupt;
  Grouping grouping;
  if (Rcpp::as<bool>(control["group"])) grouping.attach(design, problem);
  const SolverOptions options = as_solver_options(solver);
  const auto penalised_by = as_penalty(penalty);
  Control read = as_control(control);
  Trace lines(trace);
  lines.listen(read);

  Fit fit;
  if (options.name == "irls" && !penalised_by) {
    fit = fit_rows(problem, as_start(start), read, Rcpp::as<bool>(control["sample"]));
  } else if (options.name == "sgd") {
    const auto step_model = as_row_model(solver["step_family"]);
    fit = fit_rows_stochastically(problem, *step_model, as_stochastic_options(solver["options"]),
                                  penalised_by.get(), as_start(start), read);
  } else {
    fit = fit_rows_by(problem, options, penalised_by.get(), as_start(start), read);
  }
  List result = describe(fit);
  result["trace"] = lines.as_list();
  result["grouped_rows"] = grouping.groups ? static_cast<double>(grouping.groups->count()) : NA_REAL;
  const auto range = std::minmax_element(mean.begin(), mean.end());
  result["mean_range"] = n == 0 ? NumericVector() : NumericVector::create(*range.first, *range.second);
  result["eta"] = eta;
  result["mean"] = mean;
  result["working_weights"] = weight;
  result["working_residuals"] = working_residual;
  return result;
}
