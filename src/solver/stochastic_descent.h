#ifndef GLMPP_SOLVER_STOCHASTIC_DESCENT_H
#define GLMPP_SOLVER_STOCHASTIC_DESCENT_H

#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "descent.h"
#include "epochs.h"
#include "objective/penalty.h"
#include "objective/row_batches.h"

namespace glmpp {

/// The rate of each coefficient for the next update.
class StepRule {
 public:
  virtual ~StepRule() = default;
  /// Reads the score of the batch; may replace it by what the rates multiply.
  virtual void prepare(double update, std::vector<double>& score, std::vector<double>& rate) = 0;
};

/// Sweeps over rows at hand. Rows are shuffled within tiles, and tiles among each other, by a generator of its own.
/// Without a learning rate, coefficient j moves by
///   1/p (1 + t / p)^(-2/3) / D_j
/// times the score, D the mean information's diagonal at the start and t the number of updates, so
/// that columns of any scale will do. With averaging, the result is the average of all iterates by
/// polynomial decay (Shamir and Zhang 2013, ICML; eta = 3).
class StochasticDescent {
 public:
  /// `penalty` may be null; `rows`, all over which it is shared out. `mean_diagonal` is empty where a learning rate
  /// is given. `updates`: how many count as made.
  StochasticDescent(RowBatches& batches, const StochasticOptions& options, const Penalty* penalty,
                    double rows, const std::vector<double>& start,
                    const std::vector<double>& mean_diagonal, double updates = 0.0);

  /// False when a mean or a coefficient was not valid any more.
  bool run_epoch();
  const std::vector<double>& iterate() const { return coefficients_; }
  const std::vector<double>& average() const { return average_; }
  void resume(std::vector<double> iterate, std::vector<double> average);

 private:
  bool run_tile(const std::vector<std::size_t>& rows);
  bool update();
  bool update_implicitly(std::size_t row);
  void add_penalty(double rows);
  void conclude();
  void shuffle(std::vector<std::size_t>& order);

  RowBatches& batches_;
  const StochasticOptions& options_;
  const Penalty* penalty_;
  double rows_;
  std::unique_ptr<StepRule> rule_;
  std::vector<double> coefficients_, average_, velocity_, rate_, score_;
  std::size_t filled_ = 0;
  double updates_;
  std::mt19937_64 generator_;
};

/// Those of one descent.
class LocalEpochs : public Epochs {
 public:
  LocalEpochs(RowBatches& batches, const StochasticOptions& options, const Penalty* penalty,
              double rows)
      : batches_(batches), options_(options), penalty_(penalty), rows_(rows) {}

  void begin(const std::vector<double>& start, const std::vector<double>& mean_diagonal) override {
    descent_ = std::make_unique<StochasticDescent>(batches_, options_, penalty_, rows_, start,
                                                   mean_diagonal);
  }
  bool run() override { return descent_->run_epoch(); }
  const std::vector<double>& coefficients() const override {
    return options_.averaging ? descent_->average() : descent_->iterate();
  }

 private:
  RowBatches& batches_;
  StochasticOptions options_;
  const Penalty* penalty_;
  double rows_;
  std::unique_ptr<StochasticDescent> descent_;
};

/// Stochastic gradient descent (Robbins and Monro 1951) by `epochs`. `sums` is the model that deviances are of.
Solution descend_stochastically(Objective& sums, Epochs& epochs, const StochasticOptions& options,
                                const Start& start, const Control& control);

}  // namespace glmpp

#endif
