#ifndef GLMPP_FAMILY_SQUARED_SCORE_MODEL_H
#define GLMPP_FAMILY_SQUARED_SCORE_MODEL_H

#include "row_model.h"

namespace glmpp {

/// Another model whose working weights are the squared residuals r^2 of its score X'r: its
/// "information" X' diag(r^2) X is the meat of the sandwich (White 1980).
class SquaredScoreModel : public RowModel {
 public:
  explicit SquaredScoreModel(const RowModel& model) : model_(model) {}

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    const RowSums sums = model_.evaluate(rows, out);
    for (std::size_t i = 0; i < rows.count; ++i) out.weight[i] = out.residual[i] * out.residual[i];
    return sums;
  }
  void start(const Rows& rows, double* eta) const override { model_.start(rows, eta); }
  double deviance_at(const Rows& rows, double mean) const override {
    return model_.deviance_at(rows, mean);
  }
  bool works_by_ranges() const override { return model_.works_by_ranges(); }

 private:
  const RowModel& model_;
};

}  // namespace glmpp

#endif
