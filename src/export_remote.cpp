#include <Rcpp.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "convert.h"
#include "linalg/triangular_update.h"
#include "r_batches.h"
#include "r_epochs.h"
#include "r_objective.h"
#include "r_trace.h"
#include "solver/fit.h"
#include "solver/warm_start.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::Named;
using Rcpp::NumericMatrix;
using Rcpp::NumericVector;

namespace {

// The n-vectors of a part.
class RowRoom {
 public:
  explicit RowRoom(std::size_t rows) : rows_(rows), values_(4 * rows) {}
  FittedRows fitted() {
    double* first = values_.data();
    return {first, first + rows_, first + 2 * rows_, first + 3 * rows_};
  }

 private:
  std::size_t rows_;
  std::vector<double> values_;
};

RBatches as_batches(const List& source, const RowModel& model, std::size_t coefficients) {
  return RBatches(source["next_part"], model, coefficients,
                  static_cast<std::size_t>(Rcpp::as<double>(source["tiles"])));
}

// A stochastic descent over the rows of a part, which stays where they are from epoch to epoch.
struct PartDescent {
  PartDescent(const List& source, const List& family, const List& options, SEXP penalty, double rows,
              const std::vector<double>& start, const std::vector<double>& mean_diagonal, double updates)
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

// One pass over a part of the rows: what a home of data answers, from data in memory.
// [[Rcpp::export(rng = false)]]
List part_pass_impl(List design, List family, List response, NumericVector coefficients,
                    Rcpp::CharacterVector need, bool at_start, int threads) {
  const auto columns = as_design(design);
  const auto model = as_row_model(family);
  RowRoom room(columns->rows());
  MemoryObjective objective(*columns, *model, as_response(response), room.fitted(), threads, check_interrupt);
  Sums sums;
  const unsigned asked = as_need(need) | need_totals;
  if (at_start)
    objective.evaluate_start(asked, sums);
  else
    objective.evaluate(Rcpp::as<std::vector<double>>(coefficients), asked, sums);
  return from_sums(sums);
}

// The triangular root of a'a + b'b, for triangular a and b.
// [[Rcpp::export(rng = false)]]
NumericMatrix merge_roots_impl(NumericMatrix a, NumericMatrix b) {
  Matrix root = as_matrix(a);
  Matrix rows = as_matrix(b);
  absorb_rows(root, rows.data(), rows.rows(), rows.rows());
  return from_matrix(root);
}

// A fit whose passes the function `pass` answers. `traits` say what it can answer, and how large a share of the rows its
// home holds as a sample to start from; `epochs`, for "sgd" only, has `next_part` and the number of `tiles`, or `epoch`,
// a function that has one made elsewhere (REpochs).
// [[Rcpp::export(rng = false)]]
List fit_remote_impl(Rcpp::Function pass, List family, List traits, List start, List control,
                     List solver, SEXP penalty, List trace, SEXP epochs) {
  const auto model = as_row_model(family);
  Traits known;
  known.coefficients = Rcpp::as<int>(traits["coefficients"]);
  known.effective_rows = traits["effective_rows"];
  known.has_constant_information = model->has_constant_weights();
  known.is_quadratic = model->is_quadratic();
  known.has_observed_information =
      model->has_observed_weights() && Rcpp::as<bool>(traits["gives_observed"]);
  known.gives_root = Rcpp::as<bool>(traits["gives_root"]);
  RObjective objective(pass, known);

  const SolverOptions options = as_solver_options(solver);
  const auto penalised_by = as_penalty(penalty);
  Control read = as_control(control);
  Trace lines(trace);
  lines.listen(read);
  const double sample_share = traits["sample_share"];

  Fit fit;
  if (options.name == "sgd") {
    const StochasticOptions stochastic = as_stochastic_options(solver["options"]);
    const Start from = first_coefficients(objective, true, as_start(start), read);
    const List source(epochs);
    if (source.containsElementNamed("epoch")) {
      REpochs apart(source["epoch"], stochastic.averaging);
      fit = descend_stochastically(objective, apart, stochastic, from, read);
    } else {
      const auto step_model = as_row_model(solver["step_family"]);
      RBatches rows = as_batches(source, *step_model, known.coefficients);
      LocalEpochs here(rows, stochastic, penalised_by.get(), known.effective_rows);
      fit = descend_stochastically(objective, here, stochastic, from, read);
    }
  } else if (options.name == "irls" && !penalised_by) {
    known.effective_rows *= sample_share;
    RObjective sample(pass, known, true);
    fit = fit_objective(objective, as_start(start), read, sample_share > 0.0 ? &sample : nullptr,
                        sample_share);
  } else {
    fit = fit_penalized(objective, options, penalised_by.get(), as_start(start), read);
  }
  leave_aliased(objective, fit);
  ListBuilder list(solution_length + 1);
  add_solution(fit, list);
  return list.add("trace", lines.as_list()).finish();
}

// [[Rcpp::export(rng = false)]]
double tile_rows_impl(List design) { return static_cast<double>(as_design(design)->tile_rows()); }

// How many times fewer rows a sample for the start should have; 1: a sample does not pay.
// [[Rcpp::export(rng = false)]]
double sample_stride_impl(double rows, double coefficients) {
  return static_cast<double>(sample_stride(static_cast<std::size_t>(rows),
                                           static_cast<std::size_t>(coefficients)));
}

// `source`: list(next_part, tiles); `rows`: those of all parts, over which the penalty is shared out; `updates`: how
// many count as made.
// [[Rcpp::export(rng = false)]]
SEXP open_descent_impl(List source, List family, List options, SEXP penalty, double rows,
                       NumericVector start, NumericVector mean_diagonal, double updates) {
  return Rcpp::XPtr<PartDescent>(new PartDescent(
      source, family, options, penalty, rows, Rcpp::as<std::vector<double>>(start),
      Rcpp::as<std::vector<double>>(mean_diagonal), updates));
}

// An epoch from `iterate` and `average`; list(iterate, average, valid).
// [[Rcpp::export(rng = false)]]
List run_epoch_impl(SEXP descent, NumericVector iterate, NumericVector average) {
  StochasticDescent& held = Rcpp::XPtr<PartDescent>(descent)->descent;
  held.resume(Rcpp::as<std::vector<double>>(iterate), Rcpp::as<std::vector<double>>(average));
  const bool is_valid = held.run_epoch();
  return List::create(Named("iterate") = NumericVector(held.iterate().begin(), held.iterate().end()),
                      Named("average") = NumericVector(held.average().begin(), held.average().end()),
                      Named("valid") = is_valid);
}
