#include <Rcpp.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <vector>

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
  made.relax = is_true(lambdas, "relax");
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
      Named("has_start") = path.has_start,
      Named("relaxed") = as_columns(path.relaxed, coefficients),
      Named("relaxed_deviance") = path.relaxed_deviance);
}

// What the paths of folds come to.
struct FoldPaths {
  explicit FoldPaths(std::size_t folds) : paths(folds), left_out(folds) {}
  std::vector<PathResult> paths;
  std::vector<std::vector<double>> left_out;
};

// Of each coefficient's column: `norm`, the root of the sum of squares about its mean, `mean`, the size of that.
struct ColumnSizes {
  explicit ColumnSizes(const List& request)
      : norm(Rcpp::as<std::vector<double>>(request["norm"])),
        mean(Rcpp::as<std::vector<double>>(request["mean"])) {}
  std::vector<double> norm, mean;
};

std::unique_ptr<ModelColumns> go_by_columns(const OpenProblem& open, const ColumnSizes& sizes,
                                            const double* weights, unsigned threads, void (*poll)(),
                                            PathProblem& path) {
  path.of_columns = [&open, weights, threads, poll](const std::vector<std::size_t>& columns) {
    return open.of_columns(columns, weights, threads, poll);
  };
  path.spread = sizes.norm;
  path.mean = sizes.mean;
  auto made = open.columns(weights, threads, poll);
  if (!made) Rcpp::stop("this kind of problem has no columns at hand");
  path.columns = made.get();
  return made;
}

// Tells R's function of a request, where there is one.
std::function<void(std::size_t)> as_report(const List& request) {
  SEXP tick = element(request, "tick");
  if (Rf_isNull(tick)) return nullptr;
  return [tick](std::size_t done) {
    Rcpp::Function told(tick);
    told(static_cast<double>(done));
  };
}

// gamma times the penalised coefficients and the rest of the relaxed ones.
std::vector<std::vector<double>> mix(const PathResult& path, double gamma) {
  if (gamma == 1.0) return path.coefficients;
  std::vector<std::vector<double>> mixed = path.relaxed;
  for (std::size_t s = 0; s < mixed.size(); ++s)
    for (std::size_t j = 0; j < mixed[s].size(); ++j)
      mixed[s][j] = gamma * path.coefficients[s][j] + (1.0 - gamma) * mixed[s][j];
  return mixed;
}

}  // namespace

// Penalised optima of an open problem. `request`: `penalty`, as as_separable_penalty() reads it; `lambdas` (given, count, ratio,
// most_explained, least_gain); `start`; `weight` of all rows; `tolerance`; `iterations`; `scale` of each coefficient's column;
// `is_wide`, whether descents are over some columns, with `norm` and `mean` of each, see ColumnSizes; `threads`, `solver`; `tick`, a function of the number of lambdas done, or NULL.
// [[Rcpp::export(rng = false)]]
List fit_path_impl(SEXP problem, List request) {
  const KeptThreads kept;
  OpenProblem& open = *Rcpp::XPtr<OpenProblem>(problem);
  const std::vector<double> start = Rcpp::as<std::vector<double>>(request["start"]);
  const SeparablePenalty penalty = as_separable_penalty(request["penalty"], start.size());
  const unsigned threads = Rcpp::as<unsigned>(request["threads"]);
  const Problem posed = open.pose(request);
  PathProblem path;
  path.whole = &posed.fewest();
  std::unique_ptr<ModelColumns> one_by_one;
  if (is_true(request, "is_wide"))
    one_by_one = go_by_columns(open, ColumnSizes(request), nullptr, threads, check_interrupt, path);
  PathResult result = follow_path(path, penalty, as_lambdas(request["lambdas"]), start,
                                  as_proximal_control(request), as_report(request));
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
// `count` of them, `weights` of the rows (NULL: 1), and `gammas`, shares of the penalised coefficients beside the relaxed ones; lambdas are
// given. `tick` is told the lambdas done in all folds. For each fold its path, and a column of the deviances of its rows, at each lambda
// for one gamma after the other.
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
  std::unique_ptr<ColumnSizes> moments;
  if (is_true(request, "is_wide")) moments = std::make_unique<ColumnSizes>(request);
  SEXP weights = element(request, "weights");
  const std::vector<double> prior = Rf_isNull(weights) ? std::vector<double>(fold.size(), 1.0)
                                                       : Rcpp::as<std::vector<double>>(weights);

  const std::vector<double> gammas = Rcpp::as<std::vector<double>>(request["gammas"]);
  FoldPaths found(count);
  const std::function<void(std::size_t)> report = as_report(request);
  std::atomic<std::size_t> done{0};
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
        PathProblem path;
        path.whole = replicate.objective.get();
        std::unique_ptr<ModelColumns> one_by_one;
        if (moments) one_by_one = go_by_columns(open, *moments, inside.data(), 1, poll, path);
        found.paths[k] = follow_path(path, penalty, lambdas, start, own, [&](std::size_t) {
          const std::size_t all = ++done;
          // R runs on the calling thread only.
          if (worker == 0 && report) report(all);
        });
        one_by_one.reset();
        for (double gamma : gammas) {
          const std::vector<std::vector<double>> mixed = mix(found.paths[k], gamma);
          std::vector<double> of_gamma = open.deviances(outside.data(), mixed, poll);
          of_gamma.resize(lambdas.given.size(), R_NaN);
          found.left_out[k].insert(found.left_out[k].end(), of_gamma.begin(), of_gamma.end());
        }
      },
      check_interrupt);

  List paths(static_cast<R_xlen_t>(count));
  for (std::size_t k = 0; k < count; ++k)
    paths[static_cast<R_xlen_t>(k)] = from_path(found.paths[k], start.size());
  return List::create(
      Named("paths") = paths,
      Named("left_out") = as_columns(found.left_out, gammas.size() * lambdas.given.size()));
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
  return from_matrix(sums.information.matrix());
}
