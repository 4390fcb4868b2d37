#include <Rcpp.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "objective/summed_objective.h"
#include "open_problem.h"
#include "parallel/lanes.h"
#include "solver/penalty_path.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::Named;
using Rcpp::NumericVector;

namespace {

PathLambdas as_lambdas(const List& lambdas) {
  PathLambdas made;
  made.given = Rcpp::as<std::vector<double>>(lambdas["given"]);
  made.count = static_cast<std::size_t>(Rcpp::as<double>(lambdas["count"]));
  made.ratio = lambdas["ratio"];
  made.most_explained = lambdas["most_explained"];
  made.least_gain = lambdas["least_gain"];
  return made;
}

NumericVector as_columns(const std::vector<std::vector<double>>& columns, std::size_t rows) {
  Rcpp::NumericMatrix made(static_cast<int>(rows), static_cast<int>(columns.size()));
  auto out = made.begin();
  for (const std::vector<double>& column : columns)
    out = std::copy(column.begin(), column.end(), out);
  return made;
}

List from_path(const PathResult& path, std::size_t coefficients) {
  return List::create(
      Named("lambda") = path.lambda,
      Named("coefficients") = as_columns(path.coefficients, coefficients),
      Named("deviance") = path.deviance, Named("violation") = path.violation,
      Named("converged") = Rcpp::LogicalVector(path.converged.begin(), path.converged.end()),
      Named("steps") = path.steps, Named("null_deviance") = path.null_deviance,
      Named("null_coefficients") = path.null_coefficients, Named("largest") = path.largest,
      Named("unit") = path.unit, Named("passes") = path.passes,
      Named("partial_passes") = path.partial_passes, Named("informations") = path.informations,
      Named("has_start") = path.has_start);
}

// What the paths of folds come to.
struct FoldPaths {
  FoldPaths(std::size_t folds, std::size_t lambdas)
      : paths(folds), left_out(folds, std::vector<double>(lambdas, R_NaN)) {}
  std::vector<PathResult> paths;
  std::vector<std::vector<double>> left_out;
};

}  // namespace

// Penalised optima of an open problem. `request`: `penalty`, as as_separable_penalty() reads it; `lambdas` (given, count, ratio,
// most_explained, least_gain); `start`; `weight` of all rows; `tolerance`; `iterations`; `scale` of each coefficient's column;
// `is_wide`, whether descents are over some columns; `threads`, `solver`; `tick`, a function of the number of lambdas done, or NULL.
// [[Rcpp::export(rng = false)]]
List fit_path_impl(SEXP problem, List request) {
  OpenProblem& open = *Rcpp::XPtr<OpenProblem>(problem);
  const std::vector<double> start = Rcpp::as<std::vector<double>>(request["start"]);
  const SeparablePenalty penalty = as_separable_penalty(request["penalty"], start.size());
  const unsigned threads = Rcpp::as<unsigned>(request["threads"]);
  const Problem posed = open.pose(request);
  PathProblem path{&posed.fewest(), nullptr};
  if (is_true(request, "is_wide"))
    path.of_columns = [&](const std::vector<std::size_t>& columns) {
      return open.of_columns(columns, nullptr, threads, check_interrupt);
    };
  std::function<void(std::size_t)> report;
  SEXP tick = element(request, "tick");
  if (!Rf_isNull(tick))
    report = [tick](std::size_t done) {
      Rcpp::Function told(tick);
      told(static_cast<double>(done));
    };
  PathResult result = follow_path(path, penalty, as_lambdas(request["lambdas"]), start,
                                  as_proximal_control(request), report);
  // Of rows that were grouped the deviance is another by a constant.
  if (posed.groups && result.has_start) {
    Sums sums;
    posed.whole->evaluate(result.null_coefficients, need_deviance, sums);
    const double gap = sums.deviance - result.null_deviance;
    result.null_deviance += gap;
    for (double& deviance : result.deviance) deviance += gap;
  }
  return from_path(result, start.size());
}

// The same for rows without those of a fold, one fold on each thread: `request` has `folds` besides, a number from 1 for each row,
// `count` of them, and `weights` of the rows (NULL: 1); lambdas are given. For each fold its path, and the deviance of its rows at each lambda.
// [[Rcpp::export(rng = false)]]
List fit_fold_paths_impl(SEXP problem, List request) {
  OpenProblem& open = *Rcpp::XPtr<OpenProblem>(problem);
  const std::vector<double> start = Rcpp::as<std::vector<double>>(request["start"]);
  const SeparablePenalty penalty = as_separable_penalty(request["penalty"], start.size());
  const unsigned threads = open.calls_r() ? 1u : Rcpp::as<unsigned>(request["threads"]);
  const PathLambdas lambdas = as_lambdas(request["lambdas"]);
  const ProximalControl control = as_proximal_control(request);
  const Rcpp::IntegerVector fold_of(request["folds"]);
  const std::vector<int> fold(fold_of.begin(), fold_of.end());
  const std::size_t count = static_cast<std::size_t>(Rcpp::as<double>(request["count"]));
  const bool is_wide = is_true(request, "is_wide");
  SEXP weights = element(request, "weights");
  const std::vector<double> prior = Rf_isNull(weights) ? std::vector<double>(fold.size(), 1.0)
                                                       : Rcpp::as<std::vector<double>>(weights);

  FoldPaths found(count, lambdas.given.size());
  run_lanes(
      count, threads,
      [&](std::size_t k, std::size_t worker) {
        const auto poll = worker == 0 ? check_interrupt : nullptr;
        const int left = static_cast<int>(k) + 1;
        std::vector<double> inside(prior), outside(prior);
        ProximalControl own = control;
        own.weight = 0.0;
        for (std::size_t i = 0; i < prior.size(); ++i) {
          (fold[i] == left ? inside : outside)[i] = 0.0;
          own.weight += inside[i];
        }
        const OwnProblem replicate = open.reweighted(inside.data(), poll);
        PathProblem path{replicate.objective.get(), nullptr};
        if (is_wide)
          path.of_columns = [&](const std::vector<std::size_t>& columns) {
            return open.of_columns(columns, inside.data(), 1, poll);
          };
        found.paths[k] = follow_path(path, penalty, lambdas, start, own, nullptr);
        const OwnProblem rest = open.reweighted(outside.data(), poll);
        std::unique_ptr<Objective> summed;
        if (!is_wide && rest.objective->traits().is_quadratic)
          summed = std::make_unique<SummedObjective>(*rest.objective, start);
        Objective& left_out = summed ? *summed : *rest.objective;
        for (std::size_t s = 0; s < found.paths[k].coefficients.size(); ++s) {
          Sums sums;
          left_out.evaluate(found.paths[k].coefficients[s], need_deviance, sums);
          if (sums.valid) found.left_out[k][s] = sums.deviance;
        }
      },
      check_interrupt);

  List paths(static_cast<R_xlen_t>(count));
  for (std::size_t k = 0; k < count; ++k)
    paths[static_cast<R_xlen_t>(k)] = from_path(found.paths[k], start.size());
  return List::create(Named("paths") = paths,
                      Named("left_out") = as_columns(found.left_out, lambdas.given.size()));
}

// Weighted sums of each column of a design, and of its squares. `weights` NULL: 1.
// [[Rcpp::export(rng = false)]]
List column_moments_impl(List design, SEXP weights) {
  std::vector<double> sums, squares;
  as_design(design)->column_moments(as_column(weights), sums, squares);
  return List::create(Named("sums") = sums, Named("squares") = squares);
}

// The information of some columns (positions, ascending) at coefficients of zero.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericMatrix information_of_columns_impl(SEXP problem, Rcpp::IntegerVector columns,
                                                int threads) {
  const OpenProblem& open = *Rcpp::XPtr<OpenProblem>(problem);
  const auto objective = open.of_columns(as_positions(columns), nullptr,
                                         static_cast<unsigned>(threads), check_interrupt);
  if (!objective) Rcpp::stop("this kind of problem has no columns at hand");
  Sums sums;
  objective->evaluate(std::vector<double>(static_cast<std::size_t>(columns.size()), 0.0),
                      need_information, sums);
  return from_matrix(sums.information);
}
