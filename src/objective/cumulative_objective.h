#ifndef GLMPP_OBJECTIVE_CUMULATIVE_OBJECTIVE_H
#define GLMPP_OBJECTIVE_CUMULATIVE_OBJECTIVE_H

#include <memory>
#include <vector>

#include "category_response.h"
#include "family/cumulative_model.h"
#include "sweep_objective.h"

namespace glmpp {

/// A cumulative link model over rows in memory: P(Y <= k) = F(threshold_k - x'b - offset), deviance
/// -2 sum w log P(Y = y). Coefficients are the thresholds, which must ascend, then b. In the
/// arguments of F a row has the tridiagonal information T, so that the sums are T itself for the
/// thresholds, X' T 1 between them and b, and X' diag(1' T 1) X for b. The root is that of the expected
/// information.
class CumulativeObjective : public SweepObjective {
 public:
  CumulativeObjective(const Design& design, CategoryResponse response, const CumulativeLink& link,
                      unsigned threads, std::function<void()> poll);

 protected:
  /// These models start from coefficients: at the starting means they are zero.
  bool begin(PassPoint point, const std::vector<double>& coefficients) override;
  std::unique_ptr<TileWorker> make_worker() const override;
  std::size_t values_size(unsigned need) const override;
  double row_cost(unsigned need) const override;
  void collect(const LaneTotals& total, Sums& sums) const override;

 private:
  class Worker;
  std::size_t threshold_count() const { return response_.classes - 1; }
  std::size_t information_size() const;
  void collect_information(const double* values, Matrix& information) const;

  CategoryResponse response_;
  const CumulativeLink& link_;
  std::vector<double> thresholds_;
  std::vector<double> own_;  ///< b in the blocks' own columns
};

}  // namespace glmpp

#endif
