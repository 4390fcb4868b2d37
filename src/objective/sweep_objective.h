#ifndef GLMPP_OBJECTIVE_SWEEP_OBJECTIVE_H
#define GLMPP_OBJECTIVE_SWEEP_OBJECTIVE_H

#include <memory>
#include <vector>

#include "design/column.h"
#include "design/design.h"
#include "objective.h"
#include "sweep.h"

namespace glmpp {

/// Where a pass is made: at coefficients, or at the family's starting means.
enum class PassPoint { coefficients, start };

/// A model over a design in memory: each pass sweeps the rows once. What the rows add is the derived model's to say.
class SweepObjective : public Objective {
 public:
  SweepObjective(const Design& design, Sweep how);

  void evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) override;
  void evaluate_start(unsigned need, Sums& sums) override;

 protected:
  const Design& design() const { return design_; }
  /// What the pass at hand asks for.
  unsigned need() const { return need_; }
  /// Fills the traits that follow from the weights and from row_cost(); `traits_.coefficients` is there already.
  void describe_rows(const Column& weights);

  /// What of `need` the model can fill at such a point: all but exact scores and totals, if it does not say otherwise.
  virtual unsigned fillable(PassPoint point, unsigned need) const;
  /// Makes ready for the tiles of a pass; false where the model is not defined at the coefficients.
  virtual bool begin(PassPoint point, const std::vector<double>& coefficients) = 0;
  virtual std::unique_ptr<TileWorker> make_worker() const = 0;
  virtual std::size_t values_size(unsigned need) const = 0;
  /// Operations per row, in the unit of LanePlan.
  virtual double row_cost(unsigned need) const = 0;
  /// From the values to sums; deviance, validity, root and numbers are there already.
  virtual void collect(const LaneTotals& total, Sums& sums) const = 0;

 private:
  void pass(PassPoint point, const std::vector<double>& coefficients, unsigned need, Sums& sums);

  const Design& design_;
  std::size_t stride_;
  Sweeper sweeper_;
  unsigned need_ = need_deviance;
};

}  // namespace glmpp

#endif
