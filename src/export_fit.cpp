#include <Rcpp.h>

#include "convert.h"
#include "parallel/huge_pages.h"
#include "r_trace.h"
#include "solver/fit.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericVector;

namespace {

// The vectors of a fit with one element per row.
struct RowVectors {
  explicit RowVectors(R_xlen_t rows)
      : eta(Rcpp::no_init(rows)), mean(Rcpp::no_init(rows)), weight(Rcpp::no_init(rows)),
        working_residual(Rcpp::no_init(rows)) {
    for (double* values : {eta.begin(), mean.begin(), weight.begin(), working_residual.begin()})
      advise_huge_pages(values, static_cast<std::size_t>(rows) * sizeof(double));
  }

  FittedRows fitted() {
    return {eta.begin(), mean.begin(), weight.begin(), working_residual.begin()};
  }
  NumericVector mean_range(unsigned threads) const {
    if (mean.size() == 0) return NumericVector();
    const ValueRange range = value_range(mean.begin(), mean.size(), as_sweep(threads));
    return NumericVector::create(range.least, range.most);
  }

  NumericVector eta, mean, weight, working_residual;
};

List describe(const Fit& fit, const RowVectors& rows, unsigned threads, double grouped_rows,
              SEXP trace) {
  ListBuilder list(solution_length + 7);
  add_solution(fit, list);
  return list.add("trace", trace)
      .add("grouped_rows", grouped_rows)
      .add("mean_range", rows.mean_range(threads))
      .add("eta", rows.eta)
      .add("mean", rows.mean)
      .add("working_weights", rows.weight)
      .add("working_residuals", rows.working_residual)
      .finish();
}

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
  RowVectors rows(static_cast<R_xlen_t>(columns->rows()));

  Problem problem;
  problem.design = columns.get();
  problem.model = model.get();
  problem.response = as_response(response);
  problem.fitted = rows.fitted();
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
  leave_aliased_rows(problem, fit);
  return describe(fit, rows, problem.threads,
                  grouping.groups ? static_cast<double>(grouping.groups->count()) : NA_REAL,
                  lines.as_list());
}
