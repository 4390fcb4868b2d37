#include <algorithm>
#include <utility>

#include "objective/memory_batches.h"
#include "open_problem.h"
#include "parallel/huge_pages.h"
#include "solver/start.h"
#include "solver/stochastic_descent.h"

namespace glmpp {

using Rcpp::List;
using Rcpp::NumericVector;

namespace {

// The vectors of a fit with one element per row.
struct RowVectors {
  explicit RowVectors(R_xlen_t rows)
      : eta(Rcpp::no_init(rows)),
        mean(Rcpp::no_init(rows)),
        weight(Rcpp::no_init(rows)),
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
  // Pearson's sum over the rows, and how many of them have working weight 0.
  NumericVector pearson(unsigned threads) const {
    const PearsonSum sum = pearson_sum(weight.begin(), working_residual.begin(),
                                       static_cast<std::size_t>(weight.size()), as_sweep(threads));
    return NumericVector::create(sum.total, static_cast<double>(sum.unused_rows));
  }

  NumericVector eta, mean, weight, working_residual;
};

// What an objective reads and nobody else holds; a base, so that it is there before the objective is.
template <class Owned>
struct Owner {
  std::unique_ptr<Owned> owned;
};

// The model over some rows, bent.
class BentObjective : private Owner<RowModel>, public MemoryObjective {
 public:
  BentObjective(const Design& design, const RowModel& model, const Bend& bend,
                const Response& response, unsigned threads, void (*poll)() = check_interrupt)
      : Owner{bend_model(model, bend)},
        MemoryObjective(design, owned ? *owned : model, response, {}, threads, poll) {}
};

// Some columns of a design.
class ColumnsObjective : private Owner<Design>, public MemoryObjective {
 public:
  ColumnsObjective(std::unique_ptr<Design> design, const RowModel& model, const Response& response,
                   unsigned threads, void (*poll)())
      : Owner{std::move(design)}, MemoryObjective(*owned, model, response, {}, threads, poll) {}
};

// Epochs over rows in memory, with steps by a model of their own.
class RowEpochs : public Epochs {
 public:
  RowEpochs(const Design& design, std::unique_ptr<RowModel> model, const Response& response,
            const StochasticOptions& options, const Penalty* penalty, double rows)
      : model_(std::move(model)),
        response_(response),
        batches_(design, *model_, response_, check_interrupt),
        epochs_(batches_, options, penalty, rows) {}

  void begin(const std::vector<double>& start, const std::vector<double>& mean_diagonal) override {
    epochs_.begin(start, mean_diagonal);
  }
  bool run() override { return epochs_.run(); }
  const std::vector<double>& coefficients() const override { return epochs_.coefficients(); }

 private:
  std::unique_ptr<RowModel> model_;
  Response response_;
  MemoryBatches batches_;
  LocalEpochs epochs_;
};

// Rows in memory with one linear predictor each. `description`: lists `design`, `family`, `response`, and whether to look
// for groups of equal rows (`group`) and whether a start from a sample is allowed (`sample`).
class RowsProblem : public OpenProblem {
 public:
  explicit RowsProblem(const List& description)
      : OpenProblem(description),
        design_(as_design(description["design"])),
        model_(as_row_model(description["family"])),
        response_(as_response(description["response"], design_->rows())),
        may_group_(is_true(description, "group")) {}

  Problem pose(const List& request) override {
    posed_design_ = design_.get();
    prepare(request);
    return pose_design(request);
  }

  // A pass over less than half of them costs less than half as much; of groups it costs next to nothing. Nothing is eliminated of what is left.
  bool pose_some(const List& request, const std::vector<std::size_t>& columns,
                 Problem& problem) override {
    constexpr std::size_t most_if_bordered = 500, fewest = 20;
    const std::size_t all = design_->coefficient_count();
    if (all < fewest || 2 * columns.size() > all) return false;
    if (design_->elimination() && columns.size() > most_if_bordered) return false;
    posed_design_ = design_.get();
    prepare(request);
    if (grouped_design_) return false;
    some_ = design_->restricted(columns);
    posed_design_ = some_.get();
    problem = pose_design(request);
    return true;
  }

  std::size_t coefficients() const override { return design_->coefficient_count(); }

  R_xlen_t row_fields() const override { return 7; }

  void add_rows(ListBuilder& list) override {
    const double groups = groups_ ? static_cast<double>(groups_->count()) : NA_REAL;
    if (!has_rows_) {
      list.add("grouped_rows", groups);
      return;
    }
    list.add("mean_range", vectors_->mean_range(threads_))
        .add("mean", vectors_->mean)
        .add("eta", vectors_->eta)
        .add("working_weights", vectors_->weight)
        .add("working_residuals", vectors_->working_residual);
    if (wants_pearson_) list.add("pearson", vectors_->pearson(threads_));
    list.add("grouped_rows", groups);
    // They are R's now: held here they would outlive the fit until this problem is collected.
    vectors_.reset();
  }

  Objective& ask(const List& question) override {
    threads_ = Rcpp::as<int>(question["threads"]);
    const Bend bend = as_bend(element(question, "bend"));
    has_rows_ = is_true(question, "rows") || !model_->works_by_ranges();
    wants_pearson_ = false;
    if (has_rows_) vectors_ = std::make_unique<RowVectors>(static_cast<R_xlen_t>(design_->rows()));
    bias_ = as_bias_terms(element(question, "bias"));
    if (bend.kind == "none") {
      auto plain = make(*design_, response_, has_rows_ ? vectors_->fitted() : FittedRows(), 1);
      if (bias_) plain->set_bias_terms(bias_.get());
      asked_ = std::move(plain);
    } else {
      asked_ = std::make_unique<BentObjective>(*design_, *model_, bend, response_, threads_);
    }
    return *asked_;
  }

  std::size_t rows() const override { return design_->rows(); }
  bool calls_r() const override { return !model_->works_by_ranges(); }

  OwnProblem reweighted(const double* weights, void (*poll)()) const override {
    const Response response = response_in(weights);
    OwnProblem own;
    own.objective =
        std::make_unique<MemoryObjective>(*design_, *model_, response, FittedRows(), 1, poll);
    own.problem.whole = own.objective.get();
    own.problem.range = model_->valid_range();
    own.problem.takes_half_steps = calls_r();
    if (!calls_r())
      own.problem.bent = [this, response, poll](const Bend& bend) {
        return std::make_unique<BentObjective>(*design_, *model_, bend, response, 1, poll);
      };
    return own;
  }

  std::vector<double> deviances(const double* weights,
                                const std::vector<std::vector<double>>& coefficients,
                                void (*poll)()) const override {
    constexpr std::size_t at_once = 16;
    const std::size_t n = design_->rows();
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < n; ++i)
      if (weights[i] > 0.0) kept.push_back(i);
    std::vector<double> y(n), prior;
    response_.y.read({0, n}, y.data());
    for (std::size_t k = 0; k < kept.size(); ++k) {
      y[k] = y[kept[k]];
      prior.push_back(weights[kept[k]]);
    }
    std::vector<double> found, eta(kept.size()), predictors, room(4 * kept.size());
    double* first = room.data();
    for (std::size_t s = 0; s < coefficients.size(); ++s) {
      if (s % at_once == 0) {
        const std::size_t count = std::min(at_once, coefficients.size() - s);
        predictors.resize(count * n);
        predict({coefficients.begin() + static_cast<std::ptrdiff_t>(s),
                 coefficients.begin() + static_cast<std::ptrdiff_t>(s + count)},
                poll, predictors.data());
      }
      const double* of_all = predictors.data() + s % at_once * n;
      for (std::size_t k = 0; k < kept.size(); ++k)
        eta[k] = of_all[kept[k]] + (response_.offset ? response_.offset[kept[k]] : 0.0);
      WorkingRows out{first, first + kept.size(), first + 2 * kept.size(), first + 3 * kept.size()};
      const RowSums sums = model_->evaluate({kept.size(), eta.data(), y.data(), prior.data()}, out);
      found.push_back(sums.valid ? sums.deviance : R_NaN);
    }
    return found;
  }

  std::unique_ptr<Objective> of_columns(const std::vector<std::size_t>& columns,
                                        const double* weights, unsigned threads,
                                        void (*poll)()) const override {
    return std::make_unique<ColumnsObjective>(design_->restricted(columns), *model_,
                                              response_in(weights), threads, poll);
  }

  std::unique_ptr<ModelColumns> columns(const double* weights, unsigned threads,
                                        void (*poll)()) const override {
    return std::make_unique<ModelColumns>(*design_, *model_, response_in(weights), threads, poll);
  }

  double deviance_at(double mean) override {
    const RowRange all{0, design_->rows()};
    std::vector<double> y(all.count), weights(all.count);
    response_.y.read(all, y.data());
    response_.prior_weights.read(all, weights.data());
    return model_->deviance_at({all.count, nullptr, y.data(), weights.data()}, mean);
  }

 private:
  void prepare(const List& request) {
    threads_ = Rcpp::as<int>(request["threads"]);
    reweight(element(request, "weights"));
    find_groups();
  }

  // Over the posed design.
  Problem pose_design(const List& request) {
    has_rows_ = is_true(request, "rows") || !model_->works_by_ranges();
    wants_pearson_ = is_true(request, "pearson");
    if (has_rows_) vectors_ = std::make_unique<RowVectors>(static_cast<R_xlen_t>(design_->rows()));
    whole_ = make(*posed_design_, response_, has_rows_ ? vectors_->fitted() : FittedRows(), 1);
    Problem problem;
    problem.whole = whole_.get();
    if (grouped_design_) {
      grouped_ = make(*grouped_design_, grouped_response_, {}, 1);
      problem.groups = grouped_.get();
    } else if (is_true(request, "sample")) {
      take_sample(problem);
    }
    problem.range = model_->valid_range();
    problem.takes_half_steps = !model_->works_by_ranges();
    if (model_->works_by_ranges())
      problem.bent = [this](const Bend& bend) { return make_bent(bend); };
    const List solver = request["solver"];
    if (!Rf_isNull(element(solver, "step_family"))) {
      problem.epochs = [this, solver](const StochasticOptions& options, const Penalty* penalty) {
        return std::make_unique<RowEpochs>(*posed_design_, as_row_model(solver["step_family"]),
                                           response_, options, penalty,
                                           whole_->traits().effective_rows);
      };
    }
    if (has_rows_) problem.boundary_rows = [this] { return boundary_rows(); };
    return problem;
  }

  // From columns that one of them uses.
  void predict(const std::vector<std::vector<double>>& coefficients, void (*poll)(),
               double* out) const {
    std::vector<std::size_t> used;
    for (std::size_t j = 0; j < design_->coefficient_count(); ++j)
      if (std::any_of(coefficients.begin(), coefficients.end(),
                      [j](const std::vector<double>& one) { return one[j] != 0.0; }))
        used.push_back(j);
    std::vector<std::vector<double>> of_used(coefficients.size());
    for (std::size_t s = 0; s < coefficients.size(); ++s)
      for (std::size_t j : used) of_used[s].push_back(coefficients[s][j]);
    linear_predictors(*design_->restricted(used), of_used, {1, poll}, out);
  }

  // With these prior weights, where they are not null.
  Response response_in(const double* weights) const {
    Response response = response_;
    if (weights) response.prior_weights = Column::real(weights);
    return response;
  }

  std::unique_ptr<MemoryObjective> make(const Design& design, const Response& response,
                                        FittedRows fitted, std::size_t stride) const {
    return std::make_unique<MemoryObjective>(design, *model_, response, fitted, threads_,
                                             check_interrupt, stride);
  }

  std::unique_ptr<Objective> make_bent(const Bend& bend) const {
    return std::make_unique<BentObjective>(
        grouped_design_ ? *grouped_design_ : *posed_design_, *model_, bend,
        grouped_design_ ? grouped_response_ : response_, threads_);
  }

  // Other prior weights than those it was opened with, for one fit.
  void reweight(SEXP weights) {
    if (Rf_isNull(weights) && weights_.isNULL()) return;
    const std::size_t rows = design_->rows();
    weights_ = of_rows(weights, rows);
    response_.prior_weights = weights_.isNULL()
                                  ? as_response(description()["response"], rows).prior_weights
                                  : as_column(weights_);
    grouped_design_.reset();
    groups_.reset();
    has_looked_ = false;
  }

  // Groups of equal rows, where they pay.
  void find_groups() {
    if (has_looked_ || !may_group_ || response_.offset || response_.start_eta) return;
    has_looked_ = true;
    const List design = description()["design"];
    groups_ = as_row_groups(design, response_, threads_);
    if (!groups_) return;
    grouped_design_ = as_design(design, groups_->variables(), groups_->count());
    grouped_response_.y = Column::real(groups_->mean_response().data());
    grouped_response_.prior_weights = Column::real(groups_->weights().data());
  }

  void take_sample(Problem& problem) {
    const Design& design = *posed_design_;
    const std::size_t stride = sample_stride(design.rows(), design.coefficient_count());
    // The factor of a bordered information costs as much for a sample.
    if (stride < 2 || design.elimination()) return;
    sample_ = make(design, response_, {}, stride);
    problem.sample = sample_.get();
    problem.sample_share = 1.0 / static_cast<double>(stride);
  }

  // The rows whose linear predictor lies at an end of the valid range, against that of the typical row.
  std::vector<std::size_t> boundary_rows() const {
    const PredictorRange range = model_->valid_range();
    constexpr double touching = 1e-5;
    const std::size_t rows = design_->rows();
    std::vector<double> distance(rows);
    const double* eta = vectors_->eta.begin();
    for (std::size_t i = 0; i < rows; ++i)
      distance[i] = std::min(eta[i] - range.least, range.most - eta[i]);
    std::vector<double> sorted = distance;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(rows / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < rows; ++i)
      if (distance[i] <= touching * *middle) found.push_back(i);
    return found;
  }

  std::unique_ptr<Design> design_;
  std::unique_ptr<Design> some_;  ///< of its columns, for one fit
  const Design* posed_design_ = nullptr;
  std::unique_ptr<RowModel> model_;
  Response response_;
  Rcpp::RObject weights_;
  bool may_group_, has_looked_ = false, has_rows_ = false, wants_pearson_ = false;
  unsigned threads_ = 1;
  std::unique_ptr<RowGroups> groups_;
  std::unique_ptr<Design> grouped_design_;
  Response grouped_response_;
  std::unique_ptr<RowVectors> vectors_;
  std::unique_ptr<MemoryObjective> whole_, grouped_, sample_;
  std::unique_ptr<BiasTerms> bias_;
  std::unique_ptr<Objective> asked_;
};

}  // namespace

std::unique_ptr<OpenProblem> open_rows(const List& description) {
  return std::make_unique<RowsProblem>(description);
}

}  // namespace glmpp
