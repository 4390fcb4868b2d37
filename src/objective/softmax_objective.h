#ifndef GLMPP_OBJECTIVE_SOFTMAX_OBJECTIVE_H
#define GLMPP_OBJECTIVE_SOFTMAX_OBJECTIVE_H

#include <memory>
#include <vector>

#include "category_response.h"
#include "sweep_objective.h"

namespace glmpp {

/// Multinomial logit over rows in memory: eta_k = x'b_k + offset_k, p = softmax(eta), deviance
/// -2 sum w y_k log p_k. Coefficients are those of one class after the other; the baseline class, if
/// there is one, has none. The information of classes a and b is X' diag(w p_a (delta_ab - p_b)) X, by
/// the Gram kernels of the design: one symmetric table for each pair of classes.
///
/// Without a baseline nothing determines the sum of a column's coefficients over the classes, unless a penalty
/// does. In that direction the information is given some curvature: the score has no part in it, so that
/// Newton's steps are those of the pseudoinverse, and the sum stays what it was at the start.
class SoftmaxObjective : public SweepObjective {
 public:
  /// `baseline` counts from 0; `response.classes` for none. `undetermined`: the columns of the design whose
  /// sums nothing determines.
  SoftmaxObjective(const Design& design, CategoryResponse response, std::size_t baseline,
                   std::vector<std::size_t> undetermined, unsigned threads,
                   std::function<void()> poll);

 protected:
  /// These models start from coefficients: at the starting means they are zero.
  bool begin(PassPoint point, const std::vector<double>& coefficients) override;
  std::unique_ptr<TileWorker> make_worker() const override;
  std::size_t values_size(unsigned need) const override;
  double row_cost(unsigned need) const override;
  void collect(const LaneTotals& total, Sums& sums) const override;

 private:
  class Worker;
  std::size_t pair_count() const { return free_.size() * (free_.size() + 1) / 2; }
  void collect_score(const double* values, std::vector<double>& score) const;
  void collect_information(const double* values, Matrix& information) const;
  void complete(Matrix& information) const;
  void complete_root(Matrix& root) const;

  CategoryResponse response_;
  std::vector<std::size_t> free_;  ///< the classes that have coefficients
  std::vector<std::size_t> undetermined_;
  std::vector<std::vector<double>> own_;  ///< of each, in the blocks' own columns
};

}  // namespace glmpp

#endif
