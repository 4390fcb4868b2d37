#include <utility>

#include "family/observes_more.h"
#include "open_problem.h"
#include "r_batches.h"
#include "r_epochs.h"
#include "r_objective.h"
#include "solver/stochastic_descent.h"

namespace glmpp {

using Rcpp::List;

namespace {

// Epochs over rows that come here in parts, with steps by a model of their own.
class PartEpochs : public Epochs {
 public:
  PartEpochs(const List& source, std::unique_ptr<RowModel> model, std::size_t coefficients,
             const StochasticOptions& options, const Penalty* penalty, double rows)
      : model_(std::move(model)),
        batches_(as_batches(source, *model_, coefficients)),
        epochs_(batches_, options, penalty, rows) {}

  void begin(const std::vector<double>& start, const std::vector<double>& mean_diagonal) override {
    epochs_.begin(start, mean_diagonal);
  }
  bool run() override { return epochs_.run(); }
  const std::vector<double>& coefficients() const override { return epochs_.coefficients(); }

 private:
  std::unique_ptr<RowModel> model_;
  RBatches batches_;
  LocalEpochs epochs_;
};

// Rows that are elsewhere. `description`: `pass`, a function (RObjective), `family`, and `traits`, a list of coefficients,
// effective_rows, gives_root, gives_observed, gives_bends, and the share of the rows that its home holds as a
// sample (sample_share); and `design`, one of no rows, where informations are bordered. A fit's request has `epochs` for sgd(): `next_part` and the number of `tiles`, or `epoch`, a
// function that has one made elsewhere (REpochs).
class FarProblem : public OpenProblem {
 public:
  explicit FarProblem(const List& description)
      : OpenProblem(description),
        pass_(Rcpp::as<Rcpp::Function>(description["pass"])),
        model_(as_row_model(description["family"])) {
    const List traits = description["traits"];
    traits_.coefficients = Rcpp::as<int>(traits["coefficients"]);
    traits_.effective_rows = traits["effective_rows"];
    traits_.has_constant_information = model_->has_constant_weights();
    traits_.is_quadratic = model_->is_quadratic();
    traits_.has_observed_information =
        model_->has_observed_weights() && is_true(traits, "gives_observed");
    traits_.observes_more = traits_.has_observed_information && observes_more(*model_);
    traits_.gives_root = is_true(traits, "gives_root");
    gives_bends_ = model_->works_by_ranges() && traits_.has_observed_information &&
                   is_true(traits, "gives_bends");
    sample_share_ = traits["sample_share"];
    SEXP design = element(description, "design");
    if (Rf_isNull(design)) return;
    const auto of_no_rows = as_design(design);
    if (!of_no_rows->elimination()) Rcpp::stop("nothing of this design is eliminated");
    shape_ = of_no_rows->elimination()->shape();
    traits_.gives_root = false;
  }

  Problem pose(const List& request) override {
    whole_ = make(traits_);
    Problem problem;
    problem.whole = whole_.get();
    if (is_true(request, "sample") && sample_share_ > 0.0) {
      Traits of_sample = traits_;
      of_sample.effective_rows *= sample_share_;
      sample_ = make(of_sample, true);
      problem.sample = sample_.get();
      problem.sample_share = sample_share_;
    }
    problem.range = model_->valid_range();
    problem.takes_half_steps = true;
    if (gives_bends_)
      problem.bent = [this](const Bend& bend) { return make(traits_, false, bend); };
    SEXP source = element(request, "epochs");
    if (!Rf_isNull(source)) {
      const List epochs(source), solver(request["solver"]);
      problem.epochs = [this, epochs, solver](const StochasticOptions& options,
                                              const Penalty* penalty) {
        return make_epochs(epochs, solver, options, penalty);
      };
    }
    return problem;
  }

  Objective& ask(const List& question) override {
    auto asked = make(traits_, is_true(question, "sample"), as_bend(element(question, "bend")));
    asked->set_bias_terms(element(question, "bias"));
    asked_ = std::move(asked);
    return *asked_;
  }

 private:
  std::unique_ptr<RObjective> make(const Traits& traits, bool is_sample = false,
                                   const Bend& bend = {}) const {
    auto made = std::make_unique<RObjective>(pass_, traits, is_sample, bend);
    made->set_shape(shape_);
    return made;
  }

  std::unique_ptr<Epochs> make_epochs(const List& source, const List& solver,
                                      const StochasticOptions& options,
                                      const Penalty* penalty) const {
    if (source.containsElementNamed("epoch"))
      return std::make_unique<REpochs>(source["epoch"], options.averaging);
    return std::make_unique<PartEpochs>(source, as_row_model(solver["step_family"]),
                                        traits_.coefficients, options, penalty,
                                        traits_.effective_rows);
  }

  Rcpp::Function pass_;
  std::unique_ptr<RowModel> model_;
  Traits traits_;
  bool gives_bends_;
  double sample_share_;
  std::shared_ptr<const BorderedShape> shape_;  ///< of informations; null: dense
  std::unique_ptr<RObjective> whole_, sample_, asked_;
};

}  // namespace

std::unique_ptr<OpenProblem> open_far(const List& description) {
  return std::make_unique<FarProblem>(description);
}

}  // namespace glmpp
