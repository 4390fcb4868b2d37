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

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  void evaluate_start(unsigned need, Sums& sums) override;

 private:
  enum class Point { coefficients, start };
  struct LaneSums;
  struct Workspace;
  class LaneSweep;

  Traits describe() const;
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
};

}  // namespace glmpp

#endif
