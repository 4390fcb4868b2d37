#ifndef GLMPP_OBJECTIVE_MEMORY_OBJECTIVE_H
#define GLMPP_OBJECTIVE_MEMORY_OBJECTIVE_H

#include <functional>
#include <memory>
#include <vector>

#include "bias_terms.h"
#include "design/column.h"
#include "design/design.h"
#include "family/row_model.h"
#include "linalg/row_solve.h"
#include "sweep_objective.h"

namespace glmpp {

/// The response side of a model in memory; every pointer is borrowed.
struct Response {
  Column y = Column::constant();
  Column prior_weights = Column::constant();
  const double* offset = nullptr;     ///< null: 0
  const double* start_eta = nullptr;  ///< null: the family's own start
};

/// The n-vectors of a fit, written by every pass and so those of the point evaluated last.
struct FittedRows {
  double* eta = nullptr;
  double* mean = nullptr;
  double* working_weight = nullptr;
  double* working_residual = nullptr;
};

/// Rows in memory with one linear predictor each. A model that must see all rows at once is called before the sweep, which then sums what the
/// model left in the n-vectors.
class MemoryObjective : public SweepObjective {
 public:
  /// `poll` runs on the calling thread now and then and may throw to stop. With a `stride`, only
  /// every stride-th tile of a lane is visited: a spread-out sample, the same one every time.
  MemoryObjective(const Design& design, const RowModel& model, Response response, FittedRows fitted,
                  unsigned threads, std::function<void()> poll, std::size_t stride = 1);

  /// What `need_adjustment` is filled by from now on; borrowed.
  void set_bias_terms(const BiasTerms* terms);

  std::unique_ptr<Objective> normal_twin() const override;

 protected:
  unsigned fillable(PassPoint point, unsigned need) const override;
  bool begin(PassPoint point, const std::vector<double>& coefficients) override;
  std::unique_ptr<TileWorker> make_worker() const override;
  std::size_t values_size(unsigned need) const override;
  double row_cost(unsigned need) const override;
  void collect(const LaneTotals& total, Sums& sums) const override;

 private:
  class Worker;
  void make_fitted_rows();
  void evaluate_all_rows();

  const RowModel& model_;
  Sweep how_;
  Response response_;
  FittedRows fitted_;
  const BiasTerms* bias_ = nullptr;
  std::unique_ptr<RowSolver> bias_solver_;  ///< of its root
  std::vector<double>
      room_;  ///< of the n-vectors, where a model needs them and the caller does not
  PassPoint point_ = PassPoint::start;  ///< that of the pass at hand, with
  std::vector<double> coefficients_;    ///< these, and in the blocks' own columns
  std::vector<double> own_;
  RowSums all_rows_;  ///< of a model that must see all rows at once
};

}  // namespace glmpp

#endif
