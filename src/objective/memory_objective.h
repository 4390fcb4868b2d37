#ifndef GLMPP_OBJECTIVE_MEMORY_OBJECTIVE_H
#define GLMPP_OBJECTIVE_MEMORY_OBJECTIVE_H

#include <functional>
#include <memory>
#include <vector>

#include "design/column.h"
#include "design/design.h"
#include "family/row_model.h"
#include "objective.h"
#include "parallel/lane_plan.h"

namespace glmpp {

/// The response side of a model in memory; every pointer is borrowed.
struct Response {
  Column y = Column::constant();
  Column weights = Column::constant();
  const double* offset = nullptr;     ///< null: 0
  const double* start_eta = nullptr;  ///< null: the family's own start
};

/// The n-vectors of a fit, written by every pass and so those of the point evaluated last.
struct FittedRows {
  double* eta = nullptr;
  double* mean = nullptr;
  double* weight = nullptr;
  double* working_residual = nullptr;
};

/// Rows in memory: each pass sweeps them once, tile by tile, in lanes.
class MemoryObjective : public Objective {
 public:
  /// `poll` runs on the calling thread now and then and may throw to stop. With a `stride`, only
  /// every stride-th tile of a lane is visited: a spread-out sample, the same one every time.
  MemoryObjective(const Design& design, const RowModel& model, Response response,
                  FittedRows fitted, unsigned threads, std::function<void()> poll,
                  std::size_t stride = 1);
  ~MemoryObjective() override;

  std::size_t coefficient_count() const override { return design_.coefficient_count(); }
  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  void evaluate_start(unsigned need, Sums& sums) override;
  bool has_constant_information() const override { return model_.has_constant_weights(); }
  bool has_observed_information() const override { return model_.has_observed_weights(); }
  double information_share() const override;
  double effective_rows() const override { return effective_rows_; }

 private:
  enum class Point { coefficients, start };
  struct LaneSums;
  struct Workspace;
  class LaneSweep;

  double count_effective_rows() const;
  void sweep(Point point, const std::vector<double>& coefficients, unsigned need, Sums& sums);
  Workspace& workspace(std::size_t worker);
  void combine(std::vector<LaneSums>& lanes, unsigned need, Sums& sums) const;
  double row_cost(unsigned need) const;
  LanePlan plan(unsigned need) const;

  const Design& design_;
  const RowModel& model_;
  Response response_;
  FittedRows fitted_;
  unsigned threads_;
  std::function<void()> poll_;
  std::size_t stride_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;  ///< one for each worker, made on first use
  double effective_rows_ = 0.0;
};

}  // namespace glmpp

#endif
