#include <utility>

#include "family/cumulative_model.h"
#include "objective/cumulative_objective.h"
#include "objective/softmax_batches.h"
#include "objective/softmax_objective.h"
#include "open_problem.h"
#include "solver/stochastic_descent.h"

namespace glmpp {

using Rcpp::List;

namespace {

CategoryResponse as_category_response(const List& response, std::size_t rows) {
  CategoryResponse borrowed;
  borrowed.classes = Rcpp::as<int>(response["classes"]);
  SEXP codes = of_rows(response["codes"], rows), counts = response["counts"],
       offset = response["offset"];
  if (!Rf_isNull(codes)) borrowed.codes = INTEGER(codes);
  if (!Rf_isNull(counts)) borrowed.counts = REAL(counts);
  if (!Rf_isNull(offset)) borrowed.offset = REAL(offset);
  borrowed.prior_weights = as_column(of_rows(response["weights"], rows));
  return borrowed;
}

class SoftmaxEpochs : public Epochs {
 public:
  SoftmaxEpochs(const Design& design, const CategoryResponse& response, std::size_t baseline,
                const StochasticOptions& options, const Penalty* penalty, double rows)
      : batches_(design, response, baseline), epochs_(batches_, options, penalty, rows) {}

  void begin(const std::vector<double>& start, const std::vector<double>& mean_diagonal) override {
    epochs_.begin(start, mean_diagonal);
  }
  bool run() override { return epochs_.run(); }
  const std::vector<double>& coefficients() const override { return epochs_.coefficients(); }

 private:
  SoftmaxBatches batches_;
  LocalEpochs epochs_;
};

// Rows in memory with several linear predictors each. `description`: lists `design`, `family` (its `kind` and what that
// reads) and `response`, and `classes`, how many coefficients a column of the design has (0: one).
class CategoriesProblem : public OpenProblem {
 public:
  explicit CategoriesProblem(const List& description)
      : OpenProblem(description),
        design_(as_design(description["design"])),
        response_(as_category_response(description["response"], design_->rows())) {
    const List family = description["family"];
    const std::string kind = family["kind"];
    if (kind == "cumulative") {
      link_ = std::make_unique<CumulativeLink>(Rcpp::as<std::string>(family["link"]));
    } else if (kind == "softmax") {
      const int baseline = family["baseline"];  // from 1; 0 for none
      baseline_ = baseline == 0 ? response_.classes : baseline - 1;
      undetermined_ = as_positions(family["undetermined"]);
    } else {
      Rcpp::stop("unknown kind of model for categories \"%s\"; known: softmax cumulative", kind);
    }
  }

  Problem pose(const List& request) override {
    Problem problem;
    problem.whole = &make(Rcpp::as<int>(request["threads"]));
    problem.aliased_together = [this](const std::vector<std::size_t>& aliased) {
      return together(aliased, objective_->coefficient_count());
    };
    if (!link_) {
      problem.epochs = [this](const StochasticOptions& options, const Penalty* penalty) {
        return std::make_unique<SoftmaxEpochs>(*design_, response_, baseline_, options, penalty,
                                               objective_->traits().effective_rows);
      };
    }
    return problem;
  }

  Objective& ask(const List& question) override { return make(Rcpp::as<int>(question["threads"])); }

  std::size_t rows() const override { return design_->rows(); }

  OwnProblem reweighted(const double* weights, void (*poll)()) const override {
    CategoryResponse response = response_;
    response.prior_weights = Column::real(weights);
    OwnProblem own;
    own.objective = make_of(response, 1, poll);
    own.problem.whole = own.objective.get();
    const std::size_t count = own.objective->coefficient_count();
    own.problem.aliased_together = [this, count](const std::vector<std::size_t>& aliased) {
      return together(aliased, count);
    };
    return own;
  }

 private:
  Objective& make(unsigned threads) {
    objective_ = make_of(response_, threads, check_interrupt);
    return *objective_;
  }

  std::unique_ptr<Objective> make_of(const CategoryResponse& response, unsigned threads,
                                     void (*poll)()) const {
    if (link_)
      return std::make_unique<CumulativeObjective>(*design_, response, *link_, threads, poll);
    return std::make_unique<SoftmaxObjective>(*design_, response, baseline_, undetermined_, threads,
                                              poll);
  }

  // A column that is a combination of others is one for every class.
  std::vector<std::size_t> together(const std::vector<std::size_t>& aliased,
                                    std::size_t count) const {
    if (link_) return aliased;
    const std::size_t columns = design_->coefficient_count();
    std::vector<bool> is_aliased(columns, false);
    for (std::size_t j : aliased) is_aliased[j % columns] = true;
    std::vector<std::size_t> all;
    for (std::size_t j = 0; j < count; ++j)
      if (is_aliased[j % columns]) all.push_back(j);
    return all;
  }

  std::unique_ptr<Design> design_;
  CategoryResponse response_;
  std::unique_ptr<CumulativeLink> link_;  ///< null for a softmax
  std::size_t baseline_ = 0;
  std::vector<std::size_t> undetermined_;
  std::unique_ptr<Objective> objective_;
};

}  // namespace

std::unique_ptr<OpenProblem> open_categories(const List& description) {
  return std::make_unique<CategoriesProblem>(description);
}

}  // namespace glmpp
