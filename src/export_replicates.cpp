#include <Rcpp.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "objective/unit_weights.h"
#include "open_problem.h"
#include "parallel/lanes.h"
#include "solver/solve.h"
#include "solver/start.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::Named;
using Rcpp::NumericVector;

namespace {

// From the weights of units to those of rows.
struct RowsOfUnits {
  std::vector<int> unit;      // of each row, from 0; empty: each row is its own
  std::vector<double> prior;  // empty: 1

  void spread(const std::vector<double>& units, std::vector<double>& rows) const {
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i] = units[unit.empty() ? i : static_cast<std::size_t>(unit[i])] *
                (prior.empty() ? 1.0 : prior[i]);
  }
};

std::vector<int> from_zero(SEXP codes) {
  if (Rf_isNull(codes)) return {};
  std::vector<int> values = Rcpp::as<std::vector<int>>(codes);
  for (int& value : values) --value;
  return values;
}

std::vector<double> doubles_or_none(SEXP values) {
  return Rf_isNull(values) ? std::vector<double>() : Rcpp::as<std::vector<double>>(values);
}

UnitWeights as_unit_weights(const List& request) {
  return UnitWeights(Rcpp::as<std::string>(request["kind"]),
                     static_cast<std::size_t>(Rcpp::as<double>(request["units"])),
                     static_cast<std::uint64_t>(Rcpp::as<double>(request["seed"])),
                     from_zero(element(request, "folds")),
                     doubles_or_none(element(request, "given")));
}

// What becomes of the replicates: a column, or an element, for each.
struct Replicates {
  explicit Replicates(std::size_t coefficients, std::size_t count)
      : size(coefficients),
        coefficients(coefficients * count),
        converged(count),
        passes(count),
        deviance(count),
        left_out(count) {}

  void keep(std::size_t k, const Fit& fit) {
    double* column = coefficients.data() + k * size;
    std::copy(fit.solution.point.coefficients.begin(), fit.solution.point.coefficients.end(),
              column);
    for (std::size_t j : fit.aliased) column[j] = NA_REAL;
    converged[k] = fit.solution.converged;
    passes[k] = fit.solution.passes;
    deviance[k] = fit.solution.point.sums.deviance;
  }

  List as_list() const {
    Rcpp::NumericMatrix values(static_cast<int>(size), static_cast<int>(converged.size()),
                               coefficients.begin());
    return List::create(
        Named("coefficients") = values,
        Named("converged") = Rcpp::LogicalVector(converged.begin(), converged.end()),
        Named("passes") = passes, Named("deviance") = deviance, Named("left_out") = left_out);
  }

  std::size_t size;
  std::vector<double> coefficients;
  std::vector<int> converged;
  std::vector<int> passes;
  std::vector<double> deviance, left_out;
};

}  // namespace

// Fits of one open problem whose rows have other weights in each, a replicate on each thread. `request`: `kind`, `units`, `seed`,
// `folds` and `given` as UnitWeights has them; `first` (the number of the first replicate, from 0) and `count`; `unit`, of each row from 1,
// or NULL; `weights`, the prior ones, or NULL; `start`, `control`, `solver`, `penalty`, `held` and `threads` as fit_impl() has
// them. Of leave_out, `left_out` is the deviance of the rows that were left out.
// [[Rcpp::export(rng = false)]]
List fit_replicates_impl(SEXP problem, List request) {
  OpenProblem& open = *Rcpp::XPtr<OpenProblem>(problem);
  const UnitWeights units = as_unit_weights(request);
  const RowsOfUnits rows{from_zero(element(request, "unit")),
                         doubles_or_none(element(request, "weights"))};
  const std::size_t first = static_cast<std::size_t>(Rcpp::as<double>(request["first"]));
  const std::size_t count = static_cast<std::size_t>(Rcpp::as<double>(request["count"]));
  const unsigned threads = open.calls_r() ? 1u : Rcpp::as<unsigned>(request["threads"]);
  const auto penalised_by = as_penalty(request["penalty"]);
  const SolverOptions solver = as_solver_options(request["solver"]);
  const Start start = as_start(request["start"]);
  Control control = as_control(request["control"]);
  control.threads = 1;
  SEXP held = element(request, "held");
  const std::vector<std::size_t> stay =
      Rf_isNull(held) ? std::vector<std::size_t>() : as_positions(held);

  Replicates found(start.coefficients.size(), count);
  run_lanes(
      count, threads,
      [&](std::size_t k, std::size_t worker) {
        std::vector<double> of_units, of_rows(open.rows());
        const auto poll = worker == 0 ? check_interrupt : nullptr;
        units.fill(first + k, of_units);
        rows.spread(of_units, of_rows);
        OwnProblem replicate = open.reweighted(of_rows.data(), poll);
        replicate.problem.penalty = penalised_by.get();
        replicate.problem.held = stay;
        const Fit fit = solve(replicate.problem, solver, start, control);
        found.keep(k, fit);
        if (!units.leaves_out()) return;
        units.fill_left_out(first + k, of_units);
        rows.spread(of_units, of_rows);
        OwnProblem rest = open.reweighted(of_rows.data(), poll);
        Point point;
        point.coefficients = fit.solution.point.coefficients;
        evaluate_at(*rest.objective, point, need_deviance);
        found.left_out[k] =
            point.sums.valid ? point.sums.deviance : std::numeric_limits<double>::quiet_NaN();
      },
      check_interrupt);
  return found.as_list();
}

// The weights of the units in one replicate, numbered from 0; `request` as for fit_replicates_impl().
// [[Rcpp::export(rng = false)]]
NumericVector unit_weights_impl(List request, double replicate) {
  std::vector<double> weights;
  as_unit_weights(request).fill(static_cast<std::size_t>(replicate), weights);
  return Rcpp::wrap(weights);
}
