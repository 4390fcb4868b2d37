#ifndef GLMPP_OBJECTIVE_LANE_OBJECTIVE_H
#define GLMPP_OBJECTIVE_LANE_OBJECTIVE_H

#include <functional>
#include <memory>
#include <vector>

#include "design/column.h"
#include "design/design.h"
#include "objective.h"
#include "parallel/row_range.h"

namespace glmpp {

/// What one lane adds up. `values` holds score and tables one after the other, as the model lays
/// them out, so that lanes are added without knowing what they hold.
struct LaneTotals {
  double deviance = 0.0;
  bool valid = true;
  std::vector<double> values;
  Matrix root;
};

/// One worker's room, and what it does with the rows of a loaded tile.
class TileWorker {
 public:
  virtual ~TileWorker() = default;
  virtual void add(RowRange rows, DesignTile& tile, unsigned need, LaneTotals& totals) = 0;
};

/// A model with several linear predictors per row over a design in memory: each pass sweeps the rows
/// once, tile by tile, in lanes. What the rows add is the derived model's to say.
class LaneObjective : public Objective {
 public:
  /// `poll` runs on the calling thread now and then and may throw to stop.
  LaneObjective(const Design& design, unsigned threads, std::function<void()> poll);
  ~LaneObjective() override;

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  /// These models start from coefficients: the sums are those of zero.
  void evaluate_start(unsigned need, Sums& sums) override;

 protected:
  const Design& design() const { return design_; }
  /// Fills the traits that follow from the weights and from row_cost(); `traits_.coefficients` is there already.
  void describe_rows(const Column& weights);

  /// Reads the coefficients of a pass; false where the model is not defined at them.
  virtual bool begin(const std::vector<double>& coefficients) = 0;
  virtual std::unique_ptr<TileWorker> make_worker() const = 0;
  virtual std::size_t values_size(unsigned need) const = 0;
  /// Operations per row, in the unit of LanePlan.
  virtual double row_cost(unsigned need) const = 0;
  /// From the lanes' values to sums, whose root is filled already.
  virtual void collect(const std::vector<double>& values, unsigned need, Sums& sums) const = 0;

 private:
  struct Worker;
  void sweep_lane(RowRange lane, unsigned need, Worker& worker, LaneTotals& totals) const;

  const Design& design_;
  unsigned threads_;
  std::function<void()> poll_;
  std::vector<std::unique_ptr<Worker>> workers_;  ///< one for each thread, made on first use
};

}  // namespace glmpp

#endif
